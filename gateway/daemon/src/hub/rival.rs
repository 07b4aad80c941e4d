//! Another box of the same identity on the broker: each connection throws the other off (MQTT 5, reason 0x8E). It is noticed, said,
//! and given way to, so that the two do not fight every second. Brokers that close the old connection without a word (mosquitto before
//! 2.0.12) leave only the closing to be counted: more of them are wanted before anything is said.

use rumqttc::v5::mqttbytes::v5::DisconnectReasonCode;
use rumqttc::v5::{ConnectionError, StateError};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// So many takeovers, or connections that were closed in silence, …
const FEW: (usize, usize) = (3, 5);
/// … within this long are no accident: a box that was restarted in the middle of a session takes over once.
const WITHIN: Duration = Duration::from_secs(600);
/// The first pause after either; each further one doubles it.
const FIRST: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(500));
/// Longest pause: an alert that comes to the other box is never later here than that. Where a bad link or a broker that is being
/// mended may be all that there is, the station stays close.
const LONGEST: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(8));

/// What is known of the other box.
#[derive(Debug, Default)]
pub(super) struct Rival {
    /// When it took over lately, oldest first.
    taken: VecDeque<Instant>,
    there: bool,
}

impl Rival {
    /// Whether a connection was ended for another one of the same name: surely, or perhaps; `None`: it was not.
    pub(super) fn is_behind(error: &ConnectionError) -> Option<bool> {
        let ConnectionError::MqttState(error) = error else { return None };
        if let StateError::ServerDisconnect { reason_code, .. } = error {
            return (*reason_code == DisconnectReasonCode::SessionTakenOver).then_some(true);
        }
        matches!(error, StateError::ConnectionAborted).then_some(false)
    }

    /// It took over: how long to give way, and whether that it is there is news.
    pub(super) fn took_over(&mut self, sure: bool, now: Instant) -> (Duration, bool) {
        let (few, first, longest) = if sure { (FEW.0, FIRST.0, LONGEST.0) } else { (FEW.1, FIRST.1, LONGEST.1) };
        self.forget(now);
        self.taken.push_back(now);
        let doubled = u32::try_from(self.taken.len() - 1).unwrap_or(u32::MAX).min(8);
        let pause = (first * 2_u32.pow(doubled)).min(longest);
        let news = self.taken.len() >= few && !std::mem::replace(&mut self.there, true);
        (pause, news)
    }

    /// Whether it was there and has not been heard of for so long that it is gone; asked now and then while connected.
    pub(super) fn has_gone(&mut self, now: Instant) -> bool {
        self.forget(now);
        self.taken.is_empty() && std::mem::take(&mut self.there)
    }

    fn forget(&mut self, now: Instant) {
        while self.taken.front().is_some_and(|at| now.duration_since(*at) > WITHIN) {
            self.taken.pop_front();
        }
        // Nobody counts further than that.
        if self.taken.len() > FEW.1 * 8 {
            self.taken.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_takeovers_within_minutes_are_a_second_box_and_ten_quiet_ones_its_end() {
        let (start, mut rival) = (Instant::now(), Rival::default());
        let at = |s: u64| start + Duration::from_secs(s);
        assert_eq!(rival.took_over(true, at(0)), (Duration::from_secs(5), false), "a restart may do that");
        assert_eq!(rival.took_over(true, at(10)), (Duration::from_secs(10), false));
        assert!(!rival.has_gone(at(20)));
        assert_eq!(rival.took_over(true, at(30)), (Duration::from_secs(20), true));
        assert_eq!(rival.took_over(true, at(60)), (Duration::from_secs(40), false), "said once");
        assert_eq!(rival.took_over(true, at(120)), (Duration::from_secs(60), false));
        assert!(!rival.has_gone(at(700)));
        assert!(rival.has_gone(at(721)));
        assert!(!rival.has_gone(at(722)), "said once");
        assert_eq!(rival.took_over(true, at(2000)), (Duration::from_secs(5), false), "and all begins anew");
    }

    #[test]
    fn connections_closed_in_silence_count_too_and_cost_little_at_first() {
        let (start, mut rival) = (Instant::now(), Rival::default());
        let mut close = |s: u64| rival.took_over(false, start + Duration::from_secs(s));
        assert_eq!(close(0), (Duration::from_millis(500), false), "as for any connection that is lost");
        assert_eq!([close(1), close(2), close(4)].map(|(_, news)| news), [false; 3]);
        assert_eq!(close(8), (Duration::from_secs(8), true));
        assert_eq!(close(16), (Duration::from_secs(8), false), "a bad link is never kept away for longer");
    }
}
