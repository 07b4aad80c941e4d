//! sound: from a want to the card in the sound line alone, without broker, signature or core.

use super::peer;
use super::rig::Rig;
use super::running::{ask, within};
use super::sheet::{Sheet, table, tenth};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

/// What is played, and what the other channel plays meanwhile.
const SOUNDS: &[(&str, &str, Option<&str>)] = &[
    ("attention tone", "tone:3", None),
    ("recording, WAV", "clip:alert.wav", None),
    ("recording, MP3", "clip:hum.mp3", None),
    ("attention tone, a programme beside", "tone:3", Some("hum.mp3")),
];

/// Measures.
pub(super) fn run(root: &Path, _rest: &[&str]) -> Result<()> {
    let trials = super::trials()?;
    let sheet = Sheet::open("sound")?;
    let rig = Rig::new(root)?;
    peer::make_clips(&rig)?;
    let mut rows = Vec::new();
    for &(name, source, beside) in SOUNDS {
        println!("-- {name}");
        let mut row = measure(&rig, trials, source, beside).with_context(|| format!("measuring {name}"))?;
        row["name"] = name.into();
        rows.push(row);
    }
    let head = ["sound", "n", "taken ms", "p95", "heard ms", "p95", "max", "period frames", "real time", "xruns"];
    let cells = |row: &Value| {
        vec![
            row["name"].as_str().unwrap_or_default().to_owned(),
            row["sounds"].to_string(),
            tenth(&row["ms"]["taken"]["p50"]),
            tenth(&row["ms"]["taken"]["p95"]),
            tenth(&row["ms"]["heard"]["p50"]),
            tenth(&row["ms"]["heard"]["p95"]),
            tenth(&row["ms"]["heard"]["max"]),
            row["period_frames"].to_string(),
            row["real_time"].to_string(),
            row["xruns"].to_string(),
        ]
    };
    table(&head, &rows.iter().map(cells).collect::<Vec<_>>());
    sheet.close(root, json!({"trials": trials, "rows": rows}))
}

fn measure(rig: &Rig, trials: u32, source: &str, beside: Option<&str>) -> Result<Value> {
    let (asound, index) = rig.cards(0)?;
    let mut line = within(60 + trials * 4, rig.program("sound_bench"));
    line.args(["--latency", &trials.to_string(), "--source", source, "--index"]).arg(index);
    line.arg("--clips").arg(rig.dir.join("clips")).env("ALSA_CONFIG_PATH", asound);
    if let Some(clip) = beside {
        line.args(["--beside", clip]);
    }
    let said = ask(line)?;
    let last = said.lines().last().context("it said nothing")?;
    Ok(serde_json::from_str(last)?)
}
