//! All groups of a programme, as an encoder puts them on the air: names, RadioText, clock, and between them the groups
//! that are sent once.

use super::Content;
use super::group::{Bearing, Group};

/// Block 3 of a group 0A that names no other frequency.
const NO_OTHER_FREQUENCY: u16 = 0xE0CD;
/// Ends a RadioText that is shorter than 64 characters.
const END_OF_TEXT: u8 = b'\r';

impl Content {
    /// What every group of it bears in block 2.
    pub fn bearing(&self) -> Bearing {
        Bearing { tp: self.tp, pty: self.pty }
    }

    /// The four groups 0A that say its name.
    pub fn name_groups(&self, ps: &[u8; 8]) -> Vec<Group> {
        ps.chunks(2)
            .zip(0_u8..)
            .map(|(pair, segment)| Group {
                kind: (0, false),
                // Speech and music are not told apart: "music" is what a station that does not say so sends.
                low5: u8::from(self.ta) << 4 | 1 << 3 | segment,
                block3: NO_OTHER_FREQUENCY,
                block4: pair_of(pair),
            })
            .collect()
    }

    /// The groups 2A that say its RadioText; `b`: which of the two texts it is, changed with the text.
    pub fn text_groups(&self, b: bool) -> Vec<Group> {
        let mut letters = self.text.as_bytes().to_vec();
        letters.truncate(super::fold::LONGEST_TEXT);
        if letters.len() < super::fold::LONGEST_TEXT {
            letters.push(END_OF_TEXT);
        }
        letters
            .chunks(4)
            .zip(0_u8..)
            .map(|(four, segment)| {
                let (left, right) = four.split_at(four.len().min(2));
                Group {
                    kind: (2, false),
                    low5: u8::from(b) << 4 | segment,
                    block3: pair_of(left),
                    block4: pair_of(right),
                }
            })
            .collect()
    }
}

fn pair_of(letters: &[u8]) -> u16 {
    let at = |place: usize| letters.get(place).copied().unwrap_or(b' ');
    u16::from_be_bytes([at(0), at(1)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transmitter::cluster_code::{Network, Saying};
    use crate::transmitter::rds::clock::{Moment, OFFSET_HALF_HOURS};
    use crate::transmitter::rds::group::blocks_in;
    use std::collections::BTreeSet;

    const GOLDEN: &str = include_str!("../../../../tests/golden/rds_groups.spy");

    #[test]
    fn every_group_of_the_golden_file_is_one_of_ours() {
        let content = Content { ta: true, tp: true, pty: 1, text: "Loa phuong: thong bao lu luc 18 gio.".to_owned() };
        let mut ours: BTreeSet<[u16; 3]> = BTreeSet::new();
        let (names, texts) = (content.name_groups(b"XA ANLAC"), content.text_groups(false));
        let clock = Moment::at(1_795_260_600).group(OFFSET_HALF_HOURS);
        let announced = Group { kind: (3, false), low5: 0x16, block3: 0x0102, block4: 0xCAFE };
        let coded = Group { kind: (11, false), low5: 0x11, block3: 0, block4: 5 };
        let all = names.iter().chain(&texts).chain([&clock, &announced, &coded]);
        ours.extend(all.map(|group| group.blocks(content.bearing())));
        let golden: BTreeSet<[u16; 3]> = GOLDEN
            .lines()
            .filter_map(blocks_in)
            .filter_map(|[pi, b, c, d]| (pi == 0x7A01).then_some([b, c, d]))
            .collect();
        assert_eq!(golden.len(), 17);
        assert!(golden.is_subset(&ours), "{:04X?}", golden.difference(&ours));
        assert_eq!(ours.difference(&golden).count(), 0, "and the file holds all of them");
        // Its zone group is of a trial code and says nothing in ours.
        assert_eq!(Saying::read(&coded, Network::default()), None);
    }

    #[test]
    fn a_full_text_has_no_end_mark() {
        let content = Content { text: "a".repeat(64), ..Content::default() };
        let groups = content.text_groups(true);
        assert_eq!(groups.len(), 16);
        assert!(groups.iter().all(|g| g.block3 == 0x6161 && g.low5 & 0x10 != 0));
        assert_eq!(Content::default().text_groups(false).len(), 1, "an empty text is an end mark");
    }
}
