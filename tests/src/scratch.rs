//! A directory that lasts as long as the value that names it.

use std::path::{Path, PathBuf};

/// A fresh directory under the system's temporary one, removed with everything in it on drop.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one; `label` only helps a person who looks while a test runs.
    pub fn new(label: &str) -> std::io::Result<Self> {
        let name = format!("ttcs-{label}-{}-{:016x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a directory that will not go; the system clears its temporary files itself.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
