//! The benches of what sounds: sinks, and the zone tones that go with their sound.

use super::{alone, apart};
use crate::baresip::Baresip;
use crate::device::Mood;
use crate::model_bench::{Bench, Kind, Row, Step, Subject};
use crate::rtp::{Horns, free_port, horns};
use crate::scratch::Scratch;
use crate::tones;
use drivers::line::Line;
use drivers::sound::rtp::{Dial, RtpConfig, Wrapper};
use drivers::sound::{Processing, RecorderConfig, SoundConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::id::SinkId;
use gateway_core::want::{Digits, Loudness, Source};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

mod card;

const ONE_WAY: &[(Step, &str)] = &[
    (Step::Deaf, "who listens to the network answers nothing even when it is well"),
    (Step::Late, "who listens to the network answers nothing that could come late"),
    (Step::Unplug, "nobody says that datagrams arrive nowhere; what watches such a horn is a sensor"),
    (Step::Beside, "each address has a sender of its own"),
];

pub(super) const ROWS: &[Row] = &[
    Row::new(
        Kind::Sink,
        "soundcard",
        card::card,
        &[
            (Step::Deaf, "a card that hangs is found by itself, not by being told: tests/tests/sound_trouble.rs"),
            (Step::Late, "a card answers nothing that could come late"),
            (Step::Beside, "the sinks of a card come and go with it"),
        ],
    ),
    Row::new(
        Kind::Sink,
        "recorder",
        recorder,
        &[
            (Step::Deaf, "a disk takes what is written or says that it does not"),
            (Step::Late, "a disk answers each call before it returns"),
            (Step::Unplug, "an open file outlives the folder it lay in"),
            (Step::Beside, "each recorder has a folder of its own"),
        ],
    ),
    Row::new(Kind::Sink, "rtp", rtp, ONE_WAY),
    Row::new(Kind::Sink, "rtp", polycom, ONE_WAY).by("polycom"),
    Row::new(
        Kind::Sink,
        "sip",
        sip,
        &[
            (Step::Deaf, "a loudspeaker that answers no call any more is one that is away: unplugged"),
            (Step::Late, "each answer to a call bears the number of its question"),
            (Step::Beside, "each loudspeaker is called at an address of its own"),
        ],
    ),
    Row::new(
        Kind::Tones,
        "zone_tones",
        zone_tones,
        &[
            (Step::Deaf, "receivers that listen for tones answer nothing even when they are well"),
            (Step::Late, "receivers that listen for tones answer nothing that could come late"),
            (Step::Unplug, "nobody says that a receiver hears nothing"),
            (Step::Beside, "every receiver of a transmitter hears the same sound"),
        ],
    ),
];

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long is listened at a time.
const LISTEN: Duration = Duration::from_millis(400);
/// What is louder than this sounds, of 16 bits.
const LOUD: u16 = 1_000;
/// What sounds.
const TONE: Source = Source::Tone { level: 4, drill: false };

/// Whether it sounds, once it has done so, or not, for two looks in a row: what was told takes a moment to be heard.
fn settled(look: impl Fn() -> bool) -> bool {
    let mut last = look();
    for _ in 0..20 {
        let now = look();
        if now == last {
            break;
        }
        last = now;
    }
    last
}

fn is_loud(samples: impl IntoIterator<Item = i16>) -> bool {
    samples.into_iter().any(|sample| sample.unsigned_abs() > LOUD)
}

/// A sink that is told to sound or to be silent, and says whether it does.
struct Sink {
    horns: Horns,
    plays: u64,
    told: Option<bool>,
    sounding: bool,
    fault: Option<Fault>,
}

impl Sink {
    fn boxed(horns: Horns) -> Box<dyn Subject> {
        Box::new(Self { horns, plays: 0, told: None, sounding: false, fault: None })
    }

    /// Takes a report.
    fn take(&mut self, report: Report) {
        if let Report::Fault(fault) = report {
            (self.sounding, self.fault) = (false, Some(fault));
        } else if report == Report::Well && self.fault.take().is_some() {
            // It is told again, as another play, so that what it says next is said of that.
            self.told = None;
        } else if matches!(report, Report::Sounding { play } if play.0 == self.plays) {
            self.sounding = true;
        }
    }
}

impl Subject for Sink {
    fn tell(&mut self, _: &mut Line, on: bool) -> Result<bool, Fault> {
        while let Some(report) = self.horns.hear(Duration::ZERO) {
            self.take(report);
        }
        if self.told != Some(on) {
            (self.told, self.sounding) = (Some(on), false);
            if on {
                self.plays += 1;
                self.horns.play(self.plays, TONE, Loudness::Emergency);
            } else {
                self.horns.hush();
            }
        }
        let until = Instant::now() + PATIENCE;
        while on && !self.sounding && self.fault.is_none() && Instant::now() < until {
            if let Some(report) = self.horns.hear(LISTEN) {
                self.take(report);
            }
        }
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(on && self.sounding),
        }
    }
}

