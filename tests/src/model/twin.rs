//! The twin: what a station owes, by rules too simple to be wrong, told what the core is told.

use gateway_core::bulletin::{Bulletin, Priority, Targets};
use gateway_core::claim::ClaimId;
use gateway_core::config::{Path, SiteConfig, Transmitter};
use gateway_core::device::Report;
use gateway_core::id::{BoardId, BulletinId, ClusterId, OutputId, PlayId, SinkId, TransmitterId};
use gateway_core::memory::{Session, SessionItem};
use gateway_core::programme::Programme;
use gateway_core::time::{Mono, Wall};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What the twin knows of a bulletin.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) version: u32,
    pub(super) priority: Priority,
    pub(super) level: u8,
    pub(super) drill: bool,
    pub(super) silent: bool,
    pub(super) targets: Targets,
    pub(super) from: Option<Wall>,
    pub(super) until: Option<Wall>,
    pub(super) repeat: u16,
    pub(super) gap_ms: u64,
    pub(super) order: u64,
    /// It waits for a programme.
    pub(super) waiting: bool,
    pub(super) supersedes: Vec<BulletinId>,
    pub(super) ended: bool,
}

/// A mute or a blackout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hush {
    pub(super) until: Mono,
    pub(super) until_wall: Option<Wall>,
    pub(super) for_ms: u64,
}

/// Everything the twin knows; a power cut sets it back to the last commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Twin {
    pub(super) bulletins: BTreeMap<BulletinId, Known>,
    pub(super) recalled: BTreeSet<BulletinId>,
    /// Bulletins that another has taken the place of.
    pub(super) replaced: BTreeSet<BulletinId>,
    pub(super) muted: BTreeMap<ClusterId, Hush>,
    pub(super) dark: BTreeMap<BoardId, Hush>,
    pub(super) faulted: BTreeSet<OutputId>,
    /// Outputs that answered and did nothing, and until when they are left alone.
    pub(super) idle: BTreeMap<OutputId, Mono>,
    /// Switches on the way to somebody that do not read on yet, since when.
    pub(super) waiting: BTreeMap<OutputId, Mono>,
    /// Switches that read on, and transmitters whose carrier reads up.
    pub(super) reads: BTreeSet<OutputId>,
    /// Transmitters whose carrier, and those whose zones, were wanted after the last step.
    pub(super) keyed: (BTreeSet<TransmitterId>, BTreeSet<TransmitterId>),
    pub(super) programmes: BTreeMap<String, Programme>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) opened: BTreeSet<String>,
    /// Messages taken.
    pub(super) taken: BTreeSet<String>,
    /// Emergencies that have been said as often as they should be, by sink.
    pub(super) over: BTreeSet<(BulletinId, SinkId)>,
    /// Of these, those that could not be said: after a power cut they are tried again.
    pub(super) unsayable: BTreeSet<(BulletinId, SinkId)>,
    /// When a turn ended last.
    pub(super) turned: BTreeMap<(BulletinId, SinkId), Mono>,
    /// Something of the present turn was played to its end.
    pub(super) said: BTreeSet<(BulletinId, SinkId)>,
    pub(super) orders: u64,
    /// The play that each sink said last sounds.
    pub(super) sounding: BTreeMap<SinkId, PlayId>,
    /// Since when each transmitter has sent silence.
    pub(super) quiet: BTreeMap<TransmitterId, Mono>,
}

/// What did nothing is left alone for so long, milliseconds.
pub(super) const IDLE_MS: u64 = 3_600_000;

/// Who has a sink, and which clusters hear it.
pub(super) type Owned = (ClaimId, BTreeSet<ClusterId>);

impl Known {
    pub(super) fn of(bulletin: &Bulletin, silent: bool, order: u64) -> Self {
        Self {
            version: bulletin.version,
            priority: bulletin.priority,
            level: bulletin.level(),
            drill: bulletin.drill,
            silent,
            targets: bulletin.targets.clone(),
            from: bulletin.valid_from,
            until: bulletin.valid_until,
            repeat: bulletin.repeat,
            gap_ms: u64::from(bulletin.gap_s) * 1000,
            order,
            waiting: false,
            supersedes: bulletin.supersedes.clone(),
            ended: false,
        }
    }

    pub(super) fn urgent(&self) -> bool {
        self.priority == Priority::Emergency && !self.silent
    }

