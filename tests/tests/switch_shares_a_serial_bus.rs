//! Relays on a serial bus whose slaves others wrote (modbus_tk): two boards work, a silent one costs the others nothing
//! but time, and no reply is ever taken for another's.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::switch::ModbusRelay;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::time::{Duration, Instant};

struct Bench {
    slaves: Peer,
    cable: Cable,
    line: Line,
    scratch: Scratch,
}

fn bench(label: &str) -> Bench {
    let scratch = Scratch::new(label).expect("scratch");
    let cable = Cable::lay(scratch.path());
    let slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    let line = Line::new(LineConfig::Serial { port: cable.near.clone(), baud: 9600 });
    Bench { slaves, cable, line, scratch }
}

fn reads(on: bool) -> Result<Report, Fault> {
    Ok(Report::Switch { on, grade: Grade::Electrical })
}

/// Asks again until the answer is this one; the wait is the line's own back-off and the bound is generous.
fn comes_to(line: &mut Line, relay: &mut ModbusRelay, want: bool) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        if relay.apply(line, &want) == reads(want) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

#[test]
fn two_boards_work_while_a_third_is_silent() {
    let Bench { mut slaves, mut line, cable: _cable, scratch: _scratch } = bench("bus");
    let (mut first, mut second, mut nobody) = (ModbusRelay::new(1, 0), ModbusRelay::new(2, 7), ModbusRelay::new(9, 0));
    assert_eq!(first.apply(&mut line, &true), reads(true));
    assert!(matches!(nobody.apply(&mut line, &true), Err(Fault::Line(_))));
    assert_eq!(second.apply(&mut line, &true), reads(true));
    assert_eq!((slaves.ask("coil 1 0"), slaves.ask("coil 2 7")), ("1".to_owned(), "1".to_owned()));
    assert_eq!((slaves.ask("coil 1 7"), slaves.ask("coil 2 0")), ("0".to_owned(), "0".to_owned()));
    let before = line.state().timeouts;
    assert!(matches!(nobody.apply(&mut line, &true), Err(Fault::Line(_))));
    assert_eq!(line.state().timeouts, before, "a silent unit is left alone for a while");
    assert_eq!(first.apply(&mut line, &false), reads(false));
    assert_eq!(slaves.ask("coil 1 0"), "0");
    assert_eq!(line.state().reopenings, 0);
}

#[test]
fn a_coil_is_written_only_when_it_differs_and_a_missing_one_is_a_refusal() {
    let Bench { mut slaves, mut line, cable: _cable, scratch: _scratch } = bench("level");
    let mut relay = ModbusRelay::new(1, 3);
    for _ in 0..3 {
        assert_eq!(relay.apply(&mut line, &true), reads(true));
    }
    // Written and read back once, then read twice.
    let repeated = line.state().timeouts;
    assert_eq!(slaves.ask("requests"), (4 + repeated).to_string());
    let refused = ModbusRelay::new(1, 100).apply(&mut line, &true);
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("exception 02")), "{refused:?}");
}

#[test]
fn a_late_reply_is_never_taken_for_another() {
    let Bench { mut slaves, mut line, cable: _cable, scratch: _scratch } = bench("late");
    let (mut on, mut off) = (ModbusRelay::new(1, 0), ModbusRelay::new(1, 1));
    assert_eq!(on.apply(&mut line, &true), reads(true));
    assert_eq!(off.apply(&mut line, &false), reads(false));
    // The two coils give equal frames but for one bit: whichever reply is misplaced is a wrong reading.
    for late in ["late 0.25", "late 0.7", "late 1.3"] {
        slaves.ask(&format!("mood {late} 1"));
        for _ in 0..4 {
            for (relay, truth) in [(&mut on, true), (&mut off, false)] {
                let seen = relay.probe(&mut line);
                assert!(seen == reads(truth) || matches!(seen, Err(Fault::Line(_))), "{late}: {seen:?}");
            }
            // The other board's replies come in time, among the late ones.
            let other = ModbusRelay::new(2, 0).probe(&mut line);
            assert!(other == reads(false) || matches!(other, Err(Fault::Line(_))), "{late}: {other:?}");
        }
    }
    slaves.ask("mood well 1");
    assert!(comes_to(&mut line, &mut on, true), "{:?}", line.state());
    assert!(comes_to(&mut line, &mut off, false), "{:?}", line.state());
    assert!(line.state().discarded > 0, "late replies did come, and were thrown away");
}

#[test]
fn deaf_garbled_and_echoing_boards_are_line_faults_and_pass() {
    let Bench { mut slaves, mut line, cable: _cable, scratch: _scratch } = bench("moods");
    let mut relay = ModbusRelay::new(1, 0);
    assert_eq!(relay.apply(&mut line, &true), reads(true));
    for mood in ["deaf", "wrong", "echo"] {
        slaves.ask(&format!("mood {mood}"));
        let fault = relay.apply(&mut line, &false);
        assert!(matches!(fault, Err(Fault::Line(_))), "{mood}: {fault:?}");
        slaves.ask("mood well");
        assert!(comes_to(&mut line, &mut relay, false), "{mood}: {:?}", line.state());
        assert!(comes_to(&mut line, &mut relay, true), "{mood}: {:?}", line.state());
    }
}

#[test]
fn a_pulled_cable_is_a_fault_and_comes_back_under_its_name() {
    let Bench { slaves, mut line, cable, scratch } = bench("cable");
    let mut relay = ModbusRelay::new(1, 0);
    assert_eq!(relay.apply(&mut line, &true), reads(true));
    drop(slaves);
    cable.unplug();
    for _ in 0..3 {
        let fault = relay.apply(&mut line, &true);
        assert!(matches!(fault, Err(Fault::Line(_))), "{fault:?}");
    }
    assert!(!line.state().open);
    let cable = Cable::lay(scratch.path());
    let mut slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    assert!(comes_to(&mut line, &mut relay, true), "{:?}", line.state());
    assert_eq!(slaves.ask("coil 1 0"), "1");
    assert!(line.state().reopenings >= 1);
}
