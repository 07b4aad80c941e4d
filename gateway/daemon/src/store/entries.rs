//! Pages of the journal, newest first; of what people did, by person and day.

use gateway_core::time::Wall;
use rusqlite::{Connection, Row, ToSql, params_from_iter};
use serde::Deserialize;
use serde_json::Value;
use web_ui::{JournalAsk, JournalRow, ReadFault};

/// The orders of people among all entries: a hundredth of them, read newest first without a look at the others. What somebody
/// wrote in a text has its quotes escaped, so that only an entry of that kind reads so.
pub(super) const SCHEMA: &str = "CREATE INDEX IF NOT EXISTS journal_deeds ON journal (seq)
    WHERE instr(text, '\"event\":{\"type\":\"order') > 0;";

#[derive(Deserialize)]
struct Written {
    at: Wall,
    clock: String,
    event: Value,
}

/// The question for the entries that are asked for, and its values.
fn question(asked: &JournalAsk) -> (String, Vec<Box<dyn ToSql>>) {
    let before = asked.before.and_then(|b| i64::try_from(b).ok()).unwrap_or(i64::MAX);
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(before)];
    let mut text = match &asked.deeds {
        None => "SELECT seq, hash, text FROM journal WHERE seq < ?1".to_owned(),
        Some(deeds) => {
            values.push(Box::new(deeds.from_ms));
            values.push(Box::new(deeds.to_ms));
            "SELECT seq, hash, text FROM journal INDEXED BY journal_deeds
                WHERE instr(text, '\"event\":{\"type\":\"order') > 0 AND seq < ?1
                AND json_extract(text, '$.at') BETWEEN ?2 AND ?3"
                .to_owned()
        }
    };
    if let Some(by) = asked.deeds.as_ref().and_then(|deeds| deeds.by.clone()) {
        values.push(Box::new(by));
        text.push_str(&format!(" AND json_extract(text, '$.event.by') = ?{}", values.len()));
    }
    values.push(Box::new(i64::try_from(asked.limit).unwrap_or(i64::MAX)));
    text.push_str(&format!(" ORDER BY seq DESC LIMIT ?{}", values.len()));
    (text, values)
}

/// The entries that are asked for, newest first.
pub(super) fn list(connection: &Connection, asked: &JournalAsk) -> Result<Vec<JournalRow>, ReadFault> {
    let (text, values) = question(asked);
    let mut query = connection.prepare(&text).map_err(fault)?;
    let rows = query.query_map(params_from_iter(values.iter()), read).map_err(fault)?;
    rows.map(|row| row.map_err(fault).and_then(|(seq, hash, text)| entry(seq, hash, &text))).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(u64, String, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn entry(seq: u64, hash: String, text: &str) -> Result<JournalRow, ReadFault> {
    let written: Written =
        serde_json::from_str(text).map_err(|e| ReadFault(format!("reading entry {seq} of the journal: {e}")))?;
    let at = (written.clock == "trusted").then(|| written.at.rfc3339());
    Ok(JournalRow { seq, at, clock: written.clock, hash, event: written.event })
}

fn fault(error: rusqlite::Error) -> ReadFault {
    ReadFault(format!("listing the journal: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::recover;
    use super::*;
    use crate::testing::Folder;
    use gateway_core::journal::Event;
    use rusqlite::params;
    use web_ui::Deeds;

    /// 2026-11-22, midnight in Viet Nam.
    const DAY: i64 = 1_795_280_400_000;

    fn book() -> (Folder, Connection) {
        let folder = Folder::new();
        let connection = recover::connect(&folder.path().join("gateway.db")).expect("opened");
        for seq in 1..=40_u64 {
            let by = if seq.is_multiple_of(2) { "lan" } else { "hoa" }.to_owned();
            let event = match seq % 4 {
                0 => Event::Ordered { no: seq, by, what: "mute thon-1: ồn".to_owned() },
                1 => Event::OrderRefused { no: seq, by, why: "Không có cụm loa".to_owned() },
                // Words of somebody who would like to be one.
                2 => Event::Noted { text: r#""event":{"type":"ordered","by":"lan"}"#.to_owned() },
                _ => Event::DayBegan { day: "2026-11-22".to_owned() },
            };
            let at = DAY + i64::try_from(seq).expect("small") * 3_600_000;
            // As the core writes it: in this order.
            let event = serde_json::to_string(&event).expect("written");
            let text = format!(r#"{{"seq":{seq},"at":{at},"clock":"trusted","prev":"","event":{event}}}"#);
            connection.execute("INSERT INTO journal VALUES (?1, '', ?2)", params![seq, text]).expect("written");
        }
        (folder, connection)
    }

    fn deeds(by: Option<&str>, from_ms: i64, to_ms: i64) -> JournalAsk {
        JournalAsk { deeds: Some(Deeds { by: by.map(str::to_owned), from_ms, to_ms }), limit: 500, before: None }
    }

    fn seqs(connection: &Connection, asked: &JournalAsk) -> Vec<u64> {
        list(connection, asked).expect("listed").iter().map(|row| row.seq).collect()
    }

    #[test]
    fn what_people_did_is_found_by_person_and_day_and_nothing_else_is() {
        let (_folder, connection) = book();
        assert_eq!(seqs(&connection, &JournalAsk { limit: 3, ..JournalAsk::default() }), [40, 39, 38]);
        let all = seqs(&connection, &deeds(None, 0, i64::MAX));
        assert_eq!(all, (1..=40).rev().filter(|seq| seq % 4 < 2).collect::<Vec<_>>());
        assert_eq!(
            seqs(&connection, &deeds(Some("lan"), 0, i64::MAX)),
            (1..=10).rev().map(|n| n * 4).collect::<Vec<_>>()
        );
        assert_eq!(seqs(&connection, &deeds(Some("tam"), 0, i64::MAX)), Vec::<u64>::new());
        let second = (DAY + 86_400_000, DAY + 2 * 86_400_000 - 1);
        assert_eq!(seqs(&connection, &deeds(Some("hoa"), second.0, second.1)), [37, 33, 29, 25]);
        let page = JournalAsk { before: Some(28), limit: 2, ..deeds(None, 0, i64::MAX) };
        assert_eq!(seqs(&connection, &page), [25, 24]);
    }

    #[test]
    fn no_question_for_deeds_looks_at_other_entries() {
        let (_folder, connection) = book();
        let (text, values) = question(&deeds(Some("lan"), 0, DAY));
        let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).expect("a plan");
        let rows = query.query_map(params_from_iter(values.iter()), |row| row.get::<_, String>(3)).expect("a plan");
        let plan = rows.map(|row| row.expect("a row")).collect::<Vec<_>>().join("; ");
        assert!(plan.contains("journal_deeds") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
