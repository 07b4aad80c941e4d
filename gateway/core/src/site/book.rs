//! Running the programme book: what begins now, what clashes, what was missed.

use super::Site;
use crate::arbiter;
use crate::bulletin::{Bulletin, State, Targets};
use crate::config::First;
use crate::id::{BulletinId, ProgrammeId, SinkId};
use crate::journal::Event;
use crate::memory::{Session, SessionItem};
use crate::programme::{Item, LATE_MS, Programme, StartMode};
use crate::time::{Now, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// What is worked out of the book and kept until it changes.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Worked out at this wall time …
    at: Option<Wall>,
    /// … the next moment at which a programme starts.
    next: Option<Wall>,
    /// The next start of each programme.
    pub(super) starts: BTreeMap<ProgrammeId, Wall>,
    /// Programmes whose time has come and that wait for the air.
    pending: BTreeMap<ProgrammeId, Wall>,
    /// Clashes have been looked for since the book, the queue or the paths changed.
    settled: bool,
}

impl Book {
    /// Clashes must be looked for again.
    pub(super) fn forget_decisions(&mut self) {
        self.settled = false;
    }
}

impl Site {
    /// Puts a programme into the book.
    pub(super) fn book_programme(&mut self, programme: Programme, by: Option<&str>, now: Now) {
        let since = self.wall(now);
        let named: Vec<BulletinId> = programme.bulletins().cloned().collect();
        self.book = Book::default();
        self.note(Event::Programme { programme: Box::new(programme), since, by: by.map(str::to_owned) }, now);
        for id in named {
            if self.memory.bulletins.get(&id).is_some_and(|s| s.state == State::WaitingChoice) {
                self.state(&id, State::Scheduled, None, now);
            }
        }
    }

    /// Takes a programme out of the book.
    pub(super) fn unbook(&mut self, id: &ProgrammeId, now: Now) {
        let named: Vec<BulletinId> =
            self.memory.programmes.get(id).into_iter().flat_map(|p| p.bulletins().cloned()).collect();
        self.book = Book::default();
        self.note(Event::ProgrammeDropped { programme: id.clone() }, now);
        for id in named {
            let elsewhere = self.memory.programmes.values().any(|p| p.bulletins().any(|b| *b == id));
            let scheduled = self.memory.bulletins.get(&id).is_some_and(|s| s.state == State::Scheduled);
            if scheduled && !elsewhere {
                // It waits in the inbox again.
                self.state(&id, State::WaitingChoice, None, now);
            }
        }
    }

    /// Opens, waits, cuts: everything the wall clock asks of the book. Without a trusted clock nothing starts.
    pub(super) fn run_book(&mut self, now: Now) {
        let Some(wall) = self.wall(now) else { return };
        self.cut_at_their_end(wall, now);
        let stale = self.book.at.is_none_or(|at| wall < at) || self.book.next.is_some_and(|n| wall >= n);
        if stale {
            self.look_up(wall, now);
        }
        for (id, start) in self.book.pending.clone() {
            self.try_open(&id, start, wall, now);
        }
        self.open_decisions(now);
        if let Some(next) = self.book.next {
            self.wake_wall(next, now, "a programme starts");
        }
    }

    /// Works out which programmes are due and when the next one is.
    fn look_up(&mut self, wall: Wall, now: Now) {
        let mut missed = Vec::new();
        self.book.starts.clear();
        for (id, programme) in &self.memory.programmes {
            let last = self.memory.last_start.get(id).copied().unwrap_or(Wall(i64::MIN));
            match programme.today(wall) {
                Some(start) if start <= last || start > wall => {}
                Some(start) if wall.0 - start.0 <= LATE_MS => {
                    self.book.pending.insert(id.clone(), start);
                }
                Some(start) if !self.book.pending.contains_key(id) => missed.push((id.clone(), start)),
                Some(_) | None => {}
            }
            if let Some(next) = programme.next_start(wall) {
                self.book.starts.insert(id.clone(), next);
            }
        }
        self.book.at = Some(wall);
        self.book.settled = false;
        self.book.next = self.book.starts.values().min().copied();
        for (programme, start) in missed {
            self.note(Event::SessionMissed { programme, start }, now);
        }
    }

