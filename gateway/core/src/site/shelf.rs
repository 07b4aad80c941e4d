//! Which bulletins want looking at in each step: an index of the memory, so that a full inbox costs an alert nothing.

use crate::bulletin::{Priority, State};
use crate::id::BulletinId;
use crate::journal::{Event, Stage};
use crate::memory::{Memory, SessionItem, Standing};
use crate::time::Wall;
use std::collections::{BTreeMap, BTreeSet};

/// Bulletins by what may become of them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Not over.
    pub(super) open: BTreeSet<BulletinId>,
    /// Its content is on its way.
    pub(super) young: BTreeSet<BulletinId>,
    /// An emergency with a claim to the air.
    pub(super) urgent: BTreeSet<BulletinId>,
    /// A live transmission that is not over.
    pub(super) live: BTreeSet<BulletinId>,
    /// Waits for the next programme.
    pub(super) queue: BTreeSet<BulletinId>,
    /// Open, by the moment at which its time is over.
    pub(super) ends: BTreeSet<(Wall, BulletinId)>,
    /// An emergency that was said, and may still be in force on boards.
    pub(super) lingering: BTreeSet<BulletinId>,
    /// Takes the place of others.
    pub(super) replacing: BTreeSet<BulletinId>,
    /// Waits for a leader.
    pub(super) waiting: BTreeSet<BulletinId>,
    until: BTreeMap<BulletinId, Wall>,
    /// The queue changed since it was asked last.
    moved: bool,
}

impl Shelf {
    /// The index of a whole memory.
    pub(super) fn of(memory: &Memory) -> Self {
        let mut shelf = Self::default();
        for (id, standing) in &memory.bulletins {
            shelf.put(id, Some(standing));
        }
        shelf
    }

    /// Takes in what an event has changed; `memory` already holds it.
    pub(super) fn follow(&mut self, event: &Event, memory: &Memory) {
        if let Event::Admitted { bulletin, .. } = event {
            self.put(&bulletin.bulletin_id, memory.bulletins.get(&bulletin.bulletin_id));
            // Memory forgets only what is over.
            self.lingering.retain(|id| memory.bulletins.contains_key(id));
            self.replacing.retain(|id| memory.bulletins.contains_key(id));
        }
        if let Event::State { id, .. } | Event::Rung { id, stage: Stage::Ready, .. } = event {
            self.put(id, memory.bulletins.get(id));
        }
        if let Event::SessionOpened { session } = event {
            for item in &session.items {
                if let SessionItem::Bulletin(id) = item {
                    self.put(id, memory.bulletins.get(id));
                }
            }
        }
    }

    /// Whether the queue changed since this was asked last.
    pub(super) fn queue_moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    fn put(&mut self, id: &BulletinId, standing: Option<&Standing>) {
        self.moved |= self.queue.remove(id);
        let Self { open, young, urgent, live, lingering, replacing, waiting, .. } = self;
        for set in [open, young, urgent, live, lingering, replacing, waiting] {
            set.remove(id);
        }
        if let Some(until) = self.until.remove(id) {
            self.ends.remove(&(until, id.clone()));
        }
        let Some(standing) = standing else { return };
        let bulletin = &standing.bulletin;
        let emergency = bulletin.priority == Priority::Emergency;
        if !bulletin.supersedes.is_empty() {
            self.replacing.insert(id.clone());
        }
        if standing.state.is_final() {
            let said = matches!(standing.state, State::Done | State::Partial) && standing.reason.is_none();
            if emergency && said && !standing.silent && bulletin.valid_until.is_some() {
                self.lingering.insert(id.clone());
            }
            return;
        }
        self.open.insert(id.clone());
        if let Some(until) = bulletin.valid_until {
            self.ends.insert((until, id.clone()));
            self.until.insert(id.clone(), until);
        }
        let coming = matches!(standing.state, State::Received | State::Fetching | State::Approved);
        // What is on air in one language may still wait for another; an emergency does not wait for either.
        let unripe = standing.state == State::OnAir && !standing.rungs.contains(&Stage::Ready);
        if coming || unripe {
            self.young.insert(id.clone());
        }
        if emergency && !standing.silent {
            self.urgent.insert(id.clone());
        }
        if standing.state == State::WaitingApproval {
            self.waiting.insert(id.clone());
        }
        if bulletin.live.is_some() {
            self.live.insert(id.clone());
        }
        if bulletin.priority == Priority::Priority && standing.state == State::Ready {
            self.moved |= self.queue.insert(id.clone());
        }
    }
}
