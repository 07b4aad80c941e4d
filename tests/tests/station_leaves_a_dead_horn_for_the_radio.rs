//! A network horn is killed in the middle of an emergency: the station finds out, and the village hears the rest by radio.
//! Once the horn only listens and is watched by its other port; once it is baresip, which is called, and then is no more.

use serde_json::{Value, json};
use site_tests::baresip::Baresip;
use site_tests::device::Event;
use site_tests::device::door::Door;
use site_tests::load::stretched;
use site_tests::rtp::free_port;
use site_tests::stage::word::emergency;
use site_tests::stage::{ENCODER, EXCITER, PATIENCE, Plan, Stage};
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

/// The channel of the sound card that feeds the transmitter.
const RADIO: usize = 1;
/// A path that proves silent is left within so long; `stories/a_dead_horn_is_left_for_the_radio.rs` holds the core to it
/// in told time.
const LEFT_WITHIN: Duration = Duration::from_secs(5);

/// A station with one cluster more, which has this horn and, where that fails, zone 9 of the transmitter.
fn stage(label: &str, horn: &str, watch: &str) -> Stage {
    let mut stage = Stage::set(&Plan::new(label)).expect("a stage");
    let mut config = fs::File::options().append(true).open(&stage.station.config).expect("its configuration");
    let cluster = format!(
        "\n[[cluster]]\nid = \"thon-9\"\nname = \"Thôn 9\"\nspeakers = 1\n\
         paths = [{{ sink = \"horn\"{watch} }}, {{ transmitter = \"fm\", zone = 9 }}]\n"
    );
    write!(config, "{horn}{cluster}").expect("configured");
    stage.start().expect("the station starts");
    stage
}

/// An emergency for the village of the horn alone, said over and over.
fn for_the_village(id: &str) -> Value {
    let mut bulletin = emergency(id, 60);
    bulletin["targets"] = json!({"clusters": ["thon-9"]});
    bulletin
}

/// What the commune hears of a horn that is killed now.
#[expect(clippy::print_stdout, reason = "these figures are quoted in docs/paths.md")]
fn heard_by_radio(stage: &Stage, kill: impl FnOnce()) {
    let words = stage.words().expect("the voice");
    let commune = &stage.commune;
    assert!(commune.encoder.open_zones().is_empty(), "no receiver is open before");
    let killed = commune.now();
    let quiet = stage.tape().expect("a tape");
    assert!(quiet.sounds_after(RADIO, 0).is_none(), "the transmitter has nothing to say before");
    kill();
    let zone = |events: &[Event]| {
        events.iter().any(|e| e.at_ns > killed && (e.device.as_str(), &e.value) == (ENCODER, &json!([9])))
    };
    assert!(commune.timeline.wait_for(PATIENCE, zone), "zone 9 opens:\n{}", stage.station.last_words());
    let found =
        stage.wait_tape("the words by radio", |tape| tape.times(RADIO, &words, killed, u64::MAX).first().copied());
    let found = found.expect("they are heard by radio");
    let up = commune.when(EXCITER, "carrier", &json!(true), killed).expect("the carrier comes up");
    let open = commune.when(ENCODER, "zones", &json!([9]), killed).expect("the zone opens");
    assert!(up <= open, "first the carrier, then the zone");
    let left = commune.when("relays", "coil 1", &json!(true), killed).expect("its mains come first");
    println!("left {} ms after, heard {} ms after", (left - killed) / 1_000_000, (found.at_ns - killed) / 1_000_000);
    assert!(
        Duration::from_nanos(left - killed) < stretched(LEFT_WITHIN),
        "left {} ms after its death",
        (left - killed) / 1_000_000
    );
    let officer = stage.officer().expect("an officer");
    let rows = officer.journal().expect("the journal");
    let rerouted = rows.iter().any(|row| row["type"] == "rerouted" && row["cluster"] == "thon-9" && row["number"] == 2);
    assert!(rerouted, "{rows:?}");
}

#[test]
fn a_horn_that_only_listens_dies() {
    let port = free_port();
    let (ear, door) = (UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).expect("its port"), Door::open().expect("a door"));
    ear.set_read_timeout(Some(PATIENCE)).expect("a limit");
    let horn = format!(
        "\n[[sink]]\nid = \"horn\"\ndriver = \"rtp\"\naddress = \"127.0.0.1:{port}\"\n\
         \n[[sensor]]\nid = \"horn-alive\"\ndriver = \"reach\"\naddress = \"{}\"\n",
        door.address()
    );
    let stage = stage("horn-dies", &horn, ", watch = \"horn-alive\"");
    let (jti, _) = stage.publish("bulletin", &for_the_village("KC-1")).expect("published");
    stage.reach(&jti, "audible").expect("it is on the horn");
    ear.recv(&mut [0; 2048]).expect("a packet of it");
    heard_by_radio(&stage, || {
        door.set_alive(false);
        drop(ear);
    });
    door.set_alive(true);
    let closed = |events: &[Event]| events.iter().rfind(|e| e.device == ENCODER && e.event == "zones").cloned();
    let back = |events: &[Event]| closed(events).is_some_and(|e| e.value == json!([]));
    assert!(stage.commune.timeline.wait_for(PATIENCE, back), "the horn lives again, and the zone is closed");
    assert!(stage.station.complaints().iter().all(|line| line.contains("horn")), "{:?}", stage.station.complaints());
}

#[test]
fn a_horn_that_is_called_dies_with_the_call() {
    let port = free_port();
    let peer = Baresip::start(port, "G722/16000/1", "auto");
    let horn = format!("\n[[sink]]\nid = \"horn\"\ndriver = \"sip\"\naddress = \"127.0.0.1:{port}\"\nuser = \"loa\"\n");
    let stage = stage("call-dies", &horn, "");
    let (jti, _) = stage.publish("bulletin", &for_the_village("KC-1")).expect("published");
    peer.wait("Call established");
    stage.reach(&jti, "audible").expect("it is on the horn");
    heard_by_radio(&stage, || drop(peer));
    let told = stage.hub.wait_for(PATIENCE, "an incident about the horn", |uplinks| {
        uplinks.iter().find(|u| u.kind == "incident" && u.body["about"] == "sink/horn").map(|u| u.body["code"].clone())
    });
    assert_eq!(told.expect("the hub is told"), "device_lost");
}
