//! Foreign far ends: programs others wrote, started for one test and ended with it.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Longest wait for a peer to be ready or to say something; a loaded machine takes seconds to start Python.
const SAY_WITHIN: Duration = Duration::from_secs(30);

/// A running peer; killed on drop.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    ends_itself: bool,
    /// What followed `ready` in its first line, e.g. a port number.
    pub ready: String,
}

impl Peer {
    /// Starts `tests/peers/<script>` in the peers' own Python and waits for its line `ready …`.
    ///
    /// # Panics
    /// When the Python is not installed (with the remedy), or the peer does not get ready.
    pub fn python(script: &str, arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("../target/venv/bin/python");
        assert!(python.exists(), "{} is missing: run scripts/setup", python.display());
        let mut command = Command::new(python);
        command.arg("-uB").arg(root.join("peers").join(script)).args(arguments);
        Self::start(command)
    }

    /// Starts `tests/peers/<script>` in the system's Python, which has what pip cannot give (D-Bus), and which ends with
    /// its input because it has started programs of its own.
    ///
    /// # Panics
    /// When it does not get ready.
    pub fn system(script: &str, arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("/usr/bin/python3");
        command.arg("-uB").arg(root.join("peers").join(script)).args(arguments);
        let mut peer = Self::start(command);
        peer.ends_itself = true;
        peer
    }

    /// As [`Self::system`], in a network of its own, of which it is the master.
    ///
    /// # Panics
    /// When it does not get ready.
    pub fn apart(script: &str, arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "--uts", "--mount", "/usr/bin/python3", "-uB"]);
        command.arg(root.join("peers").join(script)).args(arguments);
        let mut peer = Self::start(command);
        peer.ends_itself = true;
        peer
    }

    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let (sender, lines) = sync_channel(1024);
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
            });
        }
        let mut peer = Self { input: child.stdin.take(), child, lines, ends_itself: false, ready: String::new() };
        let first = peer.line();
        let ready = first.strip_prefix("ready").unwrap_or_else(|| panic!("{command:?} says {first:?}"));
        peer.ready = ready.trim().to_owned();
        peer
    }

    /// The next line it says.
    ///
    /// # Panics
    /// When none comes in time.
    pub fn line(&self) -> String {
        match self.lines.recv_timeout(SAY_WITHIN) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("the peer says nothing"),
            Err(RecvTimeoutError::Disconnected) => panic!("the peer has ended; its complaint is on stderr"),
        }
    }

    /// Tells it a line.
    ///
    /// # Panics
    /// When it does not listen any more.
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("a peer that listens");
        writeln!(input, "{line}").expect("a peer that listens");
    }

    /// Tells it a line and gives what it says next.
    ///
    /// # Panics
    /// As [`Self::tell`] and [`Self::line`].
    pub fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.line()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.input.take());
        let until = Instant::now() + Duration::from_secs(5);
        while self.ends_itself && Instant::now() < until && !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(Duration::from_millis(10));
        }
        end(&mut self.child);
    }
}

/// A pair of pseudo-terminals joined by socat: a serial cable. Unplugged on drop.
#[derive(Debug)]
pub struct Cable {
    child: Child,
    /// One end.
    pub near: PathBuf,
    /// The other end.
    pub far: PathBuf,
}

impl Cable {
    /// Lays a cable with its ends `near` and `far` in this directory.
    ///
    /// # Panics
    /// When socat is not there or does not make the pair.
    pub fn lay(directory: &Path) -> Self {
        let (near, far) = (directory.join("near"), directory.join("far"));
        // What a cable before left behind may by now lead to a terminal of somebody else's.
        for end in [&near, &far] {
            std::fs::remove_file(end).ok();
        }
        let end_of = |path: &Path| format!("pty,raw,echo=0,link={}", path.display());
        let mut command = Command::new("socat");
        command.arg(end_of(&near)).arg(end_of(&far)).stdin(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("socat ({error}): run scripts/setup"));
        let cable = Self { child, near, far };
        let until = Instant::now() + SAY_WITHIN;
        while !(cable.near.exists() && cable.far.exists()) {
            assert!(Instant::now() < until, "socat made no pair");
            std::thread::sleep(Duration::from_millis(5));
        }
        cable
    }

    /// Pulls the cable out.
    pub fn unplug(mut self) {
        end(&mut self.child);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Both fail only for a process that has ended already.
    child.kill().ok();
    child.wait().ok();
}
