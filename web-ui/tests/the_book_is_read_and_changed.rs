//! The programme book is read, changed over the version that was looked at, rehearsed, and taken away as a calendar
//! that an independent reader understands; the rota is kept beside it.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json};
use gateway_core::input::Act;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use web_ui::Outcome;

fn programme(id: &str, version: u32) -> String {
    json!({ "programme_id": id, "version": version, "title": "Sáng", "start": "05:30", "duration_s": 600,
        "targets": { "clusters": ["*"] }, "items": [{ "type": "chime" }], "on_holidays": "never" })
    .to_string()
}

#[tokio::test]
async fn the_book_the_limits_and_the_days_to_come_are_read() {
    let place = Place::new("programme");
    let khach = place.sign_in("khach").await;
    let book = place.knock(bare("GET", "/api/v1/programmes", &khach)).await.json();
    let rows: Vec<_> = book["programmes"].as_array().expect("rows").iter().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["of_province"], &rows[1]["of_province"]), (&json!(true), &json!(false)));
    assert_eq!(rows[1]["programme"]["version"], 2);
    assert_eq!(rows[1]["next"], "2026-11-21T05:30:00.000+07:00");
    let limits = place.knock(bare("GET", "/api/v1/limits", &khach)).await.json();
    assert_eq!(limits["quiet"], json!({ "from": "21:00", "until": "05:00" }));
    assert_eq!((&limits["longest_s"], limits["days"].as_array().map(Vec::len)), (&json!(3600), Some(6)));
    assert_eq!(limits["sessions"][1], json!({ "from": "16:30", "until": "18:30" }));
    assert_eq!(limits["inputs"], json!([{ "id": "vov1", "name": "VOV1" }]));
    assert!(limits["holidays"].as_array().expect("days").iter().any(|h| h["date"] == "2027-02-06"));
    let days = place.knock(bare("GET", "/api/v1/rehearsal?days=2", &khach)).await.json();
    let blocks = days["blocks"].as_array().expect("blocks");
    assert_eq!(blocks.len(), 4);
    assert_eq!(blocks[0]["items"][1]["title"], "VOV1");
    for days in ["0", "32", "x", "-1"] {
        let answer = place.knock(bare("GET", &format!("/api/v1/rehearsal?days={days}"), &khach)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
    }
}

#[tokio::test]
async fn who_was_slower_is_told_what_stands() {
    let mut place = Place::new("programme");
    let lan = place.sign_in("lan").await;
    let refused = || Outcome::Refused("đã được người khác sửa".to_owned());
    let ask = json("POST", "/api/v1/programmes", &lan, &programme("xa-sang", 2));
    let (answer, _) = place.order(ask, refused()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "changed"));
    assert_eq!(answer.json()["current"]["version"], 2);
    assert_eq!(answer.json()["current"]["title"], "Bản tin xã buổi sáng");
    let gone = json("POST", "/api/v1/programmes", &lan, &programme("da-bo", 5));
    let (answer, _) = place.order(gone, refused()).await;
    assert_eq!((answer.code().as_str(), &answer.json()["current"]), ("changed", &Value::Null));
    // Another reason keeps its words.
    let ask = json("POST", "/api/v1/programmes", &lan, &programme("xa-sang", 3));
    let (answer, _) = place.order(ask, Outcome::Refused("lấn vào giờ yên tĩnh".to_owned())).await;
    assert_eq!(answer.code(), "refused");
    assert!(answer.text.contains("giờ yên tĩnh"), "{}", answer.text);
    let (answer, got) =
        place.order(bare("DELETE", "/api/v1/programmes/xa-sang?version=2", &lan), Outcome::Done { seq: 9 }).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(got.act, Act::DropProgramme { programme: "xa-sang".into(), version: 2 });
    let answer = place.knock(bare("DELETE", "/api/v1/programmes/xa-sang", &lan)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a version must be said");
}

