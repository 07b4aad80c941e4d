//! Stamps for what is sent: the system clock as it stands, trusted or not, and names nobody has used before.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 by the system clock.
pub(crate) fn unix_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A name with 96 random bits in it.
pub(crate) fn fresh_id(prefix: &str) -> String {
    let mut bytes = [0u8; 12];
    let random = ring::rand::SystemRandom::new();
    if ring::rand::SecureRandom::fill(&random, &mut bytes).is_err() {
        log::warn!("the system has no randomness to give");
    }
    bytes.iter().fold(format!("{prefix}-"), |name, b| format!("{name}{b:02x}"))
}
