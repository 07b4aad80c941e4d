//! Ears on what leaves the sinks: which samples, and when on the clock of the system.

use crate::vcard::{self, VirtualCards};
use anyhow::Context;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Bytes of a frame of a virtual card.
const FRAME: u64 = 4;
/// Packets kept: half a minute.
const KEPT: usize = 4_000;
/// A receiver looks so often whether it is over.
const POLL: Duration = Duration::from_millis(100);
/// A receiver takes the quickest packet of so long a time as the one that nothing held up, nanoseconds.
const RECENT_NS: u64 = 2_000_000_000;
/// Nanoseconds of a frame of a stream at 48 kHz.
const STREAM_FRAME_NS: f64 = 1e9 / 48_000.0;

/// A stretch of what was heard.
pub(super) struct Span {
    /// One channel.
    pub(super) samples: Vec<i16>,
    /// When the first of them was heard, nanoseconds.
    pub(super) first_ns: f64,
    /// From each to the next, nanoseconds.
    pub(super) frame_ns: f64,
}

/// One that hears a sink.
pub(super) trait Ear {
    /// What was heard between two moments, CLOCK_MONOTONIC, nanoseconds; `None`: not all of it is there.
    fn span(&mut self, from_ns: f64, to_ns: f64) -> anyhow::Result<Option<Span>>;

    /// How often sound was lost so far.
    fn breaks(&self) -> anyhow::Result<usize>;

    /// How late packets came, those that nothing held up being on time: the median, 95 % and the worst of all, ms.
    fn late_ms(&self) -> Option<[f64; 3]>;
}

/// An ear on the converter of a virtual card.
pub(super) struct CardEar {
    index: PathBuf,
    raw: PathBuf,
    frame_ns: f64,
}

impl CardEar {
    pub(super) fn new(cards: &VirtualCards, name: &str, ppm: i32) -> Self {
        let frame_ns = 1e9 / (48_000.0 * (1.0 + f64::from(ppm) * 1e-6));
        Self { index: cards.join(&format!("{name}.idx")), raw: cards.join(&format!("{name}.raw")), frame_ns }
    }
}

impl Ear for CardEar {
    fn span(&mut self, from_ns: f64, to_ns: f64) -> anyhow::Result<Option<Span>> {
        let record = vcard::record(&self.index)?;
        // The stretch since the card last began that holds the first moment.
        let begun = record.iter().rev().find(|h| h.ev == "start" && h.mono_ns as f64 <= from_ns);
        let Some(start) = begun else { return Ok(None) };
        let first = ((from_ns - start.mono_ns as f64) / self.frame_ns).ceil();
        let frames = ((to_ns - from_ns) / self.frame_ns) as usize;
        let mut bytes = vec![0; frames * FRAME as usize];
        let file = File::open(&self.raw).context("opening what a card was given")?;
        match file.read_exact_at(&mut bytes, start.base + first as u64 * FRAME) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error).context("reading what a card was given"),
        }
        let samples = bytes.chunks_exact(FRAME as usize).map(|f| i16::from_le_bytes([f[0], f[1]])).collect();
        Ok(Some(Span { samples, first_ns: start.mono_ns as f64 + first * self.frame_ns, frame_ns: self.frame_ns }))
    }

    fn breaks(&self) -> anyhow::Result<usize> {
        Ok(vcard::record(&self.index)?.iter().filter(|h| h.ev == "xrun").count())
    }

    fn late_ms(&self) -> Option<[f64; 3]> {
        None
    }
}

/// A packet that came.
struct Came {
    /// Its time stamp, which does not wrap.
    stamp: u64,
    arrived_ns: u64,
    samples: Vec<i16>,
}

#[derive(Default)]
struct Heard {
    packets: VecDeque<Came>,
    /// Packets that the numbers say were sent and that did not come.
    lost: usize,
    number: Option<u16>,
    /// How much later than the quickest of its time each packet came, in steps of 10 µs.
    late: Vec<u32>,
}

/// A receiver of L16/48000/1 that stamps each packet as it comes.
pub(super) struct RadioEar {
    heard: Arc<Mutex<Heard>>,
    stop: Arc<AtomicBool>,
}

