//! A voice through its command, as an installer names it: espeak-ng, or the one that is installed on this machine.

use super::*;

/// Two sentences and two more.
const TEXT: &str = "Nước lũ đang lên rất nhanh. Bà con ven sông sơ tán ngay. Đi về trường học. Chú ý theo dõi.";

/// `GATEWAY_TEST_VOICE="LANG PROGRAM ARGUMENT…" cargo test -p gateway installed -- --nocapture` tries another, for
/// instance `en piper --model en.onnx --output_file -`, with a few sentences of its language in `GATEWAY_TEST_TEXT`.
#[test]
fn an_installed_voice_speaks_and_is_believed() {
    let named = std::env::var("GATEWAY_TEST_VOICE");
    let named = named.unwrap_or_else(|_| "vi espeak-ng -v vi -b 1 --stdin --stdout".to_owned());
    let text = std::env::var("GATEWAY_TEST_TEXT").unwrap_or_else(|_| TEXT.to_owned());
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
        assert_eq!(u64::try_from(heard.duration.as_millis()).expect("short"), whole.0);
    }
    for metric in mouth.speech.metrics()() {
        println!("{} {:?} {}", metric.name, metric.labels, metric.value);
    }
}
