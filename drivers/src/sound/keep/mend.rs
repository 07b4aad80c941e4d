//! Closes recordings that a power cut left open: what is torn at the end is taken off, and the rest is a whole file.

use super::Codec;
use super::flac::{BLOCK, header};
use crate::sound::oggopus::RATE;
use flacenc::component::StreamInfo;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// An Ogg page is at most this long (RFC 3533 §6), bytes.
const PAGE: usize = 27 + 255 + 255 * 255;
/// How much of a FLAC file is looked at in one go, from its end; its frames are at most a quarter of this long, bytes.
const WINDOW: u64 = 64 * 1024;
/// Marks the last page of a stream.
const END_OF_STREAM: u8 = 4;

/// Mends a file in place. Returns how much sound is in it, milliseconds; 0: none, and it is of no use.
pub(super) fn mend(path: &Path, codec: Codec) -> io::Result<u64> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let ms = match codec {
        Codec::Opus => mend_opus(&mut file)?,
        Codec::Flac => mend_flac(&mut file)?,
    };
    file.sync_all()?;
    Ok(ms)
}

/// How much sound a whole file holds, milliseconds, by its own account.
pub(super) fn duration(path: &Path, codec: Codec) -> io::Result<u64> {
    let mut file = File::open(path)?;
    match codec {
        Codec::Opus => Ok(last_page(&mut file)?.map_or(0, |page| page.ms())),
        Codec::Flac => {
            let (rate, length) = flac_header(&mut file)?;
            Ok(length * 1000 / rate.max(1))
        }
    }
}

/// The last page that is whole.
struct LastPage {
    at: u64,
    bytes: Vec<u8>,
    granule: u64,
    pre_skip: u64,
}

impl LastPage {
    fn ms(&self) -> u64 {
        self.granule.saturating_sub(self.pre_skip) * 1000 / u64::from(RATE)
    }
}

/// Walks the pages from the first to the last whole one.
fn last_page(file: &mut File) -> io::Result<Option<LastPage>> {
    let (mut at, mut last, mut pre_skip) = (0_u64, None, None);
    let mut window = Vec::new();
    loop {
        window.clear();
        file.seek(SeekFrom::Start(at))?;
        Read::take(&mut *file, PAGE as u64).read_to_end(&mut window)?;
        let Some(length) = page_length(&window) else { return Ok(last) };
        window.truncate(length);
        let Some(granule) = window.get(6..14).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes) else {
            return Ok(last);
        };
        // The first page holds the head, and two bytes of that say what is to be left out at the beginning.
        let body = 27 + usize::from(window[26]);
        let pre_skip = *pre_skip.get_or_insert_with(|| {
            window.get(body + 10..body + 12).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
        });
        last = Some(LastPage { at, bytes: window.clone(), granule, pre_skip: u64::from(pre_skip) });
        at += length as u64;
    }
}

/// The length of the page that begins here, if it is whole.
fn page_length(bytes: &[u8]) -> Option<usize> {
    if bytes.get(..5)? != b"OggS\0" {
        return None;
    }
    let segments = usize::from(*bytes.get(26)?);
    let length = 27 + segments + bytes.get(27..27 + segments)?.iter().map(|s| usize::from(*s)).sum::<usize>();
    let page = bytes.get(..length)?;
    let said = page.get(22..26)?.try_into().ok().map(u32::from_le_bytes)?;
    (said == page_crc(page)).then_some(length)
}

/// The checksum of a page, its own field taken as zero.
fn page_crc(page: &[u8]) -> u32 {
    page.iter().enumerate().fold(0, |crc: u32, (i, byte)| {
        let byte = if (22..26).contains(&i) { 0 } else { *byte };
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    })
}

fn mend_opus(file: &mut File) -> io::Result<u64> {
    let Some(mut last) = last_page(file)? else { return Ok(0) };
    last.bytes[5] |= END_OF_STREAM;
    let crc = page_crc(&last.bytes).to_le_bytes();
    last.bytes[22..26].copy_from_slice(&crc);
    file.seek(SeekFrom::Start(last.at))?;
    file.write_all(&last.bytes)?;
    file.set_len(last.at + last.bytes.len() as u64)?;
    Ok(last.ms())
}

