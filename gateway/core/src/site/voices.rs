//! Officers' voices: an emergency whose voice breaks off, and a microphone that passes from one to another.

use super::Site;
use super::air::{Playing, Stage};
use super::close::End;
use crate::bulletin::{LiveFrom, Priority};
use crate::claim::ClaimId;
use crate::id::{BulletinId, LiveId};
use crate::journal::{Event, Handed};
use crate::time::Now;
use crate::view::TalkView;
use crate::want::Source;

/// How often a text is said that stands in for a voice.
const REPEAT: u16 = 3;
/// Why a warning is over: its voice broke off and there was no text.
const LOST: &str = "voice_lost";

impl Site {
    /// The source of a voice has ended, and nobody has said that it should: the browser is gone, or the network.
    pub(super) fn voice_broke(&mut self, claim: &ClaimId, playing: &Playing) {
        if let (ClaimId::Bulletin(id), Source::Live(_)) = (claim, &playing.source) {
            self.broken_voices.insert(id.clone());
        }
    }

    /// What becomes of emergencies whose voice broke off: their text is said, or they end and somebody is told.
    pub(super) fn stand_in_for_voices(&mut self, now: Now) {
        let open = &self.shelf.live;
        self.asks.retain(|id, _| open.contains(id));
        for id in std::mem::take(&mut self.broken_voices) {
            if self.memory.bulletins.get(&id).is_none_or(|s| s.state.is_final() || s.bulletin.live.is_none()) {
                continue;
            }
            let (code, about) = (LOST.to_owned(), id.to_string());
            if self.say_in_its_place(&id, LOST, now) {
                let text = "the voice of an emergency broke off: its text is said".to_owned();
                self.note(Event::Incident { code, about, text }, now);
            } else {
                self.finish(&id, End::Cut(LOST), now);
                let text = "the voice of an emergency broke off, and there is no text to say".to_owned();
                self.note(Event::Incident { code, about, text }, now);
            }
        }
    }

    /// The text of an emergency takes the place of its voice. `false`: there is none.
    pub(super) fn say_in_its_place(&mut self, id: &BulletinId, why: &'static str, now: Now) -> bool {
        let Some(standing) = self.memory.bulletins.get(id).filter(|s| !s.state.is_final()) else { return false };
        let (origin, mut bulletin) = (standing.origin.clone(), standing.bulletin.clone());
        if bulletin.priority != Priority::Emergency || bulletin.spoken().is_none() {
            return false;
        }
        (bulletin.live, bulletin.repeat) = (None, REPEAT);
        bulletin.version += 1;
        self.finish(id, End::Cut(why), now);
        self.take_in(bulletin, origin, false, now);
        true
    }

    /// Somebody wants the microphone.
    pub(super) fn ask_live(&mut self, by: &str, live: &LiveId) -> Result<String, String> {
        let id = self.talk(live)?;
        if self.speaker(&id).as_deref() == Some(by) {
            return Err("Anh chị đang giữ micro này".to_owned());
        }
        self.asks.insert(id, by.to_owned());
        Ok(format!("asks for live {live}"))
    }

    /// The microphone passes to another; what is on air goes on.
    pub(super) fn hand_live(
        &mut self,
        by: &str,
        live: &LiveId,
        to: &str,
        reason: &str,
        now: Now,
    ) -> Result<String, String> {
        let id = self.talk(live)?;
        if self.speaker(&id).as_deref() == Some(to) {
            return Err("Người này đang giữ micro".to_owned());
        }
        let (to, by, reason) = (to.to_owned(), by.to_owned(), reason.to_owned());
        let what = format!("microphone of live {live} to {to}: {reason}");
        self.asks.remove(&id);
        self.note(Event::Handed(Handed { id, to, by, reason }), now);
        Ok(what)
    }

    /// A voice of the desk that is on air.
    fn talk(&self, live: &LiveId) -> Result<BulletinId, String> {
        let id = super::relay::id_of(live);
        let open = self.shelf.live.contains(&id) && self.speaker(&id).is_some();
        open.then_some(id).ok_or_else(|| "Lượt nói này đã kết thúc".to_owned())
    }

    fn speaker(&self, id: &BulletinId) -> Option<String> {
        self.memory.bulletins.get(id)?.bulletin.live.as_ref()?.speaker.clone()
    }

    /// Who speaks now.
    pub(super) fn talks_shown(&self, now: Now) -> Vec<TalkView> {
        let standing = self.shelf.live.iter().filter_map(|id| self.memory.bulletins.get(id));
        standing
            .filter_map(|s| {
                let (bulletin, live) = (&s.bulletin, s.bulletin.live.as_ref()?);
                let id = &bulletin.bulletin_id;
                let mut airings = self.airings.iter().filter(|(k, _)| k.0.bulletin() == Some(id)).map(|(_, a)| a);
                let playing = airings.clone().find_map(|a| {
                    let Stage::Content(playing) = &a.stage else { return None };
                    (playing.source != Source::Chime).then_some(playing)
                });
                let ends = playing.map(|p| p.sounding.unwrap_or(p.asked).plus(live.max_ms.saturating_sub(p.from_ms)));
                let opens = airings.any(|a| matches!(a.stage, Stage::Opening { .. } | Stage::Content(_)));
                Some(TalkView {
                    live: live.id.clone(),
                    bulletin: id.clone(),
                    title: bulletin.title.clone(),
                    speaker: live.speaker.clone(),
                    input: match &live.from {
                        LiveFrom::Input(input) => Some(input.clone()),
                        LiveFrom::Url(_) | LiveFrom::Desk => None,
                    },
                    emergency: bulletin.priority == Priority::Emergency,
                    drill: bulletin.drill,
                    stage: match (playing.is_some(), opens) {
                        (true, _) => "speaking",
                        (false, true) => "opening",
                        (false, false) => "waiting",
                    },
                    left_ms: ends.map_or(live.max_ms, |ends| ends.since(now.mono)),
                    asked: self.asks.get(id).cloned(),
                })
            })
            .collect()
    }
}
