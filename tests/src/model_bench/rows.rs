//! The benches, one for each model and way; how to add one is written in the parent.

mod board;
mod sensor;
mod sound;
mod switch;
mod transmitter;
mod tuner;

pub use board::FLOOD;

use super::{Bench, Beside, Row, Subject};
use crate::device::bus::{Bus, Pace};
use crate::device::{Mood, Timeline};
use crate::scratch::Scratch;
use drivers::line::LineConfig;
use std::rc::Rc;

/// Where simulated devices listen.
const ANY: &str = "127.0.0.1:0";

/// All of them.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [switch::ROWS, transmitter::ROWS, board::ROWS, sensor::ROWS, sound::ROWS, tuner::ROWS].into_iter().flatten()
}

/// A line for a driver that reaches its device by itself.
fn apart(name: &str) -> LineConfig {
    LineConfig::Apart { name: name.to_owned() }
}

/// A bench of one device alone.
fn alone<D: 'static>(
    line: LineConfig,
    subject: Box<dyn Subject>,
    device: &Rc<D>,
    far: impl Fn(&D) -> bool + 'static,
    mood: impl Fn(&D, Mood) + 'static,
) -> Bench {
    let (seen, felt) = (Rc::clone(device), Rc::clone(device));
    Bench {
        line,
        subject,
        far: Box::new(move || far(&seen)),
        mood: Box::new(move |feeling| mood(&felt, feeling)),
        beside: None,
        sight: None,
        keep: Vec::new(),
    }
}

/// How a device feels that forgets what it was told when its plug is pulled.
fn forgetful<D>(feel: fn(&D, Mood), forget: fn(&D)) -> impl Fn(&D, Mood) {
    move |device, mood| {
        feel(device, mood);
        if mood == Mood::Absent {
            forget(device);
        }
    }
}

/// A serial bus in the folder that keeps the time of its wire, and the line to it.
fn serial_bus(scratch: &Scratch) -> (Rc<Bus>, LineConfig) {
    let (port, baud) = (scratch.join("bus"), 9600);
    let bus = Bus::on_serial(&port, Pace { baud }, Timeline::default()).expect("a serial bus");
    (Rc::new(bus), LineConfig::Serial { port, baud })
}

/// Two devices at units 1 and 2 of a Modbus bus.
fn on_bus(
    bus: &Rc<Bus>,
    line: LineConfig,
    subjects: [Box<dyn Subject>; 2],
    on: fn(&Bus, u8) -> bool,
    forget: fn(&Bus),
) -> Bench {
    let [subject, second] = subjects;
    let (other, one) = (Rc::clone(bus), Rc::clone(bus));
    let first = Box::new(move |mood| one.set_unit_mood(1, mood));
    let beside = Some(Beside { subject: second, far: Box::new(move || on(&other, 2)), first });
    Bench { beside, ..alone(line, subject, bus, move |bus| on(bus, 1), forgetful(Bus::set_mood, forget)) }
}
