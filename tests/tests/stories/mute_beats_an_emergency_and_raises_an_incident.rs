//! A person can stop a false alarm: a mute beats everything, is timed, and the hub is told.

use gateway_core::bulletin::State;
use gateway_core::input::Act;
use serde_json::json;
use site_tests::told::{Told, bulletin};

fn mute(clusters: &[&str], for_s: Option<u32>) -> Act {
    Act::Mute {
        clusters: clusters.iter().map(|c| (*c).into()).collect(), for_s, reason: "báo động giả".to_owned()
    }
}

fn long() -> serde_json::Value {
    let mut body = bulletin("KC-1", "emergency", "Vỡ đập.");
    body["repeat"] = json!(100);
    body
}

#[test]
fn it_is_silent_in_the_same_step_and_sounds_again_when_the_mute_ends() {
    let mut told = Told::new();
    told.send("bulletin", &long());
    assert!(told.run_until(20_000, |t| t.playing("hall").as_deref() == Some("Vỡ đập.")));
    told.order(mute(&[], None)).expect("an officer may");
    assert_eq!((told.playing("hall"), told.playing("fm-audio")), (None, None));
    assert!(!told.is_on("amp1") && !told.is_on("amp2"));
    assert_eq!(told.incidents("emergency_muted"), 1);
    told.run(599_000);
    assert_eq!(told.playing("hall"), None, "ten minutes unless said");
    told.run(2_000);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
}

#[test]
fn one_cluster_alone_is_silenced_and_the_others_go_on() {
    let mut told = Told::new();
    told.send("bulletin", &long());
    told.run(5_000);
    told.order(mute(&["thon-2"], Some(60))).expect("an officer may");
    assert!(told.is_on("amp1") && !told.is_on("amp2"));
    assert!(told.playing("hall").is_some());
    told.order(mute(&["thon-2"], Some(0))).expect("it is lifted");
    assert!(told.is_on("amp2"));
}

#[test]
fn it_holds_over_a_power_cut_and_an_emergency_that_comes_meanwhile_is_told_of() {
    let mut told = Told::new();
    told.order(mute(&[], Some(3_600))).expect("an officer may");
    assert_eq!(told.incidents("emergency_muted"), 0, "there was none");
    told.cut_power(told.now.wall.map(|w| w.plus(60_000)));
    told.send("bulletin", &long());
    assert_eq!(told.playing("hall"), None);
    assert_eq!(told.incidents("emergency_muted"), 1);
    assert!(told.run_until(3_700_000, |t| t.playing("hall").is_some()), "until its hour is over");
    told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "hết"}));
    assert_eq!(told.state("KC-1"), Some(State::Recalled));
}
