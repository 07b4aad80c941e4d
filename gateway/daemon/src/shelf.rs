//! A folder of finished files named by digest: a file is on the shelf whole or not at all.

use drivers::sound::Measured;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Ending of a file that is being made.
const PART: &str = "part";
/// Ending of the note that says who made a file and from what.
const BY: &str = "by";
/// Ending of the note that says how long and how loud the sound of a file is: milliseconds, then LUFS and dBTP, or `-`
/// where there was nothing to be measured. A note of the length alone was written before loudness was measured.
const NOTE: &str = "ms";
/// Ending of the mark that says that the desk needs a file, whether or not anything is to be aired with it.
const HELD: &str = "held";

/// How long and how loud the sound of a file is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sound {
    /// Its length, milliseconds.
    pub(crate) ms: u64,
    /// Its loudness; `None`: it is too short or too quiet for one.
    pub(crate) measured: Option<Measured>,
}

impl Sound {
    /// As it is noted.
    fn written(&self) -> String {
        match self.measured {
            Some(Measured { lufs, peak_dbtp }) => format!("{} {lufs:.2} {peak_dbtp:.2}\n", self.ms),
            None => format!("{} -\n", self.ms),
        }
    }

    /// What a note says; `None` where it is not whole.
    fn read(note: &str) -> Option<Self> {
        let mut words = note.split_whitespace();
        let ms = words.next()?.parse().ok()?;
        let measured = match words.next()? {
            "-" => None,
            lufs => {
                let number = |word: &str| word.parse().ok().filter(|n: &f32| n.is_finite());
                Some(Measured { lufs: number(lufs)?, peak_dbtp: number(words.next()?)? })
            }
        };
        note.ends_with('\n').then_some(Self { ms, measured })
    }
}

/// How loud a file of a shelf's folder is, as its note says; for those who play it.
pub(crate) fn measured(dir: &Path, name: &str) -> Option<Measured> {
    Sound::read(&fs::read_to_string(dir.join(name).with_extension(NOTE)).ok()?)?.measured
}

/// The folder and what is in it.
#[derive(Debug)]
pub(crate) struct Shelf {
    dir: PathBuf,
    /// Ending of the files, without the dot; empty: none.
    ending: &'static str,
    files: BTreeMap<String, Piece>,
    /// Latest time a file was marked with, so that marks rise though the wall clock may be set back.
    marked: SystemTime,
}

/// A file on the shelf.
#[derive(Clone, Copy, Debug)]
struct Piece {
    bytes: u64,
    /// When it was last needed.
    needed: SystemTime,
    /// Its sound; `None` where nobody noted it.
    sound: Option<Sound>,
    /// The desk needs it.
    held: bool,
}

impl Shelf {
    /// Opens the folder, made where it is missing, and lists it. Names that are no digests are left alone.
    pub(crate) fn open(dir: PathBuf, ending: &'static str) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        let mut shelf = Self { dir, ending, files: BTreeMap::new(), marked: SystemTime::UNIX_EPOCH };
        for entry in fs::read_dir(&shelf.dir)? {
            let entry = entry?;
            let file = PathBuf::from(entry.file_name());
            let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let end = file.extension().and_then(|s| s.to_str()).unwrap_or_default();
            let meta = entry.metadata()?;
            if end != ending || !is_digest(stem) || !meta.is_file() {
                continue;
            }
            let needed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let note = fs::read_to_string(shelf.dir.join(stem).with_extension(NOTE)).ok();
            let sound = note.and_then(|n| Sound::read(&n));
            shelf.marked = shelf.marked.max(needed);
            let held = shelf.dir.join(stem).with_extension(HELD).exists();
            shelf.files.insert(stem.to_owned(), Piece { bytes: meta.len(), needed, sound, held });
        }
        Ok(shelf)
    }

    /// What is on it, with its sound where that is known.
    pub(crate) fn list(&self) -> impl Iterator<Item = (&str, Option<Sound>)> {
        self.files.iter().map(|(name, piece)| (name.as_str(), piece.sound))
    }

    /// Whether a file is on it, and its sound where that is known.
    pub(crate) fn has(&self, name: &str) -> Option<Option<Sound>> {
        self.files.get(name).map(|piece| piece.sound)
    }

