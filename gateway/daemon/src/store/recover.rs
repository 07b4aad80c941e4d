//! Opening the database, and what is done when it cannot be opened: never an empty station where one was known.

use super::{entries, library, plays, taught};
use gateway_core::memory::Memory;
use gateway_core::verify::Keys;
use gateway_core::view::BulletinHead;
use rusqlite::{Connection, OptionalExtension};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What was opened.
pub(super) struct Opened {
    pub(super) connection: Option<Connection>,
    pub(super) memory: Memory,
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, memory TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, lane INTEGER NOT NULL, kind TEXT NOT NULL,
    jws TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_order ON outbox (lane, id);
CREATE TABLE IF NOT EXISTS bulletin (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL, head TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS bulletin_order ON bulletin (seq);
";

/// Opens and prepares the file.
pub(super) fn connect(file: &Path) -> anyhow::Result<Connection> {
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -512)?;
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch(entries::SCHEMA)?;
    connection.execute_batch(taught::SCHEMA)?;
    plays::prepare(&mut connection)?;
    library::prepare(&mut connection)?;
    Ok(connection)
}

/// The memory of the last commit: the snapshot and the entries after it, each checked to follow the one before.
pub(super) fn remember(connection: &Connection) -> anyhow::Result<Memory> {
    let snapshot: Option<String> =
        connection.query_row("SELECT memory FROM snapshot WHERE id = 1", [], |row| row.get(0)).optional()?;
    let mut memory: Memory = match snapshot {
        Some(text) => serde_json::from_str(&text)?,
        None => Memory::default(),
    };
    let mut entries = connection.prepare("SELECT text FROM journal WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = entries.query([memory.seq])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        memory.replay(&text).map_err(anyhow::Error::msg)?;
    }
    Ok(memory)
}

/// Opens the journal. A file that is damaged is put aside, and the last good copy of the memory takes its place; one
/// that the disk does not let us open is left alone, and read as far as that goes.
pub(super) fn open(dir: &Path, file: &Path) -> Opened {
    let error = match connect(file).and_then(|c| remember(&c).map(|memory| (c, memory))) {
        Ok((connection, memory)) => return Opened { connection: Some(connection), memory },
        Err(error) => error,
    };
    if !is_damage(&error) {
        log::error!(error:% = error; "the journal cannot be opened; the station goes on and tries again");
        let memory = read_only(file).and_then(|c| remember(&c)).unwrap_or_else(|_| last_copy(dir));
        return Opened { connection: None, memory };
    }
    log::error!(error:% = error; "the journal is damaged; the last good copy of the memory is used");
    let memory = last_copy(dir);
    let connection = renew(file, &memory);
    if let Err(error) = &connection {
        log::error!(error:% = error; "no journal can be written; the station goes on and tries again");
    }
    Opened { connection: connection.ok(), memory }
}

/// Whether the file itself is at fault, and not the disk under it.
fn is_damage(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<rusqlite::Error>() {
        Some(rusqlite::Error::SqliteFailure(failure, _)) => {
            matches!(failure.code, rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
        }
        // An entry that does not follow the one before it, a snapshot that is no memory, a column of a wrong kind.
        Some(_) | None => true,
    }
}

/// Whom a journal believes; it is read, and nothing else.
pub(crate) fn trust_in(file: &Path) -> anyhow::Result<Keys> {
    let connection = Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(remember(&connection)?.keys.unwrap_or_default())
}

/// Whether a database can be read to its end.
pub(crate) fn look_through(file: &Path) -> anyhow::Result<()> {
    let connection = Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    anyhow::ensure!(said == "ok", "{}: {said}", file.display());
    Ok(())
}

/// A database on a disk that takes no writing at all.
fn read_only(file: &Path) -> anyhow::Result<Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(format!("file:{}?immutable=1", file.display()), flags)?)
}

