//! Cells of a CSV or XLSX file, within bounds: a workbook is a ZIP archive, and how much comes out of one is counted before it is read.

use calamine::{DataRef, Reader, Xlsx};
use std::io::{self, Cursor, Read};

/// What may come out of a workbook in all, bytes.
const UNPACKED: u64 = 16 << 20;
/// Files in a workbook at most.
const PARTS: usize = 200;
/// Rows of a file at most.
const ROWS: usize = 3000;
/// Columns that are looked at.
const COLUMNS: usize = 20;
/// Characters of a cell that are looked at.
const CELL: usize = 200;
/// Cells of a workbook at most, whatever stands in them.
const CELLS: usize = 200_000;

/// A sheet, or a whole CSV file.
#[derive(Debug, PartialEq)]
pub(super) struct Grid {
    /// Its name; empty where it has none.
    pub(super) name: String,
    /// Rows that are not empty, with their numbers from 1.
    pub(super) rows: Vec<(u32, Vec<String>)>,
}

/// Why a file cannot be read.
#[derive(Debug, PartialEq)]
pub(super) struct Unread {
    pub(super) vi: &'static str,
    pub(super) en: &'static str,
}

const BOMB: Unread = Unread {
    vi: "Tệp XLSX này mở ra lớn quá mức (hơn 16 MB, hoặc quá nhiều ô), nên trạm không mở. Hãy chỉ giữ các bảng của sổ rà soát. Chưa lưu gì.",
    en: "Too much comes out of this workbook (more than 16 MiB, or too many cells). Nothing was kept.",
};
const DAMAGED: Unread = Unread {
    vi: "Không đọc được tệp XLSX này: tệp hỏng hoặc có mật khẩu. Hãy lưu lại từ chương trình bảng tính rồi nạp lại. Chưa lưu gì.",
    en: "This workbook cannot be read: it is damaged, or has a password. Nothing was kept.",
};
const OLD: Unread = Unread {
    vi: "Tệp .xls kiểu cũ không nạp được. Hãy lưu lại thành .xlsx hoặc CSV UTF-8. Chưa lưu gì.",
    en: "Old .xls files are not taken; save it as .xlsx or as CSV in UTF-8. Nothing was kept.",
};
const LETTERS: Unread = Unread {
    vi: "Tệp không phải XLSX, cũng không phải CSV bằng chữ UTF-8. Hãy lưu lại thành \"CSV UTF-8\" hoặc .xlsx. Chưa lưu gì.",
    en: "The file is neither a workbook nor CSV in UTF-8. Nothing was kept.",
};
const LONG: Unread = Unread {
    vi: "Tệp có quá 3.000 dòng; sổ rà soát của một xã ít hơn nhiều. Hãy bỏ bớt phần không phải sổ. Chưa lưu gì.",
    en: "The file has more than 3000 rows. Nothing was kept.",
};

/// The cells of a file, whatever its name.
pub(super) fn grids(bytes: &[u8]) -> Result<Vec<Grid>, Unread> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => workbook(bytes),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(OLD),
        _ => text(bytes).map(|grid| vec![grid]),
    }
}

fn clipped(cell: &str) -> String {
    cell.trim().chars().filter(|c| !c.is_control()).take(CELL).collect()
}

fn text(bytes: &[u8]) -> Result<Grid, Unread> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map_err(|_| LETTERS)?;
    if text.contains('\0') {
        return Err(LETTERS);
    }
    // The reader counts a line from its first end on, and a Windows line has two.
    let text = &text.replace("\r\n", "\n");
    // Spreadsheets of a Vietnamese machine write semicolons.
    let head = text.lines().find(|line| line.contains([',', ';', '\t'])).unwrap_or_default();
    let parts = [b',', b';', b'\t'];
    let delimiter = parts.into_iter().max_by_key(|d| outside_quotes(head, char::from(*d))).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| LETTERS)?;
        if rows.len() >= ROWS {
            return Err(LONG);
        }
        let row = record.position().and_then(|at| u32::try_from(at.line()).ok()).unwrap_or(0);
        rows.push((row, record.iter().take(COLUMNS).map(clipped).collect()));
    }
    Ok(Grid { name: String::new(), rows })
}

fn outside_quotes(line: &str, mark: char) -> usize {
    let parts = line.split('"').step_by(2);
    parts.map(|part| part.matches(mark).count()).sum()
}

/// Unpacks every part into nothing, counting: what its directory says of their sizes proves nothing.
fn weigh(bytes: &[u8]) -> Result<(), Unread> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    if archive.len() > PARTS {
        return Err(BOMB);
    }
    let mut left = UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| DAMAGED)?;
        let came = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|_| DAMAGED)?;
        left = left.checked_sub(came).ok_or(BOMB)?;
    }
    Ok(())
}

fn workbook(bytes: &[u8]) -> Result<Vec<Grid>, Unread> {
    weigh(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    let (mut grids, mut rows, mut cells) = (Vec::new(), 0, 0);
    for name in book.sheet_names() {
        // Cell by cell: one that stands in the last row of a sheet must not cost the memory of all before it.
        let mut reader = book.worksheet_cells_reader(&name).map_err(|_| DAMAGED)?;
        let mut grid = Grid { name: clipped(&name), rows: Vec::new() };
        while let Some(cell) = reader.next_cell().map_err(|_| DAMAGED)? {
            cells += 1;
            if cells > CELLS {
                return Err(BOMB);
            }
            let (row, column) = cell.get_position();
            let Some(column) = usize::try_from(column).ok().filter(|column| *column < COLUMNS) else { continue };
            let said = said(cell.get_value());
            if said.is_empty() {
                continue;
            }
            if grid.rows.last().is_none_or(|(last, _)| *last != row + 1) {
                rows += 1;
                if rows > ROWS {
                    return Err(LONG);
                }
                grid.rows.push((row + 1, Vec::new()));
            }
            if let Some((_, all)) = grid.rows.last_mut() {
                all.resize(all.len().max(column + 1), String::new());
                if let Some(place) = all.get_mut(column) {
                    *place = said;
                }
            }
        }
        grids.push(grid);
    }
    Ok(grids)
}

fn said(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => clipped(text),
        DataRef::SharedString(text) => clipped(text),
        DataRef::Bool(yes) => if *yes { "có" } else { "không" }.to_owned(),
        // A day is no answer to anything the register asks.
        DataRef::DateTime(_) | DataRef::Error(_) => "?".to_owned(),
        DataRef::Empty => String::new(),
    }
}
