//! A Modbus bus behind a TCP address: relay boards and exciters, each with its own unit number, power and mood.

use super::port::{Connection, Feeling, Port};
use super::{Mood, Timeline};
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod frame;
mod unit;

pub use drivers::line::Framing;
pub use unit::Exciter;
use unit::{Kind, Unit};

/// The bus.
#[derive(Debug)]
pub struct Bus {
    port: Port,
    units: Units,
    timeline: Timeline,
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
        Ok(Self { port, units, timeline })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// The mood of the whole bus, over that of its units where it is not well.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
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
        let unit_ = Unit { name: name.to_owned(), kind, mood: Feeling::default(), mains: None };
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

fn answer(
    line: &mut Connection,
    framing: Framing,
    request: &frame::Request,
    units: &Units,
    timeline: &Timeline,
) -> io::Result<()> {
    let mut units = lock(units);
    let Some(unit) = units.get(&request.unit) else { return Ok(()) };
    if let Some((relay, coil)) = unit.mains
        && units.get(&relay).and_then(|board| board.coil(coil)) != Some(true)
    {
        return Ok(());
    }
    let bus = line.mood();
    let mood = if bus == Mood::Well { unit.mood.get() } else { bus };
    let acts = matches!(mood, Mood::Well | Mood::Late(_) | Mood::Cut);
    let Some(unit) = units.get_mut(&request.unit) else { return Ok(()) };
    let pdu = if acts { unit.act(&request.pdu, timeline) } else { Vec::new() };
    drop(units);
    line.answer(mood, &request.raw, &frame::wrap(framing, request, &pdu))
}
