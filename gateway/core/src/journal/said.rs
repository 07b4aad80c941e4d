//! What entries with much to say hold; in the journal their fields stand beside the entry's kind.

use crate::id::{BulletinId, ClusterId, DrillId, PaperId, SinkId};
use crate::memory::Turned;
use crate::paper::Reading;
use crate::ruling::Ruling;
use crate::time::Wall;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cluster is no longer reached by a sink in the middle of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// Of which bulletin.
    pub id: BulletinId,
    /// Which sink.
    pub sink: SinkId,
    /// What it heard.
    pub reached: Turned,
}

/// A cluster is reached another way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rerouted {
    /// Which cluster.
    pub cluster: ClusterId,
    /// Which of its paths, from 1.
    pub number: usize,
    /// How sound travels on it: the word of the play log.
    pub path: String,
}

/// A drill was due and was not held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrillSkipped {
    /// Which.
    pub drill: DrillId,
    /// When it was due.
    pub start: Wall,
    /// `emergency`, `live`, `quiet_hours`, `muted`, `full_drill`, `missed`.
    pub why: String,
}

/// A bulletin of the commune went back to its author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentBack {
    /// Which.
    pub id: BulletinId,
    /// By whom.
    pub by: String,
    /// By its author.
    pub withdrawn: bool,
}

/// A report that was wanted is handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportSubmitted {
    /// The paper that wants it.
    pub id: PaperId,
    /// Who and when.
    pub reading: Reading,
    /// Its rows, as they go up.
    pub rows: Value,
    /// Words beside it.
    pub note: String,
}

/// A ruling of the province came, or a newer version of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RulingCame {
    /// What is ruled.
    pub ruling: Box<Ruling>,
    /// Who signed.
    pub iss: String,
    /// The message whose ladder it climbs.
    pub jti: String,
}

/// The microphone of a live transmission passed to another speaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// The bulletin it is kept as.
    pub id: BulletinId,
    /// Login name of who speaks from now on.
    pub to: String,
    /// Login name of who said so.
    pub by: String,
    /// Why, where it was taken.
    pub reason: String,
}
