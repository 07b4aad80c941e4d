//! What a device says back, and the two traits-worth of words every driver shares.

use crate::id::{PlayId, ShowId};
use crate::want::Grade;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// One thing a device said, or that was found out about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// It answers; said once when it comes (back) to life and as often after as the driver likes.
    Well,
    /// It did not do what was asked.
    Fault(Fault),
    /// It has been put to sleep (its mains are off): what was wrong with it may be mended, and shows at the next use.
    Asleep,
    /// Sink: the first sample of this play has left the device.
    Sounding {
        /// Which play.
        play: PlayId,
    },
    /// Sink: this play is over. A play that was replaced or withdrawn is not reported.
    Ended {
        /// Which play.
        play: PlayId,
        /// How much of it sounded, milliseconds.
        played_ms: u64,
        /// `None`: to its end. Otherwise why it broke off (file gone, not decodable …).
        broken: Option<String>,
    },
    /// Sink: nothing is heard at its output although this play is due; said once for each silence.
    Silent {
        /// Which play.
        play: PlayId,
        /// For how long by now, milliseconds.
        for_ms: u64,
    },
    /// Sink: something is heard at its output although nothing is due; said once for each sound.
    Unbidden {
        /// How loud, decibels of full scale.
        level_db: f32,
    },
    /// Sink: one narrow band has stood out for seconds, as feedback does (`true`), or does so no longer.
    Howl {
        /// It does.
        on: bool,
        /// Where, hertz.
        hz: u32,
    },
    /// Sink: a microphone or a line in front of its horns heard this play.
    Heard {
        /// Which play.
        play: PlayId,
        /// `Tone` or `Content`.
        grade: Grade,
    },
    /// Sink: what left of this play is not what its source holds; said once for each play.
    Differs {
        /// Which play.
        play: PlayId,
        /// Correlation of the envelopes of both, −1 to 1.
        likeness: f32,
    },
    /// Switch: what the coil reads.
    Switch {
        /// Energised.
        on: bool,
        /// How that is known.
        grade: Grade,
    },
    /// Transmitter: what its registers read.
    Transmitter(TransmitterState),
    /// Transmitter: its protection took the carrier down, and only a person may free it: why.
    Tripped(String),
    /// Coder: the zones it was last told to hold open.
    Coder {
        /// Open zones.
        zones: BTreeSet<u16>,
        /// `Sent` for a one-way encoder, `Electrical` where it acknowledges.
        grade: Grade,
    },
    /// Sensor: what it measures now.
    Sensed(Vec<Reading>),
    /// Any: it was looked at for a self-test; what it said then was reported just before, unless it is asleep.
    Tried {
        /// Which look, as [`crate::want::Wants::trial`] numbers them.
        look: u64,
        /// How long the answer took, milliseconds.
        ms: u64,
        /// What else was measured.
        figures: Vec<Reading>,
    },
    /// Board: what it shows (`None` = dark).
    Board {
        /// Digest of the message.
        showing: Option<ShowId>,
        /// How that is known.
        grade: Grade,
    },
}

/// One quantity a sensor measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What is measured, one word of its own among those of the sensor, e.g. `battery`.
    pub quantity: String,
    /// How much; a state reads 0 or 1.
    pub value: f64,
    /// Unit as it is written (`V`, `%`, `°C`), empty for a state or a count.
    pub unit: &'static str,
}

/// What a transmitter's registers read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TransmitterState {
    /// Carrier up.
    pub carrier: bool,
    /// Forward power, watts.
    pub forward_w: f32,
    /// Reflected power, watts.
    pub reflected_w: f32,
    /// Power amplifier temperature, degrees Celsius; `None`: it does not say one.
    pub temperature_c: Option<f32>,
}

/// Why a device did not do what was asked. The two kinds are different things: a device that refuses is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The device answered no: what was being asked, and its answer.
    Refused(String),
    /// No (sensible) answer came: what was being asked, and what went wrong on the line.
    Line(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(what) => write!(f, "refused: {what}"),
            Self::Line(what) => write!(f, "line failed: {what}"),
        }
    }
}

impl std::error::Error for Fault {}
