//! peer: what people put together themselves, measured beside ours in the same run.

use super::rig::Rig;
use super::running::{ask, within};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The topic they listen to; what comes on it is the name of a clip.
pub(super) const TOPIC: &str = "alert/1";

/// A system others would build of what lies around.
pub(super) struct Peer {
    /// How it is called on the command line.
    pub(super) word: &'static str,
    /// How it is called in tables.
    pub(super) name: &'static str,
    /// What it is started by, under `tests/bench/peers/`.
    script: &'static str,
    /// Whether an alert replaces what it plays, on one and the same card. The others say it afterwards, or never.
    pub(super) replaces: bool,
}

/// All that are known.
const PEERS: &[Peer] = &[
    Peer { word: "shell", name: "mosquitto_sub + sh + aplay", script: "shell.sh", replaces: false },
    Peer { word: "python", name: "Python paho + pymodbus + aplay", script: "py_station.py", replaces: true },
    Peer { word: "node-red", name: "Node-RED + aplay", script: "node-red.sh", replaces: false },
    Peer { word: "liquidsoap", name: "Liquidsoap queue", script: "liquidsoap.sh", replaces: false },
];

/// Those that need nothing but what `scripts/setup` installs.
const USUAL: &[&str] = &["shell", "python"];

/// The peers named, or the usual ones.
///
/// # Errors
/// A name nobody has.
pub(super) fn choose(words: &[&str]) -> Result<Vec<&'static Peer>> {
    let words = if words.is_empty() { USUAL } else { words };
    let find = |word: &&str| {
        PEERS.iter().find(|p| p.word == *word).with_context(|| {
            let known: Vec<&str> = PEERS.iter().map(|p| p.word).collect();
            format!("no peer {word:?}; there are {}", known.join(", "))
        })
    };
    words.iter().map(find).collect()
}

impl Peer {
    /// What starts it on the rig, with what it needs installed.
    ///
    /// # Errors
    /// What it needs is not there and cannot be had.
    pub(super) fn command(&self, rig: &Rig) -> Result<Command> {
        let script = rig.root.join("tests/bench/peers").join(self.script);
        let mut command = match self.word {
            "python" => {
                let python = rig.root.join("target/venv/bin/python");
                if !python.exists() {
                    bail!("{} is missing: scripts/setup makes it", python.display());
                }
                let mut command = Command::new(python);
                command.arg("-B").arg(script).arg("aplay");
                command
            }
            _ => Command::new(script),
        };
        if self.word == "node-red" {
            command.env("NODE_RED", install_node_red(&rig.root)?);
        }
        if self.word == "liquidsoap" {
            let mut version = within(20, "liquidsoap");
            version.arg("--version");
            ask(version).context("apt install liquidsoap")?;
        }
        command.env("PORT", rig.port.to_string()).env("CLIPS", rig.dir.join("clips")).env("WITHIN", &rig.dir);
        Ok(command)
    }
}

fn install_node_red(root: &Path) -> Result<PathBuf> {
    let dir = root.join("target/bench/node-red");
    if !dir.join("node_modules/node-red").exists() {
        std::fs::create_dir_all(&dir)?;
        let mut npm = within(300, "npm");
        npm.arg("--prefix").arg(&dir).args(["install", "--no-audit", "--no-fund", "--silent", "node-red"]);
        ask(npm).context("installing Node-RED")?;
    }
    Ok(dir)
}

/// Makes the clips the peers play, and ours in one trial: `alert.wav`, 1.2 s; `long.wav`, 9.4 s; `hum.mp3`, 10 minutes.
pub(super) fn make_clips(rig: &Rig) -> Result<()> {
    let at = |name: &str| rig.dir.join("clips").join(name);
    let mut speak = within(60, "espeak-ng");
    ask({
        speak.args(["-v", "vi", "-w"]).arg(rig.dir.join("spoken.wav")).arg("Chú ý, nước lũ đang lên nhanh");
        speak
    })?;
    let mut cut = within(60, "sox");
    cut.arg(rig.dir.join("spoken.wav")).args(["-r", "48000", "-c", "2", "-b", "16"]).arg(at("alert.wav"));
    cut.args(["silence", "1", "0.01", "0.5%", "trim", "0", "1.17"]);
    ask(cut)?;
    let mut repeat = within(60, "sox");
    repeat.arg(at("alert.wav")).arg(at("long.wav")).args(["repeat", "7"]);
    ask(repeat)?;
    let mut encode = within(120, "ffmpeg");
    encode.args(["-loglevel", "error", "-y", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=600"]);
    encode.args(["-b:a", "64k"]).arg(at("hum.mp3"));
    ask(encode)?;
    Ok(())
}
