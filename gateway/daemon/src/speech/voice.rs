//! One text spoken by a separate process: text in by its stdin, WAV out by its stdout, bounded in time and length.

use crate::sys;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// No spoken text is larger, bytes: 48 minutes at 22 050 Hz.
const LARGEST: u64 = 128 << 20;
/// Longest message of the process that is kept, bytes.
const MESSAGE: u64 = 2000;
/// How often it is looked whether anybody still wants the text.
const LOOK: Duration = Duration::from_millis(100);

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The file is a WAV of that length, milliseconds.
    Spoken(u64),
    /// Nobody wants it any more.
    Halted,
    /// Not now; why, and what to do.
    Later(String),
    /// Never; why.
    Never(String),
}

/// How to speak.
pub(super) struct Voice<'a> {
    /// The program.
    pub(super) command: &'a str,
    /// Its voice.
    pub(super) voice: &'a str,
    /// Its speed.
    pub(super) words_per_minute: u16,
    /// It may take so long.
    pub(super) within: Duration,
}

impl Voice<'_> {
    /// Speaks a text into a file. `halted` says whether to break off.
    pub(super) fn speak(&self, text: &str, file: &Path, halted: impl Fn() -> bool) -> Outcome {
        let speed = self.words_per_minute.to_string();
        let spawned = Command::new(self.command)
            .args(["-v", self.voice, "-s", &speed, "-b", "1", "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let command = self.command;
                return Outcome::Later(format!("there is no program {command}: install it (apt install espeak-ng)"));
            }
            Err(error) => return Outcome::Later(format!("starting {}: {error}", self.command)),
        };
        let outcome = self.attend(&mut child, text, file, halted);
        if let Err(error) = child.wait() {
            log::warn!(error:%; "a voice process cannot be waited for");
        }
        outcome
    }

    fn attend(&self, child: &mut Child, text: &str, file: &Path, halted: impl Fn() -> bool) -> Outcome {
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            sys::kill_group(child.id());
            return Outcome::Later("the voice process has no pipes".to_owned());
        };
        let leader = child.id();
        let (done, spoken) = sync_channel(1);
        thread::scope(|scope| {
            // It may leave before it has read everything; its exit tells why.
            scope.spawn(move || drop(stdin.write_all(text.as_bytes())));
            let message = scope.spawn(move || {
                let mut message = Vec::new();
                drop(stderr.take(MESSAGE).read_to_end(&mut message));
                String::from_utf8_lossy(&message).trim().replace('\n', " ")
            });
            scope.spawn(move || drop(done.send(write_wav(stdout, file))));
            let wav = self.wait(&spoken, halted);
            let ended_well = wav.as_ref().ok().and_then(|_| self.exit(child));
            // The threads end when the pipes close, and those close when nobody holds them any more.
            sys::kill_group(leader);
            let message = message.join().unwrap_or_default();
            match (wav, ended_well) {
                (Err(outcome), _) => outcome,
                (Ok(Err(error)), _) if error.kind() == io::ErrorKind::FileTooLarge => {
                    Outcome::Never(format!("its speech is longer than {LARGEST} bytes"))
                }
                (Ok(Err(error)), _) if !is_about_the_stream(&error) => {
                    Outcome::Later(format!("its speech cannot be stored: {error}"))
                }
                (Ok(Ok(_)), None) => Outcome::Later(format!("{} does not end", self.command)),
                (Ok(Ok(_)), Some(false)) => Outcome::Later(format!("{} failed: {message}", self.command)),
                (Ok(Err(error)), _) => Outcome::Later(format!("{} failed: {message} ({error})", self.command)),
                (Ok(Ok(0)), Some(true)) => Outcome::Never("there is nothing to be said in it".to_owned()),
                (Ok(Ok(ms)), Some(true)) => Outcome::Spoken(ms),
            }
        })
    }

    /// Waits for the WAV, as long as somebody wants it and time is left.
    fn wait(&self, spoken: &Receiver<io::Result<u64>>, halted: impl Fn() -> bool) -> Result<io::Result<u64>, Outcome> {
        let end = Instant::now() + self.within;
        loop {
            match spoken.recv_timeout(LOOK) {
                Ok(wav) => return Ok(wav),
                Err(RecvTimeoutError::Disconnected) => return Ok(Err(io::Error::other("its reader ended"))),
                Err(RecvTimeoutError::Timeout) if halted() => return Err(Outcome::Halted),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= end => {
                    return Err(Outcome::Later(format!("{} took more than {:?}", self.command, self.within)));
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

/// What the process wrote was no WAV; any other error is that of the file.
fn is_about_the_stream(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

/// Copies a WAV stream of unknown length into a file with a true header; returns its length, milliseconds.
fn write_wav(mut from: impl Read, path: &Path) -> io::Result<u64> {
    let format = read_head(&mut from)?;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&format.head(0))?;
    // One byte more than is taken shows that there is more.
    let bytes = io::copy(&mut from.take(LARGEST + 1), &mut file)?;
    if bytes > LARGEST {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    let bytes = bytes - bytes % u64::from(format.frame());
    file.set_len(HEAD as u64 + bytes)?;
    file.rewind()?;
    file.write_all(&format.head(u32::try_from(bytes).map_err(io::Error::other)?))?;
    Ok(format.milliseconds(bytes))
}

/// Length of a WAV file that [`write_wav`] has written, milliseconds.
pub(super) fn wav_length(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let format = read_head(&mut file)?;
    Ok(format.milliseconds(file.metadata()?.len().saturating_sub(HEAD as u64)))
}

/// Length of the header that is written.
const HEAD: usize = 44;

/// PCM format of a WAV file (RIFF, `fmt ` chunk with format code 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    channels: u16,
    rate: u32,
    bits: u16,
}

impl Format {
    /// Bytes of one sample of all channels.
    fn frame(self) -> u32 {
        u32::from(self.channels) * u32::from(self.bits / 8)
    }

    fn milliseconds(self, bytes: u64) -> u64 {
        bytes / u64::from(self.frame()) * 1000 / u64::from(self.rate)
    }

    fn head(self, data: u32) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        let fields: [&[u8]; 13] = [
            b"RIFF",
            &(data + 36).to_le_bytes(),
            b"WAVE",
            b"fmt ",
            &16_u32.to_le_bytes(),
            &1_u16.to_le_bytes(),
            &self.channels.to_le_bytes(),
            &self.rate.to_le_bytes(),
            &(self.rate * self.frame()).to_le_bytes(),
            &(self.channels * (self.bits / 8)).to_le_bytes(),
            &self.bits.to_le_bytes(),
            b"data",
            &data.to_le_bytes(),
        ];
        for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        head
    }
}

/// Reads up to the first sample. The sizes of a stream are not believed.
fn read_head(from: &mut impl Read) -> io::Result<Format> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("no WAV: {what}"));
    let mut riff = [0; 12];
    from.read_exact(&mut riff)?;
    if !riff.starts_with(b"RIFF") || !riff.ends_with(b"WAVE") {
        return Err(bad("it does not begin with RIFF and WAVE"));
    }
    let mut format = None;
    for _ in 0..16 {
        let mut chunk = [0; 8];
        from.read_exact(&mut chunk)?;
        let [a, b, c, d, size @ ..] = chunk;
        let size = u32::from_le_bytes(size);
        if [a, b, c, d] == *b"data" {
            return format.ok_or_else(|| bad("no format before the samples"));
        }
        if size > 4096 {
            return Err(bad("a chunk of no sensible size"));
        }
        let mut body = vec![0; size as usize + (size % 2) as usize];
        from.read_exact(&mut body)?;
        if [a, b, c, d] == *b"fmt " {
            let [k0, k1, c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1, ..] = body.as_slice() else {
                return Err(bad("a short format"));
            };
            let (kind, channels) = (u16::from_le_bytes([*k0, *k1]), u16::from_le_bytes([*c0, *c1]));
            let (rate, bits) = (u32::from_le_bytes([*r0, *r1, *r2, *r3]), u16::from_le_bytes([*b0, *b1]));
            let sensible = kind == 1 && (1..=2).contains(&channels) && (8000..=48_000).contains(&rate) && bits == 16;
            if !sensible {
                return Err(bad("not 16-bit PCM of 8 to 48 kHz"));
            }
            format = Some(Format { channels, rate, bits });
        }
    }
    Err(bad("no samples"))
}

/// What may be said: without control characters and markup, and without espeak's own `[[phonemes]]`.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let opens = c == '<' && after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if let Some(end) = after.find('>').filter(|_| opens) {
            rest = after.get(end + 1..).unwrap_or_default();
            out.push(' ');
            continue;
        }
        rest = after;
        match c {
            '\n' => out.push('\n'),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            '[' if out.ends_with('[') => out.push_str(" ["),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn markup_control_characters_and_phonemes_are_not_said() {
        assert_eq!(plain("Lũ <break time=\"3s\"/>lên\u{7}\tnhanh"), "Lũ  lên  nhanh");
        assert_eq!(plain("<speak>Mực nước 5 < 6 > 4</speak>\nhết"), " Mực nước 5 < 6 > 4 \nhết");
        assert_eq!(plain("[[h@loU]] [[["), "[ [h@loU]] [ [ [");
        assert_eq!(plain("<b"), "<b", "no end, no tag");
        assert_eq!(plain("a\u{feff}b\u{200b}c"), "abc");
        assert_eq!(plain("Thôn 1: sơ tán ngay!"), "Thôn 1: sơ tán ngay!");
    }

    #[test]
    fn a_stream_becomes_a_file_whose_header_is_true() {
        let folder = Folder::new();
        let path = folder.path().join("a.wav");
        let format = Format { channels: 1, rate: 22_050, bits: 16 };
        let mut stream = format.head(0x7fff_f000).to_vec();
        stream.extend(vec![1; 44_101]);
        assert_eq!(write_wav(stream.as_slice(), &path).expect("written"), 1000);
        let file = std::fs::read(&path).expect("there");
        assert_eq!(file.len(), 44 + 44_100, "the odd byte is no sample");
        assert_eq!(file.get(..44), Some(format.head(44_100).as_slice()));
        assert_eq!(wav_length(&path).expect("a WAV"), 1000);
    }

    #[test]
    fn what_is_no_wav_is_refused() {
        let folder = Folder::new();
        let path = folder.path().join("a.wav");
        let good = Format { channels: 1, rate: 22_050, bits: 16 }.head(0);
        for (at, value) in [(0, b'X'), (8, b'X'), (12, b'X'), (20, 3), (22, 0), (24, 0), (34, 8), (16, 200)] {
            let mut bad = good;
            bad[at] = value;
            if at == 24 {
                bad[24..28].fill(0);
            }
            assert!(write_wav(bad.as_slice(), &path).is_err(), "byte {at}");
        }
        assert!(write_wav(good.get(..30).expect("a part"), &path).is_err());
    }
}
