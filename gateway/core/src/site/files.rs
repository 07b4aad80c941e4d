//! Which files must be in the cache, and for which bulletins: only what has changed is worked out again.

use super::Site;
use crate::bulletin::Priority;
use crate::id::{BulletinId, ClipId, SpeechId};
use crate::input::Made;
use crate::journal::Event;
use crate::memory::{SessionItem, Standing};
use crate::want::{ClipWant, SpeechWant};
use std::collections::{BTreeMap, BTreeSet};

/// Who needs which file.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Bulletins whose needs may have changed.
    stale: BTreeSet<BulletinId>,
    by: BTreeMap<BulletinId, (Vec<ClipId>, Option<SpeechId>)>,
    clips: BTreeMap<ClipId, BTreeSet<BulletinId>>,
    speech: BTreeMap<SpeechId, BTreeSet<BulletinId>>,
}

impl Needs {
    pub(super) fn mark(&mut self, id: &BulletinId) {
        self.stale.insert(id.clone());
    }

    fn unlink(&mut self, id: &BulletinId) -> (Vec<ClipId>, Option<SpeechId>) {
        let old = self.by.remove(id).unwrap_or_default();
        for clip in &old.0 {
            unlink(&mut self.clips, clip, id);
        }
        if let Some(speech) = &old.1 {
            unlink(&mut self.speech, speech, id);
        }
        old
    }

    fn link(&mut self, id: &BulletinId, files: (Vec<ClipId>, Option<SpeechId>)) {
        for clip in &files.0 {
            self.clips.entry(clip.clone()).or_default().insert(id.clone());
        }
        if let Some(speech) = &files.1 {
            self.speech.entry(speech.clone()).or_default().insert(id.clone());
        }
        self.by.insert(id.clone(), files);
    }
}

fn unlink<K: Ord>(users: &mut BTreeMap<K, BTreeSet<BulletinId>>, file: &K, id: &BulletinId) {
    if let Some(of) = users.get_mut(file) {
        of.remove(id);
        if of.is_empty() {
            users.remove(file);
        }
    }
}

fn soundless(made: Option<&Made>) -> bool {
    matches!(made, Some(Made::Failed(_) | Made::Ready { duration_ms: 0 }))
}

fn failed(made: Option<&Made>) -> bool {
    matches!(made, Some(Made::Failed(_)))
}

impl Site {
    /// Marks the bulletins that an event may give other needs; the memory does not hold it yet.
    pub(super) fn follow_needs(&mut self, event: &Event) {
        if let Event::State { id, .. } | Event::Recalled { id, .. } = event {
            self.needs.mark(id);
        }
        if let Event::Admitted { bulletin, .. } = event {
            self.needs.mark(&bulletin.bulletin_id);
        }
        if let Event::Prepared { .. } | Event::PreparedDropped { .. } | Event::Lesson { .. } | Event::PaperCame { .. } =
            event
        {
            self.ready.stale = true;
        }
        if let Event::Programme { programme, .. } = event {
            let before = self.memory.programmes.get(&programme.programme_id);
            for id in programme.bulletins().chain(before.iter().flat_map(|p| p.bulletins())) {
                self.needs.mark(id);
            }
        }
        if let Event::ProgrammeDropped { programme } = event {
            for id in self.memory.programmes.get(programme).into_iter().flat_map(|p| p.bulletins()) {
                self.needs.mark(id);
            }
        }
        if let Event::SessionOpened { session } = event {
            for item in &session.items {
                if let SessionItem::Bulletin(id) = item {
                    self.needs.mark(id);
                }
            }
        }
    }

    /// What became of a media file.
    pub(super) fn clip_made(&mut self, id: ClipId, made: Made) {
        for user in self.needs.clips.get(&id).into_iter().flatten() {
            self.needs.stale.insert(user.clone());
        }
        self.ready.stale = true;
        self.clips.insert(id, made);
    }

