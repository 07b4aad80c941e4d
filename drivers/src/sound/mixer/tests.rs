//! What the thread that feeds the card does and, above all, does not do.

use super::*;
use crate::sound::feed::{Priming, feed};
use crate::sound::tone::{Chime, Tone};
use crate::sound::voice::Sound;
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
    let channels: Vec<Vec<usize>> = (0..sinks).map(|n| vec![n]).collect();
    let (mut mixer, ends) = Mixer::new(&channels, RATE, thread::current());
    assert!(mixer.connect(RATE, true).is_empty());
    (mixer, ends)
}

fn tone(play: u64) -> Command {
    Command::Play(Voice::new(PlayId(play), Sound::Tone(Tone::new(3, false, RATE)), 1.0, 0, RATE))
}

fn chime(play: u64) -> Command {
    Command::Play(Voice::new(PlayId(play), Sound::Chime(Chime::new(RATE)), 1.0, 0, RATE))
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
    let (mut mixer, mut ends) = mixer(2);
    let (mut spout, samples) = feed(RATE, Priming::File);
    assert!(spout.pour(&[0.25; 20_000]));
    spout.end(None);
    let clip = Command::Play(Voice::new(PlayId(9), Sound::Feed(samples), 1.0, 0, RATE));
    // Replaced while it fades out, withdrawn, ended by itself, changed in volume; and the other sink ends a chime.
    let mut script = vec![tone(1), tone(2), chime(3), Command::Gain(0.5), Command::Silence, clip].into_iter();
    ends.commands[1].push(chime(4)).expect("room");
    let mut calls = 0;
    for step in 0..400 {
        if step % 20 < 2
            && let Some(command) = script.next()
        {
            ends.commands[0].push(command).expect("room");
        }
        let before = CALLS.with(Cell::get);
        mixer.advance(240, Instant::now());
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
    assert_eq!((ended, retired), (vec![4, 9], 3));
}

#[test]
fn what_is_replaced_fades_and_what_replaces_it_is_there_in_the_same_block() {
    let (mut mixer, mut ends) = mixer(1);
    ends.commands[0].push(tone(1)).expect("room");
    blocks(&mut mixer, 10);
    ends.commands[0].push(Command::Silence).expect("room");
    let fading = blocks(&mut mixer, 1);
    assert!(fading[..24].iter().any(|s| s.abs() > 0.3), "it is cut");
    assert!(fading[144..].iter().all(|s| *s == 0.0), "it lasts longer than 3 ms");
    ends.commands[0].push(tone(2)).expect("room");
    assert!(blocks(&mut mixer, 1)[..48].iter().any(|s| s.abs() > 0.5), "it starts late");
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
    ends.commands[0].push(Command::Play(Voice::new(PlayId(1), Sound::Feed(samples), 1.0, 0, RATE))).expect("room");
    let before = blocks(&mut mixer, 10);
    mixer.hush();
    let silent = blocks(&mut mixer, 10);
    assert!(silent[241..].iter().all(|s| *s == 0.0));
    assert!(mixer.connect(RATE, false).is_empty());
    let after = blocks(&mut mixer, 2);
    assert_eq!(before[2_399], ramp[2_399]);
    // One block was spent on fading out; the next one after connecting fades in.
    assert_eq!(after[479], ramp[2_400 + 240 + 479]);
}

#[test]
fn what_was_made_for_another_rate_is_sent_back() {
    let (mut mixer, mut ends) = mixer(2);
    let (mut spout, samples) = feed(RATE, Priming::File);
    assert!(spout.pour(&[0.5; 9_600]));
    ends.commands[0].push(Command::Play(Voice::new(PlayId(1), Sound::Feed(samples), 1.0, 0, RATE))).expect("room");
    blocks(&mut mixer, 20);
    ends.commands[1].push(tone(2)).expect("room");
    assert_eq!(mixer.connect(44_100, true), vec![(0, 100), (1, 0)]);
    assert!(mixer.is_idle());
}
