//! A drill of the calendar is held at its time as a drill, gives way to all that is real, and its result is kept.

use gateway_core::bulletin::Targets;
use gateway_core::config::SiteConfig;
use gateway_core::drill::{Drill, Every, Held, Kind};
use gateway_core::input::Act;
use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;

fn drill(kind: Kind, every: Every, at: &str) -> Drill {
    let boards = if kind == Kind::Full { vec!["*".into()] } else { Vec::new() };
    Drill {
        title: "Thử loa".to_owned(),
        every,
        weekday: "sat".to_owned(),
        at_s: gateway_core::time::parse_time_of_day(at).expect("a time"),
        kind,
        text: "Bà con không cần làm gì.".to_owned(),
        level: 2,
        targets: Targets { clusters: vec!["*".into()], boards },
    }
}

fn commune(drills: Vec<(&str, Drill)>) -> SiteConfig {
    let drills = drills.into_iter().map(|(id, d)| (id.into(), d)).collect();
    SiteConfig { drills, ..small_commune() }
}

fn weekly(kind: Kind) -> Told {
    Told::in_commune(commune(vec![("tuan", drill(kind, Every::Week, "06:00"))]), Some(DAWN))
}

fn held(told: &Told, id: &str) -> Vec<Held> {
    told.site.memory().drills.0.get(&id.into()).cloned().unwrap_or_default()
}

fn skipped(told: &Told) -> Option<String> {
    held(told, "tuan").last().and_then(|h| h.skipped.clone())
}

#[test]
fn it_says_before_and_after_that_it_is_one_at_the_sinks_own_volume() {
    let mut told = weekly(Kind::Short);
    told.happen();
    assert_eq!(told.site.view(told.now).drills[0].next.as_deref(), Some("2026-11-21T06:00:00.000+07:00"));
    assert!(told.run_until(61 * MINUTE, |t| t.heard("hall").len() == 2));
    assert_eq!(told.heard("hall"), ["drill tone 2", "DIỄN TẬP. DIỄN TẬP. Bà con không cần làm gì. Đây là DIỄN TẬP."]);
    assert_eq!((told.volume("hall"), told.board("gate")), (Some(80), None), "no forced level, no board");
    told.run(5 * MINUTE);
    let all = held(&told, "tuan");
    let last = all.last().expect("held");
    assert_eq!((last.result.as_deref(), last.skipped.as_deref(), last.clusters.len()), (Some("done"), None, 3));
    assert!(last.clusters.iter().all(|c| c.result == "done" && c.grade.is_some() && c.start.is_some()), "{last:?}");
    let rows = told.played_rows("drill-tuan-2026-11-21");
    assert_eq!(rows.len(), 3, "a row of the play log for each cluster");
    assert_eq!(rows[0].planned, Some(DAWN.plus(3_600_000)));
    let view = told.site.view(told.now);
    assert_eq!((view.drills[0].heard, view.drills[0].of), (3, 3));
    assert_eq!(view.drills[0].next.as_deref(), Some("2026-11-28T06:00:00.000+07:00"));
}

#[test]
fn a_full_one_is_said_twice_at_the_forced_level_and_shown() {
    let mut told = weekly(Kind::Full);
    assert!(told.run_until(61 * MINUTE, |t| t.heard("hall").len() == 2));
    assert_eq!((told.volume("hall"), told.volume("fm-audio")), (Some(100), Some(100)));
    assert!(told.board("gate").is_some_and(|text| text.starts_with("DIỄN TẬP")));
    told.run(2 * MINUTE);
    assert_eq!(told.heard("hall").len(), 3, "twice");
    assert_eq!(held(&told, "tuan").last().and_then(|h| h.result.clone()).as_deref(), Some("done"));
    told.run(10 * MINUTE);
    assert_eq!(told.board("gate"), None, "and dark again");
}

