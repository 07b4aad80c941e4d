//! Papers as A4 pages: tables whose heads come again on each page, cells that wrap, page numbers, places to sign.

mod draw;
mod ink;

use super::{Cell, Paper, Table};
use crate::reads::ReadFault;
use draw::Press;
use ink::Ink;

/// Space round the page, points.
const MARGIN: f32 = 40.0;
/// Space in a cell on each side, points.
const PAD: f32 = 3.0;
/// Type of the tables, points, and the lines it stands on.
const SIZE: f32 = 8.0;
const LINE: f32 = 11.0;
/// Height a signature takes.
const SIGNING: f32 = 110.0;
/// Lines a cell has at most: a row fits a page.
const LINES: usize = 30;

/// Makes the pages. They are laid out twice: the first time to count them.
pub(super) fn press(paper: &Paper) -> Result<Vec<u8>, ReadFault> {
    let ink = Ink::new().ok_or_else(|| ReadFault("the type of the pages cannot be read".to_owned()))?;
    let mut count = Press::counting(&ink, paper);
    lay_out(paper, &mut count);
    let mut press = Press::printing(&ink, paper, count.pages());
    lay_out(paper, &mut press);
    press.finish()
}

fn lay_out(paper: &Paper, press: &mut Press<'_>) {
    let middle = press.width() / 2.0;
    press.text(MARGIN, SIZE + 3.0, true, &paper.place);
    press.down(30.0);
    press.centred(middle, 15.0, true, &paper.title.to_uppercase());
    press.down(16.0);
    press.centred(middle, 9.5, false, &paper.about);
    press.down(12.0);
    for table in &paper.tables {
        lay_table(table, press, paper.tables.len() > 1);
    }
    if paper.signs.is_empty() {
        return press.end_page();
    }
    press.room_for(SIGNING + 24.0);
    press.down(20.0);
    press.right(press.width() - MARGIN, 9.0, "………………, ngày …… tháng …… năm ………");
    press.down(18.0);
    let places = f32::from(u16::try_from(paper.signs.len()).unwrap_or(1));
    let each = (press.width() - 2.0 * MARGIN) / places;
    let mut x = MARGIN + each / 2.0;
    for who in &paper.signs {
        press.centred(x, 9.5, true, who);
        press.centred_below(x, 13.0, 8.0, "(Ký, ghi rõ họ tên)");
        x += each;
    }
    press.end_page();
}

fn lay_table(table: &Table, press: &mut Press<'_>, titled: bool) {
    let widths = widths(table, press.width() - 2.0 * MARGIN);
    if titled {
        press.room_for(60.0);
        press.down(18.0);
        press.text(MARGIN, 10.5, true, &table.title);
        press.down(6.0);
    }
    head(table, &widths, press);
    for cells in &table.rows {
        let lines: Vec<Vec<String>> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| press.ink().wrapped(&cell.printed(), SIZE, width - 2.0 * PAD, LINES))
            .collect();
        let height = height(&lines);
        if press.room_for(height) {
            head(table, &widths, press);
        }
        row(&lines, cells, &widths, height, press);
    }
    if table.rows.is_empty() {
        press.down(LINE + 2.0);
        press.text(MARGIN, SIZE, false, "Không có dòng nào.");
    }
    press.down(8.0);
}

/// The columns over the whole width, as their widths in characters have it.
fn widths(table: &Table, whole: f32) -> Vec<f32> {
    let sum: f64 = table.columns.iter().map(|(_, width)| width).sum();
    #[expect(clippy::cast_possible_truncation, reason = "points on a page")]
    table.columns.iter().map(|(_, width)| whole * (width / sum.max(1.0)) as f32).collect()
}

fn height(lines: &[Vec<String>]) -> f32 {
    let most = lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
    f32::from(u16::try_from(most).unwrap_or(1)) * LINE + 2.0 * PAD
}

fn head(table: &Table, widths: &[f32], press: &mut Press<'_>) {
    let words = table.columns.iter().zip(widths);
    let lines: Vec<Vec<String>> =
        words.map(|((head, _), width)| press.ink().wrapped_bold(head, SIZE, width - 2.0 * PAD, LINES)).collect();
    let height = height(&lines);
    press.shade(MARGIN, press.width() - MARGIN, height);
    boxes(&lines, widths, height, press, |_| (true, false));
}

fn row(lines: &[Vec<String>], cells: &[Cell], widths: &[f32], height: f32, press: &mut Press<'_>) {
    boxes(lines, widths, height, press, |at| (false, matches!(cells.get(at), Some(Cell::Number(..)))));
}

/// Draws cells with their frames and goes below them. `how` says of a cell whether it is bold, and on the right.
fn boxes(
    lines: &[Vec<String>],
    widths: &[f32],
    height: f32,
    press: &mut Press<'_>,
    how: impl Fn(usize) -> (bool, bool),
) {
    let mut x = MARGIN;
    for (at, (cell, width)) in lines.iter().zip(widths).enumerate() {
        let (bold, right) = how(at);
        press.frame(x, *width, height);
        let mut below = PAD + SIZE;
        for line in cell {
            if right {
                press.right_below(x + width - PAD, below, SIZE, line);
            } else {
                press.text_below(x + PAD, below, SIZE, bold, line);
            }
            below += LINE;
        }
        x += width;
    }
    press.down(height);
}

#[cfg(test)]
mod tests;
