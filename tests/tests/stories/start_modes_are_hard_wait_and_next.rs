//! A programme cuts what is playing, waits for it a while, or waits until it has ended.

use serde_json::{Value, json};
use site_tests::told::{Told, bulletin, programme};

/// One programme of about 32 s at 05:30:00, and another 10 s later that starts in its own way.
fn meeting(mode: &str, wait_s: u32) -> Told {
    let mut told = Told::new();
    (told.world.length_ms, told.world.speech_ms, told.world.fetch_ms) = (30_000, Some(300), 400);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin dài."));
    told.send("bulletin", &bulletin("BT-2", "ordinary", "Tin sau."));
    told.send("programme", &programme("mot", "05:30:00", &["BT-1"]));
    let mut second: Value = programme("hai", "05:30:10", &["BT-2"]);
    second["start_mode"] = json!(mode);
    second["wait_s"] = json!(wait_s);
    told.send("programme", &second);
    told.run(1_920_000);
    told
}

/// Milliseconds after 05:30:00 at which the second programme began.
fn began(told: &Told) -> u64 {
    let chimes = told.world.timeline.iter().flatten().filter(|(_, act)| {
        matches!(act, site_tests::told::Happened::Plays(s, gateway_core::want::Source::Chime) if s.as_str() == "hall")
    });
    chimes.map(|(at, _)| at.0).nth(1).map_or(0, |at| at - 1_801_000)
}

#[test]
fn hard_begins_on_the_second() {
    let told = meeting("hard", 0);
    assert!((10_000..10_100).contains(&began(&told)), "{}", began(&told));
    assert_eq!(told.played_rows("BT-1")[0].interrupted_by.as_deref(), Some("replaced"));
}

#[test]
fn wait_begins_when_the_time_to_wait_is_over() {
    let told = meeting("wait", 5);
    assert!((15_000..15_100).contains(&began(&told)), "{}", began(&told));
}

#[test]
fn wait_begins_as_soon_as_the_air_is_free() {
    let told = meeting("wait", 60);
    assert!((31_000..33_000).contains(&began(&told)), "{}", began(&told));
    assert_eq!(told.played_rows("BT-1")[0].interrupted_by, None);
}

#[test]
fn next_begins_when_the_other_has_ended() {
    let told = meeting("next", 0);
    assert!((31_000..33_000).contains(&began(&told)), "{}", began(&told));
}
