//! Looking at recorded sound: which pitch, how loud, the same as what.

use std::f64::consts::TAU;

/// Strength of one pitch (Goertzel): amplitude of full scale, 0–1, of a sine of `hz` in these samples at 48 kHz.
pub fn pitch(samples: &[i16], hz: f64) -> f64 {
    let turn = 2.0 * (TAU * hz / 48_000.0).cos();
    let (mut before, mut last) = (0.0, 0.0);
    for sample in samples {
        let now = f64::from(*sample) / 32_768.0 + turn * last - before;
        (before, last) = (last, now);
    }
    let power = last * last + before * before - turn * last * before;
    2.0 * power.max(0.0).sqrt() / samples.len().max(1) as f64
}

/// Root mean square, of full scale.
pub fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|s| (f64::from(*s) / 32_768.0).powi(2)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

/// The first sample that is not near silence.
pub fn onset(samples: &[i16]) -> Option<usize> {
    samples.iter().position(|s| s.unsigned_abs() > 16)
}

/// How alike two sounds are where they fit best, −1 to 1, and by how many samples `wanted` then lies later in `heard`.
/// The fit is looked for within `reach` samples either way.
pub fn likeness(heard: &[i16], wanted: &[i16], reach: usize) -> (f64, isize) {
    let reach = reach as isize;
    // Found by its loudest piece: any other may be a pause, which fits everywhere.
    let pieces = (0..wanted.len()).step_by(4_800).map(|at| at..(at + 4_800).min(wanted.len()));
    let piece =
        pieces.max_by(|a, b| loudness(&wanted[a.clone()]).total_cmp(&loudness(&wanted[b.clone()]))).unwrap_or(0..0);
    let fit = |lag: isize| (alike(heard, &wanted[piece.clone()], piece.start as isize + lag), lag);
    let best = (-reach..=reach).map(fit).max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, lag)| lag);
    (alike(heard, wanted, best), best)
}

/// Correlation of `wanted` with `heard` from `lag` on; what lies outside `heard` counts as silence.
fn alike(heard: &[i16], wanted: &[i16], lag: isize) -> f64 {
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (i, w) in wanted.iter().enumerate() {
        let at = usize::try_from(i as isize + lag).ok();
        let h = f64::from(at.and_then(|at| heard.get(at)).copied().unwrap_or(0));
        let w = f64::from(*w);
        both += h * w;
        one += h * h;
        other += w * w;
    }
    if one == 0.0 || other == 0.0 { 0.0 } else { both / (one * other).sqrt() }
}

/// Where `wanted` lies in `heard`, sample for sample; its silent beginning and end need not be there.
pub fn exactly(heard: &[i16], wanted: &[i16]) -> Option<usize> {
    let first = wanted.iter().position(|s| *s != 0)?;
    let last = wanted.iter().rposition(|s| *s != 0)?;
    let wanted = &wanted[first..=last];
    heard.windows(wanted.len()).position(|w| w == wanted)
}
