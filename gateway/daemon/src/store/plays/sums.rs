//! The broadcasting journal in sums of whole days (UTC+7), from sums that were kept as the rows came.

use super::fault;
use gateway_core::time::Wall;
use rusqlite::Connection;
use web_ui::{PlaySum, PlayTime, ReadFault};

/// How far Vietnamese time is ahead of UTC, milliseconds.
const AHEAD_MS: i64 = 25_200_000;
/// A day, milliseconds.
const DAY_MS: i64 = 86_400_000;

/// By cluster, field, priority and result.
pub(super) const SUMS: &str =
    "SELECT cluster, field, priority, result, drill, sum(plays), sum(requested), sum(actual), sum(interrupted)
    FROM played_day WHERE day BETWEEN ?1 AND ?2 GROUP BY cluster, field, priority, result, drill";

/// By day and result, drills apart.
pub(super) const TIMES: &str = "SELECT day, result, drill, sum(plays), sum(requested), sum(actual), sum(interrupted)
    FROM played_day WHERE day BETWEEN ?1 AND ?2 GROUP BY day, result, drill ORDER BY day";

/// The days of a window in milliseconds since 1970.
fn days(from_ms: i64, to_ms: i64) -> [i64; 2] {
    [from_ms, to_ms].map(|ms| ms.saturating_add(AHEAD_MS).div_euclid(DAY_MS))
}

/// Sums of a window by cluster, field, priority and result.
pub(in crate::store) fn sums(connection: &Connection, from_ms: i64, to_ms: i64) -> Result<Vec<PlaySum>, ReadFault> {
    let mut query = connection.prepare(SUMS).map_err(fault)?;
    let rows = query.query_map(days(from_ms, to_ms), |row| {
        Ok(PlaySum {
            cluster: row.get(0)?,
            field: row.get(1)?,
            priority: row.get(2)?,
            result: row.get(3)?,
            drill: row.get(4)?,
            plays: row.get(5)?,
            requested_s: row.get(6)?,
            actual_s: row.get(7)?,
            interrupted: row.get(8)?,
        })
    });
    rows.map_err(fault)?.map(|row| row.map_err(fault)).collect()
}

/// Sums of a window by day and result, oldest first.
pub(in crate::store) fn times(connection: &Connection, from_ms: i64, to_ms: i64) -> Result<Vec<PlayTime>, ReadFault> {
    let mut query = connection.prepare(TIMES).map_err(fault)?;
    let rows = query.query_map(days(from_ms, to_ms), |row| {
        Ok(PlayTime {
            day: date(row.get(0)?),
            result: row.get(1)?,
            drill: row.get(2)?,
            plays: row.get(3)?,
            requested_s: row.get(4)?,
            actual_s: row.get(5)?,
            interrupted: row.get(6)?,
        })
    });
    rows.map_err(fault)?.map(|row| row.map_err(fault)).collect()
}

/// A day since 1970 as it is written, `2026-11-22`.
fn date(day: i64) -> String {
    let at = day.saturating_mul(DAY_MS).saturating_sub(AHEAD_MS);
    Wall(at).rfc3339().get(..10).unwrap_or_default().to_owned()
}
