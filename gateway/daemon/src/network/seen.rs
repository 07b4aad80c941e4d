//! What `NetworkManager` has, as the desk shows it: devices, Wi-Fis in reach and known, the mobile network.

use super::bus::{Bus, Profile, Properties, World, bytes, path, tables, text, text_of, whole, whole_of};
use super::profile::{Entry, GSM, WIFI, said};
use std::collections::BTreeMap;
use web_ui::{AddressMethod, LinkKind, LinkState, MobileRow, NetworkDevice, Protection, SavedWifi, Unset, WifiRow};

/// Connections that are looked at.
const MOST: usize = 64;

/// Everything there is, with the connections' insides.
pub(super) struct Seen {
    pub(super) world: World,
    /// Connections by their paths, without secrets.
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// A device.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) kind: LinkKind,
    pub(super) state: LinkState,
    /// The active connection.
    pub(super) active: Option<String>,
    /// The connection it is made of.
    pub(super) connection: Option<String>,
}

/// A Wi-Fi in reach, as one of its access points says it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: String,
    pub(super) ssid: String,
    pub(super) signal: u8,
    /// `Err`: why it cannot be entered.
    pub(super) entry: Result<Entry, Unset>,
}

impl Seen {
    pub(super) async fn look(bus: &Bus) -> Result<Self, Unset> {
        let world = bus.world().await?;
        let mut profiles = BTreeMap::new();
        for (path, _) in world.having(".Settings.Connection").take(MOST) {
            match bus.profile(path).await {
                Ok(profile) => drop(profiles.insert(path.to_owned(), profile)),
                // It went while we looked.
                Err(Unset::Nothing | Unset::Refused(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(Self { world, profiles })
    }

    /// Devices that a person sets.
    pub(super) fn devices(&self) -> Vec<Device> {
        let mut found: Vec<Device> =
            self.world.having(".Device").filter_map(|(at, of)| self.device_of(at, of)).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn device_of(&self, at: &str, of: &Properties) -> Option<Device> {
        let managed = of.get("Managed").is_none_or(|v| bool::try_from(v).unwrap_or(true));
        // NMDeviceType; a pair of virtual cables (20) is somebody's plumbing unless NetworkManager was told to look after it.
        let kind = match whole(of, "DeviceType")? {
            1 => LinkKind::Wired,
            20 if managed => LinkKind::Wired,
            2 => LinkKind::Wifi,
            8 => LinkKind::Mobile,
            _ => return None,
        };
        let active = path(of, "ActiveConnection");
        let standing = active.and_then(|a| self.world.of(a, ".Connection.Active"));
        // NM_ACTIVATION_STATE_FLAG_EXTERNAL: somebody else gave it its address.
        let external = standing.and_then(|s| whole(s, "StateFlags")).is_some_and(|flags| flags & 0x80 != 0);
        let state = match whole(of, "State")? {
            _ if external || !managed => LinkState::Elsewhere,
            10 => LinkState::Elsewhere,
            100 => LinkState::Up,
            40..=90 | 110 => LinkState::Connecting,
            30 | 120 => LinkState::Down,
            _ => LinkState::Unavailable,
        };
        let connection = standing.and_then(|s| path(s, "Connection")).map(str::to_owned);
        let connection =
            connection.or_else(|| of.get("AvailableConnections").and_then(|v| super::bus::paths(v).into_iter().next()));
        Some(Device {
            path: at.to_owned(),
            name: text(of, "Interface")?.to_owned(),
            kind,
            state,
            active: active.map(str::to_owned),
            connection,
        })
    }

    /// A device by its name; one that is set elsewhere is not ours.
    pub(super) fn device(&self, name: &str, kinds: &[LinkKind]) -> Result<Device, Unset> {
        let found =
            self.devices().into_iter().find(|d| d.name == name && kinds.contains(&d.kind)).ok_or(Unset::Nothing)?;
        if found.state == LinkState::Elsewhere { Err(Unset::NotOurs) } else { Ok(found) }
    }

    /// A device as the desk shows it.
    pub(super) fn row(&self, device: &Device) -> NetworkDevice {
        let of = self.world.of(&device.path, ".Device");
        let ip = of.and_then(|of| self.world.of(path(of, "Ip4Config")?, ".IP4Config"));
        let address = |t: &std::collections::HashMap<_, _>| {
            Some(format!("{}/{}", text_of(t, "address")?, whole_of(t, "prefix")?))
        };
        let addresses = ip.map(|ip| tables(ip, "AddressData").iter().filter_map(address).collect()).unwrap_or_default();
        let servers = ip.map(|ip| tables(ip, "NameserverData")).unwrap_or_default();
        let profile = device.connection.as_ref().and_then(|c| self.profiles.get(c));
        let method = profile.and_then(|p| said(p, "ipv4", "method")).and_then(|method| match method {
            "auto" => Some(AddressMethod::Dhcp),
            "manual" => Some(AddressMethod::Fixed),
            _ => None,
        });
        let spot = (device.kind == LinkKind::Wifi).then(|| self.entered(device)).flatten();
        NetworkDevice {
            name: device.name.clone(),
            kind: device.kind,
            state: device.state,
            addresses,
            router: ip.and_then(|ip| text(ip, "Gateway")).filter(|g| !g.is_empty()).map(str::to_owned),
            dns: servers.iter().filter_map(|t| text_of(t, "address").map(str::to_owned)).collect(),
            method,
            ssid: spot.as_ref().map(|s| s.ssid.clone()),
            signal: spot.map(|s| s.signal),
        }
    }

    /// The Wi-Fi that a card is in.
    fn entered(&self, device: &Device) -> Option<Spot> {
        let card = self.world.of(&device.path, ".Device.Wireless")?;
        let active = self.world.of(device.active.as_ref()?, ".Connection.Active");
        let at = path(card, "ActiveAccessPoint").or_else(|| path(active?, "SpecificObject"))?;
        self.spot(at)
    }

    fn spot(&self, at: &str) -> Option<Spot> {
        let of = self.world.of(at, ".AccessPoint")?;
        let ssid = String::from_utf8(bytes(of, "Ssid")?).ok().filter(|s| !s.is_empty() && !s.contains('\0'))?;
        let signal = of.get("Strength").and_then(|v| u8::try_from(v).ok()).unwrap_or_default().min(100);
        let flags = |key| whole(of, key).unwrap_or_default();
        Some(Spot {
            path: at.to_owned(),
            ssid,
            signal,
            entry: entry(flags("Flags"), flags("WpaFlags"), flags("RsnFlags")),
        })
    }

    /// Wi-Fis that a card sees, strongest first; each name once.
    pub(super) fn spots(&self, device: &Device) -> Vec<Spot> {
        let card = self.world.of(&device.path, ".Device.Wireless");
        let seen = card.and_then(|c| c.get("AccessPoints")).map(super::bus::paths).unwrap_or_default();
        let mut found: Vec<Spot> = seen.iter().filter_map(|at| self.spot(at)).collect();
        found.sort_by(|a, b| b.signal.cmp(&a.signal).then_with(|| a.ssid.cmp(&b.ssid)));
        let mut names = std::collections::BTreeSet::new();
        found.retain(|spot| names.insert(spot.ssid.clone()));
        found
    }

    /// The same, as the desk shows them.
    pub(super) fn reach(&self, device: &Device) -> Vec<WifiRow> {
        let entered = self.entered(device).map(|s| s.ssid);
        let row = |spot: Spot| WifiRow {
            known: self.wifi_of(&spot.ssid).is_some(),
            active: entered.as_ref() == Some(&spot.ssid),
            protection: match spot.entry {
                Ok(Entry::Open | Entry::Enhanced) => Protection::Open,
                Ok(Entry::Wpa2 | Entry::Wpa3) => Protection::Password,
                Err(Unset::Outdated) => Protection::Outdated,
                Err(_) => Protection::Enterprise,
            },
            ssid: spot.ssid,
            signal: spot.signal,
        };
        self.spots(device).into_iter().map(row).collect()
    }

    /// Connections of this kind.
    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Profile)> {
        self.profiles.iter().filter(move |(_, p)| said(p, "connection", "type") == Some(kind))
    }

    /// Connections to Wi-Fis of others, with their names.
    fn wifis(&self) -> impl Iterator<Item = (&String, &Profile, String)> {
        self.of_kind(WIFI).filter_map(|(at, profile)| {
            let part = profile.get(WIFI)?;
            let others = text(part, "mode").is_none_or(|mode| mode == "infrastructure");
            let ssid = String::from_utf8(bytes(part, "ssid")?).ok()?;
            others.then_some((at, profile, ssid))
        })
    }

    /// The connection to the Wi-Fi of this name.
    pub(super) fn wifi_of(&self, ssid: &str) -> Option<(&String, &Profile)> {
        self.wifis().find(|(_, _, name)| name == ssid).map(|(at, profile, _)| (at, profile))
    }

    /// The connection to a Wi-Fi by its identity.
    pub(super) fn wifi_by(&self, id: &str) -> Option<(&String, &Profile)> {
        let mine = |p: &Profile| said(p, "connection", "uuid") == Some(id);
        self.wifis().find(|(_, p, _)| mine(p)).map(|(at, profile, _)| (at, profile))
    }

    /// The device on which a connection is in use, and as what.
    pub(super) fn user_of(&self, connection: &str) -> Option<Device> {
        self.devices().into_iter().find(|d| {
            let active = d.active.as_ref().and_then(|a| self.world.of(a, ".Connection.Active"));
            active.and_then(|a| path(a, "Connection")) == Some(connection)
        })
    }

    /// Wi-Fis that were joined once.
    pub(super) fn saved(&self) -> Vec<SavedWifi> {
        let row = |(at, profile, ssid): (&String, &Profile, String)| {
            let id = said(profile, "connection", "uuid")?.to_owned();
            Some(SavedWifi { id, ssid, active: self.user_of(at).is_some() })
        };
        let mut found: Vec<SavedWifi> = self.wifis().filter_map(row).collect();
        found.sort_by(|a, b| b.active.cmp(&a.active).then_with(|| a.ssid.cmp(&b.ssid)));
        found
    }

    /// The mobile network.
    pub(super) fn mobile(&self) -> Option<MobileRow> {
        let modem = self.devices().iter().any(|d| d.kind == LinkKind::Mobile);
        let profile = self.of_kind(GSM).next();
        let apn = profile.and_then(|(_, p)| said(p, GSM, "apn")).filter(|a| !a.is_empty()).map(str::to_owned);
        (modem || profile.is_some()).then_some(MobileRow { modem, apn })
    }
}

/// How a Wi-Fi is entered (`NM80211ApFlags`, `NM80211ApSecurityFlags`).
fn entry(flags: u32, wpa: u32, rsn: u32) -> Result<Entry, Unset> {
    const PRIVACY: u32 = 0x1;
    const PASSWORD: u32 = 0x100;
    const SAE: u32 = 0x400;
    const OWE: u32 = 0x800;
    /// Open, with an encrypted twin beside it.
    const TWIN: u32 = 0x1000;
    let keys = wpa | rsn;
    if keys & PASSWORD != 0 {
        Ok(Entry::Wpa2)
    } else if keys & SAE != 0 {
        Ok(Entry::Wpa3)
    } else if keys & OWE != 0 {
        Ok(Entry::Enhanced)
    } else if keys & !TWIN != 0 {
        Err(Unset::Enterprise)
    } else if flags & PRIVACY != 0 {
        Err(Unset::Outdated)
    } else {
        Ok(Entry::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_protects_a_wifi_is_read_from_its_flags() {
        assert_eq!(entry(0, 0, 0), Ok(Entry::Open));
        assert_eq!(entry(1, 0, 0), Err(Unset::Outdated), "WEP");
        assert_eq!(entry(1, 0x100, 0x188), Ok(Entry::Wpa2));
        assert_eq!(entry(1, 0, 0x588), Ok(Entry::Wpa2), "WPA2 and WPA3");
        assert_eq!(entry(1, 0, 0x488), Ok(Entry::Wpa3));
        assert_eq!(entry(1, 0, 0x288), Err(Unset::Enterprise));
        assert_eq!(entry(0, 0, 0x1000), Ok(Entry::Open), "open, with an encrypted twin");
        assert_eq!(entry(0, 0, 0x800), Ok(Entry::Enhanced));
    }
}
