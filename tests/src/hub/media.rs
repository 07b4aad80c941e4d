//! Media files as the hub keeps them: by their SHA-256, so that a name says what is inside.

use anyhow::{Context, Result, bail};
use gateway_core::bulletin::Media;
use gateway_core::id::ClipId;
use ring::digest::{SHA256, digest};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Largest file taken, bytes: five hours of MP3 at 128 kbit/s.
const MAX_FILE: u64 = 300 * 1024 * 1024;
/// Where a running media server leaves its address, so that who publishes need not be told it.
pub(crate) const ADDRESS_FILE: &str = ".address";

/// A directory of media files.
#[derive(Clone, Debug)]
pub struct MediaStore {
    dir: PathBuf,
    base_url: String,
}

impl MediaStore {
    /// Opens or makes a directory; `base_url` is where stations fetch from, without a slash at its end.
    pub fn open(dir: &Path, base_url: &str) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(Self { dir: dir.to_owned(), base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Opens the directory of a media server that runs or ran.
    pub fn of_server(dir: &Path) -> Result<Self> {
        let path = dir.join(ADDRESS_FILE);
        let address = fs::read_to_string(&path).with_context(|| {
            format!("{} is not there: run `hub serve` on this directory once, or say --media-url", path.display())
        })?;
        Self::open(dir, address.trim())
    }

    /// Takes a file in and says what a bulletin has to say of it. Its length is asked of ffprobe, where that is
    /// installed, because the hub's own word for it is only a hint to the station.
    pub fn add(&self, file: &Path) -> Result<Media> {
        let size = fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.len();
        if size > MAX_FILE {
            bail!("{} has {size} bytes; {MAX_FILE} are taken", file.display());
        }
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let mut media = self.add_bytes(&bytes, &extension)?;
        media.duration_s = duration(file);
        Ok(media)
    }

    /// Takes bytes in under an extension such as `mp3`.
    pub fn add_bytes(&self, bytes: &[u8], extension: &str) -> Result<Media> {
        let sha256 = sha256_hex(bytes);
        let known = TYPES.iter().find(|(e, _)| *e == extension);
        let name = known.map_or_else(|| sha256.clone(), |(e, _)| format!("{sha256}.{e}"));
        let path = self.dir.join(&name);
        if !path.exists() {
            let partial = self.dir.join(format!(".{name}.{}", std::process::id()));
            fs::write(&partial, bytes).with_context(|| format!("writing {}", partial.display()))?;
            fs::rename(&partial, &path).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(Media {
            url: format!("{}/media/{name}", self.base_url),
            sha256: ClipId::from(sha256),
            bytes: bytes.len() as u64,
            mime: mime(extension).to_owned(),
            duration_s: None,
        })
    }
}

const TYPES: [(&str, &str); 11] = [
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
];

/// The media type of a file name's extension.
pub(crate) fn mime(extension: &str) -> &'static str {
    TYPES.iter().find(|(e, _)| *e == extension).map_or("application/octet-stream", |(_, m)| m)
}

/// SHA-256, lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        let written = write!(text, "{byte:02x}");
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
    text
}

fn duration(file: &Path) -> Option<f64> {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "format=duration", "-of", "default=noprint_wrappers=1:nokey=1"])
        .arg(file)
        .output()
        .ok()?;
    String::from_utf8(out.stdout).ok()?.trim().parse().ok()
}
