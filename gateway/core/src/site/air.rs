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
use crate::config::Resume;
use crate::id::{BulletinId, ClusterId, InputId, PlayId, SinkId};
use crate::memory::{SessionItem, Turned};
use crate::time::{Mono, Now};
use crate::want::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Outputs that are not keyed by then are not waited for, milliseconds (contract §5).
pub(super) const KEY_MS: u64 = 5_000;
/// A tuner that may say any moment what it receives is looked at so often, milliseconds.
const LOOK_MS: u64 = 250;
/// The filler is begun anew after so long, milliseconds.
const FILLER_MS: u64 = 3_600_000;
/// What is not there by then is not waited for with the tone, milliseconds.
pub(super) const SPEECH_MS: u64 = 30_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Playing {
    pub(super) id: PlayId,
    pub(super) source: Source,
    pub(super) from_ms: u64,
    pub(super) asked: Mono,
    pub(super) sounding: Option<Mono>,
    pub(super) duration_ms: Option<u64>,
    /// It was pre-empted and has come back.
    pub(super) back: bool,
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
    /// What was pre-empted, and since when: the sink keeps it beneath what stands above it.
    pub(super) beneath: Option<(Playing, Mono)>,
    /// What the sink has been told to begin by itself when the present play ends.
    pub(super) next: Option<Next>,
    /// The present item was interrupted, and the site does not take up what was interrupted.
    skip: bool,
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
    /// Since when each of those has been among the hearers.
    pub(super) joined: BTreeMap<ClusterId, Mono>,
    /// Since when the sink has been lost while this airing had it.
    pub(super) lost: Option<Mono>,
    /// Clusters whose outputs were waited for.
    pub(super) opened: BTreeSet<ClusterId>,
    /// The play of which it was said that nothing is heard.
    pub(super) silent: Option<PlayId>,
}

/// What a sink goes on with by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Next {
    pub(super) id: PlayId,
    pub(super) source: Source,
    /// It sounds already.
    pub(super) sounding: Option<Mono>,
}

/// What comes next on a sink.
pub(super) enum Piece {
    Chime,
    Silence(u64),
    Bulletin(BulletinId),
    Relay(InputId, u64),
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

    /// Counts what was heard of a play that began to sound then: who joined later heard less of it.
    pub(super) fn credit(&mut self, sounding: Option<Mono>, heard_ms: u64) {
        for (cluster, turned) in &mut self.reached {
            let missed = self.joined.get(cluster).zip(sounding).map_or(0, |(joined, from)| joined.since(from));
            turned.actual_ms += heard_ms.saturating_sub(missed);
        }
    }

    /// What was interrupted need not come back.
    pub(super) fn pass_by(&mut self) {
        self.skip = true;
    }

    pub(super) fn next_item(&mut self) {
        let (opened, next) = (std::mem::take(&mut self.opened), self.next.take());
        let stage = Stage::Gap { until: Mono(0) };
        *self = Self { stage, item: self.item + 1, opened, next, ..Self::default() };
    }
}

