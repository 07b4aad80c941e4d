//! Beside every emergency the beacon turns and the horns are forced to full; nothing else does that.

use gateway_core::config::{Path, Switch};
use gateway_core::id::{ClusterId, SwitchId};
use gateway_core::input::Act;
use gateway_core::want::Alarm;
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, small_commune};

fn lit() -> Told {
    let mut site = small_commune();
    for name in ["light", "full"] {
        site.switches.insert(name.into(), Switch::default());
    }
    let cluster = site.clusters.get_mut(&ClusterId::from("thon-1")).expect("thon-1");
    cluster.beacon = Some("light".into());
    let Some(Path::Direct { force, .. }) = cluster.paths.first_mut() else { panic!("a path over a sink") };
    *force = Some("full".into());
    Told::in_commune(site, Some(DAWN))
}

fn on(told: &Told, switch: &str) -> bool {
    told.site.wants().switches.get(&SwitchId::from(switch)) == Some(&true)
}

fn alarm(told: &Told) -> Alarm {
    told.site.wants().coders.values().next().map(|c| c.alarm).unwrap_or_default()
}

#[test]
fn from_the_first_moment_of_an_emergency_to_its_end() {
    let mut told = lit();
    assert!(!on(&told, "light") && !on(&told, "full"));
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(on(&told, "light") && on(&told, "full") && on(&told, "amp1"));
    assert!(told.run_until(8_000, |t| alarm(t) == Alarm::Real), "receivers with a level of their own are forced too");
    let words = told.site.wants().coders.values().next().and_then(|c| c.text.clone());
    assert_eq!(words.as_deref(), Some("Vỡ đập."));
    assert!(told.run_until(90_000, |t| t.state("KC-1").is_some_and(gateway_core::bulletin::State::is_final)));
    assert!(!on(&told, "light") && !on(&told, "full"));
    assert_eq!(alarm(&told), Alarm::Quiet);
}

#[test]
fn a_drill_tries_them_and_says_that_it_is_one() {
    let mut told = lit();
    let mut drill = bulletin("DT-1", "emergency", "Thử còi.");
    drill["drill"] = json!(true);
    told.send("bulletin", &drill);
    assert!(on(&told, "light") && on(&told, "full"));
    assert!(told.run_until(8_000, |t| alarm(t) == Alarm::Drill));
}

#[test]
fn a_programme_leaves_them_alone_and_a_mute_puts_them_out() {
    let mut told = lit();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert!(on(&told, "light"));
    let mute = Act::Mute { clusters: vec!["thon-1".into()], for_s: Some(60), reason: "báo nhầm".to_owned() };
    told.order(mute).expect("muted");
    assert!(!on(&told, "light") && !on(&told, "full"), "{:?}", told.site.wants().switches);
}
