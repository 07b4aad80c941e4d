//! From a clip's sample rate to the card's: rubato's windowed sinc, with exactly the length of what went in and no delay.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Async, FixedAsync, SincInterpolationParameters, SincInterpolationType, WindowFunction};

/// Length of the filter going up, samples of the clip; going down it is twice that.
const TAPS: usize = 128;
/// Places between two samples for which filters lie ready at most; a ratio that needs more (no usual rate does) has what
/// lies between those worked out.
const PLACES: u64 = 1024;
/// Samples taken at a time at most.
const CHUNK: usize = 128;
/// A chunk lasts no longer than so many parts of a second.
const PARTS: usize = 375;

/// Turns one rate into another. What comes out has exactly the length of what went in, and no delay.
pub(super) struct Resampler {
    /// `None`: a ratio that cannot be had. It gives silence.
    inner: Option<Async<f32>>,
    /// The ratio out : in, in lowest terms.
    up: u64,
    down: u64,
    /// What waits for a chunk to be full.
    chunk: Vec<f32>,
    size: usize,
    fresh: Vec<f32>,
    /// What comes out first is the filter's way in, and not sound.
    skip: u64,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// Both rates in hertz, neither zero.
    pub(super) fn new(from: u32, to: u32) -> Self {
        let common = gcd(u64::from(from), u64::from(to));
        let (up, down) = (u64::from(to) / common, u64::from(from) / common);
        let taps = if down > up { 2 * TAPS } else { TAPS };
        let exact = up <= PLACES;
        let parameters = SincInterpolationParameters {
            sinc_len: taps,
            f_cutoff: None,
            oversampling_factor: if exact { up as usize } else { 512 },
            interpolation: if exact { SincInterpolationType::Nearest } else { SincInterpolationType::Cubic },
            window: WindowFunction::BlackmanHarris2,
        };
        let size = (from as usize / PARTS).clamp(1, CHUNK);
        let ratio = f64::from(to) / f64::from(from);
        let inner = Async::new_sinc(ratio, 1.0, &parameters, size, 1, FixedAsync::Input);
        let inner = inner.inspect_err(|e| log::error!(from, to, error:% = e; "no such change of rate")).ok();
        let most = inner.as_ref().map_or(0, rubato::Resampler::output_frames_max);
        // The filter begins half its length before the sound, and its first sample lies a step on. Its places are one too
        // far: that is a step of the finest grid there is where the ratio is exact, and too little to matter elsewhere. With
        // so much silence before it, all that is a whole number of the new rate's samples, and the sound lies where it did.
        let (half, astray) = (taps as u64 / 2, u64::from(exact));
        let silence = (0..down).find(|s| (half + s) * up % down == astray % down).unwrap_or(0);
        let skip = ((half + silence) * up).saturating_sub(astray) / down;
        let skip = skip.saturating_sub(1);
        let mut new = Self {
            inner,
            up,
            down,
            chunk: Vec::with_capacity(size),
            size,
            fresh: vec![0.0; most],
            skip,
            taken: 0,
            given: 0,
        };
        for _ in 0..silence {
            new.feed(0.0, &mut Vec::new());
        }
        new
    }

    /// Takes one sample and gives those that can now be worked out.
    pub(super) fn push(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.taken += 1;
        self.feed(sample, out);
    }

    /// Gives what is still owed.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let last = (self.taken * self.up).div_ceil(self.down);
        while self.given < last && self.inner.is_some() {
            self.feed(0.0, out);
        }
        let surplus = self.given.saturating_sub(last) as usize;
        out.truncate(out.len().saturating_sub(surplus));
        out.resize(out.len() + last.saturating_sub(self.given) as usize, 0.0);
    }

    fn feed(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.chunk.push(sample);
        if self.chunk.len() < self.size {
            return;
        }
        if let Some(inner) = &mut self.inner {
            let room = self.fresh.len();
            let came = SequentialSlice::new(&self.chunk[..], 1, self.size);
            let goes = SequentialSlice::new_mut(&mut self.fresh[..], 1, room);
            let made = match (came, goes) {
                (Ok(came), Ok(mut goes)) => rubato::Resampler::process_into_buffer(inner, &came, &mut goes, None).ok(),
                _ => None,
            };
            match made {
                Some((_, n)) => {
                    let skipped = self.skip.min(n as u64);
                    self.skip -= skipped;
                    self.given += n as u64 - skipped;
                    out.extend_from_slice(&self.fresh[skipped as usize..n]);
                }
                None => self.inner = None,
            }
        }
        self.chunk.clear();
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn sine(hz: f64, rate: u32, n: usize) -> Vec<f32> {
        (0..n).map(|i| (2.0 * PI * hz * i as f64 / f64::from(rate)).sin() as f32).collect()
    }

    fn converted(input: &[f32], from: u32, to: u32) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to);
        let mut out = Vec::new();
        for s in input {
            resampler.push(*s, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn a_sine_comes_out_as_the_same_sine() {
        for (from, to) in
            [(44_100, 48_000), (22_050, 48_000), (16_000, 48_000), (8_000, 48_000), (96_000, 48_000), (44_056, 48_000)]
        {
            let out = converted(&sine(1000.0, from, from as usize), from, to);
            assert_eq!(out.len(), to as usize, "{from} to {to}");
            let want = sine(1000.0, to, to as usize);
            // The first and last few milliseconds meet the silence around the sound.
            let inner = 1000..to as usize - 1000;
            let noise: f64 = inner.clone().map(|i| f64::from(out[i] - want[i]).powi(2)).sum();
            let signal: f64 = inner.map(|i| f64::from(want[i]).powi(2)).sum();
            let snr = 10.0 * (signal / noise).log10();
            assert!(snr > 60.0, "{from} to {to}: {snr:.1} dB");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_taken_out() {
        let out = converted(&sine(15_000.0, 48_000, 48_000), 48_000, 16_000);
        assert!(out[200..15_800].iter().all(|s| s.abs() < 0.003), "alias");
    }

    #[test]
    fn lengths_are_exact() {
        for n in [0, 1, 7, 441, 1000] {
            assert_eq!(converted(&vec![0.5; n], 44_100, 48_000).len(), (n * 160).div_ceil(147));
        }
    }
}
