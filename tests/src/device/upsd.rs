//! NUT's `upsd` (RFC 9271) with one supply called `tram`; what proves its language is the real one (`tests/peers/ups.py`).

use super::Mood;
use super::lines;
use super::port::Port;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The server and its supply.
#[derive(Debug)]
pub struct Upsd {
    port: Port,
    on_battery: Arc<AtomicBool>,
}

impl Upsd {
    /// Starts one at this address (port 0: any), on mains.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str) -> io::Result<Self> {
        let on_battery = Arc::new(AtomicBool::new(false));
        let served = Arc::clone(&on_battery);
        let serve = move |line| lines::obey(line, |order| answer(order, served.load(Ordering::SeqCst)));
        Ok(Self { port: Port::open(address, serve, || {})?, on_battery })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
    }

    /// Takes the mains away, or gives it back.
    pub fn set_on_battery(&self, on: bool) {
        self.on_battery.store(on, Ordering::SeqCst);
    }

    /// Whether it runs on its battery.
    pub fn on_battery(&self) -> bool {
        self.on_battery.load(Ordering::SeqCst)
    }
}

fn answer(order: &str, on_battery: bool) -> String {
    match order.split(' ').collect::<Vec<_>>().as_slice() {
        ["LIST", "VAR", "tram"] => {
            let status = if on_battery { "OB DISCHRG" } else { "OL CHRG" };
            let variables = [("battery.charge", "87"), ("ups.mfr", "A \\\"B\\\""), ("ups.status", status)];
            let rows: String = variables.map(|(name, value)| format!("VAR tram {name} \"{value}\"\n")).concat();
            format!("BEGIN LIST VAR tram\n{rows}END LIST VAR tram\n")
        }
        ["LIST", "VAR", _] => "ERR UNKNOWN-UPS\n".to_owned(),
        ["LIST", ..] => "ERR INVALID-ARGUMENT\n".to_owned(),
        _ => "ERR UNKNOWN-COMMAND\n".to_owned(),
    }
}
