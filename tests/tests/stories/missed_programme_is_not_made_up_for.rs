//! A programme whose start passed without power is missed, written down, and not made up for; a minute late is not missed.

use gateway_core::journal::Event;
use site_tests::told::{DAWN, Told, bulletin, programme};

fn after_a_cut_until(minute: i64, second: i64) -> Told {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    told.run(60_000);
    told.cut_power(Some(DAWN.plus(minute * 60_000 + second * 1_000)));
    told.run(600_000);
    told
}

#[test]
fn five_minutes_late_it_is_missed_though_its_time_is_not_over() {
    let mut told = after_a_cut_until(35, 0);
    assert!(told.heard("hall").is_empty());
    let missed = |e: &&Event| matches!(e, Event::SessionMissed { .. });
    assert_eq!(told.events.iter().filter(missed).count(), 1);
    told.run(86_400_000);
    assert_eq!(told.heard("hall").iter().filter(|w| *w == "Tin thường.").count(), 1, "the next day as always");
}

#[test]
fn half_a_minute_late_it_begins() {
    assert_eq!(after_a_cut_until(30, 30).heard("hall"), ["chime", "Tin thường."]);
}

#[test]
fn a_power_cut_does_not_make_it_run_twice() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("sang", "05:30", &["BT-1"]));
    told.run(1_820_000);
    assert_eq!(told.heard("hall"), ["chime", "Tin thường."]);
    told.cut_power(told.now.wall.map(|w| w.plus(5_000)));
    told.run(600_000);
    assert_eq!(told.heard("hall"), ["chime", "Tin thường."]);
}
