//! Finds the decoder for a file or a stream.

use super::bytes::Bytes;
use super::child::Foreign;
use super::container::{Closed, Container, check};
use super::kind::{ENOUGH, Kind, tell};
use super::opus::Opus;
use super::{HIGH_BAND, Reader, mp4};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// Tags in front of a sound, at most: each may have 256 MB, and is stepped over unread.
const TAGS: u32 = 8;
/// Bytes of tags that are read away in front of a stream, which cannot be stepped over.
const STREAM_TAGS: usize = 4 << 20;
/// Bytes of a stream that tell an MP3, and those that tell plain AAC from AAC with a high band.
const TELLS_MP3: usize = 4 << 10;
const TELLS_AAC: usize = 12 << 10;

/// A file or stream ready to be read.
pub(in crate::sound) struct Opened {
    pub(in crate::sound) reader: Box<dyn Reader>,
    /// Where in it the reader stands.
    pub(super) began: Duration,
    kind: Kind,
    base: u64,
}

impl Opened {
    /// Whether ffmpeg decodes it.
    #[cfg(test)]
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign(_))
    }
}

/// Opens a file, at `from` where its decoder needs to be told before it begins.
pub(super) fn file(path: &Path, from: Duration) -> Result<Opened, String> {
    let about = path.metadata().map_err(|e| format!("cannot be opened: {e}"))?;
    // Asked before it is opened: opening a pipe would wait for its writer.
    if !about.is_file() {
        return Err("not a file".into());
    }
    if about.len() == 0 {
        return Err("empty file".into());
    }
    let open = || File::open(path).map_err(|e| format!("cannot be opened: {e}"));
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}");
    let mut sound = open()?;
    let mut base = behind_tags(&mut sound, about.len()).map_err(unreadable)?;
    if base >= about.len() {
        return Err("no sound in it: nothing follows its tags".into());
    }
    let mut head = Vec::with_capacity(ENOUGH);
    sound.seek(SeekFrom::Start(base)).map_err(unreadable)?;
    sound.take(ENOUGH as u64).read_to_end(&mut head).map_err(unreadable)?;
    let kind = tell(&head)?;
    base += match kind {
        Kind::Mp3(at) | Kind::Adts(at) => at as u64,
        Kind::Wav | Kind::Flac | Kind::Ogg | Kind::Opus | Kind::Mp4 | Kind::Foreign(_) => 0,
    };
    let bytes = |seekable| Bytes::of_file(open()?, base, seekable).map_err(unreadable);
    let foreign = |name: &str| -> Result<Opened, String> {
        let reader = Box::new(Foreign::of_file(path, from, name)?);
        Ok(Opened { reader, began: from, kind: Kind::Foreign("known to ffmpeg"), base })
    };
    let ours = |reader: Box<dyn Reader>| Opened { reader, began: Duration::ZERO, kind, base };
    match kind {
        Kind::Foreign(name) => return foreign(name),
        Kind::Opus => return Ok(ours(Box::new(Opus::open(bytes(true)?)?))),
        Kind::Mp4 => mp4::inspect(&mut open()?)?,
        Kind::Wav => wav_shape(&head)?,
        Kind::Flac | Kind::Ogg | Kind::Mp3(_) | Kind::Adts(_) => {}
    }
    // Only what reads on through it finds every stream of a chain.
    match Container::open(bytes(kind != Kind::Ogg)?, kind) {
        Ok(container) if kind == Kind::Mp4 => {
            if container.has_sbr() {
                return foreign(HIGH_BAND);
            }
            Container::open(bytes(true)?, kind).map(|c| ours(Box::new(c))).map_err(Closed::words)
        }
        Ok(container) => Ok(ours(Box::new(container))),
        Err(Closed::Unknown(why)) => foreign(&why),
        Err(Closed::Bad(why) | Closed::Lost(why)) => Err(why),
    }
}

/// The length the file itself states. Opened anew as a stream, because a decoder that can seek guesses a length from
/// the size of the file where none is stated; a kind of file that cannot be read as a stream states its length exactly.
pub(super) fn stated(path: &Path, opened: &Opened) -> Option<Duration> {
    match opened.kind {
        Kind::Opus | Kind::Foreign(_) => return None,
        Kind::Wav | Kind::Flac | Kind::Ogg | Kind::Mp4 | Kind::Mp3(_) | Kind::Adts(_) => {}
    }
    let bytes = Bytes::of_file(File::open(path).ok()?, opened.base, false).ok()?;
    match Container::open(bytes, opened.kind) {
        Ok(stream) => stream.stated(),
        Err(_) => opened.reader.stated(),
    }
}

