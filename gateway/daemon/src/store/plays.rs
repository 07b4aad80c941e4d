//! The broadcasting journal (*nhật ký phát thanh*) as a table of its own, so that a year of it is summed in a moment.
//!
//! The chain of entries stays the truth; each row here is written in the same commit as its entry, and the table can be made
//! anew from them.

mod list;
mod sums;
#[cfg(test)]
mod tests;

pub(super) use list::list;
pub(super) use sums::{sums, times};

use gateway_core::journal::{Entry, Event};
use rusqlite::{Connection, params};
use web_ui::ReadFault;

/// The rows, their ways in, and their sums by day. Each way in holds what else may be filtered, so that no page looks at rows it
/// does not show. The sums follow every row in its own commit: one that comes late finds its day.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS played (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, trusted INTEGER NOT NULL, cluster TEXT NOT NULL,
    field TEXT NOT NULL, priority TEXT NOT NULL, result TEXT NOT NULL, requested REAL NOT NULL, actual REAL NOT NULL,
    interrupted INTEGER NOT NULL, drill INTEGER NOT NULL, row TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS played_at ON played (at);
CREATE INDEX IF NOT EXISTS played_cluster ON played (cluster, at, field, result);
CREATE INDEX IF NOT EXISTS played_field ON played (field, at, result);
CREATE INDEX IF NOT EXISTS played_result ON played (result, at);
CREATE TABLE IF NOT EXISTS played_day (day INTEGER NOT NULL, cluster TEXT NOT NULL, field TEXT NOT NULL, priority TEXT NOT NULL,
    result TEXT NOT NULL, drill INTEGER NOT NULL, plays INTEGER NOT NULL, requested REAL NOT NULL, actual REAL NOT NULL,
    interrupted INTEGER NOT NULL, PRIMARY KEY (day, cluster, field, priority, result, drill)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS played_counted AFTER INSERT ON played BEGIN
    INSERT INTO played_day VALUES ((new.at + 25200000) / 86400000, new.cluster, new.field, new.priority, new.result, new.drill, 1,
        new.requested, new.actual, new.interrupted)
    ON CONFLICT DO UPDATE SET plays = plays + 1, requested = requested + excluded.requested,
        actual = actual + excluded.actual, interrupted = interrupted + excluded.interrupted;
END;
";

/// What an older file may have in their place.
const FORGET: &str = "DROP TABLE IF EXISTS played; DROP TABLE IF EXISTS played_day;";

/// Version of the file from which on it has these tables.
const SINCE: i64 = 2;

/// A row that is there stays as it is: the chain does not change, and no row is counted twice.
const INSERT: &str = "INSERT OR IGNORE INTO played
    SELECT ?1, json_extract(?2, '$.at'), json_extract(?2, '$.clock') = 'trusted', json_extract(?2, '$.event.cluster'),
        coalesce(json_extract(?2, '$.event.field'), ''), coalesce(json_extract(?2, '$.event.priority'), ''),
        json_extract(?2, '$.event.result'), json_extract(?2, '$.event.requested_s'), json_extract(?2, '$.event.actual_s'),
        json_extract(?2, '$.event.interrupted_by') IS NOT NULL, coalesce(json_extract(?2, '$.event.drill'), 0),
        json_extract(?2, '$.event')";

/// Makes the tables, and fills them from the entries where the file is older than they are: whole, or not at all.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version >= SINCE {
        return connection.execute_batch(SCHEMA);
    }
    let change = connection.transaction()?;
    change.execute_batch(FORGET)?;
    change.execute_batch(SCHEMA)?;
    {
        let mut old =
            change.prepare("SELECT seq, text FROM journal WHERE text LIKE '%\"type\":\"played\"%' ORDER BY seq")?;
        let mut insert = change.prepare(INSERT)?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(1)?.as_str()?;
            insert.execute(params![row.get::<_, i64>(0)?, text])?;
        }
    }
    change.pragma_update(None, "user_version", SINCE)?;
    change.commit()
}

/// Writes the row of an entry, where it has one.
pub(super) fn write(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if matches!(entry.event, Event::Played(_)) {
        connection.prepare_cached(INSERT)?.execute(params![entry.seq, entry.text])?;
    }
    Ok(())
}

fn fault(error: rusqlite::Error) -> ReadFault {
    ReadFault(format!("reading the broadcasting journal: {error}"))
}
