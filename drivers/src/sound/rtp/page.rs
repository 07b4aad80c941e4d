//! Group paging of Polycom and Spectralink telephones (their note EA70568): no RTP, but a call, sound, and an end.
//!
//! ```text
//!          wanted                 31 calls sent              not wanted            12 ends sent
//!  Still ─────────▶ Calling ───────────────────▶ Speaking ─────────────▶ Ending ───────────────▶ Still
//!                      └──────── not wanted ─────────────────────────────▶ ▲ └── wanted ──▶ Calling
//! ```

use super::codec::{Codec, Encoder};
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

/// Calls before the sound, and how far apart.
const CALLS: (u32, Duration) = (31, Duration::from_millis(30));
/// Ends after it, and how far apart.
const ENDS: (u32, Duration) = (12, Duration::from_millis(30));
/// From the last sound to the first end.
const PAUSE: Duration = Duration::from_millis(50);
/// A caller's name is cut or filled with zeros to so many bytes.
pub(super) const NAME: usize = 13;

/// What a packet is.
const CALL: u8 = 0x0F;
const SOUND: u8 = 0x10;
const END: u8 = 0xFF;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Still,
    /// So many calls are still to be sent, the next one then.
    Calling(u32, Instant),
    Speaking,
    /// So many ends are still to be sent, the next one then.
    Ending(u32, Instant),
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing until it is wanted.
    Still,
    /// Nothing until then.
    Wait(Instant),
    /// The packet is to be sent; then ask again.
    Send,
    /// Sound may be sent.
    Speak,
}

/// The pages of one channel.
pub(super) struct Page {
    pub(super) to: SocketAddrV4,
    channel: u8,
    host: u32,
    name: [u8; NAME],
    /// Its number in the packets: the payload type of RTP.
    codec: u8,
    encoder: Encoder,
    /// The payload sent last, repeated in front of the next.
    before: Vec<u8>,
    /// Ticks of 8 kHz since the page began. Telephones stumble over any other start than nought.
    ticks: u32,
    phase: Phase,
}

impl Page {
    /// Pages on a channel, from the caller of this number and name. Of two callers on a channel the lower number is
    /// heard.
    pub(super) fn new(to: SocketAddrV4, codec: Codec, channel: u8, host: u32, name: &str) -> Result<Self, opus::Error> {
        let mut caller = [0; NAME];
        caller.iter_mut().zip(name.bytes().filter(u8::is_ascii)).for_each(|(to, from)| *to = from);
        Ok(Self {
            to,
            channel,
            host,
            name: caller,
            codec: codec.payload_type().unwrap_or_default(),
            encoder: Encoder::new(codec)?,
            before: Vec::new(),
            ticks: 0,
            phase: Phase::Still,
        })
    }

    fn head(&self, kind: u8, out: &mut Vec<u8>) {
        out.clear();
        out.extend([kind, self.channel]);
        out.extend(self.host.to_be_bytes());
        out.push(NAME as u8);
        out.extend(self.name);
    }

    /// Goes on at `now`; a packet to be sent is put into `out`.
    pub(super) fn turn(&mut self, wanted: bool, now: Instant, out: &mut Vec<u8>) -> Turn {
        match (self.phase, wanted) {
            (Phase::Still, false) => Turn::Still,
            (Phase::Still | Phase::Ending(..), true) => {
                self.phase = Phase::Calling(CALLS.0, now);
                self.turn(wanted, now, out)
            }
            (Phase::Calling(..) | Phase::Speaking, false) => {
                self.phase = Phase::Ending(ENDS.0, now + PAUSE);
                Turn::Wait(now + PAUSE)
            }
            (Phase::Calling(_, at) | Phase::Ending(_, at), _) if now < at => Turn::Wait(at),
            (Phase::Calling(0, _), true) => {
                (self.phase, self.ticks) = (Phase::Speaking, 0);
                self.before.clear();
                Turn::Speak
            }
            (Phase::Calling(left, at), true) => {
                self.phase = Phase::Calling(left - 1, at + CALLS.1);
                self.head(CALL, out);
                Turn::Send
            }
            (Phase::Speaking, true) => Turn::Speak,
            (Phase::Ending(0, _), false) => {
                self.phase = Phase::Still;
                Turn::Still
            }
            (Phase::Ending(left, at), false) => {
                self.phase = Phase::Ending(left - 1, at + ENDS.1);
                self.head(END, out);
                Turn::Send
            }
        }
    }

    /// Writes the packet of these samples.
    pub(super) fn pack(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Result<(), opus::Error> {
        self.head(SOUND, out);
        out.extend([self.codec, 0]);
        out.extend(self.ticks.to_be_bytes());
        out.extend_from_slice(&self.before);
        self.before.clear();
        self.encoder.encode(samples, &mut self.before)?;
        out.extend_from_slice(&self.before);
        // One byte a tick, in G.711 and G.722 alike.
        self.ticks = self.ticks.wrapping_add(self.before.len() as u32);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn page() -> Page {
        let to = SocketAddrV4::new(Ipv4Addr::new(224, 0, 1, 116), 5001);
        Page::new(to, Codec::Pcmu, 26, 0xF211_1511, "Melody Meserve").expect("a page")
    }

    #[test]
    fn a_call_is_the_one_of_the_makers_note() {
        let mut out = Vec::new();
        assert_eq!(page().turn(true, Instant::now(), &mut out), Turn::Send);
        let golden = include_str!("../../../../tests/golden/polycom_alert.hex");
        let hex: String = out.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, golden.trim());
    }

    #[test]
    fn calls_sound_ends_at_their_times() {
        let (mut page, start, mut out) = (page(), Instant::now(), Vec::new());
        let ms = |ms| start + Duration::from_millis(ms);
        for call in 0..31 {
            assert_eq!(page.turn(true, ms(call * 30), &mut out), Turn::Send, "{call}");
            assert_eq!(page.turn(true, ms(call * 30), &mut out), Turn::Wait(ms(call * 30 + 30)));
        }
        assert_eq!(page.turn(true, ms(930), &mut out), Turn::Speak);
        for (n, length) in [(0_u32, 26 + 160), (1, 26 + 320), (2, 26 + 320)] {
            page.pack(&[0.1; 160], &mut out).expect("a packet");
            assert_eq!((out.len(), &out[20..26]), (length, &[&[0, 0][..], &(n * 160).to_be_bytes()].concat()[..]));
        }
        assert_eq!(page.turn(false, ms(1000), &mut out), Turn::Wait(ms(1050)));
        for end in 0..12 {
            assert_eq!(page.turn(false, ms(1050 + end * 30), &mut out), Turn::Send);
            assert_eq!((out[0], out.len()), (0xFF, 20));
            assert_eq!(page.turn(false, ms(1050 + end * 30), &mut out), Turn::Wait(ms(1080 + end * 30)));
        }
        assert_eq!(page.turn(false, ms(1410), &mut out), Turn::Still);
        assert_eq!(page.turn(true, ms(1420), &mut out), Turn::Send);
        assert_eq!(out[0], 0x0F);
    }

    #[test]
    fn a_page_called_off_is_ended_and_one_called_again_begins_anew() {
        let (mut page, start, mut out) = (page(), Instant::now(), Vec::new());
        assert_eq!(page.turn(true, start, &mut out), Turn::Send);
        assert_eq!(page.turn(false, start, &mut out), Turn::Wait(start + PAUSE));
        assert_eq!(page.turn(true, start, &mut out), Turn::Send);
        assert_eq!(page.phase, Phase::Calling(30, start + CALLS.1));
    }
}