/// Who listens at a port of this machine.
struct Ear(UdpSocket);

impl Ear {
    fn open() -> (Rc<Self>, u16) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, free_port())).expect("a port");
        let port = socket.local_addr().expect("its address").port();
        (Rc::new(Self(socket)), port)
    }

    /// The datagrams that have come.
    fn waiting(&self) -> Vec<Vec<u8>> {
        let (mut room, mut found) = ([0; 2048], Vec::new());
        self.0.set_nonblocking(true).expect("set");
        while let Ok(count) = self.0.recv(&mut room) {
            found.push(room[..count].to_vec());
        }
        self.0.set_nonblocking(false).expect("set");
        found
    }

    /// The datagrams of the next while, and none that were there before.
    fn datagrams(&self) -> Vec<Vec<u8>> {
        drop(self.waiting());
        let mut room = [0; 2048];
        let (until, mut found) = (Instant::now() + LISTEN, Vec::new());
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return found;
            }
            self.0.set_read_timeout(Some(left)).expect("set");
            if let Ok(count) = self.0.recv(&mut room) {
                found.push(room[..count].to_vec());
            }
        }
    }
}

/// The samples of an RTP packet of L16.
fn l16(packet: &[u8]) -> Vec<i16> {
    let payload = packet.get(12..).unwrap_or_default();
    payload.chunks_exact(2).map(|b| i16::from_be_bytes([b[0], b[1]])).collect()
}

/// A network sink that lets go of its address soon, without clips.
fn network(config: RtpConfig) -> Horns {
    let horns = Horns::start(config, Path::new("/nowhere"), BTreeMap::new()).expect("a sink");
    horns.wait(|report| *report == Report::Well).expect("there is a way");
    horns
}

