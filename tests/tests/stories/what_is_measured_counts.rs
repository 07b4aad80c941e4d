//! What is measured at an output counts more than what was sent there.

use gateway_core::device::Report;
use gateway_core::id::{OutputId, PlayId};
use gateway_core::input::Input;
use gateway_core::journal::Event;
use gateway_core::want::Grade;
use serde_json::json;
use site_tests::told::{Told, bulletin};

fn says(told: &mut Told, report: Report) {
    told.step(Input::Device(OutputId::Sink("hall".into()), report));
}

fn play(told: &Told) -> PlayId {
    told.site.wants().sinks[&"hall".into()].play.as_ref().map(|p| p.id).expect("something plays")
}

#[test]
fn a_silent_recording_is_left_for_the_text_at_once() {
    let mut told = Told::new();
    let mut urgent = bulletin("KC-1", "emergency", "Lũ về.");
    let sound = json!({"url": "https://hub.example.vn/a1", "sha256": "00000000000000000000000000000000000000000000000000000000000000a1", "bytes": 1000});
    urgent["content"] =
        json!([{"type": "audio", "lang": "vi", "media": sound}, {"type": "text", "lang": "vi", "text": "Lũ về."}]);
    told.send("bulletin", &urgent);
    assert!(told.run_until(8_000, |t| t.playing("hall").as_deref() == Some("clip a1")));
    told.run(3_000);
    let play = play(&told);
    says(&mut told, Report::Silent { play, for_ms: 3_000 });
    assert_eq!(told.incidents("silence_while_due"), 1);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 3"));
    assert!(told.run_until(2_000, |t| t.playing("hall").as_deref() == Some("Lũ về.")));
}

#[test]
fn a_tone_that_nobody_hears_means_another_path() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    let play = play(&told);
    says(&mut told, Report::Silent { play, for_ms: 3_000 });
    // thon-1 has a second path: the transmitter.
    assert_eq!(told.site.air().addressed[&"fm-audio".into()].iter().filter(|c| c.as_str() == "thon-1").count(), 1);
}

#[test]
fn sound_while_nothing_is_due_is_an_incident() {
    let mut told = Told::new();
    says(&mut told, Report::Unbidden { level_db: -12.0 });
    assert_eq!(told.incidents("sound_while_not_due"), 1);
}

#[test]
fn a_howl_is_an_incident_once_and_shows_until_it_is_over() {
    let mut told = Told::new();
    for _ in 0..3 {
        says(&mut told, Report::Howl { on: true, hz: 1_180 });
    }
    assert_eq!(told.incidents("howl"), 1);
    let shown = |told: &Told| told.site.view(told.now).alarms.iter().any(|a| a.text.contains("1180 Hz"));
    assert!(shown(&told));
    says(&mut told, Report::Howl { on: false, hz: 1_180 });
    assert!(!shown(&told));
    assert!(told.events.iter().any(|e| matches!(e, Event::Recovered { about } if about.contains("howl"))));
}

#[test]
fn what_a_microphone_heard_is_the_proof_in_the_play_log() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    assert!(told.run_until(8_000, |t| t.playing("hall").as_deref() == Some("Lũ về.")));
    told.run(500);
    let play = play(&told);
    says(&mut told, Report::Heard { play, grade: Grade::Content });
    told.run(20_000);
    let rows = told.played_rows("KC-1");
    let evidence = |cluster: &str| rows.iter().find(|r| r.cluster.as_str() == cluster).and_then(|r| r.evidence);
    assert_eq!(evidence("thon-1"), Some(Grade::Content));
    assert_eq!(evidence("thon-3"), Some(Grade::Sent));
}

#[test]
fn what_left_unlike_its_source_is_an_incident_and_plays_on() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    assert!(told.run_until(8_000, |t| t.playing("hall").as_deref() == Some("Lũ về.")));
    let play = play(&told);
    says(&mut told, Report::Differs { play, likeness: 0.12 });
    assert_eq!(told.incidents("content_differs"), 1);
    assert_eq!(told.playing("hall").as_deref(), Some("Lũ về."));
    let told_so = |e: &Event| matches!(e, Event::Incident { code, text, .. } if code == "content_differs" && text.contains("0.12"));
    assert!(told.events.iter().any(told_so));
    // A play that is over by the time it was compared is told of all the same.
    told.run(30_000);
    says(&mut told, Report::Differs { play, likeness: 0.2 });
    assert_eq!(told.incidents("content_differs"), 2);
}
