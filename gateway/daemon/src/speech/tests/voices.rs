//! The better voice is preferred, comes back, and an urgent text does not wait for it.

use super::trouble::shell;
use super::*;

/// Speaks, if slowly, at 16 kHz: that tells it from espeak-ng.
const PIPER: &str = "espeak-ng -v vi --stdin --stdout | sox -t wav - -t wav -r 16000 -b 16 -";

fn with(engines: Vec<EngineConfig>) -> SpeechConfig {
    SpeechConfig { engines, ..espeak() }
}

fn urgent(letter: char, text: &str) -> BTreeMap<SpeechId, SpeechWant> {
    let (id, want) = say(letter, "vi", text);
    BTreeMap::from([(id, SpeechWant { urgent: true, ..want })])
}

#[test]
fn the_preferred_voice_speaks_what_has_time() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, with(vec![shell("one", PIPER), shell("two", PIPER)]), quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào bà con.")]));
    assert!(mouth.ready_ms() > 500);
    assert_eq!(mouth.engine(&name('a')), "one");
    mouth.idle();
    assert!(mouth.reports.try_recv().is_err(), "once is enough");
}

#[test]
fn a_better_voice_that_comes_back_speaks_what_has_time_again() {
    let folder = Folder::new();
    let here = folder.path().join("here");
    let script = format!("[ -e {} ] || exit 1; {PIPER}", here.display());
    let mouth = Mouth::open(&folder, with(vec![shell("piper", &script)]), quick());
    let wanted = BTreeMap::from([say('a', "vi", "Xin chào bà con.")]);
    mouth.speech.want(&wanted);
    assert!(mouth.ready_ms() > 500);
    assert_eq!(mouth.engine(&name('a')), "espeak-ng");
    fs::write(here, "").expect("it is back");
    // At a new start attempts count from nothing.
    drop(mouth);
    let mouth = Mouth::open(&folder, with(vec![shell("piper", &script)]), quick());
    mouth.speech.want(&wanted);
    for _ in 0..3 {
        assert!(mouth.ready_ms() > 500, "as it was, twice, and the better one");
    }
    assert_eq!(mouth.engine(&name('a')), "piper");
    mouth.idle();
    assert!(mouth.reports.try_recv().is_err());
}

#[test]
fn an_urgent_text_does_not_wait_for_a_voice_that_has_not_shown_itself_brisk() {
    let folder = Folder::new();
    let gate = folder.path().join("gate");
    let script = format!("while [ ! -e {} ]; do sleep 0.01; done; {PIPER}", gate.display());
    let mouth = Mouth::open(&folder, with(vec![shell("piper", &script)]), quick());
    mouth.speech.want(&urgent('a', "Lũ đang lên."));
    assert!(mouth.ready_ms() > 500);
    assert_eq!(mouth.engine(&name('a')), "espeak-ng");
    until(|| mouth.speech.shared.lock().running.len() == 1);
    let playing = fs::read(mouth.speech.path(&name('a'))).expect("a file");
    let mut player = fs::File::open(mouth.speech.path(&name('a'))).expect("it plays");
    fs::write(gate, "").expect("opened");
    assert!(mouth.ready_ms() > 500);
    assert_eq!(mouth.engine(&name('a')), "piper", "for the next repeat");
    let mut played = Vec::new();
    io::Read::read_to_end(&mut player, &mut played).expect("read");
    assert_eq!(played, playing, "what is being played stays what it was");
}

#[test]
fn a_voice_that_has_shown_itself_brisk_speaks_urgent_texts_too() {
    let folder = Folder::new();
    let quick_voice = "exec espeak-ng -v vi --stdin --stdout";
    let mouth = Mouth::open(&folder, with(vec![shell("quick", quick_voice)]), quick());
    until(|| {
        mouth.speech.want(&BTreeMap::from([say('a', "vi", &"Bà con chú ý theo dõi. ".repeat(4))]));
        assert!(mouth.ready_ms() > 500);
        mouth.idle();
        mouth.speech.want(&BTreeMap::new());
        mouth.speech.shared.engines[0].is_brisk()
    });
    mouth.speech.want(&urgent('b', "Lũ đang lên."));
    assert!(mouth.ready_ms() > 500);
    assert_eq!(mouth.engine(&name('b')), "quick");
}

