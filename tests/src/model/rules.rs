//! What must hold after every step, whatever has happened.

use super::Model;
use super::twin::Twin;
use gateway_core::claim::ClaimId;
use gateway_core::config::Path;
use gateway_core::id::{BulletinId, ClusterId, OutputId, SinkId, TransmitterId};
use gateway_core::memory::SessionItem;
use gateway_core::time::Wall;
use gateway_core::want::{Show, Source};
use std::collections::{BTreeMap, BTreeSet};

/// The number in `[[17]]`.
pub(super) fn token(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("[[")?;
    after.split_once("]]").map(|(token, _)| token)
}

impl Model {
    /// Every rule.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let wall = self.told.site.wall(self.told.now);
        self.check_wake()?;
        self.check_owners(wall)?;
        self.check_silence()?;
        self.check_keying()?;
        self.check_steps()?;
        self.check_plays()?;
        self.check_corrections()?;
        self.check_boards(wall)?;
        self.check_files()
    }

    /// The station asks to be woken later than now, and one input's consequences end within its step.
    fn check_wake(&self) -> Result<(), String> {
        match self.told.site.wake_at() {
            Some(wake) if wake.at <= self.told.now.mono => Err(format!("asks to be woken in the past: {wake:?}")),
            Some(wake) if wake.why.contains("not at rest") => Err(format!("not at rest: {}", wake.why)),
            Some(_) | None => Ok(()),
        }
    }

    /// Each sink and each relay serves whom it must.
    fn check_owners(&self, wall: Option<Wall>) -> Result<(), String> {
        let (site, wants, air) = (self.told.site.config(), self.told.site.wants(), self.told.site.air());
        let mut on = BTreeSet::new();
        for sink in site.sinks.keys() {
            let must = self.twin.owner(site, sink, wall);
            let is =
                air.sinks.get(sink).map(|claim| (claim.clone(), air.addressed.get(sink).cloned().unwrap_or_default()));
            if must != is {
                let known: Vec<_> = self.twin.standing(wall).collect();
                let running = self.twin.sessions.values();
                let running: Vec<_> = running.map(|s| (&s.key, s.order, &s.items, &s.at)).collect();
                return Err(format!("{sink} must serve {must:?} and serves {is:?}; of {known:?} and {running:?}"));
            }
            for cluster in must.iter().flat_map(|(_, clusters)| clusters) {
                if let Some(Path::Direct { switch: Some(switch), .. }) = self.twin.path(site, cluster) {
                    on.insert(switch.clone());
                }
            }
            let urgent = matches!(must, Some((ClaimId::Bulletin(_), _)));
            let want = wants.sinks.get(sink).ok_or_else(|| format!("nothing is wanted of sink {sink}"))?;
            if urgent && want.volume != 100 {
                return Err(format!("an emergency at volume {} on {sink}", want.volume));
            }
            let digits = want.play.as_ref().is_some_and(|p| matches!(p.source, Source::Digits(_)));
            if must.is_none() && want.play.is_some() && !digits {
                return Err(format!("{sink} plays {:?} for nobody", want.play));
            }
        }
        let mains: BTreeSet<_> = site.transmitters.values().filter_map(|t| t.mains.as_ref()).collect();
        for (switch, &is) in wants.switches.iter().filter(|(s, _)| !mains.contains(s)) {
            if is != on.contains(switch) {
                let faulted = &self.twin.faulted;
                return Err(format!("switch {switch} is wanted {is}; on must be {on:?}; lost are {faulted:?}"));
            }
        }
        Ok(())
    }

    /// A mute is obeyed in the step that orders it, whatever stands.
    fn check_silence(&self) -> Result<(), String> {
        let (site, wants) = (self.told.site.config(), self.told.site.wants());
        for cluster in self.twin.muted.keys() {
            let loud = match self.twin.path(site, cluster) {
                Some(Path::Direct { switch: Some(switch), .. }) => wants.switches.get(switch) == Some(&true),
                Some(Path::Direct { sink, switch: None, .. }) => {
                    wants.sinks.get(sink).is_some_and(|w| w.play.is_some())
                }
                Some(Path::Radio { transmitter, zone }) => match site.transmitters.get(transmitter) {
                    Some(fm) if fm.coded => wants.coders.get(transmitter).is_some_and(|c| c.zones.contains(zone)),
                    // Its receivers are told to shut in the sound itself.
                    Some(fm) if fm.tones.is_some() => false,
                    Some(fm) => wants.sinks.get(&fm.sink).is_some_and(|w| w.play.is_some()),
                    None => false,
                },
                None => false,
            };
            if loud {
                return Err(format!("{cluster} is muted, and on"));
            }
        }
        Ok(())
    }

    /// Zones open only over a carrier that reads up, a carrier comes only over mains that read on; and back in order.
    fn check_keying(&mut self) -> Result<(), String> {
        let (site, wants) = (self.told.site.config(), self.told.site.wants());
        for (id, fm) in &site.transmitters {
            let carrier = wants.transmitters.get(id) == Some(&true);
            let zones = wants.coders.get(id).is_some_and(|c| !c.zones.is_empty());
            let mains = fm.mains.as_ref().is_none_or(|m| wants.switches.get(m) == Some(&true));
            let steady = fm.mains.as_ref().is_none_or(|m| self.twin.reads.contains(&OutputId::Switch(m.clone())));
            let up = self.twin.reads.contains(&OutputId::Transmitter(id.clone()));
            let (had_carrier, had_zones) = (self.twin.keyed.0.contains(id), self.twin.keyed.1.contains(id));
            if zones && !carrier || zones && !had_zones && !up {
                return Err(format!("zones of {id} without a carrier"));
            }
            if carrier && !mains || carrier && !had_carrier && !steady {
                return Err(format!("the carrier of {id} without mains"));
            }
            let play = wants.sinks.get(&fm.sink).and_then(|w| w.play.as_ref());
            let sounds = play.is_some_and(|p| {
                matches!(p.source, Source::Digits(_)) || self.twin.sounding.get(&fm.sink) == Some(&p.id)
            });
            let on_air = self.told.site.air().sinks.contains_key(&fm.sink);
            if fm.silence_off_ms == 0 || !carrier || !up || sounds || !on_air {
                self.twin.quiet.remove(id);
                continue;
            }
            let now = self.told.now.mono;
            let since = *self.twin.quiet.entry(id.clone()).or_insert(now);
            // The zones and the carrier may take their time to go, and zones that are not said at all five seconds more.
            if now.since(since) > fm.silence_off_ms + fm.settle.let_go_ms + 12_000 {
                return Err(format!("{id} has sent silence for {} ms", now.since(since)));
            }
        }
        let wanted =
            |of: &dyn Fn(&TransmitterId) -> bool| site.transmitters.keys().filter(|t| of(t)).cloned().collect();
        self.twin.keyed = (
            wanted(&|t| wants.transmitters.get(t) == Some(&true)),
            wanted(&|t| wants.coders.get(t).is_some_and(|c| !c.zones.is_empty())),
        );
        Ok(())
    }

    /// Nobody is left for more than five seconds on a path whose switch answers, and does not close.
    fn check_steps(&mut self) -> Result<(), String> {
        let (site, now) = (self.told.site.config(), self.told.now.mono);
        let addressed: BTreeSet<&ClusterId> = self.told.site.air().addressed.values().flatten().collect();
        let switch = |cluster: &&ClusterId| match self.twin.path(site, cluster) {
            Some(Path::Direct { switch: Some(switch), .. }) => Some(OutputId::Switch(switch.clone())),
            Some(Path::Direct { switch: None, .. } | Path::Radio { .. }) | None => None,
        };
        let twin = &self.twin;
        let off = |id: &OutputId| !twin.reads.contains(id) && !twin.faulted.contains(id) && !twin.idle.contains_key(id);
        let waiting: BTreeSet<OutputId> = addressed.iter().filter_map(switch).filter(off).collect();
        self.twin.waiting.retain(|id, _| waiting.contains(id));
        for id in waiting {
            let since = *self.twin.waiting.entry(id.clone()).or_insert(now);
            if now.since(since) >= 5_000 {
                return Err(format!("{id} has been told to be on for {} ms, and is not", now.since(since)));
            }
        }
        Ok(())
    }

    /// Only what has the air is played: an emergency its own words, a programme its items; nothing that was recalled.
    fn check_plays(&self) -> Result<(), String> {
        let now = self.told.now.mono;
        for (sink, want) in &self.told.site.wants().sinks {
            let owner = self.told.site.air().sinks.get(sink);
            let source = want.play.as_ref().map(|p| &p.source);
            let token = match source {
                Some(Source::Clip(clip)) => Some(self.names.clips.get(clip.as_str())),
                Some(Source::Speech(speech)) => Some(self.names.speech.get(speech.as_str())),
                // Whose receivers they are for is nobody's bulletin.
                Some(Source::Digits(_)) => continue,
                Some(Source::Tone { .. } | Source::Chime) | None => None,
                Some(Source::Input(_) | Source::Stream(_) | Source::Live(_)) => None,
            };
            let said = match token {
                None => None,
                Some(None) => return Err(format!("{sink} plays {source:?}, which is nobody's")),
                Some(Some(said)) => Some(said.clone()),
            };
            match (owner, said) {
                (Some(ClaimId::Bulletin(id)), Some((of, version))) => {
                    self.is_due(id, &of, version)?;
                }
                (Some(ClaimId::Bulletin(id)), None) => self.is_toned_or_pausing(id, sink, source, now)?,
                (Some(ClaimId::Session(key)), Some((of, version))) => {
                    let session = self.twin.sessions.get(key).ok_or_else(|| format!("no session {key}"))?;
                    if !session.items.contains(&SessionItem::Bulletin(of.clone())) {
                        return Err(format!("{key} plays {of}, which is none of its items"));
                    }
                    self.is_due(&of, &of, version)?;
                }
                (Some(ClaimId::Session(_) | ClaimId::Live(_) | ClaimId::Filler) | None, None) => {
                    if matches!(source, Some(Source::Tone { .. })) {
                        return Err(format!("{sink} sounds the tone for no emergency"));
                    }
                }
                (Some(ClaimId::Live(_) | ClaimId::Filler) | None, Some(_)) => {
                    return Err(format!("{sink} plays {source:?} for nobody"));
                }
            }
        }
        Ok(())
    }

    /// A correction that has the air, and nothing in its way, is said within five seconds; where zones are said in the sound
    /// itself and nobody knows whether receivers heard them, five more are waited for them.
    fn check_corrections(&mut self) -> Result<(), String> {
        let (now, wants) = (self.told.now.mono, self.told.site.wants());
        let world = &self.told.world;
        let twin = &self.twin;
        let healthy =
            world.mishaps.is_empty() && twin.faulted.is_empty() && twin.idle.is_empty() && twin.muted.is_empty();
        let air = self.told.site.air();
        let mut late = Vec::new();
        self.correcting.retain(|(id, since)| {
            let names = || self.names.speech.iter().filter(|(_, said)| said.0 == *id).map(|(name, _)| name.as_str());
            let lost = world.speech_ms != Some(300)
                || names().any(|n| world.missing.contains(n) || world.broken.contains(n))
                || !healthy;
            let claim = ClaimId::Bulletin(id.clone());
            let mine: Vec<_> = air.sinks.iter().filter(|(_, c)| **c == claim).map(|(s, _)| s).collect();
            let said = mine.iter().all(|sink| {
                let play = wants.sinks.get(*sink).and_then(|w| w.play.as_ref());
                play.is_some_and(|p| matches!(&p.source, Source::Speech(name) if names().any(|n| n == name.as_str())))
            });
            if lost || mine.is_empty() || said {
                return false;
            }
            let tones = self.told.site.config().transmitters.values().any(|t| t.tones.is_some());
            if now > since.plus(if tones { 10_000 } else { 5_000 }) {
                late.push(id.clone());
            }
            true
        });
        match late.first() {
            Some(id) => Err(format!("{id} is not said in its time")),
            None => Ok(()),
        }
    }

    fn is_due(&self, id: &BulletinId, of: &BulletinId, version: u32) -> Result<(), String> {
        let known = self.twin.bulletins.get(id);
        if id != of || known.is_none_or(|k| k.version != version || k.silent) {
            return Err(format!("{of} version {version} is played for {id}: {known:?}"));
        }
        if self.twin.recalled.contains(of) {
            return Err(format!("{of} was recalled, and is played"));
        }
        if self.twin.replaced.contains(of) {
            return Err(format!("{of} was superseded, and is played"));
        }
        Ok(())
    }

    /// An emergency with the air sounds its tone or its words; silence is for the gap between two turns.
    fn is_toned_or_pausing(
        &self,
        id: &BulletinId,
        sink: &SinkId,
        source: Option<&Source>,
        now: gateway_core::time::Mono,
    ) -> Result<(), String> {
        let Some(known) = self.twin.bulletins.get(id) else { return Err(format!("{id} is not known")) };
        match source {
            Some(Source::Tone { level, drill }) if (*level, *drill) == (known.level, known.drill) => Ok(()),
            Some(other) => Err(format!("{id} opens with {other:?}")),
            None => {
                let turned = self.twin.turned.get(&(id.clone(), sink.clone()));
                match turned {
                    Some(at) if now < at.plus(known.gap_ms) => Ok(()),
                    Some(_) | None if self.is_pending(id) => Ok(()),
                    Some(_) | None => Err(format!("{id} has {sink}, and nothing is played there")),
                }
            }
        }
    }

    /// Something of a bulletin is on its way to the cache.
    fn is_pending(&self, id: &BulletinId) -> bool {
        let wants = self.told.site.wants();
        let clips = wants.clips.keys().map(|c| (c.as_str(), self.names.clips.get(c.as_str())));
        let speech = wants.speech.keys().map(|s| (s.as_str(), self.names.speech.get(s.as_str())));
        clips.chain(speech).any(|(name, said)| said.is_some_and(|s| s.0 == *id) && !self.made.contains(name))
    }

    /// A board shows the highest emergency that names it; nothing recalled, nothing whose time is over.
    fn check_boards(&self, wall: Option<Wall>) -> Result<(), String> {
        for (board, want) in &self.told.site.wants().boards {
            let must = self.twin.on_board(board, wall);
            let message = match &want.show {
                Show::Dark if must.is_none() || self.twin.dark.contains_key(board) => continue,
                Show::Dark => return Err(format!("board {board} is dark, and must show {must:?}")),
                Show::Message(message) => message,
            };
            if self.twin.dark.contains_key(board) {
                return Err(format!("board {board} is blacked out, and shows {message:?}"));
            }
            let shown = token(&message.text).and_then(|t| self.names.texts.get(t));
            let Some((id, version)) = shown else { return Err(format!("nobody's text on {board}: {message:?}")) };
            if must.is_some_and(|must| must != id) {
                return Err(format!("board {board} shows {id}, and must show {must:?}"));
            }
            self.is_due(id, id, *version)?;
            let Some(known) = self.twin.bulletins.get(id) else { continue };
            if known.drill != message.drill || (known.drill && !message.text.contains("DIỄN TẬP")) {
                return Err(format!("drill or not: {message:?}"));
            }
            if message.level.is_some() && known.until.is_some_and(|until| wall.is_some_and(|w| w > until)) {
                return Err(format!("board {board} shows {id}, whose time is over"));
            }
        }
        Ok(())
    }

    /// Nothing that was refused is fetched, spoken or shown.
    fn check_files(&mut self) -> Result<(), String> {
        let wants = self.told.site.wants();
        for (name, want) in &wants.speech {
            let Some(known) = token(&want.text).and_then(|t| self.names.texts.get(t)) else {
                return Err(format!("a text of nobody is to be spoken: {:?}", want.text));
            };
            if self.twin.recalled.contains(&known.0) {
                return Err(format!("recalled, and to be spoken: {known:?}"));
            }
            if self.names.speech.get(name.as_str()) != Some(known) {
                self.names.speech.insert(name.to_string(), known.clone());
            }
        }
        match wants.clips.keys().find(|c| !self.names.clips.contains_key(c.as_str())) {
            Some(clip) => Err(format!("a file of nobody is to be fetched: {clip}")),
            None => Ok(()),
        }
    }
}

/// Which claim each output serves: what must be the same after a power cut.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Serving {
    sinks: BTreeMap<SinkId, (ClaimId, BTreeSet<ClusterId>)>,
    boards: BTreeMap<String, Option<String>>,
}

impl Serving {
    pub(super) fn now(model: &Model, twin: &Twin) -> Self {
        let (site, wall) = (&model.told.site, model.told.site.wall(model.told.now));
        let addressed = |sink: &SinkId| site.air().addressed.get(sink).cloned().unwrap_or_default();
        let sinks = site.air().sinks.iter().map(|(s, c)| (s.clone(), (c.clone(), addressed(s)))).collect();
        let boards = site.wants().boards.iter().map(|(board, want)| {
            // What a programme shows comes back when its sound does.
            let text = match &want.show {
                Show::Message(m) if twin.on_board(board, wall).is_some() => Some(m.text.clone()),
                Show::Message(_) | Show::Dark => None,
            };
            (board.to_string(), text)
        });
        Self { sinks, boards: boards.collect() }
    }
}
