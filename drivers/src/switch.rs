//! Switches: relay coils, amplifier standby, network ports, beacon lights.

mod modbus_relay;

pub use modbus_relay::ModbusRelay;

/// One kind of switch the configuration can name.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The word after `driver =`.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its own configuration keys: name, then what it means with unit and range.
    pub keys: &'static [(&'static str, &'static str)],
}

/// The switches there are.
pub const MODELS: &[Model] = &[Model {
    name: "modbus-relay",
    about: "one coil of a Modbus relay board (functions 01 and 05)",
    keys: &[
        ("line", "the line the board is on"),
        ("unit", "Modbus address of the board, 1–247; also 255 on some boards"),
        ("coil", "coil, counted from 0"),
    ],
}];