    /// The real thing before any drill, then the higher level, then who came first.
    fn weight(&self) -> (bool, u8, Reverse<u64>) {
        (!self.drill, self.level, Reverse(self.order))
    }
}

impl Twin {
    pub(super) fn takes_in(&mut self, bulletin: &Bulletin, silent: bool, order: Option<u64>) {
        self.orders += 1;
        let id = bulletin.bulletin_id.clone();
        for place in [&mut self.over, &mut self.unsayable, &mut self.said] {
            place.retain(|(b, _)| *b != id);
        }
        self.bulletins.insert(id, Known::of(bulletin, silent, order.unwrap_or(self.orders)));
    }

    /// Another bulletin takes the place of those it names and of those that are known to take its own.
    pub(super) fn replaces(&mut self, bulletin: &Bulletin) {
        let id = &bulletin.bulletin_id;
        let old = bulletin.supersedes.iter().filter(|old| *old != id && self.bulletins.contains_key(old));
        self.replaced.extend(old.cloned());
        let known = self.bulletins.contains_key(id);
        if !known && self.bulletins.values().any(|k| k.supersedes.contains(id)) {
            self.replaced.insert(id.clone());
        }
    }

    /// Emergencies that ask for the air now.
    pub(super) fn standing(&self, wall: Option<Wall>) -> impl Iterator<Item = (&BulletinId, &Known)> {
        let begun = move |k: &Known| k.from.is_none_or(|from| wall.is_none_or(|w| w >= from));
        self.bulletins.iter().filter(move |(_, k)| k.urgent() && !k.ended && begun(k))
    }

