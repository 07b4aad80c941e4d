//! python-dbusmock's ModemManager: no modem, one that registers, connects, roams, goes, and a bus that dies.

use super::{look_until, sensed, value};
use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::sensor::Modem;
use gateway_core::device::{Fault, Reading};
use site_tests::peer::Peer;

#[test]
fn a_modem_comes_connects_roams_and_goes() {
    let mut manager = Peer::system("modem.py", &[]);
    let mut modem = Modem::new(Some(manager.ready.clone()));
    let mut line = Line::new(LineConfig::Apart { name: "a bus".to_owned() });
    let none = Err(Fault::Refused("ModemManager: its modems: there is none".to_owned()));
    assert_eq!(modem.probe(&mut line), none);
    assert_eq!(manager.ask("add"), "ok");
    let readings = sensed(modem.probe(&mut line));
    assert_eq!((value(&readings, "signal"), value(&readings, "generation")), (Some(70.0), Some(4.0)));
    assert_eq!((value(&readings, "registered"), value(&readings, "connected")), (Some(0.0), Some(0.0)), "enabled only");
    assert_eq!(value(&readings, "operator"), Some(101.0), "00101, the network of tests");
    for (order, quantity, expected) in [
        ("set State 8", "registered", 1.0),
        ("set State 11", "connected", 1.0),
        ("signal 23", "signal", 23.0),
        ("set AccessTechnologies 32768", "generation", 5.0),
        ("set AccessTechnologies 16", "generation", 2.0),
        ("set AccessTechnologies 544", "generation", 3.0),
        ("set RegistrationState 5", "roaming", 1.0),
        ("set UnlockRequired 2", "sim_locked", 1.0),
        ("set UnlockRequired 3", "sim_locked", 0.0),
        ("set UnlockRequired 1", "sim_locked", 0.0),
        ("bearer 1500000 500000", "data", 2.0),
        ("bearer 8000000000 0", "data", 8002.0),
    ] {
        assert_eq!(manager.ask(order), "ok");
        assert_eq!(value(&sensed(modem.probe(&mut line)), quantity), Some(expected), "{order}");
    }
    // No SIM is not the same as no coverage; what was the reason of a failure says nothing once it is over.
    assert_eq!(manager.ask("set State -1"), "ok");
    assert_eq!(manager.ask("set StateFailedReason 2"), "ok");
    let sim = |readings: &[Reading]| ["sim_missing", "sim_failed"].map(|quantity| value(readings, quantity));
    let without = sensed(modem.probe(&mut line));
    assert_eq!((value(&without, "registered"), sim(&without)), (Some(0.0), [Some(1.0), Some(0.0)]));
    assert_eq!(manager.ask("set State 8"), "ok");
    assert_eq!(sim(&sensed(modem.probe(&mut line))), [Some(0.0), Some(0.0)]);
    let sim_states = ["sim_missing", "sim_failed", "sim_locked", "data"];
    let known = [&["registered", "connected", "signal", "generation", "operator", "roaming"][..], &sim_states].concat();
    let readings = sensed(modem.probe(&mut line));
    assert!(readings.iter().all(|r| known.contains(&r.quantity.as_str())), "no IMEI, no number: {readings:?}");
    assert_eq!(manager.ask("remove"), "ok");
    assert_eq!(modem.probe(&mut line), none);
    assert_eq!(manager.ask("stop"), "ok");
    let gone = modem.probe(&mut line);
    assert!(matches!(&gone, Err(Fault::Line(why)) if why.contains("ServiceUnknown")), "nobody is there: {gone:?}");
    drop(manager);
    let lost = look_until(&mut modem, &mut line, |report| matches!(report, Err(Fault::Line(_))));
    assert!(matches!(lost, Err(Fault::Line(_))), "{lost:?}");
}
