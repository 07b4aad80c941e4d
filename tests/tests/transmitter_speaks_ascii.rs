//! An encoder that takes Pira's ASCII puts on the air what was wanted, as libv4l2rds hears it; and says when it does not.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::transmitter::cluster_code::Network;
use drivers::transmitter::cluster_profile::ClusterProfile;
use drivers::transmitter::rds::Programme;
use drivers::transmitter::rds::clock::WallClock;
use drivers::transmitter::rds::group::blocks_in;
use drivers::transmitter::rds::receive::Received;
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{Groups, PiraConfig};
use gateway_core::device::{Fault, Report};
use gateway_core::input::Tuned;
use gateway_core::want::{Alarm, CoderWant, Grade};
use serde_json::{Value, json};
use site_tests::device::pira::Pira;
use site_tests::device::{Mood, Timeline};
use site_tests::peer::Peer;
use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

const NETWORK: Network = Network { aid: 0xCAFE, number: 459 };
const WITHIN: Duration = Duration::from_secs(30);

struct Bench {
    encoder: Pira,
    coder: drivers::transmitter::Pira,
    line: Line,
    timeline: Timeline,
}

fn bench(code: &str, turn: impl FnOnce(&mut PiraConfig)) -> Bench {
    let code = ZoneCode { profile: ClusterProfile::built_in(code).expect("built in"), network: NETWORK };
    let timeline = Timeline::default();
    let encoder = Pira::start("127.0.0.1:0", "rds", code.clone(), timeline.clone()).expect("encoder");
    let programme = Programme { pi: Some(0x7A01), ps: Some(*b"XA ANLAC"), pty: 1, ..Programme::default() };
    let mut config = PiraConfig { two_way: true, read_back: false, groups: Groups::Once, programme, code };
    turn(&mut config);
    let line = Line::new(LineConfig::tcp(encoder.address().to_string()));
    Bench { coder: drivers::transmitter::Pira::new(config), encoder, line, timeline }
}

fn until(timeline: &Timeline, zones: &[u16]) {
    let reached = timeline.wait_for(WITHIN, |e| e.iter().any(|e| e.event == "zones" && e.value == json!(zones)));
    assert!(reached, "{zones:?}: {:?}", timeline.values("rds", "zones"));
}

/// What libv4l2rds makes of groups.
fn heard(receiver: &mut Peer, groups: &[[u16; 4]]) -> Value {
    assert_eq!(receiver.ask("new"), "done");
    for [a, b, c, d] in groups {
        receiver.tell(&format!("{a:04X} {b:04X} {c:04X} {d:04X}"));
    }
    serde_json::from_str(&receiver.ask("state")).expect("JSON")
}

