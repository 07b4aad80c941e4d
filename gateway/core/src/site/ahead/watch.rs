//! Who hears what in a rehearsal, written down as blocks.

use super::super::Site;
use super::super::air::{Piece, Stage};
use super::super::content::Resolved;
use super::seconds;
use crate::ahead::{Block, Defaulted, Heard, Missing, Rehearsal};
use crate::arbiter;
use crate::bulletin::Approval;
use crate::claim::ClaimId;
use crate::id::{BulletinId, ClusterId, ProgrammeId};
use crate::journal::{Entry, Event};
use crate::memory::{Session, SessionItem};
use crate::programme::Item;
use crate::time::{Now, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// A pause this short between two turns of the same thing is part of it, milliseconds.
const BREATH_MS: i64 = 30_000;

/// What begins this close to each other in two places is one thing, milliseconds: outputs are keyed one by one.
const TOGETHER_MS: i64 = 5_000;

/// What a cluster hears: whose, and which item of it.
type What = (ClaimId, usize);

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    blocks: BTreeMap<ClaimId, Block>,
    /// Blocks are listed by their begin; those of one moment in the order they came.
    order: Vec<(Wall, ClaimId)>,
    hearing: BTreeMap<ClusterId, (What, Wall)>,
    /// From when until when each thing was heard, and where.
    heard: BTreeMap<What, Vec<(Wall, Wall, BTreeSet<ClusterId>)>>,
    decisions: Vec<Defaulted>,
    /// Items of each block, kept as sessions are forgotten: kind, title, bulletin.
    pieces: BTreeMap<What, (&'static str, String, Option<BulletinId>)>,
}

impl Watch {
    /// Takes in what one step noted.
    pub(super) fn note(&mut self, site: &Site, entries: &[Entry], now: Now) {
        for entry in entries {
            if let Event::SessionOpened { session } = &entry.event {
                self.open(site, session, now);
            } else if let Event::SessionClosed { key, why } = &entry.event {
                self.close(&ClaimId::Session(key.clone()), why, now);
            } else if let Event::SessionMissed { programme, start } = &entry.event {
                self.miss(site, programme, *start);
            } else if let Event::DecisionTaken { id, first, by: None } = &entry.event
                && let (Some(decision), Some(at)) = (site.memory.decisions.get(id), now.wall)
            {
                let standing = site.memory.bulletins.get(&decision.bulletin);
                let programme = site.memory.programmes.get(&decision.programme);
                self.decisions.push(Defaulted {
                    at: at.rfc3339(),
                    bulletin: decision.bulletin.clone(),
                    title: standing.map(|s| s.bulletin.title.clone()).unwrap_or_default(),
                    programme: programme.map(|p| p.title.clone()).unwrap_or_default(),
                    first: *first,
                });
            }
        }
        self.look(site, now);
    }

    fn miss(&mut self, site: &Site, programme: &ProgrammeId, start: Wall) {
        let Some(known) = site.memory.programmes.get(programme) else { return };
        let claim = ClaimId::Session(format!("{programme}@{}", start.rfc3339()));
        let end = start.plus(i64::from(known.duration_s) * 1000);
        let clusters = site.config.clusters.keys().filter(|c| known.targets.has_cluster(c)).cloned();
        let block = Block {
            programme: Some(programme.clone()),
            title: known.title.clone(),
            of_province: known.of_province,
            at: start.rfc3339(),
            until: end.rfc3339(),
            end: "missed".to_owned(),
            planned_s: known.duration_s,
            silent_s: known.duration_s,
            clusters: clusters.collect(),
            items: Vec::new(),
            missing: Vec::new(),
        };
        self.put(claim, start, block);
    }

    fn put(&mut self, claim: ClaimId, at: Wall, block: Block) {
        if self.blocks.insert(claim.clone(), block).is_none() {
            self.order.push((at, claim));
        }
    }

    fn open(&mut self, site: &Site, session: &Session, now: Now) {
        let claim = ClaimId::Session(session.key.clone());
        let programme = site.memory.programmes.get(&session.programme);
        let at = now.wall.unwrap_or(session.start).max(session.start);
        let clusters = site.config.clusters.keys().filter(|c| session.targets.has_cluster(c)).cloned();
        let block = Block {
            programme: Some(session.programme.clone()),
            title: session.title.clone(),
            of_province: programme.is_some_and(|p| p.of_province),
            at: at.rfc3339(),
            until: session.end.rfc3339(),
            end: "open".to_owned(),
            planned_s: seconds(session.start, session.end),
            silent_s: 0,
            clusters: clusters.collect(),
            items: Vec::new(),
            missing: missing(site, session, now),
        };
        self.put(claim, at, block);
    }

    fn close(&mut self, claim: &ClaimId, why: &str, now: Now) {
        if let (Some(block), Some(wall)) = (self.blocks.get_mut(claim), now.wall) {
            block.until = wall.rfc3339();
            why.clone_into(&mut block.end);
        }
    }

    /// Looks who hears what now.
    pub(super) fn look(&mut self, site: &Site, now: Now) {
        let Some(wall) = now.wall else { return };
        for cluster in site.config.clusters.keys() {
            let what = heard_at(site, cluster);
            let before = self.hearing.get(cluster);
            if before.map(|(was, _)| was) == what.as_ref() {
                continue;
            }
            if let Some((was, since)) = self.hearing.remove(cluster) {
                self.write(was, since, wall, cluster);
            }
            if let Some(what) = what {
                if !self.pieces.contains_key(&what) {
                    self.name(site, &what, wall);
                }
                self.hearing.insert(cluster.clone(), (what, wall));
            }
        }
    }

    fn write(&mut self, what: What, from: Wall, until: Wall, cluster: &ClusterId) {
        if until <= from {
            return;
        }
        let spans = self.heard.entry(what).or_default();
        let own = spans.iter_mut().rev().find(|(a, b, who)| {
            let goes_on = who.contains(cluster) && from.0 - b.0 <= BREATH_MS;
            goes_on || (a.0 - from.0).abs() <= TOGETHER_MS
        });
        match own {
            Some((begin, end, who)) => {
                *begin = (*begin).min(from);
                *end = (*end).max(until);
                who.insert(cluster.clone());
            }
            None => spans.push((from, until, BTreeSet::from([cluster.clone()]))),
        }
    }

    /// What a thing that is heard for the first time is called.
    fn name(&mut self, site: &Site, what: &What, wall: Wall) {
        let (claim, item) = what;
        let title = |id: &BulletinId| site.memory.bulletins.get(id).map(|s| s.bulletin.title.clone());
        let named = match site.piece(claim, *item) {
            Some(Piece::Bulletin(id)) => ("bulletin", title(&id).unwrap_or_default(), Some(id)),
            Some(Piece::Relay(input, _)) => {
                let name = site.config.inputs.get(&input).map(|i| i.name.clone()).filter(|n| !n.is_empty());
                ("relay", name.unwrap_or_else(|| input.to_string()), None)
            }
            Some(Piece::Chime | Piece::Silence(_)) | None => ("chime", String::new(), None),
        };
        if !self.blocks.contains_key(claim) {
            let id = claim.bulletin();
            let block = Block {
                programme: None,
                title: id.and_then(title).unwrap_or_default(),
                of_province: false,
                at: wall.rfc3339(),
                until: wall.rfc3339(),
                end: "done".to_owned(),
                planned_s: 0,
                silent_s: 0,
                clusters: Vec::new(),
                items: Vec::new(),
                missing: Vec::new(),
            };
            self.put(claim.clone(), wall, block);
        }
        self.pieces.insert(what.clone(), named);
    }

    /// Everything that was seen.
    pub(super) fn told(mut self, site: &Site, now: Now, last: Wall) -> Rehearsal {
        for (cluster, (what, since)) in std::mem::take(&mut self.hearing) {
            self.write(what, since, now.wall.unwrap_or(last).min(last), &cluster);
        }
        let mut spans: Vec<(What, Wall, Wall, BTreeSet<ClusterId>)> = std::mem::take(&mut self.heard)
            .into_iter()
            .flat_map(|(what, spans)| spans.into_iter().map(move |(a, b, who)| (what.clone(), a, b, who)))
            .collect();
        spans.sort_by_key(|(what, from, _, _)| (*from, what.1));
        let mut sounded: BTreeMap<ClaimId, (Wall, i64)> = BTreeMap::new();
        for (what, from, until, who) in spans {
            let (Some(block), Some(named)) = (self.blocks.get_mut(&what.0), self.pieces.get(&what)) else { continue };
            let (kind, title, bulletin) = named.clone();
            if block.programme.is_none() {
                block.until = until.rfc3339();
                block.clusters.extend(who.iter().filter(|c| !block.clusters.contains(c)).cloned().collect::<Vec<_>>());
            }
            // What is heard at the same time in two places fills that time once.
            let (reached, ms) = sounded.entry(what.0.clone()).or_insert((from, 0));
            *ms += (until.0 - from.max(*reached).0).max(0);
            *reached = until.max(*reached);
            let clusters = who.into_iter().collect();
            block.items.push(Heard {
                kind,
                title,
                bulletin,
                at: from.rfc3339(),
                seconds: seconds(from, until),
                clusters,
            });
        }
        let programmes = &site.memory.programmes;
        self.order.sort();
        let mut blocks = Vec::new();
        for (at, claim) in self.order {
            let Some(mut block) = self.blocks.remove(&claim) else { continue };
            let ms = sounded.get(&claim).map_or(0, |(_, ms)| *ms);
            let end = Wall::parse(&block.until).unwrap_or(at).min(last);
            let asked = block.programme.as_ref().and_then(|p| programmes.get(p)).map_or(0, |p| pauses(&p.items));
            if block.end != "missed" {
                block.silent_s = seconds(Wall(0), Wall((end.0 - at.0 - ms).max(0))).saturating_sub(asked);
            }
            blocks.push(block);
        }
        Rehearsal { blocks, decisions: self.decisions, ..Rehearsal::default() }
    }
}

/// Pauses a programme asks for, seconds.
fn pauses(items: &[Item]) -> u32 {
    items
        .iter()
        .map(|item| match item {
            Item::Silence { duration_s } => *duration_s,
            Item::Chime | Item::Bulletin { .. } | Item::PriorityQueue | Item::Relay { .. } | Item::Other => 0,
        })
        .sum()
}

/// What a cluster hears now.
fn heard_at(site: &Site, cluster: &ClusterId) -> Option<What> {
    let path = arbiter::path_of(&site.config, &site.paths, cluster)?;
    let sink = arbiter::sink_of(&site.config, path)?;
    site.air.addressed.get(sink).filter(|who| who.contains(cluster))?;
    let claim = site.air.sinks.get(sink)?;
    let airing = site.airings.get(&(claim.clone(), sink.clone()))?;
    match &airing.stage {
        Stage::Content(playing) => playing.sounding.map(|_| (claim.clone(), airing.item)),
        Stage::Opening { .. } | Stage::Paused | Stage::Gap { .. } | Stage::Lacking { .. } | Stage::Over => None,
    }
}

/// What a programme names that will not be heard, so far as can be known when it begins.
fn missing(site: &Site, session: &Session, now: Now) -> Vec<Missing> {
    let named = site.memory.programmes.get(&session.programme);
    let named = named.into_iter().flat_map(|p| p.bulletins());
    let lined = session.items.iter().filter_map(|item| match item {
        SessionItem::Bulletin(id) => Some(id),
        SessionItem::Chime | SessionItem::Silence(_) | SessionItem::Relay { .. } => None,
    });
    let all: BTreeSet<&BulletinId> = named.chain(lined).collect();
    let mut missing: Vec<Missing> = all
        .into_iter()
        .filter_map(|id| {
            let standing = site.memory.bulletins.get(id);
            let why = match standing {
                None => "unknown",
                Some(_) if site.memory.is_recalled(id) => "recalled",
                Some(s) if s.state.approval() != Approval::Given => "not_approved",
                Some(_) if !site.may_air(id, now) => "expired",
                Some(standing) => {
                    let bulletin = &standing.bulletin;
                    let made: Vec<Resolved> =
                        bulletin.heard_in().into_iter().map(|lang| site.rendition(id, bulletin, lang)).collect();
                    let comes = |r: &Resolved| matches!(r, Resolved::Ready(..));
                    // A text that is not spoken yet is spoken here, without the link.
                    let spoken = bulletin.text("vi").is_some() && bulletin.audio("vi").is_none();
                    match () {
                        () if spoken || made.iter().any(comes) => return None,
                        () if made.iter().any(|r| matches!(r, Resolved::NotYet)) => "not_here",
                        () => "failed",
                    }
                }
            };
            let title = standing.map(|s| s.bulletin.title.clone()).unwrap_or_default();
            Some(Missing { id: id.to_string(), title, why })
        })
        .collect();
    for item in &session.items {
        if let SessionItem::Relay { input, .. } = item
            && !site.config.inputs.contains_key(input)
        {
            missing.push(Missing { id: input.to_string(), title: String::new(), why: "unknown" });
        }
    }
    missing
}