    /// Where a file is or will be.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.dir.join(name);
        if self.ending.is_empty() { path } else { path.with_extension(self.ending) }
    }

    /// Where a file is made.
    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.dir.join(name).with_extension(PART)
    }

    /// Where it is noted who made a file; the note goes with the file.
    pub(crate) fn by(&self, name: &str) -> PathBuf {
        self.dir.join(name).with_extension(BY)
    }

    /// Puts a finished part on the shelf. Its bytes and its name are on the disk when this returns.
    pub(crate) fn publish(&mut self, name: &str, sound: Sound) -> io::Result<()> {
        let part = self.part(name);
        let file = File::options().append(true).open(&part)?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        self.note(name, sound)?;
        fs::rename(&part, self.path(name))?;
        File::open(&self.dir)?.sync_all()?;
        let needed = self.mark(name);
        let held = self.dir.join(name).with_extension(HELD).exists();
        self.files.insert(name.to_owned(), Piece { bytes, needed, sound: Some(sound), held });
        Ok(())
    }

    /// Puts a file that was made elsewhere on the same disk on the shelf, for the desk; whole and on the disk when this
    /// returns.
    pub(crate) fn adopt(&mut self, name: &str, from: &Path, sound: Sound) -> io::Result<()> {
        File::create(self.dir.join(name).with_extension(HELD))?;
        if let Some(piece) = self.files.get_mut(name) {
            piece.held = true;
            remove(from);
            return Ok(());
        }
        let file = File::open(from)?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        self.note(name, sound)?;
        fs::rename(from, self.path(name))?;
        File::open(&self.dir)?.sync_all()?;
        let needed = self.mark(name);
        self.files.insert(name.to_owned(), Piece { bytes, needed, sound: Some(sound), held: true });
        Ok(())
    }

    /// The desk needs a file that is on the shelf.
    pub(crate) fn hold(&mut self, name: &str) -> io::Result<()> {
        if let Some(piece) = self.files.get_mut(name).filter(|piece| !piece.held) {
            File::create(self.dir.join(name).with_extension(HELD))?;
            piece.held = true;
        }
        Ok(())
    }

    /// The desk needs a file no longer: from now on it is as any other.
    pub(crate) fn release(&mut self, name: &str) {
        if let Some(piece) = self.files.get_mut(name).filter(|piece| piece.held) {
            piece.held = false;
            remove(&self.dir.join(name).with_extension(HELD));
            self.leave(name);
        }
    }

    /// Notes how long and how loud a file is, so that it need not be decoded again at the next start.
    pub(crate) fn note(&mut self, name: &str, sound: Sound) -> io::Result<()> {
        let mut file = File::create(self.dir.join(name).with_extension(NOTE))?;
        file.write_all(sound.written().as_bytes())?;
        if let Some(piece) = self.files.get_mut(name) {
            piece.sound = Some(sound);
        }
        Ok(())
    }

    /// Takes a file and all that belongs to it away.
    pub(crate) fn remove(&mut self, name: &str) {
        self.files.remove(name);
        remove(&self.path(name));
        for note in [NOTE, HELD, BY, PART] {
            remove(&self.dir.join(name).with_extension(note));
        }
    }

    /// Takes a file away, unless the desk needs it.
    pub(crate) fn drop_idle(&mut self, name: &str) {
        if self.files.get(name).is_some_and(|piece| !piece.held) {
            self.remove(name);
        }
    }

    /// Says that a file is needed no longer from now on; those needed longest ago go first.
    pub(crate) fn leave(&mut self, name: &str) {
        if self.files.contains_key(name) {
            let needed = self.mark(name);
            if let Some(piece) = self.files.get_mut(name) {
                piece.needed = needed;
            }
        }
    }

    fn mark(&mut self, name: &str) -> SystemTime {
        self.marked = SystemTime::now().max(self.marked + Duration::from_millis(1));
        let marked = File::options().append(true).open(self.path(name)).and_then(|f| f.set_modified(self.marked));
        if let Err(error) = marked {
            log::debug!(error:%; "a file of the cache keeps its old mark");
        }
        self.marked
    }

    /// What nobody needs, in the order in which it goes: longest ago first. What is `apart` is bounded elsewhere.
    pub(crate) fn idle(&self, needed: &BTreeSet<&str>, apart: &BTreeSet<&str>) -> Vec<(SystemTime, u64, String)> {
        let mut idle: Vec<(SystemTime, u64, String)> = self
            .files
            .iter()
            .filter(|(name, piece)| !piece.held && !needed.contains(name.as_str()) && !apart.contains(name.as_str()))
            .map(|(name, piece)| (piece.needed, piece.bytes, name.clone()))
            .collect();
        idle.sort();
        idle
    }

    /// How much lies here that neither the desk holds nor is `apart`, bytes.
    pub(crate) fn used(&self, apart: &BTreeSet<&str>) -> u64 {
        // What the desk holds has a bound of its own: the room on the disk.
        let counted = self.files.iter().filter(|(name, piece)| !piece.held && !apart.contains(name.as_str()));
        counted.map(|(_, piece)| piece.bytes).sum()
    }

    /// Takes away what nobody needs, longest ago first, until no more than `limit` bytes are left.
    pub(crate) fn evict(&mut self, limit: u64, needed: &BTreeSet<&str>, apart: &BTreeSet<&str>) {
        let mut total = self.used(apart);
        for (_, bytes, name) in self.idle(needed, apart) {
            if total <= limit {
                break;
            }
            log::info!(file = name.as_str(), bytes; "evicted from the cache");
            self.remove(&name);
            total = total.saturating_sub(bytes);
        }
    }

    /// Removes parts nobody is making.
    pub(crate) fn sweep(&self, making: &BTreeSet<&str>) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for path in entries.filter_map(Result::ok).map(|e| e.path()) {
            let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            if path.extension().is_some_and(|e| e == PART) && is_digest(stem) && !making.contains(stem) {
                remove(&path);
            }
        }
    }
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        log::warn!(error:%; "a file of the cache cannot be removed");
    }
}

