//! When packets are due: an even grid on the monotonic clock, the same for all streams of this program.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A packet so late is sent all the same; later ones are left out, and the time stamps show the gap.
const LATE: Duration = Duration::from_millis(100);

/// The grid of a stream. Packet `k` is due `k` packets after the origin, whatever happened to those before it: being
/// late once never shifts what follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    origin: Instant,
    rate: u32,
    /// Frames of a packet.
    packet: u32,
}

impl Grid {
    /// The grid of packets of so many frames. Streams with packets of one length are due at the same moments.
    pub(super) fn new(rate: u32, packet: u32) -> Self {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        Self::from(*ORIGIN.get_or_init(Instant::now), rate, packet)
    }

    fn from(origin: Instant, rate: u32, packet: u32) -> Self {
        Self { origin, rate: rate.max(1), packet: packet.max(1) }
    }

    /// When packet `k` is due.
    pub(super) fn due(&self, k: u64) -> Instant {
        let nanos = u128::from(k) * u128::from(self.packet) * 1_000_000_000 / u128::from(self.rate);
        self.origin + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The first packet that is not due before `now`.
    pub(super) fn next(&self, now: Instant) -> u64 {
        let nanos = now.saturating_duration_since(self.origin).as_nanos() * u128::from(self.rate);
        u64::try_from(nanos.div_ceil(u128::from(self.packet) * 1_000_000_000)).unwrap_or(u64::MAX)
    }

    /// The packet to be sent after those before `planned`, and whether time was given up to get there.
    pub(super) fn after(&self, planned: Option<u64>, now: Instant) -> (u64, bool) {
        match planned {
            Some(k) if now.saturating_duration_since(self.due(k)) <= LATE => (k, false),
            Some(_) => (self.next(now), true),
            None => (self.next(now), false),
        }
    }

    /// The first frame of packet `k`, counted from the origin.
    pub(super) fn frame(&self, k: u64) -> u64 {
        k.wrapping_mul(u64::from(self.packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_late_wake_ups_shifts_nothing() {
        let origin = Instant::now();
        for (rate, packet) in [(44_100, 352), (48_000, 384), (8_000, 160), (16_000, 320), (48_000, 480)] {
            let grid = Grid::from(origin, rate, packet);
            let (mut now, mut planned, mut noise) = (origin, None, 1_u64);
            let (mut sent, mut worst) = (0_u64, Duration::ZERO);
            while now < origin + Duration::from_secs(3600) {
                let (k, given_up) = grid.after(planned, now);
                assert!(!given_up);
                now = now.max(grid.due(k));
                // Up to 40 ms late, now and then.
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if noise >> 58 == 0 {
                    now += Duration::from_micros((noise >> 32) % 40_000);
                }
                worst = worst.max(now - grid.due(k));
                planned = Some(k + 1);
                sent += 1;
            }
            // Every packet of the hour was sent once, and the time stamps are those of the clock.
            assert_eq!(grid.frame(sent) / u64::from(packet), sent);
            let hour = u64::from(rate) * 3600;
            assert!(grid.frame(sent).abs_diff(hour) <= u64::from(packet) * 8, "{rate}: {}", grid.frame(sent));
            assert!(worst < Duration::from_millis(100), "{worst:?}");
        }
    }

    #[test]
    fn what_is_too_late_is_left_out_and_the_grid_stays() {
        let origin = Instant::now();
        let grid = Grid::from(origin, 8_000, 160);
        let now = origin + Duration::from_millis(1_005);
        assert_eq!(grid.after(Some(10), now), (51, true));
        assert_eq!(grid.after(Some(46), now), (46, false));
        assert_eq!(grid.due(51), origin + Duration::from_millis(1_020));
        assert_eq!(grid.after(None, origin), (0, false));
    }

    #[test]
    fn years_are_no_trouble() {
        let origin = Instant::now();
        let grid = Grid::from(origin, 44_100, 352);
        let now = origin + Duration::from_secs(10 * 365 * 86_400);
        let k = grid.next(now);
        assert!(grid.due(k) >= now && grid.due(k - 1) < now);
    }
}
