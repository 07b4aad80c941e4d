//! Loudspeakers that answer their calls at different times begin with the same sample at the same moment: by the packets
//! that reach them, and by what two baresips play.

use drivers::sound::rtp::{Dial, RtpConfig, Wrapper};
use gateway_core::device::Report;
use gateway_core::id::SinkId;
use gateway_core::want::{Loudness, Source};
use site_tests::baresip::Baresip;
use site_tests::rtp::{Horns, free_port, horns, make_clip, samples};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How much later one of the two answers its call.
const LATER: Duration = Duration::from_millis(700);
/// A packet is so long.
const PACKET: Duration = Duration::from_millis(20);

fn sink(name: &str, port: u16, clips: &Path) -> Horns {
    let mut config: RtpConfig = horns("PCMU", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.sink = SinkId::from(name);
    config.wrapper = Wrapper::Sip(Box::new(Dial::new("loa")));
    config.hang_ms = 300;
    Horns::start(config, clips, BTreeMap::new()).expect("a sink")
}

/// When a packet came, and what it carried.
type Came = (Instant, Vec<u8>);

/// A loudspeaker that answers so late; where it takes calls, and what it hears.
fn speaker(later: Duration) -> (u16, Receiver<Came>) {
    let media = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let media_port = media.local_addr().expect("its port").port();
    let (say, heard) = sync_channel(1024);
    thread::spawn(move || listen(&media, &say));
    let calls = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = calls.local_addr().expect("its port").port();
    thread::spawn(move || answer(&calls, media_port, later));
    (port, heard)
}

fn listen(media: &UdpSocket, say: &SyncSender<Came>) {
    let mut buffer = [0; 2048];
    while let Ok(n) = media.recv(&mut buffer) {
        let payload = buffer.get(12..n).unwrap_or_default().to_vec();
        if say.send((Instant::now(), payload)).is_err() {
            return;
        }
    }
}

fn answer(calls: &UdpSocket, media: u16, later: Duration) {
    let (mut buffer, mut answered): ([u8; 4096], Option<(String, Instant)>) = ([0; 4096], None);
    while let Ok((n, from)) = calls.recv_from(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
        let own = |name: &str| text.lines().find(|l| l.starts_with(name)).unwrap_or_default().to_owned();
        let head = |more: &str, body: &str| {
            let [via, to, length] = [own("Via:"), own("To:"), body.len().to_string()];
            let rest = ["From:", "Call-ID:", "CSeq:"].map(own).join("\r\n");
            format!("{via}\r\n{to};tag=9\r\n{rest}\r\n{more}Content-Length: {length}\r\n\r\n{body}")
        };
        let answer = match text.split(' ').next() {
            Some("INVITE") => {
                let body = format!(
                    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                     m=audio {media} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=recvonly\r\n"
                );
                let id = own("Call-ID:");
                // A question that is repeated has the same answer, at the same moment.
                let at =
                    answered.as_ref().filter(|(known, _)| *known == id).map_or(Instant::now() + later, |(_, at)| *at);
                answered = Some((id, at));
                let more = format!("Contact: <sip:loa@{}>\r\nContent-Type: application/sdp\r\n", address(calls));
                let ok = format!("SIP/2.0 200 OK\r\n{}", head(&more, &body));
                let calls = calls.try_clone().expect("its socket");
                thread::spawn(move || {
                    thread::sleep(at.saturating_duration_since(Instant::now()));
                    calls.send_to(ok.as_bytes(), from).ok();
                });
                continue;
            }
            Some("ACK") => continue,
            _ => format!("SIP/2.0 200 OK\r\n{}", head("", "")),
        };
        calls.send_to(answer.as_bytes(), from).ok();
    }
}

fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("an address")
}

