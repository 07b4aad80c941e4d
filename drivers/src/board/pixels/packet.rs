//! Pixels as datagrams: E1.31 (ANSI E1.31-2018, "streaming ACN"), Art-Net 4 and DDP (3waylabs, version 1).

/// Port of E1.31.
pub const E131_PORT: u16 = 5568;
/// Port of Art-Net.
pub const ART_NET_PORT: u16 = 6454;
/// Port of DDP.
pub const DDP_PORT: u16 = 4048;
/// Pixels of a universe: 510 of its 512 slots, so that none is cut in two.
pub const UNIVERSE_PIXELS: usize = 170;
/// Bytes of pixels in a DDP datagram at most.
pub const DDP_BYTES: usize = 1440;

/// What every E1.31 datagram of a source says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its identity (CID), the same as long as it lives.
    pub cid: [u8; 16],
    /// Its name, 63 bytes at most.
    pub name: String,
    /// 0–200; of several sources the highest is shown.
    pub priority: u8,
}

/// One universe; `ends`: the source stops sending it (`Stream_Terminated`).
pub fn e131(source: &Source, universe: u16, sequence: u8, slots: &[u8], ends: bool) -> Vec<u8> {
    let slots = slots.get(..slots.len().min(512)).unwrap_or_default();
    let count = u16::try_from(slots.len()).unwrap_or_default() + 1;
    // Flags 7 and the length from here to the end of the datagram.
    let length = |before: u16| (0x7000 | (before + count)).to_be_bytes();
    let mut out = Vec::with_capacity(126 + slots.len());
    out.extend([0x00, 0x10, 0x00, 0x00]);
    out.extend(b"ASC-E1.17\0\0\0");
    out.extend(length(109));
    out.extend(4u32.to_be_bytes());
    out.extend(source.cid);
    out.extend(length(87));
    out.extend(2u32.to_be_bytes());
    let mut name = [0u8; 64];
    for (to, from) in name.iter_mut().take(63).zip(source.name.bytes()) {
        *to = from;
    }
    out.extend(name);
    out.push(source.priority.min(200));
    out.extend([0, 0]);
    out.push(sequence);
    out.push(if ends { 0x40 } else { 0 });
    out.extend(universe.to_be_bytes());
    out.extend(length(10));
    out.extend([0x02, 0xA1, 0x00, 0x00, 0x00, 0x01]);
    out.extend(count.to_be_bytes());
    out.push(0);
    out.extend(slots);
    out
}

/// One universe as ArtDmx: a whole number of pairs of slots, filled up with black.
pub fn art_net(universe: u16, sequence: u8, slots: &[u8]) -> Vec<u8> {
    let slots = slots.get(..slots.len().min(512)).unwrap_or_default();
    let count = (slots.len().max(1)).next_multiple_of(2);
    let mut out = Vec::with_capacity(18 + count);
    out.extend(b"Art-Net\0");
    out.extend(0x5000_u16.to_le_bytes());
    out.extend(14_u16.to_be_bytes());
    // Sequence, and the physical port, which says nothing here.
    out.extend([sequence, 0]);
    out.extend((universe & 0x7FFF).to_le_bytes());
    out.extend(u16::try_from(count).unwrap_or_default().to_be_bytes());
    out.extend(slots);
    out.resize(18 + count, 0);
    out
}

/// The multicast group of a universe (ANSI E1.31-2018 §9.3.1).
pub fn e131_group(universe: u16) -> std::net::Ipv4Addr {
    let [high, low] = universe.to_be_bytes();
    std::net::Ipv4Addr::new(239, 255, high, low)
}

/// A picture in DDP datagrams; the last carries the flag that shows them all at once. Sequence numbers are 1–15.
pub fn ddp(pixels: &[u8], sequence: &mut u8) -> Vec<Vec<u8>> {
    let count = pixels.len().div_ceil(DDP_BYTES).max(1);
    let parts = pixels.chunks(DDP_BYTES).enumerate();
    parts
        .map(|(i, part)| {
            *sequence = *sequence % 15 + 1;
            let push = u8::from(i + 1 == count);
            let mut out = vec![0x40 | push, *sequence, 0x0B, 0x01];
            out.extend(u32::try_from(i * DDP_BYTES).unwrap_or(u32::MAX).to_be_bytes());
            out.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend(part);
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_universe_is_638_bytes_and_says_so_three_times() {
        let source = Source { cid: [7; 16], name: "cổng ủy ban".to_owned(), priority: 150 };
        let packet = e131(&source, 0x0102, 9, &[1; 512], true);
        assert_eq!(packet.len(), 638);
        assert_eq!(
            (&packet[16..18], &packet[38..40], &packet[115..117]),
            (&[0x72, 0x6E][..], &[0x72, 0x58][..], &[0x72, 0x0B][..])
        );
        assert_eq!((packet[108], packet[111], packet[112], &packet[113..115]), (150, 9, 0x40, &[1, 2][..]));
        assert_eq!((&packet[123..125], packet[125], packet[126]), (&[2, 1][..], 0, 1));
        assert_eq!(e131_group(0x0102).to_string(), "239.255.1.2");
    }

    #[test]
    fn the_last_datagram_of_a_picture_pushes() {
        let mut sequence = 14;
        let parts = ddp(&[5; DDP_BYTES * 2 + 3], &mut sequence);
        let heads: Vec<_> =
            parts.iter().map(|p| (p[0], p[1], u32::from_be_bytes([p[4], p[5], p[6], p[7]]), p.len())).collect();
        assert_eq!(heads, [(0x40, 15, 0, 1450), (0x40, 1, 1440, 1450), (0x41, 2, 2880, 13)]);
    }
}
