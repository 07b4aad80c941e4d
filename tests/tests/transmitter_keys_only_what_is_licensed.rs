//! An exciter is keyed only on the licensed frequency and power and into an antenna that takes it; nothing sets either.

use drivers::Driver;
use drivers::line::{Framing, Line, LineConfig};
use drivers::transmitter::{GENERIC, Licence, ModbusExciter};
use gateway_core::device::{Fault, Report, TransmitterState};
use site_tests::device::bus::{Bus, Exciter};
use site_tests::device::{Mood, Timeline};
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::time::{Duration, Instant};

const LICENCE: Licence = Licence { frequency_mhz: 60.5, power_w: 30.0 };

fn bench() -> (Bus, ModbusExciter, Line, Timeline) {
    let timeline = Timeline::default();
    let bus = Bus::start("127.0.0.1:0", Framing::ModbusTcp, timeline.clone()).expect("bus");
    bus.add_exciter(5, "fm", Exciter::new(60.5, 30));
    let line = Line::new(LineConfig::tcp(bus.address().to_string()));
    (bus, ModbusExciter::new(5, LICENCE, &GENERIC), line, timeline)
}

fn up() -> Result<Report, Fault> {
    let temperature_c = Some(41.5);
    Ok(Report::Transmitter(TransmitterState { carrier: true, forward_w: 30.0, reflected_w: 0.6, temperature_c }))
}

fn down() -> Result<Report, Fault> {
    let temperature_c = Some(41.5);
    Ok(Report::Transmitter(TransmitterState { carrier: false, forward_w: 0.0, reflected_w: 0.0, temperature_c }))
}

#[test]
fn keyed_read_and_unkeyed_on_registers_that_others_serve() {
    let scratch = Scratch::new("exciter").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let mut rtu = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    let mut tcp = Peer::python("modbus_tcp_slaves.py", &[]);
    let serial = LineConfig::Serial { port: cable.near.clone(), baud: 9600 };
    let network = LineConfig::tcp(format!("127.0.0.1:{}", tcp.ready));
    for (config, peer) in [(serial, &mut rtu), (network, &mut tcp)] {
        let mut line = Line::new(config);
        let mut exciter = ModbusExciter::new(5, LICENCE, &GENERIC);
        assert_eq!(exciter.probe(&mut line), down());
        let asked = line.state().requests;
        assert_eq!(exciter.apply(&mut line, &true), up());
        assert_eq!(line.state().requests - asked, 5, "setting, readings, carrier on, and both read back");
        let asked = line.state().requests;
        assert_eq!(exciter.apply(&mut line, &true), up(), "told twice");
        assert_eq!(line.state().requests - asked, 3, "nothing is written again");
        assert_eq!(peer.ask("coil 5 0"), "1");
        assert_eq!(exciter.apply(&mut line, &false), down());
        assert_eq!(peer.ask("coil 5 0"), "0");
    }
    // A knob turned past the licence, and an antenna that broke, on the foreign slaves too.
    let mut line = Line::new(LineConfig::tcp(format!("127.0.0.1:{}", tcp.ready)));
    let mut exciter = ModbusExciter::new(5, LICENCE, &GENERIC);
    tcp.ask("reflect 12");
    assert!(matches!(exciter.apply(&mut line, &true), Ok(Report::Tripped(_))));
    assert_eq!(tcp.ask("coil 5 0"), "0");
    tcp.ask("hold 5 1 50");
    assert_eq!(exciter.apply(&mut line, &false), down());
    let refused = exciter.apply(&mut line, &true);
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("50.0 W")), "{refused:?}");
}

#[test]
fn an_exciter_that_gives_one_register_at_a_time_is_asked_so_from_then_on() {
    let (bus, mut exciter, mut line, timeline) = bench();
    bus.take_singly(5);
    assert_eq!(exciter.apply(&mut line, &true), up());
    assert_eq!(exciter.apply(&mut line, &false), down());
    let asked = line.state().requests;
    assert_eq!(exciter.apply(&mut line, &true), up());
    assert_eq!(
        line.state().requests - asked,
        12,
        "six points, carrier on, five points: nothing refused is tried again"
    );
    bus.turn(5, |e| e.reflected_percent = 40);
    assert!(matches!(exciter.apply(&mut line, &true), Ok(Report::Tripped(_))));
    assert_eq!(timeline.values("fm", "carrier"), [true, false, true, false]);
}

#[test]
fn another_frequency_or_more_power_is_refused_and_never_corrected() {
    for turn in [
        |e: &mut Exciter| e.frequency = 6051,
        |e: &mut Exciter| e.frequency = 9500,
        |e: &mut Exciter| {
            e.power_w = 31;
        },
    ] {
        let (bus, mut exciter, mut line, timeline) = bench();
        bus.turn(5, turn);
        let turned = bus.exciter(5);
        let refused = exciter.apply(&mut line, &true);
        assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("licence")), "{refused:?}");
        assert_eq!(bus.exciter(5), turned, "nothing was written");
        assert_eq!(timeline.values("fm", "carrier"), [false; 0]);
        bus.turn(5, |e| *e = Exciter::new(60.5, 30));
        assert_eq!(exciter.apply(&mut line, &true), up(), "put right by hand, it is keyed");
    }
}

