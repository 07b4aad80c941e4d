//! A zone code in groups: a profile and a network, bits ↔ orders, no IO.

use super::cluster_code::{Network, pages};
use super::cluster_profile::{Check, CheckKind, ClusterProfile, Field, Part, Say, What};
use super::rds::group::Group;
use std::collections::BTreeSet;

/// The code of one commune's receivers.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneCode {
    /// How it is said.
    pub profile: ClusterProfile,
    /// Whose receivers obey.
    pub network: Network,
}

/// What one group of a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The code of this network is on the air.
    Here,
    /// Of the zones `16 × page` on, those whose bit is set are open and the others are not.
    State {
        /// Which sixteen.
        page: u16,
        /// The first zone is the lowest bit.
        mask: u16,
    },
    /// This zone opens.
    Open(u16),
    /// This zone closes.
    Close(u16),
    /// All close.
    CloseAll,
}

/// What must be said for a change, or to keep it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sayings {
    /// The announcement of the code, before anything else in each round.
    pub here: Option<Group>,
    /// Said once, in the first round.
    pub once: Option<Group>,
    /// Said in each round.
    pub each: Vec<Group>,
}

impl Sayings {
    /// All groups of that many rounds, in order.
    pub fn rounds(&self, rounds: u8) -> Vec<Group> {
        let round = |number: u8| {
            let once = self.once.filter(|_| number == 0);
            self.here.into_iter().chain(once).chain(self.each.iter().copied())
        };
        (0..rounds).flat_map(round).collect()
    }
}

impl ZoneCode {
    /// The open zone code of this network.
    pub fn open(network: Network) -> Option<Self> {
        ClusterProfile::built_in("open").map(|profile| Self { profile, network })
    }

    /// The code has this zone.
    pub fn has(&self, zone: u16) -> bool {
        (self.profile.first_zone..=self.profile.last_zone).contains(&zone)
    }

    /// The group that says this; `None`: this code does not say it.
    pub fn group(&self, order: Order, sequence: u8) -> Option<Group> {
        let ops = self.profile.ops;
        let (op, page, mask, address) = match order {
            Order::Here => return self.announcement(),
            Order::State { page, mask } => (ops.state?, page, mask, 0),
            Order::Open(zone) => (ops.open?, 0, 0, zone),
            Order::Close(zone) => (ops.close?, 0, 0, zone),
            Order::CloseAll => (ops.close_all?, 0, 0, 0),
        };
        let bits = self.fill(&self.profile.bits, |what| match what {
            What::Op => u16::from(op),
            What::Page => page,
            What::Mask => mask,
            What::Address => address,
            What::Sequence => u16::from(sequence),
            What::Network => self.network.number,
            What::Constant | What::Check => 0,
        });
        Some(self.group_of(bits | u64::from(self.checksum(bits)) << self.place(What::Check)))
    }

    fn announcement(&self) -> Option<Group> {
        if self.profile.announce.is_empty() {
            return None;
        }
        let (number, version) = self.profile.carrier;
        let block3 =
            self.fill(&self.profile.announce, |what| if what == What::Network { self.network.number } else { 0 });
        Some(Group {
            kind: (3, false),
            low5: number << 1 | u8::from(version),
            block3: block3 as u16,
            block4: self.network.aid,
        })
    }

    /// What a group says to receivers of this code, and its sequence; `None`: nothing, or not to them.
    pub fn read(&self, group: &Group) -> Option<(Order, u8)> {
        if self.announcement().as_ref() == Some(group) {
            return Some((Order::Here, 0));
        }
        let bits = u64::from(group.low5 & 0x1F) << 32 | u64::from(group.block3) << 16 | u64::from(group.block4);
        let value = |what| self.value(bits, what);
        let checked = self.profile.width(What::Check) == 0
            || value(What::Check) == u32::from(self.checksum(bits & !(0xFF << self.place(What::Check))));
        let constants = self.fields().all(|(f, at)| f.field != What::Constant || part(bits, at, f.bits) == f.value);
        let ours = self.profile.width(What::Network) == 0 || value(What::Network) == u32::from(self.masked_network());
        if group.kind != self.profile.carrier || !checked || !constants || !ours {
            return None;
        }
        let (ops, op) = (self.profile.ops, Some(u8::try_from(value(What::Op)).ok()?));
        let zone = value(What::Address) as u16;
        let order = match op {
            _ if op == ops.state => Order::State { page: value(What::Page) as u16, mask: value(What::Mask) as u16 },
            _ if op == ops.open => Order::Open(zone),
            _ if op == ops.close => Order::Close(zone),
            _ if op == ops.close_all => Order::CloseAll,
            _ => return None,
        };
        Some((order, value(What::Sequence) as u8))
    }

