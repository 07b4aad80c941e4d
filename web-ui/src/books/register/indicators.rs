//! The official indicators (plans under QĐ 1381/QĐ-BTTTT and QĐ 345/QĐ-BTTTT), each with what it is computed from and what is still to be
//! filled in before it can be.

use super::rows::{Condition, Estate, Share, Technology};
use serde::Serialize;
use utoipa::ToSchema;

/// Years after which equipment is replaced first.
const OLD: u16 = 5;

/// One row of the official indicators.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Indicator {
    /// Which.
    pub(crate) key: &'static str,
    /// How it is called.
    pub(crate) title: &'static str,
    /// Of how many: `part` is 0 or 1 of 1 where it is a question of yes or no.
    #[schema(required)]
    pub(crate) whole: Option<u32>,
    /// How many.
    #[schema(required)]
    pub(crate) part: Option<u32>,
    /// Per cent; `null` while something is to be filled in, and of nothing.
    #[schema(required)]
    pub(crate) percent: Option<f64>,
    /// A question of yes or no.
    pub(crate) yes_or_no: bool,
    /// What is still to be filled in, in words.
    pub(crate) missing: Vec<String>,
}

impl Indicator {
    fn share(
        key: &'static str,
        title: &'static str,
        whole: Option<u32>,
        part: Option<u32>,
        missing: Vec<String>,
    ) -> Self {
        let (whole, part) = if missing.is_empty() { (whole, part) } else { (None, None) };
        let percent = whole.zip(part).filter(|(whole, _)| *whole > 0);
        let percent = percent.map(|(whole, part)| (1000.0 * f64::from(part) / f64::from(whole)).round() / 10.0);
        Self { key, title, whole, part, percent, yes_or_no: false, missing }
    }

    fn question(key: &'static str, title: &'static str, yes: Option<bool>, missing: Vec<String>) -> Self {
        Self { yes_or_no: true, ..Self::share(key, title, Some(1), yes.map(u32::from), missing) }
    }
}

/// How many rows are so, where it is known of each; else what is missing.
fn counted<R>(
    rows: &[R],
    none: &str,
    of: &str,
    name: impl Fn(&R) -> &str,
    is: impl Fn(&R) -> Option<bool>,
) -> (u32, u32, Vec<String>) {
    let mut missing: Vec<String> =
        rows.iter().filter(|r| is(r).is_none()).map(|r| format!("{of}: {}", name(r))).collect();
    if rows.is_empty() {
        missing.push(none.to_owned());
    }
    let part = rows.iter().filter(|r| is(r) == Some(true)).count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(rows.len()), number(part), missing)
}

fn through(key: &'static str, title: &'static str, share: &Share, what: &str) -> Indicator {
    let mut missing = Vec::new();
    if share.all.is_none() {
        missing.push(format!("tổng số {what}"));
    }
    if share.through.is_none() {
        missing.push(format!("số {what} qua hệ thống"));
    }
    Indicator::share(key, title, share.all, share.through, missing)
}

