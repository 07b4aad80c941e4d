//! UECP frames (EBU SPB 490): bytes ↔ values, no IO.
//!
//! `FE · address · sequence · length · message · CRC · FF`; between the marks FD, FE and FF are sent as FD 00, FD 01,
//! FD 02.

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
    /// FD followed by something else than 00, 01 or 02.
    #[error("byte stuffing FD {0:02X}")]
    Stuffing(u8),
}

impl Frame {
    /// The bytes to send.
    ///
    /// # Errors
    /// [`FrameError::Long`] when the message has more than 255 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        let length = u8::try_from(self.message.len()).map_err(|_| FrameError::Long)?;
        let address = (self.address.site & 0x3FF) << 6 | u16::from(self.address.encoder & 0x3F);
        let mut plain = address.to_be_bytes().to_vec();
        plain.extend([self.sequence, length]);
        plain.extend(&self.message);
        plain.extend(crc(&plain).to_be_bytes());
        let mut bytes = vec![START];
        for byte in plain {
            match byte {
                STUFF..=STOP => bytes.extend([STUFF, byte - STUFF]),
                other => bytes.push(other),
            }
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
    plain: Option<Vec<u8>>,
    stuffed: bool,
}

impl Decoder {
    /// Takes one byte; says when a frame is complete, or why it is none.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame, FrameError>> {
        if byte == START {
            *self = Self { plain: Some(Vec::new()), stuffed: false };
            return None;
        }
        let plain = self.plain.as_mut()?;
        if byte == STOP {
            let frame = Frame::decode(plain);
            *self = Self::default();
            return Some(frame);
        }
        match (std::mem::take(&mut self.stuffed), byte) {
            (false, STUFF) => self.stuffed = true,
            (false, other) => plain.push(other),
            (true, 0..=2) => plain.push(STUFF + byte),
            (true, other) => {
                *self = Self::default();
                return Some(Err(FrameError::Stuffing(other)));
            }
        }
        if plain.len() > LONGEST {
            *self = Self::default();
            return Some(Err(FrameError::Long));
        }
        None
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
