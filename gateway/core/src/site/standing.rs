//! What a restart just now would break off.

use super::Site;
use crate::claim::Rank;
use serde::Serialize;

/// What stands, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A self-test.
    SelfTest,
    /// A programme.
    Programme,
    /// A drill.
    Drill,
    /// A voice that speaks now.
    Live,
    /// An emergency.
    Emergency,
}

impl Standing {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfTest => "selftest",
            Self::Programme => "programme",
            Self::Drill => "drill",
            Self::Live => "live",
            Self::Emergency => "emergency",
        }
    }
}

impl Site {
    /// The weightiest of what a restart now would break off; `None`: nothing.
    pub fn standing(&self) -> Option<Standing> {
        let claims = self.claims.iter().filter_map(|claim| match claim.rank {
            // Nobody misses it.
            Rank::Filler => None,
            Rank::Programme => Some(Standing::Programme),
            Rank::Drill(_) => Some(Standing::Drill),
            Rank::Live => Some(Standing::Live),
            Rank::Emergency(_) => Some(Standing::Emergency),
        });
        claims.chain(self.trial.as_ref().map(|_| Standing::SelfTest)).max()
    }
}