/// Why a stream could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sound) enum Unopened {
    /// It is not to be played.
    Bad(String),
    /// Too little of it came to say.
    Lost(String),
}

/// Opens a stream of which `head` has been read already. Blocks as long as its bytes do.
pub(in crate::sound) fn stream(mut head: Vec<u8>, mut rest: Box<dyn Read + Send>) -> Result<Opened, Unopened> {
    while let Some(len) = tag_length(&head) {
        if len > STREAM_TAGS {
            return Err(Unopened::Bad("a tag of megabytes stands before its sound".into()));
        }
        while head.len() < len && more(&mut head, &mut rest)? {}
        head.drain(..len.min(head.len()));
        if head.len() < 10 && !more(&mut head, &mut rest)? {
            break;
        }
    }
    let kind = loop {
        let told = tell(&head);
        let enough = match &told {
            Ok(Kind::Mp3(_)) => head.len() >= TELLS_MP3,
            Ok(Kind::Adts(_)) => head.len() >= TELLS_AAC,
            Ok(Kind::Foreign(_) | Kind::Wav | Kind::Flac | Kind::Ogg | Kind::Opus | Kind::Mp4) => head.len() >= 512,
            Err(why) => head.len() >= ENOUGH || why == super::kind::WEB_PAGE,
        };
        if enough {
            break told.map_err(Unopened::Bad)?;
        }
        if !more(&mut head, &mut rest)? {
            break told.map_err(|why| if head.len() < TELLS_MP3 { Unopened::Lost(why) } else { Unopened::Bad(why) })?;
        }
    };
    if let Kind::Mp3(at) | Kind::Adts(at) = kind {
        head.drain(..at);
    }
    if kind == Kind::Wav {
        wav_shape(&head).map_err(Unopened::Bad)?;
    }
    let reader: Box<dyn Reader> = match kind {
        // The tables of an MP4 cannot be looked through beforehand.
        Kind::Foreign(_) | Kind::Mp4 => {
            let name = if let Kind::Foreign(name) = kind { name } else { "MP4 in a stream" };
            let bytes = std::io::Cursor::new(head).chain(rest);
            Box::new(Foreign::of_stream(Box::new(bytes), name).map_err(Unopened::Bad)?)
        }
        Kind::Opus => Box::new(Opus::open(Bytes::of_stream(head, rest)).map_err(Unopened::Lost)?),
        Kind::Wav | Kind::Flac | Kind::Ogg | Kind::Mp3(_) | Kind::Adts(_) => {
            Box::new(Container::open(Bytes::of_stream(head, rest), kind).map_err(|closed| match closed {
                Closed::Lost(why) => Unopened::Lost(why),
                Closed::Unknown(why) | Closed::Bad(why) => Unopened::Bad(why),
            })?)
        }
    };
    Ok(Opened { reader, began: Duration::ZERO, kind, base: 0 })
}

/// Reads on. `false`: that was all.
fn more(head: &mut Vec<u8>, rest: &mut dyn Read) -> Result<bool, Unopened> {
    let mut piece = [0; 2048];
    let count = rest.read(&mut piece).map_err(|e| Unopened::Lost(e.to_string()))?;
    head.extend_from_slice(piece.get(..count).unwrap_or_default());
    Ok(count > 0)
}

/// Looks at the rate and channels of a WAV file before a decoder does, which trips over a rate of nothing.
fn wav_shape(head: &[u8]) -> Result<(), String> {
    let Some(format) = head.windows(4).position(|w| w == b"fmt ").and_then(|at| head.get(at + 8..at + 24)) else {
        return Ok(());
    };
    check(
        u32::from_le_bytes([format[4], format[5], format[6], format[7]]),
        u16::from_le_bytes([format[2], format[3]]).into(),
    )
}

/// Where the sound begins behind ID3 tags and the zeros that some writers leave after them.
fn behind_tags(file: &mut File, len: u64) -> std::io::Result<u64> {
    let mut at = 0;
    for _ in 0..TAGS {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 10];
        let mut have = 0;
        while have < head.len() {
            match file.read(&mut head[have..])? {
                0 => return Ok(at),
                count => have += count,
            }
        }
        let Some(tag) = tag_length(&head) else { break };
        at = at.saturating_add(tag as u64).min(len);
    }
    Ok(at)
}

/// Length of the ID3v2 tag that begins here, bytes.
fn tag_length(head: &[u8]) -> Option<usize> {
    let head = head.get(..10).filter(|h| h.starts_with(b"ID3") && h[6..].iter().all(|b| *b < 128))?;
    let size = head[6..].iter().fold(0, |size, b| size << 7 | usize::from(*b));
    let footer = if head[5] & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}
