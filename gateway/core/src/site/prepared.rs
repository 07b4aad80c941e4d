//! What is kept ready: in the book, with its sound on the disk, and put on air.

use super::Site;
use super::warned::Warning;
use crate::bulletin::Content;
use crate::id::{ClipId, PreparedId, SpeechId};
use crate::input::Made;
use crate::journal::{Event, sha256_hex};
use crate::prepared::{MOST, Prepared};
use crate::time::Now;
use crate::view::PreparedView;
use crate::want::{ClipWant, SpeechWant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sound that what is kept ready needs.
#[derive(Debug)]
pub(super) struct Ready {
    /// The book or a file has changed since it was worked out.
    pub(super) stale: bool,
    clips: BTreeMap<ClipId, ClipWant>,
    /// Files of papers and lessons: nothing of them is aired.
    office: BTreeMap<ClipId, ClipWant>,
    speech: BTreeMap<SpeechId, SpeechWant>,
    /// What screens are told of it.
    pub(super) shown: Arc<Vec<PreparedView>>,
}

impl Default for Ready {
    fn default() -> Self {
        Self {
            stale: true,
            clips: BTreeMap::new(),
            office: BTreeMap::new(),
            speech: BTreeMap::new(),
            shown: Arc::default(),
        }
    }
}

impl Site {
    /// Keeps something ready.
    pub(super) fn prepare_item(&mut self, by: &str, prepared: Prepared, now: Now) -> Result<String, String> {
        prepared.check()?;
        let known = self.memory.prepared.get(&prepared.id);
        let expected = known.map_or(1, |p| p.version.saturating_add(1));
        if prepared.version != expected {
            return Err("Người khác đã sửa mục này".to_owned());
        }
        if known.is_none() && self.memory.prepared.len() >= MOST {
            return Err(format!("Đã có {MOST} mục soạn sẵn; hãy bỏ bớt"));
        }
        let what = format!("prepared {} version {}", prepared.id, prepared.version);
        self.note(Event::Prepared { prepared: Box::new(prepared), by: by.to_owned() }, now);
        Ok(what)
    }

    /// Keeps something ready no longer.
    pub(super) fn drop_prepared(
        &mut self,
        by: &str,
        id: &PreparedId,
        version: u32,
        now: Now,
    ) -> Result<String, String> {
        match self.memory.prepared.get(id) {
            None => Err("Không có mục này".to_owned()),
            Some(known) if known.version != version => Err("Người khác đã sửa mục này".to_owned()),
            Some(_) => {
                self.note(Event::PreparedDropped { id: id.clone(), by: by.to_owned() }, now);
                Ok(format!("prepared {id} dropped"))
            }
        }
    }

    /// What is said of something kept ready.
    pub(super) fn ready_content(&self, id: &PreparedId) -> Result<Vec<Content>, String> {
        let known = self.memory.prepared.get(id).ok_or("Mục soạn sẵn này không còn")?;
        Ok(known.content.clone())
    }

    /// A warning made of something kept ready.
    pub(super) fn ready_warning(&self, id: &PreparedId, level: Option<u8>, drill: bool) -> Result<Warning, String> {
        let known = self.memory.prepared.get(id).ok_or("Mục soạn sẵn này không còn")?;
        let text = known.text().to_owned();
        if drill && text.trim().is_empty() {
            return Err("Bản ghi âm không nói DIỄN TẬP: cần lời viết để diễn tập".to_owned());
        }
        // No recording says that it is a drill; the voice does.
        let media = known.content.iter().filter(|c| !drill && !matches!(c, Content::Text { .. })).cloned();
        let (title, media, level) = (known.title.clone(), media.collect(), level.unwrap_or(known.level));
        Ok(Warning { text, title, media, level, ..Warning::default() })
    }

    /// The sound of all that is kept ready is wanted beside what bulletins want.
    pub(super) fn level_ready(&mut self, files_moved: bool) {
        if std::mem::take(&mut self.ready.stale) {
            let old = std::mem::take(&mut self.ready);
            self.ready.stale = false;
            for prepared in self.memory.prepared.values() {
                for content in &prepared.content {
                    if let Content::Audio { media, .. } | Content::Image { media: Some(media) } = content {
                        let want = ClipWant { url: media.url.clone(), bytes: media.bytes, urgent: false, spare: None };
                        self.ready.clips.insert(media.sha256.clone(), want);
                    }
                }
                if let Some((name, text)) = spoken(prepared) {
                    let want = SpeechWant { lang: "vi".to_owned(), text, urgent: false };
                    self.ready.speech.insert(name, want);
                }
            }
            for (place, media) in (0..).zip(self.memory.paper_files().chain(self.memory.lessons.media())) {
                let want = ClipWant { url: media.url.clone(), bytes: media.bytes, urgent: false, spare: Some(place) };
                self.ready.office.entry(media.sha256.clone()).or_insert(want);
            }
            // What a bulletin needs as well stays wanted.
            old.clips.keys().chain(old.office.keys()).for_each(|clip| self.settle_clip(clip));
            old.speech.keys().for_each(|name| self.settle_speech(name));
            self.ready.shown = Arc::new(self.memory.prepared.values().map(|p| self.prepared_view(p)).collect());
        } else if !files_moved {
            return;
        }
        let office = self.ready.office.iter().filter(|(clip, _)| !self.ready.clips.contains_key(*clip));
        for (clip, want) in self.ready.clips.iter().chain(office) {
            if !matches!(self.clips.get(clip), Some(Made::Failed(_))) {
                let known = self.wants.clips.entry(clip.clone()).or_insert_with(|| want.clone());
                if known.spare.is_some() {
                    known.clone_from(want);
                }
            }
        }
        for (name, want) in &self.ready.speech {
            if !matches!(self.speech.get(name), Some(Made::Failed(_))) {
                self.wants.speech.entry(name.clone()).or_insert_with(|| want.clone());
            }
        }
    }

    fn prepared_view(&self, prepared: &Prepared) -> PreparedView {
        let clips = prepared.content.iter().filter_map(|c| {
            let Content::Audio { media, .. } = c else { return None };
            Some(self.clips.get(&media.sha256))
        });
        let clips: Vec<Option<&Made>> = clips.collect();
        let speech = spoken(prepared).map(|(name, _)| self.speech.get(&name));
        // A clip goes before the voice; the voice stands in where it cannot be had.
        let sound = |made: &Option<&Made>| match made {
            Some(Made::Ready { duration_ms }) => Some(*duration_ms),
            Some(Made::Failed(_)) | None => None,
        };
        let ready_ms = clips.iter().chain(&speech).find_map(sound);
        let failed =
            ready_ms.is_none() && clips.iter().chain(&speech).all(|made| matches!(made, Some(Made::Failed(_))));
        PreparedView {
            item: prepared.clone(),
            state: match (ready_ms, failed) {
                (Some(_), _) => "ready",
                (None, true) => "failed",
                (None, false) => "coming",
            },
            length_ms: ready_ms,
        }
    }
}

/// The name of its spoken text in the speech cache, and the text.
fn spoken(prepared: &Prepared) -> Option<(SpeechId, String)> {
    let text = prepared.text();
    (!text.trim().is_empty()).then(|| (sha256_hex(format!("vi\n{text}").as_bytes()).into(), text.to_owned()))
}
