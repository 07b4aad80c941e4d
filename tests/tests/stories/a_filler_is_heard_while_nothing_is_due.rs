//! A filler is heard while nothing is due, within its hours and the site's; anything else takes the air from it.

use gateway_core::config::{Filler, Hours, Policy, SiteConfig};
use gateway_core::input::{Input, Tuned};
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

/// From 05:00 to 06:00; the story begins at [`DAWN`], 05:00.
fn filled(hours: Hours) -> Told {
    let filler = Filler { input: "vov1".into(), clusters: Default::default(), spans: vec![(5 * 3600, 6 * 3600)] };
    let policy = Policy { filler: Some(filler), hours, ..Policy::default() };
    Told::in_commune(SiteConfig { policy, ..small_commune() }, Some(DAWN))
}

#[test]
fn it_is_heard_within_its_hours_and_gives_way_to_a_programme_and_a_warning() {
    let mut told = filled(Hours::default());
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin xã."));
    told.send("programme", &programme("sang", "05:30:00", &["BT-1"]));
    assert!(told.run_until(1_900_000, |t| t.heard_at("hall", "Tin xã.").is_some()));
    assert!(told.run_until(900_000, |t| t.playing("hall").as_deref() == Some("input vov1")), "then again");
    let mut warning = bulletin("KC-1", "emergency", "Lũ về.");
    warning["repeat"] = json!(1);
    told.send("bulletin", &warning);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    told.run(3_600_000);
    assert_eq!(told.playing("hall"), None, "its hour is over");
    assert!(told.run_until(24 * 3_600_000, |t| t.playing("hall").as_deref() == Some("input vov1")), "and comes again");
}

#[test]
fn the_site_s_minutes_and_days_bind_it() {
    let mut told = filled(Hours { longest_s: 600, ..Hours::default() });
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    told.run(620_000);
    assert_eq!(told.playing("hall"), None, "ten minutes a span");
    let mut told = filled(Hours { days: vec!["none".to_owned()], ..Hours::default() });
    told.run(60_000);
    assert_eq!(told.playing("hall"), None, "not on this day");
}

#[test]
fn one_that_hears_another_station_is_silent() {
    let mut told = filled(Hours::default());
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
    told.step(Input::Tuned("vov1".into(), Tuned::Wrong("VOV3".to_owned())));
    assert_eq!(told.playing("hall"), None);
    told.step(Input::Tuned("vov1".into(), Tuned::Right));
    assert!(told.run_until(90_000, |t| t.playing("hall").as_deref() == Some("input vov1")));
}

#[test]
fn without_a_trusted_clock_nothing_fills_the_air() {
    let filler = Filler { input: "vov1".into(), clusters: Default::default(), spans: vec![(0, 86_400)] };
    let policy = Policy { filler: Some(filler), ..Policy::default() };
    let mut told = Told::in_commune(SiteConfig { policy, ..small_commune() }, None);
    told.run(60_000);
    assert_eq!(told.playing("hall"), None);
}