/// All of them. `year` is this one, where a clock says so.
pub(super) fn of(estate: &Estate, year: Option<u16>) -> Vec<Indicator> {
    let counted_as = |key, title, (whole, part, missing): (u32, u32, Vec<String>)| {
        Indicator::share(key, title, Some(whole), Some(part), missing)
    };
    let hamlets =
        counted(&estate.hamlets, "danh sách thôn, tổ dân phố", "có nghe được đài không", |r| &r.name, |r| r.served);
    let reaches_all = (hamlets.2.is_empty(), hamlets.0 == hamlets.1);
    let known =
        |technology: Technology, is: Technology| (technology != Technology::Unknown).then_some(technology == is);
    let it = counted(
        &estate.stations,
        "danh sách đài",
        "công nghệ của đài",
        |r| &r.name,
        |r| known(r.technology, Technology::It),
    );
    let connected = counted(&estate.stations, "danh sách đài", "kết nối hệ thống nguồn", |r| &r.name, |r| r.connected);
    let works = |condition: Condition| (condition != Condition::Unknown).then_some(condition != Condition::Broken);
    let points =
        counted(&estate.points, "danh sách cụm loa", "tình trạng cụm loa", |r| &r.name, |r| works(r.condition));
    let replace = |condition: Condition, first: Option<u16>| {
        if condition == Condition::Broken {
            return Some(true);
        }
        first
            .zip(year)
            .map(|(first, year)| year.saturating_sub(first) > OLD)
            .filter(|_| condition != Condition::Unknown)
    };
    let old = counted(
        &estate.points,
        "danh sách cụm loa",
        "năm và tình trạng cụm loa",
        |r| &r.name,
        |r| replace(r.condition, r.year),
    );
    let boards = match estate.boards.as_slice() {
        [] => (0, 0, Vec::new()),
        boards => counted(boards, "", "kết nối hệ thống nguồn của bảng", |r| &r.name, |r| r.connected),
    };
    let page = match estate.page.trim() {
        "" => (None, vec!["địa chỉ trang thông tin điện tử".to_owned()]),
        "-" => (Some(false), Vec::new()),
        _ => (Some(true), Vec::new()),
    };
    let staff = &estate.staff;
    let mut people = Vec::new();
    if staff.total.is_none() {
        people.push("số cán bộ làm thông tin cơ sở".to_owned());
    }
    if staff.trained.is_none() {
        people.push("số cán bộ được tập huấn".to_owned());
    }
    let supply = &estate.supply;
    vec![
        Indicator::question(
            "reach",
            "Đài hoạt động đến mọi thôn, tổ dân phố, khu dân cư",
            Some(reaches_all.1),
            if reaches_all.0 { Vec::new() } else { hamlets.2.clone() },
        ),
        counted_as("hamlets", "Tỷ lệ thôn, tổ dân phố nghe được đài", hamlets),
        counted_as("converted", "Tỷ lệ đài ứng dụng công nghệ thông tin – viễn thông", it),
        counted_as("connected", "Tỷ lệ đài kết nối hệ thống thông tin nguồn của tỉnh", connected),
        Indicator::question("page", "Có trang thông tin điện tử", page.0, page.1),
        Indicator::question("board", "Có bảng tin điện tử công cộng", Some(!estate.boards.is_empty()), Vec::new()),
        counted_as("boards", "Tỷ lệ bảng tin kết nối hệ thống thông tin nguồn của tỉnh", boards),
        through(
            "information",
            "Tỷ lệ thông tin thiết yếu cung cấp qua hệ thống thông tin nguồn",
            &supply.information,
            "thông tin thiết yếu",
        ),
        through(
            "directives",
            "Tỷ lệ văn bản chỉ đạo, hướng dẫn nhận qua hệ thống",
            &supply.directives,
            "văn bản chỉ đạo",
        ),
        through("reports", "Tỷ lệ báo cáo, thống kê từ cơ sở gửi qua hệ thống", &supply.reports, "báo cáo của xã"),
        through(
            "reflections",
            "Tỷ lệ ý kiến phản ánh của người dân được tiếp nhận qua hệ thống",
            &supply.reflections,
            "ý kiến phản ánh",
        ),
        Indicator::share(
            "trained",
            "Tỷ lệ cán bộ thông tin cơ sở được đào tạo, bồi dưỡng",
            staff.total.map(u32::from),
            staff.trained.map(u32::from),
            people,
        ),
        counted_as("working", "Tỷ lệ cụm loa còn hoạt động", points),
        counted_as("replace", "Tỷ lệ cụm loa hỏng hoặc dùng quá 5 năm (thay trước)", old),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Hamlet, Point, Station};
    use super::*;

    fn find<'a>(rows: &'a [Indicator], key: &str) -> &'a Indicator {
        rows.iter().find(|r| r.key == key).expect("an indicator")
    }

    #[test]
    fn what_is_not_filled_in_is_named_and_not_guessed() {
        let rows = of(&Estate::default(), Some(2026));
        assert_eq!(rows.len(), 14);
        for key in ["reach", "hamlets", "converted", "page", "information", "trained", "working"] {
            let row = find(&rows, key);
            assert!(!row.missing.is_empty() && row.percent.is_none() && row.part.is_none(), "{row:?}");
        }
        assert_eq!(find(&rows, "board").part, Some(0));
        assert_eq!(find(&rows, "boards").percent, None);
    }

    #[test]
    fn each_is_computed_from_its_rows() {
        let hamlet =
            |name: &str, served| Hamlet { id: name.to_owned(), name: name.to_owned(), households: None, served };
        let point = |id: &str, condition, year| Point {
            id: id.to_owned(),
            name: id.to_owned(),
            technology: Technology::It,
            speakers: None,
            year,
            condition,
        };
        let station = |name: &str, technology| Station {
            id: name.to_owned(),
            name: name.to_owned(),
            technology,
            year: None,
            condition: Condition::Good,
            connected: Some(true),
        };
        let mut estate = Estate {
            hamlets: vec![hamlet("Thôn 1", Some(true)), hamlet("Thôn 2", Some(true)), hamlet("Thôn 3", Some(false))],
            stations: vec![station("cũ", Technology::Fm), station("mới", Technology::It)],
            points: vec![
                point("a", Condition::Good, Some(2024)),
                point("b", Condition::Good, Some(2020)),
                point("c", Condition::Broken, None),
            ],
            page: "https://binhminh.example.vn".to_owned(),
            ..Estate::default()
        };
        estate.supply.information = Share { all: Some(40), through: Some(30) };
        let rows = of(&estate, Some(2026));
        let told = |key| (find(&rows, key).part, find(&rows, key).whole, find(&rows, key).percent);
        assert_eq!(told("reach"), (Some(0), Some(1), Some(0.0)));
        assert_eq!(told("hamlets"), (Some(2), Some(3), Some(66.7)));
        assert_eq!(told("converted"), (Some(1), Some(2), Some(50.0)));
        assert_eq!(told("page"), (Some(1), Some(1), Some(100.0)));
        assert_eq!(told("information"), (Some(30), Some(40), Some(75.0)));
        assert_eq!(told("working"), (Some(2), Some(3), Some(66.7)));
        assert_eq!(told("replace"), (Some(2), Some(3), Some(66.7)));
        // Without a clock nothing is old yet.
        assert!(find(&of(&estate, None), "replace").percent.is_none());
        estate.hamlets[2].served = None;
        assert_eq!(find(&of(&estate, None), "hamlets").missing, ["có nghe được đài không: Thôn 3"]);
    }
}
