//! Pixel controllers (E1.31, Art-Net, DDP): we are the card, so a thread of ours sends every picture when it is due.

pub mod packet;

use super::frame::{Frame, Page, Playlist};
use super::painter::Painter;
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::id::ShowId;
use gateway_core::want::{BoardWant, Grade, Show};
use packet::{Source, UNIVERSE_PIXELS, art_net, e131};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time between two pictures of a running text: 25 a second.
const TICK: Duration = Duration::from_millis(40);
/// A picture that stands is sent again so often: controllers go dark 2.5 s after the last (ANSI E1.31-2018 §6.7.1).
const KEEP: Duration = Duration::from_millis(1000);
/// How often the level is told again to the thread, and what it says of itself is looked at.
const AGAIN: Duration = Duration::from_secs(1);

/// How the pixels go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// E1.31 from this universe on.
    E131 {
        /// The first universe, 1–63999.
        universe: u16,
        /// Who sends, and how much it counts.
        source: Source,
    },
    /// Art-Net from this universe on.
    ArtNet {
        /// The first universe (port address), 0–32767.
        universe: u16,
    },
    /// DDP.
    Ddp,
}

/// Where pixels go and how they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelConfig {
    /// How.
    pub way: Way,
    /// The controller; `None`: the multicast groups of the universes.
    pub to: Option<SocketAddrV4>,
    /// The address of ours that they leave from; `None`: the system chooses.
    pub from: Option<Ipv4Addr>,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
}

impl PixelConfig {
    /// The universes its pixels take, in order; none where they are not sent in universes.
    pub fn universes(&self) -> impl Iterator<Item = u32> + use<> {
        let pixels = usize::from(self.width) * usize::from(self.height);
        let (first, count) = match self.way {
            Way::E131 { universe, .. } | Way::ArtNet { universe } => (universe, pixels.div_ceil(UNIVERSE_PIXELS)),
            Way::Ddp => (0, 0),
        };
        (u32::from(first)..).take(count)
    }
}

/// A panel of pixels.
#[derive(Debug)]
pub struct Pixels {
    config: PixelConfig,
    painter: Painter,
    player: Option<Player>,
}

/// What the thread is told, and what it says.
#[derive(Debug, Default)]
struct Told {
    playlist: Arc<Playlist>,
    /// Counts what it was told.
    turn: u64,
    want: Option<(Option<ShowId>, u8)>,
    /// The last turn of which a picture left.
    sent: u64,
    fault: Option<String>,
    stop: bool,
}

#[derive(Debug)]
struct Player {
    bell: Arc<(Mutex<Told>, Condvar)>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Pixels {
    /// A panel as configured.
    pub fn new(config: PixelConfig, painter: Painter) -> Self {
        Self { config, painter, player: None }
    }

    fn report(&self) -> Result<Report, Fault> {
        let Some(player) = &self.player else { return Err(Fault::Line("nothing is sent yet".to_owned())) };
        let told = player.lock();
        match &told.fault {
            Some(fault) => Err(Fault::Line(fault.clone())),
            None => {
                let showing = told.want.filter(|_| told.sent == told.turn).and_then(|(show, _)| show);
                Ok(Report::Board { showing, grade: Grade::Sent })
            }
        }
    }
}

impl Driver<BoardWant> for Pixels {
    fn apply(&mut self, _line: &mut Line, want: &BoardWant) -> Result<Report, Fault> {
        if self.player.is_none() {
            self.player = Some(Player::start(self.config.clone())?);
        }
        let id = match &want.show {
            Show::Message(message) => Some(message.id),
            Show::Dark => None,
        };
        if let Some(player) = &self.player
            && player.lock().want != Some((id, want.brightness))
        {
            let playlist = match &want.show {
                Show::Message(message) => dimmed(self.painter.paint(message), want.brightness),
                Show::Dark => Playlist::default(),
            };
            player.tell(playlist, (id, want.brightness));
        }
        self.report()
    }

    fn probe(&mut self, _line: &mut Line) -> Result<Report, Fault> {
        self.report()
    }

