//! From a media file or stream to samples of one channel at the card's rate, a little at a time; whatever is in it.
//!
//! `kind` tells what it is, `open` finds the decoder: `container` (symphonia), `opus`, or `child` (ffmpeg) for the rest.

use super::analyse::Meter;
use super::feed::Spout;
use super::resample::Resampler;
use super::{Measured, Media};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

mod bytes;
mod child;
mod container;
mod examine;
mod kind;
mod mp4;
mod open;
mod opus;
mod sbr;

pub use examine::{Examined, examine};
pub(super) use kind::is_ts;
pub(super) use open::{Opened, Unopened, stream};

/// Nothing is played for longer.
const LONGEST: Duration = Duration::from_secs(4 * 3600);
/// Below this a file holds no sound: stray bytes can look like one MP3 frame (26 ms).
const SHORTEST: Duration = Duration::from_millis(50);
/// A file may end so much before its header says: encoders count their padding differently.
const SLACK: Duration = Duration::from_millis(500);
/// A header that promises so many times what is there was never filled in (streams written to a pipe).
const ABSURD: u32 = 50;
/// Shorter ways into a clip are decoded and thrown away: exact in every format.
const SEEK_FROM: Duration = Duration::from_secs(3);
/// Samples handed over at a time.
const CHUNK: usize = 480;
/// Below this (-66 dB of full scale) a sample counts as silence.
const AUDIBLE: f32 = 0.0005;
/// Of the silence at the end of a file so much is played.
const TAIL: Duration = Duration::from_secs(2);
/// Said of AAC that is not to be decoded without its high band.
const HIGH_BAND: &str = "HE-AAC";

/// Sound that comes in blocks.
pub(super) trait Reader: Send {
    /// Puts the next block, its channels averaged, in the place of what `mono` holds, and says its rate in hertz.
    /// `None`: that was all.
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, String>;

    /// Goes on from there, counted from the start. `false`: it cannot, and stands where it stood or nowhere at all.
    fn seek(&mut self, to: Duration) -> bool;

    /// The length the file itself states.
    fn stated(&self) -> Option<Duration> {
        None
    }

    /// It ended without the mark that its kind has at the end.
    fn is_cut(&self) -> bool {
        false
    }
}

/// What a file turned out to be when all of it was decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Probed {
    /// How long it plays; of the silence at its end only two seconds are played.
    pub duration: Duration,
    /// How loud it is; `None`: too short or too quiet to say.
    pub measured: Option<Measured>,
    /// Silence before its first audible sample.
    pub head_silence: Duration,
    /// Silence after its last one, as it is in the file.
    pub tail_silence: Duration,
}

/// Decodes a file from `from_ms` into `spout` at `rate` hertz until its end, or until nobody listens.
pub(super) fn pour(media: Option<Media>, from_ms: u64, rate: u32, mut spout: Spout) {
    // A decoder that trips over a file must not take more with it than this play.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let media = media.ok_or_else(|| "not in the cache".to_owned())?;
        if let Some(measured) = media.measured {
            spout.measured(measured);
        }
        poured(&media.path, Duration::from_millis(from_ms), rate, &mut spout)
    }));
    spout.end(match outcome {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some("the decoder gave up on it".into()),
    });
}

fn poured(path: &Path, from: Duration, rate: u32, spout: &mut Spout) -> Result<(), String> {
    let mut clip = Clip::open(path, from)?;
    let mut flow = Outflow::new(rate, spout).without_tail();
    while let Some(of) = clip.next()? {
        if !flow.take(&clip.mono, of) {
            return Ok(());
        }
    }
    flow.finish();
    clip.judge()
}

/// Decodes the whole of a file, a packet at a time, and says how long and how loud its sound is. It stops at four hours.
///
/// # Errors
/// Says in plain words why the file cannot be played: absent, unreadable, of an unknown kind, protected, without sound,
/// cut off.
pub fn probe(path: &Path) -> Result<Probed, String> {
    watched(path, &mut |_, _, _| Ok(()))
}

/// Somebody who looks at each block: its samples, its rate, how much was played with it. His error ends the decoding.
type Watcher<'w> = &'w mut dyn FnMut(&[f32], u32, Duration) -> Result<(), String>;

