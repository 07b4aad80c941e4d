//! Reads `[[sensor]]`: what measures.

mod alarms;
mod pin;

pub(super) use pin::pin;

use super::milliseconds;
use super::profile::{profile, unit};
use crate::config::SensorSpec;
use crate::config::sheet::Entry;
use crate::config::station::{Beside, host_port};
use drivers::line::LineConfig;
use drivers::sensor::SensorConfig;
use gateway_core::config as core;
use gateway_core::id::{LineId, SensorId, SwitchId};
use std::path::{Path, PathBuf};

/// A sensor, and what the core needs to know of it; `data` is the folder whose disk is watched unless another is named.
pub(in crate::config) fn sensor(
    entry: &Entry<'_, '_>,
    beside: &Beside<'_>,
    data: &Path,
) -> Option<(SensorSpec, core::Sensor)> {
    let (id, name, driver) = (entry.text("id"), entry.text("name"), entry.driver());
    let written = alarms::written(entry);
    let made = match driver? {
        "nut" => nut(entry, beside),
        "gps" => gps(entry),
        "modem" => {
            let bus = entry.text("bus");
            let name = bus.clone().unwrap_or_else(|| "the system's D-Bus".to_owned());
            Some(Made::plain(SensorConfig::Modem { bus }, LineConfig::Apart { name }, "Mạng 4G"))
        }
        "gpio" => pin::gpio(entry),
        "modbus-sensor" => modbus(entry),
        "reach" => host_port(entry, "address").map(|address| {
            let own = LineConfig::Apart { name: address.clone() };
            Made::plain(SensorConfig::Reach { address }, own, "Thiết bị mạng")
        }),
        _ => {
            let disk = entry.text("disk").map_or_else(|| data.to_owned(), |disk| beside.path(&disk));
            let config = SensorConfig::Machine { root: PathBuf::from("/"), disk };
            Some(Made::plain(config, LineConfig::Apart { name: "this machine".to_owned() }, "Máy trạm"))
        }
    };
    let (id, made, written) = (id?, made?, written?);
    let alarms = alarms::all(driver?, made.role, &made.config.limits(), written);
    let for_ms = milliseconds(entry, "buzzer_s")?;
    let buzzer = match entry.has("buzzer") {
        true => Some(core::Buzzer { switch: SwitchId::from(entry.refer("buzzer")?), for_ms }),
        false => None,
    };
    let spec = SensorSpec {
        line: made.on.unwrap_or_else(|| LineId::from(format!("sensor/{id}"))),
        id: SensorId::from(id.as_str()),
        own: made.own,
        config: made.config,
        vouches: made.vouches,
    };
    let name = name.unwrap_or_else(|| made.usual.to_owned());
    Some((spec, core::Sensor { name, alarms, button: made.button, buzzer }))
}

/// What a driver's own keys make.
struct Made {
    config: SensorConfig,
    /// The declared line it is on; `None`: it has its own.
    on: Option<LineId>,
    own: Option<LineConfig>,
    /// Its name where none is written.
    usual: &'static str,
    vouches: bool,
    button: Option<core::Button>,
    /// What a pin is for.
    role: &'static str,
}

impl Made {
    fn plain(config: SensorConfig, own: LineConfig, usual: &'static str) -> Self {
        Self { config, on: None, own: Some(own), usual, vouches: false, button: None, role: "" }
    }
}

/// On a declared line, by profile.
fn modbus(entry: &Entry<'_, '_>) -> Option<Made> {
    let line = entry.refer("line");
    let found = profile(entry, "sensor", |p| p.sensor.clone());
    let unit = unit(entry, found.as_ref().map(|(whole, _)| &**whole));
    let config = SensorConfig::Modbus { unit: unit?, profile: found?.1 };
    let on = Some(LineId::from(line?));
    Some(Made { config, on, own: None, usual: "Thiết bị đo", vouches: false, button: None, role: "" })
}

fn address(entry: &Entry<'_, '_>, usual: &str) -> Option<String> {
    if entry.has("address") { host_port(entry, "address") } else { Some(usual.to_owned()) }
}

fn nut(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Made> {
    let (address, ups) = (address(entry, "127.0.0.1:3493"), entry.text("ups"));
    if let Some(ups) = ups.as_ref().filter(|u| !u.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))) {
        entry.bad("ups", format!("\"{ups}\" is no name of a supply"), "write the name between [ and ] in ups.conf");
        return None;
    }
    let (user, file) = (entry.text("user"), entry.text("password_file"));
    let login = match (user, file) {
        (Some(user), Some(_)) => Some((user, beside.must(entry, "password_file", "write the password into it")?)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            entry.bad(
                "user",
                "a user and a password belong together",
                "write both `user` and `password_file`, or neither",
            );
            return None;
        }
    };
    Some(Made::plain(SensorConfig::Nut { ups: ups?, login }, LineConfig::tcp(address?), "Bộ lưu điện"))
}

fn gps(entry: &Entry<'_, '_>) -> Option<Made> {
    let (address, vouches) = (address(entry, "127.0.0.1:2947"), entry.flag("clock"));
    let made = Made::plain(SensorConfig::Gps, LineConfig::tcp(address?), "Định vị vệ tinh");
    Some(Made { vouches: vouches?, ..made })
}