    /// What has to be said so that exactly these zones are open, given what was said last (`None`: nothing is known).
    pub fn sayings(&self, told: Option<&BTreeSet<u16>>, want: &BTreeSet<u16>, sequence: u8) -> Sayings {
        let say = |order| self.group(order, sequence);
        let mut sayings = Sayings { here: self.announcement(), ..Sayings::default() };
        if let Some(close_all) = say(Order::CloseAll) {
            if want.is_empty() {
                sayings.each.push(close_all);
                return sayings;
            }
            // Whatever was open before this program started must not stay so. Between the repeats of an open state it
            // would make the horns stutter.
            sayings.once = told.is_none().then_some(close_all);
        }
        let before = told.into_iter().flatten();
        match self.profile.say {
            Say::Masks => {
                let mut states = pages(want);
                before.for_each(|zone| {
                    states.entry(zone >> 4).or_insert(0);
                });
                sayings.each.extend(states.into_iter().filter_map(|(page, mask)| say(Order::State { page, mask })));
            }
            Say::Addresses => {
                let gone = before.filter(|zone| !want.contains(zone));
                sayings.each.extend(gone.filter_map(|zone| say(Order::Close(*zone))));
                sayings.each.extend(want.iter().filter_map(|zone| say(Order::Open(*zone))));
            }
        }
        sayings
    }

    fn masked_network(&self) -> u16 {
        let bits = self.profile.width(What::Network);
        if bits >= 16 { self.network.number } else { self.network.number & ((1 << bits) - 1) }
    }

    /// Each field of a group and its lowest bit.
    fn fields(&self) -> impl Iterator<Item = (Field, u32)> {
        let mut at = 37;
        self.profile.bits.iter().map(move |field| {
            at -= u32::from(field.bits);
            (*field, at)
        })
    }

    fn place(&self, what: What) -> u32 {
        self.fields().find(|(field, _)| field.field == what).map_or(0, |(_, at)| at)
    }

    fn value(&self, bits: u64, what: What) -> u32 {
        self.fields().find(|(field, _)| field.field == what).map_or(0, |(field, at)| part(bits, at, field.bits))
    }

    fn fill(&self, fields: &[Field], value: impl Fn(What) -> u16) -> u64 {
        fields.iter().fold(0, |bits, field| {
            let value = if field.field == What::Constant { field.value } else { u32::from(value(field.field)) };
            bits << field.bits | u64::from(value) & ((1 << field.bits) - 1)
        })
    }

    fn group_of(&self, bits: u64) -> Group {
        Group {
            kind: self.profile.carrier,
            low5: (bits >> 32 & 0x1F) as u8,
            block3: (bits >> 16) as u16,
            block4: bits as u16,
        }
    }

    /// Over a group whose bits for the checksum are 0.
    fn checksum(&self, bits: u64) -> u8 {
        let Check { kind, poly, init, xorout, over } = &self.profile.check;
        let group = self.group_of(bits);
        let bytes = over.iter().flat_map(|part| match part {
            Part::Aid => self.network.aid.to_be_bytes().to_vec(),
            Part::Network => (self.network.number & 0x0FFF).to_be_bytes().to_vec(),
            Part::Low5 => vec![group.low5],
            Part::Block3 => group.block3.to_be_bytes().to_vec(),
            Part::Block4 => group.block4.to_be_bytes().to_vec(),
            Part::Block4High => vec![(group.block4 >> 8) as u8],
        });
        let summed = match kind {
            CheckKind::None => return 0,
            CheckKind::Sum => bytes.fold(*init, u8::wrapping_add),
            CheckKind::Xor => bytes.fold(*init, |sum, byte| sum ^ byte),
            CheckKind::Crc8 => bytes.fold(*init, |crc, byte| {
                (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { crc << 1 ^ poly } else { crc << 1 })
            }),
        };
        summed ^ xorout
    }
}