fn watched(path: &Path, watcher: Watcher<'_>) -> Result<Probed, String> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut clip = Clip::open(path, Duration::ZERO)?;
        let mut meter = Meter::default();
        let (mut first, mut last) = (None, Duration::ZERO);
        while let Some(rate) = clip.next()? {
            watcher(&clip.mono, rate, clip.played)?;
            let after = |n: usize| samples(n as u64, rate);
            let began = clip.played.saturating_sub(after(clip.mono.len()));
            if let Some(at) = clip.mono.iter().position(|s| s.abs() > AUDIBLE) {
                first.get_or_insert(began + after(at));
            }
            if let Some(at) = clip.mono.iter().rposition(|s| s.abs() > AUDIBLE) {
                last = began + after(at + 1);
            }
            meter.take(&clip.mono, rate);
        }
        clip.judge()?;
        let whole = clip.played;
        let tail_silence = whole.saturating_sub(last);
        let duration = whole.min(last + TAIL);
        if duration < whole {
            log::info!(silence_s = tail_silence.as_secs(); "a clip ends two seconds after its last sound");
        }
        Ok(Probed { duration, measured: meter.measured(), head_silence: first.unwrap_or(whole), tail_silence })
    }))
    .unwrap_or_else(|_| Err("the decoder gave up on it".into()))
}

/// So many samples as time.
fn samples(count: u64, rate: u32) -> Duration {
    let (rate, nanos) = (u64::from(rate.max(1)), 1_000_000_000);
    Duration::from_secs(count / rate) + Duration::from_nanos(count % rate * nanos / rate)
}

/// A file being decoded.
struct Clip<'p> {
    path: &'p Path,
    opened: Opened,
    /// The block read last.
    mono: Vec<f32>,
    /// Where in the file it ends.
    played: Duration,
    /// Length of what was played at rates before this one, and samples at this one.
    before: Duration,
    count: u64,
    rate: u32,
    /// It was stopped for being too long.
    bounded: bool,
}

impl<'p> Clip<'p> {
    fn open(path: &'p Path, from: Duration) -> Result<Self, String> {
        let fresh = |opened, before| {
            let (mono, played) = (Vec::new(), before);
            Self { path, opened, mono, played, before, count: 0, rate: 0, bounded: false }
        };
        let mut opened = open::file(path, from)?;
        if opened.began == from {
            return Ok(fresh(opened, from));
        }
        if from >= SEEK_FROM {
            if opened.reader.seek(from) {
                return Ok(fresh(opened, from));
            }
            opened = open::file(path, Duration::ZERO)?;
        }
        let mut clip = fresh(opened, Duration::ZERO);
        while let Some(rate) = clip.next()? {
            if clip.played > from {
                let late = (clip.played - from).as_nanos() * u128::from(rate) / 1_000_000_000;
                let keep = usize::try_from(late).unwrap_or(usize::MAX).min(clip.mono.len());
                clip.opened.reader = Box::new(Begun {
                    first: Some((clip.mono.split_off(clip.mono.len() - keep), rate)),
                    then: clip.opened.reader,
                });
                (clip.before, clip.count, clip.played) = (from, 0, from);
                break;
            }
        }
        Ok(clip)
    }

    /// Reads the next block and says its rate, hertz.
    fn next(&mut self) -> Result<Option<u32>, String> {
        if self.played >= LONGEST {
            self.bounded = true;
            return Ok(None);
        }
        let Some(rate) = self.opened.reader.read(&mut self.mono)? else { return Ok(None) };
        if rate != self.rate {
            (self.before, self.count, self.rate) = (self.played, 0, rate);
        }
        self.count += self.mono.len() as u64;
        self.played = self.before + samples(self.count, rate);
        Ok(Some(rate))
    }

    /// At the end of the file: was it the end of the sound?
    fn judge(&self) -> Result<(), String> {
        let played = self.played;
        if self.bounded {
            return Err(format!("longer than {} hours", LONGEST.as_secs() / 3600));
        }
        if played < SHORTEST {
            return Err("no sound in it".into());
        }
        if self.opened.reader.is_cut() {
            return Err(format!("cut off at {:.1} s", played.as_secs_f32()));
        }
        let Some(stated) = open::stated(self.path, &self.opened) else { return Ok(()) };
        if played + SLACK < stated && stated < played * ABSURD {
            return Err(format!("cut off at {:.1} s of {:.1} s", played.as_secs_f32(), stated.as_secs_f32()));
        }
        Ok(())
    }
}

/// A reader of which a part was read already.
struct Begun {
    first: Option<(Vec<f32>, u32)>,
    then: Box<dyn Reader>,
}

