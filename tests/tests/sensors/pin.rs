//! Pins of a fake chip: levels, a pin that cannot be had and comes back, an output that is read back; and no real chip.

use super::{sensed, value};
use drivers::Driver;
use drivers::gpio::{Input, Output, Pin};
use drivers::line::{Line, LineConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::device::pin::Pin as Fake;
use std::time::Duration;

fn line() -> Line {
    Line::new(LineConfig::Apart { name: "a pin".to_owned() })
}

#[test]
fn an_input_says_at_once_how_it_is_and_then_waits_for_a_change() {
    let fake = Fake::default();
    let mut door = Input::on(Box::new(fake.clone()), "pin 4".to_owned(), "door");
    assert_eq!(value(&sensed(door.apply(&mut line(), &())), "door"), Some(0.0));
    fake.set_level(true);
    assert_eq!(value(&sensed(door.probe(&mut line())), "door"), Some(1.0));
    assert_eq!(door.again_after(&()), Some(Duration::ZERO), "its thread waits for it and for nothing else");
    let waited = fake.waits();
    assert_eq!(waited[0], Duration::ZERO);
    assert!(waited[1] > Duration::ZERO && waited[1] <= Duration::from_secs(1), "and a stop is not held up: {waited:?}");
}

#[test]
fn a_chip_that_goes_is_a_line_fault_and_is_taken_anew_when_it_comes_back() {
    let fake = Fake::default();
    let mut door = Input::on(Box::new(fake.clone()), "pin 4".to_owned(), "door");
    sensed(door.apply(&mut line(), &()));
    fake.set_gone(true);
    for _ in 0..2 {
        assert!(matches!(door.probe(&mut line()), Err(Fault::Line(_))));
    }
    fake.set_gone(false);
    sensed(door.apply(&mut line(), &()));
    assert_eq!(fake.takings(), 2);
}

#[test]
fn an_output_is_not_touched_by_a_look_and_says_what_it_drives() {
    let fake = Fake::default();
    let mut buzzer = Output::on(Box::new(fake.clone()), "pin 18".to_owned());
    assert_eq!(buzzer.probe(&mut line()), Ok(Report::Well));
    assert_eq!(fake.takings(), 0);
    for on in [true, false] {
        assert_eq!(buzzer.apply(&mut line(), &on), Ok(Report::Switch { on, grade: Grade::Sent }));
        assert_eq!(buzzer.probe(&mut line()), Ok(Report::Switch { on, grade: Grade::Sent }));
    }
    fake.set_gone(true);
    assert!(matches!(buzzer.apply(&mut line(), &true), Err(Fault::Line(_))));
    assert!(matches!(buzzer.probe(&mut line()), Err(Fault::Line(_))));
}

#[test]
fn a_machine_without_the_chip_says_so() {
    let pin = Pin { chip: "/dev/gpiochip-none".into(), offset: 4, active_low: true };
    let fault = Input::new(pin.clone(), "door").apply(&mut line(), &());
    assert!(matches!(&fault, Err(Fault::Line(why)) if why.starts_with("pin 4 of /dev/gpiochip-none: ")), "{fault:?}");
    assert!(matches!(Output::new(pin).probe(&mut line()), Err(Fault::Line(_))));
}
