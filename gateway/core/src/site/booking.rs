//! What officers put into the programme book and take out of it: refused with the reason, never cut in silence.

use super::Site;
use crate::bulletin::Priority;
use crate::config::Hours;
use crate::id::ProgrammeId;
use crate::programme::{Item, Programme, StartMode};
use crate::time::{self, Now, Wall};
use jiff::civil::Date;

/// How far ahead two programmes are held against each other: a year, with the Tết of the next.
const AHEAD_DAYS: u16 = 400;
/// Programmes of the commune's own that the book holds at most.
const MOST: usize = 500;
/// Seconds of a day.
const DAY_S: u32 = 86_400;

impl Site {
    /// Puts a programme of the desk into the book: in words what was done, or why not.
    pub(super) fn book_by_desk(&mut self, by: &str, programme: Programme, now: Now) -> Result<String, String> {
        programme.check()?;
        let id = &programme.programme_id;
        if let Some(id) = programme.bulletins().find(|b| !self.memory.bulletins.contains_key(*b)) {
            return Err(format!("Không có bản tin {id}: chọn bản tin trong hộp thư"));
        }
        if let Some(id) = programme.bulletins().find(|b| self.memory.is_recalled(b)) {
            return Err(format!("Bản tin {id} đã bị thu hồi, không được phát"));
        }
        programme.bulletins().try_for_each(|id| self.unapproved(id))?;
        let known = self.memory.programmes.get(id);
        if known.is_some_and(|p| p.of_province) {
            return Err("Chương trình của tỉnh không sửa được tại xã".to_owned());
        }
        let version = programme.version.max(1);
        follows(known, version)?;
        if known.is_none() && self.memory.programmes.values().filter(|p| !p.of_province).count() >= MOST {
            return Err(format!("Lịch đã có {MOST} chương trình của xã: hãy bỏ bớt những chương trình đã qua"));
        }
        let at = self.record_time(now);
        self.config.policy.allows(&programme, at.local().0)?;
        lies_ahead(&programme, at)?;
        self.is_free(&programme, at)?;
        let what = format!("programme {id} version {version}");
        self.book_programme(self.marked(Programme { of_province: false, version, ..programme }), Some(by), now);
        Ok(what)
    }

    /// Takes a programme of the desk out of the book, and off the air.
    pub(super) fn drop_by_desk(&mut self, id: &ProgrammeId, version: u32, now: Now) -> Result<String, String> {
        let known = self.memory.programmes.get(id).ok_or("Không còn chương trình này trong lịch")?;
        if known.of_province {
            return Err("Chương trình của tỉnh không bỏ được tại xã; hãy liên hệ tỉnh".to_owned());
        }
        if known.version != version {
            return Err(changed(known.version));
        }
        let running: Vec<String> =
            self.memory.sessions.values().filter(|s| s.programme == *id).map(|s| s.key.clone()).collect();
        for key in running {
            self.end_session(&key, "dropped", now);
        }
        self.unbook(id, now);
        Ok(format!("programme {id} dropped"))
    }

    /// The commune's own priority bulletins have the rank of one wherever they are named.
    fn marked(&self, mut programme: Programme) -> Programme {
        for item in &mut programme.items {
            if let Item::Bulletin { bulletin_id, priority } = item {
                let known = self.memory.bulletins.get(bulletin_id);
                *priority |= known.is_some_and(|s| s.is_own() && s.bulletin.priority == Priority::Priority);
            }
        }
        programme
    }

    /// No other programme has the same sinks at the same time, but one that waits for the other.
    fn is_free(&self, mine: &Programme, at: Wall) -> Result<(), String> {
        // One of yesterday may last past midnight.
        let (today, _) = at.local();
        let first = time::yesterday(today).unwrap_or(today);
        let mut starts = mine.starts(first, AHEAD_DAYS);
        starts.retain(|start| start.plus(ms(mine)) > at);
        if starts.is_empty() {
            return Ok(());
        }
        let others = self.memory.programmes.values().filter(|p| p.programme_id != mine.programme_id);
        for other in others.filter(|p| self.overlap(&p.targets, &mine.targets)) {
            let (mine_ms, its_ms) = (ms(mine), ms(other));
            let its = other.starts(first, AHEAD_DAYS);
            let mut from = 0;
            for start in &starts {
                // Both lists rise: what ended before this start ended before all later ones.
                while its.get(from).is_some_and(|s| s.plus(its_ms) <= *start) {
                    from += 1;
                }
                let meets = its.iter().skip(from).take_while(|s| **s < start.plus(mine_ms));
                for theirs in meets {
                    let waits = match theirs.cmp(start) {
                        std::cmp::Ordering::Less => mine.start_mode != StartMode::Hard,
                        std::cmp::Ordering::Greater => other.start_mode != StartMode::Hard,
                        std::cmp::Ordering::Equal => {
                            mine.start_mode != StartMode::Hard || other.start_mode != StartMode::Hard
                        }
                    };
                    if !waits {
                        return Err(self.met(other, *theirs, theirs > start));
                    }
                }
            }
        }
        Ok(())
    }

