//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod barix_volume;
mod http_relay;
mod modbus_relay;
mod snmp_port;

pub use barix_volume::BarixVolume;
pub use http_relay::{HttpRelay, HttpRelayConfig};
pub use modbus_relay::ModbusRelay;
pub use snmp_port::{PortKind, SnmpAccess, SnmpPort};

use crate::{Driver, Model};
use std::net::SocketAddrV4;

/// One switch as the configuration names it.
#[derive(Clone, Debug, PartialEq)]
pub enum SwitchConfig {
    /// `modbus-relay`.
    ModbusRelay {
        /// Modbus address of the board.
        unit: u8,
        /// Coil, from 0.
        coil: u16,
    },
    /// `barix-volume`.
    BarixVolume {
        /// Volume while it is on, per cent.
        full: u8,
        /// Volume while it is off, per cent.
        usual: u8,
        /// What it asks for before it takes commands.
        password: Option<Secret>,
    },
    /// `snmp-port`.
    SnmpPort {
        /// Where the network switch answers.
        address: SocketAddrV4,
        /// How it lets us in.
        access: SnmpAccess,
        /// What of which port.
        kind: PortKind,
    },
    /// `http-relay`.
    HttpRelay(HttpRelayConfig),
}

/// A word that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl SwitchConfig {
    /// The driver of this switch.
    pub fn driver(&self) -> Box<dyn Driver<bool>> {
        match self {
            Self::ModbusRelay { unit, coil } => Box::new(ModbusRelay::new(*unit, *coil)),
            Self::BarixVolume { full, usual, password } => {
                Box::new(BarixVolume::new(*full, *usual, password.as_ref().map(|p| p.0.clone())))
            }
            Self::SnmpPort { address, access, kind } => Box::new(SnmpPort::new(*address, access.clone(), *kind)),
            Self::HttpRelay(config) => Box::new(HttpRelay::new(config.clone())),
        }
    }

    /// What it has for itself on its line, in words: no other switch may have the same.
    pub fn place(&self) -> String {
        match self {
            Self::ModbusRelay { unit, coil } => format!("coil {coil} of unit {unit}"),
            Self::BarixVolume { .. } => "the volume".to_owned(),
            Self::SnmpPort { kind, .. } => format!("{kind:?}"),
            Self::HttpRelay(config) => config.on_url.clone(),
        }
    }
}

/// The switches there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "modbus-relay",
        about: "one coil of a Modbus relay board (functions 01 and 05)",
        keys: &[
            ("line", "the line the board is on"),
            ("unit", "Modbus address of the board, 1–247; also 255 on some boards"),
            ("coil", "coil, counted from 0"),
        ],
    },
    Model {
        name: "barix-volume",
        about: "the volume of a Barix receiver by its command port: on is full, off as usual",
        keys: &[
            ("address", "host and port of the command port"),
            ("full", "volume while it is on, per cent"),
            ("usual", "volume while it is off, per cent"),
            ("password_file", "file or credential with the password of the commands, if it has one"),
        ],
    },
    Model {
        name: "snmp-port",
        about: "a port of a network switch by SNMP: its link, or its power over the cable",
        keys: &[
            ("address", "IPv4 address and port of the network switch, UDP"),
            ("access_file", "file or credential: the community of v2c, or name, password and key of v3, a line each"),
            ("interface_index", "number of the interface (ifIndex), to switch its link"),
            ("power_port", "number of the port, to switch its power"),
            ("power_group", "group of that port, mostly 1"),
        ],
    },
    Model {
        name: "http-relay",
        about: "a relay, socket strip or volume behind a web page",
        keys: &[
            ("on_url", "address that switches on"),
            ("off_url", "address that switches off"),
            ("body", "what is posted to either; left out: it is got"),
            ("read_url", "address that says how it is"),
            ("read_on", "text in that answer while it is on"),
            ("access_file", "file or credential with the value of the header Authorization"),
        ],
    },
];
