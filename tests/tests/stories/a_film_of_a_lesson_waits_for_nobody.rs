//! Files that lessons and papers name are wanted after everything that is aired, through a power cut, and no longer than they are kept.

use gateway_core::bulletin::Media;
use gateway_core::want::ClipWant;
use serde_json::{Value, json};
use site_tests::told::{Told, bulletin};

fn media(digit: &str) -> Value {
    json!({"url": format!("https://hub/{digit}"), "sha256": digit.repeat(64), "bytes": 900, "mime": "video/webm"})
}

fn lesson(id: &str, version: u32, digit: &str) -> Value {
    json!({"lesson_id": id, "version": version, "title": "Thử loa",
        "parts": [{"type": "video", "text": "Một người thử loa.", "media": media(digit)}]})
}

fn wanted(told: &Told, digit: &str) -> Option<ClipWant> {
    told.site.wants().clips.get(&digit.repeat(64).as_str().into()).cloned()
}

#[test]
fn it_is_wanted_last_and_what_is_aired_lifts_it() {
    let mut told = Told::new();
    told.send("lesson", &lesson("BH-1", 1, "a"));
    told.send("lesson", &lesson("BH-2", 1, "b"));
    assert_eq!(wanted(&told, "b").and_then(|w| w.spare), Some(0), "the newest lesson first");
    assert_eq!(wanted(&told, "a").and_then(|w| w.spare), Some(1));
    let mut news = bulletin("TB-1", "ordinary", "Mời xem phim.");
    let same: Media = serde_json::from_value(media("a")).expect("a file");
    news["content"].as_array_mut().expect("content").push(json!({"type": "video", "media": same}));
    told.send("bulletin", &news);
    assert_eq!(wanted(&told, "a").map(|w| w.spare), Some(None), "a bulletin needs it");
    assert_eq!(wanted(&told, "b").and_then(|w| w.spare), Some(0));
    told.send("recall", &json!({"bulletin_id": "TB-1", "reason": "sai"}));
    assert_eq!(wanted(&told, "a").and_then(|w| w.spare), Some(1), "and does no longer");
}

#[test]
fn a_newer_version_leaves_the_old_film_behind_also_after_a_power_cut() {
    let mut told = Told::new();
    told.send("lesson", &lesson("BH-1", 2, "a"));
    told.send("lesson", &lesson("BH-1", 1, "c"));
    assert_eq!(wanted(&told, "c"), None, "an older version changes nothing");
    told.send("lesson", &lesson("BH-1", 3, "b"));
    assert_eq!((wanted(&told, "a"), wanted(&told, "b").and_then(|w| w.spare)), (None, Some(0)));
    let wall = told.now.wall;
    told.cut_power(wall);
    told.run(1_000);
    assert_eq!((wanted(&told, "a"), wanted(&told, "b").and_then(|w| w.spare)), (None, Some(0)));
}

#[test]
fn the_files_of_a_directive_come_before_films_and_are_kept_with_it() {
    let mut told = Told::new();
    told.send("lesson", &lesson("BH-1", 1, "a"));
    let paper = |version: u32, digit: &str| json!({"document_id": "CV-1", "version": version, "title": "Phòng bão", "files": [media(digit), media("d")]});
    told.send("document", &paper(1, "b"));
    let places = |t: &Told| ["b", "d", "a"].map(|digit| wanted(t, digit).map(|w| w.spare));
    assert_eq!(places(&told), [Some(Some(0)), Some(Some(1)), Some(Some(2))]);
    let wall = told.now.wall;
    told.cut_power(wall);
    told.run(1_000);
    assert_eq!(places(&told), [Some(Some(0)), Some(Some(1)), Some(Some(2))], "after a power cut too");
    told.send("document", &paper(2, "c"));
    assert_eq!((wanted(&told, "b"), wanted(&told, "c").and_then(|w| w.spare)), (None, Some(0)), "a newer version");
}
