//! Long lists for screens, read past the core from the committed database.

use super::{entries, library, plays, taught};
use gateway_core::bulletin::State;
use gateway_core::lesson::{Lesson, Reply};
use gateway_core::view::BulletinHead;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};
use web_ui::{
    JournalAsk, JournalRow, KeptCodes, LibraryAsk, LibraryRow, LibraryVersion, Play, PlayAsk, PlaySum, PlayTime,
    ReadFault, Reads,
};

/// The archive of what was written.
pub(crate) struct Archive {
    file: PathBuf,
}

impl Archive {
    /// The archive of a data folder.
    pub(crate) fn new(dir: &Path) -> Self {
        Self { file: dir.join("gateway.db") }
    }

    fn connect(&self) -> Result<Connection, ReadFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.file, flags).map_err(fault("opening the journal"))
    }
}

fn fault<E: std::fmt::Display>(doing: &'static str) -> impl Fn(E) -> ReadFault {
    move |error| ReadFault(format!("{doing}: {error}"))
}

impl Reads for Archive {
    fn bulletins(&self, states: &[State], limit: usize) -> Result<Vec<BulletinHead>, ReadFault> {
        let connection = self.connect()?;
        let mut query = connection
            .prepare("SELECT head FROM bulletin WHERE (?1 = '' OR instr(?1, '|' || state || '|') > 0) ORDER BY seq DESC LIMIT ?2")
            .map_err(fault("listing bulletins"))?;
        let words: Vec<String> = states
            .iter()
            .filter_map(|s| serde_json::to_value(s).ok().and_then(|v| v.as_str().map(str::to_owned)))
            .collect();
        let wanted = if words.is_empty() { String::new() } else { format!("|{}|", words.join("|")) };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = query
            .query_map(params![wanted, limit], |row| row.get::<_, String>(0))
            .map_err(fault("listing bulletins"))?;
        let mut heads = Vec::new();
        for row in rows {
            let text = row.map_err(fault("listing bulletins"))?;
            heads.push(serde_json::from_str(&text).map_err(fault("reading a bulletin"))?);
        }
        Ok(heads)
    }

    fn journal(&self, asked: &JournalAsk) -> Result<Vec<JournalRow>, ReadFault> {
        entries::list(&self.connect()?, asked)
    }

    fn plays(&self, asked: &PlayAsk) -> Result<Vec<Play>, ReadFault> {
        plays::list(&self.connect()?, asked)
    }

    fn library(&self, asked: &LibraryAsk) -> Result<Vec<LibraryRow>, ReadFault> {
        library::list(&self.connect()?, asked)
    }

    fn library_item(&self, id: &str) -> Result<Vec<LibraryVersion>, ReadFault> {
        library::item(&self.connect()?, id)
    }

    fn library_naming(&self, sha256: &str) -> Result<Option<(String, String)>, ReadFault> {
        library::naming(&self.connect()?, sha256)
    }

    fn play_sums(&self, from_ms: i64, to_ms: i64) -> Result<Vec<PlaySum>, ReadFault> {
        plays::sums(&self.connect()?, from_ms, to_ms)
    }

    fn play_times(&self, from_ms: i64, to_ms: i64) -> Result<Vec<PlayTime>, ReadFault> {
        plays::times(&self.connect()?, from_ms, to_ms)
    }

    fn lessons(&self) -> Result<Vec<Lesson>, ReadFault> {
        taught::lessons(&self.connect()?)
    }

    fn codes(&self) -> Result<Vec<KeptCodes>, ReadFault> {
        taught::codes(&self.connect()?)
    }

    fn replies(&self) -> Result<Vec<(i64, Reply)>, ReadFault> {
        taught::replies(&self.connect()?)
    }
}