#[test]
fn an_urgent_text_is_ready_with_its_first_sentence_and_grows_behind_it() {
    let folder = Folder::new();
    // Each sentence waits for its own gate: the slowest voice there can be, without a clock.
    let script = format!(
        "t=$(cat); cd {}; echo x >> pieces; n=$(wc -l < pieces); while [ ! -e gate-$n ]; do sleep 0.01; done; \
         echo \"$t\" | espeak-ng -v vi --stdin --stdout",
        folder.path().display()
    );
    let open = |gate: u32| fs::write(folder.path().join(format!("gate-{gate}")), "").expect("opened");
    let config = SpeechConfig { engines: vec![shell("slow", &script)], command: "/nonexistent".to_owned(), ..espeak() };
    let mouth = Mouth::open(&folder, config, Pace { urgent: LONG, ..quick() });
    let text = "Lũ đang lên rất nhanh. Bà con sơ tán ngay. Đi về trường học. Không quay lại lấy đồ.";
    mouth.speech.want(&urgent('a', text));
    open(1);
    let likely = mouth.ready_ms();
    assert!((3_000..12_000).contains(&likely), "four sentences take about {likely} ms");
    let path = mouth.speech.path(&name('a'));
    assert!(!path.exists(), "it is not whole");
    let mut growing = drivers::sound::Growing::open(&path, LONG).expect("and can be played");
    assert!(!growing.is_whole());
    let mut first = vec![0; 44 + 22_050];
    io::Read::read_exact(&mut growing, &mut first).expect("half a second of the first sentence");
    assert!(first[44..].iter().any(|b| *b != 0));
    open(2);
    open(3);
    let whole = mouth.ready_ms();
    assert!((3_000..12_000).contains(&whole), "{whole}");
    let mut rest = Vec::new();
    io::Read::read_to_end(&mut growing, &mut rest).expect("to its end");
    assert!(growing.is_whole());
    let file = fs::read(&path).expect("whole");
    assert_eq!(file.len(), first.len() + rest.len());
    assert_eq!(file[44..], [&first[44..], &rest].concat(), "every sample was heard");
    assert_eq!(wav_length(&path).expect("a true header"), whole);
}

#[test]
fn a_text_announced_and_then_lost_is_said_to_have_failed() {
    let folder = Folder::new();
    let once = folder.path().join("once").display().to_string();
    let script = format!("[ -e {once} ] && exit 1; : > {once}; exec espeak-ng -v vi --stdin --stdout");
    let config = SpeechConfig { engines: vec![shell("once", &script)], command: "/nonexistent".to_owned(), ..espeak() };
    let mouth = Mouth::open(&folder, config, Pace { first: LONG, ..quick() });
    mouth.speech.want(&urgent('a', "Lũ đang lên rất nhanh. Bà con sơ tán ngay."));
    assert!(mouth.ready_ms() > 500, "its first sentence");
    let path = mouth.speech.path(&name('a'));
    let growing = drivers::sound::Growing::open(&path, LONG);
    let why = mouth.failure();
    assert!(why.contains("once") || why.contains("sh failed"), "{why}");
    if let Ok(mut growing) = growing {
        let mut heard = Vec::new();
        let broken = io::Read::read_to_end(&mut growing, &mut heard).expect_err("it was given up");
        assert!(broken.to_string().contains("given up"), "{broken}");
    }
}

#[test]
fn words_of_the_dictionary_change_the_texts_they_are_in_and_no_others() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Đường QLX ngập sâu."), say('b', "vi", "Nước đang rút.")]));
    assert!(mouth.ready_ms() > 0 && mouth.ready_ms() > 0);
    let file = |letter| fs::metadata(mouth.speech.path(&name(letter))).and_then(|m| m.modified()).expect("a file");
    let before = (file('a'), file('b'));
    let words = Lexicon::parse("QLX = quốc lộ hai mươi hai\n").expect("a dictionary");
    mouth.speech.prompter().reword(words);
    let (id, made) = mouth.report();
    assert_eq!(id, name('a'));
    assert!(matches!(made, Made::Ready { .. }));
    mouth.idle();
    assert!(mouth.reports.try_recv().is_err(), "the other one is kept");
    assert_ne!(file('a'), before.0);
    assert_eq!(file('b'), before.1);
}

#[test]
fn sentences_in_another_language_are_left_out_and_alone_refused() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "សូមប្រយ័ត្ន! ទឹកកំពុងឡើង។")]));
    assert!(mouth.failure().contains("not in vi"));
    mouth.speech.want(&BTreeMap::from([say('b', "vi", "Nước đang lên.")]));
    let alone = mouth.ready_ms();
    mouth.speech.want(&BTreeMap::from([say('c', "vi", "Nước đang lên. សូមប្រយ័ត្ន! ទឹកកំពុងឡើង។")]));
    assert_eq!(mouth.ready_ms(), alone, "the same as without them");
}

#[test]
fn the_desk_hears_a_trial_with_words_that_are_not_in_use_yet() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    let prompter = mouth.speech.prompter();
    let short = prompter.hear("vi", "Đường QLX.", None).expect("heard");
    let words = Lexicon::parse("QLX = quốc lộ hai mươi hai bê nối dài\n").expect("a dictionary");
    let long = prompter.hear("vi", "Đường QLX.", Some(&words)).expect("heard");
    assert!(long.wav.len() > short.wav.len() * 5 / 4, "{} and {}", long.wav.len(), short.wav.len());
    assert_eq!(long.engine, "espeak-ng");
    let nothing = prompter.hear("vi", "…", None).expect_err("nothing to say");
    assert!(matches!(nothing, trial::Unheard::Unsayable(_)));
    assert!(matches!(prompter.hear("km", "x", None), Err(trial::Unheard::Unsayable(_))));
    let busy = mouth.speech.shared.trial.lock().expect("one trial");
    assert_eq!(prompter.hear("vi", "Đường.", None).expect_err("another"), trial::Unheard::Busy);
    drop(busy);
}
