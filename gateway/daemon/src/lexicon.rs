//! The officers' dictionary on the disk: whole or not at all, with the last good copy behind it.

use crate::speech::words::Lexicon;
use crate::speech::{Prompter, Unheard};
use gateway_core::journal::sha256_hex;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use web_ui::{Heard, Voice, VoiceFault};

/// Its file in the data folder.
const FILE: &str = "lexicon.txt";
/// The copy that was good before the last change.
const LAST: &str = "lexicon.last";
/// Where it is written first.
const DRAFT: &str = "lexicon.draft";
/// Largest dictionary, bytes.
pub(crate) const LARGEST: usize = 60 * 1024;

/// Faults that are told at once.
const FAULTS: usize = 5;

/// The dictionary as it is used.
#[derive(Debug)]
pub(crate) struct Dictionary {
    dir: PathBuf,
    text: String,
    lexicon: Lexicon,
}

/// Why a dictionary was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Somebody else has changed it meanwhile.
    #[error("the dictionary was changed meanwhile")]
    Changed,
    /// It is not what a dictionary looks like; in Vietnamese, with the line.
    #[error("{0}")]
    Wrong(String),
    /// The disk did not take it.
    #[error("storing the dictionary")]
    Disk(#[from] io::Error),
}

impl Dictionary {
    /// Opens the dictionary of a data folder. One that cannot be read is left where it is, the last good copy is used,
    /// and where there is none the voice speaks without: it is never silent for its dictionary.
    pub(crate) fn open(dir: &Path) -> Self {
        for name in [FILE, LAST] {
            match read(&dir.join(name)) {
                Ok(Some((text, lexicon))) => return Self { dir: dir.to_owned(), text, lexicon },
                Ok(None) => {}
                Err(error) => {
                    log::error!(file = name, error = error.as_str(); "the dictionary cannot be used: an earlier one is");
                }
            }
        }
        Self { dir: dir.to_owned(), text: String::new(), lexicon: Lexicon::default() }
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its entries, ready to be used.
    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Digest of its text, which whoever changes it repeats.
    pub(crate) fn version(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }

    /// Replaces it, where it is still the version that was looked at.
    ///
    /// # Errors
    /// When it has changed since, is no dictionary, or the disk does not take it; then nothing has changed.
    pub(crate) fn replace(&mut self, over: &str, text: &str) -> Result<(), Refused> {
        if over != self.version() {
            return Err(Refused::Changed);
        }
        let lexicon = parse(text).map_err(Refused::Wrong)?;
        let (file, draft) = (self.dir.join(FILE), self.dir.join(DRAFT));
        write_whole(&draft, text)?;
        if read(&file).is_ok_and(|old| old.is_some()) {
            fs::copy(&file, self.dir.join(LAST))?;
        }
        fs::rename(&draft, &file)?;
        File::open(&self.dir)?.sync_all()?;
        (self.text, self.lexicon) = (text.to_owned(), lexicon);
        Ok(())
    }
}

/// What the desk may ask of the voice: its dictionary, and to hear it.
pub(crate) struct Prompt {
    dictionary: Mutex<Dictionary>,
    prompter: Prompter,
}

impl Prompt {
    /// Of a dictionary and the voice that uses it.
    pub(crate) fn new(dictionary: Dictionary, prompter: Prompter) -> Self {
        Self { dictionary: Mutex::new(dictionary), prompter }
    }

