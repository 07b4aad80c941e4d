//! desks: what open desks cost the station, and how soon a slow telephone can use the first page.

use super::resident::{Resident, worked};
use super::running::within;
use super::sheet::{Sheet, median, ranked, table};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// The program, one of the tests' own.
const PROGRAM: &str = "target/release/desks_bench";
/// How many desks are opened, and what they may cost together.
const DESKS: u32 = 50;
const ALLOWED_MIB: f64 = 10.0;
const ALLOWED_CORE: f64 = 0.05;
/// A page is to be usable by then on a processor four times slower.
const ALLOWED_MS: f64 = 1000.0;
/// How long the processor's time is counted.
const COUNTED: Duration = Duration::from_secs(40);
/// After this a program that was just told something has settled.
const SETTLED: Duration = Duration::from_secs(5);

/// The station, with somebody to tell it what to do.
struct Stage {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Stage {
    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        ensure!(self.answers.read_line(&mut line)? > 0, "the stage has ended; it says why above");
        serde_json::from_str(&line).with_context(|| format!("it says {line:?}"))
    }

    fn ask(&mut self, order: &str) -> Result<Value> {
        writeln!(self.orders, "{order}").context("telling the stage")?;
        self.answer()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Either way it is gone after this.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a station takes while nothing is asked of it: MiB that are its own, and the share of one core.
fn cost(pid: u32) -> Result<(f64, f64)> {
    sleep(SETTLED);
    let before = worked(pid)?;
    sleep(COUNTED);
    let share = (worked(pid)? - before).as_secs_f64() / COUNTED.as_secs_f64();
    let own = Resident::of_tree(pid)?.to_json();
    Ok((own["anonymous_mib"].as_f64().context("memory")?, share))
}

/// Measures.
pub(super) fn run(root: &Path, _rest: &[&str]) -> Result<()> {
    let program = root.join(PROGRAM);
    ensure!(program.exists(), "there is no {PROGRAM}");
    let trials = super::trials()?;
    let sheet = Sheet::open("desks")?;
    let mut command = within(1200, program);
    command.current_dir(root).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("starting the stage")?;
    let (orders, answers) = (child.stdin.take().context("its input")?, child.stdout.take().context("its output")?);
    let mut stage = Stage { child, orders, answers: BufReader::new(answers) };
    let pid = stage.answer()?["pid"].as_u64().and_then(|p| u32::try_from(p).ok()).context("the station's process")?;
    println!("-- the first page, {trials} times");
    let home = stage.ask(&format!("home {trials}"))?;
    let usable: Vec<f64> = home["usable_ms"].as_array().context("times")?.iter().filter_map(Value::as_f64).collect();
    let mut measured = Vec::new();
    for (what, order) in [("nothing on air", None), ("an emergency on air", Some("sound"))] {
        if let Some(order) = order {
            stage.ask(order)?;
        }
        println!("-- {what}, without and with {DESKS} desks");
        let (alone, idle) = cost(pid)?;
        stage.ask(&format!("open {DESKS}"))?;
        let (with, busy) = cost(pid)?;
        stage.ask("shut")?;
        measured.push((what, alone, with, idle, busy));
    }
    show(&usable, &measured)?;
    let costs: Vec<Value> = measured
        .iter()
        .map(|(what, alone, with, idle, busy)| {
            json!({"while": what, "alone_mib": alone, "with_mib": with, "alone_core": idle, "with_core": busy})
        })
        .collect();
    sheet.close(root, json!({"desks": DESKS, "costs": costs, "usable": home}))
}

fn show(usable: &[f64], measured: &[(&str, f64, f64, f64, f64)]) -> Result<()> {
    let (p50, p95) = (median(usable).context("no page")?, ranked(usable, 95).context("no page")?);
    println!(
        "first page of a cold telephone, 4 times slower: median {p50:.0} ms, p95 {p95:.0} ms of {ALLOWED_MS} ms allowed"
    );
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|(what, alone, with, idle, busy)| {
            vec![
                (*what).to_owned(),
                format!("{:.1}", with - alone),
                format!("{:.2}", (with - alone) / ALLOWED_MIB),
                format!("{:.1} %", (busy - idle) * 100.0),
                format!("{:.2}", (busy - idle) / ALLOWED_CORE),
            ]
        })
        .collect();
    println!("what {DESKS} desks with live streams add");
    table(&["", "MiB", "of 10 MiB", "of a core", "of 5 %"], &rows);
    Ok(())
}
