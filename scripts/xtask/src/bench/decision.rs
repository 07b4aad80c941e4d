//! decision: how long the core takes from a message to its wants; the program that measures it says how.

use super::running::{ask, within};
use super::sheet::Sheet;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// The program, one of the tests' own.
const PROGRAM: &str = "target/release/decision_bench";

/// Measures; passes its arguments on.
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    let program = root.join(PROGRAM);
    anyhow::ensure!(program.exists(), "there is no {PROGRAM}");
    let sheet = Sheet::open("decision")?;
    let mut measure = within(180, program);
    measure.args(rest).current_dir(root);
    let said = ask(measure).context("measuring decisions")?;
    println!("{said}");
    let rows: Vec<Value> = said.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|_| json!(l))).collect();
    sheet.close(root, json!(rows))
}
