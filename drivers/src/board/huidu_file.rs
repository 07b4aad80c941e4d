//! Files on their way into a Huidu card: packets 8001–8006, bytes ↔ values, no IO.

use super::huidu_packet::Packet;
use md5::{Digest, Md5};

/// Most bytes of a file put into one packet.
pub const PIECE: usize = 8000;
const START: u16 = 0x8001;
const START_ANSWER: u16 = 0x8002;
const CONTENT: u16 = 0x8003;
const END: u16 = 0x8005;
const END_ANSWER: u16 = 0x8006;
/// The kind of file a picture is.
const IMAGE: u16 = 0;

/// The MD5 of a file as 32 hexadecimal digits, by which cards know it.
pub fn digest(file: &[u8]) -> String {
    Md5::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 8001: a file of this name, size and digest comes.
pub fn start(name: &str, digest: &str, size: u64) -> Packet {
    let mut payload = Vec::with_capacity(44 + name.len());
    payload.extend(digest.as_bytes());
    payload.push(0);
    payload.extend(size.to_le_bytes());
    payload.extend(IMAGE.to_le_bytes());
    payload.extend(name.as_bytes());
    payload.push(0);
    Packet::Other(START, payload)
}

/// 8003: the file from this byte on, in pieces. They are not answered.
pub fn contents(file: &[u8], from: usize) -> Vec<Packet> {
    let rest = file.get(from..).unwrap_or_default();
    rest.chunks(PIECE).map(|piece| Packet::Other(CONTENT, piece.to_vec())).collect()
}

/// 8005: that was all of it.
pub fn end() -> Packet {
    Packet::Other(END, Vec::new())
}

/// What a card says to an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// 8002: status, and how much of the file it has already.
    Start(u16, u64),
    /// 8006: status.
    End(u16),
}

/// The answer of a packet; `None`: it is none, or of wrong length.
pub fn said(packet: &Packet) -> Option<Said> {
    let Packet::Other(command, payload) = packet else { return None };
    match (*command, payload.as_slice()) {
        (START_ANSWER, [low, high, have @ ..]) => {
            Some(Said::Start(u16::from_le_bytes([*low, *high]), u64::from_le_bytes(have.try_into().ok()?)))
        }
        (END_ANSWER, &[low, high]) => Some(Said::End(u16::from_le_bytes([low, high]))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_wrong_length_are_none() {
        assert_eq!(said(&Packet::Other(START_ANSWER, vec![0, 0, 5, 0, 0, 0, 0, 0, 0, 0])), Some(Said::Start(0, 5)));
        assert_eq!(said(&Packet::Other(START_ANSWER, vec![0, 0, 5, 0, 0, 0])), None);
        assert_eq!(said(&Packet::Other(END_ANSWER, vec![1, 0])), Some(Said::End(1)));
        assert_eq!(said(&Packet::Heartbeat), None);
        assert_eq!(digest(b""), "d41d8cd98f00b204e9800998ecf8427e");
        let file = vec![7; PIECE + 3];
        assert_eq!(
            (contents(&file, 0).len(), contents(&file, PIECE).len(), contents(&file, PIECE + 3).len()),
            (2, 1, 0)
        );
    }
}
