//! From a media file to samples of one channel at the card's rate, a little at a time; whatever is in the file.

use super::feed::Spout;
use super::resample::Resampler;
use rodio::{Decoder, Source};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// Nothing is played for longer.
const LONGEST: Duration = Duration::from_secs(4 * 3600);
/// Below this a file holds no sound: stray bytes can look like one MP3 frame (26 ms).
const SHORTEST: Duration = Duration::from_millis(50);
/// A file may end so much before its header says: encoders count their padding differently.
const SLACK: Duration = Duration::from_millis(500);
/// A header that promises so many times what is there was never filled in (streams written to a pipe).
const ABSURD: u32 = 50;
/// Shorter ways into a clip are decoded and thrown away: exact in every format.
const SEEK_FROM_MS: u64 = 3_000;
/// Samples handed over at a time.
const CHUNK: usize = 480;

/// Decodes `path` from `from_ms` into `spout` at `rate` hertz until its end, or until nobody listens.
pub(super) fn pour(path: Option<&Path>, from_ms: u64, rate: u32, mut spout: Spout) {
    // A decoder that trips over a file must not take more with it than this play.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let path = path.ok_or_else(|| "not in the cache".to_owned())?;
        poured(path, from_ms, rate, &mut spout)
    }));
    spout.end(match outcome {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some("the decoder gave up on it".into()),
    });
}

fn poured(path: &Path, from_ms: u64, rate: u32, spout: &mut Spout) -> Result<(), String> {
    let mut clip = Clip::open(path)?;
    clip.skip_to(from_ms, path)?;
    let mut chunk = Vec::with_capacity(2 * CHUNK);
    let mut resampler: Option<(u32, Resampler)> = None;
    while let Some((sample, from)) = clip.next_mono() {
        if resampler.as_ref().is_some_and(|(of, _)| *of != from)
            && let Some((_, mut ended)) = resampler.take()
        {
            ended.finish(&mut chunk);
        }
        if from == rate {
            chunk.push(sample);
        } else {
            resampler.get_or_insert_with(|| (from, Resampler::new(from, rate))).1.push(sample, &mut chunk);
        }
        if chunk.len() >= CHUNK {
            if !spout.pour(&chunk) {
                return Ok(());
            }
            chunk.clear();
        }
    }
    if let Some((_, mut ended)) = resampler {
        ended.finish(&mut chunk);
    }
    spout.pour(&chunk);
    clip.judge(path)
}

/// Decodes the whole of a file, a packet at a time, and says how long its sound is. It stops at four hours.
///
/// # Errors
/// Says in plain words why the file cannot be played: absent, unreadable, of an unknown kind, without sound, cut off.
pub fn probe(path: &Path) -> Result<Duration, String> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut clip = Clip::open(path)?;
        while clip.next_mono().is_some() {}
        clip.judge(path)?;
        Ok(clip.played)
    }))
    .unwrap_or_else(|_| Err("the decoder gave up on it".into()))
}

/// A file being decoded.
struct Clip {
    decoder: Decoder<File>,
    /// Length of the sound decoded so far, counted from the start of the file.
    played: Duration,
    /// Frames of the current rate that `played` does not hold yet, less than a second of them.
    frames: u32,
    rate: u32,
    /// It was stopped for being too long.
    bounded: bool,
}

impl Clip {
    fn open(path: &Path) -> Result<Self, String> {
        let decoder = decoder(path, true)?;
        Ok(Self { decoder, played: Duration::ZERO, frames: 0, rate: 0, bounded: false })
    }

    /// The next frame, its channels averaged, and its rate in hertz.
    fn next_mono(&mut self) -> Option<(f32, u32)> {
        if self.played >= LONGEST {
            self.bounded = true;
            return None;
        }
        let first = self.decoder.next()?;
        // After the sample, not before: taking it may have brought in a packet of another shape.
        let channels = self.decoder.channels().get();
        let rate = self.decoder.sample_rate().get();
        let mut sum = first;
        for _ in 1..channels {
            sum += self.decoder.next()?;
        }
        self.count(rate);
        let sample = sum / f32::from(channels);
        Some((if sample.is_finite() { sample } else { 0.0 }, rate))
    }

    fn count(&mut self, rate: u32) {
        if rate != self.rate {
            self.settle();
            self.rate = rate;
        }
        self.frames += 1;
        if self.frames >= rate {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if self.rate > 0 {
            self.played += Duration::from_nanos(u64::from(self.frames) * 1_000_000_000 / u64::from(self.rate));
        }
        self.frames = 0;
    }

    fn skip_to(&mut self, from_ms: u64, path: &Path) -> Result<(), String> {
        let from = Duration::from_millis(from_ms);
        if from_ms >= SEEK_FROM_MS {
            match self.decoder.try_seek(from) {
                Ok(()) => {
                    self.played = from;
                    return Ok(());
                }
                Err(e) => {
                    log::debug!(error:% = e; "cannot seek in this clip: decoding it from its start");
                    *self = Self::open(path)?;
                }
            }
        }
        while self.played + self.pending() < from && self.next_mono().is_some() {}
        Ok(())
    }

    fn pending(&self) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        Duration::from_nanos(u64::from(self.frames) * 1_000_000_000 / u64::from(self.rate))
    }

    /// At the end of the file: was it the end of the sound?
    fn judge(&mut self, path: &Path) -> Result<(), String> {
        self.settle();
        if self.bounded {
            return Err(format!("longer than {} hours", LONGEST.as_secs() / 3600));
        }
        if self.played < SHORTEST {
            return Err("no sound in it".into());
        }
        let Some(promised) = promised(path, &self.decoder) else { return Ok(()) };
        if self.played + SLACK < promised && promised < self.played * ABSURD {
            return Err(format!("cut off at {:.1} s of {:.1} s", self.played.as_secs_f32(), promised.as_secs_f32()));
        }
        Ok(())
    }
}

/// The length the file itself states. Opened anew as a stream, because a decoder that can seek guesses a length from
/// the size of the file where none is stated; a kind of file that cannot be read as a stream states its length exactly.
fn promised(path: &Path, seekable: &Decoder<File>) -> Option<Duration> {
    match decoder(path, false) {
        Ok(stream) => stream.total_duration(),
        Err(_) => seekable.total_duration(),
    }
}

fn decoder(path: &Path, seekable: bool) -> Result<Decoder<File>, String> {
    let about = path.metadata().map_err(|e| format!("cannot be opened: {e}"))?;
    // Asked before it is opened: opening a pipe would wait for its writer.
    if !about.is_file() {
        return Err("not a file".into());
    }
    if about.len() == 0 {
        return Err("empty file".into());
    }
    let (bytes, file) = (about.len(), File::open(path).map_err(|e| format!("cannot be opened: {e}"))?);
    let builder = Decoder::builder().with_data(file);
    let builder = if seekable { builder.with_byte_len(bytes) } else { builder };
    builder.build().map_err(|e| format!("cannot be decoded: {e}"))
}

#[cfg(test)]
mod tests;
