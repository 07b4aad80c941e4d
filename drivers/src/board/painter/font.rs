//! Finds the fonts of the box, and shapes and draws their letters: grid-fitted, so that small ones stay letters.

use harfrust::{Buffer, Direction, Feature, ShapeOptions, ShaperFont, Tag, shape};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, Engine, HintingInstance, HintingOptions, OutlinePen, SmoothMode, Target};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use zeno::{Command, Mask, Vector};

/// Where a font with Vietnamese letters is looked for, best first: for small letters, then for large ones. Those of
/// DejaVu carry instructions for every accent, which keeps them apart at 11 pixels.
const PLACES: [(&str, &str); 3] = [
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"),
    (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ),
];
/// Letters that a Vietnamese font must have: each kind of base with each kind of mark.
const PROBE: &str = "ẮẰẲẴẶẤỀỔỖỘỨỪỬỮỰỲỴỶỸĐắặấệộờởỡợứựỵđ";
/// From this size on the bold face is used.
const LARGE: u16 = 24;
/// From this size on edges may be grey.
const SMOOTH: u16 = 18;
/// A font file larger than this is none.
const FILE_LIMIT: u64 = 32 * 1024 * 1024;

/// Why there is no font.
#[derive(Debug, thiserror::Error)]
pub enum FontFault {
    /// None at the usual places.
    #[error("no font with Vietnamese letters on this box: install the package fonts-dejavu-core, or name a file")]
    Nowhere,
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The file is no font.
    #[error("{}: not a TrueType or OpenType font", .path.display())]
    NoFont {
        /// Which.
        path: PathBuf,
    },
    /// Letters are missing.
    #[error("{}: has no letter {letter}: Vietnamese cannot be written with it", .path.display())]
    Letters {
        /// Which.
        path: PathBuf,
        /// The first that is missing.
        letter: char,
    },
}

/// The faces a board is written with.
#[derive(Clone, Debug)]
pub struct Fonts {
    small: Arc<Face>,
    large: Arc<Face>,
}

impl Fonts {
    /// One file for all sizes.
    ///
    /// # Errors
    /// When it cannot be read, is no font or cannot write Vietnamese.
    pub fn open(path: &Path) -> Result<Self, FontFault> {
        let face = Arc::new(Face::open(path)?);
        Ok(Self { small: Arc::clone(&face), large: face })
    }

    /// The best ones of the box, read once.
    ///
    /// # Errors
    /// When there are none.
    pub fn of_the_box() -> Result<Self, FontFault> {
        static FOUND: OnceLock<Option<Fonts>> = OnceLock::new();
        let found = FOUND.get_or_init(|| {
            PLACES.iter().find_map(|(small, large)| {
                let small = Arc::new(Face::open(Path::new(small)).ok()?);
                let large = Face::open(Path::new(large)).map_or_else(|_| Arc::clone(&small), Arc::new);
                Some(Fonts { small, large })
            })
        });
        found.clone().ok_or(FontFault::Nowhere)
    }

    /// The letters of this size, pixels of an em; `crisp`: every pixel is on or off.
    pub(super) fn at(&self, size: u16, crisp: bool) -> Letters<'_> {
        let face = if size < LARGE { &self.small } else { &self.large };
        face.at(size, crisp || size < SMOOTH)
    }
}

/// One font file.
struct Face {
    path: PathBuf,
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    shaping: harfrust::Font,
    units: f32,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Face({})", self.path.display())
    }
}

impl Face {
    fn open(path: &Path) -> Result<Self, FontFault> {
        let unreadable = |reason: String| FontFault::Unreadable { path: path.to_owned(), reason };
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > FILE_LIMIT {
            return Err(unreadable(format!("{size} bytes are too many")));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let bytes: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes);
        let no_font = || FontFault::NoFont { path: path.to_owned() };
        let parsed = FontRef::new((*bytes).as_ref()).map_err(|_| no_font())?;
        let charmap = parsed.charmap();
        if let Some(letter) = PROBE.chars().find(|letter| charmap.map(*letter).is_none()) {
            return Err(FontFault::Letters { path: path.to_owned(), letter });
        }
        let shaping = harfrust::Font::new(Arc::clone(&bytes), 0).ok_or_else(no_font)?;
        let units = f32::from(shaping.units_per_em().max(1));
        Ok(Self { path: path.to_owned(), bytes, shaping, units })
    }

    fn at(&self, size: u16, crisp: bool) -> Letters<'_> {
        let font = FontRef::new((*self.bytes).as_ref()).ok();
        let target = if crisp { Target::Mono } else { SmoothMode::Light.into() };
        let hints = font.as_ref().and_then(|font| {
            let options = HintingOptions { engine: Engine::AutoFallback, target };
            let (size, location) = (Size::new(f32::from(size)), LocationRef::default());
            HintingInstance::new(&font.outline_glyphs(), size, location, options).ok()
        });
        Letters { face: self, font, size: f32::from(size), crisp, hints, drawn: Vec::new() }
    }
}

