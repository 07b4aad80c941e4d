//! What the zone coder sends is read by a UECP decoder and an RDS decoder that others wrote, over a serial line.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::rds::Programme;
use drivers::transmitter::rds::clock::WallClock;
use drivers::transmitter::uecp_element::Element;
use drivers::transmitter::uecp_frame::{Address, Decoder, Frame};
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{Uecp, UecpConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::{Alarm, CoderWant, Grade};
use serde_json::{Value, json};
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::collections::BTreeSet;

const NETWORK: Network = Network { aid: 0xCAFE, number: 459 };
const ADDRESS: Address = Address { site: 5, encoder: 3 };

struct Bench {
    encoder: Peer,
    line: Line,
    cable: Cable,
    scratch: Scratch,
}

fn bench(label: &str, arguments: &[&str]) -> Bench {
    let scratch = Scratch::new(label).expect("scratch");
    let cable = Cable::lay(scratch.path());
    let far = cable.far.display().to_string();
    let encoder = Peer::python("uecp_encoder.py", &[&[far.as_str()], arguments].concat());
    let line = Line::new(LineConfig::Serial { port: cable.near.clone(), baud: 9600 });
    Bench { encoder, line, cable, scratch }
}

fn coder(two_way: bool) -> Uecp {
    said_by(Programme { pi: Some(0x7A01), ps: Some(*b"XA TANHA"), pty: 3, ..Programme::default() }, two_way)
}

fn said_by(programme: Programme, two_way: bool) -> Uecp {
    let code = ZoneCode::open(NETWORK).expect("built in");
    Uecp::new(UecpConfig { address: ADDRESS, two_way, programme, ..UecpConfig::new(code) })
}

fn next(encoder: &Peer) -> Value {
    serde_json::from_str(&encoder.line()).expect("JSON")
}

/// Frames until one leaves these zones open; gives how many that took.
fn until_zones(encoder: &Peer, zones: &[u16]) -> usize {
    (1..200).find(|_| next(encoder)["zones"] == json!(zones)).expect("the zones")
}

#[test]
fn foreign_decoders_read_the_names_the_groups_and_the_zones() {
    let Bench { encoder, mut line, cable: _cable, scratch: _scratch } = bench("zones", &[]);
    let mut coder = coder(false);
    let zones: BTreeSet<u16> = [3, 17, 99].into();
    let told = coder.apply(&mut line, &CoderWant::open(zones.clone()));
    assert_eq!(told, Ok(Report::Coder { zones: zones.clone(), grade: Grade::Sent }));

    let pi = next(&encoder);
    assert_eq!((&pi["command"], &pi["pi"]), (&json!("ProgrammeIdentificationSetCommand"), &json!("31233")));
    assert_eq!((&pi["site"], &pi["encoder"]), (&json!(5), &json!(3)));
    let ps = next(&encoder);
    assert_eq!((&ps["command"], &ps["ps"]), (&json!("ProgrammeServiceNameSetCommand"), &json!("XA TANHA")));
    let rds = next(&encoder);
    assert_eq!((&rds["command"], &rds["enable"]), (&json!("RDSEnabledSetCommand"), &json!("True")));
    let flags = next(&encoder);
    assert_eq!(flags["command"], json!("TrafficAnnouncementProgrammeSetCommand"));
    assert_eq!((&flags["announcement"], &flags["programme"]), (&json!("False"), &json!("False")));
    let kind = next(&encoder);
    assert_eq!(kind["command"], json!("ProgrammeTypeSetCommand"));
    let here = next(&encoder);
    assert_eq!((&here["group"], &here["oda"]), (&json!("3A"), &json!([["11A", 0xCAFE]])));
    let cleared = next(&encoder);
    assert_eq!((&cleared["group"], &cleared["zones"]), (&json!("11A"), &json!([])));
    assert_eq!(until_zones(&encoder, &[3, 17, 99]), 3, "one group for each 16 zones");

    // The change is said three times; the keep-alive once.
    let mut rest = vec![next(&encoder)];
    rest.resize_with(8, || next(&encoder));
    assert!(rest.iter().all(|group| group["zones"] == json!([3, 17, 99]) && group.get("bad").is_none()), "{rest:?}");
    assert_eq!(coder.apply(&mut line, &CoderWant::open(zones.clone())), told);
    let keep_alive: Vec<Value> = (0..4).map(|_| next(&encoder)["group"].clone()).collect();
    assert_eq!(keep_alive, ["3A", "11A", "11A", "11A"]);

    let fewer: BTreeSet<u16> = [17].into();
    coder.apply(&mut line, &CoderWant::open(fewer)).expect("told");
    until_zones(&encoder, &[17]);
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    until_zones(&encoder, &[]);
}

#[test]
fn an_emergency_is_an_announcement_with_its_text_and_the_hour() {
    let Bench { encoder, mut line, cable: _cable, scratch: _scratch } = bench("alarm", &[]);
    let wall = WallClock::default();
    wall.vouch(true);
    let mut coder = said_by(Programme { clock: Some(wall), ..Programme::default() }, false);
    let want = CoderWant { alarm: Alarm::Real, text: Some("Nước lên nhanh".to_owned()), ..CoderWant::open([3]) };
    coder.apply(&mut line, &want).expect("told");
    let mut said = std::collections::BTreeMap::new();
    while !said.contains_key("RealTimeClockEnabledSetCommand") {
        let frame = next(&encoder);
        said.insert(frame["command"].as_str().unwrap_or("group").to_owned(), frame);
    }
    let flags = &said["TrafficAnnouncementProgrammeSetCommand"];
    assert_eq!((&flags["announcement"], &flags["programme"]), (&json!("True"), &json!("True")));
    assert!(said["ProgrammeTypeSetCommand"]["programme_type"].to_string().contains("31"), "{said:?}");
    assert_eq!(said["RadioTextSetCommand"]["text"], json!("Nuoc len nhanh\r"));
    assert_eq!(said["RealTimeClockEnabledSetCommand"]["enable"], json!("True"));
    let clock = said["RealTimeClockSetCommand"]["timestamp"].to_string();
    assert!(clock.contains("+07:00"), "{clock}");
}

#[test]
fn an_encoder_that_acknowledges_is_believed_and_one_that_refuses_is_not() {
    let Bench { mut encoder, mut line, cable: _cable, scratch: _scratch } = bench("twoway", &["two-way"]);
    let mut coder = coder(true);
    let zones: BTreeSet<u16> = (0..100).collect();
    assert_eq!(
        coder.apply(&mut line, &CoderWant::open(zones.clone())),
        Ok(Report::Coder { zones: zones.clone(), grade: Grade::Electrical })
    );
    until_zones(&encoder, &zones.iter().copied().collect::<Vec<_>>());
    while next(&encoder)["group"] != json!("11A") {}
    // What is left of the three repeats is told before the answer to `refuse`.
    encoder.tell("refuse 6");
    while encoder.line() != "done" {}
    let refused = coder.apply(&mut line, &CoderWant::open([1]));
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("out of range")), "{refused:?}");
}

