//! What the office keeps and for how long: drafts that are over, files of the library, items kept for good, and drafts made of them.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use door::{Place, bare, json};
use gateway_core::bulletin::Content;
use gateway_core::input::Act;
use invented::cellar::THERE;
use invented::item;
use serde_json::{Value, json as value};
use std::sync::Arc;
use web_ui::Outcome;

const DONE: Outcome = Outcome::Done { seq: 9 };

/// The station's clock is there now.
fn clock(place: &Place, at: &str) {
    let mut view = invented::view("quiet");
    view.clock = Some(at.to_owned());
    place.told.send_replace(Arc::new(view));
}

fn content(sha256: &str) -> Vec<Content> {
    let media = value!({"url": "https://hub/a", "sha256": sha256, "bytes": 400, "mime": "audio/mpeg"});
    let parts = value!([{"type": "text", "lang": "vi", "text": "Không đốt rẫy."}, {"type": "audio", "lang": "km", "media": media},
        {"type": "relay", "input": "vov1"}]);
    serde_json::from_value(parts).expect("content")
}

fn shelve(place: &Place, id: &str, state: &str, content: Vec<Content>) {
    place.book.library.lock().expect("unlocked").push(item(id, state, content));
}

async fn begun(place: &mut Place, lan: &str, sheet: &Value) -> String {
    let (answer, _) = place.order(json("POST", "/api/v1/drafts", lan, &sheet.to_string()), DONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["id"].as_str().expect("a name").to_owned()
}

fn sheet(title: &str, audio: Option<&str>) -> Value {
    value!({"title": title, "field": "y-te", "targets": {"clusters": ["*"], "boards": []},
        "renditions": [{"lang": "vi", "text": "Tin.", "audio": audio}]})
}

#[tokio::test]
async fn a_draft_that_is_over_goes_and_is_noted_and_one_that_was_never_handed_in_stays() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let mut names = Vec::new();
    for title in ["xong", "đang phát", "chưa gửi", "trả lại"] {
        names.push(begun(&mut place, &lan, &sheet(title, None)).await);
    }
    for (at, state) in [(0, "done"), (1, "on_air"), (3, "rejected")] {
        shelve(&place, &format!("xa-{}", names[at]), state, Vec::new());
    }
    clock(&place, "2027-03-01T05:00:00+07:00");
    // Two go: the page waits for both to be noted.
    let router = place.router.clone();
    let listing = tokio::spawn(async move { door::knock(&router, bare("GET", "/api/v1/drafts", &lan)).await });
    let mut noted = Vec::new();
    for _ in 0..2 {
        let asked = place.asked.recv().await.expect("an order");
        assert_eq!(asked.by, "station");
        let Act::Office { what } = asked.act else { panic!("{:?}", asked.act) };
        noted.push(what);
        asked.answer.send(DONE).expect("someone who waits");
    }
    noted.sort();
    let mut gone = [&names[0], &names[3]].map(|id| format!("draft {id} taken out: its bulletin is over"));
    gone.sort();
    assert_eq!(noted, gone);
    let told = listing.await.expect("an answer").json();
    let left: Vec<&str> =
        told["drafts"].as_array().expect("drafts").iter().map(|d| d["title"].as_str().expect("a title")).collect();
    assert_eq!(left, ["chưa gửi", "đang phát"]);
}

