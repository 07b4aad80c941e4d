//! What stands where in the large commune: 80 clusters on four buses, three transmitters, six boards.

use crate::device::bus::{Bus, Exciter, Pace};
use crate::device::card::Card;
use crate::device::encoder::Encoder;
use crate::device::{Mood, Timeline};
use anyhow::Result;
use drivers::transmitter::cluster_code::Network;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// RS-485 buses.
pub const BUSES: usize = 4;
/// Clusters on each.
pub const CLUSTERS: usize = 20;
/// Relay boards on each bus, at units 1, 2, 3; each has 8 coils.
pub const RELAY_BOARDS: usize = 3;
/// Transmitters, with an encoder each; their exciters are on the first buses.
pub const TRANSMITTERS: usize = 3;
/// LED boards.
pub const BOARDS: usize = 6;
/// The exciters' unit on their buses.
pub const EXCITER: u8 = 10;
/// Clusters of a bus with an exciter that have receivers only; the others have an amplifier behind a relay.
pub const RADIO: usize = 3;
/// The wire of every bus.
pub const PACE: Pace = Pace { baud: 9600 };

/// Application code of the zone coders, and the commune's number in it.
pub(super) const NETWORK: Network = Network { aid: 0xCAFE, number: 7 };
/// Size of the LED boards, pixels.
pub(super) const BOARD_SIZE: (u16, u16) = (128, 64);

/// Something that must become so: a device, what of it, and how it must read.
pub type Sign = (String, String, Value);

/// Amplifiers behind relays on a bus.
pub fn wired(bus: usize) -> usize {
    if bus < TRANSMITTERS { CLUSTERS - RADIO } else { CLUSTERS }
}

/// Unit and coil of an amplifier.
pub fn coil(place: usize) -> (u8, u16) {
    (1 + (place / 8) as u8, (place % 8) as u16)
}

/// Coils in use on each relay board of a bus.
pub fn coils_used(bus: usize) -> Vec<usize> {
    (0..RELAY_BOARDS).map(|board| wired(bus).saturating_sub(board * 8).min(8)).collect()
}

/// Name of a relay board on the timeline.
pub fn relays(bus: usize, unit: u8) -> String {
    format!("bus{bus}-relays{unit}")
}

/// Name of an exciter.
pub fn exciter(transmitter: usize) -> String {
    format!("exciter{transmitter}")
}

/// Name of an encoder.
pub fn encoder(transmitter: usize) -> String {
    format!("encoder{transmitter}")
}

/// Name of a board.
pub fn board(number: usize) -> String {
    format!("board{number}")
}

/// The zone of a cluster by a transmitter; each cluster has its own wherever it is heard.
pub fn zone(bus: usize, place: usize) -> u16 {
    (bus * 32 + place + 1) as u16
}

/// The transmitter that stands in for what is lost on a bus: never its own.
pub fn stand_in(bus: usize) -> usize {
    (bus + 1) % TRANSMITTERS
}

/// The devices.
pub struct Devices {
    /// What happened to them.
    pub timeline: Timeline,
    /// The buses; their ports are `bus0` … in the folder.
    pub buses: Vec<Bus>,
    /// The encoders.
    pub encoders: Vec<Encoder>,
    /// The LED boards.
    pub boards: Vec<Card>,
}

/// The port of a bus.
pub fn port(dir: &Path, bus: usize) -> PathBuf {
    dir.join(format!("bus{bus}"))
}

impl Devices {
    /// Starts them; the ports of the buses are made in this folder.
    pub fn start(dir: &Path) -> Result<Self> {
        let timeline = Timeline::logged(&dir.join("timeline.jsonl"))?;
        let (mut buses, mut encoders, mut boards) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..BUSES {
            let bus = Bus::on_serial(&port(dir, number), PACE, timeline.clone())?;
            for unit in 1..=RELAY_BOARDS as u8 {
                bus.add_relay(unit, &relays(number, unit), 8);
            }
            if number < TRANSMITTERS {
                bus.add_exciter(EXCITER, &exciter(number), Exciter::new(frequency(number), 30));
            }
            buses.push(bus);
        }
        for number in 0..TRANSMITTERS {
            encoders.push(Encoder::start("127.0.0.1:0", &encoder(number), NETWORK, timeline.clone())?);
        }
        for number in 0..BOARDS {
            boards.push(Card::start("127.0.0.1:0", &board(number), BOARD_SIZE, timeline.clone())?);
        }
        Ok(Self { timeline, buses, encoders, boards })
    }

