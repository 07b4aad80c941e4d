//! Calling a bulletin back: silent and dark at once, for good, and what corrects it said in its place.

use super::Site;
use super::close::End;
use crate::bulletin::{Bulletin, Content, Hazard, Issuer, Priority, State};
use crate::id::BulletinId;
use crate::journal::{Event, Stage};
use crate::memory::{EXPIRED, Origin, Standing};
use crate::time::Now;
use crate::wire::Recall;

impl Site {
    /// Calls a bulletin back for good, and says what corrects it where it was heard.
    pub(super) fn recall(&mut self, recall: &Recall, jti: Option<String>, by: Option<String>, now: Now) {
        let id = &recall.bulletin_id;
        let was = self.memory.bulletins.get(id).cloned();
        self.call_back(id, jti, by.clone(), &recall.reason, now);
        let heard = was.as_ref().is_some_and(|s| {
            let reached = |rung| s.rungs.contains(&rung);
            !s.silent && (reached(Stage::Audible) || reached(Stage::Shown) || reached(Stage::Keyed))
        });
        if let Some(was) = was.filter(|_| heard && !recall.correction.is_empty()) {
            self.correct(&was, recall.correction.clone(), by, now);
        }
    }

    pub(super) fn call_back(
        &mut self,
        id: &BulletinId,
        jti: Option<String>,
        by: Option<String>,
        reason: &str,
        now: Now,
    ) {
        self.note(Event::Recalled { id: id.clone(), jti, by, reason: reason.to_owned() }, now);
        self.retire(id, End::Recalled, now);
    }

    fn correct(&mut self, was: &Standing, content: Vec<Content>, by: Option<String>, now: Now) {
        let old = &was.bulletin;
        // One that is said in place of another: a second recall may bring better words.
        let id = BulletinId::from(format!("correction:{}:{}", self.memory.seq + 1, old.bulletin_id));
        let supersedes = self.corrections(&old.bulletin_id);
        let correction = Bulletin {
            bulletin_id: id,
            version: 1,
            priority: Priority::Emergency,
            title: format!("Đính chính: {}", old.title),
            field: old.field.clone(),
            issuer: Issuer::clone(&old.issuer),
            content,
            targets: old.targets.clone(),
            valid_from: None,
            valid_until: None,
            repeat: 1,
            gap_s: 0,
            // It counts as much as what it corrects, and stands where that stood.
            hazard: Some(Hazard { kind: String::new(), level: old.level() }),
            supersedes,
            drill: old.drill,
            live: None,
        };
        self.take_in(correction, Origin::Correction { of: old.bulletin_id.clone(), by }, false, now);
    }

    /// Closing rungs of recalls: the bulletin is silent and dark, and its correction has been said.
    pub(super) fn close_recalls(&mut self, now: Now) {
        let owed: Vec<(String, BulletinId)> = self.memory.recalls.iter().map(|(j, b)| (j.clone(), b.clone())).collect();
        for (jti, id) in owed {
            if self.corrections(&id).is_empty() {
                self.note(Event::RecallDone { jti, id, stage: Stage::Done }, now);
            }
        }
    }

    /// Corrections of a bulletin that are not over.
    fn corrections(&self, of: &BulletinId) -> Vec<BulletinId> {
        let open = self.shelf.urgent.iter().filter(|id| {
            let origin = self.memory.bulletins.get(*id).map(|s| &s.origin);
            matches!(origin, Some(Origin::Correction { of: corrected, .. }) if corrected == of)
        });
        open.cloned().collect()
    }

    /// Ends a bulletin for good: also one that is over already must not be said or shown again.
    pub(super) fn retire(&mut self, id: &BulletinId, end: End, now: Now) {
        let Some(standing) = self.memory.bulletins.get(id) else { return };
        if !standing.state.is_final() {
            return self.finish(id, end, now);
        }
        let was = standing.state;
        // A sink that was lost and came back may be saying what the others have finished.
        self.gather(id, &end, now);
        self.results.retain(|k, _| k.0 != *id);
        let (state, reason) = match end {
            End::Recalled => (State::Recalled, None),
            End::Natural => (was, None),
            End::Expired => (was, Some(EXPIRED)),
            End::Cut(word) => (was, Some(word)),
        };
        if was != State::Recalled {
            self.state(id, state, reason.map(str::to_owned), now);
        }
    }
}
