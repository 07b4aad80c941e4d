//! The disk fills, takes nothing, is read-only or holds garbage: the station keeps sounding, says so everywhere, claims
//! nothing it cannot write, and never starts as an empty station.

use serde_json::{Value, json};
use site_tests::stage::disk::{Lock, fill, inside, read_only, small};
use site_tests::stage::word::{emergency, ordinary, typed_emergency};
use site_tests::stage::{Officer, PATIENCE, Plan, STATION, Stage};
use std::fs;

fn said(stage: &Stage, since: u64) -> usize {
    let words = stage.words().expect("the voice");
    stage
        .wait_tape("the words", |t| Some(t.times(0, &words, since, u64::MAX).len()).filter(|n| *n > 0))
        .expect("the words are heard")
}

/// Orders an emergency on a dead disk: it is carried out, and the answer says that it is not written down.
fn acts_unwritten(stage: &Stage, officer: &Officer) {
    let told = stage.commune.now();
    let answer = officer.post("/api/v1/emergency", &typed_emergency(1)).expect("an answer");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.body["acted"], true, "{answer:?}");
    said(stage, told);
    stage.wait_off().expect("it ends");
}

/// What a station with a dead disk says of itself.
fn says_so(stage: &Stage, officer: &Officer) {
    let grave = |air: &Value| air["alarms"].as_array()?.iter().any(|a| a["grave"] == true).then_some(());
    officer.wait_air("an alarm", |air| grave(air).filter(|()| air["disk_ok"] == false)).expect("the desk says so");
    assert_eq!(stage.station.ops("/readyz").expect("readyz").0, 503, "it is not ready");
    assert_eq!(stage.station.ops("/healthz").expect("healthz").0, 200, "but alive");
    assert_eq!(stage.station.metric("gateway_disk_up").expect("a metric").to_string(), "0");
    stage
        .hub
        .wait_for(PATIENCE, "a status that says so", |all| {
            all.iter().rfind(|u| u.kind == "status").filter(|u| u.body["disk_ok"] == false).map(drop)
        })
        .expect("the hub is told");
}

#[test]
fn a_disk_that_takes_nothing_and_then_does() {
    let stage = Stage::up(&Plan::new("locked")).expect("a stage");
    let officer = stage.officer().expect("an officer");
    let lock = Lock::take(&stage).expect("a lock");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    said(&stage, sent);
    says_so(&stage, &officer);
    acts_unwritten(&stage, &officer);
    assert!(stage.hub.ladder(STATION, &jti).0.is_empty(), "it promised what it had not written");
    drop(lock);
    let ladder = stage.reach(&jti, "done").expect("what was owed is told");
    assert_eq!(ladder.stages().first(), Some(&"received"));
    officer.wait_air("that the disk is back", |air| (air["disk_ok"] == true).then_some(())).expect("the desk says so");
    officer.order("/api/v1/mute", &json!({"for_s": 0, "reason": "thử lại"})).expect("written down again");
    assert_eq!(stage.station.ops("/readyz").expect("readyz").0, 200);
    let out = stage.station.command(&["journal", "verify"]).expect("gateway runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn a_full_disk() {
    let mut stage = Stage::set(&Plan { officer_tls: false, ..Plan::new("full") }).expect("a stage");
    if !small(&mut stage).expect("a small disk") {
        eprintln!("no mounts are allowed to this account: nothing was tried");
        return;
    }
    stage.start().expect("the station starts");
    let password = fs::read_to_string(inside(&stage).expect("a directory").join("first-password")).expect("a password");
    let officer = Officer::sign_in(&stage.officer_url(), None, "admin", password.trim()).expect("signed in");
    // Spoken before, so that the voice is there when nothing more can be written.
    let (first, _) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.reach(&first, "done").expect("it is said");
    let filler = fill(&stage).expect("full");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-2", 1)).expect("published");
    said(&stage, sent);
    // The journal's file has room left over for a while: speak until it has none.
    for n in 0..2000 {
        let answer = officer.post("/api/v1/mute", &json!({"for_s": 0, "reason": "x".repeat(190)})).expect("an answer");
        if answer.status == 503 {
            break;
        }
        assert!(n < 1999, "this disk is never full");
    }
    says_so(&stage, &officer);
    acts_unwritten(&stage, &officer);
    fs::remove_file(filler).expect("room again");
    stage.reach(&jti, "done").expect("what was owed is told");
    officer.wait_air("that the disk is back", |air| (air["disk_ok"] == true).then_some(())).expect("the desk says so");
}

/// A station that has worked: with a programme in its book and a bulletin in its inbox; switched off.
fn worked(label: &str) -> Stage {
    let mut stage = Stage::up(&Plan::new(label)).expect("a stage");
    let programme = json!({"programme_id": "CT-1", "title": "Sáng", "start": "05:30", "duration_s": 60,
        "targets": {"clusters": ["*"]}, "items": [{"type": "chime"}]});
    let leader = stage.leader().expect("a leader");
    leader.order("/api/v1/programmes", &programme).expect("booked");
    let (jti, _) = stage.publish("bulletin", &ordinary("BT-0", "Tin.")).expect("published");
    stage.reach(&jti, "waiting").expect("it waits");
    assert!(stage.station.stop().expect("it stops").success());
    stage
}

/// It knows what it knew.
fn remembers(stage: &Stage) {
    let officer = stage.officer().expect("an officer");
    let air = officer.get("/api/v1/air").expect("the air").body;
    assert_eq!(air["next"][0]["title"], "Sáng", "the programme book: {air}");
}

#[test]
fn a_database_that_holds_garbage() {
    let mut stage = worked("garbage");
    let file = stage.data().join("gateway.db");
    let mut bad = fs::read(&file).expect("the database");
    for (i, byte) in bad.iter_mut().enumerate().skip(16) {
        *byte = (i % 251) as u8;
    }
    fs::write(&file, bad).expect("damaged");
    stage.start().expect("it starts all the same");
    remembers(&stage);
    let aside = fs::read_dir(stage.data()).expect("the data").filter_map(Result::ok);
    let aside = aside.filter(|e| e.file_name().to_string_lossy().contains("broken")).count();
    assert!(aside >= 1, "the damaged file is kept for whoever looks into it");
    assert!(stage.station.complaints().iter().any(|l| l.contains(" ERROR ")), "it says so in its log");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.reach(&jti, "done").expect("it works");
    said(&stage, sent);

    // The inbox is whole, too.
    let officer = stage.officer().expect("an officer");
    let inbox = officer.get("/api/v1/bulletins").expect("the inbox").body;
    let known = inbox["bulletins"].as_array().is_some_and(|all| all.iter().any(|b| b["id"] == "BT-0"));
    assert!(known, "the inbox lost what waited there: {inbox}");
}

#[test]
fn a_disk_that_is_read_only() {
    let mut stage = worked("readonly");
    if !read_only(&mut stage).expect("a read-only disk") {
        eprintln!("no mounts are allowed to this account: nothing was tried");
        return;
    }
    stage.station.start().expect("it starts all the same");
    stage.hub.wait_online(STATION, PATIENCE).expect("online");
    remembers(&stage);
    let officer = stage.officer().expect("an officer");
    let (jti, sent) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.wait_tape("the tone", |t| t.sounds_after(1, sent)).expect("it sounds");
    says_so(&stage, &officer);
    assert!(stage.hub.ladder(STATION, &jti).0.is_empty(), "it promised what it had not written");
}
