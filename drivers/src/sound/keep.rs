//! Keeps what really left the sinks: a ring of recordings on the disk, one for each stretch of sound.
//!
//! A [`Listener`] of each sink hands what it hears to one thread, which writes it (`stretch`, as FLAC or Opus), gives
//! whole files their name and removes the oldest (`ring`). A slow or dead disk costs recordings, never sound.

mod flac;
mod mend;
mod note;
mod ring;
mod stretch;
#[cfg(test)]
mod tests;
mod writer;

pub use note::{Aired, Recording};

use super::listen::{Left, Listener};
use gateway_core::id::{PlayId, SinkId};
use ring::Ring;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use writer::Writer;

/// Tells the wall clock, milliseconds since 1970, and whether it is trusted.
pub type WallClock = Arc<dyn Fn() -> (i64, bool) + Send + Sync>;

/// Pieces that may wait for the disk: 40 s of one sink, 5 s of eight, 4 MB.
const WAITING: usize = 2048;
/// So much silence of a sink is still handed over, so that its stretch ends; what follows is not.
const SILENCE: Duration = Duration::from_secs(6);
/// How long stopping waits for the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// Stack of the thread: libopus works on it.
const STACK: usize = 512 * 1024;

/// How recordings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Opus in Ogg at 40 kb/s: 18 MB an hour.
    Opus,
    /// FLAC of 16 bits, sample for sample: up to 350 MB an hour.
    Flac,
}

impl Codec {
    fn extension(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Flac => "flac",
        }
    }

    fn of(extension: &str) -> Option<Self> {
        [Self::Opus, Self::Flac].into_iter().find(|c| c.extension() == extension)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Opus => "audio/ogg",
            Self::Flac => "audio/flac",
        }
    }
}

/// What is kept, and how long.
#[derive(Clone, Debug)]
pub struct KeepConfig {
    /// Where the files lie.
    pub dir: PathBuf,
    /// How they are written.
    pub codec: Codec,
    /// After so many days a recording is removed.
    pub days: u32,
    /// The oldest recordings are removed beyond this total, bytes.
    pub limit_bytes: u64,
}

/// How the recordings are, for the numbers page and the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepState {
    /// The disk takes them.
    pub well: bool,
    /// What went wrong last; `None` while it is well.
    pub fault: Option<String>,
    /// Pieces of 20 ms at most that were not kept since the start.
    pub lost: u64,
    /// How many recordings there are.
    pub recordings: usize,
    /// Their total size, bytes.
    pub bytes: u64,
}

/// A recording that can be read.
#[derive(Debug)]
pub struct Playable {
    /// What is known of it.
    pub recording: Recording,
    /// Its file, at the beginning. It stays readable when the recording is removed meanwhile.
    pub file: File,
    /// Its media type.
    pub media_type: &'static str,
}

/// A piece on its way to the disk.
struct Piece {
    sink: SinkId,
    at: Instant,
    rate: u32,
    samples: Box<[i16]>,
    due: Option<PlayId>,
    gap: bool,
}

enum Told {
    Piece(Piece),
    Closed(SinkId),
    /// Answer when all that was told before has been done.
    Settle(SyncSender<()>),
    Stop,
}

/// What the thread, the listeners and the askers share.
struct Shared {
    ring: Mutex<Ring>,
    state: Mutex<KeepState>,
    lost: AtomicU64,
    stop: AtomicBool,
}

/// The recordings of a station. Dropping it finishes what is open.
pub struct Keep {
    shared: Arc<Shared>,
    told: SyncSender<Told>,
    ended: Mutex<Receiver<()>>,
    clock: WallClock,
}

