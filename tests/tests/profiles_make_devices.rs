//! A kind of Modbus device is a file: those that are built in and one nobody has heard of work on slaves that others
//! wrote (modbus_tk, pymodbus), a second master that others wrote (mbpoll) reads the same, and a dead gateway leaves no
//! held relay closed.

use drivers::Driver;
use drivers::line::{Framing, Line, LineConfig};
use drivers::profile::{Profile, Profiles};
use drivers::sensor::ModbusSensor;
use drivers::switch::ModbusRelay;
use gateway_core::device::{Fault, Reading, Report};
use gateway_core::want::Grade;
use site_tests::device::Timeline;
use site_tests::device::bus::{Bus, Exciter};
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

struct Bench {
    slaves: Peer,
    line: Line,
    _cable: Cable,
    scratch: Scratch,
}

fn bench(label: &str) -> Bench {
    let scratch = Scratch::new(label).expect("scratch");
    let cable = Cable::lay(scratch.path());
    let slaves = Peer::python("modbus_profile_slaves.py", &[&cable.far.display().to_string()]);
    let line = Line::new(LineConfig::Serial { port: cable.near.clone(), baud: 9600 });
    Bench { slaves, line, _cable: cable, scratch }
}

fn profile(name: &str) -> Arc<Profile> {
    Profiles::shipped().get(name).cloned().expect("a built-in profile")
}

fn relay(name: &str, unit: u8, number: u16, hold_s: Option<u64>) -> ModbusRelay {
    let board = profile(name).relay.clone().expect("relays");
    ModbusRelay::by_profile(unit, number, board, hold_s.map(Duration::from_secs)).expect("such a relay")
}

fn sensor(profile: &Profile, unit: u8) -> ModbusSensor {
    ModbusSensor::new(unit, profile.sensor.clone().expect("a sensor"))
}

fn reads(on: bool) -> Result<Report, Fault> {
    Ok(Report::Switch { on, grade: Grade::Electrical })
}

fn readings(seen: Result<Report, Fault>) -> Vec<(String, f64, &'static str)> {
    let Ok(Report::Sensed(all)) = seen else { panic!("{seen:?}") };
    all.into_iter().map(|Reading { quantity, value, unit }| (quantity, value, unit)).collect()
}

/// What mbpoll, a master of others, reads; `table` 0 coils, 1 discrete, 3 input, 4 holding; its numbers count from 1.
fn mbpoll(line: &[&str], unit: u8, table: u8, first: u16, count: u16) -> Vec<String> {
    let [unit, table, first, count] = [u16::from(unit), u16::from(table), first + 1, count].map(|n| n.to_string());
    let mut command = Command::new("timeout");
    let asks = ["-a", &unit, "-t", &table, "-r", &first, "-c", &count, "-1", "-q"];
    command.args(["10", "mbpoll"]).args(asks).args(line.iter());
    let out = command.output().unwrap_or_else(|error| panic!("mbpoll ({error}): run scripts/setup"));
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let values = text.lines().filter(|l| l.starts_with('[')).filter_map(|l| l.split_whitespace().nth(1));
    let values: Vec<String> = values.map(str::to_owned).collect();
    assert!(!values.is_empty(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    values
}

#[test]
fn relay_boards_of_three_makers_on_one_bus() {
    let Bench { mut slaves, mut line, _cable, scratch: _scratch } = bench("boards");
    for (name, unit, number) in [("waveshare-relay", 1, 5), ("lctech-relay", 255, 3), ("r4d-relay", 3, 1)] {
        let mut relay = relay(name, unit, number, None);
        let asks = if unit == 3 { format!("word 3 {number}") } else { format!("coil {unit} {number}") };
        for want in [true, true, false, true, false] {
            assert_eq!(relay.apply(&mut line, &want), reads(want), "{name}");
            assert_eq!(slaves.ask(&asks), u8::from(want).to_string(), "{name}");
        }
        assert_eq!(relay.again_after(&true), None);
    }
    // A neighbour of the same name does not answer for them, and an absent board is silence.
    let absent = relay("waveshare-relay", 9, 0, None).apply(&mut line, &true);
    assert!(matches!(absent, Err(Fault::Line(_))), "{absent:?}");
    assert_eq!(relay("waveshare-relay", 1, 0, None).probe(&mut line), reads(false));
}

#[test]
fn a_dead_gateway_leaves_no_held_relay_closed() {
    let Bench { mut slaves, mut line, _cable, scratch: _scratch } = bench("held");
    for (name, unit, number, asks) in [("waveshare-relay", 1, 2, "coil 1 2"), ("r4d-relay", 3, 2, "word 3 2")] {
        let mut held = relay(name, unit, number, Some(6));
        assert_eq!(held.again_after(&true), Some(Duration::from_secs(2)), "renewed three times in a hold");
        assert_eq!(held.again_after(&false), None);
        assert_eq!(held.apply(&mut line, &true), reads(true), "{name}");
        for _ in 0..3 {
            slaves.ask("pass 4");
            assert_eq!(slaves.ask(asks), "1", "{name}");
            assert_eq!(held.apply(&mut line, &true), reads(true), "renewed");
        }
        slaves.ask("pass 5.9");
        assert_eq!(slaves.ask(asks), "1", "{name}");
        // Nobody renews it any more.
        slaves.ask("pass 0.2");
        assert_eq!(slaves.ask(asks), "0", "{name}");
        assert_eq!(held.probe(&mut line), reads(false), "{name}");
        // And it is wanted off before its time is over.
        assert_eq!(held.apply(&mut line, &true), reads(true), "{name}");
        assert_eq!(held.apply(&mut line, &false), reads(false), "{name}");
        assert_eq!(slaves.ask(asks), "0", "{name}");
    }
    // Without a hold a pulse that somebody else began is ended by a plain write.
    relay("waveshare-relay", 1, 4, Some(3)).apply(&mut line, &true).expect("held");
    assert_eq!(relay("waveshare-relay", 1, 4, None).apply(&mut line, &true), reads(true));
    slaves.ask("pass 60");
    assert_eq!(slaves.ask("coil 1 4"), "1");
}

#[test]
fn a_pulse_no_such_board_has_is_refused_and_a_hold_too_long_cannot_be_made() {
    let Bench { mut line, _cable, slaves: _slaves, scratch: _scratch } = bench("refused");
    let flashing = profile("waveshare-relay").relay.clone().expect("relays");
    assert!(ModbusRelay::by_profile(1, 0, Arc::clone(&flashing), Some(Duration::from_secs(4000))).is_none());
    assert!(ModbusRelay::by_profile(1, 32, Arc::clone(&flashing), None).is_none());
    let plain = profile("lctech-relay").relay.clone().expect("relays");
    assert!(ModbusRelay::by_profile(255, 0, plain, Some(Duration::from_secs(6))).is_none());
    // A board of another kind answers the pulse with an exception: refused, and not a fault of the line.
    let mut wrong = ModbusRelay::by_profile(255, 0, flashing, Some(Duration::from_secs(6))).expect("a relay");
    let refused = wrong.apply(&mut line, &true);
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("exception 0")), "{refused:?}");
}