    /// The first path on which nothing is known to be broken, else the first.
    pub(super) fn path<'a>(&self, site: &'a SiteConfig, cluster: &ClusterId) -> Option<&'a Path> {
        let paths = &site.clusters.get(cluster)?.paths;
        let broken = |id: OutputId| self.faulted.contains(&id) || self.idle.contains_key(&id);
        let sound = |path: &&Path| match path {
            Path::Direct { sink, switch, .. } => {
                !broken(OutputId::Sink(sink.clone()))
                    && !switch.as_ref().is_some_and(|s| broken(OutputId::Switch(s.clone())))
            }
            Path::Radio { transmitter: id, .. } => site.transmitters.get(id).is_some_and(|t| {
                let parts =
                    [OutputId::Transmitter(id.clone()), OutputId::Coder(id.clone()), OutputId::Sink(t.sink.clone())];
                !parts.into_iter().any(broken) && !t.mains.as_ref().is_some_and(|m| broken(OutputId::Switch(m.clone())))
            }),
        };
        paths.iter().find(sound).or(paths.first())
    }

    pub(super) fn sink<'a>(&self, site: &'a SiteConfig, cluster: &ClusterId) -> Option<&'a SinkId> {
        match self.path(site, cluster)? {
            Path::Direct { sink, .. } => Some(sink),
            Path::Radio { transmitter, .. } => site.transmitters.get(transmitter).map(|t| &t.sink),
        }
    }

    /// Whether a cluster can be silenced alone.
    pub(super) fn has_gate(&self, site: &SiteConfig, cluster: &ClusterId) -> bool {
        match self.path(site, cluster) {
            Some(Path::Direct { switch, .. }) => switch.is_some(),
            Some(Path::Radio { transmitter, .. }) => {
                site.transmitters.get(transmitter).is_some_and(Transmitter::has_zones)
            }
            None => false,
        }
    }

    /// A silenced cluster hangs on the sink and cannot be silenced alone.
    pub(super) fn is_shut(&self, site: &SiteConfig, sink: &SinkId) -> bool {
        self.muted.keys().any(|c| self.sink(site, c) == Some(sink) && !self.has_gate(site, c))
    }

    /// Who must have a sink.
    pub(super) fn owner(&self, site: &SiteConfig, sink: &SinkId, wall: Option<Wall>) -> Option<Owned> {
        let reach = |c: &&ClusterId| self.sink(site, c) == Some(sink) && !self.muted.contains_key(*c);
        let reach: BTreeSet<&ClusterId> = site.clusters.keys().filter(reach).collect();
        if reach.is_empty() || self.is_shut(site, sink) {
            return None;
        }
        let hearing = |targets: &Targets| -> BTreeSet<ClusterId> {
            reach.iter().filter(|c| targets.has_cluster(c)).map(|&c| c.clone()).collect()
        };
        let emergency = self
            .standing(wall)
            .filter(|(id, k)| !hearing(&k.targets).is_empty() && !self.over.contains(&((*id).clone(), sink.clone())))
            .max_by_key(|(id, k)| (k.weight(), Reverse((*id).clone())));
        if let Some((id, known)) = emergency {
            return Some((ClaimId::Bulletin(id.clone()), hearing(&known.targets)));
        }
        // Without a trusted clock no programme is on air.
        wall?;
        let begun = |s: &Session| s.at.get(sink).map_or(0, |at| at.0) < s.items.len();
        let session = self.sessions.values().filter(|s| !hearing(&s.targets).is_empty() && begun(s));
        let session = session.min_by_key(|s| s.order)?;
        let mut clusters = hearing(&session.targets);
        // A bulletin keeps its own targets in a programme for more.
        let item = session.items.get(session.at.get(sink).map_or(0, |at| at.0));
        if let Some(SessionItem::Bulletin(id)) = item
            && let Some(known) = self.bulletins.get(id)
        {
            clusters.retain(|c| known.targets.has_cluster(c));
        }
        Some((ClaimId::Session(session.key.clone()), clusters))
    }

    /// The emergency that a board must show while it stands.
    pub(super) fn on_board(&self, board: &BoardId, wall: Option<Wall>) -> Option<&BulletinId> {
        let meant = self.standing(wall).filter(|(_, k)| k.targets.has_board(board));
        meant.max_by_key(|(id, k)| (k.weight(), Reverse((*id).clone()))).map(|(id, _)| id)
    }

    pub(super) fn hear(&mut self, id: &OutputId, report: &Report) {
        if let (OutputId::Sink(sink), Report::Sounding { play }) = (id, report) {
            self.sounding.insert(sink.clone(), *play);
        }
        let reads = match report {
            Report::Switch { on, .. } => Some(*on),
            Report::Transmitter(state) => Some(state.carrier),
            Report::Fault(_) => Some(false),
            Report::Well
            | Report::Asleep
            | Report::Sounding { .. }
            | Report::Ended { .. }
            | Report::Coder { .. }
            | Report::Tripped(_)
            | Report::Sensed(_)
            | Report::Board { .. }
            | Report::Tried { .. }
            | Report::Silent { .. }
            | Report::Unbidden { .. }
            | Report::Howl { .. }
            | Report::Heard { .. }
            | Report::Differs { .. } => None,
        };
        match reads {
            Some(true) => {
                self.idle.remove(id);
                self.reads.insert(id.clone())
            }
            Some(false) => self.reads.remove(id),
            None => false,
        };
        if matches!(report, Report::Coder { zones, .. } if !zones.is_empty()) {
            self.idle.remove(id);
        }
        match report {
            Report::Fault(_) => {
                self.faulted.insert(id.clone());
            }
            Report::Silent { .. }
            | Report::Unbidden { .. }
            | Report::Howl { .. }
            | Report::Heard { .. }
            | Report::Tripped(_)
            | Report::Tried { .. }
            | Report::Differs { .. } => {}
            Report::Well
            | Report::Asleep
            | Report::Sounding { .. }
            | Report::Ended { .. }
            | Report::Switch { .. }
            | Report::Transmitter(_)
            | Report::Coder { .. }
            | Report::Sensed(_)
            | Report::Board { .. } => {
                self.faulted.remove(id);
            }
        }
    }

    /// Time passes: hushes end.
    pub(super) fn lift(&mut self, now: Mono) {
        self.muted.retain(|_, h| h.until > now);
        self.dark.retain(|_, h| h.until > now);
        self.idle.retain(|_, until| *until > now);
    }

    /// The power came back: what is known of the outputs is gone, hushes go on.
    pub(super) fn restart(&mut self, now: Mono, wall: Option<Wall>) {
        self.faulted.clear();
        self.idle.clear();
        self.waiting.clear();
        self.reads.clear();
        self.sounding.clear();
        self.quiet.clear();
        self.keyed = Default::default();
        self.turned.clear();
        self.said.clear();
        for place in std::mem::take(&mut self.unsayable) {
            self.over.remove(&place);
        }
        for hush in self.muted.values_mut().chain(self.dark.values_mut()) {
            let left = match (hush.until_wall, wall) {
                (Some(until), Some(wall)) => u64::try_from(until.0 - wall.0).unwrap_or(0),
                _unknown => hush.for_ms,
            };
            hush.until = now.plus(left);
        }
        self.lift(now);
    }
}
