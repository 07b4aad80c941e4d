//! Lessons and code lists that came, and answers to what officers asked, as lists of their own; each is written in the same commit
//! as its entry.

use gateway_core::codes;
use gateway_core::journal::{Entry, Event};
use gateway_core::lesson::{KEPT, Lesson, Reply};
use rusqlite::{Connection, params};
use web_ui::{KeptCodes, ReadFault};

/// The tables. A lesson of a higher version takes the place of the lower; an answer stands beside those before it.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS lesson (id TEXT PRIMARY KEY, version INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS codes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, trusted INTEGER NOT NULL,
    body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reply (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
";

/// Writes what an entry brings, where it brings something.
pub(super) fn write(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if let Event::Lesson { lesson } = &entry.event {
        let body = serde_json::to_string(lesson).map_err(unwritable)?;
        connection.execute(
            "INSERT INTO lesson VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET version = ?2, seq = ?3, body = ?4
             WHERE version <= ?2",
            params![lesson.lesson_id, lesson.version, entry.seq, body],
        )?;
        connection
            .execute("DELETE FROM lesson WHERE id NOT IN (SELECT id FROM lesson ORDER BY seq DESC LIMIT ?1)", [KEPT])?;
    }
    if let Event::Codes(list) = &entry.event {
        let body = serde_json::to_string(list).map_err(unwritable)?;
        // The core takes newer versions alone.
        connection.execute(
            "INSERT OR REPLACE INTO codes VALUES (?1, ?2, json_extract(?3, '$.at'), COALESCE(json_extract(?3, '$.clock') = 'trusted', 0), ?4)",
            params![list.list_id, entry.seq, entry.text, body],
        )?;
        connection.execute(
            "DELETE FROM codes WHERE id NOT IN (SELECT id FROM codes ORDER BY seq DESC LIMIT ?1)",
            [codes::KEPT],
        )?;
    }
    if let Event::Answered { reply } = &entry.event {
        let body = serde_json::to_string(reply).map_err(unwritable)?;
        connection.execute(
            "INSERT OR IGNORE INTO reply VALUES (?1, json_extract(?2, '$.at'), ?3)",
            params![entry.seq, entry.text, body],
        )?;
        connection
            .execute("DELETE FROM reply WHERE seq NOT IN (SELECT seq FROM reply ORDER BY seq DESC LIMIT ?1)", [KEPT])?;
    }
    Ok(())
}

fn unwritable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// The lessons that came, newest first.
pub(super) fn lessons(connection: &Connection) -> Result<Vec<Lesson>, ReadFault> {
    let mut query = connection.prepare("SELECT body FROM lesson ORDER BY seq DESC").map_err(fault)?;
    let rows = query.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
    rows.map(|row| row.map_err(fault).and_then(|body| serde_json::from_str(&body).map_err(fault))).collect()
}

/// The code lists that came, by their names.
pub(super) fn codes(connection: &Connection) -> Result<Vec<KeptCodes>, ReadFault> {
    let mut query = connection.prepare("SELECT at, trusted, body FROM codes ORDER BY id").map_err(fault)?;
    let rows = query
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?)))
        .map_err(fault)?;
    rows.map(|row| {
        let (at, trusted, body): (i64, bool, String) = row.map_err(fault)?;
        Ok(KeptCodes { at_ms: trusted.then_some(at), list: serde_json::from_str(&body).map_err(fault)? })
    })
    .collect()
}

/// The answers that came and when, oldest first.
pub(super) fn replies(connection: &Connection) -> Result<Vec<(i64, Reply)>, ReadFault> {
    let mut query = connection.prepare("SELECT at, body FROM reply ORDER BY seq").map_err(fault)?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).map_err(fault)?;
    rows.map(|row| {
        let (at, body) = row.map_err(fault)?;
        Ok((at, serde_json::from_str(&body).map_err(fault)?))
    })
    .collect()
}

fn fault(error: impl std::fmt::Display) -> ReadFault {
    ReadFault(format!("reading lessons, code lists and answers: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::recover;
    use super::*;
    use crate::testing::Folder;
    use gateway_core::lesson::Part;

    fn entry(seq: u64, event: Event) -> Entry {
        let text = format!(r#"{{"seq":{seq},"at":{}}}"#, seq * 1000);
        Entry { seq, text, hash: String::new(), event, uplinks: Vec::new() }
    }

    fn lesson(version: u32) -> Event {
        let parts = vec![Part::Text { heading: String::new(), text: format!("bản {version}") }];
        let (lesson_id, title) = ("BH-1".to_owned(), format!("Bài {version}"));
        Event::Lesson {
            lesson: Box::new(Lesson {
                lesson_id,
                version,
                title,
                page: String::new(),
                minutes: 3,
                parts,
                quiz: Vec::new(),
            }),
        }
    }

    #[test]
    fn the_latest_version_stands_and_answers_stand_beside_each_other() {
        let folder = Folder::new();
        let connection = recover::connect(&folder.path().join("gateway.db")).expect("opened");
        for (seq, version) in [(1, 2), (2, 1), (3, 3)] {
            write(&connection, &entry(seq, lesson(version))).expect("written");
        }
        let kept = lessons(&connection).expect("read");
        assert_eq!(kept.iter().map(|l| l.title.as_str()).collect::<Vec<_>>(), ["Bài 3"]);
        for seq in 4..=5 {
            let reply = Reply { question_id: "CH-1".to_owned(), text: format!("{seq}"), by: "Sở".to_owned() };
            write(&connection, &entry(seq, Event::Answered { reply: Box::new(reply) })).expect("written");
        }
        let told = replies(&connection).expect("read");
        assert_eq!(told.iter().map(|(at, r)| (*at, r.text.as_str())).collect::<Vec<_>>(), [(4000, "4"), (5000, "5")]);
    }

    #[test]
    fn a_code_list_stands_until_a_newer_one_comes_and_is_there_after_a_restart() {
        let folder = Folder::new();
        let file = folder.path().join("gateway.db");
        let list = |version: u32, name: &str| {
            let body = serde_json::json!({"list_id": "field", "version": version, "names": {"vi": "Lĩnh vực"},
                "codes": [{"code": "y-te", "names": {"vi": name}}]});
            Event::Codes(Box::new(serde_json::from_value(body).expect("a list")))
        };
        {
            let connection = recover::connect(&file).expect("opened");
            for (seq, event) in [(1, list(1, "Y tế")), (2, list(2, "Y tế, dân số"))] {
                write(&connection, &entry(seq, event)).expect("written");
            }
        }
        let kept = codes(&recover::connect(&file).expect("opened")).expect("read");
        let [one] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!((one.list.version, one.at_ms), (2, None), "the clock of these entries is nobody's");
        assert_eq!(one.list.codes[0].names["vi"], "Y tế, dân số");
    }
}
