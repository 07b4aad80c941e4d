//! The real station as a child process: started, asked, ended in good order or as a power cut would.

use super::{PATIENCE, Ports};
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Lines of the log that are kept.
const KEPT: usize = 50_000;
/// How often a state that nobody announces is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// The process, running or not; killed on drop.
pub struct Station {
    /// Its listeners.
    pub ports: Ports,
    /// Its configuration.
    pub config: PathBuf,
    /// More for its environment.
    pub env: Vec<(String, String)>,
    /// Runs it inside another program: `prlimit --fsize=…`.
    pub wrapper: Vec<String>,
    binary: PathBuf,
    child: Option<Child>,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

/// The program under test: `GATEWAY_BIN`, else the one built beside this program.
pub fn gateway() -> Result<PathBuf> {
    let built = || {
        let me = std::env::current_exe().ok()?;
        // A test lies one directory further down than the programs.
        me.ancestors().skip(1).take(2).map(|dir| dir.join("gateway")).find(|path| path.is_file())
    };
    let binary = std::env::var_os("GATEWAY_BIN").map(PathBuf::from).or_else(built);
    let binary = binary.context("no gateway beside this program: run `cargo build -p gateway` first")?;
    ensure!(binary.is_file(), "{} is not there: it is what GATEWAY_BIN says", binary.display());
    Ok(binary)
}

impl Station {
    pub(crate) fn new(config: PathBuf, ports: Ports, env: Vec<(String, String)>) -> Result<Self> {
        let binary = gateway()?;
        Ok(Self { ports, config, env, wrapper: Vec::new(), binary, child: None, log: Arc::default() })
    }

    /// Runs a command of the program on this configuration, e.g. `check`, and waits for its end.
    pub fn command(&self, words: &[&str]) -> Result<std::process::Output> {
        let out = Command::new(&self.binary).args(words).arg("--config").arg(&self.config).output();
        out.with_context(|| format!("running {} {words:?}", self.binary.display()))
    }

    /// Switches it on.
    pub fn start(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "the station runs already");
        let mut words = self.wrapper.clone();
        words.push(self.binary.display().to_string());
        let (program, rest) = words.split_first().context("a program")?;
        let mut child = Command::new(program)
            .args(rest)
            .arg("run")
            .arg("--config")
            .arg(&self.config)
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            // Ctrl-C in a terminal is for the one who runs the stage.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        let stderr = child.stderr.take().context("the station has no standard error")?;
        let (log, file) = (Arc::clone(&self.log), self.config.with_extension("log"));
        std::thread::Builder::new().name("station-log".to_owned()).spawn(move || listen(stderr, &log, &file))?;
        self.child = Some(child);
        Ok(())
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Waits until it says that it is ready.
    pub fn wait_ready(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if self.ops("/readyz").is_ok_and(|(status, _)| status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("the station ended with {status}:\n{}", self.last_words());
            }
            ensure!(Instant::now() < until, "the station does not get ready:\n{}", self.last_words());
            std::thread::sleep(LOOK);
        }
    }

    /// Asks its ops listener.
    pub fn ops(&self, path: &str) -> Result<(u16, String)> {
        get(&format!("http://127.0.0.1:{}{path}", self.ports.ops))
    }

    /// Asks its citizens' listener.
    pub fn citizen(&self, path: &str) -> Result<(u16, String)> {
        get(&format!("http://127.0.0.1:{}{path}", self.ports.citizen))
    }

    /// One of its metrics.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let (_, text) = self.ops("/metrics")?;
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
        line.with_context(|| format!("no metric {name} in\n{text}"))?.trim().parse().context("a metric is a number")
    }

    /// Ends it in good order and waits for that.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let pid = self.pid().context("the station does not run")?;
        let sent =
            Command::new("kill").process_group(0).arg("-TERM").arg(pid.to_string()).status().context("running kill")?;
        ensure!(sent.success(), "the station could not be told to stop");
        self.wait_end()
    }

    /// Waits until it has ended by itself.
    pub fn wait_end(&mut self) -> Result<ExitStatus> {
        let child = self.child.as_mut().context("the station does not run")?;
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                self.child = None;
                return Ok(status);
            }
            if Instant::now() > until {
                bail!("the station does not end:\n{}", self.last_words());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; either way it is gone after this.
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Everything it logged since the stage was set, over all its starts.
    pub fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    /// The end of its log, for a message to a person.
    pub fn last_words(&self) -> String {
        let lines = lock(&self.log);
        let from = lines.len().saturating_sub(40);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    /// Waits until a line of its log holds these words; the line.
    pub fn wait_log(&self, words: &str) -> Result<String> {
        let until = Instant::now() + PATIENCE;
        let mut lines = lock(&self.log);
        loop {
            if let Some(line) = lines.iter().find(|l| l.contains(words)) {
                return Ok(line.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            ensure!(!left.is_zero(), "the station never logged {words:?}");
            lines = self.log.more.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lines of its log that are warnings or worse.
    pub fn complaints(&self) -> Vec<String> {
        let grave = |l: &&String| [" WARN ", " ERROR "].iter().any(|level| l.contains(level)) || l.contains("panicked");
        // The stage vouches for the clock of a machine without NTP, and the station rightly says so.
        let grave = |l: &&String| grave(l) && !l.contains("clock.trust: ");
        lock(&self.log).iter().filter(grave).cloned().collect()
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lock(log: &Log) -> MutexGuard<'_, Vec<String>> {
    log.lines.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(stderr: ChildStderr, log: &Log, file: &Path) {
    let mut file = std::fs::File::options().create(true).append(true).open(file).ok();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some(file) = &mut file {
            // The copy on disk is a convenience; what the tests look at is in memory.
            writeln!(file, "{line}").ok();
        }
        let mut lines = lock(log);
        if lines.len() < KEPT {
            lines.push(line);
        }
        log.more.notify_all();
    }
}

/// A plain request; status and text.
fn get(url: &str) -> Result<(u16, String)> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(15)))
        .build()
        .new_agent();
    let mut answer = agent.get(url).call().with_context(|| format!("asking {url}"))?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string().context("reading an answer")?))
}
