//! What screens are told of drills and self-tests: a few words in each view, the whole for those who ask.

use super::Site;
use crate::journal::Event;
use crate::memory::Origin;
use crate::trial::{Outcome, Trial};
use crate::view::{DrillView, Records, SelfTestHead, SelfTestView};
use std::sync::Arc;

impl Site {
    /// What is kept of drills and self-tests has changed; `memory` already holds the event.
    pub(super) fn follow_records(&mut self, event: &Event) {
        let drill = |origin: &Origin| matches!(origin, Origin::Drill { .. });
        let of_drill = |id| self.memory.bulletins.get(id).is_some_and(|s| drill(&s.origin));
        let news = matches!(event, Event::SelfTested { .. } | Event::BaselineTaken { .. })
            || matches!(event, Event::DrillSkipped { .. })
            || matches!(event, Event::Admitted { origin, .. } if drill(origin))
            || matches!(event, Event::Rung { id, .. } if of_drill(id));
        if news {
            self.remember_records();
        }
    }

    pub(super) fn remember_records(&mut self) {
        let (trials, drills) = (self.memory.trials.clone(), self.memory.drills.clone());
        self.records = Arc::new(Records { trials, drills });
    }

    pub(super) fn selftest_view(&self) -> SelfTestView {
        let trials = &self.memory.trials;
        let newest = trials.given_up.as_ref().filter(|g| trials.last.as_ref().is_none_or(|l| l.no < g.no));
        SelfTestView {
            doing: self.trial.as_ref().map(super::trial::Running::doing),
            full: self.trial.as_ref().is_some_and(super::trial::Running::is_full),
            last: trials.last.as_ref().map(head),
            given_up: newest.and_then(|t| t.given_up.clone()),
        }
    }

    pub(super) fn drill_views(&self) -> Vec<DrillView> {
        let mut rows: Vec<_> = self
            .config
            .drills
            .iter()
            .map(|(id, drill)| {
                let (next, held) =
                    (self.calendar.next.get(id), self.memory.drills.0.get(id).and_then(|all| all.last()));
                let heard = held.map_or(0, |h| h.clusters.iter().filter(|c| c.result == "done").count());
                let row = DrillView {
                    id: id.clone(),
                    title: drill.title.clone(),
                    kind: drill.kind,
                    next: next.map(|at| at.rfc3339()),
                    last: held.map(|h| h.start.rfc3339()),
                    result: held.and_then(|h| h.result.clone()),
                    skipped: held.and_then(|h| h.skipped.clone()),
                    heard,
                    of: held.map_or(0, |h| h.clusters.len()),
                };
                (next.copied(), row)
            })
            .collect();
        rows.sort_by_key(|(next, _)| next.map_or(i64::MAX, |at| at.0));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

fn head(trial: &Trial) -> SelfTestHead {
    SelfTestHead {
        no: trial.no,
        at: trial.at.rfc3339(),
        full: trial.full,
        passed: trial.count(Outcome::Pass),
        drifting: trial.count(Outcome::Drift),
        failed: trial.count(Outcome::Fail),
        not_tested: trial.count(Outcome::NotTested),
    }
}
