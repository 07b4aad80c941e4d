//! Who asks for the air, and how much they count.

use crate::id::{BoardId, BulletinId, ClusterId};
use std::collections::BTreeSet;

/// How much a claim counts; the order is the policy of contract §5. A person's mute stands above all of it and is not
/// a claim: it takes clusters out of the arbitration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A programme, with the priority bulletins in it.
    Programme,
    /// A drill of a disaster risk level 1–5: whatever its level, it never holds the air against the real thing.
    Drill(u8),
    /// An emergency of a disaster risk level 1–5. (An officer's live voice will stand just below.)
    Emergency(u8),
}

/// Whose claim it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimId {
    /// An emergency bulletin's.
    Bulletin(BulletinId),
    /// A running programme's, by its session key.
    Session(String),
}

/// A standing claim to some outputs.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose.
    pub id: ClaimId,
    /// How much it counts.
    pub rank: Rank,
    /// Order of arrival: first come, first served among equals.
    pub order: u64,
    /// Clusters it addresses.
    pub clusters: BTreeSet<ClusterId>,
    /// Boards it addresses.
    pub boards: BTreeSet<BoardId>,
}
