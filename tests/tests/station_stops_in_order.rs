//! SIGTERM in the middle of an emergency: sound ends, then codes, carriers and relays go off in that order, the hub is told;
//! switched on again, the station says the rest.

use serde_json::{Value, json};
use site_tests::stage::word::emergency;
use site_tests::stage::{BOARD, ENCODER, EXCITER, FAR_RELAY, PATIENCE, Plan, RELAYS, Stage};

#[test]
fn a_station_told_to_stop_leaves_nothing_on() {
    let mut stage = Stage::up(&Plan::new("stop")).expect("a stage");
    let words = stage.words().expect("the voice");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 3)).expect("published");
    stage
        .wait_tape("the words on the air", |t| t.times(1, &words, sent, u64::MAX).first().map(drop))
        .expect("the transmitter carries them");
    let told = stage.commune.now();
    let status = stage.station.stop().expect("it ends");
    assert!(status.success(), "it ended with {status}");
    assert!(stage.commune.is_off(), "something was left on");
    let off = |device: &str, event: &str, value: Value| {
        let when = stage.commune.when(device, event, &value, told);
        when.unwrap_or_else(|| panic!("{device} {event} did not become {value}"))
    };
    let (code, carrier) = (off(ENCODER, "zones", json!([])), off(EXCITER, "carrier", json!(false)));
    assert!(code < carrier, "the code goes before the carrier");
    for (board, coil) in [(RELAYS, "coil 0"), (RELAYS, "coil 1"), (FAR_RELAY, "coil 0")] {
        assert!(carrier < off(board, coil, json!(false)), "the carrier goes before {board} {coil}");
    }
    assert!(stage.commune.when(BOARD, "dark", &json!(true), told).is_none(), "a stop darkens no warning");
    let tape = stage.tape().expect("a tape");
    assert!((0..2).all(|c| tape.channel(c).iter().rev().take(48).all(|s| *s == 0)), "the card ends in silence");
    stage
        .hub
        .wait_for(PATIENCE, "a farewell", |all| {
            all.iter().rfind(|u| u.kind == "status").filter(|u| u.body["state"] == "offline").map(drop)
        })
        .expect("the hub is told");

    stage.start().expect("on again");
    stage.reach(&jti, "done").expect("the rest is said");
    stage.wait_off().expect("everything goes off");
    let tape = stage.tape().expect("a tape");
    let rest = tape.times(0, &words, tape.last_start(), u64::MAX).len();
    assert!((1..=3).contains(&rest), "{rest} times after the stop");
}
