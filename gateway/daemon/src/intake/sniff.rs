//! What a file is by its first bytes: names and announced types are wrong too often, or lie.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// A picture of that media type.
    Picture(&'static str),
    /// A film, or sound in a film's container: the media type of either.
    Container {
        /// As a film.
        film: &'static str,
        /// As sound alone.
        sound: &'static str,
    },
    /// Sound of that media type.
    Sound(&'static str),
    /// None of them.
    Unknown,
}

/// Looks at the first bytes of a file.
pub(super) fn sniff(path: &Path) -> io::Result<Sniffed> {
    let mut head = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut head)?;
    Ok(of(&head))
}

fn of(head: &[u8]) -> Sniffed {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Sniffed::Picture("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Sniffed::Picture("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Sniffed::Picture("image/webp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Sniffed::Sound("audio/wav"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'M', b'4', b'A' | b'B', ..] => Sniffed::Sound("audio/mp4"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Sniffed::Container { film: "video/mp4", sound: "audio/mp4" },
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Sniffed::Container { film: "video/webm", sound: "audio/webm" },
        [b'I', b'D', b'3', ..] => Sniffed::Sound("audio/mpeg"),
        [0xFF, 0xF1 | 0xF9, ..] => Sniffed::Sound("audio/aac"),
        [0xFF, second, ..] if second & 0xE6 == 0xE2 => Sniffed::Sound("audio/mpeg"),
        [b'O', b'g', b'g', b'S', ..] => Sniffed::Sound("audio/ogg"),
        [b'f', b'L', b'a', b'C', ..] => Sniffed::Sound("audio/flac"),
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => Sniffed::Sound("audio/aiff"),
        [b'#', b'!', b'A', b'M', b'R', ..] => Sniffed::Sound("audio/amr"),
        _ => Sniffed::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_a_file_is() {
        for (head, is) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Sniffed::Picture("image/png")),
            (b"\xFF\xD8\xFF\xE0", Sniffed::Picture("image/jpeg")),
            (b"RIFF\0\0\0\0WAVEfmt ", Sniffed::Sound("audio/wav")),
            (b"\0\0\0\x20ftypisom", Sniffed::Container { film: "video/mp4", sound: "audio/mp4" }),
            (b"\0\0\0\x20ftypM4A ", Sniffed::Sound("audio/mp4")),
            (b"\xFF\xFB\x90\0", Sniffed::Sound("audio/mpeg")),
            (b"\xFF\xF1\x50\x80", Sniffed::Sound("audio/aac")),
        ] {
            assert_eq!(of(head), is, "{head:?}");
        }
        for none in [&b""[..], b"PK\x03\x04", b"<svg xmlns", b"<!DOCTYPE html>", b"%PDF-1.7", b"#!/bin/sh", b"GIF89a"] {
            assert_eq!(of(none), Sniffed::Unknown, "{none:?}");
        }
    }
}
