//! A real MQTT broker (mosquitto) for tests: with TLS and client certificates, or plain on the loopback address.

use crate::hub::{Pki, broker_config};
use crate::scratch::Scratch;
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const START: Duration = Duration::from_secs(20);
const LOG_LINES: usize = 200;

/// A mosquitto with a directory of its own; killed, and the directory removed, on drop.
pub struct Broker {
    scratch: Scratch,
    port: u16,
    pki: Option<Pki>,
    child: Option<Child>,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Broker {
    /// Starts one without TLS on a free loopback port, open to anybody.
    pub fn plain() -> Result<Self> {
        Self::launch(None)
    }

    /// Starts one with the certificates and access list of a PKI, on a free loopback port.
    pub fn tls(pki: &Pki) -> Result<Self> {
        Self::launch(Some(pki.clone()))
    }

    fn launch(pki: Option<Pki>) -> Result<Self> {
        // Between finding a free port and taking it another program may come first: then the next one is tried.
        let mut last = None;
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let scratch = Scratch::new("broker")?;
            let mut broker = Self { scratch, port, pki: pki.clone(), child: None, log: Arc::default() };
            match broker.start() {
                Ok(()) => return Ok(broker),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("never tried")?)
    }

    /// Starts it again on the same port, after [`Broker::stop`] or [`Broker::kill`].
    pub fn start(&mut self) -> Result<()> {
        let user = account()?;
        let store = self.scratch.path();
        let text = match &self.pki {
            None => broker_config::plain(self.port, store, &user),
            Some(pki) => broker_config::with_tls(pki, "127.0.0.1", self.port, store, &user),
        };
        let file = self.scratch.join("mosquitto.conf");
        std::fs::write(&file, text)?;
        let mut child = Command::new("mosquitto")
            .arg("-c")
            .arg(&file)
            .env("PATH", search_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting mosquitto (package `mosquitto`)")?;
        let stderr = child.stderr.take().context("mosquitto has no standard error")?;
        self.child = Some(child);
        let (said, running) = sync_channel(1);
        let log = Arc::clone(&self.log);
        std::thread::Builder::new().name("broker-log".to_owned()).spawn(move || listen(stderr, &log, &said))?;
        self.await_running(&running)
    }

    fn await_running(&mut self, running: &Receiver<()>) -> Result<()> {
        match running.recv_timeout(START) {
            Ok(()) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => bail!("mosquitto ended at once:\n{}", self.log()),
            Err(RecvTimeoutError::Timeout) => bail!("mosquitto did not say it runs:\n{}", self.log()),
        }
    }

    /// Ends it in good order: sessions and queued messages are kept for the next start.
    pub fn stop(&mut self) -> Result<()> {
        self.signal("TERM")?;
        if let Some(mut child) = self.child.take() {
            child.wait().context("waiting for mosquitto to end")?;
        }
        Ok(())
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; either way it is gone after this.
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Holds it: connections stay open and nothing answers, as on a dead link.
    pub fn freeze(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal("CONT")
    }

    /// Makes it read certificates and access list anew.
    pub fn reload(&self) -> Result<()> {
        self.signal("HUP")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let child = self.child.as_ref().context("the broker does not run")?;
        let done = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status()?;
        if done.success() { Ok(()) } else { bail!("signal {name} was not delivered") }
    }

    /// Its address: `mqtts://localhost:…` or `mqtt://127.0.0.1:…`.
    pub fn url(&self) -> String {
        match self.pki {
            None => format!("mqtt://127.0.0.1:{}", self.port),
            Some(_) => format!("mqtts://localhost:{}", self.port),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The last lines it logged.
    pub fn log(&self) -> String {
        let lines = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn listen(stderr: ChildStderr, log: &Mutex<VecDeque<String>>, said: &SyncSender<()>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let runs = line.ends_with(" running");
        let mut lines = log.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
        drop(lines);
        if runs {
            // Nobody waits any more after the first time.
            said.try_send(()).ok();
        }
    }
}

/// The account the tests run under; mosquitto would otherwise change to its own, which cannot read the keys.
pub fn account() -> Result<String> {
    let out = Command::new("id").arg("-un").output().context("asking who we are")?;
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Debian keeps mosquitto in `/usr/sbin`, which is not on everybody's path.
fn search_path() -> String {
    format!("{}:/usr/sbin:/usr/local/sbin", std::env::var("PATH").unwrap_or_default())
}