/// Reads a calendar with the Python package `icalendar`, and says of each event what it understood.
const READER: &str = "
import sys, json, icalendar
events = icalendar.Calendar.from_ical(sys.stdin.buffer.read()).walk('VEVENT')
print(json.dumps([[str(e['SUMMARY']), e['DTSTART'].dt.isoformat(), e['DTEND'].dt.isoformat(), str(e['UID']), str(e['LOCATION'])] for e in events]))
";

#[tokio::test]
async fn an_independent_reader_understands_the_calendar() {
    let place = Place::new("programme");
    let khach = place.sign_in("khach").await;
    let answer = place.knock(bare("GET", "/api/v1/programmes.ics", &khach)).await;
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/setup", python.display());
    let file = place.dir.path().join("calendar.ics");
    std::fs::write(&file, &answer.text).expect("written");
    let read = Command::new(python).args(["-c", READER]).stdin(std::fs::File::open(&file).expect("open")).output();
    let read = read.expect("python");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let events: Vec<Vec<String>> = serde_json::from_slice(&read.stdout).expect("JSON");
    assert_eq!(events.len(), 2 * 92, "two programmes on each day of three months");
    assert_eq!(
        events[0],
        [
            "Bản tin xã buổi sáng",
            "2026-11-20T22:30:00+00:00",
            "2026-11-20T22:45:00+00:00",
            "xa-sang-2026-11-21@TN-25459-01",
            "Thôn Đông"
        ]
    );
    assert_eq!(events[1][0], "Thời sự tỉnh; tiếp sóng, có dấu phẩy", "what must be escaped came back");
    let uids: std::collections::BTreeSet<_> = events.iter().map(|e| &e[3]).collect();
    assert_eq!(uids.len(), events.len());
}

#[tokio::test]
async fn the_rota_is_kept_and_nobody_writes_over_another() {
    let mut place = Place::new("programme");
    let (lan, khach) = (place.sign_in("lan").await, place.sign_in("khach").await);
    let before = place.knock(bare("GET", "/api/v1/rota", &khach)).await.json();
    assert_eq!((&before["version"], &before["rows"]), (&json!(0), &json!([])));
    let people = before["people"].as_array().expect("who may be picked");
    assert!(people.iter().any(|one| one["account"] == "lan"), "{people:?}");
    let rows = json!([{ "on": "mon", "session": "Sáng", "person": "Chị Lan", "account": "lan" }, { "on": "2027-02-06", "session": "", "person": "Anh Minh" }]);
    let body = json!({ "version": 0, "rows": rows }).to_string();
    let (answer, got) = place.order(json("PUT", "/api/v1/rota", &lan, &body), Outcome::Done { seq: 7 }).await;
    assert_eq!(answer.json(), json!({ "seq": 7 }));
    assert!(
        matches!(got.act, Act::Office { ref what } if !what.contains("Lan")),
        "no names in the journal: {:?}",
        got.act
    );
    let stands = place.knock(bare("GET", "/api/v1/rota", &khach)).await.json();
    assert_eq!((&stands["version"], &stands["rows"]), (&json!(1), &rows));
    let second = place.knock(json("PUT", "/api/v1/rota", &lan, &body)).await;
    assert_eq!((second.status, second.code().as_str()), (StatusCode::CONFLICT, "changed"));
    assert_eq!(second.json()["current"]["rows"], rows);
    for wrong in [
        json!({ "on": "thu-hai", "person": "A" }),
        json!({ "on": "mon", "person": " " }),
        json!({ "on": "2027-13-01", "person": "A" }),
    ] {
        let body = json!({ "version": 1, "rows": [wrong] }).to_string();
        let answer = place.knock(json("PUT", "/api/v1/rota", &lan, &body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    // Somebody without an account any more keeps the row under the name it says.
    let gone = json!({ "version": 1, "rows": [{ "on": "tue", "person": "Anh Tư", "account": "tu" }] }).to_string();
    place.order(json("PUT", "/api/v1/rota", &lan, &gone), Outcome::Done { seq: 8 }).await;
    let stands = place.knock(bare("GET", "/api/v1/rota", &khach)).await.json();
    assert_eq!(stands["rows"], json!([{ "on": "tue", "session": "", "person": "Anh Tư" }]));
}
