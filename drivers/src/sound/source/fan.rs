//! One who gives and several who take: sound that comes from a real-time thread, given to each without waiting for any.

use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::{Mutex, PoisonError};

/// Most who take at a time.
const TAKERS: usize = 16;
/// Frames made into one channel at a time.
const PIECE: usize = 256;

/// Channels that are averaged; bit 0 is the first. None: all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick(pub(super) u32);

struct Taker {
    ring: Producer<f32>,
    pick: Pick,
    /// Samples there was no room for.
    lost: u64,
}

/// The giving end: takes no lock, allocates and frees nothing.
pub(super) struct Fan {
    arrivals: Consumer<Taker>,
    takers: Vec<Taker>,
    gone: Producer<Taker>,
}

/// Where those who take come in.
pub(super) struct Gate {
    arrivals: Mutex<Producer<Taker>>,
    gone: Mutex<Consumer<Taker>>,
}

/// A fan and its gate.
pub(super) fn fan() -> (Fan, Gate) {
    let (arrivals, arriving) = RingBuffer::new(TAKERS);
    let (gone, going) = RingBuffer::new(TAKERS);
    let fan = Fan { arrivals: arriving, takers: Vec::with_capacity(TAKERS), gone };
    (fan, Gate { arrivals: Mutex::new(arrivals), gone: Mutex::new(going) })
}

impl Gate {
    /// A ring of so many samples, filled from now on; `None`: too many take already.
    pub(super) fn join(&self, samples: usize, pick: Pick) -> Option<Consumer<f32>> {
        // What left is freed here, where there is time.
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(taker) = gone.pop() {
            if taker.lost > 0 {
                log::info!(samples = taker.lost; "one who listened to a live source was too slow for it");
            }
        }
        let (ring, taken) = RingBuffer::new(samples.max(1));
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.push(Taker { ring, pick, lost: 0 }).ok().map(|()| taken)
    }
}

impl Fan {
    /// Gives interleaved samples to all. What one has no room for is lost to that one.
    pub(super) fn give(&mut self, interleaved: &[f32], channels: usize) {
        while self.takers.len() < TAKERS
            && let Ok(taker) = self.arrivals.pop()
        {
            self.takers.push(taker);
        }
        let mut at = 0;
        while let Some(taker) = self.takers.get(at) {
            if taker.ring.is_abandoned() && !self.gone.is_full() {
                let taker = self.takers.swap_remove(at);
                // There is room: this is the only one who gives to that ring.
                drop(self.gone.push(taker));
            } else {
                at += 1;
            }
        }
        let mut mono = [0.0; PIECE];
        for frames in interleaved.chunks(PIECE * channels.max(1)) {
            for taker in &mut self.takers {
                let count = taker.pick.average(frames, channels, &mut mono);
                let (_, lost) = taker.ring.push_partial_slice(mono.get(..count).unwrap_or_default());
                taker.lost += lost.len() as u64;
            }
        }
    }

    /// How many take.
    #[cfg(test)]
    pub(super) fn takers(&self) -> usize {
        self.takers.len()
    }
}

impl Pick {
    fn takes(self, channel: usize) -> bool {
        self.0 == 0 || self.0 >> channel.min(31) & 1 == 1
    }

    fn average(self, frames: &[f32], channels: usize, mono: &mut [f32; PIECE]) -> usize {
        let channels = channels.max(1);
        let of = (0..channels).filter(|c| self.takes(*c)).count().max(1) as f32;
        let mut count = 0;
        for (frame, out) in frames.chunks_exact(channels).zip(mono.iter_mut()) {
            *out = frame.iter().enumerate().filter(|(c, _)| self.takes(*c)).map(|(_, s)| s).sum::<f32>() / of;
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_the_channels_it_picked_and_one_that_left_is_forgotten() {
        let (mut fan, gate) = fan();
        let mut left = gate.join(8, Pick(1)).expect("room");
        let mut right = gate.join(8, Pick(2)).expect("room");
        let both = gate.join(8, Pick(0)).expect("room");
        fan.give(&[0.25, 0.75, 0.5, -0.5], 2);
        assert_eq!((left.pop(), left.pop()), (Ok(0.25), Ok(0.5)));
        assert_eq!((right.pop(), right.pop()), (Ok(0.75), Ok(-0.5)));
        drop(both);
        fan.give(&[1.0; 100], 2);
        assert_eq!((fan.takers(), left.slots()), (2, 8), "one has left, and what has no room is lost");
    }

    #[test]
    fn more_than_there_is_room_for_are_refused_until_some_leave() {
        let (mut fan, gate) = fan();
        let taken: Vec<_> = (0..TAKERS).map_while(|_| gate.join(4, Pick(0))).collect();
        fan.give(&[0.0], 1);
        assert_eq!((taken.len(), fan.takers()), (TAKERS, TAKERS));
        drop(taken);
        fan.give(&[0.0], 1);
        assert_eq!(fan.takers(), 0);
        assert!(gate.join(4, Pick(0)).is_some());
    }
}
