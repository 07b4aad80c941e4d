//! Sound counted in frames and in time.

use std::time::Duration;

/// Frames worked out at a time at most.
pub(super) const BLOCK: usize = 256;

/// A sink that lost no more than this, milliseconds, skips it and stays with the others; what is later is its own programme.
/// It is less than lies ready of a clip.
pub(super) const SKIPPED_MS: u32 = 300;

/// How long so many frames last.
pub(super) fn length(frames: usize, rate: u32) -> Duration {
    Duration::from_nanos(frames as u64 * 1_000_000_000 / u64::from(rate.max(1)))
}

/// Milliseconds as frames.
pub(super) fn frames(ms: u32, rate: u32) -> u32 {
    (u64::from(ms) * u64::from(rate) / 1000) as u32
}
