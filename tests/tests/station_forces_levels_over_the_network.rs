//! A station with switches of the network: an emergency forces a Barix receiver and a relay behind a web page to full and lets
//! go of them after it; a blackout takes the board's port off a network switch and gives it back.

use drivers::line::{Line, LineConfig};
use drivers::switch::{PortKind, SnmpAccess, SwitchConfig};
use gateway_core::device::Report;
use serde_json::json;
use site_tests::device::barix::Barix;
use site_tests::device::web_relay::{AUTHORIZATION, WebRelay};
use site_tests::peer::Peer;
use site_tests::stage::{PATIENCE, Plan, Stage};
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

const USUAL: u8 = 55;

/// Waits until something holds.
fn until(stage: &Stage, what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what} never came\n{}", stage.station.last_words());
        thread::sleep(Duration::from_millis(10));
    }
}

/// The station's switches, and who uses them.
fn configure(stage: &Stage, barix: &Barix, relay: &WebRelay, ports: SocketAddrV4) {
    let dir = stage.path("");
    for (file, secret) in
        [("barix.pw", "loa"), ("relay.access", AUTHORIZATION), ("snmp.access", "loa\nmat-khau-dai\nkhoa-bi-mat")]
    {
        fs::write(dir.join(file), secret).expect("a secret");
    }
    let more = format!(
        r#"
[[switch]]
id = "horn1-full"
driver = "barix-volume"
address = "{}"
usual = {USUAL}
password_file = "barix.pw"

[[switch]]
id = "horn2-full"
driver = "http-relay"
on_url = "http://{relay}/relay/0?turn=on"
off_url = "http://{relay}/relay/0?turn=off"
read_url = "http://{relay}/relay/0"
read_on = '"ison":true'
access_file = "relay.access"

[[switch]]
id = "gate-power"
driver = "snmp-port"
address = "{ports}"
interface_index = 3
access_file = "snmp.access"
"#,
        barix.address(),
        relay = relay.address()
    );
    let text = fs::read_to_string(&stage.station.config).expect("its configuration");
    let text = text
        .replace("switch = \"amp1\" }", "switch = \"amp1\", force = \"horn1-full\" }")
        .replace("switch = \"amp2\" }", "switch = \"amp2\", force = \"horn2-full\" }")
        .replace("id = \"gate\"\n", "id = \"gate\"\npower = \"gate-power\"\n");
    fs::write(&stage.station.config, text + &more).expect("configured");
}

/// Whether the board's port is up, asked by a session of our own.
fn is_up(ports: SocketAddrV4) -> bool {
    let [name, password, key] = ["loa", "mat-khau-dai", "khoa-bi-mat"].map(str::to_owned);
    let access = SnmpAccess::User { name, password, key };
    let mut port = SwitchConfig::SnmpPort { address: ports, access, kind: PortKind::Link { index: 3 } }.driver();
    let said = port.probe(&mut Line::new(LineConfig::Apart { name: "judge".to_owned() }));
    matches!(said, Ok(Report::Switch { on: true, .. }))
}

#[test]
fn full_while_it_is_said_and_dark_while_it_is_ordered() {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new("network-levels") }).expect("a stage");
    let barix = Barix::start("127.0.0.1:0", "loa").expect("a receiver");
    let relay = WebRelay::start("127.0.0.1:0").expect("a relay");
    let folder = stage.path("snmpd");
    fs::create_dir(&folder).expect("a folder");
    let peer = Peer::system("snmpd_port.py", &[&folder.display().to_string()]);
    let ports = SocketAddrV4::new(Ipv4Addr::LOCALHOST, peer.ready.parse().expect("its port"));
    configure(&stage, &barix, &relay, ports);
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    until(&stage, "the usual volume", || barix.volume() == USUAL);
    assert!(!relay.is_on() && is_up(ports));

    let officer = stage.officer().expect("an officer");
    let text = "Lũ đang về, bà con rời bờ suối ngay.";
    let ask = json!({"text": text, "level": 4, "repeat": 1, "reason": "thử mức âm"});
    officer.order("/api/v1/emergency", &ask).expect("carried out");
    until(&stage, "full volume", || barix.volume() == 100 && relay.is_on());
    assert!(is_up(ports), "a board shows what is said");
    until(&stage, "the usual volume again", || barix.volume() == USUAL && !relay.is_on());

    let blackout = json!({"boards": ["gate"], "for_s": 600, "reason": "thử tắt bảng"});
    officer.order("/api/v1/blackout", &blackout).expect("carried out");
    until(&stage, "the port that is off", || !is_up(ports));
    let lifted = json!({"boards": ["gate"], "for_s": 0, "reason": "bật lại"});
    officer.order("/api/v1/blackout", &lifted).expect("carried out");
    until(&stage, "the port that is back", || is_up(ports));

    // Lines without a wire of the gateway's own are counted like the others.
    let lines = officer.get("/api/v1/lines").expect("the lines").body;
    let of = |id: &str| {
        let all = lines["lines"].as_array().or(lines.as_array()).cloned().unwrap_or_default();
        all.into_iter().find(|line| line["id"] == id).unwrap_or_else(|| panic!("no line {id}: {lines}"))
    };
    for id in ["switch/horn2-full", "switch/gate-power"] {
        let line = of(id);
        assert!(line["answers"].as_u64() >= Some(3) && line["requests"].as_u64() >= line["answers"].as_u64(), "{line}");
        assert_eq!((&line["open"], &line["failures"]), (&json!(true), &json!(0)), "{line}");
    }
}
