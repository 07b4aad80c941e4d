//! Packets of C-Power5200 cards: bytes ↔ values, no IO.
//!
//! A serial packet stands between A5 and AE with three bytes escaped; a network packet has a head with the card's
//! identity and its length. The body and its checksum are the same.

/// Longest body taken, bytes.
pub const LONGEST: usize = 2048;
/// Bytes of an external call put into one packet; the makers allow 512.
pub const CHUNK: usize = 500;
/// Packets that one external call may take: their numbers are bytes.
pub const MOST_PACKETS: usize = 256;

const START: u8 = 0xA5;
const END: u8 = 0xAE;
const ESCAPE: u8 = 0xAA;
const KIND: u8 = 0x32;

/// Commands used here.
pub mod command {
    /// Brightness of each hour.
    pub const BRIGHTNESS: u8 = 0x46;
    /// Which card it is.
    pub const VERSION: u8 = 0x2E;
    /// Clock.
    pub const TIME: u8 = 0x47;
    /// Screen on and off.
    pub const POWER: u8 = 0x76;
    /// External call: windows, texts, pictures.
    pub const CALL: u8 = 0x7B;
}

/// How packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// On a serial line, or through a plain serial server.
    Serial,
    /// On the card's own TCP port, with the identity that is set in the card.
    Network(u32),
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// It comes from the card. Firmware before 3.3 does not say so.
    pub answer: bool,
    /// Number of the card, 1–254; 255 is all.
    pub card: u8,
    /// What for; see [`command`].
    pub command: u8,
    /// To the card: bit 0 asks for an answer. From the card: 0 = done, for external calls.
    pub flag: u8,
    /// The rest.
    pub data: Vec<u8>,
}

/// Why bytes are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// A length no packet can have.
    #[error("packet length {0}")]
    Length(usize),
    /// The sum is another.
    #[error("checksum {found:04X}, not {sum:04X}")]
    Checksum {
        /// As it was sent.
        found: u16,
        /// As it should be.
        sum: u16,
    },
    /// An escape that stands for nothing.
    #[error("escape {0:02X}")]
    Escape(u8),
    /// It does not begin as a packet does.
    #[error("no packet of this kind of card")]
    Kind,
    /// It bears another identity than ours.
    #[error("identity {0:08X}")]
    Identity(u32),
}

impl Packet {
    /// A question, to be answered.
    pub fn ask(card: u8, command: u8, data: impl Into<Vec<u8>>) -> Self {
        Self { answer: false, card, command, flag: 1, data: data.into() }
    }

    /// An external call as the packets it is sent in; `None`: it would take more than [`MOST_PACKETS`].
    pub fn call(card: u8, body: &[u8]) -> Option<Vec<Self>> {
        let last = u8::try_from(body.len().div_ceil(CHUNK).max(1) - 1).ok()?;
        let part = |(number, bytes): (u8, &[u8])| {
            let [low, high] = (bytes.len() as u16).to_le_bytes();
            let data = [&[low, high, number, last], bytes].concat();
            Self::ask(card, command::CALL, data)
        };
        Some((0..=last).zip(body.chunks(CHUNK)).map(part).collect())
    }

    /// The bytes to send.
    pub fn encode(&self, link: Link) -> Vec<u8> {
        let kind = if self.answer { 0xE8 } else { 0x68 };
        let mut body = vec![kind, KIND, self.card, self.command, self.flag];
        body.extend(&self.data);
        body.extend(sum(&body).to_le_bytes());
        match link {
            Link::Serial => {
                let mut bytes = vec![START];
                for byte in body {
                    match byte {
                        START | END | ESCAPE => bytes.extend([ESCAPE, byte & 0x0F]),
                        plain => bytes.push(plain),
                    }
                }
                bytes.push(END);
                bytes
            }
            Link::Network(id) => {
                let length = (body.len() as u16).to_le_bytes();
                [&id.to_be_bytes()[..], &length, &[0, 0], &body].concat()
            }
        }
    }

    fn decode(body: &[u8]) -> Result<Self, PacketError> {
        let Some((rest, found)) = body.split_last_chunk::<2>() else { return Err(PacketError::Length(body.len())) };
        let (found, sum) = (u16::from_le_bytes(*found), sum(rest));
        if found != sum {
            return Err(PacketError::Checksum { found, sum });
        }
        match rest {
            [kind @ (0x68 | 0xE8), KIND, card, command, flag, data @ ..] => {
                Ok(Self { answer: *kind == 0xE8, card: *card, command: *command, flag: *flag, data: data.to_vec() })
            }
            [_, _, _, _, _, ..] => Err(PacketError::Kind),
            short => Err(PacketError::Length(short.len())),
        }
    }
}

fn sum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(u16::from(*byte)))
}

/// Takes bytes as they come and gives packets.
#[derive(Clone, Debug)]
pub struct Splitter {
    link: Link,
    bytes: Vec<u8>,
}

impl Splitter {
    /// For packets that go like this.
    pub fn new(link: Link) -> Self {
        Self { link, bytes: Vec::new() }
    }

