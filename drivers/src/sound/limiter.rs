//! The last thing before the device: no true peak (ITU-R BS.1770-4, annex 2) beyond the ceiling, and not a bit of change
//! where there is none.
//!
//! The gain comes down before a peak arrives: what is heard is so much later than what is looked at. It is the least that
//! any peak in sight needs, let go slowly, then averaged over the look-ahead, which makes it a slope instead of a step and
//! can never be more than the peak needs.

use std::f64::consts::PI;

/// Points worked out between two samples, and the sample itself.
const OVER: usize = 4;
/// Samples on either side of a point that is worked out.
const REACH: usize = 16;
/// How far the gain looks ahead beyond that, microseconds.
const AHEAD_US: u64 = 1_000;
/// The gain is back, but for a third, after so long, milliseconds.
const RELEASE_MS: f64 = 60.0;
/// So far under the ceiling a peak is kept, decibels: the gain itself moves, and other meters have finer filters.
const MARGIN_DB: f32 = 0.3;
/// A gain of 1: a sum of so many parts is exact, so that the average of nothing but ones is exactly 1.
const ONE: u32 = 1 << 24;
/// So near to 1 it is 1.
const NEARLY: u32 = ONE - 16;

/// A limiter for one channel.
#[derive(Debug)]
pub(super) struct Limiter {
    ceiling: f32,
    /// Filters for the points between two samples.
    bank: [[f32; 2 * REACH]; OVER - 1],
    /// Below this no point between samples can reach the ceiling.
    harmless: f32,
    ahead: usize,
    /// What came in, oldest first: the delay, and one block more.
    line: Vec<f32>,
    /// Frames since the last one that might be too loud.
    calm: usize,
    least: Least,
    /// What the gain is let go to, of [`ONE`].
    held: u32,
    release: f64,
    /// The last gains, a ring, and their sum.
    gains: Vec<u32>,
    at: usize,
    sum: u64,
}

impl Limiter {
    /// For samples of `rate` hertz, to this ceiling, dBTP.
    pub(super) fn new(ceiling_dbtp: f32, rate: u32) -> Self {
        let ahead = (u64::from(rate) * AHEAD_US / 1_000_000).max(1) as usize;
        let ceiling = 10.0_f32.powf((ceiling_dbtp.min(0.0) - MARGIN_DB) / 20.0);
        let bank = [1, 2, 3].map(|part| between(part as f64 / OVER as f64));
        let most = bank.iter().map(|taps| taps.iter().map(|t| t.abs()).sum::<f32>()).fold(1.0, f32::max);
        Self {
            ceiling,
            bank,
            harmless: ceiling / most,
            ahead,
            line: vec![0.0; REACH + ahead + super::length::BLOCK],
            calm: usize::MAX / 2,
            least: Least::new(ahead + 2),
            held: ONE,
            release: 1.0 - (-1.0 / (RELEASE_MS / 1000.0 * f64::from(rate.max(1)))).exp(),
            gains: vec![ONE; ahead + 1],
            at: 0,
            sum: (ahead as u64 + 1) * u64::from(ONE),
        }
    }

    /// How much later a sample comes out than it went in, frames.
    pub(super) fn delay(&self) -> usize {
        REACH + self.ahead
    }

    /// Nothing but silence will come out of it.
    pub(super) fn is_empty(&self) -> bool {
        self.line[..self.delay()].iter().all(|s| *s == 0.0)
    }

    /// Limits a block of at most [`super::length::BLOCK`] frames in place.
    pub(super) fn pass(&mut self, block: &mut [f32]) {
        let (n, delay) = (block.len(), self.delay());
        self.line[delay..delay + n].copy_from_slice(block);
        let loudest = block.iter().fold(0.0_f32, |most, s| most.max(s.abs()));
        if loudest > self.harmless {
            self.calm = 0;
        }
        // All that a gain may still depend on is harmless, and the gain is back.
        if self.calm > delay + self.gains.len() && self.sum == self.gains.len() as u64 * u64::from(ONE) {
            block.copy_from_slice(&self.line[..n]);
        } else {
            for (i, sample) in block.iter_mut().enumerate() {
                *sample = self.line[i] * self.gain(delay + i);
            }
        }
        self.calm = self.calm.saturating_add(n);
        self.line.copy_within(n..n + delay, 0);
    }

    /// The gain for the sample that leaves when the one at `newest` of the line has come.
    fn gain(&mut self, newest: usize) -> f32 {
        let peak = self.peak(newest);
        let needed = if peak > self.ceiling { (self.ceiling / peak * ONE as f32) as u32 } else { ONE };
        let least = self.least.next(needed);
        let rise = (f64::from(ONE - self.held) * self.release).ceil() as u32;
        self.held = least.min(self.held + rise);
        if self.held > NEARLY && least == ONE {
            self.held = ONE;
        }
        self.sum = self.sum - u64::from(self.gains[self.at]) + u64::from(self.held);
        self.gains[self.at] = self.held;
        self.at = (self.at + 1) % self.gains.len();
        if self.sum == self.gains.len() as u64 * u64::from(ONE) {
            return 1.0;
        }
        (self.sum as f64 / (self.gains.len() as f64 * f64::from(ONE))) as f32
    }

    /// The highest of the sample [`REACH`] before `newest` and the points between it and its successor.
    fn peak(&self, newest: usize) -> f32 {
        let Some(window) = self.line.get((newest + 1).saturating_sub(2 * REACH)..=newest) else { return 0.0 };
        let Ok(window) = <&[f32; 2 * REACH]>::try_from(window) else { return 0.0 };
        let mut peak = window[REACH - 1].abs();
        if self.calm > 2 * REACH + super::length::BLOCK {
            return peak;
        }
        for taps in &self.bank {
            let point: f32 = taps.iter().zip(window).map(|(t, s)| t * s).sum();
            peak = peak.max(point.abs());
        }
        peak
    }
}

/// Filter for the point `part` of the way from the sixteenth of 32 samples to the next. The window is no softer: points
/// between samples that change sign each time are what a softer one misses.
fn between(part: f64) -> [f32; 2 * REACH] {
    let mut taps = [0.0; 2 * REACH];
    for (k, tap) in taps.iter_mut().enumerate() {
        let x = part + REACH as f64 - 1.0 - k as f64;
        let window = (PI * x / (2.0 * REACH as f64)).cos();
        *tap = ((PI * x).sin() / (PI * x) * window) as f32;
    }
    taps
}

/// The least of the last so many.
#[derive(Debug)]
struct Least {
    /// Candidates, each with its number, in a ring: rising from the oldest on.
    ring: Vec<(u64, u32)>,
    first: usize,
    len: usize,
    width: u64,
    count: u64,
}

impl Least {
    fn new(width: usize) -> Self {
        Self { ring: vec![(0, 0); width + 1], first: 0, len: 0, width: width as u64, count: 0 }
    }

    /// Takes the next and gives the least of the last `width`.
    fn next(&mut self, value: u32) -> u32 {
        let size = self.ring.len();
        while self.len > 0 && self.ring[(self.first + self.len - 1) % size].1 >= value {
            self.len -= 1;
        }
        self.ring[(self.first + self.len) % size] = (self.count, value);
        self.len += 1;
        if self.ring[self.first].0 + self.width <= self.count {
            self.first = (self.first + 1) % size;
            self.len -= 1;
        }
        self.count += 1;
        self.ring[self.first].1
    }
}

#[cfg(test)]
mod tests;
