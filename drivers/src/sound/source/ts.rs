//! The sound of an MPEG transport stream (ISO/IEC 13818-1): the bytes of its first sound track, in order.

use std::io::{self, Read};

/// Length of a packet, and the byte it begins with.
const PACKET: usize = 188;
const SYNC: u8 = 0x47;
/// Bytes looked through for the beginning of a packet.
const LOST: usize = 64 << 10;

/// Reads the sound out of a transport stream.
pub(super) struct TransportSound<R> {
    inner: R,
    tables: Option<u16>,
    sound: Option<u16>,
    /// Sound that was not asked for yet, and how much of it was given.
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> TransportSound<R> {
    /// Of this stream.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, tables: None, sound: None, ready: Vec::new(), given: 0 }
    }

    /// Takes the next packet. `false`: that was all.
    fn take(&mut self) -> io::Result<bool> {
        let mut packet = [0; PACKET];
        let mut searched = 0;
        if !fill(&mut self.inner, &mut packet)? {
            return Ok(false);
        }
        while packet[0] != SYNC {
            let next = packet.iter().skip(1).position(|b| *b == SYNC).map_or(PACKET, |p| p + 1);
            searched += next;
            if searched > LOST {
                return Err(bad("a transport stream without packets"));
            }
            packet.copy_within(next.., 0);
            if !fill(&mut self.inner, &mut packet[PACKET - next..])? {
                return Ok(false);
            }
        }
        let starts = packet[1] & 0x40 != 0;
        let pid = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
        let damaged = packet[1] & 0x80 != 0;
        let body = match packet[3] >> 4 & 3 {
            1 => packet.get(4..),
            3 => packet.get(5 + usize::from(packet[4])..),
            _ => None,
        };
        let Some(body) = body.filter(|_| !damaged) else { return Ok(true) };
        if pid == 0 && starts {
            self.tables = programme_map(body).or(self.tables);
        } else if Some(pid) == self.tables && starts {
            self.sound = Some(first_sound(body)?).flatten().or(self.sound);
        } else if Some(pid) == self.sound {
            if packet[3] & 0xc0 != 0 {
                return Err(bad("protected against copying (DRM)"));
            }
            let from = if starts { pes_header(body) } else { 0 };
            self.ready.extend_from_slice(body.get(from..).unwrap_or_default());
        }
        Ok(true)
    }
}

impl<R: Read> Read for TransportSound<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            if !self.take()? {
                return Ok(0);
            }
        }
        let left = &self.ready[self.given..];
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Fills all of it. `false`: the stream ended before.
fn fill(from: &mut impl Read, mut to: &mut [u8]) -> io::Result<bool> {
    while !to.is_empty() {
        match from.read(to) {
            Ok(0) => return Ok(false),
            Ok(count) => to = &mut to[count..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(true)
}

/// The section of a table, from its `table_id` to before its checksum.
fn section(body: &[u8], table: u8) -> Option<&[u8]> {
    let section = body.get(1 + usize::from(*body.first()?)..)?;
    let length = usize::from(*section.get(1)? & 0x0f) << 8 | usize::from(*section.get(2)?);
    section.get(..(3 + length).checked_sub(4)?).filter(|s| s[0] == table)
}

fn pid(bytes: &[u8]) -> Option<u16> {
    Some(u16::from(*bytes.first()? & 0x1f) << 8 | u16::from(*bytes.get(1)?))
}

/// Where the map of the first programme is.
fn programme_map(body: &[u8]) -> Option<u16> {
    let programmes = section(body, 0)?.get(8..)?;
    programmes.chunks_exact(4).find(|p| p[..2] != [0, 0]).and_then(|p| pid(&p[2..]))
}

/// Where the first sound is. A map that goes on in another packet is not read: one sound does not fill it.
fn first_sound(body: &[u8]) -> io::Result<Option<u16>> {
    let Some(map) = section(body, 2) else { return Ok(None) };
    let lead = map.get(10..12).map_or(0, |l| usize::from(l[0] & 0x0f) << 8 | usize::from(l[1]));
    let mut rest = map.get(12 + lead..).unwrap_or_default();
    let mut other = None;
    while let Some(track) = rest.get(..5) {
        match track[0] {
            // MPEG-1 and MPEG-2 audio, AAC in ADTS.
            0x03 | 0x04 | 0x0f => return Ok(pid(&track[1..])),
            0xc1 | 0xcf => other = Some("protected against copying (DRM)"),
            0x11 | 0x81 | 0x87 => other = other.or(Some("a kind of sound in MPEG-TS that is not decoded")),
            _ => {}
        }
        let skip = 5 + (usize::from(track[3] & 0x0f) << 8 | usize::from(track[4]));
        rest = rest.get(skip..).unwrap_or_default();
    }
    other.map_or(Ok(None), |why| Err(bad(why)))
}

/// Length of the header of a PES packet.
fn pes_header(body: &[u8]) -> usize {
    match body.get(..9) {
        Some([0, 0, 1, _, _, _, _, _, rest]) => 9 + usize::from(*rest),
        Some(_) | None => 0,
    }
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
