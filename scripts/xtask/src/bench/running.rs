//! running: other programs, started, waited for with a limit, and ended whatever happens.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a program may take to end after it was asked to.
const FAREWELL: Duration = Duration::from_secs(8);

/// A program that runs beside us; ended on drop.
pub(super) struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts it; what it says goes to `log`.
    pub(super) fn start(name: &str, command: &Command, log: &Path) -> Result<Self> {
        let said = std::fs::File::options().create(true).append(true).open(log);
        let said = said.with_context(|| format!("opening {}", log.display()))?;
        let mut bound = bound(command.get_program());
        bound.args(command.get_args());
        bound.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
        let child = bound
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Looks every millisecond until `ready`.
    ///
    /// # Errors
    /// It ended first, or the limit passed.
    pub(super) fn until(&mut self, what: &str, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<Instant> {
        let end = Instant::now() + limit;
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended before {what}: {status}; {}", self.name, last_words(&self.log));
            }
            if Instant::now() > end {
                bail!("{}: {what} not within {} s; {}", self.name, limit.as_secs(), last_words(&self.log));
            }
            sleep(Duration::from_millis(1));
        }
        Ok(Instant::now())
    }

    /// Ends it: asked first, then by force.
    pub(super) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let gone = |child: &mut Child| matches!(child.try_wait(), Ok(Some(_)) | Err(_));
        if gone(&mut self.child) {
            return;
        }
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().is_ok_and(|s| s.success());
        let end = Instant::now() + FAREWELL;
        while asked && Instant::now() < end {
            if gone(&mut self.child) {
                return;
            }
            sleep(Duration::from_millis(5));
        }
        // Either way it is gone after this.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// A program that is asked to end when we do, however we end.
fn bound(program: &OsStr) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

/// The end of what a program said, for an error message.
pub(super) fn last_words(log: &Path) -> String {
    let said = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    let last = &lines[lines.len().saturating_sub(4)..];
    if last.is_empty() { "it said nothing".to_owned() } else { format!("it last said: {}", last.join(" / ")) }
}

/// A command that is ended when it takes longer than `seconds`; Ctrl-C reaches it too.
pub(super) fn within(seconds: u32, program: impl AsRef<Path>) -> Command {
    let mut command = bound(OsStr::new("timeout"));
    command.args(["--foreground", "--kill-after=20", &seconds.to_string()]).arg(program.as_ref());
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end and returns what it said on standard output.
///
/// # Errors
/// It could not be started or did not end well; then with what it said on standard error.
pub(super) fn ask(mut command: Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?}: {}: {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
