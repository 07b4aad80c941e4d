//! A bulletin in the memory: how far it has come, and whom it has reached.

use crate::bulletin::{Bulletin, Priority, State};
use crate::drill::Kind;
use crate::id::{BoardId, BulletinId, ClusterId, DrillId, SinkId};
use crate::journal::Stage;
use crate::time::Wall;
use crate::want::Grade;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why a bulletin ended: another took its place.
pub const SUPERSEDED: &str = "superseded";
/// Why a bulletin ended: its time was over.
pub const EXPIRED: &str = "expired";

/// Where a bulletin came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A message of the hub.
    Hub,
    /// An officer.
    Desk {
        /// Login name.
        by: String,
    },
    /// An officer, on the way of approval: never aired before a leader, or the site's rule, has said yes.
    Own {
        /// Login name of who handed it in.
        by: String,
    },
    /// The calendar of drills.
    Drill {
        /// Which drill.
        drill: DrillId,
        /// How much of the real thing it is.
        kind: Kind,
        /// When it was due.
        start: Wall,
    },
    /// It corrects a recalled one.
    Correction {
        /// Which.
        of: BulletinId,
        /// The officer who corrects it; `None`: the province.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
}

/// A bulletin and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// Where it came from.
    pub origin: Origin,
    /// Climbs the ladder without a sound.
    pub silent: bool,
    /// Order of arrival: the number of its entry.
    pub order: u64,
    /// State.
    pub state: State,
    /// Why it is in that state, where it is not plain.
    pub reason: Option<String>,
    /// Messages that climb its ladder, by their keys in [`super::Memory::seen`].
    pub messages: Vec<String>,
    /// Rungs reached.
    pub rungs: BTreeSet<Stage>,
    /// Times said, by sink (emergencies).
    pub turns: BTreeMap<SinkId, u16>,
    /// What reached whom, by cluster.
    pub reached: BTreeMap<ClusterId, Turned>,
    /// Boards that showed it.
    #[serde(default)]
    pub shown: BTreeMap<BoardId, Grade>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The site's rule wanted nobody's word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unasked: bool,
}

/// What reached a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Turned {
    /// Which; `None` only in the blank from which one is made.
    pub cluster: Option<ClusterId>,
    /// By which path.
    pub path: String,
    /// When it was first heard.
    pub start: Option<Wall>,
    /// Sounded, milliseconds.
    pub actual_ms: u64,
    /// How it is known; `None` = its output was never keyed.
    pub grade: Option<Grade>,
}

impl Standing {
    /// Adds what reached whom.
    pub fn reach(&mut self, reached: &[Turned]) {
        for turned in reached {
            let Some(cluster) = &turned.cluster else { continue };
            let known = self
                .reached
                .entry(cluster.clone())
                .or_insert_with(|| Turned { cluster: Some(cluster.clone()), ..Turned::default() });
            known.path.clone_from(&turned.path);
            known.start = known.start.or(turned.start);
            known.actual_ms += turned.actual_ms;
            known.grade = known.grade.max(turned.grade);
        }
    }

    /// Another speaker has its microphone; the journal names all who had it.
    pub(super) fn hand(&mut self, to: &str) {
        if let Some(live) = &mut self.bulletin.live {
            live.speaker = Some(to.to_owned());
        }
        if let Origin::Desk { by } = &mut self.origin {
            by.push_str(", ");
            by.push_str(to);
        }
    }

    /// It is an emergency that still has a claim to the air.
    pub fn is_urgent(&self) -> bool {
        self.bulletin.priority == Priority::Emergency && !self.state.is_final()
    }

    /// Whether a programme may say it: emergencies have a claim of their own, a silent test never sounds, and what was
    /// called back, replaced or is past its time is not said again, and what nobody has approved not at all.
    pub fn may_air(&self, wall: Wall) -> bool {
        let over = match self.state {
            State::WaitingApproval | State::Rejected | State::Expired | State::Recalled => true,
            State::Done | State::Partial | State::Failed => {
                self.reason.as_deref().is_some_and(|r| r == SUPERSEDED || r == EXPIRED)
                    || self.bulletin.valid_until.is_some_and(|until| until < wall)
            }
            State::Received
            | State::Fetching
            | State::Ready
            | State::WaitingChoice
            | State::Approved
            | State::Scheduled
            | State::OnAir => false,
        };
        !over
            && !self.silent
            && self.bulletin.live.is_none()
            && self.bulletin.priority != Priority::Emergency
            && self.bulletin.valid_from.is_none_or(|from| from <= wall)
    }

    /// A programme will say it once more: its ladder stays closed, but what reaches whom is counted anew.
    pub(super) fn reopen(&mut self) {
        (self.state, self.reason) = (State::Scheduled, None);
        self.turns.clear();
        self.reached.clear();
        self.shown.clear();
    }

    /// The rung that closed its ladder.
    pub fn closed(&self) -> Option<Stage> {
        self.rungs.last().copied().filter(|r| *r >= Stage::Done)
    }
}
