//! The way up: ready, waiting, keyed, audible, shown.

use super::Site;
use super::air::{Piece, Stage as Airs};
use super::content::Resolved;
use crate::bulletin::{Bulletin, Priority, State};
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::{BulletinId, ClusterId, OutputId};
use crate::journal::{Event, OutputResult, Stage, sha256_hex};
use crate::memory::Turned;
use crate::outputs::Health;
use crate::time::Now;
use crate::want::Grade;

/// What the renditions of a bulletin have come to, taken together.
enum Ripe {
    Ready,
    Coming,
    Never,
}

impl Site {
    /// Gives a bulletin's Vietnamese text its name in the speech cache.
    pub(super) fn name_speech(&mut self, id: &BulletinId) {
        if let Some(text) = self.memory.bulletins.get(id).and_then(|s| s.bulletin.spoken()) {
            let name = sha256_hex(format!("vi\n{text}").as_bytes());
            self.spoken.insert(id.clone(), name.into());
        }
        self.needs.mark(id);
    }

    pub(super) fn name_all_speech(&mut self) {
        let named: Vec<BulletinId> = self.memory.bulletins.keys().cloned().collect();
        named.iter().for_each(|id| self.name_speech(id));
    }

    fn ripeness(&self, id: &BulletinId, bulletin: &Bulletin) -> Ripe {
        let langs = bulletin.heard_in();
        if langs.is_empty() {
            let shown = !bulletin.targets.boards.is_empty() && !bulletin.board_text().trim().is_empty();
            return if shown { Ripe::Ready } else { Ripe::Never };
        }
        let mut any = false;
        for lang in langs {
            match self.rendition(id, bulletin, lang) {
                Resolved::NotYet => return Ripe::Coming,
                Resolved::Ready(..) => any = true,
                Resolved::Never => {}
            }
        }
        if any { Ripe::Ready } else { Ripe::Never }
    }

    /// Nothing of it can be said, now or later.
    pub(super) fn is_hopeless(&self, id: &BulletinId) -> bool {
        let standing = self.memory.bulletins.get(id);
        standing.is_none_or(|s| matches!(self.ripeness(id, &s.bulletin), Ripe::Never))
    }

    /// Bulletins whose content has come, or never will.
    pub(super) fn ripen(&mut self, now: Now) {
        let young: Vec<BulletinId> = self.shelf.young.iter().cloned().collect();
        for id in young {
            self.ripen_one(&id, now);
        }
    }

    fn ripen_one(&mut self, id: &BulletinId, now: Now) {
        let Some(standing) = self.memory.bulletins.get(id) else { return };
        let (priority, state, silent) = (standing.bulletin.priority, standing.state, standing.silent);
        let (live, own) = (standing.bulletin.live.is_some(), standing.is_own());
        // A test alert need not say anything.
        let wordless = silent && standing.bulletin.content.is_empty();
        let ripe = if wordless { Ripe::Ready } else { self.ripeness(id, &standing.bulletin) };
        match ripe {
            Ripe::Coming if state == State::Received => self.state(id, State::Fetching, None, now),
            Ripe::Coming => {}
            Ripe::Ready if silent => self.climb_in_silence(id, now),
            Ripe::Ready => {
                self.rung(id, Stage::Ready, None, None, now);
                match priority {
                    _ if state == State::OnAir => {}
                    _ if live => self.state(id, State::Ready, None, now),
                    Priority::Emergency => self.state(id, State::Ready, None, now),
                    // The commune's own is placed by a person, whatever its priority.
                    Priority::Priority if !own => {
                        self.state(id, State::Ready, None, now);
                        self.rung(id, Stage::Waiting, None, None, now);
                    }
                    Priority::Priority | Priority::Ordinary => {
                        let booked = self.memory.programmes.values().any(|p| p.bulletins().any(|b| b == id));
                        let state = if booked { State::Scheduled } else { State::WaitingChoice };
                        self.state(id, state, None, now);
                        self.rung(id, Stage::Waiting, None, None, now);
                    }
                }
            }
            // What is on air has its end from there.
            Ripe::Never if state == State::OnAir || (priority == Priority::Emergency && !silent) => {}
            Ripe::Never => {
                let why = self.why_never(id);
                self.note_rung(id, Stage::Failed, Some("no_content"), None, Vec::new(), now);
                self.state(id, State::Failed, Some(why), now);
            }
        }
    }

    fn why_never(&self, id: &BulletinId) -> String {
        let Some(standing) = self.memory.bulletins.get(id) else { return String::new() };
        let failed = standing.bulletin.media().find_map(|m| match self.clips.get(&m.sha256) {
            Some(crate::input::Made::Failed(why)) => Some(why.clone()),
            Some(crate::input::Made::Ready { .. }) | None => None,
        });
        let unspoken = || match self.spoken.get(id).and_then(|s| self.speech.get(s)) {
            Some(crate::input::Made::Failed(why)) => Some(why.clone()),
            Some(crate::input::Made::Ready { .. }) | None => None,
        };
        failed.or_else(unspoken).unwrap_or_else(|| "nothing in it that this station can air".to_owned())
    }

