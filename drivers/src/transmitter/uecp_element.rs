//! UECP message elements (EBU SPB 490): bytes ↔ values, no IO. One element per frame: cheap encoders take no more.

pub use super::rds::group::Group;

/// Data set 0: the one on the air. Programme service 0: the main one.
const CURRENT: [u8; 2] = [0, 0];

/// One message element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// MEC 01: programme identification.
    Pi(u16),
    /// MEC 02: programme service name, 8 characters of the RDS set; Vietnamese accents are not in it.
    Ps([u8; 8]),
    /// MEC 03: traffic programme and traffic announcement.
    TaTp {
        /// An announcement is on.
        ta: bool,
        /// The station makes announcements.
        tp: bool,
    },
    /// MEC 07: programme type, 0–31.
    Pty(u8),
    /// MEC 0A: RadioText, in place of the one before, said for ever; an empty one takes it off the air.
    RadioText {
        /// At most 64 characters of the RDS set.
        text: Vec<u8>,
        /// Which of the two texts it is; another one than before tells receivers that it is new.
        b: bool,
    },
    /// MEC 0D: date and time, UTC, with the local offset in half hours.
    Clock {
        /// Year within the century, month, day, hour, minute, second, hundredths of a second.
        at: [u8; 7],
        /// Half hours; bit 5: behind UTC. Viet Nam is 0Eh.
        offset: u8,
    },
    /// MEC 18: the encoder's acknowledgement, with the sequence number it is for where it says one.
    Acknowledge {
        /// 0: understood; otherwise see [`refusal`].
        code: u8,
        /// Sequence number of the frame.
        sequence: Option<u8>,
    },
    /// MEC 19: clock-time groups on or off.
    ClockOn(bool),
    /// MEC 1E: RDS modulation on or off.
    RdsOn(bool),
    /// MEC 24: one group as it is to go on the air, once.
    FreeFormat(Group),
    /// MEC 2C: whether the encoder answers.
    TwoWay(bool),
}

impl Element {
    /// The bytes of the element.
    pub fn encode(&self) -> Vec<u8> {
        let set = |mec: u8, rest: &[u8]| [&[mec], &CURRENT[..], rest].concat();
        match self {
            Self::Pi(pi) => set(0x01, &pi.to_be_bytes()),
            Self::Ps(name) => set(0x02, name),
            Self::TaTp { ta, tp } => set(0x03, &[u8::from(*tp) << 1 | u8::from(*ta)]),
            Self::Pty(pty) => set(0x07, &[*pty & 0x1F]),
            Self::RadioText { text, .. } if text.is_empty() => set(0x0A, &[0]),
            Self::RadioText { text, b } => {
                let text = text.get(..64).unwrap_or(text);
                // The length counts the byte of flags: buffer 00 (replace), 0 repeats (for ever), text A or B.
                let head = [text.len() as u8 + 1, u8::from(*b)];
                set(0x0A, &[&head, text].concat())
            }
            Self::Clock { at, offset } => [&[0x0D], &at[..], &[*offset]].concat(),
            Self::Acknowledge { code, sequence } => [0x18, *code].into_iter().chain(*sequence).collect(),
            Self::ClockOn(on) => vec![0x19, u8::from(*on)],
            Self::RdsOn(on) => vec![0x1E, u8::from(*on)],
            Self::FreeFormat(group) => {
                // Buffer 00: once, at once. A cyclic group would keep zones open after our link has died.
                let kind = (group.kind.0 & 0x0F) << 1 | u8::from(group.kind.1);
                let mut bytes = vec![0x24, kind, group.low5 & 0x1F];
                bytes.extend(group.block3.to_be_bytes());
                bytes.extend(group.block4.to_be_bytes());
                bytes
            }
            Self::TwoWay(on) => vec![0x2C, u8::from(*on)],
        }
    }

    /// Reads one element that fills the message; `None`: unknown or of a wrong length.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        Some(match *bytes {
            [0x01, _, _, high, low] => Self::Pi(u16::from_be_bytes([high, low])),
            [0x02, _, _, ref name @ ..] => Self::Ps(name.try_into().ok()?),
            [0x03, _, _, bits] => Self::TaTp { ta: bits & 1 != 0, tp: bits & 2 != 0 },
            [0x07, _, _, pty] if pty < 0x20 => Self::Pty(pty),
            [0x0A, _, _, 0] => Self::RadioText { text: Vec::new(), b: false },
            [0x0A, _, _, length, flags, ref text @ ..]
                if usize::from(length) == text.len() + 1 && flags < 2 && text.len() <= 64 =>
            {
                Self::RadioText { text: text.to_vec(), b: flags == 1 }
            }
            [0x0D, ref at @ .., offset] => Self::Clock { at: at.try_into().ok()?, offset },
            [0x18, code] => Self::Acknowledge { code, sequence: None },
            [0x18, code, sequence] => Self::Acknowledge { code, sequence: Some(sequence) },
            [0x19, on] => Self::ClockOn(on != 0),
            [0x1E, on] => Self::RdsOn(on != 0),
            [0x24, kind, low5, a, b, c, d] if kind < 0x20 && low5 < 0x20 => Self::FreeFormat(Group {
                kind: (kind >> 1, kind & 1 != 0),
                low5,
                block3: u16::from_be_bytes([a, b]),
                block4: u16::from_be_bytes([c, d]),
            }),
            [0x2C, mode] => Self::TwoWay(mode != 0),
            _ => return None,
        })
    }
}

/// What an acknowledgement code other than 0 means.
pub fn refusal(code: u8) -> &'static str {
    match code {
        1 => "CRC error",
        2 => "message not received",
        3 => "unknown message",
        4 => "unknown data set",
        5 => "unknown programme service",
        6 => "parameter out of range",
        7 => "wrong element length",
        8 => "wrong message length",
        9 => "message not acceptable",
        10 => "end mark missing",
        11 => "buffer overflow",
        12 => "bad byte stuffing",
        13 => "unexpected end mark",
        _ => "unknown reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_read_back_as_written() {
        let group = Group { kind: (11, false), low5: 0x15, block3: 0x8001, block4: 0xFDFE };
        for element in [
            Element::Pi(0x7A01),
            Element::Ps(*b"XA TANHA"),
            Element::TaTp { ta: true, tp: false },
            Element::Pty(31),
            Element::RadioText { text: b"Nuoc len nhanh".to_vec(), b: true },
            Element::RadioText { text: vec![], b: false },
            Element::Clock { at: [26, 11, 21, 11, 30, 0, 0], offset: 0x0E },
            Element::Acknowledge { code: 0, sequence: Some(9) },
            Element::Acknowledge { code: 6, sequence: None },
            Element::ClockOn(true),
            Element::RdsOn(true),
            Element::FreeFormat(group),
            Element::TwoWay(true),
        ] {
            assert_eq!(Element::decode(&element.encode()), Some(element));
        }
    }

    #[test]
    fn a_free_format_group_has_seven_bytes() {
        let group = Group { kind: (3, false), low5: 0x16, block3: 0x1234, block4: 0xCAFE };
        assert_eq!(Element::FreeFormat(group).encode(), [0x24, 0x06, 0x16, 0x12, 0x34, 0xCA, 0xFE]);
    }
}
