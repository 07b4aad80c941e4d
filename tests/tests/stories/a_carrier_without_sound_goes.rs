//! A carrier that sends nothing but silence goes after a minute, and comes back with the sound; nobody has to re-arm it.

use gateway_core::config::SiteConfig;
use gateway_core::id::OutputId;
use gateway_core::input::Act;
use gateway_core::journal::Event;
use serde_json::json;
use site_tests::told::{DAWN, Mishap, Told, bulletin, small_commune};

fn on_the_air(limit_ms: u64) -> SiteConfig {
    let mut site = small_commune();
    site.transmitters.get_mut(&"fm".into()).expect("fm").silence_off_ms = limit_ms;
    site
}

fn for_radio(id: &str, priority: &str, text: &str) -> serde_json::Value {
    let mut body = bulletin(id, priority, text);
    body["targets"] = json!({"clusters": ["thon-3"], "boards": []});
    body
}

fn carrier(told: &Told) -> bool {
    told.site.wants().transmitters[&"fm".into()]
}

fn incidents(told: &Told) -> usize {
    let of = |e: &&Event| matches!(e, Event::Incident { code, .. } if code == "carrier_without_sound");
    told.events.iter().filter(of).count()
}

#[test]
fn a_deaf_sink_takes_the_carrier_down_and_its_first_sound_brings_it_back() {
    let mut told = Told::in_commune(on_the_air(10_000), Some(DAWN));
    told.world.length_ms = 60_000;
    let sink = OutputId::Sink("fm-audio".into());
    told.world.mishaps.insert(sink.clone(), Mishap::Deaf);
    told.send("bulletin", &for_radio("KC-1", "emergency", "Vỡ đập."));
    assert!(told.run_until(3_000, carrier), "mains, warm-up, carrier");
    let up = told.now.mono;
    assert!(told.run_until(30_000, |t| !carrier(t)), "it does not stay");
    let after = told.now.mono.since(up);
    assert!((10_000..=13_000).contains(&after), "{after}");
    assert_eq!(incidents(&told), 1);
    told.run(20_000);
    assert!(!carrier(&told) && incidents(&told) == 1, "one silence is one incident");

    let now = told.now.mono;
    told.world.set(&sink, None, now);
    assert!(told.run_until(20_000, carrier), "the sound is back, and so is the carrier");
    assert!(told.events.contains(&Event::Recovered { about: "transmitter/fm sound".to_owned() }));
}

#[test]
fn a_pause_that_is_meant_takes_it_down_without_a_word_and_what_follows_waits_for_it() {
    let mut told = Told::in_commune(on_the_air(5_000), Some(DAWN));
    for (id, text) in [("TB-1", "Tin một."), ("TB-2", "Tin hai.")] {
        told.send("bulletin", &for_radio(id, "ordinary", text));
    }
    told.run(3_000);
    let mut programme = site_tests::told::programme("CT-1", "05:10", &["TB-1", "TB-2"]);
    let pause = json!({"type": "silence", "duration_s": 40});
    programme["items"].as_array_mut().expect("items").insert(2, pause);
    programme["targets"] = json!({"clusters": ["thon-3"]});
    told.send("programme", &programme);
    assert!(told.run_until(900_000, |t| t.playing("fm-audio").as_deref() == Some("Tin một.")));
    assert!(carrier(&told));
    assert!(told.run_until(30_000, |t| !carrier(t)), "the pause is long");
    assert_eq!(incidents(&told), 0);
    assert!(told.run_until(60_000, |t| t.playing("fm-audio").as_deref() == Some("Tin hai.")));
    let open = told.site.wants().coders[&"fm".into()].zones.contains(&3);
    assert!(carrier(&told) && open, "no word before the receivers are open");
}

#[test]
fn warming_up_and_a_self_test_are_no_silence() {
    let mut site = on_the_air(2_000);
    site.transmitters.get_mut(&"fm".into()).expect("fm").warm_up_ms = 30_000;
    let mut told = Told::in_commune(site, Some(DAWN));
    told.order(Act::SelfTest { full: true }).expect("begun");
    assert!(told.run_until(120_000, carrier), "a full test tries the carrier");
    assert!(told.run_until(120_000, |t| !carrier(t)));
    told.send("bulletin", &for_radio("KC-1", "emergency", "Vỡ đập."));
    assert!(told.run_until(200_000, |t| t.playing("fm-audio").as_deref() == Some("Vỡ đập.")));
    assert!(told.run_until(200_000, |t| t.state("KC-1").is_some_and(gateway_core::bulletin::State::is_final)));
    assert_eq!(incidents(&told), 0);
}
