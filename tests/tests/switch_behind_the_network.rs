//! Switches on the network: a port of a network switch by SNMP against snmpsim, which others wrote; a relay behind a web
//! page and the volume of a Barix receiver against strict far ends of our own.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::switch::{BarixVolume, HttpRelayConfig, PortKind, SnmpAccess, SwitchConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::device::Mood;
use site_tests::device::barix::Barix;
use site_tests::device::web_relay::{AUTHORIZATION, WebRelay};
use site_tests::peer::Peer;
use site_tests::scratch::Scratch;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

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

#[test]
fn a_relay_behind_a_web_page_is_switched_and_read_back() {
    let relay = WebRelay::start("127.0.0.1:0").expect("a relay");
    let url = |path: &str| format!("http://{}{path}", relay.address());
    let config = HttpRelayConfig {
        on_url: url("/relay/0?turn=on"),
        off_url: url("/relay/0?turn=off"),
        body: None,
        read: Some((url("/relay/0"), "\"ison\":true".into())),
        authorization: Some(AUTHORIZATION.into()),
    };
    let mut driver = SwitchConfig::HttpRelay(config.clone()).driver();
    let mut line = apart();
    assert_eq!(driver.probe(&mut line), reads(false, Grade::Electrical));
    for on in [true, true, false] {
        assert_eq!(driver.apply(&mut line, &on), reads(on, Grade::Electrical));
        assert_eq!(relay.is_on(), on);
    }
    // A hand at the page is noticed and undone.
    relay.set(true);
    assert_eq!(driver.apply(&mut line, &false), reads(false, Grade::Electrical));
    let stranger = HttpRelayConfig { authorization: None, ..config.clone() };
    let said = SwitchConfig::HttpRelay(stranger).driver().apply(&mut line, &true);
    assert!(matches!(&said, Err(Fault::Refused(why)) if why.contains("401") && !why.contains("relay/0")), "{said:?}");
    // One that cannot be read is believed what it says, and no more.
    let blind = HttpRelayConfig { read: None, ..config };
    let mut driver = SwitchConfig::HttpRelay(blind).driver();
    assert_eq!(driver.probe(&mut line), Ok(Report::Well));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert!(relay.is_on());
}

#[test]
fn the_volume_of_a_barix_receiver_is_full_while_it_is_on_and_told_anew_after_a_break() {
    let receiver = Barix::start("127.0.0.1:0", "loa").expect("a receiver");
    let mut line = Line::new(LineConfig::tcp(receiver.address().to_string()));
    let mut driver = BarixVolume::new(100, 60, Some("loa".into()));
    assert_eq!(driver.probe(&mut line), Ok(Report::Well));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert_eq!(driver.apply(&mut line, &true), reads(true, Grade::Sent));
    assert_eq!(driver.apply(&mut line, &false), reads(false, Grade::Sent));
    let so_far = ["a=loa", "v=100", "v=60"].map(str::to_owned);
    assert_eq!((receiver.told(), receiver.volume()), (so_far.to_vec(), 60));
    // It is cut off: asked in again, and told again what it may have forgotten.
    receiver.set_mood(Mood::Absent);
    let lost = (0..600).any(|_| driver.apply(&mut line, &false).is_err());
    assert!(lost, "a receiver that is gone is a lost line");
    receiver.forget();
    receiver.set_mood(Mood::Well);
    let until = Instant::now() + Duration::from_secs(20);
    while driver.apply(&mut line, &false) != reads(false, Grade::Sent) || receiver.volume() != 60 {
        assert!(Instant::now() < until, "never told again: {:?}", receiver.told());
    }
    assert_eq!(receiver.told()[3..], ["a=loa", "v=60"].map(str::to_owned));
}

#[test]
fn a_barix_receiver_that_says_no_has_refused() {
    let receiver = Barix::start("127.0.0.1:0", "loa").expect("a receiver");
    let mut line = Line::new(LineConfig::tcp(receiver.address().to_string()));
    let said = BarixVolume::new(100, 60, None).apply(&mut line, &true);
    assert!(matches!(&said, Err(Fault::Refused(why)) if why.contains("ERROR")), "{said:?}");
}
