//! When the disk takes nothing any more the station goes on sounding, says so, and claims nothing it cannot write.

use gateway_core::bulletin::State;
use gateway_core::input::Input;
use site_tests::told::{Told, bulletin};

#[test]
fn the_emergency_sounds_and_nothing_is_answered_until_the_disk_is_back() {
    let mut told = Told::new();
    told.commits = false;
    told.step(Input::Disk { well: false });
    let jti = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    assert!(told.rungs(&jti).is_empty() && told.incidents("disk") == 0);
    assert!(told.site.view(told.now).alarms.iter().any(|a| a.grave), "the screens say so meanwhile");
    told.step(Input::Disk { well: true });
    told.commit();
    assert_eq!(told.rungs(&jti).last().map(String::as_str), Some("done"));
    assert_eq!(told.incidents("disk"), 1);
}
