//! An exercise is aired only with the word for it, spoken before and after and shown; and never in front of the real thing.

use gateway_core::bulletin::State;
use serde_json::json;
use site_tests::hub::cap::Cap;
use site_tests::told::{Told, bulletin};

fn exercise(level: u8) -> Cap {
    let mut cap = Cap::new("Exercise", "Alert");
    cap.headline = "Nước lũ dâng".to_owned();
    cap.level = Some(level);
    cap.expires = None;
    cap
}

#[test]
fn the_word_is_spoken_before_and_after_and_shown() {
    let mut told = Told::new();
    told.send("alert", &json!({"cap": exercise(5).xml()}));
    assert!(told.run_until(20_000, |t| t.heard("hall").len() == 2));
    let heard = told.heard("hall");
    assert_eq!(heard[0], "drill tone 5");
    assert!(heard[1].starts_with("DIỄN TẬP") && heard[1].trim_end_matches('.').ends_with("DIỄN TẬP"), "{heard:?}");
    assert!(told.board("gate").is_some_and(|text| text.contains("DIỄN TẬP")));
}

#[test]
fn a_drill_of_the_hub_or_the_desk_says_so_too() {
    let mut told = Told::new();
    let mut body = bulletin("DT-1", "emergency", "Sơ tán lên đồi.");
    body["drill"] = json!(true);
    told.send("bulletin", &body);
    assert_eq!(told.outcome("DT-1"), Some(State::Done));
    assert_eq!(told.heard("hall")[1], "DIỄN TẬP. DIỄN TẬP. Sơ tán lên đồi. Đây là DIỄN TẬP.");
}

#[test]
fn it_gives_way_to_a_lower_warning_that_is_real() {
    let mut told = Told::new();
    told.send("alert", &json!({"cap": exercise(5).xml()}));
    assert!(told.run_until(20_000, |t| t.heard("hall").len() == 2));
    let mut real = bulletin("KC-1", "emergency", "Cháy chợ.");
    real["hazard"] = json!({"type": "chay", "level": 1});
    told.send("bulletin", &real);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 1"), "in the same step");
    assert_eq!(told.board("gate").as_deref(), Some("Cháy chợ."));
}
