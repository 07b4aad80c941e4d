//! decision: how long the core takes from the bytes of a message to its wants, with nothing around it.

use super::running::{ask, within};
use super::sheet::{Sheet, table, tenth};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// The program, one of the tests' own.
const PROGRAM: &str = "target/release/decision_bench";

/// What it times, and what that is called here.
const ROWS: &[(&str, &str)] = &[
    ("alert_to_wants", "an alert: verify, decide, note"),
    ("tick", "a tick while it sounds"),
    ("recall_to_silence", "its recall"),
];

/// Measures; passes its arguments on.
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    let program = root.join(PROGRAM);
    anyhow::ensure!(program.exists(), "there is no {PROGRAM}");
    let sheet = Sheet::open("decision")?;
    let mut measure = within(180, program);
    measure.args(rest).current_dir(root);
    let said = ask(measure).context("measuring decisions")?;
    let figures: Value = serde_json::from_str(said.lines().last().context("it said nothing")?)?;
    let mut rows = Vec::new();
    for &(key, name) in ROWS {
        let of = figures.get(key).with_context(|| format!("it does not tell {key}"))?;
        rows.push(vec![name.to_owned(), tenth(&of["p50_us"]), tenth(&of["p99_us"]), tenth(&of["max_us"])]);
    }
    println!("{} clusters, {} bulletins, n = {}", figures["clusters"], figures["bulletins"], figures["alerts"]);
    table(&["", "p50 µs", "p99 µs", "max µs"], &rows);
    sheet.close(root, figures)
}
