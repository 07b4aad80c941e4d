//! Files and streams that symphonia decodes: WAV, FLAC, MP3, Vorbis, AAC-LC, in their containers.

use super::bytes::{Allowance, Bytes};
use super::kind::Kind;
use super::{HIGH_BAND, Reader, sbr};
use std::io::ErrorKind;
use std::time::Duration;
use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_AAC, CODEC_TYPE_NULL, Decoder, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::units::Time;
use symphonia::default::formats::{AdtsReader, FlacReader, IsoMp4Reader, MpaReader, OggReader, WavReader};

/// Most channels a programme may have.
const CHANNELS: usize = 8;
/// Rates a programme may have, hertz.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// So many broken packets in a row, and the rest is not worth waiting for.
const BROKEN: u32 = 400;
/// Packets looked at for a high band that symphonia does not decode.
const LOOKED_AT: usize = 42;

/// Why a container stays closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// It holds something that another decoder may know.
    Unknown(String),
    /// It is not to be played.
    Bad(String),
    /// Its bytes did not come.
    Lost(String),
}

/// A file or stream being decoded.
pub(super) struct Container {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn Decoder>,
    track: u32,
    allowance: Allowance,
    buffer: Option<SampleBuffer<f32>>,
    broken: u32,
    /// Frames decoded before the place that was sought.
    skip: u64,
}

impl Container {
    /// Opens it.
    pub(super) fn open(bytes: Bytes, kind: Kind) -> Result<Self, Closed> {
        let allowance = bytes.allowance();
        let stream = MediaSourceStream::new(Box::new(bytes), Default::default());
        // MP3 and Vorbis say what their encoders padded.
        let options = FormatOptions { enable_gapless: true, ..FormatOptions::default() };
        let format: Result<Box<dyn FormatReader>, Error> = match kind {
            Kind::Wav => WavReader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Flac => FlacReader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Ogg => OggReader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Mp4 => IsoMp4Reader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Mp3(_) => MpaReader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Adts(_) => AdtsReader::try_new(stream, &options).map(|r| Box::new(r) as _),
            Kind::Opus | Kind::Foreign(_) => return Err(Closed::Unknown("another kind".into())),
        };
        let format = format.map_err(|e| closed(&e))?;
        let track = format.tracks().iter().find(|t| t.codec_params.codec != CODEC_TYPE_NULL);
        let Some(track) = track else { return Err(Closed::Bad("no sound in it".into())) };
        let (decoder, track) = (decoder(track)?, track.id);
        Ok(Self { format, decoder, track, allowance, buffer: None, broken: 0, skip: 0 })
    }

    /// Whether its AAC has a high band that symphonia does not decode. Takes the first packets: for a reader of its own.
    pub(super) fn has_sbr(mut self) -> bool {
        let params = self.decoder.codec_params();
        if params.codec != CODEC_TYPE_AAC {
            return false;
        }
        if params.extra_data.as_deref().is_some_and(sbr::in_config) {
            return true;
        }
        let mut frames = Vec::new();
        while frames.len() < LOOKED_AT
            && let Ok(packet) = self.format.next_packet()
        {
            self.allowance.renew();
            if packet.track_id() == self.track {
                frames.push(packet.data);
            }
        }
        sbr::in_frames(frames.iter().map(|f| &**f))
    }

    /// The next block of the decoder into the buffer, and its rate and channels; `None` at the end.
    fn decode(&mut self) -> Result<Option<(u32, usize)>, String> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(packet) => packet,
                Err(Error::IoError(e)) if e.kind() == ErrorKind::UnexpectedEof => return Ok(None),
                // Another stream follows in the same file.
                Err(Error::ResetRequired) => {
                    let track = self.format.tracks().iter().find(|t| t.codec_params.codec != CODEC_TYPE_NULL);
                    let Some(track) = track else { return Ok(None) };
                    (self.decoder, self.track) = (decoder(track).map_err(Closed::words)?, track.id);
                    continue;
                }
                Err(e @ (Error::IoError(_) | Error::DecodeError(_) | Error::SeekError(_))) => return Err(said(&e)),
                Err(e @ (Error::Unsupported(_) | Error::LimitError(_))) => return Err(said(&e)),
            };
            self.allowance.renew();
            if packet.track_id() != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(decoded) => {
                    self.broken = 0;
                    if decoded.frames() == 0 {
                        continue;
                    }
                    let (spec, room) = (*decoded.spec(), decoded.capacity() as u64);
                    check(spec.rate, spec.channels.count())?;
                    let fits = |b: &SampleBuffer<f32>| b.capacity() >= decoded.frames() * spec.channels.count();
                    let buffer = match self.buffer.take().filter(fits) {
                        Some(buffer) => self.buffer.insert(buffer),
                        None => self.buffer.insert(SampleBuffer::new(room, spec)),
                    };
                    buffer.copy_interleaved_ref(decoded);
                    return Ok(Some((spec.rate, spec.channels.count())));
                }
                Err(Error::DecodeError(_)) if self.broken < BROKEN => self.broken += 1,
                Err(Error::DecodeError(why)) => return Err(format!("broken throughout: {why}")),
                Err(Error::ResetRequired) => self.decoder.reset(),
                Err(Error::IoError(e)) if e.kind() == ErrorKind::UnexpectedEof => return Ok(None),
                Err(e @ (Error::IoError(_) | Error::SeekError(_))) => return Err(said(&e)),
                Err(e @ (Error::Unsupported(_) | Error::LimitError(_))) => return Err(said(&e)),
            }
        }
    }
}