    fn met(&self, other: &Programme, start: Wall, it_cuts: bool) -> String {
        let whose = if other.of_province { "của tỉnh" } else { "của xã" };
        let (date, _) = start.local();
        let end = start.plus(ms(other));
        let when = format!("{}–{} ngày {}", clock(start.second_of_day()), clock(end.second_of_day()), written(date));
        let remedy = if it_cuts {
            "Hãy kết thúc sớm hơn, chọn giờ hoặc nơi khác."
        } else {
            "Hãy chọn giờ hoặc nơi khác, hoặc để chương trình này chờ (kiểu bắt đầu «chờ» hoặc «kế tiếp»)."
        };
        format!("Trùng với chương trình {whose} «{}» {when}, cùng cụm loa. {remedy}", other.title)
    }
}

/// A change is made over the version that stands: what somebody else wrote meanwhile is not lost.
fn follows(known: Option<&Programme>, version: u32) -> Result<(), String> {
    match known {
        Some(known) if version != known.version.saturating_add(1) => Err(changed(known.version)),
        None if version > 1 => Err("Chương trình này đã bị người khác bỏ khỏi lịch".to_owned()),
        Some(_) | None => Ok(()),
    }
}

/// It is aired at least once from now on: one whose time is over would stand in the book and never be heard.
fn lies_ahead(programme: &Programme, at: Wall) -> Result<(), String> {
    let (today, _) = at.local();
    let first = programme.valid_from.as_ref().and_then(|day| day.parse::<Date>().ok()).map_or(today, |d| d.max(today));
    if programme.starts(first, AHEAD_DAYS).iter().any(|start| *start > at) {
        return Ok(());
    }
    let (now, today) = (clock(at.second_of_day()), written(today));
    Err(format!(
        "Chương trình không còn lần phát nào: giờ đã chọn đã qua (bây giờ là {now} ngày {today}), hoặc không ngày nào \
         hợp với lịch lặp. Hãy chọn giờ hoặc ngày sau; chương trình không phát nữa thì bỏ khỏi lịch."
    ))
}

fn changed(version: u32) -> String {
    format!("Chương trình đã được người khác sửa: trong lịch nay là bản {version}")
}

fn ms(programme: &Programme) -> i64 {
    i64::from(programme.duration_s) * 1000
}

fn clock(second: u32) -> String {
    format!("{:02}:{:02}", second / 3600 % 24, second / 60 % 60)
}

fn written(date: Date) -> String {
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}

impl crate::config::Policy {
    /// Whether a programme of the desk keeps to what the site has decided; the error says what it does not keep to.
    pub fn allows(&self, programme: &Programme, today: Date) -> Result<(), String> {
        let Hours { quiet_at_night, longest_s, days, sessions } = &self.hours;
        let start = time::parse_time_of_day(&programme.start).unwrap_or(0);
        let end = start.saturating_add(programme.duration_s);
        if *longest_s > 0 && programme.duration_s > *longest_s {
            return Err(format!("Trạm cho mỗi chương trình nhiều nhất {} phút", longest_s / 60));
        }
        if *quiet_at_night && self.touches_night(start, end) {
            let (from, until) = (clock(self.night_from_s), clock(self.night_until_s));
            return Err(format!("Chương trình lấn vào giờ yên tĩnh {from}–{until} của trạm"));
        }
        let within = |(from, until): &(u32, u32)| *from <= start && end <= *until;
        if !sessions.is_empty() && !sessions.iter().any(within) {
            let spans: Vec<String> = sessions.iter().map(|(a, b)| format!("{}–{}", clock(*a), clock(*b))).collect();
            return Err(format!("Chương trình phải nằm trọn trong buổi phát của trạm: {}", spans.join(", ")));
        }
        let barred = |start: &Wall| !days.iter().any(|d| d == time::weekday_name(start.local().0));
        if !days.is_empty()
            && let Some(start) = programme.starts(today, 28).iter().find(|s| barred(s))
        {
            return Err(format!(
                "Trạm không phát chương trình của xã vào ngày này trong tuần: {}",
                written(start.local().0)
            ));
        }
        Ok(())
    }

    fn touches_night(&self, start: u32, end: u32) -> bool {
        let (from, until) = (self.night_from_s, self.night_until_s);
        // The night as spans of two days, as a programme may last past midnight.
        let spans = if from > until {
            [(0, until), (from, DAY_S + until), (DAY_S + from, 2 * DAY_S)]
        } else {
            [(from, until), (DAY_S + from, DAY_S + until), (2 * DAY_S, 2 * DAY_S)]
        };
        spans.iter().any(|(from, until)| start < *until && *from < end)
    }
}
