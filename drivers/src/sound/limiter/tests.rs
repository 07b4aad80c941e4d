//! The ceiling as a meter of others sees it, and what is left alone.

use super::*;
use std::f64::consts::TAU;

const RATE: u32 = 48_000;

fn limited(samples: &[f32], ceiling: f32, block: usize) -> Vec<f32> {
    let mut limiter = Limiter::new(ceiling, RATE);
    let mut out = Vec::new();
    let padded: Vec<f32> = samples.iter().copied().chain(std::iter::repeat_n(0.0, limiter.delay())).collect();
    for chunk in padded.chunks(block) {
        let mut chunk = chunk.to_vec();
        limiter.pass(&mut chunk);
        out.extend(chunk);
    }
    assert!(limiter.is_empty());
    out.split_off(limiter.delay())
}

/// True peak as others' implementation of BS.1770 reads it, dBTP.
fn true_peak(samples: &[f32]) -> f64 {
    let mut meter = ebur128::EbuR128::new(1, RATE, ebur128::Mode::TRUE_PEAK).expect("a meter");
    meter.add_frames_f32(samples).expect("samples");
    20.0 * meter.true_peak(0).expect("a peak").log10()
}

/// A seeded noise of −1…1.
fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut x = seed;
    (0..n)
        .map(|_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

#[test]
fn no_true_peak_passes_the_ceiling() {
    let sine = |hz: f64, peak: f64| -> Vec<f32> {
        (0..24_000).map(|i| (peak * (TAU * hz * f64::from(i) / 48_000.0 + 0.7).sin()) as f32).collect()
    };
    let square: Vec<f32> = (0..24_000).map(|i| if (i / 37) % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let clicks: Vec<f32> = (0..24_000).map(|i| if i % 997 < 2 { 1.4 } else { 0.05 }).collect();
    // Meters disagree by half a decibel about what lies at half the sample rate, where no programme has anything.
    let noise = |n, seed| -> Vec<f32> { noise(n, seed).windows(2).map(|w| w[0] + w[1]).collect() };
    let swelling: Vec<f32> = noise(24_000, 5).iter().enumerate().map(|(i, s)| s * i as f32 / 6_000.0).collect();
    // A quarter of the rate, half way between its crests: the samples hide 3 dB of it.
    for (name, samples) in [
        ("hidden crests", sine(12_000.0, 1.4)),
        ("low", sine(60.0, 3.0)),
        ("high", sine(17_000.0, 2.0)),
        ("square", square),
        ("clicks", clicks),
        ("noise", noise(24_000, 9)),
        ("swelling noise", swelling),
    ] {
        for ceiling in [-1.0, -3.0, -9.0] {
            let out = limited(&samples, ceiling, 240);
            let peak = true_peak(&out);
            println!("{name}: {peak:.2} dBTP");
            assert!(peak <= f64::from(ceiling), "{name}: {peak:.2} over {ceiling}");
            assert!(peak > f64::from(ceiling) - 0.8, "{name}: {peak:.2}, needlessly far below {ceiling}");
        }
    }
}

#[test]
fn what_stays_below_the_ceiling_is_not_touched() {
    let samples: Vec<f32> = noise(48_000, 3).iter().map(|s| s * 0.4).collect();
    assert!(true_peak(&samples) < -1.4);
    for block in [1, 64, 240, 256] {
        assert!(limited(&samples, -1.0, block) == samples, "in blocks of {block}");
    }
}

#[test]
fn the_gain_comes_back_and_all_is_exact_again() {
    let mut samples: Vec<f32> = noise(120_000, 3).iter().map(|s| s * 0.2).collect();
    samples[10_000] = 3.0;
    let out = limited(&samples, -1.0, 240);
    assert!(out[..9_940] == samples[..9_940], "before it");
    assert!((out[10_000] - 0.88).abs() < 0.02, "{}", out[10_000]);
    let ratio = |at: usize| out[at] / samples[at];
    assert!(ratio(10_240) < 0.35 && ratio(10_000 + 5_760) > 0.6, "{} {}", ratio(10_240), ratio(15_760));
    assert!(out[100_000..] == samples[100_000..], "after it");
}

#[test]
fn its_gain_is_a_slope() {
    let samples: Vec<f32> = (0..9_600).map(|i| if i < 4_800 { 0.5 } else { 2.0 }).collect();
    let out = limited(&samples, -1.0, 240);
    // Steady samples show the gain itself: 1 to a half and less in a millisecond, never by more than a slope's step.
    let steepest = out[4_000..4_790].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.012, "{steepest}");
}
