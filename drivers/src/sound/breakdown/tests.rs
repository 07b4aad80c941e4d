//! Each thread of a sound line breaks down once: it is said, counted, and the sink goes on.

use crate::sound::control::{Change, Outlet};
use crate::sound::listen::{Left, Listener};
use crate::sound::mixer::Mixer;
use crate::sound::rtp::{Interface, Network, RtpConfig};
use crate::sound::{Audience, LineState, OnLine, Processing, RecorderConfig, Reports, SoundLine, Sources, recorder};
use gateway_core::device::{Fault, Report};
use gateway_core::id::{PlayId, SinkId};
use gateway_core::want::{Join, Loudness, Play, SinkWant, Source};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A place for what is reported, and where it comes out.
fn reports() -> (Reports, mpsc::Receiver<Report>) {
    let (tell, told) = mpsc::sync_channel(1024);
    (Arc::new(move |_, report| drop(tell.try_send(report))), told)
}

fn wait(told: &mpsc::Receiver<Report>, what: &str, wanted: impl Fn(&Report) -> bool) {
    let mut said = Vec::new();
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(report) if wanted(&report) => return,
            Ok(report) => said.push(report),
            Err(_) => panic!("never {what}, but {said:?}"),
        }
    }
}

fn is_breakdown(report: &Report) -> bool {
    matches!(report, Report::Fault(Fault::Line(why)) if why.contains("broke down"))
}

fn sources() -> Arc<Sources> {
    Arc::new(Sources::new(Arc::new(|_| None), BTreeMap::new()))
}

fn tone(line: &SoundLine, sink: &SinkId) {
    let source = Source::Tone { level: 4, drill: false };
    let play = Play { id: PlayId(1), source, from_ms: 0, loudness: Loudness::Emergency, join: Join::Cut };
    assert!(line.apply(sink, &SinkWant { play: Some(play), volume: 100, ..SinkWant::default() }));
}

fn nobody() -> Audience {
    Arc::new(|_| Vec::new())
}

/// The next packet of the stream.
fn packet(ear: &UdpSocket) {
    assert!(ear.recv(&mut [0; 2048]).is_ok_and(|n| n > 12), "the stream goes on");
}

#[test]
fn a_network_sink_whose_sending_thread_breaks_down_sends_again() {
    let ear = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    ear.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let std::net::SocketAddr::V4(to) = ear.local_addr().expect("an address") else { panic!("IPv4") };
    let sink = SinkId::from("horn");
    let mut config = RtpConfig::new(sink.clone(), to, "PCMU".parse().expect("a codec"));
    config.interface = Some(Interface::Address(Ipv4Addr::LOCALHOST));
    let (takes, told) = reports();
    let (lend, lent) = mpsc::sync_channel(1);
    let make = move |doors, mixer| {
        let network = Network::new(config, doors, mixer);
        lend.send(network.breaks.clone()).expect("the test waits");
        network
    };
    let on = OnLine::alone(sink.clone(), Processing::default(), &nobody());
    let line = SoundLine::launch("test".into(), vec![on], sources(), takes, make).expect("a line");
    let breaks = lent.recv_timeout(PATIENCE).expect("the way to break it");
    tone(&line, &sink);
    wait(&told, "sounding", |r| matches!(r, Report::Sounding { .. }));
    packet(&ear);
    breaks.store(true, Ordering::Release);
    wait(&told, "broken down", is_breakdown);
    wait(&told, "well", |r| *r == Report::Well);
    wait(&told, "sounding again", |r| matches!(r, Report::Sounding { .. }));
    // What was sent before lies in the socket still: a burst longer than that, and the stream lives.
    (0..100).for_each(|_| packet(&ear));
    assert_eq!(line.state().breakdowns, 1);
    assert!(!breaks.load(Ordering::Acquire));
}

/// A recorder whose thread breaks down when it is told to, each time it is looked after.
struct Clumsy {
    inner: recorder::Recorder,
    breaks: Arc<AtomicBool>,
}

impl Outlet for Clumsy {
    fn tend(&mut self, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        assert!(!self.breaks.swap(false, Ordering::AcqRel), "it was told to break down");
        self.inner.tend(now, state)
    }

    fn close(&mut self) {
        self.inner.close();
    }

    fn give_up(&mut self, now: Instant) {
        self.inner.give_up(now);
    }
}

/// Breaks down at the first sound, and says when it hears more.
struct Faint(bool, mpsc::SyncSender<()>);

impl Listener for Faint {
    fn hear(&mut self, _: &Left<'_>) {
        assert!(std::mem::replace(&mut self.0, true), "it was told to break down");
        self.1.try_send(()).ok();
    }
}

/// A sink that writes files into an empty folder, which is gone with the second.
fn files(label: &str) -> (RecorderConfig, std::path::PathBuf) {
    let dir = std::env::temp_dir().join(format!("breakdown-{label}-{}", std::process::id()));
    let sink = SinkId::from("record");
    (RecorderConfig { sink, dir: dir.clone(), limit_bytes: 1 << 20, processing: Processing::default() }, dir)
}

#[test]
fn a_line_whose_own_thread_breaks_down_is_well_again() {
    let (config, dir) = files("line");
    let (sink, breaks) = (config.sink.clone(), Arc::<AtomicBool>::default());
    let (takes, told) = reports();
    let shared = breaks.clone();
    let make = move |_, mixer: Mixer| Clumsy { inner: recorder::Recorder::new(config, mixer), breaks: shared };
    let on = OnLine::alone(sink.clone(), Processing::default(), &nobody());
    let line = SoundLine::launch("test".into(), vec![on], sources(), takes, make).expect("a line");
    wait(&told, "well", |r| *r == Report::Well);
    breaks.store(true, Ordering::Release);
    tone(&line, &sink);
    wait(&told, "broken down", is_breakdown);
    wait(&told, "well again", |r| *r == Report::Well);
    wait(&told, "sounding", |r| matches!(r, Report::Sounding { .. }));
    assert_eq!(line.state().breakdowns, 1);
    drop(line);
    std::fs::remove_dir_all(dir).expect("it was there");
}

#[test]
fn one_who_listens_and_breaks_down_hears_what_follows() {
    let (config, dir) = files("ear");
    let sink = config.sink.clone();
    let (takes, _told) = reports();
    let (heard, hears) = mpsc::sync_channel(1);
    let audience: Audience = Arc::new(move |_| vec![Box::new(Faint(false, heard.clone()))]);
    let on = OnLine::alone(sink.clone(), Processing::default(), &audience);
    let make = move |_, mixer: Mixer| recorder::Recorder::new(config, mixer);
    let line = SoundLine::launch("test".into(), vec![on], sources(), takes, make).expect("a line");
    tone(&line, &sink);
    hears.recv_timeout(PATIENCE).expect("it hears the rest");
    drop(line);
    std::fs::remove_dir_all(dir).expect("it was there");
}
