//! `story_stage`: a commune for stories told in a browser: says in one JSON line where everything is, and obeys lines on standard input.
//!
//! With `--fresh` nobody has an account yet but the first user. With `--network` there is a `NetworkManager` (`network_mock.py`).
//!
//! A line is `{"publish": KIND, "body": {…}}`, answered `{"jti": …}`; `{"restart": true}` or `{"power_cut": true}`, answered
//! `{"ok": true}` when the station is ready again; `{"off": true}` and `{"on": true}`, when it has ended and when it is ready; `{"card": true}`, answered with a WAV file of what left the sound card and
//! when that began; `{"media": FILE}` lays a file on the hub's media server and answers what a message says of it; an unknown line is answered `{"error": …}`. The end of the input ends everything.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use site_tests::peer::Peer;
use site_tests::stage::{Plan, RATE, Stage, Tape};
use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use web_ui::Role;

/// What this commune lets the province set.
const MAY_SET: &str = "[hub]\nmay_set = [\"policy.night\"]\n";

/// A trial is over sooner than on a real site, whose devices are slower.
const SHORT: &str = "[station]\ntrial_s = 8\n";

/// People of the stories; all have this word.
const PASSWORD: &str = "truyen-thanh-xa-minh";

/// A television in the market hall, with a relay in its mains.
const TELEVISION: &str = r#"
[[switch]]
id = "market-mains"
driver = "modbus-relay"
line = "bus1"
unit = 1
coil = 3

[[board]]
id = "market"
name = "Chợ xã"
driver = "html"
power = "market-mains"
"#;

const PEOPLE: [(&str, Role); 5] = [
    ("lan", Role::Officer),
    ("tam", Role::Officer),
    ("hoa", Role::Approver),
    ("minh", Role::Technician),
    ("khach", Role::Viewer),
];

/// How long a change of the network is tried, seconds.
const CONFIRM_S: u32 = 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr().lock(), "story_stage: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let has = |flag: &str| std::env::args().any(|a| a == flag);
    let manager = has("--network").then(|| Peer::system("network_mock.py", &[]));
    let network = manager.as_ref().map(|peer| (peer.ready.clone(), CONFIRM_S));
    let mut stage = Stage::set(&Plan { network, more: TELEVISION.to_owned(), ..Plan::new("story") })?;
    let file = &stage.station.config;
    let text = std::fs::read_to_string(file)?.replace("[hub]\n", MAY_SET).replace("[station]\n", SHORT);
    std::fs::write(file, text).context("changing the configuration")?;
    std::fs::create_dir_all(stage.data()).context("making the data directory")?;
    // With nobody there the station makes its first user.
    let people = if has("--fresh") { &[][..] } else { &PEOPLE[..] };
    for &(name, role) in people {
        web_ui::users::add_user(&stage.data(), name, role, PASSWORD)?;
    }
    stage.start()?;
    say(&json!({
        "desk": stage.officer_url(),
        "citizen": format!("http://127.0.0.1:{}", stage.station.ports.citizen),
        "ops": format!("http://127.0.0.1:{}", stage.station.ports.ops),
        "data": stage.data(),
        "recordings": stage.path("recordings"),
        "timeline": stage.path("timeline.jsonl"),
        "log": stage.path("gateway.log"),
        "password": PASSWORD,
    }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("reading a line")?;
        let answer =
            serde_json::from_str(&line).map_err(anyhow::Error::from).and_then(|asked| obey(&mut stage, &asked));
        say(&answer.unwrap_or_else(|error| json!({ "error": format!("{error:#}") })))?;
    }
    Ok(())
}

fn obey(stage: &mut Stage, asked: &Value) -> Result<Value> {
    if let Some(kind) = asked["publish"].as_str() {
        let (jti, _) = stage.publish(kind, &asked["body"])?;
        return Ok(json!({ "jti": jti }));
    }
    if asked["restart"] == true {
        stage.restart()?;
        return Ok(json!({ "ok": true }));
    }
    if asked["off"] == true {
        stage.station.stop()?;
        return Ok(json!({ "ok": true }));
    }
    if asked["on"] == true {
        if stage.station.pid().is_none() {
            stage.start()?;
        }
        return Ok(json!({ "ok": true }));
    }
    if asked["power_cut"] == true {
        stage.power_cut()?;
        return Ok(json!({ "ok": true }));
    }
    if let Some(file) = asked["media"].as_str() {
        return Ok(json!({ "media": stage.shelf.add(Path::new(file))? }));
    }
    if asked["card"] == true {
        let path = stage.path("card.wav");
        let tape = stage.tape()?;
        let frames = keep(&tape, &path)?;
        return Ok(json!({ "wav": path, "frames": frames, "starts": starts(&tape, stage.commune.now())? }));
    }
    bail!("there is no such thing to do: {asked}")
}

/// First frame of each run of the card, and when that was at the converter, milliseconds since 1970.
fn starts(tape: &Tape, mono: u64) -> Result<Vec<(usize, f64)>> {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).context("the machine's clock is before 1970")?;
    let unix = |at: u64| unix.as_secs_f64() * 1000.0 - (mono as f64 - at as f64) / 1e6;
    Ok(tape.starts().iter().map(|(frame, at)| (*frame, unix(*at))).collect())
}

/// Writes what both channels of the card played; the number of frames.
fn keep(tape: &Tape, path: &Path) -> Result<usize> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).context("making a WAV file")?;
    for (left, right) in tape.channel(0).iter().zip(tape.channel(1)) {
        wav.write_sample(*left)?;
        wav.write_sample(*right)?;
    }
    wav.finalize().context("writing a WAV file")?;
    Ok(tape.len())
}

fn say(value: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush().context("writing to standard output")
}
