//! An officer's voice can have the rank of an emergency: tone first, forced levels, boards; where it breaks off its text is said.

use gateway_core::bulletin::{State, Targets};
use gateway_core::device::Report;
use gateway_core::id::{LiveId, OutputId};
use gateway_core::input::{Act, Input};
use gateway_core::want::Loudness;
use site_tests::told::{Told, bulletin};

const TEXT: &str = "Vỡ đê ở Thôn 3.";

fn speaks(text: &str) -> Act {
    Act::EmergencyVoice {
        live: LiveId::from("a1"),
        text: text.to_owned(),
        level: 4,
        targets: Targets::everything(),
        max_s: 600,
        drill: false,
        reason: "chủ tịch xã nói".to_owned(),
    }
}

fn breaks(told: &mut Told) {
    for sink in ["hall", "fm-audio"] {
        let Some(play) = told.site.wants().sinks[&sink.into()].play.clone() else { continue };
        let report = Report::Ended { play: play.id, played_ms: 5_000, broken: None };
        told.step(Input::Device(OutputId::Sink(sink.into()), report));
    }
}

#[test]
fn it_opens_with_the_tone_at_the_forced_level_and_boards_show_its_text() {
    let mut told = Told::in_commune(site_tests::told::small_commune(), None);
    told.order(speaks(TEXT)).expect("no clock and no hub are needed");
    assert_eq!(told.playing("hall").as_deref(), Some("tone 4"));
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("live a1")));
    let want = &told.site.wants().sinks[&"hall".into()];
    assert_eq!((want.volume, want.play.as_ref().map(|p| p.loudness)), (100, Some(Loudness::Emergency)));
    assert_eq!(told.board("gate").as_deref(), Some(TEXT));
    let view = told.site.view(told.now);
    assert!(view.emergency);
    assert_eq!(view.talks.len(), 1);
    assert_eq!(
        (view.talks[0].speaker.as_deref(), view.talks[0].stage, view.talks[0].emergency),
        (Some("lan"), "speaking", true)
    );
    told.run(20_000);
    told.order(Act::EndLive { live: LiveId::from("a1") }).expect("it is on air");
    assert_eq!((told.playing("hall"), told.state("live:a1")), (None, Some(State::Done)));
    assert_eq!(told.incidents("voice_lost"), 0);
    let rows = told.played_rows("live:a1");
    assert!(rows.iter().all(|r| r.result == "done" && r.operator.as_deref() == Some("lan")), "{rows:?}");
}

#[test]
fn it_stands_above_an_officers_talk_and_waits_for_a_graver_warning() {
    let mut told = Told::new();
    let talk = LiveId::from("talk");
    let all = Targets::everything();
    told.order(Act::Live { live: talk, input: None, targets: all, max_s: 600, chime: None }).expect("talks");
    told.run(8_000);
    told.order(speaks(TEXT)).expect("on air");
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("live a1")));
    let mut graver = bulletin("KC-1", "emergency", "Động đất.");
    graver["hazard"] = serde_json::json!({"type": "dong-dat", "level": 5});
    told.send("bulletin", &graver);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 5"));
    assert!(told.run_until(60_000, |t| t.playing("hall").as_deref() == Some("live a1")), "then it has its turn again");
}

#[test]
fn a_voice_that_breaks_off_is_followed_by_its_text_after_the_tone() {
    let mut told = Told::new();
    told.order(speaks(TEXT)).expect("on air");
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("live a1")));
    told.run(5_000);
    let at = told.now.mono;
    breaks(&mut told);
    assert_eq!(told.playing("hall").as_deref(), Some("tone 4"), "nobody takes it for a pause");
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some(TEXT)));
    assert!(told.now.mono.since(at) <= 5_000, "its text was spoken beforehand");
    assert_eq!(told.incidents("voice_lost"), 1);
    assert!(told.site.view(told.now).talks.is_empty());
    assert!(told.run_until(120_000, |t| t.state("live:a1") == Some(State::Done)));
    assert_eq!(told.heard("hall").iter().filter(|h| *h == TEXT).count(), 3);
}

#[test]
fn a_voice_without_text_that_breaks_off_ends_and_says_so() {
    let mut told = Told::new();
    told.order(speaks("")).expect("on air");
    assert!(told.run_until(10_000, |t| t.playing("hall").as_deref() == Some("live a1")));
    assert_eq!(told.board("gate").as_deref(), Some("Thông báo khẩn cấp. Đề nghị bà con chú ý nghe loa."));
    breaks(&mut told);
    assert_eq!((told.playing("hall"), told.board("gate")), (None, None));
    assert!(told.state("live:a1").is_some_and(State::is_final));
    assert_eq!(told.incidents("voice_lost"), 1);
}

#[test]
fn a_power_cut_leaves_the_text() {
    let mut told = Told::new();
    told.order(speaks(TEXT)).expect("on air");
    told.run(8_000);
    let wall = told.now.wall;
    told.cut_power(wall);
    assert!(told.run_until(30_000, |t| t.playing("hall").as_deref() == Some(TEXT)));
}

#[test]
fn a_microphone_passes_visibly_from_one_to_another() {
    let mut told = Told::new();
    let live = LiveId::from("talk");
    let chime = Some(false);
    let all = Targets::everything();
    told.order(Act::Live { live: live.clone(), input: None, targets: all, max_s: 600, chime }).expect("talks");
    assert!(told.run_until(6_000, |t| t.playing("hall").as_deref() == Some("live talk")));
    assert_eq!(told.heard("hall"), ["live talk"], "no chime was wanted");
    assert!(told.order(Act::AskLive { live: live.clone() }).is_err(), "lan has it already");
    told.order_as("hoa", Act::AskLive { live: live.clone() }).expect("asks");
    assert_eq!(told.site.view(told.now).talks[0].asked.as_deref(), Some("hoa"));
    let hand = |to: &str| Act::HandLive { live: live.clone(), to: to.to_owned(), reason: String::new() };
    let play = told.site.wants().sinks[&"hall".into()].play.clone();
    told.order(hand("hoa")).expect("handed over");
    let talks = told.site.view(told.now).talks;
    assert_eq!((talks[0].speaker.as_deref(), talks[0].asked.as_deref()), (Some("hoa"), None));
    assert_eq!(told.site.wants().sinks[&"hall".into()].play, play, "what is on air goes on");
    told.order_as("hoa", Act::EndLive { live: live.clone() }).expect("ends");
    assert!(told.order(hand("lan")).is_err(), "it is over");
    let rows = told.played_rows("live:talk");
    assert!(rows.iter().all(|r| r.operator.as_deref() == Some("lan, hoa")), "{rows:?}");
}
