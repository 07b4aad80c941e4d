//! With no network ever seen and an empty cache the station starts, and an emergency from the desk sounds: tone, then
//! voice, on every path. The hub learns of it when it is first reached.

use serde_json::json;
use site_tests::stage::word::{WORDS, typed_emergency};
use site_tests::stage::{BOARD, PATIENCE, Plan, STATION, Stage};

#[test]
fn an_emergency_from_the_desk_sounds_with_no_hub_ever_seen() {
    // The hub's session lasts, so that the broker keeps what comes before the hub is back.
    let mut stage = Stage::set(&Plan { hub_keeps: true, ..Plan::new("alone") }).expect("a stage");
    stage.broker.stop().expect("no broker");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready without a hub");
    let officer = stage.officer().expect("an officer");
    let air = officer.get("/api/v1/air").expect("the air").body;
    assert_eq!(air["online"], false);

    let told = stage.commune.now();
    officer.order("/api/v1/emergency", &typed_emergency(2)).expect("carried out and written down");
    let words = stage.words().expect("the voice");
    for channel in 0..2 {
        stage
            .wait_tape("the words twice", |t| (t.times(channel, &words, told, u64::MAX).len() == 2).then_some(()))
            .expect("the words are heard");
    }
    let tape = stage.tape().expect("a tape");
    for channel in 0..2 {
        let first = tape.sounds_after(channel, told).expect("it sounds");
        assert!(tape.has_tone(channel, first, 4, 100), "the tone comes first on channel {channel}");
    }
    let shown = json!([[WORDS, "#ff0000"]]);
    assert!(stage.commune.when(BOARD, "shows", &shown, told).is_some(), "{:?}", stage.commune.board.screen());
    stage.wait_off().expect("everything goes off");

    // What it did alone is told when the hub is first seen.
    stage.broker.start().expect("a broker");
    stage.hub.wait_online(STATION, PATIENCE).expect("the hub sees the station");
    let rows = stage.hub.wait_for(PATIENCE, "a play log row for each cluster", |uplinks| {
        let rows: Vec<_> = uplinks.iter().filter(|u| u.kind == "playlog").cloned().collect();
        (rows.len() == 4).then_some(rows)
    });
    for row in rows.expect("the play log comes") {
        assert_eq!((&row.body["result"], &row.body["operator"]), (&json!("done"), &json!("admin")), "{}", row.body);
    }
}

#[test]
fn without_a_clock_an_emergency_sounds_and_says_so() {
    let plan = Plan { clock: false, ..Plan::new("noclock") };
    let stage = Stage::up(&plan).expect("a stage");
    let (jti, sent) = stage.publish("bulletin", &site_tests::stage::word::emergency("BT-1", 1)).expect("published");
    let ladder = stage.reach(&jti, "done").expect("it is carried out");
    assert!(ladder.0.iter().all(|rung| rung.body["clock"] == "untrusted"), "{:?}", ladder.0);
    let words = stage.words().expect("the voice");
    assert_eq!(stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).len(), 1);
}