    fn again_after(&self, _want: &BoardWant) -> Option<Duration> {
        Some(AGAIN)
    }
}

fn dimmed(mut playlist: Playlist, percent: u8) -> Playlist {
    for page in &mut playlist.pages {
        page.frame = page.frame.dimmed(percent);
    }
    playlist
}

impl Player {
    fn start(config: PixelConfig) -> Result<Self, Fault> {
        let failed = |error: std::io::Error| Fault::Line(format!("opening a socket for pixels: {error}"));
        let socket = UdpSocket::bind((config.from.unwrap_or(Ipv4Addr::UNSPECIFIED), 0)).map_err(failed)?;
        socket.set_multicast_ttl_v4(1).map_err(failed)?;
        let bell = Arc::<(Mutex<Told>, Condvar)>::default();
        let theirs = Arc::clone(&bell);
        let mut out = Sender { config, socket, sequence: 0 };
        let work = move || out.run(&theirs);
        let thread = thread::Builder::new().name("pixels".into()).stack_size(256 * 1024).spawn(work).map_err(failed)?;
        Ok(Self { bell, thread: Some(thread) })
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.bell.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the level, and waits until its first picture has left.
    fn tell(&self, playlist: Playlist, want: (Option<ShowId>, u8)) {
        let mut told = self.lock();
        (told.playlist, told.want) = (Arc::new(playlist), Some(want));
        told.turn += 1;
        self.bell.1.notify_all();
        let until = Instant::now() + Duration::from_secs(1);
        while told.sent != told.turn && told.fault.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            told = self.bell.1.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.lock().stop = true;
        self.bell.1.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the thread of a panel had died");
        }
    }
}

/// The thread's own.
struct Sender {
    config: PixelConfig,
    socket: UdpSocket,
    sequence: u8,
}

impl Sender {
    fn run(&mut self, bell: &(Mutex<Told>, Condvar)) {
        let (mut turn, mut began) = (0, Instant::now());
        loop {
            let mut told = bell.0.lock().unwrap_or_else(PoisonError::into_inner);
            if told.stop {
                return;
            }
            if told.turn == 0 {
                drop(bell.1.wait(told));
                continue;
            }
            if told.turn != turn {
                (turn, began) = (told.turn, Instant::now());
            }
            let playlist = Arc::clone(&told.playlist);
            drop(told);
            let (frame, next) = self.picture(&playlist, began.elapsed());
            let outcome = self.send(&frame, playlist.pages.is_empty());
            told = bell.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.fault = outcome.err().map(|error| format!("sending pixels: {error}"));
            told.sent = if told.fault.is_none() { turn } else { told.sent };
            bell.1.notify_all();
            if told.turn == turn && !told.stop {
                drop(bell.1.wait_timeout(told, next));
            }
        }
    }

    /// What is seen so long after the beginning, and when that is to be looked at again.
    fn picture(&self, playlist: &Playlist, at: Duration) -> (Frame, Duration) {
        let (width, height) = (self.config.width, self.config.height);
        let round: Duration = playlist.pages.iter().map(|page| page.hold).sum();
        let mut left = match u64::try_from(round.as_millis()).unwrap_or(u64::MAX) {
            0 => return (Frame::new(width, height), KEEP),
            round => Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or_default() % round),
        };
        for page in &playlist.pages {
            if left < page.hold {
                let rest = page.hold - left;
                return if page.runs {
                    (passing(page, left, width), TICK)
                } else {
                    (page.frame.clone(), rest.min(KEEP))
                };
            }
            left -= page.hold;
        }
        (Frame::new(width, height), KEEP)
    }

    fn send(&mut self, frame: &Frame, dark: bool) -> std::io::Result<()> {
        let bytes: Vec<u8> = frame.pixels().iter().flatten().copied().collect();
        match &self.config.way {
            Way::Ddp => {
                let to = self.config.to.unwrap_or(SocketAddrV4::new(Ipv4Addr::LOCALHOST, packet::DDP_PORT));
                for part in packet::ddp(&bytes, &mut self.sequence) {
                    self.socket.send_to(&part, to)?;
                }
            }
            Way::ArtNet { universe } => {
                let to = self.config.to.unwrap_or(SocketAddrV4::new(Ipv4Addr::LOCALHOST, packet::ART_NET_PORT));
                // 0 would say that the order does not matter.
                self.sequence = self.sequence % u8::MAX + 1;
                for (at, slots) in (*universe..).zip(bytes.chunks(UNIVERSE_PIXELS * 3)) {
                    self.socket.send_to(&art_net(at, self.sequence, slots), to)?;
                }
            }
            Way::E131 { universe, source } => {
                self.sequence = self.sequence.wrapping_add(1);
                for (at, slots) in (*universe..).zip(bytes.chunks(UNIVERSE_PIXELS * 3)) {
                    let group = SocketAddrV4::new(packet::e131_group(at), packet::E131_PORT);
                    let to = self.config.to.unwrap_or(group);
                    self.socket.send_to(&e131(source, at, self.sequence, slots, false), to)?;
                    if dark {
                        // What has ended leaves the panel to others, and black if there are none.
                        self.socket.send_to(&e131(source, at, self.sequence.wrapping_add(1), slots, true), to)?;
                    }
                }
                self.sequence = self.sequence.wrapping_add(u8::from(dark));
            }
        }
        Ok(())
    }
}

/// The part of a running page that is in front of the panel so long after it began.
fn passing(page: &Page, at: Duration, width: u16) -> Frame {
    let way = f64::from(page.frame.width()) + f64::from(width);
    let moved = (way * at.as_secs_f64() / page.hold.as_secs_f64().max(0.001)) as i64;
    let mut frame = Frame::new(width, page.frame.height());
    for y in 0..frame.height() {
        for x in 0..width {
            if let Ok(from) = u16::try_from(i64::from(x) - i64::from(width) + moved) {
                frame.set(x, y, page.frame.at(from, y));
            }
        }
    }
    frame
}

#[cfg(test)]
mod tests;
