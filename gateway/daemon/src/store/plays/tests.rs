//! An old journal gets its tables; pages follow each other; sums follow the rows; no question walks through the whole book.

use super::super::recover;
use super::*;
use crate::testing::Folder;
use gateway_core::bulletin::Priority;
use gateway_core::journal::Played;
use gateway_core::time::Wall;
use rusqlite::params_from_iter;
use serde_json::json;
use web_ui::PlayAsk;

/// 2026-11-22, midnight in Viet Nam.
const DAY: i64 = 1_795_280_400_000;

/// An entry as the core would write it; the chain is not looked at here.
fn entry(seq: u64, at: i64, cluster: &str, result: &str) -> Entry {
    let played = Played {
        bulletin: format!("BT-{seq}").as_str().into(),
        cluster: cluster.into(),
        planned: None,
        start: Some(Wall(at - 60_000)),
        end: Some(Wall(at)),
        requested_s: 60.0,
        actual_s: if result == "done" { 60.0 } else { 20.0 },
        result: result.to_owned(),
        interrupted_by: (result == "partial").then(|| "emergency".to_owned()),
        author: Some("lan".to_owned()),
        operator: None,
        approver: None,
        path: "wired".to_owned(),
        evidence: None,
        title: format!("Bản tin {seq}"),
        field: "y-te".to_owned(),
        issuer: String::new(),
        priority: Some(Priority::Ordinary),
        drill: seq.is_multiple_of(10),
    };
    let event = Event::Played(Box::new(played));
    let text = json!({"seq": seq, "at": at, "clock": "trusted", "prev": "", "event": event}).to_string();
    Entry { seq, text, hash: String::new(), event, uplinks: Vec::new() }
}

fn all(limit: usize) -> PlayAsk {
    PlayAsk { from_ms: 0, to_ms: i64::MAX, limit, ..PlayAsk::default() }
}

#[test]
fn a_file_older_than_the_table_is_filled_from_its_entries_and_once_only() {
    let folder = Folder::new();
    let file = folder.path().join("gateway.db");
    {
        let old = Connection::open(&file).expect("a file");
        old.execute_batch("CREATE TABLE journal (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT NULL)")
            .expect("a table");
        for seq in 1..=20 {
            let entry = entry(seq, DAY + 1000, "thon-1", "done");
            old.execute("INSERT INTO journal VALUES (?1, '', ?2)", params![seq, entry.text]).expect("an entry");
        }
        let other = r#"{"seq":21,"at":1,"clock":"trusted","prev":"","event":{"type":"day_began","day":"2026-11-22"}}"#;
        old.execute("INSERT INTO journal VALUES (21, '', ?1)", [other]).expect("another entry");
        // As the release before this one left it.
        old.execute_batch("CREATE TABLE played (seq INTEGER PRIMARY KEY, row TEXT); PRAGMA user_version = 1")
            .expect("an old table");
    }
    for _ in 0..2 {
        let connection = recover::connect(&file).expect("opened");
        let rows = list(&connection, &all(500)).expect("listed");
        assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), (1..=20).rev().collect::<Vec<_>>());
        assert_eq!((rows[0].title.as_str(), rows[0].author.as_deref()), ("Bản tin 20", Some("lan")));
        let sums = sums(&connection, DAY, DAY).expect("summed");
        assert_eq!(sums.iter().map(|s| (s.drill, s.plays)).collect::<Vec<_>>(), [(false, 18), (true, 2)]);
    }
}

#[test]
fn what_is_written_is_listed_page_by_page_and_summed() {
    let folder = Folder::new();
    let connection = recover::connect(&folder.path().join("gateway.db")).expect("opened");
    // Two clusters at a time share a moment: a page may end between them.
    for seq in 1..=30_u64 {
        let at = DAY + i64::try_from(seq / 2).expect("small") * 1000;
        let (cluster, result) =
            (if seq % 2 == 0 { "thon-1" } else { "thon-2" }, if seq % 3 == 0 { "partial" } else { "done" });
        write(&connection, &entry(seq, at, cluster, result)).expect("written");
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = list(&connection, &PlayAsk { before, ..all(7) }).expect("a page");
        let Some(last) = page.last() else { break };
        before = Some((last.at_ms, i64::try_from(last.seq).expect("small")));
        seen.extend(page.iter().map(|row| row.seq));
    }
    assert_eq!(seen, (1..=30).rev().collect::<Vec<_>>());
    let narrowed = PlayAsk { cluster: Some("thon-1".into()), result: Some("partial".into()), ..all(500) };
    let rows = list(&connection, &narrowed).expect("narrowed");
    assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), [30, 24, 18, 12, 6]);

    // A row that comes again changes nothing; one that comes late finds its day.
    write(&connection, &entry(30, DAY + 15_000, "thon-1", "partial")).expect("again");
    write(&connection, &entry(31, DAY - 1000, "thon-1", "failed")).expect("late");
    let of = |from, to| sums(&connection, from, to).expect("summed");
    let plays = |rows: &[web_ui::PlaySum]| rows.iter().map(|s| s.plays).sum::<u64>();
    assert_eq!(plays(&of(DAY, DAY + 86_399_999)), 30);
    assert_eq!(plays(&of(DAY - 86_400_000, DAY - 1)), 1);
    assert_eq!(plays(&of(0, i64::MAX)), 31);
    let interrupted: u64 = of(DAY, DAY).iter().map(|s| s.interrupted).sum();
    assert_eq!(interrupted, 10);
    let days = times(&connection, 0, i64::MAX).expect("days");
    assert_eq!(days.iter().map(|t| (t.day.as_str(), t.plays)).next(), Some(("2026-11-21", 1)));
    assert_eq!(days.iter().filter(|t| t.day == "2026-11-22").map(|t| t.plays).sum::<u64>(), 30);
}

#[test]
fn no_question_walks_through_the_whole_book() {
    let folder = Folder::new();
    let connection = recover::connect(&folder.path().join("gateway.db")).expect("opened");
    let plan = |text: &str, values: Vec<Box<dyn rusqlite::ToSql>>| -> String {
        let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).expect("a plan");
        let rows = query.query_map(params_from_iter(values.iter()), |row| row.get::<_, String>(3)).expect("a plan");
        rows.map(|row| row.expect("a row")).collect::<Vec<_>>().join("; ")
    };
    let some = |word: &str| Some(word.to_owned());
    for (cluster, field, result) in [
        (None, None, None),
        (some("thon-1"), None, None),
        (None, some("y-te"), None),
        (None, None, some("failed")),
        (some("thon-1"), some("y-te"), some("failed")),
    ] {
        for before in [None, Some((DAY, 7))] {
            let asked =
                PlayAsk { cluster: cluster.clone(), field: field.clone(), result: result.clone(), before, ..all(100) };
            let (text, values) = list::question(&asked);
            let plan = plan(&text, values);
            assert!(plan.contains("SEARCH played USING INDEX"), "{asked:?}: {plan}");
            // The last column alone may be put in order: rows of one moment.
            assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{asked:?}: {plan}");
        }
    }
    for text in [sums::SUMS, sums::TIMES] {
        let plan = plan(text, vec![Box::new(0), Box::new(1)]);
        assert!(plan.contains("SEARCH played_day USING PRIMARY KEY"), "{plan}");
    }
}
