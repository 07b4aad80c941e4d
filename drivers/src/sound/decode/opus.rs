//! Opus in Ogg (RFC 7845): what the encoder padded is left out, streams may follow one another.

use super::bytes::{Allowance, Bytes};
use super::container::check;
use super::{Reader, average};
use ogg::{OggReadError, Packet, PacketReader};
use opus::MSDecoder;
use std::io::ErrorKind;
use std::time::Duration;

/// All Opus is decoded at this rate, hertz.
const RATE: u32 = 48_000;
/// Longest packet there is, samples: 120 ms.
const LONGEST: usize = 5_760;
/// Decoded before a place that is sought, so that the decoder has found its feet: 80 ms (RFC 7845, 4.6).
const RUN_UP: u64 = 3_840;
/// So many broken packets in a row, and the rest is not worth waiting for.
const BROKEN: u32 = 400;

/// An Ogg file or stream with Opus in it.
pub(super) struct Opus {
    packets: PacketReader<Bytes>,
    allowance: Allowance,
    stream: Option<Stream>,
    /// Samples of all streams so far, without what is left out.
    given: u64,
    /// Where the play begins, samples.
    from: u64,
    pcm: Vec<f32>,
    broken: u32,
    cut: bool,
}

/// One logical stream.
struct Stream {
    serial: u32,
    channels: usize,
    decoder: MSDecoder,
    gain: f32,
    /// Samples still to be left out at its beginning.
    skip: u64,
    /// Packets of its comments still to come.
    comments: u8,
    /// Samples so far, with what is left out.
    decoded: u64,
    /// Granule position at which it began; known at the end of its first page.
    began: Option<u64>,
}

impl Opus {
    /// Opens it: the first stream's header must be right.
    pub(super) fn open(bytes: Bytes) -> Result<Self, String> {
        let allowance = bytes.allowance();
        let packets = PacketReader::new(bytes);
        let pcm = Vec::new();
        let mut opus = Self { packets, allowance, stream: None, given: 0, from: 0, pcm, broken: 0, cut: false };
        while opus.stream.is_none() {
            let Some(packet) = opus.packet()? else { return Err("no sound in it".into()) };
            opus.begin(&packet)?;
        }
        Ok(opus)
    }

    fn packet(&mut self) -> Result<Option<Packet>, String> {
        let packet = match self.packets.read_packet() {
            Ok(packet) => packet,
            Err(OggReadError::ReadError(e)) if e.kind() == ErrorKind::UnexpectedEof => {
                self.cut = true;
                None
            }
            Err(OggReadError::ReadError(e)) => return Err(e.to_string()),
            Err(e) => return Err(format!("cannot be decoded: {e}")),
        };
        self.allowance.renew();
        Ok(packet)
    }

    /// A first packet of a logical stream: the Opus one among them is taken.
    fn begin(&mut self, packet: &Packet) -> Result<(), String> {
        if packet.first_in_stream() && packet.data.starts_with(b"OpusHead") {
            self.stream = Some(Stream::new(packet)?);
            self.cut = true;
        }
        Ok(())
    }

    /// Decodes a packet of the stream; samples of it that are to be heard lie in `mono` then.
    fn take(&mut self, packet: &Packet, mono: &mut Vec<f32>) -> Result<(), String> {
        let Some(stream) = self.stream.as_mut().filter(|s| s.serial == packet.stream_serial()) else { return Ok(()) };
        self.cut = !packet.last_in_stream();
        if stream.comments > 0 {
            stream.comments -= 1;
            return Ok(());
        }
        let Ok(samples) = opus::packet::get_nb_samples(&packet.data, RATE) else { return Ok(()) };
        let near = self.given + stream.skip + samples as u64 + RUN_UP >= self.from;
        if near {
            self.pcm.resize(LONGEST * stream.channels, 0.0);
            match stream.decoder.decode_float(&packet.data, &mut self.pcm, false) {
                Ok(count) => {
                    self.broken = 0;
                    average(self.pcm.get(..count * stream.channels).unwrap_or_default(), stream.channels, mono);
                    mono.iter_mut().for_each(|s| *s *= stream.gain);
                }
                Err(e) if self.broken >= BROKEN => return Err(format!("broken throughout: {e}")),
                Err(_) => self.broken += 1,
            }
        }
        // A broken packet leaves a hole as long as itself.
        mono.resize(samples, 0.0);
        stream.decoded += samples as u64;
        if packet.last_in_page() && packet.absgp_page() != u64::MAX {
            let began = *stream.began.get_or_insert(packet.absgp_page().saturating_sub(stream.decoded));
            if packet.last_in_stream() {
                let beyond = (began + stream.decoded).saturating_sub(packet.absgp_page());
                mono.truncate(samples.saturating_sub(usize::try_from(beyond).unwrap_or(usize::MAX)));
            }
        }
        let skipped = mono.len().min(usize::try_from(stream.skip).unwrap_or(usize::MAX));
        stream.skip -= skipped as u64;
        mono.drain(..skipped);
        let before = self.from.saturating_sub(self.given).min(mono.len() as u64);
        self.given += mono.len() as u64;
        mono.drain(..usize::try_from(before).unwrap_or_default());
        Ok(())
    }
}

impl Stream {
    fn new(packet: &Packet) -> Result<Self, String> {
        let head = &packet.data;
        let two = |at: usize| Some(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?]));
        let short = || "cannot be decoded: its Opus header is cut off".to_owned();
        let channels = usize::from(*head.get(9).ok_or_else(short)?);
        let (skip, gain) = (two(10).ok_or_else(short)?, two(16).ok_or_else(short)?);
        check(RATE, channels)?;
        let (streams, coupled, mapping) = match head.get(18) {
            Some(0) if channels <= 2 => (1, u8::from(channels == 2), vec![0, 1]),
            Some(1 | 2 | 255) => {
                let mapping = head.get(21..21 + channels).ok_or_else(short)?;
                (head[19], head[20], mapping.to_vec())
            }
            _ => return Err("cannot be decoded: an Opus file of a kind that is not known".into()),
        };
        let mapping = mapping.get(..channels).unwrap_or_default();
        let decoder = MSDecoder::new(RATE, streams, coupled, mapping).map_err(|e| format!("cannot be decoded: {e}"))?;
        // Q7.8 decibels.
        let gain = 10_f32.powf(f32::from(i16::from_le_bytes(gain.to_le_bytes())) / 256.0 / 20.0);
        let serial = packet.stream_serial();
        Ok(Self { serial, channels, decoder, gain, skip: skip.into(), comments: 1, decoded: 0, began: None })
    }
}

impl Reader for Opus {
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, String> {
        mono.clear();
        while mono.is_empty() {
            let Some(packet) = self.packet()? else { return Ok(None) };
            if packet.first_in_stream() {
                self.begin(&packet)?;
                continue;
            }
            self.take(&packet, mono)?;
        }
        Ok(Some(RATE))
    }

    fn seek(&mut self, to: Duration) -> bool {
        self.from = u64::try_from(to.as_millis()).unwrap_or(u64::MAX / 64).saturating_mul(u64::from(RATE) / 1000);
        true
    }

    fn is_cut(&self) -> bool {
        self.cut
    }
}
