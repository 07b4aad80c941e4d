//! Tables of the register found in a file by the heads of their columns, and cells read as officers write them.

use super::super::rows::{Condition, Technology};
use super::cells::Grid;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A table of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Hamlets,
    Stations,
    Points,
    Boards,
}

impl Table {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Hamlets => "hamlets",
            Self::Stations => "stations",
            Self::Points => "points",
            Self::Boards => "boards",
        }
    }
}

/// A column beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Households,
    Served,
    Technology,
    Year,
    Condition,
    Connected,
    Speakers,
}

impl Field {
    /// Its head, as officers read it.
    pub(super) fn head(self) -> &'static str {
        match self {
            Self::Households => "Số hộ",
            Self::Served => "Nghe được đài",
            Self::Technology => "Công nghệ",
            Self::Year => "Năm",
            Self::Condition => "Tình trạng",
            Self::Connected => "Kết nối hệ thống nguồn",
            Self::Speakers => "Số loa",
        }
    }
}

/// A row of a table, as it stands in the file.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) sheet: String,
    /// From 1.
    pub(super) row: u32,
    pub(super) table: Table,
    pub(super) name: String,
    /// Cells that are not empty.
    pub(super) cells: Vec<(Field, String)>,
}

/// The rows of tables that are known; whatever else stands in the file is passed over.
pub(super) fn lines(grid: &Grid) -> Vec<Line> {
    let (mut found, mut under) = (Vec::new(), None::<(Table, Vec<Option<Field>>)>);
    for (row, cells) in &grid.rows {
        let heads: Vec<String> = cells.iter().map(|cell| folded(cell)).collect();
        let first = heads.first().map_or("", String::as_str);
        let filled = heads.iter().filter(|head| !head.is_empty()).count();
        let columns: Vec<Option<Field>> = heads.iter().skip(1).map(|head| column(head)).collect();
        let known = columns.iter().flatten().count();
        if let Some(table) = table(first).filter(|_| known > 0) {
            under = Some((table, columns));
            continue;
        }
        // The title of another table, or the heads of one that is not read.
        if filled == 1 && (table(first).is_some() || OTHERS.contains(&first)) || OTHERS.contains(&first) {
            under = None;
            continue;
        }
        let Some((table, columns)) = &under else { continue };
        let name = cells.first().map_or("", |cell| cell.trim());
        if name.is_empty() {
            continue;
        }
        let cells = columns.iter().zip(cells.iter().skip(1)).filter_map(|(field, cell)| {
            let cell = cell.trim();
            field.filter(|_| !cell.is_empty()).map(|field| (field, cell.to_owned()))
        });
        let (sheet, cells) = (grid.name.clone(), cells.collect());
        found.push(Line { sheet, row: *row, table: *table, name: name.to_owned(), cells });
    }
    found
}

/// Tables of the register's own papers that are worked out, or written on the page alone.
const OTHERS: [&str; 4] = ["chi tieu", "nhan luc, trang thong tin", "can bo", "so ra soat he thong thong tin co so"];

fn table(head: &str) -> Option<Table> {
    match head {
        "thon, to dan pho" | "thon" | "to dan pho" | "ten thon" | "ten thon, to dan pho" => Some(Table::Hamlets),
        "dai" | "ten dai" | "dai truyen thanh" => Some(Table::Stations),
        "cum loa" | "ten cum loa" => Some(Table::Points),
        "bang tin" | "ten bang" | "bang tin dien tu" => Some(Table::Boards),
        _ => None,
    }
}

fn column(head: &str) -> Option<Field> {
    match head {
        "so ho" => Some(Field::Households),
        "nghe duoc dai" => Some(Field::Served),
        "cong nghe" => Some(Field::Technology),
        "nam" | "nam dua vao dung" | "nam dua vao su dung" => Some(Field::Year),
        "tinh trang" => Some(Field::Condition),
        "ket noi he thong nguon" | "noi he thong nguon" => Some(Field::Connected),
        "so loa" => Some(Field::Speakers),
        _ => None,
    }
}

/// By what two names are the same: case and spaces do not count, diacritics do.
pub(super) fn plain(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without diacritics too: heads and answers, of which there are few.
fn folded(text: &str) -> String {
    let text = plain(text);
    text.nfd().filter(|c| !is_combining_mark(*c)).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

/// A count as Vietnamese write it, `1.200`.
pub(super) fn number(cell: &str, most: u32) -> Result<u32, String> {
    let whole = cell.strip_suffix(".0").unwrap_or(cell);
    let number = match whole.split_once('.') {
        None => whole.parse::<u32>().ok(),
        // `0.125` and `1234.567` are no counts, whatever their digits say.
        Some((first, rest)) => {
            let grouped = (1..=3).contains(&first.len()) && !first.starts_with('0');
            let whole = grouped && rest.split('.').all(|group| group.len() == 3);
            whole.then(|| format!("{first}{rest}").replace('.', "").parse::<u32>().ok()).flatten()
        }
    };
    number.filter(|n| *n <= most).ok_or_else(|| format!("không phải số từ 0 đến {most}"))
}

pub(super) fn year(cell: &str) -> Result<u16, String> {
    let year = cell.strip_suffix(".0").unwrap_or(cell).parse::<u16>().ok();
    year.filter(|y| (1950..=2100).contains(y)).ok_or_else(|| "không phải năm bốn chữ số, từ 1950".to_owned())
}

pub(super) fn yes(cell: &str) -> Result<bool, String> {
    match folded(cell).as_str() {
        "co" | "x" | "yes" | "true" | "1" | "1.0" => Ok(true),
        "khong" | "no" | "false" | "0" | "0.0" => Ok(false),
        _ => Err("không phải Có hoặc Không".to_owned()),
    }
}

pub(super) fn technology(cell: &str) -> Result<Technology, String> {
    match folded(cell).as_str() {
        "fm" | "vo tuyen fm" => Ok(Technology::Fm),
        "co day" => Ok(Technology::Wired),
        it if it.starts_with("cntt") || it.starts_with("ung dung cntt") => Ok(Technology::It),
        _ => Err("không phải CNTT – viễn thông, FM hoặc Có dây".to_owned()),
    }
}

pub(super) fn condition(cell: &str) -> Result<Condition, String> {
    match folded(cell).as_str() {
        "tot" => Ok(Condition::Good),
        "can sua" => Ok(Condition::Repair),
        "hong" => Ok(Condition::Broken),
        _ => Err("không phải Tốt, Cần sửa hoặc Hỏng".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_told_from_what_only_has_its_digits() {
        for (cell, is) in [("0", 0), ("7", 7), ("12.0", 12), ("1.200", 1200), ("1.200.000", 1_200_000)] {
            assert_eq!(number(cell, 2_000_000), Ok(is), "{cell}");
        }
        for cell in
            ["", "1.5", "0.125", "1234.567", "1.20", "1.200.00", ".200", "1..200", "-3", "1,2", "2000001", "mười"]
        {
            assert!(number(cell, 2_000_000).is_err(), "{cell}");
        }
    }
}
