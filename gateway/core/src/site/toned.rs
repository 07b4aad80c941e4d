//! Zone tones: the digits a transmitter's sink says so that its receivers open and close, before and after what is for them.
//!
//! Until its digits have been said a zone counts as shut, as one does whose coder has not answered.

use super::Site;
use super::air::Stage;
use crate::config::{Path, Transmitter};
use crate::device::Report;
use crate::id::{OutputId, PlayId, SinkId, TransmitterId};
use crate::keying::Keying;
use crate::time::{Mono, Now};
use crate::want::{Join, Loudness, Play, Source};
use crate::zone_tones::ZoneTones;
use std::collections::BTreeSet;

/// Digits that have not ended so long after they should have are given up, milliseconds.
const STUCK_MS: u64 = 5_000;

/// What the receivers of a transmitter have been told in the sound itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Toned {
    /// Zones they hold open; `None`: nobody knows.
    open: Option<BTreeSet<u16>>,
    /// What is being said to them.
    saying: Option<Saying>,
    /// Zones that could not be said: not tried again until something else is wanted.
    failed: Option<BTreeSet<u16>>,
}

/// Digits that are being said.
#[derive(Clone, Debug)]
struct Saying {
    id: PlayId,
    digits: String,
    takes_ms: u64,
    /// The zones that are open when it is over.
    target: BTreeSet<u16>,
    asked: Mono,
    /// It was decided in this step: no sink knows of it yet.
    fresh: bool,
}

impl Site {
    /// The zones that the receivers of a transmitter are known to hold open.
    pub(super) fn open_zones(&self, id: &TransmitterId) -> Option<&BTreeSet<u16>> {
        let transmitter = self.config.transmitters.get(id)?;
        let coded = || self.outputs.coder(id).map(|r| &r.value);
        let toned = || self.toned.get(id).and_then(|t| t.open.as_ref());
        match (transmitter.coded, &transmitter.tones) {
            (_, None) => coded(),
            (false, Some(_)) => toned(),
            (true, Some(_)) => coded().filter(|open| Some(*open) == toned()),
        }
    }

    /// How long the zones that are wanted of a transmitter take to be said, with what is being said, milliseconds.
    pub(super) fn say_ms(&self, id: &TransmitterId, wanted: &BTreeSet<u16>) -> u64 {
        let Some(tones) = self.tones_of(id) else { return 0 };
        let toned = self.toned.get(id);
        let saying = toned.and_then(|t| t.saying.as_ref());
        let before = saying.map(|s| &s.target).or_else(|| toned.and_then(|t| t.open.as_ref()));
        let digits = tones.change(before, wanted, &self.zones_of(id));
        saying.map_or(0, |s| s.takes_ms) + tones.takes_ms(&digits)
    }

    /// How long all that is addressed on a sink may take to be said, milliseconds.
    pub(super) fn say_all_ms(&self, sink: &SinkId) -> u64 {
        let fed = self.config.transmitters.iter().filter(|(_, t)| t.sink == *sink);
        let ms = |(id, transmitter): (&TransmitterId, &Transmitter)| {
            let (tones, zones) = (transmitter.tones.as_ref()?, self.zones.get(id)?);
            Some(tones.takes_ms(&tones.change(None, zones, &self.zones_of(id))))
        };
        fed.filter_map(ms).max().unwrap_or(0)
    }

    /// Its receivers were told to open, and not to close since.
    pub(super) fn holds_open(&self, id: &TransmitterId) -> bool {
        let busy = |t: &Toned| t.saying.is_some() || t.open.as_ref().is_some_and(|open| !open.is_empty());
        self.toned.get(id).is_some_and(busy)
    }

    /// What a sink says to receivers just now.
    pub(super) fn digits_on(&self, sink: &SinkId) -> Option<Play> {
        let fed = self.config.transmitters.iter().filter(|(_, t)| t.sink == *sink);
        fed.into_iter().find_map(|(id, transmitter)| {
            let saying = self.toned.get(id)?.saying.as_ref()?;
            let source = Source::Digits(transmitter.tones.as_ref()?.said(saying.digits.clone()));
            let (loudness, join) = (Loudness::Programme, Join::Cut);
            Some(Play { id: saying.id, source, from_ms: 0, loudness, join })
        })
    }