#[test]
fn sensors_read_what_their_profiles_say() {
    let Bench { mut slaves, mut line, _cable, scratch: _scratch } = bench("sensors");
    let (solar, probes) = (profile("epever"), profile("r4dcb08"));
    let mut solar = sensor(&solar, 4);
    assert_eq!(
        readings(solar.probe(&mut line)),
        [
            ("pv_voltage".to_owned(), 18.34, "V"),
            ("battery_voltage".to_owned(), 12.78, "V"),
            ("battery_temperature".to_owned(), 29.5, "°C"),
            ("battery_charge".to_owned(), 87.0, "%"),
        ]
    );
    slaves.ask("set 4 input2 12560 65036");
    assert_eq!(readings(solar.apply(&mut line, &())).get(2).map(|r| r.1), Some(-5.0), "a cold battery");
    // One probe is not there: it is left out, and not 3276.8 degrees below zero.
    let seen = readings(sensor(&probes, 6).probe(&mut line));
    let seen: Vec<_> = seen.iter().map(|(quantity, value, _)| (quantity.as_str(), *value)).collect();
    assert_eq!(seen, [("temperature_1", 25.3), ("temperature_2", -5.5), ("temperature_4", 60.1)]);
    let states = readings(sensor(&profile("amplifier"), 7).probe(&mut line));
    let states: Vec<_> = states.iter().map(|(quantity, value, _)| (quantity.as_str(), *value)).collect();
    let expected =
        [("mains", 1.0), ("amplifier_fault", 0.0), ("line_open", 1.0), ("line_earth", 0.0), ("over_temperature", 0.0)];
    assert_eq!(states, expected);
    // A controller without one of its registers is refused whole, and says which.
    let other = sensor(&profile("epever"), 6).probe(&mut line);
    assert!(matches!(&other, Err(Fault::Refused(why)) if why.contains("12544")), "{other:?}");
    let absent = sensor(&profile("epever"), 9).probe(&mut line);
    assert!(matches!(absent, Err(Fault::Line(_))), "{absent:?}");
}