impl Site {
    /// What a claim says at a place in its course.
    pub(super) fn piece(&self, claim: &ClaimId, item: usize) -> Option<Piece> {
        match claim {
            ClaimId::Bulletin(id) => (item == 0).then(|| Piece::Bulletin(id.clone())),
            ClaimId::Live(id) => {
                let chimes =
                    self.memory.bulletins.get(id).and_then(|s| s.bulletin.live.as_ref()).is_none_or(|l| l.chime);
                match item + usize::from(!chimes) {
                    0 => Some(Piece::Chime),
                    1 => Some(Piece::Bulletin(id.clone())),
                    _ => None,
                }
            }
            ClaimId::Filler if item > 0 => None,
            ClaimId::Filler => self.config.policy.filler.as_ref().map(|f| Piece::Relay(f.input.clone(), FILLER_MS)),
            ClaimId::Session(key) => match self.memory.sessions.get(key)?.items.get(item)? {
                SessionItem::Chime => Some(Piece::Chime),
                SessionItem::Silence(ms) => Some(Piece::Silence(*ms)),
                SessionItem::Bulletin(id) => Some(Piece::Bulletin(id.clone())),
                SessionItem::Relay { input, ms } => Some(Piece::Relay(input.clone(), *ms)),
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
            ClaimId::Live(_) | ClaimId::Filler => (0, 0),
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
        airing.next = None;
        if let Stage::Content(playing) = &airing.stage {
            let heard = playing.sounding.map_or(0, |since| now.mono.since(since));
            airing.from_ms = match (&key.0, self.config.policy.resume) {
                (ClaimId::Bulletin(_) | ClaimId::Filler, _) | (ClaimId::Session(_), Resume::Start | Resume::Skip) => 0,
                (ClaimId::Session(_), Resume::Place) | (ClaimId::Live(_), _) => playing.from_ms + heard,
            };
            if matches!(key.0, ClaimId::Session(_)) && self.config.policy.resume == Resume::Skip {
                airing.skip = true;
                airing.failed = true;
            }
            if airing.from_ms > 0 {
                airing.beneath = Some((playing.clone(), now.mono));
            } else if !airing.skip {
                // It will be asked for again, in full.
                airing.asked_ms = airing.asked_ms.saturating_sub(playing.duration_ms.unwrap_or(0));
            }
            let sounding = playing.sounding;
            airing.credit(sounding, heard);
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
            // It goes on when the zones have been said.
            Stage::Opening { tone: Some(_), .. } | Stage::Content(_) if self.digits_on(sink).is_some() => false,
            Stage::Paused if airing.skip => {
                airing.skip = false;
                self.pass(claim, sink, airing, now);
                airing.stage = Stage::Paused;
                true
            }
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
                if self.speaks_to_nobody(key, airing) {
                    // All who should hear this item have been silenced since it began; the next may be for others.
                    let heard = playing.sounding.map_or(0, |since| now.mono.since(since));
                    airing.credit(playing.sounding, heard);
                    airing.failed = true;
                    self.pass(claim, sink, airing, now);
                    airing.stage = Stage::Gap { until: now.mono };
                    return true;
                }
                if let Some(played_ms) = self.live_is_over(&playing, now) {
                    self.ended(key, airing, &playing, played_ms, None, now);
                    return true;
                }
                if self.never_came(&playing, now) {
                    self.voice_broke(claim, &playing);
                    self.ended(key, airing, &playing, 0, Some("nothing came of it".to_owned()), now);
                    return true;
                }
                self.follow(key, airing, &playing, now);
                false
            }
            Stage::Gap { until } if now.mono < until => {
                self.wake(until, "a pause ends");
                false
            }
            Stage::Gap { .. } if self.carrier_rests(sink) && self.piece(claim, airing.item).is_some() => {
                airing.stage = Stage::Paused;
                true
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

    /// Begins the piece at the airing's place, or passes it by if it cannot be said.
    pub(super) fn next_piece(&mut self, claim: &ClaimId, sink: &SinkId, airing: &mut Airing, now: Now) -> bool {
        match self.piece(claim, airing.item) {
            None => airing.stage = Stage::Over,
            Some(Piece::Silence(ms)) if !airing.rested => {
                airing.rested = true;
                airing.stage = Stage::Gap { until: now.mono.plus(ms) };
            }
            Some(Piece::Silence(_)) => self.pass(claim, sink, airing, now),
            Some(Piece::Chime) => self.start(airing, Source::Chime, None, now),
            Some(Piece::Relay(input, _)) if self.may_be_known(&input) => {
                airing.stage = Stage::Gap { until: now.mono.plus(LOOK_MS) };
            }
            Some(Piece::Relay(input, _)) if !self.has_input(&input, now) => {
                airing.failed = true;
                self.pass(claim, sink, airing, now);
            }
            Some(Piece::Relay(input, ms)) => self.start(airing, Source::Input(input), Some(ms), now),
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
    pub(super) fn may_say(&self, claim: &ClaimId, id: &BulletinId, now: Now) -> bool {
        match claim {
            ClaimId::Bulletin(_) | ClaimId::Live(_) | ClaimId::Filler => true,
            ClaimId::Session(_) => self.may_air(id, now),
        }
    }

    fn start(&mut self, airing: &mut Airing, source: Source, duration_ms: Option<u64>, now: Now) {
        let mut from_ms = std::mem::take(&mut airing.from_ms);
        let asked = now.mono;
        if let Some((was, since)) = airing.beneath.take().filter(|(was, _)| was.source == source) {
            if source.is_live() {
                // It has gone on meanwhile.
                from_ms += now.mono.since(since);
            }
            let playing = Playing { id: was.id, source, from_ms, asked, sounding: None, duration_ms, back: true };
            airing.stage = Stage::Content(playing);
            return;
        }
        let next = airing.next.take().filter(|n| n.source == source && from_ms == 0);
        let (id, sounding) = next.map_or_else(|| (self.new_play(), None), |n| (n.id, n.sounding));
        airing.stage = Stage::Content(Playing { id, source, from_ms, asked, sounding, duration_ms, back: false });
    }
}