    /// Begins, goes on with or gives up what is to be said to the receivers of a transmitter; true if that changed what
    /// they are known to hold open.
    pub(super) fn say_zones(&mut self, id: &TransmitterId, wanted: &BTreeSet<u16>, now: Now) -> bool {
        if self.tones_of(id).is_none() {
            return false;
        }
        let keying = self.keyings.get(id).copied().unwrap_or_default();
        let target = match keying {
            Keying::Code(_) | Keying::Opening(_) | Keying::OnAir => wanted.clone(),
            Keying::CodeOff(_) => BTreeSet::new(),
            // Over a carrier that was down nobody knows what a receiver makes of it.
            Keying::Mains | Keying::WarmUp(_) | Keying::Carrier | Keying::Settle(_) => {
                return self.hold_tongue(id, true, now);
            }
            Keying::Off | Keying::CarrierOff(_) => return self.hold_tongue(id, false, now),
        };
        if let Some(toned) = self.toned.get_mut(id)
            && toned.saying.as_ref().is_some_and(|s| s.fresh && s.target != target)
        {
            // What one step decided, it may still think better of.
            toned.saying = None;
        }
        if let Some(saying) = self.toned.get(id).and_then(|t| t.saying.as_ref()) {
            let until = saying.asked.plus(saying.takes_ms + STUCK_MS);
            if now.mono < until {
                self.wake(until, "zone tones should have been said");
                return false;
            }
            let failed = saying.target.clone();
            self.hold_tongue(id, true, now);
            self.toned.entry(id.clone()).or_default().failed = Some(failed);
        }
        self.begin_to_say(id, target, now)
    }

    fn begin_to_say(&mut self, id: &TransmitterId, target: BTreeSet<u16>, now: Now) -> bool {
        let Some((sink, tones)) = self.config.transmitters.get(id).and_then(|t| Some((&t.sink, t.tones.as_ref()?)))
        else {
            return false;
        };
        let toned = self.toned.get(id).cloned().unwrap_or_default();
        let well = !self.outputs.is_faulted(&OutputId::Sink(sink.clone()));
        if !well || toned.open.as_ref() == Some(&target) || toned.failed.as_ref() == Some(&target) {
            return false;
        }
        let digits = tones.change(toned.open.as_ref(), &target, &self.zones_of(id));
        let takes_ms = tones.takes_ms(&digits);
        if digits.is_empty() {
            self.toned.insert(id.clone(), Toned { open: Some(target), ..Toned::default() });
            return true;
        }
        let saying = Saying { id: self.new_play(), digits, takes_ms, target, asked: now.mono, fresh: true };
        self.wake(now.mono.plus(takes_ms + STUCK_MS), "zone tones should have been said");
        self.toned.insert(id.clone(), Toned { saying: Some(saying), failed: None, ..toned });
        false
    }

    /// What was decided to be said is said: what plays there stands aside.
    pub(super) fn begin_digits(&mut self, now: Now) {
        let mut sinks = Vec::new();
        for (id, toned) in &mut self.toned {
            if let Some(saying) = toned.saying.as_mut().filter(|s| s.fresh) {
                saying.fresh = false;
                sinks.extend(self.config.transmitters.get(id).map(|t| t.sink.clone()));
            }
        }
        for sink in sinks {
            self.stand_aside(&sink, now);
        }
    }

    /// Says no more; `unsure`: nobody knows what the receivers hold open.
    fn hold_tongue(&mut self, id: &TransmitterId, unsure: bool, now: Now) -> bool {
        let sink = self.config.transmitters.get(id).map(|t| t.sink.clone());
        let Some(toned) = self.toned.get_mut(id) else { return false };
        let spoke = toned.saying.take().is_some();
        let open = toned.open.as_ref().is_some_and(|open| !open.is_empty());
        let forgets = spoke || (unsure && open);
        toned.failed = None;
        if forgets {
            toned.open = None;
        }
        if let Some(sink) = sink.filter(|_| spoke) {
            self.resume_after(&sink, 0, now);
        }
        forgets
    }

