//! Frames of Onbon BX-5K and BX-6K cards: bytes ↔ values, no IO. Integers are little endian.

/// Longest frame taken, bytes before unescaping.
const LONGEST: usize = 16 * 1024;
const START: u8 = 0xA5;
const END: u8 = 0x5A;
/// What this side is called in a frame.
pub(super) const PC: u16 = 0x8000;
/// Any screen; what a card that has no number yet calls itself.
pub(super) const ANY_SCREEN: u16 = 0xFFFE;
/// Any type of card.
const ANY_TYPE: u8 = 0xFE;
const VERSION: u8 = 0x02;
const HEAD: usize = 14;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// To whom: the number of the screen, or 8000h for this side.
    pub to: u16,
    /// From whom.
    pub from: u16,
    /// Command group.
    pub group: u8,
    /// Command in its group.
    pub command: u8,
    /// To the card: 1 asks for an answer. From the card: the error, 0 for none.
    pub flag: u8,
    /// Two bytes of the command, then its body.
    pub body: Vec<u8>,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A length that is not the one the frame names, or none it can have.
    #[error("frame length {0}")]
    Length(usize),
    /// The check sum is another.
    #[error("CRC {found:04X}, not {sum:04X}")]
    Crc {
        /// As it was sent.
        found: u16,
        /// As it should be.
        sum: u16,
    },
    /// An escape that stands for nothing.
    #[error("escape {0:02X}")]
    Escape(u8),
}

impl Frame {
    /// A command to a screen, to be answered; `mode` is its first byte after that.
    pub fn ask(screen: u16, group: u8, command: u8, mode: u8, body: &[u8]) -> Self {
        Self { to: screen, from: PC, group, command, flag: 1, body: [&[mode, 0], body].concat() }
    }

    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(HEAD + 3 + self.body.len() + 2);
        plain.extend(self.to.to_le_bytes());
        plain.extend(self.from.to_le_bytes());
        // Reserved, options, how the CRC is made, what is shown first.
        plain.extend([0; 6]);
        plain.extend([ANY_TYPE, VERSION]);
        plain.extend((self.body.len() as u16 + 3).to_le_bytes());
        plain.extend([self.group, self.command, self.flag]);
        plain.extend(&self.body);
        plain.extend(crc(&plain).to_le_bytes());
        let mut bytes = vec![START; 8];
        for byte in plain {
            match byte {
                0xA5 => bytes.extend([0xA6, 0x02]),
                0xA6 => bytes.extend([0xA6, 0x01]),
                0x5A => bytes.extend([0x5B, 0x02]),
                0x5B => bytes.extend([0x5B, 0x01]),
                plain => bytes.push(plain),
            }
        }
        bytes.push(END);
        bytes
    }

    fn decode(raw: &[u8]) -> Result<Self, FrameError> {
        let mut plain = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter();
        while let Some(byte) = bytes.next() {
            plain.push(match *byte {
                0xA6 | 0x5B => match (*byte, bytes.next()) {
                    (0xA6, Some(2)) => 0xA5,
                    (0x5B, Some(2)) => 0x5A,
                    (same, Some(1)) => same,
                    (_, other) => return Err(FrameError::Escape(other.copied().unwrap_or(END))),
                },
                plain => plain,
            });
        }
        let length = FrameError::Length(plain.len());
        let (rest, found) = plain.split_last_chunk::<2>().ok_or(length)?;
        let (head, data) = rest.split_first_chunk::<HEAD>().ok_or(length)?;
        let (found, sum) = (u16::from_le_bytes(*found), crc(rest));
        // FFFF: the sender made none.
        if found != sum && found != 0xFFFF {
            return Err(FrameError::Crc { found, sum });
        }
        let &[t0, t1, f0, f1, .., l0, l1] = head;
        let [group, command, flag, body @ ..] = data else { return Err(length) };
        if usize::from(u16::from_le_bytes([l0, l1])) != data.len() {
            return Err(length);
        }
        let (to, from) = (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([f0, f1]));
        Ok(Self { to, from, group: *group, command: *command, flag: *flag, body: body.to_vec() })
    }
}

/// CRC-16/ARC: 8005h reflected, from 0.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 })
    })
}

/// Takes bytes as they come and gives frames.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
}

impl Splitter {
    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next whole frame, if there is one.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes are no frame; the next one may be whole again.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let noise = self.bytes.iter().position(|byte| *byte == START).unwrap_or(self.bytes.len());
        self.bytes.drain(..noise);
        let Some(end) = self.bytes.iter().position(|byte| *byte == END) else {
            let length = self.bytes.len();
            if length > LONGEST {
                self.bytes.clear();
                return Err(FrameError::Length(length));
            }
            return Ok(None);
        };
        let raw: Vec<u8> = self.bytes.drain(..=end).collect();
        // Starts come in rows; one in the middle means that the frame before it was cut short.
        let start = raw.iter().rposition(|byte| *byte == START).unwrap_or_default();
        Frame::decode(raw.get(start + 1..end).unwrap_or_default()).map(Some)
    }
}

impl super::answer::Cut for Splitter {
    type Message = Frame;
    type Error = FrameError;

    fn push(&mut self, bytes: &[u8]) {
        Self::push(self, bytes);
    }

    fn cut(&mut self) -> Result<Option<Frame>, FrameError> {
        self.next_frame()
    }
}

/// What an error number means.
pub fn error_name(code: u8) -> &'static str {
    match code {
        1 => "unknown group",
        2 => "unknown command",
        3 => "busy",
        4 => "memory",
        5 => "check sum",
        6 => "no such file",
        7 => "flash",
        8 => "download",
        9 => "name",
        10 => "type",
        11 => "check sum of a file",
        12 => "no font",
        13 => "firmware",
        14 => "date",
        15 => "exists already",
        16 => "block number",
        _ => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_being_cut_anywhere_and_noise_before_them() {
        let hard: Vec<u8> = [0xA5, 0xA6, 0x5A, 0x5B, 1, 2, 0, 0xFF].repeat(60);
        let frames: Vec<Frame> = (1..5).map(|screen| Frame::ask(screen, 0xA3, 6, 0, &hard)).collect();
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| [vec![0, 7, 0xFF], frame.encode()].concat()).collect();
        for piece in [1, 5, 4096] {
            let (mut splitter, mut found) = (Splitter::default(), Vec::new());
            for bytes in bytes.chunks(piece) {
                splitter.push(bytes);
                while let Some(frame) = splitter.next_frame().expect("whole") {
                    found.push(frame);
                }
            }
            assert_eq!(found, frames);
        }
    }

    #[test]
    fn nonsense_is_refused_and_the_next_frame_is_found() {
        let good = Frame::ask(1, 0xA3, 0x10, 0, &[]);
        let mut bad = good.encode();
        bad[12] ^= 1;
        let mut splitter = Splitter::default();
        splitter.push(&bad);
        splitter.push(&[START, 0xA6, 9, END, START, 1, 2, END]);
        splitter.push(&good.encode());
        assert!(matches!(splitter.next_frame(), Err(FrameError::Crc { .. })));
        assert_eq!(splitter.next_frame(), Err(FrameError::Escape(9)));
        assert!(matches!(splitter.next_frame(), Err(FrameError::Length(_))));
        assert_eq!(splitter.next_frame(), Ok(Some(good)));
    }
}
