//! A bulletin for one village is heard in that village only, also when the programme goes to all of them.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::told::{Told, bulletin, programme};

#[test]
fn the_others_are_switched_off_for_it_and_on_again_before_the_next_item() {
    let mut told = Told::new();
    let mut body = bulletin("BT-1", "ordinary", "Cắt điện thôn một.");
    body["targets"] = json!({"clusters": ["thon-1"], "boards": []});
    told.send("bulletin", &body);
    told.send("bulletin", &bulletin("BT-2", "ordinary", "Tin chung."));
    told.send("programme", &programme("sang", "05:30", &["BT-1", "BT-2"]));
    assert!(told.run_until(3_600_000, |t| t.playing("hall").as_deref() == Some("Cắt điện thôn một.")));
    assert!(told.is_on("amp1") && !told.is_on("amp2"));
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("Tin chung.")));
    let on = |t: &Told| t.turned(&gateway_core::id::OutputId::Switch("amp2".into())).last().cloned();
    let (at, level) = on(&told).expect("it was switched");
    assert_eq!(level, "true");
    assert!(told.now.mono.since(at) >= 30, "the relay is waited for: no word is lost");
    assert_eq!(told.outcome("BT-1"), Some(State::Done));
    assert_eq!(told.heard("fm-audio"), ["chime", "Tin chung."]);
    assert_eq!(told.played_rows("BT-1").len(), 1);
}
