//! Relays behind a Modbus TCP server that others wrote (pymodbus): levels hold, refusals are refusals, a restart passes.

use drivers::Driver;
use drivers::line::{Framing, Line, LineConfig};
use drivers::switch::ModbusRelay;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::device::bus::Bus;
use site_tests::device::{Mood, Timeline};
use site_tests::peer::Peer;
use std::time::{Duration, Instant};

fn reads(on: bool) -> Result<Report, Fault> {
    Ok(Report::Switch { on, grade: Grade::Electrical })
}

fn comes_to(line: &mut Line, relay: &mut ModbusRelay, want: bool) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        if relay.apply(line, &want) == reads(want) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn pymodbus_sees_the_coils_as_wanted() {
    let mut slaves = Peer::python("modbus_tcp_slaves.py", &[]);
    let mut line = Line::new(LineConfig::tcp(format!("127.0.0.1:{}", slaves.ready)));
    for (coil, on) in [(0, true), (3, true), (0, false), (7, true)] {
        let mut relay = ModbusRelay::new(1, coil);
        assert_eq!(relay.apply(&mut line, &on), reads(on));
        assert_eq!(slaves.ask(&format!("coil 1 {coil}")), u8::from(on).to_string());
    }
    let refused = ModbusRelay::new(1, 200).apply(&mut line, &true);
    assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
    slaves.ask("stop");
    drop(slaves);
    let gone = ModbusRelay::new(1, 0).apply(&mut line, &true);
    assert!(matches!(gone, Err(Fault::Line(_))), "{gone:?}");
}

#[test]
fn every_mood_of_a_bus_is_a_line_fault_and_passes() {
    for framing in [Framing::ModbusTcp, Framing::Rtu] {
        let timeline = Timeline::default();
        let bus = Bus::start("127.0.0.1:0", framing, timeline.clone()).expect("bus");
        bus.add_relay(1, "amp", 8);
        let mut line = Line::new(LineConfig::Tcp { address: bus.address().to_string(), framing });
        let mut relay = ModbusRelay::new(1, 0);
        assert_eq!(relay.apply(&mut line, &true), reads(true));
        for mood in [Mood::Deaf, Mood::Wrong, Mood::Echo, Mood::Absent, Mood::Late(Duration::from_millis(1500))] {
            bus.set_mood(mood);
            let fault = relay.apply(&mut line, &true);
            assert!(matches!(fault, Err(Fault::Line(_))), "{framing:?} {mood:?}: {fault:?}");
            bus.set_mood(Mood::Well);
            assert!(comes_to(&mut line, &mut relay, true), "{framing:?} {mood:?}: {:?}", line.state());
        }
        assert_eq!(timeline.values("amp", "coil 0"), [true], "told again and again, switched once");
    }
}

#[test]
fn a_hand_on_the_board_is_noticed_and_undone() {
    let bus = Bus::start("127.0.0.1:0", Framing::ModbusTcp, Timeline::default()).expect("bus");
    bus.add_relay(1, "amp", 8);
    let mut line = Line::new(LineConfig::tcp(bus.address().to_string()));
    let mut relay = ModbusRelay::new(1, 2);
    assert_eq!(relay.apply(&mut line, &true), reads(true));
    bus.force_coil(1, 2, false);
    assert_eq!(relay.probe(&mut line), reads(false));
    assert_eq!(relay.apply(&mut line, &true), reads(true));
    assert_eq!(bus.coil(1, 2), Some(true));
}

#[test]
fn a_call_is_over_in_its_budget_whatever_the_device_does() {
    let bus = Bus::start("127.0.0.1:0", Framing::Rtu, Timeline::default()).expect("bus");
    bus.add_relay(1, "amp", 8);
    bus.set_mood(Mood::Deaf);
    let mut line = Line::new(LineConfig::Tcp { address: bus.address().to_string(), framing: Framing::Rtu });
    let attempts_end = line.state().timeouts + 3;
    assert!(matches!(ModbusRelay::new(1, 0).probe(&mut line), Err(Fault::Line(_))));
    assert!(line.state().timeouts <= attempts_end, "asked three times at most");
    assert!(matches!(ModbusRelay::new(1, 0).probe(&mut line), Err(Fault::Line(why)) if why.contains("asked again in")));
}
