//! What a sink said about a play, and where an airing goes from there.

use super::Site;
use super::air::Playing;
use super::air::{Airing, Piece, Stage};
use crate::claim::ClaimId;
use crate::device::Report;
use crate::id::{BulletinId, SinkId};
use crate::input::Made;
use crate::journal::Event;
use crate::memory::Turned;
use crate::time::Now;
use crate::want::Source;

impl Site {
    /// A turn, or a language of it, has been said (or could not be): on to the next.
    pub(super) fn said(&mut self, claim: &ClaimId, sink: &SinkId, airing: &mut Airing, id: &BulletinId, now: Now) {
        let Some(standing) = self.memory.bulletins.get(id) else { return airing.next_item() };
        let (repeat, gap) = (standing.bulletin.repeat, u64::from(standing.bulletin.gap_s) * 1000);
        airing.lang += 1;
        if airing.lang < self.languages(&standing.bulletin, sink).len() {
            airing.stage = Stage::Gap { until: now.mono };
            return;
        }
        airing.lang = 0;
        airing.turn += 1;
        let reached: Vec<Turned> = std::mem::take(&mut airing.reached).into_values().collect();
        airing.joined.clear();
        let done = airing.turn;
        self.note(Event::Turn { id: id.clone(), sink: sink.clone(), done, reached }, now);
        // What cannot be said will not be sayable next time: no second turn of nothing.
        let last = airing.turn >= repeat || !airing.spoke;
        (airing.spoke, airing.waited) = (false, false);
        if last {
            self.pass(claim, sink, airing, now);
            airing.stage = Stage::Gap { until: now.mono };
        } else {
            self.moved(claim, sink, airing, now);
            airing.stage = Stage::Gap { until: now.mono.plus(gap) };
        }
    }

    /// The item is done on this sink.
    pub(super) fn pass(&mut self, claim: &ClaimId, sink: &SinkId, airing: &mut Airing, now: Now) {
        if let Some(Piece::Bulletin(id)) = self.piece(claim, airing.item) {
            self.keep_result(&id, sink, airing);
        }
        airing.next_item();
        self.moved(claim, sink, airing, now);
    }

    fn moved(&mut self, claim: &ClaimId, sink: &SinkId, airing: &Airing, now: Now) {
        if let ClaimId::Session(key) = claim {
            let (key, sink) = (key.clone(), sink.clone());
            self.note(Event::SessionMoved { key, sink, item: airing.item, turn: airing.turn }, now);
        }
    }

    /// What a sink said about a play.
    pub(super) fn sink_said(&mut self, sink: &SinkId, report: &Report, now: Now) {
        if self.digits_said(sink, report, now) {
            return;
        }
        let (play, ended) = match report {
            Report::Sounding { play } => (*play, None),
            Report::Ended { play, played_ms, broken } => (*play, Some((*played_ms, broken.clone()))),
            Report::Fault(_) => return self.sink_lost(sink, now),
            Report::Well
            | Report::Asleep
            | Report::Switch { .. }
            | Report::Transmitter(_)
            | Report::Tripped(_)
            | Report::Coder { .. }
            | Report::Sensed(_)
            | Report::Tried { .. }
            | Report::Board { .. } => {
                return;
            }
            Report::Silent { play, for_ms } => return self.fell_silent(sink, *play, *for_ms, now),
            Report::Unbidden { level_db } => return self.unbidden(sink, *level_db, now),
            Report::Howl { on, hz } => return self.howls(sink, *on, *hz, now),
            Report::Differs { play, likeness } => return self.differs(sink, *play, *likeness, now),
            Report::Heard { play, grade } => return self.heard(sink, *play, *grade, now),
        };
        self.note_beneath(sink, play, ended.is_some(), now);
        let Some(key) = self
            .airings
            .iter()
            .find_map(|(k, a)| (k.1 == *sink && a.playing().is_some_and(|p| p.id == play)).then(|| k.clone()))
        else {
            return;
        };
        let Some(mut airing) = self.airings.remove(&key) else { return };
        match (ended, &mut airing.stage) {
            (None, Stage::Opening { tone: Some(playing), .. } | Stage::Content(playing)) => {
                playing.sounding = playing.sounding.or(Some(now.mono));
                airing.lost = None;
            }
            (Some((played_ms, broken)), Stage::Content(playing)) => {
                let playing = playing.clone();
                self.voice_broke(&key.0, &playing);
                self.ended(&key, &mut airing, &playing, played_ms, broken, now);
            }
            // A tone has no end: a sink that says so is begun again.
            (Some(_), Stage::Opening { tone, .. }) => *tone = None,
            (
                None | Some(_),
                Stage::Paused | Stage::Opening { .. } | Stage::Gap { .. } | Stage::Lacking { .. } | Stage::Over,
            ) => {}
        }
        self.airings.insert(key, airing);
    }

    fn sink_lost(&mut self, sink: &SinkId, now: Now) {
        self.forget_zones(sink);
        let keys: Vec<_> = self.airings.keys().filter(|k| k.1 == *sink).cloned().collect();
        for key in keys {
            self.pause(&key, now);
            if let Some(airing) = self.airings.get_mut(&key).filter(|a| !a.is_over()) {
                airing.lost = airing.lost.or(Some(now.mono));
            }
        }
    }

    /// A play is over, to its end or broken off.
    pub(super) fn ended(
        &mut self,
        (claim, sink): &(ClaimId, SinkId),
        airing: &mut Airing,
        playing: &Playing,
        played_ms: u64,
        broken: Option<String>,
        now: Now,
    ) {
        // Of one that came back, the sink counts what was heard before, too.
        let played_ms = match playing.sounding {
            Some(since) if playing.back => now.mono.since(since),
            Some(_) | None => played_ms,
        };
        airing.credit(playing.sounding, played_ms);
        if let (Some(why), Source::Input(input)) = (&broken, &playing.source) {
            self.lose_input(input, why, now);
        }
        let Some(Piece::Bulletin(id)) = self.piece(claim, airing.item) else {
            self.pass(claim, sink, airing, now);
            airing.stage = Stage::Gap { until: now.mono };
            return;
        };
        if let Some(why) = broken {
            // The file is not what it seemed: it counts as failed, and what can stand in for it does.
            match &playing.source {
                Source::Clip(clip) => self.clip_made(clip.clone(), Made::Failed(why)),
                Source::Speech(speech) => self.speech_made(speech.clone(), Made::Failed(why)),
                Source::Stream(_) | Source::Live(_) => {
                    // Nothing can stand in for a voice.
                    airing.failed = true;
                    return self.said(claim, sink, airing, &id, now);
                }
                Source::Tone { .. } | Source::Chime | Source::Digits(_) | Source::Input(_) => {}
            }
            airing.asked_ms = 0;
            airing.stage = Stage::Opening { since: now.mono, tone: None };
            return;
        }
        airing.spoke = true;
        self.said(claim, sink, airing, &id, now);
    }
}
