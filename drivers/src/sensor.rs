//! Sensors: what measures power, temperature, batteries, doors; wanted nothing of, and looked at again and again.

mod gps;
mod machine;
mod modbus;
mod modem;
mod nut;
mod reach;

pub use gps::Gps;
pub use machine::Machine;
pub use modbus::ModbusSensor;
pub use modem::Modem;
pub use nut::Nut;
pub use reach::Reach;

use crate::gpio::Pin;
use crate::profile::{Limit, SensorProfile};
use crate::{Driver, Model};
use gateway_core::device::Reading;
use std::path::PathBuf;
use std::sync::Arc;

/// The quantity by which a sensor vouches for the wall clock: the true time minus the machine's, seconds.
pub const CLOCK_OFFSET: &str = "clock_offset";

/// One sensor as the configuration names it.
#[derive(Clone, Debug)]
pub enum SensorConfig {
    /// `modbus-sensor`.
    Modbus {
        /// Modbus address.
        unit: u8,
        /// What it measures where.
        profile: Arc<SensorProfile>,
    },
    /// `reach`.
    Reach {
        /// `host:port` that takes a connection while the device is alive.
        address: String,
    },
    /// `nut`.
    Nut {
        /// Its name in `ups.conf`.
        ups: String,
        /// User and the file of the password, where upsd wants one.
        login: Option<(String, PathBuf)>,
    },
    /// `modem`.
    Modem {
        /// D-Bus address; `None`: the system bus.
        bus: Option<String>,
    },
    /// `gps`.
    Gps,
    /// `machine`.
    Machine {
        /// Where `/sys` and `/proc` are found, `/` but in tests.
        root: PathBuf,
        /// A folder of the disk whose room is measured.
        disk: PathBuf,
    },
    /// `gpio`.
    Gpio {
        /// The pin.
        pin: Pin,
        /// What its level is called.
        quantity: &'static str,
    },
}

impl SensorConfig {
    /// The driver of this sensor.
    pub fn driver(&self) -> Box<dyn Driver<()>> {
        match self {
            Self::Modbus { unit, profile } => Box::new(ModbusSensor::new(*unit, Arc::clone(profile))),
            Self::Reach { address } => Box::new(Reach::new(address.clone())),
            Self::Nut { ups, login } => Box::new(Nut::new(ups.clone(), login.clone())),
            Self::Modem { bus } => Box::new(Modem::new(bus.clone())),
            Self::Gps => Box::new(Gps::default()),
            Self::Machine { root, disk } => Box::new(Machine::new(root.clone(), disk.clone())),
            Self::Gpio { pin, quantity } => Box::new(crate::gpio::Input::new(pin.clone(), quantity)),
        }
    }

    /// When which of its quantities is an alarm, as far as it knows that itself.
    pub fn limits(&self) -> Vec<Limit> {
        match self {
            Self::Modbus { profile, .. } => profile.limits(),
            Self::Reach { .. }
            | Self::Nut { .. }
            | Self::Modem { .. }
            | Self::Gps
            | Self::Machine { .. }
            | Self::Gpio { .. } => Vec::new(),
        }
    }
}

/// One reading.
pub(crate) fn reading(quantity: &str, value: f64, unit: &'static str) -> Reading {
    Reading { quantity: quantity.to_owned(), value, unit }
}

/// A state as a reading.
pub(crate) fn flag(quantity: &str, on: bool) -> Reading {
    reading(quantity, f64::from(u8::from(on)), "")
}

/// The sensors there are.
pub const MODELS: &[Model] = &[
    Model {
        name: "modbus-sensor",
        about: "what a profile says a Modbus device measures: solar controllers, supervised amplifiers, temperatures",
        keys: &[
            ("line", "the line the sensor is on"),
            ("unit", "Modbus address, 1–247; the profile's unless said"),
            ("profile", "what it measures where, a file of profiles"),
        ],
    },
    Model {
        name: "reach",
        about: "whether a device of the network is alive: it takes a TCP connection",
        keys: &[("address", "host:port of any service the device has: its web page, SIP over TCP, a command port")],
    },
    Model {
        name: "machine",
        about: "the machine the gateway runs on: temperature, fan, supply, disk, wear of its card, load",
        keys: &[("disk", "a folder of the disk whose room is measured; the data folder unless said")],
    },
    Model {
        name: "nut",
        about: "an uninterruptible power supply behind NUT's upsd (RFC 9271)",
        keys: &[
            ("address", "host:port of upsd; 127.0.0.1:3493 unless said"),
            ("ups", "its name in ups.conf"),
            ("user", "user of upsd.users, where upsd wants one; with `password_file`"),
            ("password_file", "file with the password of that user, or a systemd credential"),
        ],
    },
    Model {
        name: "gps",
        about: "a GNSS receiver behind gpsd, which also vouches for the clock",
        keys: &[("address", "host:port of gpsd; 127.0.0.1:2947 unless said")],
    },
    Model {
        name: "modem",
        about: "a mobile modem behind ModemManager (D-Bus)",
        keys: &[("bus", "address of the D-Bus; the system bus unless said")],
    },
    Model {
        name: "gpio",
        about: "an input pin of the machine: door, mains monitor, panel button, push-to-talk",
        keys: &[
            ("chip", "the pins' device, /dev/gpiochip0 unless said"),
            ("pin", "the pin's number on that chip"),
            ("active", "`low` (a contact to ground, pulled up) unless said, or `high`"),
            ("role", "`door`, `power_fail`, `mute_button`, `emergency_button`, `ptt`, or `input`"),
        ],
    },
];
