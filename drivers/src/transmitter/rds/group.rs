//! One RDS group as its sender chooses it, and the four blocks of it on the air: bits ↔ values, no IO.

/// One RDS group as far as its sender chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Type 0–15 and version A (false) or B (true).
    pub kind: (u8, bool),
    /// The low 5 bits of block 2.
    pub low5: u8,
    /// Block 3.
    pub block3: u16,
    /// Block 4.
    pub block4: u16,
}

/// What every group of a programme bears in its block 2 besides its own bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bearing {
    /// Traffic programme: the station makes announcements.
    pub tp: bool,
    /// Programme type, 0–31.
    pub pty: u8,
}

impl Group {
    /// Block 2 as it goes on the air.
    pub fn block2(&self, bearing: Bearing) -> u16 {
        u16::from(self.kind.0 & 0x0F) << 12
            | u16::from(self.kind.1) << 11
            | u16::from(bearing.tp) << 10
            | u16::from(bearing.pty & 0x1F) << 5
            | u16::from(self.low5 & 0x1F)
    }

    /// Blocks 2 to 4.
    pub fn blocks(&self, bearing: Bearing) -> [u16; 3] {
        [self.block2(bearing), self.block3, self.block4]
    }

    /// The group in these blocks 2 to 4, and what its block 2 bears besides.
    pub fn of([block2, block3, block4]: [u16; 3]) -> (Self, Bearing) {
        let kind = ((block2 >> 12) as u8, block2 & 0x0800 != 0);
        let bearing = Bearing { tp: block2 & 0x0400 != 0, pty: (block2 >> 5 & 0x1F) as u8 };
        (Self { kind, low5: (block2 & 0x1F) as u8, block3, block4 }, bearing)
    }
}

/// The group type of this name, e.g. `11A`; `None`: it is none.
pub fn kind(name: &str) -> Option<(u8, bool)> {
    let (number, version) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let version = match version {
        "A" => false,
        "B" => true,
        _ => return None,
    };
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    Some((number.parse().ok().filter(|n| plain && *n < 16)?, version))
}

/// The four blocks in a line as receivers print them: 16 hexadecimal digits, with or without spaces between the
/// blocks (the `.spy` files of RDS Spy, `redsea -x`, `G:` lines of encoders); `None`: something else, or a block is
/// missing.
pub fn blocks_in(line: &str) -> Option<[u16; 4]> {
    let line = line.trim();
    let line = line.strip_prefix("G:").unwrap_or(line).trim();
    // A time or a note may follow a group.
    let mut digits = String::with_capacity(16);
    for letter in line.chars() {
        match letter {
            ' ' => {}
            _ if letter.is_ascii_hexdigit() && digits.len() < 16 => digits.push(letter),
            _ => return None,
        }
        if digits.len() == 16 {
            break;
        }
    }
    let block = |at: usize| u16::from_str_radix(digits.get(at * 4..at * 4 + 4)?, 16).ok();
    Some([block(0)?, block(1)?, block(2)?, block(3)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_read_back_as_written() {
        let (group, bearing) =
            (Group { kind: (11, true), low5: 0x15, block3: 0x8001, block4: 0xFDFE }, Bearing { tp: true, pty: 31 });
        assert_eq!(group.block2(bearing), 0xBFF5);
        assert_eq!(Group::of(group.blocks(bearing)), (group, bearing));
    }

    #[test]
    fn names_of_types_are_exact() {
        assert_eq!((kind("6A"), kind("11A"), kind("15B")), (Some((6, false)), Some((11, false)), Some((15, true))));
        for wrong in ["", "A", "16A", "3C", "+3A", "3a", "Ă"] {
            assert_eq!(kind(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn lines_of_receivers_are_read_and_others_are_not() {
        let blocks = Some([0x7A01, 0x0438, 0xE0CD, 0x5841]);
        for line in
            ["7A01 0438 E0CD 5841", "7a010438e0cd5841", " 7A01 0438 E0CD 5841 2026-11-21 18:30", "G:7A010438E0CD5841"]
        {
            assert_eq!(blocks_in(line), blocks, "{line:?}");
        }
        for line in ["", "7A01 ---- E0CD 5841", "7A01 0438 E0CD 584", "<recorder>", "ớ"] {
            assert_eq!(blocks_in(line), None, "{line:?}");
        }
    }
}
