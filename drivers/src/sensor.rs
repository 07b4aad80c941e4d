//! Sensors: what measures power, temperature, batteries, doors; wanted nothing of, and looked at again and again.

use crate::{Driver, Model};

/// One sensor as the configuration names it.
#[derive(Clone, Debug)]
pub enum SensorConfig {}

impl SensorConfig {
    /// The driver of this sensor.
    pub fn driver(&self) -> Box<dyn Driver<()>> {
        match *self {}
    }
}

/// The sensors there are.
pub const MODELS: &[Model] = &[];
