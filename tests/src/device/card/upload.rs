//! Files on their way into a card: size, digest and order must be right, and what broke off goes on where it did.

use drivers::board::huidu_packet::Packet;
use md5::{Digest, Md5};
use std::collections::BTreeMap;

const PARAMETER: u16 = 8;
const LENGTH: u16 = 7;
const CONTENT: u16 = 14;

/// The files of a card.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Whole files by name.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Parts of files by digest.
    parts: BTreeMap<String, Vec<u8>>,
}

/// A file that is being sent.
#[derive(Debug)]
pub(super) struct Upload {
    name: String,
    md5: String,
    size: u64,
    have: Vec<u8>,
}

impl Shelf {
    /// Takes a packet of an upload; gives the answer.
    pub(super) fn take(
        &mut self,
        upload: &mut Option<Upload>,
        command: u16,
        payload: &[u8],
    ) -> Result<Option<Packet>, u16> {
        match command {
            0x8001 => {
                let mut file = begin(payload)?;
                let whole = self.files.get(&file.name).filter(|bytes| digest(bytes) == file.md5).cloned();
                file.have = whole.or_else(|| self.parts.get(&file.md5).cloned()).unwrap_or_default();
                // Status 0, and where to go on from.
                let answer = [&[0, 0][..], &(file.have.len() as u64).to_le_bytes()].concat();
                *upload = Some(file);
                Ok(Some(Packet::Other(0x8002, answer)))
            }
            0x8003 => {
                let file = upload.as_mut().ok_or(PARAMETER)?;
                file.have.extend(payload);
                if payload.is_empty() || payload.len() > 8000 || file.have.len() as u64 > file.size {
                    *upload = None;
                    return Err(LENGTH);
                }
                self.parts.insert(file.md5.clone(), file.have.clone());
                Ok(None)
            }
            0x8005 if payload.is_empty() => {
                let file = upload.take().filter(|file| file.have.len() as u64 == file.size).ok_or(LENGTH)?;
                self.parts.remove(&file.md5);
                if digest(&file.have) != file.md5 {
                    return Err(CONTENT);
                }
                self.files.insert(file.name, file.have);
                Ok(Some(Packet::Other(0x8006, vec![0, 0])))
            }
            _ => Err(PARAMETER),
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// MD5 as 32 hexadecimal digits and NUL, size as 8 bytes, type as 2, name and NUL.
fn begin(payload: &[u8]) -> Result<Upload, u16> {
    let (md5, rest) = payload.split_first_chunk::<33>().ok_or(LENGTH)?;
    let (size, rest) = rest.split_first_chunk::<8>().ok_or(LENGTH)?;
    let (_, name) = rest.split_first_chunk::<2>().ok_or(LENGTH)?;
    let name = name.strip_suffix(&[0]).ok_or(PARAMETER)?;
    let Some((0, digits)) = md5.split_last() else { return Err(PARAMETER) };
    if name.is_empty() || name.contains(&0) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(PARAMETER);
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| PARAMETER);
    Ok(Upload { name: text(name)?, md5: text(digits)?, size: u64::from_le_bytes(*size), have: Vec::new() })
}
