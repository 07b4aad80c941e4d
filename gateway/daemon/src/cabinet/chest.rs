//! A backup that was brought to the desk: looked at whole, laid beside what stands, and put in its place between two starts.
//!
//! ```text
//!   restore/upload.age ──(passphrase)──▶ restore/next ──(the station stops)──▶ in its place, and what was there in restore/before
//! ```
//! Each move is a renaming that can be taken up again after a power cut: what lies in `next` has not come yet.

use super::backup::{self, Manifest};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder of the data directory.
const FOLDER: &str = "restore";
/// What is listed of a set.
const LIST: &str = "set.json";

/// Files that take the place of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Set {
    /// Station they are of.
    pub(crate) station: String,
    /// When they were taken down, RFC 3339.
    pub(crate) made: String,
    /// With which release.
    pub(crate) version: String,
    /// With the keys.
    pub(crate) keys: bool,
    /// Its own identity.
    id: String,
    /// The set for which it was put aside.
    #[serde(default)]
    beside: Option<String>,
    /// What goes where: the number of each is its name in the set.
    entries: Vec<Entry>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// Where it belongs.
    to: PathBuf,
    /// There is one; otherwise what is there goes.
    there: bool,
}

/// The chest of a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chest(PathBuf);

impl Chest {
    /// That of a data folder.
    pub(crate) fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// One that a note names.
    pub(crate) fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Where what is brought is written to.
    pub(crate) fn upload(&self) -> PathBuf {
        self.0.join("upload.age")
    }

    /// Where it is opened.
    pub(crate) fn opened(&self) -> PathBuf {
        self.0.join("opened")
    }

    fn next(&self) -> PathBuf {
        self.0.join("next")
    }

    fn before(&self) -> PathBuf {
        self.0.join("before")
    }

