//! Drafts: kept over the version looked at, handed in whole and within the rules, vouched for by those who speak them.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json};
use gateway_core::bulletin::{Content, Priority};
use gateway_core::input::Act;
use serde_json::{Value, json as value};
use web_ui::{Outcome, Role, users};

const DONE: Outcome = Outcome::Done { seq: 9 };

fn sheet(text: &str) -> Value {
    value!({"title": "Lịch tiêm chủng", "field": "y-te", "targets": {"clusters": ["*"], "boards": ["*"]},
        "renditions": [{"lang": "vi", "text": text}]})
}

async fn begun(place: &mut Place, cookie: &str, sheet: &Value) -> String {
    let (answer, got) = place.order(json("POST", "/api/v1/drafts", cookie, &sheet.to_string()), DONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(matches!(got.act, Act::Office { .. }));
    answer.json()["id"].as_str().expect("a name").to_owned()
}

async fn kept(place: &Place, cookie: &str, id: &str, version: u32, sheet: &Value) -> door::Answer {
    let body = value!({"version": version, "sheet": sheet}).to_string();
    place.knock(json("PUT", &format!("/api/v1/drafts/{id}"), cookie, &body)).await
}

#[tokio::test]
async fn what_is_being_written_is_kept_and_nothing_of_another_is_lost() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    users::add_user(place.dir.path(), "hoa", Role::Approver, door::PASSWORD).expect("a user");
    let hoa = place.sign_in("hoa").await;
    let id = begun(&mut place, &lan, &sheet("Sáng thứ ba.")).await;
    let answer = kept(&place, &lan, &id, 1, &sheet("Sáng thứ tư.")).await;
    assert_eq!((answer.status, &answer.json()["version"]), (StatusCode::OK, &value!(2)), "{}", answer.text);
    // Sent again because the first answer was lost.
    assert_eq!(kept(&place, &lan, &id, 1, &sheet("Sáng thứ tư.")).await.json()["version"], 2);
    let late = kept(&place, &hoa, &id, 1, &sheet("Chiều thứ ba.")).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "changed"));
    let current = &late.json()["current"];
    assert_eq!((&current["version"], &current["changed_by"]), (&value!(2), &value!("lan")));
    assert_eq!(current["sheet"]["renditions"][0]["text"], "Sáng thứ tư.");
    let told = place.knock(bare("GET", "/api/v1/drafts", &hoa)).await.json();
    assert_eq!(told["drafts"][0]["title"], "Lịch tiêm chủng");
    let path = format!("/api/v1/drafts/{id}?version=2");
    let (gone, _) = place.order(bare("DELETE", &path, &lan), DONE).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(kept(&place, &lan, &id, 2, &sheet("x")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn it_is_handed_in_as_the_bulletin_it_says() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let mut whole = sheet("Sáng thứ tư.");
    (whole["priority"], whole["repeat"]) = (value!(true), value!(2));
    let id = begun(&mut place, &lan, &whole).await;
    let path = format!("/api/v1/drafts/{id}/submit");
    let (answer, got) = place.order(json("POST", &path, &lan, r#"{"version": 1}"#), DONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let Act::Submit { bulletin, role } = got.act else { panic!("{:?}", got.act) };
    assert_eq!((got.by.as_str(), role.as_str()), ("lan", "officer"));
    assert_eq!(bulletin.bulletin_id.as_str(), format!("xa-{id}"));
    assert_eq!((bulletin.priority, bulletin.repeat, bulletin.version), (Priority::Priority, 2, 1));
    assert_eq!((bulletin.issuer.level.as_str(), bulletin.issuer.name.as_str()), ("commune", "Xã Bình Minh"));
    assert_eq!(bulletin.content, [Content::Text { lang: "vi".to_owned(), text: "Sáng thứ tư.".to_owned() }]);
}

#[tokio::test]
async fn what_is_not_whole_or_not_allowed_is_not_handed_in() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let with = |key: &str, new: Value| {
        let mut sheet = sheet("Tuyển sinh lớp 10.");
        sheet[key] = new;
        sheet
    };
    let notice = |kind: &str, no_product: bool, bare: bool| value!({"kind": kind, "of": "Trường A", "identified": true, "no_product": no_product, "bare": bare});
    for (sheet, says) in [
        (with("title", value!("")), "title"),
        (with("renditions", value!([])), "Chưa có nội dung"),
        (with("targets", value!({"clusters": [], "boards": []})), "Chưa chọn nơi phát"),
        (with("targets", value!({"clusters": ["thon-99"], "boards": []})), "thon-99"),
        (with("notice", notice("sales", true, true)), "chỉ được là"),
        (with("notice", notice("enrolment", false, true)), "chưa đủ"),
        (with("notice", notice("recruitment", true, false)), "chưa đủ"),
        (with("picture", value!("0".repeat(64))), "không còn trên trạm"),
        (with("valid_until", value!("hôm qua")), "Ngày giờ"),
        (
            with("renditions", value!([{"lang": "vi", "text": "Có."}, {"lang": "km", "text": "ទឹក", "speaker": "sok"}])),
            "«km»",
        ),
    ] {
        let id = begun(&mut place, &lan, &sheet).await;
        let answer = place.knock(json("POST", &format!("/api/v1/drafts/{id}/submit"), &lan, r#"{"version": 1}"#)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", answer.text);
        assert!(answer.json()["detail"].as_str().expect("words").contains(says), "{says}: {}", answer.text);
    }
    let markup = sheet("<script>alert(1)</script> & <img src=x onerror=alert(2)>");
    let id = begun(&mut place, &lan, &markup).await;
    let told = place.knock(bare("GET", &format!("/api/v1/drafts/{id}"), &lan)).await;
    assert_eq!(told.header("content-type"), "application/json", "markup is text like any other");
}

#[tokio::test]
async fn a_machines_rendition_wants_the_word_of_its_speaker_and_a_change_wants_it_again() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    users::add_user(place.dir.path(), "hoa", Role::Approver, door::PASSWORD).expect("a user");
    let hoa = place.sign_in("hoa").await;
    let machine = |text: &str| {
        let mut sheet = sheet(text);
        (sheet["renditions"][0]["machine"], sheet["renditions"][0]["speaker"]) = (value!(true), value!("hoa"));
        sheet
    };
    let id = begun(&mut place, &lan, &machine("Máy dịch.")).await;
    let (submit, vouch) = (format!("/api/v1/drafts/{id}/submit"), format!("/api/v1/drafts/{id}/vouch"));
    let refused = place.knock(json("POST", &submit, &lan, r#"{"version": 1}"#)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let word = r#"{"version": 1, "lang": "vi"}"#;
    assert_eq!(place.knock(json("POST", &vouch, &lan, word)).await.code(), "another_speaker");
    let (answer, _) = place.order(json("POST", &vouch, &hoa, word), DONE).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let draft = place.knock(bare("GET", &format!("/api/v1/drafts/{id}"), &lan)).await.json();
    assert_eq!(draft["vouched"]["vi"], "hoa");
    let (answer, got) = place.order(json("POST", &submit, &lan, r#"{"version": 1}"#), DONE).await;
    assert!(answer.status == StatusCode::OK && matches!(got.act, Act::Submit { .. }));
    // Another text is not what she vouched for.
    assert_eq!(kept(&place, &lan, &id, 1, &machine("Máy dịch khác.")).await.status, StatusCode::OK);
    let refused = place.knock(json("POST", &submit, &lan, r#"{"version": 2}"#)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = place.knock(bare("GET", "/api/v1/drafts", &lan)).await.json();
    assert_eq!(told["drafts"][0]["tasks"][0]["speaker"], "hoa");
}

#[tokio::test]
async fn a_leaders_word_is_for_leaders() {
    let mut place = Place::new("quiet");
    users::add_user(place.dir.path(), "hoa", Role::Approver, door::PASSWORD).expect("a user");
    let (lan, hoa) = (place.sign_in("lan").await, place.sign_in("hoa").await);
    let approve = "/api/v1/bulletins/xa-1/approve";
    let refused = place.knock(json("POST", approve, &lan, r#"{"version": 1}"#)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "role"));
    let (answer, got) = place.order(json("POST", approve, &hoa, r#"{"version": 1}"#), DONE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(got.act, Act::Approve { bulletin: "xa-1".into(), version: 1 });
    let back = json("POST", "/api/v1/bulletins/xa-1/return", &hoa, r#"{"version": 1, "reason": " sai ngày "}"#);
    let (_, got) = place.order(back, DONE).await;
    assert_eq!(got.act, Act::SendBack { bulletin: "xa-1".into(), version: 1, reason: "sai ngày".to_owned() });
    let wordless = json("POST", "/api/v1/bulletins/xa-1/return", &hoa, r#"{"version": 1, "reason": " "}"#);
    assert_eq!(place.knock(wordless).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
