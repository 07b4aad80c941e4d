//! Turning pages for cards that hold one picture, or a few, at a time.

use super::frame::Page;
use std::time::{Duration, Instant};

/// Pages shown in turn, some at a time.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    sets: Vec<Vec<Page>>,
    at: usize,
    due: Instant,
}

impl Turns {
    /// These pages, so many at a time.
    pub(super) fn new(pages: &[Page], at_a_time: usize, now: Instant) -> Self {
        let sets: Vec<Vec<Page>> = pages.chunks(at_a_time.max(1)).map(<[Page]>::to_vec).collect();
        let mut turns = Self { sets, at: 0, due: now };
        turns.due = now + turns.hold();
        turns
    }

    /// What is to be seen now.
    pub(super) fn now(&self) -> &[Page] {
        self.sets.get(self.at).map_or(&[], Vec::as_slice)
    }

    /// Turns on if it is time; whether it was.
    pub(super) fn turn(&mut self, now: Instant) -> bool {
        if self.sets.len() < 2 || now < self.due {
            return false;
        }
        self.at = (self.at + 1) % self.sets.len();
        self.due = now + self.hold();
        true
    }

    /// How long until the next turn; `None`: there is but one.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        (self.sets.len() > 1).then(|| self.due.saturating_duration_since(now))
    }

    fn hold(&self) -> Duration {
        self.now().iter().map(|page| page.hold).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::frame::Frame;

    #[test]
    fn pages_are_turned_when_their_time_is_up_and_begin_again() {
        let page = |width| Page { frame: Frame::new(width, 1), hold: Duration::from_secs(5), runs: false };
        let start = Instant::now();
        let mut turns = Turns::new(&[page(1), page(2), page(3)], 2, start);
        let widths = |turns: &Turns| turns.now().iter().map(|page| page.frame.width()).collect::<Vec<_>>();
        assert_eq!((widths(&turns), turns.left(start)), (vec![1, 2], Some(Duration::from_secs(10))));
        assert!(!turns.turn(start + Duration::from_secs(9)));
        assert!(turns.turn(start + Duration::from_secs(10)));
        assert_eq!(widths(&turns), [3]);
        assert!(turns.turn(start + Duration::from_secs(15)));
        assert_eq!(widths(&turns), [1, 2]);
        let mut alone = Turns::new(&[page(1)], 1, start);
        assert!(!alone.turn(start + Duration::from_secs(99)) && alone.left(start).is_none());
    }
}
