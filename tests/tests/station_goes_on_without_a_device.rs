//! Devices that are deaf, gone, talk nonsense or lose their plug: the others go on, the hub learns of it, and what comes
//! back is used again.

use serde_json::json;
use site_tests::device::Mood;
use site_tests::hub::{Ladder, Uplink};
use site_tests::stage::word::{WORDS, emergency};
use site_tests::stage::{BOARD, CARD, ENCODER, EXCITER_UNIT, FAR_UNIT, PATIENCE, Plan, RELAY_UNIT, STATION, Stage};

/// Waits until the hub has been told that an output is lost.
fn told_lost(stage: &Stage, output: &str) {
    let told = stage.hub.wait_for(PATIENCE, &format!("an incident about {output}"), |uplinks| {
        let mine = |u: &&Uplink| u.kind == "incident" && u.body["about"] == output;
        uplinks.iter().rfind(mine).map(|u| u.body["code"].clone())
    });
    assert_eq!(told.expect("the hub is told"), "device_lost");
}

/// The same, and the output stays lost. (A transmitter behind its mains relay is forgiven when that goes off.)
fn lost(stage: &Stage, output: &str) {
    told_lost(stage, output);
    health(stage, output, "faulted");
}

/// Waits until the station's last status says so of an output.
fn health(stage: &Stage, output: &str, state: &str) {
    let well = stage.hub.wait_for(PATIENCE, &format!("{output} {state}"), |uplinks| {
        let status = uplinks.iter().rfind(|u| u.kind == "status")?;
        status.body["outputs"].as_array()?.iter().find(|o| o["id"] == output && o["state"] == state).map(drop)
    });
    well.unwrap_or_else(|e| panic!("{e:#}\n{}", stage.station.last_words()));
}

/// Sends an emergency and waits for its end: its closing stage, and the outputs that did not do their part.
fn outcome(stage: &Stage, id: &str) -> (String, Vec<String>) {
    let (jti, sent) = stage.publish("bulletin", &emergency(id, 1)).expect("published");
    let closed = stage
        .hub
        .wait_for(PATIENCE, "the end", |uplinks| Ladder::of(uplinks, STATION, &jti).closing().cloned())
        .unwrap_or_else(|e| panic!("{e:#}\n{}", stage.station.last_words()));
    let words = stage.words().expect("the voice");
    assert_eq!(stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).len(), 1, "the hall is not silent");
    let bad = closed.outputs.iter().filter(|o| o["result"] != "done");
    (closed.stage.clone(), bad.filter_map(|o| o["id"].as_str().map(str::to_owned)).collect())
}

fn all_done() -> (String, Vec<String>) {
    ("done".to_owned(), Vec::new())
}

fn all_but(ids: &[&str]) -> (String, Vec<String>) {
    ("partial".to_owned(), ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn board_and_transmitter_gone_or_talking_nonsense() {
    let stage = Stage::up(&Plan::new("devices")).expect("a stage");
    let commune = &stage.commune;
    commune.board.set_mood(Mood::Absent);
    commune.bus.set_unit_mood(EXCITER_UNIT, Mood::Deaf);
    assert_eq!(outcome(&stage, "BT-1"), all_but(&["thon-3", "gate"]));
    lost(&stage, "board/gate");
    told_lost(&stage, "transmitter/fm");
    commune.board.set_mood(Mood::Wrong);
    commune.bus.set_unit_mood(EXCITER_UNIT, Mood::Well);
    commune.encoder.set_mood(Mood::Absent);
    assert_eq!(outcome(&stage, "BT-2"), all_but(&["thon-3", "gate"]));
    lost(&stage, "coder/fm");
    commune.board.set_mood(Mood::Well);
    commune.encoder.set_mood(Mood::Well);
    health(&stage, "board/gate", "well");
    health(&stage, "coder/fm", "well");
    let since = commune.now();
    assert_eq!(outcome(&stage, "BT-3"), all_done());
    assert!(commune.when(BOARD, "shows", &json!([[WORDS, "#ff0000"]]), 0).is_some());
    assert!(commune.when(ENCODER, "zones", &json!([3]), since).is_some());
    stage.wait_off().expect("everything goes off");
}

#[test]
fn a_hamlet_whose_relay_is_lost_is_reached_by_radio() {
    let stage = Stage::up(&Plan::new("relay")).expect("a stage");
    let commune = &stage.commune;
    commune.bus.set_unit_mood(FAR_UNIT, Mood::Deaf);
    let since = commune.now();
    assert_eq!(outcome(&stage, "BT-1"), all_done());
    lost(&stage, "switch/amp1");
    assert!(commune.when(ENCODER, "zones", &json!([1, 3]), since).is_some(), "zone 1 stands in for its relay");
    commune.bus.set_unit_mood(FAR_UNIT, Mood::Well);
    health(&stage, "switch/amp1", "well");
    let since = commune.now();
    assert_eq!(outcome(&stage, "BT-2"), all_done());
    assert!(commune.when(ENCODER, "zones", &json!([3]), since).is_some(), "its relay is used again");

    // Echo and nonsense on the bus must not be taken for answers.
    commune.bus.set_unit_mood(RELAY_UNIT, Mood::Echo);
    commune.bus.set_unit_mood(FAR_UNIT, Mood::Wrong);
    assert_eq!(outcome(&stage, "BT-3"), all_but(&["thon-1", "thon-2", "thon-3"]));
    lost(&stage, "switch/amp1");
    lost(&stage, "switch/amp2");
}

#[test]
fn a_sound_card_pulled_out_in_an_emergency_sounds_again_when_it_is_back() {
    let stage = Stage::up(&Plan::new("card")).expect("a stage");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 3)).expect("published");
    let words = stage.words().expect("the voice");
    stage.wait_tape("the words", |t| t.times(0, &words, sent, u64::MAX).first().map(drop)).expect("it sounds");
    stage.cards.unplug(CARD, true).expect("pulled out");
    lost(&stage, "sink/hall");
    stage.cards.unplug(CARD, false).expect("put back");
    let ladder = stage.reach(&jti, "done").expect("it is said to its end");
    let said = stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).len();
    assert!((3..=4).contains(&said), "{said} times: three, and at most one broken off at its end");
    assert_eq!(ladder.rung("done").map(|r| r.outputs.len()), Some(5));
    health(&stage, "sink/hall", "well");
}
