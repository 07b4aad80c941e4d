//! Reads `[[switch]]`: relays, standby contacts, ports of network switches, volumes, beacon lights.

mod network;

use super::milliseconds;
use super::profile::{profile, unit};
use super::sensor::pin;
use crate::config::SwitchSpec;
use crate::config::sheet::Entry;
use crate::config::station::Beside;
use drivers::line::LineConfig;
use drivers::profile::RelayProfile;
use drivers::switch::SwitchConfig;
use gateway_core::config as core;
use gateway_core::id::{LineId, SwitchId};
use std::sync::Arc;
use std::time::Duration;

pub(in crate::config) fn switch(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<(SwitchSpec, core::Switch)> {
    let (id, driver, settle_ms) = (entry.text("id"), entry.driver(), milliseconds(entry, "settle_s"));
    let (line, own, config) = match driver? {
        "gpio" => {
            let (pin, line) = pin(entry)?;
            own(id.as_deref()?, (SwitchConfig::Gpio { pin }, line))
        }
        "barix-volume" => own(id.as_deref()?, network::barix(entry, beside)?),
        "snmp-port" => own(id.as_deref()?, network::snmp(entry, beside)?),
        "http-relay" => own(id.as_deref()?, network::http(entry, beside)?),
        _ => {
            let line = entry.refer("line");
            let coil = entry.whole("coil").and_then(|coil| u16::try_from(coil).ok());
            let config = relay(entry, coil);
            (line?, None, config?)
        }
    };
    let spec = SwitchSpec { id: SwitchId::from(id?), line: LineId::from(line), own, config };
    Some((spec, core::Switch { settle_ms: settle_ms? }))
}

/// With a line of its own.
fn own(id: &str, (config, line): network::Own) -> (String, Option<LineConfig>, SwitchConfig) {
    (format!("switch/{id}"), Some(line), config)
}

fn relay(entry: &Entry<'_, '_>, coil: Option<u16>) -> Option<SwitchConfig> {
    let hold = entry.number("hold_s").map(Duration::from_secs_f64);
    if !entry.has("profile") {
        if entry.has("hold_s") {
            entry.bad("hold_s", "nothing says how this board lets go by itself", "name its `profile`");
        }
        return Some(SwitchConfig::ModbusRelay { unit: unit(entry, None)?, coil: coil? });
    }
    let (whole, board) = profile(entry, "relays", |p| p.relay.clone())?;
    let unit = unit(entry, Some(&whole));
    let number = number(entry, coil?, &board);
    let held = hold.is_none_or(|hold| holds(entry, &board, hold));
    Some(SwitchConfig::ProfiledRelay { unit: unit?, number: number?, board, hold: hold.filter(|_| held) })
        .filter(|_| held)
}

/// The relay, where the board has it.
fn number(entry: &Entry<'_, '_>, number: u16, board: &Arc<RelayProfile>) -> Option<u16> {
    let there = board.offset(number).is_some();
    if !there {
        let last = u32::from(board.numbered_from) + u32::from(board.count) - 1;
        let what = format!("such a board has no relay {number}");
        entry.bad("coil", what, format!("write {}–{last}: that is how it counts", board.numbered_from));
    }
    there.then_some(number)
}

/// Whether the board can hold a relay so long.
fn holds(entry: &Entry<'_, '_>, board: &RelayProfile, hold: Duration) -> bool {
    let Some(pulse) = board.pulse else {
        entry.bad("hold_s", "such a board does not let go by itself", "remove it");
        return false;
    };
    let fits = pulse.word(hold).is_some();
    if !fits {
        let longest = pulse.longest().as_secs();
        entry.bad("hold_s", "longer than the board can hold", format!("write at most {longest}"));
    }
    fits
}
