//! Outputs and sensors as a screen shows them.

use crate::id::{ClusterId, SensorId, TransmitterId};
use crate::outputs::Trouble;
use serde::Serialize;

/// How an output is.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OutputView {
    /// `sink/hall`, `switch/amp1` …
    pub id: String,
    /// `well`, `faulted`, `unknown`.
    pub state: &'static str,
    /// In what way it does not do what it should.
    #[schema(required)]
    pub trouble: Option<Trouble>,
    /// What went wrong, for technicians.
    #[schema(required)]
    pub fault: Option<String>,
}

/// What a transmitter does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TransmitterView {
    /// Identity.
    pub id: TransmitterId,
    /// `well`, `faulted`, `unknown`: as its row among the outputs.
    pub state: &'static str,
    /// Its carrier is wanted.
    pub wanted: bool,
    /// Its carrier as it was read back; `null`: it has not said.
    #[schema(required)]
    pub carrier: Option<bool>,
    /// Clusters whose path in use leads over it.
    pub clusters: Vec<ClusterId>,
}

/// What a sensor measured last.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SensorView {
    /// Identity.
    pub id: SensorId,
    /// Name on screens.
    pub name: String,
    /// `well`, `alarm`, `lost`, `unknown`.
    pub state: &'static str,
    /// Since its last answer, milliseconds.
    #[schema(required)]
    pub age_ms: Option<u64>,
    /// What it measured then.
    pub readings: Vec<ReadingView>,
}

/// One quantity of a sensor.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReadingView {
    /// What is measured.
    pub quantity: String,
    /// How much; a state reads 0 or 1.
    pub value: f64,
    /// Unit as it is written; empty for a state or a count.
    pub unit: &'static str,
    /// An alarm of this quantity stands.
    pub alarm: bool,
}
