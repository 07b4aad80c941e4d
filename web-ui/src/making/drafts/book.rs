//! Drafts in the office's book.

use super::{Draft, DraftHead, Sheet, Task};
use crate::making::media;
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// The tables.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS draft (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, sheet TEXT NOT NULL, by TEXT NOT NULL, changed_by TEXT NOT NULL,
    changed INTEGER, place INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draft_word (
    draft TEXT NOT NULL, lang TEXT NOT NULL, digest TEXT NOT NULL, by TEXT NOT NULL, PRIMARY KEY (draft, lang)
) WITHOUT ROWID";

/// Drafts at most.
pub(super) const MOST: i64 = 500;

/// What came of a change.
pub(super) enum Kept {
    /// It stands.
    Stored(Stored),
    /// There is no such draft.
    Gone,
    /// Somebody else was faster; what stands.
    Changed(Box<Draft>),
}

/// A draft as it stands after a change.
pub(super) struct Stored {
    pub(super) version: u32,
}

/// The user of the files of a draft.
fn user(id: &str) -> String {
    format!("draft/{id}")
}

/// Begins a draft; `false`: there are too many.
pub(super) fn begin(
    office: &Transaction<'_>,
    id: &str,
    sheet: &Sheet,
    by: &str,
    now: Option<i64>,
) -> rusqlite::Result<bool> {
    if office.query_row("SELECT count(*) FROM draft", [], |row| row.get::<_, i64>(0))? >= MOST {
        return Ok(false);
    }
    media::needs(office, &user(id), &sheet.files())?;
    let text = serde_json::to_string(sheet).unwrap_or_default();
    office.execute(
        "INSERT INTO draft SELECT ?1, 1, ?2, ?3, ?3, ?4, coalesce(max(place), 0) + 1 FROM draft",
        params![id, text, by, now],
    )?;
    Ok(true)
}

/// Changes a draft over the version that was looked at. The same again changes nothing.
pub(super) fn keep(
    office: &Transaction<'_>,
    id: &str,
    over: u32,
    sheet: &Sheet,
    by: &str,
    now: Option<i64>,
) -> rusqlite::Result<Kept> {
    let Some(stands) = find(office, id)? else { return Ok(Kept::Gone) };
    let text = serde_json::to_string(sheet).unwrap_or_default();
    if serde_json::to_string(&stands.sheet).unwrap_or_default() == text {
        return Ok(Kept::Stored(Stored { version: stands.version }));
    }
    if stands.version != over {
        return Ok(Kept::Changed(Box::new(stands)));
    }
    media::needs(office, &user(id), &sheet.files())?;
    office.execute(
        "UPDATE draft SET version = ?2, sheet = ?3, changed_by = ?4, changed = ?5,
            place = (SELECT max(place) + 1 FROM draft) WHERE id = ?1",
        params![id, over + 1, text, by, now],
    )?;
    Ok(Kept::Stored(Stored { version: over + 1 }))
}

/// Throws a draft away.
pub(super) fn remove(office: &Transaction<'_>, id: &str, over: u32) -> rusqlite::Result<Kept> {
    let Some(stands) = find(office, id)? else { return Ok(Kept::Gone) };
    if stands.version != over {
        return Ok(Kept::Changed(Box::new(stands)));
    }
    take_out(office, id)?;
    Ok(Kept::Stored(Stored { version: stands.version }))
}

/// Drafts that nobody has touched since, longest first.
pub(crate) fn untouched(office: &Transaction<'_>, before_ms: i64) -> rusqlite::Result<Vec<String>> {
    let mut old = office.prepare_cached("SELECT id FROM draft WHERE changed < ?1 ORDER BY changed, id")?;
    old.query_map([before_ms], |row| row.get(0))?.collect()
}

/// Takes a draft out, whatever its version.
pub(crate) fn take_out(office: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    media::needs(office, &user(id), &[])?;
    office.execute("DELETE FROM draft WHERE id = ?1", [id])?;
    office.execute("DELETE FROM draft_word WHERE draft = ?1", [id]).map(|_| ())
}

/// A speaker's word for a rendition as it stands.
pub(super) fn vouch(office: &Transaction<'_>, id: &str, lang: &str, digest: &str, by: &str) -> rusqlite::Result<()> {
    office.execute("INSERT OR REPLACE INTO draft_word VALUES (?1, ?2, ?3, ?4)", [id, lang, digest, by]).map(|_| ())
}

/// A draft.
pub(super) fn find(office: &Transaction<'_>, id: &str) -> rusqlite::Result<Option<Draft>> {
    let asked = "SELECT version, sheet, by, changed_by, changed FROM draft WHERE id = ?1";
    let row = office.query_row(asked, [id], |row| {
        let text: String = row.get(1)?;
        let sheet: Sheet = serde_json::from_str(&text).unwrap_or_default();
        Ok((row.get(0)?, sheet, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    let Some((version, sheet, by, changed_by, changed_ms)) = row.optional()? else { return Ok(None) };
    let vouched = vouched(office, id, &sheet)?;
    let files = sheet.files().into_iter().map(|sha256| media::find(office, sha256));
    let media = files.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Some(Draft { id: id.to_owned(), version, sheet, by, changed_by, changed_ms, vouched, media }))
}

/// Languages that somebody has vouched for, as they stand.
fn vouched(office: &Transaction<'_>, id: &str, sheet: &Sheet) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut words = office.prepare_cached("SELECT lang, digest, by FROM draft_word WHERE draft = ?1")?;
    let rows = words
        .query_map([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    let mut vouched = BTreeMap::new();
    for row in rows {
        let (lang, digest, by) = row?;
        if sheet.renditions.iter().any(|r| r.lang == lang && r.digest() == digest) {
            vouched.insert(lang, by);
        }
    }
    Ok(vouched)
}

/// The drafts, changed last first.
pub(super) fn list(office: &Transaction<'_>) -> rusqlite::Result<Vec<DraftHead>> {
    let mut all =
        office.prepare_cached("SELECT id, version, sheet, by, changed_by, changed FROM draft ORDER BY place DESC")?;
    let rows = all.query_map([], |row| {
        let text: String = row.get(2)?;
        let sheet: Sheet = serde_json::from_str(&text).unwrap_or_default();
        let head = DraftHead {
            id: row.get(0)?,
            version: row.get(1)?,
            title: sheet.title.clone(),
            by: row.get(3)?,
            changed_by: row.get(4)?,
            changed_ms: row.get(5)?,
            tasks: Vec::new(),
        };
        Ok((head, sheet))
    })?;
    let mut heads = Vec::new();
    for row in rows {
        let (mut head, sheet) = row?;
        let vouched = vouched(office, &head.id, &sheet)?;
        let task =
            |r: &super::sheet::Rendition| Task { lang: r.lang.clone(), speaker: r.speaker.clone(), due: r.due.clone() };
        head.tasks = sheet.open(&vouched).into_iter().map(task).collect();
        heads.push(head);
    }
    Ok(heads)
}
