//! alert: from "published" to "audible" at the card, ours and others in one run, on a quiet machine and under load.

use super::peer::{self, Peer};
use super::rig::Rig;
use super::running::{Running, last_words, within};
use super::sheet::{Sheet, ratio, table, tenth};
use super::station::{self, Station};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the hub's bulletins come.
const BULLETINS: &str = "ttcs/1/all/down/bulletin";

/// What is the matter while ours is measured.
#[derive(Clone, Copy)]
enum Matter {
    /// Nothing; the text is spoken by the station.
    Nothing,
    /// The alert is a recording that is in the cache.
    Clip,
    /// A programme plays on the left channel; the right one is measured.
    Programme,
    /// Every commit of the journal takes half a second longer.
    Stall,
    /// A relay takes connections and never answers; its cluster is another one.
    Hung,
}

/// All, with their names; the first is what the peers are compared with.
const MATTERS: &[(Matter, &str)] = &[
    (Matter::Nothing, "gateway"),
    (Matter::Clip, "gateway, recording in the cache"),
    (Matter::Programme, "gateway, a programme plays beside"),
    (Matter::Stall, "gateway, each commit stalled 500 ms"),
    (Matter::Hung, "gateway, another cluster's relay hangs"),
];

/// Measures; `rest` names the peers.
pub(super) fn run(root: &Path, rest: &[&str]) -> Result<()> {
    let peers = peer::choose(rest)?;
    let trials = super::trials()?;
    let sheet = Sheet::open("alert")?;
    let rig = Rig::new(root)?;
    peer::make_clips(&rig)?;
    let mut bench = Bench { rig: &rig, trials, rows: Vec::new(), missing: Vec::new() };
    bench.round(&peers, None)?;
    let load = start_load(&rig)?;
    bench.round(&peers, Some(&load))?;
    load.stop();
    fs::remove_dir_all(load_files(&rig)).context("removing the files of the load")?;
    let Bench { rows, missing, .. } = bench;
    show(&rows);
    if rows.iter().any(|r| r["longer_periods"] == true) {
        println!("In a run of ours the card's periods were made longer after underruns: see the rows' longer_periods.");
    }
    println!("n = {trials} each; p95 of fewer than 20 is the worst.");
    sheet.close(root, json!({"trials": trials, "rows": rows, "not_measured": missing}))?;
    if missing.is_empty() { Ok(()) } else { bail!("without a figure: {}", missing.join("; ")) }
}

fn start_load(rig: &Rig) -> Result<Running> {
    let files = load_files(rig);
    fs::create_dir_all(&files)?;
    let mut stress = Command::new("stress-ng");
    stress.args(["--cpu", "2", "--hdd", "1", "--hdd-bytes", "256M", "--timeout", "1200", "--temp-path"]).arg(files);
    Running::start("stress-ng", &stress, &rig.dir.join("stress.said"))
}

/// On a disk, unlike everything else: it is the disk that is to be busy.
fn load_files(rig: &Rig) -> PathBuf {
    rig.root.join("target/bench/load")
}

/// A run in the making.
struct Bench<'a> {
    rig: &'a Rig,
    trials: u32,
    rows: Vec<Value>,
    missing: Vec<String>,
}

