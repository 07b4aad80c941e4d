//! The benches of transmitters and of the coders of their zones.

use super::{ANY, alone, forgetful, on_bus, serial_bus};
use crate::device::Timeline;
use crate::device::bus::Exciter;
use crate::device::encoder::Encoder;
use crate::device::pira::Pira;
use crate::device::tx::Tx;
use crate::model_bench::{Bench, Kind, Leveled, Row, Step, Subject};
use crate::scratch::Scratch;
use drivers::line::LineConfig;
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::rds::Programme;
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{CoderConfig, ExciterConfig, GENERIC, Groups, Licence, PiraConfig, UecpConfig};
use gateway_core::device::Report;
use gateway_core::want::CoderWant;
use std::rc::Rc;
use std::sync::Arc;

const TO_ITSELF: &[(Step, &str)] = &[(Step::Beside, "it has its serial port or connection to itself")];

pub(super) const ROWS: &[Row] = &[
    Row::new(Kind::Transmitter, "modbus-exciter", modbus_exciter, &[]),
    Row::new(Kind::Transmitter, "tx-ascii", tx_ascii, TO_ITSELF),
    Row::new(Kind::Coder, "uecp", uecp, TO_ITSELF),
    Row::new(Kind::Coder, "pira", pira, TO_ITSELF),
];

const LICENCE: Licence = Licence { frequency_mhz: 60.5, power_w: 30.0 };
const NETWORK: Network = Network { aid: 0xCAFE, number: 7 };
const ZONES: [u16; 2] = [3, 40];

fn exciter(config: &ExciterConfig) -> Box<dyn Subject> {
    let says = |report: &Report| if let Report::Transmitter(state) = report { Some(state.carrier) } else { None };
    Leveled::boxed(config.driver(), true, false, says)
}

fn coder(config: &CoderConfig) -> Box<dyn Subject> {
    let says = |report: &Report| if let Report::Coder { zones, .. } = report { Some(!zones.is_empty()) } else { None };
    Leveled::boxed(config.driver(), CoderWant::open(ZONES), CoderWant::default(), says)
}

fn modbus_exciter(scratch: &Scratch) -> Bench {
    let (bus, line) = serial_bus(scratch);
    let subjects = [1, 2].map(|unit: u8| {
        bus.add_exciter(unit, &format!("exciter{unit}"), Exciter::new(60.5, 30));
        let profile = Arc::new(GENERIC.clone());
        exciter(&ExciterConfig::Modbus { unit, profile, licence: LICENCE, reflected_limit_w: None })
    });
    on_bus(
        &bus,
        line,
        subjects,
        |bus, unit| bus.exciter(unit).is_some_and(|exciter| exciter.rf_on),
        |bus| bus.turn(1, |exciter| exciter.rf_on = false),
    )
}

fn tx_ascii(_: &Scratch) -> Bench {
    let tx = Rc::new(Tx::start(ANY, "fm", Timeline::default()).expect("a transmitter"));
    let subject = exciter(&ExciterConfig::TxAscii { licence: LICENCE, reflected_limit_w: None });
    alone(
        LineConfig::tcp(tx.address().to_string()),
        subject,
        &tx,
        |tx| tx.panel().keyed,
        forgetful(Tx::set_mood, |tx| tx.turn(|panel| panel.keyed = false)),
    )
}

fn uecp(_: &Scratch) -> Bench {
    let encoder = Rc::new(Encoder::start(ANY, "encoder", NETWORK, Timeline::default()).expect("an encoder"));
    encoder.set_acknowledge(Some(0));
    let code = ZoneCode::open(NETWORK).expect("built in");
    let subject = coder(&CoderConfig::Uecp(UecpConfig { two_way: true, ..UecpConfig::new(code) }));
    let line = LineConfig::tcp(encoder.address().to_string());
    alone(line, subject, &encoder, |encoder| encoder.open_zones() == ZONES.into(), Encoder::set_mood)
}

/// It is made to show what it sends: a group that was handed over is on the air some time later.
fn pira(_: &Scratch) -> Bench {
    let code = ZoneCode::open(NETWORK).expect("built in");
    let encoder = Rc::new(Pira::start(ANY, "rds", code.clone(), Timeline::default()).expect("an encoder"));
    let programme = Programme { pi: Some(0x7A01), ps: Some(*b"XA ANLAC"), pty: 1, ..Programme::default() };
    let config = PiraConfig { two_way: true, read_back: true, groups: Groups::Once, programme, code };
    let line = LineConfig::tcp(encoder.address().to_string());
    let subject = coder(&CoderConfig::Pira(config));
    alone(line, subject, &encoder, |encoder| encoder.open_zones() == ZONES.into(), Pira::set_mood)
}
