//! From the clock of one who speaks to the clock of a sink: a resampler whose ratio follows how much lies ready.

use crate::sound::feed::Spout;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable, Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};
use std::time::{Duration, Instant};

/// Frames taken at a time: 1.3 ms.
const TAKEN: usize = 64;
/// Most the ratio gives way: one half per cent, which nobody hears.
const GIVE: f64 = 0.005;
/// How much it gives way for a second too much or too little: 10 ms away, it gives all it may.
const FIRMNESS: f64 = 0.5;
/// The time over which the level is averaged: a card takes in gulps.
const CALM: f64 = 0.5;
/// How much is to lie ready at first, at most, and how much more each time it ran dry: a card with long periods needs
/// more.
const READY: (f64, f64, f64) = (0.020, 0.120, 0.010);
/// Beyond so much more than that the oldest is left out at once.
const TOO_MUCH: f64 = 0.100;
/// It ran dry once, however often that is seen within so long.
const ONCE: Duration = Duration::from_millis(300);

/// Pours what one speaks into a sink.
pub(super) struct Elastic {
    resampler: Async<f32>,
    from: u32,
    to: u32,
    waiting: Vec<f32>,
    out: Vec<f32>,
    /// What lies ready on average, seconds.
    level: f64,
    ready: f64,
    raised: Instant,
    begun: bool,
}

impl Elastic {
    /// From one rate to another, hertz. `None`: no such ratio.
    pub(super) fn new(from: u32, to: u32) -> Option<Self> {
        let parameters = SincInterpolationParameters {
            sinc_len: 64,
            f_cutoff: Some(0.93),
            interpolation: SincInterpolationType::Linear,
            oversampling_factor: 128,
            window: WindowFunction::BlackmanHarris2,
        };
        let ratio = f64::from(to) / f64::from(from.max(1));
        let resampler = Async::new_sinc(ratio, 1.0 + 2.0 * GIVE, &parameters, TAKEN, 1, FixedAsync::Input).ok()?;
        let out = vec![0.0; resampler.output_frames_max()];
        Some(Self {
            resampler,
            from,
            to,
            waiting: Vec::with_capacity(4 * TAKEN),
            out,
            level: READY.0,
            ready: READY.0,
            raised: Instant::now(),
            begun: false,
        })
    }

    /// The rate it takes, hertz.
    pub(super) fn takes(&self) -> u32 {
        self.from
    }

    /// Hands over what was spoken. `false`: nobody listens any more.
    pub(super) fn pour(&mut self, spoken: &[f32], spout: &mut Spout) -> bool {
        if spout.is_abandoned() {
            return false;
        }
        self.waiting.extend_from_slice(spoken);
        let lies = spout.waiting() as f64 / f64::from(self.to);
        let now = Instant::now();
        if self.begun && lies == 0.0 && now.duration_since(self.raised) > ONCE {
            self.ready = (self.ready + READY.2).min(READY.1);
            self.raised = now;
        }
        let beyond = lies - self.ready - TOO_MUCH;
        if beyond > 0.0 {
            // Nobody hears what was said so long ago: it is left out at once.
            self.level = self.ready;
            self.waiting.clear();
            return true;
        }
        let mut at = 0;
        while let Some(piece) = self.waiting.get(at..at + TAKEN) {
            at += TAKEN;
            let passed = TAKEN as f64 / f64::from(self.from);
            let lies = spout.waiting() as f64 / f64::from(self.to);
            self.level += (lies - self.level) * (passed / CALM).min(1.0);
            let give = ((self.ready - self.level) * FIRMNESS).clamp(-GIVE, GIVE);
            // Refused only beyond the bounds it was made with.
            if self.resampler.set_resample_ratio_relative(1.0 + give, true).is_err() {
                return false;
            }
            let room = self.out.len();
            let (Ok(from), Ok(mut to)) =
                (InterleavedSlice::new(piece, 1, TAKEN), InterleavedSlice::new_mut(&mut self.out, 1, room))
            else {
                return false;
            };
            let Ok((_, made)) = self.resampler.process_into_buffer(&from, &mut to, None) else { return false };
            if !spout.splash(self.out.get(..made).unwrap_or_default()) {
                return false;
            }
            self.begun = true;
        }
        self.waiting.drain(..at);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::feed::{Poured, Priming, feed};

    /// A minute of a speaker and a card whose clocks are so many parts in a million apart, in the card's time.
    fn together(ppm: f64, rate: u32) -> (f64, usize, Vec<f32>) {
        let (mut spout, mut listener) = feed(48_000, Priming::Live);
        let mut elastic = Elastic::new(rate, 48_000).expect("a ratio");
        let (mut spoken, mut due, mut dry, mut heard) = (0_u64, 0.0, 0, Vec::new());
        let mut most: f64 = 0.0;
        let mut block = [0.0; 240];
        // 5 ms of the card at a time.
        for turn in 0..12_000 {
            due += f64::from(rate) * 0.005 * (1.0 + ppm / 1e6);
            let count = (due - spoken as f64) as u64;
            let sine =
                |i: u64| (std::f64::consts::TAU * 440.0 * (spoken + i) as f64 / f64::from(rate)).sin() as f32 * 0.5;
            let piece: Vec<f32> = (0..count).map(sine).collect();
            spoken += count;
            assert!(elastic.pour(&piece, &mut spout));
            let poured = listener.render(&mut block);
            if turn > 2_000 {
                dry += usize::from(poured != Poured::Some(240, false));
                most = most.max(spout.waiting() as f64 / 48.0);
                heard.extend_from_slice(&block);
            }
        }
        (most, dry, heard)
    }

    #[test]
    fn clocks_that_drift_apart_stay_together_without_a_gap_or_a_growing_delay() {
        for (ppm, rate) in [(0.0, 48_000), (200.0, 48_000), (-200.0, 48_000), (2_000.0, 44_100), (-2_000.0, 16_000)] {
            let (most, dry, heard) = together(ppm, rate);
            assert_eq!(dry, 0, "{ppm} ppm at {rate} Hz");
            assert!(most < 30.0, "{ppm} ppm at {rate} Hz: {most:.1} ms lie ready");
            // The tone is whole: no sample lies where a sine of that pitch could not.
            let step = std::f32::consts::TAU * 440.0 / 48_000.0 * 0.5 * 1.1;
            assert!(heard.windows(2).all(|w| (w[1] - w[0]).abs() < step), "{ppm} ppm at {rate} Hz: a click");
        }
    }

    #[test]
    fn what_came_in_a_flood_is_left_out_and_not_played_late() {
        let (mut spout, _listener) = feed(48_000, Priming::Live);
        let mut elastic = Elastic::new(48_000, 48_000).expect("a ratio");
        for _ in 0..300 {
            assert!(elastic.pour(&[0.1; 480], &mut spout));
        }
        assert!(spout.waiting() < 48 * 135, "{} samples", spout.waiting());
    }
}
