//! line: the sound line in a process of its own, told what to play while it is looked at.

use super::super::rig::Rig;
use super::super::running::last_words;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a report.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `sound_bench`; it stops on drop.
pub(super) struct Line {
    child: Child,
    told: Option<ChildStdin>,
    says: mpsc::Receiver<Value>,
    log: PathBuf,
}

impl Line {
    /// Starts it with these arguments on the cards of `asound`.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn start(rig: &Rig, asound: &Path, args: &[String]) -> Result<Self> {
        let log = rig.dir.join("line.log");
        let mut child = Command::new(rig.program("sound_bench"))
            .args(args)
            .arg("--clips")
            .arg(rig.dir.join("clips"))
            .env("ALSA_CONFIG_PATH", asound)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("starting sound_bench")?;
        let (out, told) = (child.stdout.take().context("its standard output")?, child.stdin.take());
        let (heard, says) = mpsc::sync_channel(10_000);
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { break };
                if heard.send(value).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, told, says, log })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells it something.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn tell(&mut self, what: &str) -> Result<()> {
        let told = self.told.as_mut().context("it was told to stop")?;
        writeln!(told, "{what}").with_context(|| format!("telling the sound line; {}", last_words(&self.log)))
    }

    /// Waits until it has said so many things that are wanted, and returns the last.
    ///
    /// # Errors
    /// It does not say them within half a minute.
    pub(super) fn wait(&mut self, what: &str, count: usize, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let until = Instant::now() + PATIENCE;
        let mut left = count;
        loop {
            let Ok(value) = self.says.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                bail!("the sound line never told {what}; {}", last_words(&self.log));
            };
            left -= usize::from(wanted(&value));
            if left == 0 {
                return Ok(value);
            }
        }
    }

    /// Waits for so many reports of one kind.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub(super) fn reports(&mut self, report: &str, count: usize) -> Result<Value> {
        self.wait(report, count, |said| said["report"] == report)
    }

    /// How one of its lines is.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub(super) fn state(&mut self, which: usize) -> Result<Value> {
        self.tell(&format!("state {which}"))?;
        Ok(self.wait("its state", 1, |said| !said["state"].is_null())?["state"].clone())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // At the end of its input it fades out and ends.
        self.told = None;
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
        // Either way it is gone after this.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
