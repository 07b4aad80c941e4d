//! Sensors: what measures power, temperature, batteries, doors; wanted nothing of, and looked at again and again.

mod modbus;
mod reach;

pub use modbus::ModbusSensor;
pub use reach::Reach;

use crate::profile::{Limit, SensorProfile};
use crate::{Driver, Model};
use std::sync::Arc;

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
}

impl SensorConfig {
    /// The driver of this sensor.
    pub fn driver(&self) -> Box<dyn Driver<()>> {
        match self {
            Self::Modbus { unit, profile } => Box::new(ModbusSensor::new(*unit, Arc::clone(profile))),
            Self::Reach { address } => Box::new(Reach::new(address.clone())),
        }
    }

    /// When which of its quantities is an alarm, as far as it knows that itself.
    pub fn limits(&self) -> Vec<Limit> {
        match self {
            Self::Modbus { profile, .. } => profile.limits(),
            Self::Reach { .. } => Vec::new(),
        }
    }
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
];
