//! The office's book: what the desk keeps that never sounds (decision 0012), in one SQLite file only this crate opens.
//!
//! A damaged file is set aside, never deleted, and the copy of the last good start takes its place.

use crate::books::{lessons, register, rota};
use crate::making::{drafts, jottings, keeping, media};
use crate::problem::{Problem, chain, say};
use crate::station::{commissioning, posters};
use axum::http::StatusCode;
use rusqlite::Connection;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The book, in the data directory.
pub const OFFICE_FILE: &str = "office.db";

/// Its copy, made at each good start.
const COPY: &str = "office-good.db";

/// Where a damaged one is set aside.
const DAMAGED: &str = "office-damaged.db";

/// Those who may wait for the book at once; a hung disk holds these and no more.
const PLACES: usize = 16;

/// How long one may wait for the book.
const SLOWEST: Duration = Duration::from_secs(10);

/// Tables of the book, each part its own.
const TABLES: &[&str] = &[
    jottings::TABLES,
    rota::TABLES,
    register::TABLES,
    lessons::TABLES,
    commissioning::TABLES,
    posters::TABLES,
    drafts::TABLES,
    media::TABLES,
    keeping::TABLES,
];

/// Why the book cannot be had.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// SQLite refused.
    #[error("{doing} {path}")]
    Book {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    /// The file system refused.
    #[error("{doing} {path}")]
    Disk {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// How long the office keeps what is done with, days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// A draft whose bulletin is over, after its last change.
    pub drafts_days: u32,
    /// Files of a bulletin of the commune, after it was handed in.
    pub library_days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { drafts_days: 90, library_days: 365 }
    }
}

/// The book; clones share it.
#[derive(Clone)]
pub struct Office {
    dir: Arc<PathBuf>,
    keep: Keep,
    /// When it was last looked through for what is to go.
    pub(crate) swept: Arc<Mutex<Option<std::time::Instant>>>,
    book: Arc<Mutex<Option<Connection>>>,
    places: Arc<Semaphore>,
}

/// The book in a directory. A disk that does not give it now may give it later: the station warns without it.
pub fn open(dir: &Path) -> Office {
    let book = match begin(dir) {
        Ok(book) => Some(book),
        Err(fault) => {
            log::error!(error:% = chain(&fault); "the office's book cannot be had");
            None
        }
    };
    let book = Arc::new(Mutex::new(book));
    let (dir, places) = (Arc::new(dir.to_owned()), Arc::new(Semaphore::new(PLACES)));
    Office { dir, keep: Keep::default(), swept: Arc::default(), book, places }
}

/// Opens the book or begins one.
fn begin(dir: &Path) -> Result<Connection, Fault> {
    let path = dir.join(OFFICE_FILE);
    let fault = match sound(&path) {
        Ok(book) => {
            keep_copy(&book, dir);
            return Ok(book);
        }
        Err(fault) if fault.is_damage() => fault,
        Err(fault) => return Err(fault),
    };
    log::error!(error:% = chain(&fault); "the office's book is damaged; the copy of the last good start takes its place");
    let moved = fs::rename(&path, dir.join(DAMAGED));
    moved.map_err(|source| Fault::Disk { doing: "setting aside", path: path.clone(), source })?;
    for rest in ["-wal", "-shm"] {
        // What belongs to a damaged file would spoil the next; it may not be there at all.
        fs::remove_file(dir.join(format!("{OFFICE_FILE}{rest}"))).ok();
    }
    if dir.join(COPY).exists() {
        let copied = fs::copy(dir.join(COPY), &path);
        copied.map_err(|source| Fault::Disk { doing: "restoring", path: path.clone(), source })?;
    }
    sound(&path)
}

impl Fault {
    /// The file itself is spoilt, and not merely out of reach.
    fn is_damage(&self) -> bool {
        let Self::Book { source, .. } = self else { return false };
        matches!(
            source.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        )
    }
}

/// The book, whole and with all its tables.
fn sound(path: &Path) -> Result<Connection, Fault> {
    let fault = |doing| move |source| Fault::Book { doing, path: path.to_owned(), source };
    let book = Connection::open(path).map_err(fault("opening"))?;
    let prepare = || -> rusqlite::Result<()> {
        book.busy_timeout(Duration::from_secs(5))?;
        book.pragma_update(None, "journal_mode", "wal")?;
        // What was answered survives the power cut that follows.
        book.pragma_update(None, "synchronous", "full")?;
        book.pragma_update(None, "foreign_keys", true)?;
        TABLES.iter().try_for_each(|tables| book.execute_batch(tables))
    };
    prepare().map_err(fault("preparing"))?;
    let well: String = book.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fault("checking"))?;
    if well == "ok" {
        return Ok(book);
    }
    let damaged = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), Some(well));
    Err(fault("checking")(damaged))
}

