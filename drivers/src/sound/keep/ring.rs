//! The folder of recordings: what is in it, how a file comes into it, and which go.
//!
//! `0001790000000-hall.opus.part` is open; whole it loses the `.part`. `0001790000000-hall.opus.json` is the note of it.

use super::mend::{duration, mend};
use super::note::{Note, Recording};
use super::{Codec, KeepConfig};
use gateway_core::id::SinkId;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What an open file is called after its name.
const OPEN: &str = ".part";
/// What the note of a recording is called after its name.
const NOTE: &str = ".json";
/// A day, milliseconds.
const DAY: i64 = 86_400_000;
/// Names tried for a recording before giving up.
const NAMES: i64 = 100;

pub(super) struct Ring {
    config: KeepConfig,
    /// By name, so by age.
    recordings: BTreeMap<String, Recording>,
    bytes: u64,
}

impl Ring {
    pub(super) fn new(config: KeepConfig) -> Self {
        Self { config, recordings: BTreeMap::new(), bytes: 0 }
    }

    pub(super) fn codec(&self) -> Codec {
        self.config.codec
    }

    /// How many recordings there are, and their total size in bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        (self.recordings.len(), self.bytes)
    }

    /// Reads the folder anew, and closes what was left open. Nothing may be open now.
    pub(super) fn open(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.config.dir)?;
        let trial = self.config.dir.join(".writable");
        fs::write(&trial, b"ok")?;
        fs::remove_file(&trial)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.config.dir)? {
            names.extend(entry?.file_name().into_string());
        }
        for name in &names {
            if let Some(torn) = name.strip_suffix(OPEN) {
                self.close_torn(torn)?;
            }
        }
        let lonely = |name: &&String| {
            let of = name.strip_suffix(NOTE);
            of.is_some_and(|of| !self.config.dir.join(of).exists())
        };
        for name in names.iter().filter(lonely) {
            fs::remove_file(self.config.dir.join(name))?;
        }
        (self.recordings, self.bytes) = (BTreeMap::new(), 0);
        for entry in fs::read_dir(&self.config.dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Some(codec) = codec_of(&name) else { continue };
            let note = match self.read_note(&name) {
                Some(note) if note.duration_ms > 0 => note,
                // A file without a note was there before its note was: it says how long it is.
                _ => Note { duration_ms: duration(&entry.path(), codec).unwrap_or_default(), ..nameless(&name) },
            };
            self.insert(name, entry.metadata()?.len(), note);
        }
        Ok(())
    }

    /// Makes a file that was left open whole, or removes it where nothing is in it.
    fn close_torn(&self, name: &str) -> io::Result<()> {
        let part = self.path(&format!("{name}{OPEN}"));
        let Some(codec) = codec_of(name) else {
            // A note that was being written, or nothing of ours.
            return if name.ends_with(NOTE) { removed(&part) } else { Ok(()) };
        };
        let duration_ms = mend(&part, codec)?;
        if duration_ms == 0 {
            return fs::remove_file(part);
        }
        let note = self.read_note(name).unwrap_or_else(|| nameless(name));
        log::info!(recording = name, duration_ms; "a recording was left open and is closed now");
        self.write_note(name, &Note { duration_ms, torn: true, ..note })?;
        fs::rename(part, self.path(name))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.config.dir.join(name)
    }

    fn insert(&mut self, name: String, bytes: u64, note: Note) {
        self.bytes += bytes;
        if let Some(old) = self.recordings.insert(name.clone(), Recording::of(name, bytes, note)) {
            self.bytes -= old.bytes;
        }
    }

    /// Makes the file of a new recording. Where the clock was set back, the name moves on to one that is free.
    pub(super) fn create(&self, note: &Note) -> io::Result<(File, PathBuf, String)> {
        let sink: String = note
            .sink
            .as_str()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' })
            .collect();
        let mut error = io::ErrorKind::AlreadyExists.into();
        for more in 0..NAMES {
            // Thirteen digits: names sort by age.
            let ms = note.start_ms.max(0).saturating_add(more);
            let name = format!("{ms:013}-{sink}.{}", self.config.codec.extension());
            let path = self.path(&format!("{name}{OPEN}"));
            if self.path(&name).exists() {
                continue;
            }
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, path, name)),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => error = e,
                Err(e) => return Err(e),
            }
        }
        Err(error)
    }

    /// Writes what is known of a recording, whole or not at all.
    pub(super) fn write_note(&self, name: &str, note: &Note) -> io::Result<()> {
        let path = self.path(&format!("{name}{NOTE}"));
        let part = self.path(&format!("{name}{NOTE}{OPEN}"));
        let mut file = File::create(&part)?;
        file.write_all(&serde_json::to_vec(note)?)?;
        file.sync_all()?;
        fs::rename(part, path)
    }

    fn read_note(&self, name: &str) -> Option<Note> {
        let text = fs::read(self.path(&format!("{name}{NOTE}"))).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Gives a whole file its name.
    pub(super) fn publish(&mut self, part: &Path, name: String, note: Note) -> io::Result<()> {
        self.write_note(&name, &note)?;
        let path = self.path(&name);
        fs::rename(part, &path)?;
        File::open(&self.config.dir)?.sync_all()?;
        let bytes = path.metadata()?.len();
        self.insert(name, bytes, note);
        Ok(())
    }

    pub(super) fn list(&self, time: &Range<i64>, sink: Option<&SinkId>) -> Vec<Recording> {
        let inside = |r: &&Recording| {
            let end = r.start_ms.saturating_add_unsigned(r.duration_ms);
            r.start_ms < time.end && end > time.start && sink.is_none_or(|s| *s == r.sink)
        };
        self.recordings.values().filter(inside).cloned().collect()
    }

    pub(super) fn find(&self, id: &str) -> Option<(Recording, PathBuf, Codec)> {
        let recording = self.recordings.get(id)?;
        Some((recording.clone(), self.path(&recording.id), codec_of(id)?))
    }

    /// Removes what is older than the days allow and what is more than the bytes allow, the oldest first. Age is
    /// judged between trusted clocks only.
    pub(super) fn tend(&mut self, now: Option<i64>) -> io::Result<()> {
        if let Some(now) = now {
            let oldest = now.saturating_sub(i64::from(self.config.days).saturating_mul(DAY));
            let old = |r: &&Recording| r.trusted && r.start_ms.saturating_add_unsigned(r.duration_ms) < oldest;
            let old: Vec<String> = self.recordings.values().filter(old).map(|r| r.id.clone()).collect();
            old.iter().try_for_each(|id| self.remove(id))?;
        }
        self.shrink(self.config.limit_bytes).map(drop)
    }

    /// Gives back so many bytes of a full disk. Whether anything was given back.
    pub(super) fn make_room(&mut self, bytes: u64) -> io::Result<bool> {
        self.shrink(self.bytes.saturating_sub(bytes))
    }

    fn shrink(&mut self, limit: u64) -> io::Result<bool> {
        let mut removed = false;
        while self.bytes > limit
            && let Some(id) = self.recordings.keys().next().cloned()
        {
            self.remove(&id)?;
            removed = true;
        }
        Ok(removed)
    }

    fn remove(&mut self, id: &str) -> io::Result<()> {
        for path in [self.path(id), self.path(&format!("{id}{NOTE}"))] {
            removed(&path)?;
        }
        if let Some(gone) = self.recordings.remove(id) {
            self.bytes -= gone.bytes;
        }
        Ok(())
    }
}

/// Removes a file that may be gone already.
fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn codec_of(name: &str) -> Option<Codec> {
    let (start, rest) = name.split_once('-')?;
    let ours = start.len() >= 13 && start.bytes().all(|b| b.is_ascii_digit());
    Codec::of(rest.rsplit_once('.')?.1).filter(|_| ours)
}

/// What a name alone tells of a recording.
fn nameless(name: &str) -> Note {
    let (start, rest) = name.split_once('-').unwrap_or_default();
    let sink = rest.rsplit_once('.').map_or(rest, |(sink, _)| sink);
    let start_ms = start.parse().unwrap_or_default();
    Note { sink: sink.into(), start_ms, trusted: false, duration_ms: 0, plays: Vec::new(), lost_ms: 0, torn: true }
}
