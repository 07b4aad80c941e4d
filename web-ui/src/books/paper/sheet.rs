//! Papers for spreadsheets; a cell that a spreadsheet would take for a formula is kept as text.

use super::{Cell, Paper};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

/// Comma-separated values (RFC 4180) with a byte order mark.
pub(super) fn csv(paper: &Paper) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    let mut line = |cells: Vec<String>| {
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    };
    let many = paper.tables.len() > 1;
    for table in &paper.tables {
        if many {
            line(vec![quoted(&table.title)]);
        }
        line(table.columns.iter().map(|(head, _)| quoted(head)).collect());
        for row in &table.rows {
            line(row.iter().map(cell).collect());
        }
        if many {
            line(Vec::new());
        }
    }
    out.into_bytes()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(&harmless(text)),
        Cell::Number(number, _) => number.to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A workbook with the commune in the head of each sheet.
pub(super) fn xlsx(paper: &Paper) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let title = Format::new().set_bold().set_font_size(14);
    for table in &paper.tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.title.chars().take(31).collect::<String>())?;
        let over = format!("{} – {}", paper.title.to_uppercase(), paper.place);
        sheet.write_string_with_format(0, 0, over, &title)?;
        sheet.write_string(1, 0, &paper.about)?;
        for (column, (name, width)) in (0u16..).zip(&table.columns) {
            sheet.write_string_with_format(2, column, *name, &head)?;
            sheet.set_column_width(column, *width)?;
        }
        for (row, cells) in (3u32..).zip(&table.rows) {
            for (column, cell) in (0u16..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Number(number, _) => sheet.write_number(row, column, *number)?,
                };
            }
        }
        sheet.set_freeze_panes(3, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(2, 2)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;

    #[test]
    fn a_formula_of_somebody_else_stays_text() {
        let row = vec![Cell::text("=HYPERLINK(\"http://x\")"), Cell::Number(1.5, 1)];
        let table =
            Table { title: "T".to_owned(), columns: vec![("Nội dung", 10.0), ("Giờ", 5.0)], rows: vec![row] };
        let paper = Paper {
            title: "Sổ".to_owned(),
            place: String::new(),
            about: String::new(),
            tables: vec![table],
            signs: Vec::new(),
            wide: false,
        };
        let text = String::from_utf8(csv(&paper)).expect("text");
        assert_eq!(text, "\u{feff}\"Nội dung\",\"Giờ\"\r\n\"'=HYPERLINK(\"\"http://x\"\")\",1.5\r\n");
        assert!(xlsx(&paper).expect("a workbook").starts_with(b"PK"));
    }
}
