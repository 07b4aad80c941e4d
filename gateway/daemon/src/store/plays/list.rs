//! Pages of the broadcasting journal, newest first.

use super::fault;
use gateway_core::time::Wall;
use rusqlite::{Connection, Row, ToSql, params_from_iter};
use serde::Deserialize;
use web_ui::{Play, PlayAsk, ReadFault};

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
    #[serde(default)]
    author: Option<String>,
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

/// The question for the plays that are asked for, and its values.
pub(super) fn question(asked: &PlayAsk) -> (String, Vec<Box<dyn ToSql>>) {
    let mut text = "SELECT seq, at, trusted, row FROM played WHERE at BETWEEN ?1 AND ?2".to_owned();
    // The way in begins where the page before ended, however deep in the book that is.
    let to_ms = asked.before.map_or(asked.to_ms, |(at, _)| at.min(asked.to_ms));
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(asked.from_ms), Box::new(to_ms)];
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
    (text, values)
}

/// The plays that are asked for, newest first.
pub(in crate::store) fn list(connection: &Connection, asked: &PlayAsk) -> Result<Vec<Play>, ReadFault> {
    let (text, values) = question(asked);
    let mut query = connection.prepare_cached(&text).map_err(fault)?;
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
        author: kept.author,
        operator: kept.operator,
        approver: kept.approver,
        evidence: kept.evidence,
    })
}
