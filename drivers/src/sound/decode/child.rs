//! What our own decoders do not know, decoded by an ffmpeg in a process of its own that can do little else.
//!
//! It sees one file, or the bytes it is given; it never has the network. It has a bound on its memory and its time, no
//! more than a page of complaints is kept, and it is ended when nobody listens.

use super::Reader;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Rate it is asked for, hertz.
const RATE: u32 = 48_000;
/// Address space it may take, bytes: its libraries alone map 200 MB.
const SPACE: u64 = 1 << 30;
/// Processor time it may take, seconds. A stream that has used it up is opened anew.
const CPU: u32 = 3_600;
/// Longest it may give nothing.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of its complaints that are kept.
const COMPLAINT: u64 = 4_096;
/// Samples handed over at a time, and how many such pieces may wait.
const PIECE: usize = 4_800;
const WAITING: usize = 4;
/// What is said where there is no ffmpeg.
const ABSENT: &str = "ffmpeg is needed for it and is not installed";

/// A running ffmpeg.
pub(super) struct Foreign {
    child: Child,
    pieces: Receiver<Vec<u8>>,
    complaint: Receiver<String>,
    /// Bytes of a sample that is not whole yet.
    rest: Vec<u8>,
    /// Something sounded.
    gave: bool,
}

impl Foreign {
    /// A file from a place on; `name` is what kind it seems to be.
    pub(super) fn of_file(path: &Path, from: Duration, name: &str) -> Result<Self, String> {
        let mut before = Vec::new();
        if !from.is_zero() {
            before = vec!["-ss".into(), format!("{:.3}", from.as_secs_f64())];
        }
        // The name is never taken for an option or an address.
        let mut input = std::ffi::OsString::from("file:");
        input.push(path);
        Self::start(&before, &input, None).map_err(|why| format!("{name}: {why}"))
    }

    /// Bytes that another reads.
    pub(super) fn of_stream(bytes: Box<dyn Read + Send>, name: &str) -> Result<Self, String> {
        Self::start(&[], "pipe:0".as_ref(), Some(bytes)).map_err(|why| format!("{name}: {why}"))
    }

    fn start(before: &[String], input: &std::ffi::OsStr, bytes: Option<Box<dyn Read + Send>>) -> Result<Self, String> {
        let mut command = Command::new("prlimit");
        command.args([&format!("--as={SPACE}"), &format!("--cpu={CPU}"), "--core=0", "--fsize=0", "--"]);
        command.args(["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"]);
        // Only what comes from the pipe, and a file only where one is named.
        command.args(["-protocol_whitelist", if bytes.is_some() { "pipe" } else { "file,pipe" }]);
        if bytes.is_some() {
            // Told early what it is: it must not wait for megabytes of a stream.
            command.args(["-probesize", "131072", "-analyzeduration", "1000000"]);
        }
        command.args(before).arg("-i").arg(input);
        command.args(["-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1", "-ar", "48000", "-f", "f32le", "pipe:1"]);
        command.stdin(if bytes.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let absent = |e: &std::io::Error| e.kind() == ErrorKind::NotFound;
        let mut child = command
            .spawn()
            .map_err(|e| if absent(&e) { ABSENT.to_owned() } else { format!("starting ffmpeg: {e}") })?;
        let (piece, pieces) = sync_channel(WAITING);
        let (complain, complaint) = sync_channel(1);
        let spawned = (|| {
            if let Some(out) = child.stdout.take() {
                spawn(move || take_sound(out, &piece))?;
            }
            if let Some(err) = child.stderr.take() {
                spawn(move || take_complaint(err, &complain))?;
            }
            if let (Some(input), Some(bytes)) = (child.stdin.take(), bytes) {
                spawn(move || give(bytes, input))?;
            }
            Ok::<_, std::io::Error>(())
        })();
        let foreign = Self { child, pieces, complaint, rest: Vec::new(), gave: false };
        spawned.map_err(|e| format!("no thread for ffmpeg: {e}"))?;
        Ok(foreign)
    }

    /// Why it ended; `None` = because that was all.
    fn verdict(&mut self) -> Option<String> {
        let ended = self.child.wait().ok()?;
        let said = self.complaint.recv_timeout(PATIENCE).unwrap_or_default();
        if ended.success() && self.gave {
            return None;
        }
        // The shell's number for a program that is not there.
        if ended.code() == Some(127) {
            return Some(ABSENT.into());
        }
        let last = said.lines().rfind(|l| !l.trim().is_empty()).unwrap_or("no sound in it").trim();
        Some(format!("ffmpeg: {}", last.chars().take(200).collect::<String>()))
    }
}

impl Reader for Foreign {
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, String> {
        mono.clear();
        while mono.is_empty() {
            match self.pieces.recv_timeout(PATIENCE) {
                Ok(piece) => {
                    self.rest.extend_from_slice(&piece);
                    let whole = self.rest.len() / 4 * 4;
                    let sample = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                    mono.extend(self.rest[..whole].chunks_exact(4).map(sample).map(super::sane));
                    self.rest.drain(..whole);
                }
                Err(RecvTimeoutError::Timeout) => return Err("ffmpeg gives nothing".into()),
                Err(RecvTimeoutError::Disconnected) => return self.verdict().map_or(Ok(None), Err),
            }
        }
        self.gave = true;
        Ok(Some(RATE))
    }

    fn seek(&mut self, _: Duration) -> bool {
        false
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new().name("sound-ffmpeg".into()).stack_size(256 << 10).spawn(work).map(drop)
}

fn take_sound(mut out: impl Read, pieces: &SyncSender<Vec<u8>>) {
    loop {
        let mut piece = vec![0; PIECE * 4];
        match out.read(&mut piece) {
            Ok(0) => return,
            Ok(count) => piece.truncate(count),
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        }
        if pieces.send(piece).is_err() {
            return;
        }
    }
}

fn take_complaint(err: impl Read, complaint: &SyncSender<String>) {
    let mut said = Vec::new();
    let mut err = err.take(COMPLAINT);
    let read = err.read_to_end(&mut said).is_ok();
    // The rest is read so that it can go on, and forgotten.
    let drained = std::io::copy(&mut err.into_inner(), &mut std::io::sink()).is_ok();
    if read && drained {
        // Nobody asks where all went well.
        complaint.try_send(String::from_utf8_lossy(&said).into_owned()).ok();
    }
}

fn give(mut bytes: Box<dyn Read + Send>, mut input: ChildStdin) {
    let mut piece = vec![0; 16 << 10];
    loop {
        match bytes.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                if input.write_all(&piece[..count]).is_err() {
                    return;
                }
            }
        }
    }
}
