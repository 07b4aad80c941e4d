//! A backup at the desk: what it holds is looked at whole before anything is touched, and it is taken over as a changed configuration
//! is, with a trial and a way back.

use super::Cabinet;
use super::backup::{self, Manifest, Unopened};
use super::chest::{Chest, Set};
use crate::config;
use crate::settings::Restore;
use crate::settings::locked::all_that_differ;
use crate::store;
use std::fs;
use std::path::Path;
use web_ui::{BackupSight, Finding, Lock, RestoreState, Unrestored};

/// Room that stays free on the disk, bytes.
const FREE: u64 = 256 << 20;

fn disk(error: impl std::fmt::Display) -> Unrestored {
    Unrestored::Disk(error.to_string())
}

impl Cabinet {
    fn chest(&self) -> Chest {
        Chest::of(&self.data)
    }

    /// Opens what was brought and looks at all of it; what was opened lies in the chest then.
    fn open(&self, passphrase: &str) -> Result<(Manifest, BackupSight), Unrestored> {
        let (chest, upload) = (self.chest(), self.chest().upload());
        let Ok(known) = fs::metadata(&upload) else { return Err(Unrestored::Nothing) };
        fs::remove_dir_all(chest.opened()).ok();
        let room = super::free(&self.data).unwrap_or(u64::MAX).saturating_sub(FREE);
        let manifest = backup::open(&upload, passphrase, &chest.opened(), room).map_err(|error| match error {
            Unopened::Word => Unrestored::Passphrase,
            Unopened::Broken(why) => Unrestored::Broken(format!("{why:#}")),
        })?;
        let parts = fs::read_dir(chest.opened().join("data")).into_iter().flatten().flatten();
        let mut holds: Vec<String> = parts.map(|part| part.file_name().to_string_lossy().into_owned()).collect();
        holds.sort();
        let sight = BackupSight {
            station: manifest.station.clone(),
            here: self.config.station.id.clone(),
            made: manifest.made(),
            version: manifest.version.clone(),
            keys: manifest.keys,
            bytes: known.len(),
            holds,
        };
        Ok((manifest, sight))
    }

    /// Whether what was opened may take the place of what stands.
    fn judge(&self, sight: &BackupSight) -> Result<(), Unrestored> {
        let opened = self.chest().opened();
        let text = fs::read_to_string(opened.join("configuration/gateway.toml"));
        let text = text.map_err(|_| Unrestored::Broken("it has no configuration".to_owned()))?;
        let (read, problems, _) = config::read_beside(&text, &self.file);
        if !problems.is_empty() {
            let finding = |p: config::Problem| Finding { line: p.line, key: p.key, what: p.what, remedy: p.remedy };
            return Err(Unrestored::Wrong(problems.into_iter().map(finding).collect()));
        }
        if read.is_none_or(|config| config.station.data != self.config.station.data) {
            return Err(Unrestored::Locked { key: "station.data".to_owned(), lock: Lock::Identity });
        }
        let now = fs::read_to_string(&self.file).map_err(disk)?;
        if let (Ok(now), Ok(then)) = (now.parse(), text.parse()) {
            let swap = sight.station != sight.here;
            // Another station has its own way to the hub and its own listeners; nobody has another licence from here.
            let its_own = |lock: Lock| swap && matches!(lock, Lock::Identity | Lock::Hub | Lock::Listeners);
            let moved = all_that_differ(&now, &then).into_iter().find(|(_, lock)| !its_own(*lock));
            if let Some((key, lock)) = moved {
                return Err(Unrestored::Locked { key, lock });
            }
        }
        whole(&opened.join("data"))?;
        let (then, now) = (opened.join("data/gateway.db"), self.data.join("gateway.db"));
        if then.is_file() {
            let then = store::trust_in(&then).map_err(|e| Unrestored::Broken(format!("{e:#}")))?;
            // A journal that cannot be read is what one restores for: then what the station began with is the measure.
            let first = || serde_json::from_str(&fs::read_to_string(&self.config.station.trust).ok()?).ok();
            let now = store::trust_in(&now).ok().or_else(first).unwrap_or_default();
            if then.keys.iter().any(|key| !now.keys.contains(key)) {
                return Err(Unrestored::Locked { key: "trust".to_owned(), lock: Lock::Trust });
            }
        }
        Ok(())
    }

    pub(super) fn look(&self, passphrase: &str) -> Result<BackupSight, Unrestored> {
        let looked = self.open(passphrase).and_then(|(_, sight)| self.judge(&sight).map(|()| sight));
        fs::remove_dir_all(self.chest().opened()).ok();
        if matches!(looked, Err(Unrestored::Broken(_))) {
            self.chest().forget();
        }
        looked
    }

    pub(super) fn take(&self, passphrase: &str, other: bool) -> Result<BackupSight, Unrestored> {
        if self.settings.is_busy() {
            return Err(Unrestored::Waits);
        }
        let chest = self.chest();
        let (manifest, sight) = self.open(passphrase)?;
        self.judge(&sight)?;
        if sight.station != sight.here && !other {
            return Err(Unrestored::OtherStation(sight.station));
        }
        chest.lay(&manifest, &self.file, &self.data, sight.station != sight.here).map_err(disk)?;
        if !self.settings.restore(Restore::Backup(Set::standing(&sight.here))) {
            return Err(Unrestored::Waits);
        }
        chest.forget();
        Ok(sight)
    }

    pub(super) fn undo(&self) -> Result<(), Unrestored> {
        if self.chest().kept().is_none() {
            return Err(Unrestored::Nothing);
        }
        let here = Set::standing(&self.config.station.id);
        if self.settings.restore(Restore::Before(here)) { Ok(()) } else { Err(Unrestored::Waits) }
    }

    pub(super) fn standing(&self) -> RestoreState {
        let (underway, waits_for) = self.settings.restoring().map_or((None, None), |(fate, what)| (Some(fate), what));
        let kept = self.chest().kept().filter(|_| underway.is_none());
        let told = self.settings.given_up();
        RestoreState {
            underway,
            waits_for,
            told,
            station: kept.as_ref().map(|k| k.station.clone()),
            at: kept.map(|k| k.made),
        }
    }
}

/// Whether the books can be read to their end, and the accounts at all.
fn whole(data: &Path) -> Result<(), Unrestored> {
    for book in backup::BOOKS.iter().map(|name| data.join(name)).filter(|book| book.is_file()) {
        store::look_through(&book).map_err(|e| Unrestored::Broken(format!("{e:#}")))?;
    }
    let users = data.join("users.json");
    let read = |path: &Path| serde_json::from_slice::<serde_json::Value>(&fs::read(path).unwrap_or_default());
    if users.is_file() && read(&users).is_err() {
        return Err(Unrestored::Broken("its accounts cannot be read".to_owned()));
    }
    Ok(())
}