#[test]
fn a_device_nobody_has_heard_of_needs_a_file_and_nothing_else() {
    let scratch = Scratch::new("folder").expect("scratch");
    let file = scratch.join("acme-mast.toml");
    let text = "about = \"Acme mast\"\nsource = \"its sheet\"\nunit = 5\n\
        [relay]\ntable = \"coil\"\nfirst = 0\nnumbered_from = 7\ncount = 1\non = 0xFF00\noff = 0\n\
        read = { table = \"coil\", first = 0 }\n\
        [[sensor.reading]]\nquantity = \"forward\"\ntable = \"input\"\naddress = 0\nscale = 0.1\nunit = \"W\"\n\
        [[sensor.reading]]\nquantity = \"set\"\ntable = \"holding\"\naddress = 0\nform = \"u32\"\n\
        [[sensor.state]]\nquantity = \"low_bit\"\ntable = \"input\"\naddress = 2\nbit = 0\ninverted = true\n";
    std::fs::write(&file, text).expect("written");
    let profiles = Profiles::with_folder(scratch.path()).expect("profiles");
    let acme = profiles.get("acme-mast").cloned().expect("by the name of its file");
    let mut slaves = Peer::python("modbus_tcp_slaves.py", &[]);
    let mut line = Line::new(LineConfig::tcp(format!("127.0.0.1:{}", slaves.ready)));
    let board = acme.relay.clone().expect("relays");
    let mut relay = ModbusRelay::by_profile(acme.unit.expect("a unit"), 7, board, None).expect("relay 7");
    assert_eq!(relay.apply(&mut line, &true), reads(true));
    assert_eq!(slaves.ask("coil 5 0"), "1");
    let mut sensor = sensor(&acme, 5);
    let seen = readings(sensor.probe(&mut line));
    assert_eq!(seen.iter().map(|r| r.1).collect::<Vec<_>>(), [30.0, f64::from(6050_u32 << 16 | 30), 0.0]);
    // A second master that others wrote reads the same from the same slaves.
    let there = ["-m", "tcp", "-p", &slaves.ready, "127.0.0.1"];
    assert_eq!(mbpoll(&there, 5, 3, 0, 1), ["300"]);
    assert_eq!(mbpoll(&there, 5, 4, 0, 2), ["6050", "30"]);
    assert_eq!(mbpoll(&there, 5, 0, 0, 1), ["1"]);
    // What the device does not have is a refusal; the rest of the folder is judged with it.
    std::fs::write(&file, text.replace("address = 2", "address = 99")).expect("written");
    let profiles = Profiles::with_folder(scratch.path()).expect("profiles");
    let refused =
        ModbusSensor::new(5, profiles.get("acme-mast").and_then(|p| p.sensor.clone()).expect("it")).probe(&mut line);
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("exception 02")), "{refused:?}");
    std::fs::write(scratch.join("broken.toml"), "about = \"x\"\nsource = \"y\"\n[relay]\ntabel = \"coil\"\n")
        .expect("written");
    let errors = Profiles::with_folder(scratch.path()).expect_err("one of them is broken");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(matches!(told.as_slice(), [one] if one.contains("broken.toml:4: ") && one.contains("tabel")), "{told:?}");
}

#[test]
fn several_relays_at_once_are_what_a_second_master_reads() {
    let bus = Bus::start("127.0.0.1:0", Framing::ModbusTcp, Timeline::default()).expect("bus");
    bus.add_exciter(5, "fm", Exciter::new(60.5, 30));
    let port = bus.address().port().to_string();
    // Our simulator as somebody else's master sees it.
    assert_eq!(mbpoll(&["-m", "tcp", "-p", &port, "127.0.0.1"], 5, 4, 0, 2), ["6050", "30"]);
    // The group writes, on slaves others wrote, read back by function 01 and 03.
    let Bench { mut slaves, mut line, _cable, scratch } = bench("group");
    let wanted = [true, false, true, true, false, false, false, true];
    line.write_bits(1, drivers::line::Table::Coil, 0, &wanted).expect("function 15");
    assert_eq!(line.read_bits(1, drivers::line::Table::Coil, 0, 8).expect("function 01"), wanted);
    let seen: Vec<String> = (0..8).map(|coil| slaves.ask(&format!("coil 1 {coil}"))).collect();
    assert_eq!(seen, wanted.map(|on| u8::from(on).to_string()));
    line.write_bits(3, drivers::line::Table::Holding, 1, &[true, false, true]).expect("function 16");
    assert_eq!(slaves.ask("word 3 3"), "1");
    let none = line.write_bits(1, drivers::line::Table::Coil, 0, &[]);
    assert!(matches!(none, Err(Fault::Refused(_))), "{none:?}");
    let beyond = line.write_bits(1, drivers::line::Table::Coil, 4, &wanted);
    assert!(matches!(&beyond, Err(Fault::Refused(why)) if why.contains("exception 02")), "{beyond:?}");
    // mbpoll on the serial bus, after we have let go of it.
    line.close();
    let near = scratch.join("near").display().to_string();
    let read = mbpoll(&["-m", "rtu", "-b", "9600", "-P", "none", &near], 1, 0, 0, 8);
    assert_eq!(read, wanted.map(|on| u8::from(on).to_string()));
}
