//! What was handed to the MQTT library and has not been acknowledged by the broker.

use std::collections::{BTreeMap, VecDeque};

/// The library gives a packet its number when it leaves, in the order in which packets were asked for; so the rows
/// asked for wait in a queue until they are told their number.
#[derive(Default)]
pub(super) struct Flight {
    asked: VecDeque<Option<i64>>,
    left: BTreeMap<u16, i64>,
}

impl Flight {
    /// A packet was handed over; `None` where no row is behind it.
    pub(super) fn asked(&mut self, row: Option<i64>) {
        self.asked.push_back(row);
    }

    /// The next packet left with this number.
    pub(super) fn left(&mut self, pkid: u16) {
        if let Some(Some(row)) = self.asked.pop_front() {
            self.left.insert(pkid, row);
        }
    }

    /// The broker has acknowledged a number: the row behind it.
    pub(super) fn landed(&mut self, pkid: u16) -> Option<i64> {
        self.left.remove(&pkid)
    }

    /// Rows that are on their way.
    pub(super) fn rows(&self) -> Vec<i64> {
        self.asked.iter().flatten().chain(self.left.values()).copied().collect()
    }

    /// How many packets are on their way.
    pub(super) fn len(&self) -> usize {
        self.asked.len() + self.left.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Flight;

    #[test]
    fn a_row_is_finished_by_the_acknowledgement_of_its_own_packet_alone() {
        let mut flight = Flight::default();
        for row in [Some(7), None, Some(8)] {
            flight.asked(row);
        }
        assert_eq!(flight.rows(), [7, 8]);
        flight.left(1);
        flight.left(2);
        flight.left(3);
        assert_eq!(flight.landed(2), None, "a status has no row");
        assert_eq!(flight.landed(3), Some(8));
        assert_eq!(flight.landed(3), None);
        assert_eq!(flight.rows(), [7]);
        assert_eq!(flight.len(), 1);
    }
}
