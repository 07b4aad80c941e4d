//! Orders: what reaches the loop, what is stopped before it, and what the officer is told of the outcome.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use door::{Place, bare, json};
use gateway_core::bulletin::Targets;
use gateway_core::config::First;
use gateway_core::input::Act;
use serde_json::json;
use web_ui::Outcome;

const MUTE: &str = r#"{"reason":"Phát nhầm"}"#;

#[tokio::test]
async fn each_order_becomes_the_act_it_says() {
    let mut place = Place::new("programme");
    let (lan, ky) = (place.sign_in("lan").await, place.sign_in("ky").await);
    let programme = json!({
        "programme_id": "desk-1", "title": "Bản tin trưa", "start": "11:30", "duration_s": 600,
        "targets": { "clusters": ["thon-1"] }, "items": [{ "type": "chime" }],
    });
    let expected = serde_json::from_value(programme.clone()).expect("a programme");
    let cases = [
        (
            "emergency",
            json!({ "text": " Lũ về, lên đồi ngay. ", "level": 5, "reason": "Lũ ống" }),
            Act::Emergency {
                text: "Lũ về, lên đồi ngay.".to_owned(),
                level: 5,
                targets: Targets::everything(),
                repeat: 3,
                drill: false,
                reason: "Lũ ống".to_owned(),
            },
        ),
        (
            "emergency",
            json!({ "text": "Thử", "level": 1, "repeat": 10, "drill": true, "reason": "Diễn tập",
                    "targets": { "clusters": ["thon-2"], "boards": ["gate"] } }),
            Act::Emergency {
                text: "Thử".to_owned(),
                level: 1,
                targets: Targets { clusters: vec!["thon-2".into()], boards: vec!["gate".into()] },
                repeat: 10,
                drill: true,
                reason: "Diễn tập".to_owned(),
            },
        ),
        (
            "stop",
            json!({ "bulletin": "BT-2026-000123", "correction": "Xin lỗi bà con.", "reason": "Phát nhầm" }),
            Act::Stop {
                bulletin: Some("BT-2026-000123".into()),
                correction: Some("Xin lỗi bà con.".to_owned()),
                prepared: None,
                reason: "Phát nhầm".to_owned(),
            },
        ),
        (
            "stop",
            json!({ "correction": "  ", "reason": "Phát nhầm" }),
            Act::Stop { bulletin: None, correction: None, prepared: None, reason: "Phát nhầm".to_owned() },
        ),
        (
            "mute",
            json!({ "clusters": ["thon-1", "*"], "for_s": 300, "reason": "Loa hú" }),
            Act::Mute { clusters: vec![], for_s: Some(300), reason: "Loa hú".to_owned() },
        ),
        (
            "mute",
            json!({ "clusters": ["thon-1"], "for_s": 0, "reason": "Đã sửa" }),
            Act::Mute { clusters: vec!["thon-1".into()], for_s: Some(0), reason: "Đã sửa".to_owned() },
        ),
        (
            "blackout",
            json!({ "boards": ["market"], "reason": "Chữ lạ" }),
            Act::Blackout { boards: vec!["market".into()], for_s: None, reason: "Chữ lạ".to_owned() },
        ),
        (
            "rearm",
            json!({ "transmitter": "fm", "reason": "Đã sửa ăng-ten" }),
            Act::Rearm { transmitter: "fm".into(), reason: "Đã sửa ăng-ten".to_owned() },
        ),
        ("decisions/7", json!({ "first": "commune" }), Act::Decide { id: 7, first: First::Commune }),
        ("programmes", programme, Act::Programme(expected)),
    ];
    for (path, body, act) in cases {
        let (name, cookie) = if path == "rearm" { ("ky", &ky) } else { ("lan", &lan) };
        let request = json("POST", &format!("/api/v1/{path}"), cookie, &body.to_string());
        let (answer, got) = place.order(request, Outcome::Done { seq: 1201 }).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.json(), json!({ "seq": 1201 }));
        assert_eq!((got.by.as_str(), got.act), (name, act), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_right_never_reaches_the_loop_and_names_its_field() {
    let mut place = Place::new("programme");
    let (lan, ky) = (place.sign_in("lan").await, place.sign_in("ky").await);
    let programme = |change: serde_json::Value| {
        let mut whole = json!({ "programme_id": "p", "title": "Trưa", "start": "11:30", "duration_s": 600,
            "targets": { "clusters": ["*"] }, "items": [{ "type": "chime" }] });
        let (whole_map, change) = (whole.as_object_mut().expect("a map"), change);
        whole_map.extend(change.as_object().expect("a map").clone());
        whole
    };
    let cases = [
        ("emergency", json!({ "text": "   ", "level": 3, "reason": "Lũ" }), "text"),
        ("emergency", json!({ "text": "x".repeat(2001), "level": 3, "reason": "Lũ ống" }), "text"),
        ("emergency", json!({ "text": "a\u{7}b", "level": 3, "reason": "Lũ ống" }), "text"),
        ("emergency", json!({ "text": "Lũ", "level": 0, "reason": "Lũ ống" }), "level"),
        ("emergency", json!({ "text": "Lũ", "level": 6, "reason": "Lũ ống" }), "level"),
        ("emergency", json!({ "text": "Lũ", "level": -1, "reason": "Lũ ống" }), "u8"),
        ("emergency", json!({ "text": "Lũ", "level": 3, "repeat": 0, "reason": "Lũ ống" }), "repeat"),
        ("emergency", json!({ "text": "Lũ", "level": 3, "reason": "ố" }), "reason"),
        ("emergency", json!({ "text": "Lũ", "level": 3 }), "reason"),
        ("emergency", json!({ "text": "Lũ", "level": 3, "reason": "Lũ ống", "targets": {} }), "targets"),
        ("emergency", json!({ "text": "Lũ", "level": 3, "reason": "Lũ ống", "cluster": ["thon-1"] }), "cluster"),
        (
            "emergency",
            json!({ "text": "Lũ", "level": 3, "reason": "Lũ ống", "targets": { "clusters": ["thon-99"] } }),
            "thon-99",
        ),
        ("stop", json!({ "reason": "" }), "reason"),
        ("stop", json!({ "reason": "x".repeat(201) }), "reason"),
        ("mute", json!({ "clusters": ["<b>"], "reason": "Loa hú" }), "<b>"),
        ("mute", json!({ "for_s": 86_401, "reason": "Loa hú" }), "for_s"),
        ("mute", json!({ "cluster": "thon-1", "reason": "Loa hú" }), "cluster"),
        ("blackout", json!({ "boards": ["thon-1"], "reason": "Chữ lạ" }), "thon-1"),
        ("rearm", json!({ "transmitter": "thon-1", "reason": "Đã sửa" }), "thon-1"),
        ("decisions/7", json!({ "first": "nobody" }), "nobody"),
        ("programmes", programme(json!({ "start": "25:00" })), "start"),
        ("programmes", programme(json!({ "items": [] })), "items"),
        ("programmes", programme(json!({ "duration_s": 0 })), "duration_s"),
        ("programmes", programme(json!({ "days": ["thu-hai"] })), "thu-hai"),
        ("programmes", programme(json!({ "of_province": true })), "tỉnh"),
        ("programmes", programme(json!({ "valid_from": "21/11/2026" })), "21/11/2026"),
    ];
    for (path, body, word) in cases {
        let answer = place
            .knock(json(
                "POST",
                &format!("/api/v1/{path}"),
                if path == "rearm" { &ky } else { &lan },
                &body.to_string(),
            ))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}: {}", answer.text);
        assert_eq!(answer.code(), "bad_body");
        let detail = answer.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(word), "{path} {body}: {detail}");
    }
    for id in ["8", "x", "-1", "99999999999999999999"] {
        let answer =
            place.knock(json("POST", &format!("/api/v1/decisions/{id}"), &lan, r#"{"first":"commune"}"#)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "no_such_decision"), "{id}");
    }
    assert!(place.asked.try_recv().is_err(), "nothing reached the loop");
}

#[tokio::test]
async fn each_outcome_is_told_as_it_is() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let cases = [
        (Outcome::Refused("Đã dừng rồi.".to_owned()), StatusCode::CONFLICT, "refused", json!(false)),
        (Outcome::ActedNotWritten, StatusCode::SERVICE_UNAVAILABLE, "not_written", json!(true)),
        (Outcome::NotWritten, StatusCode::SERVICE_UNAVAILABLE, "not_written", json!(false)),
        (Outcome::Busy, StatusCode::SERVICE_UNAVAILABLE, "busy", json!(false)),
    ];
    for (outcome, status, code, acted) in cases {
        let (answer, _) = place.order(json("POST", "/api/v1/mute", &cookie, MUTE), outcome).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        let body = answer.json();
        assert_eq!(body["acted"], acted, "{body}");
        assert_eq!(body["status"], status.as_u16());
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let mute = || json("POST", "/api/v1/mute", &cookie, MUTE);
    // The loop takes the order and says nothing.
    let answer = place.knock(mute()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "no_answer"));
    // The queue is full: four places, one taken.
    for _ in 0..3 {
        place.knock(mute()).await;
    }
    let answer = place.knock(mute()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    // The loop drops the order, then is gone.
    while place.asked.try_recv().is_ok() {}
    let router = place.router.clone();
    let (answer, _) = tokio::join!(door::knock(&router, mute()), async { drop(place.asked.recv().await) });
    assert_eq!(answer.code(), "busy");
    place.asked.close();
    assert_eq!(place.knock(mute()).await.code(), "busy");
}

#[tokio::test]
async fn other_sites_cannot_order() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let from = |name: &str, value: &str| {
        let mut request = json("POST", "/api/v1/mute", &cookie, MUTE);
        request
            .headers_mut()
            .insert(header::HeaderName::from_bytes(name.as_bytes()).expect("a name"), value.parse().expect("a value"));
        request
    };
    for (name, value) in [
        ("origin", "https://evil.vn"),
        ("origin", "null"),
        ("origin", "https://gate.test:8080"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = place.knock(from(name, value)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "cross_site"), "{name} {value}");
    }
    let mut request = bare("DELETE", "/api/v1/session", &cookie);
    request.headers_mut().insert(header::ORIGIN, "https://evil.vn".parse().expect("a value"));
    assert_eq!(place.knock(request).await.status, StatusCode::FORBIDDEN);
    let mut request = json("POST", "/api/v1/session", "", r#"{"name":"lan","password":"x"}"#);
    request.headers_mut().insert(header::ORIGIN, "https://evil.vn".parse().expect("a value"));
    assert_eq!(place.knock(request).await.code(), "cross_site");
    let (answer, _) = place.order(from("origin", "https://gate.test:8443"), Outcome::Done { seq: 1 }).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_size_or_form_are_refused() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let send = |kind: Option<&str>, body: Vec<u8>| {
        let mut request = Request::post("/api/v1/mute").header(header::HOST, "gate").header(header::COOKIE, &cookie);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        request.body(Body::from(body)).expect("a request")
    };
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")] {
        let answer = place.knock(send(kind, MUTE.into())).await;
        let expected = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type");
        assert_eq!((answer.status, answer.code().as_str()), expected, "{kind:?}");
    }
    let json_kind = Some("application/json; charset=utf-8");
    let mut large = MUTE.as_bytes().to_vec();
    large.resize(65 * 1024, b' ');
    let answer = place.knock(send(json_kind, large)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    let deep = [b"[".repeat(60_000), b"]".repeat(5)].concat();
    for body in [b"".to_vec(), b"{".to_vec(), b"\xff\xfe".to_vec(), deep, b"{\"reason\":\"x\"} {}".to_vec()] {
        let answer = place.knock(send(json_kind, body)).await;
        assert!(matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY), "{}", answer.text);
        answer.code();
    }
    assert!(place.asked.try_recv().is_err(), "nothing reached the loop");
    let (answer, _) = place.order(send(json_kind, MUTE.into()), Outcome::Done { seq: 1 }).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn refusals_are_vietnamese_unless_english_is_asked_for() {
    let place = Place::new("quiet");
    let vietnamese = place.knock(bare("GET", "/api/v1/air", "")).await;
    assert_eq!(vietnamese.json()["title"], "Chưa đăng nhập");
    assert_eq!(vietnamese.header("content-language"), "vi");
    let mut request = bare("GET", "/api/v1/air", "");
    request.headers_mut().insert(header::ACCEPT_LANGUAGE, "en-GB, vi;q=0.5".parse().expect("a value"));
    let english = place.knock(request).await;
    assert_eq!(english.json()["title"], "Not signed in");
    assert_eq!(english.header("content-language"), "en");
}
