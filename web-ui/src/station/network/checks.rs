//! What a change of the network must look like before anything is touched; a wrong one names its field and its remedy.

use super::{AddressMethod, FixedAddress, NetworkChange, Secret};
use crate::problem::{Problem, say};
use serde::Deserialize;
use std::net::Ipv4Addr;
use utoipa::ToSchema;

/// Longest name of a device, bytes (`IFNAMSIZ` less its end).
const DEVICE: usize = 15;
/// Longest name of a Wi-Fi, bytes (IEEE 802.11).
const SSID: usize = 32;
/// A Wi-Fi password (WPA passphrase), characters of ASCII.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=63;
/// Longest name of an access point, as `NetworkManager` takes it.
const APN: usize = 64;
/// Name servers of a device.
const SERVERS: usize = 3;

/// How a device comes to its address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"device": "eth0", "method": "fixed", "address": "192.168.1.20", "prefix": 24,
    "router": "192.168.1.1", "dns": ["192.168.1.1"]}))]
pub(crate) struct AddressAsked {
    /// Which device.
    #[schema(min_length = 1, max_length = 15)]
    device: String,
    /// How.
    method: AddressMethod,
    /// Its own address (IPv4), where `fixed`.
    #[serde(default)]
    #[schema(max_length = 15)]
    address: Option<String>,
    /// Bits of its network, where `fixed`.
    #[serde(default)]
    #[schema(minimum = 8, maximum = 30)]
    prefix: Option<u8>,
    /// The way out, in the same network.
    #[serde(default)]
    #[schema(max_length = 15)]
    router: Option<String>,
    /// Name servers (IPv4).
    #[serde(default)]
    #[schema(max_items = 3)]
    dns: Vec<String>,
}

/// A Wi-Fi that is to be joined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"device": "wlan0", "ssid": "UBND xã", "password": "mat-khau-wifi"}))]
pub(crate) struct JoinAsked {
    /// Which card.
    #[schema(min_length = 1, max_length = 15)]
    device: String,
    /// Its name: 1 to 32 bytes of UTF-8.
    #[schema(min_length = 1, max_length = 32)]
    ssid: String,
    /// Its password: 8 to 63 characters of ASCII; left out where it has none, or was joined before.
    #[serde(default)]
    #[schema(min_length = 8, max_length = 63, write_only)]
    password: Option<String>,
    /// It does not say its name by itself.
    #[serde(default)]
    hidden: bool,
}

/// The access point of the mobile network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"apn": "v-internet"}))]
pub(crate) struct ApnAsked {
    /// Its name.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    apn: String,
}

fn wrong<T>(vi: impl Into<String>, en: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::wrong(say(vi, en)))
}

pub(super) fn device(name: &str) -> Result<(), Problem> {
    let well = (1..=DEVICE).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if well {
        return Ok(());
    }
    wrong(
        format!("Tên thiết bị mạng (device) dài 1 đến {DEVICE} ký tự, không dấu, không khoảng trắng."),
        format!("device has 1 to {DEVICE} characters of ASCII without spaces."),
    )
}

/// An address of a single machine.
fn host(field: &str, shown: &str, written: &str) -> Result<Ipv4Addr, Problem> {
    let Ok(address) = written.trim().parse::<Ipv4Addr>() else {
        return wrong(
            format!("{shown} ({field}) phải là địa chỉ IPv4 gồm bốn số từ 0 đến 255, ví dụ 192.168.1.20."),
            format!("{field} is an IPv4 address of four numbers from 0 to 255, like 192.168.1.20."),
        );
    };
    let first = address.octets()[0];
    if first == 0 || address.is_loopback() || address.is_link_local() || first >= 224 {
        return wrong(
            format!("{shown} ({field}) {address} không dùng được cho một máy; hãy dùng địa chỉ của mạng tại chỗ."),
            format!("{field} {address} is no address of a machine; use one of the local network."),
        );
    }
    Ok(address)
}

