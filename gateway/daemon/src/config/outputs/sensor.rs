//! Reads `[[sensor]]`: what measures.

use super::profile::{profile, unit};
use crate::config::SensorSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::line::LineConfig;
use drivers::sensor::SensorConfig;
use gateway_core::id::{LineId, SensorId};

pub(in crate::config) fn sensor(entry: &Entry<'_, '_>) -> Option<SensorSpec> {
    let id = entry.text("id");
    match entry.driver()? {
        "modbus-sensor" => modbus(entry, id),
        _ => reach(entry, id),
    }
}

/// On a declared line, by profile.
fn modbus(entry: &Entry<'_, '_>, id: Option<String>) -> Option<SensorSpec> {
    let line = entry.refer("line");
    let found = profile(entry, "sensor", |p| p.sensor.clone());
    let unit = unit(entry, found.as_ref().map(|(whole, _)| &**whole));
    let config = SensorConfig::Modbus { unit: unit?, profile: found?.1 };
    Some(SensorSpec { id: SensorId::from(id?), line: LineId::from(line?), own: None, config })
}

/// With a line of its own.
fn reach(entry: &Entry<'_, '_>, id: Option<String>) -> Option<SensorSpec> {
    let address = host_port(entry, "address");
    let (id, address) = (id?, address?);
    Some(SensorSpec {
        line: LineId::from(format!("sensor/{id}")),
        id: SensorId::from(id),
        own: Some(LineConfig::Apart { name: address.clone() }),
        config: SensorConfig::Reach { address },
    })
}
