//! Reads `[[switch]]`: relays, standby contacts, ports of network switches, volumes, beacon lights.

use super::milliseconds;
use crate::config::SwitchSpec;
use crate::config::sheet::Entry;
use crate::config::sinks::socket_address;
use crate::config::station::{Beside, host_port};
use drivers::line::LineConfig;
use drivers::switch::{HttpRelayConfig, PortKind, Secret, SnmpAccess, SwitchConfig};
use gateway_core::config as core;
use gateway_core::id::{LineId, SwitchId};

pub(in crate::config) fn switch(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<(SwitchSpec, core::Switch)> {
    let (id, known) = (entry.text("id"), entry.driver());
    let settle_ms = milliseconds(entry, "settle_s");
    let (config, own) = match known? {
        "barix-volume" => barix(entry, beside),
        "snmp-port" => snmp(entry, beside),
        "http-relay" => http(entry, beside),
        _ => modbus(entry).map(|config| (config, None)),
    }?;
    let id = id?;
    let line = if own.is_some() { format!("switch/{id}") } else { entry.refer("line")? };
    let spec = SwitchSpec { id: SwitchId::from(id), line: LineId::from(line), own, config };
    Some((spec, core::Switch { settle_ms: settle_ms? }))
}

fn modbus(entry: &Entry<'_, '_>) -> Option<SwitchConfig> {
    let (line, unit, coil) = (entry.refer("line"), entry.whole("unit"), entry.whole("coil"));
    line?;
    Some(SwitchConfig::ModbusRelay { unit: u8::try_from(unit?).ok()?, coil: u16::try_from(coil?).ok()? })
}

type Own = (SwitchConfig, Option<LineConfig>);

fn barix(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
    let address = host_port(entry, "address");
    let [full, usual] = ["full", "usual"].map(|k| entry.whole(k).and_then(|v| u8::try_from(v).ok()));
    let password = match entry.has("password_file") {
        true => Some(Secret(beside.secret(entry, "password_file")?)),
        false => None,
    };
    let config = SwitchConfig::BarixVolume { full: full?, usual: usual?, password };
    Some((config, Some(LineConfig::tcp(address?))))
}

fn snmp(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
    let (address, access) = (socket_address(entry, "address"), beside.secret(entry, "access_file"));
    let number = |key: &str| entry.whole(key).and_then(|n| u32::try_from(n).ok());
    let kind = match (entry.has("interface_index"), entry.has("power_port")) {
        (true, false) => PortKind::Link { index: number("interface_index")? },
        (false, true) => PortKind::Power { group: number("power_group")?, port: number("power_port")? },
        (true, true) | (false, false) => {
            entry.bad("interface_index", "its link or its power is switched, one of them", "give one of the two keys");
            return None;
        }
    };
    let (address, access) = (address?, access?);
    let mut words = access.lines().map(|word| word.trim().to_owned());
    let access = match (words.next(), words.next(), words.next()) {
        (Some(community), None, None) => SnmpAccess::Community(community),
        // Shorter ones are refused by every switch (RFC 3414).
        (Some(name), Some(password), Some(key)) if password.len() >= 8 && key.len() >= 8 => {
            SnmpAccess::User { name, password, key }
        }
        (Some(_) | None, ..) => {
            let remedy = "write the community on one line, or name, password and key on three, 8 letters at least";
            entry.bad("access_file", "it holds neither a community nor a user", remedy);
            return None;
        }
    };
    let line = LineConfig::Apart { name: format!("snmp {address}") };
    Some((SwitchConfig::SnmpPort { address, access, kind }, Some(line)))
}

fn http(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
    let (on_url, off_url) = (url(entry, "on_url"), url(entry, "off_url"));
    let read = match (entry.has("read_url"), entry.has("read_on")) {
        (true, true) => Some((url(entry, "read_url")?, entry.text("read_on")?)),
        (false, false) => None,
        (true, false) | (false, true) => {
            entry.bad("read_url", "what it answers while it is on is not known", "give `read_url` and `read_on`");
            return None;
        }
    };
    let body = if entry.has("body") { entry.text("body") } else { None };
    let authorization = match entry.has("access_file") {
        true => Some(beside.secret(entry, "access_file")?.trim().to_owned()),
        false => None,
    };
    let config = HttpRelayConfig { on_url: on_url?, off_url: off_url?, body, read, authorization };
    let line = LineConfig::Apart { name: "http".to_owned() };
    Some((SwitchConfig::HttpRelay(config), Some(line)))
}

/// The site's own network has no certificates: plain HTTP is what these devices speak.
fn url(entry: &Entry<'_, '_>, key: &str) -> Option<String> {
    let text = entry.text(key)?;
    let web = text.starts_with("http://") || text.starts_with("https://");
    if !web || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        entry.bad(key, format!("\"{text}\" is no web address"), "write it so: \"http://192.0.2.20/relay/0?turn=on\"");
        return None;
    }
    Some(text)
}
