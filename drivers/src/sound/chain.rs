//! What is done to all that leaves a sink, last of all: pre-emphasis where it is wanted, and the limiter.

use super::Processing;
use super::emphasis::Emphasis;
use super::limiter::Limiter;

/// The processing of one sink.
#[derive(Debug)]
pub(super) struct Chain {
    emphasis: Option<Emphasis>,
    limiter: Limiter,
}

impl Chain {
    /// For samples of `rate` hertz.
    pub(super) fn new(processing: &Processing, rate: u32) -> Self {
        Self {
            emphasis: processing.pre_emphasis_us.map(|us| Emphasis::new(us, rate)),
            limiter: Limiter::new(processing.ceiling_dbtp, rate),
        }
    }

    /// How much later a sample comes out than it went in, frames.
    pub(super) fn delay(&self) -> usize {
        self.limiter.delay()
    }

    /// Nothing is left in it.
    pub(super) fn is_empty(&self) -> bool {
        self.limiter.is_empty() && self.emphasis.as_ref().is_none_or(Emphasis::is_empty)
    }

    /// Processes a block in place.
    pub(super) fn pass(&mut self, block: &mut [f32]) {
        if let Some(emphasis) = &mut self.emphasis {
            emphasis.pass(block);
        }
        self.limiter.pass(block);
    }
}
