//! A voice that is installed on this machine, asked in its own language: run by hand, since no voice is in the image.

use super::*;

/// `GATEWAY_TEST_VOICE="LANG PROGRAM ARGUMENT…" cargo test -p gateway installed -- --ignored --nocapture`, for instance
/// `en piper --model en.onnx --output_file -`, and `GATEWAY_TEST_TEXT` with a few sentences.
#[test]
#[ignore = "needs a voice: name its language and command in GATEWAY_TEST_VOICE, its text in GATEWAY_TEST_TEXT"]
fn an_installed_voice_speaks_and_is_believed() {
    let named = std::env::var("GATEWAY_TEST_VOICE").expect("GATEWAY_TEST_VOICE");
    let text = std::env::var("GATEWAY_TEST_TEXT").expect("GATEWAY_TEST_TEXT");
    let mut words = named.split_whitespace().map(str::to_owned);
    let lang = words.next().expect("a language");
    let engine = EngineConfig {
        name: "installed".to_owned(),
        command: words.collect(),
        languages: vec![lang.clone()],
        memory_mb: 1024,
    };
    let folder = Folder::new();
    let pace = Pace { rest: LONG, ..Pace::default() };
    let mouth = Mouth::open(&folder, SpeechConfig { engines: vec![engine], ..espeak() }, pace);
    for (letter, urgent) in [('a', false), ('b', true)] {
        let begun = Instant::now();
        let (id, want) = say(letter, &lang, &text);
        mouth.speech.want(&BTreeMap::from([(id.clone(), SpeechWant { urgent, ..want })]));
        let first = (mouth.ready_ms(), begun.elapsed());
        mouth.idle();
        let whole = (wav_length(&mouth.speech.path(&id)).expect("a WAV"), begun.elapsed());
        println!(
            "urgent {urgent}: first word of {} ms after {:?}, all {} ms after {:?}",
            first.0, first.1, whole.0, whole.1
        );
        assert_eq!(mouth.engine(&id), "installed");
        let heard = drivers::sound::probe(&mouth.speech.path(&id)).expect("a decoder takes it");
        assert_eq!(u64::try_from(heard.as_millis()).expect("short"), whole.0);
    }
    for metric in mouth.speech.metrics()() {
        println!("{} {:?} {}", metric.name, metric.labels, metric.value);
    }
}
