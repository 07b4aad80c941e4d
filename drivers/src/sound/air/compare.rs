//! Content evidence on a wire: a recording of what left, or of what a line brought back, beside what was meant.

use super::print::{Print, likeness};
use super::spectrum::db;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// How far apart both may begin, seconds.
const REACH_S: usize = 2;
/// How far the delay may move from one second to the next, milliseconds: two clocks drift apart far less.
const DRIFT_MS: usize = 3;
/// A correlation from which on both are the same sound.
const SAME: f32 = 0.9;
/// A correlation of the envelopes from which on they are the same programme, whatever became of its sound.
const ALIKE: f32 = 0.6;
/// What is weaker is silence, decibels of full scale.
const SILENT_DB: f32 = -60.0;

/// What became of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is there as it was meant.
    Same,
    /// Nothing is there.
    Silent,
    /// The programme is there, but its sound is not what it was: overdriven, filtered, torn.
    Distorted,
    /// Something else is there.
    Different,
}

/// What was heard beside what was meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What became of it.
    pub verdict: Verdict,
    /// Correlation of the samples, second by second, weighed by what was meant: 0…1, polarity left aside.
    pub correlation: f32,
    /// Correlation of the envelopes, −1…1; 0 where there was less than a second.
    pub envelopes: f32,
    /// How much louder it was heard than meant, decibels.
    pub level_db: f32,
    /// How much later it was heard at the beginning, milliseconds.
    pub delay_ms: f32,
}

/// Compares a recording with what was meant, both of one channel at `rate` hertz; they may begin up to two seconds apart
/// and drift. Costs tens of milliseconds and a few megabytes for each ten seconds: not for a thread that feeds a card.
pub fn compare(meant: &[f32], heard: &[f32], rate: u32) -> Comparison {
    let second = rate.max(1) as usize;
    let nothing = Comparison {
        verdict: Verdict::Silent,
        correlation: 0.0,
        envelopes: 0.0,
        level_db: db(power(heard)) - db(power(meant)),
        delay_ms: 0.0,
    };
    if db(power(heard)) < SILENT_DB || heard.is_empty() {
        return nothing;
    }
    if meant.is_empty() || db(power(meant)) < SILENT_DB {
        return Comparison { verdict: Verdict::Different, ..nothing };
    }
    // The loudest two seconds say where it lies; from there on both ways, second by second.
    let piece = (2 * second).min(meant.len());
    let begin = (0..=meant.len() - piece).step_by(second / 2 + 1);
    let from = begin.max_by(|a, b| power(&meant[*a..a + piece]).total_cmp(&power(&meant[*b..b + piece]))).unwrap_or(0);
    let reach = (REACH_S * second) as isize;
    let lag = fit(&meant[from..from + piece], heard, from as isize, (-reach, reach)).lag;
    let mut total = Total::default();
    let mut first = lag;
    for (step, blocks) in [(-1, from.div_ceil(second)), (1, (meant.len() - from).div_ceil(second))] {
        let mut lag = lag;
        for n in 0..blocks {
            let (a, b) = if step < 0 {
                (from.saturating_sub((n + 1) * second), from - n * second)
            } else {
                (from + n * second, (from + (n + 1) * second).min(meant.len()))
            };
            let drift = (second * DRIFT_MS / 1000) as isize;
            let fit = fit(&meant[a..b], heard, a as isize, (lag - drift, lag + drift));
            // A pause says nothing about the delay.
            if fit.correlation() > 0.5 {
                lag = fit.lag;
            }
            total.take(&fit);
            if step < 0 {
                first = lag;
            }
        }
    }
    let reach_ms = 1000 * REACH_S as i64;
    let envelopes = likeness(&Print::of(meant, rate), &Print::of(heard, rate), (-reach_ms, reach_ms))
        .map_or(0.0, |l| l.correlation);
    let correlation = total.correlation();
    let verdict = if correlation >= SAME {
        Verdict::Same
    } else if correlation >= ALIKE || envelopes >= ALIKE {
        Verdict::Distorted
    } else {
        Verdict::Different
    };
    let level_db = if verdict == Verdict::Different { nothing.level_db } else { total.level_db() };
    Comparison { verdict, correlation, envelopes, level_db, delay_ms: first as f32 * 1000.0 / second as f32 }
}

/// Where a piece fits best, and how well.
struct Fit {
    lag: isize,
    both: f32,
    meant: f32,
    heard: f32,
}

#[derive(Default)]
struct Total {
    both: f32,
    meant: f32,
    heard: f32,
}

impl Fit {
    fn correlation(&self) -> f32 {
        let whole = (self.meant * self.heard).sqrt();
        if whole > 1e-12 { self.both / whole } else { 0.0 }
    }
}

impl Total {
    fn take(&mut self, fit: &Fit) {
        self.both += fit.both;
        self.meant += fit.meant;
        self.heard += fit.heard;
    }

    fn correlation(&self) -> f32 {
        let whole = (self.meant * self.heard).sqrt();
        if whole > 0.0 { self.both / whole } else { 0.0 }
    }

    fn level_db(&self) -> f32 {
        db(self.heard) - db(self.meant)
    }
}