fn rtp(_: &Scratch) -> Bench {
    let (ear, port) = Ear::open();
    let config = horns("L16/44100/1", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    let far = |ear: &Ear| settled(|| is_loud(ear.datagrams().iter().flat_map(|packet| l16(packet))));
    alone(apart("horns"), Sink::boxed(network(config)), &ear, far, |_, _| {})
}

fn polycom(_: &Scratch) -> Bench {
    let (ear, port) = Ear::open();
    let mut config = horns("PCMU", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.wrapper = Wrapper::Polycom { channel: 26, emergency_channel: 50, host: 7, caller: "UBND xa".into() };
    config.hang_ms = 100;
    // A page that carries sound: 10h, on the channel of emergencies, and not the silence of µ-law alone.
    let sounds = |packet: &[u8]| {
        matches!(packet, [0x10, 50, ..])
            && packet.iter().skip(26).any(|byte| !matches!(byte, 0x7F | 0xFF | 0x7E | 0xFE))
    };
    let far = move |ear: &Ear| settled(|| ear.datagrams().iter().any(|packet| sounds(packet)));
    alone(apart("telephones"), Sink::boxed(network(config)), &ear, far, |_, _| {})
}

/// A loudspeaker that is called, while it is there.
struct Called {
    port: u16,
    peer: RefCell<Option<Baresip>>,
}

impl Called {
    fn start(port: u16) -> Baresip {
        Baresip::start(port, "PCMU/8000/1", "auto")
    }

    fn feel(&self, mood: Mood) {
        let mut peer = self.peer.borrow_mut();
        // The old one must be gone before another takes its port.
        drop(peer.take());
        if mood == Mood::Well {
            *peer = Some(Self::start(self.port));
        }
    }

    /// What it has played since the last look.
    fn sounds(&self) -> bool {
        let peer = self.peer.borrow();
        let Some(peer) = peer.as_ref() else { return false };
        let before = peer.heard().len();
        std::thread::sleep(LISTEN);
        is_loud(peer.heard().into_iter().skip(before))
    }
}

fn sip(_: &Scratch) -> Bench {
    let port = free_port();
    let called = Rc::new(Called { port, peer: RefCell::new(Some(Called::start(port))) });
    let mut config = horns("PCMU", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.wrapper = Wrapper::Sip(Box::new(Dial::new("loa")));
    config.hang_ms = 300;
    let far = |called: &Called| settled(|| called.sounds());
    alone(apart("loudspeaker"), Sink::boxed(network(config)), &called, far, Called::feel)
}

fn recorder(scratch: &Scratch) -> Bench {
    let (sink, dir) = (SinkId::from("recorder"), scratch.join("recorded"));
    let config = RecorderConfig {
        sink: sink.clone(),
        dir: dir.clone(),
        limit_bytes: 1 << 30,
        processing: Processing::default(),
    };
    let horns = Horns::of(sink, SoundConfig::Recorder(config), Path::new("/nowhere"), BTreeMap::new()).expect("a sink");
    horns.wait(|report| *report == Report::Well).expect("there is room");
    // What is being written: the last tenth of a second of it, of 48 000 samples of 16 bits.
    let tail = |dir: &Path| {
        let files = std::fs::read_dir(dir).expect("its folder").flatten().map(|entry| entry.path());
        let open = files.filter(|path| path.extension().is_some_and(|e| e == "part"));
        let bytes: Vec<u8> = open.filter_map(|path| std::fs::read(path).ok()).last().unwrap_or_default();
        let last = bytes.len().saturating_sub(9_600).max(44) & !1;
        let samples: Vec<i16> =
            bytes.get(last..).unwrap_or_default().chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
        std::thread::sleep(LISTEN);
        is_loud(samples)
    };
    let dir = Rc::new(dir);
    alone(apart("recorder"), Sink::boxed(horns), &dir, move |dir| settled(|| tail(dir)), |_, _| {})
}

/// Zone 3 of a transmitter, opened and shut by digits in its sound.
struct Zone {
    horns: Horns,
    receivers: Rc<Receivers>,
    plays: u64,
}

impl Subject for Zone {
    fn tell(&mut self, _: &mut Line, on: bool) -> Result<bool, Fault> {
        self.plays += 1;
        let plays = self.plays;
        let digits = if on { "*03#" } else { "#03*" }.to_owned();
        let digits = Digits { digits, digit_ms: 100, pause_ms: 100, twist: 20 };
        self.horns.play(plays, Source::Digits(digits), Loudness::Programme);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            self.receivers.listen();
            match self.horns.hear(Duration::from_millis(10)) {
                Some(Report::Ended { play, broken: None, .. }) if play.0 == plays => return Ok(on),
                Some(Report::Ended { broken: Some(why), .. }) => return Err(Fault::Refused(why)),
                Some(Report::Fault(fault)) => return Err(fault),
                Some(_) | None => {}
            }
        }
        Err(Fault::Refused("the digits never end".to_owned()))
    }
}

/// Receivers of zone 3, which hear what an independent decoder hears.
struct Receivers {
    ear: Rc<Ear>,
    /// What came, 44 100 samples a second.
    heard: RefCell<Vec<i16>>,
}

impl Receivers {
    /// Hears what has come.
    fn listen(&self) {
        self.heard.borrow_mut().extend(self.ear.waiting().iter().flat_map(|packet| l16(packet)));
    }

    fn are_open(&self) -> bool {
        self.listen();
        let half: Vec<u8> = self.heard.borrow().iter().step_by(2).flat_map(|sample| sample.to_le_bytes()).collect();
        tones::heard(&half).ends_with("*03#")
    }
}

fn zone_tones(_: &Scratch) -> Bench {
    let (ear, port) = Ear::open();
    let mut config = horns("L16/44100/1", SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.hang_ms = 100;
    let receivers = Rc::new(Receivers { ear, heard: RefCell::default() });
    let subject = Box::new(Zone { horns: network(config), receivers: Rc::clone(&receivers), plays: 0 });
    alone(apart("transmitter"), subject, &receivers, Receivers::are_open, |_, _| {})
}
