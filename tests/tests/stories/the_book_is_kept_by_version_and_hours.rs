//! Two officers cannot write over each other, nothing of the desk breaks the site's hours, and nothing is cut in silence.

use gateway_core::bulletin::State;
use gateway_core::config::{Hours, Policy};
use gateway_core::input::Act;
use gateway_core::programme::Programme;
use serde_json::{Value, json};
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

fn book(told: &mut Told, id: &str, start: &str, change: &Value) -> Result<(), String> {
    let mut body = json!({"programme_id": id, "title": format!("Chương trình {id}"), "start": start, "duration_s": 600,
        "targets": {"clusters": ["*"]}, "items": [{"type": "chime"}]});
    if let (Some(body), Some(change)) = (body.as_object_mut(), change.as_object()) {
        body.extend(change.clone());
    }
    let programme: Programme = serde_json::from_value(body).map_err(|e| e.to_string())?;
    told.order(Act::Programme(programme))
}

fn drop_it(told: &mut Told, id: &str, version: u32) -> Result<(), String> {
    told.order(Act::DropProgramme { programme: id.into(), version })
}

#[test]
fn a_change_is_made_over_the_version_that_stands() {
    let mut told = Told::new();
    book(&mut told, "xa", "06:00", &json!({})).expect("new");
    book(&mut told, "xa", "06:10", &json!({"version": 2})).expect("over the first");
    let why = book(&mut told, "xa", "06:20", &json!({"version": 2})).expect_err("somebody else was first");
    assert!(why.contains("bản 2"), "{why}");
    assert!(book(&mut told, "xa", "06:20", &json!({"version": 9})).is_err(), "over what is not there");
    let stands = &told.site.memory().programmes[&"xa".into()];
    assert_eq!((stands.version, stands.start.as_str()), (2, "06:10"), "nothing was lost");
    assert!(drop_it(&mut told, "xa", 1).is_err(), "another version than was looked at");
    drop_it(&mut told, "xa", 2).expect("dropped");
    let why = book(&mut told, "xa", "06:20", &json!({"version": 3})).expect_err("it is gone");
    assert!(why.contains("bỏ khỏi lịch"), "{why}");
    told.run(7_200_000);
    assert!(told.heard("hall").is_empty(), "what was dropped is not aired");
}

#[test]
fn dropping_ends_what_is_on_air_and_the_provinces_stays() {
    let mut told = Told::new();
    told.send("programme", &programme("tinh", "05:30", &[]));
    assert!(drop_it(&mut told, "tinh", 0).is_err_and(|why| why.contains("tỉnh")));
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin dài."));
    book(&mut told, "xa", "07:00", &json!({"items": [{"type": "relay", "input": "vov1"}]})).expect("booked");
    assert!(told.run_until(7_300_000, |t| t.playing("hall").is_some_and(|w| w == "input vov1")));
    drop_it(&mut told, "xa", 1).expect("dropped");
    assert_eq!(told.playing("hall"), None);
}

#[test]
fn one_place_one_programme_unless_it_waits() {
    let mut told = Told::new();
    told.send("programme", &programme("tinh", "06:00", &[]));
    let why = book(&mut told, "xa", "06:05", &json!({})).expect_err("it would cut the province's");
    assert!(why.contains("của tỉnh") && why.contains("22/11/2026") | why.contains("21/11/2026"), "{why}");
    let why = book(&mut told, "xa", "05:55", &json!({"start_mode": "next"})).expect_err("it would be cut");
    assert!(why.contains("kết thúc sớm hơn"), "{why}");
    book(&mut told, "xa", "06:05", &json!({"start_mode": "next"})).expect("it waits");
    book(&mut told, "khac", "05:50", &json!({})).expect("one ends as the other begins");
    let here = json!({"targets": {"clusters": ["thon-3"]}});
    book(&mut told, "fm", "06:05", &here).expect_err("the province's is everywhere");
    let weekly = json!({"days": ["sun"], "duration_s": 7200});
    book(&mut told, "dem", "23:00", &weekly).expect("Sunday night");
    book(&mut told, "khuya", "00:30", &json!({"days": ["mon"]})).expect_err("Sunday's lasts into Monday");
    book(&mut told, "khuya", "00:30", &json!({"days": ["tue"]})).expect("Tuesday is free");
}

