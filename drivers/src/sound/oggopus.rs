//! Opus in Ogg (RFC 6716, RFC 7845): one channel at 48 kHz in packets of 20 ms, in pages that any player reads.

use super::resample::Resampler;
use ogg::{PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, Channels, Encoder, Signal};
use std::collections::VecDeque;
use std::io::{self, Write};

/// The only rate Opus counts in, hertz.
pub(super) const RATE: u32 = 48_000;
/// Samples of a packet.
pub(super) const FRAME: usize = 960;
/// Longest packet libopus makes of 20 ms, bytes.
const LARGEST: usize = 1275;
/// Effort of the encoder, of 10: from here on it looks at the sound as a whole, which saves a third of the bits.
const EFFORT: i32 = 7;

/// Makes packets of samples.
pub(super) struct Coder {
    encoder: Encoder,
    resampler: Option<Resampler>,
    waiting: VecDeque<f32>,
    /// Samples at 48 kHz before the resampler, or as they came.
    fresh: Vec<f32>,
    pre_skip: u16,
}

impl Coder {
    /// For samples at `rate` hertz.
    pub(super) fn new(rate: u32, bits_per_second: u16) -> io::Result<Self> {
        let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Audio).map_err(fault)?;
        encoder.set_bitrate(Bitrate::Bits(i32::from(bits_per_second))).map_err(fault)?;
        // Never the speech model: it keeps the words, but not the wave that a recording is compared by.
        encoder.set_signal(Signal::Music).map_err(fault)?;
        encoder.set_complexity(EFFORT).map_err(fault)?;
        let pre_skip = encoder.get_lookahead().ok().and_then(|n| u16::try_from(n).ok()).unwrap_or(312);
        let resampler = (rate != RATE).then(|| Resampler::new(rate, RATE));
        Ok(Self { encoder, resampler, waiting: VecDeque::new(), fresh: Vec::new(), pre_skip })
    }

    /// Samples at the beginning that are the encoder's own delay.
    pub(super) fn pre_skip(&self) -> u16 {
        self.pre_skip
    }

    /// Takes samples.
    pub(super) fn push(&mut self, samples: &[f32]) {
        match &mut self.resampler {
            Some(resampler) => {
                self.fresh.clear();
                samples.iter().for_each(|s| resampler.push(*s, &mut self.fresh));
                self.waiting.extend(&self.fresh);
            }
            None => self.waiting.extend(samples),
        }
    }

    /// The end of the sound: what is still inside comes out with the packets that follow. Returns how many samples
    /// beyond those of the packets before are sound.
    pub(super) fn finish(&mut self) -> usize {
        if let Some(resampler) = &mut self.resampler {
            self.fresh.clear();
            resampler.finish(&mut self.fresh);
            self.waiting.extend(&self.fresh);
        }
        let sound = self.waiting.len();
        // The delay pushes the end out, and at least one packet must follow to carry the end.
        let padded = (sound + usize::from(self.pre_skip)).div_ceil(FRAME).max(1) * FRAME;
        self.waiting.resize(padded, 0.0);
        sound
    }

    /// Whether another packet can be made.
    pub(super) fn has_packet(&self) -> bool {
        self.waiting.len() >= FRAME
    }

    /// The next packet; `None`: too few samples are there.
    pub(super) fn packet(&mut self) -> io::Result<Option<Vec<u8>>> {
        if !self.has_packet() {
            return Ok(None);
        }
        let mut frame = [0.0_f32; FRAME];
        frame.iter_mut().zip(self.waiting.drain(..FRAME)).for_each(|(f, s)| *f = s);
        self.encoder.encode_vec_float(&frame, LARGEST).map(Some).map_err(fault)
    }
}

fn fault(error: opus::Error) -> io::Error {
    io::Error::other(format!("encoding Opus: {error}"))
}

/// Writes packets as a stream of Ogg pages.
pub(super) struct Pages<W: Write> {
    writer: PacketWriter<'static, W>,
    serial: u32,
    granule: u64,
    pre_skip: u16,
}

impl<W: Write> Pages<W> {
    /// Begins a stream: its two headers are written at once, the second with so much padding, bytes.
    pub(super) fn begin(to: W, serial: u32, pre_skip: u16, padding: usize) -> io::Result<Self> {
        let mut writer = PacketWriter::new(to);
        writer.write_packet(head(pre_skip), serial, PacketWriteEndInfo::EndPage, 0)?;
        writer.write_packet(tags(padding), serial, PacketWriteEndInfo::EndPage, 0)?;
        Ok(Self { writer, serial, granule: 0, pre_skip })
    }

    /// The next 20 ms. With `page`, all that came since the last page leaves as one.
    pub(super) fn packet(&mut self, packet: Vec<u8>, page: bool) -> io::Result<()> {
        self.granule += FRAME as u64;
        let end = if page { PacketWriteEndInfo::EndPage } else { PacketWriteEndInfo::NormalPacket };
        self.writer.write_packet(packet, self.serial, end, self.granule)
    }

    /// The last packet; the stream then holds `samples` of sound, and players leave out what is beyond.
    pub(super) fn last(&mut self, packet: Vec<u8>, samples: u64) -> io::Result<()> {
        let end = (self.granule + FRAME as u64).min(samples + u64::from(self.pre_skip));
        self.writer.write_packet(packet, self.serial, PacketWriteEndInfo::EndStream, end)
    }

    /// Where the pages go.
    pub(super) fn inner_mut(&mut self) -> &mut W {
        self.writer.inner_mut()
    }

    /// Where the pages went.
    pub(super) fn into_inner(self) -> W {
        self.writer.into_inner()
    }
}

/// The identification header (RFC 7845 §5.1): version 1, one channel, no gain.
fn head(pre_skip: u16) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(pre_skip.to_le_bytes());
    head.extend(RATE.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// Makes a packet so long, if it is shorter; it sounds the same (RFC 6716 §3.2.5).
pub(super) fn padded(packet: &[u8], length: usize) -> Vec<u8> {
    let mut long = packet.to_vec();
    long.resize(length.max(packet.len()), 0);
    match opus::packet::pad(&mut long, packet.len()) {
        Ok(_) => long,
        // One that cannot be padded is as good without.
        Err(_) => packet.to_vec(),
    }
}

/// The comment header (RFC 7845 §5.2): who made it, and zeros that players pass over.
fn tags(padding: usize) -> Vec<u8> {
    let vendor = b"commune gateway";
    let mut tags = b"OpusTags".to_vec();
    tags.extend((vendor.len() as u32).to_le_bytes());
    tags.extend(vendor);
    tags.extend(0_u32.to_le_bytes());
    tags.resize(tags.len() + padding, 0);
    tags
}
