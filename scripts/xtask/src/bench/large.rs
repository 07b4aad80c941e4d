//! large: an emergency in a commune of 80 clusters on four buses of 9600 bit/s, beside what the buses themselves need.

use super::running::{ask, within};
use super::sheet::{Sheet, table, tenth};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// The program, one of the tests' own.
const PROGRAM: &str = "target/release/large_bench";

/// The last device is to be keyed by then, milliseconds, in 99 alerts of 100.
const ALLOWED_MS: u32 = 1500;

/// What it measures, and what that is called here.
const PARTS: &[(&str, &str)] = &[
    ("well", "all well"),
    ("bus_silent", "bus1 silent"),
    ("bus_pulled", "bus1 pulled out"),
    ("unit_dies", "a board of bus2 dies with the alert"),
    ("unit_dead", "it was dead before"),
];

/// Measures; passes its arguments on (how many alerts, 30 unless said).
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    let program = root.join(PROGRAM);
    anyhow::ensure!(program.exists(), "there is no {PROGRAM}");
    let sheet = Sheet::open("large")?;
    let mut measure = within(1200, program);
    measure.args(rest).current_dir(root);
    let said = ask(measure).context("measuring the large commune")?;
    let figures: Value = serde_json::from_str(said.lines().last().context("it said nothing")?)?;
    let mut rows = Vec::new();
    for &(key, name) in PARTS {
        let part = figures.get(key).and_then(Value::as_object).with_context(|| format!("it does not tell {key}"))?;
        for (what, of) in part {
            rows.push(vec![
                name.to_owned(),
                what.clone(),
                of["n"].to_string(),
                tenth(&of["p50_ms"]),
                tenth(&of["p99_ms"]),
                tenth(&of["limit_ms"]),
                of["p99_to_limit"].as_f64().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            ]);
        }
    }
    println!("sent by the hub until the last device is keyed; 80 clusters, 9600 bit/s");
    table(&["", "last of", "n", "p50 ms", "p99 ms", "limit ms", "p99 : limit"], &rows);
    let last = figures["well"]["last"]["p99_ms"].as_f64().context("it does not tell when the last was keyed")?;
    println!("the last device of all, when all is well: p99 {last:.1} ms of {ALLOWED_MS} ms allowed");
    sheet.close(root, figures)?;
    anyhow::ensure!(
        last <= f64::from(ALLOWED_MS),
        "the last device was keyed after {last:.1} ms, {ALLOWED_MS} ms are allowed"
    );
    Ok(())
}
