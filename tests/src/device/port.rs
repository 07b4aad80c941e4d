//! The TCP side of a simulated device: listens, vanishes and comes back, and answers as its mood is.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a waiting thread looks whether it should still wait.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How a device behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// Takes everything, does nothing, says nothing.
    Deaf,
    /// Does everything, answers this much later.
    Late(Duration),
    /// Does nothing and answers nonsense.
    Wrong,
    /// Does nothing and sends back what it got, like a bad RS-485 adapter.
    Echo,
    /// Does everything; its answer breaks off in the middle, and the connection with it.
    Cut,
    /// Not there: connections are refused, standing ones closed.
    Absent,
}

/// A mood that others may change.
#[derive(Clone, Debug, Default)]
pub(super) struct Feeling(Arc<Mutex<Mood>>);

impl Feeling {
    pub(super) fn get(&self) -> Mood {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, mood: Mood) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }
}

/// A listening address; closed on drop.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) address: SocketAddr,
    pub(super) mood: Feeling,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Port {
    /// Listens at `address` (port 0: any) and serves each connection on a thread of its own; `idle` is called about
    /// every 10 ms in between.
    pub(super) fn open(
        address: &str,
        serve: impl Fn(Connection) + Send + Sync + 'static,
        idle: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let address = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let first = listen(address)?;
        let address = first.local_addr()?;
        let (mood, stop) = (Feeling::default(), Arc::new(AtomicBool::new(false)));
        let (seen, stopped) = (mood.clone(), Arc::clone(&stop));
        let listener = std::thread::spawn(move || {
            let serve = Arc::new(serve);
            let mut listener = Some(first);
            while !stopped.load(Ordering::Relaxed) {
                idle();
                if seen.get() == Mood::Absent {
                    listener = None;
                } else if listener.is_none() {
                    listener = listen(address).ok();
                }
                match listener.as_ref().map(TcpListener::accept) {
                    Some(Ok((stream, _))) => {
                        let connection = Connection { stream, mood: seen.clone(), stop: Arc::clone(&stopped) };
                        let serve = Arc::clone(&serve);
                        std::thread::spawn(move || serve(connection));
                    }
                    Some(Err(_)) | None => std::thread::sleep(LOOK_EVERY),
                }
            }
        });
        Ok(Self { address, mood, stop, listener: Some(listener) })
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(listener) = self.listener.take()
            && listener.join().is_err()
        {
            log::error!("a simulated device panicked");
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// What a device makes of the bytes of one connection.
pub(super) trait Talk {
    /// Takes bytes.
    fn push(&mut self, bytes: &[u8]);

    /// Takes the next whole message. `acts`: it does what it is asked; otherwise the message is only passed over.
    fn next(&mut self, acts: bool) -> Next;
}

/// What came of looking for a message.
pub(super) enum Next {
    /// One was there: the answer to it, empty where there is none.
    Answer(Vec<u8>),
    /// One was there that is not answered at all, whatever the mood.
    Silence,
    /// None is whole yet.
    More,
    /// The rest cannot be read: the answer to that, and the connection ends.
    End(Vec<u8>),
}

/// One connection to a device.
pub(super) struct Connection {
    stream: TcpStream,
    mood: Feeling,
    stop: Arc<AtomicBool>,
}

impl Connection {
    /// Serves it until it ends: each message in its turn, as the mood is when its bytes come.
    pub(super) fn serve(mut self, mut talk: impl Talk) {
        while let Ok(bytes) = self.receive() {
            let mood = self.mood();
            talk.push(&bytes);
            loop {
                let (answer, ends) = match talk.next(matches!(mood, Mood::Well | Mood::Late(_) | Mood::Cut)) {
                    Next::Answer(answer) => (answer, false),
                    Next::Silence => continue,
                    Next::More => break,
                    Next::End(answer) => (answer, true),
                };
                if self.answer(mood, &bytes, &answer).is_err() || ends {
                    return;
                }
            }
        }
    }

    /// The mood of the port just now.
    pub(super) fn mood(&self) -> Mood {
        self.mood.get()
    }

    /// The next bytes; an error: the connection is over.
    pub(super) fn receive(&mut self) -> io::Result<Vec<u8>> {
        self.stream.set_nonblocking(false)?;
        self.stream.set_nodelay(true)?;
        self.stream.set_read_timeout(Some(LOOK_EVERY))?;
        let mut buffer = [0; 4096];
        loop {
            if self.stop.load(Ordering::Relaxed) || self.mood.get() == Mood::Absent {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => return Ok(buffer.get(..count).unwrap_or_default().to_vec()),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next bytes, if any come before long.
    pub(super) fn poll(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.stream.set_nonblocking(false)?;
        self.stream.set_nodelay(true)?;
        self.stream.set_read_timeout(Some(LOOK_EVERY))?;
        if self.stop.load(Ordering::Relaxed) || self.mood.get() == Mood::Absent {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => Ok(Some(buffer.get(..count).unwrap_or_default().to_vec())),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Answers this request with this answer, as the mood is.
    pub(super) fn answer(&mut self, mood: Mood, request: &[u8], answer: &[u8]) -> io::Result<()> {
        match mood {
            Mood::Well => self.stream.write_all(answer),
            Mood::Deaf | Mood::Absent => Ok(()),
            Mood::Echo => self.stream.write_all(request),
            Mood::Cut => {
                self.stream.write_all(answer.get(..answer.len() / 2).unwrap_or_default())?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Mood::Wrong => self.stream.write_all(&vec![0xA7; answer.len().max(8)]),
            Mood::Late(by) => {
                let (mut stream, answer) = (self.stream.try_clone()?, answer.to_vec());
                std::thread::spawn(move || {
                    std::thread::sleep(by);
                    if let Err(error) = stream.write_all(&answer) {
                        log::debug!(error:% = error; "nobody waits for the late answer any more");
                    }
                });
                Ok(())
            }
        }
    }
}
