//! Receivers hold a zone open only while it is stated: a gateway that dies, or a line that breaks, ends in silence.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::transmitter::cluster_code::{HOLD_S, Network};
use drivers::transmitter::zone_code::ZoneCode;
use drivers::transmitter::{Uecp, UecpConfig};
use gateway_core::device::Fault;
use gateway_core::want::CoderWant;
use serde_json::json;
use site_tests::device::encoder::Encoder;
use site_tests::device::{Mood, Timeline};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn config(network: Network) -> UecpConfig {
    UecpConfig::new(ZoneCode::open(network).expect("built in"))
}

fn bench(two_way: bool) -> (Encoder, Uecp, Line, Timeline) {
    let (network, timeline) = (Network { aid: 0xCAFE, number: 459 }, Timeline::default());
    let encoder = Encoder::start("127.0.0.1:0", "rds", network, timeline.clone()).expect("encoder");
    let line = Line::new(LineConfig::tcp(encoder.address().to_string()));
    let coder = Uecp::new(UecpConfig { two_way, ..config(network) });
    (encoder, coder, line, timeline)
}

const WITHIN: Duration = Duration::from_secs(30);

#[test]
fn zones_close_by_themselves_when_nobody_states_them() {
    let (encoder, mut coder, mut line, timeline) = bench(false);
    let zones: BTreeSet<u16> = [1, 2, 40].into();
    coder.apply(&mut line, &CoderWant::open(zones.clone())).expect("told");
    let opened = |events: &[site_tests::device::Event]| events.iter().any(|event| event.value == json!([1, 2, 40]));
    assert!(timeline.wait_for(WITHIN, opened));
    drop(line);
    let silent = |events: &[site_tests::device::Event]| {
        opened(events) && events.last().is_some_and(|event| event.event == "zones" && event.value == json!([]))
    };
    assert!(timeline.wait_for(WITHIN, silent), "{:?}", timeline.values("rds", "zones"));
    let events = timeline.events();
    // Zones of two pages may close one after the other, so it is the moment of all three that counts.
    let open_at = events.iter().find(|event| event.value == json!([1, 2, 40])).map_or(u64::MAX, |event| event.at_ns);
    let shut_at = events.last().map_or(0, |event| event.at_ns);
    assert!(shut_at.saturating_sub(open_at) >= (HOLD_S - 1) * 1_000_000_000, "not before the hold time is nearly over");
    assert!(encoder.open_zones().is_empty());
}

#[test]
fn another_communes_code_opens_nothing() {
    let (encoder, _, mut line, timeline) = bench(false);
    let network = Network { aid: 0xCAFE, number: 460 };
    let mut stranger = Uecp::new(config(network));
    stranger.apply(&mut line, &CoderWant::open([1])).expect("sent");
    let (_, mut ours, mut own_line, _) = bench(false);
    own_line.close();
    own_line = Line::new(LineConfig::tcp(encoder.address().to_string()));
    ours.apply(&mut own_line, &CoderWant::open([2])).expect("sent");
    assert!(timeline.wait_for(WITHIN, |events| events.iter().any(|event| event.value == json!([2]))));
    let ever: BTreeSet<u64> = timeline
        .values("rds", "zones")
        .iter()
        .flat_map(|zones| zones.as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64))
        .collect();
    assert_eq!(ever, [2].into());
    assert_eq!(encoder.bad_frames(), 0);
}

#[test]
fn deaf_wrong_echoing_or_absent_encoders_are_line_faults_and_pass() {
    for mood in [Mood::Deaf, Mood::Wrong, Mood::Echo, Mood::Absent] {
        let (encoder, mut coder, mut line, timeline) = bench(true);
        encoder.set_acknowledge(Some(0));
        let zones: BTreeSet<u16> = [5].into();
        coder.apply(&mut line, &CoderWant::open(zones.clone())).expect("acknowledged");
        encoder.set_mood(mood);
        let fault = coder.apply(&mut line, &CoderWant::open(zones.clone()));
        assert!(matches!(fault, Err(Fault::Line(_))), "{mood:?}: {fault:?}");
        encoder.set_mood(Mood::Well);
        let until = Instant::now() + WITHIN;
        let mut last = fault;
        while last.is_err() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
            last = coder.apply(&mut line, &CoderWant::open(zones.clone()));
        }
        assert!(last.is_ok(), "{mood:?}: {last:?}");
        assert!(encoder.open_zones().contains(&5), "{mood:?}: {:?}", timeline.events());
    }
}
