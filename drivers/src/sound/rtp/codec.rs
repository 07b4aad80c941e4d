//! The codecs of RTP: what they are called, their clocks and payload types (RFC 3551, RFC 7587), and their work.

use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};
use ezk_g722::libg722::{self, Bitrate};
use std::fmt;
use std::str::FromStr;

/// Bits per second of Opus: transparent for speech, good for music.
const OPUS_BITS: i32 = 96_000;
/// The longest Opus packet, frames: 120 ms.
const OPUS_LONGEST: usize = 5760;

/// How the samples of a stream are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// 16 bits, uncompressed, big-endian (RFC 3551 §4.5.11).
    L16 {
        /// Sample rate, hertz.
        rate: u32,
        /// 1, or 2 with the same in both.
        channels: u8,
    },
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
    /// G.722 at 64 kbit/s: 16 kHz sound on a clock of 8 kHz, an old slip of the standard that everybody keeps.
    G722,
    /// Opus (RFC 6716, RFC 7587), one channel, though its name always says two.
    Opus,
}

/// A codec's name that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no codec \"{0}\": there are L16/44100/1 (8000–48000 hertz, 1 or 2 channels), PCMU, PCMA, G722, opus/48000/2")]
pub struct UnknownCodec(String);

impl FromStr for Codec {
    type Err = UnknownCodec;

    fn from_str(text: &str) -> Result<Self, UnknownCodec> {
        let unknown = || UnknownCodec(text.to_owned());
        let mut parts = text.split('/');
        let name = parts.next().unwrap_or_default().to_ascii_uppercase();
        let numbers = parts.map(str::parse).collect::<Result<Vec<u32>, _>>().map_err(|_| unknown())?;
        Ok(match (name.as_str(), numbers.as_slice()) {
            ("L16", [rate @ 8_000..=48_000]) => Self::L16 { rate: *rate, channels: 1 },
            ("L16", [rate @ 8_000..=48_000, channels @ 1..=2]) => Self::L16 { rate: *rate, channels: *channels as u8 },
            ("PCMU", [] | [8_000] | [8_000, 1]) => Self::Pcmu,
            ("PCMA", [] | [8_000] | [8_000, 1]) => Self::Pcma,
            ("G722", [] | [8_000] | [8_000, 1]) => Self::G722,
            ("OPUS", [] | [48_000, 2]) => Self::Opus,
            _ => return Err(unknown()),
        })
    }
}

/// As an SDP `rtpmap` writes it (RFC 8866 §6.6).
impl fmt::Display for Codec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::L16 { rate, channels } => write!(out, "L16/{rate}/{channels}"),
            Self::Pcmu => out.write_str("PCMU/8000"),
            Self::Pcma => out.write_str("PCMA/8000"),
            Self::G722 => out.write_str("G722/8000"),
            Self::Opus => out.write_str("opus/48000/2"),
        }
    }
}

impl Codec {
    /// Sample rate of the sound, hertz.
    pub fn rate(self) -> u32 {
        match self {
            Self::L16 { rate, .. } => rate,
            Self::Pcmu | Self::Pcma => 8_000,
            Self::G722 => 16_000,
            Self::Opus => 48_000,
        }
    }

    /// Rate of the time stamps, hertz.
    pub fn clock(self) -> u32 {
        match self {
            Self::G722 => 8_000,
            Self::L16 { .. } | Self::Pcmu | Self::Pcma | Self::Opus => self.rate(),
        }
    }

    /// The payload type RFC 3551 gave it; `None`: both ends must agree on one of 96–127.
    pub fn payload_type(self) -> Option<u8> {
        match self {
            Self::Pcmu => Some(0),
            Self::Pcma => Some(8),
            Self::G722 => Some(9),
            Self::L16 { rate: 44_100, channels: 2 } => Some(10),
            Self::L16 { rate: 44_100, channels: 1 } => Some(11),
            Self::L16 { .. } | Self::Opus => None,
        }
    }

    /// Length of a packet unless told otherwise, milliseconds: what receivers expect, and for L16 what fits into one
    /// Ethernet frame.
    pub fn usual_ms(self) -> u32 {
        match self {
            Self::L16 { .. } => 8,
            Self::Pcmu | Self::Pcma | Self::G722 => 20,
            Self::Opus => 10,
        }
    }

    /// Whether packets may be so long, milliseconds.
    pub fn allows(self, ms: u32) -> bool {
        match self {
            Self::L16 { .. } => (1..=8).contains(&ms),
            Self::Pcmu | Self::Pcma | Self::G722 => (5..=60).contains(&ms),
            Self::Opus => [5, 10, 20, 40, 60].contains(&ms),
        }
    }

    /// Frames in a packet of so many milliseconds.
    pub(super) fn frames(self, ms: u32) -> u32 {
        (self.rate() * ms / 1000).max(1)
    }

    /// Ticks of the stream's clock in so many frames.
    pub(super) fn ticks(self, frames: u64) -> u64 {
        frames * u64::from(self.clock()) / u64::from(self.rate())
    }
}

/// From samples to payloads.
pub(super) enum Encoder {
    L16 { channels: u8 },
    Pcmu,
    Pcma,
    G722(Box<libg722::encoder::Encoder>),
    Opus(opus::Encoder),
}

