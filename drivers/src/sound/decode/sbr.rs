//! Whether AAC frames carry a high band of their own (SBR, HE-AAC): decoded without it they sound at half the rate.
//!
//! A stream need not say so in its header. The band lies in a fill element (ISO/IEC 14496-3, 4.4.1.1: `ID_FIL`, count,
//! extension type 13 or 14) that is the last of its frame, so it can be looked for from the frame's end without decoding
//! what is before it. Chance finds one in some 2 % of frames that have none; only most of many frames count.

use super::kind::adts_frame;

/// Frames that are enough to tell.
const FRAMES: usize = 40;
/// Fewer tell nothing.
const FEWEST: usize = 3;

/// Whether most of these raw frames end in an SBR element.
pub(super) fn in_frames<'a>(frames: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut all, mut with) = (0, 0);
    // The first frame of an encoder is often empty.
    for frame in frames.skip(1).take(FRAMES) {
        all += 1;
        with += usize::from(ends_in_sbr(frame));
    }
    all >= FEWEST && with * 10 >= all * 6
}

/// Whether the ADTS frames at the beginning of these bytes do.
pub(super) fn in_adts(mut bytes: &[u8]) -> bool {
    let mut frames = Vec::new();
    while let Some(len) = adts_frame(bytes).filter(|len| *len <= bytes.len()) {
        let (frame, rest) = bytes.split_at(len);
        // A checksum of two bytes follows the header where the last bit of the second byte is 0.
        let header = if frame[1] & 1 == 1 { 7 } else { 9 };
        frames.extend(frame.get(header..));
        bytes = rest;
        if frames.len() > FRAMES {
            break;
        }
    }
    in_frames(frames.into_iter())
}

/// Whether an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) says so.
pub(super) fn in_config(config: &[u8]) -> bool {
    matches!(config.first().map(|b| b >> 3), Some(5 | 29))
}

fn ends_in_sbr(frame: &[u8]) -> bool {
    let bits = frame.len() * 8;
    let get = |at: usize, count: usize| {
        (at..at + count)
            .fold(0_u32, |v, i| v << 1 | u32::from(frame.get(i / 8).is_some_and(|b| b >> (7 - i % 8) & 1 == 1)))
    };
    let Some(last) = (0..bits).rev().take(16).find(|i| get(*i, 1) == 1) else { return false };
    // ID_END is 111, then zeros to the byte; the last 1 is its last bit.
    if last < 16 || bits - last > 8 || get(last - 2, 3) != 7 {
        return false;
    }
    let end = last - 2;
    (1..=269_usize).any(|count| {
        let escaped = count >= 15;
        let header = if escaped { 15 } else { 7 };
        let Some(at) = end.checked_sub(count * 8 + header) else { return false };
        let counted = if escaped {
            get(at + 3, 4) == 15 && get(at + 7, 8) as usize == count - 14
        } else {
            get(at + 3, 4) as usize == count
        };
        get(at, 3) == 6 && counted && matches!(get(at + header, 4), 13 | 14)
    })
}