impl Reader for Begun {
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, String> {
        match self.first.take().filter(|(block, _)| !block.is_empty()) {
            Some((block, rate)) => {
                *mono = block;
                Ok(Some(rate))
            }
            None => self.then.read(mono),
        }
    }

    fn seek(&mut self, _: Duration) -> bool {
        false
    }

    fn stated(&self) -> Option<Duration> {
        self.then.stated()
    }

    fn is_cut(&self) -> bool {
        self.then.is_cut()
    }
}

/// What brings decoded sound to the rate of a sink and hands it over.
pub(super) struct Outflow<'s> {
    rate: u32,
    spout: &'s mut Spout,
    resampler: Option<(u32, Resampler)>,
    chunk: Vec<f32>,
    /// Longest silence that is played before it is known that something follows, samples; `None`: all of it.
    tail: Option<u64>,
    /// Silent samples at the end of what was handed over.
    quiet: u64,
    /// Silence that is still owed if something follows it.
    owed: u64,
}

impl<'s> Outflow<'s> {
    /// Into `spout`, at `rate` hertz.
    pub(super) fn new(rate: u32, spout: &'s mut Spout) -> Self {
        let chunk = Vec::with_capacity(2 * CHUNK);
        Self { rate, spout, resampler: None, chunk, tail: None, quiet: 0, owed: 0 }
    }

    /// Silence at the very end is cut short: while it lasts, what follows is decoded ahead.
    fn without_tail(mut self) -> Self {
        self.tail = Some(TAIL.as_secs() * u64::from(self.rate));
        self
    }

    /// Hands over samples of `from` hertz. `false`: nobody listens any more.
    pub(super) fn take(&mut self, mono: &[f32], from: u32) -> bool {
        if self.resampler.as_ref().is_some_and(|(of, _)| *of != from)
            && let Some((_, mut ended)) = self.resampler.take()
        {
            ended.finish(&mut self.chunk);
        }
        for piece in mono.chunks(CHUNK) {
            if from == self.rate {
                self.chunk.extend_from_slice(piece);
            } else {
                let (_, resampler) = self.resampler.get_or_insert_with(|| (from, Resampler::new(from, self.rate)));
                piece.iter().for_each(|s| resampler.push(*s, &mut self.chunk));
            }
            if self.chunk.len() >= CHUNK && !self.give() {
                return false;
            }
        }
        true
    }

    /// Hands over what is left.
    pub(super) fn finish(&mut self) -> bool {
        if let Some((_, mut ended)) = self.resampler.take() {
            ended.finish(&mut self.chunk);
        }
        self.give()
    }

    fn give(&mut self) -> bool {
        let count = self.chunk.len() as u64;
        let listening = match (self.tail, self.chunk.iter().rposition(|s| s.abs() > AUDIBLE)) {
            (None, _) => self.spout.pour(&self.chunk),
            (Some(tail), None) if self.quiet + count > tail => {
                self.owed += count;
                // The sink goes on meanwhile: it must not run dry while what follows is looked for.
                match self.spout.offer_silence(self.owed) {
                    Some(given) => {
                        self.owed -= given;
                        true
                    }
                    None => false,
                }
            }
            (Some(_), None) => {
                self.quiet += count;
                self.spout.pour(&self.chunk)
            }
            (Some(_), Some(last)) => {
                let listening = self.pay() && self.spout.pour(&self.chunk);
                self.quiet = count - 1 - last as u64;
                listening
            }
        };
        self.chunk.clear();
        listening
    }

    /// Something follows: the silence before it is played in full.
    fn pay(&mut self) -> bool {
        let silence = [0.0; CHUNK];
        while self.owed > 0 {
            let count = self.owed.min(CHUNK as u64);
            self.owed -= count;
            if !self.spout.pour(&silence[..count as usize]) {
                return false;
            }
        }
        true
    }
}

/// Puts the average of the channels of interleaved samples at the end of `mono`.
fn average(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    if channels == 1 {
        mono.extend(interleaved.iter().copied().map(sane));
        return;
    }
    let of = channels.max(1) as f32;
    mono.extend(interleaved.chunks_exact(channels.max(1)).map(|frame| sane(frame.iter().sum::<f32>() / of)));
}

/// A sample that is a number; a file of floats may hold others.
fn sane(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-16.0, 16.0) } else { 0.0 }
}

#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod tests;