#[test]
fn an_encoder_that_should_acknowledge_and_does_not_is_a_line_fault() {
    let Bench { encoder: _encoder, mut line, cable: _cable, scratch: _scratch } = bench("mute", &[]);
    let fault = coder(true).apply(&mut line, &CoderWant::open([1]));
    assert!(matches!(&fault, Err(Fault::Line(why)) if why.contains("acknowledge")), "{fault:?}");
}

#[test]
fn frames_made_by_another_library_are_ours_to_the_byte() {
    let Bench { mut encoder, line: _line, cable: _cable, scratch: _scratch } = bench("bytes", &[]);
    let frames: Vec<String> = serde_json::from_str(&encoder.ask("encode")).expect("JSON");
    let elements = [
        Element::Pi(0x7AFE),
        Element::Ps(*b"XA TANHA"),
        Element::TaTp { ta: true, tp: true },
        Element::Clock { at: [26, 11, 21, 11, 30, 0, 0], offset: 0x0E },
        Element::RdsOn(true),
        Element::Pty(31),
        Element::ClockOn(true),
        Element::RadioText { text: b"Nuoc len nhanh\r".to_vec(), b: true },
    ];
    assert_eq!(frames.len(), elements.len());
    for (theirs, element) in frames.iter().zip(elements) {
        let frame = Frame { address: ADDRESS, sequence: 7, message: element.encode() };
        let ours = frame.encode().expect("fits");
        let hex: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(&hex, theirs, "{element:?}");
        let mut decoder = Decoder::default();
        let decoded: Vec<_> = ours.iter().filter_map(|byte| decoder.push(*byte)).collect();
        assert_eq!(decoded, [Ok(frame)]);
        assert_eq!(Element::decode(&element.encode()), Some(element));
    }
}

#[test]
fn a_zone_beyond_the_code_is_refused_before_anything_is_sent() {
    let mut line = Line::new(LineConfig::tcp("127.0.0.1:1"));
    assert!(matches!(coder(false).apply(&mut line, &CoderWant::open([256])), Err(Fault::Refused(_))));
    assert_eq!(line.state().requests, 0);
}
