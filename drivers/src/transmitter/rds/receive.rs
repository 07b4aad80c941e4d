//! What a receiver makes of groups: who sends, its name, its text, the time.

use super::clock::Moment;
use super::group::Group;

/// As often must a PI be received in a row before it is believed: receivers pass blocks with undetected errors.
const SURE_AFTER: u8 = 3;

/// What has been received of one programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    candidate: (u16, u8),
    pi: Option<u16>,
    ps: Pieces<8>,
    text: Pieces<64>,
    text_b: bool,
    ta: bool,
    pty: u8,
    clock: Option<(Moment, u8)>,
    /// How often it said the time.
    times: u64,
}

/// Characters that come in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pieces<const N: usize> {
    letters: [u8; N],
    have: [bool; N],
}

impl<const N: usize> Default for Pieces<N> {
    fn default() -> Self {
        Self { letters: [b' '; N], have: [false; N] }
    }
}

impl<const N: usize> Pieces<N> {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        for (offset, byte) in bytes.iter().enumerate() {
            if let (Some(letter), Some(have)) = (self.letters.get_mut(at + offset), self.have.get_mut(at + offset)) {
                // Another letter at a known place: the name or text has changed, and the rest of the old one is void.
                if *have && *letter != *byte {
                    self.have = [false; N];
                    return self.put(at, bytes);
                }
                (*letter, *have) = (*byte, true);
            }
        }
    }

    /// The whole of it, up to an end mark; `None`: pieces are missing.
    fn whole(&self) -> Option<String> {
        let end = self.letters.iter().zip(&self.have).position(|(letter, have)| *have && *letter == b'\r').unwrap_or(N);
        let complete = self.have.iter().take(end).all(|have| *have);
        let text: String = self.letters.iter().take(end).map(|byte| char::from(*byte)).collect();
        complete.then(|| text.trim_end().to_owned())
    }
}

impl Received {
    /// Takes the four blocks of a group.
    pub fn hear(&mut self, [pi, rest @ ..]: [u16; 4]) {
        let (before, seen) = self.candidate;
        self.candidate = (pi, if before == pi { seen.saturating_add(1) } else { 1 });
        if self.candidate.1 < SURE_AFTER && self.pi != Some(pi) {
            return;
        }
        if self.pi != Some(pi) {
            // Another programme: nothing of what was known is true of it. Only the count goes on, for those who compare it.
            *self = Self { candidate: self.candidate, pi: Some(pi), times: self.times, ..Self::default() };
        }
        let (group, bearing) = Group::of(rest);
        self.pty = bearing.pty;
        let ([c1, c0], [d1, d0]) = (group.block3.to_be_bytes(), group.block4.to_be_bytes());
        match group.kind {
            (0, _) => {
                self.ta = group.low5 & 0x10 != 0;
                self.ps.put(usize::from(group.low5 & 0x03) * 2, &[d1, d0]);
            }
            (2, false) => {
                self.turn_text(group.low5 & 0x10 != 0);
                self.text.put(usize::from(group.low5 & 0x0F) * 4, &[c1, c0, d1, d0]);
            }
            (2, true) => {
                self.turn_text(group.low5 & 0x10 != 0);
                self.text.put(usize::from(group.low5 & 0x0F) * 2, &[d1, d0]);
            }
            (4, false) => {
                self.clock = clock_of(&group);
                self.times += u64::from(self.clock.is_some());
            }
            _ => {}
        }
    }

    fn turn_text(&mut self, b: bool) {
        if self.text_b != b {
            (self.text, self.text_b) = (Pieces::default(), b);
        }
    }

    /// Who sends, once it is sure.
    pub fn pi(&self) -> Option<u16> {
        self.pi
    }

    /// Its name, once all of it has come; trailing spaces left out.
    pub fn ps(&self) -> Option<String> {
        self.ps.whole()
    }

    /// Its RadioText, once all of it has come.
    pub fn text(&self) -> Option<String> {
        self.text.whole()
    }

    /// An announcement is on, and the programme type.
    pub fn announcement(&self) -> (bool, u8) {
        (self.ta, self.pty)
    }

    /// How often the time was said: it is right at the moment at which it is.
    pub fn times(&self) -> u64 {
        self.times
    }

    /// The time it said last, to the minute, and its local offset in half hours.
    pub fn clock(&self) -> Option<(Moment, u8)> {
        self.clock
    }
}

fn clock_of(group: &Group) -> Option<(Moment, u8)> {
    let day = u64::from(group.low5 & 0x03) << 15 | u64::from(group.block3 >> 1);
    let hour = u64::from(group.block3 & 1) << 4 | u64::from(group.block4 >> 12);
    let minute = u64::from(group.block4 >> 6 & 0x3F);
    let unix_s = day.checked_sub(40_587)? * 86_400 + hour * 3600 + minute * 60;
    (hour < 24 && minute < 60).then(|| (Moment::at(unix_s), (group.block4 & 0x3F) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transmitter::rds::group::blocks_in;

    const GOLDEN: &str = include_str!("../../../../tests/golden/rds_groups.spy");

    #[test]
    fn the_golden_file_says_what_two_decoders_read() {
        let mut received = Received::default();
        GOLDEN.lines().filter_map(blocks_in).for_each(|blocks| received.hear(blocks));
        assert_eq!(received.pi(), Some(0x7A01));
        assert_eq!(received.ps().as_deref(), Some("XA ANLAC"));
        assert_eq!(received.text().as_deref(), Some("Loa phuong: thong bao lu luc 18 gio."));
        assert_eq!(received.announcement(), (true, 1));
        assert_eq!(received.clock(), Some((Moment::at(1_795_260_600), 14)));
    }

    #[test]
    fn a_damaged_pi_is_no_other_station_and_another_station_is() {
        let mut received = Received::default();
        let group = [0x7A01, 0x0438, 0xE0CD, 0x5841];
        for _ in 0..2 {
            received.hear(group);
            assert_eq!(received.pi(), None, "not sure yet");
        }
        received.hear(group);
        assert_eq!(received.pi(), Some(0x7A01));
        for _ in 0..2 {
            received.hear([0x7A81, 0x0438, 0xE0CD, 0x5841]);
            assert_eq!(received.pi(), Some(0x7A01));
        }
        received.hear([0x7A81, 0x0438, 0xE0CD, 0x5841]);
        assert_eq!((received.pi(), received.ps()), (Some(0x7A81), None));
    }

    #[test]
    fn a_new_name_is_not_mixed_with_the_old_one() {
        let mut received = Received::default();
        let say = |received: &mut Received, name: &[u8; 8]| {
            for (pair, segment) in name.chunks(2).zip(0_u16..) {
                let block4 = u16::from_be_bytes([pair[0], pair[1]]);
                received.hear([0x7A01, 0x0008 | segment, 0xE0CD, block4]);
            }
        };
        (0..3).for_each(|_| say(&mut received, b"VOV1    "));
        assert_eq!(received.ps().as_deref(), Some("VOV1"));
        received.hear([0x7A01, 0x0008, 0xE0CD, 0x5858]);
        assert_eq!(received.ps(), None);
        say(&mut received, b"XXA LAC ");
        assert_eq!(received.ps().as_deref(), Some("XXA LAC"));
    }
}
