//! A look through the boxes of an MP4 file before it is decoded: is it protected, do its tables fit in it.
//!
//! The decoder makes room for as many entries as a table says it has. A table that says more than its box can hold
//! would take gigabytes, so such a file is refused here.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Boxes that hold other boxes.
const HOLDERS: [&[u8; 4]; 9] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex", b"edts"];
/// Tables: where their number of entries lies in the box's body, and bytes an entry.
const TABLES: [(&[u8; 4], u64, u64); 8] = [
    (b"stts", 4, 8),
    (b"ctts", 4, 8),
    (b"stsc", 4, 12),
    (b"stsz", 8, 4),
    (b"stco", 4, 4),
    (b"co64", 4, 8),
    (b"stss", 4, 4),
    (b"elst", 4, 12),
];
/// Sample descriptions of protected sound (ISO/IEC 14496-12, 8.12, and iTunes).
const PROTECTED: [&[u8; 4]; 3] = [b"enca", b"drms", b"encs"];
/// Boxes looked at, at most.
const BOXES: u32 = 20_000;

/// Says in words why a file is not to be decoded.
pub(super) fn inspect(file: &mut File) -> Result<(), String> {
    let len = file.metadata().map_err(|e| e.to_string())?.len();
    let mut left = BOXES;
    walk(file, 0, len, 0, &mut left).map_err(|e| format!("cannot be read: {e}"))?
}

fn walk(file: &mut File, mut at: u64, end: u64, depth: u32, left: &mut u32) -> io::Result<Result<(), String>> {
    while at + 8 <= end {
        if *left == 0 || depth > 12 {
            return Ok(Err("cannot be decoded: boxes without end".into()));
        }
        *left -= 1;
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let name = [head[4], head[5], head[6], head[7]];
        let mut body = at + 8;
        let size = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            0 => end - at,
            1 => {
                let mut long = [0; 8];
                file.read_exact(&mut long)?;
                body += 8;
                u64::from_be_bytes(long)
            }
            size => size.into(),
        };
        // What is cut off here is judged by the decoder, which plays what there is.
        let next = at.saturating_add(size).min(end);
        if size < body - at {
            return Ok(Err("cannot be decoded: a box shorter than its own name".into()));
        }
        if HOLDERS.contains(&&name)
            && let Err(why) = walk(file, body, next, depth + 1, left)?
        {
            return Ok(Err(why));
        }
        if name == *b"stsd" {
            file.seek(SeekFrom::Start(body + 12))?;
            let mut kind = [0; 4];
            file.read_exact(&mut kind)?;
            if PROTECTED.contains(&&kind) {
                return Ok(Err("protected against copying (DRM): nobody but its shop can play it".into()));
            }
        }
        if let Some((_, place, each)) = TABLES.iter().find(|(table, ..)| **table == name) {
            file.seek(SeekFrom::Start(body + place))?;
            let mut count = [0; 4];
            file.read_exact(&mut count)?;
            let mut entries = u64::from(u32::from_be_bytes(count));
            if name == *b"stsz" {
                file.seek(SeekFrom::Start(body + 4))?;
                file.read_exact(&mut count)?;
                // One size for all: no entries follow.
                if u32::from_be_bytes(count) != 0 {
                    entries = 0;
                }
            }
            if entries.saturating_mul(*each) > next - body {
                return Ok(Err("cannot be decoded: a table larger than its file".into()));
            }
        }
        at = next.max(at + 8);
    }
    Ok(Ok(()))
}
