//! Versions of the configuration: one text and one note each, in a folder of the data directory.

use super::swap::write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use web_ui::{Fate, VersionRow};

/// Versions that are kept at most.
const MOST: usize = 200;

/// The folder.
pub(super) struct Keep(PathBuf);

impl Keep {
    /// That of a data directory.
    pub(super) fn of(data: &Path) -> Self {
        Self(data.join("settings"))
    }

    fn path(&self, no: u32, kind: &str) -> PathBuf {
        self.0.join(format!("{no:06}.{kind}"))
    }

    /// All of them, oldest first; one whose note cannot be read is not among them.
    pub(super) fn all(&self) -> io::Result<Vec<VersionRow>> {
        let found = match fs::read_dir(&self.0) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut rows: Vec<VersionRow> = Vec::new();
        for entry in found {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            match serde_json::from_slice(&fs::read(&path)?) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    log::warn!(file:? = path, error:% = error; "a version of the configuration cannot be read")
                }
            }
        }
        rows.sort_by_key(|row| row.no);
        Ok(rows)
    }

    /// The text of one.
    pub(super) fn text(&self, no: u32) -> Option<String> {
        fs::read_to_string(self.path(no, "toml")).ok()
    }

    /// Keeps one; the oldest goes where there are too many.
    pub(super) fn add(&self, row: &VersionRow, text: &str) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        write(&self.path(row.no, "toml"), text.as_bytes(), None)?;
        self.note(row)?;
        let all = self.all()?;
        for old in all.iter().take(all.len().saturating_sub(MOST)) {
            fs::remove_file(self.path(old.no, "json"))?;
            fs::remove_file(self.path(old.no, "toml"))?;
        }
        Ok(())
    }

    fn note(&self, row: &VersionRow) -> io::Result<()> {
        write(&self.path(row.no, "json"), &serde_json::to_vec(row)?, None)
    }

    /// Notes what became of one.
    pub(super) fn tell(&self, no: u32, fate: Fate, told: Option<String>) {
        let noted = self.all().and_then(|all| match all.into_iter().find(|row| row.no == no) {
            Some(row) => self.note(&VersionRow { fate, told, ..row }),
            None => Ok(()),
        });
        if let Err(error) = noted {
            log::warn!(version = no, error:% = error; "what became of a version cannot be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn the_newest_are_kept_and_their_fate_is_told() {
        let folder = Folder::new();
        let keep = Keep::of(folder.path());
        assert!(keep.all().expect("empty").is_empty());
        for no in 1..=u32::try_from(MOST).expect("few") + 2 {
            let row = VersionRow {
                no,
                at: None,
                by: None,
                of: None,
                why: String::new(),
                fate: Fate::Waiting,
                told: None,
                sha256: String::new(),
                over_programmes: false,
            };
            keep.add(&row, &format!("# {no}")).expect("kept");
        }
        keep.tell(7, Fate::FellBack, Some("vì thế".to_owned()));
        let all = keep.all().expect("there");
        assert_eq!((all.len(), all.first().map(|r| r.no)), (MOST, Some(3)));
        assert_eq!(all.iter().find(|r| r.no == 7).and_then(|r| r.told.clone()).as_deref(), Some("vì thế"));
        assert_eq!((keep.text(2), keep.text(3)), (None, Some("# 3".to_owned())));
    }
}