impl Encoder {
    pub(super) fn new(codec: Codec) -> Result<Self, opus::Error> {
        Ok(match codec {
            Codec::L16 { channels, .. } => Self::L16 { channels },
            Codec::Pcmu => Self::Pcmu,
            Codec::Pcma => Self::Pcma,
            Codec::G722 => Self::G722(Box::new(libg722::encoder::Encoder::new(Bitrate::Mode1_64000, false, false))),
            Codec::Opus => {
                let mut opus = opus::Encoder::new(codec.rate(), opus::Channels::Mono, opus::Application::Audio)?;
                opus.set_bitrate(opus::Bitrate::Bits(OPUS_BITS))?;
                Self::Opus(opus)
            }
        })
    }

    /// Appends what these samples become.
    pub(super) fn encode(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Result<(), opus::Error> {
        match self {
            Self::L16 { channels } => {
                for sample in samples {
                    for _ in 0..*channels {
                        out.extend(pcm(*sample).to_be_bytes());
                    }
                }
            }
            Self::Pcmu => out.extend(samples.iter().map(|s| encode_ulaw(pcm(*s)))),
            Self::Pcma => out.extend(samples.iter().map(|s| encode_alaw(pcm(*s)))),
            Self::G722(g722) => {
                let samples: Vec<i16> = samples.iter().map(|s| pcm(*s)).collect();
                out.extend(g722.encode(&samples));
            }
            Self::Opus(opus) => out.extend(opus.encode_vec_float(samples, 1275)?),
        }
        Ok(())
    }
}

fn pcm(sample: f32) -> i16 {
    // The cast saturates.
    (sample * 32_768.0).round() as i16
}

/// From payloads to samples.
pub(super) enum Decoder {
    L16 { channels: u8 },
    Pcmu,
    Pcma,
    G722(Box<libg722::decoder::Decoder>),
    Opus(opus::Decoder),
}

impl Decoder {
    pub(super) fn new(codec: Codec) -> Result<Self, opus::Error> {
        Ok(match codec {
            Codec::L16 { channels, .. } => Self::L16 { channels },
            Codec::Pcmu => Self::Pcmu,
            Codec::Pcma => Self::Pcma,
            Codec::G722 => Self::G722(Box::new(libg722::decoder::Decoder::new(Bitrate::Mode1_64000, false, false))),
            Codec::Opus => Self::Opus(opus::Decoder::new(codec.rate(), opus::Channels::Mono)?),
        })
    }

    /// Appends the sound of a payload, one channel. A payload that is none gives nothing.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut Vec<f32>) {
        match self {
            Self::L16 { channels } => out.extend(payload.chunks_exact(2 * usize::from(*channels)).map(|frame| {
                let sum: f32 = frame.chunks_exact(2).map(|b| f32::from(i16::from_be_bytes([b[0], b[1]]))).sum();
                sum / (32_768.0 * f32::from(*channels))
            })),
            Self::Pcmu => out.extend(payload.iter().map(|b| float(decode_ulaw(*b)))),
            Self::Pcma => out.extend(payload.iter().map(|b| float(decode_alaw(*b)))),
            Self::G722(g722) => out.extend(g722.decode(payload).into_iter().map(float)),
            Self::Opus(opus) => {
                let at = out.len();
                out.resize(at + OPUS_LONGEST, 0.0);
                let n = opus.decode_float(payload, &mut out[at..], false).unwrap_or(0);
                out.truncate(at + n);
            }
        }
    }

    /// Appends what the codec itself puts in the place of `frames` lost ones; `false`: it has no such thing.
    pub(super) fn conceal(&mut self, frames: usize, out: &mut Vec<f32>) -> bool {
        let Self::Opus(opus) = self else { return false };
        // It knows pieces of whole 2.5 ms, and an empty payload stands for a lost one.
        let at = out.len();
        out.resize(at + frames / 120 * 120, 0.0);
        for piece in out[at..].chunks_mut(480) {
            if opus.decode_float(&[], piece, false).is_err() {
                return false;
            }
        }
        true
    }
}

fn float(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["L16/44100/1", "L16/44100/2", "L16/48000/1", "PCMU/8000", "PCMA/8000", "G722/8000", "opus/48000/2"]
        {
            assert_eq!(text.parse::<Codec>().map(|c| c.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("pcmu".parse(), Ok(Codec::Pcmu));
        assert_eq!("L16/48000".parse(), Ok(Codec::L16 { rate: 48_000, channels: 1 }));
        for bad in
            ["", "L16", "L16/1/1", "L16/192000/1", "L16/44100/3", "L16/44100/1/1", "PCMU/16000", "G722/16000", "MPA"]
        {
            assert!(bad.parse::<Codec>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stereo_frame_of_44_100_hertz_fits_into_one_ethernet_frame() {
        let codec = Codec::L16 { rate: 44_100, channels: 2 };
        let frames = codec.frames(codec.usual_ms());
        assert_eq!(frames, 352);
        assert!(frames * 4 + 12 + 28 <= 1500);
    }

    #[test]
    fn the_clock_of_g722_runs_at_half_its_rate() {
        assert_eq!(Codec::G722.ticks(320), 160);
        assert_eq!(Codec::Opus.ticks(480), 480);
    }

    #[test]
    fn noise_is_no_danger_to_a_decoder() {
        let noise: Vec<u8> = (0..200_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for codec in [Codec::L16 { rate: 44_100, channels: 2 }, Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
            let mut decoder = Decoder::new(codec).expect("a decoder");
            let mut out = Vec::new();
            for n in 0..noise.len() {
                decoder.decode(&noise[..n], &mut out);
            }
            assert!(out.iter().all(|s| s.is_finite()), "{codec}");
        }
    }
}
