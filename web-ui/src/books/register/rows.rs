//! What stands in the register. Whatever nobody has written yet is empty, and counts as still to be filled in. No name of a person has a
//! place in it.

use crate::problem::{Problem, say};
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The estate of a commune.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Estate {
    /// *Thôn, tổ dân phố*.
    #[schema(max_items = 200)]
    pub(crate) hamlets: Vec<Hamlet>,
    /// *Đài*: a merged commune has several.
    #[schema(max_items = 50)]
    pub(crate) stations: Vec<Station>,
    /// *Cụm loa*.
    #[schema(max_items = 200)]
    pub(crate) points: Vec<Point>,
    /// *Bảng tin điện tử công cộng*.
    #[schema(max_items = 50)]
    pub(crate) boards: Vec<Board>,
    /// Those who work at it.
    pub(crate) staff: Staff,
    /// Address of the commune's web page; `-` = it has none; empty = not filled in.
    #[schema(max_length = 300)]
    pub(crate) page: String,
    /// What came and went through the source system in the reporting year.
    pub(crate) supply: Supply,
}

/// A hamlet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hamlet {
    /// Which row: given by the page, never shown.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) name: String,
    /// Households.
    #[schema(required, maximum = 100_000)]
    pub(crate) households: Option<u32>,
    /// The station is heard there.
    #[schema(required)]
    pub(crate) served: Option<bool>,
}

/// How a station or cluster works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Technology {
    /// Not filled in.
    #[default]
    Unknown,
    /// *Ứng dụng CNTT – viễn thông*.
    It,
    /// *Vô tuyến FM*.
    Fm,
    /// *Có dây*.
    Wired,
}

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    /// Not filled in.
    #[default]
    Unknown,
    /// Works well.
    Good,
    /// Works, and wants repair.
    Repair,
    /// Does not work.
    Broken,
}

/// A station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EstateStation)]
pub(crate) struct Station {
    /// Which row.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) name: String,
    /// How it works.
    pub(crate) technology: Technology,
    /// First used in.
    #[schema(required, minimum = 1950, maximum = 2100)]
    pub(crate) year: Option<u16>,
    /// How it is.
    pub(crate) condition: Condition,
    /// Connected to the province's source system.
    #[schema(required)]
    pub(crate) connected: Option<bool>,
}

/// A cluster of loudspeakers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EstatePoint)]
pub(crate) struct Point {
    /// Which cluster of the configuration, or which row.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) name: String,
    /// How it is reached.
    pub(crate) technology: Technology,
    /// Loudspeakers.
    #[schema(required, maximum = 1000)]
    pub(crate) speakers: Option<u16>,
    /// First used in.
    #[schema(required, minimum = 1950, maximum = 2100)]
    pub(crate) year: Option<u16>,
    /// How it is.
    pub(crate) condition: Condition,
}

/// A public board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EstateBoard)]
pub(crate) struct Board {
    /// Which board of the configuration, or which row.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) id: String,
    /// Its name or place.
    #[schema(min_length = 1, max_length = 80)]
    pub(crate) name: String,
    /// First used in.
    #[schema(required, minimum = 1950, maximum = 2100)]
    pub(crate) year: Option<u16>,
    /// How it is.
    pub(crate) condition: Condition,
    /// Connected to the province's source system.
    #[schema(required)]
    pub(crate) connected: Option<bool>,
}

/// Those who work at the station, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Staff {
    /// All of them.
    #[schema(required, maximum = 1000)]
    pub(crate) total: Option<u16>,
    /// Of these, with no other duty.
    #[schema(required, maximum = 1000)]
    pub(crate) full_time: Option<u16>,
    /// Of these, trained in the reporting year.
    #[schema(required, maximum = 1000)]
    pub(crate) trained: Option<u16>,
}

/// What came and went through the source system: of how many, how many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Supply {
    /// Essential information given to citizens.
    pub(crate) information: Share,
    /// Directives from above.
    pub(crate) directives: Share,
    /// Reports from the commune.
    pub(crate) reports: Share,
    /// Reflections of citizens.
    pub(crate) reflections: Share,
}

