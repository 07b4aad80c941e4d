//! What the thread that feeds the card does and, above all, does not do.

use super::super::voice::Voice;
use super::*;
use crate::sound::discipline::Discipline;
use crate::sound::feed::{Priming, feed};
use crate::sound::lane::Place;
use crate::sound::stretch::Stretch;
use crate::sound::tap::tap;
use crate::sound::tone::{Chime, Tone};
use crate::sound::voice::Sound;
use crate::sound::{Left, Listener};
use gateway_core::want::{Beneath, Join};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::thread;

/// Counts what the calling thread allocates and frees.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator is unsafe to write; this one only counts and passes on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.with(|c| c.set(c.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        CALLS.with(|c| c.set(c.get() + 1));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RATE: u32 = 48_000;

fn mixer(sinks: usize) -> (Mixer, Ends) {
    let strand = |n| Strand { channels: vec![n], processing: Processing::default(), tap: None };
    let (mut mixer, ends) = Mixer::new((0..sinks).map(strand).collect(), RATE, thread::current());
    assert!(mixer.connect(RATE, true).is_empty());
    (mixer, ends)
}

fn told(play: Place, next: Place, under: Option<(Place, Beneath)>) -> Command {
    Command { play, next, under, gain: 1.0, at: None }
}

fn play(voice: Voice) -> Command {
    told(Place::Fresh(voice), Place::Empty, None)
}

fn known(id: u64) -> Place {
    Place::Known(PlayId(id))
}

fn silence() -> Command {
    told(Place::Empty, Place::Empty, None)
}

fn voice(id: u64, sound: Sound) -> Voice {
    Voice::new(PlayId(id), sound, 1.0, 0, RATE)
}

fn tone(id: u64) -> Command {
    play(voice(id, Sound::Tone(Tone::new(3, false, RATE))))
}

fn chime(id: u64) -> Command {
    play(voice(id, Sound::Chime(Chime::new(RATE))))
}

/// A clip of these samples, all of which lie in its ring.
fn clip(id: u64, samples: &[f32]) -> Voice {
    let (mut spout, feed) = feed(RATE, Priming::File);
    assert!(spout.pour(samples));
    spout.end(None);
    voice(id, Sound::Feed(feed))
}

/// One who does not care.
struct Nobody;

