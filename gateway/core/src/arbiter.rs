//! Claims → who has each output, worked out from scratch each time.

use crate::claim::{Claim, ClaimId};
use crate::config::{Path, SiteConfig, Transmitter};
use crate::id::{BoardId, ClusterId, SinkId};
use std::collections::{BTreeMap, BTreeSet};

/// Who has the air.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Air {
    /// The claim that each sink plays.
    pub sinks: BTreeMap<SinkId, ClaimId>,
    /// The clusters that hear it.
    pub addressed: BTreeMap<SinkId, BTreeSet<ClusterId>>,
    /// The emergency that each board shows.
    pub boards: BTreeMap<BoardId, ClaimId>,
}

/// What a person or a fault takes out of the arbitration.
pub struct Limits<'a> {
    /// Silenced clusters.
    pub silenced: &'a BTreeSet<ClusterId>,
    /// Which of its paths each cluster uses now.
    pub paths: &'a BTreeMap<ClusterId, usize>,
}

/// The path a cluster uses now.
pub fn path_of<'a>(site: &'a SiteConfig, paths: &BTreeMap<ClusterId, usize>, cluster: &ClusterId) -> Option<&'a Path> {
    let known = site.clusters.get(cluster)?;
    known.paths.get(paths.get(cluster).copied().unwrap_or(0))
}

/// The sink behind a path.
pub fn sink_of<'a>(site: &'a SiteConfig, path: &'a Path) -> Option<&'a SinkId> {
    match path {
        Path::Direct { sink, .. } => Some(sink),
        Path::Radio { transmitter, .. } => site.transmitters.get(transmitter).map(|t| &t.sink),
    }
}

/// Whether a path can be closed for one cluster alone.
fn has_gate(site: &SiteConfig, path: &Path) -> bool {
    match path {
        Path::Direct { switch, .. } => switch.is_some(),
        Path::Radio { transmitter, .. } => site.transmitters.get(transmitter).is_some_and(Transmitter::has_zones),
    }
}

/// Gives each output to the claim that counts most; `is_over` says that a claim has finished with a sink.
pub fn arbitrate(
    site: &SiteConfig,
    claims: &[Claim],
    limits: &Limits<'_>,
    is_over: impl Fn(&ClaimId, &SinkId) -> bool,
) -> Air {
    let mut ranked: Vec<&Claim> = claims.iter().collect();
    ranked.sort_by(|a, b| b.rank.cmp(&a.rank).then(a.order.cmp(&b.order)));
    let shut = shut_sinks(site, limits);
    let mut air = Air::default();
    for claim in ranked {
        for cluster in &claim.clusters {
            if limits.silenced.contains(cluster) {
                continue;
            }
            let Some(sink) = path_of(site, limits.paths, cluster).and_then(|p| sink_of(site, p)) else { continue };
            if shut.contains(sink) || is_over(&claim.id, sink) {
                continue;
            }
            let owner = air.sinks.entry(sink.clone()).or_insert_with(|| claim.id.clone());
            if *owner == claim.id {
                air.addressed.entry(sink.clone()).or_default().insert(cluster.clone());
            }
        }
        for board in &claim.boards {
            air.boards.entry(board.clone()).or_insert_with(|| claim.id.clone());
        }
    }
    air
}

/// Sinks that must be silent altogether: a silenced cluster hangs on them with no gate of its own.
fn shut_sinks(site: &SiteConfig, limits: &Limits<'_>) -> BTreeSet<SinkId> {
    limits
        .silenced
        .iter()
        .filter_map(|c| path_of(site, limits.paths, c))
        .filter(|p| !has_gate(site, p))
        .filter_map(|p| sink_of(site, p).cloned())
        .collect()
}
