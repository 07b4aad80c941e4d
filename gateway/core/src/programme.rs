//! The programme book: what is to be aired when, day by day, and how a programme takes the air from another.

use crate::bulletin::Targets;
use crate::id::{BulletinId, InputId, ProgrammeId};
use crate::time::{self, Wall};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// A programme as the wire and the desk write it (contract §4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Programme {
    /// Identity; stays the same over versions.
    #[schema(value_type = String, min_length = 1, max_length = 128)]
    pub programme_id: ProgrammeId,
    /// Counts up.
    #[serde(default)]
    pub version: u32,
    /// Title.
    #[serde(default)]
    #[schema(required, min_length = 1, max_length = 200)]
    pub title: String,
    /// `mon` … `sun`; empty = every day.
    #[serde(default)]
    #[schema(schema_with = days)]
    pub days: Vec<String>,
    /// Local time, `05:30` or `05:30:00`.
    pub start: String,
    /// Cut off after, seconds.
    #[schema(minimum = 1, maximum = 86_400)]
    pub duration_s: u32,
    /// How it takes the air.
    #[serde(default)]
    #[schema(default = StartMode::default)]
    pub start_mode: StartMode,
    /// For `wait`: how long, seconds.
    #[serde(default)]
    pub wait_s: u32,
    /// Where.
    pub targets: Targets,
    /// What, in order.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<Item>,
    /// First day, `2026-11-21`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Days on which it is not aired.
    #[serde(default)]
    pub except: Vec<String>,
    /// What becomes of it on public holidays of Viet Nam.
    #[serde(default, skip_serializing_if = "OnHolidays::is_usual")]
    #[schema(required = false)]
    pub on_holidays: OnHolidays,
    /// Set by the hub; a programme of the desk never says so.
    #[serde(default)]
    #[schema(ignore)]
    pub of_province: bool,
}

/// How a programme takes the air from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartMode {
    /// At its time; what is playing is cut.
    #[default]
    Hard,
    /// Waits for what is playing, `wait_s` at most, then cuts it.
    Wait,
    /// Waits until what is playing has ended.
    Next,
}

/// What becomes of a programme on public holidays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnHolidays {
    /// It is aired as on other days.
    #[default]
    Usual,
    /// It is not aired.
    Never,
    /// It is aired on holidays and on no other day.
    Only,
}

impl OnHolidays {
    /// As it was before there was a choice.
    pub fn is_usual(&self) -> bool {
        *self == Self::Usual
    }
}

/// One item of a programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item {
    /// The opening chime.
    Chime,
    /// A bulletin.
    Bulletin {
        /// Which.
        bulletin_id: BulletinId,
        /// The commune's own priority item: it may clash with one of the hub.
        #[serde(default)]
        priority: bool,
    },
    /// Here the hub's priority bulletins play; without this item they play first.
    PriorityQueue,
    /// A pause.
    Silence {
        /// Length, seconds.
        #[serde(default)]
        duration_s: u32,
    },
    /// A relay (*tiếp âm*) of an input.
    Relay {
        /// Which input.
        input: InputId,
        /// Length, seconds; 0: as long as the programme.
        #[serde(default)]
        duration_s: u32,
    },
    /// An item type of a later release.
    #[serde(other)]
    Other,
}

/// How late a programme may still begin after a clock came back or a box was switched on, milliseconds.
pub const LATE_MS: i64 = 60_000;

impl Programme {
    /// Whether it can be put into the book; the error says what is wrong, in words a person can act on.
    pub fn check(&self) -> Result<(), String> {
        if time::parse_time_of_day(&self.start).is_none() {
            return Err(format!("start {:?} is not a time of day such as 05:30", self.start));
        }
        if !(1..=86_400).contains(&self.duration_s) {
            return Err("duration_s is 1 to 86400".to_owned());
        }
        if self.items.is_empty() || self.items.len() > 200 {
            return Err("items has 1 to 200 items".to_owned());
        }
        if let Some(day) = self.days.iter().find(|d| !DAYS.contains(&d.as_str())) {
            return Err(format!("day {day:?} is none of {}", DAYS.join(", ")));
        }
        let dates = self.except.iter().chain(&self.valid_from).chain(&self.valid_until);
        if self.except.len() > 400 {
            return Err("except has 400 dates at most".to_owned());
        }
        for date in dates {
            date.parse::<Date>().map_err(|_| format!("date {date:?} is not written 2026-11-21"))?;
        }
        Ok(())
    }

    /// Every bulletin it names.
    pub fn bulletins(&self) -> impl Iterator<Item = &BulletinId> {
        self.items.iter().filter_map(|item| match item {
            Item::Bulletin { bulletin_id, .. } => Some(bulletin_id),
            Item::Chime | Item::PriorityQueue | Item::Silence { .. } | Item::Relay { .. } | Item::Other => None,
        })
    }

    /// The commune's own priority items.
    pub fn own_priority(&self) -> impl Iterator<Item = &BulletinId> {
        self.items.iter().filter_map(|item| match item {
            Item::Bulletin { bulletin_id, priority: true } => Some(bulletin_id),
            Item::Bulletin { .. }
            | Item::Chime
            | Item::PriorityQueue
            | Item::Silence { .. }
            | Item::Relay { .. }
            | Item::Other => None,
        })
    }

    /// The start on one day, if it is aired on that day.
    pub fn start_on(&self, day: Date) -> Option<Wall> {
        let name = time::weekday_name(day);
        let is = |text: &String| text.parse::<Date>().is_ok_and(|d| d == day);
        let after = |text: &String| text.parse::<Date>().is_ok_and(|d| d > day);
        let before = |text: &String| text.parse::<Date>().is_ok_and(|d| d < day);
        if !(self.days.is_empty() || self.days.iter().any(|d| d == name))
            || self.except.iter().any(is)
            || self.valid_from.as_ref().is_some_and(after)
            || self.valid_until.as_ref().is_some_and(before)
            || !self.minds(day)
        {
            return None;
        }
        Wall::at_local(day, time::parse_time_of_day(&self.start)?)
    }

    fn minds(&self, day: Date) -> bool {
        match self.on_holidays {
            OnHolidays::Usual => true,
            OnHolidays::Never => time::holiday(day).is_none(),
            OnHolidays::Only => time::holiday(day).is_some(),
        }
    }

    /// Its starts on so many days from `first` on.
    pub fn starts(&self, first: Date, days: u16) -> Vec<Wall> {
        let following = std::iter::successors(Some(first), |day| time::tomorrow(*day));
        following.take(usize::from(days)).filter_map(|day| self.start_on(day)).collect()
    }

    /// The first start later than `after`, looking four weeks ahead, and a year where it is aired on holidays alone.
    pub fn next_start(&self, after: Wall) -> Option<Wall> {
        let (mut day, _) = after.local();
        let days = if self.on_holidays == OnHolidays::Only { 370 } else { 28 };
        for _ in 0..days {
            if let Some(start) = self.start_on(day).filter(|s| *s > after) {
                return Some(start);
            }
            day = time::tomorrow(day)?;
        }
        None
    }

    /// Today's start, past or to come.
    pub fn today(&self, now: Wall) -> Option<Wall> {
        let (day, _) = now.local();
        self.start_on(day)
    }
}

/// How `days` is described.
fn days() -> Array {
    let day = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(DAYS));
    ArrayBuilder::new().items(day).description(Some("Empty = every day.")).build()
}

/// Weekdays as the wire names them.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
