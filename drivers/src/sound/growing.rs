//! A file that is played while it is still being made: reading waits at its end until more has come.
//!
//! It is a WAV file, made under its name with the ending `part`: its RIFF header states the largest length there is until
//! it is whole, and gets the true one then, before the file gets its true name. A part that loses its name without was
//! given up.

use super::feed::Spout;
use super::resample::Resampler;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Ending of a file that is being made.
const PART: &str = "part";
/// Where a RIFF header states its length …
const LENGTH_AT: u64 = 4;
/// … and what it states while that is not known.
const UNKNOWN: u32 = u32::MAX;
/// How often it is looked for more.
const LOOK: Duration = Duration::from_millis(10);

/// Length of the header its maker writes, bytes.
const HEAD: usize = 44;
/// Samples handed over at a time.
const CHUNK: usize = 480;
/// A text that does not go on for so long is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// The file of that name where it is still being made.
pub(super) fn coming(path: &Path) -> Option<Growing> {
    Growing::open(path, PATIENCE).ok().filter(|growing| !growing.is_whole())
}

/// Plays a growing file of one channel from `from_ms` into `spout` at `rate` hertz, until its end or until nobody listens.
pub(super) fn pour(growing: Growing, from_ms: u64, rate: u32, mut spout: Spout) {
    let outcome = poured(growing, from_ms, rate, &mut spout);
    spout.end(outcome.err().map(|e| e.to_string()));
}

fn poured(growing: Growing, from_ms: u64, rate: u32, spout: &mut Spout) -> io::Result<()> {
    let mut from = BufReader::with_capacity(2 * CHUNK, growing);
    let mut head = [0; HEAD];
    from.read_exact(&mut head)?;
    let [.., c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1, _, _, _, _, _, _, _, _] = head;
    let of = u32::from_le_bytes([r0, r1, r2, r3]);
    if (u16::from_le_bytes([c0, c1]), u16::from_le_bytes([b0, b1])) != (1, 16) || !(8000..=48_000).contains(&of) {
        return Err(io::Error::other("a growing file of another form"));
    }
    let skipped = 2 * (from_ms * u64::from(of) / 1000);
    io::copy(&mut from.by_ref().take(skipped), &mut io::sink())?;
    let (mut chunk, mut resampler) = (Vec::with_capacity(2 * CHUNK), Resampler::new(of, rate));
    let mut sample = [0; 2];
    loop {
        // An end within a sample is the end, too.
        match from.read_exact(&mut sample) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        let value = f32::from(i16::from_le_bytes(sample)) / 32_768.0;
        if of == rate {
            chunk.push(value)
        } else {
            resampler.push(value, &mut chunk)
        }
        if chunk.len() >= CHUNK {
            if !spout.pour(&chunk) {
                return Ok(());
            }
            chunk.clear();
        }
    }
    if of != rate {
        resampler.finish(&mut chunk);
    }
    spout.pour(&chunk);
    Ok(())
}

/// A file, whole or growing.
#[derive(Debug)]
pub struct Growing {
    file: File,
    whole: bool,
    patience: Duration,
    broken: Option<String>,
}

impl Growing {
    /// Opens the file of that name, or the part that will become it. Reading waits for `patience` at most.
    ///
    /// # Errors
    /// When there is neither, or what is there cannot be opened.
    pub fn open(path: &Path, patience: Duration) -> io::Result<Self> {
        let opened = |path: &Path, whole| File::open(path).map(|file| Self { file, whole, patience, broken: None });
        let absent = |opened: &io::Result<Self>| matches!(opened, Err(e) if e.kind() == io::ErrorKind::NotFound);
        let mut growing = opened(path, true);
        if absent(&growing) {
            growing = opened(&path.with_extension(PART), false);
        }
        // It may have become whole between the two looks.
        if absent(&growing) { opened(path, true) } else { growing }
    }

    /// Whether its end, as far as is known, is its end for good. Only then its length means anything.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Why it ended before it was whole; `None` = it did not.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// At the end of what is there: has it become whole, or been given up?
    fn look(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        // Its header may still be to come: then it states nothing.
        let stated = self.file.read_at(&mut length, LENGTH_AT)? == length.len();
        let length = if stated { u32::from_le_bytes(length) } else { UNKNOWN };
        if length != UNKNOWN {
            self.whole = true;
        } else if self.file.metadata()?.nlink() == 0 {
            return Err(self.lost("its making was given up"));
        }
        Ok(())
    }

    fn lost(&mut self, why: &str) -> io::Error {
        self.broken = Some(why.to_owned());
        io::Error::other(why)
    }
}

impl Read for Growing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = Instant::now();
        loop {
            let got = self.file.read(into)?;
            if got > 0 || into.is_empty() || self.is_whole() {
                return Ok(got);
            }
            self.look()?;
            if self.is_whole() {
                // What was added before it became whole.
                continue;
            }
            if begun.elapsed() >= self.patience {
                return Err(self.lost("its making has stopped"));
            }
            thread::sleep(LOOK);
        }
    }
}

