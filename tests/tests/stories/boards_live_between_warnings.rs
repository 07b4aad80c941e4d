//! A board shows the commune's own words while nothing is due, dims by the hour, flashes with an emergency, and goes
//! dark even where its card does not listen.

use gateway_core::config::{Board, Switch};
use gateway_core::id::{BoardId, SwitchId};
use gateway_core::input::Act;
use gateway_core::want::{BoardMessage, Show};
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, small_commune};

fn lively() -> Told {
    let mut site = small_commune();
    site.switches.insert("power".into(), Switch::default());
    let mut brightness = [100; 24];
    brightness[..6].fill(20);
    let board = Board {
        name: "Cổng UBND".to_owned(),
        idle: Some("Xã Bình Minh".to_owned()),
        brightness: Some(brightness),
        qr: Some("https://binhminh.example.vn/q/cong".to_owned()),
        power: Some("power".into()),
    };
    site.boards.insert("gate".into(), board);
    Told::in_commune(site, Some(DAWN))
}

fn shown(told: &Told) -> (Option<BoardMessage>, u8) {
    let want = &told.site.wants().boards[&BoardId::from("gate")];
    let message = match &want.show {
        Show::Message(message) => Some(message.clone()),
        Show::Dark => None,
    };
    (message, want.brightness)
}

#[test]
fn its_own_words_then_the_warning_flashing_then_steady() {
    let mut told = lively();
    told.run(2_000);
    let (idle, dim) = shown(&told);
    let idle = idle.expect("its own words");
    assert_eq!((idle.text.as_str(), idle.level, idle.flash, dim), ("Xã Bình Minh", None, false, 20));
    assert_eq!(idle.qr.as_deref(), Some("https://binhminh.example.vn/q/cong"));
    let view = told.site.view(told.now);
    assert!(view.boards[0].confirmed, "what it shows is what it should");

    let mut urgent = bulletin("KC-1", "emergency", "Lũ về.");
    urgent["valid_until"] = json!(DAWN.plus(3_600_000).rfc3339());
    told.send("bulletin", &urgent);
    let (said, full) = shown(&told);
    assert!(said.as_ref().is_some_and(|m| m.flash && m.text == "Lũ về."), "{said:?}");
    assert_eq!((full, said.and_then(|m| m.until)), (100, Some(DAWN.plus(3_600_000))));
    assert!(told.run_until(90_000, |t| t.state("KC-1").is_some_and(gateway_core::bulletin::State::is_final)));
    assert!(shown(&told).0.is_some_and(|m| !m.flash && m.text == "Lũ về."));
    told.run(3_600_000);
    assert_eq!(shown(&told).0.map(|m| m.text), Some("Xã Bình Minh".to_owned()));
}

#[test]
fn it_is_bright_again_in_the_morning() {
    let mut told = lively();
    assert_eq!(shown(&told).1, 20);
    told.run(7_200_000);
    assert_eq!(shown(&told).1, 100);
}

#[test]
fn a_blackout_takes_its_power_too() {
    let mut told = lively();
    let power = |told: &Told| told.site.wants().switches[&SwitchId::from("power")];
    assert!(power(&told));
    let act = Act::Blackout { boards: vec!["gate".into()], for_s: Some(60), reason: "bị chèn tin lạ".to_owned() };
    told.order(act).expect("dark");
    assert!(!power(&told) && shown(&told).0.is_none());
    told.run(61_000);
    assert!(power(&told) && shown(&told).0.is_some());
}

#[test]
fn a_picture_is_shown_once_it_is_here() {
    let mut told = lively();
    let digest = "00000000000000000000000000000000000000000000000000000000000000b1";
    let mut urgent = bulletin("KC-1", "emergency", "Lũ về.");
    let media = json!({"url": "https://hub.example.vn/b1", "sha256": digest, "bytes": 1000, "mime": "image/png"});
    urgent["content"] = json!([{"type": "text", "lang": "vi", "text": "Lũ về."}, {"type": "image", "media": media}]);
    told.send("bulletin", &urgent);
    assert_eq!(shown(&told).0.and_then(|m| m.picture), None);
    assert!(told.run_until(5_000, |t| shown(t).0.is_some_and(|m| m.picture.is_some_and(|p| p.as_str() == digest))));
}
