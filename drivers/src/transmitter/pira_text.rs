//! The ASCII language of Pira-style RDS encoders: commands and answers, text ↔ values, no IO.
//!
//! A command is `NAME=value` and a carriage return; a question is `NAME` alone. The answer to a command is one of
//! `+ ! - /` on a line of its own, to a question a line of text.

use super::rds::clock::{Moment, OFFSET_HALF_HOURS};
use super::rds::group::{Bearing, Group};

/// Most groups that `UDG1=` or `UDG2=` takes.
pub const UDG_GROUPS: usize = 8;
/// Longest line an encoder says.
const LONGEST_LINE: usize = 256;

/// One thing said to an encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Programme identification.
    Pi(u16),
    /// Programme service name.
    Ps([u8; 8]),
    /// Programme type.
    Pty(u8),
    /// Traffic programme.
    Tp(bool),
    /// Traffic announcement.
    Ta(bool),
    /// RadioText; the encoder turns its A/B by itself.
    Text(String),
    /// RDS modulation on or off.
    RdsOn(bool),
    /// One group, once, at once.
    Group(Group, Bearing),
    /// Groups that are sent again and again at the place of 1 or 2 in the sequence; none: nothing is.
    Cycle(u8, Vec<(Group, Bearing)>),
    /// Clock-time groups on or off.
    ClockOn(bool),
    /// Local offset of the clock.
    Offset,
    /// The date in Viet Nam.
    Date(Moment),
    /// The time of day in Viet Nam.
    Time(Moment),
    /// Whether it shows every group it sends.
    Watch(bool),
    /// What name is on the air?
    NameOnAir,
}

impl Command {
    /// The line to send, with its end.
    pub fn encode(&self) -> Vec<u8> {
        let groups = |groups: &[(Group, Bearing)]| groups.iter().map(|(g, b)| hex(g, *b)).collect::<Vec<_>>().join(",");
        let mut line = match self {
            Self::Pi(pi) => format!("PI={pi:04X}").into_bytes(),
            Self::Ps(name) => [b"PS=", &name[..]].concat(),
            Self::Pty(pty) => format!("PTY={}", pty & 0x1F).into_bytes(),
            Self::Tp(on) => flag("TP", *on),
            Self::Ta(on) => flag("TA", *on),
            Self::Text(text) => [b"RT1=", text.as_bytes()].concat(),
            Self::RdsOn(on) => flag("RDSGEN", *on),
            Self::Group(group, bearing) => format!("G={}", hex(group, *bearing)).into_bytes(),
            Self::Cycle(place, all) => format!("UDG{place}={}", groups(all)).into_bytes(),
            Self::ClockOn(on) => flag("CT", *on),
            Self::Offset => format!("LTO={OFFSET_HALF_HOURS}").into_bytes(),
            Self::Date(at) => {
                let c = at.civil(OFFSET_HALF_HOURS);
                format!("DATE={:02}.{:02}.{:04}", c.day, c.month, c.year).into_bytes()
            }
            Self::Time(at) => {
                let c = at.civil(OFFSET_HALF_HOURS);
                format!("TIME={:02}:{:02}:{:02}", c.hour, c.minute, c.second).into_bytes()
            }
            Self::Watch(on) => if *on { b"*R" } else { b"*r" }.to_vec(),
            Self::NameOnAir => b"PSW".to_vec(),
        };
        line.push(b'\r');
        line
    }
}

fn flag(name: &str, on: bool) -> Vec<u8> {
    format!("{name}={}", u8::from(on)).into_bytes()
}

fn hex(group: &Group, bearing: Bearing) -> String {
    group.blocks(bearing).iter().map(|block| format!("{block:04X}")).collect()
}

/// One line an encoder said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// `+`: done.
    Done,
    /// `!`: it does not know the command.
    Unknown,
    /// `-`: it does not take the value.
    BadValue,
    /// `/`: it took some of it.
    Partly,
    /// A group it put on the air, all four blocks.
    Aired([u16; 4]),
    /// Anything else: the answer to a question, or an echo.
    Text(String),
}

/// Takes bytes as they come and gives lines.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
    /// The last line was the `G:` that stands before a group.
    group: bool,
}

