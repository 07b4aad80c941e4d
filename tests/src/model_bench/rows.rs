//! The benches, one for each model; how to add one is written in the parent.

use super::{Bench, Beside, Kind, Leveled, Row, Step, Subject};
use crate::device::bus::{Bus, Exciter, Pace};
use crate::device::card::Card;
use crate::device::encoder::Encoder;
use crate::device::{Mood, Timeline};
use crate::scratch::Scratch;
use drivers::board::BoardConfig;
use drivers::line::LineConfig;
use drivers::switch::SwitchConfig;
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{CoderConfig, ExciterConfig, GENERIC, Licence, UecpConfig};
use gateway_core::device::Report;
use gateway_core::id::ShowId;
use gateway_core::want::{BoardMessage, BoardWant, CoderWant};
use std::rc::Rc;
use std::sync::Arc;

/// All of them.
pub const ROWS: &[Row] = &[
    Row { kind: Kind::Switch, model: "modbus-relay", make: modbus_relay, lacks: &[] },
    Row { kind: Kind::Transmitter, model: "modbus-exciter", make: modbus_exciter, lacks: &[] },
    Row {
        kind: Kind::Coder,
        model: "uecp",
        make: uecp,
        lacks: &[(Step::Beside, "an encoder has its serial port or connection to itself")],
    },
    Row {
        kind: Kind::Board,
        model: "huidu",
        make: huidu,
        lacks: &[(Step::Beside, "a card has its network address to itself")],
    },
];

/// A serial bus in the folder that keeps the time of its wire, and the line to it.
fn serial_bus(scratch: &Scratch) -> (Rc<Bus>, LineConfig) {
    let (port, baud) = (scratch.join("bus"), 9600);
    let bus = Bus::on_serial(&port, Pace { baud }, Timeline::default()).expect("a serial bus");
    (Rc::new(bus), LineConfig::Serial { port, baud })
}

fn modbus_relay(scratch: &Scratch) -> Bench {
    let (bus, line) = serial_bus(scratch);
    let relay = |unit: u8| -> Box<dyn Subject> {
        bus.add_relay(unit, &format!("relays{unit}"), 8);
        let says = |report: &Report| if let Report::Switch { on, .. } = report { Some(*on) } else { None };
        Leveled::boxed(SwitchConfig::ModbusRelay { unit, coil: 3 }.driver(), true, false, says)
    };
    let subjects = [relay(1), relay(2)];
    on_bus(&bus, line, subjects, |bus, unit| bus.coil(unit, 3) == Some(true))
}

fn modbus_exciter(scratch: &Scratch) -> Bench {
    let (bus, line) = serial_bus(scratch);
    let exciter = |unit: u8| -> Box<dyn Subject> {
        bus.add_exciter(unit, &format!("exciter{unit}"), Exciter::new(60.5, 30));
        let licence = Licence { frequency_mhz: 60.5, power_w: 30.0 };
        let config =
            ExciterConfig::Modbus { unit, profile: Arc::new(GENERIC.clone()), licence, reflected_limit_w: None };
        let says = |report: &Report| if let Report::Transmitter(state) = report { Some(state.carrier) } else { None };
        Leveled::boxed(config.driver(), true, false, says)
    };
    let subjects = [exciter(1), exciter(2)];
    on_bus(&bus, line, subjects, |bus, unit| bus.exciter(unit).is_some_and(|exciter| exciter.rf_on))
}

/// Two devices at units 1 and 2 of a Modbus bus.
fn on_bus(bus: &Rc<Bus>, line: LineConfig, subjects: [Box<dyn Subject>; 2], on: fn(&Bus, u8) -> bool) -> Bench {
    let [subject, second] = subjects;
    let far = |unit: u8| -> Box<dyn Fn() -> bool> {
        let bus = Rc::clone(bus);
        Box::new(move || on(&bus, unit))
    };
    let (whole, one) = (Rc::clone(bus), Rc::clone(bus));
    Bench {
        line,
        subject,
        far: far(1),
        mood: Box::new(move |mood| whole.set_mood(mood)),
        beside: Some(Beside { subject: second, far: far(2), first: Box::new(move |mood| one.set_unit_mood(1, mood)) }),
        keep: Vec::new(),
    }
}

fn uecp(_: &Scratch) -> Bench {
    let network = Network { aid: 0xCAFE, number: 7 };
    let encoder = Rc::new(Encoder::start("127.0.0.1:0", "encoder", network, Timeline::default()).expect("an encoder"));
    encoder.set_acknowledge(Some(0));
    let code = ZoneCode::open(network).expect("built in");
    let config = CoderConfig::Uecp(UecpConfig { two_way: true, ..UecpConfig::new(code) });
    let says = |report: &Report| if let Report::Coder { zones, .. } = report { Some(!zones.is_empty()) } else { None };
    let (far, mood) = (Rc::clone(&encoder), Rc::clone(&encoder));
    Bench {
        line: LineConfig::tcp(encoder.address().to_string()),
        subject: Leveled::boxed(config.driver(), CoderWant::open([3, 40]), CoderWant::default(), says),
        far: Box::new(move || far.open_zones() == [3, 40].into()),
        mood: Box::new(move |feeling: Mood| mood.set_mood(feeling)),
        beside: None,
        keep: vec![Box::new(encoder)],
    }
}

fn huidu(_: &Scratch) -> Bench {
    let card = Rc::new(Card::start("127.0.0.1:0", "gate", (128, 64), Timeline::default()).expect("a card"));
    let config = BoardConfig::Huidu { width: 128, height: 64, font: Some("Arial".to_owned()) };
    let (far, mood) = (Rc::clone(&card), Rc::clone(&card));
    Bench {
        line: LineConfig::tcp(card.address().to_string()),
        subject: Leveled::boxed(config.driver(), flood(), BoardWant::dark(), says_showing),
        far: Box::new(move || far.screen().open && far.screen().texts.iter().any(|(text, _)| text == FLOOD)),
        mood: Box::new(move |feeling: Mood| mood.set_mood(feeling)),
        beside: None,
        keep: vec![Box::new(card)],
    }
}

/// What boards show in the story.
const FLOOD: &str = "Nước lên nhanh.";

/// The message of the story.
fn flood() -> BoardWant {
    let (level, drill, flash, qr, picture, until) = (Some(4), false, false, None, None, None);
    BoardWant::message(BoardMessage { id: ShowId(4), text: FLOOD.to_owned(), level, drill, flash, qr, picture, until })
}

fn says_showing(report: &Report) -> Option<bool> {
    if let Report::Board { showing, .. } = report { Some(showing.is_some()) } else { None }
}
