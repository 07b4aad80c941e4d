//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod modbus_relay;

pub use modbus_relay::ModbusRelay;

use crate::gpio::{Output, Pin};
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
            Self::Gpio { pin } => Box::new(Output::new(pin.clone())),
        }
    }

    /// What it has for itself on its line, in words: no other switch may have the same.
    pub fn place(&self) -> String {
        match self {
            Self::ModbusRelay { unit, coil } => format!("coil {coil} of unit {unit}"),
            Self::Gpio { pin } => format!("pin {}", pin.offset),
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
        name: "gpio",
        about: "an output pin of the machine: a buzzer, a lamp",
        keys: &[
            ("chip", "the pins' device, /dev/gpiochip0 unless said"),
            ("pin", "the pin's number on that chip"),
            ("active", "`high` unless said, or `low`"),
        ],
    },
];
