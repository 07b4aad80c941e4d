//! Switches of the network: volumes, ports of a network switch, relays behind a web page.

use crate::config::sheet::Entry;
use crate::config::sinks::socket_address;
use crate::config::station::{Beside, host_port};
use drivers::line::LineConfig;
use drivers::switch::{HttpRelayConfig, PortKind, Secret, SnmpAccess, SwitchConfig};

/// A switch with a line of its own.
pub(super) type Own = (SwitchConfig, LineConfig);

pub(super) fn barix(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
    let address = host_port(entry, "address");
    let [full, usual] = ["full", "usual"].map(|k| entry.whole(k).and_then(|v| u8::try_from(v).ok()));
    let password = match entry.has("password_file") {
        true => Some(Secret(beside.secret(entry, "password_file")?)),
        false => None,
    };
    let config = SwitchConfig::BarixVolume { full: full?, usual: usual?, password };
    Some((config, LineConfig::tcp(address?)))
}

pub(super) fn snmp(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
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
    Some((SwitchConfig::SnmpPort { address, access, kind }, line))
}

pub(super) fn http(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Own> {
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
    Some((SwitchConfig::HttpRelay(config), line))
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
