//! The register over the version that was looked at, the lessons with their quizzes, reports and papers: what is kept, what goes to the
//! province, and that no name goes with it.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json};
use gateway_core::input::{Act, Outgoing};
use serde_json::{Value, json};
use web_ui::Outcome;

fn done() -> Outcome {
    Outcome::Done { seq: 7 }
}

#[tokio::test]
async fn the_register_begins_with_what_is_configured_and_is_changed_over_its_version() {
    let mut place = Place::new("programme");
    let lan = place.sign_in("lan").await;
    let first = place.knock(bare("GET", "/api/v1/register", &lan)).await.json();
    assert_eq!(first["version"], 0);
    let points = first["estate"]["points"].as_array().expect("clusters");
    assert!(points.iter().any(|p| p["id"] == "thon-1" && p["condition"] == "unknown"), "{points:?}");
    assert_eq!(first["indicators"].as_array().map(Vec::len), Some(14));

    let mut estate = first["estate"].clone();
    estate["hamlets"] = json!([{ "id": "a", "name": "Thôn 1", "households": 120, "served": true }]);
    let body = json!({ "version": 0, "estate": estate }).to_string();
    let (answer, got) = place.order(json("PUT", "/api/v1/register", &lan, &body), done()).await;
    assert_eq!(answer.json(), json!({ "seq": 7 }));
    assert!(matches!(got.act, Act::Office { ref what } if what == "register version 1"), "{:?}", got.act);
    let second = place.knock(json("PUT", "/api/v1/register", &lan, &body)).await;
    assert_eq!((second.status, second.code().as_str()), (StatusCode::CONFLICT, "changed"));
    assert_eq!(second.json()["current"]["estate"]["hamlets"][0]["name"], "Thôn 1");

    let (_, got) = place.order(json("POST", "/api/v1/register/inventory", &lan, r#"{"version":1}"#), done()).await;
    let Act::Send { kind: Outgoing::Inventory, body, .. } = got.act else { panic!("{:?}", got.act) };
    assert_eq!(body["version"], 1);
    assert!(
        body["indicators"].as_array().expect("rows").iter().any(|i| i["key"] == "hamlets" && i["percent"] == 100.0)
    );
    let stale = place.knock(json("POST", "/api/v1/register/inventory", &lan, r#"{"version":0}"#)).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);

    for (what, wrong) in [
        ("hamlets", json!([{ "id": "a", "name": " ", "households": null, "served": null }])),
        ("supply", json!({ "information": { "all": 1, "through": 2 } })),
        ("staff", json!({ "total": 1, "trained": 2 })),
        ("page", json!("x".repeat(301))),
    ] {
        let mut estate = estate.clone();
        estate[what] = wrong;
        let body = json!({ "version": 1, "estate": estate }).to_string();
        let answer = place.knock(json("PUT", "/api/v1/register", &lan, &body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
    }
}

#[tokio::test]
async fn a_quiz_is_marked_by_the_station_and_only_counts_leave_it() {
    let mut place = Place::new("programme");
    let (lan, ky) = (place.sign_in("lan").await, place.sign_in("ky").await);
    let list = place.knock(bare("GET", "/api/v1/lessons", &lan)).await.json();
    let lessons = list["lessons"].as_array().expect("lessons").clone();
    assert!(lessons.len() >= 8 && lessons.iter().all(|l| l["done"].is_null()));
    let lesson = place.knock(bare("GET", "/api/v1/lessons/lich-phat", &lan)).await;
    assert!(!lesson.text.contains("\"answer\""), "the answers stay at the station until the quiz is handed in");
    let hand_in = |answers: Value| json!({ "answers": answers }).to_string();
    let failed = place.knock(json("POST", "/api/v1/lessons/lich-phat", &lan, &hand_in(json!([0, 0, 1])))).await.json();
    assert_eq!((&failed["passed"], &failed["answers"][0]["answer"]), (&json!(false), &json!(1)));
    let passed = place.knock(json("POST", "/api/v1/lessons/lich-phat", &lan, &hand_in(json!([1, 2, 0])))).await.json();
    assert_eq!(passed["passed"], true);
    let short = place.knock(json("POST", "/api/v1/lessons/lich-phat", &lan, &hand_in(json!([1])))).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(place.knock(bare("GET", "/api/v1/lessons/khong-co", &lan)).await.status, StatusCode::NOT_FOUND);
    let is_done =
        |list: &Value| list["lessons"].as_array().expect("lessons").iter().filter(|l| !l["done"].is_null()).count();
    assert_eq!(is_done(&place.knock(bare("GET", "/api/v1/lessons", &lan)).await.json()), 1);
    assert_eq!(is_done(&place.knock(bare("GET", "/api/v1/lessons", &ky)).await.json()), 0, "each learns for himself");

    let progress = place.knock(bare("GET", "/api/v1/progress", &ky)).await.json();
    let one =
        progress["lessons"].as_array().expect("lessons").iter().find(|l| l["id"] == "lich-phat").expect("it").clone();
    assert_eq!((&one["done"], &progress["all_done"]), (&json!(1), &json!(0)));
    let (_, got) = place.order(json("POST", "/api/v1/progress", &ky, ""), done()).await;
    let Act::Send { kind: Outgoing::Report, body, .. } = got.act else { panic!("{:?}", got.act) };
    assert_eq!((&body["report"], body.get("persons")), (&json!("training"), None));
    for shown in progress["persons"].as_array().expect("persons") {
        let name = shown["shown"].as_str().expect("a name");
        assert!(!body.to_string().contains(&format!("\"{name}\"")), "{name} leaves the station");
    }
}

#[tokio::test]
async fn a_question_goes_up_without_who_asked_and_what_was_not_sent_was_not_asked() {
    let mut place = Place::new("programme");
    let lan = place.sign_in("lan").await;
    let ask = json!({ "text": "Loa thôn 3 rè khi mưa, xử lý thế nào?", "page": "devices" }).to_string();
    let (answer, _) = place.order(json("POST", "/api/v1/questions", &lan, &ask), Outcome::Busy).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let none = place.knock(bare("GET", "/api/v1/questions", &lan)).await.json();
    assert_eq!(none, json!({ "questions": [] }));
    let (_, got) = place.order(json("POST", "/api/v1/questions", &lan, &ask), done()).await;
    let Act::Send { kind: Outgoing::Report, body, .. } = got.act else { panic!("{:?}", got.act) };
    assert_eq!((&body["report"], &body["page"]), (&json!("question"), &json!("devices")));
    assert!(!body.to_string().contains("lan"), "{body}");
    let asked = place.knock(bare("GET", "/api/v1/questions", &lan)).await.json();
    assert_eq!((&asked["questions"][0]["id"], &asked["questions"][0]["yours"]), (&body["question_id"], &json!(true)));
}

#[tokio::test]
async fn reports_and_papers_are_there_for_whoever_looks() {
    let mut place = Place::new("programme");
    let (khach, lan) = (place.sign_in("khach").await, place.sign_in("lan").await);
    let report = place.knock(bare("GET", "/api/v1/report?from=2025-12-15&to=2026-12-14", &khach)).await.json();
    assert_eq!(report["drills"]["plays"], 0);
    assert!(
        report["clusters"].as_array().expect("clusters").iter().any(|c| c["key"] == "thon-1"),
        "one that never sounded too"
    );
    for (path, begins) in [("report", "%PDF"), ("playlog", "%PDF"), ("register", "%PDF")] {
        let answer = place.knock(bare("GET", &format!("/api/v1/{path}.pdf"), &khach)).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/pdf"), "{path}");
        assert!(answer.text.starts_with(begins), "{path}");
    }
    let wrong = place.knock(bare("GET", "/api/v1/report?from=15/12/2025", &khach)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = r#"{"from":"2025-12-15","to":"2026-12-14"}"#;
    let (_, got) = place.order(json("POST", "/api/v1/report", &lan, body), done()).await;
    let Act::Send { kind: Outgoing::Report, body, .. } = got.act else { panic!("{:?}", got.act) };
    assert_eq!((&body["report"], &body["from"]), (&json!("broadcast"), &json!("2025-12-15")));
    let backwards = r#"{"from":"2026-12-14","to":"2025-12-15"}"#;
    assert_eq!(
        place.knock(json("POST", "/api/v1/report", &lan, backwards)).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_book_too_long_for_a_file_is_refused_and_never_cut() {
    let place = Place::new("programme");
    let khach = place.sign_in("khach").await;
    for (form, most) in [("csv", "100000"), ("xlsx", "100000"), ("pdf", "10000")] {
        let whole = place.knock(bare("GET", &format!("/api/v1/playlog.{form}?cluster=thon-1"), &khach)).await;
        assert_eq!(whole.status, StatusCode::OK, "{form}");
        let long = place.knock(bare("GET", &format!("/api/v1/playlog.{form}?cluster=thon-2"), &khach)).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(long.text.contains(&format!("hơn {most} dòng")), "{form}: {}", long.text);
    }
}
