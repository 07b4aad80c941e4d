//! Receives RTP into the ring of a play: in order, without holes, at the sink's own pace.

use super::codec::Decoder;
use super::order::{Next, Order};
use super::pace::Pace;
use super::packet::Header;
use super::{Codec, RtpInput, socket};
use crate::sound::feed::Spout;
use std::io;
use std::time::{Duration, Instant};

/// A stream from which nothing comes for so long is over.
const PATIENCE: Duration = Duration::from_secs(3);
/// Looked so often whether anybody still listens.
const LOOK: Duration = Duration::from_millis(20);
/// A hole is filled for so long at most; beyond it is a pause.
const HOLE_MS: u32 = 200;
/// What fills a hole fades out so quickly, milliseconds.
const FADE_MS: u32 = 60;
/// It repeats the last so many milliseconds.
const ECHO_MS: u32 = 10;
/// A datagram at most, bytes.
const DATAGRAM: usize = 2048;

/// Receives until nobody listens any more, or until nothing comes any more.
pub(in crate::sound) fn pour(input: &RtpInput, rate: u32, mut spout: Spout) {
    if let Err(why) = listen(input, rate, &mut spout) {
        spout.end(Some(why));
    }
}

fn listen(input: &RtpInput, rate: u32, spout: &mut Spout) -> Result<(), String> {
    let failed = |error: io::Error| format!("receiving from {}: {error}", input.address);
    if let Some(fault) = input.fault() {
        return Err(fault);
    }
    let socket = socket::receiver(input.interface.as_ref(), input.address).map_err(failed)?;
    let mut order = Order::new(Duration::from_millis(u64::from(input.jitter_ms)));
    let mut pace = Pace::new(input.codec.rate(), rate, input.jitter_ms).map_err(|e| e.to_string())?;
    let mut voice = Voice::new(input.codec).map_err(|e| e.to_string())?;
    let (mut datagram, mut sound, mut out) = ([0; DATAGRAM], Vec::new(), Vec::new());
    let (mut heard, mut strange) = (Instant::now(), None);
    loop {
        let now = Instant::now();
        let wait =
            order.wake().map_or(LOOK, |at| at.saturating_duration_since(now)).clamp(Duration::from_millis(1), LOOK);
        socket.set_read_timeout(Some(wait)).map_err(failed)?;
        let length = match socket.recv(&mut datagram) {
            Ok(length) => length,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => 0,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(failed(error)),
        };
        let now = Instant::now();
        if let Some((header, payload)) = Header::read(&datagram[..length]) {
            if !accepts(input, header.payload_type) {
                strange = Some(header.payload_type);
            } else if order.take(&header, payload, now) {
                heard = now;
            }
        }
        while let Some(next) = order.give(now) {
            voice.hear(next, &mut sound);
        }
        pace.push(&sound, spout.waiting(), &mut out).map_err(|e| e.to_string())?;
        // With nothing to hand over this still asks whether anybody listens.
        if !spout.pour(&out) {
            return Ok(());
        }
        sound.clear();
        out.clear();
        if now.saturating_duration_since(heard) >= PATIENCE {
            return Err(match strange {
                Some(other) => format!("{} sends payload type {other}, which is not {}", input.address, input.codec),
                None => format!("nothing comes from {}", input.address),
            });
        }
    }
}

/// Whether a payload type is the codec's.
fn accepts(input: &RtpInput, payload_type: u8) -> bool {
    match input.payload_type.or(input.codec.payload_type()) {
        Some(own) => own == payload_type,
        None => (96..128).contains(&payload_type),
    }
}

/// From packets to sound without holes.
struct Voice {
    codec: Codec,
    decoder: Decoder,
    /// The time stamp that should come next.
    expected: Option<u32>,
    /// The last sound, for filling holes.
    last: Vec<f32>,
}

impl Voice {
    fn new(codec: Codec) -> Result<Self, opus::Error> {
        Ok(Self { codec, decoder: Decoder::new(codec)?, expected: None, last: Vec::new() })
    }

    fn hear(&mut self, next: Next, sound: &mut Vec<f32>) {
        let before = sound.len();
        match next {
            Next::Anew => {
                if let Ok(decoder) = Decoder::new(self.codec) {
                    self.decoder = decoder;
                }
                self.expected = None;
                self.last.clear();
                return;
            }
            Next::Packet(timestamp, payload) => {
                self.decoder.decode(&payload, sound);
                let ticks = self.codec.ticks((sound.len() - before) as u64) as u32;
                self.expected = Some(timestamp.wrapping_add(ticks));
            }
            Next::Missing(until) => {
                let ticks = self.expected.map_or(0, |e| until.wrapping_sub(e));
                let hole = u64::from(ticks) * u64::from(self.codec.rate()) / u64::from(self.codec.clock());
                // A hole so long is a pause of the sender, during which the play runs dry by itself.
                if hole <= u64::from(self.codec.frames(HOLE_MS)) {
                    self.fill(hole as usize, sound);
                }
            }
        }
        let echo = self.codec.frames(ECHO_MS) as usize;
        let fresh = &sound[before..];
        self.last.extend_from_slice(&fresh[fresh.len().saturating_sub(echo)..]);
        self.last.drain(..self.last.len().saturating_sub(echo));
    }

    fn fill(&mut self, frames: usize, sound: &mut Vec<f32>) {
        if self.decoder.conceal(frames, sound) {
            return;
        }
        let fade = self.codec.frames(FADE_MS) as f32;
        let echo = self.last.iter().copied().chain(self.last.is_empty().then_some(0.0)).cycle();
        sound.extend(echo.take(frames).enumerate().map(|(i, s)| s * (1.0 - i as f32 / fade).max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_filled_to_the_sample_and_fades() {
        let mut voice = Voice::new(Codec::Pcmu).expect("a voice");
        let mut sound = Vec::new();
        voice.hear(Next::Anew, &mut sound);
        voice.hear(Next::Packet(1_000, vec![0x10; 160]), &mut sound);
        voice.hear(Next::Missing(1_000 + 800), &mut sound);
        voice.hear(Next::Packet(1_800, vec![0x10; 160]), &mut sound);
        assert_eq!(sound.len(), 800 + 160);
        assert!(sound[160].abs() > 0.9 * sound[0].abs() && sound[160 + 470].abs() < 0.1 * sound[0].abs());
        assert!(sound[160 + 481..800].iter().all(|s| *s == 0.0));
    }

    #[test]
    fn a_long_hole_is_a_pause() {
        let mut voice = Voice::new(Codec::Opus).expect("a voice");
        let mut sound = Vec::new();
        voice.hear(Next::Packet(0, vec![]), &mut sound);
        let before = sound.len();
        voice.hear(Next::Missing(48_000 * 5), &mut sound);
        assert_eq!(sound.len(), before);
        voice.hear(Next::Missing(voice.expected.unwrap_or_default().wrapping_add(960)), &mut sound);
        assert_eq!(sound.len(), before + 960);
    }

    #[test]
    fn payload_types_are_the_codecs() {
        let address = "127.0.0.1:5004".parse().expect("an address");
        let mut input = RtpInput::new(address, Codec::Pcma);
        assert!(accepts(&input, 8) && !accepts(&input, 0));
        input.codec = Codec::Opus;
        assert!(accepts(&input, 97) && accepts(&input, 111) && !accepts(&input, 8));
        input.payload_type = Some(111);
        assert!(!accepts(&input, 97));
    }
}
