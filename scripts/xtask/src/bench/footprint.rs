//! footprint: memory idle and playing, time to get ready, size of the program; ours and a Python station's.

use super::peer;
use super::resident::Resident;
use super::rig::Rig;
use super::running::{Running, within};
use super::sheet::{Sheet, median, ranked, ratio, table, tenth};
use super::station::{self, Station};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest a start may take before it counts as failed.
const START: Duration = Duration::from_secs(20);
/// After this a program that does nothing has settled.
const SETTLED: Duration = Duration::from_secs(10);
/// How long a clip has played when memory is read.
const PLAYED: Duration = Duration::from_secs(8);

/// Measures.
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    if !rest.is_empty() && rest != ["python"] {
        println!("footprint compares with Python only");
    }
    let trials = super::trials()?;
    let sheet = Sheet::open("footprint")?;
    let rig = Rig::new(root)?;
    peer::make_clips(&rig)?;
    let bytes = fs::metadata(rig.program("gateway"))?.len();
    let empty = starts(&rig, "EMPTY", trials, true)?;
    let warm = starts(&rig, "WARM", trials, false)?;
    let ours = memory_of_ours(&rig)?;
    let theirs = python(&rig, trials)?;
    show(&ours, &theirs, &empty, &warm, bytes);
    let result = json!({"trials": trials, "program_bytes": bytes, "start_empty": empty, "start_warm": warm,
                        "memory": ours, "python": theirs});
    sheet.close(root, result)
}

fn launch(rig: &Rig, name: &str, mut command: Command, asound: &Path) -> Result<(Running, Instant)> {
    command.env("ALSA_CONFIG_PATH", asound);
    let begun = Instant::now();
    Ok((Running::start(name, &command, &rig.dir.join("sut.log"))?, begun))
}

/// What was added to the broker's log since it was this long.
fn added(log: &Path, from: usize) -> String {
    fs::read_to_string(log).unwrap_or_default().get(from..).unwrap_or_default().to_owned()
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}

fn figures(values: &[f64]) -> Value {
    json!({"median_ms": median(values), "p95_ms": ranked(values, 95), "all_ms": values})
}

/// Starts it again and again: in an empty folder each time, or in one that has been used.
fn starts(rig: &Rig, id: &str, trials: u32, empty: bool) -> Result<Value> {
    println!("-- start, {}", if empty { "empty folder" } else { "used folder" });
    let (asound, _) = rig.cards(-1)?;
    let log = rig.broker_log();
    let (mut ready, mut subscribed) = (Vec::new(), Vec::new());
    let rounds = if empty { 0..trials } else { 0..trials + 1 };
    for round in rounds {
        let station = Station::new(rig, &if empty { format!("{id}-{round}") } else { id.to_owned() }, None)?;
        let from = fs::metadata(&log)?.len().try_into()?;
        let (mut gateway, begun) = launch(rig, "gateway", station.command(rig), &asound)?;
        let (ready_at, subscribed_at) = std::thread::scope(|scope| -> Result<_> {
            // Beside the other watch, because a question waits for its answer from the moment the port is open.
            let ready = scope.spawn(|| when_ready(&station, begun + START));
            let subscribed =
                gateway.until("subscribed", START, || added(&log, from).contains(&station.subscribed()))?;
            Ok((ready.join().ok().flatten().context("it never said that it is ready")?, subscribed))
        })?;
        // The first start of a folder that is to be a used one does not count.
        if empty || round > 0 {
            ready.push(ms(begun, ready_at));
            subscribed.push(ms(begun, subscribed_at));
        }
        gateway.stop();
    }
    Ok(json!({"ready": figures(&ready), "subscribed": figures(&subscribed)}))
}

fn when_ready(station: &Station, end: Instant) -> Option<Instant> {
    while Instant::now() < end {
        if station.is_ready() {
            return Some(Instant::now());
        }
        sleep(Duration::from_millis(1));
    }
    None
}

/// Publishes a file with the client others wrote.
fn publish(rig: &Rig, topic: &str, file: &Path) -> Result<()> {
    let mut client = within(20, "mosquitto_pub");
    client.args(["-h", "127.0.0.1", "-q", "1", "-p", &rig.port.to_string(), "-t", topic, "-f"]).arg(file);
    super::running::ask(client).map(drop)
}

/// Waits until the card was given a sound; `from` is how many it had been given.
fn heard(program: &mut Running, index: &Path, from: usize) -> Result<()> {
    let limit = Duration::from_secs(20);
    program.until("a sound", limit, || sounds(index) > from).map(drop)
}

fn sounds(index: &Path) -> usize {
    fs::read_to_string(index).unwrap_or_default().matches("\"sound\"").count()
}