async fn brought(place: &mut Place, lan: &str, bytes: &'static str) -> String {
    let request = Request::builder().method("POST").uri("/api/v1/media").header(header::HOST, "gate.test:8443");
    let request = request.header(header::COOKIE, lan).header(header::CONTENT_TYPE, "audio/wav");
    let (answer, _) = place.order(request.body(Body::from(bytes)).expect("a request"), DONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["sha256"].as_str().expect("a name").to_owned()
}

#[tokio::test]
async fn the_library_holds_what_was_handed_in_for_its_time_also_without_the_draft() {
    for (looked, gone) in [("2027-06-01T05:00:00+07:00", false), ("2027-12-01T05:00:00+07:00", true)] {
        let mut place = Place::new("quiet");
        let lan = place.sign_in("lan").await;
        let file = brought(&mut place, &lan, "RIFF.").await;
        let id = begun(&mut place, &lan, &sheet("Có tiếng", Some(&file))).await;
        let submit = json("POST", &format!("/api/v1/drafts/{id}/submit"), &lan, r#"{"version": 1}"#);
        assert_eq!(place.order(submit, DONE).await.0.status, StatusCode::OK);
        let drop = bare("DELETE", &format!("/api/v1/drafts/{id}?version=1"), &lan);
        assert_eq!(place.order(drop, DONE).await.0.status, StatusCode::OK);
        clock(&place, looked);
        let told = place.knock(bare("GET", "/api/v1/keeping", &lan)).await.json();
        assert_eq!(place.cellar.released.lock().expect("unlocked").contains(&file), gone, "{looked}");
        let items = told["items"].as_array().expect("items");
        assert_eq!(items.len(), usize::from(!gone), "{told}");
        if let Some(one) = items.first() {
            assert_eq!((&one["title"], &one["goes"]), (&value!("Có tiếng"), &value!("2027-11-21T05:42:10.000+07:00")));
        }
    }
}

#[tokio::test]
async fn an_item_is_kept_for_good_within_the_room_there_is_and_let_go_again() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    for id in ["A", "B", "C"] {
        shelve(&place, id, "done", content(THERE));
    }
    shelve(&place, "D", "done", content(&"0".repeat(64)));
    let keep = |id: &str, kept: bool| {
        json("POST", &format!("/api/v1/library/{id}/keep"), &lan, &value!({"kept": kept}).to_string())
    };
    for id in ["A", "B"] {
        assert_eq!(place.order(keep(id, true), DONE).await.0.status, StatusCode::OK);
    }
    // 400 bytes each, and room for 1000.
    let full = place.knock(keep("C", true)).await;
    assert_eq!((full.status, full.code().as_str()), (StatusCode::CONFLICT, "no_room"));
    assert_eq!(place.knock(keep("D", true)).await.code(), "file_gone");
    assert_eq!(place.knock(keep("none", true)).await.status, StatusCode::NOT_FOUND);
    let told = place.knock(bare("GET", "/api/v1/keeping", &lan)).await.json();
    assert_eq!(told["kept"].as_array().expect("kept").iter().map(|k| &k["bulletin"]).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!((&told["room"], &told["cache"][0]["bytes"]), (&value!(1000), &value!(400)));
    let one = place.knock(bare("GET", "/api/v1/library/A", &lan)).await.json();
    assert_eq!((&one["stay"]["kept_by"], &one["stay"]["until"]), (&value!("lan"), &Value::Null));
    assert_eq!(place.order(keep("A", false), DONE).await.0.status, StatusCode::OK);
    let one = place.knock(bare("GET", "/api/v1/library/A", &lan)).await.json();
    assert_eq!(one["stay"], value!({"kept_by": null, "until": "2027-11-21T05:42:10.000+07:00"}));
    assert_eq!(place.order(keep("C", true), DONE).await.0.status, StatusCode::OK, "there is room again");
}

#[tokio::test]
async fn an_item_becomes_a_draft_with_its_files_and_says_what_is_missing() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    shelve(&place, "A", "done", content(THERE));
    shelve(&place, "B", "", content(&"0".repeat(64)));
    let reuse = |id: &str, version: u32| {
        json("POST", &format!("/api/v1/library/{id}/reuse"), &lan, &value!({"version": version}).to_string())
    };
    let (answer, got) = place.order(reuse("A", 1), DONE).await;
    let told = answer.json();
    assert_eq!((answer.status, &told["missing"]), (StatusCode::OK, &value!(["relay"])), "{}", answer.text);
    let id = told["id"].as_str().expect("a name");
    assert_eq!(got.act, Act::Office { what: format!("draft {id} begun with A version 1") });
    let draft = place.knock(bare("GET", &format!("/api/v1/drafts/{id}"), &lan)).await.json();
    assert_eq!(draft["sheet"]["title"], "Phòng cháy");
    assert_eq!(draft["sheet"]["renditions"][0]["text"], "Không đốt rẫy.");
    assert_eq!(draft["sheet"]["renditions"][1]["audio"], THERE);
    assert_eq!((&draft["media"][0]["sha256"], &draft["media"][0]["kind"]), (&value!(THERE), &value!("audio")));
    let (answer, _) = place.order(reuse("B", 1), DONE).await;
    assert_eq!(answer.json()["missing"], value!(["audio", "relay"]), "a file that is gone costs the words nothing");
    assert_eq!(place.knock(reuse("A", 2)).await.status, StatusCode::NOT_FOUND);
}
