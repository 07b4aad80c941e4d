//! Sets a text into an area: the largest size at which it stands whole, else pages, else one line that runs.

use super::font::{Fonts, Letters, Run};
use std::collections::BTreeMap;

/// Smallest size of letters, pixels of an em; below it the accents of Vietnamese run into each other.
pub(super) const SMALLEST: u16 = 11;
/// Pages a person waits for at letters that can be read from afar.
const PAGES: usize = 4;
/// Pages at most, at the smallest letters; a longer text runs.
const PAGES_AT_MOST: usize = 8;
/// Pages at most where each holds one line; a longer text runs.
const PAGES_OF_A_LINE: usize = 3;
/// Pixels of a running picture at most: memory of small cards, and of ours.
const RUNNING_PIXELS: i32 = 2_000_000;

/// A text set into lines.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Pixels of an em.
    pub(super) size: u16,
    /// The lines of each page.
    pub(super) pages: Vec<Vec<Run>>,
    /// Pixels of ink of any line above its base line.
    pub(super) above: i32,
    /// Pixels from one base line to the next.
    pub(super) step: i32,
}

/// How a text was set.
#[derive(Clone, Debug)]
pub(super) enum Laid {
    /// In pages that stand.
    Stands(Block),
    /// Too long for that: it has to run.
    Runs,
}

impl Block {
    /// Pixels down of this many lines.
    pub(super) fn height(&self, lines: usize, below: i32) -> i32 {
        let between = i32::try_from(lines).unwrap_or(i32::MAX).saturating_sub(1).saturating_mul(self.step);
        between.saturating_add(self.above + below)
    }

    /// Words on the fullest page.
    pub(super) fn letters(&self) -> usize {
        self.pages.iter().map(|page| page.iter().map(|line| line.glyphs.len()).sum()).max().unwrap_or(0)
    }
}

/// Sets a text into this many pixels across and down.
pub(super) fn lay(fonts: &Fonts, text: &str, width: i32, height: i32, crisp: bool) -> Laid {
    let far = u16::try_from(height / 8).unwrap_or(SMALLEST).max(SMALLEST);
    let tries = [(1, far), (PAGES, far), (1, SMALLEST), (PAGES_AT_MOST, SMALLEST)];
    for (pages, smallest) in tries {
        if let Some(block) = largest(fonts, text, (width, height), crisp, pages, smallest) {
            return Laid::Stands(block);
        }
    }
    Laid::Runs
}

/// The text at the largest size at which it takes no more than so many pages.
fn largest(fonts: &Fonts, text: &str, area: (i32, i32), crisp: bool, most: usize, smallest: u16) -> Option<Block> {
    let mut size = u16::try_from(area.1.max(0)).unwrap_or(u16::MAX).min(600);
    while size >= smallest {
        let block = paged(&mut fonts.at(size, crisp), size, text, area);
        let fits = block.filter(|block| {
            let lines = block.pages.iter().map(Vec::len).max().unwrap_or(0);
            block.pages.len() <= if lines <= 1 { most.min(PAGES_OF_A_LINE) } else { most }
        });
        if fits.is_some() {
            return fits;
        }
        size -= (size / 20).max(1);
    }
    None
}

/// The text in pages at this size; `None`: a word is wider than the area, or a line higher.
fn paged(letters: &mut Letters<'_>, size: u16, text: &str, (width, height): (i32, i32)) -> Option<Block> {
    let lines = broken(letters, text, width)?;
    let runs: Vec<Run> = lines.iter().map(|line| letters.set(line)).collect();
    let above = runs.iter().map(|run| run.above).max().unwrap_or(0);
    let below = runs.iter().map(|run| run.below).max().unwrap_or(0);
    let step = above + below + i32::from(size / 6).max(2);
    let rows = usize::try_from((height - above - below) / step + 1).ok().filter(|_| above + below <= height)?;
    let count = runs.len().div_ceil(rows.max(1)).max(1);
    // Pages of about the same number of lines: none with a single word left over.
    let each = runs.len().div_ceil(count).max(1);
    let pages = runs.chunks(each).map(<[Run]>::to_vec).collect();
    Some(Block { size, pages, above, step })
}

/// The text in lines no wider than this, broken at spaces.
fn broken(letters: &mut Letters<'_>, text: &str, width: i32) -> Option<Vec<String>> {
    let space = letters.set(" ").width;
    let mut widths: BTreeMap<&str, i32> = BTreeMap::new();
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let (mut line, mut at) = (String::new(), 0);
        for word in paragraph.split_whitespace() {
            let wide = *widths.entry(word).or_insert_with(|| letters.set(word).width);
            if wide > width {
                return None;
            }
            if line.is_empty() {
                (line, at) = (word.to_owned(), wide);
            } else if at + space + wide <= width {
                line.push(' ');
                line.push_str(word);
                at += space + wide;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
                at = wide;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    Some(lines)
}

/// Pixels across that a running picture may have at this height.
pub(super) fn longest(height: u16) -> i32 {
    (RUNNING_PIXELS / i32::from(height.max(1))).min(32_000)
}

/// The text in one line, as large as the height and the memory of a card allow.
pub(super) fn one_line(fonts: &Fonts, text: &str, height: i32, crisp: bool) -> Block {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut size = u16::try_from(height.max(1)).unwrap_or(u16::MAX).min(600);
    loop {
        let run = fonts.at(size, crisp).set(&text);
        let fits = run.above + run.below <= height && run.width <= longest(u16::try_from(height).unwrap_or(1));
        if fits || size <= 6 {
            let (above, step) = (run.above, run.above + run.below);
            return Block { size, pages: vec![vec![run]], above, step };
        }
        size -= (size / 20).max(1);
    }
}