/// A part of a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = EstateShare)]
pub(crate) struct Share {
    /// The whole.
    #[schema(required)]
    pub(crate) all: Option<u32>,
    /// Of these, through the system.
    #[schema(required)]
    pub(crate) through: Option<u32>,
}

impl Estate {
    /// Puts in what the configuration knows and the register does not.
    pub(super) fn learn(&mut self, view: &View) {
        for cluster in &view.clusters {
            if !self.points.iter().any(|point| point.id == cluster.id.as_str()) {
                let technology = match cluster.path.as_str() {
                    "ip" => Technology::It,
                    "fm" => Technology::Fm,
                    "wired" => Technology::Wired,
                    _ => Technology::Unknown,
                };
                let (id, name) = (cluster.id.to_string(), named(&cluster.name, cluster.id.as_str()));
                self.points.push(Point {
                    id,
                    name,
                    technology,
                    speakers: None,
                    year: None,
                    condition: Condition::Unknown,
                });
            }
        }
        for board in &view.boards {
            if !self.boards.iter().any(|known| known.id == board.id.as_str()) {
                let (id, name) = (board.id.to_string(), named(&board.name, board.id.as_str()));
                self.boards.push(Board { id, name, year: None, condition: Condition::Unknown, connected: None });
            }
        }
    }

    /// Whether it can be kept.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let wrong = |vi: &str, en: &str| Err(Problem::wrong(say(vi, en)));
        let (hamlets, stations) =
            (self.hamlets.iter().map(|r| (&r.id, &r.name)), self.stations.iter().map(|r| (&r.id, &r.name)));
        let (points, boards) =
            (self.points.iter().map(|r| (&r.id, &r.name)), self.boards.iter().map(|r| (&r.id, &r.name)));
        if self.hamlets.len() > 200 || self.stations.len() > 50 || self.points.len() > 200 || self.boards.len() > 50 {
            return wrong(
                "Sổ có nhiều nhất 200 thôn, 50 đài, 200 cụm loa, 50 bảng.",
                "200 hamlets, 50 stations, 200 points, 50 boards at most.",
            );
        }
        for (id, name) in hamlets.chain(stations).chain(points).chain(boards) {
            if !(1..=64).contains(&id.len()) || !(1..=80).contains(&name.trim().chars().count()) {
                return wrong(
                    "Mỗi dòng có tên từ 1 đến 80 chữ cái.",
                    "A row has an id of 1 to 64 bytes and a name of 1 to 80 characters.",
                );
            }
        }
        let years = self
            .stations
            .iter()
            .map(|r| r.year)
            .chain(self.points.iter().map(|r| r.year))
            .chain(self.boards.iter().map(|r| r.year));
        if years.flatten().any(|year| !(1950..=2100).contains(&year)) {
            return wrong("Năm đưa vào sử dụng viết bốn chữ số, từ 1950.", "A year is 1950 to 2100.");
        }
        if self.page.chars().count() > 300 {
            return wrong("Địa chỉ trang thông tin dài quá 300 chữ cái.", "page has 300 characters at most.");
        }
        let Supply { information, directives, reports, reflections } = &self.supply;
        if [information, directives, reports, reflections]
            .iter()
            .any(|s| s.all.zip(s.through).is_some_and(|(all, part)| part > all))
        {
            return wrong("Số qua hệ thống không thể lớn hơn tổng số.", "A part is not larger than its whole.");
        }
        let more = |part: Option<u16>| part.zip(self.staff.total).is_some_and(|(part, total)| part > total);
        if more(self.staff.full_time) || more(self.staff.trained) {
            return wrong(
                "Số người chuyên trách hay được tập huấn không thể lớn hơn tổng số.",
                "A part of the staff is not larger than the staff.",
            );
        }
        Ok(())
    }
}

fn named(name: &str, id: &str) -> String {
    if name.trim().is_empty() { id.to_owned() } else { name.chars().take(80).collect() }
}
