//! The voice speaks Vietnamese, nothing else with it, and never waits for ever.

mod installed;
mod trouble;
mod voices;

use super::*;
use crate::config::EngineConfig;
use crate::testing::Folder;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::{Receiver, sync_channel};

/// Patience of a test that waits for something that must come.
const LONG: Duration = Duration::from_secs(30);

fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace { first: ms(20), most: ms(50), within: LONG, a_letter: ms(1), urgent: LONG, gap: LONG, rest: ms(20) }
}

fn espeak() -> SpeechConfig {
    let voices = BTreeMap::from([("vi".to_owned(), "vi".to_owned())]);
    SpeechConfig { engines: Vec::new(), command: "espeak-ng".to_owned(), voices, words_per_minute: 150 }
}

fn name(letter: char) -> SpeechId {
    SpeechId::from(letter.to_string().repeat(64))
}

fn say(letter: char, lang: &str, text: &str) -> (SpeechId, SpeechWant) {
    (name(letter), SpeechWant { lang: lang.to_owned(), text: text.to_owned(), urgent: false })
}

struct Mouth {
    speech: Speech,
    reports: Receiver<(SpeechId, Made)>,
}

impl Mouth {
    fn open(folder: &Folder, config: SpeechConfig, pace: Pace) -> Self {
        let (told, reports) = sync_channel(1000);
        let report = move |id, made| drop(told.send((id, made)));
        let speech = folder.path().join("speech");
        let speech = Speech::start(&speech, 1 << 30, &config, Lexicon::default(), pace, report).expect("started");
        Self { speech, reports }
    }

    #[track_caller]
    fn report(&self) -> (SpeechId, Made) {
        self.reports.recv_timeout(LONG).expect("a report")
    }

    /// Waits until nothing is being spoken and nothing is due.
    #[track_caller]
    fn idle(&self) {
        until(|| {
            let state = self.speech.shared.lock();
            state.running.is_empty() && state.jobs.is_empty()
        });
    }

    /// Who has spoken it, as is noted beside it.
    fn engine(&self, id: &SpeechId) -> String {
        let by = self.speech.shared.lock().shelf.by(id.as_str());
        Stamp::read(&by).map(|stamp| stamp.name).unwrap_or_default()
    }

    #[track_caller]
    fn ready_ms(&self) -> u64 {
        match self.report().1 {
            Made::Ready { duration_ms } => duration_ms,
            Made::Failed(why) => panic!("it failed: {why}"),
        }
    }

    #[track_caller]
    fn failure(&self) -> String {
        match self.report().1 {
            Made::Failed(why) => why,
            Made::Ready { .. } => panic!("it was spoken"),
        }
    }
}

/// A program in place of the voice.
fn program(folder: &Folder, script: &str) -> SpeechConfig {
    let path = folder.path().join("voice");
    // Written under another name: a file still open for writing cannot be executed.
    let draft = folder.path().join("draft");
    fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).expect("executable");
    fs::rename(&draft, &path).expect("renamed");
    SpeechConfig { command: path.display().to_string(), ..espeak() }
}

#[test]
fn a_vietnamese_text_is_spoken_and_known_again_at_the_next_start() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    let text = "Thông báo khẩn cấp. Nước lũ đang lên nhanh, bà con thôn Một sơ tán ngay đến trường học.";
    let wanted = BTreeMap::from([say('a', "vi", text)]);
    mouth.speech.want(&wanted);
    let spoken = mouth.ready_ms();
    assert!((4000..15_000).contains(&spoken), "{spoken} ms for 19 syllables");
    let path = mouth.speech.path(&name('a'));
    let heard = drivers::sound::probe(&path).expect("a decoder takes it");
    assert_eq!(u64::try_from(heard.duration.as_millis()).expect("short"), spoken);
    drop(mouth);
    let mouth = Mouth::open(&folder, espeak(), quick());
    assert_eq!(mouth.report(), (name('a'), Made::Ready { duration_ms: spoken }), "at the start");
    mouth.speech.want(&wanted);
    assert_eq!(mouth.report(), (name('a'), Made::Ready { duration_ms: spoken }), "and when it is wanted");
    mouth.idle();
    assert!(mouth.reports.try_recv().is_err(), "it is not spoken again");
}