    /// Begins an upload: whatever was brought before is gone.
    pub(crate) fn begin(&self) -> io::Result<File> {
        fs::create_dir_all(&self.0)?;
        fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700))?;
        let file = File::create(self.upload())?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }

    /// Forgets what was brought.
    pub(crate) fn forget(&self) {
        // They may not be there.
        fs::remove_file(self.upload()).ok();
        fs::remove_dir_all(self.opened()).ok();
    }

    /// What is kept of the state before the last restore.
    pub(crate) fn kept(&self) -> Option<Set> {
        read(&self.before())
    }

    /// Lays what was opened ready to take the place of what stands. `swap`: certificates are taken too, they are of another station.
    pub(crate) fn lay(&self, manifest: &Manifest, file: &Path, data: &Path, swap: bool) -> io::Result<()> {
        let next = self.next();
        fs::remove_dir_all(&next).ok();
        fs::create_dir_all(&next)?;
        let mut entries = Vec::new();
        for (from, to) in backup::places(&self.opened(), file, data, swap) {
            if let Some(known) = fs::metadata(&to).ok().filter(fs::Metadata::is_file) {
                fs::set_permissions(&from, known.permissions())?;
            }
            fs::rename(&from, next.join(entries.len().to_string()))?;
            entries.push(Entry { to, there: true });
        }
        for book in backup::BOOKS {
            // What belongs to a book that goes would spoil the one that comes.
            for tail in ["-wal", "-shm"] {
                entries.push(Entry { to: data.join(format!("{book}{tail}")), there: false });
            }
        }
        let set = Set {
            station: manifest.station.clone(),
            made: manifest.made(),
            version: manifest.version.clone(),
            keys: manifest.keys,
            id: crate::stamp::fresh_id("rs"),
            beside: None,
            entries,
        };
        write(&next, &set)
    }

    /// Lays what was kept ready to come back.
    pub(crate) fn lay_back(&self) -> io::Result<()> {
        fs::remove_dir_all(self.next()).ok();
        fs::rename(self.before(), self.next())
    }

    /// Puts what lies ready in its place, and what was there aside: `of` says what that is. Taken up again where it was broken off.
    pub(crate) fn put(&self, of: &Set) -> io::Result<()> {
        let (next, before) = (self.next(), self.before());
        let Some(set) = read(&next) else { return Ok(()) };
        if read(&before).is_none_or(|kept| kept.beside.as_ref() != Some(&set.id)) {
            fs::remove_dir_all(&before).ok();
            fs::create_dir_all(&before)?;
            let there = |entry: &Entry| Entry { to: entry.to.clone(), there: entry.to.exists() };
            let entries = set.entries.iter().map(there).collect();
            write(&before, &Set { entries, beside: Some(set.id.clone()), ..of.clone() })?;
        }
        for (no, entry) in set.entries.iter().enumerate() {
            let (fresh, aside) = (next.join(no.to_string()), before.join(no.to_string()));
            let comes = entry.there && fresh.exists();
            if (comes || !entry.there) && entry.to.exists() && !aside.exists() {
                shift(&entry.to, &aside)?;
            }
            if comes {
                shift(&fresh, &entry.to)?;
            }
        }
        fs::remove_dir_all(&next)
    }

    /// Puts back what was kept, whatever of what was to come has come, and lets go of the rest. Told again it changes nothing.
    pub(crate) fn revert(&self) -> io::Result<()> {
        let (before, gone) = (self.before(), self.0.join("gone"));
        let Some(kept) = read(&before) else { return Ok(()) };
        fs::create_dir_all(&gone)?;
        for (no, entry) in kept.entries.iter().enumerate() {
            let (aside, away) = (before.join(no.to_string()), gone.join(no.to_string()));
            // What lies aside, or was not there, has another in its place or none; anything else was not touched.
            if (aside.exists() || !entry.there) && entry.to.exists() {
                shift(&entry.to, &away)?;
            }
            if aside.exists() {
                shift(&aside, &entry.to)?;
            }
        }
        for folder in [self.next(), before, gone] {
            // `next` goes with the last of what comes.
            fs::remove_dir_all(folder).ok();
        }
        Ok(())
    }

    /// Lets go of what lies ready without anybody's waiting for it.
    pub(crate) fn clear(&self) {
        fs::remove_dir_all(self.next()).ok();
        self.forget();
    }
}