impl Seek for Growing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if matches!(to, SeekFrom::End(_)) {
            self.look()?;
            if !self.is_whole() {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "it has no end yet"));
            }
        }
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;

    /// A WAV header that states no length, as its maker writes it first.
    fn head() -> Vec<u8> {
        let mut head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        head.extend([22_050_u32.to_le_bytes(), 44_100_u32.to_le_bytes()].concat());
        head.extend(b"\x02\0\x10\0data");
        head.extend((u32::MAX - 36).to_le_bytes());
        head
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("growing-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn every_sample_is_heard_though_it_is_played_as_it_grows() {
        let folder = folder("heard");
        let (part, whole) = (folder.join("a.part"), folder.join("a.wav"));
        let mut file = File::create(&part).expect("created");
        let samples: Vec<i16> = (0..22).flat_map(|_| -1000..1000).take(44_000).collect();
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        let (first, rest) = bytes.split_at(10_001);
        file.write_all(&head()).and_then(|()| file.write_all(first)).expect("written");
        let growing = Growing::open(&whole, LONG).expect("opened");
        // It is replaced by a better one while it plays.
        let better = folder.join("better.wav");
        fs::write(&better, "RIFF").expect("written");
        let mut growing = growing;
        let mut heard = vec![0; HEAD + 8_000];
        growing.read_exact(&mut heard).expect("what is there");
        let maker = thread::spawn({
            let (rest, whole) = (rest.to_vec(), whole.clone());
            move || {
                for chunk in rest.chunks(7_001) {
                    file.write_all(chunk).expect("written");
                    thread::yield_now();
                }
                let length = u32::try_from(36 + 88_000).expect("small");
                file.write_all_at(&length.to_le_bytes(), LENGTH_AT).expect("its length");
                fs::rename(part, &whole).expect("it is whole");
                fs::rename(better, whole).expect("and replaced");
            }
        });
        growing.read_to_end(&mut heard).expect("the rest");
        maker.join().expect("made");
        assert!(heard[HEAD..] == bytes, "sample by sample");
        assert!(Growing::open(&whole, LONG).expect("there").is_whole());
        fs::remove_dir_all(folder).ok();
    }

    #[test]
    fn it_is_poured_from_any_place_and_a_lost_one_is_broken_off() {
        let folder = folder("poured");
        let (part, whole) = (folder.join("a.part"), folder.join("a.wav"));
        let samples: Vec<i16> = (0..1000).collect();
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        fs::write(&part, [head(), bytes].concat()).expect("written");
        let growing = coming(&whole).expect("it grows");
        let (spout, mut feed) = super::super::feed::feed(22_050, crate::sound::feed::Priming::File);
        let pouring = thread::spawn(move || pour(growing, 20, 22_050, spout));
        let file = File::options().write(true).open(&part).expect("there");
        file.write_all_at(&2036_u32.to_le_bytes(), LENGTH_AT).expect("its length");
        fs::rename(&part, &whole).expect("whole");
        pouring.join().expect("poured");
        let mut out = [0.0; 600];
        assert_eq!(feed.render(&mut out), super::super::feed::Poured::Last(559));
        assert_eq!((out[0], out[558], feed.broken()), (441.0 / 32_768.0, 999.0 / 32_768.0, None));
        assert!(coming(&whole).is_none(), "it is whole, and read as any other file");

        fs::write(&part, [head(), vec![1; 100]].concat()).expect("written");
        fs::remove_file(&whole).expect("removed");
        let growing = coming(&whole).expect("it grows");
        fs::remove_file(&part).expect("given up");
        let (spout, feed) = super::super::feed::feed(48_000, crate::sound::feed::Priming::File);
        pour(growing, 0, 48_000, spout);
        assert!(feed.broken().is_some_and(|why| why.contains("given up")));
        fs::remove_dir_all(folder).ok();
    }

    #[test]
    fn one_that_is_given_up_or_stops_says_so() {
        let folder = folder("lost");
        let (part, whole) = (folder.join("a.part"), folder.join("a.wav"));
        fs::write(&part, "abc").expect("written");
        let mut growing = Growing::open(&whole, LONG).expect("opened");
        let mut patient = Growing::open(&whole, Duration::from_millis(1)).expect("opened");
        let mut all = Vec::new();
        assert!(patient.read_to_end(&mut all).is_err());
        assert_eq!((all.as_slice(), patient.broken()), (&b"abc"[..], Some("its making has stopped")));
        assert_eq!(growing.seek(SeekFrom::End(0)).expect_err("no end yet").kind(), io::ErrorKind::Unsupported);
        // Made anew under the same name: not this one any more.
        fs::remove_file(&part).expect("removed");
        fs::write(&whole, "other").expect("another");
        assert!(growing.read_to_end(&mut Vec::new()).is_err());
        assert_eq!(growing.broken(), Some("its making was given up"));
        fs::remove_file(&whole).expect("removed");
        assert_eq!(Growing::open(&whole, LONG).expect_err("neither").kind(), io::ErrorKind::NotFound);
        fs::remove_dir_all(folder).ok();
    }
}
