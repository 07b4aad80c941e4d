//! What would be aired in the days to come if the link died now, as the same core found out when it was run ahead.

use crate::bulletin::Targets;
use crate::config::{First, SiteConfig};
use crate::device::Fault;
use crate::id::{BulletinId, ClipId, ClusterId, OutputId, ProgrammeId, SpeechId};
use crate::input::Made;
use crate::memory::{Memory, Standing};
use crate::programme::Programme;
use crate::time::{Mono, Wall};
use serde::Serialize;
use std::collections::BTreeMap;

/// A copy of everything a station knows, taken between two steps: what is asked of it holds nobody up.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub(crate) config: SiteConfig,
    pub(crate) memory: Memory,
    pub(crate) clips: BTreeMap<ClipId, Made>,
    pub(crate) speech: BTreeMap<SpeechId, Made>,
    pub(crate) wall: Option<Wall>,
    pub(crate) mono: Mono,
    pub(crate) faulted: Vec<(OutputId, Fault)>,
}

/// Days to come.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Rehearsal {
    /// From when, RFC 3339 with +07:00; `null` where the clock is not trusted: then no programme would start at all.
    #[schema(required)]
    pub from: Option<String>,
    /// Until when.
    #[schema(required)]
    pub until: Option<String>,
    /// What would be aired, soonest first.
    pub blocks: Vec<Block>,
    /// Decisions nobody would answer.
    pub decisions: Vec<Defaulted>,
    /// More would follow: the days asked for were too full to be rehearsed to their end.
    pub cut_short: bool,
}

/// A programme, or something else that would have the air.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Block {
    /// The programme; `null` for an emergency or a drill.
    #[schema(required)]
    pub programme: Option<ProgrammeId>,
    /// Its title.
    pub title: String,
    /// It is the province's.
    pub of_province: bool,
    /// When it would begin, RFC 3339.
    pub at: String,
    /// When it would be over.
    pub until: String,
    /// How it would end: `done`, `cut` at its end, `replaced` by another, `missed`, `open` where the days end before it.
    pub end: String,
    /// Its length as it is planned, seconds; 0 where nothing is planned.
    pub planned_s: u32,
    /// How long nothing would be heard between its begin and its end, seconds.
    pub silent_s: u32,
    /// Where, by cluster.
    pub clusters: Vec<ClusterId>,
    /// What would be heard, in order.
    pub items: Vec<Heard>,
    /// What it names and would not be heard.
    pub missing: Vec<Missing>,
}

/// One thing that would be heard.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Heard {
    /// `chime`, `bulletin`, `relay`.
    pub kind: &'static str,
    /// Its title, or the name of the input.
    pub title: String,
    /// The bulletin.
    #[schema(required)]
    pub bulletin: Option<BulletinId>,
    /// When, RFC 3339.
    pub at: String,
    /// For how long, seconds.
    pub seconds: u32,
    /// Where.
    pub clusters: Vec<ClusterId>,
}

/// Something a programme names that would not be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Missing {
    /// The bulletin or input.
    pub id: String,
    /// Its title or name.
    pub title: String,
    /// `not_here` (its file is not in the cache), `failed`, `recalled`, `expired`, `not_approved`, `unknown`.
    pub why: &'static str,
}

/// A decision that would be taken by the site's rule.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Defaulted {
    /// When, RFC 3339.
    pub at: String,
    /// The hub's item.
    pub bulletin: BulletinId,
    /// Its title.
    pub title: String,
    /// The programme in which the two meet.
    pub programme: String,
    /// Who goes first.
    pub first: First,
}

impl Ahead {
    /// The programme book: the province's and the commune's, by identity.
    pub fn book(&self) -> impl Iterator<Item = &Programme> {
        self.memory.programmes.values()
    }

    /// A bulletin and how far it has come.
    pub fn bulletin(&self, id: &BulletinId) -> Option<&Standing> {
        self.memory.bulletins.get(id)
    }

    /// All bulletins, by identity.
    pub fn bulletins(&self) -> impl Iterator<Item = &Standing> {
        self.memory.bulletins.values()
    }

    /// What became of a media file; `None`: it is on its way, or nobody wants it.
    pub fn clip(&self, id: &ClipId) -> Option<&Made> {
        self.clips.get(id)
    }

    /// What the site is made of.
    pub fn config(&self) -> &SiteConfig {
        &self.config
    }

    /// The wall clock at the moment of the copy, where it was trusted.
    pub fn wall(&self) -> Option<Wall> {
        self.wall
    }

    /// Clusters that targets mean.
    pub fn clusters(&self, targets: &Targets) -> Vec<ClusterId> {
        self.config.clusters.keys().filter(|c| targets.has_cluster(c)).cloned().collect()
    }
}
