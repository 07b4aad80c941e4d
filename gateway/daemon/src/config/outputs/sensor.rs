//! Reads `[[sensor]]`: what measures.

use crate::config::SensorSpec;
use crate::config::sheet::Entry;
use crate::config::station::host_port;
use drivers::line::LineConfig;
use drivers::sensor::SensorConfig;
use gateway_core::id::{LineId, SensorId};

pub(in crate::config) fn sensor(entry: &Entry<'_, '_>) -> Option<SensorSpec> {
    let (id, driver) = (entry.text("id"), entry.driver());
    driver?;
    let address = host_port(entry, "address")?;
    let id = id?;
    Some(SensorSpec {
        line: LineId::from(format!("sensor/{id}")),
        id: SensorId::from(id),
        own: Some(LineConfig::Apart { name: address.clone() }),
        config: SensorConfig::Reach { address },
    })
}
