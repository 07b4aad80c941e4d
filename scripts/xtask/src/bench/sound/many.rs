//! many: eight sinks with eight programmes at once, and the memory that sinks take.

use super::super::resident::{Resident, worked};
use super::super::rig::Rig;
use super::super::sheet::{table, tenth};
use super::line::Line;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sinks at once, each on a card of its own.
pub(super) const SINKS: usize = 8;
/// Cards that run dry within so long do so at one moment, nanoseconds.
const MOMENT_NS: u64 = 30_000_000;
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
    let dry = when_dry(rig)?;
    let at_once = dry.iter().filter(|cards| cards.len() == SINKS).count();
    let xruns: usize = dry.iter().map(Vec::len).sum();
    let states = (0..SINKS).map(|n| line.state(n)).collect::<Result<Vec<_>>>()?;
    let starved: u64 = states.iter().filter_map(|s| s["starved"].as_u64()).sum();
    println!(
        "-- {SINKS} sinks: {percent:.1} % of a core; {xruns} xruns in {} moments, in {at_once} of them all cards at once; \
         {starved} times without sound from a decoder",
        dry.len()
    );
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
        json!({"seconds": PLAYED.as_secs(), "sinks": SINKS, "percent_of_a_core": percent, "xruns": xruns, "moments_of_xruns": dry.len(), "moments_of_all_cards": at_once, "starved": starved,
              "states": states, "memory": {"none": none.to_json(), "one": one.to_json(), "eight": eight.to_json()}}),
    )
}

/// The moments at which cards ran dry, and which did. Where all do at once, the machine stood still, and not one of the
/// threads that feed them was late by itself.
fn when_dry(rig: &Rig) -> Result<Vec<Vec<usize>>> {
    let mut dry: Vec<(u64, usize)> = Vec::new();
    for card in 0..SINKS {
        let record = fs::read_to_string(rig.dir.join(format!("c{card}.idx")))?;
        for line in record.lines().filter(|line| line.contains("\"ev\":\"xrun\"")) {
            let event: Value = serde_json::from_str(line)?;
            dry.push((event["mono_ns"].as_u64().context("an event without a time")?, card));
        }
    }
    dry.sort_unstable();
    let mut moments: Vec<(u64, Vec<usize>)> = Vec::new();
    for (at, card) in dry {
        match moments.last_mut() {
            Some((last, cards)) if at - *last < MOMENT_NS && !cards.contains(&card) => cards.push(card),
            _ => moments.push((at, vec![card])),
        }
    }
    Ok(moments.into_iter().map(|(_, cards)| cards).collect())
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
