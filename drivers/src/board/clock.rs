//! The machine's clock, as cards are told it.

use gateway_core::time::Wall;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now. Whether it may be trusted is the core's business; a card is told the same time as its messages are meant in.
pub(super) fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// When a card is to end a message by itself: with the message, or with its lease where that is earlier.
pub(super) fn end(until: Option<Wall>, lease: Option<Duration>, now: Wall) -> Option<Wall> {
    let leased = lease.map(|lease| now.plus(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)));
    match (until, leased) {
        (Some(until), Some(leased)) => Some(Wall(until.0.min(leased.0))),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_end_counts() {
        let (now, hour) = (Wall(1_000), Some(Duration::from_secs(3600)));
        assert_eq!(end(None, None, now), None);
        assert_eq!(end(None, hour, now), Some(Wall(3_601_000)));
        assert_eq!(end(Some(Wall(5_000)), hour, now), Some(Wall(5_000)));
        assert_eq!(end(Some(Wall(9_000_000)), hour, now), Some(Wall(3_601_000)));
    }
}
