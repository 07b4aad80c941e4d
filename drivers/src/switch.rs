//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod modbus_relay;
mod relay_board;

pub use modbus_relay::ModbusRelay;
pub use relay_board::{Answers, Coil, RelayBoard};

use crate::{Driver, Model};

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
}

impl SwitchConfig {
    /// The driver of this switch.
    pub fn driver(&self) -> Box<dyn Driver<bool>> {
        match self {
            Self::ModbusRelay { unit, coil } => Box::new(ModbusRelay::new(*unit, *coil)),
        }
    }

    /// Where its coil is, if it can be told together with others of its board ([`RelayBoard`]): a plain coil that needs
    /// nothing but a write and a read.
    pub fn coil(&self) -> Option<Coil> {
        match self {
            Self::ModbusRelay { unit, coil } => Some(Coil { unit: *unit, coil: *coil }),
        }
    }

    /// What it has for itself on its line, in words: no other switch may have the same.
    pub fn place(&self) -> String {
        match self {
            Self::ModbusRelay { unit, coil } => format!("coil {coil} of unit {unit}"),
        }
    }
}

/// The switches there are.
pub const MODELS: &[Model] = &[Model {
    name: "modbus-relay",
    about: "one coil of a Modbus relay board (functions 01, 05 and 15)",
    keys: &[
        ("line", "the line the board is on"),
        ("unit", "Modbus address of the board, 1–247; also 255 on some boards"),
        ("coil", "coil, counted from 0"),
    ],
}];
