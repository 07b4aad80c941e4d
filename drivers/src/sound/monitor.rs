//! The live monitor: what leaves a sink, as an endless Ogg/Opus stream for whoever listens in a browser.
//!
//! A [`Listener`] of each sink puts samples into a ring while somebody listens, and does nothing else. A thread encodes
//! them by its own clock (`pulse`), once for all guests of a sink, and fills up with silence what the sink does not
//! give. It begins with the first guest and ends with the last. A guest who is slow loses pieces, then his place.

mod pulse;
#[cfg(test)]
mod tests;

use super::listen::{Left, Listener};
use super::oggopus::{Pages, padded};
use gateway_core::id::SinkId;
use pulse::Pulse;
use rtrb::{Consumer, Producer, RingBuffer};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Samples that may wait for the encoder: half a second at 48 kHz, 96 KB for each sink.
const RING: usize = 24_000;
/// Guests of one sink.
const GUESTS: usize = 4;
/// Pieces of 40 ms that may wait for a guest: two and a half seconds.
const BEHIND: usize = 64;
/// A guest who takes nothing for so long loses his place.
const STUCK: Duration = Duration::from_secs(10);
/// Packets of 20 ms on a page.
const PAGE: u32 = 2;
/// Chromium hands a media element nothing until it has 32 KiB: five seconds of a lean stream. So long is a packet for a
/// browser, and so much is in front of the first: then half a second is all it waits.
const BROWSER_PACKET: usize = 1300;
const BROWSER_HEAD: usize = 32 * 1024;
/// Stack of the encoding thread: libopus works on it.
const STACK: usize = 512 * 1024;

/// Media type of what a guest gets.
pub const MEDIA_TYPE: &str = "audio/ogg; codecs=opus";

/// The monitor of a station.
#[derive(Default)]
pub struct Monitor {
    posts: Mutex<BTreeMap<SinkId, Arc<Post>>>,
}

/// What a guest listens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
    /// The media element of a browser: the stream is filled up to 66 KB a second, or it would come late.
    Browser,
    /// Anything else: about 6 KB a second.
    Other,
}

/// One guest's stream. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    /// Pieces of an Ogg/Opus stream, 25 a second, from its head on. Hangs up when the guest was
    /// too slow or the station stops.
    pub pieces: mpsc::Receiver<Vec<u8>>,
}

/// Why a sink cannot be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// There is no such sink.
    #[error("there is no such sink")]
    Unknown,
    /// It has as many guests as it may.
    #[error("too many listen to this sink already")]
    Full,
    /// The encoder cannot be started.
    #[error("the encoder cannot be started")]
    Broken,
}

/// Where one sink is listened to.
struct Post {
    /// Somebody listens; the one thing the sink's own thread looks at.
    wanted: AtomicBool,
    /// Sample rate of what is in the ring, hertz.
    rate: AtomicU32,
    sound: Mutex<Option<Consumer<f32>>>,
    guests: Mutex<Vec<Guest>>,
}

struct Guest {
    to: mpsc::Sender<Vec<u8>>,
    pages: Pages<Vec<u8>>,
    player: Player,
    packets: u32,
    stuck: Option<Instant>,
}

impl Monitor {
    /// One who listens to a sink for the guests to come; a later one of the same sink takes its place.
    pub fn listener(&self, sink: &SinkId) -> Box<dyn Listener> {
        let (sound, rest) = RingBuffer::new(RING);
        let post = Arc::clone(lock(&self.posts).entry(sink.clone()).or_insert_with(|| Arc::new(Post::new())));
        *lock(&post.sound) = Some(rest);
        Box::new(Ear { post, sound })
    }

    /// Listens to a sink from now on.
    ///
    /// # Errors
    /// There is no such sink, or it has four guests.
    pub fn subscribe(&self, sink: &SinkId, player: Player) -> Result<Subscription, Turned> {
        let post = lock(&self.posts).get(sink).map(Arc::clone).ok_or(Turned::Unknown)?;
        let mut guests = lock(&post.guests);
        guests.retain(|g| !g.to.is_closed());
        if guests.len() >= GUESTS {
            return Err(Turned::Full);
        }
        // The thread goes only when it holds this lock and nobody is there; then it says so by `wanted`.
        if !post.wanted.load(Ordering::Acquire) {
            let mut pulse = Pulse::new().map_err(broken)?;
            let work = {
                let post = Arc::clone(&post);
                move || post.run(&mut pulse)
            };
            post.wanted.store(true, Ordering::Release);
            if let Err(error) = thread::Builder::new().name("monitor".into()).stack_size(STACK).spawn(work) {
                post.wanted.store(false, Ordering::Release);
                return Err(broken(error));
            }
        }
        let (to, pieces) = mpsc::channel(BEHIND);
        guests.push(Guest::new(to, player).map_err(broken)?);
        Ok(Subscription { pieces })
    }

