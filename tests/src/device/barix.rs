//! A Barix receiver's command port: a volume, behind a password; what it does not know is an error.

use super::Mood;
use super::lines;
use super::port::Port;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Volume of a receiver that nobody has told anything, per cent.
const DELIVERED: u8 = 50;

/// The receiver.
#[derive(Debug)]
pub struct Barix {
    port: Port,
    volume: Arc<AtomicU8>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Barix {
    /// Starts a receiver at this address (port 0: any) that takes commands after this password.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str, password: &str) -> io::Result<Self> {
        let (volume, asked_in) = (Arc::new(AtomicU8::new(DELIVERED)), format!("a={password}"));
        let (served, told) = (Arc::clone(&volume), Arc::<Mutex<Vec<String>>>::default());
        let kept = Arc::clone(&told);
        let serve = move |line| {
            let mut let_in = false;
            lines::obey(line, |order| {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(order.to_owned());
                let_in |= order == asked_in;
                let percent = order.strip_prefix("v=").and_then(|v| v.parse().ok()).filter(|v| *v <= 100 && let_in);
                if let Some(percent) = percent {
                    served.store(percent, Ordering::SeqCst);
                }
                if order == asked_in || percent.is_some() { "OK\r\n" } else { "ERROR\r\n" }.to_owned()
            });
        };
        Ok(Self { port: Port::open(address, serve, || {})?, volume, told })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
    }

    /// Every order it was given.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How loud it is, per cent.
    pub fn volume(&self) -> u8 {
        self.volume.load(Ordering::SeqCst)
    }

    /// Puts it back to what it was delivered with.
    pub fn forget(&self) {
        self.volume.store(DELIVERED, Ordering::SeqCst);
    }
}
