//! The broadcasting journal for spreadsheets; a cell that a spreadsheet would take for a formula is kept as text.

use super::Play;
use crate::reads::ReadFault;
use rust_xlsxwriter::{Format, FormatAlign, Workbook};

/// Heads of the columns, as the book of the law has them, and their widths in characters.
const COLUMNS: [(&str, f64); 16] = [
    ("STT", 6.0),
    ("Ngày", 12.0),
    ("Bắt đầu", 10.0),
    ("Kết thúc", 10.0),
    ("Nội dung", 48.0),
    ("Lĩnh vực", 14.0),
    ("Nguồn", 22.0),
    ("Mức ưu tiên", 14.0),
    ("Cụm loa", 16.0),
    ("Đường phát", 12.0),
    ("Yêu cầu (giây)", 14.0),
    ("Thực phát (giây)", 15.0),
    ("Kết quả", 14.0),
    ("Người phát", 14.0),
    ("Người duyệt", 14.0),
    ("Sự cố, ngắt quãng", 24.0),
];

/// A cell.
enum Cell {
    Text(String),
    Number(f64),
}

fn cells(number: usize, play: &Play) -> [Cell; COLUMNS.len()] {
    let moment = play.start.as_deref().or(play.end.as_deref()).unwrap_or(&play.at);
    let hour = |at: &Option<String>| at.as_deref().and_then(|at| at.get(11..19)).unwrap_or("").to_owned();
    let day = moment.get(..10).unwrap_or("").split('-').rev().collect::<Vec<_>>().join("/");
    let title = if play.title.is_empty() { play.bulletin.clone() } else { play.title.clone() };
    let title = if play.drill { format!("DIỄN TẬP: {title}") } else { title };
    let text = Cell::Text;
    #[expect(clippy::cast_precision_loss, reason = "a row's number is small")]
    let number = Cell::Number(number as f64);
    [
        number,
        text(day),
        text(hour(&play.start)),
        text(hour(&play.end)),
        text(title),
        text(play.field.clone()),
        text(play.issuer.clone()),
        text(priority(play.priority.as_deref()).to_owned()),
        text(play.cluster.clone()),
        text(path(&play.path).to_owned()),
        Cell::Number(play.requested_s),
        Cell::Number(play.actual_s),
        text(result(&play.result).to_owned()),
        text(play.operator.clone().unwrap_or_default()),
        text(play.approver.clone().unwrap_or_default()),
        text(play.interrupted_by.clone().unwrap_or_default()),
    ]
}

fn priority(word: Option<&str>) -> &str {
    match word {
        Some("ordinary") => "Thông thường",
        Some("priority") => "Ưu tiên",
        Some("emergency") => "Khẩn cấp",
        Some(other) => other,
        None => "",
    }
}

fn path(word: &str) -> &str {
    match word {
        "wired" => "đường dây",
        "ip" => "đường IP",
        "fm" => "sóng FM",
        "recorder" => "máy ghi",
        other => other,
    }
}

fn result(word: &str) -> &str {
    match word {
        "done" => "Phát đủ",
        "partial" => "Phát chưa đủ",
        "failed" => "Không phát được",
        other => other,
    }
}

/// Comma-separated values (RFC 4180) with a byte order mark.
pub(super) fn csv(plays: &[Play]) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    let heads: Vec<String> = COLUMNS.iter().map(|(head, _)| quoted(head)).collect();
    out.push_str(&heads.join(","));
    out.push_str("\r\n");
    for (at, play) in plays.iter().enumerate() {
        let row: Vec<String> = cells(at + 1, play)
            .into_iter()
            .map(|cell| match cell {
                Cell::Text(text) => quoted(&harmless(&text)),
                Cell::Number(number) => number.to_string(),
            })
            .collect();
        out.push_str(&row.join(","));
        out.push_str("\r\n");
    }
    out.into_bytes()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A workbook of one sheet, with the commune in its head.
pub(super) fn xlsx(place: &str, plays: &[Play]) -> Result<Vec<u8>, ReadFault> {
    let fault = |error: rust_xlsxwriter::XlsxError| ReadFault(format!("making a workbook: {error}"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let title = Format::new().set_bold().set_font_size(14);
    let mut make = || -> Result<(), rust_xlsxwriter::XlsxError> {
        sheet.set_name("Nhật ký phát thanh")?;
        sheet.write_string_with_format(0, 0, format!("NHẬT KÝ PHÁT THANH – {place}"), &title)?;
        for (column, (name, width)) in (0u16..).zip(COLUMNS) {
            sheet.write_string_with_format(2, column, name, &head)?;
            sheet.set_column_width(column, width)?;
        }
        for ((row, play), number) in (3u32..).zip(plays).zip(1..) {
            for (column, cell) in (0u16..).zip(cells(number, play)) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Number(number) => sheet.write_number(row, column, number)?,
                };
            }
        }
        sheet.set_freeze_panes(3, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(2, 2)?;
        Ok(())
    };
    make().map_err(fault)?;
    book.save_to_buffer().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_of_somebody_else_stays_text() {
        let play = Play { title: "=HYPERLINK(\"http://x\")".to_owned(), result: "done".to_owned(), ..Play::default() };
        let text = String::from_utf8(csv(&[play])).expect("text");
        assert!(text.starts_with("\u{feff}\"STT\",\"Ngày\""));
        assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{text}");
        assert!(text.ends_with("\r\n"));
    }
}
