//! Switches on the network: a port of a network switch by SNMP against snmpsim, which others wrote; a relay behind a web
//! page and the volume of a Barix receiver against strict far ends of our own.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::switch::{BarixVolume, HttpRelayConfig, PortKind, SnmpAccess, SwitchConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::peer::Peer;
use site_tests::scratch::Scratch;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

fn apart() -> Line {
    Line::new(LineConfig::Apart { name: "switch".into() })
}

fn reads(on: bool, grade: Grade) -> Result<Report, Fault> {
    Ok(Report::Switch { on, grade })
}

fn port(address: SocketAddrV4, community: &str, kind: PortKind) -> Box<dyn Driver<bool>> {
    SwitchConfig::SnmpPort { address, access: SnmpAccess::Community(community.into()), kind }.driver()
}

#[test]
fn a_port_of_a_network_switch_goes_off_and_comes_back() {
    let scratch = Scratch::new("snmp").expect("a directory");
    let peer = Peer::python("snmp_port.py", &[&scratch.path().display().to_string()]);
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, peer.ready.parse().expect("its port"));
    let mut line = apart();
    for kind in [PortKind::Link { index: 3 }, PortKind::Power { group: 1, port: 3 }] {
        let mut driver = port(address, "public", kind);
        assert_eq!(driver.probe(&mut line), reads(true, Grade::Electrical), "{kind:?}");
        for on in [false, false, true] {
            assert_eq!(driver.apply(&mut line, &on), reads(on, Grade::Electrical), "{kind:?}");
            // Another asks the same switch.
            assert_eq!(port(address, "public", kind).probe(&mut line), reads(on, Grade::Electrical), "{kind:?}");
        }
    }
    let no_such = port(address, "public", PortKind::Link { index: 9 }).apply(&mut line, &false);
    assert!(matches!(no_such, Err(Fault::Refused(_))), "{no_such:?}");
    let stranger = port(address, "nobody", PortKind::Link { index: 3 }).probe(&mut line);
    assert!(matches!(stranger, Err(Fault::Line(_))), "{stranger:?}");
}

#[test]
fn a_network_switch_that_is_deaf_is_a_lost_line() {
    let deaf = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, deaf.local_addr().expect("its address").port());
    let said = port(address, "public", PortKind::Link { index: 3 }).apply(&mut apart(), &true);
    assert!(matches!(said, Err(Fault::Line(_))), "{said:?}");
}

/// A web relay: GET with the right header; refuses all else.
fn web_relay() -> (u16, Arc<Mutex<bool>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let state = Arc::new(Mutex::new(false));
    let kept = state.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
            let (mut head, mut line) = (Vec::new(), String::new());
            while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                head.push(std::mem::take(&mut line).trim_end().to_ascii_lowercase());
            }
            let let_in = head.iter().any(|h| h == "authorization: basic ywrtaw46eA==".to_ascii_lowercase().as_str());
            let mut on = kept.lock().expect("no panic");
            let code = match head.first().map(String::as_str) {
                _ if !let_in => "401 Unauthorized",
                Some("get /relay/0?turn=on http/1.1") => {
                    *on = true;
                    "200 OK"
                }
                Some("get /relay/0?turn=off http/1.1") => {
                    *on = false;
                    "200 OK"
                }
                Some("get /relay/0 http/1.1") => "200 OK",
                _ => "404 Not Found",
            };
            let body = format!("{{\"ison\":{on}}}");
            let answer =
                format!("HTTP/1.1 {code}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
            (&stream).write_all(answer.as_bytes()).ok();
        }
    });
    (port, state)
}

#[test]
fn a_relay_behind_a_web_page_is_switched_and_read_back() {
    let (port, state) = web_relay();
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let config = HttpRelayConfig {
        on_url: url("/relay/0?turn=on"),
        off_url: url("/relay/0?turn=off"),
        body: None,
        read: Some((url("/relay/0"), "\"ison\":true".into())),
        authorization: Some("Basic YWRtaW46eA==".into()),
    };
    let mut driver = SwitchConfig::HttpRelay(config.clone()).driver();
    let mut line = apart();
    assert_eq!(driver.probe(&mut line), reads(false, Grade::Electrical));
    for on in [true, true, false] {
        assert_eq!(driver.apply(&mut line, &on), reads(on, Grade::Electrical));
        assert_eq!(*state.lock().expect("no panic"), on);
    }
    // A hand at the page is noticed and undone.
    *state.lock().expect("no panic") = true;
    assert_eq!(driver.apply(&mut line, &false), reads(false, Grade::Electrical));
    let stranger = HttpRelayConfig { authorization: None, ..config.clone() };
    let said = SwitchConfig::HttpRelay(stranger).driver().apply(&mut line, &true);
    assert!(matches!(&said, Err(Fault::Refused(why)) if why.contains("401") && !why.contains("relay/0")), "{said:?}");
    // One that cannot be read is believed what it says, and no more.
    let blind = HttpRelayConfig { read: None, ..config };
    let mut driver = SwitchConfig::HttpRelay(blind).driver();
    assert_eq!(driver.probe(&mut line), Ok(Report::Well));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert!(*state.lock().expect("no panic"));
}

/// A Barix receiver whose commands want a password; cut off after `orders` of them.
fn barix(orders: usize) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = told.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let reader = BufReader::new(stream.try_clone().expect("a handle"));
            let mut let_in = false;
            for line in reader.lines().map_while(Result::ok).take(orders) {
                let volume = line.strip_prefix("v=").and_then(|v| v.parse::<u8>().ok());
                let_in |= line == "a=loa";
                let good = line == "a=loa" || let_in && volume.is_some_and(|v| v <= 100);
                kept.lock().expect("no panic").push(line);
                (&stream).write_all(if good { b"OK\r\n" } else { b"ERROR\r\n" }).ok();
            }
        }
    });
    (address, told)
}

#[test]
fn the_volume_of_a_barix_receiver_is_full_while_it_is_on_and_told_anew_after_a_break() {
    let (address, told) = barix(3);
    let mut line = Line::new(LineConfig::tcp(address));
    let mut driver = BarixVolume::new(100, 60, Some("loa".into()));
    assert_eq!(driver.probe(&mut line), Ok(Report::Well));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert_eq!(driver.apply(&mut line, &false), reads(false, Grade::Sent));
    let so_far = ["a=loa", "v=100", "v=60"].map(str::to_owned);
    assert_eq!(*told.lock().expect("no panic"), so_far);
    // It was cut off: asked in again, and told again what it may have forgotten.
    let again =
        (0..20).find_map(|_| driver.apply(&mut line, &false).ok().filter(|_| told.lock().expect("no panic").len() > 3));
    assert_eq!(again, Some(Report::Switch { on: false, grade: Grade::Sent }));
    assert_eq!(told.lock().expect("no panic")[3..], ["a=loa", "v=60"].map(str::to_owned));
}

#[test]
fn a_barix_receiver_that_says_no_has_refused() {
    let (address, _told) = barix(9);
    let mut line = Line::new(LineConfig::tcp(address));
    let said = BarixVolume::new(100, 60, None).apply(&mut line, &true);
    assert!(matches!(&said, Err(Fault::Refused(why)) if why.contains("ERROR")), "{said:?}");
}
