//! One piece of text spoken by a separate process, bounded in time, memory, processor and output; never through a shell.

use super::wav::{Sound, read_sound};
use crate::shelf::remove;
use crate::sys::{self, Confines};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Place of the text in a command; without it the text comes by stdin.
pub(crate) const TEXT: &str = "{text}";
/// Place of the name of the WAV file in a command; without it the WAV goes to stdout.
pub(crate) const OUT: &str = "{out}";
/// Longest message of the process that is kept, bytes.
const MESSAGE: u64 = 2000;
/// How often it is looked whether anybody still wants the text.
const LOOK: Duration = Duration::from_millis(50);
/// Largest file it may write, bytes: ten minutes at 48 kHz in two channels.
const LARGEST: u64 = 128 << 20;

/// Why there is no sound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// Nobody wants it any more.
    Halted,
    /// The program did not do it; what it did instead.
    Failed(String),
}

/// A program and what it may take.
pub(super) struct Speaker<'a> {
    /// The program and its arguments, with [`TEXT`] and [`OUT`] where they belong.
    pub(super) command: &'a [String],
    /// What to do where the program is missing.
    pub(super) remedy: &'a str,
    /// It may take so long.
    pub(super) within: Duration,
    /// Its sound may be so long, milliseconds.
    pub(super) most_ms: u64,
    /// Memory of its own, bytes.
    pub(super) memory: u64,
    /// It stands back for what is urgent.
    pub(super) nice: bool,
}

