//! Connections as `NetworkManager` keeps them: one made anew, or one that stands with a little changed.

use super::bus::{Profile, Properties, text};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use web_ui::{FixedAddress, Secret};
use zbus::{OwnedVariant, Str, Variant};

/// Kinds of connections.
pub(super) const WIRED: &str = "802-3-ethernet";
pub(super) const WIFI: &str = "802-11-wireless";
pub(super) const GSM: &str = "gsm";
const SECURITY: &str = "802-11-wireless-security";

/// How a Wi-Fi is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing is asked.
    Open,
    /// Nothing is asked, and all is encrypted.
    Enhanced,
    /// WPA2 with a password, or both ways.
    Wpa2,
    /// WPA3 alone.
    Wpa3,
}

impl Entry {
    fn key_mgmt(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Enhanced => Some("owe"),
            Self::Wpa2 => Some("wpa-psk"),
            Self::Wpa3 => Some("sae"),
        }
    }
}

fn word(value: &str) -> OwnedVariant {
    OwnedVariant::from(Str::from(value.to_owned()))
}

fn list<'a, T>(values: Vec<T>) -> Option<OwnedVariant>
where
    Vec<T>: Into<Variant<'a>>,
{
    let value: Variant<'a> = values.into();
    OwnedVariant::try_from(value).ok()
}

fn new(id: &str, kind: &str) -> Profile {
    // NetworkManager gives it an identity where the kernel gives none.
    let uuid = std::fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
    let mut connection = Properties::from([("id".to_owned(), word(id)), ("type".to_owned(), word(kind))]);
    if !uuid.trim().is_empty() {
        connection.insert("uuid".to_owned(), word(uuid.trim()));
    }
    let auto = || Properties::from([("method".to_owned(), word("auto"))]);
    BTreeMap::from([
        ("connection".to_owned(), connection),
        (kind.to_owned(), Properties::new()),
        ("ipv4".to_owned(), auto()),
        ("ipv6".to_owned(), auto()),
    ])
}

/// A cable's connection, for this device alone.
pub(super) fn cable(device: &str) -> Profile {
    let mut profile = new(&format!("Cáp {device}"), WIRED);
    profile.entry("connection".to_owned()).or_default().insert("interface-name".to_owned(), word(device));
    profile
}

/// The mobile network's connection.
pub(super) fn mobile() -> Profile {
    new("4G", GSM)
}

/// A Wi-Fi's connection.
pub(super) fn wifi(ssid: &str, hidden: bool) -> Profile {
    let mut profile = new(ssid, WIFI);
    let wireless = profile.entry(WIFI.to_owned()).or_default();
    wireless.extend(list(ssid.as_bytes().to_vec()).map(|bytes| ("ssid".to_owned(), bytes)));
    wireless.insert("mode".to_owned(), word("infrastructure"));
    if hidden {
        wireless.insert("hidden".to_owned(), OwnedVariant::from(true));
    }
    profile
}

/// Says how a Wi-Fi is entered, and by which word.
pub(super) fn enter(profile: &mut Profile, entry: Entry, password: Option<&Secret>) {
    let Some(way) = entry.key_mgmt() else {
        profile.remove(SECURITY);
        return;
    };
    let security = profile.entry(SECURITY.to_owned()).or_default();
    security.insert("key-mgmt".to_owned(), word(way));
    if let Some(password) = password {
        security.insert("psk".to_owned(), word(password.told()));
    }
    profile.entry(WIFI.to_owned()).or_default().insert("security".to_owned(), word(SECURITY));
}

/// Says how a device comes to its address; what else its connection says of IPv4 stays.
pub(super) fn address(profile: &mut Profile, fixed: Option<&FixedAddress>) {
    let ipv4 = profile.entry("ipv4".to_owned()).or_default();
    // `addresses` and `dns-data` say the same as `address-data` and `dns`, and would be believed before them.
    for old in ["addresses", "address-data", "gateway", "dns", "dns-data"] {
        ipv4.remove(old);
    }
    let Some(FixedAddress { address, prefix, router, dns }) = fixed else {
        ipv4.insert("method".to_owned(), word("auto"));
        return;
    };
    let one: BTreeMap<String, Variant<'static>> = BTreeMap::from([
        ("address".to_owned(), Variant::from(address.to_string())),
        ("prefix".to_owned(), Variant::from(u32::from(*prefix))),
    ]);
    ipv4.insert("method".to_owned(), word("manual"));
    ipv4.extend(list(vec![one]).map(|addresses| ("address-data".to_owned(), addresses)));
    if let Some(router) = router {
        ipv4.insert("gateway".to_owned(), word(&router.to_string()));
    }
    if !dns.is_empty() {
        // As they are on the wire, whatever the machine's order of bytes.
        let servers: Vec<u32> = dns.iter().map(|a: &Ipv4Addr| u32::from_ne_bytes(a.octets())).collect();
        ipv4.extend(list(servers).map(|servers| ("dns".to_owned(), servers)));
    }
}

/// Names the access point of the mobile network.
pub(super) fn apn(profile: &mut Profile, apn: &str) {
    let gsm = profile.entry(GSM.to_owned()).or_default();
    // The operator's own choice would win over it.
    gsm.remove("auto-config");
    gsm.insert("apn".to_owned(), word(apn));
}

/// A text of a connection.
pub(super) fn said<'a>(profile: &'a Profile, part: &str, key: &str) -> Option<&'a str> {
    text(profile.get(part)?, key)
}

/// The first digits of a connection's identity: enough for the journal.
pub(super) fn short(profile: &Profile) -> String {
    said(profile, "connection", "uuid").unwrap_or("new").chars().take(8).collect()
}
