//! A sink without a loudspeaker: it plays at the pace of the clock and writes what it plays into WAV files, one for
//! each stretch of sound.

use super::control::{Change, Outlet};
use super::length::{BLOCK, length};
use super::mixer::Mixer;
use super::{LineState, RecorderConfig};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Sample rate of the files, hertz.
pub(super) const RATE: u32 = 48_000;
/// Worked out at a time.
const PACE: Duration = Duration::from_millis(20);
/// More than this late (a stalled disk, a sleeping machine), and the time is given up rather than made up for.
const LATE: Duration = Duration::from_secs(1);
/// So much silence ends a stretch, frames.
const SILENCE: u64 = RATE as u64;
/// A stretch is split at this length, frames: half an hour, 173 MB.
const LONGEST: u64 = RATE as u64 * 1800;
/// The header is brought up to date so often, frames: what was written until then survives a power cut.
const SETTLED: u64 = RATE as u64 * 5;
/// Between attempts after the disk failed.
const RETRY: Duration = Duration::from_secs(1);
/// What an unfinished stretch is called after its name.
const UNFINISHED: &str = "part";

/// The outlet to files.
pub(super) struct Recorder {
    config: RecorderConfig,
    mixer: Mixer,
    /// When the next block is due; `None` while nothing plays.
    clock: Option<Instant>,
    stretch: Option<Stretch>,
    retry: Instant,
    /// `None`: nothing was said yet.
    well: Option<bool>,
}

/// A file being written.
struct Stretch {
    path: PathBuf,
    writer: WavWriter<BufWriter<File>>,
    frames: u64,
    silent: u64,
}

impl Recorder {
    pub(super) fn new(config: RecorderConfig, mut mixer: Mixer) -> Self {
        // Its clock is the machine's, so it never has another rate and nothing needs to come again.
        drop(mixer.connect(RATE, true));
        Self { config, mixer, clock: None, stretch: None, retry: Instant::now(), well: None }
    }

    /// Makes the directory usable: there, writable, and unfinished stretches of an earlier run closed.
    fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(&self.config.dir)?;
        for entry in fs::read_dir(&self.config.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == UNFINISHED) {
                fs::rename(&path, path.with_extension(""))?;
            }
        }
        let trial = self.config.dir.join(".writable");
        fs::write(&trial, b"ok")?;
        fs::remove_file(&trial)?;
        make_room(&self.config.dir, self.config.limit_bytes)
    }

    /// Plays and writes what has come due. `Ok(false)`: nothing plays any more.
    fn play(&mut self, now: Instant) -> Result<bool, hound::Error> {
        let mut at = match self.clock {
            Some(at) if now.saturating_duration_since(at) < LATE => at,
            Some(_) | None => now,
        };
        while at <= now {
            let total = (PACE.as_millis() as usize) * RATE as usize / 1000;
            for begin in (0..total).step_by(BLOCK) {
                let n = BLOCK.min(total - begin);
                self.mixer.advance(n, at + length(begin, RATE));
                self.write(n)?;
            }
            at += PACE;
        }
        self.clock = Some(at);
        Ok(self.stretch.is_some() || !self.mixer.is_idle())
    }

    /// Writes the block last worked out.
    fn write(&mut self, n: usize) -> Result<(), hound::Error> {
        let mut block = [0_i16; BLOCK];
        for (_, samples) in self.mixer.blocks(n) {
            block.iter_mut().zip(samples).for_each(|(b, s)| *b = (s * 32_768.0).round() as i16);
        }
        let loud = block[..n].iter().any(|s| *s != 0);
        if self.stretch.is_none() {
            if !loud {
                return Ok(());
            }
            self.stretch = Some(Stretch::begin(&self.config)?);
        }
        let Some(stretch) = &mut self.stretch else { return Ok(()) };
        stretch.write(&block[..n], loud)?;
        if stretch.silent >= SILENCE || stretch.frames >= LONGEST {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), hound::Error> {
        if let Some(stretch) = self.stretch.take() {
            stretch.finish()?;
            make_room(&self.config.dir, self.config.limit_bytes)?;
        }
        Ok(())
    }
}

impl Outlet for Recorder {
    fn tend(&mut self, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        state.rate = RATE;
        state.period_frames = RATE * PACE.as_millis() as u32 / 1000;
        if self.well != Some(true) {
            self.mixer.take_commands();
            if now < self.retry {
                return (None, self.retry);
            }
            if let Err(error) = self.prepare() {
                return self.failed(&error.to_string(), now, state);
            }
            // What plays goes on where it stopped, and is announced again.
            drop(self.mixer.connect(RATE, true));
            (self.well, state.open, self.clock) = (Some(true), true, None);
            return (Some(Change::Well), now);
        }
        if self.clock.is_none() && self.mixer.is_idle() {
            return (None, now + Duration::from_secs(60));
        }
        match self.play(now) {
            Ok(true) => (None, self.clock.unwrap_or(now)),
            Ok(false) => {
                self.clock = None;
                (None, now)
            }
            Err(error) => self.failed(&error.to_string(), now, state),
        }
    }

    fn close(&mut self) {
        if let Err(error) = self.finish() {
            log::warn!(dir:% = self.config.dir.display(), error:%; "a recording could not be closed");
        }
    }

    fn give_up(&mut self, now: Instant) {
        drop(self.stretch.take());
        (self.well, self.retry, self.clock) = (Some(false), now + RETRY, None);
    }
}

impl Recorder {
    fn failed(&mut self, error: &str, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        // Its header says less than it holds; the next `prepare` gives it its name.
        drop(self.stretch.take());
        state.open = false;
        self.retry = now + RETRY;
        let news = self.well != Some(false);
        self.well = Some(false);
        (news.then(|| Change::Lost(format!("writing the recording: {error}"))), self.retry)
    }
}

impl Stretch {
    fn begin(config: &RecorderConfig) -> Result<Self, hound::Error> {
        let ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let sink: String =
            config.sink.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        // Thirteen digits: names sort by age. Two stretches are at least a second of silence apart, or a split: then
        // the clock has moved half an hour, unless it was set back, when the newer takes the place of the older.
        let path = config.dir.join(format!("{ms:013}-{sink}.wav.{UNFINISHED}"));
        let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        Ok(Self { writer: WavWriter::create(&path, spec)?, path, frames: 0, silent: 0 })
    }

    fn write(&mut self, block: &[i16], loud: bool) -> Result<(), hound::Error> {
        for sample in block {
            self.writer.write_sample(*sample)?;
        }
        let before = self.frames;
        self.frames += block.len() as u64;
        self.silent = if loud { 0 } else { self.silent + block.len() as u64 };
        if before / SETTLED != self.frames / SETTLED {
            self.writer.flush()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), hound::Error> {
        self.writer.finalize()?;
        fs::rename(&self.path, self.path.with_extension(""))?;
        Ok(())
    }
}

/// Deletes the oldest recordings until the directory holds no more than `limit` bytes of them.
fn make_room(dir: &Path, limit: u64) -> io::Result<()> {
    let mut recordings = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "wav") {
            recordings.push((path, entry.metadata()?.len()));
        }
    }
    recordings.sort();
    let mut total: u64 = recordings.iter().map(|(_, bytes)| bytes).sum();
    for (path, bytes) in recordings {
        if total <= limit {
            break;
        }
        fs::remove_file(&path)?;
        total -= bytes;
    }
    Ok(())
}