    /// Takes bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The next whole packet, if there is one.
    ///
    /// # Errors
    /// [`PacketError`] when the bytes are no packet; on a serial line the next one may be whole again.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, PacketError> {
        match self.link {
            Link::Serial => self.next_serial(),
            Link::Network(id) => self.next_network(id),
        }
    }

    fn next_serial(&mut self) -> Result<Option<Packet>, PacketError> {
        // What stands before a start is noise, and so is a packet that another start cuts short.
        let noise = self.bytes.iter().position(|byte| *byte == START).unwrap_or(self.bytes.len());
        self.bytes.drain(..noise);
        let Some(end) = self.bytes.iter().position(|byte| *byte == END) else {
            let length = self.bytes.len();
            if length > LONGEST * 2 {
                self.bytes.clear();
                return Err(PacketError::Length(length));
            }
            return Ok(None);
        };
        let raw: Vec<u8> = self.bytes.drain(..=end).collect();
        let start = raw.iter().rposition(|byte| *byte == START).unwrap_or_default();
        let mut body = Vec::with_capacity(raw.len());
        let mut bytes = raw.get(start + 1..end).unwrap_or_default().iter();
        while let Some(byte) = bytes.next() {
            match (*byte, if *byte == ESCAPE { bytes.next() } else { None }) {
                (ESCAPE, Some(low @ (0x05 | 0x0A | 0x0E))) => body.push(0xA0 | low),
                (ESCAPE, other) => return Err(PacketError::Escape(other.copied().unwrap_or(END))),
                (plain, _) => body.push(plain),
            }
        }
        Packet::decode(&body).map(Some)
    }

    fn next_network(&mut self, own: u32) -> Result<Option<Packet>, PacketError> {
        let &[a, b, c, d, low, high, zero, nil, ref rest @ ..] = self.bytes.as_slice() else { return Ok(None) };
        let (id, length) = (u32::from_be_bytes([a, b, c, d]), usize::from(u16::from_le_bytes([low, high])));
        if (zero, nil) != (0, 0) || !(7..=LONGEST).contains(&length) {
            return Err(PacketError::Length(length));
        }
        if id != own {
            return Err(PacketError::Identity(id));
        }
        let Some(body) = rest.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        self.bytes.drain(..8 + length);
        Packet::decode(&body).map(Some)
    }
}

/// What the card says to an external call that it does not do.
pub fn error_name(code: u8) -> &'static str {
    match code {
        1 => "checksum",
        2 => "packet out of order",
        _ => "refused",
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
        let hard: Vec<u8> = [START, END, ESCAPE, 0, 0xFF, 0x05, 0x0A, 0x0E].repeat(40);
        let packets: Vec<Packet> =
            (1..4).filter_map(|card| Packet::call(card, &[&hard[..], &hard].concat())).flatten().collect();
        for link in [Link::Serial, Link::Network(0xA5AE_AA01)] {
            let bytes: Vec<u8> = packets.iter().flat_map(|packet| packet.encode(link)).collect();
            for piece in [1, 7, 4096] {
                let (mut splitter, mut found) = (Splitter::new(link), Vec::new());
                for bytes in bytes.chunks(piece) {
                    splitter.push(bytes);
                    while let Some(packet) = splitter.next_packet().expect("whole") {
                        found.push(packet);
                    }
                }
                assert_eq!(found, packets);
            }
        }
    }

    #[test]
    fn a_call_has_as_many_packets_as_can_be_numbered_and_no_more() {
        let most = Packet::call(1, &vec![7; MOST_PACKETS * CHUNK]).expect("it can be numbered");
        let numbers: Vec<_> = most.iter().map(|packet| (packet.data[2], packet.data[3])).collect();
        assert_eq!(numbers, (0..=255).map(|number| (number, 255)).collect::<Vec<_>>());
        assert_eq!(Packet::call(1, &vec![7; MOST_PACKETS * CHUNK + 1]), None);
        assert_eq!(Packet::call(1, b"x").map(|packets| packets.len()), Some(1));
    }

    #[test]
    fn nonsense_is_refused_and_the_next_packet_is_found() {
        let good = Packet::ask(1, command::POWER, [1]);
        let mut bytes = good.encode(Link::Serial);
        bytes[4] ^= 1;
        let mut splitter = Splitter::new(Link::Serial);
        splitter.push(&[0, 1, START, 0x68]);
        splitter.push(&bytes);
        splitter.push(&[START, ESCAPE, 0x77, END]);
        splitter.push(&good.encode(Link::Serial));
        assert!(matches!(splitter.next_packet(), Err(PacketError::Checksum { .. })));
        assert_eq!(splitter.next_packet(), Err(PacketError::Escape(0x77)));
        assert_eq!(splitter.next_packet(), Ok(Some(good.clone())));
        assert_eq!(splitter.next_packet(), Ok(None));
        let mut network = Splitter::new(Link::Network(7));
        network.push(&good.encode(Link::Network(8)));
        assert_eq!(network.next_packet(), Err(PacketError::Identity(8)));
    }
}
