//! A recall that overtakes its bulletin counts: the bulletin is accepted when it comes, and stays silent.

use serde_json::json;
use site_tests::told::{Told, bulletin};

#[test]
fn it_is_done_at_once_and_the_bulletin_stays_silent() {
    let mut told = Told::new();
    let recall = told.send("recall", &json!({"bulletin_id": "KC-1", "reason": "sai"}));
    assert_eq!(told.rungs(&recall), ["received", "accepted", "done"]);
    told.cut_power(told.now.wall);
    let jti = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    told.run(60_000);
    assert_eq!(told.rungs(&jti), ["received", "accepted", "recalled"]);
    assert!(told.heard("hall").is_empty() && told.board("gate").is_none());
}
