//! Modbus frames as a slave sees them, written apart from the drivers' library.

use drivers::line::Framing;

/// A request as it came.
pub(super) struct Request {
    /// For whom.
    pub(super) unit: u8,
    /// Transaction number; 0 with RTU.
    pub(super) transaction: u16,
    /// Function and what belongs to it.
    pub(super) pdu: Vec<u8>,
    /// All bytes of the frame.
    pub(super) raw: Vec<u8>,
}

/// Takes the next whole request from the front of the bytes; bytes that can be none are dropped.
pub(super) fn take(framing: Framing, bytes: &mut Vec<u8>) -> Option<Request> {
    match framing {
        Framing::ModbusTcp => {
            let &[a, b, _, _, high, low, ..] = bytes.as_slice() else { return None };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if bytes.len() < 6 + length {
                return None;
            }
            let raw: Vec<u8> = bytes.drain(..6 + length).collect();
            let pdu = raw.get(7..).unwrap_or_default().to_vec();
            Some(Request { unit: raw.get(6).copied()?, transaction: u16::from_be_bytes([a, b]), pdu, raw })
        }
        Framing::Rtu => {
            // A request has 8 bytes (unit, function, address, value, CRC), one that writes many says how many more.
            while bytes.len() >= 8 {
                let length = match bytes.get(1) {
                    Some(15 | 16) => 9 + usize::from(bytes.get(6).copied().unwrap_or(0)),
                    Some(_) | None => 8,
                };
                let frame = bytes.get(..length)?;
                let (body, check) = frame.split_at(length - 2);
                if check == crc(body).to_le_bytes() {
                    let pdu = body.get(1..).unwrap_or_default().to_vec();
                    let raw: Vec<u8> = bytes.drain(..length).collect();
                    return Some(Request { unit: raw.first().copied()?, transaction: 0, pdu, raw });
                }
                bytes.remove(0);
            }
            None
        }
    }
}

/// An answer as it goes.
pub(super) fn wrap(framing: Framing, request: &Request, pdu: &[u8]) -> Vec<u8> {
    match framing {
        Framing::ModbusTcp => {
            let length = pdu.len() as u16 + 1;
            let head = [&request.transaction.to_be_bytes()[..], &[0, 0], &length.to_be_bytes(), &[request.unit]];
            [&head.concat()[..], pdu].concat()
        }
        Framing::Rtu => {
            let body = [&[request.unit], pdu].concat();
            let check = crc(&body).to_le_bytes();
            [&body[..], &check].concat()
        }
    }
}

/// CRC-16/MODBUS.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xA001 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_relay_frame_is_taken() {
        let mut bytes = vec![0x55, 0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A];
        let request = take(Framing::Rtu, &mut bytes).expect("after one stray byte");
        assert_eq!((request.unit, request.pdu.as_slice()), (1, &[5, 0, 0, 0xFF, 0][..]));
        assert_eq!(wrap(Framing::Rtu, &request, &request.pdu), request.raw);
    }
}
