//! What a machine that has much else to do may add to a time that is measured on its clock.

use std::time::Duration;

/// A limit for a machine that does nothing else, stretched by how many times more than its processors could do it had to do
/// in the last minute. Where the time itself is the claim, a story in told time holds it to the millisecond.
pub fn stretched(limit: Duration) -> Duration {
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load: f64 = load.and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    limit.mul_f64(1.0 + load / processors as f64)
}
