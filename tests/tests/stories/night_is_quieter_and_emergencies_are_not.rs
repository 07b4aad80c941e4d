//! By night a programme is turned down; an emergency has the forced level by day and by night.

use gateway_core::bulletin::State;
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

#[test]
fn the_volume_follows_the_hour_and_the_emergency_follows_nothing() {
    let mut told = Told::in_commune(small_commune(), Some(DAWN.plus(-3_600_000)));
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin thường."));
    told.send("programme", &programme("dem", "04:30", &["BT-1"]));
    assert!(told.run_until(3_600_000, |t| t.playing("hall").as_deref() == Some("Tin thường.")));
    assert_eq!(told.volume("hall"), Some(50), "half past four is night");
    told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!((told.volume("hall"), told.volume("fm-audio")), (Some(100), Some(100)));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert_eq!(told.volume("hall"), Some(50));
    assert!(told.run_until(3_600_000, |t| t.now.wall.is_some_and(|w| w.second_of_day() > 5 * 3600)));
    told.happen();
    assert_eq!(told.volume("hall"), Some(80));
}
