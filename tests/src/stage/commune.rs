//! The commune's devices: two amplifiers behind relays, a transmitter with its zone coder, a board at the gate.

use crate::device::bus::{Bus, Exciter, Framing};
use crate::device::card::Card;
use crate::device::encoder::Encoder;
use crate::device::{Event, Timeline};
use anyhow::Result;
use drivers::transmitter::cluster_code::Network;
use serde_json::Value;
use std::path::Path;

/// Name of the relay board in the loudspeaker room on the timeline: `coil 0` is amp2, `coil 1` the transmitter's mains.
pub const RELAYS: &str = "relays";
/// Name of the relay board of the first hamlet: `coil 0` is amp1.
pub const FAR_RELAY: &str = "far-relay";
/// Name of the exciter: `carrier`.
pub const EXCITER: &str = "exciter";
/// Name of the zone coder: `rds`, `zones`.
pub const ENCODER: &str = "encoder";
/// Name of the board: `shows`, `dark`.
pub const BOARD: &str = "gate";

/// Unit numbers on the bus.
pub const RELAY_UNIT: u8 = 1;
/// The first hamlet's.
pub const FAR_UNIT: u8 = 2;
/// The exciter's.
pub const EXCITER_UNIT: u8 = 5;
/// Trial application code of the zone coder, and the commune's number in it.
pub(super) const NETWORK: Network = Network { aid: 0xCAFE, number: 7 };
/// Size of the board, pixels.
pub(super) const BOARD_SIZE: (u16, u16) = (128, 64);

/// The devices.
pub struct Commune {
    /// What happened to them.
    pub timeline: Timeline,
    /// Relays and exciter.
    pub bus: Bus,
    /// Zone coder and the receivers that hear it.
    pub encoder: Encoder,
    /// The board.
    pub board: Card,
}

impl Commune {
    /// Starts them on free ports; what happens to them is also written to `log`, one JSON line each.
    pub fn start(log: &Path) -> Result<Self> {
        let timeline = Timeline::logged(log)?;
        let any = "127.0.0.1:0";
        let bus = Bus::start(any, Framing::ModbusTcp, timeline.clone())?;
        // Two more than are configured: a device that a technician adds, and what a plan says.
        bus.add_relay(RELAY_UNIT, RELAYS, 4);
        bus.add_relay(FAR_UNIT, FAR_RELAY, 1);
        bus.add_exciter(EXCITER_UNIT, EXCITER, Exciter::new(60.5, 30));
        // It has its power through its own relay, and answers nobody before that is on.
        bus.feed_through(EXCITER_UNIT, RELAY_UNIT, 1);
        let encoder = Encoder::start(any, ENCODER, NETWORK, timeline.clone())?;
        let board = Card::start(any, BOARD, BOARD_SIZE, timeline.clone())?;
        Ok(Self { timeline, bus, encoder, board })
    }

    /// Now on the timeline, nanoseconds.
    pub fn now(&self) -> u64 {
        self.timeline.note("stage", "asks the time", Value::Null);
        self.timeline.events().last().map_or(0, |e| e.at_ns)
    }

    /// When something of a device became this, after a moment.
    pub fn when(&self, device: &str, event: &str, value: &Value, after_ns: u64) -> Option<u64> {
        let ours = |e: &&Event| e.at_ns >= after_ns && e.device == device && e.event == event && e.value == *value;
        self.timeline.events().iter().find(ours).map(|e| e.at_ns)
    }

    /// Everything that carries sound or power to the outside is off.
    pub fn is_off(&self) -> bool {
        let coils = [(RELAY_UNIT, 0), (RELAY_UNIT, 1), (FAR_UNIT, 0)];
        let relays = coils.into_iter().all(|(unit, coil)| self.bus.coil(unit, coil) == Some(false));
        let carrier = self.bus.exciter(EXCITER_UNIT).is_some_and(|e| e.rf_on);
        relays && !carrier && self.encoder.open_zones().is_empty()
    }
}
