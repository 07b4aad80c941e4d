//! Papers of the office: tables under a head, given out as comma-separated values, as a workbook, and as a PDF to sign.

mod pdf;
mod sheet;

use crate::reads::ReadFault;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A workbook, as its media type is written.
pub(crate) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A paper.
pub(crate) struct Paper {
    /// What it is, *Nhật ký phát thanh*.
    pub(crate) title: String,
    /// Whose it is.
    pub(crate) place: String,
    /// Of which time, or what else stands under the title.
    pub(crate) about: String,
    /// Its tables.
    pub(crate) tables: Vec<Table>,
    /// Who signs it, from the left.
    pub(crate) signs: Vec<&'static str>,
    /// On its side.
    pub(crate) wide: bool,
}

/// One table of a paper.
pub(crate) struct Table {
    /// What stands over it; the name of its sheet.
    pub(crate) title: String,
    /// Heads of its columns, and their widths in characters.
    pub(crate) columns: Vec<(&'static str, f64)>,
    /// Its rows, as many cells as columns.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// A number, and how many of its decimals are shown on paper.
    Number(f64, usize),
}

impl Cell {
    /// Words.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub(crate) fn count(count: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nothing is played 2^53 times")]
        Self::Number(count as f64, 0)
    }

    /// The cell as Vietnamese print it: `1.234,5`.
    fn printed(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number, decimals) => number_vi(*number, *decimals),
        }
    }
}

/// A number as it is written in Viet Nam: points between thousands, a comma before the decimals.
pub(crate) fn number_vi(number: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", number.abs());
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), None), |(w, r)| (w, Some(r)));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let sign = if number < 0.0 { "-" } else { "" };
    rest.map_or_else(|| format!("{sign}{grouped}"), |rest| format!("{sign}{grouped},{rest}"))
}

/// A day as it is written in Viet Nam, `22/11/2026`.
pub(crate) fn day_vi(day: &str) -> String {
    day.get(..10).unwrap_or(day).split('-').rev().collect::<Vec<_>>().join("/")
}

impl Paper {
    /// Comma-separated values (RFC 4180) with a byte order mark: the tables below each other.
    pub(crate) fn csv(&self) -> Vec<u8> {
        sheet::csv(self)
    }

    /// A workbook, a sheet a table.
    ///
    /// # Errors
    /// When the workbook cannot be made.
    pub(crate) fn xlsx(&self) -> Result<Vec<u8>, ReadFault> {
        sheet::xlsx(self).map_err(|error| ReadFault(format!("making a workbook: {error}")))
    }

    /// A4 pages to print and sign.
    ///
    /// # Errors
    /// When the pages cannot be made.
    pub(crate) fn pdf(&self) -> Result<Vec<u8>, ReadFault> {
        pdf::press(self)
    }
}

/// A file to keep.
pub(crate) fn attachment(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_written_as_vietnamese_write_them() {
        assert_eq!(number_vi(1_234_567.0, 0), "1.234.567");
        assert_eq!(number_vi(999.95, 1), "1.000,0");
        assert_eq!(number_vi(-12.5, 1), "-12,5");
        assert_eq!(day_vi("2026-11-22T05:00:00+07:00"), "22/11/2026");
    }
}
