//! What the boards of a station are painted with: letters, and the pictures of its cache.

use super::{Fonts, Painter};
use std::path::{Path, PathBuf};

/// Letters and pictures.
#[derive(Clone, Debug, Default)]
pub struct Easel {
    fonts: Option<Fonts>,
    pictures: Option<PathBuf>,
}

impl Easel {
    /// With these letters; `None`: those of the box.
    pub fn new(fonts: Option<Fonts>) -> Self {
        Self { fonts, pictures: None }
    }

    /// With the pictures of this folder, each in a file that is named as its clip.
    #[must_use]
    pub fn with_pictures(self, folder: &Path) -> Self {
        Self { pictures: Some(folder.to_owned()), ..self }
    }

    /// A painter for a board of this size.
    pub fn painter(&self, width: u16, height: u16) -> Painter {
        let fonts = self.fonts.clone().or_else(|| Fonts::of_the_box().ok());
        Painter { fonts, pictures: self.pictures.clone(), ..Painter::bare(width, height) }
    }
}
