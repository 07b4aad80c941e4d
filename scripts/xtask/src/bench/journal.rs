//! journal: pages and reports of a journal with a million plays, asked for at the desk.

use super::running::{ask, within};
use super::sheet::{Sheet, table, tenth};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// The program, one of the tests' own.
const PROGRAM: &str = "target/release/journal_bench";
/// What a page may take, and a year's report, milliseconds.
const ALLOWED: [(&str, f64); 2] = [("page: ", 100.0), ("report of a year", 2000.0)];

/// Measures; passes its arguments on (how many plays, a million unless said).
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    let program = root.join(PROGRAM);
    anyhow::ensure!(program.exists(), "there is no {PROGRAM}");
    let sheet = Sheet::open("journal")?;
    let mut measure = within(1200, program);
    measure.args(rest).current_dir(root);
    let said = ask(measure).context("measuring the journal")?;
    let figures: Value = serde_json::from_str(said.lines().last().context("it said nothing")?)?;
    let mut rows = Vec::new();
    for (name, of) in figures.as_object().context("it said no figures")?.iter().filter(|(_, of)| of.is_object()) {
        let allowed = ALLOWED.iter().find(|(which, _)| name.starts_with(which)).map(|(_, ms)| *ms);
        let part =
            allowed.zip(of["max_ms"].as_f64()).map_or_else(|| "–".to_owned(), |(ms, took)| format!("{:.2}", took / ms));
        rows.push(vec![
            name.clone(),
            of["n"].to_string(),
            tenth(&of["p50_ms"]),
            tenth(&of["max_ms"]),
            of["rows"].to_string(),
            part,
        ]);
    }
    println!("{} plays in the book; through TLS, login and JSON", figures["plays"]);
    table(&["", "n", "p50 ms", "max ms", "rows (PDF: bytes)", "max : allowed"], &rows);
    sheet.close(root, figures)
}
