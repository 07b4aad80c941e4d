//! many: eight sinks with eight programmes at once, and the memory that sinks take.

use super::super::resident::{Resident, worked};
use super::super::rig::Rig;
use super::super::sheet::{table, tenth};
use super::line::Line;
use anyhow::Result;
use serde_json::{Value, json};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sinks at once, each on a card of its own.
pub(super) const SINKS: usize = 8;
/// How long they play.
const PLAYED: Duration = Duration::from_secs(60);
/// After this memory has settled.
const SETTLED: Duration = Duration::from_secs(8);

/// Measures.
///
/// # Errors
/// A sink does not play.
pub(super) fn run(rig: &Rig) -> Result<Value> {
    let none = memory(rig, 0)?;
    let one = memory(rig, 1)?;
    let (mut line, eight) = playing(rig, SINKS)?;
    let (before, begun) = (worked(line.pid())?, Instant::now());
    sleep(PLAYED);
    let percent = 100.0 * (worked(line.pid())? - before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let mut xruns = 0;
    for n in 0..SINKS {
        xruns += fs::read_to_string(rig.dir.join(format!("c{n}.idx")))?.matches("\"ev\":\"xrun\"").count();
    }
    let states = (0..SINKS).map(|n| line.state(n)).collect::<Result<Vec<_>>>()?;
    let starved: u64 = states.iter().filter_map(|s| s["starved"].as_u64()).sum();
    println!("-- {SINKS} sinks: {percent:.1} % of a core, {xruns} xruns, {starved} times without sound from a decoder");
    let rows: Vec<Vec<String>> = [("no line", none), ("1 sink", one), ("8 sinks", eight)]
        .into_iter()
        .map(|(name, memory)| {
            let memory = memory.to_json();
            vec![
                name.to_owned(),
                tenth(&memory["rss_mib"]),
                tenth(&memory["pss_mib"]),
                tenth(&memory["anonymous_mib"]),
                memory["threads"].to_string(),
            ]
        })
        .collect();
    table(&["memory, playing, MiB", "rss", "pss", "anonymous", "threads"], &rows);
    Ok(
        json!({"seconds": PLAYED.as_secs(), "sinks": SINKS, "percent_of_a_core": percent, "xruns": xruns, "starved": starved,
              "states": states, "memory": {"none": none.to_json(), "one": one.to_json(), "eight": eight.to_json()}}),
    )
}

fn memory(rig: &Rig, sinks: usize) -> Result<Resident> {
    let (_line, memory) = playing(rig, sinks)?;
    println!("-- {sinks} sinks: {}", memory.to_json());
    Ok(memory)
}

/// So many sinks play, each its own; what they take of memory.
fn playing(rig: &Rig, sinks: usize) -> Result<(Line, Resident)> {
    let asound = rig.row_of_cards(SINKS)?;
    let mut args = vec!["--bare".to_owned()];
    for n in 0..sinks {
        args.extend([
            "--card".to_owned(),
            format!("c{n}:s{n}=0,1"),
            "--measured".to_owned(),
            format!("programme{n}.mp3=-12"),
        ]);
    }
    let mut line = Line::start(rig, &asound, &args)?;
    if sinks > 0 {
        line.reports("well", sinks)?;
    }
    for n in 0..sinks {
        line.tell(&format!("want s{n} 100 {} clip:programme{n}.mp3 0", n + 1))?;
    }
    if sinks > 0 {
        line.reports("sounding", sinks)?;
    }
    sleep(SETTLED);
    let memory = Resident::of_tree(line.pid())?;
    Ok((line, memory))
}