    fn cut_at_their_end(&mut self, wall: Wall, now: Now) {
        let sessions: Vec<(String, Wall)> = self.memory.sessions.iter().map(|(k, s)| (k.clone(), s.end)).collect();
        for (key, end) in sessions {
            if wall >= end {
                self.end_session(&key, "cut", now);
            } else {
                self.wake_wall(end, now, "a programme is cut at its end");
            }
        }
    }

    fn try_open(&mut self, id: &ProgrammeId, start: Wall, wall: Wall, now: Now) {
        let Some(programme) = self.memory.programmes.get(id).cloned() else {
            self.book.pending.remove(id);
            return;
        };
        let end = start.plus(i64::from(programme.duration_s) * 1000);
        if wall >= end {
            self.book.pending.remove(id);
            self.note(Event::SessionMissed { programme: id.clone(), start }, now);
            return;
        }
        let others: Vec<String> = self
            .memory
            .sessions
            .values()
            .filter(|s| self.overlap(&s.targets, &programme.targets))
            .map(|s| s.key.clone())
            .collect();
        let wait_until = start.plus(i64::from(programme.wait_s) * 1000);
        let waits = match programme.start_mode {
            StartMode::Hard => false,
            StartMode::Wait => wall < wait_until,
            StartMode::Next => true,
        };
        if waits && !others.is_empty() {
            if programme.start_mode == StartMode::Wait {
                self.wake_wall(wait_until, now, "a programme has waited long enough");
            }
            return;
        }
        for key in others {
            self.end_session(&key, "replaced", now);
        }
        self.book.pending.remove(id);
        let items = self.line_up(&programme, wall, now);
        let (start, title) = (start, programme.title.clone());
        let session = Session {
            key: format!("{id}@{}", start.rfc3339()),
            programme: id.clone(),
            title,
            start,
            end,
            targets: programme.targets,
            items,
            at: BTreeMap::new(),
            order: 0,
            by: self.memory.booked.get(id).cloned(),
        };
        self.note(Event::SessionOpened { session: Box::new(session) }, now);
    }

    /// Two clusters on one sink cannot hear two programmes, so it is the sinks that must not meet.
    pub(super) fn overlap(&self, a: &Targets, b: &Targets) -> bool {
        !self.sinks_for(a).is_disjoint(&self.sinks_for(b))
    }

    fn sinks_for(&self, targets: &Targets) -> BTreeSet<&SinkId> {
        let clusters = self.config.clusters.keys().filter(|c| targets.has_cluster(c));
        clusters
            .filter_map(|c| arbiter::path_of(&self.config, &self.paths, c))
            .filter_map(|p| arbiter::sink_of(&self.config, p))
            .collect()
    }

    /// The hub's priority bulletins that wait for a programme with these targets, oldest first.
    fn queue(&self, targets: &Targets, wall: Wall) -> Vec<BulletinId> {
        let mut queue: Vec<(u64, &Bulletin)> = self
            .shelf
            .queue
            .iter()
            .filter_map(|id| self.memory.bulletins.get(id))
            .filter(|s| s.bulletin.valid_from.is_none_or(|from| from <= wall))
            .filter(|s| self.overlap(&s.bulletin.targets, targets))
            .map(|s| (s.order, &s.bulletin))
            .collect();
        queue.sort_by_key(|(order, _)| *order);
        queue.into_iter().map(|(_, b)| b.bulletin_id.clone()).collect()
    }

