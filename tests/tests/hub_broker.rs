//! Hub and stations on a real mosquitto: who may read what, what the broker turns away, what outlives a restart.

use serde_json::json;
use site_tests::broker::Broker;
use site_tests::hub::{Audience, Hub, HubOptions, Pki, Place, SigningKey, envelope};
use site_tests::puppet::{Entrance, Puppet};
use site_tests::scratch::Scratch;
use std::process::Command;
use std::time::Duration;

const ONE: &str = "TN-25459-01";
const TWO: &str = "TN-25460-01";
const SOON: Duration = Duration::from_secs(20);

struct Bench {
    // Dropped in this order: the broker before the directory it reads from.
    hub: Hub,
    broker: Broker,
    pki: Pki,
    scratch: Scratch,
}

fn bench() -> Bench {
    let scratch = Scratch::new("hub").expect("scratch");
    let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
    for (station, commune) in [(ONE, "25459"), (TWO, "25460")] {
        let place =
            Place { station: station.to_owned(), province: Some("80".to_owned()), commune: Some(commune.to_owned()) };
        pki.add_station(&place).expect("station");
    }
    let broker = Broker::tls(&pki).expect("broker");
    let hub = Hub::connect(&pki, HubOptions::passing(&broker.url(), &scratch.join("state"))).expect("hub");
    Bench { hub, broker, pki, scratch }
}

impl Bench {
    fn puppet(&self, station: &str, filters: Vec<String>, durable: bool) -> Puppet {
        let key = SigningKey::generate(&format!("s:{station}")).expect("key");
        let url = self.broker.url();
        Puppet::enter(Entrance { pki: &self.pki, url: &url, station, filters, durable, key }).expect("puppet")
    }
}

fn to(station: &str) -> Audience {
    Audience::Station(station.to_owned())
}

#[test]
fn a_station_reads_its_own_topics_and_no_other() {
    let bench = bench();
    let everything = vec!["ttcs/1/#".to_owned()];
    let puppet = bench.puppet(ONE, everything, false);
    let (hub, body) = (&bench.hub, json!({"bulletin_id": "BT-1", "reason": ""}));
    let others = [to(TWO), "c:25460".parse().expect("audience"), "p:79".parse().expect("audience")];
    for audience in &others {
        hub.send("recall", &body, audience).expect("sent");
    }
    let own = ["all", "p:80", "c:25459"].map(|a| a.parse().expect("audience"));
    for audience in own.iter().chain([&to(ONE)]) {
        hub.send("recall", &body, audience).expect("sent");
    }
    // One sender, one broker: what was sent before has come before, or does not come.
    let heard = puppet.wait_claims(4).expect("own messages");
    let audiences: Vec<&str> = heard.iter().map(|c| c.aud.as_str()).collect();
    assert_eq!(audiences, ["all", "p:80", "c:25459", "g:TN-25459-01"]);
}

#[test]
fn a_station_writes_only_its_own_uplinks() {
    let bench = bench();
    let puppet = bench.puppet(ONE, Vec::new(), false);
    puppet.greet().expect("its own status");
    for topic in ["ttcs/1/g/TN-25460-01/up/status", "ttcs/1/all/down/alert", "ttcs/1/g/TN-25459-01/down/alert"] {
        let error = puppet.publish(topic, b"x").expect_err(topic);
        assert!(error.to_string().contains("refused"), "{topic}: {error:#}");
    }
    bench.hub.wait_online(ONE, SOON).expect("its status came up");
    assert_eq!(bench.hub.uplinks().len(), 1);
}

#[test]
fn the_broker_turns_away_who_has_no_certificate_of_this_authority() {
    let bench = bench();
    let stranger = Pki::create(&bench.scratch.join("stranger"), &[]).expect("pki");
    let place = Place { station: ONE.to_owned(), province: None, commune: None };
    stranger.add_station(&place).expect("station");
    let publish = |certificate: Option<&Pki>| {
        let mut command = Command::new("mosquitto_pub");
        command.args(["-V", "5", "-h", "localhost", "-p", &bench.broker.port().to_string(), "-i", ONE, "-q", "1"]);
        command.args(["-t", "ttcs/1/g/TN-25459-01/up/telemetry", "-m", "x", "--cafile"]).arg(bench.pki.path("ca.pem"));
        if let Some(pki) = certificate {
            let dir = pki.station_dir(ONE);
            command.arg("--cert").arg(dir.join("station.pem")).arg("--key").arg(dir.join("station.key"));
        }
        command.output().expect("mosquitto_pub (package mosquitto-clients)").status.success()
    };
    assert!(publish(Some(&bench.pki)), "a foreign client with the station's certificate is let in");
    assert!(!publish(Some(&stranger)), "another authority");
    assert!(!publish(None), "no certificate");
}

