//! The thread that sends a sink's sound: it works out each packet when it is due, and nothing else holds it up.

use super::codec::Codec;
use super::grid::Grid;
use super::muster::Place;
use super::page::{Page, Turn};
use super::sip::Call;
use super::talk::Talk;
use super::{RtpConfig, Wrapper};
use crate::sound::breakdown::guarded;
use crate::sound::door::{Doors, Wanted};
use crate::sound::length::{BLOCK, SKIPPED_MS, frames, length};
use crate::sound::mixer::Mixer;
use crate::sound::realtime;
use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Woken so often when nothing is wanted; whoever wants something wakes it at once.
const IDLE: Duration = Duration::from_millis(250);
/// Time that fading out takes at the end.
const LAST: Duration = Duration::from_millis(20);
/// Longest farewell to telephones.
const FAREWELL: Duration = Duration::from_millis(600);

/// What the thread and its owner know of each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) stop: AtomicBool,
    pub(super) real_time: AtomicBool,
    /// Whoever answers has answered; what is only sent to is there at once.
    pub(super) there: AtomicBool,
    /// Times it was so late that packets were left out, or that the network took none.
    pub(super) lapses: AtomicU64,
}

/// One stream, in one wrapping.
pub(super) enum Wire {
    Talk(Talk),
    Page(Page),
    Call(Box<Call>),
}

impl Wire {
    /// The streams of a sink: of programmes, and of emergencies where they have their own.
    /// `media`: the port of ours that the sound leaves by.
    pub(super) fn all(config: &RtpConfig, media: u16) -> io::Result<Vec<Self>> {
        let codec = config.codec;
        let of_emergencies = config.emergency_address.unwrap_or(config.address);
        match &config.wrapper {
            Wrapper::Rtp => {
                let talk = |to| Ok(Self::Talk(Talk::new(to, codec, config.payload_type).map_err(io::Error::other)?));
                std::iter::once(config.address).chain(config.emergency_address).map(talk).collect()
            }
            Wrapper::Polycom { channel, emergency_channel, host, caller } => {
                [(config.address, *channel), (of_emergencies, *emergency_channel)]
                    .into_iter()
                    .map(|(to, channel)| {
                        Page::new(to, codec, channel, *host, caller).map(Self::Page).map_err(io::Error::other)
                    })
                    .collect()
            }
            Wrapper::Sip(dial) => {
                let apart = dial.emergency_user.is_some().then_some(true);
                let call = |urgent| {
                    Call::new(config, dial, config.address, urgent, media).map(|call| Self::Call(Box::new(call)))
                };
                std::iter::once(false).chain(apart).map(call).collect()
            }
        }
    }

    fn turn(&mut self, wanted: bool, urgent: bool, now: Instant, out: &mut Vec<u8>) -> io::Result<Turn> {
        Ok(match self {
            Self::Talk(_) if wanted => Turn::Speak,
            Self::Talk(talk) => {
                talk.pause();
                Turn::Still
            }
            Self::Page(page) => page.turn(wanted, now, out),
            Self::Call(call) => call.turn(wanted, urgent, now)?,
        })
    }

    fn is_there(&self) -> bool {
        match self {
            Self::Talk(_) | Self::Page(_) => true,
            Self::Call(call) => call.is_there(),
        }
    }

    fn pack(&mut self, samples: &[f32], frame: u64, out: &mut Vec<u8>) -> Result<(), opus::Error> {
        match self {
            Self::Talk(talk) => talk.pack(samples, frame, out),
            Self::Page(page) => page.pack(samples, out),
            Self::Call(call) => call.pack(samples, frame, out),
        }
    }

    fn to(&self) -> SocketAddrV4 {
        match self {
            Self::Talk(talk) => talk.to,
            Self::Page(page) => page.to,
            Self::Call(call) => call.to(),
        }
    }
}

/// The thread's own.
pub(super) struct Sender {
    pub(super) mixer: Mixer,
    pub(super) doors: Arc<Doors>,
    pub(super) socket: UdpSocket,
    pub(super) wires: Vec<Wire>,
    pub(super) codec: Codec,
    pub(super) packet: u32,
    pub(super) hang: Duration,
    pub(super) keep_alive: bool,
    pub(super) shared: Arc<Shared>,
    /// Its place among those that are called, if it is.
    pub(super) place: Option<Place>,
    /// Woken when the thread ends.
    pub(super) owner: Thread,
    /// It is to break down, once.
    #[cfg(test)]
    pub(super) breaks: Arc<AtomicBool>,
}

/// Where it stands.
struct Course {
    grid: Grid,
    /// The packet that comes next, while packets follow one another.
    planned: Option<u64>,
    /// When something last played.
    played: Option<Instant>,
    /// The stream it goes to.
    wire: usize,
    samples: Vec<f32>,
    out: Vec<u8>,
}

impl Sender {
    /// Sends until it is told to stop or cannot any more, and gives the mixer back, whatever happens meanwhile.
    pub(super) fn run(mut self) -> (Mixer, io::Result<()>) {
        let outcome = guarded("the thread that sends", || self.send_all()).unwrap_or_else(|broke| Err(broke.into()));
        self.owner.unpark();
        (self.mixer, outcome)
    }

