//! The network as the system shows it: interfaces, addresses, signal, the way out. Nothing is changed.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use web_ui::Interface;

const NET: &str = "/sys/class/net";

/// Every interface with its addresses.
pub(super) fn interfaces() -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    for entry in fs::read_dir(NET).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let state = fs::read_to_string(entry.path().join("operstate")).unwrap_or_default();
        let kind = kind(&name, &entry.path());
        let signal_dbm = if kind == "wifi" { signal(&name) } else { None };
        let one = Interface {
            name: name.clone(),
            kind: kind.to_owned(),
            up: state.trim() == "up",
            addresses: Vec::new(),
            signal_dbm,
        };
        found.insert(name, one);
    }
    for address in if_addrs::get_if_addrs().unwrap_or_default() {
        let one = found.entry(address.name.clone()).or_insert_with(|| Interface {
            name: address.name.clone(),
            kind: "other".to_owned(),
            ..Interface::default()
        });
        // A tunnel has no link of its own, and an address all the same.
        one.up = true;
        one.addresses.push(address.ip().to_string());
    }
    found.into_values().collect()
}

fn kind(name: &str, at: &Path) -> &'static str {
    if at.join("wireless").exists() || at.join("phy80211").exists() {
        "wifi"
    } else if name.starts_with("wwan") || name.starts_with("ppp") {
        "mobile"
    } else if at.join("device").exists() {
        "wired"
    } else {
        "other"
    }
}

/// Signal of a Wi-Fi, dBm (`/proc/net/wireless`).
fn signal(name: &str) -> Option<f64> {
    let table = fs::read_to_string("/proc/net/wireless").ok()?;
    level(&table, name)
}

fn level(table: &str, name: &str) -> Option<f64> {
    let row = table.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':').map(str::to_owned))?;
    row.split_whitespace().nth(2)?.trim_end_matches('.').parse().ok()
}

/// Where packets for elsewhere go (`/proc/net/route`).
pub(super) fn router() -> Option<String> {
    way_out(&fs::read_to_string("/proc/net/route").ok()?)
}

fn way_out(table: &str) -> Option<String> {
    let row = table.lines().skip(1).map(|l| l.split_whitespace().collect::<Vec<_>>());
    let gate = row.into_iter().find(|r| r.get(1) == Some(&"00000000"))?;
    let number = u32::from_str_radix(gate.get(2)?, 16).ok()?;
    Some(Ipv4Addr::from(number.swap_bytes()).to_string()).filter(|a| a != "0.0.0.0")
}

/// Name servers (`/etc/resolv.conf`).
pub(super) fn name_servers() -> Vec<String> {
    let text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    text.lines().filter_map(|l| l.strip_prefix("nameserver ")).map(|a| a.trim().to_owned()).take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_tables_are_read() {
        let route = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n\
            eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\neth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";
        assert_eq!(way_out(route).as_deref(), Some("192.168.0.1"));
        assert_eq!(way_out("Iface\tDestination\n"), None);
        let wireless = "Inter-| sta-|   Quality        |   Discarded packets\n face | tus | link level noise |\n wlan0: 0000   54.  -56.  -256        0\n";
        assert_eq!(level(wireless, "wlan0"), Some(-56.0));
        assert_eq!(level(wireless, "wlan1"), None);
    }
}