/// Keeps a copy of the book as it was at this start; without one the book is still good.
fn keep_copy(book: &Connection, dir: &Path) {
    let fresh = dir.join(format!("{COPY}.new"));
    fs::remove_file(&fresh).ok();
    let made = book.execute("VACUUM INTO ?1", [fresh.display().to_string()]);
    let kept = made.map_err(io::Error::other).and_then(|_| fs::rename(&fresh, dir.join(COPY)));
    if let Err(fault) = kept {
        log::warn!(error:% = fault; "no copy of the office's book could be kept");
    }
}

impl Office {
    /// With a rule of how long things are kept.
    #[must_use]
    pub fn keeping(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }

    /// How long things are kept.
    pub(crate) fn keep(&self) -> Keep {
        self.keep
    }

    /// Where it lies, and what else belongs to it.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads or writes the book, on a thread that may block. What is done to it is done whole or not at all.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        how: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let (book, places, dir) = (Arc::clone(&self.book), Arc::clone(&self.places), Arc::clone(&self.dir));
        let work = async move {
            let place = places.acquire_owned().await.map_err(|e| e.to_string())?;
            let task = tokio::task::spawn_blocking(move || {
                let done = whole(&mut book.lock().unwrap_or_else(PoisonError::into_inner), &dir, how);
                drop(place);
                done
            });
            task.await.map_err(|e| e.to_string())?
        };
        let fault = match tokio::time::timeout(SLOWEST, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(fault)) => fault,
            Err(_) => "no answer in time".to_owned(),
        };
        log::error!(error:% = fault; "the office's book");
        Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "office_unavailable",
            say("Sổ văn phòng của trạm không đọc ghi được", "The office's book cannot be read or written"),
            say(
                "Chưa lưu gì. Loa và bảng vẫn chạy. Hãy thử lại; nếu vẫn vậy, báo kỹ thuật xem thẻ nhớ.",
                "Nothing was kept. Loudspeakers and boards go on. Try again; if it stays so, call the technician.",
            ),
        )
        .retry_after(5))
    }
}

/// One change of the book, or one look into it; a book that was out of reach is tried again.
fn whole<T>(
    book: &mut Option<Connection>,
    dir: &Path,
    how: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, String> {
    let book = match book {
        Some(book) => book,
        None => book.insert(begin(dir).map_err(|fault| chain(&fault))?),
    };
    let done = book.transaction().and_then(|change| {
        let value = how(&change)?;
        change.commit()?;
        Ok(value)
    });
    done.map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("office-{name}-{}", std::process::id()));
        fs::remove_dir_all(&dir).ok();
        fs::create_dir_all(&dir).expect("a directory");
        dir
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_a_restart_and_after_damage() {
        let dir = scratch("damage");
        let office = open(&dir);
        office
            .with(|b| b.execute_batch("CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('giữ')"))
            .await
            .expect("written");
        drop(office);
        drop(open(&dir));
        fs::write(dir.join(OFFICE_FILE), b"this is no database, and longer than a header of one is, or nearly so")
            .expect("spoilt");
        let office = open(&dir);
        let kept: String = office.with(|b| b.query_row("SELECT v FROM t", [], |r| r.get(0))).await.expect("kept");
        assert_eq!(kept, "giữ");
        assert!(dir.join(DAMAGED).exists());
        fs::remove_dir_all(&dir).ok();
    }

    #[tokio::test]
    async fn half_a_change_is_no_change() {
        let dir = scratch("half");
        let office = open(&dir);
        office.with(|b| b.execute_batch("CREATE TABLE t (v TEXT)")).await.expect("made");
        let failed =
            office.with(|b| b.execute_batch("INSERT INTO t VALUES ('a'); INSERT INTO nowhere VALUES (1)")).await;
        assert!(failed.is_err());
        let rows: i64 = office.with(|b| b.query_row("SELECT count(*) FROM t", [], |r| r.get(0))).await.expect("read");
        assert_eq!(rows, 0);
        fs::remove_dir_all(&dir).ok();
    }
}
