//! delay: from a want to the first sample at the card's converter.

use super::super::rig::Rig;
use super::super::running::{ask, within};
use super::super::sheet::{table, tenth};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The least number of switches from a programme to an alert tone.
const SWITCHES: u32 = 30;

/// Samples that are followed from a microphone to a receiver.
const SAMPLES: u32 = 60;

/// What is played, what the other channel plays meanwhile, and what it interrupts on its own.
struct Sound {
    name: &'static str,
    source: &'static str,
    beside: Option<&'static str>,
    over: Option<&'static str>,
}

const SOUNDS: &[Sound] = &[
    Sound { name: "attention tone", source: "tone:3", beside: None, over: None },
    Sound { name: "recording, WAV", source: "clip:alert.wav", beside: None, over: None },
    Sound { name: "recording, MP3", source: "clip:hum.mp3", beside: None, over: None },
    Sound { name: "attention tone, a programme beside", source: "tone:3", beside: Some("hum.mp3"), over: None },
    Sound { name: "attention tone over a programme", source: "tone:3", beside: None, over: Some("faint.wav") },
];

/// Measures.
///
/// # Errors
/// A sound that is not heard.
pub(super) fn run(rig: &Rig) -> Result<Value> {
    let trials = super::super::trials()?;
    // A programme too faint for the card to note: what it notes is the tone.
    let mut faint = within(60, "ffmpeg");
    let noise = "anoisesrc=duration=60:color=white:amplitude=0.0009:sample_rate=48000:seed=5";
    faint.args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", noise, "-c:a", "pcm_s16le"]);
    faint.arg(rig.dir.join("clips/faint.wav"));
    ask(faint)?;
    let mut rows = Vec::new();
    for sound in SOUNDS {
        let trials = if sound.over.is_some() { trials.max(SWITCHES) } else { trials };
        let mut row = measure(rig, trials, sound).with_context(|| format!("measuring {}", sound.name))?;
        row["name"] = sound.name.into();
        // Two periods of the card, and 5 ms: what a switch may take.
        let (period, rate) = (row["period_frames"].as_f64(), row["rate"].as_f64());
        row["two_periods_and_5_ms"] = json!(period.zip(rate).map(|(period, rate)| 2e3 * period / rate + 5.0));
        let ms = &row["ms"]["heard"];
        println!(
            "-- {}: heard after {} ms, p95 {}, max {}",
            sound.name,
            tenth(&ms["p50"]),
            tenth(&ms["p95"]),
            tenth(&ms["max"])
        );
        rows.push(row);
    }
    let head = [
        "sound",
        "n",
        "taken ms",
        "p95",
        "heard ms",
        "p95",
        "max",
        "2 periods + 5 ms",
        "period frames",
        "real time",
        "xruns",
    ];
    let cells = |row: &Value| {
        let ms = |what: &str, part: &str| tenth(&row["ms"][what][part]);
        vec![
            row["name"].as_str().unwrap_or_default().to_owned(),
            row["sounds"].to_string(),
            ms("taken", "p50"),
            ms("taken", "p95"),
            ms("heard", "p50"),
            ms("heard", "p95"),
            ms("heard", "max"),
            tenth(&row["two_periods_and_5_ms"]),
            row["period_frames"].to_string(),
            row["real_time"].to_string(),
            row["xruns"].to_string(),
        ]
    };
    table(&head, &rows.iter().map(cells).collect::<Vec<_>>());
    Ok(json!({"trials": trials, "rows": rows}))
}

/// From a microphone to a receiver of RTP.
///
/// # Errors
/// A sample never comes.
pub(super) fn microphone(rig: &Rig) -> Result<Value> {
    let mut line = within(60 + SAMPLES, rig.program("sound_bench"));
    line.args(["--microphone", &SAMPLES.to_string()]);
    let said = ask(line)?;
    let row: Value = serde_json::from_str(said.lines().last().context("it said nothing")?)?;
    let ms = &row["ms"];
    let (p50, p95, max) = (tenth(&ms["p50"]), tenth(&ms["p95"]), tenth(&ms["max"]));
    println!("-- microphone to RTP: {p50} ms, p95 {p95}, max {max}; {} of {SAMPLES} lost", row["lost"]);
    Ok(row)
}

fn measure(rig: &Rig, trials: u32, sound: &Sound) -> Result<Value> {
    let (asound, index) = rig.cards(0)?;
    let mut line = within(60 + trials * 4, rig.program("sound_bench"));
    line.args(["--latency", &trials.to_string(), "--source", sound.source, "--index"]).arg(index);
    line.arg("--clips").arg(rig.dir.join("clips")).env("ALSA_CONFIG_PATH", asound);
    for (option, clip) in [("--beside", sound.beside), ("--over", sound.over)] {
        if let Some(clip) = clip {
            line.args([option, clip]);
        }
    }
    let said = ask(line)?;
    let last = said.lines().last().context("it said nothing")?;
    Ok(serde_json::from_str(last)?)
}