impl Speaker<'_> {
    /// Speaks a text; `out` is where it may make a file. `halted` says whether to break off.
    pub(super) fn say(&self, text: &str, out: &Path, halted: impl Fn() -> bool) -> Result<Sound, Unsaid> {
        let failed = |why: String| Err(Unsaid::Failed(why));
        let Some((program, arguments)) = self.command.split_first() else { return failed("no program".to_owned()) };
        let mut command = Command::new(program);
        command
            .args(arguments.iter().map(|a| filled(a, text, out)))
            .stdin(if self.takes(TEXT) { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let nice = if self.nice { 10 } else { 0 };
        // A program may use several processors at once.
        let cpu_s = self.within.as_secs().saturating_mul(4).saturating_add(2);
        sys::confine(&mut command, Confines { cpu_s, memory: self.memory, file: LARGEST, nice });
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return failed(format!("there is no program {program}: {}", self.remedy));
            }
            Err(error) => return failed(format!("starting {program}: {error}")),
        };
        let sound = self.attend(&mut child, text, out, halted);
        // Whatever became of it, its group goes with it.
        sys::kill_group(child.id());
        if let Err(error) = child.wait() {
            log::warn!(error:%; "a voice process cannot be waited for");
        }
        if self.takes(OUT) {
            remove(out);
        }
        sound
    }

    fn takes(&self, place: &str) -> bool {
        self.command.iter().any(|a| a.contains(place))
    }

    fn attend(&self, child: &mut Child, text: &str, out: &Path, halted: impl Fn() -> bool) -> Result<Sound, Unsaid> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let leader = child.id();
        let (done, spoken) = sync_channel(1);
        let (to_file, most_ms) = (self.takes(OUT), self.most_ms);
        thread::scope(|scope| {
            if let Some(mut stdin) = stdin {
                // It may leave before it has read everything; its exit tells why.
                scope.spawn(move || drop(stdin.write_all(text.as_bytes())));
            }
            let message = scope.spawn(move || {
                let mut message = Vec::new();
                drop(stderr.map(|e| e.take(MESSAGE).read_to_end(&mut message)));
                String::from_utf8_lossy(&message).trim().replace(text.trim(), "…").replace('\n', " ")
            });
            scope.spawn(move || drop(done.send(heard(stdout, (!to_file).then_some(most_ms)))));
            let sound = self.wait(&spoken, halted);
            let ended_well = sound.as_ref().ok().map(|_| self.exit(child));
            // The threads end when the pipes close, and those close when nobody holds them any more.
            sys::kill_group(leader);
            let message = message.join().unwrap_or_default();
            let (sound, ended_well) = (sound?, ended_well.flatten());
            let sound = match (to_file, ended_well) {
                (true, Some(true)) => File::open(out).and_then(|file| read_sound(file, most_ms)),
                (true, _) | (false, _) => sound,
            };
            let program = self.program();
            Err(Unsaid::Failed(match (sound, ended_well) {
                (Ok(sound), Some(true)) => return Ok(sound),
                (Err(error), _) if error.kind() == io::ErrorKind::FileTooLarge => {
                    format!("{program} spoke longer than the {most_ms} ms its text may take")
                }
                (Ok(_), None) => format!("{program} does not end"),
                (Ok(_), Some(false)) => format!("{program} failed: {message}"),
                (Err(error), _) => format!("{program} failed: {message} ({error})"),
            }))
        })
    }

    fn program(&self) -> &str {
        self.command.first().map(String::as_str).unwrap_or_default()
    }

    /// Waits for the end of its output, as long as somebody wants it and time is left.
    fn wait(
        &self,
        spoken: &Receiver<io::Result<Sound>>,
        halted: impl Fn() -> bool,
    ) -> Result<io::Result<Sound>, Unsaid> {
        let end = Instant::now() + self.within;
        loop {
            match spoken.recv_timeout(LOOK.min(self.within)) {
                Ok(sound) => return Ok(sound),
                Err(RecvTimeoutError::Disconnected) => return Ok(Err(io::Error::other("its reader ended"))),
                Err(RecvTimeoutError::Timeout) if halted() => return Err(Unsaid::Halted),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= end => {
                    return Err(Unsaid::Failed(format!("{} took more than {:?}", self.program(), self.within)));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Whether it ended well; `None`: it goes on though its output has ended.
    fn exit(&self, child: &mut Child) -> Option<bool> {
        let end = Instant::now() + self.within.min(Duration::from_secs(2));
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status.success()),
                Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// Takes what a process writes to its stdout: a WAV of at most so many milliseconds, or words nobody reads.
fn heard(stdout: Option<ChildStdout>, most_ms: Option<u64>) -> io::Result<Sound> {
    let mut stdout = stdout.ok_or_else(|| io::Error::other("it has no stdout"))?;
    match most_ms {
        Some(most_ms) => {
            let sound = read_sound(&mut stdout, most_ms)?;
            // What follows the samples must be taken too, or the process would wait for its reader; within reason.
            io::copy(&mut stdout.take(MESSAGE), &mut io::sink())?;
            Ok(sound)
        }
        None => io::copy(&mut stdout.take(LARGEST), &mut io::sink()).map(|_| Sound::default()),
    }
}

/// One argument with the text and the file in their places; what is in the text is never taken for a place, and a text
/// that begins like an option does not.
fn filled(argument: &str, text: &str, out: &Path) -> String {
    let text = text.trim_start_matches(|c: char| c == '-' || c.is_whitespace());
    let parts: Vec<String> = argument.split(TEXT).map(|part| part.replace(OUT, &out.display().to_string())).collect();
    parts.join(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn say(script: &str, text: &str, memory: u64) -> Result<Sound, Unsaid> {
        let folder = Folder::new();
        let command = ["sh", "-c", script, "voice", TEXT, OUT].map(str::to_owned);
        let command = if script.contains("$1") { &command[..] } else { &command[..3] };
        let within = Duration::from_secs(20);
        let speaker = Speaker { command, remedy: "find one", within, most_ms: 20_000, memory, nice: true };
        speaker.say(text, &folder.path().join("out.wav"), || false)
    }

    fn failure(script: &str, memory: u64) -> String {
        match say(script, "bí mật", memory) {
            Err(Unsaid::Failed(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_is_an_argument_of_its_own_and_the_sound_a_file() {
        assert_eq!(filled("--out={out}", "x", Path::new("/a b")), "--out=/a b");
        assert_eq!(filled("{text}", "-v {out} $(id)", Path::new("/a")), "v {out} $(id)");
        assert_eq!(filled("--text={text}.", " - x", Path::new("/a")), "--text=x.");
        let spoken =
            say("espeak-ng -v vi -w \"$2\" \"$1\"; echo said", "--help; rm -rf $HOME", 1 << 30).expect("spoken");
        assert!(spoken.ms() > 500, "{}", spoken.ms());
    }

    #[test]
    fn its_message_is_told_without_the_text() {
        let why = failure("echo \"cannot say: $1\" >&2; exit 3", 1 << 30);
        assert!(why.contains("cannot say: …") && !why.contains("bí mật"), "{why}");
    }

    #[test]
    fn limits_are_set_and_hold() {
        let limits =
            failure("nice >&2; ulimit -t >&2; ulimit -c >&2; cat /proc/self/oom_score_adj >&2; exit 1", 1 << 30);
        assert!(limits.contains("10 82 0 1000"), "{limits}");
        let why = failure("exec tail /dev/zero", 64 << 20);
        assert!(why.contains("memory exhausted"), "{why}");
        let why = failure("ulimit -t 1; while :; do :; done", 1 << 30);
        assert!(why.contains("failed"), "a limit of its own ends it: {why}");
    }

    #[test]
    fn a_flood_of_words_or_a_missing_file_is_no_sound() {
        assert!(failure("head -c 200000000 /dev/zero; : \"$1\"", 1 << 30).contains("failed"));
        assert!(failure("exec yes \"$1\"", 1 << 30).contains("failed"));
        assert!(failure("exec head -c 300000000 /dev/zero > \"$2\" # $1", 1 << 30).contains("failed"));
    }
}
