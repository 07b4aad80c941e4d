//! Profiles are read strictly, and those that are built in say what they should.

use super::*;
use std::time::Duration;

fn refused(text: &str) -> ProfileError {
    read("mine", text, Path::new("mine.toml")).expect_err("a profile was made all the same")
}

const RELAY: &str = "about = \"a\"\nsource = \"b\"\n[relay]\ntable = \"coil\"\nfirst = 0\ncount = 8\non = 1\noff = 0\n";

#[test]
fn every_built_in_profile_is_read() {
    let profiles = Profiles::shipped();
    let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    assert_eq!(profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), names);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    // Codes of zones lie beside them.
    let device = |name: &str| !name.starts_with("cluster-");
    let files = std::fs::read_dir(&folder).expect("the folder").flatten();
    let files = files.filter(|f| f.file_name().to_str().is_some_and(device)).count();
    assert_eq!(files, SHIPPED.len(), "a file that is not built in");
    assert_eq!(GENERIC.frequency, Point { table: Table::Holding, address: 0, scale: 0.01 });
    assert_eq!(GENERIC.faults_in(0b100_0100), ["PLL not locked", "fault bit 6"]);
}

#[test]
fn relays_are_where_their_sheets_say() {
    let profiles = Profiles::shipped();
    let relay = |name: &str| profiles.get(name).and_then(|p| p.relay.clone()).expect("a relay board");
    let wave = relay("waveshare-relay");
    let pulse = wave.pulse.expect("a pulse");
    assert_eq!((wave.offset(7), pulse.first, pulse.word(Duration::from_millis(9950))), (Some(7), 0x0200, Some(100)));
    assert_eq!((pulse.word(Duration::from_secs(3276)), pulse.word(Duration::from_secs(3277))), (Some(32_760), None));
    let r4d = relay("r4d-relay");
    assert_eq!((r4d.offset(0), r4d.offset(1), r4d.first, r4d.on, r4d.off), (None, Some(0), 1, 0x0100, 0x0200));
    assert_eq!(r4d.pulse.and_then(|p| p.word(Duration::from_secs(10))), Some(0x060A));
    assert_eq!(profiles.get("lctech-relay").and_then(|p| p.unit), Some(255));
}

#[test]
fn words_make_numbers() {
    assert_eq!(Form::U16.number(&[0xFFFF]), Some(65_535.0));
    assert_eq!(Form::I16.number(&[0xFFFF]), Some(-1.0));
    assert_eq!(Form::U32.number(&[1, 2]), Some(65_538.0));
    assert_eq!(Form::I32.number(&[0xFFFF, 0xFFFE]), Some(-2.0));
    assert_eq!(Form::U32LowFirst.number(&[1, 2]), Some(131_073.0));
    assert_eq!(Form::I32LowFirst.number(&[0xFFFE, 0xFFFF]), Some(-2.0));
    assert_eq!(Form::F32.number(&[0x4148, 0]), Some(12.5));
    assert_eq!(Form::F32.number(&[0x7FC0, 0]), None, "not a number");
    assert_eq!(Form::U32.number(&[1]), None);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let cases = [
        (RELAY.replace("first = 0", "frist = 0"), 5, "frist"),
        (RELAY.replace("first = 0\n", ""), 3, "first"),
        (RELAY.replace("first = 0", "first = \"0\""), 5, "u16"),
        (RELAY.replace("first = 0", "first = 65530"), 6, "65535"),
        (RELAY.replace("\"coil\"", "\"coils\""), 4, "coils"),
        (RELAY.replace("\"coil\"", "\"input\""), 4, "only be read"),
        (RELAY.replace("off = 0", "off = 1"), 8, "same value"),
        (RELAY.replace("source = \"b\"\n", ""), 1, "source"),
        (RELAY.replace("[relay]", "[relais]"), 3, "relais"),
        ("about = \"a\"\nsource = \"b\"\n".to_owned(), 0, "describes nothing"),
        ("about = = 1".to_owned(), 1, ""),
    ];
    for (text, line, what) in cases {
        let error = refused(&text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().starts_with("mine.toml") && error.what.contains(what), "{error}");
    }
}

#[test]
fn senseless_readings_are_refused() {
    let head =
        "about = \"a\"\nsource = \"b\"\n[[sensor.reading]]\nquantity = \"volts\"\ntable = \"input\"\naddress = 1\n";
    assert!(read("mine", head, Path::new("mine.toml")).is_ok());
    for (more, what) in [
        ("unit = \"Volt\"\n", "unknown unit"),
        ("scale = 0\n", "scale"),
        ("low = 3\nhigh = 2\n", "always be an alarm"),
        ("form = \"u64\"\n", "u64"),
        ("[[sensor.state]]\nquantity = \"volts\"\ntable = \"coil\"\naddress = 0\n", "twice"),
        ("[[sensor.state]]\nquantity = \"on\"\ntable = \"input\"\naddress = 0\n", "which bit"),
        ("[[sensor.state]]\nquantity = \"on\"\ntable = \"coil\"\naddress = 0\nbit = 1\n", "table of bits"),
        ("[[sensor.state]]\nquantity = \"Bật\"\ntable = \"coil\"\naddress = 0\n", "a-z"),
    ] {
        let error = refused(&format!("{head}{more}"));
        assert!(error.what.contains(what) && error.line >= 4, "{error}");
    }
}

#[test]
fn alarms_of_numbers_and_states_are_limits() {
    let amplifier = Profiles::shipped().get("amplifier").and_then(|p| p.sensor.clone()).expect("a sensor");
    let limits = amplifier.limits();
    let of = |name: &str| limits.iter().find(|l| l.quantity == name).map(|l| (l.low, l.high));
    assert_eq!(of("mains"), Some((Some(0.5), None)));
    assert_eq!(of("line_open"), Some((None, Some(0.5))));
}
