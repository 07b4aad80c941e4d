//! What the office's book says of the files that were taken in: what they are, and who needs them.

use super::{MediaKind, Medium};
use crate::office::Office;
use crate::problem::Problem;
use rusqlite::{OptionalExtension, Transaction, params};

/// The tables: what was taken in, and who needs it; what nobody needs goes after [`KEPT_MS`].
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS media (
    sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, mime TEXT NOT NULL, bytes INTEGER NOT NULL, duration_ms INTEGER,
    width INTEGER, height INTEGER, peaks BLOB NOT NULL, by TEXT NOT NULL, at INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS media_use (
    sha256 TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (sha256, user)
) WITHOUT ROWID";

/// A file that nothing uses is kept so long, milliseconds: a fortnight.
const KEPT_MS: i64 = 14 * 86_400_000;

/// Writes down what was taken in.
pub(crate) fn insert(book: &Transaction<'_>, medium: &Medium, now: Option<i64>) -> rusqlite::Result<()> {
    let Medium { sha256, kind, mime, bytes, duration_ms, width, height, peaks, by } = medium;
    book.execute(
        "INSERT OR IGNORE INTO media VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![sha256, kind.as_str(), mime, bytes, duration_ms, width, height, peaks, by, now],
    )?;
    // Brought again, it is young again.
    book.execute("UPDATE media SET at = ?2 WHERE sha256 = ?1", params![sha256, now])?;
    Ok(())
}

/// Files that nobody has needed for too long, taken out of the book. Without a trusted clock nothing grows old.
pub(crate) fn stale(book: &Transaction<'_>, now: Option<i64>) -> rusqlite::Result<Vec<String>> {
    let Some(now) = now else { return Ok(Vec::new()) };
    book.execute("UPDATE media SET at = ?1 WHERE at IS NULL", [now])?;
    let mut old = book.prepare_cached(
        "DELETE FROM media WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM media_use u WHERE u.sha256 = media.sha256)
        RETURNING sha256",
    )?;
    old.query_map([now - KEPT_MS], |row| row.get(0))?.collect()
}

/// A file that was brought and nothing names.
pub(crate) struct Unused {
    /// `audio`, `image` or `video`.
    pub(crate) kind: String,
    /// Who brought it.
    pub(crate) by: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// When it goes, milliseconds since 1970.
    pub(crate) goes_ms: Option<i64>,
}

/// Files that were brought and nothing names, in the order in which they go.
pub(crate) fn unused(book: &Transaction<'_>, most: usize) -> rusqlite::Result<Vec<Unused>> {
    let mut all = book.prepare_cached(
        "SELECT kind, by, bytes, at FROM media WHERE NOT EXISTS (SELECT 1 FROM media_use u WHERE u.sha256 = media.sha256)
        ORDER BY at, sha256 LIMIT ?1",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let goes_ms = row.get::<_, Option<i64>>(3)?.map(|at| at + KEPT_MS);
        Ok(Unused { kind: row.get(0)?, by: row.get(1)?, bytes: row.get(2)?, goes_ms })
    };
    all.query_map([most], row)?.collect()
}

/// Says that something of the office needs these files and no others; `user` is its kind and number, as `draft/7`.
pub(crate) fn needs(book: &Transaction<'_>, user: &str, files: &[&str]) -> rusqlite::Result<()> {
    book.execute("DELETE FROM media_use WHERE user = ?1", [user])?;
    let mut put = book.prepare_cached("INSERT OR IGNORE INTO media_use VALUES (?1, ?2)")?;
    files.iter().try_for_each(|sha256| put.execute(params![sha256, user]).map(|_| ()))
}

/// A file of the office.
pub(crate) async fn known(office: &Office, sha256: &str) -> Result<Option<Medium>, Problem> {
    let sha256 = sha256.to_owned();
    office.with(move |book| find(book, &sha256)).await
}

/// A file of the office.
pub(crate) fn find(book: &Transaction<'_>, sha256: &str) -> rusqlite::Result<Option<Medium>> {
    let row = |row: &rusqlite::Row<'_>| {
        let kind: String = row.get(1)?;
        let kind = match kind.as_str() {
            "image" => MediaKind::Image,
            "video" => MediaKind::Video,
            _ => MediaKind::Audio,
        };
        Ok(Medium {
            sha256: row.get(0)?,
            kind,
            mime: row.get(2)?,
            bytes: row.get(3)?,
            duration_ms: row.get(4)?,
            width: row.get(5)?,
            height: row.get(6)?,
            peaks: row.get(7)?,
            by: row.get(8)?,
        })
    };
    let asked = "SELECT sha256, kind, mime, bytes, duration_ms, width, height, peaks, by FROM media WHERE sha256 = ?1";
    book.query_row(asked, [sha256], row).optional()
}