#[test]
fn nothing_is_held_while_an_emergency_is_in_force() {
    let mut told = weekly(Kind::Full);
    let mut warning = bulletin("KC-1", "emergency", "Bão số 9.");
    warning["valid_until"] = json!("2026-11-21T12:00:00+07:00");
    told.send("bulletin", &warning);
    told.run(70 * MINUTE);
    assert_eq!(skipped(&told).as_deref(), Some("emergency"), "it was said an hour ago, and is in force until noon");
    assert!(told.heard("hall").iter().all(|w| !w.contains("DIỄN TẬP")));
    assert!(told.events.iter().any(|e| matches!(e, Event::DrillSkipped(skipped) if skipped.why == "emergency")));
    told.run(7 * DAY);
    assert_eq!(held(&told, "tuan").len(), 2);
    assert_eq!(skipped(&told), None, "the next is held");
}

#[test]
fn the_real_thing_ends_it_for_good() {
    let mut told = weekly(Kind::Full);
    assert!(told.run_until(61 * MINUTE, |t| t.heard("hall").len() == 2));
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"), "in the same step");
    told.run(10 * MINUTE);
    let all = told.heard("hall");
    assert_eq!(all.last().map(String::as_str), Some("Vỡ đập."), "no word of the drill follows: {all:?}");
    let last = held(&told, "tuan").pop().expect("it was held");
    assert_eq!((last.result.as_deref(), last.code.as_deref()), (Some("partial"), Some("emergency")));
}

#[test]
fn a_programme_makes_room_and_goes_on() {
    let mut told = weekly(Kind::Short);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.world.length_ms = 30_000;
    told.send("programme", &programme("sang", "05:59:50", &["BT-1"]));
    assert!(told.run_until(61 * MINUTE, |t| t.playing("hall").as_deref() == Some("drill tone 2")));
    told.run(3 * MINUTE);
    assert_eq!(told.heard("hall").last().map(String::as_str), Some("Tin thường."));
}

#[test]
fn a_short_one_keeps_the_quiet_hours_and_gives_way_to_a_full_one() {
    let night = commune(vec![("tuan", drill(Kind::Short, Every::Week, "04:30"))]);
    let mut told = Told::in_commune(night, Some(DAWN.plus(-3_600_000)));
    told.run(60 * MINUTE);
    assert_eq!(skipped(&told).as_deref(), Some("quiet_hours"));
    assert!(told.heard("hall").is_empty());
    // 2 January 2027 is the first Saturday of the quarter.
    let both =
        vec![("tuan", drill(Kind::Short, Every::Week, "06:00")), ("quy", drill(Kind::Full, Every::Quarter, "06:30"))];
    let mut told = Told::in_commune(commune(both), Some(DAWN.plus(42 * 86_400_000)));
    told.run(120 * MINUTE);
    assert_eq!(skipped(&told).as_deref(), Some("full_drill"));
    assert_eq!(held(&told, "quy").last().and_then(|h| h.result.clone()).as_deref(), Some("done"));
}

#[test]
fn a_mute_and_an_unknown_clock_leave_it_out_and_a_power_cut_does_not_repeat_it() {
    let mut told = weekly(Kind::Short);
    told.run(55 * MINUTE);
    told.order(Act::Mute { clusters: Vec::new(), for_s: Some(900), reason: "Việc tang".into() }).expect("muted");
    told.run(30 * MINUTE);
    assert_eq!(skipped(&told).as_deref(), Some("muted"));
    let mut told = Told::in_commune(commune(vec![("tuan", drill(Kind::Short, Every::Week, "06:00"))]), None);
    told.run(90 * MINUTE);
    assert!(held(&told, "tuan").is_empty(), "nobody knows that it is six");
    let mut told = weekly(Kind::Short);
    assert!(told.run_until(61 * MINUTE, |t| !held(t, "tuan").is_empty()));
    told.run(MINUTE);
    let wall = told.now.wall;
    told.cut_power(wall);
    told.run(10 * MINUTE);
    assert_eq!(held(&told, "tuan").len(), 1);
    assert_eq!(told.heard("hall").iter().filter(|w| w.starts_with("DIỄN TẬP")).count(), 1, "{:?}", told.heard("hall"));
}
