//! A healthy run logs no warning; and even where everything is logged, no secret, no name of a person, no telephone number
//! and no text of a bulletin is in the log.

use serde_json::json;
use site_tests::stage::word::{emergency, ordinary};
use site_tests::stage::{Plan, Stage};

/// Personal data as they come in bulletins.
const PERSON: &str = "Nguyễn Thị Hoa";
const TELEPHONE: &str = "0912345678";

/// A day in short: a bulletin, an officer at the desk, an emergency, a stop, a restart.
fn live(stage: &mut Stage) -> Vec<String> {
    let officer = stage.officer().expect("an officer");
    let mut body = ordinary("BT-0", &format!("Ai thấy bà {PERSON} xin gọi {TELEPHONE}."));
    body["title"] = json!(format!("Tìm người: {PERSON}"));
    body["issuer"] = json!({"level": "commune", "name": PERSON});
    let (news, _) = stage.publish("bulletin", &body).expect("published");
    stage.reach(&news, "waiting").expect("it waits");
    let (alarm, _) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.reach(&alarm, "done").expect("it is said");
    let typed = json!({"text": format!("Gọi {PERSON}, {TELEPHONE}"), "level": 3, "repeat": 1,
        "reason": format!("{PERSON} báo")});
    officer.order("/api/v1/emergency", &typed).expect("carried out");
    let stop = json!({"reason": format!("{PERSON} báo lại")});
    officer.wait_air("that it is on the air", |air| (air["emergency"] == true).then_some(())).expect("on air");
    officer.order("/api/v1/stop", &stop).expect("stopped");
    officer.order("/api/v1/mute", &json!({"for_s": 0, "reason": TELEPHONE})).expect("carried out");
    stage.wait_off().expect("everything goes off");
    drop(officer);
    stage.restart().expect("a restart");
    assert!(stage.station.stop().expect("it stops").success());
    stage.station.log()
}

#[test]
fn a_healthy_run_logs_no_warning() {
    let mut stage = Stage::up(&Plan::new("healthy")).expect("a stage");
    let lines = live(&mut stage);
    assert!(lines.iter().any(|l| l.contains(" INFO ")), "it logs: {lines:?}");
    let complaints = stage.station.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn the_whole_log_holds_nothing_of_anybody() {
    let mut stage = Stage::set(&Plan::new("discreet")).expect("a stage");
    stage.station.env.push(("GATEWAY_LOG".to_owned(), "trace".to_owned()));
    stage.start().expect("the station starts");
    let password = std::fs::read_to_string(stage.data().join("first-password")).expect("the first password");
    let lines = live(&mut stage);
    let key = std::fs::read_to_string(stage.pki.station_dir(site_tests::stage::STATION).join("station.key"));
    let key = key.expect("the station's private key").lines().nth(1).expect("a line of it").to_owned();
    let hash = std::fs::read_to_string(stage.data().join("users.json")).expect("the users");
    let hash = hash.split('$').nth(5).map(|h| h.split('"').next().unwrap_or(h).to_owned()).expect("a hash");
    let secrets = [password.trim(), PERSON, "Hoa", TELEPHONE, key.as_str(), hash.as_str()];
    assert!(lines.len() > 20, "everything is logged: {lines:?}");
    for secret in secrets {
        let told: Vec<&String> = lines.iter().filter(|l| l.contains(secret)).take(3).collect();
        assert!(told.is_empty(), "{secret:?} is in the log: {told:#?}");
    }
}
