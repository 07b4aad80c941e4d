//! A relay behind a web page: got with the right header it is switched and tells how it is; all else is refused.

use super::port::{Connection, Next, Port, Talk};
use super::{Mood, http};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What it wants to see in the header `Authorization`.
pub const AUTHORIZATION: &str = "Basic YWRtaW46eA==";

/// The relay.
#[derive(Debug)]
pub struct WebRelay {
    port: Port,
    on: Arc<AtomicBool>,
}

impl WebRelay {
    /// Starts a relay at this address (port 0: any).
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str) -> io::Result<Self> {
        let on = Arc::new(AtomicBool::new(false));
        let served = Arc::clone(&on);
        let serve = move |line: Connection| line.serve(Talking { on: Arc::clone(&served), bytes: Vec::new() });
        Ok(Self { port: Port::open(address, serve, || {})?, on })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::SeqCst)
    }

    /// Turns it by hand.
    pub fn set(&self, on: bool) {
        self.on.store(on, Ordering::SeqCst);
    }

    /// Lets it fall off, as without power.
    pub fn forget(&self) {
        self.set(false);
    }
}

/// One connection to the relay.
struct Talking {
    on: Arc<AtomicBool>,
    bytes: Vec<u8>,
}

impl Talk for Talking {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    fn next(&mut self, acts: bool) -> Next {
        match http::take(&mut self.bytes) {
            Ok(Some(request)) if acts => Next::Answer(take(&request, &self.on)),
            Ok(Some(_)) => Next::Answer(Vec::new()),
            Ok(None) => Next::More,
            Err(status) => Next::End(http::answer(status, "text/plain", b"")),
        }
    }
}

fn take(request: &http::Request, on: &AtomicBool) -> Vec<u8> {
    if request.authorization.as_deref() != Some(AUTHORIZATION) {
        return http::answer(401, "text/plain", b"");
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/relay/0?turn=on") => on.store(true, Ordering::SeqCst),
        ("GET", "/relay/0?turn=off") => on.store(false, Ordering::SeqCst),
        ("GET", "/relay/0") => {}
        (_, _) => return http::answer(404, "text/plain", b""),
    }
    let body = format!("{{\"ison\":{}}}", on.load(Ordering::SeqCst));
    http::answer(200, "application/json", body.as_bytes())
}