/// The letters of a face at one size.
pub(super) struct Letters<'a> {
    face: &'a Face,
    font: Option<FontRef<'a>>,
    size: f32,
    crisp: bool,
    hints: Option<HintingInstance>,
    drawn: Vec<(u32, Arc<Glyph>)>,
}

/// A letter drawn: how much of each pixel it covers, and where it stands to the pen.
#[derive(Debug, Default)]
pub(super) struct Glyph {
    /// Coverage 0–255, row after row.
    pub(super) mask: Vec<u8>,
    /// Pixels from the pen to its left edge.
    pub(super) left: i32,
    /// Pixels from the base line up to its upper edge.
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    /// Pixels the pen moves on.
    advance: f32,
}

/// A run of letters set in one line; its pen starts at 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Each letter, and where its pen stands: across, and up from the base line.
    pub(super) glyphs: Vec<(Arc<Glyph>, i32, i32)>,
    /// Pixels the pen has moved.
    pub(super) width: i32,
    /// Pixels of ink above the base line.
    pub(super) above: i32,
    /// Pixels of ink under it.
    pub(super) below: i32,
}

impl Letters<'_> {
    /// Sets a text in one line.
    pub(super) fn set(&mut self, text: &str) -> Run {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // One direction: none of the languages of the place runs the other way.
        buffer.set_direction(Direction::LeftToRight);
        // Where pixels are counted, pairs are not moved by parts of one.
        let kerning = [Feature::new(Tag::new(b"kern"), u32::from(!self.crisp), ..)];
        let font = ShaperFont::new(&self.face.shaping);
        if shape(&font, &mut buffer, ShapeOptions::new().features(&kerning)).is_err() {
            return Run::default();
        }
        let scale = self.size / self.face.units;
        let mut run = Run::default();
        let mut pen = 0.0_f32;
        for (info, at) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            let glyph = self.draw(info.glyph_id);
            let (x, y) = (pen + at.x_offset as f32 * scale, at.y_offset as f32 * scale);
            let (x, y) = (x.round() as i32, y.round() as i32);
            run.above = run.above.max(y + glyph.top);
            run.below = run.below.max(glyph.height - glyph.top - y);
            pen += if self.crisp && at.x_advance != 0 { glyph.advance } else { at.x_advance as f32 * scale };
            run.glyphs.push((glyph, x, y));
        }
        run.width = pen.ceil() as i32;
        run
    }

    fn draw(&mut self, id: u32) -> Arc<Glyph> {
        if let Some((_, glyph)) = self.drawn.iter().find(|(drawn, _)| *drawn == id) {
            return Arc::clone(glyph);
        }
        let glyph = Arc::new(self.drawn_anew(GlyphId::new(id)).unwrap_or_default());
        self.drawn.push((id, Arc::clone(&glyph)));
        glyph
    }

    fn drawn_anew(&self, id: GlyphId) -> Option<Glyph> {
        let font = self.font.as_ref()?;
        let size = Size::new(self.size);
        let outline = font.outline_glyphs().get(id)?;
        let mut path = Outline::default();
        let plain = || DrawSettings::unhinted(size, LocationRef::default());
        let fitted = self.hints.as_ref().map_or_else(plain, |hints| DrawSettings::hinted(hints, false));
        let adjusted = outline.draw(fitted, &mut path).ok()?;
        let advance = font.glyph_metrics(size, LocationRef::default()).advance_width(id);
        let (mut mask, place) = Mask::new(path.0.as_slice()).render();
        if self.crisp {
            for coverage in &mut mask {
                *coverage = if *coverage >= 128 { 255 } else { 0 };
            }
        }
        Some(Glyph {
            mask,
            left: place.left,
            top: -place.top,
            width: i32::try_from(place.width).ok()?,
            height: i32::try_from(place.height).ok()?,
            advance: adjusted.advance_width.or(advance).unwrap_or_default().round(),
        })
    }
}

/// An outline on its way from the font, where up is plus, to the mask, where down is.
#[derive(Default)]
struct Outline(Vec<Command>);

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::MoveTo(Vector::new(x, -y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::LineTo(Vector::new(x, -y)));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.push(Command::QuadTo(Vector::new(cx, -cy), Vector::new(x, -y)));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.push(Command::CurveTo(Vector::new(ax, -ay), Vector::new(bx, -by), Vector::new(x, -y)));
    }

    fn close(&mut self) {
        self.0.push(Command::Close);
    }
}
