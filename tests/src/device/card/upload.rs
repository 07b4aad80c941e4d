//! A file on its way into a card.

use drivers::board::huidu_packet::Packet;

const PARAMETER: u16 = 8;
const LENGTH: u16 = 7;

/// A file that is being sent.
#[derive(Debug)]
pub(super) struct Upload {
    name: String,
    size: u64,
    have: u64,
}

/// Takes a packet of an upload; gives the answer, and the name of a file that is complete with it.
pub(super) fn take(
    upload: &mut Option<Upload>,
    command: u16,
    payload: &[u8],
) -> Result<(Option<Packet>, Option<String>), u16> {
    match command {
        0x8001 => {
            *upload = Some(begin(payload)?);
            // Status 0, and where to go on from: the beginning.
            Ok((Some(Packet::Other(0x8002, vec![0; 10])), None))
        }
        0x8003 => {
            let file = upload.as_mut().ok_or(PARAMETER)?;
            file.have += payload.len() as u64;
            if file.have > file.size { Err(LENGTH) } else { Ok((None, None)) }
        }
        0x8005 => {
            let file = upload.take().filter(|file| file.have == file.size).ok_or(LENGTH)?;
            Ok((Some(Packet::Other(0x8006, vec![0, 0])), Some(file.name)))
        }
        _ => Err(PARAMETER),
    }
}

/// MD5 as 32 hexadecimal digits and NUL, size as 8 bytes, type as 2, name and NUL.
fn begin(payload: &[u8]) -> Result<Upload, u16> {
    let (md5, rest) = payload.split_first_chunk::<33>().ok_or(LENGTH)?;
    let (size, rest) = rest.split_first_chunk::<8>().ok_or(LENGTH)?;
    let (_, name) = rest.split_first_chunk::<2>().ok_or(LENGTH)?;
    let name = name.strip_suffix(&[0]).ok_or(PARAMETER)?;
    if !matches!(md5.split_last(), Some((0, digits)) if digits.iter().all(u8::is_ascii_hexdigit)) {
        return Err(PARAMETER);
    }
    let name = String::from_utf8(name.to_vec()).map_err(|_| PARAMETER)?;
    Ok(Upload { name, size: u64::from_le_bytes(*size), have: 0 })
}
