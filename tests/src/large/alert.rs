//! One emergency for everybody, from the hub's sending to the last device keyed.

use super::Large;
use super::place::{BOARDS, BUSES, Sign, TRANSMITTERS, board, encoder};
use crate::device::Event;
use crate::stage::PATIENCE;
use crate::stage::word::emergency;
use anyhow::{Result, bail};
use serde_json::json;
use std::collections::BTreeMap;

/// What does not answer during an alert.
#[derive(Clone, Debug, Default)]
pub struct Dead {
    /// Whole buses, known to be dead to the station.
    pub buses: Vec<usize>,
    /// One relay board: bus and unit. Its clusters are not waited for.
    pub unit: Option<(usize, u8)>,
}

/// What came of one alert; all times are in milliseconds since the hub sent it.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its message.
    pub jti: String,
    /// When it was sent, on the timeline.
    pub begun_ns: u64,
    /// When the last device of each bus was keyed; `None`: the bus is dead.
    pub buses: Vec<Option<f64>>,
    /// When the last transmitter's zones were open.
    pub zones: f64,
    /// When the last LED board showed it.
    pub boards: f64,
}

impl Alert {
    /// When the last device of all was keyed.
    pub fn last(&self) -> f64 {
        self.buses.iter().flatten().copied().fold(self.zones.max(self.boards), f64::max)
    }
}

impl Large {
    /// Sends an emergency to everybody and waits until every device that lives has done its part, then takes it back and
    /// waits until everything is off.
    pub fn alert(&self, dead: &Dead) -> Result<Alert> {
        let number = self.alerts.get();
        self.alerts.set(number + 1);
        let id = format!("KC-{number}");
        let wanted = self.signs(dead);
        let before = self.devices.timeline.events().len();
        self.devices.timeline.note("hub", "sends", id.as_str());
        let begun = self.devices.timeline.events().get(before).map_or(0, |event| event.at_ns);
        let jti = self.hub.send("bulletin", &emergency(&id, SAID), &self.audience())?;
        let mut missing = Vec::new();
        let all = self.devices.timeline.wait_for(PATIENCE, |events| {
            let seen = firsts(events.get(before..).unwrap_or_default());
            wanted.values().flatten().all(|sign| seen.contains_key(&key(sign)))
        });
        let events = self.devices.timeline.events();
        let seen = firsts(events.get(before..).unwrap_or_default());
        let last = |group: &str| {
            let signs = wanted.get(group).map(Vec::as_slice).unwrap_or_default();
            signs.iter().filter_map(|sign| seen.get(&key(sign))).max().map(|at| (at - begun) as f64 / 1e6)
        };
        if !all {
            missing.extend(wanted.values().flatten().filter(|sign| !seen.contains_key(&key(sign))));
            bail!("never seen: {missing:?}; the station says:\n{}", self.station.last_words());
        }
        let alert = Alert {
            jti,
            begun_ns: begun,
            buses: (0..BUSES).map(|bus| last(&format!("bus{bus}"))).collect(),
            zones: last("zones").unwrap_or(0.0),
            boards: last("boards").unwrap_or(0.0),
        };
        self.hub.send("recall", &json!({"bulletin_id": id, "reason": "đo"}), &self.audience())?;
        self.wait_off()?;
        Ok(alert)
    }

    /// What must be seen, by group.
    fn signs(&self, dead: &Dead) -> BTreeMap<String, Vec<Sign>> {
        let mut signs = BTreeMap::new();
        for bus in (0..BUSES).filter(|bus| !dead.buses.contains(bus)) {
            let gone = dead.unit.filter(|(at, _)| *at == bus).map(|(_, unit)| super::place::relays(bus, unit));
            let all = self.devices.keyed_on(bus).into_iter().filter(|(device, ..)| Some(device) != gone.as_ref());
            signs.insert(format!("bus{bus}"), all.collect());
        }
        let open = |transmitter: usize| {
            (encoder(transmitter), "zones".to_owned(), json!(self.devices.open_on(transmitter, &dead.buses)))
        };
        let alive = (0..TRANSMITTERS).filter(|transmitter| !dead.buses.contains(transmitter));
        if dead.unit.is_none() {
            signs.insert("zones".to_owned(), alive.map(open).collect());
        }
        let words = json!([[SHOWN, "#ff0000"]]);
        signs.insert("boards".to_owned(), (0..BOARDS).map(|n| (board(n), "shows".to_owned(), words.clone())).collect());
        signs
    }
}

/// How often it is said: until it is taken back, however long a lost path takes to be left.
const SAID: u16 = 60;

/// What the boards show of the emergency.
const SHOWN: &str = crate::stage::word::WORDS;

fn key(sign: &Sign) -> (String, String, String) {
    (sign.0.clone(), sign.1.clone(), sign.2.to_string())
}

/// When each thing was first so.
fn firsts(events: &[Event]) -> BTreeMap<(String, String, String), u64> {
    let mut firsts = BTreeMap::new();
    for event in events {
        let key = (event.device.clone(), event.event.clone(), event.value.to_string());
        firsts.entry(key).or_insert(event.at_ns);
    }
    firsts
}
