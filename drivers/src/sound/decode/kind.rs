//! What kind of sound some bytes are, told from the bytes alone: names and content types are wrong too often.

use super::sbr;

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 32 << 10;
/// Frames that must follow one another before bytes count as MP3 or AAC: one header is four bytes, which noise has too.
const FRAMES: usize = 3;

/// What is said of HTML.
pub(super) const WEB_PAGE: &str = "a web page, no sound";

/// A kind of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// RIFF WAVE.
    Wav,
    /// FLAC, native.
    Flac,
    /// Ogg with Vorbis or FLAC in it.
    Ogg,
    /// Ogg with Opus in it.
    Opus,
    /// MP4 and its kin.
    Mp4,
    /// MPEG audio layer III from that byte on.
    Mp3(usize),
    /// AAC-LC in ADTS from that byte on.
    Adts(usize),
    /// Something only ffmpeg decodes, and its name.
    Foreign(&'static str),
}

/// Tells the kind; the reason in words where it is none.
pub(super) fn tell(bytes: &[u8]) -> Result<Kind, String> {
    if let Some(kind) = by_signature(bytes) {
        return Ok(kind);
    }
    // A cut out of a stream begins in the middle of a frame.
    for at in 0..bytes.len().saturating_sub(4) {
        let rest = &bytes[at..];
        if rest[0] != 0xff {
            continue;
        }
        if follows(rest, adts_frame) {
            return Ok(if sbr::in_adts(rest) { Kind::Foreign("HE-AAC") } else { Kind::Adts(at) });
        }
        if follows(rest, |b| mpeg_frame(b, 3)) {
            return Ok(Kind::Mp3(at));
        }
        if follows(rest, |b| mpeg_frame(b, 2)) {
            return Ok(Kind::Foreign("MPEG layer II"));
        }
    }
    Err(refusal(bytes))
}

fn by_signature(bytes: &[u8]) -> Option<Kind> {
    let at = |from: usize, mark: &[u8]| bytes.get(from..).is_some_and(|b| b.starts_with(mark));
    if at(0, b"RIFF") && at(8, b"WAVE") {
        return Some(Kind::Wav);
    }
    if at(0, b"fLaC") {
        return Some(Kind::Flac);
    }
    if at(0, b"OggS") {
        // Marks of the first packet of each logical stream; they come one after the other at the very beginning.
        let head = &bytes[..bytes.len().min(512)];
        let has = |mark: &[u8]| head.windows(mark.len()).any(|w| w == mark);
        return Some(match (has(b"OpusHead"), has(b"\x01vorbis") || has(b"\x7fFLAC")) {
            (true, _) => Kind::Opus,
            (false, true) => Kind::Ogg,
            (false, false) => Kind::Foreign("Ogg"),
        });
    }
    if [&b"ftyp"[..], b"moov", b"styp", b"moof"].iter().any(|mark| at(4, mark)) {
        return Some(Kind::Mp4);
    }
    let foreign: [(usize, &[u8], &str); 10] = [
        (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
        (0, b"FORM", "AIFF"),
        (0, b"caff", "CAF"),
        (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
        (0, b"#!AMR", "AMR"),
        (0, b"\x0b\x77", "AC-3"),
        (0, b"RF64", "RF64"),
        (0, b"MAC ", "Monkey's Audio"),
        (0, b"wvpk", "WavPack"),
        (0, b"FLV\x01", "Flash"),
    ];
    if let Some((.., name)) = foreign.iter().find(|(from, mark, _)| at(*from, mark)) {
        return Some(Kind::Foreign(name));
    }
    (is_ts(bytes)).then_some(Kind::Foreign("MPEG-TS"))
}

/// Whether these are packets of an MPEG transport stream.
pub(in crate::sound) fn is_ts(bytes: &[u8]) -> bool {
    bytes.len() >= 188 * 3 && (0..3).all(|n| bytes[n * 188] == 0x47)
}

fn refusal(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<!doctype")
        || head.starts_with("<html")
        || head.starts_with("<?xml")
        || head.starts_with("<head")
    {
        return WEB_PAGE.into();
    }
    if bytes.iter().take(64).all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) && !bytes.is_empty() {
        return "cannot be decoded: it is text".into();
    }
    if bytes.iter().all(|b| *b == 0) {
        return "cannot be decoded: nothing but zero bytes".into();
    }
    "cannot be decoded: of no kind of sound we know".into()
}

/// Whether frames begin here and follow one another, as many as the bytes have room for, at least two.
fn follows(bytes: &[u8], length: impl Fn(&[u8]) -> Option<usize>) -> bool {
    let mut at = 0;
    for n in 0..FRAMES {
        let Some(rest) = bytes.get(at..).filter(|r| r.len() >= 7) else { return n >= 2 };
        match length(rest) {
            Some(len) => at += len,
            None => return false,
        }
    }
    true
}

/// Length of the ADTS frame (ISO/IEC 13818-7, 6.2) that begins here, bytes.
pub(super) fn adts_frame(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..7)?;
    // Layer 0, a rate that exists.
    if head[0] != 0xff || head[1] & 0xf6 != 0xf0 || (head[2] >> 2) & 15 > 12 {
        return None;
    }
    let len = usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5]) >> 5;
    (len > 7).then_some(len)
}