impl Keep {
    /// Starts keeping. A disk that takes nothing is no error: it is said in the state and tried again for ever.
    ///
    /// # Errors
    /// No thread to be had.
    pub fn start(config: KeepConfig, clock: WallClock) -> io::Result<Self> {
        let ring = Mutex::new(Ring::new(config));
        let (state, lost, stop) = (Mutex::default(), AtomicU64::new(0), AtomicBool::new(false));
        let shared = Arc::new(Shared { ring, state, lost, stop });
        let (told, tells) = mpsc::sync_channel(WAITING);
        let (alive, ended) = mpsc::sync_channel::<()>(1);
        let mut writer = Writer::new(Arc::clone(&shared), Arc::clone(&clock));
        let work = move || {
            writer.run(&tells);
            drop(alive);
        };
        thread::Builder::new().name("keep".into()).stack_size(STACK).spawn(work)?;
        Ok(Self { shared, told, ended: Mutex::new(ended), clock })
    }

    /// One who listens to a sink and keeps what leaves it.
    pub fn listener(&self, sink: &SinkId) -> Box<dyn Listener> {
        Box::new(Ear {
            sink: sink.clone(),
            told: self.told.clone(),
            shared: Arc::clone(&self.shared),
            lost: false,
            quiet: SILENCE,
        })
    }

    /// The recordings that lie in a time, milliseconds since 1970, in part at least; of one sink, or of all. By age.
    pub fn list(&self, time: &Range<i64>, sink: Option<&SinkId>) -> Vec<Recording> {
        self.shared.ring().list(time, sink)
    }

    /// Opens a recording; `None`: there is none of that name.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn open(&self, id: &str) -> io::Result<Option<Playable>> {
        let Some((recording, path, codec)) = self.shared.ring().find(id) else { return Ok(None) };
        let file = File::open(path)?;
        Ok(Some(Playable { recording, file, media_type: codec.media_type() }))
    }

    /// Removes what is too old or too much. Done every minute and after each recording besides.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn tend(&self) -> io::Result<()> {
        let (now, trusted) = (self.clock)();
        self.shared.ring().tend(trusted.then_some(now))
    }

    /// How the recordings are.
    pub fn state(&self) -> KeepState {
        self.shared.state()
    }

    /// A way to ask later how the recordings are, from anywhere.
    pub fn watch(&self) -> impl Fn() -> KeepState + Send + Sync + use<> {
        let shared = Arc::clone(&self.shared);
        move || shared.state()
    }

    /// Waits until all that was heard before now has been written, or was lost. `false`: not within `patience`.
    pub fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let (done, settled) = mpsc::sync_channel(1);
        let mut ask = Told::Settle(done);
        while let Err(error) = self.told.try_send(ask) {
            let TrySendError::Full(back) = error else { return false };
            if Instant::now() >= until {
                return false;
            }
            ask = back;
            thread::yield_now();
        }
        settled.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok()
    }

    /// Finishes what is open and keeps nothing more.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        // A full queue needs no waking: the thread looks for the flag between any two pieces.
        drop(self.told.try_send(Told::Stop));
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
            log::warn!("the disk does not take the last recordings: they are closed at the next start");
        }
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> KeepState {
        let (recordings, bytes) = self.ring().size();
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        KeepState { lost: self.lost.load(Ordering::Relaxed), recordings, bytes, ..state }
    }
}

/// Listens to a sink.
struct Ear {
    sink: SinkId,
    told: SyncSender<Told>,
    shared: Arc<Shared>,
    /// Something was lost since the last piece handed over.
    lost: bool,
    /// How long there has been silence.
    quiet: Duration,
}

impl Listener for Ear {
    fn hear(&mut self, left: &Left<'_>) {
        let samples: Box<[i16]> = left.samples.iter().map(|s| (s * 32_768.0).round() as i16).collect();
        if samples.iter().any(|s| *s != 0) {
            self.quiet = Duration::ZERO;
        } else if self.quiet >= SILENCE {
            return;
        } else {
            self.quiet += Duration::from_secs_f64(samples.len() as f64 / f64::from(left.rate.max(1)));
        }
        let (at, rate, due, gap) = (left.at, left.rate, left.due, left.gap || self.lost);
        let piece = Piece { sink: self.sink.clone(), at, rate, samples, due, gap };
        self.lost = self.told.try_send(Told::Piece(piece)).is_err();
        if self.lost {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn close(&mut self) {
        // With a full queue the stretch ends by itself, for want of sound.
        drop(self.told.try_send(Told::Closed(self.sink.clone())));
    }
}
