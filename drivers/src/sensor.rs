//! Sensors: what measures power, temperature, batteries, doors; wanted nothing of, and looked at again and again.

mod reach;

pub use reach::Reach;

use crate::{Driver, Model};

/// One sensor as the configuration names it.
#[derive(Clone, Debug)]
pub enum SensorConfig {
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
            Self::Reach { address } => Box::new(Reach::new(address.clone())),
        }
    }
}

/// The sensors there are.
pub const MODELS: &[Model] = &[Model {
    name: "reach",
    about: "whether a device of the network is alive: it takes a TCP connection",
    keys: &[("address", "host:port of any service the device has: its web page, SIP over TCP, a command port")],
}];
