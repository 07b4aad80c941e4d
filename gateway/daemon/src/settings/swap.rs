//! One file for another, so that whatever happens in between there is a whole one: decision 0014.
//!
//! ```text
//!   FILE.next ──(the station stops)──▶ FILE.before, FILE.trial: new ▶ FILE ──(starts)──▶ tried ──(healthy)──▶ FILE.trial goes
//!                                                                                          └──(anything else)──▶ FILE.before ▶ FILE
//! ```

use crate::cabinet::chest::{Chest, Set};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

/// How far the trial of a new file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// It was put in place.
    New,
    /// A station was started with it.
    Tried,
    /// The one before was put back, and the history does not know yet.
    Back,
}

/// The trial of a new file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    /// Number of the version.
    pub(crate) version: u32,
    /// How far it is.
    pub(crate) stage: Stage,
    /// Outputs that were well before, and must be well again.
    pub(crate) well: Vec<String>,
    /// Why it was ended.
    #[serde(default)]
    pub(crate) told: Option<String>,
    /// A backup took the place of everything: the folder with what was there before.
    #[serde(default)]
    pub(crate) chest: Option<PathBuf>,
}

/// The file itself, however it is named.
pub(crate) fn real(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}

fn beside(file: &Path, what: &str) -> PathBuf {
    let file = real(file);
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    file.with_file_name(format!("{name}.{what}"))
}

