//! Accounts, sessions, the desk handed over by PIN, and the second factor, as the API tells and changes them.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Answer, PASSWORD, Place, bare, json};
use futures_util::StreamExt;
use gateway_core::input::Act;
use serde_json::{Value, json as value};
use std::fs;
use std::sync::Arc;
use totp_rs::{Builder, Secret};
use web_ui::{Outcome, Role, users};

/// The invented station's clock.
const NOW: u64 = 1_795_214_530;

/// Changes something of the office, as the loop lets it; what was noted.
async fn change(place: &mut Place, method: &str, path: &str, cookie: &str, body: &Value) -> (Answer, String) {
    let request = json(method, path, cookie, &body.to_string());
    let (answer, got) = place.order(request, Outcome::Done { seq: 77 }).await;
    assert_eq!(answer.status, StatusCode::OK, "{method} {path}: {}", answer.text);
    assert_eq!(answer.json()["seq"], 77);
    let Act::Office { what } = got.act else { panic!("{method} {path} ordered {:?}", got.act) };
    (answer, format!("{}: {what}", got.by))
}

async fn ask(place: &Place, method: &str, path: &str, cookie: &str, body: &Value) -> Answer {
    place.knock(json(method, path, cookie, &body.to_string())).await
}

async fn status(place: &Place, path: &str, cookie: &str) -> StatusCode {
    place.knock(bare("GET", path, cookie)).await.status
}

async fn with_code(place: &Place, name: &str, code: &str) -> Answer {
    ask(place, "POST", "/api/v1/session", "", &value!({"name": name, "password": PASSWORD, "code": code})).await
}

