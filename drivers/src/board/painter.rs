//! Makes pictures of messages: Vietnamese text shaped and set by us, so that no card needs letters of its own.

mod easel;
mod font;
mod furniture;
mod layout;
mod photo;
mod qr;

pub use easel::Easel;
pub use font::{FontFault, Fonts};
pub use photo::{PhotoFault, picture_size};
pub use qr::code;

use super::cpower_picture::Colours as Palette;
use super::frame::{Frame, Page, Playlist};
use font::Run;
use furniture::{Area, Colours};
use gateway_core::want::BoardMessage;
use layout::{Block, Laid};
use std::path::PathBuf;
use std::time::Duration;

/// How long a page stands at least.
const HOLD: Duration = Duration::from_secs(4);
/// And at most.
const HOLD_AT_MOST: Duration = Duration::from_secs(12);
/// Reading time of a letter; a slow reader takes in fifteen a second.
const LETTER: Duration = Duration::from_millis(65);
/// How long the other half of a flash stands: with the page itself, fewer than one flash in two seconds.
const FLASH: Duration = Duration::from_millis(600);
/// How long a page that flashes stands where it is the only one.
const BETWEEN_FLASHES: Duration = Duration::from_secs(2);
/// How long a picture stands.
const PHOTO: Duration = Duration::from_secs(6);
/// How long a board too low for a strip says that it is a drill.
const SAY_DRILL: Duration = Duration::from_secs(2);

/// Paints messages for a board of one size.
#[derive(Clone, Debug)]
pub struct Painter {
    width: u16,
    height: u16,
    fonts: Option<Fonts>,
    mono: bool,
    palette: Palette,
    pictures: Option<PathBuf>,
}

impl Painter {
    /// For a board of this many pixels, with the fonts of the box.
    pub fn new(width: u16, height: u16) -> Self {
        Easel::default().painter(width, height)
    }

    /// With neither letters nor pictures.
    fn bare(width: u16, height: u16) -> Self {
        Self { width, height, fonts: None, mono: false, palette: Palette::Full, pictures: None }
    }

    /// The same for a panel that has no other colours than these: pictures are mixed of them.
    #[must_use]
    pub fn with_colours(self, palette: Palette) -> Self {
        Self { palette, ..self }
    }

    /// The same with other fonts.
    #[must_use]
    pub fn with_fonts(mut self, fonts: Fonts) -> Self {
        self.fonts = Some(fonts);
        self
    }

    /// The same for a panel whose pixels are lit or not: all that is lit is white, and no edge is grey.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// The pages of a message. An emergency that flashes has each page twice, the second time with ground and letters
    /// exchanged; a text that stands nowhere whole runs.
    pub fn paint(&self, message: &BoardMessage) -> Playlist {
        let colours = Colours::of(message.level, self.mono);
        let whole = Area::whole(self.width, self.height);
        let (Some(fonts), true) = (&self.fonts, self.width > 0 && self.height > 0) else {
            return self.wordless(message, colours);
        };
        let mut pages = self.worded(fonts, message, whole, colours);
        pages.extend(self.photo(message, whole, colours));
        Playlist { pages }
    }

    /// The pages of the text.
    fn worded(&self, fonts: &Fonts, message: &BoardMessage, whole: Area, colours: Colours) -> Vec<Page> {
        let strip = furniture::strip(fonts, message, whole, self.mono);
        let text = if strip.is_some() { message.text.trim().to_owned() } else { said(message) };
        let inner = furniture::inner(message, whole, strip.as_ref());
        let laid = layout::lay(fonts, &text, inner.width, inner.height, self.mono);
        let mut pages = Vec::new();
        match laid {
            Laid::Stands(block) => {
                let (block, inner, code) = match self.beside_code(fonts, message, &text, inner, &block) {
                    Some((block, inner, code)) => (block, inner, Some(code)),
                    None => (block, inner, None),
                };
                let hold = hold(&block, message.flash);
                for lines in &block.pages {
                    for turn in [false, true].into_iter().take(1 + usize::from(message.flash)) {
                        let colours = if turn { colours.turned() } else { colours };
                        let mut frame = colours.ground(self.width, self.height);
                        furniture::draw(&mut frame, message, whole, strip.as_ref(), colours);
                        stand(&mut frame, &block, lines, inner, colours);
                        if let Some(code) = &code {
                            code.draw(&mut frame);
                        }
                        pages.push(Page { frame, hold: if turn { FLASH } else { hold }, runs: false });
                    }
                }
                if message.drill && strip.is_none() {
                    pages.insert(0, self.announcement(fonts, message, colours));
                }
            }
            Laid::Runs => {
                if message.drill || message.flash {
                    pages.push(self.announcement(fonts, message, colours));
                }
                pages.push(self.running(fonts, &said(message), message, colours));
            }
        }
        pages
    }

    /// The page of the picture, after those of the text. One that cannot be shown must not cost a warning its words.
    fn photo(&self, message: &BoardMessage, whole: Area, colours: Colours) -> Option<Page> {
        let (folder, clip) = (self.pictures.as_ref()?, message.picture.as_ref()?.as_str());
        if !clip.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut frame = Frame::new(self.width, self.height);
        let room = furniture::hatch_ends(&mut frame, message, whole, colours);
        let side = |pixels: i32| u16::try_from(pixels).unwrap_or_default();
        let picture = photo::photo(&folder.join(clip), side(room.width), side(room.height), self.palette);
        let picture = picture.map_err(|fault| log::info!(clip, fault:%; "the board shows no picture")).ok()?;
        let left = room.x + (room.width - i32::from(picture.width())) / 2;
        let top = room.y + (room.height - i32::from(picture.height())) / 2;
        for (y, row) in (top..).zip(picture.pixels().chunks(usize::from(picture.width()).max(1))) {
            for (x, pixel) in (left..).zip(row) {
                frame.blend(x, y, *pixel, 255);
            }
        }
        Some(Page { frame, hold: PHOTO, runs: false })
    }

