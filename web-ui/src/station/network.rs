//! The machine's network at the desk: looked at by everybody, changed by a technician on trial, and gone back from by itself.
//!
//! What is done to the network, the daemon does behind [`Network`] (decision 0015).

mod answers;
mod checks;
mod rows;

pub(crate) use answers::*;
pub use rows::*;

use serde::Serialize;
use std::fmt;
use std::net::Ipv4Addr;
use utoipa::ToSchema;

/// What the daemon does with the machine's network. Every call may wait for it, for a bounded time.
pub trait Network: Send + Sync {
    /// The network as it is, and what may be done to it.
    fn state(&self) -> NetworkState;
    /// Lets a Wi-Fi card look round; what it sees, strongest first.
    fn scan(&self, device: &str) -> Result<Vec<WifiRow>, Unset>;
    /// Begins a change; one that a device in use depends on is on trial from now on, and made a moment after the answer.
    fn change(&self, change: NetworkChange, by: &str) -> Result<NetworkChanged, Unset>;
    /// Keeps what is on trial.
    fn keep(&self, no: u32) -> Result<(), Unset>;
    /// Goes back to what was before the trial.
    fn undo(&self, no: u32) -> Result<(), Unset>;
}

/// A secret on its way: never shown, logged or kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }
    /// The text, for the one it is meant for.
    pub fn told(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A change whose form was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkChange {
    /// How a device comes to its address.
    Address {
        /// Which.
        device: String,
        /// Its own; `None`: it asks for one (DHCP).
        fixed: Option<FixedAddress>,
    },
    /// A Wi-Fi is joined.
    Join {
        /// By which card.
        device: String,
        /// Which network.
        ssid: String,
        /// Its word; `None` where it has none, or where it is known already.
        password: Option<Secret>,
        /// It does not say its name by itself.
        hidden: bool,
    },
    /// A Wi-Fi is forgotten.
    Forget {
        /// Its connection.
        id: String,
    },
    /// The access point of the mobile network.
    Apn {
        /// Its name.
        apn: String,
    },
}

/// An address of a device's own (IPv4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// Bits of its network.
    pub prefix: u8,
    /// The way out.
    pub router: Option<Ipv4Addr>,
    /// Name servers.
    pub dns: Vec<Ipv4Addr>,
}

/// What became of a change for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkChanged {
    /// What was changed, for the journal: devices and connections, no names of people's networks, no secret.
    pub what: String,
    /// The trial it is on; `None`: nothing in use depends on it, and it is done.
    pub trial: Option<TrialRow>,
}

/// Why something is not done to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unset {
    /// This machine's network is set elsewhere.
    Elsewhere(Elsewhere),
    /// There is no such device, connection or trial.
    Nothing,
    /// Another change is on trial, or being made.
    Waits,
    /// This device is set elsewhere.
    NotOurs,
    /// No such Wi-Fi is in reach.
    OutOfReach,
    /// It asks for more than a password: a name or a certificate of each user.
    Enterprise,
    /// It is protected by WEP, which protects nothing.
    Outdated,
    /// It wants a password and none was given.
    NeedsPassword,
    /// The device has no connection yet that could be given an address.
    NoConnection,
    /// It is protected by nothing, and a password was given: it may be somebody else's.
    Unprotected,
    /// Too late: the trial is over.
    Over,
    /// Too early: the new network does not stand yet.
    TooEarly,
    /// Kept, but not written: it is lost at the next start of the machine.
    NotWritten,
    /// `NetworkManager` would not; in its words.
    Refused(String),
}

/// Why this machine's network is not set at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Elsewhere {
    /// Another program looks after the network: there is no `NetworkManager`.
    Absent,
    /// `NetworkManager` does not answer.
    Silent,
    /// `NetworkManager` does not let the station change anything.
    Forbidden,
}

/// For places whose network is set elsewhere.
pub struct NoNetwork;

impl Network for NoNetwork {
    fn state(&self) -> NetworkState {
        NetworkState { elsewhere: Some(Elsewhere::Absent), ..NetworkState::default() }
    }
    fn scan(&self, _: &str) -> Result<Vec<WifiRow>, Unset> {
        Err(Unset::Elsewhere(Elsewhere::Absent))
    }
    fn change(&self, _: NetworkChange, _: &str) -> Result<NetworkChanged, Unset> {
        Err(Unset::Elsewhere(Elsewhere::Absent))
    }
    fn keep(&self, _: u32) -> Result<(), Unset> {
        Err(Unset::Elsewhere(Elsewhere::Absent))
    }
    fn undo(&self, _: u32) -> Result<(), Unset> {
        Err(Unset::Elsewhere(Elsewhere::Absent))
    }
}
