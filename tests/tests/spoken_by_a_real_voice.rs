//! What is said for a written text is read by espeak-ng's Vietnamese voice as Vietnamese, and makes sound.

use gateway_core::spoken::{Lexicon, spoken};
use std::io::Write as _;
use std::process::{Command, Stdio};

const TABLES: [&str; 3] = [
    include_str!("../../gateway/core/src/spoken/tests/numbers.tsv"),
    include_str!("../../gateway/core/src/spoken/tests/offices.tsv"),
    include_str!("../../gateway/core/src/spoken/tests/warnings.tsv"),
];

fn written() -> Vec<String> {
    let rows = TABLES.iter().flat_map(|table| table.lines()).filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| row.split('\t').next()).map(|row| row.replace("\\n", "\n")).collect()
}

fn said(text: &str) -> String {
    spoken(text, &Lexicon::default()).text()
}

/// Runs the voice over a text, by its stdin as the station does.
fn espeak(arguments: &[&str], text: &str) -> Vec<u8> {
    let mut child = Command::new("espeak-ng")
        .args(arguments)
        .args(["-b", "1", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("espeak-ng (scripts/setup installs it)");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("a writer").expect("written");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Where the voice changes to another language it says so in its phonemes: `(en)`.
fn phonemes(voice: &str, text: &str) -> String {
    String::from_utf8(espeak(&["-v", voice, "-x", "-q"], text)).expect("phonemes")
}

#[test]
fn no_voice_falls_into_english() {
    // As it is written, it does: the test can fail.
    assert!(phonemes("vi", "UBND xã nhắn qua Facebook và website").contains("(en)"));

    let everything: Vec<String> = written().iter().map(|row| said(row)).collect();
    for voice in ["vi", "vi-vn-x-central", "vi-vn-x-south"] {
        let heard = phonemes(voice, &everything.join("\n"));
        let strange: Vec<&str> = heard.lines().filter(|line| line.contains('(')).collect();
        assert!(strange.is_empty(), "{voice} leaves Vietnamese in {strange:#?}");
    }
}

#[test]
fn fifty_texts_make_sound() {
    let written = written();
    let step = written.len() / 50;
    for text in written.iter().step_by(step).take(50) {
        let said = said(text);
        let wav = espeak(&["-v", "vi", "--stdout"], &said);
        let samples: Vec<i16> =
            wav.get(44..).unwrap_or_default().chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect();
        // 22 050 Hz; no syllable is shorter than a twentieth of a second.
        let syllables = said.split_whitespace().count();
        assert!(samples.len() > syllables * 22_050 / 20, "{said:?} lasts {} samples", samples.len());
        assert!(samples.iter().any(|sample| sample.unsigned_abs() > 3000), "{said:?} is silent");
    }
}
