//! Airing: how one claim goes through what it has to say on one sink.
//!
//! ```text
//!            owns the sink          keyed (or 5 s), one turn of the tone, content ready
//!   Paused ────────────────▶ Opening ─────────────────────────────────────────────────▶ Content ◀──┐
//!     ▲                        tone (emergency) or silence                               │  ended  │ next language
//!     │ loses the sink, or the sink is lost                                              ▼         │ or turn
//!     └──────────────────────────────────────────────────────────────────────────────  Gap ────────┘
//!                                                                                        │ nothing left
//!                                                                                        ▼
//!                                                                                       Over
//! ```
//!
//! An emergency that has nothing to say yet waits in `Lacking`, between `Opening` and `Content`.

use super::Site;
use super::content::Resolved;
use crate::claim::ClaimId;
use crate::id::{BulletinId, ClusterId, PlayId, SinkId};
use crate::memory::{SessionItem, Turned};
use crate::time::{Mono, Now};
use crate::want::{Source, TONE_TURN_MS};
use std::collections::{BTreeMap, BTreeSet};

/// Outputs that are not keyed by then are not waited for, milliseconds (contract §5).
pub(super) const KEY_MS: u64 = 5_000;
/// What is not there by then is not waited for with the tone, milliseconds.
const SPEECH_MS: u64 = 30_000;
/// An emergency that has nothing to say by then is over, milliseconds.
const LACK_MS: u64 = 3_600_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Playing {
    pub(super) id: PlayId,
    pub(super) source: Source,
    pub(super) from_ms: u64,
    pub(super) asked: Mono,
    pub(super) sounding: Option<Mono>,
    pub(super) duration_ms: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Stage {
    #[default]
    Paused,
    Opening {
        since: Mono,
        tone: Option<Playing>,
    },
    Content(Playing),
    Gap {
        until: Mono,
    },
    /// What an emergency says is still on its way: it keeps the air in silence until then.
    Lacking {
        until: Mono,
    },
    Over,
}

/// One claim on one sink.
#[derive(Clone, Debug, Default)]
pub(super) struct Airing {
    pub(super) stage: Stage,
    pub(super) item: usize,
    pub(super) turn: u16,
    pub(super) lang: usize,
    from_ms: u64,
    /// The pause that is the present item has begun.
    rested: bool,
    /// What is lacking in the present turn has been waited for.
    pub(super) waited: bool,
    /// Something was said to its end in the present turn.
    pub(super) spoke: bool,
    /// Something of the present bulletin could not be said.
    pub(super) failed: bool,
    /// Sounding time asked for, of the present bulletin, milliseconds.
    pub(super) asked_ms: u64,
    pub(super) reached: BTreeMap<ClusterId, Turned>,
    /// Since when the sink has been lost while this airing had it.
    pub(super) lost: Option<Mono>,
    /// Clusters whose outputs were waited for.
    pub(super) opened: BTreeSet<ClusterId>,
    /// The play of which it was said that nothing is heard.
    pub(super) silent: Option<PlayId>,
}

/// What comes next on a sink.
pub(super) enum Piece {
    Chime,
    Silence(u64),
    Bulletin(BulletinId),
}

impl Airing {
    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    pub(super) fn playing(&self) -> Option<&Playing> {
        match &self.stage {
            Stage::Opening { tone, .. } => tone.as_ref(),
            Stage::Content(playing) => Some(playing),
            Stage::Paused | Stage::Gap { .. } | Stage::Lacking { .. } | Stage::Over => None,
        }
    }

    pub(super) fn next_item(&mut self) {
        let opened = std::mem::take(&mut self.opened);
        *self = Self { stage: Stage::Gap { until: Mono(0) }, item: self.item + 1, opened, ..Self::default() };
    }
}

impl Site {
    /// What a claim says at a place in its course.
    pub(super) fn piece(&self, claim: &ClaimId, item: usize) -> Option<Piece> {
        match claim {
            ClaimId::Bulletin(id) => (item == 0).then(|| Piece::Bulletin(id.clone())),
            ClaimId::Session(key) => match self.memory.sessions.get(key)?.items.get(item)? {
                SessionItem::Chime => Some(Piece::Chime),
                SessionItem::Silence(ms) => Some(Piece::Silence(*ms)),
                SessionItem::Bulletin(id) => Some(Piece::Bulletin(id.clone())),
            },
        }
    }

    /// Moves every airing on; true if one has changed.
    pub(super) fn drive_all(&mut self, now: Now) -> bool {
        let owners: Vec<(SinkId, ClaimId)> = self.air.sinks.iter().map(|(s, c)| (s.clone(), c.clone())).collect();
        let mut moved = false;
        for key in self.airings.keys().cloned().collect::<Vec<_>>() {
            if self.air.sinks.get(&key.1) != Some(&key.0) {
                moved |= self.pause(&key, now);
            }
        }
        for (sink, claim) in owners {
            let key = (claim, sink);
            // One that begins where it ended gives the sink back at once.
            moved |= !self.airings.contains_key(&key);
            let mut airing = self.airings.remove(&key).unwrap_or_else(|| self.begin(&key));
            let before = (airing.stage.clone(), airing.item, airing.turn, airing.lang);
            self.drive(&key, &mut airing, now);
            moved |= before != (airing.stage.clone(), airing.item, airing.turn, airing.lang);
            self.airings.insert(key, airing);
        }
        moved
    }

    fn begin(&self, (claim, sink): &(ClaimId, SinkId)) -> Airing {
        // After a power cut only the rest plays.
        let (item, turn) = match claim {
            ClaimId::Bulletin(id) => self.memory.bulletins.get(id).map_or((1, 0), |s| {
                let said = s.turns.get(sink).copied().unwrap_or(0);
                if said >= s.bulletin.repeat { (1, 0) } else { (0, said) }
            }),
            ClaimId::Session(key) => {
                self.memory.sessions.get(key).and_then(|s| s.at.get(sink)).copied().unwrap_or_default()
            }
        };
        if self.piece(claim, item).is_none() {
            return Airing { stage: Stage::Over, item, ..Airing::default() };
        }
        Airing { item, turn, ..Airing::default() }
    }

    /// Takes the sink from an airing; it will begin its present turn again, a programme item where it was.
    pub(super) fn pause(&mut self, key: &(ClaimId, SinkId), now: Now) -> bool {
        let said_all = self.airings.get(key).is_some_and(|a| self.piece(&key.0, a.item).is_none());
        let Some(airing) = self.airings.get_mut(key) else { return false };
        if matches!(airing.stage, Stage::Paused | Stage::Over) {
            return false;
        }
        if let Stage::Content(Playing { sounding, from_ms, duration_ms, .. }) = airing.stage {
            let heard = sounding.map_or(0, |since| now.mono.since(since));
            airing.from_ms = match key.0 {
                ClaimId::Bulletin(_) => 0,
                ClaimId::Session(_) => from_ms + heard,
            };
            if airing.from_ms == 0 {
                // It will be asked for again, in full.
                airing.asked_ms = airing.asked_ms.saturating_sub(duration_ms.unwrap_or(0));
            }
            for turned in airing.reached.values_mut() {
                turned.actual_ms += heard;
            }
        }
        // What has nothing left to say must not come back for the outputs once more.
        airing.stage = if said_all { Stage::Over } else { Stage::Paused };
        true
    }

    fn drive(&mut self, key: &(ClaimId, SinkId), airing: &mut Airing, now: Now) {
        // Bounded by the items there are: each round either stops or goes on to a later piece.
        for _ in 0..512 {
            if !self.drive_once(key, airing, now) {
                return;
            }
        }
        self.wake(now.mono.plus(1), "an airing was not at rest");
    }

    /// One step of one airing; false when it waits.
    fn drive_once(&mut self, key: &(ClaimId, SinkId), airing: &mut Airing, now: Now) -> bool {
        let (claim, sink) = key;
        let urgent = matches!(claim, ClaimId::Bulletin(_));
        match airing.stage.clone() {
            Stage::Over => false,
            Stage::Paused => {
                airing.stage = Stage::Opening { since: now.mono, tone: None };
                true
            }
            Stage::Opening { since, tone: None } if urgent => {
                let tone = self.tone(claim, now);
                airing.stage = Stage::Opening { since, tone: Some(tone) };
                true
            }
            Stage::Opening { since, tone } => self.open(key, airing, since, tone.as_ref(), now),
            Stage::Content(playing) => {
                self.follow(key, airing, &playing, now);
                false
            }
            Stage::Gap { until } if now.mono < until => {
                self.wake(until, "a pause ends");
                false
            }
            Stage::Gap { .. } if self.is_for_others(key, airing) => {
                // The next item has other targets: they are worked out, and their outputs keyed, before it begins.
                airing.stage = Stage::Paused;
                false
            }
            Stage::Gap { .. } => self.next_piece(claim, sink, airing, now),
            Stage::Lacking { until } => self.lack(key, airing, until, now),
        }
    }

    /// Goes on when what was lacking has come or is not waited for any longer; with the tone, if nothing was said yet.
    fn lack(&mut self, (claim, sink): &(ClaimId, SinkId), airing: &mut Airing, until: Mono, now: Now) -> bool {
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

    fn tone(&mut self, claim: &ClaimId, now: Now) -> Playing {
        let bulletin = match claim {
            ClaimId::Bulletin(id) => self.memory.bulletins.get(id).map(|s| &s.bulletin),
            ClaimId::Session(_) => None,
        };
        let (level, drill) = bulletin.map_or((3, false), |b| (b.level(), b.drill));
        let source = Source::Tone { level, drill };
        Playing { id: self.new_play(), source, from_ms: 0, asked: now.mono, sounding: None, duration_ms: None }
    }

    /// Waits for the outputs of the sink to be keyed, and for something to say.
    fn open(
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
        if !self.all_keyed(sink, now) && now.mono.since(since) < KEY_MS {
            self.wake(since.plus(KEY_MS), "outputs are not waited for any longer");
            return false;
        }
        let waits = match self.piece(claim, airing.item) {
            Some(Piece::Bulletin(id)) => {
                self.may_say(claim, &id, now)
                    && self.has_hearers(claim, sink, &id)
                    && matches!(self.resolve(&id, sink, airing.lang), Resolved::NotYet)
            }
            Some(Piece::Chime | Piece::Silence(_)) | None => false,
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

    /// Begins the piece at the airing's place, or passes it by if it cannot be said.
    fn next_piece(&mut self, claim: &ClaimId, sink: &SinkId, airing: &mut Airing, now: Now) -> bool {
        match self.piece(claim, airing.item) {
            None => airing.stage = Stage::Over,
            Some(Piece::Silence(ms)) if !airing.rested => {
                airing.rested = true;
                airing.stage = Stage::Gap { until: now.mono.plus(ms) };
            }
            Some(Piece::Silence(_)) => self.pass(claim, sink, airing, now),
            Some(Piece::Chime) => self.start(airing, Source::Chime, None, now),
            Some(Piece::Bulletin(id)) if !self.may_say(claim, &id, now) || !self.has_hearers(claim, sink, &id) => {
                self.pass(claim, sink, airing, now);
            }
            Some(Piece::Bulletin(id)) => match self.resolve(&id, sink, airing.lang) {
                Resolved::Ready(source, duration) => {
                    airing.asked_ms += if airing.from_ms == 0 { duration } else { 0 };
                    self.start(airing, source, Some(duration), now);
                }
                Resolved::NotYet if airing.lang > 0 && !airing.waited && matches!(claim, ClaimId::Bulletin(_)) => {
                    airing.waited = true;
                    airing.stage = Stage::Lacking { until: now.mono.plus(SPEECH_MS) };
                }
                Resolved::NotYet | Resolved::Never => {
                    airing.failed = true;
                    self.said(claim, sink, airing, &id, now);
                }
            },
        }
        true
    }

    /// A programme says what it may; an emergency's claim says the emergency.
    fn may_say(&self, claim: &ClaimId, id: &BulletinId, now: Now) -> bool {
        match claim {
            ClaimId::Bulletin(_) => true,
            ClaimId::Session(_) => self.may_air(id, now),
        }
    }

    fn start(&mut self, airing: &mut Airing, source: Source, duration_ms: Option<u64>, now: Now) {
        let from_ms = std::mem::take(&mut airing.from_ms);
        let id = self.new_play();
        airing.stage = Stage::Content(Playing { id, source, from_ms, asked: now.mono, sounding: None, duration_ms });
    }
}