impl Bench<'_> {
    /// Ours and the peers once each, all under the same load.
    fn round(&mut self, peers: &[&Peer], load: Option<&Running>) -> Result<()> {
        let loaded = load.is_some();
        for (at, (matter, name)) in MATTERS.iter().enumerate() {
            if loaded && matches!(matter, Matter::Stall | Matter::Clip) {
                continue;
            }
            let id = format!("BENCH-{}{at}", if loaded { "L" } else { "Q" });
            let done = self.ours(*matter, name, &id, loaded);
            self.keep(name, loaded, done);
        }
        for peer in peers {
            let done = self.theirs(peer, peer.name, None, loaded);
            self.keep(peer.name, loaded, done);
            if peer.replaces && !loaded {
                let name = format!("{}, a clip plays", peer.name);
                let done = self.theirs(peer, &name, Some("long"), loaded);
                self.keep(&name, loaded, done);
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, loaded: bool, done: Result<Value>) {
        match done {
            Ok(row) => self.rows.push(row),
            Err(error) => self.missing.push(format!("{name}{}: {error:#}", if loaded { " under load" } else { "" })),
        }
    }

    fn ours(&self, matter: Matter, name: &str, id: &str, loaded: bool) -> Result<Value> {
        let hung = matches!(matter, Matter::Hung).then(station::hung_device).transpose()?;
        let station = Station::new(self.rig, id, hung)?;
        let mut harness = self.harness(name, &station.command(self.rig), &station.subscribed(), &matter)?;
        harness.args(["--topic", BULLETINS, "--payloads"]).arg(self.alerts(&station, matter)?.join("*.jws"));
        harness.args(["--quiet", "0.6", "--gap", "0.2"]);
        match matter {
            Matter::Nothing | Matter::Clip => {}
            Matter::Programme => {
                for told in self.programme(&station)? {
                    harness.arg("--prelude").arg(told);
                }
                harness.args(["--prelude-sound", "--watch-prelude", "0", "--watch", "1"]);
            }
            Matter::Stall => {
                harness.env("GATEWAY_STALL_MS", "500");
            }
            Matter::Hung => {}
        }
        if loaded || !matches!(matter, Matter::Nothing) {
            harness.arg("--latency-only");
        }
        let mut row = self.measure(harness, name, loaded)?;
        let said = fs::read_to_string(self.log())?;
        row["real_time"] = said.contains("real_time=true").into();
        row["longer_periods"] = said.contains("longer periods for this card").into();
        Ok(row)
    }

    /// One alert for each publication, the long one last.
    fn alerts(&self, station: &Station, matter: Matter) -> Result<PathBuf> {
        let content = match matter {
            Matter::Clip => station::audio(&station.cache(&self.rig.dir.join("clips/alert.wav"))?),
            Matter::Nothing | Matter::Programme | Matter::Stall | Matter::Hung => station::text("Lũ."),
        };
        // First sound and its repetition, two to warm up, and the trials themselves.
        let count = self.trials + 4;
        let body = station::bulletin(&station.id, "emergency", "*", &content);
        let dir = self.rig.sign(&format!("alerts-{}", station.id), "bulletin", &body, count)?;
        let long = station::text(&"Nước lũ đang lên nhanh, bà con khẩn trương lên chỗ cao. ".repeat(6));
        let body = station::bulletin(&format!("{}-long", station.id), "emergency", "*", &long);
        let last = self.rig.sign(&format!("last-{}", station.id), "bulletin", &body, 1)?;
        fs::copy(last.join("000001.jws"), dir.join("999999.jws"))?;
        Ok(dir)
    }

    /// What makes a programme play on the left channel, as `TOPIC=FILE`.
    fn programme(&self, station: &Station) -> Result<[String; 2]> {
        let hum = station.cache(&self.rig.dir.join("clips/hum.mp3"))?;
        let body = station::bulletin(&format!("{}-hum", station.id), "priority", "thon-1", &station::audio(&hum));
        let bulletin = self.rig.sign(&format!("hum-{}", station.id), "bulletin", &body, 1)?;
        let body = station::programme(4, "thon-1")?;
        let programme = self.rig.sign(&format!("programme-{}", station.id), "programme", &body, 1)?;
        Ok([
            format!("{BULLETINS}={}", bulletin.join("000001.jws").display()),
            format!("ttcs/1/all/down/programme={}", programme.join("000001.jws").display()),
        ])
    }

    /// `occupied` is the clip that plays when the alert comes.
    fn theirs(&self, peer: &Peer, name: &str, occupied: Option<&str>, loaded: bool) -> Result<Value> {
        let command = peer.command(self.rig)?;
        let mut harness = self.harness(name, &command, peer::TOPIC, &Matter::Nothing)?;
        harness.args(["--topic", peer::TOPIC, "--payload", "alert", "--long-payload", "long"]);
        harness.args(["--clip-s", "1.2", "--gap", "0.3"]);
        if let Some(clip) = occupied {
            harness.args(["--occupy", clip]);
        }
        if loaded || occupied.is_some() {
            harness.arg("--latency-only");
        }
        self.measure(harness, name, loaded)
    }

    fn log(&self) -> PathBuf {
        self.rig.dir.join("sut.log")
    }

    fn results(&self) -> PathBuf {
        self.rig.dir.join("alert.jsonl")
    }

    /// The part of the harness's command line that is the same for all; `subscribed` is what the broker's log then says.
    fn harness(&self, name: &str, system: &Command, subscribed: &str, matter: &Matter) -> Result<Command> {
        let watch = if matches!(matter, Matter::Programme) { 1 } else { -1 };
        let (asound, index) = self.rig.cards(watch)?;
        for old in [self.log(), self.results()] {
            fs::write(old, "")?;
        }
        let mut harness = within(120 + self.trials * 10, self.rig.root.join("tests/bench/alert_to_sound.py"));
        harness.args(["--name", name, "--sut", &spelt(system)?, "--trials", &self.trials.to_string(), "--warmup", "2"]);
        harness.arg("--ready").arg(format!("log:{}:{subscribed}", self.rig.broker_log().display()));
        harness.args(["--ready-timeout", "20", "--timeout", "8", "--settle", "2", "--cpu-window", "4"]);
        harness.arg("--mqtt").arg(format!("127.0.0.1:{}", self.rig.port));
        harness.arg("--alsa-conf").arg(asound).arg("--pcm").arg(format!("vcard:{}", index.display()));
        harness.arg("--log").arg(self.log()).arg("--json").arg(self.results());
        for (key, value) in system.get_envs() {
            if let Some(value) = value {
                harness.env(key, value);
            }
        }
        Ok(harness)
    }

    fn measure(&self, mut harness: Command, name: &str, loaded: bool) -> Result<Value> {
        println!("-- {name}{}", if loaded { ", under load" } else { "" });
        harness.stdout(std::process::Stdio::null());
        let status = harness.status().context("starting alert_to_sound.py")?;
        if !status.success() {
            bail!("{status}; {}", last_words(&self.log()));
        }
        let text = fs::read_to_string(self.results())?;
        let mut row: Value = serde_json::from_str(text.lines().last().context("the harness wrote no result")?)?;
        row["load"] = loaded.into();
        Ok(row)
    }
}

/// A command as the shell takes it.
fn spelt(command: &Command) -> Result<String> {
    let mut line = "exec".to_owned();
    for word in std::iter::once(command.get_program()).chain(command.get_args()) {
        let word = word.to_str().context("a path that is not UTF-8")?;
        line.push_str(&format!(" '{}'", word.replace('\'', r"'\''")));
    }
    Ok(line)
}

fn show(rows: &[Value]) {
    let head = [
        "system",
        "n",
        "lost",
        "audible ms",
        "p95",
        "ours : theirs",
        "p95",
        "accepted ms",
        "p95",
        "first sound ms",
        "xruns",
    ];
    for loaded in [false, true] {
        println!("\n{}:", if loaded { "under load (stress-ng --cpu 2 --hdd 1)" } else { "no load of ours" });
        let of_load: Vec<&Value> = rows.iter().filter(|r| r["load"] == loaded).collect();
        let ours = of_load.iter().find(|r| r["name"] == MATTERS[0].1);
        let against = |row: &Value, key: &str| match ours {
            Some(ours) if !row["name"].as_str().is_some_and(|n| n.starts_with(MATTERS[0].1)) => {
                ratio(&ours[key], &row[key])
            }
            _ => String::new(),
        };
        let cells = |row: &&Value| {
            vec![
                row["name"].as_str().unwrap_or_default().to_owned(),
                row["n"].to_string(),
                row["lost"].to_string(),
                tenth(&row["dac_med"]),
                tenth(&row["dac_p95"]),
                against(row, "dac_med"),
                against(row, "dac_p95"),
                tenth(&row["arr_med"]),
                tenth(&row["arr_p95"]),
                tenth(&row["first_ms"]),
                row["xruns"].to_string(),
            ]
        };
        table(&head, &of_load.iter().map(cells).collect::<Vec<_>>());
    }
}
