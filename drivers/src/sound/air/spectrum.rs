//! Power spectra of a running sound, frame by frame, at whatever rate it comes.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A piece that comes this far from where the one before ended is not its continuation.
const SLIP: Duration = Duration::from_millis(40);

/// Cuts a running sound into overlapping frames and gives the power spectrum of each. It holds the samples of the frame
/// it is at work on, and none of those before.
pub(super) struct Frames {
    rate: u32,
    hop_ms: u64,
    window: Vec<f32>,
    /// What the window makes of the power of a steady sound.
    scale: f32,
    fft: Arc<dyn RealToComplex<f32>>,
    /// Samples from the frame at work on.
    held: Vec<f32>,
    /// When the first sample since the last slip came.
    anchor: Option<Instant>,
    /// Samples since then.
    taken: u64,
    /// Samples since then that are held no longer.
    gone: u64,
    /// Frames since then.
    made: u64,
    work: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    lines: Vec<Complex<f32>>,
    power: Vec<f32>,
}

/// The spectrum of one frame.
#[derive(Clone, Copy)]
pub(super) struct Spectrum<'a> {
    /// The middle of the frame.
    pub at: Instant,
    /// Distance of two lines, hertz.
    pub line_hz: f32,
    /// Mean square of what lies at each line; a sine of amplitude `a` has `a²/2` over its few lines together.
    pub power: &'a [f32],
}

impl Frames {
    /// Frames of `window_ms`, one every `hop_ms`.
    pub(super) fn new(rate: u32, window_ms: u32, hop_ms: u32) -> Self {
        let rate = rate.max(1_000);
        let len = (rate as usize * window_ms as usize / 1000) & !1;
        let window: Vec<f32> = (0..len).map(|i| 0.5 - 0.5 * (TAU * i as f32 / len as f32).cos()).collect();
        let fft = RealFftPlanner::new().plan_fft_forward(len);
        let squares: f32 = window.iter().map(|w| w * w).sum();
        Self {
            rate,
            hop_ms: u64::from(hop_ms),
            scale: 2.0 / (len as f32 * squares),
            held: Vec::with_capacity(2 * len),
            anchor: None,
            taken: 0,
            gone: 0,
            made: 0,
            work: fft.make_input_vec(),
            scratch: fft.make_scratch_vec(),
            lines: fft.make_output_vec(),
            power: vec![0.0; len / 2 + 1],
            window,
            fft,
        }
    }

    /// The rate it was made for, hertz.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes the next piece, whose first sample belongs to `at`, and gives every frame that is whole with it.
    pub(super) fn push(&mut self, at: Instant, samples: &[f32], mut frame: impl FnMut(Spectrum<'_>)) {
        let anchor = self.settle(at);
        for piece in samples.chunks(self.window.len()) {
            self.held.extend(piece.iter().map(|s| if s.is_finite() { *s } else { 0.0 }));
            self.taken += piece.len() as u64;
            while self.held.len() >= self.window.len() {
                self.transform();
                let middle = self.gone + self.window.len() as u64 / 2;
                frame(Spectrum {
                    at: anchor + span(middle, self.rate),
                    line_hz: self.rate as f32 / self.window.len() as f32,
                    power: &self.power,
                });
                self.made += 1;
                // Rates that are no whole number of samples a hop must not drift.
                let next = self.made * self.hop_ms * u64::from(self.rate) / 1000;
                self.held.drain(..((next - self.gone) as usize).min(self.held.len()));
                self.gone = next;
            }
        }
    }

    /// Overwrites the samples it holds and begins anew with the next piece.
    pub(super) fn forget(&mut self) {
        self.held.fill(0.0);
        self.work.fill(0.0);
        self.held.clear();
        self.anchor = None;
    }

    /// When the first sample came of which `at` is the continuation.
    fn settle(&mut self, at: Instant) -> Instant {
        if let Some(anchor) = self.anchor {
            let due = anchor + span(self.taken, self.rate);
            if at.max(due) - at.min(due) <= SLIP {
                return anchor;
            }
        }
        self.held.clear();
        (self.taken, self.gone, self.made) = (0, 0, 0);
        *self.anchor.insert(at)
    }

    fn transform(&mut self) {
        for (to, (sample, window)) in self.work.iter_mut().zip(self.held.iter().zip(&self.window)) {
            *to = sample * window;
        }
        // The lengths are its own: it cannot fail.
        if self.fft.process_with_scratch(&mut self.work, &mut self.lines, &mut self.scratch).is_err() {
            return;
        }
        for (to, line) in self.power.iter_mut().zip(&self.lines) {
            *to = line.norm_sqr() * self.scale;
        }
    }
}

impl Spectrum<'_> {
    /// The line nearest to a pitch.
    pub(super) fn line(&self, hz: f32) -> usize {
        ((hz / self.line_hz).round() as usize).min(self.power.len().saturating_sub(1))
    }

