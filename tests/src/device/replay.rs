//! A far end that plays a capture of a line: it waits for what the gateway sent then, and answers what was answered then.
//!
//! Anything else the gateway sends is a difference, and is kept. A question that is put again, because a loaded machine
//! was slow, gets its answer again.

use drivers::line::capture::{Capture, Event};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest wait for the gateway.
const PATIENCE: Duration = Duration::from_secs(30);
/// An answer that came sooner than this comes at once: only late ones must stay late.
const PROMPT: Duration = Duration::from_millis(100);

/// A capture being played on a TCP port, whatever line it was taken on.
#[derive(Debug)]
pub struct Replay {
    /// Where it is played.
    pub address: SocketAddr,
    player: JoinHandle<Result<usize, String>>,
}

impl Replay {
    /// Begins to play.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(capture: Capture) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let player = std::thread::spawn(move || play(&listener, &capture.0));
        Ok(Self { address, player })
    }

    /// Waits for the end: how many questions were put as they were then.
    ///
    /// # Errors
    /// The first difference, in words.
    ///
    /// # Panics
    /// When the player did.
    pub fn finish(self) -> Result<usize, String> {
        self.player.join().expect("a player that does not panic")
    }
}

fn play(listener: &TcpListener, events: &[(u64, Event)]) -> Result<usize, String> {
    let (mut stream, mut questions, mut before) = (None, 0, 0);
    let mut last: (Vec<u8>, Vec<u8>) = Default::default();
    for (at, event) in events {
        let since = Duration::from_micros(at - std::mem::replace(&mut before, *at));
        match event {
            Event::Open => {
                stream = Some(accept(listener).map_err(|e| format!("{at} µs: nobody opened the line: {e}"))?)
            }
            Event::Close => {
                let Some(mut open) = stream.take() else { continue };
                drain(&mut open);
            }
            Event::Sent(bytes) => {
                let open = stream.as_mut().ok_or_else(|| format!("{at} µs: the line is not open"))?;
                expect(open, bytes, &last).map_err(|why| format!("{at} µs: {why}"))?;
                questions += 1;
                last = (bytes.clone(), Vec::new());
            }
            Event::Received(bytes) => {
                let open = stream.as_mut().ok_or_else(|| format!("{at} µs: the line is not open"))?;
                if since > PROMPT {
                    std::thread::sleep(since);
                }
                open.write_all(bytes).map_err(|e| format!("{at} µs: answering: {e}"))?;
                last.1.extend(bytes);
            }
            Event::Heard(_) => {
                return Err(format!("{at} µs: nobody knows who said this: tell the capture apart first"));
            }
        }
    }
    Ok(questions)
}

fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let until = Instant::now() + PATIENCE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Reads what was sent then; the question before it may come again first.
fn expect(stream: &mut TcpStream, bytes: &[u8], (asked, answered): &(Vec<u8>, Vec<u8>)) -> Result<(), String> {
    for _ in 0..4 {
        let mut come = Vec::new();
        while come != bytes && come != *asked {
            let mut byte = [0];
            stream.read_exact(&mut byte).map_err(|e| format!("expected {bytes:02x?}, sent was {come:02x?}: {e}"))?;
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

/// Waits until the gateway has closed its end too.
fn drain(stream: &mut TcpStream) {
    let mut rest = [0; 256];
    while matches!(stream.read(&mut rest), Ok(count) if count > 0) {}
}