#[test]
fn what_was_spoken_is_reported_at_the_start() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào")]));
    let spoken = mouth.report();
    drop(mouth);
    fs::remove_file(folder.path().join("speech").join(name('a').as_str()).with_extension("ms")).expect("noted");
    fs::write(folder.path().join("speech").join(name('b').as_str()).with_extension("wav"), "broken").expect("written");
    let mouth = Mouth::open(&folder, espeak(), quick());
    assert_eq!(mouth.report(), spoken, "its length is in its header");
    mouth.speech.want(&BTreeMap::from([say('b', "vi", "Xin chào")]));
    assert_eq!(mouth.report(), (name('b'), spoken.1), "the broken one is spoken anew");
}

#[test]
fn the_longest_text_is_spoken_whole() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    let sentence = "Bà con chú ý theo dõi thông báo tiếp theo. ";
    let long = sentence.repeat(32 * 1024 / sentence.len());
    assert!(long.len() > 31_000);
    mouth.speech.want(&BTreeMap::from([say('a', "vi", &long), say('b', "vi", sentence)]));
    let mut lengths: Vec<u64> = [mouth.ready_ms(), mouth.ready_ms()].into();
    lengths.sort_unstable();
    let times = lengths[1] / lengths[0];
    assert!(times as usize > long.len() / sentence.len() / 2, "{lengths:?}");
}

#[test]
fn another_language_is_never_spoken_with_a_vietnamese_voice() {
    let folder = Folder::new();
    let mouth = Mouth::open(&folder, espeak(), quick());
    for (letter, lang) in [('a', "km"), ('b', "cjm"), ('c', "en"), ('d', ""), ('e', "vie")] {
        mouth.speech.want(&BTreeMap::from([say(letter, lang, "Xin chào")]));
        assert_eq!(mouth.failure(), format!("no voice for {lang}"));
    }
    mouth.speech.want(&BTreeMap::from([say('f', "vi-VN", "Xin chào"), say('0', "VI", "Xin chào")]));
    assert!(mouth.ready_ms() > 0 && mouth.ready_ms() > 0, "a region is no other language");
}

#[test]
fn the_voice_of_the_region_is_taken_where_one_is_named() {
    let folder = Folder::new();
    let config = program(&folder, "echo \"$@\" >&2; exit 1");
    let voices = BTreeMap::from([("vi".to_owned(), "vi-vn-x-south".to_owned())]);
    let mouth = Mouth::open(&folder, SpeechConfig { voices, words_per_minute: 120, ..config }, quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "bí mật")]));
    let why = mouth.failure();
    assert!(why.contains("-v vi-vn-x-south -s 120") && !why.contains("bí mật"), "{why}");
}

#[test]
fn every_voice_the_manual_names_is_there_and_speaks() {
    let folder = Folder::new();
    for (letter, voice) in [('a', "vi"), ('b', "vi-vn-x-central"), ('c', "vi-vn-x-south")] {
        let voices = BTreeMap::from([("vi".to_owned(), voice.to_owned())]);
        let mouth = Mouth::open(&folder, SpeechConfig { voices, ..espeak() }, quick());
        mouth.speech.want(&BTreeMap::from([say(letter, "vi", "Xin chào bà con")]));
        assert!(mouth.ready_ms() > 500, "{voice}");
    }
}

#[test]
fn the_text_comes_by_stdin_and_without_markup() {
    let folder = Folder::new();
    let seen = folder.path().join("seen");
    let config = program(&folder, &format!("cat > {}; exit 1", seen.display()));
    let mouth = Mouth::open(&folder, config, quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào <break/>bà con")]));
    mouth.failure();
    let seen = fs::read_to_string(seen).expect("seen").to_lowercase();
    assert!(seen.contains("xin chào") && seen.contains("bà con") && !seen.contains("break"), "{seen}");
}

#[test]
fn a_voice_that_is_missing_is_said_with_a_remedy_and_found_when_it_comes() {
    let folder = Folder::new();
    let missing = SpeechConfig { command: folder.path().join("voice").display().to_string(), ..espeak() };
    let mouth = Mouth::open(&folder, missing, quick());
    let wanted = BTreeMap::from([say('a', "vi", "Xin chào")]);
    mouth.speech.want(&wanted);
    let why = mouth.failure();
    assert!(why.contains("no program") && why.contains("install"), "{why}");
    // The core wants no more what has failed.
    mouth.speech.want(&BTreeMap::new());
    program(&folder, "exec espeak-ng \"$@\"");
    assert!(mouth.ready_ms() > 300);
}

#[test]
fn a_voice_that_hangs_is_killed_with_its_children_and_asked_again() {
    let folder = Folder::new();
    let (once, child) = (folder.path().join("once"), folder.path().join("child"));
    let hang = format!(
        "if [ -e {once} ]; then exec espeak-ng \"$@\"; fi\n: > {once}\nsleep 1000 & echo $! > {child}; wait",
        once = once.display(),
        child = child.display()
    );
    let pace = Pace { within: Duration::from_secs(3), ..quick() };
    let mouth = Mouth::open(&folder, program(&folder, &hang), pace);
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào")]));
    assert!(mouth.failure().contains("took more than 3"));
    assert!(mouth.ready_ms() > 300);
    let child = fs::read_to_string(child).expect("it had a child");
    let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "its child sleeps on: {state}");
}

