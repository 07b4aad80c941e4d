//! Transmitters: FM exciters, and the coders that open and close the zones of their receivers.
//!
//! Frequency and power are the licence's: nothing here can set them.

mod announcer;
pub mod cluster_code;
pub mod cluster_profile;
mod exciter;
mod exciter_points;
mod pira;
pub mod pira_text;
pub mod rds;
mod tx_ascii;
pub mod tx_text;
mod uecp;
pub mod uecp_element;
pub mod uecp_frame;
pub mod zone_code;

pub use crate::profile::{ExciterProfile, GENERIC, Point};
pub use exciter::{Licence, ModbusExciter};
pub use pira::{Groups, Pira, PiraConfig};
pub use tx_ascii::TxAscii;
pub use uecp::{Uecp, UecpConfig};

use crate::{Driver, Model};
use gateway_core::device::{Fault, Report, TransmitterState};
use gateway_core::want::CoderWant;
use std::sync::Arc;
use std::time::Duration;

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
    /// `tx-ascii`.
    TxAscii {
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
            Self::TxAscii { licence, reflected_limit_w } => Box::new(TxAscii::new(*licence, *reflected_limit_w)),
        }
    }
}

/// What is reported of an attempt to put a carrier up: a trip is no fault of the line, and waits for a person.
fn keyed_or_tripped(up: Result<TransmitterState, Fault>, tripped: Option<&str>) -> Result<Report, Fault> {
    match (up, tripped) {
        (Err(_), Some(why)) => Ok(Report::Tripped(why.to_owned())),
        (up, _) => up.map(Report::Transmitter),
    }
}

/// So many looks in a row may fail while the carrier is up before it is taken down: nobody can say any more that what comes
/// back from the antenna is below the limit. One that was lost is no reason to fall silent.
const LOOKS: u8 = 4;
/// A carrier that has not risen yet is looked at again so soon.
const RISING: Duration = Duration::from_secs(1);

/// What is known of a carrier that was told to be up.
#[derive(Clone, Copy, Debug, Default)]
struct Carrier {
    /// It was keyed when last looked at, or may be since.
    keyed: bool,
    /// It was keyed, and showed no power yet.
    rising: bool,
    /// Looks that failed in a row.
    unseen: u8,
}

impl Carrier {
    /// Takes in what came of putting it up, or of looking at it; true if it must not stay up unseen any longer.
    fn seen(&mut self, up: &Result<TransmitterState, Fault>) -> bool {
        match up {
            Ok(state) => {
                (self.rising, self.unseen) = (!state.carrier, 0);
                false
            }
            Err(_) => {
                self.rising = false;
                self.unseen = if self.keyed { (self.unseen + 1) % LOOKS } else { 0 };
                self.keyed && self.unseen == 0
            }
        }
    }

    /// How soon it is to be looked at again.
    fn again_after(self, want: bool) -> Option<Duration> {
        (want && self.rising).then_some(RISING)
    }
}

/// Why a carrier is taken down that cannot be looked at.
fn unseen(fault: &Fault) -> String {
    format!("{LOOKS} looks in a row do not say what comes back from the antenna ({fault}): the carrier is taken down")
}

/// One zone coder as the configuration names it.
#[derive(Clone, Debug)]
pub enum CoderConfig {
    /// `uecp`.
    Uecp(UecpConfig),
    /// `pira`.
    Pira(PiraConfig),
}

impl CoderConfig {
    /// The driver of this coder.
    pub fn driver(&self) -> Box<dyn Driver<CoderWant>> {
        match self {
            Self::Uecp(config) => Box::new(Uecp::new(config.clone())),
            Self::Pira(config) => Box::new(Pira::new(config.clone())),
        }
    }
}

/// The exciters there are.
pub const MODELS: &[Model] = &[
    Model {
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
    },
    Model {
        name: "tx-ascii",
        about: "an FM transmitter that takes the TX.* commands (Crown FME, Ecreso and kin) over a serial port or TCP",
        keys: &[
            ("line", "the line the transmitter is on"),
            ("licence", "{ frequency_mhz, power_w } of the frequency licence"),
            (
                "reflected_limit_w",
                "reflected power that trips the carrier, watts; a tenth of the licensed power unless said",
            ),
        ],
    },
];

/// Keys that every coder has.
macro_rules! coder_keys {
    ($($own:expr),* $(,)?) => {
        &[
            ("line", "the line the encoder is on"),
            ("code", "cluster profile: `open`, `orders` or a TOML file; `open` unless said"),
            ("aid", "application identification of the zone code, 0–65535"),
            ("network", "number that tells this commune's receivers from a neighbour's, 0–4095"),
            ("pi", "programme identification to set, 0x7001–0x7FFF; left alone unless said"),
            ("foreign_pi", "a programme identification of another country is permitted; false unless said"),
            ("ps", "programme service name to set, at most 8 letters; left alone unless said"),
            ("pty", "programme type while there is no emergency, 0–29; 0 unless said"),
            ("tp", "traffic programme even while there is no announcement; false unless said"),
            ("text", "RadioText while nothing else is said; none unless said"),
            ("clock", "clock-time groups are sent; false unless said"),
            ("two_way", "the encoder answers; false unless said"),
            $($own),*
        ]
    };
}

/// The zone coders there are.
pub const CODER_MODELS: &[Model] = &[
    Model {
        name: "uecp",
        about: "an RDS encoder that takes UECP (SPB 490) over a serial port or TCP",
        keys: coder_keys![
            ("site", "UECP site address 0–1023; 0 unless said: all"),
            ("encoder", "UECP encoder address 0–63; 0 unless said: all"),
            ("stuffing", "byte stuffing of its firmware: `standard`, `letters` or `after`"),
        ],
    },
    Model {
        name: "pira",
        about: "an RDS encoder that takes Pira-style ASCII commands over a serial port or TCP",
        keys: coder_keys![
            ("groups", "`once` (G=) or `cyclic` (UDG1=, UDG2=); `once` unless said"),
            ("read_back", "it shows what it sends (*R, PSW); false unless said"),
        ],
    },
];
