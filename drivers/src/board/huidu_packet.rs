//! Packets of Huidu SDK 2.0: bytes ↔ values, no IO. Integers are little endian, the length counts the whole packet.

/// The protocol version this program speaks.
pub const VERSION: u32 = 0x0100_0005;
/// Longest XML fragment put into one packet.
pub const FRAGMENT: usize = 8000;
/// Longest packet the vendor allows.
pub const LONGEST: usize = 9 * 1024;
/// Longest XML document taken from a card.
pub const LONGEST_XML: usize = 256 * 1024;

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// 2001: may I speak this version?
    ServiceAsk(u32),
    /// 2002: version, and 0 for yes.
    ServiceAnswer(u32, u16),
    /// 2003: part of a request document.
    SdkAsk(Fragment),
    /// 2004: part of an answer document.
    SdkAnswer(Fragment),
    /// 005F: still there?
    Heartbeat,
    /// 0060: still here.
    HeartbeatAnswer,
    /// 2000: error number; see [`error_name`].
    Error(u16),
    /// Any other command with its payload.
    Other(u16, Vec<u8>),
}

/// Part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Bytes of the whole document.
    pub total: u32,
    /// Where this part begins.
    pub offset: u32,
    /// The part.
    pub bytes: Vec<u8>,
}

/// Why bytes are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// A length no packet can have.
    #[error("packet length {0}")]
    Length(u16),
    /// The payload is too short or too long for the command.
    #[error("command {0:04X} with a payload of wrong length")]
    Payload(u16),
    /// Document parts that do not follow each other, or a document without end.
    #[error("document part at {offset} of {total}, {have} bytes known")]
    Part {
        /// Where the part begins.
        offset: u32,
        /// Length of the document.
        total: u32,
        /// How much there was before.
        have: usize,
    },
}

impl Packet {
    /// The bytes to send.
    ///
    /// # Errors
    /// [`PacketError::Payload`] when the payload does not fit a packet.
    pub fn encode(&self) -> Result<Vec<u8>, PacketError> {
        let (command, payload) = match self {
            Self::ServiceAsk(version) => (0x2001, version.to_le_bytes().to_vec()),
            Self::ServiceAnswer(version, status) => {
                (0x2002, [&version.to_le_bytes()[..], &status.to_le_bytes()[..]].concat())
            }
            Self::SdkAsk(fragment) => (0x2003, fragment.encode()),
            Self::SdkAnswer(fragment) => (0x2004, fragment.encode()),
            Self::Heartbeat => (0x005F, Vec::new()),
            Self::HeartbeatAnswer => (0x0060, Vec::new()),
            Self::Error(code) => (0x2000, code.to_le_bytes().to_vec()),
            Self::Other(command, payload) => (*command, payload.clone()),
        };
        let length = payload.len() + 4;
        let short = u16::try_from(length).ok().filter(|_| length <= LONGEST).ok_or(PacketError::Payload(command))?;
        Ok([&short.to_le_bytes()[..], &command.to_le_bytes()[..], &payload].concat())
    }

    fn decode(command: u16, payload: &[u8]) -> Result<Self, PacketError> {
        Ok(match (command, payload) {
            (0x2001, &[a, b, c, d]) => Self::ServiceAsk(u32::from_le_bytes([a, b, c, d])),
            (0x2002, &[a, b, c, d, e, f]) => {
                Self::ServiceAnswer(u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]))
            }
            (0x2003, bytes) => Self::SdkAsk(Fragment::decode(bytes).ok_or(PacketError::Payload(command))?),
            (0x2004, bytes) => Self::SdkAnswer(Fragment::decode(bytes).ok_or(PacketError::Payload(command))?),
            (0x005F, []) => Self::Heartbeat,
            (0x0060, []) => Self::HeartbeatAnswer,
            (0x2000, &[a, b]) => Self::Error(u16::from_le_bytes([a, b])),
            (0x2000..=0x2002 | 0x005F | 0x0060, _) => return Err(PacketError::Payload(command)),
            (other, bytes) => Self::Other(other, bytes.to_vec()),
        })
    }
}

impl Fragment {
    /// A document as the parts it is sent in.
    pub fn parts(document: &[u8]) -> Vec<Self> {
        let total = document.len() as u32;
        let part = |(at, bytes): (usize, &[u8])| Self { total, offset: (at * FRAGMENT) as u32, bytes: bytes.to_vec() };
        document.chunks(FRAGMENT).enumerate().map(part).collect()
    }