fn memory_of_ours(rig: &Rig) -> Result<Value> {
    println!("-- memory, gateway");
    let (asound, index) = rig.cards(-1)?;
    let station = Station::new(rig, "MEMORY", None)?;
    let minute = minute(rig)?;
    let clip = station::bulletin("CLIP", "emergency", "*", &station::audio(&station.cache(&minute)?));
    let clip = rig.sign("clip", "bulletin", &clip, 1)?.join("000001.jws");
    let words = station::text(&"Nước lũ đang lên nhanh, bà con khẩn trương lên chỗ cao. ".repeat(15));
    let words = station::bulletin("TEXT", "emergency", "*", &words);
    let words = rig.sign("text", "bulletin", &words, 1)?.join("000001.jws");
    let recall = rig.sign("recall", "recall", &json!({"bulletin_id": "CLIP-1", "reason": "bench"}), 1)?;
    let (mut gateway, _) = launch(rig, "gateway", station.command(rig), &asound)?;
    gateway.until("ready", START, || station.is_ready())?;
    sleep(SETTLED);
    let idle = Resident::of_tree(gateway.pid())?;
    let before = sounds(&index);
    publish(rig, "ttcs/1/all/down/bulletin", &clip)?;
    heard(&mut gateway, &index, before)?;
    sleep(PLAYED);
    let recording = Resident::of_tree(gateway.pid())?;
    publish(rig, "ttcs/1/all/down/recall", &recall.join("000001.jws"))?;
    sleep(Duration::from_secs(2));
    let before = sounds(&index);
    publish(rig, "ttcs/1/all/down/bulletin", &words)?;
    heard(&mut gateway, &index, before)?;
    sleep(PLAYED);
    let spoken = Resident::of_tree(gateway.pid())?;
    let xruns = station.number("gateway_sound_xruns_total")?;
    let real_time = station.number("gateway_sound_real_time")? > 0.0;
    gateway.stop();
    Ok(json!({"idle": idle.to_json(), "playing_recording": recording.to_json(), "playing_text": spoken.to_json(),
              "xruns": xruns, "real_time": real_time}))
}

/// A minute of sound as it comes from a hub.
fn minute(rig: &Rig) -> Result<PathBuf> {
    let file = rig.dir.join("minute.mp3");
    let mut encode = within(60, "ffmpeg");
    encode.args(["-loglevel", "error", "-y", "-t", "60", "-i"]).arg(rig.dir.join("clips/hum.mp3"));
    encode.args(["-c", "copy"]).arg(&file);
    super::running::ask(encode)?;
    Ok(file)
}

fn python(rig: &Rig, trials: u32) -> Result<Value> {
    println!("-- Python");
    let peer = *peer::choose(&["python"])?.first().context("Python is a peer")?;
    let (asound, index) = rig.cards(-1)?;
    let log = rig.broker_log();
    let mut subscribed = Vec::new();
    let mut kept = None;
    for _ in 0..trials {
        // The one before is ended first: the broker throws out the older of two clients of one name.
        drop(kept.take());
        let from = fs::metadata(&log)?.len().try_into()?;
        let (mut station, begun) = launch(rig, peer.name, peer.command(rig)?, &asound)?;
        let at = station.until("subscribed", START, || added(&log, from).contains(peer::TOPIC))?;
        subscribed.push(ms(begun, at));
        kept = Some(station);
    }
    let Some(mut station) = kept else { bail!("no trial") };
    sleep(SETTLED);
    let idle = Resident::of_tree(station.pid())?;
    let name = rig.dir.join("name");
    fs::write(&name, "long")?;
    let before = sounds(&index);
    publish(rig, peer::TOPIC, &name)?;
    heard(&mut station, &index, before)?;
    sleep(PLAYED);
    let playing = Resident::of_tree(station.pid())?;
    station.stop();
    Ok(json!({"subscribed": figures(&subscribed), "idle": idle.to_json(), "playing": playing.to_json()}))
}

fn show(ours: &Value, theirs: &Value, empty: &Value, warm: &Value, bytes: u64) {
    let row =
        |what: &str, ours: &Value, other: &Value| vec![what.to_owned(), tenth(ours), tenth(other), ratio(ours, other)];
    let none = Value::Null;
    let mut rows = Vec::new();
    for (what, key, other) in [
        ("idle", "idle", "idle"),
        ("playing a recording", "playing_recording", "playing"),
        ("playing a text", "playing_text", "playing"),
    ] {
        for measure in ["rss_mib", "pss_mib", "anonymous_mib"] {
            rows.push(row(&format!("{what}, {measure}"), &ours[key][measure], &theirs[other][measure]));
        }
    }
    for (folder, start) in [("empty", empty), ("used", warm)] {
        for value in ["median_ms", "p95_ms"] {
            rows.push(row(&format!("start, {folder} folder: ready, {value}"), &start["ready"][value], &none));
            let other = &theirs["subscribed"][value];
            rows.push(row(&format!("start, {folder} folder: subscribed, {value}"), &start["subscribed"][value], other));
        }
    }
    table(&["", "gateway", "Python", "ours : theirs"], &rows);
    println!("program: {bytes} bytes; threads idle: {}; xruns: {}", ours["idle"]["threads"], ours["xruns"]);
}
