//! Bytes of a file or a stream on their way to a decoder, with a bound on how many it may swallow between two packets.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use symphonia::core::io::MediaSource;

/// Bytes a decoder may read before its first packet: headers, tables, an embedded picture.
const BEFORE: u64 = 48 << 20;
/// Bytes it may read from one packet to the next. Nothing we play has packets near that, so what asks for more lies.
const BETWEEN: u64 = 4 << 20;

/// How many bytes may still be read before the next packet is due.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// A packet came.
    pub(super) fn renew(&self) {
        self.0.store(BETWEEN, Ordering::Relaxed);
    }

    /// A decoder begins, or looks for a place in the file.
    pub(super) fn widen(&self) {
        self.0.store(BEFORE, Ordering::Relaxed);
    }
}

/// Where the bytes come from. A stream is behind a lock only because decoders want `Sync`; nobody ever waits for it.
enum Origin {
    File(File),
    Stream(Mutex<Box<dyn Read + Send>>),
}

/// Bytes for a decoder.
pub(super) struct Bytes {
    origin: Origin,
    /// Read already, given first.
    prefix: io::Cursor<Vec<u8>>,
    /// Where in the file the sound begins, behind its tags.
    base: u64,
    /// Bytes from there to the end; `None` = not known.
    len: Option<u64>,
    seekable: bool,
    allowance: Allowance,
}

impl Bytes {
    /// A file from byte `base` on. As if it were a stream unless `seekable`.
    pub(super) fn of_file(mut file: File, base: u64, seekable: bool) -> io::Result<Self> {
        let len = file.metadata()?.len().saturating_sub(base);
        file.seek(SeekFrom::Start(base))?;
        Ok(Self {
            origin: Origin::File(file),
            prefix: io::Cursor::default(),
            base,
            len: seekable.then_some(len),
            seekable,
            allowance: Allowance(Arc::new(AtomicU64::new(BEFORE))),
        })
    }

    /// A stream of which `prefix` has been read already.
    pub(super) fn of_stream(prefix: Vec<u8>, rest: Box<dyn Read + Send>) -> Self {
        Self {
            origin: Origin::Stream(Mutex::new(rest)),
            prefix: io::Cursor::new(prefix),
            base: 0,
            len: None,
            seekable: false,
            allowance: Allowance(Arc::new(AtomicU64::new(BEFORE))),
        }
    }

    /// The bound, for who knows when a packet has come.
    pub(super) fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }
}

impl Read for Bytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.0.load(Ordering::Relaxed);
        if left == 0 && !buf.is_empty() {
            return Err(io::Error::other("it goes on for megabytes without a piece of sound"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..most).unwrap_or_default();
        let mut count = self.prefix.read(buf)?;
        if count == 0 {
            count = match &mut self.origin {
                Origin::File(file) => file.read(buf)?,
                Origin::Stream(stream) => {
                    stream.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).read(buf)?
                }
            };
        }
        self.allowance.0.store(left.saturating_sub(count as u64), Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let Origin::File(file) = &mut self.origin else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a stream cannot be wound back"));
        };
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.base)),
            other @ (SeekFrom::Current(_) | SeekFrom::End(_)) => other,
        };
        Ok(file.seek(to)?.saturating_sub(self.base))
    }
}

impl MediaSource for Bytes {
    fn is_seekable(&self) -> bool {
        self.seekable
    }

    fn byte_len(&self) -> Option<u64> {
        self.len
    }
}
