//! An urgent text sounds with its first sentence while the voice is still making the next, and the words of the officers'
//! dictionary are said from the moment they are stored.

use serde_json::json;
use site_tests::stage::word::{WORDS, typed_emergency};
use site_tests::stage::{Plan, RATE, Stage, spoken};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// Its last sentence.
const LAST: &str = "Chú ý theo dõi.";

#[test]
fn the_first_sentence_is_heard_before_the_second_is_made() {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new("growing") }).expect("a stage");
    // A voice that makes its first sentence at once and waits for a gate before each further one.
    let (voice, dir) = (stage.path("voice"), stage.path(""));
    let dir = dir.display();
    let script = format!(
        "#!/bin/sh\nt=$(cat)\nif [ -e {dir}/first ]; then while [ ! -e {dir}/gate ]; do sleep 0.02; done; fi\n\
         : > {dir}/first\necho \"$t\" | espeak-ng \"$@\"\n"
    );
    fs::write(&voice, script).expect("written");
    fs::set_permissions(&voice, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut config = fs::File::options().append(true).open(&stage.station.config).expect("its configuration");
    write!(config, "\n[speech]\ncommand = \"{}\"\n", voice.display()).expect("configured");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");

    let officer = stage.officer().expect("an officer");
    let told = stage.commune.now();
    let mut ask = typed_emergency(1);
    ask["text"] = format!("{WORDS} {LAST}").into();
    officer.order("/api/v1/emergency", &ask).expect("carried out");
    let words = stage.words().expect("the voice");
    let heard = |t: &site_tests::stage::Tape| t.times(0, &words, told, u64::MAX).first().map(|f| f.at_ns);
    let first = stage.wait_tape("its first sentence", heard).expect("heard");
    assert!(!stage.path("gate").exists(), "nobody has let the voice go on");
    fs::write(stage.path("gate"), "").expect("it may go on");
    let last = spoken(LAST, &stage.path("")).expect("the voice").split_off(RATE / 5);
    let heard = |t: &site_tests::stage::Tape| t.times(0, &last, first, u64::MAX).first().map(|f| f.at_ns);
    assert!(stage.wait_tape("its last sentence", heard).expect("heard") > first);
    stage.wait_off().expect("it ends");
    assert_eq!(stage.tape().expect("a tape").times(0, &words, told, u64::MAX).len(), 1, "nothing is said twice");
}

#[test]
fn the_words_of_the_dictionary_are_said_from_the_moment_they_are_stored() {
    let mut stage = Stage::set(&Plan { hub: false, ..Plan::new("lexicon") }).expect("a stage");
    stage.station.start().expect("the station starts");
    stage.station.wait_ready().expect("ready");
    let officer = stage.leader().expect("a leader");
    let path = "/api/v1/lexicon";
    let seen = officer.get(path).expect("the dictionary").body;
    let trial = json!({ "text": "QLX.", "lexicon": format!("QLX = {}", WORDS.trim_end_matches('.').to_lowercase()) });
    let wav = officer.hear("/api/v1/lexicon/try", &trial).expect("heard");
    assert!(wav.starts_with(b"RIFF") && wav.len() > 20_000, "{} bytes", wav.len());
    let change = json!({ "text": trial["lexicon"], "version": seen["version"] });
    let stored = officer.put(path, &change).expect("an answer");
    assert_eq!(stored.status, 200, "{stored:?}");
    assert_eq!(officer.put(path, &change).expect("an answer").status, 409, "over another version");
    assert_eq!(officer.put(path, &json!({ "text": "dấu bằng đâu", "version": "" })).expect("an answer").status, 409);

    let told = stage.commune.now();
    let mut ask = typed_emergency(1);
    ask["text"] = "QLX.".into();
    officer.order("/api/v1/emergency", &ask).expect("carried out");
    let words = stage.words().expect("the voice");
    let heard = |t: &site_tests::stage::Tape| t.times(0, &words, told, u64::MAX).first().map(drop);
    stage.wait_tape("the words of the dictionary", heard).expect("heard");
    drop(officer);
    stage.station.stop().expect("it ends");
    stage.station.start().expect("on again");
    stage.station.wait_ready().expect("ready");
    let officer = stage.officer().expect("an officer");
    assert_eq!(officer.get(path).expect("the dictionary").body, stored.body, "kept");
}
