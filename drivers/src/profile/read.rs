//! Reads a profile strictly: an unknown key, a wrong type or a senseless value is refused with its file and line.

use super::Profile;
use super::exciter::ExciterProfile;
use super::relay::RelayProfile;
use super::sensor::SensorProfile;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Profiles a folder may hold.
pub(super) const MOST_PROFILES: usize = 200;
/// Bytes a profile may have.
const LARGEST: u64 = 256 * 1024;

/// Why a profile is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", place(file, *line))]
pub struct ProfileError {
    /// The file.
    pub file: PathBuf,
    /// Line, counted from 1; 0 where it is about no line.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

fn place(file: &Path, line: usize) -> String {
    if line == 0 { format!("{}: ", file.display()) } else { format!("{}:{line}: ", file.display()) }
}

impl ProfileError {
    pub(super) fn of_file(file: &Path, error: &std::io::Error) -> Self {
        Self { file: file.to_owned(), line: 0, what: format!("cannot be read: {error}") }
    }
}

/// What every profile says of itself.
pub(super) struct Header {
    pub(super) about: String,
    pub(super) source: String,
    pub(super) unit: Option<u8>,
    pub(super) baud: Option<u32>,
}

/// What a profile describes.
pub(super) type Parts = (Option<RelayProfile>, Option<ExciterProfile>, Option<SensorProfile>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    about: String,
    source: String,
    unit: Option<u8>,
    baud: Option<u32>,
    relay: Option<RelayProfile>,
    exciter: Option<ExciterProfile>,
    sensor: Option<SensorProfile>,
}

/// Reads a profile from its file, whose name is the profile's.
pub(super) fn file(path: &Path) -> Result<Profile, ProfileError> {
    let broken = |error: std::io::Error| ProfileError::of_file(path, &error);
    let size = std::fs::metadata(path).map_err(broken)?.len();
    let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let wrong = |what: String| ProfileError { file: path.to_owned(), line: 0, what };
    if !plain {
        return Err(wrong("the name of a profile has letters, digits, `.`, `_` and `-` only".to_owned()));
    }
    if size > LARGEST {
        return Err(wrong(format!("{size} bytes are more than the {LARGEST} of any profile")));
    }
    read(name, &std::fs::read_to_string(path).map_err(broken)?, path)
}

/// Reads a profile from its text.
pub(super) fn read(name: &str, text: &str, file: &Path) -> Result<Profile, ProfileError> {
    let wrong = |line, what: String| ProfileError { file: file.to_owned(), line, what };
    let whole: Whole = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| line_at(text, span.start));
        wrong(line, error.message().replace('\n', "; "))
    })?;
    let Whole { about, source, unit, baud, relay, exciter, sensor } = whole;
    let senseless = relay
        .as_ref()
        .and_then(RelayProfile::senseless)
        .or_else(|| exciter.as_ref().and_then(ExciterProfile::senseless))
        .or_else(|| sensor.as_ref().and_then(SensorProfile::senseless));
    if let Some((key, what)) = senseless {
        return Err(wrong(line_of(text, &key), what));
    }
    if relay.is_none() && exciter.is_none() && sensor.is_none() {
        return Err(wrong(0, "describes nothing: give it [relay], [exciter] or [[sensor.reading]]".to_owned()));
    }
    Ok(Profile::new(name, Header { about, source, unit, baud }, (relay, exciter, sensor)))
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The first line that has this piece of text; 0 where none has.
fn line_of(text: &str, piece: &str) -> usize {
    text.lines().position(|line| line.contains(piece)).map_or(0, |index| index + 1)
}
