//! Figures that events carry: what became of a bulletin at an output, what a sensor measured.

use crate::id::SensorId;
use crate::want::Grade;
use serde::{Deserialize, Serialize};

/// What became of a bulletin at one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputResult {
    /// Cluster or board.
    pub id: String,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// How it is known.
    pub grade: Option<Grade>,
    /// `wired`, `ip`, `fm`, `recorder`, `board`.
    pub path: String,
}

/// One quantity of one sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Which sensor.
    pub sensor: SensorId,
    /// What.
    pub quantity: String,
    /// How much.
    pub value: f64,
    /// Unit as it is written; empty for a state or a count.
    pub unit: String,
}
