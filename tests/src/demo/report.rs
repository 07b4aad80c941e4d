//! What happened, step by step, as JSON for a program to read.

use crate::hub::Ladder;
use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Instant;

/// What a step has to tell beside whether it went well.
pub type Facts = Map<String, Value>;

/// One step.
#[derive(Debug, Serialize)]
pub struct Step {
    /// What was to happen.
    pub step: String,
    /// It did.
    pub ok: bool,
    /// How long that took, milliseconds.
    pub ms: u64,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What else there is to tell.
    #[serde(flatten)]
    pub facts: Facts,
}

/// All of them.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// In the order they were tried.
    pub steps: Vec<Step>,
    /// All that was to happen did.
    pub ok: bool,
    /// How long it all took, milliseconds.
    pub took_ms: u64,
}

impl Report {
    /// Tries one step and writes down what came of it.
    pub fn step<T>(&mut self, what: &str, act: impl FnOnce(&mut Facts) -> Result<T>) -> Option<T> {
        let (begun, mut facts) = (Instant::now(), Facts::new());
        let came = act(&mut facts);
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let why = came.as_ref().err().map(|e| format!("{e:#}"));
        match &why {
            None => log::info!("{what} ({ms} ms)"),
            Some(why) => log::error!("{what}: {why}"),
        }
        self.steps.push(Step { step: what.to_owned(), ok: came.is_ok(), ms, why, facts });
        came.ok()
    }

    /// Nothing that was tried went wrong.
    pub fn all_well(&self) -> bool {
        self.steps.iter().all(|s| s.ok)
    }
}

/// Milliseconds from the publishing of a message to each rung of its ladder, as the hub received them.
pub(super) fn rungs(ladder: &Ladder, sent_ms: i64) -> Value {
    let rungs: Map<String, Value> =
        ladder.0.iter().map(|r| (r.stage.clone(), json!(r.received_ms - sent_ms))).collect();
    Value::Object(rungs)
}
