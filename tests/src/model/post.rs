//! The hub's side of the session: what was sent, what must be sent again, and what came back rung by rung.

use super::letters::{Expect, Letter};
use gateway_core::journal::{Entry, Event, Uplink};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Rungs after which nothing more may come.
const CLOSING: [&str; 6] = ["refused", "done", "partial", "failed", "recalled", "expired"];

/// Everything between the hub and the station.
#[derive(Default)]
pub(super) struct Post {
    letters: Vec<Letter>,
    /// Delivered, and not PUBACKed because no commit has come since.
    unacknowledged: Vec<usize>,
    again: VecDeque<usize>,
    /// Rungs heard, by message.
    heard: BTreeMap<String, Vec<String>>,
    /// Messages whose acceptance is on disk.
    taken: BTreeSet<String>,
}

impl Post {
    pub(super) fn sends(&mut self, letter: Letter) -> Letter {
        self.unacknowledged.push(self.letters.len());
        self.letters.push(letter.clone());
        letter
    }

    /// What the broker must deliver again, oldest first.
    pub(super) fn next_again(&mut self) -> Option<Letter> {
        let number = self.again.pop_front()?;
        self.unacknowledged.push(number);
        self.letters.get(number).cloned()
    }

    /// The broker delivers an old message once more although it was acknowledged: the PUBACK was lost.
    pub(super) fn repeats(&mut self, number: usize) {
        if number < self.letters.len() {
            self.again.push_back(number);
        }
    }

    pub(super) fn sent(&self) -> usize {
        self.letters.len()
    }

    pub(super) fn power_cut(&mut self) {
        let mut again: Vec<usize> = self.unacknowledged.drain(..).collect();
        again.extend(self.again.drain(..));
        again.sort_unstable();
        again.dedup();
        self.again = again.into();
    }

    /// A commit: everything delivered is PUBACKed, and what the entries say goes up.
    pub(super) fn committed(&mut self, entries: &[Entry]) -> Result<(), String> {
        self.unacknowledged.clear();
        for entry in entries {
            if let Event::Taken { jti, .. } = &entry.event
                && !self.taken.insert(jti.clone())
            {
                return Err(format!("{jti} was taken twice"));
            }
            for uplink in entry.uplinks.iter().filter(|u| u.kind == "ack") {
                self.hears(uplink)?;
            }
        }
        Ok(())
    }

    fn hears(&mut self, uplink: &Uplink) -> Result<(), String> {
        let word = |key: &str| uplink.body[key].as_str().unwrap_or_default().to_owned();
        let (of, stage, code) = (word("of"), word("stage"), word("code"));
        let heard = self.heard.entry(of.clone()).or_default();
        if code == "replayed" {
            // The rung it had reached: one the hub knows already.
            return match heard.contains(&stage) {
                true => Ok(()),
                false => Err(format!("{of} is said to have reached {stage}, of {heard:?}")),
            };
        }
        let letter = self.letters.iter().find(|l| l.jti == of);
        let Some(letter) = letter else { return Err(format!("an ack for {of}, which nobody sent")) };
        if stage == "refused" {
            // Once the time floor has passed its `exp` a message is not known any more, and is refused for its age.
            if self.taken.contains(&of) && code != "expired" {
                return Err(format!("{of} was accepted, and is said to be refused"));
            }
            if letter.expect == Expect::Judged && !["expired", "not_yet_valid"].contains(&code.as_str()) {
                return Err(format!("{of} is good, and was refused as {code}"));
            }
            // After a power cut nobody knows any more that it was answered.
            return Ok(());
        }
        if letter.expect != Expect::Judged {
            return Err(format!("{of} must be refused, and reached {stage}"));
        }
        if heard.contains(&stage) {
            return Err(format!("{of}: the rung {stage} was sent twice"));
        }
        if let Some(closed) = heard.iter().find(|h| CLOSING.contains(&h.as_str())) {
            return Err(format!("{of}: {stage} after it was closed as {closed}"));
        }
        let first = if heard.is_empty() { "received" } else { "accepted" };
        if heard.len() < 2 && stage != first {
            return Err(format!("{of}: {stage} after {heard:?}"));
        }
        heard.push(stage);
        Ok(())
    }

    /// Whether a message has had its closing rung.
    fn is_closed(&self, jti: &str) -> bool {
        self.heard.get(jti).is_some_and(|h| h.iter().any(|s| CLOSING.contains(&s.as_str())))
    }

    /// Messages taken that never had a closing rung.
    pub(super) fn open(&self) -> Vec<&str> {
        self.taken.iter().map(String::as_str).filter(|jti| !self.is_closed(jti)).collect()
    }

    /// What was heard of a message, for a failure's story.
    pub(super) fn heard(&self, jti: &str) -> String {
        format!("{:?}", self.heard.get(jti))
    }

    /// A message's meaning, for a failure's story.
    pub(super) fn letter(&self, jti: &str) -> Option<&Letter> {
        self.letters.iter().find(|l| l.jti == jti)
    }
}
