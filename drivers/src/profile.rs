//! Profiles: what a kind of Modbus device has where, as data files; a new kind of device needs no line of code.
//!
//! Those in `drivers/profiles` are built in; a station adds its own from a folder. `docs/devices/profiles.md` has the
//! format.

mod exciter;
mod read;
mod relay;
mod sensor;
pub(crate) mod together;

pub use exciter::{ExciterProfile, Point};
pub use read::ProfileError;
pub use relay::{Place, Pulse, RelayProfile};
pub use sensor::{Form, Limit, ReadingProfile, SensorProfile, StateProfile, UNITS, Unit};

use crate::line::Table;
use read::{Header, MOST_PROFILES, read};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// The profiles that are built in: name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("amplifier", include_str!("../profiles/amplifier.toml")),
    ("epever", include_str!("../profiles/epever.toml")),
    ("generic", include_str!("../profiles/generic.toml")),
    ("lctech-relay", include_str!("../profiles/lctech-relay.toml")),
    ("r4d-relay", include_str!("../profiles/r4d-relay.toml")),
    ("r4dcb08", include_str!("../profiles/r4dcb08.toml")),
    ("waveshare-relay", include_str!("../profiles/waveshare-relay.toml")),
];

/// The register map of exciters that follow `docs/devices/exciter.md`.
pub static GENERIC: LazyLock<ExciterProfile> = LazyLock::new(|| {
    let generic = Profiles::shipped().get("generic").and_then(|p| p.exciter.as_deref().cloned());
    generic.expect("the generic exciter is built in, and a test reads it")
});

/// What one kind of device has where.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name in the configuration: that of its file.
    pub name: String,
    /// What device it is for.
    pub about: String,
    /// Who says so.
    pub source: String,
    /// Modbus address of a new device.
    pub unit: Option<u8>,
    /// Speed of a new device, bits per second.
    pub baud: Option<u32>,
    /// Its relays.
    pub relay: Option<Arc<RelayProfile>>,
    /// Its carrier.
    pub exciter: Option<Arc<ExciterProfile>>,
    /// What it measures.
    pub sensor: Option<Arc<SensorProfile>>,
}

/// All profiles a station knows, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Profiles(BTreeMap<String, Arc<Profile>>);

impl Default for Profiles {
    fn default() -> Self {
        Self::shipped()
    }
}

impl Profiles {
    /// The built-in ones.
    pub fn shipped() -> Self {
        let read = SHIPPED.iter().filter_map(|(name, text)| {
            let profile = read(name, text, Path::new(name)).map(Arc::new);
            debug_assert!(profile.is_ok(), "{profile:?}");
            Some(((*name).to_owned(), profile.ok()?))
        });
        Self(read.collect())
    }

    /// The built-in ones and every `*.toml` of this folder, which may replace a built-in one of the same name.
    ///
    /// # Errors
    /// Everything that is wrong with the folder and its files; then nothing of it is taken.
    pub fn with_folder(folder: &Path) -> Result<Self, Vec<ProfileError>> {
        let Self(mut all) = Self::shipped();
        let broken = |error: &std::io::Error| vec![ProfileError::of_file(folder, error)];
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|e| broken(&e))? {
            let path = entry.map_err(|e| broken(&e))?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.push(path);
            }
        }
        files.sort();
        if files.len() > MOST_PROFILES {
            let what = format!("{} profiles are more than the {MOST_PROFILES} that are read", files.len());
            return Err(vec![ProfileError { file: folder.to_owned(), line: 0, what }]);
        }
        let mut errors = Vec::new();
        for file in files {
            match read::file(&file) {
                Ok(profile) => {
                    all.insert(profile.name.clone(), Arc::new(profile));
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self(all)) } else { Err(errors) }
    }

    /// The profile of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.values()
    }
}

/// A table as a profile writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Written {
    Coil,
    Discrete,
    Holding,
    Input,
}

impl From<Written> for Table {
    fn from(written: Written) -> Self {
        match written {
            Written::Coil => Self::Coil,
            Written::Discrete => Self::Discrete,
            Written::Holding => Self::Holding,
            Written::Input => Self::Input,
        }
    }
}

/// Reads a table of [`Table`].
fn table<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Table, D::Error> {
    <Written as serde::Deserialize>::deserialize(from).map(Table::from)
}

impl Profile {
    fn new(name: &str, header: Header, (relay, exciter, sensor): read::Parts) -> Self {
        let Header { about, source, unit, baud } = header;
        let (relay, exciter, sensor) = (relay.map(Arc::new), exciter.map(Arc::new), sensor.map(Arc::new));
        Self { name: name.to_owned(), about, source, unit, baud, relay, exciter, sensor }
    }
}

#[cfg(test)]
mod tests;
