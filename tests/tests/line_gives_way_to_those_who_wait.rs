//! A line whose others wait asks nobody twice, waits for nobody who was silent, begins nothing that can be put off, and
//! still takes no late reply for an answer.

use drivers::line::{Line, LineConfig, Table, Terms};
use gateway_core::device::Fault;
use site_tests::device::bus::{Bus, Pace};
use site_tests::device::{Mood, Timeline};
use site_tests::scratch::Scratch;
use std::time::{Duration, Instant};

/// Two relay boards, at units 1 and 2.
fn bench(label: &str) -> (Bus, Line, Scratch) {
    let scratch = Scratch::new(label).expect("scratch");
    let bus = Bus::on_serial(&scratch.join("bus"), Pace { baud: 9600 }, Timeline::default()).expect("bus");
    bus.add_relay(1, "first", 8);
    bus.add_relay(2, "second", 8);
    let line = Line::new(LineConfig::Serial { port: scratch.join("bus"), baud: 9600 });
    (bus, line, scratch)
}

#[test]
fn what_can_be_put_off_is_not_begun() {
    let (bus, mut line, _scratch) = bench("spare");
    assert_eq!(line.read_bits(1, Table::Coil, 0, 8), Ok(vec![false; 8]));
    let asked = bus.requests();
    line.haste().hurry();
    line.lend(Terms::Spare);
    assert!(matches!(line.read_bits(1, Table::Coil, 0, 8), Err(Fault::Line(_))));
    assert!(line.gave_way());
    assert_eq!(bus.requests(), asked, "not a byte");
    line.haste().calm();
    line.lend(Terms::Spare);
    assert_eq!(line.read_bits(1, Table::Coil, 0, 8), Ok(vec![false; 8]));
    assert!(!line.gave_way());
}

#[test]
fn a_silent_board_is_asked_once_and_is_not_called_dead_for_that() {
    let (bus, mut line, _scratch) = bench("brief");
    assert_eq!(line.read_bits(1, Table::Coil, 0, 8), Ok(vec![false; 8]));
    bus.set_unit_mood(1, Mood::Deaf);
    let asked = bus.requests();
    line.lend(Terms::Brief);
    assert!(matches!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Err(Fault::Line(_))));
    assert!(line.gave_way());
    assert_eq!(bus.requests() - asked, 1);
    line.lend(Terms::Whole);
    assert_eq!(line.write_bits(2, Table::Coil, 0, &[true; 8]), Ok(()), "its neighbour is next");
    bus.set_unit_mood(1, Mood::Well);
    line.lend(Terms::Whole);
    assert_eq!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Ok(()), "asked again at once, not after a rest");
    assert_eq!(bus.coil(1, 7), Some(true));
}

#[test]
fn the_second_question_tells_and_the_board_is_asked_with_patience_at_once_after_it() {
    let (bus, mut line, _scratch) = bench("again");
    assert_eq!(line.read_bits(1, Table::Coil, 0, 8), Ok(vec![false; 8]));
    bus.set_unit_mood(1, Mood::Deaf);
    line.lend(Terms::Brief);
    assert!(matches!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Err(Fault::Line(_))));
    assert!(line.gave_way(), "the first says nothing yet");
    let asked = bus.requests();
    line.lend(Terms::Again);
    assert!(matches!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Err(Fault::Line(_))));
    assert!(!line.gave_way(), "the second says that it is silent");
    assert_eq!(bus.requests() - asked, 1, "one attempt");
    // It is not left alone for a while, as one is that was asked with patience: that is still to come.
    let asked = bus.requests();
    line.lend(Terms::Whole);
    assert!(matches!(line.read_bits(1, Table::Coil, 0, 8), Err(Fault::Line(_))));
    assert!(bus.requests() > asked, "{:?}", line.state());
    let asked = bus.requests();
    line.lend(Terms::Again);
    assert!(matches!(line.read_bits(1, Table::Coil, 0, 8), Err(Fault::Line(_))));
    assert_eq!(bus.requests(), asked, "now it is");
    assert_eq!(line.write_bits(2, Table::Coil, 0, &[true; 8]), Ok(()), "its neighbour is served");
}

