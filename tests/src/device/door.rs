//! A device of which no more is known than that it takes connections while it is alive.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// The device.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    listener: Mutex<Option<TcpListener>>,
}

impl Door {
    /// One that is alive, at a port of this machine.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { address: listener.local_addr()?, listener: Mutex::new(Some(listener)) })
    }

    /// Where it takes connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it, or brings it back to life.
    ///
    /// # Panics
    /// When somebody else has its port meanwhile.
    pub fn set_alive(&self, alive: bool) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        // What it has not taken yet is refused with it.
        *listener = None;
        if alive {
            *listener = Some(TcpListener::bind(self.address).expect("its own port"));
        }
    }

    /// Whether it lives.
    pub fn is_alive(&self) -> bool {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
