//! `desks_bench`: a station on whose desk somebody else measures: obeys lines on standard input, answers each with one in JSON.
//!
//! First it says where the process is: `{"pid": …}`. `sound` puts an emergency on air that lasts; `open N` opens so many live
//! streams, answered when each has told the view; `shut` closes them; `home N` loads the desk's first page so often in a cold browser whose
//! processor is 4 times slower, answered with milliseconds from the click to the page that can be used.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use site_tests::browser::Browser;
use site_tests::scratch::Scratch;
use site_tests::stage::word::WORDS;
use site_tests::stage::{Officer, PATIENCE, Plan, Stage};
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use web_ui::Role;

/// The officer.
const NAME: &str = "lan";
const PASSWORD: &str = "truyen-thanh-xa-minh";
/// A telephone of a few years ago.
const PHONE: (u32, u32) = (360, 740);
/// How many times slower its processor is.
const SLOWER: u32 = 4;

/// Notes when the page can be used: the order that is always there can be given, what is on air has been told, and the
/// processor has nothing else to do.
const WATCH: &str = r#"
    window.usableAt = null;
    const look = () => {
        const order = document.querySelector('button.call:not([disabled])');
        const told = document.querySelector('main h2');
        if (!order || !told) return;
        seen.disconnect();
        requestIdleCallback(() => { window.usableAt = performance.now(); });
    };
    const seen = new MutationObserver(look);
    seen.observe(document, { childList: true, subtree: true, attributes: true });
"#;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr().lock(), "desks_bench: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut stage = Stage::set(&Plan::new("desks-bench"))?;
    std::fs::create_dir_all(stage.data()).context("making the data directory")?;
    // Somebody who has chosen a password already.
    web_ui::users::add_user(&stage.data(), NAME, Role::Officer, PASSWORD)?;
    stage.start()?;
    let officer = Officer::sign_in(&stage.officer_url(), stage.officer_certificate(), NAME, PASSWORD)?;
    say(&json!({ "pid": stage.station.pid() }))?;
    let shut = Arc::new(AtomicBool::new(false));
    for line in std::io::stdin().lock().lines() {
        let line = line.context("reading a line")?;
        let answer = match line.split_once(' ').unwrap_or((&line, "")) {
            ("sound", _) => sound(&officer)?,
            ("open", count) => {
                shut.store(false, Ordering::Relaxed);
                open(&officer, count.parse().context("how many")?, &shut)?
            }
            ("shut", _) => {
                shut.store(true, Ordering::Relaxed);
                json!({ "shut": true })
            }
            ("home", times) => home(&stage, &officer, times.parse().context("how often")?)?,
            _ => bail!("there is no such thing to do: {line}"),
        };
        say(&answer)?;
    }
    Ok(())
}

fn sound(officer: &Officer) -> Result<Value> {
    // Some minutes of it.
    let text = [WORDS; 12].join(" ");
    let order = json!({ "text": text, "level": 4, "repeat": 10, "reason": "đo trên bàn" });
    officer.order("/api/v1/emergency", &order)?;
    officer.wait_air("an emergency", |air| (air["emergency"] == true).then_some(()))?;
    Ok(json!({ "sounds": true }))
}

fn open(officer: &Officer, count: usize, shut: &Arc<AtomicBool>) -> Result<Value> {
    let (told, views) = sync_channel(count);
    for _ in 0..count {
        let (stream, told, shut) = (officer.listen("/api/v1/events")?, told.clone(), Arc::clone(shut));
        std::thread::Builder::new()
            .name("desk".to_owned())
            .spawn(move || drain(BufReader::new(stream), &told, &shut))?;
    }
    for _ in 0..count {
        views.recv_timeout(PATIENCE).context("a desk that is told nothing")?;
    }
    Ok(json!({ "open": count }))
}

/// Reads as a browser does, as long as there is something and nobody shuts it; says when the first view has come.
fn drain(stream: impl BufRead, told: &SyncSender<()>, shut: &AtomicBool) {
    let mut first = true;
    for line in stream.lines().map_while(Result::ok) {
        if shut.load(Ordering::Relaxed) {
            return;
        }
        if first && line.starts_with("data:") {
            first = false;
            // Nobody waits any more.
            told.send(()).ok();
        }
    }
}

fn home(stage: &Stage, officer: &Officer, times: usize) -> Result<Value> {
    let scratch = Scratch::new("desks-browser")?;
    let mut browser = Browser::open(scratch.path())?;
    let (name, value) = officer.cookie().context("an officer's cookie")?;
    let mut all = Vec::new();
    for _ in 0..times {
        let tab = browser.blank(PHONE, WATCH)?;
        browser.keep(&tab, &stage.officer_url(), name, value)?;
        browser.slow(&tab, SLOWER)?;
        browser.go(&tab, &stage.officer_url())?;
        browser.wait(&tab, "window.usableAt !== null")?;
        let usable = browser.ask(&tab, "window.usableAt")?.as_f64().context("a time")?;
        ensure!(usable > 0.0, "usable before it was asked for");
        all.push(usable);
        browser.close(&tab)?;
    }
    Ok(json!({ "usable_ms": all, "slower": SLOWER }))
}

fn say(value: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush().context("writing to standard output")
}