    /// What a programme airs today: its items, with the priority bulletins where they belong.
    fn line_up(&mut self, programme: &Programme, wall: Wall, now: Now) -> Vec<SessionItem> {
        let queue = self.queue(&programme.targets, wall);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for id in queue {
            match self.decided(&id, &programme.programme_id, now) {
                First::Province => before.push(SessionItem::Bulletin(id)),
                First::Commune => after.push(SessionItem::Bulletin(id)),
            }
        }
        let has_place = programme.items.contains(&Item::PriorityQueue);
        let last_own = programme.items.iter().rposition(|i| matches!(i, Item::Bulletin { priority: true, .. }));
        let mut line: Vec<SessionItem> = Vec::new();
        let mut begun = false;
        for (place, item) in programme.items.iter().enumerate() {
            if !begun && !has_place && *item != Item::Chime {
                begun = true;
                line.append(&mut before);
            }
            match item {
                Item::Chime => line.push(SessionItem::Chime),
                Item::Bulletin { bulletin_id, .. } => line.push(SessionItem::Bulletin(bulletin_id.clone())),
                Item::Silence { duration_s } => line.push(SessionItem::Silence(u64::from(*duration_s) * 1000)),
                Item::PriorityQueue => {
                    line.append(&mut before);
                }
                Item::Relay { input, duration_s } => {
                    let seconds = if *duration_s == 0 { programme.duration_s } else { *duration_s };
                    line.push(SessionItem::Relay { input: input.clone(), ms: u64::from(seconds) * 1000 });
                }
                Item::Other => {}
            }
            if last_own == Some(place) || (last_own.is_none() && *item == Item::PriorityQueue) {
                line.append(&mut after);
            }
        }
        line.append(&mut before);
        line.append(&mut after);
        line.retain(|i| match i {
            // What has not come yet may still come before its turn.
            SessionItem::Bulletin(id) => self.may_air(id, now) || !self.memory.bulletins.contains_key(id),
            SessionItem::Chime | SessionItem::Silence(_) | SessionItem::Relay { .. } => true,
        });
        line
    }

    /// Who goes first; nobody having answered, the site's rule, written down.
    fn decided(&mut self, bulletin: &BulletinId, programme: &ProgrammeId, now: Now) -> First {
        let found = self.memory.decisions.iter().find(|(_, d)| d.bulletin == *bulletin && d.programme == *programme);
        match found.map(|(id, d)| (*id, d.first, d.default)) {
            Some((_, Some(first), _)) => first,
            Some((id, None, default)) => {
                self.note(Event::DecisionTaken { id, first: default, by: None }, now);
                default
            }
            None => First::Province,
        }
    }

    /// A priority bulletin whose next programme has a priority item of the commune's own is a person's decision.
    fn open_decisions(&mut self, now: Now) {
        if std::mem::replace(&mut self.book.settled, true) & !self.shelf.queue_moved() {
            return;
        }
        let mut programmes: Vec<(Wall, &Programme, BTreeSet<&SinkId>)> = self
            .book
            .starts
            .iter()
            .filter_map(|(id, start)| Some((*start, self.memory.programmes.get(id)?)))
            .map(|(start, programme)| (start, programme, self.sinks_for(&programme.targets)))
            .collect();
        programmes.sort_by_key(|(start, _, _)| *start);
        if !programmes.iter().any(|(_, p, _)| p.own_priority().next().is_some()) {
            return;
        }
        let known: BTreeSet<(&BulletinId, &ProgrammeId)> =
            self.memory.decisions.values().map(|d| (&d.bulletin, &d.programme)).collect();
        let mut clashes = Vec::new();
        for standing in self.shelf.queue.iter().filter_map(|id| self.memory.bulletins.get(id)) {
            let (id, sinks) = (&standing.bulletin.bulletin_id, self.sinks_for(&standing.bulletin.targets));
            let next = programmes.iter().find(|(_, _, of)| !of.is_disjoint(&sinks));
            let Some((_, programme, _)) = next.filter(|(_, p, _)| p.own_priority().next().is_some()) else { continue };
            if !known.contains(&(id, &programme.programme_id)) {
                clashes.push((id.clone(), programme.programme_id.clone()));
            }
        }
        for (bulletin, programme) in clashes {
            let (id, default) = (self.memory.next_decision, self.config.policy.clash_default);
            self.note(Event::DecisionOpened { id, bulletin, programme, default }, now);
        }
    }
}
