//! A relay plays for its time, is left when it falls silent, and runs on beneath an emergency.

use gateway_core::device::Report;
use gateway_core::id::OutputId;
use gateway_core::want::{Beneath, Source};
use serde_json::json;
use site_tests::told::{Told, bulletin, programme};

/// Chime, ten minutes of VOV, a bulletin; the chime begins at 05:30:00.
fn relayed(input: &str) -> Told {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin sau tiếp âm."));
    let mut book = programme("sang", "05:30:00", &["BT-1"]);
    book["items"] = json!([
        {"type": "chime"},
        {"type": "relay", "input": input, "duration_s": 600},
        {"type": "bulletin", "bulletin_id": "BT-1"},
    ]);
    book["duration_s"] = json!(1800);
    told.send("programme", &book);
    told.run(1_800_000);
    told
}

#[test]
fn it_plays_for_its_time_and_the_next_item_follows() {
    let mut told = relayed("vov1");
    told.run(700_000);
    assert_eq!(told.heard("hall"), ["chime", "input vov1", "Tin sau tiếp âm."]);
    let (began, left) = (told.heard_at("hall", "input vov1"), told.heard_at("hall", "Tin sau tiếp âm."));
    let lasted = left.zip(began).map(|(b, a)| b.since(a));
    assert!(lasted.is_some_and(|ms| (600_000..600_100).contains(&ms)), "{lasted:?}");
}

#[test]
fn one_that_falls_silent_is_left_at_once_with_an_incident() {
    let mut told = relayed("vov1");
    told.run(60_000);
    for sink in ["hall", "fm-audio"] {
        let play = told.site.wants().sinks[&sink.into()].play.as_ref().map(|p| p.id).expect("the relay");
        let silent = Report::Silent { play, for_ms: 3_000 };
        told.step(gateway_core::input::Input::Device(OutputId::Sink(sink.into()), silent));
        assert_eq!(told.playing(sink).as_deref(), Some("Tin sau tiếp âm."));
    }
    assert_eq!(told.incidents("silence_while_due"), 2);
    assert_eq!(told.incidents("input_lost"), 1);
    // It is believed again after a while.
    told.run(61_000);
    told.send("live", &json!({"live_id": "L", "action": "start", "input": "vov1", "targets": {"clusters": ["*"]}}));
    told.run(2_000);
    assert_eq!(told.playing("hall").as_deref(), Some("input vov1"));
}

#[test]
fn one_that_breaks_off_is_left_too() {
    let mut told = relayed("vov1");
    told.run(60_000);
    let play = told.site.wants().sinks[&"hall".into()].play.as_ref().map(|p| p.id).expect("the relay");
    let ended = Report::Ended { play, played_ms: 59_000, broken: Some("nobody answers".to_owned()) };
    told.step(gateway_core::input::Input::Device(OutputId::Sink("hall".into()), ended));
    assert_eq!(told.playing("hall").as_deref(), Some("Tin sau tiếp âm."));
}

#[test]
fn it_runs_on_unheard_beneath_an_emergency_and_is_back_as_the_same_play() {
    let mut told = relayed("vov1");
    told.run(60_000);
    let before = told.site.wants().sinks[&"hall".into()].play.clone().expect("the relay");
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    let want = told.site.wants().sinks[&"hall".into()].clone();
    let under = want.under.expect("the relay lies beneath");
    assert_eq!((under.play.id, under.how), (before.id, Beneath::Unheard));
    told.run(30_000);
    let want = told.site.wants().sinks[&"hall".into()].clone();
    assert_eq!(want.play.map(|p| p.id), Some(before.id));
    assert_eq!(want.under, None);
    // What it lost to the emergency is not added at its end.
    told.run(512_500);
    assert_eq!(told.playing("hall").as_deref(), Some("Tin sau tiếp âm."));
}

#[test]
fn an_input_the_site_does_not_have_is_left_out_with_an_incident() {
    let mut told = relayed("dai-tinh");
    told.run(20_000);
    assert_eq!(told.heard("hall"), ["chime", "Tin sau tiếp âm."]);
    assert!(told.incidents("no_such_input") > 0);
}

#[test]
fn a_bulletin_may_be_a_relay_and_its_text_stands_in() {
    let mut told = Told::new();
    let mut urgent = bulletin("KC-1", "emergency", "Nghe thông báo của tỉnh.");
    urgent["content"] = json!([
        {"type": "relay", "input": "vov1", "duration_s": 20},
        {"type": "text", "lang": "vi", "text": "Nghe thông báo của tỉnh."},
    ]);
    told.send("bulletin", &urgent);
    assert!(told.run_until(6_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    told.run(5_000);
    let play = told.site.wants().sinks[&"hall".into()].play.clone().expect("the relay");
    assert_eq!(play.source, Source::Input("vov1".into()));
    let silent = Report::Silent { play: play.id, for_ms: 3_000 };
    told.step(gateway_core::input::Input::Device(OutputId::Sink("hall".into()), silent));
    assert!(told.run_until(3_000, |t| t.playing("hall").as_deref() == Some("Nghe thông báo của tỉnh.")));
}
