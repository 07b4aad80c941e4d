//! Who asks for the air just now: standing emergencies, live voices, running programmes.

use super::Site;
use crate::bulletin::Priority;
use crate::claim::{Claim, ClaimId, Rank};
use crate::time::{Now, Wall};
use std::collections::BTreeSet;

impl Site {
    pub(super) fn standing_claims(&mut self, now: Now) -> Vec<Claim> {
        let wall = self.wall(now);
        let mut claims = Vec::new();
        let mut begins: Option<Wall> = None;
        for standing in self.shelf.urgent.iter().filter_map(|id| self.memory.bulletins.get(id)) {
            let bulletin = &standing.bulletin;
            if let (Some(from), Some(wall)) = (bulletin.valid_from, wall)
                && wall < from
            {
                begins = Some(begins.map_or(from, |b| b.min(from)));
                continue;
            }
            let level = bulletin.level();
            claims.push(Claim {
                id: ClaimId::Bulletin(bulletin.bulletin_id.clone()),
                rank: if bulletin.drill { Rank::Drill(level) } else { Rank::Emergency(level) },
                order: standing.order,
                clusters: self.config.clusters.keys().filter(|c| bulletin.targets.has_cluster(c)).cloned().collect(),
                boards: self.config.boards.keys().filter(|b| bulletin.targets.has_board(b)).cloned().collect(),
            });
        }
        for standing in self.shelf.live.iter().filter_map(|id| self.memory.bulletins.get(id)) {
            let bulletin = &standing.bulletin;
            if bulletin.priority == Priority::Emergency {
                // It has a claim of its own above.
                continue;
            }
            claims.push(Claim {
                id: ClaimId::Live(bulletin.bulletin_id.clone()),
                rank: Rank::Live,
                order: standing.order,
                clusters: self.config.clusters.keys().filter(|c| bulletin.targets.has_cluster(c)).cloned().collect(),
                boards: BTreeSet::new(),
            });
        }
        // Without a trusted clock ordinary items wait, those of a programme that the power cut into too.
        for session in self.memory.sessions.values().filter(|_| wall.is_some()) {
            claims.push(Claim {
                id: ClaimId::Session(session.key.clone()),
                rank: Rank::Programme,
                order: session.order,
                clusters: self.config.clusters.keys().filter(|c| session.targets.has_cluster(c)).cloned().collect(),
                boards: BTreeSet::new(),
            });
        }
        claims.extend(self.filler_claim(now));
        if let Some(from) = begins {
            self.wake_wall(from, now, "a bulletin becomes valid");
        }
        claims
    }
}