/// An address of a machine in its network: neither the first (the network) nor the last (everybody).
fn within(field: &str, shown: &str, address: Ipv4Addr, prefix: u8) -> Result<(), Problem> {
    let rest = u32::MAX >> prefix;
    let place = u32::from(address) & rest;
    if place == 0 || place == rest {
        return wrong(
            format!("{shown} ({field}) {address}/{prefix} là địa chỉ đầu hoặc cuối của mạng, không dùng cho máy được."),
            format!("{field} {address}/{prefix} is the first or last of its network, which no machine may have."),
        );
    }
    Ok(())
}

impl AddressAsked {
    pub(super) fn checked(self) -> Result<NetworkChange, Problem> {
        let Self { device: name, method, address, prefix, router, dns } = self;
        device(&name)?;
        if dns.len() > SERVERS {
            return wrong(
                format!("Nhiều nhất {SERVERS} máy chủ tên miền (dns)."),
                format!("dns: at most {SERVERS} name servers."),
            );
        }
        if prefix.is_some_and(|p| !(8..=30).contains(&p)) {
            return wrong(
                "Số bit mạng (prefix) từ 8 đến 30; mạng thường gặp 255.255.255.0 là 24.",
                "prefix is 8 to 30; the usual 255.255.255.0 is 24.",
            );
        }
        if method == AddressMethod::Dhcp {
            if address.is_some() || prefix.is_some() || router.is_some() || !dns.is_empty() {
                return wrong(
                    "Nhận địa chỉ tự động (dhcp) thì không ghi địa chỉ, số bit mạng, cổng ra, máy chủ tên miền.",
                    "With dhcp leave address, prefix, router and dns out.",
                );
            }
            return Ok(NetworkChange::Address { device: name, fixed: None });
        }
        let (Some(address), Some(prefix)) = (address, prefix) else {
            return wrong(
                "Địa chỉ cố định cần cả địa chỉ (address) và số bit mạng (prefix).",
                "A fixed address needs address and prefix.",
            );
        };
        let address = host("address", "Địa chỉ", &address)?;
        within("address", "Địa chỉ", address, prefix)?;
        let router = router.filter(|r| !r.trim().is_empty()).map(|r| host("router", "Cổng ra", &r)).transpose()?;
        if let Some(router) = router {
            within("router", "Cổng ra", router, prefix)?;
            let network = |a: Ipv4Addr| u32::from(a) & !(u32::MAX >> prefix);
            if network(router) != network(address) {
                return wrong(
                    format!("Cổng ra (router) {router} không nằm trong mạng {address}/{prefix}."),
                    format!("router {router} is not in the network of {address}/{prefix}."),
                );
            }
            if router == address {
                return wrong(
                    "Cổng ra (router) phải khác địa chỉ của trạm.",
                    "router is another machine than this one.",
                );
            }
        }
        let mut servers = Vec::new();
        for written in &dns {
            let server = host("dns", "Máy chủ tên miền", written)?;
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        let fixed = FixedAddress { address, prefix, router, dns: servers };
        Ok(NetworkChange::Address { device: name, fixed: Some(fixed) })
    }
}

impl JoinAsked {
    pub(super) fn checked(self) -> Result<NetworkChange, Problem> {
        let Self { device: name, ssid, password, hidden } = self;
        device(&name)?;
        if !(1..=SSID).contains(&ssid.len()) || ssid.chars().any(char::is_control) {
            return wrong(
                format!(
                    "Tên Wi-Fi (ssid) dài 1 đến {SSID} byte (chữ có dấu chiếm 2 đến 3 byte); hiện có {}.",
                    ssid.len()
                ),
                format!("ssid has 1 to {SSID} bytes of text; this one has {}.", ssid.len()),
            );
        }
        if let Some(word) = &password {
            if !PASSWORD.contains(&word.chars().count()) {
                return wrong("Mật khẩu Wi-Fi (password) dài từ 8 đến 63 ký tự.", "password has 8 to 63 characters.");
            }
            if !word.bytes().all(|b| (b' '..=b'~').contains(&b)) {
                return wrong(
                    "Mật khẩu Wi-Fi (password) chỉ gồm chữ không dấu, số và ký hiệu thường.",
                    "password holds plain letters without accents, digits and signs only.",
                );
            }
        }
        Ok(NetworkChange::Join { device: name, ssid, password: password.map(Secret::new), hidden })
    }
}

impl ApnAsked {
    pub(super) fn checked(self) -> Result<NetworkChange, Problem> {
        let Self { apn } = self;
        let letters = apn.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !(1..=APN).contains(&apn.len()) || !letters {
            return wrong(
                format!(
                    "Điểm truy cập (apn) dài 1 đến {APN} ký tự, chỉ gồm chữ không dấu, số, dấu chấm và gạch, ví dụ v-internet."
                ),
                format!("apn has 1 to {APN} letters, digits, points and dashes, like v-internet."),
            );
        }
        Ok(NetworkChange::Apn { apn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(address: &str, prefix: u8, router: &str) -> Result<NetworkChange, Problem> {
        let asked = AddressAsked {
            device: "eth0".to_owned(),
            method: AddressMethod::Fixed,
            address: Some(address.to_owned()),
            prefix: Some(prefix),
            router: Some(router.to_owned()).filter(|r| !r.is_empty()),
            dns: vec!["8.8.8.8".to_owned(), "8.8.8.8".to_owned()],
        };
        asked.checked()
    }

    #[test]
    fn an_address_is_one_of_a_machine_and_its_way_out_is_beside_it() {
        let Ok(NetworkChange::Address { fixed: Some(fixed), .. }) = address("192.168.1.20", 24, "192.168.1.1") else {
            panic!("a usual one is refused")
        };
        assert_eq!((fixed.prefix, fixed.dns.len()), (24, 1), "said twice is once");
        assert!(address("192.168.1.20", 24, "").is_ok(), "a network without a way out");
        assert!(address("10.0.0.255", 16, "10.0.255.1").is_ok(), "the last of a smaller network");
        for (own, prefix, router) in [
            ("192.168.1.0", 24, ""),
            ("192.168.1.255", 24, ""),
            ("192.168.1.20", 24, "192.168.2.1"),
            ("192.168.1.20", 24, "192.168.1.20"),
            ("192.168.1.20", 24, "192.168.1.255"),
            ("192.168.1.20", 31, ""),
            ("192.168.1.20", 0, ""),
            ("127.0.0.1", 8, ""),
            ("169.254.3.4", 16, ""),
            ("224.0.0.5", 24, ""),
            ("0.0.0.5", 24, ""),
            ("192.168.1", 24, ""),
            ("192.168.1.256", 24, ""),
            ("fe80::1", 24, ""),
        ] {
            assert!(address(own, prefix, router).is_err(), "{own}/{prefix} by {router}");
        }
    }

    fn join(ssid: &str, password: Option<&str>) -> Result<NetworkChange, Problem> {
        let (device, ssid) = ("wlan0".to_owned(), ssid.to_owned());
        JoinAsked { device, ssid, password: password.map(str::to_owned), hidden: false }.checked()
    }

    #[test]
    fn a_wifi_has_a_name_and_a_word_that_fit_and_the_word_is_not_shown() {
        let known = join("UBND xã", Some("mat-khau"));
        let change = known.expect("a usual one");
        assert!(!format!("{change:?}").contains("mat-khau"), "{change:?}");
        assert!(join("x".repeat(32).as_str(), Some(&"p".repeat(63))).is_ok());
        assert!(join("", None).is_err() && join(&"ă".repeat(17), None).is_err() && join("a\0b", None).is_err());
        for word in ["1234567", "", "mật-khẩu-có-dấu", "tab\tulator", &"p".repeat(64)] {
            assert!(join("UBND", Some(word)).is_err(), "{word:?}");
        }
        let apn = |apn: &str| ApnAsked { apn: apn.to_owned() }.checked();
        assert!(apn("v-internet").is_ok() && apn("m3-world").is_ok());
        assert!(apn("").is_err() && apn("v internet").is_err() && apn(&"a".repeat(65)).is_err());
        assert!(device("wlan0").is_ok() && device("a/b").is_err() && device("mot-ten-qua-dai-").is_err());
    }
}
