//! Devices by profile, built in or from the folder beside the file; lines with other characters, and recorded.

use super::{STATION, changed, read_all_there, refused};
use crate::config::station::Beside;
use crate::config::{Config, Problem, read};
use crate::testing::Folder;
use drivers::line::{LineOptions, Parity};
use drivers::sensor::SensorConfig;
use drivers::switch::SwitchConfig;
use drivers::transmitter::ExciterConfig;
use gateway_core::config::Bound;
use std::path::Path;
use std::time::Duration;

const SOLAR: &str = "[[sensor]]\nid = \"solar\"\ndriver = \"modbus-sensor\"\nline = \"bus1\"\nprofile = \"epever\"\n";

fn beside(dir: &Path, text: &str) -> (Option<Config>, Vec<Problem>) {
    let (config, problems, _) = read(text, &Beside { dir: dir.to_owned(), credentials: None, exists: &|_| true });
    (config, problems)
}

fn switch(config: &Config) -> SwitchConfig {
    config.switches.first().expect("a switch").config.clone()
}

#[test]
fn a_relay_by_profile_has_its_unit_and_its_numbers() {
    let (config, problems, _) = read_all_there(&changed("unit = 1\ncoil = 0", "profile = \"lctech-relay\"\ncoil = 3"));
    assert_eq!(problems, []);
    let SwitchConfig::ProfiledRelay { unit, number, hold, .. } = switch(&config.expect("a station")) else {
        panic!("by profile")
    };
    assert_eq!((unit, number, hold), (255, 3, None));
    let held = changed("coil = 0", "coil = 8\nprofile = \"r4d-relay\"\nhold_s = 30");
    let (config, problems, _) = read_all_there(&held);
    assert_eq!(problems, []);
    let config = switch(&config.expect("a station"));
    assert_eq!(config.place(), "register 8 of unit 1");
    let SwitchConfig::ProfiledRelay { hold, .. } = config else { panic!("by profile") };
    assert_eq!(hold, Some(Duration::from_secs(30)));
    let (config, ..) = read_all_there(STATION);
    assert_eq!(switch(&config.expect("a station")), SwitchConfig::ModbusRelay { unit: 1, coil: 0 }, "as it always was");
}

#[test]
fn a_relay_that_cannot_be_is_refused() {
    refused(&changed("coil = 0", "coil = 0\nprofile = \"r4d-relay\""), "coil = 0", "switch.coil", "1–32");
    refused(&changed("coil = 0", "coil = 0\nprofile = \"wave\""), "\"wave\"", "switch.profile", "waveshare-relay");
    refused(&changed("coil = 0", "coil = 0\nprofile = \"epever\""), "\"epever\"", "switch.profile", "lctech-relay");
    refused(&changed("coil = 0", "coil = 0\nhold_s = 30"), "hold_s", "switch.hold_s", "profile");
    refused(
        &changed("coil = 0", "coil = 0\nprofile = \"lctech-relay\"\nhold_s = 30"),
        "hold_s",
        "switch.hold_s",
        "remove",
    );
    refused(&changed("coil = 0", "coil = 1\nprofile = \"r4d-relay\"\nhold_s = 300"), "hold_s", "switch.hold_s", "255");
    let twice = "[[switch]]\nid = \"amp2\"\ndriver = \"modbus-relay\"\nline = \"bus1\"\nprofile = \"waveshare-relay\"\ncoil = 0 # 2\n";
    refused(&format!("{STATION}{twice}"), "# 2", "switch.coil", "correct the coil");
}