    /// What became of a spoken text.
    pub(super) fn speech_made(&mut self, id: SpeechId, made: Made) {
        for user in self.needs.speech.get(&id).into_iter().flatten() {
            self.needs.stale.insert(user.clone());
        }
        self.ready.stale = true;
        self.speech.insert(id, made);
    }

    /// Which files must be on disk: all that any bulletin still to be aired needs and that has not failed for good.
    /// Whether anything was worked out anew.
    pub(super) fn level_files(&mut self) -> bool {
        let (mut clips, mut speech) = (BTreeSet::new(), BTreeSet::new());
        for id in std::mem::take(&mut self.needs.stale) {
            let old = self.needs.unlink(&id);
            clips.extend(old.0);
            speech.extend(old.1);
            let Some(standing) = self.memory.bulletins.get(&id).filter(|s| self.is_kept(&id, s)) else { continue };
            let media: Vec<ClipId> = standing.bulletin.media().map(|m| m.sha256.clone()).collect();
            let spoken = self.spoken.get(&id).cloned();
            clips.extend(media.iter().cloned());
            speech.extend(spoken.clone());
            self.needs.link(&id, (media, spoken));
        }
        let moved = !clips.is_empty() || !speech.is_empty();
        clips.iter().for_each(|clip| self.settle_clip(clip));
        speech.iter().for_each(|name| self.settle_speech(name));
        moved
    }

    /// A clip is wanted for as long as a bulletin needs it.
    pub(super) fn settle_clip(&mut self, clip: &ClipId) {
        match self.clip_want(clip) {
            Some(want) => self.wants.clips.insert(clip.clone(), want),
            None => self.wants.clips.remove(clip),
        };
    }

    /// A spoken text is wanted for as long as a bulletin needs it.
    pub(super) fn settle_speech(&mut self, name: &SpeechId) {
        match self.speech_want(name) {
            Some(want) => self.wants.speech.insert(name.clone(), want),
            None => self.wants.speech.remove(name),
        };
    }

    /// A bulletin may still be aired: it is not over, or a programme names it.
    fn is_kept(&self, id: &BulletinId, standing: &Standing) -> bool {
        let booked = || self.memory.programmes.values().any(|p| p.bulletins().any(|b| b == id));
        !self.memory.is_recalled(id) && (!standing.state.is_final() || booked())
    }

    fn clip_want(&self, clip: &ClipId) -> Option<ClipWant> {
        if failed(self.clips.get(clip)) {
            return None;
        }
        let users = self.needs.clips.get(clip)?.iter().filter_map(|id| self.memory.bulletins.get(id));
        let mut want: Option<ClipWant> = None;
        for standing in users {
            let media = standing.bulletin.media().find(|m| m.sha256 == *clip)?;
            let urgent = standing.bulletin.priority == Priority::Emergency;
            let known =
                want.get_or_insert(ClipWant { url: media.url.clone(), bytes: media.bytes, urgent, spare: None });
            known.urgent |= urgent;
        }
        want
    }

    /// A text is spoken where there is no sound in its language; that of an emergency beside its sound, to stand in.
    fn speech_want(&self, name: &SpeechId) -> Option<SpeechWant> {
        if failed(self.speech.get(name)) {
            return None;
        }
        let users = self.needs.speech.get(name)?.iter().filter_map(|id| self.memory.bulletins.get(id));
        let mut want: Option<SpeechWant> = None;
        for standing in users {
            let bulletin = &standing.bulletin;
            let urgent = bulletin.priority == Priority::Emergency;
            let sounds = bulletin.audio("vi").is_some_and(|m| !soundless(self.clips.get(&m.sha256)));
            if urgent || !sounds {
                let text = bulletin.spoken()?.into_owned();
                let known = want.get_or_insert(SpeechWant { lang: "vi".to_owned(), text, urgent });
                known.urgent |= urgent;
            }
        }
        want
    }
}