#[test]
fn a_board_that_answers_the_second_question_was_never_lost() {
    let (bus, mut line, _scratch) = bench("second");
    bus.set_unit_mood(1, Mood::Deaf);
    line.lend(Terms::Brief);
    assert!(matches!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Err(Fault::Line(_))));
    bus.set_unit_mood(1, Mood::Well);
    line.lend(Terms::Again);
    assert_eq!(line.write_bits(1, Table::Coil, 0, &[true; 8]), Ok(()));
    assert!(!line.gave_way());
    assert_eq!(bus.coil(1, 7), Some(true));
}

/// How often others come to a line, and how it goes then: a machine that does much else may let the one who comes, or the
/// far end, sleep for longer than a question takes. A line that did not give way would fail every time.
const ROUNDS: usize = 5;

#[test]
fn nobody_waits_for_a_board_that_was_silent_when_others_come() {
    let mut rounds = Vec::new();
    while rounds.len() < ROUNDS {
        let round = others_come();
        // One question was put and given up, and it is over on the wire before the next begins.
        if (round.gave_way, round.asked, round.crowded) == (true, 1, 0) {
            return;
        }
        rounds.push(round);
    }
    panic!("{rounds:?}");
}

/// What came of others coming in the middle of a question to a board that is silent.
#[derive(Debug)]
struct Round {
    gave_way: bool,
    asked: u64,
    crowded: u64,
}

fn others_come() -> Round {
    let (bus, mut line, _scratch) = bench("left");
    bus.set_unit_mood(1, Mood::Deaf);
    assert!(matches!(line.read_bit(1, Table::Coil, 0), Err(Fault::Line(_))));
    assert!(!line.gave_way(), "it had its attempts");
    let (before, haste, until) = (bus.requests(), line.haste(), Instant::now() + Duration::from_secs(60));
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| {
            while bus.requests() == before && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            haste.hurry();
        });
        // It is left alone for a while first; then one question is put, and given up when the others come.
        while bus.requests() == before && Instant::now() < until {
            line.lend(Terms::Spare);
            assert!(matches!(line.read_bit(1, Table::Coil, 0), Err(Fault::Line(_))));
            std::thread::sleep(Duration::from_millis(1));
        }
        caller.join().expect("the caller");
    });
    let (gave_way, asked) = (line.gave_way(), bus.requests() - before);
    line.haste().calm();
    line.lend(Terms::Whole);
    assert_eq!(line.write_bit(2, Table::Coil, 1, true), Ok(()));
    Round { gave_way, asked, crowded: bus.crowded() }
}

#[test]
fn a_reply_that_comes_late_in_the_hurry_is_nobodys_answer() {
    let (bus, mut line, _scratch) = bench("late");
    for unit in [1, 2] {
        assert_eq!(line.write_bits(unit, Table::Coil, 0, &[true, false, true, false]), Ok(()));
    }
    let truth = Ok(vec![true, false, true, false]);
    // The first board answers when nobody waits any more, in the middle of what the second is asked or just before the
    // next question to itself; its other coils read otherwise, so that any answer misplaced is a wrong one.
    for late in [400, 900, 1500] {
        bus.set_unit_mood(1, Mood::Late(Duration::from_millis(late)));
        for _ in 0..3 {
            for (unit, terms) in
                [(1, Terms::Brief), (2, Terms::Brief), (1, Terms::Brief), (1, Terms::Again), (1, Terms::Whole)]
            {
                line.lend(terms);
                let (address, expected) =
                    if unit == 1 && terms == Terms::Brief { (4, Ok(vec![false; 4])) } else { (0, truth.clone()) };
                let read = line.read_bits(unit, Table::Coil, address, 4);
                assert!(read == expected || matches!(read, Err(Fault::Line(_))), "{late} {unit} {terms:?}: {read:?}");
            }
        }
        bus.set_unit_mood(1, Mood::Well);
        let until = Instant::now() + Duration::from_secs(60);
        while line.read_bits(1, Table::Coil, 0, 4) != truth {
            assert!(Instant::now() < until, "{:?}", line.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    assert!(line.state().timeouts >= 3, "replies did come late: {:?}", line.state());
}