impl Listener for Nobody {
    fn hear(&mut self, _: &Left<'_>) {}
}

/// Lets `n` blocks of 5 ms pass and returns what the first sink gave.
fn blocks(mixer: &mut Mixer, n: usize) -> Vec<f32> {
    let mut out = Vec::new();
    for _ in 0..n {
        mixer.advance(240, Instant::now());
        out.extend_from_slice(mixer.blocks(240).next().expect("a sink").1);
    }
    out
}

#[test]
fn nothing_is_allocated_or_freed_whatever_happens() {
    let (tap, _ear) = tap(vec![Box::new(Nobody)]).expect("one who listens");
    let strand = |n, tap| {
        let processing = Processing { pre_emphasis_us: Some(50), ceiling_dbtp: -9.0, ..Processing::default() };
        Strand { channels: vec![n], processing, tap }
    };
    let (mut mixer, mut ends) = Mixer::new(vec![strand(0, Some(tap)), strand(1, None)], RATE, thread::current());
    assert!(mixer.connect(RATE, true).is_empty());
    let (mut stretch, mut discipline) = (Stretch::new(2, RATE), Discipline::new(RATE));
    stretch.set_pace(1.0002);
    let clip = |id| clip(id, &[0.25; 20_000]);
    let softer = Command { gain: 0.5, ..told(known(3), Place::Empty, None) };
    // Replaced while it fades out, withdrawn, ended by itself, changed in volume, followed, held, ducked, brought back,
    // cross-faded; and the other sink ends a chime.
    let mut script = vec![
        tone(1),
        tone(2),
        chime(3),
        softer,
        silence(),
        told(Place::Fresh(clip(9)), Place::Fresh(clip(10).joining(Join::Cross, 1.0)), None),
        told(known(9), Place::Fresh(clip(11).joining(Join::Cross, 1.0)), None),
        told(Place::Fresh(clip(12)), Place::Empty, Some((known(9), Beneath::Held))),
        told(known(9), known(12), None),
        told(Place::Fresh(clip(13).joining(Join::Cross, 1.0)), Place::Empty, Some((known(9), Beneath::Ducked))),
        told(Place::Empty, Place::Empty, Some((known(9), Beneath::Unheard))),
        told(known(9), Place::Fresh(clip(14).joining(Join::Cross, 1.0)), None),
    ]
    .into_iter();
    ends.commands[1].push(chime(4)).expect("room");
    let mut calls = 0;
    for step in 0..700_u32 {
        if step % 20 < 2
            && let Some(command) = script.next()
        {
            ends.commands[0].push(command).expect("room");
        }
        let before = CALLS.with(Cell::get);
        if step % 100 == 99 {
            mixer.skip(50);
            discipline.broke();
        }
        discipline.look(f64::from(step) * 0.005_001, mixer.is_idle());
        let used = stretch.advance(&mut mixer, 240, Instant::now());
        discipline.pass(240, used);
        calls += CALLS.with(Cell::get) - before;
    }
    assert_eq!(calls, 0);
    let (mut ended, mut retired) = (Vec::new(), 0);
    while let Ok(event) = ends.events.pop() {
        match event {
            Event::Ended { voice, .. } => ended.push(voice.play.0),
            Event::Retired(_) => retired += 1,
            Event::Sounding { .. } => {}
        }
    }
    ended.sort_unstable();
    assert_eq!((ended, retired), (vec![4, 9, 14], 7));
}

#[test]
fn what_is_replaced_fades_and_what_replaces_it_is_there_in_the_same_block() {
    let (mut mixer, mut ends) = mixer(1);
    ends.commands[0].push(tone(1)).expect("room");
    blocks(&mut mixer, 10);
    ends.commands[0].push(silence()).expect("room");
    let fading = blocks(&mut mixer, 1).split_off(delay());
    assert!(fading[..24].iter().any(|s| s.abs() > 0.3), "it is cut");
    assert!(fading[144..].iter().all(|s| *s == 0.0), "it lasts longer than 3 ms");
    ends.commands[0].push(tone(2)).expect("room");
    assert!(blocks(&mut mixer, 1)[delay()..][..48].iter().any(|s| s.abs() > 0.5), "it starts late");
}

#[test]
fn no_end_is_lost_when_nobody_reads_the_events() {
    let (mut mixer, mut ends) = mixer(1);
    let room = ends.events.buffer().capacity();
    for play in 0..2 * room as u64 {
        // While there is no room for what it would set free, nothing more is taken: the commands wait in their ring.
        if ends.commands[0].push(chime(play)).is_err() {
            break;
        }
        blocks(&mut mixer, 1);
    }
    blocks(&mut mixer, 300);
    let mut last = None;
    for _ in 0..20 {
        while let Ok(event) = ends.events.pop() {
            if let Event::Ended { voice, .. } = event {
                last = Some(voice.play.0);
            }
        }
        blocks(&mut mixer, 300);
    }
    assert!(last.is_some() && mixer.is_idle(), "{last:?}");
}

#[test]
fn hushed_it_fades_and_a_clip_stands_still_until_it_is_connected_again() {
    let (mut mixer, mut ends) = mixer(1);
    let (mut spout, samples) = feed(RATE, Priming::File);
    let ramp: Vec<f32> = (0..20_000_u32).map(|i| i as f32 / 65_536.0).collect();
    assert!(spout.pour(&ramp));
    ends.commands[0].push(play(voice(1, Sound::Feed(samples)))).expect("room");
    let before = blocks(&mut mixer, 10);
    mixer.hush();
    let silent = blocks(&mut mixer, 10);
    assert!(silent[240 + delay()..].iter().all(|s| *s == 0.0));
    assert!(mixer.connect(RATE, false).is_empty());
    let after = blocks(&mut mixer, 2);
    assert_eq!(before[2_399], ramp[2_399 - delay()]);
    // One block was spent on fading out; the next one after connecting fades in.
    assert_eq!(after[479], ramp[2_400 + 240 + 479 - delay()]);
}

#[test]
fn what_was_made_for_another_rate_is_sent_back() {
    let (mut mixer, mut ends) = mixer(2);
    let (mut spout, samples) = feed(RATE, Priming::File);
    assert!(spout.pour(&[0.5; 9_600]));
    ends.commands[0].push(play(voice(1, Sound::Feed(samples)))).expect("room");
    blocks(&mut mixer, 20);
    ends.commands[1].push(tone(2)).expect("room");
    assert_eq!(mixer.connect(44_100, true), vec![(0, PlayId(1), 100), (1, PlayId(2), 0)]);
    assert!(mixer.is_idle());
}

/// What was told by a mixer, in order: `sounding 1`, `ended 1` …
fn story(ends: &mut Ends) -> Vec<String> {
    let mut all = Vec::new();
    while let Ok(event) = ends.events.pop() {
        match event {
            Event::Sounding { play, .. } => all.push(format!("sounding {}", play.0)),
            Event::Ended { voice, .. } => all.push(format!("ended {}", voice.play.0)),
            Event::Retired(_) => {}
        }
    }
    all
}

fn ramp(from: u32, frames: u32) -> Vec<f32> {
    (from..from + frames).map(|i| i as f32 / 65_536.0).collect()
}

/// A mixer whose sound has come in from silence.
fn running() -> (Mixer, Ends) {
    let (mut mixer, ends) = mixer(1);
    blocks(&mut mixer, 2);
    (mixer, ends)
}

fn delay() -> usize {
    Chain::new(&Processing::default(), RATE).delay()
}

#[test]
fn what_follows_begins_on_the_very_sample_at_which_the_other_ends() {
    let (mut mixer, mut ends) = running();
    let (one, two, three) = (ramp(1_000, 5_003), ramp(9_000, 77), ramp(100, 4_000));
    ends.commands[0].push(told(Place::Fresh(clip(1, &one)), Place::Fresh(clip(2, &two)), None)).expect("room");
    let mut heard = blocks(&mut mixer, 5);
    // Told while the first sounds that another follows the second.
    ends.commands[0].push(told(known(1), known(2), None)).expect("room");
    heard.extend(blocks(&mut mixer, 16));
    ends.commands[0].push(told(known(2), Place::Fresh(clip(3, &three)), None)).expect("room");
    heard.extend(blocks(&mut mixer, 40));
    let wanted: Vec<f32> = [one, two, three].concat();
    assert!(heard[delay()..][..wanted.len()] == wanted, "not sample for sample");
    assert_eq!(story(&mut ends), ["sounding 1", "ended 1", "sounding 2", "ended 2", "sounding 3", "ended 3"]);
    assert!(mixer.is_idle());
}

#[test]
fn what_is_held_goes_on_at_the_same_sample() {
    let (mut mixer, mut ends) = running();
    let samples = ramp(3_000, 20_000);
    ends.commands[0].push(play(clip(1, &samples))).expect("room");
    blocks(&mut mixer, 10);
    let tone = voice(2, Sound::Tone(Tone::new(5, false, RATE)));
    ends.commands[0].push(told(Place::Fresh(tone), Place::Empty, Some((known(1), Beneath::Held)))).expect("room");
    blocks(&mut mixer, 100);
    ends.commands[0].push(told(known(1), Place::Empty, None)).expect("room");
    let back = blocks(&mut mixer, 60);
    // Three milliseconds of it went while it faded out, and all that follows is there, once the tone has left the
    // limiter, which it may have kept busy.
    let fade = 3 * 48;
    let wrong = (12_000..14_000).filter(|at| back[at + delay()] != samples[2_400 + fade + at]).count();
    assert_eq!(wrong, 0);
    assert_eq!(story(&mut ends), ["sounding 1", "sounding 2", "sounding 1"]);
}

#[test]
fn what_is_unheard_or_ducked_runs_on() {
    for (how, least, most) in [(Beneath::Unheard, 0.0, 0.0), (Beneath::Ducked, 0.024, 0.026)] {
        let (mut mixer, mut ends) = running();
        ends.commands[0].push(play(clip(1, &[0.25; 20_000]))).expect("room");
        blocks(&mut mixer, 5);
        let quiet = clip(2, &[0.0; 18_000]);
        ends.commands[0].push(told(Place::Fresh(quiet), Place::Empty, Some((known(1), how)))).expect("room");
        let below = blocks(&mut mixer, 35);
        assert!(below[35 * 240 - 1] >= least && below[35 * 240 - 1] <= most, "{how:?} {}", below[35 * 240 - 1]);
        assert!(below.windows(2).all(|w| (w[1] - w[0]).abs() < 0.003), "{how:?} clicks");
        ends.commands[0].push(told(known(1), Place::Empty, None)).expect("room");
        let back = blocks(&mut mixer, 60);
        assert!(back.windows(2).take(20_000 - 240 * 40 - 100).all(|w| (w[1] - w[0]).abs() < 0.003), "{how:?} clicks");
        // It has run on: 20 000 samples in all, 40 blocks of them before.
        let end = back.iter().rposition(|s| *s != 0.0).expect("sound");
        assert_eq!(end + 1 + 40 * 240, 20_000 + delay(), "{how:?}");
    }
}

#[test]
fn a_cross_fade_keeps_the_power_and_ends_where_the_first_ends() {
    let (mut mixer, mut ends) = running();
    let next = clip(2, &[-0.4; 24_000]).joining(Join::Cross, 1.0);
    ends.commands[0].push(told(Place::Fresh(clip(1, &[0.4; 24_000])), Place::Fresh(next), None)).expect("room");
    let heard = blocks(&mut mixer, 250);
    let total = heard.iter().rposition(|s| *s != 0.0).expect("sound") + 1 - delay();
    // The whole of the first lay in its ring, and half of it is let stand.
    assert!((36_000..36_300).contains(&total), "{total}");
    assert_eq!(story(&mut ends), ["sounding 1", "sounding 2", "ended 1", "ended 2"]);
    // The two of opposite sign cancel where both are equally loud, half way.
    let middle = heard[18_000 + delay() - 240..18_000 + delay() + 240].iter().map(|s| s.abs()).fold(1.0, f32::min);
    assert!(middle < 0.01, "{middle}");
}

#[test]
fn a_command_that_cross_fades_waits_for_its_sound_and_a_cut_does_not_wait_for_it() {
    let (mut mixer, mut ends) = running();
    ends.commands[0].push(play(clip(1, &[0.25; 23_000]))).expect("room");
    blocks(&mut mixer, 5);
    let (mut spout, samples) = feed(RATE, Priming::File);
    let late = voice(2, Sound::Feed(samples)).joining(Join::Cross, 1.0);
    ends.commands[0].push(play(late)).expect("room");
    assert!(blocks(&mut mixer, 10)[200..].iter().all(|s| *s == 0.25), "nothing to fade into yet");
    assert!(spout.pour(&[0.25; 20_000]));
    let crossing = blocks(&mut mixer, 20);
    assert!(crossing[4_000] > 0.27, "two alike sum to more: {}", crossing[4_000]);
    ends.commands[0].push(tone(3)).expect("room");
    blocks(&mut mixer, 1);
    assert_eq!(story(&mut ends), ["sounding 1", "sounding 2", "sounding 3"]);
    ends.commands[0].push(play(clip(4, &[0.0; 10_000]))).expect("room");
    assert!(blocks(&mut mixer, 2)[240..].iter().all(|s| *s == 0.0), "what faded goes at once when it is cut");
}

#[test]
fn being_told_of_what_has_ended_does_not_disturb_what_followed_it() {
    let (mut mixer, mut ends) = running();
    let second = ramp(4_000, 9_000);
    ends.commands[0]
        .push(told(Place::Fresh(clip(1, &[0.1; 500])), Place::Fresh(clip(2, &second)), None))
        .expect("room");
    let mut heard = blocks(&mut mixer, 10);
    // The same again with another volume for what comes later: the second has begun by itself meanwhile.
    ends.commands[0].push(told(known(1), known(2), None)).expect("room");
    heard.extend(blocks(&mut mixer, 35));
    assert!(heard[500 + delay()..][..second.len()] == second, "not sample for sample");
}

#[test]
fn what_is_told_to_begin_at_a_moment_begins_on_that_very_sample() {
    let (mut mixer, mut ends) = running();
    let samples = ramp(2_000, 5_000);
    let start = Instant::now();
    let at = |frame: usize| start + length(frame, RATE);
    let command = Command { at: Some(at(1_000 + delay())), ..play(clip(1, &samples)) };
    ends.commands[0].push(command).expect("room");
    let mut heard = Vec::new();
    for block in 0..40 {
        mixer.advance(240, at(block * 240));
        heard.extend_from_slice(mixer.blocks(240).next().expect("a sink").1);
    }
    let begun = heard.iter().position(|s| *s != 0.0).expect("sound");
    // A nanosecond lost in rounding may cost a sample.
    assert!(begun.abs_diff(1_000 + delay()) <= 1, "{begun}");
    assert!(heard[begun..begun + 5_000] == samples, "not sample for sample");
    // What is told after it is not kept waiting.
    let late = Command { at: Some(at(1_000_000)), ..play(clip(2, &samples)) };
    ends.commands[0].push(late).expect("room");
    ends.commands[0].push(told(known(2), Place::Fresh(clip(4, &samples)), None)).expect("room");
    mixer.advance(240, at(40 * 240));
    assert!(mixer.blocks(240).next().expect("a sink").1.iter().all(|s| *s == 0.0), "more about it is no haste");
    ends.commands[0].push(tone(3)).expect("room");
    mixer.advance(240, at(40 * 240));
    assert!(mixer.blocks(240).next().expect("a sink").1[delay()..].iter().any(|s| s.abs() > 0.5));
}
