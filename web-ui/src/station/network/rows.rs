//! The machine's network as the desk shows it: devices, Wi-Fis, the mobile network, and trials.

use super::Elsewhere;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The machine's network, as `NetworkManager` has it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct NetworkState {
    /// Why it is not set here; `null`: it is.
    #[schema(required)]
    pub elsewhere: Option<Elsewhere>,
    /// Its devices.
    pub devices: Vec<NetworkDevice>,
    /// Wi-Fis that were joined once.
    pub saved: Vec<SavedWifi>,
    /// The mobile network; `null` where there is neither modem nor connection for one.
    #[schema(required)]
    pub mobile: Option<MobileRow>,
    /// The change on trial.
    #[schema(required)]
    pub trial: Option<TrialRow>,
    /// What became of the last change.
    #[schema(required)]
    pub last: Option<TrialEnd>,
}

/// Kind of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A cable.
    Wired,
    /// Wi-Fi.
    Wifi,
    /// A mobile modem.
    Mobile,
}

/// How a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// In use.
    Up,
    /// On its way.
    Connecting,
    /// Not in use.
    Down,
    /// No cable, no SIM, or switched off.
    Unavailable,
    /// Another program looks after it.
    Elsewhere,
}

/// How a device comes to its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressMethod {
    /// It asks for one (DHCP).
    Dhcp,
    /// It has its own.
    Fixed,
}

/// A device of the network.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NetworkDevice {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: LinkKind,
    /// How it is.
    pub state: LinkState,
    /// Its addresses with the bits of their network.
    pub addresses: Vec<String>,
    /// The way out.
    #[schema(required)]
    pub router: Option<String>,
    /// Name servers in use.
    pub dns: Vec<String>,
    /// How its connection says that it comes to its address; `null`: in another way, or there is no connection.
    #[schema(required)]
    pub method: Option<AddressMethod>,
    /// Name of the Wi-Fi in use.
    #[schema(required)]
    pub ssid: Option<String>,
    /// Strength of the Wi-Fi in use, %.
    #[schema(required)]
    pub signal: Option<u8>,
}

/// A Wi-Fi that was joined once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SavedWifi {
    /// Its connection.
    pub id: String,
    /// Its name.
    pub ssid: String,
    /// It is in use.
    pub active: bool,
}

/// The mobile network.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MobileRow {
    /// There is a modem.
    pub modem: bool,
    /// Its access point; `null`: the operator's own choice.
    #[schema(required)]
    pub apn: Option<String>,
}

/// How a Wi-Fi is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Not at all.
    Open,
    /// By a password (WPA2, WPA3).
    Password,
    /// By a name or certificate of each user: not joined here.
    Enterprise,
    /// By WEP: not joined here.
    Outdated,
}

/// A Wi-Fi in reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WifiRow {
    /// Its name.
    pub ssid: String,
    /// Its strength, %.
    pub signal: u8,
    /// How it is protected.
    pub protection: Protection,
    /// It was joined once: its password is known.
    pub known: bool,
    /// It is in use.
    pub active: bool,
}

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialWhat {
    /// The address of a device.
    Address,
    /// A Wi-Fi is joined.
    Join,
    /// A Wi-Fi is forgotten.
    Forget,
    /// The access point of the mobile network.
    Apn,
}

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialPhase {
    /// It is made in a moment: first this answer leaves.
    Waiting,
    /// The device changes over.
    Switching,
    /// The new network stands, and waits to be confirmed.
    Up,
}

/// A change on trial: it is kept when somebody confirms it, and undone by `NetworkManager` itself otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialRow {
    /// Its number.
    pub no: u32,
    /// Which device.
    pub device: String,
    /// What is changed.
    pub what: TrialWhat,
    /// Login name; empty where the station started anew meanwhile.
    pub by: String,
    /// How far it is.
    pub phase: TrialPhase,
    /// Time left to confirm it, seconds.
    pub left_s: u32,
    /// The new address, where a fixed one is tried.
    #[schema(required)]
    pub address: Option<String>,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialFate {
    /// Confirmed, and written down.
    Kept,
    /// Taken back by somebody.
    Undone,
    /// Nobody confirmed it: the network before returned by itself.
    WentBack,
    /// It did not come up: the network before was put back at once.
    Failed,
}

/// Why a new network did not come up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialFault {
    /// The password is wrong, or the network does not let this machine in.
    Password,
    /// No such network is in reach.
    OutOfReach,
    /// Nobody gave it an address (DHCP).
    NoAddress,
    /// No cable, or the device went away.
    Unplugged,
    /// The mobile network refuses: SIM, APN or coverage.
    Mobile,
    /// Something else; the log of `NetworkManager` says what.
    Other,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialEnd {
    /// Its number.
    pub no: u32,
    /// Which device.
    pub device: String,
    /// What was changed.
    pub what: TrialWhat,
    /// Login name.
    pub by: String,
    /// How it ended.
    pub fate: TrialFate,
    /// Why it did not come up.
    #[schema(required)]
    pub fault: Option<TrialFault>,
}
