//! A little longer or shorter, without a click and without a change of anything else: what a mixer gives, read at a pace
//! that may differ by parts of a thousand from its own.

use super::mixer::{BLOCK, Mixer, length};
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