/// SHA-256 in lower-case hexadecimal: nothing else becomes a file name.
pub(crate) fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    const SECOND: Sound = Sound { ms: 1000, measured: Some(Measured { lufs: -23.25, peak_dbtp: -1.5 }) };

    #[test]
    fn a_note_is_read_as_it_was_written_and_a_half_one_not_at_all() {
        for sound in [SECOND, Sound { ms: 7, measured: None }] {
            assert_eq!(Sound::read(&sound.written()), Some(sound));
        }
        // The length alone, as it was once noted; cut off by a power cut; no numbers.
        for note in ["", "1000", "1000\n", "1000 -", "1000 -23.25 -1.5", "1000 -23.25\n", "1000 nan -1.5\n", "x -\n"] {
            assert_eq!(Sound::read(note), None, "{note:?}");
        }
    }

    fn name(letter: char) -> String {
        letter.to_string().repeat(64)
    }

    fn put(shelf: &mut Shelf, letter: char, bytes: usize) {
        fs::write(shelf.part(&name(letter)), vec![0; bytes]).expect("written");
        shelf.publish(&name(letter), SECOND).expect("published");
    }

    #[test]
    fn what_is_published_is_found_again_with_its_length() {
        let folder = Folder::new();
        let mut shelf = Shelf::open(folder.path().join("a/b"), "wav").expect("open");
        put(&mut shelf, 'a', 10);
        fs::write(folder.path().join("a/b/README.wav"), "mine").expect("written");
        fs::write(shelf.part(&name('b')), "half").expect("written");
        let shelf = Shelf::open(folder.path().join("a/b"), "wav").expect("open");
        assert_eq!(shelf.list().collect::<Vec<_>>(), [(name('a').as_str(), Some(SECOND))]);
        assert_eq!(measured(&folder.path().join("a/b"), &name('a')), SECOND.measured);
        assert_eq!(shelf.path(&name('a')).extension().and_then(|e| e.to_str()), Some("wav"));
        shelf.sweep(&BTreeSet::from([name('b').as_str()]));
        assert!(shelf.part(&name('b')).exists(), "somebody makes it");
        shelf.sweep(&BTreeSet::new());
        assert!(!shelf.part(&name('b')).exists());
        assert!(folder.path().join("a/b/README.wav").exists(), "not ours");
    }

    #[test]
    fn what_was_needed_longest_ago_goes_first_and_what_is_needed_stays() {
        let folder = Folder::new();
        let mut shelf = Shelf::open(folder.path().to_owned(), "").expect("open");
        for letter in ['a', 'b', 'c', 'd'] {
            put(&mut shelf, letter, 100);
        }
        shelf.leave(&name('a'));
        // A new run knows the order from the files themselves.
        let mut shelf = Shelf::open(folder.path().to_owned(), "").expect("open");
        let b = name('b');
        shelf.evict(250, &BTreeSet::from([b.as_str()]), &BTreeSet::new());
        let left: Vec<String> = shelf.list().map(|(n, _)| n.to_owned()).collect();
        assert_eq!(left, [name('a'), b.clone()], "c and d were needed before a, b is needed now");
        shelf.evict(0, &BTreeSet::from([b.as_str()]), &BTreeSet::new());
        assert_eq!(shelf.list().map(|(n, _)| n).collect::<Vec<_>>(), [b.as_str()]);
        assert!(
            !folder.path().join(name('a')).exists() && !folder.path().join(name('a')).with_extension("ms").exists()
        );
    }

    #[test]
    fn what_the_desk_holds_stays_until_it_lets_go_also_over_a_restart() {
        let folder = Folder::new();
        let mut shelf = Shelf::open(folder.path().join("clips"), "").expect("open");
        let brought = folder.path().join("brought");
        fs::write(&brought, vec![0; 100]).expect("written");
        shelf.adopt(&name('a'), &brought, SECOND).expect("adopted");
        assert!(!brought.exists(), "it was moved");
        put(&mut shelf, 'b', 100);
        shelf.evict(0, &BTreeSet::new(), &BTreeSet::new());
        let mut shelf = Shelf::open(folder.path().join("clips"), "").expect("open");
        shelf.evict(0, &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(shelf.list().collect::<Vec<_>>(), [(name('a').as_str(), Some(SECOND))]);
        shelf.release(&name('a'));
        shelf.evict(0, &BTreeSet::new(), &BTreeSet::new());
        assert_eq!(fs::read_dir(folder.path().join("clips")).expect("there").count(), 0, "nothing is left behind");
    }

    #[test]
    fn only_digests_are_names() {
        assert!(is_digest(&name('0')));
        for bad in ["", "../../etc/passwd", &name('A'), &"a".repeat(63), &"a".repeat(65)] {
            assert!(!is_digest(bad), "{bad}");
        }
    }
}