fn part(bits: u64, at: u32, width: u8) -> u32 {
    (bits >> at & ((1 << width) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transmitter::cluster_code::Saying;

    const OURS: Network = Network { aid: 0xCAFE, number: 459 };

    fn code(name: &str, network: Network) -> ZoneCode {
        ZoneCode { profile: ClusterProfile::built_in(name).expect("built in"), network }
    }

    #[test]
    fn the_open_profile_makes_the_groups_of_the_open_code_to_the_bit() {
        let network = Network { aid: 0x50DD, number: 0xFFF };
        for network in [OURS, network, Network::default()] {
            let code = code("open", network);
            assert_eq!(code.group(Order::Here, 0), Some(Saying::Here(network).group(network)));
            for sequence in 0..16 {
                let all = Saying::CloseAll { sequence }.group(network);
                assert_eq!(code.group(Order::CloseAll, sequence), Some(all));
                assert_eq!(code.read(&all), Some((Order::CloseAll, sequence)));
                for page in 0..16_u8 {
                    for mask in [0, 1, 0x8000, 0xFFFF, 0x5A3C, u16::from(page) << 9 | u16::from(sequence)] {
                        let theirs = Saying::State { page, mask, sequence }.group(network);
                        let order = Order::State { page: u16::from(page), mask };
                        assert_eq!(code.group(order, sequence), Some(theirs));
                        assert_eq!(code.read(&theirs), Some((order, sequence)));
                    }
                }
            }
        }
    }

    #[test]
    fn orders_are_the_bytes_worked_out_by_hand() {
        // op 11h; network 459 = 07h 0Bh, its low 6 bits 001011; address 700 = 1010111100; sequence 5.
        // Block 3: 001011 1010111100; block 4 from the top: 00000101, then the sum 11h + 2Eh + BCh + 05h = 100h.
        let code = code("orders", OURS);
        let group = Group { kind: (6, false), low5: 0x11, block3: 0x2EBC, block4: 0x0500 };
        assert_eq!(code.group(Order::Open(700), 5), Some(group));
        assert_eq!(code.read(&group), Some((Order::Open(700), 5)));
        assert_eq!(code.group(Order::Here, 0), None, "it is not announced");
        let stranger = ZoneCode { network: Network { number: 460, ..OURS }, ..code.clone() };
        assert_eq!(stranger.read(&group), None);
        for bit in 0..16 {
            assert_eq!(code.read(&Group { block3: group.block3 ^ 1 << bit, ..group }), None);
            assert_eq!(code.read(&Group { block4: group.block4 ^ 1 << bit, ..group }), None);
        }
    }

    #[test]
    fn changes_are_said_with_what_they_close() {
        let code = code("orders", OURS);
        let read = |groups: &[Group]| groups.iter().filter_map(|g| code.read(g)).map(|(o, _)| o).collect::<Vec<_>>();
        let (few, more) = (BTreeSet::from([3, 9]), BTreeSet::from([9, 40]));
        let fresh = code.sayings(None, &few, 1);
        let twice = [Order::CloseAll, Order::Open(3), Order::Open(9), Order::Open(3), Order::Open(9)];
        assert_eq!(read(&fresh.rounds(2)), twice);
        let changed = code.sayings(Some(&few), &more, 2);
        assert_eq!(read(&changed.each), [Order::Close(3), Order::Open(9), Order::Open(40)]);
        assert_eq!(read(&code.sayings(Some(&more), &BTreeSet::new(), 3).each), [Order::CloseAll]);
        assert!(code.has(1) && code.has(999) && !code.has(0) && !code.has(1000));

        let mut without = code.clone();
        without.profile.ops.close_all = None;
        let shut = without.sayings(Some(&more), &BTreeSet::new(), 3);
        assert_eq!(read(&shut.each), [Order::Close(9), Order::Close(40)]);
    }
}
