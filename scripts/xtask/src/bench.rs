//! bench: what can be measured, by name; each measurement is a file under `bench/`.
//!
//! A slow figure never fails; what could not be measured does.

mod alert;
mod decision;
mod desks;
mod footprint;
mod journal;
mod large;
mod peer;
mod resident;
mod rig;
mod running;
mod sheet;
mod sound;
mod station;

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// One measurement.
struct Bench {
    name: &'static str,
    what: &'static str,
    run: fn(&Path, &[&str]) -> Result<()>,
}

/// All of them, in the order they are listed.
const BENCHES: &[Bench] = &[
    Bench {
        name: "alert",
        what: "published to audible, beside what people put together themselves [shell python node-red liquidsoap]",
        run: alert::run,
    },
    Bench { name: "decision", what: "message to wants in the core: 80 clusters, 1000 bulletins", run: decision::run },
    Bench { name: "desks", what: "50 open desks; the first page on a slow telephone", run: desks::run },
    Bench { name: "footprint", what: "memory idle and playing, cold start, size of the program", run: footprint::run },
    Bench {
        name: "journal",
        what: "pages and a year's report of a journal with a million plays, at the desk [how many plays]",
        run: journal::run,
    },
    Bench {
        name: "large",
        what: "an alert to the last device keyed: 80 clusters on 4 buses of 9600 bit/s, one of them dead [how many alerts]",
        run: large::run,
    },
    Bench {
        name: "sound",
        what: "the sound line alone: delays, 8 sinks, memory, processor beside other players [delay many cost]",
        run: sound::run,
    },
];

/// Says what can be measured.
pub(crate) fn list() {
    for bench in BENCHES {
        println!("{:12} {}", bench.name, bench.what);
    }
    println!("{:12} every one of these, one after the other", "all");
}

/// Measures one thing, or all; `rest` is its own arguments, of all those of the first.
pub(crate) fn run(root: &Path, name: &str, rest: &[&str]) -> Result<()> {
    let chosen: Vec<&Bench> = BENCHES.iter().filter(|b| name == "all" || b.name == name).collect();
    if chosen.is_empty() {
        bail!("no bench {name:?}; `cargo xtask bench` lists them");
    }
    build(root)?;
    let mut failed = Vec::new();
    for bench in chosen {
        println!("== {}", bench.name);
        let own = if name == "all" && bench.name != BENCHES[0].name { &[] } else { rest };
        if let Err(error) = (bench.run)(root, own) {
            println!("{}: {error:#}", bench.name);
            failed.push(bench.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("not measured: {}", failed.join(", ")) }
}

/// Builds what is measured. `BENCH_AS_BUILT=1` takes what is there, to try the bench itself.
fn build(root: &Path) -> Result<()> {
    if as_built() {
        return Ok(());
    }
    let words = ["build", "--release", "--locked", "--quiet", "-p", "gateway", "-p", "site-tests", "--bins"];
    println!("== building for release (some minutes the first time)");
    let status = Command::new("cargo").args(words).current_dir(root).status().context("starting cargo")?;
    if status.success() { Ok(()) } else { bail!("cargo build --release: {status}") }
}

/// Whether what is measured was built some time before, of whatever commit.
fn as_built() -> bool {
    std::env::var_os("BENCH_AS_BUILT").is_some()
}

/// How often each thing is tried: `BENCH_TRIALS`, else 15.
fn trials() -> Result<u32> {
    match std::env::var("BENCH_TRIALS") {
        Ok(text) => match text.parse() {
            Ok(trials @ 1..=1000) => Ok(trials),
            Ok(_) | Err(_) => bail!("BENCH_TRIALS={text}: a number from 1 to 1000"),
        },
        Err(_) => Ok(15),
    }
}