#[test]
fn the_same_packet_goes_to_both_at_the_same_moment_however_late_one_of_them_answers() {
    let nowhere = Path::new("/nowhere");
    let (quick, slow) = (speaker(Duration::ZERO), speaker(LATER));
    let sinks = [sink("quick", quick.0, nowhere), sink("slow", slow.0, nowhere)];
    for sink in &sinks {
        sink.wait(|r| *r == Report::Well).expect("it is there");
    }
    for sink in &sinks {
        sink.play(1, Source::Tone { level: 4, drill: false }, Loudness::Programme);
    }
    let take = |heard: &Receiver<Came>| -> Vec<Came> {
        let next = || heard.recv_timeout(Duration::from_secs(30)).expect("a packet");
        (0..50).map(|_| next()).collect()
    };
    let (one, other) = (take(&quick.1), take(&slow.1));
    // A loaded machine may wake a thread late: then a packet is left out, and what follows is where it was.
    let between = |a: &Came, b: &Came| a.0.max(b.0).saturating_duration_since(a.0.min(b.0));
    let nearest = |a: &Came| other.iter().filter(|b| a.1 == b.1).map(|b| between(a, b)).min();
    let mut apart: Vec<Duration> = one.iter().filter_map(nearest).collect();
    assert!(apart.len() >= 40, "packet for packet the same sound, {} of 50", apart.len());
    apart.sort_unstable();
    let (median, worst) = (apart[apart.len() / 2], apart[apart.len() - 1]);
    println!("packets came apart: median {median:?}, worst {worst:?}; the answers {LATER:?}");
    assert!(median < PACKET, "{apart:?}");
}

/// A way for calls to a loudspeaker, whose answers to an INVITE come so late.
fn slow_way(to: u16, later: Duration) -> u16 {
    let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let far = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    far.connect((Ipv4Addr::LOCALHOST, to)).expect("a way");
    let port = near.local_addr().expect("its port").port();
    let (say, caller) = sync_channel(1024);
    let (back, ahead) = (near.try_clone().expect("a socket"), far.try_clone().expect("a socket"));
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((n, from)) = near.recv_from(&mut buffer) {
            if say.send(from).is_err() || ahead.send(&buffer[..n]).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        let (mut buffer, mut from) = ([0; 4096], None);
        while let Ok(n) = far.recv(&mut buffer) {
            from = caller.try_iter().last().or(from);
            let answer = buffer[..n].to_vec();
            let late = String::from_utf8_lossy(&answer).contains(" INVITE\r\n");
            let (back, to) = (back.try_clone().expect("a socket"), from);
            thread::spawn(move || {
                thread::sleep(if late { later } else { Duration::ZERO });
                to.map(|to| back.send_to(&answer, to))
            });
        }
    });
    port
}

#[test]
fn two_baresips_play_the_clip_together_though_one_answers_late() {
    let ports = [free_port(), free_port()];
    let peers = ports.map(|port| Baresip::start(port, "PCMU/8000/1", "auto"));
    let clips = Scratch::new("together").expect("a directory");
    make_clip(8_000, 3, &clips.join("a.wav")).expect("a clip");
    let sinks = [sink("near", ports[0], clips.path()), sink("far", slow_way(ports[1], LATER), clips.path())];
    for sink in &sinks {
        sink.wait(|r| *r == Report::Well).expect("it is there");
    }
    for sink in &sinks {
        sink.clip(1, "a.wav");
    }
    for sink in &sinks {
        let ended = sink.wait(|r| matches!(r, Report::Ended { .. })).expect("it ends");
        assert!(matches!(ended, Report::Ended { broken: None, .. }), "{ended:?}");
    }
    for peer in &peers {
        peer.wait("session closed");
    }
    ffmpeg(&["-i", &clips.join("a.wav").display().to_string(), "-ar", "48000"], &clips.join("b.wav")).expect("ffmpeg");
    // Its middle: what is at the ends, a jitter buffer that fills and empties may cut.
    let clip = samples(&clips.join("b.wav")).expect("the clip");
    let part = &clip[clip.len() / 4..clip.len() / 2];
    let found = peers.each_ref().map(|peer| peer.tape().find(0, part, 0, u64::MAX).expect("it was played"));
    let apart = Duration::from_nanos(found[0].at_ns.abs_diff(found[1].at_ns));
    println!("two baresips were {apart:?} apart; their answers {LATER:?}; likeness {:.2?}", found.map(|f| f.likeness));
    assert!(found.iter().all(|f| f.likeness > 0.8), "{found:?}");
    // Each has a jitter buffer of its own, of some packets.
    assert!(apart < 5 * PACKET, "{apart:?}");
}
