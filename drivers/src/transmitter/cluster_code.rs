//! The open zone code: which receivers are to sound, said in RDS groups 3A and 11A; bits ↔ values, no IO.
//!
//! It says levels, not orders: a group states which of 16 zones are open, and a receiver that does not hear its zone
//! stated for [`HOLD_S`] seconds falls silent by itself. `docs/devices/uecp.md` has the layout for receiver makers.

use super::uecp_element::Group;
use std::collections::{BTreeMap, BTreeSet};

/// A receiver mutes when its zone has not been stated open for this long, seconds.
pub const HOLD_S: u64 = 6;
/// Zones are 0 to this.
pub const LAST_ZONE: u16 = 255;

const VERSION: u8 = 1;
/// The group type that carries the code: 11A, as 3A names it.
const CARRIER: u8 = 11 << 1;
const OP_STATE: u8 = 1;
const OP_CLOSE_ALL: u8 = 2;

/// Whose code it is: receivers of another commune in the same air do not obey it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Application identification, registered with the RDS Forum; CAFE is not and is for trials.
    pub aid: u16,
    /// Number of the commune's own receivers, 0–4095.
    pub number: u16,
}

impl Default for Network {
    fn default() -> Self {
        Self { aid: 0xCAFE, number: 0 }
    }
}

/// What one group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// 3A: the code of this network is on the air, in groups 11A.
    Here(Network),
    /// Zones `16 × page` to `16 × page + 15`: those whose bit is set are open, the others are closed.
    State {
        /// Which 16 zones, 0–15.
        page: u8,
        /// Bit 0 is zone `16 × page`.
        mask: u16,
        /// Changes with the zones, 0–15, so that a log can tell a repeat from a change.
        sequence: u8,
    },
    /// Every zone is closed, at once.
    CloseAll {
        /// As above.
        sequence: u8,
    },
}

impl Saying {
    /// The group that says it to the receivers of this network.
    pub fn group(self, network: Network) -> Group {
        match self {
            Self::Here(network) => Group {
                kind: (3, false),
                low5: CARRIER,
                block3: u16::from(VERSION) << 12 | network.number & 0x0FFF,
                block4: network.aid,
            },
            Self::State { page, mask, sequence } => coded(network, OP_STATE, mask, page, sequence),
            Self::CloseAll { sequence } => coded(network, OP_CLOSE_ALL, 0, 0, sequence),
        }
    }

    /// What a group says to the receivers of this network; `None`: nothing, or not to them.
    pub fn read(group: &Group, network: Network) -> Option<Self> {
        if group.kind == (3, false) {
            let here = group.low5 == CARRIER
                && group.block3 >> 12 == u16::from(VERSION)
                && group.block3 & 0x0FFF == network.number
                && group.block4 == network.aid;
            return here.then_some(Self::Here(network));
        }
        let [head, check] = group.block4.to_be_bytes();
        let right = group.kind == (11, false)
            && group.low5 >> 3 == VERSION
            && check == checksum(network, group.low5, group.block3, head);
        match (right, group.low5 & 0x07) {
            (true, OP_STATE) => Some(Self::State { page: head >> 4, mask: group.block3, sequence: head & 0x0F }),
            (true, OP_CLOSE_ALL) => Some(Self::CloseAll { sequence: head & 0x0F }),
            _ => None,
        }
    }
}

/// The sixteens of zones that have an open one, with their masks.
pub fn pages(zones: &BTreeSet<u16>) -> BTreeMap<u16, u16> {
    let mut pages = BTreeMap::new();
    for zone in zones {
        *pages.entry(zone >> 4).or_default() |= 1 << (zone & 0x0F);
    }
    pages
}

/// The zones a page's mask holds open.
pub fn zones_of(page: u8, mask: u16) -> impl Iterator<Item = u16> {
    (0..16).filter(move |bit| mask & 1 << bit != 0).map(move |bit| u16::from(page) << 4 | bit)
}

fn coded(network: Network, op: u8, block3: u16, page: u8, sequence: u8) -> Group {
    let low5 = VERSION << 3 | op;
    let head = (page & 0x0F) << 4 | sequence & 0x0F;
    let block4 = u16::from_be_bytes([head, checksum(network, low5, block3, head)]);
    Group { kind: (11, false), low5, block3, block4 }
}

/// CRC-8 (polynomial 07h, start FFh) over the network and the group: what is meant for a neighbour fails it too.
fn checksum(network: Network, low5: u8, block3: u16, head: u8) -> u8 {
    let [aid_high, aid_low] = network.aid.to_be_bytes();
    let [number_high, number_low] = (network.number & 0x0FFF).to_be_bytes();
    let [high, low] = block3.to_be_bytes();
    [aid_high, aid_low, number_high, number_low, low5, high, low, head].into_iter().fold(0xFF, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { crc << 1 ^ 0x07 } else { crc << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_say_what_was_meant_and_only_to_whom() {
        let ours = Network { aid: 0xCAFE, number: 459 };
        let theirs = Network { number: 460, ..ours };
        for saying in [
            Saying::Here(ours),
            Saying::State { page: 6, mask: 0x8001, sequence: 15 },
            Saying::CloseAll { sequence: 3 },
        ] {
            let group = saying.group(ours);
            assert_eq!(Saying::read(&group, ours), Some(saying));
            assert_eq!(Saying::read(&group, theirs), None);
        }
    }

    #[test]
    fn one_wrong_bit_says_nothing() {
        let ours = Network::default();
        let group = Saying::State { page: 0, mask: 0x0008, sequence: 1 }.group(ours);
        for bit in 0..16 {
            assert_eq!(Saying::read(&Group { block3: group.block3 ^ 1 << bit, ..group }, ours), None);
            assert_eq!(Saying::read(&Group { block4: group.block4 ^ 1 << bit, ..group }, ours), None);
        }
    }

    #[test]
    fn a_hundred_zones_fit_in_seven_groups() {
        let zones: BTreeSet<u16> = (0..100).collect();
        let pages = pages(&zones);
        assert_eq!(pages.len(), 7);
        let back: BTreeSet<u16> = pages.iter().flat_map(|(page, mask)| zones_of(*page as u8, *mask)).collect();
        assert_eq!(back, zones);
    }
}
