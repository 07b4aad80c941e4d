//! What a media file is: sound is decoded and measured; a picture, a film or a paper is known by its first bytes.

use drivers::sound::{self, Probed};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Looks at a whole file.
///
/// # Errors
/// Says in plain words why it is nothing that can be heard or shown.
pub(crate) fn probe(path: &Path) -> Result<Probed, String> {
    match head(path) {
        Ok(head) if is_picture(&head) => Ok(Probed::default()),
        // A film may carry sound, and sound may come in a film's container: what can be heard is heard.
        Ok(head) if is_film(&head) => Ok(sound::probe(path).unwrap_or_default()),
        Ok(_) | Err(_) => sound::probe(path),
    }
}

/// A paper to be read: PDF, Office files new (ZIP) and old (OLE), rich text. Nothing of it can be heard or shown on a board.
pub(super) fn is_paper(path: &Path) -> bool {
    const MARKS: [&[u8]; 4] = [b"%PDF-", b"PK\x03\x04", &[0xD0, 0xCF, 0x11, 0xE0], b"{\\rtf"];
    head(path).is_ok_and(|head| MARKS.iter().any(|mark| head.starts_with(mark)))
}

fn head(path: &Path) -> std::io::Result<[u8; 12]> {
    let mut head = [0; 12];
    File::open(path)?.read_exact(&mut head)?;
    Ok(head)
}

/// PNG, JPEG, WebP, by their signatures.
fn is_picture(head: &[u8; 12]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(&[0xFF, 0xD8, 0xFF])
        || (head.starts_with(b"RIFF") && head.ends_with(b"WEBP"))
}

/// Matroska and WebM (EBML), and MP4 with a brand of films; M4A is sound alone.
fn is_film(head: &[u8; 12]) -> bool {
    let brand = head.get(4..8) == Some(b"ftyp".as_slice()) && !head.ends_with(b"M4A ");
    brand || head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_films_are_known_and_sound_is_none_of_them() {
        assert!(is_picture(b"\x89PNG\r\n\x1a\n\0\0\0\r"));
        assert!(is_picture(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01"));
        assert!(is_picture(b"RIFF\x10\0\0\0WEBP"));
        assert!(!is_picture(b"RIFF\x10\0\0\0WAVE"));
        assert!(is_film(b"\0\0\0\x18ftypisom"));
        assert!(!is_film(b"\0\0\0\x18ftypM4A "));
        assert!(!is_film(b"ID3\x04\0\0\0\0\0\0\0\0"));
    }
}
