//! A row of the broadcasting journal (*nhật ký phát thanh*): one bulletin at one cluster.

use crate::bulletin::Priority;
use crate::id::{BulletinId, ClusterId};
use crate::time::Wall;
use crate::want::Grade;
use serde::{Deserialize, Serialize};

/// One row of the broadcasting journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    /// Which bulletin.
    pub bulletin: BulletinId,
    /// Which cluster.
    pub cluster: ClusterId,
    /// When it should have begun.
    pub planned: Option<Wall>,
    /// When it was first heard.
    pub start: Option<Wall>,
    /// When it was over.
    pub end: Option<Wall>,
    /// Asked for, seconds.
    pub requested_s: f64,
    /// Sounded, seconds.
    pub actual_s: f64,
    /// `done`, `partial`, `failed`.
    pub result: String,
    /// What took the air from it.
    pub interrupted_by: Option<String>,
    /// Who wrote it: at the desk, where the commune made it. Rows of before this was kept name the author as operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who put it on air: booked the programme that said it, or fired it; nobody of the commune where the province did.
    pub operator: Option<String>,
    /// Who approved it.
    pub approver: Option<String>,
    /// `wired`, `ip`, `fm`, `recorder`.
    pub path: String,
    /// How it is known that it sounded.
    pub evidence: Option<Grade>,
    /// Title of the bulletin.
    #[serde(default)]
    pub title: String,
    /// Its field (*lĩnh vực*), a code of the hub's list.
    #[serde(default)]
    pub field: String,
    /// Who issued it.
    #[serde(default)]
    pub issuer: String,
    /// Its priority; rows written before it was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// A drill.
    #[serde(default)]
    pub drill: bool,
}