/// Puts a file aside that does not go on from `memory`, and begins a new one that does.
pub(super) fn renew(file: &Path, memory: &Memory) -> anyhow::Result<Connection> {
    if let Some(aside) = put_aside(file) {
        log::warn!(kept:? = aside; "the old journal was kept aside");
    }
    let mut connection = connect(file)?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT OR REPLACE INTO snapshot (id, seq, memory) VALUES (1, ?1, ?2)",
        rusqlite::params![memory.seq, serde_json::to_string(memory)?],
    )?;
    // The inbox is a list of its own, made from what is known.
    for standing in memory.bulletins.values() {
        write_head(&transaction, &standing.head(), standing.order)?;
    }
    transaction.commit()?;
    Ok(connection)
}

/// Writes the row of a bulletin in the list of the inbox, anew or over its older one.
pub(super) fn write_head(connection: &Connection, head: &BulletinHead, seq: u64) -> anyhow::Result<()> {
    let mut row = connection.prepare_cached(
        "INSERT INTO bulletin (id, seq, state, head) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET seq = ?2, state = ?3, head = ?4",
    )?;
    let state = serde_json::to_value(head.state)?;
    row.execute(rusqlite::params![head.id.as_str(), seq, state.as_str(), serde_json::to_string(head)?])?;
    Ok(())
}

/// Opens a journal again after the disk failed; it must end where `memory` does.
pub(super) fn reconnect(file: &Path, memory: &Memory) -> anyhow::Result<Connection> {
    let connection = connect(file)?;
    let last: Option<u64> = connection.query_row("SELECT max(seq) FROM journal", [], |row| row.get(0))?;
    let kept: Option<u64> = connection.query_row("SELECT max(seq) FROM snapshot", [], |row| row.get(0))?;
    if last.max(kept).unwrap_or(0) == memory.seq {
        return Ok(connection);
    }
    drop(connection);
    renew(file, memory)
}

fn put_aside(file: &Path) -> Option<PathBuf> {
    let stamp = fs::metadata(file).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let aside = file.with_extension(format!("db.broken-{stamp}"));
    fs::rename(file, &aside).ok()?;
    for tail in ["-wal", "-shm"] {
        let from = PathBuf::from(format!("{}{tail}", file.display()));
        if from.exists() {
            fs::rename(&from, format!("{}{tail}", aside.display())).ok()?;
        }
    }
    Some(aside)
}

fn copy_path(dir: &Path) -> PathBuf {
    dir.join("memory.json")
}

/// Keeps a copy of the memory beside the database, replaced in one stroke.
pub(super) fn keep_copy(dir: &Path, text: &str) -> anyhow::Result<()> {
    let fresh = dir.join("memory.json.new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, copy_path(dir))?;
    fs::File::open(dir)?.sync_all()?;
    Ok(())
}

fn last_copy(dir: &Path) -> Memory {
    fs::read_to_string(copy_path(dir)).ok().and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
}

/// Checks the whole chain of a journal; the number of entries, or what is wrong with the first bad one.
pub(crate) fn verify_chain(dir: &Path) -> anyhow::Result<u64> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(dir.join("gateway.db"), flags)?;
    let mut entries = connection.prepare("SELECT seq, hash, text FROM journal ORDER BY seq")?;
    let mut rows = entries.query([])?;
    let (mut count, mut last): (u64, Option<(u64, String)>) = (0, None);
    while let Some(row) = rows.next()? {
        let (seq, hash, text): (u64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let prev = match &last {
            Some((before, _)) if before + 1 != seq => anyhow::bail!("entry {} is missing", before + 1),
            Some((_, hash)) => hash.clone(),
            // The first one kept: what it follows was given away or put aside.
            None => first_prev(&text)?,
        };
        let (written, _, found) = gateway_core::journal::Entry::read(&text, &prev).map_err(anyhow::Error::msg)?;
        if written != seq || found != hash {
            anyhow::bail!("entry {seq}: its hash does not fit its text");
        }
        last = Some((seq, hash));
        count += 1;
    }
    Ok(count)
}

fn first_prev(text: &str) -> anyhow::Result<String> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    Ok(value["prev"].as_str().unwrap_or_default().to_owned())
}
