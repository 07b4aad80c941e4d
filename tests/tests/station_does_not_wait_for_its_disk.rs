//! Sound does not wait for the disk, and nothing is promised before it: with every commit held back the tone sounds while
//! the hub has heard nothing; killed then, the station is sent the message again and carries it out once.

use site_tests::hub::{Signing, sign};
use site_tests::stage::word::emergency;
use site_tests::stage::{Plan, STATION, Stage};

#[test]
fn the_tone_sounds_before_the_commit_and_what_was_not_committed_comes_again() {
    let mut stage = Stage::set(&Plan::new("stall")).expect("a stage");
    stage.station.env.push(("GATEWAY_STALL_MS".to_owned(), "20000".to_owned()));
    stage.start().expect("the station starts");
    let words = stage.words().expect("the voice");

    let signing = Signing::to(&stage.audience());
    let key = stage.hub.keyring().for_kind("bulletin", true).expect("a key");
    let message = sign("bulletin", &emergency("BT-1", 1), key, &signing);
    let sent = stage.commune.now();
    stage.hub.publish(&message).expect("published");
    stage.wait_tape("the tone", |t| t.sounds_after(1, sent)).expect("it sounds though nothing is written");
    assert!(stage.hub.ladder(STATION, &signing.jti).0.is_empty(), "nothing was promised before it was written");

    // Killed before the commit: the broker was never told that the message had come.
    stage.station.kill();
    stage.station.env.retain(|(name, _)| name != "GATEWAY_STALL_MS");
    let again = stage.commune.now();
    stage.start().expect("the station starts again");
    let ladder = stage.reach(&signing.jti, "done").expect("the message came again");
    let received = ladder.0.iter().filter(|r| r.stage == "received").count();
    assert_eq!(received, 1, "{:?}", ladder.stages());
    stage.wait_off().expect("everything goes off");
    let tape = stage.tape().expect("a tape");
    assert_eq!(tape.times(0, &words, again, u64::MAX).len(), 1, "said once, from its start");

    // Taken now: the same message once more is not carried out, and answered with the rung it reached.
    let third = stage.commune.now();
    stage.hub.publish(&message).expect("published");
    let replayed = stage.hub.wait_for(site_tests::stage::PATIENCE, "an answer to the repeated message", |uplinks| {
        uplinks.iter().find(|u| u.of() == Some(&signing.jti) && u.body["code"] == "replayed").cloned()
    });
    assert_eq!(replayed.expect("an answer").body["stage"], "done");
    let tape = stage.tape().expect("a tape");
    assert!(tape.between(0, third, u64::MAX).iter().all(|s| *s == 0), "it sounded again");
}