#[test]
fn a_knob_turned_while_on_the_air_takes_the_carrier_down() {
    let (bus, mut exciter, mut line, timeline) = bench();
    assert_eq!(exciter.apply(&mut line, &true), up());
    bus.turn(5, |e| e.frequency = 9990);
    assert!(matches!(exciter.apply(&mut line, &true), Err(Fault::Refused(_))));
    assert_eq!(timeline.values("fm", "carrier"), [true, false]);
}

#[test]
fn a_tripped_carrier_stays_down_while_it_is_wanted() {
    let (bus, mut exciter, mut line, timeline) = bench();
    assert_eq!(exciter.apply(&mut line, &true), up());
    bus.turn(5, |e| e.reflected_percent = 40);
    for _ in 0..3 {
        let tripped = exciter.apply(&mut line, &true);
        assert!(matches!(&tripped, Ok(Report::Tripped(why)) if why.contains("12.0 W")), "{tripped:?}");
        bus.turn(5, |e| e.reflected_percent = 2);
    }
    assert_eq!(timeline.values("fm", "carrier"), [true, false]);
    assert_eq!(exciter.apply(&mut line, &false), down());
    assert_eq!(exciter.apply(&mut line, &true), up());
}

#[test]
fn a_fault_that_stood_before_keying_may_pass_and_one_under_power_may_not() {
    let (bus, mut exciter, mut line, timeline) = bench();
    bus.turn(5, |e| e.faults = 0b100);
    let warming = exciter.apply(&mut line, &true);
    assert!(matches!(&warming, Err(Fault::Refused(why)) if why.contains("PLL not locked")), "{warming:?}");
    bus.turn(5, |e| e.faults = 0);
    assert_eq!(exciter.apply(&mut line, &true), up());
    bus.turn(5, |e| e.faults = 0b10);
    assert!(matches!(exciter.apply(&mut line, &true), Ok(Report::Tripped(_))));
    bus.turn(5, |e| e.faults = 0);
    assert!(matches!(exciter.apply(&mut line, &true), Ok(Report::Tripped(_))));
    assert_eq!(timeline.values("fm", "carrier"), [true, false]);
}

#[test]
fn a_keyed_exciter_without_power_is_no_carrier() {
    let (bus, mut exciter, mut line, _) = bench();
    bus.turn(5, |e| e.dead_final = true);
    assert_eq!(exciter.apply(&mut line, &true), down());
    assert!(bus.exciter(5).is_some_and(|e| e.rf_on));
    assert!(exciter.again_after(&true).is_some(), "it may rise yet: the core waits five seconds for it");
    bus.turn(5, |e| e.dead_final = false);
    assert_eq!(exciter.apply(&mut line, &true), up());
    assert_eq!((exciter.again_after(&true), exciter.again_after(&false)), (None, None));
}

#[test]
fn a_carrier_whose_meters_are_lost_goes_after_four_looks_and_comes_back_with_them() {
    let (bus, mut exciter, mut line, timeline) = bench();
    assert_eq!(exciter.apply(&mut line, &true), up());
    for _ in 0..3 {
        bus.turn(5, |e| e.blind = true);
        for _ in 0..3 {
            let fault = exciter.apply(&mut line, &true);
            assert!(matches!(fault, Err(Fault::Refused(_))), "{fault:?}");
        }
        bus.turn(5, |e| e.blind = false);
        assert_eq!(exciter.apply(&mut line, &true), up(), "three are no reason to fall silent");
    }
    assert_eq!(timeline.values("fm", "carrier"), [true]);
    bus.turn(5, |e| (e.blind, e.reflected_percent) = (true, 40));
    let looks: Vec<_> = (0..4).map(|_| exciter.apply(&mut line, &true)).collect();
    assert!(matches!(&looks[3], Err(Fault::Refused(why)) if why.contains("is taken down")), "{looks:?}");
    for _ in 0..5 {
        assert!(matches!(exciter.apply(&mut line, &true), Err(Fault::Refused(_))));
    }
    assert_eq!(timeline.values("fm", "carrier"), [true, false], "and is not keyed blindly");
    bus.turn(5, |e| (e.blind, e.reflected_percent) = (false, 2));
    assert_eq!(exciter.apply(&mut line, &true), up(), "nobody need re-arm it");
}

#[test]
fn an_exciter_without_mains_is_silent_and_wakes_with_its_relay() {
    let (bus, mut exciter, mut line, timeline) = bench();
    bus.add_relay(1, "mains", 8);
    bus.feed_through(5, 1, 0);
    assert!(matches!(exciter.apply(&mut line, &true), Err(Fault::Line(_))));
    let mut mains = drivers::switch::ModbusRelay::new(1, 0);
    mains.apply(&mut line, &true).expect("its neighbour answers");
    let until = Instant::now() + Duration::from_secs(60);
    while exciter.apply(&mut line, &true) != up() {
        assert!(Instant::now() < until, "{:?}", line.state());
        std::thread::sleep(Duration::from_millis(20));
    }
    let order: Vec<String> = timeline.events().into_iter().map(|event| event.device).collect();
    assert_eq!(order, ["mains", "fm"]);
    bus.set_unit_mood(5, Mood::Wrong);
    assert!(matches!(exciter.apply(&mut line, &true), Err(Fault::Line(_))));
}