    /// What must be seen on a bus when an emergency is for everybody.
    pub fn keyed_on(&self, bus: usize) -> Vec<Sign> {
        let amplifier = |place: usize| {
            let (unit, coil) = coil(place);
            (relays(bus, unit), format!("coil {coil}"), json!(true))
        };
        let mut signs: Vec<Sign> = (0..wired(bus)).map(amplifier).collect();
        if bus < TRANSMITTERS {
            signs.push((exciter(bus), "carrier".to_owned(), json!(true)));
        }
        signs
    }

    /// What the receivers of a transmitter must do then, with these buses dead.
    pub fn open_on(&self, transmitter: usize, dead: &[usize]) -> Vec<u16> {
        let own =
            (wired(transmitter)..CLUSTERS).map(|place| (transmitter, place)).filter(|(bus, _)| !dead.contains(bus));
        let lost = dead.iter().filter(|bus| stand_in(**bus) == transmitter).flat_map(|bus| {
            let bus = *bus;
            (0..CLUSTERS).map(move |place| (bus, place))
        });
        let mut zones: Vec<u16> = own.chain(lost).map(|(bus, place)| zone(bus, place)).collect();
        zones.sort_unstable();
        zones
    }

    /// Everything that carries sound or power to the outside is off.
    pub fn is_off(&self) -> bool {
        let bus_off = |(number, bus): (usize, &Bus)| {
            let coils = (0..wired(number)).map(coil).all(|(unit, coil)| bus.coil(unit, coil.into()) != Some(true));
            coils && !bus.exciter(EXCITER).is_some_and(|exciter| exciter.rf_on)
        };
        self.buses.iter().enumerate().all(bus_off)
            && self.encoders.iter().all(|encoder| encoder.open_zones().is_empty())
    }

    /// Lets every unit of a bus be silent, or well again.
    pub fn silence(&self, bus: usize, silent: bool) {
        let mood = if silent { Mood::Deaf } else { Mood::Well };
        if let Some(bus) = self.buses.get(bus) {
            bus.set_mood(mood);
        }
    }
}

/// The licensed frequency of a transmitter, MHz.
pub(super) fn frequency(transmitter: usize) -> f64 {
    60.5 + transmitter as f64
}

/// What a bus needs at least until its last device is keyed, by its own speed: each relay board written in one telegram
/// and read back in one, the exciter's setting read, its readings read, and its carrier keyed.
pub fn limit(bus: usize) -> Duration {
    let coils = |n: usize| n.div_ceil(8);
    let written = |n: usize| if n == 1 { 8 } else { 9 + coils(n) };
    let used: Vec<usize> = coils_used(bus).into_iter().filter(|n| *n > 0).collect();
    let whole = |n: &usize| PACE.exchange(written(*n), 8) + PACE.exchange(8, 5 + coils(*n));
    let last_word = |bytes: usize| PACE.bytes(bytes) + PACE.gap();
    if bus < TRANSMITTERS {
        let setting = PACE.exchange(8, 5 + 2 * 2);
        let readings = PACE.exchange(8, 5 + 2 * 4);
        return used.iter().map(whole).sum::<Duration>() + setting + readings + last_word(8);
    }
    let Some((last, before)) = used.split_last() else { return Duration::ZERO };
    before.iter().map(whole).sum::<Duration>() + last_word(written(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighty_clusters_each_with_a_place_of_its_own() {
        let amplifiers: usize = (0..BUSES).map(wired).sum();
        assert_eq!(amplifiers + TRANSMITTERS * RADIO, 80);
        assert_eq!(coils_used(0), [8, 8, 1]);
        assert_eq!(coils_used(3), [8, 8, 4]);
        let zones: std::collections::BTreeSet<u16> =
            (0..BUSES).flat_map(|b| (0..CLUSTERS).map(move |p| zone(b, p))).collect();
        assert_eq!(zones.len(), 80);
        assert!((0..BUSES).all(|bus| stand_in(bus) != bus));
        assert!(limit(0) > Duration::from_millis(200) && limit(0) < Duration::from_millis(260), "{:?}", limit(0));
    }
}
