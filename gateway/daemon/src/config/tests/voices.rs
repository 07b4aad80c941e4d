//! Voices as a configuration names them.

use super::*;

#[test]
fn voices_are_read_in_their_order_and_espeak_speaks_the_dialect() {
    let speech = |added: &str| {
        let (config, problems, _) = read_all_there(&changed("[web]", &format!("[speech]\n{added}\n[web]")));
        assert_eq!(problems, []);
        config.expect("a station").speech
    };
    let vi = |speech: &SpeechConfig| speech.voices.get("vi").cloned().unwrap_or_default();
    for (dialect, voice) in [("north", "vi"), ("central", "vi-vn-x-central"), ("south", "vi-vn-x-south")] {
        assert_eq!(vi(&speech(&format!("dialect = \"{dialect}\""))), voice);
    }
    assert_eq!(vi(&speech("voices = { VI = \"vi-vn-x-south\" }")), "vi-vn-x-south");
    assert_eq!(vi(&speech("voices = { km = \"km\" }")), "vi", "another language does not take it away");
    let both = "[[speech.engine]]\nname = \"piper\"\ncommand = [\"piper\", \"-m\", \"vi.onnx\", \"--output_file\", \"-\"]\n\
                [[speech.engine]]\nname = \"sherpa\"\ncommand = [\"tts\", \"--out={out}\", \"{text}\"]\nlanguages = [\"vi-VN\"]\n\
                memory_mb = 512";
    let engines = speech(both).engines;
    let short: Vec<_> = engines.iter().map(|e| (e.name.as_str(), e.languages.join(","), e.memory_mb)).collect();
    assert_eq!(short, [("piper", "vi".to_owned(), 1024), ("sherpa", "vi-vn".to_owned(), 512)]);
    assert_eq!(engines[1].command, ["tts", "--out={out}", "{text}"]);
}
