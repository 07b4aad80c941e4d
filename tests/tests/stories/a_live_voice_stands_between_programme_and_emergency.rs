//! A live voice takes the air from a programme and gives it to an emergency, ends at its time, and never comes back.

use gateway_core::bulletin::{State, Targets};
use gateway_core::config::Policy;
use gateway_core::id::LiveId;
use gateway_core::input::Act;
use gateway_core::want::{Beneath, Loudness};
use serde_json::json;
use site_tests::told::{Told, bulletin, programme, small_commune};

fn speaks(max_s: u32) -> Act {
    Act::Live { live: LiveId::from("a1"), input: None, targets: Targets::everything(), max_s, chime: None }
}

fn call(action: &str) -> serde_json::Value {
    json!({"live_id": "L-7", "action": action, "input": "vov1", "targets": {"clusters": ["*"]}, "max_s": 60})
}

#[test]
fn an_officer_speaks_after_a_chime_until_the_end_is_said() {
    let mut told = Told::new();
    told.order(speaks(600)).expect("the officer may speak");
    assert!(told.run_until(6_000, |t| t.playing("hall").as_deref() == Some("live a1")));
    assert_eq!(told.heard("hall"), ["chime", "live a1"]);
    let want = &told.site.wants().sinks[&"hall".into()];
    assert_eq!((want.volume, want.play.as_ref().map(|p| p.loudness)), (80, Some(Loudness::Programme)));
    told.run(20_000);
    told.order(Act::EndLive { live: LiveId::from("a1") }).expect("it is on air");
    assert_eq!(told.playing("hall"), None);
    assert_eq!(told.state("live:a1"), Some(State::Done));
    let rows = told.played_rows("live:a1");
    assert!(rows.iter().all(|r| r.result == "done" && r.operator.as_deref() == Some("lan")), "{rows:?}");
    assert!(rows.iter().any(|r| (19.0..22.0).contains(&r.actual_s)), "{rows:?}");
}

#[test]
fn an_emergency_takes_the_air_from_it_and_gives_it_back() {
    let mut told = Told::new();
    told.order(speaks(600)).expect("the officer may speak");
    told.run(10_000);
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
    assert!(told.run_until(30_000, |t| t.playing("hall").as_deref() == Some("live a1")));
}

#[test]
fn a_talk_limit_ends_it() {
    let mut told = Told::new();
    told.order(speaks(30)).expect("the officer may speak");
    told.run(40_000);
    assert_eq!((told.playing("hall"), told.state("live:a1")), (None, Some(State::Done)));
}

#[test]
fn it_does_not_come_back_after_a_power_cut() {
    let mut told = Told::new();
    told.order(speaks(600)).expect("the officer may speak");
    told.run(10_000);
    let wall = told.now.wall;
    told.cut_power(wall);
    told.run(10_000);
    assert_eq!(told.playing("hall"), None);
    assert!(told.state("live:a1").is_some_and(State::is_final));
}

#[test]
fn the_hub_begins_and_ends_one_on_the_ladder() {
    let mut told = Told::new();
    let jti = told.send("live", &call("start"));
    told.run(20_000);
    assert_eq!(told.playing("hall").as_deref(), Some("input vov1"));
    told.send("live", &call("stop"));
    assert_eq!(told.playing("hall"), None);
    assert_eq!(told.rungs(&jti), ["received", "accepted", "ready", "keyed", "audible", "done"]);
    let again = told.send("live", &call("start"));
    told.run(20_000);
    assert_eq!((told.playing("hall"), told.rungs(&again).last().map(String::as_str)), (None, Some("done")));
}

#[test]
fn a_programme_is_heard_low_beneath_it_where_the_site_wants_that() {
    let policy = Policy { duck_under_live: true, ..Policy::default() };
    let mut told =
        Told::in_commune(gateway_core::config::SiteConfig { policy, ..small_commune() }, Some(site_tests::told::DAWN));
    told.world.length_ms = 60_000;
    (told.world.speech_ms, told.world.fetch_ms) = (Some(300), 400);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Nhạc và tin."));
    told.send("programme", &programme("sang", "05:30:00", &["BT-1"]));
    told.run(1_810_000);
    let before = told.site.wants().sinks[&"hall".into()].play.clone().expect("the bulletin");
    told.order(speaks(600)).expect("the officer may speak");
    told.run(5_000);
    let under = told.site.wants().sinks[&"hall".into()].under.clone().expect("the programme lies beneath");
    assert_eq!((under.play.id, under.how), (before.id, Beneath::Ducked));
}

#[test]
fn nobody_speaks_to_nowhere_or_for_ever() {
    let mut told = Told::new();
    let nowhere =
        Act::Live { live: LiveId::from("a1"), input: None, targets: Targets::default(), max_s: 60, chime: None };
    assert!(told.order(nowhere).is_err());
    assert!(told.order(speaks(0)).is_err());
    assert!(told.order(speaks(100_000)).is_err());
    assert!(told.order(Act::EndLive { live: LiveId::from("a1") }).is_err());
}