/// Writes a whole file or none, kept over a power cut, with the rights of `like`.
pub(crate) fn write(path: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    if let Some(known) = like.and_then(|like| fs::metadata(like).ok()) {
        file.set_permissions(known.permissions())?;
    }
    file.sync_all()?;
    fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// Lays a new text beside the file; where that cannot be done, the file cannot be changed either.
pub(crate) fn lay(file: &Path, text: &str) -> io::Result<()> {
    write(&beside(file, "next"), text.as_bytes(), Some(&real(file)))
}

/// Takes away what was laid beside.
pub(crate) fn take_away(file: &Path) {
    // It may not be there; what stays is written over by the next.
    fs::remove_file(beside(file, "next")).ok();
}

/// Whether the file could be changed: why not.
pub(crate) fn why_read_only(file: &Path) -> Option<String> {
    let probe = beside(file, "draft");
    let tried = File::create(&probe).and_then(|_| fs::remove_file(&probe));
    tried.err().map(|error| format!("{}: {error}", probe.parent().unwrap_or(file).display()))
}

/// Puts what was laid beside in the place of the file, to be tried at the next start.
pub(crate) fn switch(file: &Path, trial: &Trial) -> io::Result<()> {
    let real = real(file);
    write(&beside(file, "before"), &fs::read(&real)?, Some(&real))?;
    note(file, trial)?;
    fs::rename(beside(file, "next"), &real)?;
    real.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// Puts what lies ready in a chest in its place, or (`back`) what was there before, to be tried at the next start.
pub(crate) fn restore(file: &Path, trial: &Trial, chest: &Chest, of: &Set, back: bool) -> io::Result<()> {
    note(file, trial)?;
    if back {
        chest.lay_back()?;
    }
    chest.put(of)
}

fn note(file: &Path, trial: &Trial) -> io::Result<()> {
    write(&beside(file, "trial"), &serde_json::to_vec(trial)?, None)
}

/// The trial that is underway; looked at before the file is read. One that was begun before and has not proved itself is
/// over: the station ended under it.
pub(crate) fn begin(file: &Path) -> Option<Trial> {
    let mut trial = of(file)?;
    match trial.stage {
        Stage::New => {
            // A power cut may have come in the middle of it.
            if let Some(chest) = trial.chest.as_deref().map(Chest::at)
                && let Err(error) = chest.put(&Set::standing(""))
            {
                return Some(back(file, trial, format!("the backup cannot be put in its place: {error}")));
            }
            trial.stage = Stage::Tried;
            match note(file, &trial) {
                Ok(()) => Some(trial),
                // Were it tried now, nobody would know of it after a crash.
                Err(error) => Some(back(file, trial, format!("the trial cannot be noted: {error}"))),
            }
        }
        Stage::Tried => Some(back(file, trial, "the station ended before it had proved itself".to_owned())),
        Stage::Back => {
            if let Some(Err(error)) = trial.chest.as_deref().map(|chest| Chest::at(chest).revert()) {
                log::error!(error:% = error; "what was there before the restore cannot be put back");
            }
            Some(trial)
        }
    }
}

fn of(file: &Path) -> Option<Trial> {
    let path = beside(file, "trial");
    let text = fs::read(&path).ok()?;
    match serde_json::from_slice(&text) {
        Ok(trial) => Some(trial),
        Err(error) => {
            log::error!(file:? = path, error:% = error; "the note of a trial cannot be read: the file stands as it is");
            None
        }
    }
}

/// Puts the file back that stood before.
pub(crate) fn back(file: &Path, trial: Trial, why: String) -> Trial {
    log::error!(version = trial.version, why = why.as_str(); "a changed configuration is given up: the one before is put back");
    let trial = Trial { stage: Stage::Back, told: Some(why), ..trial };
    let put = match trial.chest.as_deref().map(Chest::at) {
        Some(chest) => note(file, &trial).and_then(|()| chest.revert()),
        None => fs::read(beside(file, "before")).and_then(|old| {
            write(&real(file), &old, Some(&real(file)))?;
            note(file, &trial)
        }),
    };
    if let Err(error) = put {
        log::error!(error:% = error; "the configuration before cannot be put back");
    }
    trial
}

/// The trial is over, and the history knows what came of it.
pub(crate) fn over(file: &Path) {
    if let Err(error) = fs::remove_file(beside(file, "trial")) {
        log::warn!(error:% = error; "the note of a trial cannot be taken away");
    }
}

/// This program again from its start, as the same process: whoever watches over it sees no end.
pub(crate) fn again() -> anyhow::Error {
    let begun = std::thread::Builder::new().name("again".into()).spawn(|| {
        let mut words = std::env::args_os();
        let program = std::env::current_exe().ok().filter(|p| p.is_file()).or_else(|| words.next().map(PathBuf::from));
        let Some(program) = program else { return io::Error::other("nobody knows what this program is called") };
        // From a thread of its own: the loop's stands before ordinary ones, and what is started from it would too.
        std::process::Command::new(program).args(std::env::args_os().skip(1)).exec()
    });
    match begun.map(std::thread::JoinHandle::join) {
        Ok(Ok(error)) | Err(error) => anyhow::Error::from(error).context("starting again"),
        Ok(Err(_)) => anyhow::anyhow!("starting again broke down"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn trial() -> Trial {
        Trial { version: 2, stage: Stage::New, well: vec!["sink/hall".to_owned()], told: None, chest: None }
    }

    fn site(folder: &Folder) -> PathBuf {
        let file = folder.path().join("gateway.toml");
        fs::write(&file, "old").expect("written");
        lay(&file, "new").expect("laid");
        file
    }

    #[test]
    fn a_file_that_is_not_proved_at_the_second_start_is_given_up() {
        let folder = Folder::new();
        let file = site(&folder);
        assert_eq!(begin(&file), None);
        switch(&file, &trial()).expect("switched");
        assert_eq!(fs::read_to_string(&file).expect("there"), "new");
        assert_eq!(begin(&file).expect("a trial").stage, Stage::Tried);
        assert_eq!(fs::read_to_string(&file).expect("there"), "new");
        let over_with = begin(&file).expect("a trial");
        assert_eq!(over_with.stage, Stage::Back);
        assert_eq!(fs::read_to_string(&file).expect("there"), "old");
        assert_eq!(begin(&file), Some(over_with), "until the history knows");
        over(&file);
        assert_eq!(begin(&file), None);
    }

    #[test]
    fn what_was_proved_stays() {
        let folder = Folder::new();
        let file = site(&folder);
        switch(&file, &trial()).expect("switched");
        assert_eq!(begin(&file).expect("a trial").stage, Stage::Tried);
        over(&file);
        assert_eq!(begin(&file), None);
        assert_eq!(fs::read_to_string(&file).expect("there"), "new");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = Folder::new();
        let file = site(&folder);
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        lay(&link, "newer").expect("laid");
        switch(&link, &trial()).expect("switched");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("there"), "newer");
    }
}
