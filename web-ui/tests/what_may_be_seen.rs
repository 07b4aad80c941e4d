//! Looking: the live stream, lists, pages, and markup that comes from outside.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::body::BodyDataStream;
use axum::http::{StatusCode, header};
use door::{PASSWORD, Place, Scratch, bare, knock};
use futures_util::StreamExt;
use gateway_core::bulletin::State;
use invented::Book;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;
use web_ui::{Role, users};

async fn stream(place: &Place, cookie: &str) -> (StatusCode, BodyDataStream) {
    let response = place.router.clone().oneshot(bare("GET", "/api/v1/events", cookie)).await.expect("an answer");
    (response.status(), response.into_body().into_data_stream())
}

/// One event: its name and data.
async fn event(stream: &mut BodyDataStream) -> Option<(String, Value)> {
    let bytes = stream.next().await?.expect("bytes");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    assert!(text.ends_with("\n\n"), "{text:?} is one whole event");
    let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    Some((field("event:"), serde_json::from_str(&field("data:")).expect("JSON")))
}

#[tokio::test(start_paused = true)]
async fn the_stream_begins_with_the_air_follows_it_and_beats() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let (status, mut events) = stream(&place, &cookie).await;
    assert_eq!(status, StatusCode::OK);
    let (name, view) = event(&mut events).await.expect("the first event");
    assert_eq!((name.as_str(), view["emergency"].as_bool()), ("air", Some(false)));
    place.told.send_replace(Arc::new(invented::view("programme")));
    place.told.send_replace(Arc::new(invented::view("emergency")));
    let (name, view) = event(&mut events).await.expect("the change");
    assert_eq!((name.as_str(), view["emergency"].as_bool()), ("air", Some(true)), "a burst is one picture");
    assert_eq!(event(&mut events).await.expect("a beat").0, "beat");
    drop(place.told);
    drop(place.router);
    while let Some((name, _)) = event(&mut events).await {
        assert_eq!(name, "beat");
    }
}

#[tokio::test(start_paused = true)]
async fn streams_are_bounded_in_number_and_length() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let mut open = Vec::new();
    for _ in 0..64 {
        let (status, events) = stream(&place, &cookie).await;
        assert_eq!(status, StatusCode::OK);
        open.push(events);
    }
    let answer = place.knock(bare("GET", "/api/v1/events", &cookie)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "too_many_streams"));
    let mut last = open.pop().expect("a stream");
    let began = tokio::time::Instant::now();
    while event(&mut last).await.is_some() {}
    assert_eq!(began.elapsed().as_secs(), Duration::from_secs(600).as_secs());
    assert_eq!(stream(&place, &cookie).await.0, StatusCode::OK);
}

#[tokio::test]
async fn lists_come_filtered_and_in_pages() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let get = |path: &str| place.knock(bare("GET", &format!("/api/v1/{path}"), &cookie));
    let heads = get("bulletins?state=waiting_choice,failed&limit=50").await.json();
    assert_eq!(heads["bulletins"].as_array().expect("heads").len(), 2);
    let asked = place.book.asked.lock().expect("asked").clone();
    assert_eq!(asked, Some((vec![State::WaitingChoice, State::Failed], 50)));

    let page = get("journal?limit=500&before_seq=700").await.json();
    assert_eq!((&page["entries"][0]["seq"], &page["next_before_seq"]), (&699.into(), &200.into()));
    let page = get("journal?limit=500&before_seq=200").await.json();
    assert_eq!(page["next_before_seq"], Value::Null);
    for asked in ["deeds=true", "from=2026-11-01", "to=2026-11-30", "by=hoa&from=2026-11-01"] {
        let page = get(&format!("journal?limit=1&{asked}")).await.json();
        let by = if asked.contains("by=") { "hoa" } else { "lan" };
        let event = &page["entries"][0]["event"];
        assert_eq!((&event["type"], &event["by"]), (&"ordered".into(), &by.into()), "{asked}");
    }

    for path in [
        "bulletins?state=nonsense",
        "bulletins?limit=0",
        "journal?limit=501",
        "journal?before_seq=x",
        "journal?after=1",
        "journal?from=01/11/2026",
        "journal?deeds=yes",
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_body"), "{path}");
    }
}

