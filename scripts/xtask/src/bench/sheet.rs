//! sheet: what was measured, as a table for people and as `target/bench/NAME.json` for machines.

use super::rig::command;
use super::running::ask;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The circumstances of a measurement, and its result.
pub(super) struct Sheet {
    name: &'static str,
    load_before: String,
}

impl Sheet {
    /// Opens it: notes how busy the machine is before.
    pub(super) fn open(name: &'static str) -> Result<Self> {
        let load_before = load()?;
        println!("load average before: {load_before}");
        Ok(Self { name, load_before })
    }

    /// Writes the result with its circumstances, and says where.
    pub(super) fn close(self, root: &Path, result: Value) -> Result<()> {
        let load_after = load()?;
        println!("load average after: {load_after}");
        let dir = root.join("target/bench");
        fs::create_dir_all(&dir)?;
        let at = root.display().to_string();
        let changed = !ask(command("git", &["-C", &at, "status", "--porcelain", "--untracked-files=no"]))?.is_empty();
        let sheet = json!({
            "bench": self.name,
            "date": ask(command("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?,
            "commit": ask(command("git", &["-C", &at, "rev-parse", "HEAD"]))?,
            "changed_since_commit": changed,
            "as_built": super::as_built(),
            "nproc": std::thread::available_parallelism()?.get(),
            "cpu": cpu(),
            "kernel": ask(command("uname", &["-sr"]))?,
            "load_before": self.load_before,
            "load_after": load_after,
            "result": result,
        });
        let file = dir.join(format!("{}.json", self.name));
        fs::write(&file, serde_json::to_string_pretty(&sheet)? + "\n")?;
        println!("written: {}", file.display());
        Ok(())
    }
}

/// The load averages over 1, 5 and 15 minutes.
fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("reading /proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

/// The processor's name, where the kernel tells it.
fn cpu() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = |line: &&str| line.starts_with("model name") || line.starts_with("Model");
    text.lines().find(named).and_then(|l| l.split(": ").nth(1)).unwrap_or("not told").to_owned()
}

/// Prints rows under a head, in columns.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) {
    let width = |c: usize| {
        let cells = rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count());
        cells.chain(head.get(c).map(|t| t.chars().count())).max().unwrap_or(0)
    };
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> =
            cells.iter().enumerate().map(|(c, t)| format!("{t}{}", " ".repeat(width(c) - t.chars().count()))).collect();
        println!("| {} |", padded.join(" | "));
    };
    line(head.to_vec());
    println!("|{}|", (0..head.len()).map(|c| "-".repeat(width(c) + 2)).collect::<Vec<_>>().join("|"));
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// A number to a tenth, or a dash where there is none.
pub(super) fn tenth(value: &Value) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |v| format!("{v:.1}"))
}

/// `1 : x`, how many times of ours another is.
pub(super) fn ratio(ours: &Value, other: &Value) -> String {
    match (ours.as_f64(), other.as_f64()) {
        (Some(ours), Some(other)) if ours > 0.0 => format!("1 : {:.1}", other / ours),
        _ => "–".to_owned(),
    }
}

/// The middle of some values; of an even number the upper one.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    ranked(values, 50)
}

/// The value that so many per cent do not exceed.
pub(super) fn ranked(values: &[f64], per_cent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    sorted.get((sorted.len() * per_cent / 100).min(last)).copied()
}
