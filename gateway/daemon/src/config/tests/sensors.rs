//! Sensors: their lines, their usual alarms, buttons, and what is refused of them.

use super::*;
use drivers::sensor::SensorConfig;
use drivers::switch::SwitchConfig;
use gateway_core::config::{Bound, Button};

fn with(sensor: &str) -> String {
    format!("{STATION}[[sensor]]\nid = \"s\"\n{sensor}\n")
}

#[track_caller]
fn taken(sensor: &str) -> Config {
    let (config, problems, warnings) = read_all_there(&with(sensor));
    assert_eq!((problems, warnings), (vec![], vec![]));
    config.expect("a station")
}

#[test]
fn each_has_a_line_of_its_own_and_a_name() {
    for (sensor, line, name) in [
        ("driver = \"machine\"", LineConfig::Apart { name: "this machine".to_owned() }, "Máy trạm"),
        ("driver = \"nut\"\nups = \"tram\"", LineConfig::tcp("127.0.0.1:3493"), "Bộ lưu điện"),
        ("driver = \"gps\"\naddress = \"192.0.2.5:2947\"", LineConfig::tcp("192.0.2.5:2947"), "Định vị vệ tinh"),
        ("driver = \"modem\"\nname = \"SIM\"", LineConfig::Apart { name: "the system's D-Bus".to_owned() }, "SIM"),
        ("driver = \"gpio\"\npin = 4", LineConfig::Apart { name: "pin 4 of /dev/gpiochip0".to_owned() }, "Tiếp điểm"),
    ] {
        let config = taken(sensor);
        let spec = config.lines.iter().find(|l| l.id.as_str() == "sensor/s").expect(sensor);
        assert_eq!(spec.config, line, "{sensor}");
        assert_eq!(config.site.sensors[&"s".into()].name, name, "{sensor}");
        assert_eq!(config.sensors[0].vouches, sensor.contains("gps"), "{sensor}");
    }
    let SensorConfig::Machine { disk, .. } = taken("driver = \"machine\"").sensors.remove(0).config else { panic!() };
    assert_eq!(disk, Path::new("/var/lib/gateway"), "the data folder");
}

#[test]
fn a_written_alarm_replaces_the_usual_one_of_its_quantity_alone() {
    let usual = taken("driver = \"nut\"\nups = \"tram\"");
    let codes = |c: &Config| c.site.sensors[&"s".into()].alarms.iter().map(|a| a.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&usual), ["on_battery", "battery_low", "battery_worn", "overload"]);
    let config = taken(
        "driver = \"nut\"\nups = \"tram\"\nalarms = [{ quantity = \"battery\", below = 40, text = \"a\" },\n\
         { quantity = \"on_battery\", above = 0.5, for_s = 30, text = \"b\", code = \"mains\", grave = true }]",
    );
    assert_eq!(codes(&config), ["battery_low", "battery_worn", "overload", "sensor", "mains"]);
    let alarms = &config.site.sensors[&"s".into()].alarms;
    assert_eq!((alarms[3].bound, alarms[3].clears, alarms[3].for_ms), (Bound::Below(40.0), 42.0, 60_000));
    assert_eq!((alarms[4].for_ms, alarms[4].grave), (30_000, true));
}

#[test]
fn buttons_have_what_they_need() {
    let button = |sensor: &str| taken(sensor).site.sensors[&"s".into()].button.clone();
    assert_eq!(
        button("driver = \"gpio\"\npin = 4\nrole = \"mute_button\""),
        Some(Button::Mute { clusters: [].into() })
    );
    let text = "driver = \"gpio\"\npin = 4\nrole = \"emergency_button\"\ntext = \"Lũ về.\"\nrisk_level = 4";
    assert_eq!(
        button(text),
        Some(Button::Emergency { text: "Lũ về.".to_owned(), level: 4, clusters: [].into(), prepared: None })
    );
    let talk = format!(
        "{}[[input]]\nid = \"mic\"\ndriver = \"capture\"\ndevice = \"default\"\n",
        with("driver = \"gpio\"\npin = 4\nrole = \"ptt\"\ninput = \"mic\"\nmax_s = 60")
    );
    let (config, problems, _) = read_all_there(&talk);
    assert_eq!(problems, []);
    let talk = config.expect("a station").site.sensors[&"s".into()].button.clone();
    assert_eq!(talk, Some(Button::Talk { input: "mic".into(), max_s: 60, clusters: [].into() }));
}

