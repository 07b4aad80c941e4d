//! Drills (*diễn tập*) that are held by the calendar: when, where, what is said, and what came of them.

use crate::bulletin::Targets;
use crate::id::{BulletinId, ClusterId, DrillId};
use crate::time::{self, Wall};
use crate::want::Grade;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much of the real thing a drill is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DrillKind)]
pub enum Kind {
    /// Said once at the sinks' own volume; never in the quiet hours.
    Short,
    /// Said twice at the forced level, as an emergency would be, and shown on boards.
    Full,
}

/// How often a drill is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Each week.
    Week,
    /// On the first such weekday of each month.
    Month,
    /// On the first such weekday of January, April, July and October.
    Quarter,
}

/// One drill of the site.
#[derive(Clone, Debug)]
pub struct Drill {
    /// Title on screens.
    pub title: String,
    /// How often.
    pub every: Every,
    /// `mon` … `sun`.
    pub weekday: String,
    /// Second of the day at which it begins.
    pub at_s: u32,
    /// How much of the real thing it is.
    pub kind: Kind,
    /// What is said between the words that call it a drill.
    pub text: String,
    /// Disaster risk level 1–5 whose drill tone is played.
    pub level: u8,
    /// Where.
    pub targets: Targets,
}

/// Days that are looked ahead for the next one: two quarters, whatever the calendar does.
const AHEAD_DAYS: u32 = 190;

impl Drill {
    /// The start on one day, if it is held on that day.
    pub fn start_on(&self, day: Date) -> Option<Wall> {
        let in_time = match self.every {
            Every::Week => true,
            Every::Month => day.day() <= 7,
            Every::Quarter => day.day() <= 7 && matches!(day.month(), 1 | 4 | 7 | 10),
        };
        let meant = in_time && time::weekday_name(day) == self.weekday;
        if meant { Wall::at_local(day, self.at_s) } else { None }
    }

    /// The first start later than `after`.
    pub fn next_start(&self, after: Wall) -> Option<Wall> {
        let (mut day, _) = after.local();
        for _ in 0..AHEAD_DAYS {
            if let Some(start) = self.start_on(day).filter(|s| *s > after) {
                return Some(start);
            }
            day = time::tomorrow(day)?;
        }
        None
    }
}

/// What came of a drill in one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Which.
    pub cluster: ClusterId,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// How it is known that it sounded; `None` = nothing was keyed.
    pub grade: Option<Grade>,
    /// `wired`, `ip`, `fm`, `recorder`.
    pub path: String,
    /// When it was first heard there.
    pub start: Option<Wall>,
}

/// A drill that was held, or was due and not held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// When it was due.
    pub start: Wall,
    /// Why it was not held: `emergency`, `live`, `quiet_hours`, `muted`, `full_drill`, `missed`.
    pub skipped: Option<String>,
    /// The bulletin it was.
    pub bulletin: Option<BulletinId>,
    /// `done`, `partial`, `failed`, once it is over.
    pub result: Option<String>,
    /// What broke it off.
    pub code: Option<String>,
    /// What came of it in each cluster.
    pub clusters: Vec<Heard>,
}

/// Held drills that are kept of each: two years of a weekly one.
const KEPT: usize = 104;

/// What is remembered of the drills: the newest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Drills(pub BTreeMap<DrillId, Vec<Held>>);

impl Drills {
    /// When a drill was due last, held or not.
    pub fn last(&self, drill: &DrillId) -> Option<Wall> {
        self.0.get(drill)?.last().map(|h| h.start)
    }

    /// One that was due was held or skipped.
    pub(crate) fn take(&mut self, drill: &DrillId, held: Held) {
        let all = self.0.entry(drill.clone()).or_default();
        all.push(held);
        if all.len() > KEPT {
            all.remove(0);
        }
    }

    /// The newest held one that is this bulletin.
    pub(crate) fn of(&mut self, drill: &DrillId, bulletin: &BulletinId) -> Option<&mut Held> {
        self.0.get_mut(drill)?.iter_mut().rev().find(|h| h.bulletin.as_ref() == Some(bulletin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drill(every: Every) -> Drill {
        Drill {
            title: String::new(),
            every,
            weekday: "sat".to_owned(),
            at_s: 16 * 3600,
            kind: Kind::Short,
            text: String::new(),
            level: 1,
            targets: Targets::everything(),
        }
    }

    #[test]
    fn the_next_one_is_found_over_the_end_of_month_quarter_and_year() {
        let next = |every, after: &str| drill(every).next_start(Wall::parse(after).expect("a time")).map(Wall::rfc3339);
        let at = |day: &str| Some(format!("{day}T16:00:00.000+07:00"));
        assert_eq!(next(Every::Week, "2026-11-21T15:59:59+07:00"), at("2026-11-21"));
        assert_eq!(next(Every::Week, "2026-11-21T16:00:00+07:00"), at("2026-11-28"));
        assert_eq!(next(Every::Month, "2026-11-21T00:00:00+07:00"), at("2026-12-05"));
        assert_eq!(next(Every::Quarter, "2026-11-21T00:00:00+07:00"), at("2027-01-02"));
        assert_eq!(next(Every::Quarter, "2027-01-02T16:00:00+07:00"), at("2027-04-03"));
    }
}