#[test]
fn a_sensor_is_on_a_declared_line_and_knows_its_alarms() {
    let (config, problems, _) = read_all_there(&format!("{STATION}{SOLAR}unit = 4\n"));
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let solar = config.sensors.first().expect("a sensor");
    assert_eq!((solar.id.as_str(), solar.line.as_str(), solar.own.is_none()), ("solar", "bus1", true));
    assert!(matches!(solar.config, SensorConfig::Modbus { unit: 4, .. }), "{:?}", solar.config);
    assert_eq!(config.lines.len(), 3, "no line of its own");
    let limits = solar.config.limits();
    assert!(limits.iter().any(|l| l.quantity == "battery_voltage" && l.low == Some(11.5)), "{limits:?}");
    let alarms = |c: &Config| c.site.sensors.values().next().map(|s| s.alarms.clone()).unwrap_or_default();
    let of = |c: &Config, name: &str| {
        alarms(c).into_iter().filter(|a| a.quantity == name).map(|a| (a.bound, a.clears)).collect::<Vec<_>>()
    };
    let voltage = [(Bound::Below(11.5), 11.5 + 11.5 * 0.05), (Bound::Above(15.5), 15.5 - 15.5 * 0.05)];
    assert_eq!(of(&config, "battery_voltage"), voltage, "the profile's limits are alarms");
    assert!(alarms(&config).iter().any(|a| a.text == "điện áp ắc quy xuống dưới 11,5. Kiểm tra thiết bị."));
    let own = "alarms = [{ quantity = \"battery_voltage\", below = 22.5, text = \"Ắc quy yếu.\" }]\n";
    let config = read_all_there(&format!("{STATION}{SOLAR}{own}")).0.expect("a station");
    assert_eq!(of(&config, "battery_voltage").len(), 1, "both sides of the profile's are replaced");
    assert_eq!(of(&config, "battery_charge"), [(Bound::Below(30.0), 30.0 + 30.0 * 0.05)]);
    let amplifier = SOLAR.replace("epever", "amplifier");
    let config = read_all_there(&format!("{STATION}{amplifier}")).0.expect("a station");
    assert_eq!(of(&config, "line_open"), [(Bound::Above(0.5), 0.5)]);
    assert_eq!(of(&config, "mains"), [(Bound::Below(0.5), 0.5)]);
    refused(&format!("{STATION}{}", SOLAR.replace("epever", "generic")), "profile", "sensor.profile", "epever");
    refused(&format!("{STATION}{}", SOLAR.replace("line = \"bus1\"\n", "")), "[[sensor]]", "sensor.line", "add `line");
}

#[test]
fn the_folder_beside_the_file_has_devices_of_the_site() {
    let dir = Folder::new();
    let folder = dir.path().join("profiles");
    std::fs::create_dir_all(&folder).expect("a folder");
    let exciter = include_str!("../../../../../drivers/profiles/generic.toml").replace("scale = 0.01", "scale = 0.1");
    std::fs::write(folder.join("acme-fm.toml"), &exciter).expect("written");
    let text = changed("unit = 5\n", "profile = \"acme-fm\"\n");
    let (config, problems) = beside(dir.path(), &text);
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let fm = &config.transmitters.first().expect("a transmitter").config;
    assert!(matches!(fm, ExciterConfig::Modbus { profile, unit: 1, .. } if profile.frequency.scale == 0.1), "{fm:?}");
    // Another folder, and a file that is broken: its line is told with the key.
    std::fs::rename(&folder, dir.path().join("maps")).expect("renamed");
    let named = text.replace("[station]\n", "[station]\nprofiles = \"maps\"\n");
    assert_eq!(beside(dir.path(), &named).1, []);
    std::fs::write(dir.path().join("maps/acme-fm.toml"), exciter.replace("rf_on", "rf_one")).expect("written");
    let (_, problems) = beside(dir.path(), &named);
    let told: Vec<_> = problems.iter().map(|p| (p.line, p.key.as_str())).collect();
    assert!(told.contains(&(2, "station.profiles")), "{problems:?}");
    assert!(problems.iter().any(|p| p.what.contains("acme-fm.toml:") && p.what.contains("rf_one")), "{problems:?}");
}

#[test]
fn a_line_has_the_characters_and_the_recording_it_is_given() {
    let text = changed("baud = 9600", "baud = 19200\nparity = \"even\"\nstop_bits = 2\nrecord = \"bus1.capture\"");
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let line = config.expect("a station").lines.swap_remove(0);
    let record = Some(Path::new("/etc/gateway/bus1.capture").to_owned());
    assert_eq!(line.options, LineOptions { parity: Parity::Even, two_stop_bits: true, record });
    assert_eq!(line.options.character(), "8E2");
    refused(&changed("baud = 9600", "parity = \"mark\""), "mark", "line.parity", "\"even\"");
    refused(&changed("baud = 9600", "stop_bits = 3"), "stop_bits", "line.stop_bits", "1–2");
}
