//! A sink is told what follows, so that nothing has to be said at the moment of the change; and what was interrupted
//! goes on, begins again or is over, as the site has decided.

use gateway_core::config::{Policy, Resume, SiteConfig};
use gateway_core::want::{Beneath, Join, Source};
use serde_json::json;
use site_tests::told::{DAWN, Told, bulletin, programme, small_commune};

/// Two bulletins of a minute each in a programme; the first has sounded for about ten seconds.
fn begun(policy: Policy) -> Told {
    let mut told = Told::in_commune(SiteConfig { policy, ..small_commune() }, Some(DAWN));
    (told.world.length_ms, told.world.speech_ms, told.world.fetch_ms) = (60_000, Some(300), 400);
    told.send("bulletin", &bulletin("BT-1", "ordinary", "Tin một."));
    told.send("bulletin", &bulletin("BT-2", "ordinary", "Tin hai."));
    told.send("programme", &programme("sang", "05:30:00", &["BT-1", "BT-2"]));
    told.run(1_799_000);
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("Tin một.")));
    told.run(10_000);
    told
}

fn hall(told: &Told) -> gateway_core::want::SinkWant {
    told.site.wants().sinks[&"hall".into()].clone()
}

#[test]
fn the_second_item_is_known_while_the_first_sounds_and_keeps_its_number() {
    let mut told = begun(Policy::default());
    let next = hall(&told).next.expect("what follows");
    assert_eq!(next.join, Join::Cut);
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("Tin hai.")));
    assert_eq!(hall(&told).play.map(|p| p.id), Some(next.id));
    // Nothing lies between the two: the sink went on by itself.
    let (one, two) = (told.heard_at("hall", "Tin một."), told.heard_at("hall", "Tin hai."));
    assert_eq!(two.zip(one).map(|(b, a)| b.since(a)), Some(60_000));
}

#[test]
fn what_was_called_back_does_not_follow() {
    let mut told = begun(Policy::default());
    assert!(hall(&told).next.is_some());
    told.send("recall", &json!({"bulletin_id": "BT-2", "reason": "sai"}));
    assert_eq!(hall(&told).next, None);
}

#[test]
fn speech_is_made_ready_beneath_the_tone() {
    let mut told = Told::new();
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    told.run(400);
    let want = hall(&told);
    assert!(matches!(want.play.map(|p| p.source), Some(Source::Tone { .. })));
    assert!(matches!(want.next.map(|p| p.source), Some(Source::Speech(_))));
}

#[test]
fn items_overlap_where_the_site_wants_it() {
    let told = begun(Policy { cross_fade: true, ..Policy::default() });
    assert_eq!(hall(&told).next.map(|n| n.join), Some(Join::Cross));
}

/// What is said after an emergency of about ten seconds, and whether as the same play.
fn after_an_emergency(resume: Resume) -> (Option<String>, bool, u64) {
    let mut told = begun(Policy { resume, ..Policy::default() });
    let before = hall(&told).play.map(|p| p.id);
    told.world.length_ms = 4_000;
    told.send("bulletin", &bulletin("KC-1", "emergency", "Lũ về."));
    let held = hall(&told).under.map(|u| (Some(u.play.id), u.how));
    assert_eq!(held, (resume == Resume::Place).then_some((before, Beneath::Held)));
    told.run(2_000);
    assert!(told.run_until(20_000, |t| t.playing("hall").is_some_and(|w| w.starts_with("Tin"))));
    let now = hall(&told).play;
    (told.playing("hall"), now.as_ref().map(|p| p.id) == before, now.map_or(0, |p| p.from_ms))
}

#[test]
fn an_interrupted_item_goes_on_where_it_was() {
    let (word, same, from_ms) = after_an_emergency(Resume::Place);
    assert_eq!((word.as_deref(), same), (Some("Tin một."), true));
    assert!((9_000..11_000).contains(&from_ms), "{from_ms}");
}

#[test]
fn or_begins_again() {
    assert_eq!(after_an_emergency(Resume::Start), (Some("Tin một.".to_owned()), false, 0));
}

#[test]
fn or_is_over() {
    assert_eq!(after_an_emergency(Resume::Skip), (Some("Tin hai.".to_owned()), false, 0));
}
