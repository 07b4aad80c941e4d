//! Where samples come from: the cache, the inputs of the site, voices that speak now.

use super::feed::Spout;
use super::{Files, decode};
use gateway_core::id::InputId;
use gateway_core::want::Source;
use std::collections::BTreeMap;

/// Where an audio input of the site gets its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputConfig {
    /// A network stream over HTTP or HTTPS: MP3, AAC or Ogg as Icecast serves them, or an HLS play list.
    Stream {
        /// Its address.
        url: String,
    },
}

/// Everything that can be played from, shared by all lines of a station.
pub struct Sources {
    files: Files,
    inputs: BTreeMap<InputId, InputConfig>,
}

impl Sources {
    /// The cache and the inputs of a site.
    pub fn new(files: Files, inputs: BTreeMap<InputId, InputConfig>) -> Self {
        Self { files, inputs }
    }

    /// Pours a source into `spout` at `rate` hertz, until its end or until nobody listens. Blocks: for a thread of its
    /// own.
    pub(super) fn pour(&self, source: &Source, from_ms: u64, rate: u32, spout: Spout) {
        match source {
            Source::Clip(_) | Source::Speech(_) => {
                decode::pour((self.files)(source), from_ms, rate, spout);
            }
            Source::Input(input) => match self.inputs.get(input) {
                Some(InputConfig::Stream { .. }) => spout.end(Some("streams are not played yet".into())),
                None => spout.end(Some(format!("no input named {input}"))),
            },
            Source::Stream(_) | Source::Live(_) => spout.end(Some("streams are not played yet".into())),
            // Made by the mixer itself.
            Source::Tone { .. } | Source::Chime => spout.end(Some("not to be decoded".into())),
        }
    }
}
