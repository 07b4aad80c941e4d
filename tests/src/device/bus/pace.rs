//! What bytes cost on a serial bus: the time a frame is on the wire, the silence around it, and who speaks too soon.

use std::time::{Duration, Instant};

/// A relay board's own time between a request's end and its answer's beginning, beside the silence that ends a frame.
pub const TURNAROUND: Duration = Duration::from_millis(3);

/// A bus of 8 data bits, no parity, one stop bit: ten bits a byte.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bits per second.
    pub baud: u32,
}

impl Pace {
    /// Time so many bytes are on the wire.
    pub fn bytes(self, count: usize) -> Duration {
        Duration::from_nanos(count as u64 * 10_000_000_000 / u64::from(self.baud))
    }

    /// The silence that ends a frame: 3.5 bytes of 11 bits, 1.75 ms above 19 200 bit/s (Modbus over serial line V1.02).
    pub fn gap(self) -> Duration {
        match self.baud {
            ..=19_200 => Duration::from_nanos(38_500_000_000 / u64::from(self.baud)),
            _ => Duration::from_micros(1750),
        }
    }

    /// What a question and its answer take at least, from the first bit of one question to the first of the next: both
    /// frames, the silence after each, and the board's own time.
    pub fn exchange(self, asked: usize, answered: usize) -> Duration {
        self.bytes(asked + answered) + self.gap() * 2 + TURNAROUND
    }
}

/// The wire of one bus.
#[derive(Debug)]
pub(super) struct Clocked {
    pub(super) pace: Pace,
    /// When the last byte on it was over.
    free: Instant,
}

impl Clocked {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, free: Instant::now() - pace.gap() }
    }

    /// A frame of so many bytes begins at this moment: waits until a slave has it whole and has seen the silence after
    /// it. False if it began before the silence after the last one was over: then no slave can make it out.
    pub(super) fn hear(&mut self, begun: Instant, count: usize) -> bool {
        let apart = begun.saturating_duration_since(self.free) >= self.pace.gap();
        self.free = begun.max(self.free) + self.pace.bytes(count);
        until(self.free + self.pace.gap());
        apart
    }

    /// Waits until an answer of so many bytes has been said.
    pub(super) fn say(&mut self, count: usize) {
        self.free = Instant::now() + TURNAROUND + self.pace.bytes(count);
        until(self.free);
    }
}

fn until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_coils_in_one_frame_cost_less_than_two_one_by_one() {
        let pace = Pace { baud: 9600 };
        assert_eq!(pace.bytes(96), Duration::from_millis(100));
        assert_eq!(pace.gap().as_micros(), 4010);
        let (together, single) = (pace.exchange(10, 8), pace.exchange(8, 8));
        assert!(together < single * 2, "{together:?} {single:?}");
    }
}
