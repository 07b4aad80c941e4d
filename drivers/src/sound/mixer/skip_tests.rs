//! What is skipped is skipped to the frame, in silence, and by nobody who stands still.

use super::super::voice::{Sound, Voice};
use super::*;
use crate::sound::feed::{Priming, feed};
use crate::sound::lane::Place;
use crate::sound::tap::tap;
use crate::sound::{Left, Listener};
use std::sync::mpsc;

const RATE: u32 = 48_000;
/// Frames of a period.
const N: usize = 240;

/// Says how much it heard.
struct Scale(mpsc::SyncSender<usize>);

impl Listener for Scale {
    fn hear(&mut self, left: &Left<'_>) {
        self.0.send(left.samples.len()).expect("somebody counts");
    }
}

/// A mixer that plays a clip whose samples say where they lie, heard by a scale; what it gives goes to `out`.
fn playing(out: &mut Vec<f32>) -> (Mixer, Ends, mpsc::Receiver<usize>) {
    let (scale, heard) = mpsc::sync_channel(1024);
    let (tap, ear) = tap(vec![Box::new(Scale(scale))]).expect("one who listens");
    let strand = Strand { channels: vec![0], processing: Processing::default(), tap: Some(tap) };
    let (mut mixer, mut ends) = Mixer::new(vec![strand], RATE, std::thread::current());
    crate::sound::tap::listen(vec![ear]).expect("a thread");
    assert!(mixer.connect(RATE, true).is_empty());
    let (mut spout, samples) = feed(RATE, Priming::File);
    assert!(spout.pour(&(0..23_000_u32).map(place).collect::<Vec<_>>()));
    let play = Place::Fresh(Voice::new(PlayId(1), Sound::Feed(samples), 1.0, 0, RATE));
    ends.commands[0].push(Command { play, next: Place::Empty, under: None, gain: 1.0, at: None }).expect("room");
    blocks(&mut mixer, 10, out);
    (mixer, ends, heard)
}

fn place(at: u32) -> f32 {
    at as f32 / 65_536.0
}

fn blocks(mixer: &mut Mixer, n: usize, out: &mut Vec<f32>) {
    for _ in 0..n {
        mixer.advance(N, Instant::now());
        out.extend_from_slice(mixer.blocks(N).next().expect("a sink").1);
    }
}

#[test]
fn what_is_skipped_is_missing_to_the_frame_and_nothing_else_is() {
    // In one go, and so much that it takes several periods: each of them adds its own silence to what is skipped.
    for skip in [577, 2_000] {
        let mut out = Vec::new();
        let (mut mixer, _ends, heard) = playing(&mut out);
        let delay = Chain::new(&Processing::default(), RATE).delay();
        let before = mixer.used();
        mixer.skip(skip);
        blocks(&mut mixer, 10, &mut out);
        assert_eq!(out[2_399], place(2_399 - delay as u32));
        let skipped = out.len() - 1;
        assert_eq!(out[skipped], place((skipped - delay + skip) as u32), "of {skip}");
        assert_eq!(mixer.used() - before, (10 * N + skip) as u64);
        // It fades out, is silent until the period is over, and fades in.
        let step = out[2_380..].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.01, "a click of {step}");
        drop(mixer);
        let given: usize = heard.iter().sum();
        assert!(given <= 20 * N, "{given}");
    }
}

#[test]
fn what_is_hushed_skips_nothing() {
    let mut out = Vec::new();
    let (mut mixer, _ends, _heard) = playing(&mut out);
    mixer.hush();
    mixer.skip(500);
    let before = mixer.used();
    blocks(&mut mixer, 4, &mut out);
    assert_eq!(mixer.used() - before, N as u64);
}
