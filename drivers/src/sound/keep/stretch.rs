//! One stretch of sound on its way into a file.

use super::flac::FlacFile;
use super::note::{Aired, Note};
use super::{Codec, Piece};
use crate::sound::oggopus::{Coder, Pages};
use gateway_core::id::PlayId;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A stretch is split at this length.
const LONGEST: Duration = Duration::from_secs(600);
/// So much silence ends a stretch when nothing was due.
const QUIET: Duration = Duration::from_secs(1);
/// So much ends it while something plays: a speaker breathes, music rests.
const REST: Duration = Duration::from_secs(5);
/// So much time without sound from the sink, and what follows is another stretch.
pub(super) const APART: Duration = Duration::from_secs(1);
/// Packets of 20 ms on an Ogg page: what a power cut may cost, besides what the disk had not written.
const PAGE: u32 = 25;
/// Bit rate of Opus, per second.
const BITS: u16 = 40_000;

/// A file being written, and what is known of it.
pub(super) struct Stretch {
    /// Under this name it is unfinished.
    pub(super) path: PathBuf,
    /// Name it will have.
    pub(super) name: String,
    pub(super) note: Note,
    /// What is known has changed since it was last written down.
    pub(super) news: bool,
    rate: u32,
    began: Instant,
    frames: u64,
    quiet: u64,
    last_due: Option<PlayId>,
    sound: Sound,
}

enum Sound {
    Flac(Box<FlacFile>),
    Opus(Box<OpusFile>),
}

struct OpusFile {
    coder: Coder,
    pages: Pages<BufWriter<File>>,
    packets: u32,
}

impl Stretch {
    /// Begins with a piece.
    pub(super) fn begin(
        file: File,
        path: PathBuf,
        name: String,
        note: Note,
        codec: Codec,
        piece: &Piece,
    ) -> io::Result<Self> {
        let sound = match codec {
            Codec::Flac => Sound::Flac(Box::new(FlacFile::begin(file, piece.rate)?)),
            Codec::Opus => {
                let coder = Coder::new(piece.rate, BITS)?;
                // One stream in a file: any number tells it from none other.
                let pages = Pages::begin(BufWriter::new(file), 1, coder.pre_skip(), 0)?;
                Sound::Opus(Box::new(OpusFile { coder, pages, packets: 0 }))
            }
        };
        let (rate, began) = (piece.rate, piece.at);
        Ok(Self { path, name, note, news: true, rate, began, frames: 0, quiet: 0, last_due: None, sound })
    }

    /// Whether a piece belongs to it.
    pub(super) fn takes(&self, piece: &Piece) -> bool {
        piece.rate == self.rate && piece.at.saturating_duration_since(self.end()) < APART
    }

    /// When its next sample leaves.
    pub(super) fn end(&self) -> Instant {
        self.began + self.length(self.frames)
    }

    fn length(&self, frames: u64) -> Duration {
        Duration::from_micros(frames * 1_000_000 / u64::from(self.rate.max(1)))
    }

    fn ms(&self, frames: u64) -> u64 {
        frames * 1000 / u64::from(self.rate.max(1))
    }

    /// Takes a piece. `Ok(true)`: it ends here.
    pub(super) fn write(&mut self, piece: &Piece) -> io::Result<bool> {
        if piece.gap {
            let missing = piece.at.saturating_duration_since(self.end()).min(APART);
            let frames = (missing.as_micros() as u64 * u64::from(self.rate) / 1_000_000) as usize;
            self.note.lost_ms += missing.as_millis() as u64;
            self.put(&vec![0; frames])?;
        }
        if piece.due != self.last_due {
            self.last_due = piece.due;
            if let Some(play) = piece.due {
                self.note.plays.push(Aired { play, at_ms: self.ms(self.frames) });
                self.news = true;
            }
        }
        self.put(&piece.samples)?;
        let trailing = piece.samples.iter().rev().take_while(|s| **s == 0).count();
        self.quiet = if trailing == piece.samples.len() { self.quiet + trailing as u64 } else { trailing as u64 };
        let patience = if piece.due.is_some() { REST } else { QUIET };
        Ok(self.length(self.quiet) >= patience || self.length(self.frames) >= LONGEST)
    }

    fn put(&mut self, samples: &[i16]) -> io::Result<()> {
        self.frames += samples.len() as u64;
        match &mut self.sound {
            Sound::Flac(file) => file.write(samples),
            Sound::Opus(file) => file.write(samples),
        }
    }

    /// Hands what is written to the disk.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        match &mut self.sound {
            Sound::Flac(file) => file.settle(),
            Sound::Opus(file) => {
                file.pages.inner_mut().flush()?;
                file.pages.inner_mut().get_ref().sync_data()
            }
        }
    }

    /// Completes the file; what is known of it then.
    pub(super) fn finish(mut self) -> io::Result<(PathBuf, String, Note)> {
        self.note.duration_ms = self.ms(self.frames);
        match self.sound {
            Sound::Flac(file) => file.finish()?,
            Sound::Opus(file) => file.finish()?,
        }
        Ok((self.path, self.name, self.note))
    }
}

impl OpusFile {
    fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
        self.coder.push(&samples);
        while let Some(packet) = self.coder.packet()? {
            self.packets += 1;
            self.pages.packet(packet, self.packets.is_multiple_of(PAGE))?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let total = u64::from(self.packets) * crate::sound::oggopus::FRAME as u64 + self.coder.finish() as u64;
        while let Some(packet) = self.coder.packet()? {
            if self.coder.has_packet() {
                self.pages.packet(packet, false)?;
            } else {
                self.pages.last(packet, total)?;
            }
        }
        self.pages.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}