    fn send_all(&mut self) -> io::Result<()> {
        self.shared.real_time.store(realtime::promote_this_thread(), Ordering::Relaxed);
        let mut course = Course {
            grid: Grid::new(self.codec.rate(), self.packet),
            planned: None,
            played: None,
            wire: 0,
            samples: vec![0.0; self.packet as usize],
            out: Vec::with_capacity(2048),
        };
        loop {
            if self.shared.stop.load(Ordering::Acquire) {
                return self.farewell(&mut course);
            }
            #[cfg(test)]
            assert!(!self.breaks.swap(false, Ordering::AcqRel), "it was told to break down");
            let at = self.go_on(&mut course, Instant::now())?;
            thread::park_timeout(at.saturating_duration_since(Instant::now()));
        }
    }

    /// Does what is due and says when to come again.
    fn go_on(&mut self, course: &mut Course, now: Instant) -> io::Result<Instant> {
        if !self.mixer.is_idle() {
            course.played = Some(now);
            course.wire = match self.doors.wanted(0) {
                Wanted::Nothing => course.wire,
                Wanted::Programme => 0,
                Wanted::Emergency => self.wires.len() - 1,
            };
        }
        let hangs = course.played.is_some_and(|at| now.saturating_duration_since(at) < self.hang);
        let busy = self.keep_alive || course.played == Some(now) || hangs;
        let urgent = self.doors.wanted(0) == Wanted::Emergency;
        let speaks = self.turns(busy.then_some(course.wire), urgent, now, &mut course.out)?;
        if !self.shared.there.load(Ordering::Relaxed) && self.wires.iter().all(Wire::is_there) {
            self.shared.there.store(true, Ordering::Relaxed);
            self.owner.unpark();
        }
        let mut again = speaks.unwrap_or_else(|at| at);
        if speaks.is_err() {
            course.planned = None;
            if let Some(place) = &self.place {
                match busy {
                    true => place.call(self.shared.there.load(Ordering::Relaxed), now),
                    false => place.leave(),
                }
            }
            return Ok(again.min(now + IDLE));
        }
        if let (Some(place), None) = (&self.place, course.planned) {
            match place.answered(urgent, now) {
                Ok(moment) => course.planned = Some(course.grid.next(moment)),
                Err(at) => return Ok(again.min(at)),
            }
        }
        let (k, gave_up) = course.grid.after(course.planned, now);
        if gave_up {
            self.shared.lapses.fetch_add(1, Ordering::Relaxed);
            // What was left out is gone: were it sent now, this sink would lag behind all others from here on.
            let lost = k.saturating_sub(course.planned.unwrap_or(k)).saturating_mul(u64::from(self.packet));
            if lost <= u64::from(frames(SKIPPED_MS, self.codec.rate())) {
                self.mixer.skip(lost as usize);
            }
        }
        course.planned = Some(k);
        let due = course.grid.due(k);
        if due <= now {
            self.send(course, k, due)?;
            course.planned = Some(k + 1);
            again = again.min(course.grid.due(k + 1));
        } else {
            again = again.min(due);
        }
        Ok(again)
    }

    /// Gives every stream its turn. `Ok`: the wanted one takes sound; either way, when the others have something to do.
    fn turns(
        &mut self,
        wanted: Option<usize>,
        urgent: bool,
        now: Instant,
        out: &mut Vec<u8>,
    ) -> io::Result<Result<Instant, Instant>> {
        let (mut speaks, mut again) = (false, now + IDLE);
        for n in 0..self.wires.len() {
            loop {
                match self.wires[n].turn(wanted == Some(n), urgent, now, out)? {
                    Turn::Still => break,
                    Turn::Wait(at) => {
                        again = again.min(at);
                        break;
                    }
                    Turn::Speak => {
                        speaks = true;
                        break;
                    }
                    Turn::Send => self.put(out, self.wires[n].to())?,
                }
            }
        }
        Ok(if speaks { Ok(again) } else { Err(again) })
    }

    /// Works out and sends packet `k`.
    fn send(&mut self, course: &mut Course, k: u64, due: Instant) -> io::Result<()> {
        let rate = self.codec.rate();
        for begin in (0..course.samples.len()).step_by(BLOCK) {
            let n = BLOCK.min(course.samples.len() - begin);
            self.mixer.advance(n, due + length(begin, rate));
            for (_, block) in self.mixer.blocks(n) {
                course.samples[begin..begin + n].copy_from_slice(block);
            }
        }
        let wire = &mut self.wires[course.wire];
        wire.pack(&course.samples, course.grid.frame(k), &mut course.out).map_err(io::Error::other)?;
        let to = wire.to();
        self.put(&course.out, to)
    }

    fn put(&self, packet: &[u8], to: SocketAddrV4) -> io::Result<()> {
        match self.socket.send_to(packet, to) {
            Ok(_) => Ok(()),
            // A full queue is a lost packet, as it is anywhere else on the way.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::ENOBUFS) => {
                self.shared.lapses.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Fades out, and tells telephones that it is over.
    fn farewell(&mut self, course: &mut Course) -> io::Result<()> {
        let begun = Instant::now();
        self.mixer.hush();
        while course.planned.is_some() && begun.elapsed() < LAST {
            let at = self.go_on(course, Instant::now())?;
            thread::sleep(at.saturating_duration_since(Instant::now()).min(LAST));
        }
        loop {
            let now = Instant::now();
            let (Ok(at) | Err(at)) = self.turns(None, false, now, &mut course.out)?;
            if at >= now + IDLE || begun.elapsed() > FAREWELL {
                return Ok(());
            }
            thread::sleep(at.saturating_duration_since(now));
        }
    }
}
