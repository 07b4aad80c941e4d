//! Packets of one sender in their order: what comes early waits a little, what never comes is missed, what comes twice
//! or too late is dropped.

use super::packet::Header;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Packets that may wait; more can only be nonsense.
const WAITING: usize = 64;
/// A jump in the sequence beyond this is a sender that began anew.
const JUMP: u64 = 1000;
/// So many packets in a row from the past, and it is the sender that went back.
const PAST: u32 = 20;
/// A sender that is silent so long may be replaced by another.
const LOCK: Duration = Duration::from_millis(500);

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The sender is another than before, or began anew: nothing of what went before belongs to it.
    Anew,
    /// A packet: its time stamp and payload.
    Packet(u32, Vec<u8>),
    /// Packets are missing before the one with this time stamp.
    Missing(u32),
}

/// A packet that waits.
struct Early {
    timestamp: u32,
    payload: Vec<u8>,
    came: Instant,
}

/// The order of a stream.
pub(super) struct Order {
    patience: Duration,
    /// Who is listened to, and when that one was last heard.
    sender: Option<(u32, Instant)>,
    /// Number of the packet that comes next: the 16 bits of the packets, counted on.
    next: u64,
    early: BTreeMap<u64, Early>,
    past: u32,
    anew: bool,
    /// A gap was said; what follows it is given without another word.
    said: bool,
}

impl Order {
    /// Waits so long for a packet that others overtook.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, sender: None, next: 0, early: BTreeMap::new(), past: 0, anew: false, said: false }
    }

    /// Takes a packet as it came. `false`: it is of another sender, late, or there already.
    pub(super) fn take(&mut self, header: &Header, payload: &[u8], now: Instant) -> bool {
        match self.sender {
            Some((ssrc, _)) if ssrc == header.ssrc => {}
            Some((_, heard)) if now.saturating_duration_since(heard) < LOCK => return false,
            Some(_) | None => self.begin(header, now),
        }
        self.sender = Some((header.ssrc, now));
        // The number nearest to the next one that has these 16 bits.
        let ahead = header.sequence.wrapping_sub(self.next as u16).cast_signed();
        let number = self.next.wrapping_add_signed(i64::from(ahead));
        if i64::from(ahead).unsigned_abs() > JUMP {
            self.begin(header, now);
            return self.keep(self.next, header, payload, now);
        }
        if number < self.next {
            self.past += 1;
            if self.past < PAST {
                return false;
            }
            self.begin(header, now);
            return self.keep(self.next, header, payload, now);
        }
        self.past = 0;
        self.keep(number, header, payload, now)
    }

    fn keep(&mut self, number: u64, header: &Header, payload: &[u8], now: Instant) -> bool {
        if self.early.len() >= WAITING || self.early.contains_key(&number) {
            return false;
        }
        self.early.insert(number, Early { timestamp: header.timestamp, payload: payload.to_vec(), came: now });
        true
    }

    fn begin(&mut self, header: &Header, now: Instant) {
        self.early.clear();
        // Far from the ends of the count: what is before it must have a number too.
        self.next = u64::from(header.sequence) + (1 << 32);
        self.sender = Some((header.ssrc, now));
        (self.past, self.anew, self.said) = (0, true, false);
    }

    /// What can be given now.
    pub(super) fn give(&mut self, now: Instant) -> Option<Next> {
        if std::mem::take(&mut self.anew) {
            return Some(Next::Anew);
        }
        let (number, first) = self.early.first_key_value()?;
        if *number > self.next && !self.said {
            let over = now.saturating_duration_since(first.came) >= self.patience;
            if !over && self.early.len() < WAITING {
                return None;
            }
            self.said = true;
            return Some(Next::Missing(first.timestamp));
        }
        let (number, packet) = self.early.pop_first()?;
        (self.next, self.said) = (number + 1, false);
        Some(Next::Packet(packet.timestamp, packet.payload))
    }

    /// When there will be something to give though nothing more comes.
    pub(super) fn wake(&self) -> Option<Instant> {
        self.early.first_key_value().map(|(_, p)| p.came + self.patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ssrc: u32, sequence: u16) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp: u32::from(sequence) * 160, ssrc }
    }

    /// The sequence numbers given, `-1` for a gap, `-2` for a new sender.
    fn given(order: &mut Order, now: Instant) -> Vec<i64> {
        std::iter::from_fn(|| order.give(now))
            .map(|next| match next {
                Next::Anew => -2,
                Next::Packet(_, payload) => i64::from(u16::from_be_bytes([payload[0], payload[1]])),
                Next::Missing(_) => -1,
            })
            .collect()
    }

    fn take(order: &mut Order, ssrc: u32, sequence: u16, now: Instant) -> bool {
        order.take(&header(ssrc, sequence), &sequence.to_be_bytes(), now)
    }

    #[test]
    fn order_is_made_across_the_end_of_the_count() {
        let (mut order, now) = (Order::new(Duration::from_millis(40)), Instant::now());
        for sequence in [65_534, 0, 65_535, 1, 1, 3, 2] {
            let fresh = take(&mut order, 7, sequence, now);
            assert!(fresh || sequence == 1);
        }
        assert_eq!(given(&mut order, now), [-2, 65_534, 65_535, 0, 1, 2, 3]);
        assert!(!take(&mut order, 7, 65_535, now), "it comes too late");
    }

    #[test]
    fn what_never_comes_is_missed_in_time() {
        let (mut order, now) = (Order::new(Duration::from_millis(40)), Instant::now());
        for sequence in [10, 12, 13] {
            take(&mut order, 7, sequence, now);
        }
        assert_eq!(given(&mut order, now), [-2, 10]);
        assert_eq!(order.wake(), Some(now + Duration::from_millis(40)));
        assert_eq!(given(&mut order, now + Duration::from_millis(40)), [-1, 12, 13]);
    }

    #[test]
    fn one_sender_is_kept_until_it_is_silent() {
        let (mut order, now) = (Order::new(Duration::ZERO), Instant::now());
        assert!(take(&mut order, 7, 1, now) && !take(&mut order, 8, 500, now));
        assert_eq!(given(&mut order, now), [-2, 1]);
        let later = now + LOCK;
        assert!(take(&mut order, 8, 501, later) && !take(&mut order, 7, 2, later));
        assert_eq!(given(&mut order, later), [-2, 501]);
    }

    #[test]
    fn a_sender_that_begins_anew_is_followed() {
        let (mut order, now) = (Order::new(Duration::ZERO), Instant::now());
        take(&mut order, 7, 5_000, now);
        assert_eq!(given(&mut order, now), [-2, 5_000]);
        assert!(take(&mut order, 7, 20_000, now), "a jump");
        assert_eq!(given(&mut order, now), [-2, 20_000]);
        let taken: Vec<bool> = (0..25).map(|n| take(&mut order, 7, 19_500 + n, now)).collect();
        assert_eq!(taken.iter().filter(|t| **t).count(), 6, "{taken:?}");
        assert_eq!(given(&mut order, now)[0], -2);
    }

    #[test]
    fn a_flood_is_bounded() {
        let (mut order, now) = (Order::new(Duration::from_secs(9)), Instant::now());
        take(&mut order, 7, 0, now);
        given(&mut order, now);
        for sequence in 2..900 {
            take(&mut order, 7, sequence, now);
        }
        assert_eq!(order.early.len(), WAITING);
        assert_eq!(given(&mut order, now).len(), WAITING + 1, "a full house does not wait");
    }
}
