//! A way for datagrams to a far end that others wrote, which can be deaf, late or gone though the far end is not.

use super::Mood;
use super::port::{Feeling, LOOK_EVERY};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest wait for the far end's answer to one datagram.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The way: each datagram is a question that has one answer at most.
#[derive(Debug)]
pub struct Datagrams {
    address: SocketAddrV4,
    mood: Feeling,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Datagrams {
    /// A way to this far end.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub fn to(far: SocketAddrV4) -> io::Result<Self> {
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, first.local_addr()?.port());
        first.set_read_timeout(Some(LOOK_EVERY))?;
        let (mood, stop) = (Feeling::default(), Arc::<AtomicBool>::default());
        let (feels, stopped) = (mood.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (mut near, mut buffer) = (Some(Arc::new(first)), [0; 2048]);
            while !stopped.load(Ordering::Relaxed) {
                if feels.get() == Mood::Absent {
                    near = None;
                } else if near.is_none() {
                    near = listen(address).ok().map(Arc::new);
                }
                let Some(socket) = &near else {
                    std::thread::sleep(LOOK_EVERY);
                    continue;
                };
                let Ok((count, from)) = socket.recv_from(&mut buffer) else { continue };
                let late = match feels.get() {
                    Mood::Well => Duration::ZERO,
                    Mood::Late(by) => by,
                    Mood::Deaf | Mood::Wrong | Mood::Echo | Mood::Cut | Mood::Absent => continue,
                };
                let (socket, question) = (Arc::clone(socket), buffer.get(..count).unwrap_or_default().to_vec());
                std::thread::spawn(move || {
                    let told = ask(far, &question).and_then(|answer| {
                        std::thread::sleep(late);
                        socket.send_to(&answer, from)
                    });
                    if let Err(error) = told {
                        log::debug!(error:% = error; "a question in datagrams has no answer");
                    }
                });
            }
        });
        Ok(Self { address, mood, stop, thread: Some(thread) })
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// How it behaves; [`Mood::Absent`] closes its port.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.set(mood);
    }
}

impl Drop for Datagrams {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("a way for datagrams panicked");
        }
    }
}

fn listen(address: SocketAddrV4) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_read_timeout(Some(LOOK_EVERY))?;
    Ok(socket)
}

fn ask(far: SocketAddrV4, question: &[u8]) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(far)?;
    socket.set_read_timeout(Some(ANSWER_WITHIN))?;
    socket.send(question)?;
    let mut buffer = [0; 2048];
    let count = socket.recv(&mut buffer)?;
    Ok(buffer.get(..count).unwrap_or_default().to_vec())
}
