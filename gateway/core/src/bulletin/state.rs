//! Where a bulletin stands, and what the leader's word on it is.

use serde::{Deserialize, Serialize};

/// Where a bulletin stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Taken in.
    Received,
    /// Its media are on their way.
    Fetching,
    /// It could play.
    Ready,
    /// It waits for a person to put it in a programme.
    WaitingChoice,
    /// It waits for a leader.
    WaitingApproval,
    /// A leader said yes.
    Approved,
    /// A leader said no.
    Rejected,
    /// It has a place in a programme.
    Scheduled,
    /// It sounds or shows now.
    OnAir,
    /// It sounded everywhere it should.
    Done,
    /// It sounded, but not everywhere or not to its end.
    Partial,
    /// It did not sound.
    Failed,
    /// Its time passed.
    Expired,
    /// It was called back.
    Recalled,
}

/// What the leader's word on a bulletin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// It has not been said.
    Awaited,
    /// No, or the author took the bulletin back before.
    Refused,
    /// Yes, or nobody's word was wanted.
    Given,
}

impl State {
    /// What the leader's word is.
    pub fn approval(self) -> Approval {
        match self {
            Self::WaitingApproval => Approval::Awaited,
            Self::Rejected => Approval::Refused,
            Self::Received
            | Self::Fetching
            | Self::Ready
            | Self::WaitingChoice
            | Self::Approved
            | Self::Scheduled
            | Self::OnAir
            | Self::Done
            | Self::Partial
            | Self::Failed
            | Self::Expired
            | Self::Recalled => Approval::Given,
        }
    }

    /// Nothing more can become of it.
    pub fn is_final(self) -> bool {
        match self {
            Self::Rejected | Self::Done | Self::Partial | Self::Failed | Self::Expired | Self::Recalled => true,
            Self::Received
            | Self::Fetching
            | Self::Ready
            | Self::WaitingChoice
            | Self::WaitingApproval
            | Self::Approved
            | Self::Scheduled
            | Self::OnAir => false,
        }
    }
}
