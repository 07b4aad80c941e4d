//! Looks at a sound file that strangers brought: within bounds of time and length, with the outline of its sound.

use super::{Probed, watched};
use std::path::Path;
use std::time::{Duration, Instant};

/// Decodes a whole file of strangers with the outline of its sound: no longer than `longest`, and no sound longer than
/// `most`.
///
/// # Errors
/// As [`super::probe`], or because a bound was reached.
pub fn examine(path: &Path, longest: Duration, most: Duration) -> Result<(Probed, Vec<u8>), Examined> {
    let (began, mut outline) = (Instant::now(), Outline::default());
    let mut bound = None;
    let looked = watched(path, &mut |mono, rate, played| {
        outline.take(mono, rate);
        if began.elapsed() > longest {
            bound = Some(Examined::Endless);
        } else if played > most {
            bound = Some(Examined::TooLong);
        }
        if bound.is_some() { Err(String::new()) } else { Ok(()) }
    });
    match (looked, bound) {
        (_, Some(bound)) => Err(bound),
        (Err(why), None) => Err(Examined::Unplayable(why)),
        (Ok(probed), None) => Ok((probed, outline.peaks())),
    }
}

/// Why a file of strangers is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Examined {
    /// Decoding it does not come to an end.
    Endless,
    /// Its sound is longer than is taken.
    TooLong,
    /// It cannot be played: why, in plain words.
    Unplayable(String),
}

/// Peaks of an outline at most.
const PEAKS: usize = 800;

/// The outline of a sound: the peak of every tenth of a second, and of longer spans where that would be too many.
#[derive(Default)]
struct Outline {
    peaks: Vec<u8>,
    now: f32,
    count: u32,
}

impl Outline {
    fn take(&mut self, mono: &[f32], rate: u32) {
        for sample in mono {
            self.now = self.now.max(sample.abs());
            self.count += 1;
            if self.count >= rate / 10 {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.peaks.push((self.now.min(1.0) * 255.0).round() as u8);
        (self.now, self.count) = (0.0, 0);
    }

    fn peaks(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.close();
        }
        let span = self.peaks.len().div_ceil(PEAKS).max(1);
        self.peaks.chunks(span).map(|peaks| peaks.iter().copied().max().unwrap_or(0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(name: &str, seconds: u32) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("examine-{}-{name}.wav", std::process::id()));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = hound::WavWriter::create(&path, spec).expect("a file");
        for n in 0..seconds * 8000 {
            // Loud in its first second, faint after it.
            let height = if n < 8000 { 16_384 } else { 1_000 };
            file.write_sample::<i16>(if n % 2 == 0 { height } else { -height }).expect("written");
        }
        file.finalize().expect("whole");
        path
    }

    #[test]
    fn the_outline_shows_where_it_is_loud() {
        let path = wav("outline", 3);
        let (probed, peaks) =
            examine(&path, Duration::from_secs(20), Duration::from_secs(10)).expect("a sound of three seconds");
        assert_eq!(probed.duration, Duration::from_secs(3));
        assert_eq!(peaks.len(), 30);
        assert!(peaks[..10].iter().all(|p| *p > 120) && peaks[10..].iter().all(|p| *p < 10), "{peaks:?}");
        std::fs::remove_file(path).expect("ours");
    }

    #[test]
    fn a_long_sound_has_no_more_peaks_than_a_page_can_draw() {
        let mut outline = Outline::default();
        (0..50_000).for_each(|_| outline.take(&[0.5; 10], 100));
        let peaks = outline.peaks();
        assert!(peaks.len() <= PEAKS && peaks.iter().all(|p| *p == 128), "{}", peaks.len());
    }

    #[test]
    fn what_is_too_long_or_takes_too_long_or_is_no_sound_is_refused() {
        let path = wav("bounds", 3);
        let minute = Duration::from_secs(60);
        assert_eq!(examine(&path, minute, Duration::from_secs(1)), Err(Examined::TooLong));
        assert_eq!(examine(&path, Duration::ZERO, minute), Err(Examined::Endless));
        std::fs::write(&path, "PK\x03\x04 not a sound").expect("written");
        assert!(matches!(examine(&path, minute, minute), Err(Examined::Unplayable(_))));
        std::fs::remove_file(path).expect("ours");
    }
}
