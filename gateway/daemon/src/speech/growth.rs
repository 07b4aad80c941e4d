//! The file a text is spoken into, piece by piece: whoever plays it may follow while it grows.

use super::wav::{HEAD, Sound, UNKNOWN, head, length_ms};
use crate::shelf::remove;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;

/// A WAV file that grows. Its header states no length until it is whole.
pub(super) struct Growth {
    file: File,
    /// Samples a second, those of its first piece.
    rate: u32,
    frames: u64,
}

impl Growth {
    /// Begins a file anew: another that somebody may be reading keeps its bytes.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn begin(path: &Path, first: Sound) -> io::Result<Self> {
        remove(path);
        let file = File::options().write(true).create_new(true).open(path)?;
        let mut growth = Self { file, rate: first.rate, frames: 0 };
        growth.file.write_all(&head(first.rate, UNKNOWN))?;
        growth.write(&first)?;
        Ok(growth)
    }

    /// Adds a piece after so many milliseconds of silence.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn add(&mut self, pause_ms: u64, piece: Sound) -> io::Result<()> {
        let mut more = Sound { rate: self.rate, samples: Vec::new() };
        more.append(pause_ms, piece);
        self.write(&more)
    }

    fn write(&mut self, sound: &Sound) -> io::Result<()> {
        self.file.write_all(&sound.bytes())?;
        self.frames += sound.samples.len() as u64;
        Ok(())
    }

    /// Length of what is in it, milliseconds.
    pub(super) fn ms(&self) -> u64 {
        length_ms(self.frames, self.rate)
    }

    /// Writes its true length into its header.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        let bytes = u32::try_from(2 * self.frames).map_err(io::Error::other)?;
        debug_assert_eq!(self.file.metadata()?.len(), HEAD as u64 + u64::from(bytes), "every frame was written");
        self.file.rewind()?;
        self.file.write_all(&head(self.rate, bytes))?;
        Ok(self.ms())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wav::{read_sound, wav_length};
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn pieces_of_any_rate_become_one_file_with_a_true_length() {
        let folder = Folder::new();
        let path = folder.path().join("a.part");
        let piece = |rate: u32, level| Sound { rate, samples: vec![level; rate as usize] };
        let mut growth = Growth::begin(&path, piece(16_000, 7)).expect("begun");
        let so_far = read_sound(File::open(&path).expect("there"), 10_000).expect("a WAV already");
        assert_eq!(so_far, piece(16_000, 7));
        growth.add(350, piece(22_050, 9)).expect("added");
        assert_eq!(growth.finish().expect("whole"), 2350);
        assert_eq!(wav_length(&path).expect("its header is true"), 2350);
        let all = read_sound(File::open(&path).expect("there"), 10_000).expect("a WAV").samples;
        assert_eq!((all[15_999], all[16_000], all[30_000]), (7, 0, 9));
    }

    #[test]
    fn who_reads_an_earlier_one_keeps_it() {
        let folder = Folder::new();
        let path = folder.path().join("a.part");
        let piece = |level| Sound { rate: 8000, samples: vec![level; 800] };
        drop(Growth::begin(&path, piece(1)).expect("begun"));
        let before = File::open(&path).expect("there");
        drop(Growth::begin(&path, piece(2)).expect("begun anew"));
        assert_eq!(read_sound(before, 1000).expect("a WAV").samples, vec![1; 800]);
    }
}
