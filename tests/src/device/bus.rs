//! A Modbus bus behind a TCP address or a serial port: relay boards and exciters, each with its own unit number, power
//! and mood. The serial one keeps the time of its wire.

use super::port::{Connection, Feeling, Port};
use super::pty::{Plugged, Pty};
use super::{Mood, Timeline};
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

mod frame;
mod pace;
mod unit;

pub use drivers::line::Framing;
use pace::Clocked;
pub use pace::{Pace, TURNAROUND};
pub use unit::Exciter;
use unit::{Kind, Unit};

/// What a deaf unit writes down when it is asked something, with the function.
pub const IN_VAIN: &str = "asked in vain";

/// The bus.
#[derive(Debug)]
pub struct Bus {
    end: End,
    units: Units,
    timeline: Timeline,
    counts: Arc<Counts>,
}

#[derive(Debug)]
enum End {
    Tcp(Port),
    Serial(Pty),
}

/// What went over a serial bus.
#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    crowded: AtomicU64,
}

type Units = Arc<Mutex<BTreeMap<u8, Unit>>>;

impl Bus {
    /// Starts a bus without devices at this address (port 0: any), speaking Modbus TCP or RTU frames over TCP.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, framing: Framing, timeline: Timeline) -> io::Result<Self> {
        let units: Units = Arc::default();
        let (served, told) = (Arc::clone(&units), timeline.clone());
        let port = Port::open(address, move |line| serve(line, framing, &served, &told), || {})?;
        Ok(Self { end: End::Tcp(port), units, timeline, counts: Arc::default() })
    }

    /// Starts a bus without devices at a serial port of this name, at the pace of its wire; [`Mood::Absent`] pulls the port
    /// out.
    ///
    /// # Errors
    /// When there is no pseudo-terminal to be had.
    pub fn on_serial(name: &Path, pace: Pace, timeline: Timeline) -> io::Result<Self> {
        let (units, counts): (Units, Arc<Counts>) = Default::default();
        let (served, told, counted) = (Arc::clone(&units), timeline.clone(), Arc::clone(&counts));
        let pty = Pty::open(name, move |port| serve_serial(port, pace, &served, &told, &counted))?;
        Ok(Self { end: End::Serial(pty), units, timeline, counts })
    }

    /// Where it listens.
    ///
    /// # Panics
    /// When it is a serial one.
    pub fn address(&self) -> SocketAddr {
        match &self.end {
            End::Tcp(port) => port.address,
            End::Serial(pty) => panic!("{} has no address", pty.name.display()),
        }
    }

    /// Whole requests a serial bus has carried.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Requests on a serial bus that came before the silence after the last frame was over; they were lost.
    pub fn crowded(&self) -> u64 {
        self.counts.crowded.load(Ordering::Relaxed)
    }

    /// Lets a unit know functions of one coil only, and read one register at a time.
    pub fn take_singly(&self, unit: u8) {
        if let Some(unit) = lock(&self.units).get_mut(&unit) {
            unit.many = false;
        }
    }

    /// The mood of the whole bus, over that of its units where it is not well.
    pub fn set_mood(&self, mood: Mood) {
        match &self.end {
            End::Tcp(port) => port.mood.set(mood),
            End::Serial(pty) => pty.mood.set(mood),
        }
    }

    /// Adds a relay board.
    pub fn add_relay(&self, unit: u8, name: &str, coils: usize) {
        self.add(unit, name, Kind::Relay(vec![false; coils]));
    }

    /// Adds an exciter with the `generic` register map.
    pub fn add_exciter(&self, unit: u8, name: &str, exciter: Exciter) {
        self.add(unit, name, Kind::Exciter(exciter));
    }

    fn add(&self, unit: u8, name: &str, kind: Kind) {
        let unit_ = Unit { name: name.to_owned(), kind, mood: Feeling::default(), mains: None, many: true };
        lock(&self.units).insert(unit, unit_);
    }

    /// Lets a unit be fed through a coil of another: without it, it is as good as not there.
    pub fn feed_through(&self, unit: u8, relay: u8, coil: usize) {
        if let Some(unit) = lock(&self.units).get_mut(&unit) {
            unit.mains = Some((relay, coil));
        }
    }

    /// The mood of one unit; [`Mood::Absent`] is silence here.
    pub fn set_unit_mood(&self, unit: u8, mood: Mood) {
        if let Some(unit) = lock(&self.units).get(&unit) {
            unit.mood.set(mood);
        }
    }

    /// How a coil of a relay board stands.
    pub fn coil(&self, unit: u8, coil: usize) -> Option<bool> {
        lock(&self.units).get(&unit)?.coil(coil)
    }

    /// Sets a coil behind the driver's back, like a hand on the board.
    pub fn force_coil(&self, unit: u8, coil: u16, on: bool) {
        if let Some(unit) = lock(&self.units).get_mut(&unit) {
            unit.set_coil(coil, on, &self.timeline);
        }
    }

    /// An exciter's state.
    pub fn exciter(&self, unit: u8) -> Option<Exciter> {
        match &lock(&self.units).get(&unit)?.kind {
            Kind::Exciter(exciter) => Some(exciter.clone()),
            Kind::Relay(_) => None,
        }
    }

    /// Changes an exciter: its knobs, its antenna, its faults.
    pub fn turn(&self, unit: u8, change: impl FnOnce(&mut Exciter)) {
        if let Some(Unit { kind: Kind::Exciter(exciter), name, .. }) = lock(&self.units).get_mut(&unit) {
            change(exciter);
            self.timeline.note(name, "turned", json!(exciter));
        }
    }
}

