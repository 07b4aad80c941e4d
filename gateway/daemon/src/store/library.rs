//! The library: every bulletin in every version as a table of its own, written with its entry and found without diacritics.
//!
//! The chain of entries stays the truth; the table can be made anew from them.

use gateway_core::bulletin::{Bulletin, Content};
use gateway_core::journal::{Entry, Event};
use gateway_core::memory::Origin;
use gateway_core::time::Wall;
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use web_ui::{LibraryAsk, LibraryRow, LibraryVersion, ReadFault};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS library (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
    field TEXT NOT NULL, origin TEXT NOT NULL, kinds TEXT NOT NULL, folded TEXT NOT NULL, bulletin TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS library_id ON library (id, seq);
";

/// An entry as it is read back to fill the table.
#[derive(Deserialize)]
struct Written {
    seq: u64,
    at: Wall,
    event: Event,
}

/// Makes the table, and fills it from the entries where the file is older than it.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    // In one commit: on a slow card each costs tens of milliseconds.
    let connection = connection.transaction()?;
    let known = "SELECT count(*) FROM sqlite_master WHERE name = 'library'";
    let known: i64 = connection.query_row(known, [], |row| row.get(0))?;
    connection.execute_batch(SCHEMA)?;
    if known == 0 {
        fill(&connection)?;
    }
    connection.commit()
}

/// Takes in what the journal held before there was a library.
fn fill(connection: &Connection) -> rusqlite::Result<()> {
    let mut old =
        connection.prepare("SELECT text FROM journal WHERE text LIKE '%\"type\":\"admitted\"%' ORDER BY seq")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        if let Ok(written) = serde_json::from_str::<Written>(&row.get::<_, String>(0)?) {
            keep(connection, written.seq, written.at, &written.event)?;
        }
    }
    Ok(())
}

/// Writes the row of an entry, where it has one.
pub(super) fn write(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if !matches!(entry.event, Event::Admitted { .. }) {
        return Ok(());
    }
    match serde_json::from_str::<Written>(&entry.text) {
        Ok(written) => keep(connection, entry.seq, written.at, &written.event),
        Err(error) => {
            log::error!(seq = entry.seq, error:%; "an item is not in the library");
            Ok(())
        }
    }
}

fn keep(connection: &Connection, seq: u64, at: Wall, event: &Event) -> rusqlite::Result<()> {
    let Event::Admitted { bulletin, origin, silent: false } = event else { return Ok(()) };
    if bulletin.live.is_some() {
        return Ok(());
    }
    let Bulletin { bulletin_id, version, title, field, issuer, .. } = bulletin.as_ref();
    let text = bulletin.text("vi").unwrap_or_default();
    let folded = fold(&format!("{title} {text} {} {field} {bulletin_id}", issuer.name));
    let body = serde_json::to_string(bulletin).unwrap_or_default();
    let insert = "INSERT OR REPLACE INTO library VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let kinds = format!("|{}|", kinds(bulletin).join("|"));
    connection.prepare_cached(insert)?.execute(params![
        seq,
        bulletin_id.as_str(),
        version,
        at.0,
        field,
        word(origin),
        kinds,
        folded,
        body
    ])?;
    Ok(())
}

fn word(origin: &Origin) -> &'static str {
    match origin {
        Origin::Hub => "hub",
        Origin::Desk { .. } | Origin::Own { .. } => "desk",
        Origin::Drill { .. } => "drill",
        Origin::Correction { .. } => "correction",
    }
}

