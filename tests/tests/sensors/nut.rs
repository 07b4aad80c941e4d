//! NUT's own upsd and dummy-ups: on mains, on battery, about to end, stale, behind a user.

use super::{look_until, sensed, value};
use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::sensor::Nut;
use gateway_core::device::{Fault, Report};
use site_tests::peer::Peer;
use site_tests::scratch::Scratch;

#[test]
fn mains_battery_the_end_and_a_driver_that_died() {
    let mut ups = Peer::system("ups.py", &[]);
    let (mut nut, mut line) = (Nut::new("tram".to_owned(), None), Line::new(LineConfig::tcp(ups.ready.clone())));
    let readings = sensed(nut.probe(&mut line));
    assert_eq!((value(&readings, "on_battery"), value(&readings, "battery_low")), (Some(0.0), Some(0.0)));
    assert_eq!((value(&readings, "battery"), value(&readings, "runtime")), (Some(87.0), Some(1800.0)));
    assert_eq!((value(&readings, "mains"), value(&readings, "load")), (Some(228.0), Some(12.0)));
    assert_eq!(ups.ask("set OB LB"), "ok");
    let readings = sensed(nut.probe(&mut line));
    assert_eq!((value(&readings, "on_battery"), value(&readings, "battery_low")), (Some(1.0), Some(1.0)));
    assert_eq!(ups.ask("set OL RB OVER"), "ok");
    let readings = sensed(nut.probe(&mut line));
    assert_eq!((value(&readings, "on_battery"), value(&readings, "replace_battery")), (Some(0.0), Some(1.0)));
    assert_eq!(value(&readings, "overload"), Some(1.0));
    let mut other = Nut::new("nobody".to_owned(), None);
    let fault = other.probe(&mut line);
    assert_eq!(fault, Err(Fault::Refused("upsd: variables of nobody: UNKNOWN-UPS".to_owned())));
    assert_eq!(ups.ask("drop"), "ok");
    let refused = |report: &Result<Report, Fault>| matches!(report, Err(Fault::Refused(_)));
    let fault = look_until(&mut nut, &mut line, refused);
    let Err(Fault::Refused(why)) = fault else { panic!("upsd is there and says that its driver is not: {fault:?}") };
    assert!(why.ends_with("DRIVER-NOT-CONNECTED") || why.ends_with("DATA-STALE"), "{why}");
    drop(ups);
    assert!(matches!(nut.probe(&mut line), Err(Fault::Line(_))), "nobody is there");
}

#[test]
fn a_user_and_a_password_with_a_blank_are_taken_and_a_missing_file_is_told() {
    let ups = Peer::system("ups.py", &[]);
    let scratch = Scratch::new("nut").expect("a folder");
    let file = scratch.join("password");
    let mut line = Line::new(LineConfig::tcp(ups.ready.clone()));
    let mut nut = Nut::new("tram".to_owned(), Some(("gw".to_owned(), file.clone())));
    let fault = nut.probe(&mut line);
    assert!(matches!(&fault, Err(Fault::Refused(why)) if why.contains("password")), "{fault:?}");
    std::fs::write(&file, "hai chu\n").expect("a file");
    assert_eq!(value(&sensed(nut.probe(&mut line)), "battery"), Some(87.0));
    assert_eq!(value(&sensed(nut.probe(&mut line)), "battery"), Some(87.0), "once a connection is enough");
    line.close();
    assert_eq!(value(&sensed(nut.probe(&mut line)), "battery"), Some(87.0), "and again on the next");
}
