//! What stands on the page in hand, and the pages that are done.

use super::ink::{Face, Ink, composed};
use super::{MARGIN, Paper};
use crate::reads::ReadFault;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// A4, points.
const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;
/// Space for the page's number.
const FOOT: f32 = 18.0;

enum Mark {
    Text { x: f32, y: f32, size: f32, bold: bool, text: String },
    Frame { x: f32, y: f32, width: f32, height: f32 },
    Shade { x: f32, y: f32, width: f32, height: f32 },
}

/// The page in hand; a press that only counts draws nothing.
pub(super) struct Press<'a> {
    ink: &'a Ink,
    paper: &'a Paper,
    document: Option<Document>,
    marks: Vec<Mark>,
    y: f32,
    pages: usize,
    of: usize,
}

impl<'a> Press<'a> {
    pub(super) fn counting(ink: &'a Ink, paper: &'a Paper) -> Self {
        Self { ink, paper, document: None, marks: Vec::new(), y: MARGIN, pages: 0, of: 0 }
    }

    pub(super) fn printing(ink: &'a Ink, paper: &'a Paper, of: usize) -> Self {
        let mut document = Document::new();
        document.set_metadata(
            Metadata::new()
                .title(composed(&format!("{} – {}", paper.title, paper.place)))
                .language("vi".to_owned())
                .creator("commune-gateway".to_owned()),
        );
        Self { document: Some(document), of, ..Self::counting(ink, paper) }
    }

    pub(super) fn ink(&self) -> &'a Ink {
        self.ink
    }

    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    pub(super) fn width(&self) -> f32 {
        if self.paper.wide { LONG } else { SHORT }
    }

    fn height(&self) -> f32 {
        if self.paper.wide { SHORT } else { LONG }
    }

    /// Goes down the page, points.
    pub(super) fn down(&mut self, by: f32) {
        self.y += by;
    }

    /// Begins another page where so much does not fit on this one; whether it did.
    pub(super) fn room_for(&mut self, points: f32) -> bool {
        if self.y + points <= self.height() - MARGIN - FOOT {
            return false;
        }
        self.end_page();
        true
    }

    pub(super) fn text(&mut self, x: f32, size: f32, bold: bool, text: &str) {
        self.text_below(x, 0.0, size, bold, text);
    }

    pub(super) fn text_below(&mut self, x: f32, below: f32, size: f32, bold: bool, text: &str) {
        self.marks.push(Mark::Text { x, y: self.y + below, size, bold, text: composed(text) });
    }

    pub(super) fn centred(&mut self, middle: f32, size: f32, bold: bool, text: &str) {
        let text = composed(text);
        let x = (middle - self.ink.face(bold).width(&text, size) / 2.0).max(MARGIN);
        self.text_below(x, 0.0, size, bold, &text);
    }

    pub(super) fn centred_below(&mut self, middle: f32, below: f32, size: f32, text: &str) {
        let x = middle - self.ink.face(false).width(text, size) / 2.0;
        self.text_below(x, below, size, false, text);
    }

    pub(super) fn right(&mut self, edge: f32, size: f32, text: &str) {
        self.right_below(edge, 0.0, size, text);
    }

    pub(super) fn right_below(&mut self, edge: f32, below: f32, size: f32, text: &str) {
        let x = edge - self.ink.face(false).width(text, size);
        self.text_below(x, below, size, false, text);
    }

    pub(super) fn frame(&mut self, x: f32, width: f32, height: f32) {
        self.marks.push(Mark::Frame { x, y: self.y, width, height });
    }

    pub(super) fn shade(&mut self, from: f32, to: f32, height: f32) {
        self.marks.push(Mark::Shade { x: from, y: self.y, width: to - from, height });
    }

    /// Ends the page and begins another.
    pub(super) fn end_page(&mut self) {
        self.pages += 1;
        let (width, height) = (self.width(), self.height());
        let foot = height - MARGIN + 6.0;
        let about = format!("{} – {}", self.paper.title, self.paper.place);
        self.marks.push(Mark::Text { x: MARGIN, y: foot, size: 7.5, bold: false, text: composed(&about) });
        let number = format!("Trang {}/{}", self.pages, self.of);
        let x = width - MARGIN - self.ink.face(false).width(&number, 7.5);
        self.marks.push(Mark::Text { x, y: foot, size: 7.5, bold: false, text: number });
        let marks = std::mem::take(&mut self.marks);
        self.y = MARGIN;
        let Some((document, size)) = self.document.as_mut().zip(PageSettings::from_wh(width, height)) else { return };
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for mark in &marks {
            draw(&mut surface, self.ink, mark);
        }
        surface.finish();
        page.finish();
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, ReadFault> {
        let document = self.document.ok_or_else(|| ReadFault("nothing was printed".to_owned()))?;
        document.finish().map_err(|error| ReadFault(format!("making a PDF: {error:?}")))
    }
}

fn draw(surface: &mut Surface<'_>, ink: &Ink, mark: &Mark) {
    match mark {
        Mark::Text { x, y, size, bold, text } => {
            surface.set_stroke(None);
            surface.set_fill(Some(filled(16)));
            write(surface, ink.face(*bold), Point::from_xy(*x, *y), *size, text);
        }
        Mark::Frame { x, y, width, height } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: rgb::Color::new(130, 130, 130).into(),
                width: 0.5,
                ..Stroke::default()
            }));
            if let Some(path) = oblong(*x, *y, *width, *height) {
                surface.draw_path(&path);
            }
        }
        Mark::Shade { x, y, width, height } => {
            surface.set_stroke(None);
            surface.set_fill(Some(filled(232)));
            if let Some(path) = oblong(*x, *y, *width, *height) {
                surface.draw_path(&path);
            }
        }
    }
}

fn filled(grey: u8) -> Fill {
    Fill { paint: rgb::Color::new(grey, grey, grey).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

fn oblong(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height)?);
    path.finish()
}

fn write(surface: &mut Surface<'_>, face: &Face, at: Point, size: f32, text: &str) {
    let mut begin = 0;
    let glyphs: Vec<KrillaGlyph> = face
        .letters(text)
        .map(|letter| {
            let range = begin..begin + letter.long;
            begin = range.end;
            KrillaGlyph::new(GlyphId::new(letter.glyph), letter.wide, 0.0, 0.0, 0.0, range, None)
        })
        .collect();
    if !glyphs.is_empty() {
        surface.draw_glyphs(at, &glyphs, face.drawn.clone(), text, size, false);
    }
}
