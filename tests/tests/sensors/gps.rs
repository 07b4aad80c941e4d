//! The real gpsd with a receiver made of sentences: a fix, none, a silent receiver, none at all.

use super::{look_until, sensed, value};
use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::sensor::{CLOCK_OFFSET, Gps};
use gateway_core::device::{Fault, Report};
use site_tests::peer::Peer;

fn bench(arguments: &[&str]) -> (Peer, Gps, Line) {
    let peer = Peer::system("gnss.py", arguments);
    let line = Line::new(LineConfig::tcp(peer.ready.clone()));
    (peer, Gps::default(), line)
}

#[test]
fn a_fix_says_where_and_how_wrong_the_clock_is() {
    let (_gpsd, mut gps, mut line) = bench(&["3600"]);
    let fixed = |report: &Result<Report, Fault>| matches!(report, Ok(Report::Sensed(r)) if value(r, "fix") == Some(1.0) && value(r, "satellites") == Some(5.0));
    let readings = sensed(look_until(&mut gps, &mut line, fixed));
    assert_eq!(value(&readings, "latitude").map(|d| (d * 1e4).round()), Some(113_100.0));
    assert_eq!(value(&readings, "longitude").map(|d| (d * 1e4).round()), Some(1_061_000.0));
    let offset = value(&readings, CLOCK_OFFSET).expect("a fix has a time");
    assert!((3_590.0..3_605.0).contains(&offset), "an hour ahead: {offset}");
    for _ in 0..3 {
        let offset = value(&sensed(gps.probe(&mut line)), CLOCK_OFFSET).expect("a fix has a time");
        assert!((3_590.0..3_605.0).contains(&offset), "nothing old is read: {offset}");
    }
}

#[test]
fn a_receiver_that_sees_nothing_is_well_and_says_no_time() {
    let (_gpsd, mut gps, mut line) = bench(&["0", "blind"]);
    let readings = sensed(look_until(&mut gps, &mut line, Result::is_ok));
    assert_eq!(value(&readings, "fix"), Some(0.0));
    assert_eq!(value(&readings, CLOCK_OFFSET), None);
}

#[test]
fn a_silent_receiver_and_none_at_all_are_told_apart_from_a_lost_gpsd() {
    let (gpsd, mut gps, mut line) = bench(&["0", "mute"]);
    let fault = gps.probe(&mut line);
    // gpsd itself answers late while it tries to make a silent receiver speak: either kind of fault may come of it.
    assert!(fault.is_err(), "nothing is made up: {fault:?}");
    drop(gpsd);
    let lost = look_until(&mut gps, &mut line, |report| matches!(report, Err(Fault::Line(_))));
    assert!(matches!(lost, Err(Fault::Line(_))), "{lost:?}");
    let (_gpsd, mut gps, mut line) = bench(&["0", "none"]);
    assert_eq!(gps.probe(&mut line), Err(Fault::Refused("gpsd: position: gpsd has no receiver".to_owned())));
}

#[test]
fn what_gpsfake_plays_to_gpsd_is_read_as_it_is() {
    let peer = Peer::system("gpsfake.py", &[]);
    let (mut gps, mut line) = (Gps::default(), Line::new(LineConfig::tcp(peer.ready.clone())));
    let fixed = |report: &Result<Report, Fault>| matches!(report, Ok(Report::Sensed(r)) if value(r, "fix") == Some(1.0) && value(r, "satellites") == Some(5.0));
    let readings = sensed(look_until(&mut gps, &mut line, fixed));
    assert_eq!(value(&readings, "latitude").map(|d| (d * 1e4).round()), Some(113_100.0));
    assert_eq!(value(&readings, "longitude").map(|d| (d * 1e4).round()), Some(1_061_000.0));
    // Its log goes on at its own pace, which is about the clock's.
    let offset = value(&readings, CLOCK_OFFSET).expect("a fix has a time");
    assert!((3_500.0..3_700.0).contains(&offset), "an hour ahead: {offset}");
}
