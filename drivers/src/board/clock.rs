//! The machine's clock, as cards are told it.

use gateway_core::time::Wall;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now. Whether it may be trusted is the core's business; a card is told the same time as its messages are meant in.
pub(super) fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
