//! A little longer or shorter, without a click and without a change of anything else: what a mixer gives, read at a pace
//! that may differ by parts of a thousand from its own.

use super::length::{BLOCK, length};
use super::mixer::Mixer;
use std::f64::consts::PI;
use std::time::Instant;

/// Samples that take part in one that is worked out.
const TAPS: usize = 32;
/// The one of them that is taken as it is where nothing has to be worked out.
const CENTRE: usize = TAPS / 2 - 1;
/// Places between two samples for which filters lie ready; between those, straight lines.
const PLACES: usize = 256;
/// Frames worked out at a time at most: no more than [`BLOCK`] of the mixer's go into them.
pub(super) const MOST: usize = BLOCK - 2;

/// All sinks of a mixer, read at another pace.
#[derive(Debug)]
pub(super) struct Stretch {
    bank: Vec<[f32; TAPS]>,
    /// Where the next sample is taken, 0 ≤ … < 1 between two of the mixer's.
    place: f64,
    /// Of the mixer's frames for each that is given.
    step: f64,
    sinks: Vec<Sink>,
    rate: u32,
}

#[derive(Debug)]
struct Sink {
    /// The last [`TAPS`] of the mixer's samples, and those of a block.
    line: [f32; TAPS + BLOCK],
    out: [f32; BLOCK],
}

impl Stretch {
    /// At the mixer's own pace at first; for so many sinks.
    pub(super) fn new(sinks: usize, rate: u32) -> Self {
        let bank = (0..=PLACES).map(|p| filter(p as f64 / PLACES as f64)).collect();
        let sinks = (0..sinks).map(|_| Sink { line: [0.0; TAPS + BLOCK], out: [0.0; BLOCK] }).collect();
        Self { bank, place: 0.0, step: 1.0, sinks, rate }
    }

    /// So many of the mixer's frames are to be used for each that is given; within 3 parts of 1000 of 1.
    pub(super) fn set_pace(&mut self, step: f64) {
        self.step = step.clamp(0.997, 1.003);
    }

    /// Back to the mixer's own pace and its very samples. Only in silence: it is a jump of up to a sample.
    pub(super) fn reset(&mut self) {
        (self.place, self.step) = (0.0, 1.0);
    }

    /// Works out the next `n` ≤ [`MOST`] frames, the first of which leaves the device at `due`. Returns how many of the
    /// mixer's that took.
    pub(super) fn advance(&mut self, mixer: &mut Mixer, n: usize, due: Instant) -> usize {
        let end = self.place + n as f64 * self.step;
        let taken = (end as usize).min(BLOCK);
        mixer.advance(taken, due + length(TAPS - CENTRE, self.rate));
        let exact = self.place == 0.0 && self.step == 1.0;
        for (sink, (_, samples)) in self.sinks.iter_mut().zip(mixer.blocks(taken)) {
            sink.line[TAPS..TAPS + taken].copy_from_slice(samples);
            if exact {
                sink.out[..n].copy_from_slice(&sink.line[CENTRE..CENTRE + n]);
            } else {
                for (i, out) in sink.out[..n].iter_mut().enumerate() {
                    *out = at(&self.bank, &sink.line, self.place + i as f64 * self.step);
                }
            }
            sink.line.copy_within(taken..taken + TAPS, 0);
        }
        self.place = if exact { 0.0 } else { end - taken as f64 };
        taken
    }

    /// The block last worked out, for each sink.
    pub(super) fn blocks(&self, n: usize) -> impl Iterator<Item = &[f32]> {
        self.sinks.iter().map(move |sink| &sink.out[..n])
    }
}

/// The sample at a place of a line, counted from [`CENTRE`].
fn at(bank: &[[f32; TAPS]], line: &[f32; TAPS + BLOCK], place: f64) -> f32 {
    let first = (place as usize).min(BLOCK);
    let fine = (place - first as f64) * PLACES as f64;
    let row = (fine as usize).min(PLACES - 1);
    let part = (fine - row as f64) as f32;
    let (mut near, mut far) = (0.0, 0.0);
    for ((sample, a), b) in line[first..first + TAPS].iter().zip(&bank[row]).zip(&bank[row + 1]) {
        near += sample * a;
        far += sample * b;
    }
    near + (far - near) * part
}

/// The filter for a place between two samples: at 0 the sample itself, bit for bit.
fn filter(place: f64) -> [f32; TAPS] {
    let mut taps = [0.0; TAPS];
    let mut sum = 0.0;
    for (k, tap) in taps.iter_mut().enumerate() {
        let x = place + CENTRE as f64 - k as f64;
        let window = (PI * x / TAPS as f64).cos().powi(2);
        let value = if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) * window };
        *tap = if value.abs() < 1e-12 { 0.0 } else { value as f32 };
        sum += value;
    }
    if place > 0.0 && place < 1.0 {
        taps.iter_mut().for_each(|t| *t = (f64::from(*t) / sum) as f32);
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Processing;
    use crate::sound::feed::feed;
    use crate::sound::lane::{Command, Place};
    use crate::sound::mixer::Strand;
    use crate::sound::voice::{Sound, Voice};
    use gateway_core::id::PlayId;
    use std::f64::consts::TAU;

    const RATE: u32 = 48_000;
    const HZ: f64 = 3_000.0;

    #[test]
    fn a_change_of_pace_is_no_click_and_leaves_a_sine_a_sine() {
        let (mut mixer, mut ends) = Mixer::new(
            vec![Strand { channels: vec![0], processing: Processing::default(), tap: None }],
            RATE,
            std::thread::current(),
        );
        assert!(mixer.connect(RATE, true).is_empty());
        mixer.advance(240, Instant::now());
        let (mut spout, sound) = feed(RATE, crate::sound::feed::Priming::File);
        let wave = |place: f64| 0.5 * (TAU * HZ * place / f64::from(RATE)).sin();
        assert!(spout.pour(&(0..23_000).map(|i| wave(f64::from(i)) as f32).collect::<Vec<_>>()));
        spout.end(None);
        let play = Place::Fresh(Voice::new(PlayId(1), Sound::Feed(sound), 1.0, 0, RATE));
        let command = Command { play, next: Place::Empty, under: None, gain: 1.0, at: None };
        ends.commands[0].push(command).expect("room");
        let mut stretch = Stretch::new(1, RATE);
        let (mut out, mut places, mut place) = (Vec::new(), Vec::new(), 0.0);
        let mut used = 0;
        for block in 0..90 {
            let step = [1.0, 1.0008, 0.9995][block / 30];
            stretch.set_pace(step);
            used += stretch.advance(&mut mixer, 240, Instant::now());
            out.extend_from_slice(stretch.blocks(240).next().expect("a sink"));
            places.extend((0..240).map(|i| place + f64::from(i) * step));
            place += 240.0 * step;
        }
        assert_eq!(used, place as usize);
        // The limiter and the filter delay it by whole samples.
        let delay = out.iter().zip(&places).find(|(s, _)| **s != 0.0).map(|(_, place)| place - 1.0).expect("sound");
        let worst = out.iter().zip(&places).skip(400).map(|(s, place)| (f64::from(*s) - wave(place - delay)).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < 0.0005, "{worst}");
    }
}
