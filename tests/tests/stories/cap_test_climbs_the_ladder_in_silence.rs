//! A CAP test runs the whole ladder and makes no sound, lights no board, and is never corrected aloud.

use serde_json::json;
use site_tests::hub::cap::Cap;
use site_tests::told::{Mishap, Told};

fn test() -> Cap {
    let mut cap = Cap::new("Test", "Alert");
    cap.headline = "Thử đường truyền".to_owned();
    cap.level = Some(5);
    cap
}

#[test]
fn every_rung_is_climbed_and_nothing_is_heard() {
    let mut told = Told::new();
    let cap = test();
    let jti = told.send("alert", &json!({"cap": cap.xml()}));
    told.run(60_000);
    let climbed = ["received", "accepted", "ready", "keyed", "audible", "shown", "done"];
    assert_eq!(told.rungs(&jti), climbed);
    assert_eq!(told.ack(&jti, "audible").map(|a| a["code"].clone()), Some(json!("silent_test")));
    let id = format!("cap:{},Test", cap.reference());
    let correction = json!([{"type": "text", "lang": "vi", "text": "Đính chính."}]);
    told.send("recall", &json!({"bulletin_id": id, "reason": "hết", "correction": correction}));
    told.run(60_000);
    assert_eq!((told.heard("hall").len(), told.heard("fm-audio").len()), (0, 0));
    assert_eq!(told.board("gate"), None);
    assert!(!told.is_on("amp1") && !told.is_on("mains"));
}

#[test]
fn it_tells_which_device_is_lost() {
    let mut told = Told::new();
    let amplifier = gateway_core::id::OutputId::Switch("amp1".into());
    told.run(1_000);
    told.world.set(&amplifier, Some(Mishap::Dead), told.now.mono);
    told.run(1_000);
    let jti = told.send("alert", &json!({"cap": test().xml()}));
    told.run(60_000);
    let ack = told.ack(&jti, "partial").expect("something is lost");
    let outputs = ack["outputs"].as_array().expect("every device");
    let lost: Vec<_> = outputs.iter().filter(|o| o["result"] == "failed").map(|o| o["id"].clone()).collect();
    assert_eq!(lost, [json!("switch/amp1")]);
}
