//! A preferred voice that misbehaves in any way is followed by one that speaks, and put aside.

use super::*;

const TEXT: &str = "Nước lũ đang lên nhanh, bà con sơ tán ngay đến trường học.";

/// A preferred voice that runs this script instead, and espeak-ng behind it.
pub(super) fn before_espeak(script: &str) -> SpeechConfig {
    SpeechConfig { engines: vec![shell("bad", script)], ..espeak() }
}

/// A voice of one script; its text comes by stdin unless the script names `$1`.
pub(super) fn shell(name: &str, script: &str) -> EngineConfig {
    let mut command = ["sh", "-c", script, "voice"].map(str::to_owned).to_vec();
    for (place, word) in [("$1", child::TEXT), ("$2", child::OUT)] {
        if script.contains(place) {
            command.push(word.to_owned());
        }
    }
    EngineConfig { name: name.to_owned(), command, languages: vec!["vi".to_owned()], memory_mb: 64 }
}

/// Speaks with a preferred voice that fails so, and returns why it says it did.
#[track_caller]
fn followed(script: &str, pace: Pace) -> u32 {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, before_espeak(script), pace);
    mouth.speech.want(&BTreeMap::from([say('a', "vi", TEXT)]));
    let spoken = mouth.ready_ms();
    assert!((2_000..8_000).contains(&spoken), "{spoken} ms");
    assert_eq!(mouth.engine(&name('a')), "espeak-ng");
    let heard = drivers::sound::probe(&mouth.speech.path(&name('a'))).expect("a decoder takes it");
    assert_eq!(u64::try_from(heard.duration.as_millis()).expect("short"), spoken);
    let health = mouth.speech.metrics()();
    let failures = health.iter().find(|m| m.name == "gateway_speech_failures_total").expect("counted");
    assert_eq!(failures.labels, [("engine", "bad".to_owned())]);
    failures.value as u32
}

macro_rules! followed {
    ($($name:ident: $script:expr;)+) => {$(
        #[test]
        fn $name() {
            assert!(followed($script, Pace { rest: LONG, ..quick() }) >= 1);
        }
    )+};
}

followed! {
    a_missing_voice_is_followed: "exec /nonexistent/piper";
    a_voice_that_dies_is_followed: "cat > /dev/null; exit 1";
    a_voice_that_is_killed_is_followed: "kill -9 $$";
    a_voice_that_speaks_and_then_fails_is_followed: "espeak-ng -v vi --stdin --stdout; exit 3";
    a_voice_that_writes_nothing_is_followed: "cat > /dev/null";
    a_voice_that_writes_words_is_followed: "echo I am no WAV";
    a_voice_that_writes_another_kind_of_file_is_followed:
        "espeak-ng -v vi --stdin --stdout | ffmpeg -v error -i - -f mp3 -";
    a_voice_of_an_absurd_rate_is_followed: "espeak-ng -v vi --stdin --stdout | sox -t wav - -t wav -r 96000 -";
    a_voice_at_another_speed_is_followed: "espeak-ng -v vi --stdin --stdout | sox -t wav - -t wav - speed 0.05";
    a_silent_voice_is_followed: "cat > /dev/null; sox -n -r 22050 -b 16 -c 1 -t wav - trim 0 4";
    a_humming_voice_is_followed: "cat > /dev/null; sox -n -r 22050 -b 16 -c 1 -t wav - synth 4 sine 300";
    a_hissing_voice_is_followed: "cat > /dev/null; sox -R -n -r 22050 -b 16 -c 1 -t wav - synth 4 whitenoise";
    a_voice_that_speaks_too_little_is_followed: "cat > /dev/null; espeak-ng -v vi --stdout A";
    a_voice_that_floods_its_output_is_followed: "exec cat /dev/zero";
    a_voice_that_floods_its_messages_is_followed: "head -c 100000000 /dev/zero >&2; exit 1";
    a_voice_that_floods_a_file_is_followed: "head -c 300000000 /dev/zero > \"$2\"; : \"$1\"";
    a_voice_that_makes_no_file_is_followed: ": \"$1\" \"$2\"";
    a_voice_that_takes_all_memory_is_followed: "exec tail /dev/zero";
}

#[test]
fn a_voice_that_hangs_is_followed_when_its_time_is_over() {
    let pace = Pace { within: Duration::from_secs(3), a_letter: Duration::ZERO, rest: LONG, ..quick() };
    assert_eq!(followed("exec sleep 1000", Pace { most: LONG, ..pace }), 1);
}

#[test]
fn a_voice_that_failed_is_left_alone_for_a_while() {
    let folder = Folder::new();
    let script = format!("echo x >> {}; exit 1", folder.path().join("asked").display());
    let mouth = Mouth::open(&folder, before_espeak(&script), Pace { rest: LONG, most: LONG, ..quick() });
    for letter in ['a', 'b', 'c'] {
        mouth.speech.want(&BTreeMap::from([say(letter, "vi", TEXT)]));
        assert!(mouth.ready_ms() > 0);
    }
    assert_eq!(fs::read_to_string(folder.path().join("asked")).expect("asked"), "x\n");
}

#[test]
fn a_voice_that_fails_in_the_middle_is_followed_in_the_middle() {
    let folder = Folder::new();
    let count = folder.path().join("count").display().to_string();
    // 16 kHz first, then nothing: what follows has another rate.
    let script = format!(
        "[ -e {count} ] && exit 1; : > {count}; espeak-ng -v vi --stdin --stdout | sox -t wav - -t wav -r 16000 -b 16 -"
    );
    let config = before_espeak(&script);
    let mouth = Mouth::open(&folder, config, Pace { rest: LONG, most: LONG, ..quick() });
    let (id, want) = say('a', "vi", &"Bà con chú ý theo dõi thông báo tiếp theo. ".repeat(20));
    mouth.speech.want(&BTreeMap::from([(id, want)]));
    let spoken = mouth.ready_ms();
    assert!((40_000..80_000).contains(&spoken), "{spoken} ms for 20 sentences of 2 to 4 s");
    assert_eq!(mouth.engine(&name('a')), "espeak-ng", "the lesser of the two");
}