/// Where `piece`, which begins at `at` of what was meant, lies in `heard`: so many samples later, between two lags. What
/// lies outside `heard` counts as silence.
fn fit(piece: &[f32], heard: &[f32], at: isize, lags: (isize, isize)) -> Fit {
    let span = (lags.1 - lags.0) as usize + 1;
    let len = (piece.len() + span).next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, back) = (planner.plan_fft_forward(len), planner.plan_fft_inverse(len));
    let mut short = vec![0.0; len];
    short[..piece.len()].copy_from_slice(piece);
    let sample = |i: isize| usize::try_from(i).ok().and_then(|i| heard.get(i)).copied().unwrap_or(0.0);
    let mut window: Vec<f32> = (0..len as isize).map(|i| sample(at + lags.0 + i)).collect();
    // What lies beyond the last lag must not come round to the first.
    window[(piece.len() + span - 1).min(len)..].fill(0.0);
    let (mut a, mut b) = (forward.make_output_vec(), forward.make_output_vec());
    let squares = running(&window, piece.len());
    let meant = piece.iter().map(|s| s * s).sum();
    let mut product = back.make_output_vec();
    let worked =
        forward.process(&mut short, &mut a).and_then(|()| forward.process(&mut window, &mut b)).and_then(|()| {
            let mut cross: Vec<Complex<f32>> = a.iter().zip(&b).map(|(a, b)| a.conj() * b).collect();
            // Of a real sound both ends are real; rounding must not say otherwise.
            for end in [0, cross.len() - 1] {
                cross[end].im = 0.0;
            }
            back.process(&mut cross, &mut product)
        });
    if worked.is_err() {
        return Fit { lag: lags.0, both: 0.0, meant, heard: 0.0 };
    }
    let at_lag =
        |i: usize| Fit { lag: lags.0 + i as isize, both: product[i].abs() / len as f32, meant, heard: squares[i] };
    let best = (0..span).max_by(|a, b| at_lag(*a).correlation().total_cmp(&at_lag(*b).correlation()));
    at_lag(best.unwrap_or(0))
}

/// Sum of squares of every `len` samples.
fn running(window: &[f32], len: usize) -> Vec<f32> {
    let square = |s: &f32| f64::from(*s) * f64::from(*s);
    let mut sum: f64 = window[..len].iter().map(square).sum();
    let steps = window.iter().zip(&window[len..]).map(|(out, into)| square(into) - square(out));
    let mut all = vec![sum.max(0.0) as f32];
    all.extend(steps.map(|step| {
        sum += step;
        sum.max(0.0) as f32
    }));
    all
}

/// Mean square.
fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    const RATE: u32 = 8_000;

    /// Something like a voice: noise in syllables, from a seed.
    fn voice(seed: u64, seconds: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        };
        let (mut level, mut aim, mut before) = (0.0_f32, 0.0_f32, 0.0_f32);
        (0..seconds * RATE)
            .map(|i| {
                if i % 1_000 == 0 {
                    aim = random().abs().powi(2);
                }
                level += (aim - level) * 0.01;
                before = 0.9 * before + 0.4 * random();
                0.2 * level * before
            })
            .collect()
    }

    fn late(sound: &[f32], ms: usize) -> Vec<f32> {
        [vec![0.0; ms * RATE as usize / 1000], sound.to_vec()].concat()
    }

    #[test]
    fn the_same_sound_is_found_late_early_quiet_and_upside_down() {
        let meant = voice(1, 8);
        for ms in [0, 7, 1_900] {
            let heard: Vec<f32> = late(&meant, ms).iter().map(|s| -0.25 * s).collect();
            let found = compare(&meant, &heard, RATE);
            assert_eq!(found.verdict, Verdict::Same, "{found:?}");
            assert!((found.delay_ms - ms as f32).abs() < 0.2 && (found.level_db + 12.04).abs() < 0.1, "{found:?}");
        }
        let found = compare(&meant, &meant[RATE as usize..], RATE);
        assert!((found.delay_ms + 1_000.0).abs() < 0.2 && found.correlation > 0.9, "{found:?}");
    }

    #[test]
    fn two_clocks_that_drift_apart_play_the_same() {
        let meant = voice(2, 20);
        // 200 ppm: 4 ms over these 20 s.
        let sample = |i: usize| {
            let at = i as f64 * 1.000_2;
            let (whole, part) = (at as usize, at.fract() as f32);
            meant.get(whole..whole + 2).map_or(0.0, |s| s[0] + (s[1] - s[0]) * part)
        };
        let heard: Vec<f32> = (0..meant.len()).map(sample).collect();
        let found = compare(&meant, &heard, RATE);
        assert_eq!(found.verdict, Verdict::Same, "{found:?}");
    }

    #[test]
    fn silence_another_sound_and_an_overdriven_one_are_told_apart() {
        let meant = voice(3, 8);
        assert_eq!(compare(&meant, &vec![0.000_1; 64_000], RATE).verdict, Verdict::Silent);
        assert_eq!(compare(&meant, &[], RATE).verdict, Verdict::Silent);
        for seed in 4..8 {
            let found = compare(&meant, &voice(seed, 8), RATE);
            assert_eq!(found.verdict, Verdict::Different, "{found:?}");
        }
        let hum: Vec<f32> = (0..64_000).map(|i| 0.3 * (TAU * 100.0 * i as f32 / RATE as f32).sin()).collect();
        assert_eq!(compare(&meant, &hum, RATE).verdict, Verdict::Different);
        assert_eq!(compare(&vec![0.0; 64_000], &meant, RATE).verdict, Verdict::Different);
        let torn: Vec<f32> = meant.iter().map(|s| (60.0 * s).clamp(-0.02, 0.02)).collect();
        let found = compare(&meant, &torn, RATE);
        assert_eq!(found.verdict, Verdict::Distorted, "{found:?}");
    }

    #[test]
    fn half_of_it_is_not_the_whole() {
        let meant = voice(9, 8);
        let found = compare(&meant, &meant[..32_000], RATE);
        assert_ne!(found.verdict, Verdict::Same, "{found:?}");
    }
}