    /// The text set anew beside a QR code, where that costs it nothing that matters.
    fn beside_code(
        &self,
        fonts: &Fonts,
        message: &BoardMessage,
        text: &str,
        inner: Area,
        alone: &Block,
    ) -> Option<(Block, Area, qr::Code)> {
        let code = qr::Code::of(message.qr.as_deref()?, inner)?;
        let beside = Area { width: inner.width - code.taken(), ..inner };
        match layout::lay(fonts, text, beside.width, beside.height, self.mono) {
            Laid::Stands(block) if block.pages.len() <= alone.pages.len() && block.size * 2 >= alone.size => {
                Some((block, beside, code))
            }
            Laid::Stands(_) | Laid::Runs => None,
        }
    }

    /// A page that says in one word what follows.
    fn announcement(&self, fonts: &Fonts, message: &BoardMessage, colours: Colours) -> Page {
        let colours = colours.turned();
        let mut frame = colours.ground(self.width, self.height);
        let whole = Area::whole(self.width, self.height);
        let inner = furniture::hatch_ends(&mut frame, message, whole, colours);
        let word = furniture::word(message);
        if let Laid::Stands(block) = layout::lay(fonts, word, inner.width, inner.height, self.mono)
            && let Some(lines) = block.pages.first()
        {
            stand(&mut frame, &block, lines, inner, colours);
        }
        Page { frame, hold: SAY_DRILL, runs: false }
    }

    fn running(&self, fonts: &Fonts, text: &str, message: &BoardMessage, colours: Colours) -> Page {
        let rail = if message.drill && self.height >= 24 { 3 } else { 0 };
        let height = i32::from(self.height) - 2 * rail;
        let block = layout::one_line(fonts, text, height, self.mono);
        let line = block.pages.into_iter().flatten().next().unwrap_or_default();
        let longest = layout::longest(self.height).max(i32::from(self.width));
        let width = u16::try_from(line.width.clamp(1, longest)).unwrap_or(u16::MAX).max(self.width);
        let mut frame = colours.ground(width, self.height);
        furniture::rails(&mut frame, rail, colours);
        let top = rail + (height - line.above - line.below) / 2;
        write(&mut frame, &line, 0, top + line.above, colours.ink, Area::whole(width, self.height));
        // Letters pass at three times their own height a second: five or six of them.
        let pace = u32::from(block.size.max(8)) * 3;
        let hold = Duration::from_millis(u64::from(u32::from(width) + u32::from(self.width)) * 1000 / u64::from(pace));
        Page { frame, hold, runs: true }
    }

    /// Without a font: the colour alone, hatched for a drill. The configuration is refused before it comes to this.
    fn wordless(&self, message: &BoardMessage, colours: Colours) -> Playlist {
        log::error!("no text can be painted: there are no letters");
        let mut frame = colours.turned().ground(self.width, self.height);
        if message.drill {
            furniture::rails(&mut frame, i32::from(self.height), colours);
        }
        Playlist { pages: vec![Page { frame, hold: HOLD, runs: false }] }
    }
}

/// The text as it is shown where no strip says that it is a drill.
fn said(message: &BoardMessage) -> String {
    let text = message.text.trim();
    if message.drill && !text.to_uppercase().starts_with(furniture::DRILL) {
        return format!("{}: {text}", furniture::DRILL);
    }
    text.to_owned()
}

fn hold(block: &Block, flash: bool) -> Duration {
    if flash && block.pages.len() == 1 {
        return BETWEEN_FLASHES;
    }
    let letters = u32::try_from(block.letters()).unwrap_or(u32::MAX);
    (Duration::from_secs(1) + LETTER.saturating_mul(letters)).clamp(HOLD, HOLD_AT_MOST)
}

/// Writes lines in the middle of an area.
fn stand(frame: &mut Frame, block: &Block, lines: &[Run], area: Area, colours: Colours) {
    let below = lines.last().map_or(0, |line| line.below);
    let first = lines.first().map_or(0, |line| line.above);
    // The ink of the first line, not the room for the highest accent there might be, is what is centred.
    let ink = block.height(lines.len(), below) - block.above + first;
    let mut base = area.y + ((area.height - ink) / 2).max(0) + first;
    for line in lines {
        write(frame, line, area.x + ((area.width - line.width) / 2).max(0), base, colours.ink, area);
        base += block.step;
    }
}

/// Writes a line with its pen at this place; nothing outside the area.
fn write(frame: &mut Frame, line: &Run, x: i32, base: i32, ink: [u8; 3], area: Area) {
    for (glyph, dx, up) in &line.glyphs {
        let (left, top) = (x + dx + glyph.left, base - up - glyph.top);
        let rows = glyph.mask.chunks(usize::try_from(glyph.width).unwrap_or(0).max(1));
        for (y, row) in (top..).zip(rows) {
            for (x, coverage) in (left..).zip(row) {
                if *coverage > 0 && area.holds(x, y) {
                    frame.blend(x, y, ink, *coverage);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
