//! The supervisor's listener: alive, ready, and numbers in Prometheus' text form.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{bare, knock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use web_ui::{Check, Metric, MetricKind, Ops, ops};

fn metric(name: &'static str, kind: MetricKind, line: &str, value: f64) -> Metric {
    Metric { name, help: "Bytes \\ so far.", kind, labels: vec![("line", line.to_owned())], value }
}

#[tokio::test]
async fn each_path_says_what_is_so_now() {
    let well = Arc::new(AtomicBool::new(true));
    let (alive, ready) = (Arc::clone(&well), Arc::clone(&well));
    let router = ops(Ops {
        alive: Arc::new(move || alive.load(Ordering::Relaxed)),
        ready: Arc::new(move || {
            let line = ready.load(Ordering::Relaxed);
            vec![Check { what: "store".to_owned(), well: true }, Check { what: "line bus1".to_owned(), well: line }]
        }),
        metrics: Arc::new(|| {
            vec![
                metric("gateway_line_faults_total", MetricKind::Counter, "bus1", 3.0),
                Metric { labels: vec![], ..metric("gateway_hub_up", MetricKind::Gauge, "", 1.0) },
                metric("gateway_line_faults_total", MetricKind::Counter, "a\"b\\c\nd", 0.5),
            ]
        }),
    });
    assert_eq!(knock(&router, bare("GET", "/healthz", "")).await.status, StatusCode::OK);
    assert_eq!(knock(&router, bare("GET", "/readyz", "")).await.text, "store: ok\nline bus1: ok\n");
    well.store(false, Ordering::Relaxed);
    assert_eq!(knock(&router, bare("GET", "/healthz", "")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = knock(&router, bare("GET", "/readyz", "")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text, "store: ok\nline bus1: missing\n");

    let answer = knock(&router, bare("GET", "/metrics", "")).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let expected = "# HELP gateway_hub_up Bytes \\\\ so far.\n# TYPE gateway_hub_up gauge\ngateway_hub_up 1\n\
        # HELP gateway_line_faults_total Bytes \\\\ so far.\n# TYPE gateway_line_faults_total counter\n\
        gateway_line_faults_total{line=\"bus1\"} 3\n\
        gateway_line_faults_total{line=\"a\\\"b\\\\c\\nd\"} 0.5\n";
    assert_eq!(answer.text, expected);
}
