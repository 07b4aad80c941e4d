//! Papers of the office: a directive's receipt goes up for each reader, a report that is wanted stands until it is handed in, and an
//! offer to the province is answered.

use gateway_core::input::Act;
use serde_json::{Value, json};
use site_tests::told::{Told, bulletin};

fn directive(version: u32) -> Value {
    json!({"document_id": "CV-12", "version": version, "number": "12/SVHTTDL-TTCS", "title": "Tăng cường phòng chống bão",
        "issuer": {"level": "province", "name": "Sở VHTTDL"}, "issued": "2026-11-20T08:00:00+07:00", "text": "Các xã thực hiện…",
        "due": "2026-11-25T17:00:00+07:00"})
}

fn wanted() -> Value {
    json!({"request_id": "BC-1", "title": "Báo cáo năm", "from": "2025-12-15", "until": "2026-12-14",
        "due": "2026-12-20T17:00:00+07:00"})
}

fn ups<'a>(told: &'a Told, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    told.uplinks.iter().filter(move |u| u.kind == kind).map(|u| &u.body)
}

fn waiting(told: &Told) -> Vec<String> {
    told.site.view(told.now).papers_waiting.iter().map(|p| p.id.to_string()).collect()
}

#[test]
fn each_reader_s_receipt_goes_up_once() {
    let mut told = Told::new();
    let jti = told.send("document", &directive(1));
    assert_eq!(told.rungs(&jti), ["received", "accepted"]);
    assert_eq!(waiting(&told), ["CV-12"]);
    told.order(Act::ReadPaper { paper: "CV-12".into() }).expect("read");
    told.order(Act::ReadPaper { paper: "CV-12".into() }).expect("read again");
    told.order_as("hoa", Act::ReadPaper { paper: "CV-12".into() }).expect("read");
    let read: Vec<&Value> = ups(&told, "ack").filter(|u| u["code"] == "read").collect();
    assert_eq!(read.iter().map(|u| u["by"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["lan", "hoa"]);
    assert!(read.iter().all(|u| u["of"] == jti.as_str() && u["stage"] == "done" && u["document_id"] == "CV-12"));
    assert!(waiting(&told).is_empty());
    assert!(told.order(Act::ReadPaper { paper: "CV-13".into() }).is_err());
}

#[test]
fn a_newer_version_is_to_be_read_again_and_an_older_one_is_a_duplicate() {
    let mut told = Told::new();
    told.send("document", &directive(2));
    told.order(Act::ReadPaper { paper: "CV-12".into() }).expect("read");
    let late = told.send("document", &directive(1));
    assert_eq!(told.rungs(&late).last().map(String::as_str), Some("done"));
    assert!(waiting(&told).is_empty());
    told.send("document", &directive(3));
    assert_eq!(waiting(&told), ["CV-12"]);
}

#[test]
fn a_report_stands_until_it_is_handed_in_through_a_power_cut() {
    let mut told = Told::new();
    let jti = told.send("report_request", &wanted());
    told.send("document", &directive(1));
    assert_eq!(waiting(&told), ["CV-12", "BC-1"], "the most pressing first");
    let wall = told.now.wall;
    told.cut_power(wall);
    assert_eq!(waiting(&told), ["CV-12", "BC-1"]);
    let rows = json!([{"cluster": "thon-1", "field": "y-te", "plays": 3}]);
    let act = Act::SubmitReport { paper: "BC-1".into(), rows: rows.clone(), note: "đủ".to_owned() };
    told.order(act.clone()).expect("handed in");
    let up = ups(&told, "report").last().expect("it goes up").clone();
    assert_eq!((&up["request_id"], &up["of"], &up["rows"]), (&json!("BC-1"), &json!(jti), &rows));
    assert_eq!((up["from"].as_str(), up["until"].as_str()), (Some("2025-12-15"), Some("2026-12-14")));
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("done"));
    assert_eq!(waiting(&told), ["CV-12"]);
    let Act::SubmitReport { rows, note, .. } = act else { return };
    assert!(told.order(Act::SubmitReport { paper: "CV-12".into(), rows, note }).is_err(), "no report is wanted there");
}

#[test]
fn what_is_no_paper_is_refused() {
    let mut told = Told::new();
    for (kind, body) in [
        ("document", json!({"document_id": "", "title": "x"})),
        ("document", json!({"document_id": "A", "title": " "})),
        ("report_request", json!({"request_id": "A", "title": "x", "from": "2026-12-14", "until": "2026-01-01"})),
        ("report_request", json!({"request_id": "A", "title": "x", "from": "hôm nay", "until": "2026-01-01"})),
    ] {
        let jti = told.send(kind, &body);
        assert_eq!(told.rungs(&jti), ["refused"], "{body}");
    }
    assert!(waiting(&told).is_empty());
}

#[test]
fn an_item_of_the_commune_is_offered_once_and_answered() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin của tỉnh."));
    assert!(
        told.order(Act::Offer { bulletin: "BT-1".into(), note: String::new() }).is_err(),
        "it is the province's own"
    );
    let (targets, reason) = (gateway_core::bulletin::Targets::everything(), "lũ".to_owned());
    let text = "Nước suối dâng.".to_owned();
    told.order(Act::Emergency { text, level: 3, targets, repeat: 1, drill: false, reason }).expect("on air");
    let id = told.newest("local-").expect("a local one");
    let offer = |id: &str| Act::Offer { bulletin: id.into(), note: "Mời tỉnh dùng".to_owned() };
    told.order(offer(&id)).expect("offered");
    assert!(told.order(offer(&id)).is_err(), "it was offered already");
    let up = ups(&told, "contribution").last().expect("it goes up").clone();
    assert_eq!(
        (up["bulletin_id"].as_str(), up["content"][0]["text"].as_str()),
        (Some(id.as_str()), Some("Nước suối dâng."))
    );
    let name = up["contribution_id"].as_str().unwrap_or_default().to_owned();
    let jti = told.send("answer", &json!({"contribution_id": name, "result": "accepted", "text": "Sẽ phát tối nay"}));
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("done"));
    let view = told.site.view(told.now);
    assert_eq!(view.offers[0].answer.as_ref().map(|a| a.text.as_str()), Some("Sẽ phát tối nay"));
    let other = told.send("answer", &json!({"case": "PA-1"}));
    assert_eq!(told.rungs(&other), ["refused"], "answers to citizens come later");
}