#[test]
fn a_voice_that_talks_for_ever_is_cut_off() {
    let folder = Folder::new();
    let script = "printf 'x' | espeak-ng --stdin --stdout | head -c 44; exec cat /dev/zero";
    let mouth = Mouth::open(&folder, program(&folder, script), quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào")]));
    let why = mouth.failure();
    assert!(why.contains("spoke longer than"), "{why}");
    assert!(!mouth.speech.path(&name('a')).exists());
}

#[test]
fn a_voice_that_speaks_no_wav_or_nothing_fails() {
    let folder = Folder::new();
    for (letter, script) in [('a', "echo hello"), ('b', "exit 0"), ('c', "kill -9 $$")] {
        let mouth = Mouth::open(&folder, program(&folder, script), quick());
        mouth.speech.want(&BTreeMap::from([say(letter, "vi", "Xin chào")]));
        assert!(!mouth.failure().is_empty(), "{script}");
    }
    let mouth = Mouth::open(&folder, espeak(), quick());
    mouth.speech.want(&BTreeMap::from([say('d', "vi", " <b></b> \u{feff}")]));
    assert!(mouth.failure().contains("nothing to be said"));
}

#[test]
fn an_urgent_text_goes_before_those_that_wait() {
    let folder = Folder::new();
    // Each process waits for a gate of its own, named by its text.
    let script = "t=$(tr -d .); while [ ! -e gate-$t ]; do sleep 0.01; done; echo $t | exec espeak-ng \"$@\"";
    let script = format!("cd {}; {script}", folder.path().display());
    let open = |gate: &str| fs::write(folder.path().join(format!("gate-{gate}")), "").expect("opened");
    let mouth = Mouth::open(&folder, program(&folder, &script), quick());
    let mut wanted: BTreeMap<_, _> =
        [('a', "an"), ('b', "ba"), ('c', "ca"), ('d', "da")].map(|(l, t)| say(l, "vi", t)).into();
    mouth.speech.want(&wanted);
    until(|| mouth.speech.shared.lock().running.len() == WORKERS);
    let (urgent, want) = say('e', "vi", "em");
    wanted.insert(urgent.clone(), SpeechWant { urgent: true, ..want });
    mouth.speech.want(&wanted);
    open("em");
    assert_eq!(mouth.report().0, urgent, "though every other place is taken");
    ["an", "ba", "ca", "da"].iter().for_each(|gate| open(gate));
    for _ in 0..4 {
        assert!(mouth.ready_ms() > 0);
    }
}

#[test]
fn what_is_no_longer_wanted_is_not_spoken() {
    let folder = Folder::new();
    let child = folder.path().join("child");
    let config = program(&folder, &format!("echo $$ > {}; exec sleep 1000", child.display()));
    let mouth = Mouth::open(&folder, config, quick());
    mouth.speech.want(&BTreeMap::from([say('a', "vi", "Xin chào")]));
    until(|| fs::read_to_string(&child).is_ok_and(|c| c.ends_with('\n')));
    mouth.speech.want(&BTreeMap::new());
    until(|| mouth.speech.shared.lock().running.is_empty());
    let pid = fs::read_to_string(&child).expect("a number");
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "the process is gone");
    assert!(mouth.reports.try_recv().is_err(), "and nothing was said of it");
}

/// Waits for something that has no event to wait for.
#[track_caller]
fn until(done: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !done() {
        assert!(Instant::now() < end, "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}
