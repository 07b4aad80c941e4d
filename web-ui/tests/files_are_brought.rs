//! Files of officers: bounded before and while they come, kept while something needs them, refused in words that help.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use door::{Answer, Place, bare};
use gateway_core::input::Act;
use std::convert::Infallible;
use std::sync::Arc;
use web_ui::Outcome;

fn file(cookie: &str, kind: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method("POST").uri("/api/v1/media").header(header::HOST, "gate.test:8443");
    let request = request.header(header::COOKIE, cookie).header(header::CONTENT_TYPE, kind);
    request.body(body).expect("a request")
}

async fn brought(place: &mut Place, cookie: &str, bytes: &str) -> (Answer, String) {
    let request = file(cookie, "audio/wav", Body::from(bytes.to_owned()));
    let (answer, got) = place.order(request, Outcome::Done { seq: 7 }).await;
    let Act::Office { what } = got.act else { panic!("{:?}", got.act) };
    (answer, what)
}

#[tokio::test]
async fn what_was_brought_is_described_and_noted() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let (answer, noted) = brought(&mut place, &lan, "RIFF....").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let told = answer.json();
    assert_eq!(
        (&told["kind"], &told["mime"], &told["bytes"], &told["by"]),
        (&"audio".into(), &"audio/wav".into(), &8.into(), &"lan".into())
    );
    assert_eq!(told["peaks"], serde_json::json!([0, 128, 255]));
    assert!(noted.starts_with("media 000000000000 audio 8 bytes"), "{noted}");
    let about = format!("/api/v1/media/{}/about", told["sha256"].as_str().expect("a digest"));
    assert_eq!(place.knock(bare("GET", &about, &lan)).await.json(), told);
}

#[tokio::test]
async fn two_gigabytes_are_refused_before_a_byte_is_taken_and_while_they_come() {
    let place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    let mut announced = file(&lan, "audio/wav", Body::from("RIFF"));
    announced.headers_mut().insert(header::CONTENT_LENGTH, "2147483648".parse().expect("a number"));
    let answer = place.knock(announced).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    assert!(answer.json()["detail"].as_str().expect("words").contains("200 MB"), "{}", answer.text);
    assert!(place.cellar.came.lock().expect("unlocked").is_empty(), "nobody was asked to keep it");
    // The same without saying so beforehand.
    let piece = Bytes::from(vec![b'R'; 1 << 20]);
    let endless = futures_util::stream::iter((0..2048).map(move |_| Ok::<_, Infallible>(piece.clone())));
    let answer = place.knock(file(&lan, "image/png", Body::from_stream(endless))).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
}

#[tokio::test]
async fn wrong_kinds_are_refused_in_words_that_help() {
    let place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    for (kind, bytes, status, code) in [
        ("text/html", "<script>alert(1)</script>", StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_medium"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "PK",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "no_medium",
        ),
        ("image/png", "PK\x03\x04", StatusCode::UNPROCESSABLE_ENTITY, "unknown_kind"),
        ("image/png", "RIFF....", StatusCode::UNPROCESSABLE_ENTITY, "other_kind"),
        ("application/octet-stream", "", StatusCode::UNPROCESSABLE_ENTITY, "unknown_kind"),
    ] {
        let answer = place.knock(file(&lan, kind, Body::from(bytes))).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{kind}");
        assert!(answer.json()["detail"].as_str().expect("words").contains("Chưa lưu gì"), "{}", answer.text);
    }
    let broken = futures_util::stream::iter([Ok(Bytes::from("RIFF")), Err(std::io::Error::other("the line is cut"))]);
    let answer = place.knock(file(&lan, "audio/wav", Body::from_stream(broken))).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "broken_off"));
}

#[tokio::test]
async fn what_nothing_needs_goes_after_a_fortnight_by_a_clock_that_is_trusted() {
    let mut place = Place::new("quiet");
    let lan = place.sign_in("lan").await;
    brought(&mut place, &lan, "RIFF.").await;
    for (clock, gone) in [("2026-12-04T05:00:00+07:00", 0), ("2026-12-06T05:42:11+07:00", 1)] {
        let mut view = invented::view("quiet");
        view.clock = Some(clock.to_owned());
        place.told.send_replace(Arc::new(view));
        brought(&mut place, &lan, "RIFF...").await;
        assert_eq!(place.cellar.released.lock().expect("unlocked").len(), gone, "{clock}");
    }
    // Without a clock nothing grows old.
    let mut view = invented::view("quiet");
    view.clock = None;
    place.told.send_replace(Arc::new(view));
    brought(&mut place, &lan, "RIFF.........").await;
    assert_eq!(place.cellar.released.lock().expect("unlocked").len(), 1);
}
