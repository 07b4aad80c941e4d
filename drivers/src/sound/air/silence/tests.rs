//! Silences and unbidden sounds over told time.

use super::*;

const RATE: u32 = 16_000;
const PIECE: u32 = RATE / 50;

/// A tape: pieces of 20 ms over told time, and what was found with when.
struct Tape {
    judge: Judge,
    start: Instant,
    ms: u64,
    phase: f32,
    found: Vec<(u64, Finding)>,
}

impl Tape {
    fn new() -> Self {
        let start = Instant::now();
        Self { judge: Judge::new(Limits::default()), start, ms: 0, phase: 0.0, found: Vec::new() }
    }

    /// `ms` of a sine of this mean level, decibels of full scale.
    fn run(&mut self, ms: u64, due: Option<u64>, level_db: f32) -> &mut Self {
        self.piecewise(ms, due, |phase| 10_f32.powf(level_db / 20.0) * 2_f32.sqrt() * phase.sin())
    }

    fn piecewise(&mut self, ms: u64, due: Option<u64>, wave: impl Fn(f32) -> f32) -> &mut Self {
        for _ in 0..ms / 20 {
            let piece: Vec<f32> = (0..PIECE)
                .map(|_| {
                    self.phase += 1_000.0 * std::f32::consts::TAU / RATE as f32;
                    wave(self.phase)
                })
                .collect();
            let at = self.start + Duration::from_millis(self.ms);
            self.ms += 20;
            let (now, found) = (self.ms, &mut self.found);
            self.judge.hear(at, due.map(PlayId), false, (RATE, &piece), |f| found.push((now, f)));
        }
        self
    }

    /// No piece comes.
    fn stall(&mut self, ms: u64) -> &mut Self {
        for _ in 0..ms / 100 {
            self.ms += 100;
            let (now, found) = (self.ms, &mut self.found);
            self.judge.tend(self.start + Duration::from_millis(now), |f| found.push((now, f)));
        }
        self
    }

    fn silences(&self) -> Vec<(u64, u64, u64)> {
        let silent = |(at, f): &(u64, Finding)| match f {
            Finding::Silent { play, for_ms } => Some((*at, play.0, *for_ms)),
            Finding::Unbidden { .. } => None,
        };
        self.found.iter().filter_map(silent).collect()
    }
}

#[test]
fn a_due_play_that_falls_silent_is_found_within_a_tenth_of_a_second_and_once() {
    let mut tape = Tape::new();
    tape.run(5_000, Some(7), -20.0).run(60_000, Some(7), -90.0);
    let [(at, play, for_ms)] = tape.silences()[..] else { panic!("{:?}", tape.found) };
    assert!((8_000..8_100).contains(&at) && play == 7 && (3_000..3_100).contains(&for_ms), "{:?}", tape.found);
    // It sounds again and falls silent again: another one.
    tape.run(100, Some(7), -20.0).run(3_200, Some(7), -90.0);
    assert_eq!(tape.silences().len(), 2);
}

#[test]
fn a_play_that_never_sounds_is_found() {
    for silence in [-61.0, -90.0, -200.0] {
        let mut tape = Tape::new();
        tape.run(1_000, None, -200.0).run(3_100, Some(1), silence);
        let [(at, 1, _)] = tape.silences()[..] else { panic!("{silence}: {:?}", tape.found) };
        assert!((4_000..4_100).contains(&at));
    }
}

#[test]
fn pauses_of_speech_are_none() {
    let mut tape = Tape::new();
    for pause in [500, 1_000, 2_000, 2_900] {
        tape.run(800, Some(1), -20.0).run(pause, Some(1), -90.0);
    }
    tape.run(2_900, Some(1), -59.0);
    assert!(tape.found.is_empty(), "{:?}", tape.found);
}

