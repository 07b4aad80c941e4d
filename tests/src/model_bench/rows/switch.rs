//! The benches of switches.

use super::{ANY, alone, apart, forgetful, on_bus, serial_bus};
use crate::device::Mood;
use crate::device::barix::Barix;
use crate::device::datagrams::Datagrams;
use crate::device::pin::Pin;
use crate::device::web_relay::{AUTHORIZATION, WebRelay};
use crate::model_bench::{Bench, Kind, Leveled, Row, Step, Subject};
use crate::peer::Peer;
use crate::scratch::Scratch;
use drivers::gpio::Output;
use drivers::switch::{HttpRelayConfig, PortKind, Secret, SnmpAccess, SwitchConfig};
use gateway_core::device::Report;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

pub(super) const ROWS: &[Row] = &[
    Row::new(Kind::Switch, "modbus-relay", modbus_relay, &[]),
    Row::new(
        Kind::Switch,
        "gpio",
        gpio,
        &[
            (Step::Deaf, "the kernel holds the pin: it does as told, or says that the chip is gone"),
            (Step::Late, "the kernel answers each call before it returns"),
            (Step::Beside, "a pin is a line of its own"),
        ],
    ),
    Row::new(
        Kind::Switch,
        "barix-volume",
        barix_volume,
        &[(Step::Beside, "a receiver has its command port to itself")],
    ),
    Row::new(
        Kind::Switch,
        "snmp-port",
        snmp_port,
        &[(Step::Beside, "each port has a line of its own, whatever network switch it is on")],
    ),
    Row::new(
        Kind::Switch,
        "http-relay",
        http_relay,
        &[(Step::Beside, "each relay has a line of its own, whatever web page it is behind")],
    )
    .late(Duration::from_millis(3200)),
];

fn says(report: &Report) -> Option<bool> {
    if let Report::Switch { on, .. } = report { Some(*on) } else { None }
}

fn subject(config: &SwitchConfig) -> Box<dyn Subject> {
    Leveled::boxed(config.driver(), true, false, says)
}

fn modbus_relay(scratch: &Scratch) -> Bench {
    let (bus, line) = serial_bus(scratch);
    let subjects = [1, 2].map(|unit: u8| {
        bus.add_relay(unit, &format!("relays{unit}"), 8);
        subject(&SwitchConfig::ModbusRelay { unit, coil: 3 })
    });
    on_bus(&bus, line, subjects, |bus, unit| bus.coil(unit, 3) == Some(true), |bus| bus.force_coil(1, 3, false))
}

fn gpio(_: &Scratch) -> Bench {
    let pin = Rc::new(Pin::default());
    let driver = Output::on(Box::new(Pin::clone(&pin)), "pin 18".to_owned());
    let subject = Leveled::boxed(Box::new(driver), true, false, says);
    alone(
        apart("pin 18"),
        subject,
        &pin,
        Pin::level,
        forgetful(|pin: &Pin, mood| pin.set_gone(mood == Mood::Absent), |pin| pin.set_level(false)),
    )
}

fn barix_volume(_: &Scratch) -> Bench {
    let barix = Rc::new(Barix::start(ANY, "loa").expect("a receiver"));
    let config = SwitchConfig::BarixVolume { full: 100, usual: 60, password: Some(Secret("loa".to_owned())) };
    let line = drivers::line::LineConfig::tcp(barix.address().to_string());
    alone(line, subject(&config), &barix, |barix| barix.volume() == 100, forgetful(Barix::set_mood, Barix::forget))
}

fn snmp_port(scratch: &Scratch) -> Bench {
    let peer = Peer::python("snmp_port.py", &[&scratch.path().display().to_string()]);
    let far = SocketAddrV4::new(Ipv4Addr::LOCALHOST, peer.ready.parse().expect("its port"));
    let way = Rc::new(Datagrams::to(far).expect("a way"));
    let config = |address| SwitchConfig::SnmpPort {
        address,
        access: SnmpAccess::Community("public".to_owned()),
        kind: PortKind::Link { index: 3 },
    };
    // Another asks the same network switch, and not by our way.
    let other = config(far);
    let seen = move |_: &Datagrams| {
        let mut line = drivers::line::Line::new(apart("another"));
        other.driver().probe(&mut line).ok().and_then(|report| says(&report)).expect("a network switch that answers")
    };
    let bench = alone(apart("network switch"), subject(&config(way.address())), &way, seen, Datagrams::set_mood);
    Bench { keep: vec![Box::new(peer)], ..bench }
}

fn http_relay(_: &Scratch) -> Bench {
    let relay = Rc::new(WebRelay::start(ANY).expect("a relay"));
    let url = |path: &str| format!("http://{}{path}", relay.address());
    let config = SwitchConfig::HttpRelay(HttpRelayConfig {
        on_url: url("/relay/0?turn=on"),
        off_url: url("/relay/0?turn=off"),
        body: None,
        read: Some((url("/relay/0"), "\"ison\":true".to_owned())),
        authorization: Some(AUTHORIZATION.to_owned()),
    });
    alone(
        apart("web relay"),
        subject(&config),
        &relay,
        WebRelay::is_on,
        forgetful(WebRelay::set_mood, WebRelay::forget),
    )
}
