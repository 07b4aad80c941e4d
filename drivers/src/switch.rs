//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod barix_volume;
mod http_relay;
mod modbus_relay;
mod relay_board;
mod snmp_port;

pub use barix_volume::BarixVolume;
pub use http_relay::{HttpRelay, HttpRelayConfig};
pub use modbus_relay::ModbusRelay;
pub use relay_board::{Answers, Coil, RelayBoard};
pub use snmp_port::{PortKind, SnmpAccess, SnmpPort};

use crate::gpio::{Output, Pin};
use crate::line::Line;
use crate::profile::RelayProfile;
use crate::{Driver, Model};
use gateway_core::device::{Fault, Report};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

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
    /// `modbus-relay` with a profile.
    ProfiledRelay {
        /// Modbus address of the board.
        unit: u8,
        /// Relay, as the board counts; the profile has it.
        number: u16,
        /// What board it is.
        board: Arc<RelayProfile>,
        /// It opens by itself this long after the gateway's last word; the profile's pulse reaches as far.
        hold: Option<Duration>,
    },
    /// `gpio`.
    Gpio {
        /// The pin.
        pin: Pin,
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
            Self::ProfiledRelay { unit, number, board, hold } => {
                match ModbusRelay::by_profile(*unit, *number, Arc::clone(board), *hold) {
                    Some(relay) => Box::new(relay),
                    None => Box::new(Unfit(format!("relay {number} of unit {unit} is not on such a board"))),
                }
            }
            Self::Gpio { pin } => Box::new(Output::new(pin.clone())),
            Self::BarixVolume { full, usual, password } => {
                Box::new(BarixVolume::new(*full, *usual, password.as_ref().map(|p| p.0.clone())))
            }
            Self::SnmpPort { address, access, kind } => Box::new(SnmpPort::new(*address, access.clone(), *kind)),
            Self::HttpRelay(config) => Box::new(HttpRelay::new(config.clone())),
        }
    }

    /// Where its coil is, if it can be told together with others of its board ([`RelayBoard`]): a plain coil that needs
    /// nothing but a write and a read.
    pub fn coil(&self) -> Option<Coil> {
        match self {
            Self::ModbusRelay { unit, coil } => Some(Coil { unit: *unit, coil: *coil }),
            Self::ProfiledRelay { .. }
            | Self::Gpio { .. }
            | Self::BarixVolume { .. }
            | Self::SnmpPort { .. }
            | Self::HttpRelay(_) => None,
        }
    }

    /// What it has for itself on its line, in words: no other switch may have the same.
    pub fn place(&self) -> String {
        match self {
            Self::ModbusRelay { unit, coil } => format!("coil {coil} of unit {unit}"),
            Self::ProfiledRelay { unit, number, board, .. } => {
                let address = board.first.wrapping_add(board.offset(*number).unwrap_or(*number));
                let what = if board.table == crate::line::Table::Holding { "register" } else { "coil" };
                format!("{what} {address} of unit {unit}")
            }
            Self::Gpio { pin } => format!("pin {}", pin.offset),
            Self::BarixVolume { .. } => "the volume".to_owned(),
            Self::SnmpPort { kind, .. } => format!("{kind:?}"),
            Self::HttpRelay(config) => config.on_url.clone(),
        }
    }
}

/// A switch that cannot be: the reader of the configuration refuses it, and whoever makes one all the same is told.
struct Unfit(String);

impl Driver<bool> for Unfit {
    fn apply(&mut self, _: &mut Line, _: &bool) -> Result<Report, Fault> {
        Err(Fault::Refused(self.0.clone()))
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        Err(Fault::Refused(self.0.clone()))
    }
}

/// The switches there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "modbus-relay",
        about: "one relay of a Modbus board: a coil (functions 01, 05 and 15), or what a profile says",
        keys: &[
            ("line", "the line the board is on"),
            ("unit", "Modbus address of the board, 1–247; also 255 on some boards"),
            ("coil", "relay, as the board counts: from 0 unless the profile says otherwise"),
            ("profile", "what board it is; coils from 0 unless said"),
            (
                "hold_s",
                "dead-man: the board opens the relay by itself this long after the gateway's last word, 2–3000 s",
            ),
        ],
    },
    Model {
        name: "gpio",
        about: "an output pin of the machine: a buzzer, a lamp",
        keys: &[
            ("chip", "the pins' device, /dev/gpiochip0 unless said"),
            ("pin", "the pin's number on that chip"),
            ("active", "`high` unless said, or `low`"),
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
