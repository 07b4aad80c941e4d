//! Drills in the memory: due, held or skipped, and what came of each; papers, code lists and rulings, as long as they are kept.

use super::{Memory, Origin, seen_key};
use crate::bulletin::Media;
use crate::codes;
use crate::drill::{Heard, Held};
use crate::id::{BulletinId, ClusterId, DrillId};
use crate::journal::{OutputResult, RulingCame, Stage};
use crate::paper::{self, Paper, Sheet};
use crate::ruling::{self, Met, Standing};
use crate::time::Wall;

fn due(start: Wall) -> Held {
    Held { start, skipped: None, bulletin: None, result: None, code: None, clusters: Vec::new() }
}

impl Memory {
    /// A paper came, or a newer version of it; the oldest that ask for nothing go.
    pub(super) fn keep_paper(&mut self, sheet: &Sheet, jti: &str, at: Option<Wall>) {
        let (sheet, jti) = (sheet.clone(), jti.to_owned());
        let paper = Paper { order: self.seq, at, jti, read: Vec::new(), submitted: None, sheet };
        self.papers.insert(paper.sheet.id().clone(), paper);
        if self.papers.len() > paper::KEPT {
            let oldest = self.papers.values().min_by_key(|p| (p.waits(), p.order)).map(|p| p.sheet.id().clone());
            oldest.and_then(|id| self.papers.remove(&id));
        }
    }

    /// The files that papers name, those of the newest paper first.
    pub(crate) fn paper_files(&self) -> impl Iterator<Item = &Media> {
        let mut all: Vec<&Paper> = self.papers.values().collect();
        all.sort_by_key(|paper| std::cmp::Reverse(paper.order));
        all.into_iter().flat_map(|paper| paper.sheet.files()).take(paper::FILES_KEPT)
    }

    /// A code list came; the one that came longest ago goes.
    pub(super) fn keep_codes(&mut self, id: &str, version: u32) {
        self.codes.insert(id.to_owned(), codes::Known { version, order: self.seq });
        if self.codes.len() > codes::KEPT {
            let oldest = self.codes.iter().min_by_key(|(_, k)| k.order).map(|(id, _)| id.clone());
            oldest.and_then(|id| self.codes.remove(&id));
        }
    }

    /// A ruling came; the oldest that is over goes.
    pub(super) fn keep_ruling(&mut self, came: &RulingCame) {
        let RulingCame { ruling, iss, jti } = came;
        let (seen, ruling) = (seen_key(iss, jti), ruling.as_ref().clone());
        let standing = Standing { jti: jti.clone(), seen, order: self.seq, stage: Stage::Accepted, ruling };
        self.rulings.insert(standing.ruling.config_id.clone(), standing);
        if self.rulings.len() > ruling::KEPT {
            let oldest = self.rulings.iter().min_by_key(|(_, s)| (s.waits(), s.order)).map(|(id, _)| id.clone());
            oldest.and_then(|id| self.rulings.remove(&id));
        }
    }

    /// What became of a ruling.
    pub(super) fn meet_ruling(&mut self, met: &Met) {
        let standing = self.rulings.get_mut(&met.config_id).filter(|s| s.ruling.version == met.version);
        let Some(standing) = standing else { return };
        standing.stage = met.stage;
        if !standing.waits() {
            standing.ruling.changes.clear();
            if let Some(seen) = self.seen.get_mut(&standing.seen) {
                seen.closed = Some(met.stage);
            }
        }
    }

    /// A drill is held as this bulletin.
    pub(super) fn open_drill(&mut self, drill: &DrillId, start: Wall, bulletin: &BulletinId) {
        self.drills.take(drill, Held { bulletin: Some(bulletin.clone()), ..due(start) });
    }

    /// A drill was due and is not held.
    pub(super) fn skip_drill(&mut self, drill: &DrillId, start: Wall, why: &str) {
        self.drills.take(drill, Held { skipped: Some(why.to_owned()), ..due(start) });
    }

    /// A drill is over: what came of it in each cluster is kept with it.
    pub(super) fn close_drill(&mut self, id: &BulletinId, stage: Stage, code: Option<&str>, outputs: &[OutputResult]) {
        let Some(standing) = self.bulletins.get(id) else { return };
        let Origin::Drill { drill, .. } = &standing.origin else { return };
        let heard = |(cluster, of): (ClusterId, &OutputResult)| Heard {
            start: standing.reached.get(&cluster).and_then(|r| r.start),
            cluster,
            result: of.result.clone(),
            grade: of.grade,
            path: of.path.clone(),
        };
        let clusters = outputs.iter().filter(|o| o.path != "board").map(|o| (ClusterId::from(o.id.as_str()), o));
        let clusters = clusters.map(heard).collect();
        let word = serde_json::to_value(stage).ok().and_then(|v| v.as_str().map(str::to_owned));
        if let Some(held) = self.drills.of(drill, id) {
            (held.result, held.code, held.clusters) = (word, code.map(str::to_owned), clusters);
        }
    }
}
