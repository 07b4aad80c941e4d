//! The core run ahead on a copy says what a fortnight would sound like without the link, and then it sounds like that.

use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{Told, bulletin, programme};

fn told() -> Told {
    let mut told = Told::new();
    told.world.length_ms = 40_000;
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Lịch tiêm chủng tháng 12."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    let mut relay = programme("tiepam", "06:00", &[]);
    relay["items"] = json!([{"type": "chime"}, {"type": "relay", "input": "vov1", "duration_s": 300}]);
    relay["days"] = json!(["mon", "thu"]);
    told.send("programme", &relay);
    told.run(60_000);
    told
}

#[test]
fn a_fortnight_is_rehearsed_without_touching_the_station() {
    let told = told();
    let before = told.site.memory().clone();
    let rehearsal = told.site.ahead(told.now).rehearse(14);
    assert_eq!(*told.site.memory(), before);
    assert!(!rehearsal.cut_short);
    let of = |title: &str| rehearsal.blocks.iter().filter(|b| b.title == title).collect::<Vec<_>>();
    let title = |id: &str| told.site.memory().programmes[&id.into()].title.clone();
    let (mornings, relays) = (of(&title("sang")), of(&title("tiepam")));
    assert_eq!((mornings.len(), relays.len()), (14, 4), "{:?}", rehearsal.blocks);
    for block in &mornings {
        assert!(block.at.contains("T05:30:00"), "{}", block.at);
        assert_eq!((block.clusters.len(), block.end.as_str(), block.missing.len()), (3, "done", 0));
        let spoken = block.items.iter().find(|i| i.kind == "bulletin").expect("it is said");
        assert_eq!(spoken.clusters.len(), 3, "{block:?}");
        assert!(block.items.iter().any(|i| i.kind == "chime" && i.seconds <= 2));
    }
    let vov = relays[0].items.iter().find(|i| i.kind == "relay").expect("relayed");
    assert_eq!((vov.title.as_str(), vov.seconds), ("VOV1", 300 + u32::from(vov.seconds == 301)));
}

#[test]
fn what_it_says_is_what_then_happens() {
    let mut told = told();
    let rehearsal = told.site.ahead(told.now).rehearse(3);
    told.run(3 * 86_400_000);
    let opened: Vec<String> = told
        .events
        .iter()
        .filter_map(|e| if let Event::SessionOpened { session } = e { Some(session.start.rfc3339()) } else { None })
        .collect();
    let foretold: Vec<String> = rehearsal.blocks.iter().map(|b| b.at.clone()).collect();
    assert_eq!(opened, foretold);
}

#[test]
fn missing_files_and_decisions_by_default_are_named() {
    let mut told = told();
    told.world.fetch_ms = 100 * 86_400_000;
    let mut file = bulletin("BT-2", "ordinary", "");
    let media =
        json!({"url": "https://hub.example.vn/a.mp3", "sha256": "a".repeat(64), "bytes": 1000, "mime": "audio/mpeg"});
    file["content"] = json!([{"type": "audio", "lang": "vi", "media": media}]);
    told.send("bulletin", &file);
    told.send("programme", &programme("trua", "11:00", &["BT-2", "BT-77"]));
    told.send("bulletin", &bulletin("BT-3", "priority", "Tin ưu tiên của tỉnh."));
    let mut own = programme("xa", "17:00", &[]);
    own["items"] = json!([{"type": "bulletin", "bulletin_id": "BT-1", "priority": true}]);
    told.send("programme", &own);
    told.run(30 * 60_000);
    let rehearsal = told.site.ahead(told.now).rehearse(1);
    let title = told.site.memory().programmes[&"trua".into()].title.clone();
    let block = rehearsal.blocks.iter().find(|b| b.title == title && b.at.contains("T11:00")).expect("the noon one");
    let why: Vec<(&str, &str)> = block.missing.iter().map(|m| (m.id.as_str(), m.why)).collect();
    assert_eq!(why, [("BT-2", "not_here"), ("BT-77", "unknown")]);
    let last = rehearsal.blocks.iter().rfind(|b| b.at.contains("T17:00")).expect("the evening one");
    assert!(last.items.iter().any(|i| i.bulletin.as_ref().is_some_and(|b| b.as_str() == "BT-1")));
}

#[test]
fn without_a_trusted_clock_nothing_is_promised() {
    let told = Told::in_commune(site_tests::told::small_commune(), None);
    let rehearsal = told.site.ahead(told.now).rehearse(14);
    assert_eq!((rehearsal.from, rehearsal.blocks.len()), (None, 0));
}
