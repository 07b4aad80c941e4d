//! How the lines of the devices fare, for the supervisor's metrics and the technician's desk.

use drivers::line::LineWatch;
use gateway_core::id::LineId;
use std::sync::Arc;
use std::time::Instant;
use web_ui::{LineRow, Lines, Metric, MetricKind};

/// A line: its name, what it is, how it fares.
pub(crate) type Watched = (LineId, String, LineWatch);

/// The rows of the desk.
pub(crate) fn rows(watches: Vec<Watched>) -> Lines {
    Arc::new(move || {
        let now = Instant::now();
        let ago =
            |at: Option<Instant>| at.and_then(|at| u64::try_from(now.saturating_duration_since(at).as_millis()).ok());
        let row = |(id, what, watch): &Watched| {
            let state = watch.state();
            LineRow {
                id: id.clone(),
                what: what.clone(),
                open: state.open,
                requests: state.requests,
                answers: state.answers,
                failures: state.failures,
                timeouts: state.timeouts,
                discarded: state.discarded,
                reopenings: state.reopenings,
                last_answer: state.last_answer,
                answered_ms_ago: ago(state.answered_at),
                last_error: state.last_error,
                failed_ms_ago: ago(state.failed_at),
            }
        };
        watches.iter().map(row).collect()
    })
}

/// Their numbers.
pub(crate) fn metrics(watches: Vec<Watched>) -> impl Fn() -> Vec<Metric> + Send + Sync {
    move || {
        let mut all = Vec::new();
        for (id, _, watch) in &watches {
            let state = watch.state();
            let mut add = |name, help, kind, value: f64| {
                all.push(Metric { name, help, kind, labels: vec![("line", id.to_string())], value });
            };
            #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and these counts are far from 2^52")]
            let count = |n: u64| n as f64;
            let open = f64::from(u8::from(state.open));
            add("gateway_line_open", "The port or connection is open.", MetricKind::Gauge, open);
            let counter = MetricKind::Counter;
            add("gateway_line_requests_total", "Questions put to devices.", counter, count(state.requests));
            add("gateway_line_answers_total", "Questions answered, a refusal too.", counter, count(state.answers));
            add("gateway_line_failures_total", "Questions or openings that failed.", counter, count(state.failures));
            add("gateway_line_timeouts_total", "Answers that did not come in time.", counter, count(state.timeouts));
            add(
                "gateway_line_discarded_bytes_total",
                "Bytes late, garbled or unasked.",
                counter,
                count(state.discarded),
            );
            add("gateway_line_reopenings_total", "Times it was opened again.", counter, count(state.reopenings));
            add("gateway_line_breakdowns_total", "Times a driver broke down.", counter, count(state.breakdowns));
            if let Some(at) = state.answered_at {
                let since = at.elapsed().as_secs_f64();
                add("gateway_line_answered_seconds_ago", "Since the last answer.", MetricKind::Gauge, since);
            }
        }
        all
    }
}
