//! Receivers that listen for tones are opened before what is for them and shut after it, and nobody else is.

use gateway_core::bulletin::State;
use gateway_core::config::{Path, SiteConfig};
use gateway_core::id::{ClusterId, OutputId};
use gateway_core::input::Act;
use gateway_core::zone_tones::ZoneTones;
use serde_json::json;
use site_tests::told::{DAWN, Mishap, Told, bulletin, small_commune};

/// Three clusters on the air, whose receivers listen for tones: three digits of 100 ms, with pauses of as much.
fn toned() -> SiteConfig {
    let mut site = small_commune();
    let fm = site.transmitters.get_mut(&"fm".into()).expect("fm");
    fm.coded = false;
    fm.tones = Some(ZoneTones {
        open: "*{zone:2}#".to_owned(),
        close: Some("#{zone:2}*".to_owned()),
        open_all: None,
        close_all: Some("#00*".to_owned()),
        digit_ms: 100,
        pause_ms: 100,
        twist: 20,
    });
    let third = site.clusters[&ClusterId::from("thon-3")].clone();
    for (name, zone) in [("thon-4", 4), ("thon-5", 5)] {
        let paths = vec![Path::Radio { transmitter: "fm".into(), zone }];
        site.clusters.insert(name.into(), gateway_core::config::Cluster { paths, ..third.clone() });
    }
    site
}

fn for_clusters(id: &str, priority: &str, text: &str, clusters: &[&str]) -> serde_json::Value {
    let mut body = bulletin(id, priority, text);
    body["targets"] = json!({"clusters": clusters, "boards": []});
    body
}

#[test]
fn an_emergency_for_two_of_three_opens_those_and_shuts_them() {
    let mut told = Told::in_commune(toned(), Some(DAWN));
    told.send("bulletin", &for_clusters("KC-1", "emergency", "Vỡ đập.", &["thon-3", "thon-5"]));
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
    told.run(30_000);
    // What a power cut left open is nobody's knowledge, so all are shut first.
    let heard = told.heard("fm-audio");
    assert_eq!(heard.first().map(String::as_str), Some("tone 3"), "{heard:?}");
    let at = |word: &str| told.heard_at("fm-audio", word).unwrap_or_else(|| panic!("no {word} in {heard:?}"));
    let (open, words, shut) = (at("digits #00**03#*05#"), at("Vỡ đập."), at("digits #00*"));
    assert_eq!(heard.iter().filter(|w| w.starts_with("digits")).count(), 2, "{heard:?}");
    // Twelve digits, and a whole turn of the tone after them.
    assert!(words.since(open) >= 2_400 + 1_200, "{}", words.since(open));
    let carrier = told.turned(&OutputId::Transmitter("fm".into()));
    assert_eq!(carrier.iter().map(|(_, w)| w.as_str()).collect::<Vec<_>>(), ["true", "false"]);
    assert!(carrier[0].0 < open && shut.plus(800) <= carrier[1].0, "{carrier:?}");
    assert_eq!(told.volume("fm-audio"), Some(80), "nothing plays");

    told.send("bulletin", &for_clusters("KC-2", "emergency", "Lũ về.", &["thon-4"]));
    assert_eq!(told.outcome("KC-2"), Some(State::Done));
    told.run(30_000);
    let digits: Vec<String> = told.heard("fm-audio").into_iter().filter(|w| w.starts_with("digits")).collect();
    assert_eq!(digits[2..], ["digits *04#", "digits #00*"], "now it is known that all are shut");
}

#[test]
fn a_programme_opens_for_each_item_whom_it_is_for() {
    let mut told = Told::in_commune(toned(), Some(DAWN));
    told.send("bulletin", &for_clusters("TB-1", "ordinary", "Cho thôn ba.", &["thon-3"]));
    told.send("bulletin", &for_clusters("TB-2", "ordinary", "Cho thôn bốn.", &["thon-4"]));
    told.run(3_000);
    let mut programme = site_tests::told::programme("CT-1", "05:10", &["TB-1", "TB-2"]);
    programme["targets"] = json!({"clusters": ["thon-3", "thon-4"]});
    told.send("programme", &programme);
    told.run(900_000);
    let heard = told.heard("fm-audio");
    let want = [
        "digits #00**03#*04#",
        "chime",
        "digits #04*",
        "Cho thôn ba.",
        "digits #03**04#",
        "Cho thôn bốn.",
        "digits #00*",
    ];
    assert_eq!(heard, want);
}

#[test]
fn a_cluster_that_is_muted_in_the_middle_is_shut_and_the_others_hear_the_rest() {
    let mut told = Told::in_commune(toned(), Some(DAWN));
    told.world.length_ms = 20_000;
    told.send("bulletin", &for_clusters("KC-1", "emergency", "Vỡ đập.", &["thon-3", "thon-5"]));
    assert!(told.run_until(30_000, |t| t.playing("fm-audio").as_deref() == Some("Vỡ đập.")));
    told.run(5_000);
    let mute = Act::Mute { clusters: vec!["thon-5".into()], for_s: None, reason: "thử".to_owned() };
    told.order(mute).expect("muted");
    assert_eq!(told.playing("fm-audio").as_deref(), Some("digits #05*"));
    let under = told.site.wants().sinks[&"fm-audio".into()].under.clone().expect("the words wait");
    assert!((4_900..=5_100).contains(&under.play.from_ms), "{under:?}");
    told.run(1_000);
    assert_eq!(told.playing("fm-audio").as_deref(), Some("Vỡ đập."));
    let play = told.site.wants().sinks[&"fm-audio".into()].play.clone().expect("the words");
    assert_eq!((play.id, play.from_ms), (under.play.id, under.play.from_ms), "they go on");
    assert_eq!(told.outcome("KC-1"), Some(State::Done));
}

#[test]
fn a_sink_that_says_nothing_holds_the_sequence_for_no_longer_than_it_must() {
    let mut told = Told::in_commune(toned(), Some(DAWN));
    told.world.mishaps.insert(OutputId::Sink("fm-audio".into()), Mishap::Deaf);
    told.send("bulletin", &for_clusters("KC-1", "emergency", "Vỡ đập.", &["thon-3"]));
    let carrier = |t: &Told| t.site.wants().transmitters[&"fm".into()];
    assert!(told.run_until(5_000, carrier));
    assert!(told.run_until(90_000, |t| !carrier(t)), "a minute of silence, then the code is not waited for");
    assert!(told.heard("fm-audio").is_empty());
}
