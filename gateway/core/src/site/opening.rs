//! How a claim opens on a sink: the attention tone while outputs are keyed and what is to be said is made.

use super::Site;
use super::air::{Airing, KEY_MS, Piece, Playing, SPEECH_MS, Stage};
use super::content::Resolved;
use crate::claim::ClaimId;
use crate::id::SinkId;
use crate::time::{Mono, Now};
use crate::want::{Source, TONE_TURN_MS};

/// An emergency that has nothing to say by then is over, milliseconds.
const LACK_MS: u64 = 3_600_000;

impl Site {
    /// Goes on when what was lacking has come or is not waited for any longer; with the tone, if nothing was said yet.
    pub(super) fn lack(
        &mut self,
        (claim, sink): &(ClaimId, SinkId),
        airing: &mut Airing,
        until: Mono,
        now: Now,
    ) -> bool {
        let Some(Piece::Bulletin(id)) = self.piece(claim, airing.item) else { return false };
        let first = airing.lang == 0;
        let coming = match first {
            true => self.ripe_on(&id, sink) == Some(false),
            false => matches!(self.resolve(&id, sink, airing.lang), Resolved::NotYet),
        };
        if coming && now.mono < until {
            self.wake(until, "content is not waited for any longer");
            return false;
        }
        if first && self.ripe_on(&id, sink) == Some(true) {
            airing.stage = Stage::Paused;
            return true;
        }
        self.next_piece(claim, sink, airing, now)
    }

    pub(super) fn tone(&mut self, claim: &ClaimId, now: Now) -> Playing {
        let bulletin = match claim {
            ClaimId::Bulletin(id) => self.memory.bulletins.get(id).map(|s| &s.bulletin),
            ClaimId::Session(_) | ClaimId::Live(_) | ClaimId::Filler => None,
        };
        let (level, drill) = bulletin.map_or((3, false), |b| (b.level(), b.drill));
        let source = Source::Tone { level, drill };
        let id = self.new_play();
        Playing { id, source, from_ms: 0, asked: now.mono, sounding: None, duration_ms: None, back: false }
    }

    /// Waits for the outputs of the sink to be keyed, and for something to say.
    pub(super) fn open(
        &mut self,
        key: &(ClaimId, SinkId),
        airing: &mut Airing,
        since: Mono,
        tone: Option<&Playing>,
        now: Now,
    ) -> bool {
        let (claim, sink) = key;
        if let Some(tone) = tone {
            let Some(sounding) = tone.sounding else {
                self.due_or_silent(sink, airing, tone.asked, now);
                return false;
            };
            if now.mono.since(sounding) < TONE_TURN_MS {
                self.wake(sounding.plus(TONE_TURN_MS), "a turn of the tone ends");
                return false;
            }
        }
        let patience = KEY_MS + self.say_all_ms(sink);
        if !self.all_keyed(sink, now) && now.mono.since(since) < patience {
            self.wake(since.plus(patience), "outputs are not waited for any longer");
            return false;
        }
        let waits = match self.piece(claim, airing.item) {
            Some(Piece::Bulletin(id)) => {
                self.may_say(claim, &id, now)
                    && self.has_hearers(claim, sink, &id)
                    && matches!(self.resolve(&id, sink, airing.lang), Resolved::NotYet)
            }
            Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) | None => false,
        };
        if waits && !airing.waited && now.mono.since(since) < SPEECH_MS {
            self.wake(since.plus(SPEECH_MS), "content is not waited for any longer");
            return false;
        }
        airing.opened = self.air.addressed.get(sink).cloned().unwrap_or_default();
        if let (Some(Piece::Bulletin(id)), ClaimId::Bulletin(_), false) = (self.piece(claim, 0), claim, airing.waited)
            && self.ripe_on(&id, sink) == Some(false)
        {
            // A siren for minutes frightens and tells nothing; but an emergency is not dropped for a slow network.
            airing.waited = true;
            airing.stage = Stage::Lacking { until: now.mono.plus(LACK_MS) };
            return true;
        }
        self.next_piece(claim, sink, airing, now)
    }
}
