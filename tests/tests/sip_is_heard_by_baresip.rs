//! A loudspeaker that is called by SIP: baresip, which others wrote, answers by itself and plays what it hears on a
//! sound card of user space, which writes it down.

use drivers::sound::rtp::{Dial, RtpConfig, Wrapper};
use gateway_core::device::{Fault, Report};
use site_tests::baresip::Baresip;
use site_tests::rtp::{Horns, free_port, horns, make_clip, samples};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use site_tests::vcard::signal::likeness;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

fn caller(codec: &str, port: u16) -> RtpConfig {
    let mut config = horns(codec, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.wrapper = Wrapper::Sip(Box::new(Dial::new("loa")));
    config.hang_ms = 300;
    config
}

/// The best likeness of a clip to a part of what was heard.
fn found(heard: &[i16], clip: &[i16]) -> f64 {
    let step = clip.len() / 4;
    let windows = (0..heard.len().saturating_sub(step)).step_by(step / 2);
    let part = &clip[step..3 * step];
    windows
        .map(|from| {
            let around = &heard[from..heard.len().min(from + part.len() + step)];
            if around.len() > part.len() { likeness(around, part, around.len() - part.len()).0 } else { 0.0 }
        })
        .fold(0.0, f64::max)
}

fn a_call_in(codec: &str, rate: u32, theirs: &str) {
    let port = free_port();
    let peer = Baresip::start(port, theirs, "auto");
    let clips = Scratch::new("sip").expect("a directory");
    make_clip(rate, 1, &clips.join("a.wav")).expect("a clip");
    let horns = Horns::start(caller(codec, port), clips.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("it answers the question whether it is there");
    horns.clip(1, "a.wav");
    peer.wait("Call established");
    horns.wait(|r| matches!(r, Report::Sounding { .. })).expect("it sounds");
    let ended = horns.wait(|r| matches!(r, Report::Ended { .. })).expect("it ends");
    assert!(matches!(ended, Report::Ended { broken: None, .. }), "{ended:?}");
    // Nothing follows: it is hung up on.
    peer.wait("session closed");
    // The clip as the codec can carry it.
    ffmpeg(&["-i", &clips.join("a.wav").display().to_string(), "-ar", "48000"], &clips.join("b.wav")).expect("ffmpeg");
    let clip = samples(&clips.join("b.wav")).expect("the clip");
    let alike = found(&peer.heard(), &clip);
    assert!(alike > 0.9, "{codec}: {alike:.3}");
}

#[test]
fn a_page_in_g722_is_answered_heard_and_hung_up_on() {
    a_call_in("G722", 16_000, "G722/16000/1");
}

#[test]
fn a_page_in_g711_is_answered_heard_and_hung_up_on() {
    a_call_in("PCMU", 8_000, "PCMU/8000/1");
}

#[test]
fn a_loudspeaker_that_has_no_such_codec_refuses_and_one_that_is_away_is_lost() {
    let port = free_port();
    let peer = Baresip::start(port, "PCMA/8000/1", "auto");
    let clips = Scratch::new("sip").expect("a directory");
    make_clip(16_000, 2, &clips.join("a.wav")).expect("a clip");
    let horns = Horns::start(caller("G722", port), clips.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("it is there");
    horns.clip(1, "a.wav");
    let said = horns.wait(|r| matches!(r, Report::Fault(_))).expect("it says no");
    assert!(matches!(&said, Report::Fault(Fault::Refused(why)) if why.contains("answered 488")), "{said:?}");
    drop(peer);
    let said = horns.wait(|r| matches!(r, Report::Fault(Fault::Line(_)))).expect("it is away");
    assert!(matches!(&said, Report::Fault(Fault::Line(why)) if why.contains("says nothing")), "{said:?}");
    // It comes back, and hears what is still to be heard.
    let peer = Baresip::start(port, "G722/16000/1", "auto");
    peer.wait("Call established");
    horns.wait(|r| matches!(r, Report::Ended { broken: None, .. })).expect("it is heard to its end");
}

/// One who answers every call with this, and hands on what he was asked.
fn answering(code: &'static str) -> (u16, Receiver<String>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = socket.local_addr().expect("its port").port();
    let (say, asked) = sync_channel(1024);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((n, from)) = socket.recv_from(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let own = |name: &str| text.lines().find(|l| l.starts_with(name)).unwrap_or_default().to_owned();
            let head = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(own).join("\r\n");
            let (line, more) = match text.split(' ').next() {
                Some("INVITE") if code.starts_with("401") && text.contains("Authorization:") => ("486 Busy Here", ""),
                Some("INVITE") if code.starts_with("401") => {
                    (code, "\r\nWWW-Authenticate: Digest realm=\"loa\", nonce=\"abc\", qop=\"auth\", algorithm=MD5")
                }
                Some("INVITE") => (code, ""),
                _ => ("200 OK", ""),
            };
            if !text.starts_with("ACK") {
                let answer = format!("SIP/2.0 {line}\r\n{head};tag=9{more}\r\nContent-Length: 0\r\n\r\n");
                let answer = answer.replacen(&format!("{};tag=9", own("CSeq:")), &own("CSeq:"), 1);
                socket.send_to(answer.as_bytes(), from).expect("sent");
            }
            if say.send(text).is_err() {
                return;
            }
        }
    });
    (port, asked)
}

#[test]
fn an_emergency_says_so_and_a_password_is_given_when_it_is_asked_for() {
    let (port, asked) = answering("401 Unauthorized");
    let mut config = caller("PCMA", port);
    let mut dial = Dial::new("loa");
    (dial.password, dial.account) = (Some("bi mat".into()), "tram".into());
    dial.resource_priority = Some("ets.0".into());
    config.wrapper = Wrapper::Sip(Box::new(dial));
    let horns = Horns::start(config, std::path::Path::new("/nowhere"), BTreeMap::new()).expect("a sink");
    let tone = gateway_core::want::Source::Tone { level: 4, drill: false };
    horns.play(1, tone, gateway_core::want::Loudness::Emergency);
    let mut invites = Vec::new();
    let until = Instant::now() + PATIENCE;
    while invites.len() < 2 {
        let text = asked.recv_timeout(until.saturating_duration_since(Instant::now())).expect("a call");
        assert!(!text.contains("bi mat"));
        if text.starts_with("INVITE sip:loa@") {
            invites.push(text);
        }
    }
    for wanted in
        ["Priority: emergency", "Resource-Priority: ets.0", "answer-after=0", "Answer-Mode: Auto", "a=sendonly"]
    {
        assert!(invites.iter().all(|i| i.contains(wanted)), "{wanted}: {invites:#?}");
    }
    assert!(!invites[0].contains("Authorization:") && invites[1].contains("username=\"tram\""), "{invites:#?}");
    let said = horns.wait(|r| matches!(r, Report::Fault(Fault::Refused(_)))).expect("busy");
    assert!(matches!(&said, Report::Fault(Fault::Refused(why)) if why.contains("486")), "{said:?}");
}
