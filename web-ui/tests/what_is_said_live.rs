//! An officer opens a microphone, speaks into it, and nobody else does.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use door::{Place, bare, json, knock};
use gateway_core::input::Act;
use web_ui::{Outcome, Role};

/// 0.5 and −0.5, big-endian.
const PIECE: [u8; 4] = [0x40, 0x00, 0xc0, 0x00];

fn piece(live: &str, cookie: &str, kind: &str, body: Vec<u8>) -> Request<Body> {
    let request = Request::builder().method("POST").uri(format!("/api/v1/live/{live}/voice"));
    let request = request.header(header::HOST, "gate.test:8443").header(header::COOKIE, cookie);
    request.header(header::CONTENT_TYPE, kind).body(Body::from(body)).expect("a request")
}

#[tokio::test]
async fn a_voice_goes_on_air_and_ends() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let ask = json("POST", "/api/v1/live", &cookie, r#"{"targets": {"clusters": ["thon-1"]}, "max_s": 90}"#);
    let (answer, got) = place.order(ask, Outcome::Done { seq: 7 }).await;
    assert_eq!((answer.status, answer.json()["live_id"].as_str()), (StatusCode::OK, Some("m1")), "{}", answer.text);
    assert_eq!(got.by, "lan");
    let Act::Live { live, input: None, targets, max_s: 90, chime: None } = got.act else { panic!("{:?}", got.act) };
    assert_eq!((live.as_str(), targets.clusters.len(), targets.boards.len()), ("m1", 1, 0));
    let kind = "audio/L16;rate=48000;channels=1";
    let answer = knock(&place.router, piece("m1", &cookie, kind, PIECE.to_vec())).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    let (answer, got) = place.order(bare("DELETE", "/api/v1/live/m1", &cookie), Outcome::Done { seq: 8 }).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(matches!(got.act, Act::EndLive { live } if live.as_str() == "m1"));
}

#[tokio::test]
async fn what_is_no_speech_or_nobodys_is_refused() {
    let place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    for kind in
        ["audio/L16", "audio/L16;rate=96000", "audio/L16;rate=48000;channels=2", "audio/ogg", "text/plain;rate=48000"]
    {
        let answer = knock(&place.router, piece("m1", &cookie, kind, PIECE.to_vec())).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_speech"),
            "{kind}"
        );
    }
    let answer = knock(&place.router, piece("m2", &cookie, "audio/L16;rate=48000", PIECE.to_vec())).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::GONE, "not_live"));
    let answer = knock(&place.router, piece("m1", &cookie, "audio/L16;rate=48000", vec![0; 70_000])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for body in [
        r#"{"max_s": 0}"#,
        r#"{"max_s": 7200}"#,
        r#"{"targets": {"clusters": []}}"#,
        r#"{"targets": {"clusters": ["xa-la"]}}"#,
    ] {
        let answer = place.knock(json("POST", "/api/v1/live", &cookie, body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn a_network_sink_is_described_to_receivers() {
    let place = Place::new("programme");
    let cookie = place.sign_in("khach").await;
    let answer = place.knock(bare("GET", "/api/v1/sinks/hall/sdp", &cookie)).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "v=0\r\n"));
    assert_eq!(answer.header("content-type"), "application/sdp");
    for path in ["/api/v1/sinks/none/sdp", "/api/v1/sinks/hall/sdp?emergency=true"] {
        assert_eq!(place.knock(bare("GET", path, &cookie)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// A station where `lan` speaks as `m1`, and `hoa`, who may approve, is known.
fn lan_speaks() -> Place {
    let mut view = invented::view("programme");
    view.talks.push(gateway_core::view::TalkView {
        live: "m1".into(),
        bulletin: "live:m1".into(),
        title: "Nói trực tiếp".to_owned(),
        speaker: Some("lan".to_owned()),
        input: None,
        emergency: false,
        drill: false,
        stage: "speaking",
        left_ms: 60_000,
        asked: Some("hoa".to_owned()),
    });
    let dir = door::Scratch::new();
    for (name, role) in [("lan", Role::Officer), ("hoa", Role::Approver), ("khach", Role::Viewer)] {
        web_ui::users::add_user(dir.path(), name, role, door::PASSWORD).expect("a user");
    }
    Place::over(dir, view, invented::Book::default(), false)
}

#[tokio::test]
async fn a_voice_is_an_emergency_where_it_is_ordered_as_one() {
    let mut place = Place::new("programme");
    let cookie = place.sign_in("lan").await;
    let body = r#"{"text": "Vỡ đê", "level": 4, "max_s": 120, "reason": "chủ tịch xã nói"}"#;
    let (answer, got) =
        place.order(json("POST", "/api/v1/emergency/voice", &cookie, body), Outcome::Done { seq: 7 }).await;
    assert_eq!((answer.status, answer.json()["live_id"].as_str()), (StatusCode::OK, Some("m1")), "{}", answer.text);
    let Act::EmergencyVoice { live, text, level: 4, max_s: 120, drill: false, .. } = got.act else {
        panic!("{:?}", got.act)
    };
    assert_eq!((live.as_str(), text.as_str()), ("m1", "Vỡ đê"));
    let dead = json("POST", "/api/v1/emergency/voice", &cookie, body);
    let (answer, _) = place.order(dead, Outcome::ActedNotWritten).await;
    let told = answer.json();
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((told["acted"].as_bool(), told["current"]["live_id"].as_str()), (Some(true), Some("m1")), "{told}");
    for body in [
        r#"{"level": 6, "reason": "thử xem"}"#,
        r#"{"level": 3}"#,
        r#"{"level": 3, "reason": "thử xem", "targets": {"clusters": [], "boards": ["*"]}}"#,
        r#"{"level": 3, "reason": "thử xem", "max_s": 0}"#,
    ] {
        let answer = place.knock(json("POST", "/api/v1/emergency/voice", &cookie, body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn a_microphone_is_handed_by_its_speaker_or_taken_by_an_approver() {
    let mut place = lan_speaks();
    let (lan, hoa) = (place.sign_in("lan").await, place.sign_in("hoa").await);
    let hand = |cookie: &str, body: &str| json("POST", "/api/v1/live/m1/hand", cookie, body);
    let (answer, got) = place.order(hand(&lan, r#"{"to": "hoa"}"#), Outcome::Done { seq: 8 }).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(matches!(got.act, Act::HandLive { to, .. } if to == "hoa"));
    let (answer, got) =
        place.order(hand(&hoa, r#"{"to": "hoa", "reason": "nội dung sai"}"#), Outcome::Done { seq: 9 }).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(matches!(got.act, Act::HandLive { reason, .. } if reason == "nội dung sai"));
    let answer = place.knock(hand(&hoa, r#"{"to": "hoa"}"#)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "taken without a reason");
    let answer = place.knock(hand(&lan, r#"{"to": "khach"}"#)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "who only looks gets no microphone");
    let answer = place.knock(json("POST", "/api/v1/live/m9/hand", &lan, r#"{"to": "hoa"}"#)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