impl Set {
    /// What stands now, before anything is put in its place.
    pub(crate) fn standing(station: &str) -> Self {
        Self {
            station: station.to_owned(),
            made: gateway_core::time::Wall::from_unix_s(crate::stamp::unix_s()).rfc3339(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            keys: true,
            id: crate::stamp::fresh_id("rs"),
            beside: None,
            entries: Vec::new(),
        }
    }
}

fn read(folder: &Path) -> Option<Set> {
    serde_json::from_slice(&fs::read(folder.join(LIST)).ok()?).ok()
}

fn write(folder: &Path, set: &Set) -> io::Result<()> {
    let mut file = File::create(folder.join("set.draft"))?;
    file.write_all(&serde_json::to_vec(set)?)?;
    file.sync_all()?;
    fs::rename(folder.join("set.draft"), folder.join(LIST))?;
    File::open(folder)?.sync_all()
}

/// Moves a file or folder; a file to another disk too, whole or not at all.
fn shift(from: &Path, to: &Path) -> io::Result<()> {
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices && from.is_file() => {
            let draft = to.with_extension("draft");
            fs::copy(from, &draft)?;
            File::open(&draft)?.sync_all()?;
            fs::rename(&draft, to)?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    const WORD: &str = "một câu dài để mở";

    struct Site {
        folder: Folder,
        chest: Chest,
    }

    impl Site {
        /// A station that brought a backup of an earlier day to its desk; since then it has another file and more accounts.
        fn new() -> Self {
            let folder = Folder::new();
            let (file, data) = (folder.path().join("gateway.toml"), folder.path().join("data"));
            let text = "[station]\nid = \"a\"\nprovince = \"80\"\ncommune = \"25459\"\ndata = \"data\"\n";
            fs::create_dir_all(&data).expect("a folder");
            fs::write(&file, text).expect("written");
            fs::write(data.join("users.json"), "then").expect("written");
            let (config, _) = crate::config::load(&file).expect("good");
            let chest = Chest::of(&data);
            drop(chest.begin().expect("begun"));
            backup::make(&file, &config, &data, WORD, false, &chest.upload()).expect("made");
            fs::write(data.join("users.json"), "now").expect("written");
            fs::write(data.join("lexicon.txt"), "now").expect("written");
            fs::write(data.join("gateway.db-wal"), "now").expect("written");
            fs::write(&file, format!("{text}name = \"now\"\n")).expect("written");
            let site = Self { folder, chest };
            let manifest = backup::open(&site.chest.upload(), WORD, &site.chest.opened(), u64::MAX).expect("opened");
            site.chest.lay(&manifest, &file, &data, false).expect("laid");
            site
        }

        fn says(&self) -> (String, bool, bool, bool) {
            let data = self.folder.path().join("data");
            let users = fs::read_to_string(data.join("users.json")).expect("there");
            let file = fs::read_to_string(self.folder.path().join("gateway.toml")).expect("there");
            (users, file.contains("now"), data.join("lexicon.txt").exists(), data.join("gateway.db-wal").exists())
        }
    }

    #[test]
    fn what_comes_stands_what_was_there_is_kept_and_comes_back() {
        let site = Site::new();
        assert_eq!(site.says(), ("now".to_owned(), true, true, true), "nothing is touched before its turn");
        site.chest.put(&Set::standing("a")).expect("put");
        // What the backup does not have stays; what belongs to the book that went goes with it.
        assert_eq!(site.says(), ("then".to_owned(), false, true, false));
        assert_eq!(site.chest.kept().map(|set| set.station).as_deref(), Some("a"));
        site.chest.lay_back().expect("laid");
        site.chest.put(&Set::standing("a")).expect("put");
        assert_eq!(site.says(), ("now".to_owned(), true, true, true));
        assert!(site.chest.kept().is_some(), "and that can be undone as well");
    }

    #[test]
    fn wherever_it_is_broken_off_it_is_taken_up_again() {
        for cut in 0..4 {
            let site = Site::new();
            let (next, before) = (site.chest.next(), site.chest.before());
            let set = read(&next).expect("laid");
            // As a power cut leaves it: a set put aside for this one, and the first moves done.
            fs::create_dir_all(&before).expect("a folder");
            let there = |e: &Entry| Entry { to: e.to.clone(), there: e.to.exists() };
            let entries = set.entries.iter().map(there).collect();
            let aside = Set { entries, beside: Some(set.id.clone()), ..Set::standing("a") };
            write(&before, &aside).expect("noted");
            let first = set.entries.first().expect("one");
            if cut > 0 {
                shift(&first.to, &before.join("0")).expect("moved");
            }
            if cut > 1 {
                shift(&next.join("0"), &first.to).expect("moved");
            }
            if cut == 3 {
                // The next start finds that it cannot go on.
                site.chest.revert().expect("put");
                assert_eq!(site.says(), ("now".to_owned(), true, true, true));
                continue;
            }
            site.chest.put(&Set::standing("a")).expect("put");
            assert_eq!(site.says().0, "then", "{cut}");
            // What the restored station writes meanwhile goes with it.
            fs::write(site.folder.path().join("data/gateway.db-wal"), "later").expect("written");
            site.chest.revert().expect("put");
            site.chest.revert().expect("once is enough");
            assert_eq!(site.says(), ("now".to_owned(), true, true, true), "{cut}");
            let wal = fs::read_to_string(site.folder.path().join("data/gateway.db-wal"));
            assert_eq!(wal.expect("there"), "now");
            assert!(site.chest.kept().is_none());
        }
    }
}
