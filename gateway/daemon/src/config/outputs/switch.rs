//! Reads `[[switch]]`: relays, standby contacts, beacon lights.

use super::milliseconds;
use super::sensor::pin;
use crate::config::SwitchSpec;
use crate::config::sheet::Entry;
use drivers::switch::SwitchConfig;
use gateway_core::config as core;
use gateway_core::id::{LineId, SwitchId};

pub(in crate::config) fn switch(entry: &Entry<'_, '_>) -> Option<(SwitchSpec, core::Switch)> {
    let (id, driver, settle_ms) = (entry.text("id"), entry.driver(), milliseconds(entry, "settle_s"));
    let (line, own, config) = match driver? {
        "gpio" => {
            let (pin, own) = pin(entry)?;
            (format!("switch/{}", id.as_deref()?), Some(own), SwitchConfig::Gpio { pin })
        }
        _ => {
            let (line, unit, coil) = (entry.refer("line"), entry.whole("unit"), entry.whole("coil"));
            let (unit, coil) = (u8::try_from(unit?).ok()?, u16::try_from(coil?).ok()?);
            (line?, None, SwitchConfig::ModbusRelay { unit, coil })
        }
    };
    let spec = SwitchSpec { id: SwitchId::from(id?), line: LineId::from(line), own, config };
    Some((spec, core::Switch { settle_ms: settle_ms? }))
}
