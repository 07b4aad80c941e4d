//! UECP frames (EBU SPB 490): bytes ↔ values, no IO.
//!
//! `FE · address · sequence · length · message · CRC · FF`; between the marks FD, FE and FF are sent as FD 00, FD 01,
//! FD 02, or as the encoder at hand has it ([`Stuffing`]).

const START: u8 = 0xFE;
const STOP: u8 = 0xFF;
const STUFF: u8 = 0xFD;

/// Longest frame before stuffing, marks left out.
const LONGEST: usize = 4 + 255 + 2;

/// Whom a frame is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Site, 0–1023; 0: all.
    pub site: u16,
    /// Encoder at the site, 0–63; 0: all.
    pub encoder: u8,
}

/// How the marks are kept out of what stands between them. Encoders differ from the standard and from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stuffing {
    /// The standard's: FD 00, FD 01, FD 02.
    #[default]
    Standard,
    /// The second byte has the value itself, bits 5 and 1 of it turned: FD DD, FD DE, FD DF.
    Letters,
    /// An FD after each FE and FF; FD itself stands as it is.
    After,
}

impl Stuffing {
    /// The rule of this name in the configuration.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "standard" => Self::Standard,
            "letters" => Self::Letters,
            "after" => Self::After,
            _ => return None,
        })
    }

    fn stuff(self, byte: u8, into: &mut Vec<u8>) {
        match (byte, self) {
            (..STUFF, _) | (STUFF, Self::After) => into.push(byte),
            (_, Self::Standard) => into.extend([STUFF, byte - STUFF]),
            (_, Self::Letters) => into.extend([STUFF, byte - 0x20]),
            (_, Self::After) => into.extend([byte, STUFF]),
        }
    }

    /// The byte that FD and this one stand for.
    fn meant(self, byte: u8) -> Option<u8> {
        match (self, byte) {
            (Self::Standard, 0..=2) => Some(STUFF + byte),
            (Self::Letters, 0xDD..=0xDF) => Some(byte + 0x20),
            (Self::Standard | Self::Letters | Self::After, _) => None,
        }
    }
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whom it is for.
    pub address: Address,
    /// Sequence number, 1–255, which an acknowledgement repeats; 0: not used.
    pub sequence: u8,
    /// Message elements, at most 255 bytes.
    pub message: Vec<u8>,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Fewer bytes than the fixed fields need.
    #[error("frame too short")]
    Short,
    /// More bytes than any frame has.
    #[error("frame too long")]
    Long,
    /// The length field and the bytes disagree.
    #[error("length field says {said}, {found} bytes came")]
    Length {
        /// What the field says.
        said: u8,
        /// How many message bytes there are.
        found: usize,
    },
    /// The checksum does not fit.
    #[error("CRC is {found:04X}, should be {should:04X}")]
    Crc {
        /// In the frame.
        found: u16,
        /// Over the frame.
        should: u16,
    },
    /// FD, or FE or FF, followed by something that the rule does not have.
    #[error("byte stuffing with {0:02X}")]
    Stuffing(u8),
}

impl Frame {
    /// The bytes to send, stuffed as the standard has it.
    ///
    /// # Errors
    /// [`FrameError::Long`] when the message has more than 255 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        self.encode_by(Stuffing::Standard)
    }

    /// The bytes to send, stuffed by this rule.
    ///
    /// # Errors
    /// [`FrameError::Long`] when the message has more than 255 bytes.
    pub fn encode_by(&self, stuffing: Stuffing) -> Result<Vec<u8>, FrameError> {
        let length = u8::try_from(self.message.len()).map_err(|_| FrameError::Long)?;
        let address = (self.address.site & 0x3FF) << 6 | u16::from(self.address.encoder & 0x3F);
        let mut plain = address.to_be_bytes().to_vec();
        plain.extend([self.sequence, length]);
        plain.extend(&self.message);
        plain.extend(crc(&plain).to_be_bytes());
        let mut bytes = vec![START];
        for byte in plain {
            stuffing.stuff(byte, &mut bytes);
        }
        bytes.push(STOP);
        Ok(bytes)
    }

    fn decode(plain: &[u8]) -> Result<Self, FrameError> {
        let Some((body, [high, low])) = plain.split_last_chunk::<2>() else { return Err(FrameError::Short) };
        let [address_high, address_low, sequence, said, message @ ..] = body else { return Err(FrameError::Short) };
        let (found, should) = (u16::from_be_bytes([*high, *low]), crc(body));
        if found != should {
            return Err(FrameError::Crc { found, should });
        }
        if usize::from(*said) != message.len() {
            return Err(FrameError::Length { said: *said, found: message.len() });
        }
        let address = u16::from_be_bytes([*address_high, *address_low]);
        let address = Address { site: address >> 6, encoder: (address & 0x3F) as u8 };
        Ok(Self { address, sequence: *sequence, message: message.to_vec() })
    }
}

/// CRC-16/GENIBUS: polynomial 1021h, start FFFFh, inverted at the end.
pub fn crc(bytes: &[u8]) -> u16 {
    let mut crc = 0xFFFF_u16;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
        }
    }
    !crc
}

/// Takes bytes as they come and gives frames; what stands before a start mark is passed over.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    stuffing: Stuffing,
    plain: Option<Vec<u8>>,
    /// The last byte was one that the next belongs to.
    open: bool,
}

