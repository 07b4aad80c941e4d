//! The reference hub: plays the province towards stations, for tests, demonstrations and integrators.
//!
//! It signs (contract §3), publishes over MQTT 5 (§2), serves media by HTTPS with ranges (§7), pins each station's key at
//! its first status, keeps what came up, and sends again what a station never acknowledged. `docs/hub.md` shows its use.

pub mod audience;
pub mod broker_config;
pub mod cap;
pub mod cli;
pub mod enrolment;
pub mod envelope;
pub mod key;
pub mod ladder;
pub mod ledger;
pub mod media;
pub mod media_server;
pub mod online;
pub mod pack;
pub mod pki;
pub mod session;

pub use audience::{Audience, Place};
pub use envelope::{Claims, Signing, sign};
pub use key::{Keyring, SigningKey};
pub use ladder::{Ladder, Rung};
pub use ledger::{Ledger, Sent};
pub use media::MediaStore;
pub use media_server::{MediaServer, Mishap};
pub use online::{Hub, HubOptions, Uplink};
pub use pki::Pki;

/// The name the hub signs with (`iss`) and the common name of its client certificate.
pub const HUB: &str = "hub";

/// Milliseconds since 1970 by the system clock.
pub fn unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since 1970 by the system clock.
pub fn unix_s() -> i64 {
    unix_ms() / 1000
}

/// A name nobody has used: sorts by time, unlike any other by 64 random bits.
pub fn fresh_id(prefix: &str) -> String {
    format!("{prefix}{:012x}{:016x}", unix_ms(), fastrand::u64(..))
}