fn lock(units: &Units) -> MutexGuard<'_, BTreeMap<u8, Unit>> {
    units.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut line: Connection, framing: Framing, units: &Units, timeline: &Timeline) {
    let mut bytes = Vec::new();
    while let Ok(more) = line.receive() {
        bytes.extend(more);
        while let Some(request) = frame::take(framing, &mut bytes) {
            if answer(&mut line, framing, &request, units, timeline).is_err() {
                return;
            }
        }
    }
}

fn serve_serial(mut port: Plugged, pace: Pace, units: &Units, timeline: &Timeline, counts: &Counts) {
    let (mut bytes, mut wire, mut begun) = (Vec::new(), Clocked::new(pace), None);
    let mut last = Instant::now();
    while let Ok(more) = port.receive() {
        if last.elapsed() > pace.gap() {
            // Silence ends a frame, a broken one too.
            bytes.clear();
            begun = None;
        }
        last = Instant::now();
        let first = *begun.get_or_insert(last);
        bytes.extend(more);
        while let Some(request) = frame::take(Framing::Rtu, &mut bytes) {
            begun = None;
            counts.requests.fetch_add(1, Ordering::Relaxed);
            if !wire.hear(first, request.raw.len()) {
                counts.crowded.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let Some((mood, answer)) = decide(port.mood(), Framing::Rtu, &request, units, timeline) else { continue };
            let said = match mood {
                Mood::Well => answer,
                Mood::Late(by) => {
                    // The bus is free meanwhile, and whoever speaks then is spoken over.
                    std::thread::sleep(by);
                    answer
                }
                Mood::Wrong => vec![0xA7; answer.len().max(8)],
                Mood::Echo => request.raw,
                Mood::Cut => answer.get(..answer.len() / 2).unwrap_or_default().to_vec(),
                Mood::Deaf | Mood::Absent => continue,
            };
            wire.say(said.len());
            if port.send(&said).is_err() {
                return;
            }
        }
    }
}

fn answer(
    line: &mut Connection,
    framing: Framing,
    request: &frame::Request,
    units: &Units,
    timeline: &Timeline,
) -> io::Result<()> {
    match decide(line.mood(), framing, request, units, timeline) {
        Some((mood, answer)) => line.answer(mood, &request.raw, &answer),
        None => Ok(()),
    }
}

/// Lets the unit act as it feels, or the whole bus; `None`: nobody is there to answer.
fn decide(
    bus: Mood,
    framing: Framing,
    request: &frame::Request,
    units: &Units,
    timeline: &Timeline,
) -> Option<(Mood, Vec<u8>)> {
    let mut units = lock(units);
    let unit = units.get(&request.unit)?;
    if let Some((relay, coil)) = unit.mains
        && units.get(&relay).and_then(|board| board.coil(coil)) != Some(true)
    {
        return None;
    }
    let mood = if bus == Mood::Well { unit.mood.get() } else { bus };
    let acts = matches!(mood, Mood::Well | Mood::Late(_) | Mood::Cut);
    let unit = units.get_mut(&request.unit)?;
    let pdu = if acts { unit.act(&request.pdu, timeline) } else { Vec::new() };
    if mood == Mood::Deaf {
        timeline.note(&unit.name, IN_VAIN, request.pdu.first().copied());
    }
    drop(units);
    Some((mood, frame::wrap(framing, request, &pdu)))
}
