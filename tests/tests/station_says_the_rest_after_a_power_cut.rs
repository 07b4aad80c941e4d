//! Power fails in the middle of an emergency: what was said and written down is not said again, the rest is.

use site_tests::stage::word::emergency;
use site_tests::stage::{PATIENCE, Plan, STATION, Stage};

#[test]
fn only_the_rest_plays() {
    let mut stage = Stage::up(&Plan::new("cut")).expect("a stage");
    let words = stage.words().expect("the voice");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 4)).expect("published");
    let officer = stage.officer().expect("an officer");
    // The second turn sounds, so the first one has been written down.
    stage
        .wait_tape("the second turn", |t| (t.times(0, &words, sent, u64::MAX).len() == 2).then_some(()))
        .expect("two turns");
    let journal = officer.journal().expect("the journal");
    let turns = |journal: &[serde_json::Value]| {
        let mine = journal.iter().filter(|e| e["type"] == "turn" && e["sink"] == "hall");
        mine.filter_map(|e| e["done"].as_u64()).max().unwrap_or(0)
    };
    let before = turns(&journal);
    assert!(before >= 1, "{journal:?}");

    stage.power_cut().expect("power is back");
    let ladder = stage.reach(&jti, "done").expect("it is carried out to its end");
    stage.wait_off().expect("everything goes off");
    let tape = stage.tape().expect("a tape");
    let cut = tape.last_start();
    let first = tape.sounds_after(0, cut).expect("it sounds again");
    // A card that has just been opened may run dry once; the tone goes on.
    let tone = (0..5).any(|n| tape.has_tone(0, first + n * 100_000_000, 4, 100));
    assert!(tone, "it begins with the tone again");
    let rest = tape.times(0, &words, cut, u64::MAX).len();
    let officer = stage.officer().expect("an officer");
    let journal = officer.journal().expect("the journal");
    assert_eq!(turns(&journal), 4, "said four times in all");
    // Between the look at the journal and the cut one more turn may have been written down.
    let said = [4 - before, 4 - before - 1];
    assert!(said.contains(&(rest as u64)), "{rest} turns after the cut; {before} were written down before it");
    let received = ladder.0.iter().filter(|r| r.stage == "received").count();
    assert_eq!(received, 1, "{:?}", ladder.stages());
    let started = journal.iter().filter(|e| e["type"] == "started").count();
    assert_eq!(started, 2, "both starts are in one chain");
    let out = stage.station.command(&["journal", "verify"]).expect("gateway runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));

    // It is over: a second cut brings nothing back.
    stage.power_cut().expect("power is back");
    stage.hub.wait_online(STATION, PATIENCE).expect("online");
    let end = stage.commune.now();
    stage.wait_tape("half a second more", |t| (t.ns_at(t.len()) > end + 500_000_000).then_some(())).expect("a card");
    let tape = stage.tape().expect("a tape");
    assert!(tape.between(0, tape.last_start(), u64::MAX).iter().all(|s| *s == 0), "it sounded again");
}
