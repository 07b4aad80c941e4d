//! The dictionary at the desk: who may change it, what happens to two who do, and how a text is heard beforehand.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare, json};
use serde_json::json;

const PATH: &str = "/api/v1/lexicon";

#[tokio::test]
async fn an_officer_changes_the_version_she_has_seen() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let seen = place.knock(bare("GET", PATH, &cookie)).await.json();
    assert_eq!((&seen["text"], seen["version"].is_string()), (&json!(""), true));
    let change = json!({ "text": "QL22B = quốc lộ hai mươi hai bê\n", "version": seen["version"] }).to_string();
    let answer = place.knock(json("PUT", PATH, &cookie, &change)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let now = place.knock(bare("GET", PATH, &cookie)).await.json();
    assert_eq!(now, answer.json());
    assert_eq!(now["text"], "QL22B = quốc lộ hai mươi hai bê\n");
    let late = place.knock(json("PUT", PATH, &cookie, &change)).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "changed"));
    assert_eq!(late.json()["acted"], false);
}

#[tokio::test]
async fn what_is_no_dictionary_is_refused_with_its_line() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let version = place.knock(bare("GET", PATH, &cookie)).await.json()["version"].clone();
    let bad = json!({ "text": "A = bê\nkhông có dấu bằng\n", "version": version }).to_string();
    let answer = place.knock(json("PUT", PATH, &cookie, &bad)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.json()["detail"].as_str().expect("why").contains("dòng 2"), "{}", answer.text);
    for body in ["{}", r#"{"text":"A = b"}"#, r#"{"text":1,"version":""}"#, r#"{"text":"","version":"","x":1}"#] {
        let answer = place.knock(json("PUT", PATH, &cookie, body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(place.parrot.text.lock().expect("the dictionary").as_str(), "");
}

#[tokio::test]
async fn a_text_is_heard_with_words_that_are_not_in_use_yet() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let trial = json!({ "text": " Đường QL22B ngập. ", "lexicon": "QL22B = quốc lộ" }).to_string();
    let answer = place.knock(json("POST", "/api/v1/lexicon/try", &cookie, &trial)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((answer.header("content-type"), answer.header("spoken-by")), ("audio/wav", "parrot"));
    assert_eq!(answer.text, "RIFF Đường QL22B ngập. Some(\"QL22B = quốc lộ\")");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(place.parrot.text.lock().expect("the dictionary").as_str(), "", "it was a trial");
}

#[tokio::test]
async fn a_trial_that_cannot_be_heard_says_why() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let long = "dài ".repeat(501);
    let cases = [
        ("", StatusCode::UNPROCESSABLE_ENTITY, "bad_body"),
        (long.as_str(), StatusCode::UNPROCESSABLE_ENTITY, "bad_body"),
        ("a\u{7}", StatusCode::UNPROCESSABLE_ENTITY, "bad_body"),
        ("ទឹក", StatusCode::UNPROCESSABLE_ENTITY, "bad_body"),
        ("bận", StatusCode::SERVICE_UNAVAILABLE, "busy"),
        ("vỡ", StatusCode::SERVICE_UNAVAILABLE, "voice"),
    ];
    for (text, status, code) in cases {
        let trial = json!({ "text": text }).to_string();
        let answer = place.knock(json("POST", "/api/v1/lexicon/try", &cookie, &trial)).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{text}");
        assert!(!answer.text.contains("espeak"), "what is for the log stays there");
    }
}