/// Rate and length as STREAMINFO has them.
fn flac_header(file: &mut File) -> io::Result<(u64, u64)> {
    let mut bytes = [0; 42];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut bytes)?;
    let numbers = bytes[18..26].iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    Ok((numbers >> 44, numbers & ((1 << 36) - 1)))
}

fn mend_flac(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let Ok((rate, _)) = flac_header(file) else { return Ok(0) };
    let mut end = length;
    while end > 42 {
        let begin = end.saturating_sub(WINDOW).max(42);
        let mut window = Vec::new();
        file.seek(SeekFrom::Start(begin))?;
        Read::take(&mut *file, end - begin).read_to_end(&mut window)?;
        if let Some((cut, samples)) = last_frame(&window) {
            file.set_len(begin + cut as u64)?;
            let mut stream = StreamInfo::new(rate as usize, 1, 16).map_err(io::Error::other)?;
            stream.set_total_samples(usize::try_from(samples).unwrap_or_default());
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header(&stream))?;
            return Ok(samples * 1000 / rate.max(1));
        }
        if begin == 42 {
            break;
        }
        // Windows overlap by more than a frame, so that one on the border is seen whole.
        end = begin + WINDOW / 4;
    }
    Ok(0)
}

/// Where the last whole frame ends, and how many samples the file then holds.
fn last_frame(window: &[u8]) -> Option<(usize, u64)> {
    let heads: Vec<(usize, u64, u64)> =
        (0..window.len()).filter_map(|at| frame_head(&window[at..]).map(|(number, size)| (at, number, size))).collect();
    for (i, (begin, number, size)) in heads.iter().enumerate().rev() {
        let ends = heads[i + 1..].iter().map(|(at, ..)| *at).chain([window.len()]);
        for end in ends {
            if end - begin <= (WINDOW / 4) as usize && frame_crc(&window[*begin..end]) == 0 {
                return Some((end, number * BLOCK as u64 + size));
            }
        }
    }
    None
}

/// Number and samples of the frame that begins here (RFC 9639 §9.1), if one does.
fn frame_head(bytes: &[u8]) -> Option<(u64, u64)> {
    if bytes.get(..2)? != [0xff, 0xf8] {
        return None;
    }
    let (size, rate) = (bytes.get(2)? >> 4, bytes.get(2)? & 15);
    let first = *bytes.get(4)?;
    let more = match first.leading_ones() {
        0 => 0,
        n @ 2..=6 => n as usize - 1,
        _ => return None,
    };
    let mut number = if more == 0 { u64::from(first) } else { u64::from(first & (0x3f >> more)) };
    for byte in bytes.get(5..5 + more)? {
        number = number << 6 | u64::from(byte & 0x3f);
    }
    let mut at = 5 + more;
    let samples = match size {
        1 => 192,
        2..=5 => 576 << (size - 2),
        6 => u64::from(*bytes.get(at)?) + 1,
        7 => u64::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])) + 1,
        8.. => 256 << (size - 8),
        0 => return None,
    };
    at += usize::from(size == 6) + 2 * usize::from(size == 7);
    at += usize::from(rate == 12) + 2 * usize::from(rate == 13 || rate == 14);
    let crc = bytes
        .get(..at)?
        .iter()
        .fold(0_u8, |crc, byte| (0..8).fold(crc ^ byte, |crc, _| crc << 1 ^ if crc >> 7 == 1 { 0x07 } else { 0 }));
    (crc == *bytes.get(at)?).then_some((number, samples))
}

/// The checksum over a frame with its own at the end: 0 if it is whole.
fn frame_crc(frame: &[u8]) -> u16 {
    frame.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| crc << 1 ^ if crc >> 15 == 1 { 0x8005 } else { 0 })
    })
}