    fn encode(&self) -> Vec<u8> {
        [&self.total.to_le_bytes()[..], &self.offset.to_le_bytes()[..], &self.bytes].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (total, rest) = bytes.split_first_chunk::<4>()?;
        let (offset, rest) = rest.split_first_chunk::<4>()?;
        Some(Self { total: u32::from_le_bytes(*total), offset: u32::from_le_bytes(*offset), bytes: rest.to_vec() })
    }
}

/// Takes bytes as they come and gives packets.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
}

impl Splitter {
    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next whole packet, if there is one.
    ///
    /// # Errors
    /// [`PacketError`] when the bytes are no packet; the connection is of no more use then.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, PacketError> {
        let &[a, b, c, d, ..] = self.bytes.as_slice() else { return Ok(None) };
        let length = u16::from_le_bytes([a, b]);
        if !(4..=LONGEST).contains(&usize::from(length)) {
            return Err(PacketError::Length(length));
        }
        if self.bytes.len() < usize::from(length) {
            return Ok(None);
        }
        let packet: Vec<u8> = self.bytes.drain(..usize::from(length)).collect();
        Packet::decode(u16::from_le_bytes([c, d]), packet.get(4..).unwrap_or_default()).map(Some)
    }
}

/// Puts the parts of a document together.
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    bytes: Vec<u8>,
}

impl Assembler {
    /// Takes a part; gives the document when it is whole.
    ///
    /// # Errors
    /// [`PacketError::Part`] when the part does not follow what came before.
    pub fn push(&mut self, part: &Fragment) -> Result<Option<Vec<u8>>, PacketError> {
        let have = self.bytes.len();
        let whole = part.total as usize;
        if part.offset as usize != have || have + part.bytes.len() > whole || whole > LONGEST_XML {
            return Err(PacketError::Part { offset: part.offset, total: part.total, have });
        }
        self.bytes.extend(&part.bytes);
        Ok((self.bytes.len() == whole).then(|| std::mem::take(&mut self.bytes)))
    }
}

/// What an error number means.
pub fn error_name(code: u16) -> &'static str {
    match code {
        3 => "version too low",
        4 => "device occupied",
        5 => "file occupied",
        7 => "packet length",
        8 => "parameter",
        9 => "no space",
        14 => "content",
        18 => "not found",
        20 => "document too long",
        21 => "document part out of order",
        22 => "document not readable",
        23 => "unknown method",
        42 => "method not supported",
        43 => "session not known",
        48 => "wrong device type",
        49 => "no permission",
        _ => "error",
    }
}

impl super::answer::Cut for Splitter {
    type Message = Packet;
    type Error = PacketError;

    fn push(&mut self, bytes: &[u8]) {
        Self::push(self, bytes);
    }

    fn cut(&mut self) -> Result<Option<Packet>, PacketError> {
        self.next_packet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_survive_being_cut_anywhere() {
        let document = vec![b'x'; FRAGMENT + 1];
        let parts = Fragment::parts(&document);
        let sent: Vec<Packet> = [Packet::ServiceAsk(VERSION), Packet::Heartbeat]
            .into_iter()
            .chain(parts.iter().cloned().map(Packet::SdkAsk))
            .collect();
        let bytes: Vec<u8> = sent.iter().flat_map(|packet| packet.encode().expect("fits")).collect();
        for cut in [1, 3, 7, 4096] {
            let (mut splitter, mut found) = (Splitter::default(), Vec::new());
            for piece in bytes.chunks(cut) {
                splitter.push(piece);
                while let Some(packet) = splitter.next_packet().expect("whole") {
                    found.push(packet);
                }
            }
            assert_eq!(found, sent);
        }
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(&parts[0]), Ok(None));
        assert_eq!(assembler.push(&parts[1]), Ok(Some(document)));
    }

    #[test]
    fn nonsense_is_refused() {
        let mut splitter = Splitter::default();
        splitter.push(&[3, 0, 0, 0]);
        assert_eq!(splitter.next_packet(), Err(PacketError::Length(3)));
        let part = Fragment { total: u32::MAX, offset: 0, bytes: Vec::new() };
        assert!(Assembler::default().push(&part).is_err());
    }
}
