//! The supervisor's listener: does the loop turn, can the station work, and its numbers in Prometheus' text form.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// What the daemon fills; each is asked anew for every request and must not block.
#[derive(Clone)]
pub struct Ops {
    /// The loop turned within the last seconds.
    pub alive: Arc<dyn Fn() -> bool + Send + Sync>,
    /// What the station needs to work: configuration, store, the thread of each line. A hub is not among it.
    pub ready: Arc<dyn Fn() -> Vec<Check> + Send + Sync>,
    /// Its numbers.
    pub metrics: Arc<dyn Fn() -> Vec<Metric> + Send + Sync>,
}

/// One thing the station needs.
#[derive(Clone, Debug)]
pub struct Check {
    /// What: `configuration`, `store`, `line bus1`.
    pub what: String,
    /// It is there.
    pub well: bool,
}

/// One number.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Name, `gateway_…`, with its unit as the suffix.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// Whether it can fall.
    pub kind: MetricKind,
    /// Labels and their values.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

/// Whether a number can fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only rises; the name ends in `_total`.
    Counter,
    /// It may fall.
    Gauge,
}

/// The supervisor's listener: `/healthz`, `/readyz`, `/metrics`.
pub fn ops(ops: Ops) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(ops)
}

async fn healthz(State(ops): State<Ops>) -> (StatusCode, &'static str) {
    if (ops.alive)() { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "the loop does not turn\n") }
}

async fn readyz(State(ops): State<Ops>) -> (StatusCode, String) {
    let checks = (ops.ready)();
    let well = checks.iter().all(|c| c.well);
    let lines = checks.iter().map(|c| format!("{}: {}\n", c.what, if c.well { "ok" } else { "missing" })).collect();
    (if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, lines)
}

async fn metrics(State(ops): State<Ops>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], exposition(&(ops.metrics)())).into_response()
}

/// Prometheus' text form 0.0.4: one block a name, whatever the order they came in.
fn exposition(metrics: &[Metric]) -> String {
    let mut names: BTreeMap<&str, Vec<&Metric>> = BTreeMap::new();
    for metric in metrics {
        names.entry(metric.name).or_default().push(metric);
    }
    let mut out = String::new();
    for (name, rows) in names {
        let Some(first) = rows.first() else { continue };
        let kind = match first.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
        };
        let help = first.help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a String cannot fail.
        write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n").ok();
        for row in rows {
            let labels: Vec<String> =
                row.labels.iter().map(|(key, value)| format!("{key}=\"{}\"", quoted(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            writeln!(out, "{name}{labels} {}", number(row.value)).ok();
        }
    }
    out
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    }
}
