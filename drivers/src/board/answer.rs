//! Waiting for the answer of a card: bytes are taken until the message that answers is whole, or the time is up.

use crate::line::Line;
use gateway_core::device::Fault;
use std::fmt::Display;
use std::time::{Duration, Instant};

/// What cuts the messages of a kind of card out of the bytes it sends.
pub(super) trait Cut {
    /// A message.
    type Message;
    /// Why bytes are none.
    type Error: Display;

    /// Takes bytes.
    fn push(&mut self, bytes: &[u8]);

    /// The next whole message.
    fn cut(&mut self) -> Result<Option<Self::Message>, Self::Error>;
}

/// An answer that was given up and may come all the same: on a wire that outlives its line's closing it would be taken for
/// the answer to the next question, where answers do not say what they answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Owed(Option<Instant>);

/// How long after it was given up an answer may still come.
const STRAGGLES: Duration = Duration::from_millis(1000);

impl Owed {
    /// What was asked may still be answered, if it failed for want of an answer.
    pub(super) fn noted<T>(&mut self, answer: Result<T, Fault>) -> Result<T, Fault> {
        if matches!(answer, Err(Fault::Line(_))) {
            self.0 = Some(Instant::now() + STRAGGLES);
        }
        answer
    }

    /// Lets what still comes come, and throws it away.
    pub(super) fn wait(&mut self, line: &mut Line) -> Result<(), Fault> {
        if let Some(until) = self.0.take() {
            line.open()?;
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                line.receive("waiting for what comes late", left)?;
            }
        }
        Ok(())
    }
}

/// The first message that `judge` takes for the answer; it passes over the others with `None`.
pub(super) fn answer<C: Cut, T>(
    line: &mut Line,
    asking: &str,
    mut cutter: C,
    within: Duration,
    mut judge: impl FnMut(C::Message) -> Option<Result<T, Fault>>,
) -> Result<T, Fault> {
    let until = Instant::now() + within;
    loop {
        match cutter.cut() {
            Ok(Some(message)) => {
                if let Some(judged) = judge(message) {
                    return judged;
                }
            }
            Ok(None) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(line.gave_up(asking));
                }
                cutter.push(&line.receive(asking, left)?);
            }
            Err(error) => return Err(line.garbled(asking, error.to_string())),
        }
    }
}
