//! What a board is sent: pictures of its own size, and how long each stands.

use std::time::Duration;

/// A picture, 8 bits each of red, green and blue.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    width: u16,
    height: u16,
    pixels: Vec<[u8; 3]>,
}

impl Frame {
    /// A black picture of this size.
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height, pixels: vec![[0; 3]; usize::from(width) * usize::from(height)] }
    }

    /// Pixels across.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// The colour at a place; black outside.
    pub fn at(&self, x: u16, y: u16) -> [u8; 3] {
        self.index(x, y).and_then(|i| self.pixels.get(i)).copied().unwrap_or_default()
    }

    /// Sets the colour at a place; nothing happens outside.
    pub fn set(&mut self, x: u16, y: u16, colour: [u8; 3]) {
        if let Some(pixel) = self.index(x, y).and_then(|i| self.pixels.get_mut(i)) {
            *pixel = colour;
        }
    }

    /// All pixels, row after row from the top left.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    /// Lays a colour over the one at a place, 255: it alone is left; nothing happens outside.
    pub(super) fn blend(&mut self, x: i32, y: i32, colour: [u8; 3], coverage: u8) {
        let (Ok(x), Ok(y)) = (u16::try_from(x), u16::try_from(y)) else { return };
        if let Some(pixel) = self.index(x, y).and_then(|i| self.pixels.get_mut(i)) {
            let cover = u32::from(coverage);
            for (old, new) in pixel.iter_mut().zip(colour) {
                let mixed = (u32::from(new) * cover + u32::from(*old) * (255 - cover) + 127) / 255;
                *old = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
        }
    }

    /// Paints a rectangle; what lies outside is left out.
    pub(super) fn fill(&mut self, x: i32, y: i32, width: i32, height: i32, colour: [u8; 3]) {
        for y in y.max(0)..(y + height).min(i32::from(self.height)) {
            for x in x.max(0)..(x + width).min(i32::from(self.width)) {
                self.blend(x, y, colour, 255);
            }
        }
    }

    /// The same at this per cent of its brightness; what was lit stays lit.
    #[must_use]
    pub fn dimmed(&self, percent: u8) -> Self {
        let percent = u32::from(percent.min(100));
        let dim = |value: u8| u8::try_from((u32::from(value) * percent).div_ceil(100)).unwrap_or(u8::MAX);
        let pixels = self.pixels.iter().map(|pixel| pixel.map(dim)).collect();
        Self { pixels, ..*self }
    }

    fn index(&self, x: u16, y: u16) -> Option<usize> {
        (x < self.width && y < self.height).then(|| usize::from(y) * usize::from(self.width) + usize::from(x))
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lit = self.pixels.iter().filter(|p| **p != [0; 3]).count();
        write!(f, "Frame({}×{}, {lit} lit)", self.width, self.height)
    }
}

/// One picture of a playlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What is seen. Wider than the board where it runs.
    pub frame: Frame,
    /// How long it stands; for one that runs, how long it takes from standing wholly to the right of the board until
    /// it is gone on its left: `(frame width + board width) / hold` is its pace.
    pub hold: Duration,
    /// It runs from right to left through the board.
    pub runs: bool,
}

/// What a board plays, again and again; empty: it is dark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playlist {
    /// Its pages, in order.
    pub pages: Vec<Page>,
}
