//! A port of a network switch by SNMP version 3 with secrecy, against net-snmp's daemon, which others wrote.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::switch::{PortKind, SnmpAccess, SwitchConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::peer::Peer;
use site_tests::scratch::Scratch;
use std::net::{Ipv4Addr, SocketAddrV4};

fn user(name: &str, password: &str, key: &str) -> SnmpAccess {
    SnmpAccess::User { name: name.into(), password: password.into(), key: key.into() }
}

fn owner() -> SnmpAccess {
    user("loa", "mat-khau-dai", "khoa-bi-mat")
}

fn daemon(label: &str) -> (Scratch, Peer, SocketAddrV4) {
    let scratch = Scratch::new(label).expect("a directory");
    let peer = Peer::system("snmpd_port.py", &[&scratch.path().display().to_string()]);
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, peer.ready.parse().expect("its port"));
    (scratch, peer, address)
}

fn port(address: SocketAddrV4, access: SnmpAccess, kind: PortKind) -> Box<dyn Driver<bool>> {
    SwitchConfig::SnmpPort { address, access, kind }.driver()
}

fn apart() -> Line {
    Line::new(LineConfig::Apart { name: "switch".into() })
}

#[test]
fn a_port_goes_off_and_comes_back_in_secret() {
    let (_scratch, _peer, address) = daemon("snmpv3");
    let mut line = apart();
    let reads = |on| Ok(Report::Switch { on, grade: Grade::Electrical });
    for kind in [PortKind::Link { index: 3 }, PortKind::Power { group: 1, port: 3 }] {
        let mut driver = port(address, owner(), kind);
        assert_eq!(driver.probe(&mut line), reads(true), "{kind:?}");
        for on in [false, false, true, false] {
            assert_eq!(driver.apply(&mut line, &on), reads(on), "{kind:?}");
            // A session of its own sees the same.
            assert_eq!(port(address, owner(), kind).probe(&mut line), reads(on), "{kind:?}");
        }
    }
}

#[test]
fn who_may_not_is_refused_and_changes_nothing() {
    let (_scratch, _peer, address) = daemon("snmpv3-strangers");
    let (mut line, link) = (apart(), PortKind::Link { index: 3 });
    for (who, access) in [
        ("a false password", user("loa", "mat-khau-sai", "khoa-bi-mat")),
        ("nobody of that name", user("ai-do", "mat-khau-dai", "khoa-bi-mat")),
        ("one who may only look", user("khach", "khach-vao-xem", "khoa-cua-khach")),
    ] {
        let said = port(address, access, link).apply(&mut line, &false);
        assert!(matches!(said, Err(Fault::Refused(_))), "{who}: {said:?}");
    }
    // A message that cannot be read is thrown away or answered with a report; it is never obeyed.
    let said = port(address, user("loa", "mat-khau-dai", "khoa-sai-roi"), link).apply(&mut line, &false);
    assert!(said.is_err(), "{said:?}");
    let no_such = port(address, owner(), PortKind::Link { index: 9 }).apply(&mut line, &false);
    assert!(matches!(no_such, Err(Fault::Refused(_))), "{no_such:?}");
    assert_eq!(
        port(address, owner(), link).probe(&mut line),
        Ok(Report::Switch { on: true, grade: Grade::Electrical }),
        "nobody has switched it"
    );
}
