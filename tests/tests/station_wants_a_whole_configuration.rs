//! A configuration that is wrong is refused by `gateway check` and by the start: file, line, key and remedy, exit 1, and
//! nothing is half-started.

use site_tests::stage::{Plan, Stage};
use std::fs;

/// What is changed in a good file, the line and the key that must be named, and a word of the remedy.
const WRONG: [(&str, &str, &str, &str, &str); 6] = [
    ("volume_night = 80", "volume_nihgt = 80", "volume_nihgt", "sink", "volume_night"),
    ("driver = \"huidu\"", "driver = \"huidoo\"", "driver", "huidoo", "huidu"),
    ("coil = 1\nsettle_s", "coil = 0\nsettle_s", "coil", "taken", "correct the coil"),
    ("sink = \"fm-audio\"", "sink = \"fm-radio\"", "sink", "fm-radio", "fm-audio"),
    ("frequency_mhz = 60.5", "frequency_mhz = 99.9", "frequency_mhz", "99.9", "permit"),
    ("lat = 11.31", "lat = 111.31", "lat", "not a number", "11.31"),
];

#[test]
fn what_is_wrong_is_named_with_its_line_and_a_remedy_and_nothing_starts() {
    let mut stage = Stage::set(&Plan::new("config")).expect("a stage");
    let file = stage.station.config.clone();
    let good = fs::read_to_string(&file).expect("the file");
    for (from, to, key, what, remedy) in WRONG {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from:?} is in the file");
        let place = bad.find(to).expect("the change");
        let line = bad[..place].matches('\n').count() + 1;
        fs::write(&file, &bad).expect("written");
        for command in ["check", "run"] {
            let out = stage.station.command(&[command]).expect("gateway runs");
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.code(), Some(1), "{command} with {to:?}: {said}");
            let place = format!("{}:{line}", file.display());
            for part in [place.as_str(), key, what, remedy] {
                assert!(said.contains(part), "{command} with {to:?} does not say {part:?}: {said}");
            }
        }
    }
    assert!(!stage.data().exists(), "a data directory was made");
    assert!(stage.commune.is_off());
    let touched: Vec<_> = stage.commune.timeline.events().into_iter().filter(|e| e.device != "stage").collect();
    assert!(touched.is_empty(), "devices were touched: {touched:?}");
    assert!(stage.tape().expect("a tape").is_empty(), "the card was opened");
    assert!(stage.hub.uplinks().is_empty(), "the hub heard of it");

    // Two mistakes are two lines of one answer.
    fs::write(&file, good.replacen("id = \"amp2\"", "id = \"amp 2\"", 1).replacen("11.31", "\"x\"", 1))
        .expect("written");
    let out = stage.station.command(&["check"]).expect("gateway runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.lines().filter(|l| l.contains(&file.display().to_string())).count() >= 2, "{said}");

    // Put right, it is good, and starts.
    fs::write(&file, good).expect("written");
    let out = stage.station.command(&["check"]).expect("gateway runs");
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    stage.start().expect("the station starts");
}

#[test]
fn an_address_that_is_taken_is_said_before_anything_starts() {
    let stage = Stage::set(&Plan::new("taken")).expect("a stage");
    let _other = std::net::TcpListener::bind(("127.0.0.1", stage.station.ports.citizen)).expect("free until now");
    let out = stage.station.command(&["run"]).expect("gateway runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("citizen") && said.contains(&stage.station.ports.citizen.to_string()), "{said}");
    assert!(stage.tape().expect("a tape").is_empty(), "the card was opened");
    assert!(stage.hub.uplinks().is_empty(), "the hub heard of it");
}
