//! A far end that plays a capture of a line: it waits for what the gateway sent then, and answers what was answered then.
//!
//! Anything else the gateway sends is a difference, and is kept. A question that is put again, because a loaded machine
//! was slow, gets its answer again.

use drivers::line::capture::{Capture, Event};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest wait for the gateway.
const PATIENCE: Duration = Duration::from_secs(30);
/// An answer that came sooner than this comes at once: only late ones must stay late.
const PROMPT: Duration = Duration::from_millis(100);
/// How often a far end that waits looks.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A capture being played.
#[derive(Debug)]
pub struct Replay {
    player: JoinHandle<Result<usize, String>>,
}

impl Replay {
    /// Begins to play on a TCP port, at the address that comes with it.
    ///
    /// # Errors
    /// When there is no port.
    pub fn on_tcp(capture: Capture) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let open = move || {
            let stream: TcpStream = patient(|| listener.accept().map(|(stream, _)| stream))?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        Ok((Self { player: std::thread::spawn(move || play(open, &capture.0)) }, address))
    }

    /// Begins to play at the far end of a cable.
    ///
    /// # Errors
    /// When that end cannot be opened.
    pub fn on_cable(capture: Capture, far: &Path) -> io::Result<Self> {
        let port =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(far)?;
        let open = move || port.try_clone();
        Ok(Self { player: std::thread::spawn(move || play(open, &capture.0)) })
    }

    /// Waits for the end: how many questions were put as they were then.
    ///
    /// # Errors
    /// The first difference, in words.
    ///
    /// # Panics
    /// When the player did.
    pub fn finish(self) -> Result<usize, String> {
        self.player.join().unwrap_or_else(|_| Err("the player panicked".to_owned()))
    }
}

fn play<S: Read + Write>(open: impl Fn() -> io::Result<S>, events: &[(u64, Event)]) -> Result<usize, String> {
    let (mut stream, mut questions, mut before) = (None, 0, 0);
    let mut last: (Vec<u8>, Vec<u8>) = Default::default();
    for (at, event) in events {
        let since = Duration::from_micros(at - std::mem::replace(&mut before, *at));
        let closed = || format!("{at} µs: the line is not open");
        match event {
            Event::Open => stream = Some(open().map_err(|e| format!("{at} µs: nobody opened the line: {e}"))?),
            // The gateway closes what it has opened; a far end that closed first is not played.
            Event::Close => stream = None,
            Event::Sent(bytes) => {
                expect(stream.as_mut().ok_or_else(closed)?, bytes, &last).map_err(|why| format!("{at} µs: {why}"))?;
                questions += 1;
                last = (bytes.clone(), Vec::new());
            }
            Event::Received(bytes) => {
                if since > PROMPT {
                    std::thread::sleep(since);
                }
                let stream = stream.as_mut().ok_or_else(closed)?;
                stream.write_all(bytes).map_err(|e| format!("{at} µs: answering: {e}"))?;
                last.1.extend(bytes);
            }
            Event::Heard(_) => {
                return Err(format!("{at} µs: nobody knows who said this: tell the capture apart first"));
            }
        }
    }
    Ok(questions)
}

/// Tries again and again while there is nothing yet.
fn patient<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let until = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                std::thread::sleep(LOOK_EVERY);
            }
            done => return done,
        }
    }
}

/// Reads what was sent then; the question before it may come again first.
fn expect(
    stream: &mut (impl Read + Write),
    bytes: &[u8],
    (asked, answered): &(Vec<u8>, Vec<u8>),
) -> Result<(), String> {
    for _ in 0..4 {
        let mut come = Vec::new();
        while come != bytes && (come.is_empty() || come != *asked) {
            let mut byte = [0];
            let count = patient(|| stream.read(&mut byte));
            if !matches!(count, Ok(1)) {
                return Err(format!("expected {bytes:02x?}, sent was {come:02x?}, then {count:?}"));
            }
            come.extend(byte);
            if !bytes.starts_with(&come) && !asked.starts_with(&come) {
                return Err(format!("expected {bytes:02x?}, sent was {come:02x?} …"));
            }
        }
        if come == bytes {
            return Ok(());
        }
        stream.write_all(answered).map_err(|e| format!("answering again: {e}"))?;
    }
    Err(format!("expected {bytes:02x?}, the question before it came again and again"))
}
