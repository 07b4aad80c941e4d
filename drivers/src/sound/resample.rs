//! From a clip's sample rate to the card's: a windowed-sinc filter bank, one channel, sample by sample.

use std::f64::consts::PI;

/// Zero crossings of the sinc on either side.
const CROSSINGS: usize = 16;
/// Filters in the bank at most; a ratio that needs more (no usual rate does) takes the nearest one.
const BANK: u64 = 1024;
/// Shape of the Kaiser window: side lobes about 80 dB down.
const BETA: f64 = 8.0;

/// Turns one rate into another. What comes out has exactly the length of what went in, and no delay.
#[derive(Debug)]
pub(super) struct Resampler {
    /// The ratio out : in, in lowest terms.
    up: u64,
    down: u64,
    half: usize,
    /// `filters` rows of `2 * half` taps.
    bank: Vec<f32>,
    filters: u64,
    /// The last `2 * half` samples, written twice so that they can always be read in one piece.
    line: Vec<f32>,
    head: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// Both rates in hertz, neither zero.
    pub(super) fn new(from: u32, to: u32) -> Self {
        let common = gcd(u64::from(from), u64::from(to));
        let (up, down) = (u64::from(to) / common, u64::from(from) / common);
        // Going down, the filter is stretched so that what the new rate cannot hold is taken out first.
        let pass = (up as f64 / down as f64).min(1.0);
        let half = ((CROSSINGS as f64 / pass).ceil() as usize).min(CROSSINGS * 8);
        let filters = up.min(BANK);
        let bank = bank(filters, half, pass * 0.94);
        Self { up, down, half, bank, filters, line: vec![0.0; 4 * half], head: 0, taken: 0, given: 0 }
    }

    /// Takes one sample and gives those that can now be worked out.
    pub(super) fn push(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.shift(sample);
        self.taken += 1;
        self.emit(self.taken, out);
    }

    /// Gives what is still owed.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let last = (self.taken * self.up).div_ceil(self.down);
        for extra in 1..=self.half as u64 {
            self.shift(0.0);
            self.emit(self.taken + extra, out);
            if self.given >= last {
                break;
            }
        }
        out.truncate(out.len().saturating_sub(self.given.saturating_sub(last) as usize));
    }

    fn shift(&mut self, sample: f32) {
        let width = 2 * self.half;
        self.line[self.head] = sample;
        self.line[self.head + width] = sample;
        self.head = (self.head + 1) % width;
    }

    /// Gives every sample whose window is complete, `seen` samples having come in.
    fn emit(&mut self, seen: u64, out: &mut Vec<f32>) {
        let Some(centre) = seen.checked_sub(1 + self.half as u64) else { return };
        let width = 2 * self.half;
        loop {
            let at = self.given * self.down;
            if at >= (centre + 1) * self.up {
                return;
            }
            let filter = ((at - centre * self.up) * self.filters / self.up) as usize;
            let taps = &self.bank[filter * width..(filter + 1) * width];
            let window = &self.line[self.head..self.head + width];
            out.push(taps.iter().zip(window).map(|(t, s)| t * s).sum());
            self.given += 1;
        }
    }
}

/// Filters for each fraction of an input sample; the sum of each is 1, so that level does not ripple.
fn bank(filters: u64, half: usize, cutoff: f64) -> Vec<f32> {
    let mut bank = Vec::with_capacity(filters as usize * 2 * half);
    for filter in 0..filters {
        let fraction = filter as f64 / filters as f64;
        let taps: Vec<f64> = (0..2 * half)
            .map(|k| {
                let x = fraction + half as f64 - 1.0 - k as f64;
                let edge = 1.0 - (x / half as f64).powi(2);
                if edge <= 0.0 { 0.0 } else { sinc(x * cutoff) * bessel(BETA * edge.sqrt()) }
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        bank.extend(taps.iter().map(|t| (t / sum) as f32));
    }
    bank
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// Modified Bessel function of the first kind, order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        term *= (x / (2.0 * k)).powi(2);
        sum += term;
        k += 1.0;
    }
    sum
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(snr > 55.0, "{from} to {to}: {snr:.1} dB");
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
