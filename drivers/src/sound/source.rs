//! Where samples come from: the cache, the inputs of the site, voices that speak now.
//!
//! Each play has a thread of its own that pours into its ring: `stream` from the net (`http`, `hls`, `ts`), `capture`
//! from a card, `live` from whoever speaks; what is live goes through `elastic`, because it has a clock of its own.

use super::feed::Spout;
use super::rtp::{self, RtpInput};
use super::{Files, decode, growing};
use fan::Pick;
use gateway_core::id::{InputId, LiveId};
use gateway_core::want::Source;
use http::{Client, Reach};
use std::collections::BTreeMap;
use ureq::tls::TlsConfig;

mod capture;
mod elastic;
mod fan;
mod hls;
mod http;
mod live;
mod stream;
mod ts;

pub use live::LiveVoice;

/// Where an audio input of the site gets its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputConfig {
    /// A network stream over HTTP or HTTPS: MP3, AAC, FLAC or Ogg as Icecast serves them, or an HLS play list.
    Stream {
        /// Its address: HTTPS, or HTTP within the site's own network.
        url: String,
    },
    /// A microphone, line-in or tuner on a sound card.
    Capture {
        /// ALSA name of the card, or `default`.
        device: String,
        /// Channels that are averaged, from 0; empty: all.
        channels: Vec<u16>,
    },
    /// RTP from another station, a paging desk or a loudspeaker network.
    Rtp(RtpInput),
}

impl InputConfig {
    /// Whether it may be asked for at all.
    ///
    /// # Errors
    /// Says why not: an address of the wrong kind, a channel that no card has.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Stream { url } => http::allowed(url, Reach::Own),
            Self::Capture { device, channels } => {
                if device.is_empty() || device.contains(|c: char| c.is_control() || c.is_whitespace()) {
                    return Err("no name of a sound card".into());
                }
                match channels.iter().find(|c| **c > 31) {
                    Some(channel) => Err(format!("no card has a channel {channel}")),
                    None => Ok(()),
                }
            }
            Self::Rtp(_) => Ok(()),
        }
    }
}

/// Everything that can be played from, shared by all lines of a station.
pub struct Sources {
    files: Files,
    inputs: BTreeMap<InputId, InputConfig>,
    client: Client,
    cards: capture::Cards,
    voices: live::Voices,
}

impl Sources {
    /// The cache and the inputs of a site.
    pub fn new(files: Files, inputs: BTreeMap<InputId, InputConfig>) -> Self {
        let client = Client::new(TlsConfig::default());
        Self { files, inputs, client, cards: capture::Cards::default(), voices: live::Voices::default() }
    }

    /// With other authorities for HTTPS than the public ones.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsConfig) -> Self {
        self.client = Client::new(tls);
        self
    }

    /// Begins a voice that speaks now; plays of [`Source::Live`] with this name are it. It ends when it is dropped.
    pub fn open_live(&self, id: LiveId) -> LiveVoice {
        self.voices.open(id)
    }

    /// A text that is still being spoken.
    pub(super) fn is_growing(&self, source: &Source) -> bool {
        matches!(source, Source::Speech(_)) && (self.files)(source).is_some_and(|m| growing::coming(&m.path).is_some())
    }

    /// Pours a source into `spout` at `rate` hertz, until its end or until nobody listens. Blocks: for a thread of its
    /// own.
    pub(super) fn pour(&self, source: &Source, from_ms: u64, rate: u32, spout: Spout) {
        match source {
            Source::Clip(_) => decode::pour((self.files)(source), from_ms, rate, spout),
            Source::Speech(_) => {
                let media = (self.files)(source);
                // Only a text is played before it is whole.
                match media.as_ref().and_then(|m| growing::coming(&m.path)) {
                    Some(growing) => growing::pour(growing, from_ms, rate, spout),
                    None => decode::pour(media, from_ms, rate, spout),
                }
            }
            Source::Input(input) => match self.inputs.get(input) {
                Some(InputConfig::Stream { url }) => stream::pour(&self.client, url, Reach::Own, rate, spout),
                Some(InputConfig::Capture { device, channels }) => {
                    let pick = Pick(channels.iter().fold(0, |all, c| all | 1 << (*c).min(31)));
                    self.cards.pour(device, pick, rate, spout);
                }
                Some(InputConfig::Rtp(input)) => rtp::pour(input, rate, spout),
                None => spout.end(Some(format!("no input named {input}"))),
            },
            Source::Stream(url) => stream::pour(&self.client, url, Reach::Named, rate, spout),
            Source::Live(id) => self.voices.pour(id, rate, spout),
            // Made by the mixer itself.
            Source::Tone { .. } | Source::Chime | Source::Digits(_) => spout.end(Some("not to be decoded".into())),
        }
    }
}
