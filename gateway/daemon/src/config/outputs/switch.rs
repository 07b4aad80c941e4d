//! Reads `[[switch]]`: relays, standby contacts, beacon lights.

use super::milliseconds;
use crate::config::SwitchSpec;
use crate::config::sheet::Entry;
use drivers::switch::SwitchConfig;
use gateway_core::config as core;
use gateway_core::id::{LineId, SwitchId};

pub(in crate::config) fn switch(entry: &Entry<'_, '_>) -> Option<(SwitchSpec, core::Switch)> {
    let (id, known, line) = (entry.text("id"), entry.driver(), entry.refer("line"));
    let (unit, coil) = (entry.whole("unit"), entry.whole("coil"));
    let settle_ms = milliseconds(entry, "settle_s");
    known?;
    let config = SwitchConfig::ModbusRelay { unit: u8::try_from(unit?).ok()?, coil: u16::try_from(coil?).ok()? };
    let spec = SwitchSpec { id: SwitchId::from(id?), line: LineId::from(line?), config };
    Some((spec, core::Switch { settle_ms: settle_ms? }))
}
