//! Transmitters: FM exciters, and the coders that open and close the zones of their receivers.
//!
//! Frequency and power are the licence's: nothing here can set them.

pub mod cluster_code;
mod exciter;
mod uecp;
pub mod uecp_element;
pub mod uecp_frame;

pub use crate::profile::{ExciterProfile, GENERIC, Point};
pub use exciter::{Licence, ModbusExciter};
pub use uecp::{Uecp, UecpConfig};

use crate::{Driver, Model};
use gateway_core::want::CoderWant;
use std::sync::Arc;

/// One exciter as the configuration names it.
#[derive(Clone, Debug)]
pub enum ExciterConfig {
    /// `modbus-exciter`.
    Modbus {
        /// Modbus address.
        unit: u8,
        /// Its register map.
        profile: Arc<ExciterProfile>,
        /// What its licence allows.
        licence: Licence,
        /// Reflected power above which the carrier is taken off, watts; `None`: the driver's rule.
        reflected_limit_w: Option<f64>,
    },
}

impl ExciterConfig {
    /// The driver of this exciter.
    pub fn driver(&self) -> Box<dyn Driver<bool>> {
        match self {
            Self::Modbus { unit, profile, licence, reflected_limit_w } => {
                let exciter = ModbusExciter::new(*unit, *licence, profile);
                Box::new(match reflected_limit_w {
                    Some(watts) => exciter.with_reflected_limit(*watts),
                    None => exciter,
                })
            }
        }
    }
}

/// One zone coder as the configuration names it.
#[derive(Clone, Debug)]
pub enum CoderConfig {
    /// `uecp`.
    Uecp(UecpConfig),
}

impl CoderConfig {
    /// The driver of this coder.
    pub fn driver(&self) -> Box<dyn Driver<CoderWant>> {
        match self {
            Self::Uecp(config) => Box::new(Uecp::new(config.clone())),
        }
    }
}

/// The exciters there are.
pub const MODELS: &[Model] = &[Model {
    name: "modbus-exciter",
    about: "an FM exciter with a Modbus register map, given as a profile",
    keys: &[
        ("line", "the line the exciter is on"),
        ("unit", "Modbus address, 1–247"),
        ("profile", "register map, a file of profiles; `generic` unless said"),
        ("licence", "{ frequency_mhz, power_w } of the frequency licence"),
        (
            "reflected_limit_w",
            "reflected power that trips the carrier, watts; a tenth of the licensed power unless said",
        ),
    ],
}];

/// The zone coders there are.
pub const CODER_MODELS: &[Model] = &[Model {
    name: "uecp",
    about: "an RDS encoder that takes UECP (SPB 490) over a serial port or TCP",
    keys: &[
        ("line", "the line the encoder is on"),
        ("site", "UECP site address 0–1023; 0 unless said: all"),
        ("encoder", "UECP encoder address 0–63; 0 unless said: all"),
        ("aid", "application identification of the zone code, 0–65535"),
        ("network", "number that tells this commune's receivers from a neighbour's, 0–4095"),
        ("pi", "programme identification to set, 1–65535; left alone unless said"),
        ("ps", "programme service name to set, 8 letters without accents; left alone unless said"),
        ("two_way", "the encoder acknowledges (MEC 18); false unless said"),
    ],
}];