#[tokio::test]
async fn a_dead_disk_is_said_without_its_details() {
    let dir = Scratch::new();
    users::add_user(dir.path(), "lan", Role::Officer, PASSWORD).expect("lan");
    let place = Place::over(dir, invented::view("quiet"), Book { dead: true, ..Book::default() }, false);
    let cookie = place.sign_in("lan").await;
    for path in ["/api/v1/journal", "/api/v1/bulletins"] {
        let answer = place.knock(bare("GET", path, &cookie)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unreadable"));
        assert!(!answer.text.contains("disk I/O"));
    }
}

#[tokio::test]
async fn markup_from_outside_stays_text() {
    let hostile = "<img src=x onerror=alert(1)>\"'&</script>";
    let mut view = invented::view("emergency");
    view.station = hostile.to_owned();
    for cluster in &mut view.clusters {
        cluster.now.as_mut().expect("on air").title = hostile.to_owned();
    }
    for board in &mut view.boards {
        board.text = Some(format!("{hostile}\n{hostile}"));
    }
    let place = Place::new("quiet");
    place.told.send_replace(Arc::new(view));
    let cookie = place.sign_in("lan").await;
    let citizen = web_ui::citizen(place.told.subscribe());
    let pages = [
        place.knock(bare("GET", "/selftest", &cookie)).await,
        knock(&citizen, bare("GET", "/", "")).await,
        knock(&citizen, bare("GET", "/q/cho-moi", "")).await,
    ];
    for page in pages {
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"), "{}", page.text);
        assert!(!page.text.contains("<img src=x"));
    }
}

#[tokio::test]
async fn pages_need_nothing_from_outside_and_nothing_inline() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    let citizen = web_ui::citizen(place.told.subscribe());
    let pages = [
        (&place.router, place.knock(bare("GET", "/", "")).await),
        (&place.router, place.knock(bare("GET", "/selftest", &cookie)).await),
        (&citizen, knock(&citizen, bare("GET", "/", "")).await),
        (&citizen, knock(&citizen, bare("GET", "/p", "")).await),
        (&citizen, knock(&citizen, bare("GET", "/nothing", "")).await),
    ];
    for (router, page) in pages {
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(["no-store", "no-cache"].contains(&page.header("cache-control")), "an old page may stay");
        assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
        assert!(!page.header("content-security-policy").contains("unsafe"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        for inline in ["<style", " style=", " onclick=", "http:", "https:", "<script>"] {
            assert!(!page.text.contains(inline), "{inline}");
        }
        let mut wanted = files(&page.text, &["href=\"/", "src=\"/"]);
        assert!(!wanted.is_empty());
        while let Some(path) = wanted.pop() {
            let file = knock(router, bare("GET", &path, "")).await;
            let asks = path == "/" || path.starts_with("/api/");
            assert!(file.status == StatusCode::OK || asks, "{path}");
            assert_eq!(file.header("content-security-policy"), page.header("content-security-policy"));
            if path.ends_with(".css") {
                assert!(!file.text.contains("//"), "{path} names another place");
                wanted.extend(files(&file.text, &["url(/"]));
            }
        }
    }
}

/// Paths after one of the marks, from the `/` on.
fn files(text: &str, marks: &[&str]) -> Vec<String> {
    let ends = |c: char| matches!(c, '"' | '\'' | ')');
    let mut found = Vec::new();
    for mark in marks {
        for rest in text.split(mark).skip(1) {
            found.push(format!("/{}", rest.split(ends).next().unwrap_or_default()));
        }
    }
    found
}

#[tokio::test]
async fn files_are_sent_again_only_when_they_changed() {
    let place = Place::new("quiet");
    let first = place.knock(bare("GET", "/assets/board.css", "")).await;
    assert_eq!(first.header("content-type"), "text/css; charset=utf-8");
    let mut again = bare("GET", "/assets/board.css", "");
    again.headers_mut().insert(header::IF_NONE_MATCH, first.header("etag").parse().expect("a value"));
    let again = place.knock(again).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test]
async fn the_notice_shows_the_emergency_and_tells_a_drill_apart() {
    let place = Place::new("quiet");
    let citizen = web_ui::citizen(place.told.subscribe());
    let see = || knock(&citizen, bare("GET", "/q/nha-van-hoa_1", ""));
    assert!(see().await.text.contains("class=\"quiet l\""));
    place.told.send_replace(Arc::new(invented::view("programme")));
    let page = see().await.text;
    assert!(page.contains("class=\"quiet l\"") && !page.contains("gieo sạ"), "a programme is no emergency");
    place.told.send_replace(Arc::new(invented::view("emergency")));
    let page = see().await.text;
    assert!(page.contains("class=\"emergency l4\"") && page.contains("rời khỏi bờ suối ngay"));
    assert!(page.contains("<p>Người dân hai bên suối rời đi ngay"));
    place.told.send_replace(Arc::new(invented::view("drill")));
    assert!(see().await.text.contains("class=\"drill l4\""));
    for point in ["/q/", "/q/a/b", "/q/%3Cscript%3E", "/q/..%2F..", &format!("/q/{}", "x".repeat(65))] {
        assert_eq!(knock(&citizen, bare("GET", point, "")).await.status, StatusCode::NOT_FOUND, "{point}");
    }
}