    fn locked(&self) -> MutexGuard<'_, Dictionary> {
        self.dictionary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Voice for Prompt {
    fn lexicon(&self) -> web_ui::Lexicon {
        let dictionary = self.locked();
        web_ui::Lexicon { text: dictionary.text().to_owned(), version: dictionary.version() }
    }

    fn replace(&self, over: &str, text: &str) -> Result<String, VoiceFault> {
        let mut dictionary = self.locked();
        dictionary.replace(over, text).map_err(|refused| match refused {
            Refused::Changed => VoiceFault::Changed,
            Refused::Wrong(why) => VoiceFault::Wrong(why),
            Refused::Disk(error) => VoiceFault::Failed(format!("storing the dictionary: {error}")),
        })?;
        self.prompter.reword(dictionary.lexicon().clone());
        Ok(dictionary.version())
    }

    fn hear(&self, text: &str, lexicon: Option<&str>) -> Result<Heard, VoiceFault> {
        let draft = lexicon.map(parse).transpose().map_err(VoiceFault::Wrong)?;
        match self.prompter.hear("vi", text, draft.as_ref()) {
            Ok(heard) => Ok(Heard { wav: heard.wav, engine: heard.engine }),
            Err(Unheard::Busy) => Err(VoiceFault::Busy),
            Err(Unheard::Unsayable(why)) => {
                log::debug!(error = why.as_str(); "a trial cannot be said");
                Err(VoiceFault::Wrong("Câu này không có gì đọc được bằng giọng tiếng Việt.".to_owned()))
            }
            Err(Unheard::Failed(why)) => Err(VoiceFault::Failed(why)),
        }
    }
}

/// Reads a text as a dictionary.
///
/// # Errors
/// Says in Vietnamese what is wrong, and on which line.
pub(crate) fn parse(text: &str) -> Result<Lexicon, String> {
    if text.len() > LARGEST {
        return Err(format!("Từ điển dài hơn {} KiB.", LARGEST / 1024));
    }
    Lexicon::parse(text).map_err(|faults| {
        let told: Vec<String> = faults.iter().take(FAULTS).map(ToString::to_string).collect();
        let more = if faults.len() > FAULTS { "; …" } else { "" };
        format!("{}{more}", told.join("; "))
    })
}

fn read(path: &Path) -> Result<Option<(String, Lexicon)>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    parse(&text).map(|lexicon| Some((text, lexicon)))
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn the_desk_changes_what_the_voice_says() {
        let folder = Folder::new();
        let voices = [("vi".to_owned(), "vi".to_owned())].into();
        let config = crate::config::SpeechConfig {
            engines: Vec::new(),
            command: "espeak-ng".to_owned(),
            voices,
            words_per_minute: 150,
        };
        let (dir, pace) = (folder.path().join("speech"), crate::speech::Pace::default());
        let speech = crate::speech::Speech::start(&dir, 1 << 20, &config, Lexicon::default(), pace, |_, _| {});
        let speech = speech.expect("started");
        let prompt = Prompt::new(Dictionary::open(folder.path()), speech.prompter());
        let before = prompt.hear("Đường QLX.", None).expect("heard");
        let draft = prompt.hear("Đường QLX.", Some("QLX = quốc lộ hai mươi hai bê nối dài")).expect("heard");
        assert!(draft.wav.len() > before.wav.len() && draft.wav.starts_with(b"RIFF"));
        let seen = prompt.lexicon().version;
        prompt.replace(&seen, "QLX = quốc lộ hai mươi hai bê nối dài").expect("taken");
        assert_eq!(prompt.hear("Đường QLX.", None).expect("heard").wav, draft.wav, "in use now");
        assert!(matches!(prompt.replace(&seen, ""), Err(VoiceFault::Changed)));
        assert!(matches!(prompt.hear("A", Some("không có dấu bằng")), Err(VoiceFault::Wrong(_))));
        assert!(matches!(prompt.hear("…", None), Err(VoiceFault::Wrong(_))));
    }

    const GOOD: &str = "QL22B = quốc lộ hai mươi hai bê\n";

    #[test]
    fn what_is_written_is_there_at_the_next_start() {
        let folder = Folder::new();
        let mut dictionary = Dictionary::open(folder.path());
        assert_eq!(dictionary.text(), "", "none yet");
        dictionary.replace(&dictionary.version(), GOOD).expect("taken");
        assert_eq!(Dictionary::open(folder.path()).text(), GOOD);
        assert_ne!(dictionary.version(), sha256_hex(b""));
    }

    #[test]
    fn a_change_over_another_ones_change_is_refused() {
        let folder = Folder::new();
        let mut dictionary = Dictionary::open(folder.path());
        let seen = dictionary.version();
        dictionary.replace(&seen, GOOD).expect("taken");
        assert!(matches!(dictionary.replace(&seen, "A = bê\n"), Err(Refused::Changed)));
        assert_eq!((dictionary.text(), Dictionary::open(folder.path()).text()), (GOOD, GOOD));
    }

    #[test]
    fn what_is_no_dictionary_changes_nothing_and_names_its_line() {
        let folder = Folder::new();
        let mut dictionary = Dictionary::open(folder.path());
        dictionary.replace(&dictionary.version(), GOOD).expect("taken");
        let huge = "A = bê\n".repeat(LARGEST);
        for (bad, says) in [("A = bê\nno pair here\n", "dòng 2"), (huge.as_str(), "KiB")] {
            match dictionary.replace(&dictionary.version(), bad) {
                Err(Refused::Wrong(why)) => assert!(why.contains(says), "{why}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(Dictionary::open(folder.path()).text(), GOOD);
    }

    #[test]
    fn a_torn_file_does_not_take_the_words_away() {
        let folder = Folder::new();
        let mut dictionary = Dictionary::open(folder.path());
        dictionary.replace(&dictionary.version(), GOOD).expect("taken");
        dictionary.replace(&dictionary.version(), "B = bê\n").expect("taken");
        fs::write(folder.path().join(FILE), "torn").expect("written");
        let mut after = Dictionary::open(folder.path());
        assert_eq!(after.text(), GOOD, "the copy before it");
        after.replace(&after.version(), "C = xê\n").expect("taken");
        fs::write(folder.path().join(FILE), [0xff, 0xfe]).expect("written");
        assert_eq!(Dictionary::open(folder.path()).text(), GOOD, "a torn one never becomes the copy");
        fs::remove_file(folder.path().join(LAST)).expect("removed");
        assert_eq!(Dictionary::open(folder.path()).text(), "", "and without both it speaks all the same");
    }

    #[test]
    fn a_disk_that_takes_nothing_changes_nothing() {
        let folder = Folder::new();
        let mut dictionary = Dictionary::open(folder.path());
        fs::create_dir(folder.path().join(DRAFT)).expect("in the way");
        assert!(matches!(dictionary.replace(&dictionary.version(), GOOD), Err(Refused::Disk(_))));
        assert_eq!(dictionary.text(), "");
    }
}
