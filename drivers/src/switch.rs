//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod modbus_relay;
mod relay_board;

pub use modbus_relay::ModbusRelay;
pub use relay_board::{Answers, Coil, RelayBoard};

use crate::gpio::{Output, Pin};
use crate::line::Line;
use crate::profile::RelayProfile;
use crate::{Driver, Model};
use gateway_core::device::{Fault, Report};
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
        }
    }

    /// Where its coil is, if it can be told together with others of its board ([`RelayBoard`]): a plain coil that needs
    /// nothing but a write and a read.
    pub fn coil(&self) -> Option<Coil> {
        match self {
            Self::ModbusRelay { unit, coil } => Some(Coil { unit: *unit, coil: *coil }),
            Self::ProfiledRelay { .. } | Self::Gpio { .. } => None,
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
];