impl Decoder {
    /// For frames that were stuffed by this rule.
    pub fn by(stuffing: Stuffing) -> Self {
        Self { stuffing, ..Self::default() }
    }

    /// Takes one byte; says when a frame is complete, or why it is none.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame, FrameError>> {
        if self.stuffing == Stuffing::After {
            return self.push_after(byte);
        }
        if byte == START {
            self.begin();
            return None;
        }
        let plain = self.plain.as_mut()?;
        if byte == STOP {
            let frame = Frame::decode(plain);
            self.end();
            return Some(frame);
        }
        match (std::mem::take(&mut self.open), byte) {
            (false, STUFF) => self.open = true,
            (false, other) => plain.push(other),
            (true, other) => match self.stuffing.meant(other) {
                Some(meant) => plain.push(meant),
                None => return self.refuse(FrameError::Stuffing(other)),
            },
        }
        self.measured()
    }

    /// With [`Stuffing::After`] the marks stand in the message too: its length says where it ends.
    fn push_after(&mut self, byte: u8) -> Option<Result<Frame, FrameError>> {
        let Some(plain) = self.plain.as_mut() else {
            if byte == START {
                self.begin();
            }
            return None;
        };
        if std::mem::take(&mut self.open) {
            return (byte != STUFF).then(|| self.refuse(FrameError::Stuffing(byte))).flatten();
        }
        let whole = plain.get(3).map_or(usize::MAX, |length| 4 + usize::from(*length) + 2);
        if plain.len() == whole {
            let frame = if byte == STOP { Frame::decode(plain) } else { Err(FrameError::Long) };
            self.end();
            return Some(frame);
        }
        plain.push(byte);
        self.open = byte == START || byte == STOP;
        self.measured()
    }

    fn measured(&mut self) -> Option<Result<Frame, FrameError>> {
        let long = self.plain.as_ref().is_some_and(|plain| plain.len() > LONGEST);
        long.then(|| self.refuse(FrameError::Long)).flatten()
    }

    fn begin(&mut self) {
        (self.plain, self.open) = (Some(Vec::new()), false);
    }

    fn end(&mut self) {
        (self.plain, self.open) = (None, false);
    }

    fn refuse(&mut self, error: FrameError) -> Option<Result<Frame, FrameError>> {
        self.end();
        Some(Err(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_has_the_catalogued_check_value() {
        assert_eq!(crc(b"123456789"), 0xD64E);
    }

    #[test]
    fn every_byte_survives_stuffing() {
        let frame =
            Frame { address: Address { site: 0x3FF, encoder: 0x3F }, sequence: 0xFE, message: (0..=254).collect() };
        let bytes = frame.encode().expect("fits");
        assert!(!bytes[1..bytes.len() - 1].iter().any(|byte| [START, STOP].contains(byte)));
        let mut decoder = Decoder::default();
        let found: Vec<_> = bytes.iter().filter_map(|byte| decoder.push(*byte)).collect();
        assert_eq!(found, [Ok(frame)]);
    }

    #[test]
    fn every_byte_survives_each_rule_and_a_frame_follows_a_frame() {
        for stuffing in [Stuffing::Standard, Stuffing::Letters, Stuffing::After] {
            let mut decoder = Decoder::by(stuffing);
            let frames: Vec<Frame> =
                [(0..=254).collect(), (128..=255).rev().collect(), vec![], vec![0xFE, 0xFD, 0xFF, 0xFF]]
                    .into_iter()
                    .map(|message| Frame { address: Address { site: 0x3FF, encoder: 0x3E }, sequence: 0xFF, message })
                    .collect();
            let bytes: Vec<u8> = frames.iter().flat_map(|f| f.encode_by(stuffing).expect("fits")).collect();
            let found: Vec<Frame> =
                bytes.iter().filter_map(|byte| decoder.push(*byte)).map(|f| f.expect("a frame")).collect();
            assert_eq!(found, frames, "{stuffing:?}");
        }
        let frame = Frame { address: Address::default(), sequence: 0, message: vec![0xFD, 0xFE, 0xFF] };
        let stuffed = |rule| frame.encode_by(rule).expect("fits")[5..].to_vec();
        assert!(stuffed(Stuffing::Standard).starts_with(&[0xFD, 0, 0xFD, 1, 0xFD, 2]));
        assert!(stuffed(Stuffing::Letters).starts_with(&[0xFD, 0xDD, 0xFD, 0xDE, 0xFD, 0xDF]));
        assert!(stuffed(Stuffing::After).starts_with(&[0xFD, 0xFE, 0xFD, 0xFF, 0xFD]));
    }

    #[test]
    fn damage_is_noticed() {
        let frame = Frame { address: Address::default(), sequence: 1, message: vec![0x1E, 0x01] };
        let bytes = frame.encode().expect("fits");
        for at in 1..bytes.len() - 1 {
            let mut hurt = bytes.clone();
            hurt[at] ^= 0x04;
            let mut decoder = Decoder::default();
            let found: Vec<_> = hurt.iter().filter_map(|byte| decoder.push(*byte)).collect();
            assert!(!found.contains(&Ok(frame.clone())), "byte {at}");
            assert!(found.iter().all(Result::is_err), "byte {at}: {found:?}");
        }
    }

    #[test]
    fn endless_bytes_do_not_pile_up() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(START), None);
        let error = (0..1000).find_map(|_| decoder.push(0x11));
        assert_eq!(error, Some(Err(FrameError::Long)));
    }
}