fn kinds(bulletin: &Bulletin) -> Vec<&'static str> {
    let mut kinds: Vec<&str> = bulletin
        .content
        .iter()
        .filter_map(|content| match content {
            Content::Audio { .. } => Some("audio"),
            Content::Text { .. } => Some("text"),
            Content::Relay { .. } => Some("relay"),
            Content::Image { .. } => Some("image"),
            Content::Video { .. } => Some("video"),
            Content::Other => None,
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Letters without their marks, in lower case: what is typed without diacritics is found all the same.
fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    plain.map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

const COLUMNS: &str = "SELECT l.seq, l.at, l.origin, l.kinds, l.bulletin,
    (SELECT count(DISTINCT version) FROM library o WHERE o.id = l.id),
    coalesce((SELECT state FROM bulletin b WHERE b.id = l.id), '') FROM library l";

/// Items that are looked for, newest first.
pub(super) fn list(connection: &Connection, asked: &LibraryAsk) -> Result<Vec<LibraryRow>, ReadFault> {
    let mut text = format!(
        "{COLUMNS} WHERE l.at BETWEEN ?1 AND ?2 AND l.seq = (SELECT max(seq) FROM library o WHERE o.id = l.id)"
    );
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(asked.from_ms), Box::new(asked.to_ms)];
    let mut narrow = |how: &str, value: Box<dyn ToSql>| {
        values.push(value);
        text.push_str(&how.replace('?', &format!("?{}", values.len())));
    };
    for sought in &asked.words {
        narrow(" AND instr(l.folded, ?) > 0", Box::new(fold(sought)));
    }
    for (how, value) in [(" AND l.field = ?", &asked.field), (" AND l.origin = ?", &asked.origin)] {
        if let Some(value) = value {
            narrow(how, Box::new(value.clone()));
        }
    }
    if let Some(kind) = &asked.kind {
        narrow(" AND instr(l.kinds, ?) > 0", Box::new(format!("|{kind}|")));
    }
    if let Some(before) = asked.before {
        narrow(" AND l.seq < ?", Box::new(i64::try_from(before).unwrap_or(i64::MAX)));
    }
    narrow(" ORDER BY l.seq DESC LIMIT ?", Box::new(i64::try_from(asked.limit).unwrap_or(i64::MAX)));
    let mut query = connection.prepare(&text).map_err(fault)?;
    let rows = query.query_map(params_from_iter(values.iter()), read).map_err(fault)?;
    rows.map(|row| row.map_err(fault).and_then(version).map(|v| v.row)).collect()
}

/// Every version of an item, newest first.
pub(super) fn item(connection: &Connection, id: &str) -> Result<Vec<LibraryVersion>, ReadFault> {
    let text = format!("{COLUMNS} WHERE l.id = ?1 ORDER BY l.seq DESC LIMIT 100");
    let mut query = connection.prepare(&text).map_err(fault)?;
    let rows = query.query_map([id], read).map_err(fault)?;
    rows.map(|row| row.map_err(fault).and_then(version)).collect()
}

/// The newest item that names a file: its identity and title.
pub(super) fn naming(connection: &Connection, sha256: &str) -> Result<Option<(String, String)>, ReadFault> {
    let text = "SELECT id, coalesce(json_extract(bulletin, '$.title'), '') FROM library WHERE instr(bulletin, ?1) > 0
        ORDER BY seq DESC LIMIT 1";
    let mut query = connection.prepare(text).map_err(fault)?;
    let mut rows = query.query_map([sha256], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fault)?;
    rows.next().transpose().map_err(fault)
}

struct Kept {
    seq: u64,
    at: i64,
    origin: String,
    kinds: String,
    bulletin: String,
    versions: u32,
    state: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        seq: row.get(0)?,
        at: row.get(1)?,
        origin: row.get(2)?,
        kinds: row.get(3)?,
        bulletin: row.get(4)?,
        versions: row.get(5)?,
        state: row.get(6)?,
    })
}

fn version(kept: Kept) -> Result<LibraryVersion, ReadFault> {
    let bulletin: Bulletin =
        serde_json::from_str(&kept.bulletin).map_err(|e| ReadFault(format!("reading the library: {e}")))?;
    let priority = serde_json::to_value(bulletin.priority).ok().and_then(|v| v.as_str().map(str::to_owned));
    let row = LibraryRow {
        seq: kept.seq,
        id: bulletin.bulletin_id.clone(),
        version: bulletin.version,
        versions: kept.versions,
        at: Wall(kept.at).rfc3339(),
        title: bulletin.title.clone(),
        field: bulletin.field.clone(),
        issuer: bulletin.issuer.name.clone(),
        priority: priority.unwrap_or_default(),
        origin: kept.origin,
        drill: bulletin.drill,
        kinds: kept.kinds.split('|').filter(|k| !k.is_empty()).map(str::to_owned).collect(),
        text: bulletin.text("vi").unwrap_or_default().to_owned(),
        state: kept.state,
    };
    Ok(LibraryVersion { row, content: bulletin.content })
}

fn fault(error: rusqlite::Error) -> ReadFault {
    ReadFault(format!("reading the library: {error}"))
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn diacritics_and_case_do_not_count() {
        assert_eq!(fold("Tiêm chủng ĐỢT Hai"), "tiem chung dot hai");
        assert_eq!(fold("tiêm".nfd_text().as_str()), "tiem");
    }

    trait Apart {
        fn nfd_text(&self) -> String;
    }

    impl Apart for str {
        fn nfd_text(&self) -> String {
            use unicode_normalization::UnicodeNormalization;
            self.nfd().collect()
        }
    }
}