#[test]
fn the_hours_of_the_site_bind_the_desk_alone() {
    let hours = Hours {
        quiet_at_night: true,
        longest_s: 1800,
        days: ["mon", "tue", "wed", "thu", "fri", "sat"].map(str::to_owned).to_vec(),
        sessions: vec![(4 * 3600, 7 * 3600), (60_000, 79_200)],
    };
    let mut config = small_commune();
    config.policy = Policy { hours, ..Policy::default() };
    let mut told = Told::in_commune(config, Some(DAWN));
    let week = json!({"days": ["mon", "wed"]});
    let with = |change: Value| {
        let mut all = week.clone();
        all.as_object_mut().expect("a map").extend(change.as_object().expect("a map").clone());
        all
    };
    for (start, change, reason) in [
        ("04:30", week.clone(), "giờ yên tĩnh"),
        ("20:55", week.clone(), "giờ yên tĩnh"),
        ("05:10", with(json!({"duration_s": 1801})), "30 phút"),
        ("12:00", week.clone(), "05:00"),
        ("06:55", week.clone(), "buổi phát"),
        ("05:10", json!({"days": ["sun"]}), "trong tuần"),
        ("05:10", json!({}), "trong tuần"),
    ] {
        let why = book(&mut told, "xa", start, &change).expect_err(start);
        assert!(why.contains(reason) || why.contains("buổi phát"), "{start}: {why}");
    }
    book(&mut told, "xa", "05:10", &week).expect("within everything");
    // The province's and an emergency are not bound.
    told.send("programme", &programme("tinh", "23:00", &[]));
    assert!(told.site.memory().programmes.contains_key(&"tinh".into()));
    told.run(17 * 3_600_000);
    told.send("bulletin", &bulletin("BT-9", "emergency", "Lũ về."));
    assert!(told.run_until(60_000, |t| t.playing("hall").is_some_and(|w| w.starts_with("tone"))));
}

#[test]
fn holidays_and_exceptions_are_kept() {
    let mut told = Told::new();
    book(&mut told, "thuong", "05:30", &json!({"on_holidays": "never", "except": ["2026-11-23"]})).expect("booked");
    book(&mut told, "le", "05:30", &json!({"on_holidays": "only", "programme_id": "le"})).expect("never on one day");
    let starts = |id: &str, from: &str, days| {
        let starts = told.site.memory().programmes[&id.into()].starts(from.parse().expect("a date"), days);
        starts.iter().map(|s| s.rfc3339()[..10].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(starts("thuong", "2026-11-22", 3), ["2026-11-22", "2026-11-24"]);
    assert_eq!(starts("thuong", "2027-02-04", 7), ["2027-02-04", "2027-02-10"], "Tết: five days from its eve");
    assert_eq!(starts("le", "2027-04-14", 20), ["2027-04-16", "2027-04-30", "2027-05-01"]);
}

#[test]
fn what_has_no_start_ahead_is_refused_and_its_bulletin_waits_on() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Lịch tiêm chủng."));
    told.run(60_000);
    let items = json!([{"type": "bulletin", "bulletin_id": "BT-1"}]);
    let on = |day: &str| json!({"items": items, "valid_from": day, "valid_until": day});
    // It is dawn, a minute past five.
    for (start, change) in [
        ("04:00", on("2026-11-21")),
        ("05:00", on("2026-11-21")),
        ("23:00", on("2026-11-20")),
        ("06:00", json!({"items": items, "valid_until": "2026-11-20"})),
        ("06:00", json!({"items": items, "days": ["mon"], "valid_until": "2026-11-22"})),
        ("06:00", json!({"items": items, "valid_until": "2026-11-21", "except": ["2026-11-21"]})),
    ] {
        let why = book(&mut told, "xa", start, &change).expect_err("it would never be heard");
        assert!(why.contains("không còn lần phát nào") && why.contains("21/11/2026"), "{start} {change}: {why}");
    }
    assert!(told.site.memory().programmes.is_empty());
    assert_eq!(told.state("BT-1"), Some(State::WaitingChoice), "the inbox still offers it");
    book(&mut told, "xa", "05:02", &on("2026-11-21")).expect("a minute ahead");
    let mut late = on("2026-11-20");
    late["version"] = json!(2);
    book(&mut told, "xa", "05:02", &late).expect_err("moved to yesterday");
    book(&mut told, "sang-nam", "05:00", &on("2028-02-29")).expect("more than a year ahead");
    assert!(told.outcome("BT-1").is_some_and(State::is_final), "and is heard");
}

#[test]
fn the_hub_is_told_the_next_fortnight_when_it_changes_and_daily() {
    let mut told = Told::new();
    let plans = |told: &Told| told.uplinks.iter().filter(|u| u.kind == "schedule").cloned().collect::<Vec<_>>();
    book(&mut told, "xa", "06:00", &json!({"days": ["mon"]})).expect("booked");
    let first = plans(&told);
    assert_eq!(first.len(), 1);
    let rows = first[0].body["programmes"].as_array().expect("rows").clone();
    let starts: Vec<&str> = rows.iter().filter_map(|r| r["start"].as_str()).collect();
    assert_eq!(starts, ["2026-11-23T06:00:00.000+07:00", "2026-11-30T06:00:00.000+07:00"]);
    told.run(2 * 86_400_000);
    assert_eq!(plans(&told).len(), 3, "a new day twice");
    drop_it(&mut told, "xa", 1).expect("dropped");
    assert_eq!(plans(&told).last().expect("told").body["programmes"], json!([]));
}
