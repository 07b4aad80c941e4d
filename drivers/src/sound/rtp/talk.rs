//! One RTP stream as its receivers see it: a number, a sequence, time stamps that follow the clock across pauses.

use super::codec::{Codec, Encoder};
use super::packet::Header;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddrV4;

/// A stream to one address.
pub(super) struct Talk {
    pub(super) to: SocketAddrV4,
    codec: Codec,
    payload_type: u8,
    ssrc: u32,
    sequence: u16,
    /// Time stamp of the origin of the grid.
    base: u32,
    encoder: Encoder,
    /// The packet before belongs to the same stretch of sound.
    talking: bool,
}

impl Talk {
    pub(super) fn new(to: SocketAddrV4, codec: Codec, payload_type: u8) -> Result<Self, opus::Error> {
        // All three start anywhere (RFC 3550 §5.1): std seeds its hash at random, which is as good as is needed here.
        let noise = RandomState::new();
        let (one, other) = (noise.hash_one(0), noise.hash_one(1));
        Ok(Self {
            to,
            codec,
            payload_type,
            ssrc: one as u32,
            sequence: (one >> 32) as u16,
            base: other as u32,
            encoder: Encoder::new(codec)?,
            talking: false,
        })
    }

    /// The stretch of sound is over.
    pub(super) fn pause(&mut self) {
        self.talking = false;
    }

    /// Writes the packet of these samples, the first of which is frame `frame` of the grid.
    pub(super) fn pack(&mut self, samples: &[f32], frame: u64, out: &mut Vec<u8>) -> Result<(), opus::Error> {
        out.clear();
        let header = Header {
            marker: !self.talking,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: self.base.wrapping_add(self.codec.ticks(frame) as u32),
            ssrc: self.ssrc,
        };
        header.write(out);
        self.encoder.encode(samples, out)?;
        self.sequence = self.sequence.wrapping_add(1);
        self.talking = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_first_packet_after_a_pause_is_marked_and_its_time_stamp_shows_the_pause() {
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 5004);
        let mut talk = Talk::new(to, Codec::G722, 9).expect("a stream");
        let mut out = Vec::new();
        let mut sent = |talk: &mut Talk, k: u64| {
            talk.pack(&[0.0; 320], k * 320, &mut out).expect("a packet");
            let (header, payload) = Header::read(&out).expect("a header");
            assert_eq!((payload.len(), header.payload_type), (160, 9));
            header
        };
        let first = sent(&mut talk, 7);
        let second = sent(&mut talk, 8);
        talk.pause();
        let third = sent(&mut talk, 58);
        assert_eq!([first.marker, second.marker, third.marker], [true, false, true]);
        assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 160);
        assert_eq!(third.timestamp.wrapping_sub(second.timestamp), 50 * 160);
        assert_eq!(third.sequence.wrapping_sub(first.sequence), 2);
        assert_eq!(first.ssrc, third.ssrc);
        assert_ne!(first.ssrc, Talk::new(to, Codec::G722, 9).expect("a stream").ssrc);
    }
}
