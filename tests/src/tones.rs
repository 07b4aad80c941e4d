//! Digits in a sound, as multimon-ng hears them, a listener that others wrote.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// The DTMF digits in these samples: mono, 16 bits little-endian, 22 050 Hz.
///
/// # Panics
/// multimon-ng is not there, or ends badly.
#[must_use]
pub fn heard(samples: &[u8]) -> String {
    let mut listener = Command::new("multimon-ng")
        .args(["-q", "-t", "raw", "-a", "DTMF", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("multimon-ng: run scripts/setup");
    listener.stdin.take().expect("it listens").write_all(samples).expect("sent");
    let said = String::from_utf8(listener.wait_with_output().expect("it ends").stdout).expect("text");
    said.lines().filter_map(|line| line.strip_prefix("DTMF: ")).collect()
}
