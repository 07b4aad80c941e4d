//! What the station remembers having done: entries in a hash chain, and what each of them tells the hub.

mod event;
mod figures;
mod played;
mod said;
mod uplink;

pub use event::Event;
pub use figures::{Measured, OutputResult};
pub use played::Played;
pub use said::{DrillSkipped, Handed, Left, ReportSubmitted, Rerouted, RulingCame, SentBack};
pub use uplink::Uplink;
pub(crate) use uplink::uplinks;

use crate::memory::Memory;
use crate::time::Wall;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The rungs of the ladder an accepted message climbs (contract §6), in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of the contract, which says what it means")]
pub enum Stage {
    Received,
    Accepted,
    Refused,
    Ready,
    Waiting,
    Keyed,
    Audible,
    Shown,
    Done,
    Partial,
    Failed,
    Recalled,
    Expired,
}

/// One link of the journal's chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 …
    pub seq: u64,
    /// The entry as it is written: JSON with `seq`, `at`, `clock`, `prev`, `event`.
    pub text: String,
    /// SHA-256 of the text, hexadecimal; the next entry's `prev`.
    pub hash: String,
    /// What happened.
    pub event: Event,
    /// What the hub is told of it.
    pub uplinks: Vec<Uplink>,
}

#[derive(Serialize, Deserialize)]
struct Written<E> {
    seq: u64,
    at: Wall,
    clock: String,
    prev: String,
    event: E,
}

/// SHA-256 as lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(64), |mut hex, b| {
        write!(hex, "{b:02x}").ok();
        hex
    })
}

impl Entry {
    /// Adds to the chain. `at` is the best known time, `trusted` whether a clock vouches for it.
    pub(crate) fn new(memory: &Memory, event: Event, at: Wall, trusted: bool, uplinks: Vec<Uplink>) -> Self {
        let written = Written {
            seq: memory.seq,
            at,
            clock: clock_word(trusted).to_owned(),
            prev: memory.hash.clone(),
            event: &event,
        };
        let text = serde_json::to_string(&written).unwrap_or_default();
        let hash = sha256_hex(text.as_bytes());
        Self { seq: memory.seq, text, hash, event, uplinks }
    }

    /// Reads a written entry back, checking that it follows `prev`: its number, its event, its hash.
    pub fn read(text: &str, prev: &str) -> Result<(u64, Event, String), String> {
        let written: Written<Event> = serde_json::from_str(text).map_err(|e| format!("entry: {e}"))?;
        if written.prev != prev {
            return Err(format!("entry {}: does not follow the one before it", written.seq));
        }
        Ok((written.seq, written.event, sha256_hex(text.as_bytes())))
    }
}

pub(crate) fn clock_word(trusted: bool) -> &'static str {
    if trusted { "trusted" } else { "untrusted" }
}
