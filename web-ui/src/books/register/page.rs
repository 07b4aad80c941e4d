//! The register as a paper.

use super::rows::{Condition, Technology};
use super::{Indicator, Register};
use crate::books::paper::{Cell, Paper, Table, day_vi};
use gateway_core::view::View;

pub(super) fn paper(register: &Register, view: &View) -> Paper {
    let estate = &register.estate;
    let day = view.clock.as_deref().map_or_else(String::new, |at| format!(", ngày {}", day_vi(at)));
    let hamlets = estate.hamlets.iter().map(|r| vec![Cell::text(&r.name), number(r.households), yes(r.served)]);
    let stations = estate.stations.iter().map(|r| {
        vec![Cell::text(&r.name), technology(r.technology), year(r.year), condition(r.condition), yes(r.connected)]
    });
    let points = estate.points.iter().map(|r| {
        vec![Cell::text(&r.name), technology(r.technology), number(r.speakers), year(r.year), condition(r.condition)]
    });
    let boards =
        estate.boards.iter().map(|r| vec![Cell::text(&r.name), year(r.year), condition(r.condition), yes(r.connected)]);
    let staff = &estate.staff;
    let people =
        vec![vec![number(staff.total), number(staff.full_time), number(staff.trained), Cell::text(&estate.page)]];
    let table = |title: &str, columns: &[(&'static str, f64)], rows: Vec<Vec<Cell>>| Table {
        title: title.to_owned(),
        columns: columns.to_vec(),
        rows,
    };
    Paper {
        title: "Sổ rà soát hệ thống thông tin cơ sở".to_owned(),
        place: view.name.clone(),
        about: format!("Bản {}{day}", register.version),
        tables: vec![
            table(
                "Chỉ tiêu",
                &[("Chỉ tiêu", 50.0), ("Đạt", 9.0), ("Trên", 9.0), ("Tỷ lệ (%)", 10.0), ("Còn phải điền", 40.0)],
                register.indicators.iter().map(indicator).collect(),
            ),
            table(
                "Thôn, tổ dân phố",
                &[("Thôn, tổ dân phố", 40.0), ("Số hộ", 12.0), ("Nghe được đài", 16.0)],
                hamlets.collect(),
            ),
            table(
                "Đài",
                &[
                    ("Đài", 36.0),
                    ("Công nghệ", 16.0),
                    ("Năm", 8.0),
                    ("Tình trạng", 16.0),
                    ("Kết nối hệ thống nguồn", 18.0),
                ],
                stations.collect(),
            ),
            table(
                "Cụm loa",
                &[("Cụm loa", 36.0), ("Công nghệ", 16.0), ("Số loa", 8.0), ("Năm", 8.0), ("Tình trạng", 16.0)],
                points.collect(),
            ),
            table(
                "Bảng tin",
                &[("Bảng tin", 36.0), ("Năm", 8.0), ("Tình trạng", 16.0), ("Kết nối hệ thống nguồn", 18.0)],
                boards.collect(),
            ),
            table(
                "Nhân lực, trang thông tin",
                &[("Cán bộ", 12.0), ("Chuyên trách", 14.0), ("Được tập huấn", 14.0), ("Trang thông tin điện tử", 50.0)],
                people,
            ),
        ],
        signs: vec!["NGƯỜI RÀ SOÁT", "LÃNH ĐẠO ỦY BAN NHÂN DÂN"],
        wide: false,
    }
}

fn indicator(row: &Indicator) -> Vec<Cell> {
    let missing = Cell::text(row.missing.join("; "));
    if row.yes_or_no {
        let answer = row.part.map_or(Cell::text(""), |part| Cell::text(if part == 1 { "Có" } else { "Không" }));
        return vec![Cell::text(row.title), answer, Cell::text(""), Cell::text(""), missing];
    }
    let percent = row.percent.map_or(Cell::text(""), |percent| Cell::Number(percent, 1));
    vec![Cell::text(row.title), number(row.part), number(row.whole), percent, missing]
}

fn number(number: Option<impl Into<u64>>) -> Cell {
    number.map_or(Cell::text(""), |number| Cell::count(number.into()))
}

/// A year has no point in it.
fn year(year: Option<u16>) -> Cell {
    year.map_or(Cell::text(""), |year| Cell::text(year.to_string()))
}

fn yes(answer: Option<bool>) -> Cell {
    Cell::text(answer.map_or("", |yes| if yes { "Có" } else { "Không" }))
}

fn technology(technology: Technology) -> Cell {
    Cell::text(match technology {
        Technology::Unknown => "",
        Technology::It => "CNTT – viễn thông",
        Technology::Fm => "FM",
        Technology::Wired => "Có dây",
    })
}

fn condition(condition: Condition) -> Cell {
    Cell::text(match condition {
        Condition::Unknown => "",
        Condition::Good => "Tốt",
        Condition::Repair => "Cần sửa",
        Condition::Broken => "Hỏng",
    })
}
