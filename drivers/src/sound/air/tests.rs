//! The live part over told time: who is told of what, and when an ear is open.

use super::*;
use crate::sound::Left;
use gateway_core::device::Report;
use gateway_core::id::PlayId;
use gateway_core::want::{Join, Loudness, Play};
use std::f32::consts::TAU;
use std::time::Duration;

const RATE: u32 = 16_000;
const PIECE: u32 = RATE / 50;

struct Site {
    air: Air,
    tap: Box<dyn Listener>,
    now: Instant,
    said: Arc<Mutex<Vec<Report>>>,
}

fn loa() -> SinkId {
    SinkId::from("loa")
}

fn tone(level: f32) -> Vec<f32> {
    (0..PIECE).map(|i| level * (TAU * 500.0 * i as f32 / RATE as f32).sin()).collect()
}

impl Site {
    fn new() -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let book = said.clone();
        let report = Arc::new(move |_, report| book.lock().expect("no panic while writing").push(report));
        let air = Air::new(AirConfig::default(), report);
        let tap = air.listener(&loa());
        Self { air, tap, now: Instant::now(), said }
    }

    fn want(&self, play: Option<u64>, volume: u8) {
        let play = play.map(|id| Play {
            id: PlayId(id),
            source: Source::Chime,
            from_ms: 0,
            loudness: Loudness::Programme,
            join: Join::Cut,
        });
        self.air.apply(&loa(), &SinkWant { play, volume, ..SinkWant::default() }, self.now);
    }

    /// So much leaves and is heard by the ear, at these levels.
    fn run(&mut self, ms: u64, due: Option<u64>, left: f32, ear: Option<(&Ear, f32)>) {
        for n in 0..ms / 20 {
            let (samples, at) = (tone(left), self.now);
            self.tap.hear(&Left { at, rate: RATE, samples: &samples, due: due.map(PlayId), gap: false });
            if let Some((ear, level)) = ear {
                ear.hear(at, RATE, &tone(level));
            }
            self.now += Duration::from_millis(20);
            if n % 5 == 0 {
                self.air.tend(self.now);
            }
        }
    }

    /// Nothing leaves.
    fn stall(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.now += Duration::from_millis(100);
            self.air.tend(self.now);
        }
    }

    /// What was found since it was last asked. Proofs are tried elsewhere: here a tone that never ends stands for all.
    fn said(&self) -> Vec<Report> {
        let mut said = std::mem::take(&mut *self.said.lock().expect("no panic while writing"));
        said.retain(|report| !matches!(report, Report::Heard { .. }));
        said
    }
}

/// A valve and how it stands.
fn valve() -> (Valve, Arc<Mutex<Vec<bool>>>) {
    let turns = Arc::new(Mutex::new(Vec::new()));
    let book = turns.clone();
    (Box::new(move |open| book.lock().expect("no panic while writing").push(open)), turns)
}

#[test]
fn a_silence_and_a_stalled_card_are_reported() {
    let mut site = Site::new();
    site.want(Some(1), 80);
    site.run(2_000, Some(1), 0.2, None);
    site.run(3_200, Some(1), 0.0, None);
    assert!(matches!(site.said()[..], [Report::Silent { play: PlayId(1), for_ms: 3_000..3_100 }]));
    site.run(1_000, Some(1), 0.2, None);
    site.stall(3_200);
    assert!(matches!(site.said()[..], [Report::Silent { play: PlayId(1), .. }]));
}

#[test]
fn a_sink_that_takes_nothing_at_all_is_silent() {
    let mut site = Site::new();
    site.want(Some(1), 80);
    site.stall(2_900);
    assert_eq!(site.said(), []);
    site.stall(5_000);
    assert!(matches!(site.said()[..], [Report::Silent { play: PlayId(1), .. }]), "once");
}

#[test]
fn a_sink_turned_down_is_not() {
    let mut site = Site::new();
    site.want(Some(1), 0);
    site.run(6_000, Some(1), 0.0, None);
    site.stall(6_000);
    assert_eq!(site.said(), []);
}

#[test]
fn an_unbidden_sound_is_reported() {
    let mut site = Site::new();
    site.run(1_000, None, 0.0, None);
    site.run(1_000, None, 0.1, None);
    assert!(matches!(site.said()[..], [Report::Unbidden { .. }]));
}

