//! What a person may do: rights, and the roles that bring them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One kind of thing that may be done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See and listen.
    Look,
    /// Emergencies, stop, mute, blackout, live, decisions.
    Air,
    /// Programmes, drafts, library, lexicon.
    Compose,
    /// Approve a draft, or return it.
    Approve,
    /// Self-tests, rearming, commissioning, settings.
    Devices,
    /// Accounts and sessions.
    People,
}

impl Right {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Air => "air",
            Self::Compose => "compose",
            Self::Approve => "approve",
            Self::Devices => "devices",
            Self::People => "people",
        }
    }
}

/// What a user is; which rights that brings stands in [`Role::rights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// *Người xem*: sees everything, changes nothing.
    Viewer,
    /// *Biên tập*: runs the desk.
    Officer,
    /// *Lãnh đạo duyệt*: runs the desk, approves and looks after its people.
    Approver,
    /// *Kỹ thuật*: looks after the station and its people; the first user is one.
    Technician,
}

impl Role {
    /// Every role, the one that may least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Officer, Self::Approver, Self::Technician];

    /// What the role may do.
    pub fn rights(self) -> &'static [Right] {
        use Right::{Air, Approve, Compose, Devices, Look, People};
        match self {
            Self::Viewer => &[Look],
            Self::Officer => &[Look, Air, Compose],
            Self::Approver => &[Look, Air, Compose, Approve, People],
            Self::Technician => &[Look, Air, Devices, People],
        }
    }

    /// Whether the role has a right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }

    /// The role of a name on the command line: `viewer`, `officer`, `approver`, `technician`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    /// Its name in the file, the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Technician => "technician",
        }
    }

    /// Its name on the desk.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Viewer => "người xem",
            Self::Officer => "biên tập",
            Self::Approver => "lãnh đạo duyệt",
            Self::Technician => "kỹ thuật",
        }
    }
}
