//! The ladder of one message at one station: the acks that came back, rung by rung (contract §6).

use super::online::Uplink;
use serde_json::Value;

/// Rungs after which no other follows.
pub const CLOSING: [&str; 6] = ["done", "partial", "failed", "recalled", "expired", "refused"];

/// One rung.
#[derive(Clone, Debug)]
pub struct Rung {
    /// `received` … `done`.
    pub stage: String,
    /// Why, where something was refused or failed.
    pub code: Option<String>,
    /// `sent`, `electrical`, `tone`, `content`.
    pub grade: Option<String>,
    /// What each output did, as the station wrote it.
    pub outputs: Vec<Value>,
    /// The whole body.
    pub body: Value,
    /// When it reached the hub, milliseconds since 1970.
    pub received_ms: i64,
}

/// All rungs, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Ladder(pub Vec<Rung>);

impl Ladder {
    /// Picks the rungs of a message out of what came up.
    pub fn of(uplinks: &[Uplink], station: &str, jti: &str) -> Self {
        let mine = |u: &&Uplink| u.kind == "ack" && u.station == station && text(&u.body, "of").as_deref() == Some(jti);
        Self(uplinks.iter().filter(mine).filter_map(Rung::read).collect())
    }

    /// The first rung of a stage.
    pub fn rung(&self, stage: &str) -> Option<&Rung> {
        self.0.iter().find(|r| r.stage == stage)
    }

    /// The rung that closed it.
    pub fn closing(&self) -> Option<&Rung> {
        self.0.iter().find(|r| CLOSING.contains(&r.stage.as_str()))
    }

    /// The stages, in the order they came.
    pub fn stages(&self) -> Vec<&str> {
        self.0.iter().map(|r| r.stage.as_str()).collect()
    }
}

impl Rung {
    fn read(uplink: &Uplink) -> Option<Self> {
        let body = &uplink.body;
        Some(Self {
            stage: text(body, "stage")?,
            code: text(body, "code"),
            grade: text(body, "grade"),
            outputs: body.get("outputs").and_then(Value::as_array).cloned().unwrap_or_default(),
            body: body.clone(),
            received_ms: uplink.received_ms,
        })
    }
}

fn text(body: &Value, name: &str) -> Option<String> {
    body.get(name).and_then(Value::as_str).map(str::to_owned)
}
