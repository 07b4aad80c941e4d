//! How the lines to the devices fare: what a technician looks at first.

use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use gateway_core::id::LineId;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Asked for the lines; must not block.
pub type Lines = Arc<dyn Fn() -> Vec<LineRow> + Send + Sync>;

/// A line of devices.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
    #[schema(required)]
    pub last_answer: Option<String>,
    /// How long ago, milliseconds.
    #[schema(required)]
    pub answered_ms_ago: Option<u64>,
    /// What went wrong last.
    #[schema(required)]
    pub last_error: Option<String>,
    /// How long ago, milliseconds.
    #[schema(required)]
    pub failed_ms_ago: Option<u64>,
}

/// Every line.
#[derive(Serialize, ToSchema)]
#[schema(as = Lines)]
pub(crate) struct All {
    lines: Vec<LineRow>,
}

/// How each line to the devices fares
#[utoipa::path(get, path = "/api/v1/lines", responses((status = 200, description = "Every line.", body = All)))]
pub(crate) async fn lines(State(shared): State<Arc<Shared>>) -> Json<All> {
    Json(All { lines: (shared.desk.lines)() })
}
