//! The files of the users: read whole, written to a neighbour and renamed, readable by the owner only.

use super::second::Second;
use super::{Role, USERS_FILE, UsersFault};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

/// What the file holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) users: Vec<User>,
}

impl Held {
    /// The user of this login name.
    pub(super) fn find(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|u| u.name == name)
    }
}

/// One user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) role: Role,
    /// argon2id, PHC string.
    pub(super) hash: String,
    /// Has the made password, and has not signed in yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) first: bool,
    /// Has a password that somebody else made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) must_change: bool,
    /// Name shown at the desk; empty: the login name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) shown: String,
    /// Of the PIN, argon2id, PHC string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pin: Option<String>,
    /// Wrong PINs since the last sign-in by password or the last right PIN.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) pin_wrong: u8,
    /// The second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) second: Option<Second>,
    /// Counts the changes by those who look after people.
    #[serde(default)]
    pub(super) version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u8) -> bool {
    *count == 0
}

impl User {
    pub(super) fn new(name: &str, role: Role, hash: String) -> Self {
        Self {
            name: name.to_owned(),
            role,
            hash,
            first: false,
            must_change: false,
            shown: String::new(),
            pin: None,
            pin_wrong: 0,
            second: None,
            version: 0,
        }
    }

    /// Its name at the desk.
    pub(super) fn shown(&self) -> &str {
        if self.shown.is_empty() { &self.name } else { &self.shown }
    }
}

/// 1–64 of `A-Za-z0-9._-`.
pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Reads the users; none where there is no file yet.
pub(super) fn read(dir: &Path) -> Result<Held, UsersFault> {
    let path = dir.join(USERS_FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| UsersFault::Corrupt { path, source }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Held::default()),
        Err(source) => Err(UsersFault::Disk { doing: "reading", path, source }),
    }
}

/// Writes the users.
pub(super) fn write_users(dir: &Path, held: &Held) -> Result<(), UsersFault> {
    let mut bytes =
        serde_json::to_vec_pretty(held).map_err(|source| UsersFault::Corrupt { path: dir.join(USERS_FILE), source })?;
    bytes.push(b'\n');
    write(dir, USERS_FILE, &bytes)
}

/// Writes a file so that a power cut leaves the old one or the new one, with mode 0600 and the directory's owner.
pub(crate) fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), UsersFault> {
    let path = dir.join(name);
    publish(dir, &path, &dir.join(format!(".{name}.new")), bytes).map_err(|source| UsersFault::Disk {
        doing: "writing",
        path,
        source,
    })
}

fn publish(dir: &Path, path: &Path, fresh: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(fresh) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(fresh)?;
    file.write_all(bytes)?;
    let (ours, owner) = (file.metadata()?, fs::metadata(dir)?);
    if (ours.uid(), ours.gid()) != (owner.uid(), owner.gid()) {
        // The command line runs as root, the station does not, and it must be able to read this.
        fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    }
    file.sync_all()?;
    fs::rename(fresh, path)?;
    File::open(dir)?.sync_all()
}

/// Removes a file, if it is there.
pub(super) fn remove(dir: &Path, name: &str) -> Result<(), UsersFault> {
    let path = dir.join(name);
    match fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(UsersFault::Disk { doing: "deleting", path, source }),
    }
}