/// Length of the MPEG audio frame (ISO/IEC 11172-3, 2.4.1.3 and 13818-3) of this layer that begins here, bytes.
fn mpeg_frame(bytes: &[u8], layer: u8) -> Option<usize> {
    const RATES: [usize; 3] = [44_100, 48_000, 32_000];
    const LAYER3_V1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const LAYER2_V1: [usize; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const V2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let head = bytes.get(..4)?;
    let (version, found, rate) = ((head[1] >> 3) & 3, 4 - ((head[1] >> 1) & 3), usize::from((head[2] >> 2) & 3));
    if head[0] != 0xff || head[1] & 0xe0 != 0xe0 || version == 1 || found != layer || rate == 3 {
        return None;
    }
    let first = version == 3;
    let table = if !first {
        V2
    } else if layer == 3 {
        LAYER3_V1
    } else {
        LAYER2_V1
    };
    let kbps = table.get(usize::from(head[2] >> 4)).copied().filter(|k| *k > 0)?;
    // Version 2 halves the rate, 2.5 halves it again.
    let rate = RATES[rate] >> [2, 0, 1, 0][usize::from(version)];
    let samples = if layer == 3 && !first { 576 } else { 1152 };
    Some(samples / 8 * kbps * 1000 / rate + usize::from(head[2] >> 1 & 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sound_is_named() {
        for (bytes, word) in [
            (&b"<!DOCTYPE html><html><body>Kh\xc3\xb4ng t\xc3\xacm th\xe1\xba\xa5y"[..], "web page"),
            (b"  \n<html>", "web page"),
            (b"just some words", "text"),
            (&[0; 4000], "zero"),
            (&[0x95; 4000], "no kind"),
        ] {
            let why = tell(bytes).expect_err("refused");
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn lengths_of_frames_are_those_of_the_standard() {
        // MPEG-1 layer III, 128 kbit/s, 44.1 kHz, padded and not; MPEG-2, 48 kbit/s, 22.05 kHz.
        assert_eq!(mpeg_frame(&[0xff, 0xfb, 0x90, 0x64], 3), Some(417));
        assert_eq!(mpeg_frame(&[0xff, 0xfb, 0x92, 0x64], 3), Some(418));
        assert_eq!(mpeg_frame(&[0xff, 0xf3, 0x60, 0xc4], 3), Some(156));
        assert_eq!(mpeg_frame(&[0xff, 0xfb, 0x90, 0x64], 2), None);
        assert_eq!(adts_frame(&[0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc]), Some(371));
    }
}
