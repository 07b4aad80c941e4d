//! Files that officers bring, on their way to the cache: written beside it, looked at, then put on its shelf by digest.

mod sniff;
mod watch;

use crate::clips::Counter;
use crate::shelf::{is_digest, remove};
use drivers::board::painter::{PhotoFault, picture_size};
use drivers::sound::{Examined, Probed, examine};
use ring::digest::{Context, SHA256};
use sniff::{Sniffed, sniff};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use watch::Watch;
use web_ui::{Arrived, Idle, MediaFault, MediaKind, MediaTaken, ReadFault, Recorded};

/// Files that are taken in at a time.
const AT_A_TIME: usize = 3;
/// So much of the disk stays free whatever is brought, bytes: the journal must always have room.
const RESERVE: u64 = 256 << 20;
/// Room is looked for after so many bytes.
const LOOK_EVERY: u64 = 8 << 20;
/// Decoding a file may take so long.
const DECODING: Duration = Duration::from_secs(120);
/// Looking at a file may take so long; what takes longer hangs.
const LOOKING: Duration = Duration::from_secs(130);
/// Longest sound.
const LONGEST: Duration = Duration::from_secs(2 * 3600);

/// Where officers' files come in.
pub(crate) struct Intake {
    /// Where they are written; on the same disk as the cache.
    dir: PathBuf,
    counter: Counter,
    open: AtomicUsize,
    number: AtomicU64,
    watch: Watch,
}

impl Intake {
    /// Beside the cache in `clips`. What was half written at the last stop is thrown away; on a disk that takes nothing the
    /// station starts all the same.
    pub(crate) fn open(clips: &Path, counter: Counter) -> Self {
        let dir = clips.with_file_name("intake");
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                log::warn!(error:% = error; "what was half taken in cannot be thrown away");
            }
            Ok(()) | Err(_) => {}
        }
        let watch = Watch::new(look, LOOKING);
        Self { dir, counter, open: AtomicUsize::new(0), number: AtomicU64::new(0), watch }
    }

    fn has_room(&self, bytes: u64) -> Result<(), MediaFault> {
        fs::create_dir_all(&self.dir).map_err(|error| MediaFault::Disk(error.to_string()))?;
        match rustix::fs::statvfs(&self.dir) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) >= bytes.saturating_add(RESERVE) => Ok(()),
            Ok(_) => Err(MediaFault::NoRoom),
            Err(error) => Err(MediaFault::Disk(error.to_string())),
        }
    }

    /// Writes what comes; how much it was, and its digest.
    fn write(&self, to: &Path, mut pieces: mpsc::Receiver<Arrived>) -> Result<(u64, String), MediaFault> {
        let disk = |error: io::Error| {
            let full = error.kind() == io::ErrorKind::StorageFull;
            if full { MediaFault::NoRoom } else { MediaFault::Disk(error.to_string()) }
        };
        let mut file = File::create_new(to).map_err(disk)?;
        let (mut hash, mut bytes, mut looked) = (Context::new(&SHA256), 0_u64, 0_u64);
        loop {
            match pieces.blocking_recv() {
                None => return Err(MediaFault::Broken),
                Some(Arrived::All) => break,
                Some(Arrived::Piece(piece)) => {
                    bytes += piece.len() as u64;
                    if bytes - looked >= LOOK_EVERY {
                        self.has_room(0)?;
                        looked = bytes;
                    }
                    file.write_all(&piece).map_err(disk)?;
                    hash.update(&piece);
                }
            }
        }
        Ok((bytes, hash.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect()))
    }
}

/// What was found out about a file.
struct Looked {
    kind: MediaKind,
    mime: &'static str,
    probed: Probed,
    peaks: Vec<u8>,
    pixels: Option<(u32, u32)>,
}

/// Looks at a whole file; what it is said to be must be what it is.
fn look(path: &Path, said: Option<MediaKind>) -> Result<Looked, MediaFault> {
    let sniffed = sniff(path).map_err(|error| MediaFault::Disk(error.to_string()))?;
    let other = |is| match said {
        Some(said) if said != is => Err(MediaFault::Other { said, is }),
        Some(_) | None => Ok(()),
    };
    match sniffed {
        Sniffed::Picture(mime) => {
            other(MediaKind::Image)?;
            let pixels = picture_size(path).map_err(|fault| match fault {
                PhotoFault::Large => MediaFault::TooManyPixels,
                PhotoFault::File(error) => MediaFault::Disk(error.to_string()),
                PhotoFault::Kind(error) => MediaFault::Unplayable(error.to_string()),
            })?;
            Ok(Looked {
                kind: MediaKind::Image,
                mime,
                probed: Probed::default(),
                peaks: Vec::new(),
                pixels: Some(pixels),
            })
        }
        Sniffed::Container { film, sound } if said == Some(MediaKind::Audio) => hear(path, sound).map_err(|fault| {
            let silent = matches!(fault, MediaFault::Unplayable(_)) && film.starts_with("video/");
            if silent { MediaFault::Other { said: MediaKind::Audio, is: MediaKind::Video } } else { fault }
        }),
        Sniffed::Container { film, .. } => {
            other(MediaKind::Video)?;
            // A film may be silent; one whose sound does not come to an end is no film that anybody needs.
            let (probed, peaks) = match examine(path, DECODING, LONGEST) {
                Err(Examined::Endless) => return Err(MediaFault::Endless),
                Err(Examined::TooLong) => return Err(MediaFault::TooLong),
                Err(Examined::Unplayable(_)) => Default::default(),
                Ok(looked) => looked,
            };
            Ok(Looked { kind: MediaKind::Video, mime: film, probed, peaks, pixels: None })
        }
        Sniffed::Sound(mime) => {
            other(MediaKind::Audio)?;
            hear(path, mime)
        }
        Sniffed::Unknown if said == Some(MediaKind::Image) || said == Some(MediaKind::Video) => {
            Err(MediaFault::Unknown)
        }
        // Sound may begin in the middle of a frame.
        Sniffed::Unknown => hear(path, "audio/mpeg")
            .map_err(|fault| if matches!(fault, MediaFault::Unplayable(_)) { MediaFault::Unknown } else { fault }),
    }
}

