//! A transmitter with the `TX.*` commands is keyed only as licensed and into an antenna that takes it; nothing else is set.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::transmitter::{Licence, TxAscii};
use gateway_core::device::{Fault, Report, TransmitterState};
use site_tests::device::tx::{Panel, Tx};
use site_tests::device::{Mood, Timeline};
use std::time::{Duration, Instant};

const LICENCE: Licence = Licence { frequency_mhz: 60.5, power_w: 30.0 };

fn bench() -> (Tx, TxAscii, Line, Timeline) {
    let timeline = Timeline::default();
    let tx = Tx::start("127.0.0.1:0", "fm", timeline.clone()).expect("transmitter");
    let line = Line::new(LineConfig::tcp(tx.address().to_string()));
    (tx, TxAscii::new(LICENCE, None), line, timeline)
}

fn state(carrier: bool, forward_w: f32, reflected_w: f32) -> Result<Report, Fault> {
    Ok(Report::Transmitter(TransmitterState { carrier, forward_w, reflected_w, temperature_c: None }))
}

#[test]
fn keyed_read_and_unkeyed_however_it_writes_its_answers() {
    for (names, points) in [(true, false), (false, true)] {
        let (tx, mut driver, mut line, timeline) = bench();
        tx.turn(|p| (p.names, p.points) = (names, points));
        assert_eq!(driver.probe(&mut line), state(false, 0.0, 0.0));
        assert_eq!(driver.apply(&mut line, &true), state(true, 30.0, 0.6));
        assert_eq!(driver.apply(&mut line, &true), state(true, 30.0, 0.6), "told twice");
        assert_eq!(driver.apply(&mut line, &false), state(false, 0.0, 0.0));
        assert_eq!(timeline.values("fm", "carrier"), [true, false]);
        assert_eq!(tx.panel().meddled, [""; 0]);
    }
}

#[test]
fn another_frequency_or_more_power_is_refused_and_never_corrected() {
    let turns: [fn(&mut Panel); 3] =
        [|p| p.frequency = "60.51".to_owned(), |p| p.frequency = "95.0".to_owned(), |p| p.power_w = 31];
    for turn in turns {
        let (tx, mut driver, mut line, timeline) = bench();
        tx.turn(turn);
        let turned = tx.panel();
        let refused = driver.apply(&mut line, &true);
        assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("licence")), "{refused:?}");
        assert_eq!(tx.panel(), turned, "nothing was set");
        assert_eq!(timeline.values("fm", "carrier"), [false; 0]);
    }
}

#[test]
fn what_comes_back_trips_it_and_it_stays_down_while_it_is_wanted() {
    let turns: [fn(&mut Panel); 4] = [
        |p| p.reflected_percent = 40,
        |p| p.alarm = true,
        |p| p.fault = true,
        // A maker who says whole watts without a point is misread by ten, and his ratio is not.
        |p| p.reflected_percent = 15,
    ];
    for turn in turns {
        let (tx, _, mut line, timeline) = bench();
        let mut driver = TxAscii::new(LICENCE, Some(10.0));
        driver.apply(&mut line, &true).expect("keyed");
        tx.turn(turn);
        assert!(matches!(driver.apply(&mut line, &true), Ok(Report::Tripped(_))));
        tx.turn(|p| (p.reflected_percent, p.alarm, p.fault) = (2, false, false));
        assert!(matches!(driver.apply(&mut line, &true), Ok(Report::Tripped(_))));
        assert_eq!(timeline.values("fm", "carrier"), [true, false]);
        driver.apply(&mut line, &false).expect("taken back");
        assert_eq!(driver.apply(&mut line, &true), state(true, 30.0, 0.6));
    }
}

#[test]
fn a_fault_before_keying_may_pass_and_a_transmitter_set_to_local_says_so() {
    let (tx, mut driver, mut line, timeline) = bench();
    tx.turn(|p| p.fault = true);
    assert!(matches!(driver.apply(&mut line, &true), Err(Fault::Refused(_))));
    tx.turn(|p| (p.fault, p.local) = (false, true));
    let local = driver.apply(&mut line, &true);
    assert!(matches!(&local, Err(Fault::Refused(why)) if why.contains("local")), "{local:?}");
    assert_eq!(timeline.values("fm", "carrier"), [false; 0]);
    tx.turn(|p| p.local = false);
    assert_eq!(driver.apply(&mut line, &true), state(true, 30.0, 0.6));
}

#[test]
fn a_keyed_transmitter_without_power_is_no_carrier() {
    let (tx, mut driver, mut line, _) = bench();
    tx.turn(|p| p.dead_final = true);
    assert_eq!(driver.apply(&mut line, &true), state(false, 0.0, 0.0));
    assert!(tx.panel().keyed);
    assert!(driver.again_after(&true).is_some(), "it may rise yet");
}

#[test]
fn a_carrier_whose_meters_are_lost_goes_after_four_looks_and_comes_back_with_them() {
    let (tx, mut driver, mut line, timeline) = bench();
    assert_eq!(driver.apply(&mut line, &true), state(true, 30.0, 0.6));
    tx.turn(|p| p.blind = true);
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut looks = 0;
    // A line that said rubbish is opened anew, which takes its time.
    while tx.panel().keyed {
        assert!(driver.apply(&mut line, &true).is_err());
        looks += 1;
        assert!(Instant::now() < deadline, "{:?}", line.state());
    }
    assert!(looks >= 4, "{looks}");
    assert_eq!(timeline.values("fm", "carrier"), [true, false]);
    tx.turn(|p| p.blind = false);
    while driver.apply(&mut line, &true) != state(true, 30.0, 0.6) {
        assert!(Instant::now() < deadline, "{:?}", line.state());
    }
}

#[test]
fn deaf_wrong_late_echoing_or_absent_transmitters_are_line_faults_and_pass() {
    for mood in [Mood::Deaf, Mood::Wrong, Mood::Late(Duration::from_millis(700)), Mood::Echo, Mood::Absent] {
        let (tx, mut driver, mut line, _) = bench();
        driver.apply(&mut line, &true).expect("keyed");
        tx.set_mood(mood);
        let fault = driver.apply(&mut line, &true);
        assert!(matches!(fault, Err(Fault::Line(_))), "{mood:?}: {fault:?}");
        tx.set_mood(Mood::Well);
        let end = Instant::now() + Duration::from_secs(30);
        while driver.apply(&mut line, &true) != state(true, 30.0, 0.6) {
            assert!(Instant::now() < end, "{mood:?}: {:?}", line.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
