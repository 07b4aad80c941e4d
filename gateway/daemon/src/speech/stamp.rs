//! Who has spoken a text and what was said: a note beside the file, so that only what would sound otherwise now is
//! spoken anew.

use std::io;
use std::path::Path;

/// The note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Name of the engine, for whoever reads the folder.
    pub(super) name: String,
    /// Digest of all that decides how the engine sounds.
    pub(super) engine: String,
    /// Digest of what was said.
    pub(super) words: String,
}

impl Stamp {
    /// Reads a note; `None` where there is none or it is torn.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut lines = text.lines().map(str::to_owned);
        let stamp = Self { name: lines.next()?, engine: lines.next()?, words: lines.next()? };
        (stamp.words.len() == 64).then_some(stamp)
    }

    /// Writes it. What is torn by a power cut reads as no note, and the text is spoken anew.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, format!("{}\n{}\n{}\n", self.name, self.engine, self.words))
    }
}
