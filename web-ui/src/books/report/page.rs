//! The report as a paper.

use super::{Figures, Report};
use crate::books::paper::{Cell, Paper, Table, day_vi};

const COLUMNS: [(&str, f64); 11] = [
    ("", 22.0),
    ("Lượt phát", 9.0),
    ("Phát đủ", 9.0),
    ("Phát chưa đủ", 9.0),
    ("Không phát được", 10.0),
    ("Khẩn cấp", 9.0),
    ("Bị ngắt", 8.0),
    ("Yêu cầu (giờ)", 10.0),
    ("Thực phát (giờ)", 10.0),
    ("Phát đủ (%)", 9.0),
    ("Thời lượng đạt (%)", 10.0),
];

pub(super) fn paper(report: &Report, place: &str, about: String) -> Paper {
    let table = |title: &str, first: &'static str, rows: &[Figures]| {
        let mut columns = COLUMNS.to_vec();
        columns[0].0 = first;
        Table {
            title: title.to_owned(),
            columns,
            rows: rows.iter().map(|figures| row(figures, named(figures))).collect(),
        }
    };
    let all = [
        Figures { name: "Toàn đài".to_owned(), ..report.all.clone() },
        Figures { name: "Diễn tập (tính riêng)".to_owned(), ..report.drills.clone() },
    ];
    let when = if report.by_month { "Tháng" } else { "Ngày" };
    Paper {
        title: "Báo cáo hoạt động truyền thanh".to_owned(),
        place: place.to_owned(),
        about,
        tables: vec![
            table("Toàn đài", "", &all),
            table("Theo cụm loa", "Cụm loa", &report.clusters),
            table("Theo lĩnh vực", "Lĩnh vực", &report.fields),
            table("Theo thời gian", when, &report.times),
        ],
        signs: vec!["NGƯỜI LẬP BÁO CÁO", "LÃNH ĐẠO ỦY BAN NHÂN DÂN"],
        wide: true,
    }
}

fn named(figures: &Figures) -> String {
    if !figures.name.is_empty() {
        return figures.name.clone();
    }
    match figures.key.as_str() {
        "" => "(chưa ghi lĩnh vực)".to_owned(),
        key if key.len() >= 7 && key.starts_with("20") => day_vi(key),
        key => key.to_owned(),
    }
}

fn row(figures: &Figures, name: String) -> Vec<Cell> {
    #[expect(clippy::cast_precision_loss, reason = "nothing is played 2^53 times")]
    let done = share(figures.done as f64, figures.plays as f64);
    vec![
        Cell::text(name),
        Cell::count(figures.plays),
        Cell::count(figures.done),
        Cell::count(figures.partial),
        Cell::count(figures.failed),
        Cell::count(figures.urgent),
        Cell::count(figures.interrupted),
        Cell::Number(rounded(figures.requested_s / 3600.0, 100.0), 2),
        Cell::Number(rounded(figures.actual_s / 3600.0, 100.0), 2),
        done,
        share(figures.actual_s, figures.requested_s),
    ]
}

/// A part of a whole, per cent; of nothing there is none.
fn share(part: f64, whole: f64) -> Cell {
    if whole > 0.0 { Cell::Number(rounded(100.0 * part / whole, 10.0), 1) } else { Cell::text("–") }
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}
