//! Who asks for the air, and how much they count.

use crate::id::{BoardId, BulletinId, ClusterId};
use std::collections::BTreeSet;

/// How much a claim counts; the order is the policy of contract §5. A person's mute stands above all of it and is not
/// a claim: it takes clusters out of the arbitration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What fills the air while nothing is due, where the site wants that.
    Filler,
    /// A programme, with the priority bulletins in it.
    Programme,
    /// A drill of a disaster risk level 1–5: whatever its level, it never holds the air against the real thing.
    Drill(u8),
    /// A voice that speaks now: an officer's, or one the hub asks for.
    Live,
    /// An emergency of a disaster risk level 1–5.
    Emergency(u8),
}

/// Whose claim it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClaimId {
    /// An emergency bulletin's.
    Bulletin(BulletinId),
    /// A live transmission's, by the bulletin it is kept as.
    Live(BulletinId),
    /// A running programme's, by its session key.
    Session(String),
    /// The site's filler.
    Filler,
}

impl ClaimId {
    /// The bulletin that has this claim of its own.
    pub fn bulletin(&self) -> Option<&BulletinId> {
        match self {
            Self::Bulletin(id) | Self::Live(id) => Some(id),
            Self::Session(_) | Self::Filler => None,
        }
    }
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