#[tokio::test]
async fn a_person_is_added_chooses_a_password_and_then_works() {
    let mut place = Place::new("quiet");
    let ky = place.sign_in("ky").await;
    let new = value!({"name": "mai", "shown": "Chị Mai", "role": "approver"});
    let (made, noted) = change(&mut place, "POST", "/api/v1/people", &ky, &new).await;
    assert_eq!(noted, "ky: tài khoản mai: thêm, vai trò lãnh đạo duyệt");
    let again = ask(&place, "POST", "/api/v1/people", &ky, &value!({"name": "MAI", "role": "viewer"})).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "name_taken"));
    for (name, shown) in [("chị mai", ""), ("", ""), ("a/b", ""), ("x", "\u{7}")] {
        let unfit = value!({"name": name, "shown": shown, "role": "viewer"});
        let answer = ask(&place, "POST", "/api/v1/people", &ky, &unfit).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
    let word = made.json()["password"].as_str().expect("a password").to_owned();
    let signed = place.try_sign_in("mai", &word).await;
    let mai = signed.cookie();
    let told = signed.json();
    assert_eq!((told["shown"].as_str(), told["must_change"].as_bool()), (Some("Chị Mai"), Some(true)));
    // She sees, and may do what cannot wait; the rest wants a password of her own.
    assert_eq!(status(&place, "/api/v1/air", &mai).await, StatusCode::OK);
    let answer = place.knock(bare("GET", "/api/v1/people", &mai)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "change_password"));
    let path = "/api/v1/account/password";
    for new in ["ngắn quá", word.as_str()] {
        let answer = ask(&place, "PUT", path, &mai, &value!({"old": word, "new": new})).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
    }
    let answer = ask(&place, "PUT", path, &mai, &value!({"old": "doan-mo-thoi", "new": "bốn mùa hoa nở"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "wrong_password"));
    let other = place.try_sign_in("mai", &word).await.cookie();
    let (_, noted) = change(&mut place, "PUT", path, &mai, &value!({"old": word, "new": "bốn mùa hoa nở"})).await;
    assert_eq!(noted, "mai: tài khoản mai: tự đổi mật khẩu");
    assert_eq!(status(&place, "/api/v1/people", &mai).await, StatusCode::OK);
    assert_eq!(status(&place, "/api/v1/air", &other).await, StatusCode::UNAUTHORIZED, "the other session is ended");
    assert_eq!(place.try_sign_in("mai", &word).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(place.try_sign_in("mai", "bốn mùa hoa nở").await.json()["must_change"], false);
    let kept = fs::read_to_string(place.dir.path().join(users::USERS_FILE)).expect("the users");
    assert!(kept.contains("Chị Mai") && !kept.contains(&word) && !kept.contains("hoa nở"));
}

#[tokio::test]
async fn one_who_is_demoted_or_removed_loses_it_at_once() {
    let mut place = Place::new("quiet");
    let (ky, lan) = (place.sign_in("ky").await, place.sign_in("lan").await);
    assert_eq!(status(&place, "/api/v1/lexicon", &lan).await, StatusCode::OK);
    let viewer = value!({"shown": "", "role": "viewer", "version": 0});
    let (_, noted) = change(&mut place, "PUT", "/api/v1/people/lan", &ky, &viewer).await;
    assert_eq!(noted, "ky: tài khoản lan: sửa, vai trò người xem");
    let mute = value!({"for_s": 60, "reason": "thử"});
    assert_eq!(ask(&place, "POST", "/api/v1/mute", &lan, &mute).await.code(), "role");
    // Somebody who looked before that change does not undo it unknowingly.
    let officer = value!({"shown": "", "role": "officer", "version": 0});
    assert_eq!(ask(&place, "PUT", "/api/v1/people/lan", &ky, &officer).await.code(), "changed");
    let request = bare("DELETE", "/api/v1/people/lan", &ky);
    let (answer, _) = place.order(request, Outcome::Done { seq: 78 }).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(status(&place, "/api/v1/air", &lan).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&place, "DELETE", "/api/v1/people/lan", &ky, &Value::Null).await.status, StatusCode::NOT_FOUND);
    // Whoever gets the name next does not find the session open.
    users::add_user(place.dir.path(), "lan", Role::Officer, PASSWORD).expect("lan");
    place.sign_in("lan").await;
    assert_eq!(status(&place, "/api/v1/air", &lan).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_last_one_who_looks_after_people_stays() {
    let place = Place::new("quiet");
    let ky = place.sign_in("ky").await;
    let officer = value!({"shown": "", "role": "officer", "version": 0});
    assert_eq!(ask(&place, "PUT", "/api/v1/people/ky", &ky, &officer).await.code(), "last_one");
    assert_eq!(ask(&place, "DELETE", "/api/v1/people/ky", &ky, &Value::Null).await.code(), "last_one");
    assert_eq!(status(&place, "/api/v1/people", &ky).await, StatusCode::OK);
    assert!(place.asked.is_empty(), "nothing was changed, so nothing is noted");
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_pin() {
    let mut place = Place::new("quiet");
    let (ky, lan) = (place.sign_in("ky").await, place.sign_in("lan").await);
    change(&mut place, "PUT", "/api/v1/account/pin", &lan, &value!({"password": PASSWORD, "pin": "402917"})).await;
    let (made, noted) = change(&mut place, "POST", "/api/v1/people/lan/password", &ky, &Value::Null).await;
    assert_eq!(noted, "ky: tài khoản lan: cấp mật khẩu mới");
    assert_eq!(status(&place, "/api/v1/air", &lan).await, StatusCode::UNAUTHORIZED);
    assert_eq!(place.try_sign_in("lan", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let word = made.json()["password"].as_str().expect("a password").to_owned();
    let lan = place.try_sign_in("lan", &word).await;
    assert_eq!(lan.json()["must_change"], true);
    let own = place.knock(bare("GET", "/api/v1/account", &lan.cookie())).await.json();
    assert_eq!(own["pin"], false);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_and_their_streams_end_with_them() {
    let mut place = Place::new("quiet");
    let ky = place.sign_in("ky").await;
    let mut request = json("POST", "/api/v1/session", "", &value!({"name": "lan", "password": PASSWORD}).to_string());
    let agent =
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
    request.headers_mut().insert("user-agent", agent.parse().expect("a header"));
    let lan = place.knock(request).await.cookie();
    let listed = place.knock(bare("GET", "/api/v1/sessions", &ky)).await.json();
    let rows = listed["sessions"].as_array().expect("sessions");
    let row = rows.iter().find(|r| r["name"] == "lan").expect("lan");
    assert_eq!((row["browser"].as_str(), row["here"].as_bool()), (Some("Chrome, Android"), Some(false)));
    assert!(rows.iter().any(|r| r["name"] == "ky" && r["here"] == true));
    assert!(!listed.to_string().contains(lan.trim_start_matches("desk=")), "the secret of a cookie is told");
    // The stream is read to its end, which comes when the session does.
    let router = place.router.clone();
    let streaming = lan.clone();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let reading = tokio::spawn(async move {
        use tower::ServiceExt;
        let response = router.oneshot(bare("GET", "/api/v1/events", &streaming)).await.expect("an answer");
        let mut pieces = response.into_body().into_data_stream();
        let first = pieces.next().await.expect("a piece").expect("no fault");
        begun.send(()).expect("somebody waits");
        while pieces.next().await.is_some() {}
        first
    });
    begins.await.expect("the stream has begun");
    let path = format!("/api/v1/sessions/{}", row["id"]);
    let (_, noted) = change(&mut place, "DELETE", &path, &ky, &Value::Null).await;
    assert_eq!(noted, "ky: kết thúc một phiên làm việc của lan");
    assert!(String::from_utf8_lossy(&reading.await.expect("no panic")).contains("event: air"));
    assert_eq!(status(&place, "/api/v1/air", &lan).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&place, "DELETE", &path, &ky, &Value::Null).await.status, StatusCode::NOT_FOUND);
    // All of somebody's, and one's own elsewhere.
    let (one, two) = (place.sign_in("lan").await, place.sign_in("lan").await);
    change(&mut place, "DELETE", "/api/v1/account/sessions", &one, &Value::Null).await;
    assert_eq!(status(&place, "/api/v1/air", &two).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&place, "/api/v1/air", &one).await, StatusCode::OK);
    change(&mut place, "DELETE", "/api/v1/people/lan/sessions", &ky, &Value::Null).await;
    assert_eq!(status(&place, "/api/v1/air", &one).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_desk_changes_hands_by_pin_and_five_wrong_ones_block_it() {
    let mut place = Place::new("quiet");
    let (lan, ky) = (place.sign_in("lan").await, place.sign_in("ky").await);
    let path = "/api/v1/account/pin";
    let weak = ask(&place, "PUT", path, &ky, &value!({"password": PASSWORD, "pin": "123456"})).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unproved = ask(&place, "PUT", path, &ky, &value!({"password": "doan-mo-thoi", "pin": "402917"})).await;
    assert_eq!(unproved.code(), "wrong_password");
    change(&mut place, "PUT", path, &ky, &value!({"password": PASSWORD, "pin": "402917"})).await;
    let hands = place.knock(bare("GET", "/api/v1/session/hand", &lan)).await.json();
    assert_eq!(hands, value!({"hands": [{"name": "ky", "shown": "ky"}]}));
    let hand = "/api/v1/session/hand";
    // Nobody gets in from outside by a PIN, and nobody by the PIN of one who has none.
    let right = value!({"name": "ky", "pin": "402917"});
    assert_eq!(ask(&place, "POST", hand, "", &right).await.status, StatusCode::UNAUTHORIZED);
    for name in ["khach", "khong-co-ai"] {
        assert_eq!(ask(&place, "POST", hand, &lan, &value!({"name": name, "pin": ""})).await.code(), "wrong_pin");
    }
    let (answer, got) = place.order(json("POST", hand, &lan, &right.to_string()), Outcome::Done { seq: 5 }).await;
    assert_eq!((answer.status, got.by.as_str()), (StatusCode::OK, "ky"));
    assert!(matches!(got.act, Act::Office { what } if what == "nhận bàn làm việc từ lan bằng mã PIN"));
    assert_eq!((answer.json()["name"].as_str(), answer.json()["pin"].as_bool()), (Some("ky"), Some(true)));
    let desk = answer.cookie();
    assert_ne!(desk, lan);
    assert_eq!(status(&place, "/api/v1/air", &lan).await, StatusCode::UNAUTHORIZED, "the old cookie is worth nothing");
    assert_eq!(status(&place, "/api/v1/air", &desk).await, StatusCode::OK);
    let people = place.knock(bare("GET", "/api/v1/people", &desk)).await;
    assert_eq!(people.code(), "password_wanted", "a PIN does not make accounts");
    // Wrong ones, by somebody at another desk.
    let khach = place.sign_in("khach").await;
    let wrong = value!({"name": "ky", "pin": "402918"});
    for left in (1..5).rev() {
        let answer = ask(&place, "POST", hand, &khach, &wrong).await;
        assert_eq!(answer.code(), "wrong_pin");
        assert!(
            answer.json()["detail"].as_str().is_some_and(|d| d.contains(&format!("Còn {left} lần"))),
            "{}",
            answer.text
        );
    }
    let (answer, got) = place.order(json("POST", hand, &khach, &wrong.to_string()), Outcome::Done { seq: 6 }).await;
    assert_eq!(answer.code(), "pin_blocked");
    assert!(matches!(got.act, Act::Office { what } if what == "mã PIN của ky bị khóa sau 5 lần sai"));
    assert_eq!(ask(&place, "POST", hand, &khach, &right).await.code(), "pin_blocked");
    // A restart forgets nothing; the password lets it count again.
    let place = Place::over(place.dir, invented::view("quiet"), invented::Book::default(), false);
    let khach = place.sign_in("khach").await;
    assert_eq!(ask(&place, "POST", hand, &khach, &right).await.code(), "pin_blocked");
    place.sign_in("ky").await;
    let mut place = place;
    let (answer, _) = place.order(json("POST", hand, &khach, &right.to_string()), Outcome::NotWritten).await;
    assert_eq!(answer.status, StatusCode::OK, "a desk changes hands even where the disk is dead");
}

#[tokio::test]
async fn a_second_factor_is_begun_confirmed_asked_for_and_ended() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let path = "/api/v1/account/second";
    assert_eq!(
        ask(&place, "PUT", path, &lan, &value!({"code": "287082"})).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let begun = ask(&place, "POST", path, &lan, &value!({"password": PASSWORD})).await.json();
    assert!(begun["qr"].as_str().is_some_and(|qr| qr.contains("<svg")));
    let secret = Secret::try_from_base32(begun["secret"].as_str().expect("a secret")).expect("base 32");
    let telephone = Builder::new().with_secret(secret).build().expect("a telephone");
    let shows = |at: u64| telephone.generate(at).to_string();
    // Nothing is asked for before it is confirmed.
    place.sign_in("lan").await;
    assert_eq!(ask(&place, "PUT", path, &lan, &value!({"code": "x"})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (confirmed, noted) = change(&mut place, "PUT", path, &lan, &value!({"code": shows(NOW - 30)})).await;
    assert_eq!(noted, "lan: tài khoản lan: bật xác thực hai lớp");
    let paper = confirmed.json()["paper"].as_array().expect("codes").clone();
    assert_eq!(place.try_sign_in("lan", PASSWORD).await.code(), "code_wanted");
    assert_eq!(place.try_sign_in("lan", "doan-mo-thoi").await.code(), "wrong_password", "the password comes first");
    assert_eq!(with_code(&place, "lan", &shows(NOW - 30)).await.code(), "wrong_code", "it confirmed, so it is used up");
    assert_eq!(with_code(&place, "lan", &shows(NOW)).await.status, StatusCode::OK);
    assert_eq!(with_code(&place, "lan", &shows(NOW)).await.code(), "wrong_code", "taken once");
    // Without a clock those on paper count, each once.
    let mut view = invented::view("quiet");
    view.clock = None;
    place.told.send_replace(Arc::new(view));
    assert_eq!(with_code(&place, "lan", &shows(NOW + 30)).await.code(), "wrong_code");
    let code = paper[0].as_str().expect("a code").to_uppercase();
    assert_eq!(with_code(&place, "lan", &code).await.status, StatusCode::OK);
    assert_eq!(with_code(&place, "lan", &code).await.code(), "wrong_code");
    place.told.send_replace(Arc::new(invented::view("quiet")));
    for _ in 0..2 {
        assert_eq!(with_code(&place, "lan", "000000").await.code(), "wrong_code");
    }
    assert_eq!(
        with_code(&place, "lan", "000000").await.code(),
        "locked",
        "wrong codes are counted like wrong passwords"
    );
    // Somebody else takes it away, and the password is enough.
    let ky = place.sign_in("ky").await;
    change(&mut place, "DELETE", "/api/v1/people/lan/second", &ky, &Value::Null).await;
    let own = place.knock(bare("GET", "/api/v1/account", &lan)).await.json();
    assert_eq!(own["second"], Value::Null);
    let kept = fs::read_to_string(place.dir.path().join(users::USERS_FILE)).expect("the users");
    assert!(!kept.contains(&code.to_lowercase()));
}

#[tokio::test]
async fn what_was_changed_but_not_noted_is_said_so() {
    let mut place = Place::new("quiet");
    let ky = place.sign_in("ky").await;
    let request = bare("DELETE", "/api/v1/people/khach", &ky);
    let (answer, _) = place.order(request, Outcome::NotWritten).await;
    assert_eq!((answer.status, answer.json()["acted"].as_bool()), (StatusCode::SERVICE_UNAVAILABLE, Some(true)));
}