#[test]
fn a_button_counts_where_it_is_meant_and_an_alarm_has_its_buzzer() {
    let buzzer = "[[switch]]\nid = \"buzzer\"\ndriver = \"gpio\"\npin = 18\n";
    let door = format!(
        "{buzzer}{}",
        "[[sensor]]\nid = \"door\"\ndriver = \"gpio\"\npin = 5\nrole = \"door\"\nbuzzer = \"buzzer\"\n"
    );
    let text = with("driver = \"gpio\"\npin = 4\nrole = \"mute_button\"\nclusters = [\"thon-1\"]") + &door;
    let (config, problems, warnings) = read_all_there(&text);
    assert_eq!((problems, warnings), (vec![], vec![]), "a buzzer is used");
    let site = config.expect("a station").site;
    assert_eq!(site.sensors[&"s".into()].button, Some(Button::Mute { clusters: ["thon-1".into()].into() }));
    let buzzer = site.sensors[&"door".into()].buzzer.clone().expect("its buzzer");
    assert_eq!((buzzer.switch.as_str(), buzzer.for_ms), ("buzzer", 60_000));
    refused(&text.replace("[\"thon-1\"]", "[\"thon-7\"]"), "thon-7", "sensor.clusters", "thon-1");
}

#[test]
fn an_output_pin_is_a_switch_with_a_line_of_its_own() {
    let text = format!("{STATION}[[switch]]\nid = \"buzzer\"\ndriver = \"gpio\"\npin = 18\n");
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let spec = config.switches.iter().find(|s| s.id.as_str() == "buzzer").expect("it was read");
    let SwitchConfig::Gpio { pin } = &spec.config else { panic!("{spec:?}") };
    assert_eq!((pin.offset, pin.active_low), (18, false));
    assert!(config.lines.iter().any(|l| l.id.as_str() == "switch/buzzer"));
}

#[test]
fn what_is_wrong_is_told() {
    let nut = "driver = \"nut\"\nups = \"tram\"\n";
    for (sensor, needle, key, remedy) in [
        ("driver = \"gpio\"\npin = 4\nrole = \"ptt\"", "id = \"s\"", "sensor.input", "another `role`"),
        ("driver = \"gpio\"\npin = 4\nrole = \"emergency_button\"", "id = \"s\"", "sensor.text", "another `role`"),
        ("driver = \"nut\"\nups = \"a b\"", "a b", "sensor.ups", "ups.conf"),
        (&format!("{nut}user = \"gw\""), "gw", "sensor.user", "password_file"),
        (&format!("{nut}alarms = [{{ quantity = \"x\", text = \"a\" }}]"), "quantity", "sensor.alarms.below", "above"),
        (
            &format!("{nut}alarms = [{{ quantity = \"x\", below = 5, clears = 4, text = \"a\" }}]"),
            "quantity",
            "sensor.alarms.clears",
            "good side",
        ),
    ] {
        let text = with(sensor);
        let (config, problems, _) = read_all_there(&text);
        assert!(config.is_none(), "{sensor}");
        let [problem] = problems.as_slice() else { panic!("{sensor}: not one problem but {problems:#?}") };
        let line = if needle == "id = \"s\"" { line_of(&text, "[[sensor]]") } else { line_of(&text, needle) };
        assert_eq!((problem.line, problem.key.as_str()), (line, key), "{problem:?}");
        assert!(problem.remedy.contains(remedy), "{problem:?}");
    }
}
