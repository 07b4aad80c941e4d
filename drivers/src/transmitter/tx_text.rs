//! The `TX.*` language of transmitters: questions, orders and answers, text ↔ values, no IO.
//!
//! A question is the name, a question mark and a carriage return; an order `NAME=value`. Makers answer with
//! `NAME=value`, `NAME value` or the value alone: all are read, so an order is believed only when it reads back.

/// Longest line a transmitter says.
const LONGEST_LINE: usize = 128;

/// What can be asked of a transmitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Set power, watts.
    Power,
    /// Forward power, watts.
    Forward,
    /// Reflected power.
    Reflected,
    /// Standing wave ratio.
    Vswr,
    /// Frequency, MHz.
    Frequency,
    /// Standby: `ON` keeps the carrier off.
    Standby,
    /// `FAULT` or `OK`.
    Fault,
    /// `PRES` or `NOT PRES`.
    RfPresent,
    /// `ON`: the ratio is, or was, too high.
    AlarmVswr,
}

impl Name {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Power => "TX.PWR",
            Self::Forward => "TX.PFWD",
            Self::Reflected => "TX.PREF",
            Self::Vswr => "TX.VSWR",
            Self::Frequency => "TX.FREQ",
            Self::Standby => "TX.SBY",
            Self::Fault => "TX.FAULT",
            Self::RfPresent => "TX.RFPRESENT",
            Self::AlarmVswr => "TX.ALARM.VSWR",
        }
    }

    /// The question.
    pub fn question(self) -> Vec<u8> {
        format!("{}?\r", self.word()).into_bytes()
    }

    /// The value in an answer to its question; `None`: it is none.
    pub fn value(self, line: &str) -> Option<String> {
        let line = line.trim();
        let value = match line.strip_prefix(self.word()) {
            Some(rest) => rest.strip_prefix(['=', ' ', ':'])?,
            None => line,
        };
        let value = value.trim().trim_matches('"');
        // An echo of the question, or the answer to another one, is none.
        let plain = !value.is_empty() && !value.contains(['?', '=']) && !value.contains("TX.");
        plain.then(|| value.to_owned())
    }
}

/// The order that takes the carrier up or down: the only thing that is ever set.
pub fn standby(on: bool) -> Vec<u8> {
    format!("{}={}\r", Name::Standby.word(), if on { "ON" } else { "OFF" }).into_bytes()
}

/// A number, with an optional unit after it.
pub fn number(value: &str) -> Option<f64> {
    let digits = value.trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace());
    digits.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

/// Reflected power, watts: with a decimal point it is in watts, without one in tenths.
pub fn reflected(value: &str) -> Option<f64> {
    let watts = number(value)?;
    Some(if value.contains('.') { watts } else { watts / 10.0 })
}

/// One of two words; `None`: neither.
pub fn either(value: &str, yes: &str, no: &str) -> Option<bool> {
    match value {
        _ if value.eq_ignore_ascii_case(yes) => Some(true),
        _ if value.eq_ignore_ascii_case(no) => Some(false),
        _ => None,
    }
}

/// Takes bytes as they come and gives lines that are not empty.
#[derive(Clone, Debug, Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    /// Takes one byte; says when a line is complete. Prompts of terminals are left out.
    pub fn push(&mut self, byte: u8) -> Option<String> {
        match byte {
            b'\r' | b'\n' => {
                let line =
                    String::from_utf8_lossy(&std::mem::take(&mut self.0)).trim().trim_start_matches('>').to_owned();
                (!line.trim().is_empty()).then_some(line)
            }
            _ => {
                if self.0.len() == LONGEST_LINE {
                    self.0.clear();
                }
                self.0.push(byte);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_several_makers_are_read_and_echoes_are_not() {
        for answer in ["TX.PFWD=20", "TX.PFWD 20", "20", " TX.PFWD: 20", "\"20\""] {
            assert_eq!(Name::Forward.value(answer).as_deref(), Some("20"), "{answer:?}");
        }
        for answer in ["TX.PFWD?", "TX.PREF=20", "TX.PFWD", "", "TX.PFWD="] {
            assert_eq!(Name::Forward.value(answer), None, "{answer:?}");
        }
        assert_eq!(Name::RfPresent.value("TX.RFPRESENT=NOT PRES").as_deref(), Some("NOT PRES"));
        assert_eq!(either("not pres", "PRES", "NOT PRES"), Some(false));
        assert_eq!(either("MAYBE", "ON", "OFF"), None);
    }

    #[test]
    fn values_are_read_as_the_manual_gives_them() {
        assert_eq!((number("0300"), number("60.50"), number("20 W")), (Some(300.0), Some(60.5), Some(20.0)));
        assert_eq!((number("-1"), number("NaN"), number("W")), (None, None, None));
        assert_eq!((reflected("20"), reflected("002.0")), (Some(2.0), Some(2.0)));
        assert_eq!(standby(true), b"TX.SBY=ON\r");
        assert_eq!(Name::AlarmVswr.question(), b"TX.ALARM.VSWR?\r");
    }

    #[test]
    fn endless_lines_do_not_pile_up() {
        let mut lines = Lines::default();
        (0..10_000).for_each(|_| assert_eq!(lines.push(b'x'), None));
        assert!(lines.0.len() <= LONGEST_LINE);
        assert!(lines.push(b'\n').is_some());
        assert_eq!(lines.push(b'\r'), None);
    }
}
