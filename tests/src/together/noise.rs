//! The programme: noise of which each piece is found again by its likeness.

use anyhow::Context;
use std::fs;
use std::path::Path;

/// Samples a second.
pub(super) const RATE: u32 = 48_000;
/// Length of the piece that is looked for, frames.
const PIECE: usize = RATE as usize / 50;
/// The same, nanoseconds.
pub(super) const PIECE_NS: f64 = 20e6;
/// A piece is found where the correlation with what was heard is at least this.
const LIKE: f64 = 0.8;

/// A clip of noise that follows itself without a seam.
pub(super) struct Noise(Vec<i16>);

impl Noise {
    /// So many seconds of it, another for each `seed`.
    pub(super) fn new(seed: u64, seconds: u32) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        // Without its uppermost octaves, so that a stretched piece is like the one it was.
        let mut last = [0.0_f32; 4];
        let mut sample = || {
            last.rotate_left(1);
            last[3] = rng.f32() - 0.5;
            (last.iter().sum::<f32>() * 8_000.0) as i16
        };
        Self((0..seconds * RATE).map(|_| sample()).collect())
    }

    /// Writes it as a WAV file of one channel.
    pub(super) fn write(&self, to: &Path) -> anyhow::Result<()> {
        let bytes = (self.0.len() * 2) as u32;
        let mut wav = Vec::with_capacity(self.0.len() * 2 + 44);
        wav.extend_from_slice(b"RIFF");
        wav.extend_from_slice(&(36 + bytes).to_le_bytes());
        wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        wav.extend_from_slice(&RATE.to_le_bytes());
        wav.extend_from_slice(&(RATE * 2).to_le_bytes());
        wav.extend_from_slice(b"\x02\0\x10\0data");
        wav.extend_from_slice(&bytes.to_le_bytes());
        wav.extend(self.0.iter().flat_map(|s| s.to_le_bytes()));
        fs::write(to, wav).with_context(|| format!("writing {}", to.display()))
    }

    /// All of it.
    pub(super) fn samples(&self) -> &[i16] {
        &self.0
    }

    /// The piece that begins at this frame of the endless programme.
    pub(super) fn piece(&self, from: usize) -> Vec<i16> {
        (from..from + PIECE).map(|at| self.0[at % self.0.len()]).collect()
    }
}

/// Where `wanted` begins in `heard`, frames and parts of one.
pub(super) fn find(heard: &[i16], wanted: &[i16]) -> Option<f64> {
    let lags = heard.len().checked_sub(wanted.len())?;
    let likeness: Vec<f64> = (0..=lags).map(|lag| alike(&heard[lag..lag + wanted.len()], wanted)).collect();
    let best = (0..=lags).max_by(|a, b| likeness[*a].total_cmp(&likeness[*b]))?;
    if likeness[best] < LIKE {
        return None;
    }
    let (Some(before), Some(after)) = (best.checked_sub(1).map(|b| likeness[b]), likeness.get(best + 1)) else {
        return Some(best as f64);
    };
    // The top of the parabola through the best three.
    let bend = before - 2.0 * likeness[best] + after;
    Some(best as f64 + if bend < 0.0 { (before - after) / (2.0 * bend) } else { 0.0 })
}

/// Correlation of two pieces of one length, −1 to 1.
fn alike(one: &[i16], other: &[i16]) -> f64 {
    let (mut both, mut squares, mut others) = (0_i64, 0_i64, 0_i64);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (i64::from(*a), i64::from(*b));
        both += a * b;
        squares += a * a;
        others += b * b;
    }
    if squares == 0 || others == 0 { 0.0 } else { both as f64 / ((squares as f64) * (others as f64)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_found_where_it_lies_and_nowhere_else() {
        let noise = Noise::new(3, 1);
        let span = &noise.0[1_000..8_000];
        let at = find(span, &noise.piece(5_000)).expect("found");
        assert!((at - 4_000.0).abs() < 0.01, "{at}");
        assert_eq!(find(span, &noise.piece(20_000)), None);
        assert_eq!(find(&[0; 5_000], &noise.piece(0)), None);
        // Over the seam.
        let seam = noise.piece(48_000 - 100);
        assert_eq!((seam[..100].to_vec(), seam[100..].to_vec()), (noise.0[47_900..].to_vec(), noise.0[..860].to_vec()));
    }
}
