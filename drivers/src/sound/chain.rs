//! What is done to all that leaves a sink, last of all.

use super::Processing;

/// The processing of one sink.
#[derive(Debug)]
pub(super) struct Chain {}

impl Chain {
    /// For samples of `rate` hertz.
    pub(super) fn new(_processing: &Processing, _rate: u32) -> Self {
        Self {}
    }

    /// How much later a sample comes out than it went in, frames.
    pub(super) fn delay(&self) -> usize {
        0
    }

    /// Nothing is left in it.
    pub(super) fn is_empty(&self) -> bool {
        true
    }

    /// Processes a block in place.
    pub(super) fn pass(&mut self, _block: &mut [f32]) {}
}
