//! Officers listen to a sink live, find recordings, and read the parts of one that they ask for.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::{Request, StatusCode, header};
use door::{Place, Scratch, bare, knock};
use invented::{Book, Echo};

async fn place() -> (Place, String) {
    let dir = Scratch::new();
    let file = dir.path().join("sound");
    // More than is read at a time.
    std::fs::write(&file, (0..200_000_u32).map(|i| (i % 251) as u8).collect::<Vec<_>>()).expect("a file");
    web_ui::users::add_user(dir.path(), "lan", web_ui::Role::Viewer, door::PASSWORD).expect("lan");
    let echo = Echo { file: Some(file), ..Echo::default() };
    let place = Place::with(dir, invented::view("programme"), Book::default(), echo, false);
    let cookie = place.sign_in("lan").await;
    (place, cookie)
}

#[tokio::test]
async fn a_sink_is_listened_to_live() {
    let (place, cookie) = place().await;
    let answer = place.knock(bare("GET", "/monitor/hall", &cookie)).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "OggS"));
    assert_eq!(answer.header("content-type"), "audio/ogg; codecs=opus");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-security-policy").contains("default-src 'self'"));
    for (to, body) in [("audio", "OggS, filled"), ("video", "OggS, filled"), ("empty", "OggS")] {
        let request =
            Request::builder().uri("/monitor/hall").header(header::COOKIE, &cookie).header("sec-fetch-dest", to);
        let answer = knock(&place.router, request.body(axum::body::Body::empty()).expect("a request")).await;
        assert_eq!(answer.text, body, "a media element waits for many bytes");
    }
    for (sink, status, code) in
        [("none", 404, "not_found"), ("full", 503, "too_many_streams"), ("broken", 503, "no_stream")]
    {
        let answer = place.knock(bare("GET", &format!("/monitor/{sink}"), &cookie)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_stream_ends_after_an_hour() {
    let (place, cookie) = place().await;
    let began = tokio::time::Instant::now();
    // Its end is waited for, in told time.
    assert_eq!(place.knock(bare("GET", "/monitor/endless", &cookie)).await.status, StatusCode::OK);
    assert_eq!(began.elapsed().as_secs(), 3600);
}

#[tokio::test]
async fn recordings_are_listed_by_time_and_sink_the_newest_first() {
    let (place, cookie) = place().await;
    let ids = async |query: &str| {
        let answer = place.knock(bare("GET", &format!("/api/v1/recordings{query}"), &cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let rows = answer.json()["recordings"].as_array().expect("rows").clone();
        rows.iter().map(|r| r["id"].as_str().expect("a name").to_owned()).collect::<String>()
    };
    assert_eq!(ids("").await, "876543210");
    assert_eq!(ids("?limit=2").await, "87");
    assert_eq!(ids("?sink=hall&limit=1").await, "8");
    assert_eq!(ids("?sink=fm").await, "");
    assert_eq!(ids("?from=2026-11-21T05:02:00%2B07:00&to=2026-11-20T22:04:00Z").await, "32");
    for wrong in ["?from=yesterday", "?limit=0", "?limit=501", "?colour=red", "?to=2026-11-21T05:00:00+07:00"] {
        let answer = place.knock(bare("GET", &format!("/api/v1/recordings{wrong}"), &cookie)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn a_recording_is_read_whole_or_in_parts() {
    let (place, cookie) = place().await;
    let get = async |headers: &[(&str, &str)]| {
        let mut request = Request::builder().uri("/api/v1/recordings/7").header(header::COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        knock(&place.router, request.body(axum::body::Body::empty()).expect("a request")).await
    };
    let whole = get(&[]).await;
    assert_eq!((whole.status, whole.header("content-length")), (StatusCode::OK, "200000"));
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("audio/ogg", "bytes"));
    let part = get(&[("range", "bytes=65-99")]).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!((part.header("content-range"), part.header("content-length")), ("bytes 65-99/200000", "35"));
    assert_eq!(part.text.as_bytes(), (65..100).collect::<Vec<u8>>());
    assert_eq!(get(&[("range", "bytes=-1")]).await.header("content-range"), "bytes 199999-199999/200000");
    let beyond = get(&[("range", "bytes=200000-")]).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), "bytes */200000");
    assert_eq!(get(&[("range", "bytes=0-9"), ("if-range", "\"7\"")]).await.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(get(&[("range", "bytes=0-9"), ("if-range", "\"6\"")]).await.status, StatusCode::OK);
    let none = place.knock(bare("GET", "/api/v1/recordings/8", &cookie)).await;
    assert_eq!((none.status, none.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
}
