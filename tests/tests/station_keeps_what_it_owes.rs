//! The hub goes and comes back: what happened meanwhile is delivered once, emergencies' acks first, then incidents, acks,
//! the play log; and what the hub sent meanwhile arrives.

use serde_json::json;
use site_tests::hub::Uplink;
use site_tests::stage::word::{WORDS, emergency};
use site_tests::stage::{PATIENCE, Plan, STATION, Stage};
use std::collections::BTreeSet;

fn lane(uplink: &Uplink) -> Option<u8> {
    match uplink.kind.as_str() {
        "ack" => Some(0),
        "incident" => Some(1),
        "playlog" => Some(4),
        _ => None,
    }
}

#[test]
fn what_happened_without_a_hub_is_told_once_and_in_order() {
    // The hub's session lasts, so that the broker keeps what comes before the hub is back.
    let mut stage = Stage::up(&Plan { hub_keeps: true, ..Plan::new("owes") }).expect("a stage");
    let officer = stage.officer().expect("an officer");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 100)).expect("published");
    for rung in ["ready", "audible", "shown"] {
        stage.reach(&jti, rung).expect("it is heard and seen");
    }
    let before = stage.hub.uplinks().len();

    stage.broker.stop().expect("the broker goes");
    officer.wait_air("that the hub is gone", |air| (air["online"] == false).then_some(())).expect("noticed");
    // Without a hub: the emergency goes on, a person silences it (an incident), then ends it (rungs, the play log).
    officer.order("/api/v1/mute", &json!({"clusters": ["thon-2"], "reason": "thử"})).expect("muted");
    let stop = json!({"bulletin": "BT-1", "reason": "báo nhầm", "correction": WORDS});
    officer.order("/api/v1/stop", &stop).expect("stopped");
    stage.wait_off().expect("the correction was said");
    let words = stage.words().expect("the voice");
    assert!(!stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).is_empty(), "it went on without a hub");

    stage.broker.start().expect("the broker is back");
    let rest = stage.hub.wait_for(PATIENCE, "everything that is owed", |uplinks| {
        let rest: Vec<Uplink> = uplinks.iter().skip(before).filter(|u| lane(u).is_some()).cloned().collect();
        // The rows of the emergency and of its correction come last.
        let rows = rest.iter().filter(|u| u.kind == "playlog").count();
        (rows >= 8).then_some(rest)
    });
    let rest = rest.expect("it is delivered");
    let lanes: Vec<u8> = rest.iter().filter_map(lane).collect();
    assert!(lanes.is_sorted(), "not most urgent first: {lanes:?}");
    // The mute is one incident, and that the correction could not be heard there another.
    assert_eq!(lanes.iter().filter(|l| **l == 1).count(), 2, "{rest:#?}");
    let identities: BTreeSet<&str> = rest.iter().map(|u| u.jti.as_str()).collect();
    assert_eq!(identities.len(), rest.len(), "something was delivered twice");
    let ladder = stage.hub.ladder(STATION, &jti);
    assert_eq!(ladder.closing().map(|r| r.stage.as_str()), Some("recalled"), "{:?}", ladder.stages());
    assert_eq!(
        rest.iter().filter(|u| u.of() == Some(&jti)).count(),
        1,
        "{:?}",
        stage.hub.ladder(STATION, &jti).stages()
    );
    assert!(stage.hub.refused().is_empty(), "{:?}", stage.hub.refused());

    // Nothing is owed any more: a restart tells nothing of it again.
    officer.order("/api/v1/mute", &json!({"for_s": 0, "reason": "thử xong"})).expect("unmuted");
    let told = stage.hub.uplinks().len();
    stage.restart().expect("a restart");
    let (next, _) = stage.publish("bulletin", &emergency("BT-2", 1)).expect("published");
    stage.reach(&next, "received").expect("it comes");
    let again: Vec<Uplink> = stage.hub.uplinks().into_iter().skip(told).filter(|u| lane(u).is_some()).collect();
    assert!(again.iter().all(|u| u.of() == Some(&next)), "{again:?}");
}

#[test]
fn what_the_hub_said_while_the_station_was_off_arrives() {
    let mut stage = Stage::up(&Plan::new("off")).expect("a stage");
    stage.station.stop().expect("off");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.start().expect("on");
    stage.reach(&jti, "done").expect("carried out");
    let words = stage.words().expect("the voice");
    assert_eq!(stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).len(), 1);
}
