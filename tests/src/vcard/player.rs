//! A sound line in a process of its own, so that each test has its own ALSA configuration.

use super::VirtualCards;
use anyhow::{Context, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long [`Player::wait`] waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The running process. It is told to stop on drop.
pub struct Player {
    child: Child,
    told: Option<ChildStdin>,
    says: mpsc::Receiver<Value>,
    /// Everything it has said, in order, as far as it was waited for.
    pub said: Vec<Value>,
}

impl Player {
    /// Starts `bench`, the `sound_bench` of this build, on these cards.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(bench: &str, cards: &VirtualCards, args: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(bench)
            .args(args)
            .env("ALSA_CONFIG_PATH", cards.config())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {bench}"))?;
        let out = child.stdout.take().context("its standard output")?;
        let told = child.stdin.take();
        let (heard, says) = mpsc::sync_channel(10_000);
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { break };
                if heard.send(value).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, told, says, said: Vec::new() })
    }

    /// Tells it something.
    ///
    /// # Errors
    /// It is gone.
    pub fn tell(&mut self, what: &str) -> anyhow::Result<()> {
        let told = self.told.as_mut().context("it was told to stop")?;
        writeln!(told, "{what}").context("telling the sound line")
    }

    /// Waits for something it has not been asked for yet, and keeps what it says until then.
    ///
    /// # Errors
    /// It does not come within half a minute.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(value) = self.says.recv_timeout(left) else {
                bail!("waited in vain for {what}; heard {:#?}", self.said)
            };
            self.said.push(value.clone());
            if wanted(&value) {
                return Ok(value);
            }
        }
    }

    /// What it says next, if it says anything within `patience`; it is not kept in [`Self::said`].
    pub fn hear(&mut self, patience: Duration) -> Option<Value> {
        self.says.recv_timeout(patience).ok()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a report of a sink.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn report(&mut self, sink: &str, report: &str) -> anyhow::Result<Value> {
        self.wait(&format!("{report} of {sink}"), |v| v["sink"] == sink && v["report"] == report)
    }

    /// Waits for a report about a play.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn about(&mut self, play: u64, report: &str) -> anyhow::Result<Value> {
        self.wait(&format!("{report} of play {play}"), |v| v["play"] == play && v["report"] == report)
    }

    /// Asks how the line is.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn state(&mut self) -> anyhow::Result<Value> {
        self.tell("state")?;
        Ok(self.wait("its state", |v| !v["state"].is_null())?["state"].clone())
    }

    /// Stops the process as if the machine had no time for it, and lets it go on after `pause`.
    ///
    /// # Errors
    /// It is gone.
    pub fn hold_up(&self, pause: Duration) -> anyhow::Result<()> {
        let signal = |signal| {
            #[expect(unsafe_code, reason = "std can only kill")]
            // SAFETY: the process is our child and has not been waited for, so the number is still its own.
            let sent = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
            if sent == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        };
        signal(libc::SIGSTOP).context("holding up the sound line")?;
        thread::sleep(pause);
        signal(libc::SIGCONT).context("letting the sound line go on")
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// # Errors
    /// It did not end well.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.told = None;
        let ended = self.child.wait().context("waiting for the sound line's process")?;
        anyhow::ensure!(ended.success(), "the sound line's process ended with {ended}");
        Ok(())
    }

    /// What it reported about plays, in order: `sounding 1`, `ended 1` …
    pub fn story(&self) -> Vec<String> {
        let told = |v: &Value| Some(format!("{} {}", v["report"].as_str()?, v["play"].as_u64()?));
        self.said.iter().filter_map(told).collect()
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.told = None;
        if !thread::panicking() {
            return;
        }
        // A failed test must not leave a process behind; were it gone already, that would do.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Makes or decodes a file with ffmpeg.
///
/// # Errors
/// ffmpeg is not there, or says no.
pub fn ffmpeg(args: &[&str], out: &Path) -> anyhow::Result<()> {
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y"])
        .args(args)
        .arg(out)
        .status()
        .context("running ffmpeg")?;
    anyhow::ensure!(done.success(), "ffmpeg {args:?} ended with {done}");
    Ok(())
}

/// What ffmpeg makes of a file: one channel, 16 bits, 48 kHz.
///
/// # Errors
/// As [`ffmpeg`].
pub fn decoded(file: &Path) -> anyhow::Result<Vec<i16>> {
    let raw = file.with_extension("decoded.raw");
    ffmpeg(&["-i", &file.display().to_string(), "-f", "s16le", "-ac", "1", "-ar", "48000"], &raw)?;
    let bytes = std::fs::read(&raw).context("reading what ffmpeg decoded")?;
    Ok(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect())
}