#[test]
fn libv4l2rds_hears_the_emergency_and_the_receivers_open() {
    let Bench { encoder, mut coder, mut line, timeline } = bench("open", |config| config.read_back = true);
    let zones: BTreeSet<u16> = [3, 17, 99].into();
    let text = Some("Nước lên nhanh".to_owned());
    let want = CoderWant { alarm: Alarm::Real, text, ..CoderWant::open(zones.clone()) };
    let told = coder.apply(&mut line, &want);
    assert_eq!(told, Ok(Report::Coder { zones: zones.clone(), grade: Grade::Electrical }));
    until(&timeline, &[3, 17, 99]);
    assert_eq!(encoder.refused(), [""; 0]);
    // 64 groups are every name and text several times over.
    let before = encoder.aired().len();
    let end = Instant::now() + WITHIN;
    while encoder.aired().len() < before + 64 {
        assert!(Instant::now() < end, "the encoder sends nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    let aired = encoder.aired();
    let mut receiver = Peer::python("rds_receiver.py", &[]);
    let state = heard(&mut receiver, &aired);
    assert_eq!((&state["pi"], &state["ps"]), (&json!(0x7A01), &json!("XA ANLAC")), "{state}");
    assert_eq!((&state["pty"], &state["ta"], &state["tp"]), (&json!(31), &json!(true), &json!(true)), "{state}");
    assert_eq!(state["rt"], json!("Nuoc len nhanh"));
    assert_eq!(state["oda"], json!([["11A", 0xCAFE]]));
    let mut ours = Received::default();
    aired.iter().for_each(|blocks| ours.hear(*blocks));
    assert_eq!((ours.pi(), ours.ps().as_deref()), (Some(0x7A01), Some("XA ANLAC")));
    assert_eq!((ours.text().as_deref(), ours.announcement()), (Some("Nuoc len nhanh"), (true, 31)));

    assert!(coder.probe(&mut line).is_ok());
    encoder.rename(*b"LAC LOI ");
    let renamed = coder.probe(&mut line);
    assert!(matches!(&renamed, Err(Fault::Refused(why)) if why.contains("LAC LOI")), "{renamed:?}");
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    assert!(timeline.wait_for(WITHIN, |e| e.last().is_some_and(|e| e.value == json!([]))));
}

#[test]
fn libv4l2rds_reads_the_golden_groups_as_we_do() {
    let golden = include_str!("../golden/rds_groups.spy");
    let groups: Vec<[u16; 4]> = golden.lines().filter_map(blocks_in).collect();
    assert_eq!(groups.len(), 141);
    let mut receiver = Peer::python("rds_receiver.py", &[]);
    let state = heard(&mut receiver, &groups);
    let mut ours = Received::default();
    groups.iter().for_each(|blocks| ours.hear(*blocks));
    assert_eq!(state["pi"], json!(ours.pi()));
    assert_eq!(state["ps"], json!(ours.ps()));
    assert_eq!(state["rt"], json!(ours.text()));
    assert_eq!((state["ta"].as_bool(), state["pty"].as_u64()), (Some(true), Some(1)));
    assert_eq!(ours.announcement(), (true, 1));
}

#[test]
fn orders_for_each_address_open_and_close() {
    let Bench { encoder, mut coder, mut line, timeline } = bench("orders", |_| {});
    coder.apply(&mut line, &CoderWant::open([5, 700])).expect("told");
    until(&timeline, &[5, 700]);
    coder.apply(&mut line, &CoderWant::open([700, 701])).expect("told");
    until(&timeline, &[700, 701]);
    assert!(matches!(coder.apply(&mut line, &CoderWant::open([0])), Err(Fault::Refused(_))));
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    assert!(timeline.wait_for(WITHIN, |e| e.last().is_some_and(|e| e.value == json!([]))));
    assert_eq!(encoder.refused(), [""; 0]);
}

#[test]
fn an_encoder_without_single_groups_repeats_them_by_itself() {
    let Bench { encoder, mut coder, mut line, timeline } = bench("open", |_| {});
    encoder.forget_g();
    let refused = coder.apply(&mut line, &CoderWant::open([3]));
    assert!(matches!(&refused, Err(Fault::Refused(why)) if why.contains("does not know it")), "{refused:?}");
    drop((encoder, coder, line, timeline));

    let Bench { encoder, mut coder, mut line, timeline } =
        bench("open", |config| (config.groups, config.read_back) = (Groups::Cyclic, true));
    encoder.forget_g();
    encoder.set_echo();
    coder.apply(&mut line, &CoderWant::open([3, 40])).expect("told");
    until(&timeline, &[3, 40]);
    coder.apply(&mut line, &CoderWant::open([40])).expect("told");
    until(&timeline, &[40]);
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    assert!(timeline.wait_for(WITHIN, |e| e.last().is_some_and(|e| e.value == json!([]))));
    assert_eq!(encoder.refused(), [""; 0]);
}

#[test]
fn groups_that_never_reach_the_air_are_noticed_by_reading_back() {
    let Bench { encoder, mut coder, mut line, timeline: _ } = bench("open", |config| config.read_back = true);
    encoder.swallow();
    let fault = coder.apply(&mut line, &CoderWant::open([3]));
    assert!(matches!(&fault, Err(Fault::Refused(why)) if why.contains("does not send")), "{fault:?}");
}

#[test]
fn an_encoder_that_shows_its_groups_whatever_it_is_told_is_worked_with_all_the_same() {
    for read_back in [false, true] {
        let Bench { encoder, mut coder, mut line, timeline } = bench("open", |config| config.read_back = read_back);
        encoder.babble();
        coder.apply(&mut line, &CoderWant::open([3, 40])).expect("told");
        until(&timeline, &[3, 40]);
        // Its answers, and the name on the air, are found among the groups.
        coder.probe(&mut line).expect("looked at");
        coder.apply(&mut line, &CoderWant::default()).expect("told");
        assert!(timeline.wait_for(WITHIN, |e| e.last().is_some_and(|e| e.value == json!([]))));
        assert_eq!(encoder.refused(), [""; 0]);
    }
}

#[test]
fn the_hour_is_that_of_viet_nam_and_only_while_somebody_vouches() {
    let wall = WallClock::default();
    let Bench { encoder, mut coder, mut line, .. } = bench("open", |c| c.programme.clock = Some(wall.clone()));
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    assert_eq!((encoder.setting("CT").as_deref(), encoder.setting("TIME")), (Some("0"), None));
    wall.vouch(true);
    coder.apply(&mut line, &CoderWant::default()).expect("told");
    assert_eq!((encoder.setting("CT").as_deref(), encoder.setting("LTO").as_deref()), (Some("1"), Some("14")));
    assert!(encoder.setting("TIME").is_some_and(|time| time.len() == 8));
    assert!(encoder.setting("DATE").is_some_and(|date| date.len() == 10));
    assert_eq!(encoder.refused(), [""; 0]);
}

#[test]
fn deaf_wrong_echoing_or_absent_encoders_are_line_faults_and_pass() {
    for mood in [Mood::Deaf, Mood::Wrong, Mood::Echo, Mood::Absent] {
        let Bench { encoder, mut coder, mut line, .. } = bench("open", |_| {});
        coder.apply(&mut line, &CoderWant::open([5])).expect("told");
        encoder.set_mood(mood);
        let fault = coder.apply(&mut line, &CoderWant::open([6]));
        assert!(matches!(fault, Err(Fault::Line(_))), "{mood:?}: {fault:?}");
        encoder.set_mood(Mood::Well);
        let end = Instant::now() + WITHIN;
        while coder.apply(&mut line, &CoderWant::open([6])).is_err() {
            assert!(Instant::now() < end, "{mood:?}: {:?}", line.state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_tuner_on_another_station_is_noticed_and_so_is_its_return() {
    let feed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (said, hears) = sync_channel(16);
    let station = drivers::tuner::Station { pi: 0x7A01, ps: Some("XA ANLAC".to_owned()) };
    let address = feed.local_addr().expect("its address").to_string();
    let (ticks, hears_time) = sync_channel(16);
    let say = move |tuned| {
        said.send(tuned).ok();
    };
    let tell_time = move |behind_ms| {
        ticks.send(behind_ms).ok();
    };
    let _tuner = drivers::tuner::Tuner::start(LineConfig::tcp(address), station, say, tell_time).expect("a thread");
    let (mut tuner, _) = feed.accept().expect("the gateway listens");
    let golden = include_str!("../golden/rds_groups.spy");
    tuner.write_all(golden.replace("7A01", "7C05").as_bytes()).expect("sent");
    assert_eq!(hears.recv_timeout(WITHIN), Ok(Tuned::Unknown), "at first");
    let wrong = hears.recv_timeout(WITHIN).expect("noticed");
    assert_eq!(wrong, Tuned::Wrong("the tuner receives PI 7C05, not 7A01".to_owned()));
    // The feed breaks off and comes again, on the right station.
    drop(tuner);
    let (mut tuner, _) = feed.accept().expect("the gateway listens again");
    tuner.write_all(golden.as_bytes()).expect("sent");
    assert_eq!(hears.recv_timeout(WITHIN), Ok(Tuned::Right));
    // What it says the time is, 2026-11-21 11:30 UTC, is true as it comes; the other station's word was not taken.
    let behind_ms = hears_time.recv_timeout(WITHIN).expect("the time was told");
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis() as i64;
    assert!((1_795_260_600_000 - now - behind_ms).abs() < 60_000, "{behind_ms}");
    assert!(hears_time.try_recv().is_err(), "once");
}
