//! Media that are missing, changed, cut or no sound: the bulletin fails with the reason and is acknowledged, the others
//! go on, and an emergency falls back to its text.

use serde_json::Value;
use site_tests::hub::{MediaStore, Mishap};
use site_tests::stage::word::{WORDS, emergency, unknown_media, with_audio};
use site_tests::stage::{Plan, Stage};
use site_tests::vcard::player::ffmpeg;

/// A tone as a file of the hub, unlike any other by its length.
fn sound(stage: &Stage, shelf: &MediaStore, length: &str) -> gateway_core::bulletin::Media {
    let file = stage.path(&format!("tone-{length}.mp3"));
    ffmpeg(&["-f", "lavfi", "-i", &format!("sine=f=440:d={length}"), "-b:a", "64k"], &file).expect("ffmpeg");
    shelf.add(&file).expect("taken in")
}

/// An ordinary bulletin of nothing but a file.
fn of_sound(id: &str, media: &gateway_core::bulletin::Media) -> Value {
    let mut body = with_audio(emergency(id, 1), media);
    body["priority"] = "ordinary".into();
    body["content"].as_array_mut().expect("content").truncate(1);
    body
}

#[test]
fn what_cannot_be_fetched_fails_with_its_reason_and_harms_nothing_else() {
    let stage = Stage::up(&Plan::new("media")).expect("a stage");
    let shelf = &stage.shelf;
    let (missing, wrong, cut, good) = (
        unknown_media(&stage.media.url()),
        sound(&stage, shelf, "2.0"),
        sound(&stage, shelf, "2.1"),
        sound(&stage, shelf, "2.2"),
    );
    let noise: Vec<u8> = (0..9000_u32).map(|i| (i * 7919 % 251) as u8).collect();
    let noise = shelf.add_bytes(&noise, "mp3").expect("taken in");
    stage.media.misbehave(wrong.sha256.as_str(), Some(Mishap::WrongByte));
    stage.media.misbehave(cut.sha256.as_str(), Some(Mishap::Status(410)));

    let bad = [("BT-missing", missing), ("BT-wrong", wrong), ("BT-gone", cut), ("BT-noise", noise)];
    let sent: Vec<(&str, String)> = bad
        .iter()
        .map(|(id, media)| (*id, stage.publish("bulletin", &of_sound(id, media)).expect("published").0))
        .collect();
    let (whole, _) = stage.publish("bulletin", &of_sound("BT-good", &good)).expect("published");
    stage.reach(&whole, "waiting").expect("the good one is not kept waiting");
    let officer = stage.officer().expect("an officer");
    for (id, jti) in sent {
        let ladder = stage.reach(&jti, "failed").expect("it fails");
        assert!(ladder.rung("accepted").is_some(), "{id}: {:?}", ladder.stages());
        assert_eq!(ladder.closing().and_then(|r| r.code.as_deref()), Some("no_content"), "{id}");
        let inbox = officer.get("/api/v1/bulletins?state=failed").expect("the inbox").body;
        let all = inbox["bulletins"].as_array().expect("a list");
        let head = all.iter().find(|b| b["id"] == id).unwrap_or_else(|| panic!("{id} is not in {inbox}"));
        assert!(head["reason"].as_str().is_some_and(|r| r.len() > 10), "{id} says why: {head}");
    }
    assert!((0..2).all(|c| stage.tape().expect("a tape").channel(c).iter().all(|s| *s == 0)), "something sounded");
}

#[test]
fn a_file_that_breaks_off_is_continued_where_it_broke() {
    let stage = Stage::up(&Plan::new("broken")).expect("a stage");
    let media = sound(&stage, &stage.shelf, "3.0");
    stage.media.misbehave(media.sha256.as_str(), Some(Mishap::CutAfter(15_000)));
    let (jti, _) = stage.publish("bulletin", &of_sound("BT-1", &media)).expect("published");
    stage.reach(&jti, "waiting").expect("it comes whole");
    let asked = stage.media.asked();
    assert!(asked.len() > 1 && asked.iter().skip(1).all(|a| a.range.is_some()), "{asked:?}");
}

#[test]
fn an_emergency_falls_back_to_its_text() {
    let stage = Stage::up(&Plan::new("fallback")).expect("a stage");
    let body = with_audio(emergency("BT-1", 2), &unknown_media(&stage.media.url()));
    let (jti, sent) = stage.publish("bulletin", &body).expect("published");
    stage.reach(&jti, "done").expect("it is carried out");
    let words = stage.words().expect("the voice");
    let said = stage.tape().expect("a tape").times(0, &words, sent, u64::MAX).len();
    assert_eq!(said, 2, "{WORDS} is said in place of the file");
}
