//! The header of an RTP packet (RFC 3550 §5.1), written and read.

/// Fixed part of the header, bytes.
const FIXED: usize = 12;

/// What a packet says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The first packet of a stretch of sound.
    pub(super) marker: bool,
    pub(super) payload_type: u8,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    /// Who sends.
    pub(super) ssrc: u32,
}

impl Header {
    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend([0x80, u8::from(self.marker) << 7 | self.payload_type & 0x7F]);
        out.extend(self.sequence.to_be_bytes());
        out.extend(self.timestamp.to_be_bytes());
        out.extend(self.ssrc.to_be_bytes());
    }

    /// The header and the payload of a packet; `None`: it is none.
    pub(super) fn read(packet: &[u8]) -> Option<(Self, &[u8])> {
        let (fixed, rest) = packet.split_at_checked(FIXED)?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = <[u8; FIXED]>::try_from(fixed).ok()?;
        if flags >> 6 != 2 {
            return None;
        }
        let mut rest = rest.get(4 * usize::from(flags & 0x0F)..)?;
        if flags & 0x10 != 0 {
            let words = u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]);
            rest = rest.get(4 + 4 * usize::from(words)..)?;
        }
        if flags & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.get(..rest.len().checked_sub(padding.max(1))?)?;
        }
        let header = Self {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7F,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
        };
        Some((header, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_the_rfc_and_is_read_again() {
        let header =
            Header { marker: true, payload_type: 11, sequence: 0x0102, timestamp: 0x0304_0506, ssrc: 0x0708_090A };
        let mut packet = Vec::new();
        header.write(&mut packet);
        assert_eq!(packet, [0x80, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        packet.extend([0xAA, 0xBB]);
        assert_eq!(Header::read(&packet), Some((header, &[0xAA, 0xBB][..])));
    }

    #[test]
    fn sources_extensions_and_padding_are_passed_over() {
        let mut packet = vec![0x80 | 0x20 | 0x10 | 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        packet.extend([9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 8, 8, 8, 8, 0x55, 0, 2]);
        assert_eq!(Header::read(&packet).map(|(h, p)| (h.sequence, p)), Some((1, &[0x55][..])));
    }

    #[test]
    fn what_is_cut_short_is_no_packet() {
        let mut packet = vec![0x80 | 0x20 | 0x10 | 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        packet.extend([9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 8, 8, 8, 8]);
        for n in 0..=packet.len() {
            assert_eq!(Header::read(&packet[..n]), None, "{n}");
        }
        assert_eq!(Header::read(&[0x40; 20]), None, "another version");
        assert_eq!(Header::read(&[0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40]), None, "more padding than packet");
    }
}