    /// Mean square of what lies from one pitch to below another.
    pub(super) fn between(&self, from_hz: f32, to_hz: f32) -> f32 {
        self.power[self.line(from_hz)..self.line(to_hz)].iter().sum()
    }

    /// Mean square around a line: all of a sine that lies there.
    pub(super) fn around(&self, line: usize) -> f32 {
        self.power[line.saturating_sub(2)..(line + 3).min(self.power.len())].iter().sum()
    }

    /// The strongest line between two pitches, and the pitch it stands for, read between the lines.
    pub(super) fn peak(&self, from_hz: f32, to_hz: f32) -> Option<(usize, f32)> {
        let (from, to) = (self.line(from_hz).max(1), self.line(to_hz).min(self.power.len().saturating_sub(2)));
        let line = (from..=to).max_by(|a, b| self.power[*a].total_cmp(&self.power[*b]))?;
        let [left, here, right] = [-1, 0, 1].map(|d: isize| (self.power[line.saturating_add_signed(d)] + 1e-20).ln());
        let bend = left - 2.0 * here + right;
        let off = if bend < 0.0 { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        Some((line, (line as f32 + off) * self.line_hz))
    }
}

/// So many samples as a time.
pub(super) fn span(samples: u64, rate: u32) -> Duration {
    Duration::from_nanos((u128::from(samples) * 1_000_000_000 / u128::from(rate.max(1))) as u64)
}

/// A mean square as decibels of full scale; −120 and below is nothing.
pub(super) fn db(mean_square: f32) -> f32 {
    10.0 * mean_square.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, amplitude: f32, rate: u32, seconds: u32) -> Vec<f32> {
        (0..rate * seconds).map(|i| amplitude * (TAU * hz * i as f32 / rate as f32).sin()).collect()
    }

    #[test]
    fn a_sine_is_found_at_its_pitch_and_level_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            for hz in [440.0, 783.7, 2_222.0] {
                let mut frames = Frames::new(rate, 160, 80);
                let (mut seen, start) = (0, Instant::now());
                for (n, piece) in sine(hz, 0.5, rate, 1).chunks(333).enumerate() {
                    frames.push(start + span(333 * n as u64, rate), piece, |s| {
                        let (line, pitch) = s.peak(200.0, 3_600.0).expect("a peak");
                        assert!((pitch - hz).abs() < 1.0, "{pitch} for {hz} at {rate}");
                        assert!((db(s.around(line)) + 9.03).abs() < 0.2, "{} at {rate}", db(s.around(line)));
                        seen += 1;
                    });
                }
                assert_eq!(seen, 11, "at {rate}");
            }
        }
    }

    #[test]
    fn frames_keep_to_the_clock_and_begin_anew_after_a_gap() {
        let (start, rate) = (Instant::now(), 22_050);
        let mut frames = Frames::new(rate, 20, 10);
        let mut at = Vec::new();
        let piece = vec![0.1; 441];
        for n in 0..500 {
            frames.push(start + span(441 * n, rate), &piece, |s| at.push(s.at));
        }
        let last = *at.last().expect("frames");
        let wanted = start + Duration::from_millis(10 * (at.len() as u64 - 1) + 10);
        assert!(last.max(wanted) - last.min(wanted) < Duration::from_millis(1));
        let before = at.len();
        frames.push(start + Duration::from_secs(60), &piece, |s| at.push(s.at));
        assert!(at[before..].iter().all(|t| *t >= start + Duration::from_secs(60)));
    }
}
