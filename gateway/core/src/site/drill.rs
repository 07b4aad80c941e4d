//! Drills by the calendar: each is held as a drill bulletin of its own, or skipped for a stated reason.

use super::Site;
use super::close::End;
use crate::bulletin::{Bulletin, Content, DRILL, Hazard, Issuer, Priority};
use crate::drill::{Drill, Kind};
use crate::id::{BulletinId, DrillId};
use crate::journal::{DrillSkipped, Event};
use crate::memory::Origin;
use crate::programme::LATE_MS;
use crate::time::{Now, Wall};
use std::collections::BTreeMap;

/// A short drill is over by then whatever interrupts it, milliseconds.
const SHORT_MS: i64 = 300_000;
/// A full one, and so long boards show it.
const FULL_MS: i64 = 600_000;
/// A short drill this near to a full one is not held, milliseconds.
const NEAR_MS: i64 = 3_600_000;

/// What is worked out of the calendar and kept until the next drill.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    at: Option<Wall>,
    /// The next start of each drill.
    pub(super) next: BTreeMap<DrillId, Wall>,
}

impl Site {
    /// Holds what is due. Without a trusted clock nothing is held.
    pub(super) fn run_drills(&mut self, now: Now) {
        self.break_off_drills(now);
        let Some(wall) = self.wall(now).filter(|_| !self.config.drills.is_empty()) else { return };
        let passed = self.calendar.next.values().any(|next| wall >= *next);
        if passed || self.calendar.at.is_none_or(|at| wall < at) {
            self.look_up_drills(wall, now);
        }
        if let Some(next) = self.calendar.next.values().min().copied() {
            self.wake_wall(next, now, "a drill is due");
        }
    }

    fn look_up_drills(&mut self, wall: Wall, now: Now) {
        let (today, _) = wall.local();
        let mut due = Vec::new();
        self.calendar.next.clear();
        for (id, drill) in &self.config.drills {
            let last = self.memory.drills.last(id);
            if let Some(start) = drill.start_on(today).filter(|s| *s <= wall && last.is_none_or(|l| l < *s)) {
                // One that was never held here was no drill of this station when it was due.
                if wall.0 - start.0 <= LATE_MS || last.is_some() {
                    due.push((id.clone(), start));
                }
            }
            if let Some(next) = drill.next_start(wall) {
                self.calendar.next.insert(id.clone(), next);
            }
        }
        self.calendar.at = Some(wall);
        for (id, start) in due {
            self.hold_or_skip(id, start, wall, now);
        }
    }

    fn hold_or_skip(&mut self, id: DrillId, start: Wall, wall: Wall, now: Now) {
        let Some(drill) = self.config.drills.get(&id).cloned() else { return };
        match self.why_not_held(&drill, start, wall) {
            Some(why) => self.note(Event::DrillSkipped(DrillSkipped { drill: id, start, why: why.to_owned() }), now),
            None => {
                let bulletin = bulletin_of(&id, &drill, start);
                self.take_in(bulletin, Origin::Drill { drill: id, kind: drill.kind, start }, false, now);
            }
        }
    }

    fn why_not_held(&self, drill: &Drill, start: Wall, wall: Wall) -> Option<&'static str> {
        let (today, _) = start.local();
        let short = drill.kind == Kind::Short;
        let full = |other: &Drill| {
            other.kind == Kind::Full && other.start_on(today).is_some_and(|s| (s.0 - start.0).abs() <= NEAR_MS)
        };
        let mut meant = self.config.clusters.keys().filter(|c| drill.targets.has_cluster(c)).peekable();
        let some = meant.peek().is_some();
        let muted = some && meant.all(|c| self.memory.silenced.contains_key(c));
        match () {
            () if wall.0 - start.0 > LATE_MS => Some("missed"),
            () if self.is_serious(Some(wall)) => Some("emergency"),
            () if !self.shelf.live.is_empty() => Some("live"),
            () if short && self.config.policy.is_night(start.second_of_day()) => Some("quiet_hours"),
            () if short && self.config.drills.values().any(full) => Some("full_drill"),
            () if muted => Some("muted"),
            () => None,
        }
    }

    /// A real emergency is on or in force.
    fn is_serious(&self, wall: Option<Wall>) -> bool {
        let real = |id: &&BulletinId| {
            let standing = self.memory.bulletins.get(*id).filter(|s| !s.bulletin.drill && !s.silent);
            // A warning that begins to be true tomorrow is no reason to leave out the drill of today.
            standing.is_some_and(|s| s.bulletin.valid_from.is_none_or(|from| wall.is_none_or(|wall| from <= wall)))
        };
        let in_force = |id: &&BulletinId| {
            let until = self.memory.bulletins.get(*id).and_then(|s| s.bulletin.valid_until);
            until.is_some_and(|until| wall.is_none_or(|wall| until > wall))
        };
        self.shelf.urgent.iter().any(|id| real(&id)) || self.shelf.lingering.iter().filter(real).any(|id| in_force(&id))
    }

    /// A drill that the real thing has overtaken does not come back after it.
    fn break_off_drills(&mut self, now: Now) {
        let open: Vec<BulletinId> =
            self.shelf.urgent.iter().filter(|id| self.drill_kind(id).is_some()).cloned().collect();
        if open.is_empty() || !self.is_serious(self.wall(now)) {
            return;
        }
        for id in open {
            self.finish(&id, End::Cut("emergency"), now);
        }
    }

    /// How much of the real thing a bulletin of the calendar is.
    fn drill_kind(&self, id: &BulletinId) -> Option<Kind> {
        match self.memory.bulletins.get(id)?.origin {
            Origin::Drill { kind, .. } => Some(kind),
            Origin::Hub | Origin::Desk { .. } | Origin::Own { .. } | Origin::Correction { .. } => None,
        }
    }

    /// It is played at the sink's own volume, though it has a claim of its own.
    pub(super) fn is_short_drill(&self, id: &BulletinId) -> bool {
        self.drill_kind(id) == Some(Kind::Short)
    }
}

fn bulletin_of(id: &DrillId, drill: &Drill, start: Wall) -> Bulletin {
    let (full, (day, _)) = (drill.kind == Kind::Full, start.local());
    let text = drill.text.trim();
    Bulletin {
        bulletin_id: BulletinId::from(format!("drill-{id}-{day}")),
        version: 1,
        priority: Priority::Emergency,
        title: format!("{DRILL}: {}", drill.title),
        field: String::new(),
        issuer: Issuer { level: "commune".to_owned(), name: String::new() },
        // Said before and after whatever the text says of itself: who tunes in late must hear it too.
        content: vec![Content::Text {
            lang: "vi".to_owned(),
            text: format!("{DRILL}. {DRILL}. {text} Đây là {DRILL}."),
        }],
        targets: drill.targets.clone(),
        valid_from: Some(start),
        valid_until: Some(start.plus(if full { FULL_MS } else { SHORT_MS })),
        repeat: if full { 2 } else { 1 },
        gap_s: if full { 3 } else { 0 },
        hazard: Some(Hazard { kind: String::new(), level: drill.level }),
        supersedes: Vec::new(),
        drill: true,
        live: None,
    }
}
