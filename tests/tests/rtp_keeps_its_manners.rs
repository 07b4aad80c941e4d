//! A network sink sends what is due where it is due and nothing else, is found, and comes back with its network.

use drivers::sound::rtp::Interface;
use gateway_core::device::{Fault, Report};
use gateway_core::id::PlayId;
use gateway_core::want::{Loudness, Source};
use site_tests::rtp::wire::{Packet, Tap};
use site_tests::rtp::{Horns, Other, free_port, horns, make_clip, raw, samples};
use site_tests::scratch::Scratch;
use site_tests::vcard::signal::likeness;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::process::Command;
use std::time::Duration;

fn tone(level: u8) -> Source {
    Source::Tone { level, drill: false }
}

fn here(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

/// So many packets, which must follow one another without a gap in number or time.
fn in_a_row(tap: &Tap, count: usize) -> Vec<Packet> {
    let packets: Vec<Packet> = (0..count).map(|_| tap.packet().expect("a packet")).collect();
    for pair in packets.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(352));
        assert_eq!((pair[1].ssrc, pair[1].payload_type, pair[1].payload.len()), (pair[0].ssrc, 11, 704));
        assert!(!pair[1].marker);
    }
    packets
}

#[test]
fn emergencies_have_their_own_address_and_pauses_are_kept_in_the_time_stamps() {
    let dir = Scratch::new("rtp-two").expect("a directory");
    let (one, two) = (free_port(), free_port());
    let (programme, emergency) = (Tap::on(one).expect("a tap"), Tap::on(two).expect("a tap"));
    let mut config = horns("L16/44100/1", here(one));
    config.emergency_address = Some(here(two));
    let horns = Horns::start(config, dir.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    assert!(programme.is_silent(Duration::from_millis(100)), "nothing is due, nothing is sent");

    horns.play(1, tone(1), Loudness::Programme);
    let first = in_a_row(&programme, 20);
    assert!(first[0].marker && first[0].payload.iter().any(|b| *b != 0));

    horns.play(2, tone(5), Loudness::Emergency);
    let alarm = in_a_row(&emergency, 20);
    assert!(alarm[0].marker && alarm[0].ssrc != first[0].ssrc);
    programme.rest(Duration::from_millis(100)).expect("packets");

    horns.hush();
    // Half a second of silence, and then nothing; none of it where programmes go.
    let hang = emergency.rest(Duration::from_millis(100)).expect("packets");
    assert!(hang.len() > 40 && hang[hang.len() - 30..].iter().all(|p| p.payload.iter().all(|b| *b == 0)));
    assert!(programme.is_silent(Duration::from_millis(1)));

    horns.play(3, tone(1), Loudness::Programme);
    let again = in_a_row(&programme, 3);
    assert!(again[0].marker && again[0].ssrc == first[0].ssrc);
    let ticks = again[0].timestamp.wrapping_sub(first[0].timestamp);
    let passed = again[0].at.duration_since(first[0].at).as_secs_f64() * 44_100.0;
    assert_eq!(ticks % 352, 0, "the grid is the same");
    assert!((f64::from(ticks) - passed).abs() < 44_100.0 / 4.0, "{ticks} ticks in {passed:.0}");
}

#[test]
fn a_stream_that_is_kept_alive_is_sent_though_nothing_plays() {
    let dir = Scratch::new("rtp-alive").expect("a directory");
    let port = free_port();
    let tap = Tap::on(port).expect("a tap");
    let mut config = horns("L16/44100/1", here(port));
    config.keep_alive = true;
    let horns = Horns::start(config, dir.path(), BTreeMap::new()).expect("a sink");
    let silence = in_a_row(&tap, 80);
    assert!(silence.iter().all(|p| p.payload.iter().all(|b| *b == 0)));
    horns.play(1, tone(3), Loudness::Programme);
    while tap.packet().expect("a packet").payload.iter().all(|b| *b == 0) {}
    assert_eq!(horns.line().state().period_frames, 352);
}

/// Runs the test of this name again in a network of its own, where it may do as it likes; `true`: this is that run.
fn alone(name: &str) -> bool {
    if std::env::var_os("RTP_ALONE").is_some() {
        ip(&["link", "set", "lo", "up"]);
        ip(&["route", "add", "224.0.0.0/4", "dev", "lo"]);
        return true;
    }
    let own = std::env::current_exe().expect("this program");
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--net"]).arg(own).args(["--exact", name, "--nocapture"]).env("RTP_ALONE", "1");
    let ended = again.status().expect("unshare (util-linux)");
    assert!(ended.success(), "in a network of its own: {ended}");
    false
}

fn ip(args: &[&str]) {
    assert!(Command::new("ip").args(args).status().expect("ip (iproute2)").success(), "ip {args:?}");
}

#[test]
fn a_network_that_goes_is_a_fault_and_the_sound_comes_back_with_it() {
    if !alone("a_network_that_goes_is_a_fault_and_the_sound_comes_back_with_it") {
        return;
    }
    let dir = Scratch::new("rtp-down").expect("a directory");
    let port = free_port();
    let tap = Tap::on(port).expect("a tap");
    let mut config = horns("L16/44100/1", here(port));
    config.interface = Some(Interface::Name("lo".into()));
    ip(&["link", "set", "lo", "down"]);
    let horns = Horns::start(config, dir.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| matches!(r, Report::Fault(Fault::Line(why)) if why.contains("sending to"))).expect("no way");
    horns.play(1, tone(3), Loudness::Programme);
    ip(&["link", "set", "lo", "up"]);
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    horns.wait(|r| *r == Report::Sounding { play: PlayId(1) }).expect("what was wanted is played after all");
    in_a_row(&tap, 5);
    // In the middle of a sound.
    ip(&["link", "set", "lo", "down"]);
    horns.wait(|r| matches!(r, Report::Fault(_))).expect("no way again");
    ip(&["link", "set", "lo", "up"]);
    horns.wait(|r| *r == Report::Well).expect("there is a way again");
    horns.wait(|r| *r == Report::Sounding { play: PlayId(1) }).expect("it goes on");
    // Unheard for seconds while nothing plays: it is noticed all the same.
    horns.hush();
    tap.rest(Duration::from_millis(200)).expect("packets");
    ip(&["link", "set", "lo", "down"]);
    horns.wait(|r| matches!(r, Report::Fault(_))).expect("it looks");
}

#[test]
fn ffmpeg_finds_the_stream_by_its_announcement() {
    if !alone("ffmpeg_finds_the_stream_by_its_announcement") {
        return;
    }
    let dir = Scratch::new("rtp-sap").expect("a directory");
    let port = free_port();
    let config = horns("L16/44100/2", SocketAddrV4::new(Ipv4Addr::new(239, 255, 79, 1), port));
    make_clip(44_100, 3, &dir.join("clip.wav")).expect("a clip");
    let out = dir.join("heard.raw");
    let own = ["-nostdin", "-loglevel", "error", "-protocol_whitelist", "file,udp,rtp,sap", "-f", "sap"];
    let to = out.display().to_string();
    let rest = ["-i", "sap://239.255.255.255", "-t", "2.2", "-f", "s16le", "-ac", "1", &to];
    let ear = Other::listening("ffmpeg", &[&own[..], &rest].concat(), 9875).expect("ffmpeg");
    let horns = Horns::start(config, dir.path(), BTreeMap::new()).expect("a sink");
    site_tests::rtp::listened(port).expect("it heard of the stream");
    horns.clip(1, "clip.wav");
    ear.finish().expect("it heard enough");
    let (heard, wanted) = (raw(&out).expect("a recording"), samples(&dir.join("clip.wav")).expect("the clip"));
    let (alike, lag) = likeness(&heard, &wanted, 12_000);
    assert!(alike >= 0.99, "{alike} at {lag}");
    // And it is taken back.
    let directory = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 9875)).expect("the directory");
    directory.join_multicast_v4(&Ipv4Addr::new(239, 255, 255, 255), &Ipv4Addr::LOCALHOST).expect("joined");
    directory.set_read_timeout(Some(Duration::from_secs(30))).expect("patience");
    drop(horns);
    let mut room = [0; 2048];
    let n = directory.recv(&mut room).expect("a word");
    assert_eq!(room[0] & 0x1C, 0x04, "a deletion");
    assert!(String::from_utf8_lossy(&room[8..n]).contains("m=audio"));
}
