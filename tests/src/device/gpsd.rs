//! gpsd with one receiver, which reports whenever it is watched; what proves its language is the real one
//! (`tests/peers/gnss.py`).

use super::Mood;
use super::lines;
use super::port::Port;
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The server and its receiver.
#[derive(Debug)]
pub struct Gpsd {
    port: Port,
    fix: Arc<AtomicBool>,
}

impl Gpsd {
    /// Starts one at this address (port 0: any), without a fix.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn start(address: &str) -> io::Result<Self> {
        let fix = Arc::new(AtomicBool::new(false));
        let served = Arc::clone(&fix);
        let serve = move |line| {
            let mut greeting =
                Some(json!({ "class": "VERSION", "release": "3.25", "proto_major": 3, "proto_minor": 15 }));
            lines::obey(line, |order| {
                let said = greeting.take().into_iter().chain(reports(order, served.load(Ordering::SeqCst)));
                said.map(|value| format!("{value}\r\n")).collect()
            });
        };
        Ok(Self { port: Port::open(address, serve, || {})?, fix })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// How it behaves.
    pub fn set_mood(&self, mood: Mood) {
        self.port.mood.set(mood);
    }

    /// Lets the receiver see the sky, or not.
    pub fn set_fix(&self, fix: bool) {
        self.fix.store(fix, Ordering::SeqCst);
    }

    /// Whether it has a fix.
    pub fn has_fix(&self) -> bool {
        self.fix.load(Ordering::SeqCst)
    }
}

fn reports(order: &str, fix: bool) -> Vec<Value> {
    let watch = order.strip_prefix("?WATCH=").and_then(|rest| rest.strip_suffix(';'));
    let watch: Option<Value> = watch.and_then(|text| serde_json::from_str(text).ok());
    let Some(enable) = watch.as_ref().and_then(|watch| watch["enable"].as_bool()) else {
        return vec![json!({ "class": "ERROR", "message": "Unrecognized request" })];
    };
    let mut said = vec![
        json!({ "class": "DEVICES", "devices": [{ "class": "DEVICE", "path": "/dev/ttyS9" }] }),
        json!({ "class": "WATCH", "enable": enable, "json": enable }),
    ];
    if enable {
        said.push(if fix {
            json!({ "class": "TPV", "mode": 3, "time": "2026-11-22T01:00:00.000Z", "lat": 11.31, "lon": 106.1 })
        } else {
            json!({ "class": "TPV", "mode": 1 })
        });
    }
    said
}
