//! The authority and what it signs, as openssl believes them.

use super::*;
use crate::testing::Folder;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// 2026-11-22.
const NOW: i64 = 1_795_300_000;

fn the(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What `openssl verify` says of the desk's certificate at a time, for a name or an address.
fn verified(dir: &Path, at: i64, kind: &str, name: &str) -> bool {
    let mut command = Command::new("openssl");
    command.arg("verify").arg("-CAfile").arg(dir.join("ca.pem")).args(["-x509_strict", "-purpose", "sslserver"]);
    command.args(["-attime", &at.to_string(), kind, name]).arg(dir.join("desk.pem"));
    command.output().expect("openssl runs").status.success()
}

#[test]
fn openssl_believes_it_for_its_names_and_no_others() {
    let folder = Folder::new();
    let dir = folder.path();
    let authority = Authority::of(dir);
    authority.identity(&the(&["tram-xa.local", "192.168.1.20", "localhost", "127.0.0.1", "::1"]), NOW).expect("made");
    for (kind, name) in [
        ("-verify_hostname", "tram-xa.local"),
        ("-verify_hostname", "localhost"),
        ("-verify_ip", "192.168.1.20"),
        ("-verify_ip", "127.0.0.1"),
        ("-verify_ip", "::1"),
    ] {
        assert!(verified(dir, NOW, kind, name), "{name}");
        assert!(verified(dir, NOW + CERTIFICATE - DAY, kind, name), "{name} at its end");
        assert!(verified(dir, NOW - BACK + DAY, kind, name), "{name} on a telephone whose clock is behind");
        assert!(!verified(dir, NOW + CERTIFICATE + DAY, kind, name), "{name} after its end");
    }
    assert!(!verified(dir, NOW, "-verify_hostname", "bank.local"));
    for secret in ["ca.key", "desk.key"] {
        let mode = fs::metadata(dir.join(secret)).expect("a key").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{secret}");
    }
}

#[test]
fn the_authority_signs_for_nothing_beyond_the_local_network() {
    for outside in ["bank.vn", "8.8.8.8", "2001:db8::1"] {
        let folder = Folder::new();
        Authority::of(folder.path()).identity(&the(&[outside]), NOW).expect("made");
        let kind = if outside.contains("bank") { "-verify_hostname" } else { "-verify_ip" };
        assert!(!verified(folder.path(), NOW, kind, outside), "{outside}");
    }
}

#[test]
fn a_certificate_is_kept_until_names_or_dates_ask_for_another_and_the_authority_longer() {
    let folder = Folder::new();
    let authority = Authority::of(folder.path());
    let (before, after) = (the(&["tram-xa.local", "192.168.1.20"]), the(&["tram-xa.local", "192.168.1.77"]));
    let first = authority.identity(&before, NOW).expect("made");
    let ca = authority.certificate().expect("read");
    assert_eq!(authority.identity(&before, NOW + 100 * DAY).expect("kept"), first);
    assert_eq!(authority.renewed(&before, NOW + CERTIFICATE - AHEAD - DAY).expect("kept"), None);
    let second = authority.renewed(&after, NOW + DAY).expect("made").expect("other addresses");
    assert!(verified(folder.path(), NOW + DAY, "-verify_ip", "192.168.1.77"));
    let third = authority.renewed(&after, NOW + CERTIFICATE).expect("made").expect("its end is near");
    assert!(first != second && second != third);
    // A clock that was years ahead made it; when it comes to its senses another is made, and the authority still stands.
    authority.renewed(&after, NOW + 3000 * DAY).expect("made").expect("the clock leapt");
    assert!(authority.renewed(&after, NOW).expect("made").is_some());
    assert!(verified(folder.path(), NOW, "-verify_ip", "192.168.1.77"));
    assert_eq!(authority.certificate().expect("read"), ca, "nobody has to trust anew");
    // And a box that believes itself in 1970 makes one that is good once it knows better.
    let folder = Folder::new();
    Authority::of(folder.path()).identity(&before, 0).expect("made");
    assert!(verified(folder.path(), NOW, "-verify_ip", "192.168.1.20"));
    // Near the authority's own end there is another.
    authority.identity(&after, NOW + AUTHORITY - DAY).expect("made");
    assert_ne!(authority.certificate().expect("read"), ca);
}

#[test]
fn names_are_those_the_desk_is_reached_by() {
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    let found = ["127.0.0.1", "192.168.1.20", "10.8.0.3", "203.0.113.9", "fe80::1", "fd00::5", "2001:db8::9"].map(ip);
    let near = ["localhost", "127.0.0.1", "::1"];
    let all = names("Tram-Xa", ip("0.0.0.0"), &found);
    assert_eq!(all, the(&["tram-xa.local", "10.8.0.3", "192.168.1.20", "fd00::5", near[0], near[1], near[2]]));
    assert_eq!(
        names("tram", ip("192.168.1.20"), &found),
        the(&["tram.local", "192.168.1.20", near[0], near[1], near[2]])
    );
    assert_eq!(names("không tên", ip("127.0.0.1"), &found), the(&near));
    let many: Vec<IpAddr> = (0..200).map(|n| ip(&format!("10.0.0.{n}"))).collect();
    assert_eq!(names("tram", ip("0.0.0.0"), &many).len(), NAMES);
}