    /// What is known of the receivers behind a sink that was lost is worth nothing.
    pub(super) fn forget_zones(&mut self, sink: &SinkId) {
        for (_, toned) in
            self.toned.iter_mut().filter(|(id, _)| self.config.transmitters.get(*id).is_some_and(|t| t.sink == *sink))
        {
            *toned = Toned::default();
        }
    }

    /// What a sink said about digits; false: it was about something else.
    pub(super) fn digits_said(&mut self, sink: &SinkId, report: &Report, now: Now) -> bool {
        let (play, broken) = match report {
            Report::Ended { play, broken, .. } => (*play, Some(broken.is_some())),
            Report::Sounding { play } | Report::Silent { play, .. } => (*play, None),
            Report::Well
            | Report::Fault(_)
            | Report::Asleep
            | Report::Unbidden { .. }
            | Report::Howl { .. }
            | Report::Heard { .. }
            | Report::Differs { .. }
            | Report::Switch { .. }
            | Report::Transmitter(_)
            | Report::Tripped(_)
            | Report::Coder { .. }
            | Report::Sensed(_)
            | Report::Tried { .. }
            | Report::Board { .. } => return false,
        };
        let said = |toned: &Toned| toned.saying.as_ref().is_some_and(|s| s.id == play);
        let Some((_, toned)) = self.toned.iter_mut().find(|(_, toned)| said(toned)) else { return false };
        let Some(broken) = broken else { return true };
        if let Some(Saying { target, takes_ms, .. }) = toned.saying.take() {
            (toned.open, toned.failed) = if broken { (None, Some(target)) } else { (Some(target), None) };
            self.resume_after(sink, takes_ms, now);
        }
        true
    }

    /// What a sink plays waits for the zones: what was heard of it until now is counted, and it is due again after them.
    fn stand_aside(&mut self, sink: &SinkId, now: Now) {
        let Some(claim) = self.air.sinks.get(sink) else { return };
        let Some(airing) = self.airings.get_mut(&(claim.clone(), sink.clone())) else { return };
        if let Stage::Opening { tone: Some(tone), .. } = &mut airing.stage {
            tone.sounding = None;
        }
        let Stage::Content(playing) = &airing.stage else { return };
        let mut playing = playing.clone();
        if let Some(since) = playing.sounding.take() {
            let heard = now.mono.since(since);
            airing.credit(Some(since), heard);
            playing.from_ms += heard;
            playing.back = true;
        }
        airing.stage = Stage::Content(playing);
    }

    /// What stood aside is due again; what is live has gone on for `meanwhile_ms`.
    fn resume_after(&mut self, sink: &SinkId, meanwhile_ms: u64, now: Now) {
        for (_, airing) in self.airings.iter_mut().filter(|(key, _)| key.1 == *sink) {
            match &mut airing.stage {
                Stage::Opening { tone: Some(playing), .. } => playing.asked = now.mono,
                Stage::Content(playing) => {
                    playing.asked = now.mono;
                    playing.from_ms += if playing.source.is_live() { meanwhile_ms } else { 0 };
                }
                Stage::Paused | Stage::Opening { tone: None, .. } | Stage::Gap { .. } | Stage::Lacking { .. } => {}
                Stage::Over => {}
            }
        }
    }

    fn tones_of(&self, id: &TransmitterId) -> Option<&ZoneTones> {
        self.config.transmitters.get(id)?.tones.as_ref()
    }

    /// Every zone of a transmitter.
    fn zones_of(&self, id: &TransmitterId) -> BTreeSet<u16> {
        let paths = self.config.clusters.values().flat_map(|c| &c.paths);
        let zone = |path: &Path| match path {
            Path::Radio { transmitter, zone } => (transmitter == id).then_some(*zone),
            Path::Direct { .. } => None,
        };
        paths.filter_map(zone).collect()
    }
}