    /// How many listen to a sink now.
    pub fn guests(&self, sink: &SinkId) -> usize {
        let post = lock(&self.posts).get(sink).map(Arc::clone);
        post.map_or(0, |post| lock(&post.guests).iter().filter(|g| !g.to.is_closed()).count())
    }

    /// Whether an encoder runs for a sink.
    pub fn is_running(&self, sink: &SinkId) -> bool {
        lock(&self.posts).get(sink).is_some_and(|post| post.wanted.load(Ordering::Acquire))
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        for post in lock(&self.posts).values() {
            lock(&post.guests).clear();
        }
    }
}

fn broken(error: std::io::Error) -> Turned {
    log::error!(error:%; "the monitor cannot be started");
    Turned::Broken
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Post {
    fn new() -> Self {
        Self {
            wanted: AtomicBool::new(false),
            rate: AtomicU32::new(0),
            sound: Mutex::new(None),
            guests: Mutex::new(Vec::new()),
        }
    }

    /// Encodes for the guests, a packet each 20 ms, until nobody is left.
    fn run(&self, pulse: &mut Pulse) {
        if let Some(sound) = &mut *lock(&self.sound) {
            // What an earlier guest did not hear any more.
            let old = sound.slots();
            if let Ok(chunk) = sound.read_chunk(old) {
                chunk.commit_all();
            }
        }
        let mut fresh = Vec::with_capacity(RING);
        loop {
            thread::sleep(pulse.wait(Instant::now()));
            fresh.clear();
            if let Some(sound) = &mut *lock(&self.sound)
                && let Ok(chunk) = sound.read_chunk(sound.slots())
            {
                let (first, second) = chunk.as_slices();
                fresh.extend_from_slice(first);
                fresh.extend_from_slice(second);
                chunk.commit_all();
            }
            let packet = pulse.packet(&fresh, self.rate.load(Ordering::Acquire));
            let mut guests = lock(&self.guests);
            match packet {
                Ok(packet) => guests.retain_mut(|guest| guest.give(&packet, Instant::now())),
                Err(error) => {
                    log::error!(error:%; "the monitor stops");
                    guests.clear();
                }
            }
            if guests.is_empty() {
                self.wanted.store(false, Ordering::Release);
                return;
            }
        }
    }
}

impl Guest {
    fn new(to: mpsc::Sender<Vec<u8>>, player: Player) -> std::io::Result<Self> {
        let padding = if player == Player::Browser { BROWSER_HEAD } else { 0 };
        // Nothing is left out at the beginning: an encoder that has run for long has no beginning.
        let pages = Pages::begin(Vec::new(), 1, 0, padding)?;
        Ok(Self { to, pages, player, packets: 0, stuck: None })
    }

    /// Gives him the next packet. `false`: he is gone, or has been too slow for too long.
    fn give(&mut self, packet: &[u8], now: Instant) -> bool {
        if self.to.is_closed() {
            return false;
        }
        if self.to.capacity() == 0 {
            return now.saturating_duration_since(*self.stuck.get_or_insert(now)) < STUCK;
        }
        self.stuck = None;
        self.packets = self.packets.wrapping_add(1);
        let page = self.packets.is_multiple_of(PAGE);
        let packet = match self.player {
            Player::Browser => padded(packet, BROWSER_PACKET),
            Player::Other => packet.to_vec(),
        };
        if self.pages.packet(packet, page).is_err() {
            return false;
        }
        // Nobody else sends to him, so there is room as there was above.
        !page || self.to.try_send(std::mem::take(self.pages.inner_mut())).is_ok()
    }
}

/// Listens to a sink.
struct Ear {
    post: Arc<Post>,
    sound: Producer<f32>,
}

impl Listener for Ear {
    fn hear(&mut self, left: &Left<'_>) {
        if !self.post.wanted.load(Ordering::Acquire) {
            return;
        }
        self.post.rate.store(left.rate, Ordering::Release);
        // What does not fit is lost: the encoder drops far more before the ring is full.
        let room = left.samples.len().min(self.sound.slots());
        if let Ok(chunk) = self.sound.write_chunk_uninit(room) {
            chunk.fill_from_iter(left.samples.iter().copied());
        }
    }
}
