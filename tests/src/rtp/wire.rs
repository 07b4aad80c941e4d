//! The wire between a sender and a receiver: what went over it, and what becomes of it on a bad day.

use anyhow::Context;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longest wait for a packet.
const PATIENCE: Duration = Duration::from_secs(30);

/// One packet, read as RFC 3550 says, by other code than the station's.
#[derive(Clone, Debug)]
pub struct Packet {
    /// When it came.
    pub at: Instant,
    /// Marker.
    pub marker: bool,
    /// Payload type.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Time stamp.
    pub timestamp: u32,
    /// Sender.
    pub ssrc: u32,
    /// Payload.
    pub payload: Vec<u8>,
}

impl Packet {
    fn read(at: Instant, bytes: &[u8]) -> anyhow::Result<Self> {
        anyhow::ensure!(bytes.len() >= 12 && bytes[0] == 0x80, "no plain RTP packet: {bytes:02x?}");
        let word = |i: usize| u32::from_be_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        Ok(Self {
            at,
            marker: bytes[1] & 0x80 != 0,
            payload_type: bytes[1] & 0x7F,
            sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
            timestamp: word(4),
            ssrc: word(8),
            payload: bytes[12..].to_vec(),
        })
    }
}

/// A socket that takes packets.
pub struct Tap(UdpSocket);

impl Tap {
    /// On a port of the loop-back interface.
    ///
    /// # Errors
    /// The port is taken.
    pub fn on(port: u16) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).context("a tap")?;
        socket.set_read_timeout(Some(PATIENCE)).context("a tap")?;
        Ok(Self(socket))
    }

    /// The next datagram, and when it came.
    ///
    /// # Errors
    /// None comes.
    pub fn datagram(&self) -> anyhow::Result<(Instant, Vec<u8>)> {
        let mut room = [0; 2048];
        let n = self.0.recv(&mut room).context("waiting for a packet")?;
        Ok((Instant::now(), room[..n].to_vec()))
    }

    /// The packets that still come, until none does for so long.
    ///
    /// # Errors
    /// What comes is none.
    pub fn rest(&self, silence: Duration) -> anyhow::Result<Vec<Packet>> {
        self.0.set_read_timeout(Some(silence)).context("a tap")?;
        let mut rest = Vec::new();
        while let Ok((at, bytes)) = self.datagram() {
            rest.push(Packet::read(at, &bytes)?);
        }
        self.0.set_read_timeout(Some(PATIENCE)).context("a tap")?;
        Ok(rest)
    }

    /// The next packet.
    ///
    /// # Errors
    /// None comes, or what comes is none.
    pub fn packet(&self) -> anyhow::Result<Packet> {
        let (at, bytes) = self.datagram()?;
        Packet::read(at, &bytes)
    }

    /// Whether nothing comes for so long.
    pub fn is_silent(&self, time: Duration) -> bool {
        self.0.set_read_timeout(Some(time)).ok();
        let silent = self.0.recv(&mut [0; 2048]).is_err();
        self.0.set_read_timeout(Some(PATIENCE)).ok();
        silent
    }

    /// So many samples of L16, one channel, from the first that is not silent on.
    ///
    /// # Errors
    /// They do not come, or with a gap.
    pub fn hear(&self, count: usize) -> anyhow::Result<Vec<i16>> {
        let (mut heard, mut next) = (Vec::<i16>::new(), None);
        while heard.len() < count {
            let packet = self.packet()?;
            // Silence from before anybody listened may have run over.
            let begun = !heard.is_empty();
            anyhow::ensure!(!begun || next == Some(packet.sequence), "a packet of the station is missing");
            next = Some(packet.sequence.wrapping_add(1));
            let samples = packet.payload.chunks_exact(2).map(|b| i16::from_be_bytes([b[0], b[1]]));
            heard.extend(samples.skip_while(|s| !begun && s.unsigned_abs() <= 16));
        }
        Ok(heard)
    }
}

/// What happens to packets on the way.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Seed of all that happens.
    pub seed: u64,
    /// Of a hundred packets, so many are lost.
    pub lost: u8,
    /// Of a hundred, so many are overtaken by the one or two after them.
    pub late: u8,
    /// Of a hundred, so many come twice.
    pub twice: u8,
}

/// Passes packets on; ended on drop.
pub struct Relay {
    stop: Arc<AtomicBool>,
    work: Option<JoinHandle<()>>,
}

impl Relay {
    /// From one port of the loop-back interface to another.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(from: u16, to: u16, weather: Weather) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, from)).context("a relay")?;
        socket.set_read_timeout(Some(Duration::from_millis(50))).context("a relay")?;
        let to = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, to));
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let work = thread::spawn(move || {
            let mut chance = fastrand::Rng::with_seed(weather.seed);
            // A packet that is overtaken, and by how many more.
            let mut behind: Option<(Vec<u8>, u8)> = None;
            let mut room = [0; 2048];
            while !told.load(Ordering::Acquire) {
                let Ok(n) = socket.recv(&mut room) else { continue };
                let dice = chance.u8(..100);
                let copies = if dice < weather.lost {
                    0
                } else if dice < weather.lost + weather.late && behind.is_none() {
                    behind = Some((room[..n].to_vec(), chance.u8(0..=1)));
                    0
                } else if dice >= 100 - weather.twice {
                    2
                } else {
                    1
                };
                for _ in 0..copies {
                    socket.send_to(&room[..n], to).ok();
                }
                behind = behind.and_then(|(packet, left)| {
                    if copies > 0 && left == 0 {
                        socket.send_to(&packet, to).ok();
                        return None;
                    }
                    Some((packet, if copies > 0 { left.saturating_sub(1) } else { left }))
                });
            }
        });
        Ok(Self { stop, work: Some(work) })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(work) = self.work.take() {
            // A panic in it was printed.
            work.join().ok();
        }
    }
}
