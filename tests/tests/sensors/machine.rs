//! A machine made of files: what a Raspberry Pi, a board with eMMC and one with nothing at all tell.

use super::{sensed, value};
use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::sensor::Machine;
use gateway_core::device::Fault;
use site_tests::scratch::Scratch;

fn line() -> Line {
    Line::new(LineConfig::Apart { name: "this machine".to_owned() })
}

fn write(scratch: &Scratch, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = scratch.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

const PI: &[(&str, &str)] = &[
    ("sys/class/thermal/thermal_zone0/temp", "48200\n"),
    ("sys/class/hwmon/hwmon0/name", "cpu_thermal\n"),
    ("sys/class/hwmon/hwmon0/temp1_input", "51700\n"),
    ("sys/class/hwmon/hwmon0/temp2_input", "-127000\n"),
    ("sys/class/hwmon/hwmon1/name", "rpi_volt\n"),
    ("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n"),
    ("sys/class/hwmon/hwmon2/name", "pwmfan\n"),
    ("sys/class/hwmon/hwmon2/fan1_input", "3021\n"),
    ("sys/class/hwmon/hwmon2/fan2_input", "1200\n"),
    ("sys/block/mmcblk0/device/life_time", "0x02 0x0b\n"),
    ("sys/block/mmcblk0/device/pre_eol_info", "0x02\n"),
    ("sys/devices/system/cpu/cpu0/online", "1\n"),
    ("sys/devices/system/cpu/cpu1/online", "1\n"),
    ("sys/devices/system/cpu/cpufreq/boost", "0\n"),
    ("proc/loadavg", "0.50 0.30 0.20 1/123 4567\n"),
    ("proc/meminfo", "MemTotal:        4000000 kB\nMemFree:  1 kB\nMemAvailable:    1000000 kB\n"),
    ("proc/uptime", "86400.25 300000.00\n"),
];

#[test]
fn everything_that_is_told_is_read() {
    let scratch = Scratch::new("machine").expect("a folder");
    write(&scratch, PI);
    let mut machine = Machine::new(scratch.path().to_owned(), scratch.path().to_owned());
    let readings = sensed(machine.probe(&mut line()));
    for (quantity, expected) in [
        ("temperature", 51.7),
        ("fan", 1200.0),
        ("under_voltage", 0.0),
        ("wear", 110.0),
        ("spare_blocks", 2.0),
        ("load", 25.0),
        ("memory_free", 25.0),
        ("uptime", 86_400.3),
    ] {
        assert_eq!(value(&readings, quantity), Some(expected), "{quantity}");
    }
    let free = value(&readings, "disk_free").expect("this disk has room");
    assert!((0.0..=100.0).contains(&free), "{free}");
    write(&scratch, &[("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")]);
    assert_eq!(value(&sensed(machine.probe(&mut line())), "under_voltage"), Some(1.0));
}

#[test]
fn what_is_not_there_is_left_out_and_nothing_at_all_is_a_fault() {
    let scratch = Scratch::new("machine").expect("a folder");
    write(&scratch, &[("sys/block/mmcblk0/device/life_time", "0x00 0x00\n"), ("proc/uptime", "5.00 4.00\n")]);
    let nowhere = scratch.join("nowhere");
    let readings = sensed(Machine::new(scratch.path().to_owned(), nowhere.clone()).probe(&mut line()));
    assert_eq!(readings.len(), 1, "a chip that does not know its wear has none: {readings:?}");
    let fault = Machine::new(nowhere.clone(), nowhere).probe(&mut line());
    assert!(matches!(fault, Err(Fault::Line(_))), "{fault:?}");
}

#[test]
fn the_machine_these_tests_run_on_is_one() {
    let readings = sensed(Machine::new("/".into(), std::env::temp_dir()).probe(&mut line()));
    for quantity in ["disk_free", "load", "memory_free", "uptime"] {
        let value = value(&readings, quantity).unwrap_or(-1.0);
        assert!(value >= 0.0, "{quantity}: {readings:?}");
    }
}
