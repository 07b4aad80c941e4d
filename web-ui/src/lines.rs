//! How the lines to the devices fare: what a technician looks at first.

use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use gateway_core::id::LineId;
use serde::Serialize;
use std::sync::Arc;

/// Asked for the lines; must not block.
pub type Lines = Arc<dyn Fn() -> Vec<LineRow> + Send + Sync>;

/// A line of devices.
#[derive(Clone, Debug, Serialize)]
pub struct LineRow {
    /// Which.
    pub id: LineId,
    /// What it is, e.g. `serial /dev/ttyUSB0 9600 8N1`.
    pub what: String,
    /// The port or connection is open.
    pub open: bool,
    /// Questions put to devices since the start, retries not counted.
    pub requests: u64,
    /// Answers that did not come in time, retries counted.
    pub timeouts: u64,
    /// Bytes thrown away: late, garbled or unasked.
    pub discarded: u64,
    /// Times it was opened again after the first.
    pub reopenings: u64,
    /// Questions that were answered, a refusal too.
    pub answers: u64,
    /// Questions, or openings, that failed.
    pub failures: u64,
    /// What was answered last.
    pub last_answer: Option<String>,
    /// How long ago, milliseconds.
    pub answered_ms_ago: Option<u64>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// How long ago, milliseconds.
    pub failed_ms_ago: Option<u64>,
}

/// `GET lines`.
pub(crate) async fn lines(State(shared): State<Arc<Shared>>) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "lines": (shared.desk.lines)() }))
}