    /// CAP *Test*: every rung, no sound, no picture; the closing one says how each output is.
    fn climb_in_silence(&mut self, id: &BulletinId, now: Now) {
        for stage in [Stage::Ready, Stage::Keyed, Stage::Audible, Stage::Shown] {
            self.note_rung(id, stage, Some("silent_test"), None, Vec::new(), now);
        }
        let outputs: Vec<OutputId> = (self.config.sinks.keys().cloned().map(OutputId::Sink))
            .chain(self.config.switches.keys().cloned().map(OutputId::Switch))
            .chain(self.config.transmitters.keys().cloned().map(OutputId::Transmitter))
            .chain(self.config.boards.keys().cloned().map(OutputId::Board))
            .collect();
        let said = |id: &OutputId| match self.outputs.health(id) {
            Health::Well => "done",
            Health::Unknown => "partial",
            Health::Faulted(..) => "failed",
        };
        let results: Vec<OutputResult> = outputs
            .iter()
            .map(|id| OutputResult {
                id: id.to_string(),
                requested_s: 0.0,
                actual_s: 0.0,
                result: said(id).to_owned(),
                grade: None,
                path: "silent_test".to_owned(),
            })
            .collect();
        let all = results.iter().all(|r| r.result != "failed");
        let (stage, state) = if all { (Stage::Done, State::Done) } else { (Stage::Partial, State::Partial) };
        self.note_rung(id, stage, Some("silent_test"), None, results, now);
        self.state(id, state, Some("silent_test".to_owned()), now);
    }

    /// Rungs that what the outputs say allows.
    pub(super) fn climb(&mut self, now: Now) {
        let owners: Vec<_> = self.air.sinks.iter().map(|(s, c)| (s.clone(), c.clone())).collect();
        for (sink, claim) in owners {
            let key = (claim, sink);
            let Some((item, sounding, stage_is_content)) = self.airings.get(&key).map(|a| {
                (a.item, a.playing().is_some_and(|p| p.sounding.is_some()), matches!(a.stage, Airs::Content(_)))
            }) else {
                continue;
            };
            let Some(Piece::Bulletin(id)) = self.piece(&key.0, item) else { continue };
            let urgent = key.0.bulletin().is_some();
            if self.memory.bulletins.get(&id).is_some_and(|s| s.state != State::OnAir && !s.state.is_final())
                && (urgent || stage_is_content)
            {
                self.state(&id, State::OnAir, None, now);
            }
            let addressed = self.air.addressed.get(&key.1).cloned().unwrap_or_default();
            for cluster in addressed {
                let Some(grade) = self.keyed(&cluster, now) else { continue };
                if urgent || stage_is_content {
                    self.rung(&id, Stage::Keyed, Some(grade), None, now);
                }
                if sounding && (urgent || stage_is_content) {
                    self.rung(&id, Stage::Audible, Some(grade), None, now);
                    self.reaches(&key, &cluster, grade, now);
                }
            }
        }
        self.climb_boards(now);
    }

    pub(super) fn reaches(&mut self, key: &(ClaimId, crate::id::SinkId), cluster: &ClusterId, grade: Grade, now: Now) {
        let (start, path) = (self.wall(now), self.path_word(cluster));
        if let Some(airing) = self.airings.get_mut(key) {
            airing.joined.entry(cluster.clone()).or_insert(now.mono);
            let turned = airing.reached.entry(cluster.clone()).or_default();
            turned.start = turned.start.or(start);
            turned.grade = turned.grade.max(Some(grade));
            *turned = Turned { cluster: Some(cluster.clone()), path, ..turned.clone() };
        }
    }

    fn climb_boards(&mut self, now: Now) {
        let seen: Vec<_> = self
            .board_messages(now)
            .into_iter()
            .filter_map(|(board, id, message)| {
                let read = self.outputs.board(&board).filter(|r| r.value == Some(message.id))?;
                let standing = self.memory.bulletins.get(&id).filter(|s| !s.state.is_final())?;
                (!standing.shown.contains_key(&board)).then_some((id, board, read.grade))
            })
            .collect();
        for (id, board, grade) in seen {
            self.note(Event::ShownOn { id: id.clone(), board, grade }, now);
            self.rung(&id, Stage::Shown, Some(grade), None, now);
        }
    }

    /// The word of the play log for the path a cluster uses now.
    pub(super) fn path_word(&self, cluster: &ClusterId) -> String {
        match crate::arbiter::path_of(&self.config, &self.paths, cluster) {
            Some(Path::Direct { sink, .. }) => self.config.sinks.get(sink).map_or("wired", |s| s.path),
            Some(Path::Radio { .. }) => "fm",
            None => "none",
        }
        .to_owned()
    }

    /// Notes a rung the first time it is reached; a closed ladder is not climbed again.
    pub(super) fn rung(&mut self, id: &BulletinId, stage: Stage, grade: Option<Grade>, code: Option<&str>, now: Now) {
        let open = self.memory.bulletins.get(id).is_some_and(|s| !s.rungs.contains(&stage) && !s.state.is_final());
        if open {
            self.note_rung(id, stage, code, grade, Vec::new(), now);
        }
    }

    pub(super) fn note_rung(
        &mut self,
        id: &BulletinId,
        stage: Stage,
        code: Option<&str>,
        grade: Option<Grade>,
        outputs: Vec<OutputResult>,
        now: Now,
    ) {
        // A ladder that is closed stays closed, whatever a later programme makes of the bulletin.
        if self.memory.bulletins.get(id).is_some_and(|s| !s.rungs.contains(&stage) && s.closed().is_none()) {
            let code = code.map(str::to_owned);
            self.note(Event::Rung { id: id.clone(), stage, code, grade, outputs }, now);
        }
    }

    pub(super) fn state(&mut self, id: &BulletinId, state: State, reason: Option<String>, now: Now) {
        self.note(Event::State { id: id.clone(), state, reason }, now);
    }
}
