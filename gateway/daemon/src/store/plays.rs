//! The broadcasting journal (*nhật ký phát thanh*) as a table of its own, so that a year of it is summed in a moment.
//!
//! The chain of entries stays the truth; each row here is written in the same commit as its entry, and the table can be made
//! anew from them.

use gateway_core::journal::{Entry, Event};
use gateway_core::time::Wall;
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};
use serde::Deserialize;
use web_ui::{Play, PlayAsk, PlaySum, ReadFault};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS played (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, trusted INTEGER NOT NULL, cluster TEXT NOT NULL,
    field TEXT NOT NULL, result TEXT NOT NULL, requested REAL NOT NULL, actual REAL NOT NULL, interrupted INTEGER NOT NULL,
    drill INTEGER NOT NULL, row TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS played_at ON played (at, cluster, field, result, requested, actual, interrupted, drill);
";

/// Version of the file from which on it has this table.
const SINCE: i64 = 1;

const INSERT: &str = "INSERT OR REPLACE INTO played
    SELECT ?1, json_extract(?2, '$.at'), json_extract(?2, '$.clock') = 'trusted', json_extract(?2, '$.event.cluster'),
        coalesce(json_extract(?2, '$.event.field'), ''), json_extract(?2, '$.event.result'),
        json_extract(?2, '$.event.requested_s'), json_extract(?2, '$.event.actual_s'),
        json_extract(?2, '$.event.interrupted_by') IS NOT NULL, coalesce(json_extract(?2, '$.event.drill'), 0),
        json_extract(?2, '$.event')";

/// Makes the table, and fills it from the entries where the file is older than it.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version >= SINCE {
        return Ok(());
    }
    let mut old =
        connection.prepare("SELECT seq, text FROM journal WHERE text LIKE '%\"type\":\"played\"%' ORDER BY seq")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        connection.execute(INSERT, params![row.get::<_, i64>(0)?, row.get::<_, String>(1)?])?;
    }
    connection.pragma_update(None, "user_version", SINCE)
}

/// Writes the row of an entry, where it has one.
pub(super) fn write(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if matches!(entry.event, Event::Played(_)) {
        connection.prepare_cached(INSERT)?.execute(params![entry.seq, entry.text])?;
    }
    Ok(())
}

/// What is kept of a play.
#[derive(Deserialize)]
struct Kept {
    bulletin: String,
    cluster: String,
    planned: Option<Wall>,
    start: Option<Wall>,
    end: Option<Wall>,
    requested_s: f64,
    actual_s: f64,
    result: String,
    interrupted_by: Option<String>,
    operator: Option<String>,
    approver: Option<String>,
    path: String,
    evidence: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    drill: bool,
}

/// The plays that are asked for, newest first.
pub(super) fn list(connection: &Connection, asked: &PlayAsk) -> Result<Vec<Play>, ReadFault> {
    let mut text = "SELECT seq, at, trusted, row FROM played WHERE at BETWEEN ?1 AND ?2".to_owned();
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(asked.from_ms), Box::new(asked.to_ms)];
    let mut narrow = |column: &str, value: &Option<String>| {
        if let Some(value) = value {
            values.push(Box::new(value.clone()));
            text.push_str(&format!(" AND {column} = ?{}", values.len()));
        }
    };
    narrow("cluster", &asked.cluster);
    narrow("field", &asked.field);
    narrow("result", &asked.result);
    if let Some((at, seq)) = asked.before {
        values.push(Box::new(at));
        values.push(Box::new(seq));
        text.push_str(&format!(" AND (at, seq) < (?{}, ?{})", values.len() - 1, values.len()));
    }
    values.push(Box::new(i64::try_from(asked.limit).unwrap_or(i64::MAX)));
    text.push_str(&format!(" ORDER BY at DESC, seq DESC LIMIT ?{}", values.len()));
    let mut query = connection.prepare(&text).map_err(fault)?;
    let rows = query.query_map(params_from_iter(values.iter()), read).map_err(fault)?;
    rows.map(|row| row.map_err(fault).and_then(|(seq, at, trusted, row)| play(seq, at, trusted, &row))).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(u64, i64, bool, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn play(seq: u64, at: i64, trusted: bool, row: &str) -> Result<Play, ReadFault> {
    let kept: Kept = serde_json::from_str(row).map_err(|e| ReadFault(format!("reading a play: {e}")))?;
    let moment = |wall: Option<Wall>| wall.map(Wall::rfc3339);
    Ok(Play {
        seq,
        at: Wall(at).rfc3339(),
        at_ms: at,
        trusted,
        bulletin: kept.bulletin,
        title: kept.title,
        field: kept.field,
        issuer: kept.issuer,
        priority: kept.priority,
        drill: kept.drill,
        cluster: kept.cluster,
        path: kept.path,
        planned: moment(kept.planned),
        start: moment(kept.start),
        end: moment(kept.end),
        requested_s: kept.requested_s,
        actual_s: kept.actual_s,
        result: kept.result,
        interrupted_by: kept.interrupted_by,
        operator: kept.operator,
        approver: kept.approver,
        evidence: kept.evidence,
    })
}

/// Sums of a window by cluster, field and result.
pub(super) fn sums(connection: &Connection, from_ms: i64, to_ms: i64) -> Result<Vec<PlaySum>, ReadFault> {
    let text =
        "SELECT cluster, field, result, drill, count(*), sum(requested), sum(actual), sum(interrupted) FROM played
        WHERE at BETWEEN ?1 AND ?2 GROUP BY cluster, field, result, drill";
    let mut query = connection.prepare(text).map_err(fault)?;
    let rows = query.query_map([from_ms, to_ms], |row| {
        Ok(PlaySum {
            cluster: row.get(0)?,
            field: row.get(1)?,
            result: row.get(2)?,
            drill: row.get(3)?,
            plays: row.get(4)?,
            requested_s: row.get(5)?,
            actual_s: row.get(6)?,
            interrupted: row.get(7)?,
        })
    });
    rows.map_err(fault)?.map(|row| row.map_err(fault)).collect()
}

fn fault(error: rusqlite::Error) -> ReadFault {
    ReadFault(format!("reading the broadcasting journal: {error}"))
}
