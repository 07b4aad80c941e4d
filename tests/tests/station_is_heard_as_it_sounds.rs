//! The sound of a whole station, from outside: an officer's voice, an input on air, silence found out, and what left kept.

use drivers::sound::air::{Print, likeness};
use serde_json::{Value, json};
use site_tests::stage::word::{WORDS, emergency, with_audio};
use site_tests::stage::{CARD, Plan, RATE, Stage, Tape, spoken};
use site_tests::vcard::player::{decoded, ffmpeg};
use std::fs;
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

/// What the officer says.
const SPEECH: &str =
    "Đây là tiếng nói của xã, mời bà con chú ý nghe thông báo về lịch tiêm chủng sáng mai ở nhà văn hoá.";

fn begin(officer: &site_tests::stage::Officer, body: &Value) -> String {
    let answer = officer.post("/api/v1/live", body).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["live_id"].as_str().expect("a name").to_owned()
}

fn print_of(samples: &[i16]) -> Print {
    Print::of(&samples.iter().map(|s| f32::from(*s) / 32_768.0).collect::<Vec<_>>(), RATE as u32)
}

/// How alike a sound is to a part of what was heard, by its envelope, −1 to 1.
fn alike(meant: &Print, heard: &[i16]) -> Option<f32> {
    let heard = print_of(heard);
    let later = i64::try_from(heard.ms().checked_sub(meant.ms())?).ok()?;
    likeness(meant, &heard, (0, later)).map(|l| l.correlation)
}

#[test]
fn an_officers_voice_leaves_the_horns_and_can_be_heard_again() {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new("voice") }).expect("a stage");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    let officer = stage.officer().expect("an officer");
    let speech = spoken(SPEECH, &stage.path("")).expect("a speaker");
    let told = stage.commune.now();
    let live = begin(&officer, &json!({"targets": {"clusters": ["*"]}, "max_s": 60}));
    officer.wait_air("the voice", |air| air.to_string().contains("\"live\"").then_some(())).expect("on air");
    // As a browser does: a piece at a time, at the pace of speech.
    let started = Instant::now();
    let silence = vec![0; RATE * 3 / 2];
    let pieces: Vec<Vec<i16>> = [&silence[..], &speech[..]].concat().chunks(RATE / 25).map(<[i16]>::to_vec).collect();
    for (n, piece) in pieces.iter().enumerate() {
        assert_eq!(officer.speak(&live, piece, RATE as u32).expect("an answer"), 204);
        let due = started + Duration::from_millis(40) * (n as u32 + 1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    // By its envelope: it is stretched a little, because the browser's clock is not the card's.
    let meant = print_of(&speech);
    let found = |tape: &Tape| alike(&meant, tape.between(0, told, u64::MAX)).filter(|alike| *alike > 0.8);
    stage.wait_tape("the voice", found).expect("heard");
    assert_eq!(officer.delete(&format!("/api/v1/live/{live}")).expect("an answer").status, 200);
    assert_eq!(officer.speak(&live, &pieces[0], RATE as u32).expect("an answer"), 410, "it is over");
    stage.wait_off().expect("the horns are off");

    let rows = officer.journal().expect("the journal");
    let played = rows.iter().filter(|e| e["type"] == "played" && e["bulletin"] == format!("live:{live}")).count();
    assert!(played > 0, "it is in the play log: {rows:?}");
    let sinks = officer.get("/api/v1/sinks").expect("the sinks").body;
    let hall = sinks["sinks"].as_array().and_then(|all| all.iter().find(|s| s["id"] == "hall")).expect("the hall");
    assert!(hall["open"] == true && hall["peak_dbtp"].as_f64().is_some_and(|p| p < -0.9), "{hall}");

    // The recording is there once the silence after it has been waited for.
    let until = Instant::now() + Duration::from_secs(20);
    let id = loop {
        let kept = officer.get("/api/v1/recordings?sink=hall").expect("the recordings").body;
        let first = kept["recordings"][0]["id"].as_str().map(str::to_owned);
        match first {
            Some(id) => break id,
            None => assert!(Instant::now() < until, "nothing was kept: {kept}"),
        }
        thread::sleep(Duration::from_millis(200));
    };
    let (file, wav) = (stage.path("kept.ogg"), stage.path("kept.wav"));
    fs::write(&file, officer.fetch(&format!("/api/v1/recordings/{id}")).expect("the recording")).expect("written");
    ffmpeg(&["-i", &file.display().to_string(), "-ac", "1", "-ar", "48000"], &wav).expect("ffmpeg plays it");
    let kept = decoded(&wav).expect("a wave");
    let alike = alike(&meant, &kept).expect("it is long enough");
    assert!(alike > 0.8, "what is kept is what was said: {alike:.2}");
}

#[test]
fn an_input_of_the_site_goes_on_air() {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new("input") }).expect("a stage");
    let speech = spoken(SPEECH, &stage.path("")).expect("a speaker");
    stage.cards.speak(CARD, [&speech, &speech]).expect("somebody speaks at the station");
    let mut config = fs::File::options().append(true).open(&stage.station.config).expect("its configuration");
    write!(config, "\n[[input]]\nid = \"mic\"\ndriver = \"capture\"\ndevice = \"{CARD}\"\nchannels = [0]\n")
        .expect("configured");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    let officer = stage.officer().expect("an officer");
    let told = stage.commune.now();
    let live = begin(&officer, &json!({"input": "mic", "max_s": 60}));
    let part = &speech[RATE..RATE * 2];
    let found = |tape: &Tape| tape.find(0, part, told, u64::MAX).filter(|f| f.likeness > 0.9).map(drop);
    stage.wait_tape("the microphone", found).expect("heard");
    assert_eq!(officer.delete(&format!("/api/v1/live/{live}")).expect("an answer").status, 200);
    stage.wait_off().expect("the horns are off");
    let answer = officer.post("/api/v1/live", &json!({"input": "radio"})).expect("an answer");
    assert_eq!(answer.status, 409, "the site has no such input: {answer:?}");
}

#[test]
fn a_recording_that_falls_silent_is_found_out_and_the_words_are_said() {
    let stage = Stage::up(&Plan::new("silent")).expect("a stage");
    let file = stage.path("silent.wav");
    let gate = "sine=f=440:d=20,volume='if(between(t,1,16),0,0.5)':eval=frame";
    ffmpeg(&["-f", "lavfi", "-i", gate, "-ar", "48000"], &file).expect("ffmpeg");
    let media = stage.shelf.add(&file).expect("taken in");
    // In the cache first, so that the recording is what is played.
    let mut first = with_audio(emergency("BT-1", 1), &media);
    first["priority"] = "ordinary".into();
    let (waits, _) = stage.publish("bulletin", &first).expect("published");
    stage.reach(&waits, "waiting").expect("in the cache");
    let (jti, sent) = stage.publish("bulletin", &with_audio(emergency("KC-1", 1), &media)).expect("published");
    stage.reach(&jti, "audible").expect("it begins");
    let words = stage.words().expect("the voice");
    let said = |tape: &Tape| tape.times(0, &words, sent, u64::MAX).first().map(|f| f.at_ns);
    let said = stage.wait_tape(WORDS, said).expect("the words stand in");
    assert!(said - sent < 12_000_000_000, "15 s of silence were not waited for: {} ms", (said - sent) / 1_000_000);
    let officer = stage.officer().expect("an officer");
    let rows = officer.journal().expect("the journal");
    let found = rows.iter().filter(|e| e["type"] == "incident" && e["code"] == "silence_while_due").count();
    assert!(found > 0, "{rows:?}");
}