impl Lines {
    /// Takes one byte; says when a line is complete. Empty lines are passed over, and so is a line longer than any
    /// encoder says, whose rest is then read as if it were one.
    pub fn push(&mut self, byte: u8) -> Option<Said> {
        if byte != b'\r' && byte != b'\n' {
            if self.line.len() == LONGEST_LINE {
                self.line.clear();
            }
            self.line.push(byte);
            return None;
        }
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        let after_mark = std::mem::take(&mut self.group);
        match line.trim() {
            "" => {
                self.group = after_mark;
                None
            }
            "G:" => {
                self.group = true;
                None
            }
            "+" => Some(Said::Done),
            "!" => Some(Said::Unknown),
            "-" => Some(Said::BadValue),
            "/" => Some(Said::Partly),
            text if after_mark || text.starts_with("G:") => {
                Some(super::rds::group::blocks_in(text).map_or_else(|| Said::Text(text.to_owned()), Said::Aired))
            }
            // Names begin and end with spaces.
            _ => Some(Said::Text(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Said> {
        let mut lines = Lines::default();
        bytes.iter().filter_map(|byte| lines.push(*byte)).collect()
    }

    #[test]
    fn commands_are_written_as_the_manuals_write_them() {
        let written = |command: Command| String::from_utf8(command.encode()).expect("ASCII");
        assert_eq!(written(Command::Pi(0x7A01)), "PI=7A01\r");
        assert_eq!(written(Command::Ps(*b"XA LAC  ")), "PS=XA LAC  \r");
        assert_eq!(written(Command::Pty(31)), "PTY=31\r");
        assert_eq!(written(Command::Ta(true)), "TA=1\r");
        // The example of the manual: the announcement and the tags of RT+.
        let announced = Group { kind: (3, false), low5: 0x16, block3: 0x0000, block4: 0x4BD7 };
        let tags = Group { kind: (11, false), low5: 0x08, block3: 0x24A0, block4: 0x2005 };
        let cycle = [announced, tags].map(|group| (group, Bearing::default())).to_vec();
        assert_eq!(written(Command::Cycle(1, cycle)), "UDG1=301600004BD7,B00824A02005\r");
        assert_eq!(written(Command::Cycle(2, Vec::new())), "UDG2=\r");
        let bearing = Bearing { tp: true, pty: 9 };
        let group = Group { kind: (3, false), low5: 0x10, block3: 0x44C0, block4: 0xCD46 };
        assert_eq!(written(Command::Group(group, bearing)), "G=353044C0CD46\r");
        let late = Moment::at(1_798_736_399);
        assert_eq!(written(Command::Date(late)), "DATE=31.12.2026\r");
        assert_eq!(written(Command::Time(late)), "TIME=23:59:59\r");
        assert_eq!(written(Command::Offset), "LTO=14\r");
        assert_eq!(written(Command::Watch(true)), "*R\r");
        assert_eq!(written(Command::NameOnAir), "PSW\r");
    }

    #[test]
    fn answers_come_through_echoes_and_a_stream_of_groups() {
        let bytes =
            b"PI=7A01\r\n+\r\n\r\nG:\r\n7A010438E0CD5841\r\n\r\n!\r\n\r\nG:7A010439E0CD2041\r\n-\r\n/\r\nXA LAC  \r\n";
        let said = [
            Said::Text("PI=7A01".to_owned()),
            Said::Done,
            Said::Aired([0x7A01, 0x0438, 0xE0CD, 0x5841]),
            Said::Unknown,
            Said::Aired([0x7A01, 0x0439, 0xE0CD, 0x2041]),
            Said::BadValue,
            Said::Partly,
            Said::Text("XA LAC  ".to_owned()),
        ];
        assert_eq!(lines(bytes), said);
    }

    #[test]
    fn endless_and_foreign_bytes_do_not_pile_up() {
        let mut all = Lines::default();
        (0..100_000).for_each(|_| assert_eq!(all.push(b'x'), None));
        assert!(all.line.len() <= LONGEST_LINE);
        assert_eq!(lines(&[0xFF, 0x00, 0xC3, b'\r']).len(), 1);
    }
}
