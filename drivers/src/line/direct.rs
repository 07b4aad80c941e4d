//! One Modbus question the library cannot put: function 05 with a value of a board's own (timed pulses).

use super::wire::{Wire, WireError};
use std::time::{Duration, Instant};
use tokio_modbus::ExceptionCode;

/// Function 05, write single coil.
const WRITE_COIL: u8 = 0x05;

/// Sends function 05 with this value and waits for its echo or an exception.
pub(super) async fn write_coil(
    wire: &mut Wire,
    (unit, address, value): (u8, u16, u16),
    timeout: Duration,
) -> Result<Result<(), ExceptionCode>, WireError> {
    let ([a, b], [c, d]) = (address.to_be_bytes(), value.to_be_bytes());
    let pdu = [unit, WRITE_COIL, a, b, c, d];
    let (head, question) = if wire.is_rtu() {
        (Vec::new(), framed(&pdu))
    } else {
        let [high, low] = wire.next_transaction().to_be_bytes();
        let head = vec![high, low, 0, 0, 0, pdu.len() as u8];
        let question = [&head[..], &pdu].concat();
        (head, question)
    };
    let until = Instant::now() + timeout;
    wire.write(&question, timeout).await?;
    let mut answer = Vec::new();
    loop {
        if let Some(done) = judge(&answer, &head, &pdu) {
            return done;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WireError::Timeout);
        }
        answer.extend(wire.read(left).await?);
    }
}

/// What the bytes so far amount to; `None`: not enough of them yet.
fn judge(answer: &[u8], head: &[u8], pdu: &[u8; 6]) -> Option<Result<Result<(), ExceptionCode>, WireError>> {
    let garbage = || Some(Err(WireError::Garbage(format!("{answer:02x?}"))));
    let body = if head.is_empty() {
        let length = if answer.get(1)? & 0x80 == 0 { pdu.len() + 2 } else { 5 };
        let frame = answer.get(..length)?;
        if !whole(frame) {
            return garbage();
        }
        frame.get(..length - 2)?
    } else {
        let length = usize::from(*answer.get(5)?);
        let body = answer.get(6..6 + length)?;
        if answer.get(..4) != head.get(..4) {
            return garbage();
        }
        body
    };
    match body {
        [unit, function, code] if *unit == pdu[0] && *function == WRITE_COIL | 0x80 => {
            Some(Ok(Err(ExceptionCode::new(*code))))
        }
        echo if echo == pdu => Some(Ok(Ok(()))),
        _ => garbage(),
    }
}

/// With its checksum, as RTU has it.
fn framed(body: &[u8]) -> Vec<u8> {
    [body, &crc(body).to_le_bytes()].concat()
}

/// Whether bytes are one RTU frame with the right checksum.
pub(super) fn whole(frame: &[u8]) -> bool {
    frame.len() >= 4
        && frame.split_last_chunk::<2>().is_some_and(|(body, check)| u16::from_le_bytes(*check) == crc(body))
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
    fn the_documented_frame_of_a_relay_board() {
        assert_eq!(framed(&[0x01, 0x05, 0x00, 0x00, 0xFF, 0x00]), [0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A]);
        assert!(whole(&[0x01, 0x05, 0x00, 0x00, 0xFF, 0x00, 0x8C, 0x3A]));
    }

    #[test]
    fn only_the_echo_is_an_answer() {
        let pdu = [1, 5, 2, 0, 0, 100];
        let echo = framed(&pdu);
        assert!(judge(&echo[..7], &[], &pdu).is_none(), "not whole yet");
        assert!(matches!(judge(&echo, &[], &pdu), Some(Ok(Ok(())))));
        assert!(matches!(judge(&framed(&[1, 0x85, 2]), &[], &pdu), Some(Ok(Err(ExceptionCode::IllegalDataAddress)))));
        for wrong in [framed(&[2, 5, 2, 0, 0, 100]), framed(&[1, 5, 2, 0, 0, 99]), [1, 5, 2, 0, 0, 100, 0, 0].to_vec()]
        {
            assert!(matches!(judge(&wrong, &[], &pdu), Some(Err(WireError::Garbage(_)))), "{wrong:?}");
        }
        let head = [0x80, 0, 0, 0, 0, 6];
        assert!(matches!(judge(&[&head[..], &pdu].concat(), &head, &pdu), Some(Ok(Ok(())))));
        let late = [&[0x80, 1, 0, 0, 0, 6][..], &pdu].concat();
        assert!(matches!(judge(&late, &head, &pdu), Some(Err(WireError::Garbage(_)))));
    }
}