impl Reader for Container {
    fn read(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, String> {
        mono.clear();
        while mono.is_empty() {
            let Some((rate, channels)) = self.decode()? else { return Ok(None) };
            let Some(buffer) = &self.buffer else { return Ok(None) };
            super::average(buffer.samples(), channels, mono);
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(mono.len());
            self.skip -= skipped as u64;
            mono.drain(..skipped);
            if !mono.is_empty() {
                return Ok(Some(rate));
            }
        }
        Ok(None)
    }

    fn seek(&mut self, to: Duration) -> bool {
        self.allowance.widen();
        let time = Time::new(to.as_secs(), f64::from(to.subsec_nanos()) / 1e9);
        match self.format.seek(SeekMode::Accurate, SeekTo::Time { time, track_id: Some(self.track) }) {
            Ok(landed) => {
                self.decoder.reset();
                self.skip = landed.required_ts.saturating_sub(landed.actual_ts);
                true
            }
            Err(e) => {
                log::debug!(error:% = e; "cannot seek in this clip: decoding it from its start");
                false
            }
        }
    }

    fn stated(&self) -> Option<Duration> {
        let params = self.decoder.codec_params();
        let track = self.format.tracks().iter().find(|t| t.id == self.track).map_or(params, |t| &t.codec_params);
        let (frames, rate) = (track.n_frames?, track.sample_rate.filter(|r| *r > 0)?);
        let time = match track.time_base {
            Some(base) => base.calc_time(frames),
            None => Time::new(frames / u64::from(rate), (frames % u64::from(rate)) as f64 / f64::from(rate)),
        };
        Duration::try_from_secs_f64(time.seconds as f64 + time.frac).ok()
    }
}

fn decoder(track: &Track) -> Result<Box<dyn Decoder>, Closed> {
    let params = &track.codec_params;
    // Before the decoder makes room for them.
    check(params.sample_rate.unwrap_or(*RATES.start()), params.channels.map_or(1, |c| c.count()))
        .map_err(Closed::Bad)?;
    if params.codec == CODEC_TYPE_AAC && params.extra_data.as_deref().is_some_and(sbr::in_config) {
        return Err(Closed::Unknown(HIGH_BAND.into()));
    }
    symphonia::default::get_codecs().make(params, &DecoderOptions::default()).map_err(|e| closed(&e))
}

impl Closed {
    pub(super) fn words(self) -> String {
        match self {
            Self::Unknown(why) | Self::Bad(why) | Self::Lost(why) => why,
        }
    }
}

fn closed(error: &Error) -> Closed {
    let why = format!("cannot be decoded: {}", said(error));
    match error {
        Error::Unsupported(_) => Closed::Unknown(why),
        Error::IoError(_) => Closed::Lost(why),
        Error::DecodeError(_) | Error::SeekError(_) | Error::LimitError(_) | Error::ResetRequired => Closed::Bad(why),
    }
}

pub(super) fn check(rate: u32, channels: usize) -> Result<(), String> {
    if !RATES.contains(&rate) {
        return Err(format!("no sound of {rate} Hz can be played"));
    }
    if !(1..=CHANNELS).contains(&channels) {
        return Err(format!("{channels} channels: no programme has so many"));
    }
    Ok(())
}

fn said(error: &Error) -> String {
    match error {
        Error::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => "it is cut off before its sound begins".into(),
        Error::IoError(e) => e.to_string(),
        Error::DecodeError(_) | Error::SeekError(_) | Error::Unsupported(_) => error.to_string(),
        Error::LimitError(_) | Error::ResetRequired => error.to_string(),
    }
}