#[test]
fn a_stuck_level_and_a_click_are_silence() {
    let mut tape = Tape::new();
    tape.piecewise(3_200, Some(1), |_| 0.7);
    assert_eq!(tape.silences().len(), 1);
    let mut tape = Tape::new();
    tape.run(1_500, Some(1), -90.0).run(20, Some(1), -3.0).run(1_700, Some(1), -90.0);
    assert_eq!(tape.silences().len(), 1, "a click is no programme");
}

#[test]
fn a_card_that_takes_nothing_more_is_silent() {
    let mut tape = Tape::new();
    tape.run(2_000, Some(4), -20.0).stall(10_000);
    let [(at, 4, _)] = tape.silences()[..] else { panic!("{:?}", tape.found) };
    assert!((5_000..=5_100).contains(&at), "{at}");
    let mut tape = Tape::new();
    tape.run(2_000, None, -200.0).stall(10_000);
    assert!(tape.found.is_empty(), "nothing was due");
}

#[test]
fn a_silence_over_two_plays_is_one_and_the_next_play_has_its_own_time() {
    let mut tape = Tape::new();
    tape.run(2_000, Some(1), -90.0).run(1_100, Some(2), -90.0);
    let [(_, 2, for_ms)] = tape.silences()[..] else { panic!("{:?}", tape.found) };
    assert!((3_000..3_100).contains(&for_ms));
    tape.run(2_900, Some(3), -90.0);
    assert_eq!(tape.silences().len(), 1, "the third has had less than three seconds");
    tape.run(200, Some(3), -90.0);
    let [_, (_, 3, for_ms)] = tape.silences()[..] else { panic!("{:?}", tape.found) };
    assert!(for_ms > 6_000, "the silence is as long as it is");
}

#[test]
fn a_hushed_sink_may_be_silent() {
    let mut tape = Tape::new();
    tape.judge.hush(true, tape.start);
    tape.run(20_000, Some(1), -200.0);
    assert!(tape.found.is_empty());
    let now = tape.start + Duration::from_millis(tape.ms);
    tape.judge.hush(false, now);
    tape.run(3_100, Some(1), -200.0);
    assert_eq!(tape.silences().len(), 1);
}

#[test]
fn lost_pieces_are_neither_sound_nor_silence() {
    let mut tape = Tape::new();
    tape.run(1_000, Some(1), -20.0).run(1_000, Some(1), -90.0);
    tape.ms += 5_000;
    let (at, found) = (tape.start + Duration::from_millis(tape.ms), &mut tape.found);
    tape.judge.hear(at, Some(PlayId(1)), true, (RATE, &[0.0; 320]), |f| found.push((0, f)));
    tape.ms += 20;
    tape.run(1_900, Some(1), -90.0);
    assert!(tape.found.is_empty(), "{:?}", tape.found);
    tape.run(200, Some(1), -90.0);
    assert_eq!(tape.silences().len(), 1);
}

#[test]
fn a_sound_that_nobody_wants_is_found_once() {
    let mut tape = Tape::new();
    tape.run(1_000, None, -90.0).run(10_000, None, -30.0);
    let [(at, Finding::Unbidden { level_db })] = tape.found[..] else { panic!("{:?}", tape.found) };
    assert!((1_200..1_300).contains(&at) && (level_db + 30.0).abs() < 0.5, "{:?}", tape.found);
    tape.run(500, None, -90.0).run(1_000, None, -30.0);
    assert_eq!(tape.found.len(), 1, "the same sound after a breath");
    tape.run(1_500, None, -90.0).run(1_000, None, -30.0);
    assert_eq!(tape.found.len(), 2);
}

#[test]
fn what_is_faint_short_or_the_end_of_a_play_is_not_unbidden() {
    let mut tape = Tape::new();
    tape.run(5_000, None, -52.0);
    for _ in 0..10 {
        tape.run(160, None, -20.0).run(500, None, -90.0);
    }
    tape.run(1_000, Some(1), -20.0).run(280, None, -30.0).run(2_000, None, -90.0);
    assert!(tape.found.is_empty(), "{:?}", tape.found);
}