fn hear(path: &Path, mime: &'static str) -> Result<Looked, MediaFault> {
    match examine(path, DECODING, LONGEST) {
        Ok((probed, peaks)) => Ok(Looked { kind: MediaKind::Audio, mime, probed, peaks, pixels: None }),
        Err(Examined::Endless) => Err(MediaFault::Endless),
        Err(Examined::TooLong) => Err(MediaFault::TooLong),
        Err(Examined::Unplayable(why)) => Err(MediaFault::Unplayable(why)),
    }
}

impl web_ui::MediaShelf for Intake {
    fn take(
        &self,
        announced: Option<u64>,
        kind: Option<MediaKind>,
        pieces: mpsc::Receiver<Arrived>,
    ) -> Result<MediaTaken, MediaFault> {
        let _place = Place::of(&self.open)?;
        self.has_room(announced.unwrap_or(0))?;
        // The name is ours: no name that anybody gives reaches the disk.
        let part = self.dir.join(self.number.fetch_add(1, Ordering::Relaxed).to_string());
        let part = Part(&part);
        let (bytes, sha256) = self.write(part.0, pieces)?;
        let Looked { kind, mime, probed, peaks, pixels } = self.watch.look(part.0, kind)?;
        if bytes > kind.largest() {
            return Err(MediaFault::TooLarge(kind.largest()));
        }
        self.counter.adopt(&sha256, part.0, &probed).map_err(|error| MediaFault::Disk(error.to_string()))?;
        log::info!(clip = sha256.as_str(), bytes, kind = kind.as_str(); "a file of the desk was taken in");
        let ms = u64::try_from(probed.duration.as_millis()).unwrap_or(u64::MAX);
        let duration_ms = (kind != MediaKind::Image).then_some(ms);
        Ok(MediaTaken { sha256, kind, mime, bytes, duration_ms, pixels, peaks })
    }

    fn open(&self, sha256: &str) -> Result<Option<Recorded>, ReadFault> {
        let Some(path) = Some(sha256).filter(|name| is_digest(name)).and_then(|name| self.counter.path(name)) else {
            return Ok(None);
        };
        let fault = |error: io::Error| ReadFault(format!("reading a clip: {error}"));
        let sniffed = sniff(&path).map_err(fault)?;
        let file = File::open(&path).map_err(fault)?;
        let bytes = file.metadata().map_err(fault)?.len();
        let media_type = match sniffed {
            Sniffed::Picture(mime) | Sniffed::Sound(mime) | Sniffed::Container { film: mime, .. } => mime,
            Sniffed::Unknown => "application/octet-stream",
        };
        Ok(Some(Recorded { file, bytes, media_type }))
    }

    fn release(&self, sha256: &str) {
        self.counter.release(sha256);
    }

    fn hold(&self, sha256: &str) -> Result<Option<MediaTaken>, ReadFault> {
        let fault = |error: io::Error| ReadFault(format!("keeping a clip: {error}"));
        let held = if is_digest(sha256) { self.counter.hold(sha256).map_err(fault)? } else { None };
        let Some((path, ms)) = held else { return Ok(None) };
        let (kind, mime) = match sniff(&path).map_err(fault)? {
            Sniffed::Picture(mime) => (MediaKind::Image, mime),
            // A film without sound has no length here.
            Sniffed::Container { film, .. } => (MediaKind::Video, film),
            Sniffed::Sound(mime) => (MediaKind::Audio, mime),
            Sniffed::Unknown => (MediaKind::Audio, "audio/mpeg"),
        };
        let pixels = if kind == MediaKind::Image { picture_size(&path).ok() } else { None };
        let bytes = fs::metadata(&path).map_err(fault)?.len();
        let duration_ms = (kind != MediaKind::Image).then_some(ms);
        let sha256 = sha256.to_owned();
        Ok(Some(MediaTaken { sha256, kind, mime, bytes, duration_ms, pixels, peaks: Vec::new() }))
    }

    fn is_coming(&self, sha256: &str) -> bool {
        self.counter.is_coming(sha256)
    }

    fn idle(&self) -> Idle {
        let (room, used, files) = self.counter.idle();
        let ms = |at: SystemTime| {
            at.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
        };
        Idle { room, used, files: files.into_iter().map(|(at, bytes, name)| (name, bytes, ms(at))).collect() }
    }
}

/// A file being made; what was not put on the shelf is gone with it.
struct Part<'p>(&'p Path);

impl Drop for Part<'_> {
    fn drop(&mut self) {
        remove(self.0);
    }
}

/// One of the places where files are taken in.
struct Place<'p>(&'p AtomicUsize);

impl<'p> Place<'p> {
    fn of(open: &'p AtomicUsize) -> Result<Self, MediaFault> {
        let taken = open.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < AT_A_TIME).then_some(n + 1));
        taken.map(|_| Self(open)).map_err(|_| MediaFault::Busy)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