#[test]
fn the_will_says_offline_and_only_the_pinned_key_is_believed() {
    let bench = bench();
    let puppet = bench.puppet(ONE, Vec::new(), false);
    puppet.say("ack", &json!({"of": "m-1", "stage": "received"})).expect("before its first status");
    puppet.greet().expect("status");
    let ladder = bench.hub.wait_stage(ONE, "m-1", "received", SOON).expect("held until the key was known");
    assert_eq!(ladder.stages(), ["received"]);
    puppet.vanish();
    let offline = bench.hub.wait_for(SOON, "the will", |uplinks| {
        uplinks.iter().find(|u| u.body["state"] == "offline").map(|u| u.station.clone())
    });
    assert_eq!(offline.expect("the will"), ONE);

    let impostor = bench.puppet(ONE, Vec::new(), false);
    impostor.greet().expect("the broker knows only the certificate");
    impostor.say("ack", &json!({"of": "m-1", "stage": "done"})).expect("sent");
    let honest = bench.puppet(TWO, Vec::new(), false);
    honest.greet().expect("status");
    bench.hub.wait_online(TWO, SOON).expect("what came before was judged before");
    assert_eq!(bench.hub.ladder(ONE, "m-1").stages(), ["received"], "an ack of another key is no ack");
    let refused = bench.hub.refused();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|r| r.contains("signature does not hold")), "{refused:?}");
}

#[test]
fn a_message_of_the_largest_size_passes_both_ways() {
    let bench = bench();
    let puppet = bench.puppet(ONE, Puppet::filters(ONE, "80", "25459"), false);
    puppet.greet().expect("status");
    let text = "a".repeat(180 * 1024);
    bench.hub.send("recall", &json!({"bulletin_id": "BT-1", "reason": text}), &to(ONE)).expect("down");
    let heard = puppet.wait_claims(1).expect("heard");
    assert_eq!(heard[0].body["reason"], text.as_str());
    puppet.say("report", &json!({"rows": text})).expect("up");
    let came = bench.hub.wait_for(SOON, "the report", |u| u.iter().find(|u| u.kind == "report").cloned());
    assert_eq!(came.expect("report").body["rows"], text.as_str());
}

#[test]
fn what_is_published_during_an_outage_arrives_after_it() {
    let mut bench = bench();
    let puppet = bench.puppet(ONE, Puppet::filters(ONE, "80", "25459"), true);
    let sign = |n: u32| {
        let signing = site_tests::hub::Signing::to(&to(ONE));
        let keyring = bench.hub.keyring();
        let key = keyring.for_kind("recall", false).expect("key");
        envelope::sign("recall", &json!({"bulletin_id": format!("BT-{n}"), "reason": ""}), key, &signing)
    };
    let (before, during) = (sign(0), (1..=40).map(sign).collect::<Vec<_>>());
    bench.hub.publish(&before).expect("before");
    puppet.wait_heard(1).expect("before");
    bench.broker.stop().expect("stopped");
    let Bench { hub, mut broker, .. } = bench;
    std::thread::scope(|scope| {
        let publishing = scope.spawn(|| hub.publish_all(&during));
        broker.start().expect("started again");
        publishing.join().expect("no panic").expect("acknowledged after the outage");
    });
    let heard = puppet.wait_claims(41).expect("all of them");
    let identities: Vec<&str> = heard.iter().filter_map(|c| c.body["bulletin_id"].as_str()).collect();
    let expected: Vec<String> = (0..=40).map(|n| format!("BT-{n}")).collect();
    assert_eq!(identities, expected, "in order and once");
}

#[test]
fn a_plain_broker_serves_the_loopback_address_only_and_can_be_held() {
    let scratch = Scratch::new("plain").expect("scratch");
    let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
    let broker = Broker::plain().expect("broker");
    let state = scratch.join("state");
    let outside = HubOptions::passing("mqtt://192.0.2.1:1883", &state);
    let error = Hub::connect(&pki, outside).err().expect("plain TCP beyond this machine");
    assert!(error.to_string().contains("loopback"), "{error:#}");
    let hub = Hub::connect(&pki, HubOptions::passing(&broker.url(), &state)).expect("hub");
    broker.freeze().expect("held");
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| hub.send("recall", &json!({"bulletin_id": "BT-1"}), &to(ONE)));
        broker.thaw().expect("let go");
        sending.join().expect("no panic").expect("acknowledged in the end");
    });
}