impl RadioEar {
    pub(super) fn start(address: SocketAddrV4) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(address).with_context(|| format!("listening on {address}"))?;
        if address.ip().is_multicast() {
            socket.join_multicast_v4(address.ip(), &Ipv4Addr::LOCALHOST).context("joining the group")?;
        }
        socket.set_read_timeout(Some(POLL)).context("setting a limit")?;
        let ear = Self { heard: Arc::default(), stop: Arc::default() };
        let (heard, stop) = (ear.heard.clone(), ear.stop.clone());
        let listen = move || {
            let mut packet = [0; 2048];
            while !stop.load(Ordering::Relaxed) {
                match socket.recv(&mut packet) {
                    Ok(n) => heard.lock().unwrap_or_else(PoisonError::into_inner).take(&packet[..n], mono_ns()),
                    Err(error) if is_pause(&error) => {}
                    Err(_) => break,
                }
            }
        };
        thread::Builder::new().name("radio".into()).spawn(listen).context("starting a receiver")?;
        Ok(ear)
    }
}

impl Drop for RadioEar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

impl Heard {
    fn take(&mut self, packet: &[u8], arrived_ns: u64) {
        let (Some([_, _, n0, n1, t0, t1, t2, t3, ..]), Some(payload)) = (packet.get(..8), packet.get(12..)) else {
            return;
        };
        let (number, short) = (u16::from_be_bytes([*n0, *n1]), u32::from_be_bytes([*t0, *t1, *t2, *t3]));
        // Begins in the second round, so that nothing comes before its beginning.
        let last = self.packets.back().map_or((1 << 32) + u64::from(short), |p| p.stamp);
        let stamp = last.wrapping_add_signed(i64::from(short.wrapping_sub(last as u32) as i32));
        let skipped = self.number.map_or(0, |before| number.wrapping_sub(before).wrapping_sub(1));
        self.lost += usize::from(skipped);
        self.number = Some(number);
        let samples = payload.chunks_exact(2).map(|b| i16::from_be_bytes([b[0], b[1]])).collect();
        self.packets.push_back(Came { stamp, arrived_ns, samples });
        if self.packets.len() > KEPT {
            self.packets.pop_front();
        }
    }

    /// When frame 0 of the stream would have come, had nothing held it up.
    fn origin_ns(&self, around_ns: f64) -> Option<f64> {
        let near = |p: &&Came| (p.arrived_ns as f64 - around_ns).abs() < RECENT_NS as f64;
        let origins =
            self.packets.iter().rev().filter(near).map(|p| p.arrived_ns as f64 - p.stamp as f64 * STREAM_FRAME_NS);
        origins.min_by(f64::total_cmp)
    }

    /// Notes how late the packets between two moments were.
    fn judge(&mut self, origin: f64, from_ns: f64, to_ns: f64) {
        for packet in &self.packets {
            let at = packet.arrived_ns as f64;
            if (from_ns..to_ns).contains(&at) {
                let late = at - packet.stamp as f64 * STREAM_FRAME_NS - origin;
                self.late.push((late.max(0.0) / 1e4) as u32);
            }
        }
    }
}

impl Ear for RadioEar {
    fn span(&mut self, from_ns: f64, to_ns: f64) -> anyhow::Result<Option<Span>> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(origin) = heard.origin_ns(from_ns) else { return Ok(None) };
        heard.judge(origin, from_ns, to_ns);
        let first = ((from_ns - origin) / STREAM_FRAME_NS).ceil() as u64;
        let mut samples = vec![0; ((to_ns - from_ns) / STREAM_FRAME_NS) as usize];
        for packet in &heard.packets {
            for (at, sample) in (packet.stamp..).zip(&packet.samples) {
                if let Some(place) = at.checked_sub(first).and_then(|at| samples.get_mut(at as usize)) {
                    *place = *sample;
                }
            }
        }
        Ok(Some(Span { samples, first_ns: origin + first as f64 * STREAM_FRAME_NS, frame_ns: STREAM_FRAME_NS }))
    }

    fn breaks(&self) -> anyhow::Result<usize> {
        Ok(self.heard.lock().unwrap_or_else(PoisonError::into_inner).lost)
    }

    fn late_ms(&self) -> Option<[f64; 3]> {
        let mut late = self.heard.lock().unwrap_or_else(PoisonError::into_inner).late.clone();
        late.sort_unstable();
        let last = late.len().checked_sub(1)?;
        Some([50, 95, 100].map(|part| f64::from(late[last * part / 100]) / 100.0))
    }
}

/// CLOCK_MONOTONIC, the clock of the virtual card's record, nanoseconds.
pub(super) fn mono_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "std's Instant does not say its number")]
    // SAFETY: the pointer is to a live timespec, which the call fills and does not keep.
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now)
    };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