#[test]
fn levels_are_read_and_grow_old() {
    let mut site = Site::new();
    assert_eq!(site.air.levels(&SinkId::from("none"), site.now), None);
    site.run(1_000, Some(1), 0.1, None);
    let levels = site.air.levels(&loa(), site.now).expect("known");
    assert!((-30.0..-20.0).contains(&levels.reading.momentary_lufs), "{levels:?}");
    assert!((levels.reading.peak_dbfs + 20.0).abs() < 0.3);
    site.air.reset_peaks(&loa());
    site.run(1_000, Some(1), 0.01, None);
    let levels = site.air.levels(&loa(), site.now).expect("known");
    assert!((levels.reading.peak_dbfs + 40.0).abs() < 1.0, "{levels:?}");
    site.stall(2_000);
    let levels = site.air.levels(&loa(), site.now).expect("known");
    assert!(levels.reading.momentary_lufs < -100.0, "nothing leaves any more: {levels:?}");
    site.now += Duration::from_secs(1);
    site.run(20, Some(1), 0.1, None);
    assert_eq!(site.air.levels(&loa(), site.now).map(|l| (l.stalls, l.gaps)), Some((1, 0)));
}

#[test]
fn a_microphone_is_open_during_plays_only_and_what_comes_else_is_not_looked_at() {
    let mut site = Site::new();
    let (valve, turns) = valve();
    let ear = site.air.ear(&loa(), EarConfig::new(EarKind::Microphone), valve);
    site.run(1_000, None, 0.0, Some((&ear, 0.3)));
    assert!(turns.lock().expect("no panic").is_empty() && !ear.holds_anything());
    site.want(Some(1), 80);
    assert_eq!(*turns.lock().expect("no panic"), [true], "before the first sample leaves");
    site.run(1_000, Some(1), 0.2, Some((&ear, 0.3)));
    assert!(ear.holds_anything());
    site.want(None, 80);
    site.run(1_900, None, 0.0, Some((&ear, 0.3)));
    assert_eq!(*turns.lock().expect("no panic"), [true], "echoes are still under way");
    site.run(400, None, 0.0, Some((&ear, 0.3)));
    assert_eq!(*turns.lock().expect("no panic"), [true, false]);
    assert!(!ear.holds_anything(), "all of it is forgotten");
    assert_eq!(site.said(), [], "the street is no finding");
}

#[test]
fn a_line_that_falls_silent_or_brings_what_nobody_sent_is_reported() {
    let mut site = Site::new();
    let (valve, turns) = valve();
    let ear = site.air.ear(&loa(), EarConfig::new(EarKind::Line), valve);
    site.air.tend(site.now);
    assert_eq!(*turns.lock().expect("no panic"), [true], "a line is always open");
    site.run(2_000, Some(1), 0.2, Some((&ear, 0.2)));
    site.run(3_200, Some(1), 0.2, Some((&ear, 0.0)));
    assert!(matches!(site.said()[..], [Report::Silent { play: PlayId(1), .. }]));
    // What the line still brings of the play is no finding, what it brings for ever is.
    site.run(1_900, None, 0.0, Some((&ear, 0.2)));
    assert_eq!(site.said(), []);
    site.run(1_000, None, 0.0, Some((&ear, 0.2)));
    assert!(matches!(site.said()[..], [Report::Unbidden { .. }]));
    // Where nothing left in the first place, one report is enough.
    site.run(3_500, Some(2), 0.0, Some((&ear, 0.0)));
    assert!(matches!(site.said()[..], [Report::Silent { play: PlayId(2), .. }]));
}

#[test]
fn nonsense_from_a_capture_does_no_harm() {
    let mut site = Site::new();
    let (valve, _) = valve();
    let ear = site.air.ear(&loa(), EarConfig::new(EarKind::Microphone), valve);
    site.want(Some(1), 80);
    let nonsense = [f32::NAN, f32::INFINITY, -f32::INFINITY, 1e30, 0.0];
    for rate in [0, 1, 999, 8_000, 768_000] {
        let piece: Vec<f32> = nonsense.iter().cycle().take(20_000).copied().collect();
        ear.hear(site.now, rate, &piece);
        ear.hear(site.now, rate, &[]);
        site.tap.hear(&Left { at: site.now, rate, samples: &piece, due: Some(PlayId(1)), gap: true });
        site.now += Duration::from_millis(20);
    }
}
