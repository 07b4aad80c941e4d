//! Zone tones (DTMF, ITU-T Q.23): which digits open and close the receivers of a transmitter that listen for them; pure.

use crate::want::Digits;
use std::collections::BTreeSet;

/// Longest sequence for one zone, digits.
pub const LONGEST: usize = 32;

/// What a transmitter's receivers listen for in the sound itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneTones {
    /// Opens one zone: digits with the number of the zone in them, e.g. `*{zone:2}#`.
    pub open: String,
    /// Closes one zone; `None`: only all of them together can be closed.
    pub close: Option<String>,
    /// Opens every zone at once, where the receivers have such a code.
    pub open_all: Option<String>,
    /// Closes every zone at once, where the receivers have such a code.
    pub close_all: Option<String>,
    /// A digit, milliseconds.
    pub digit_ms: u16,
    /// The pause after a digit, milliseconds.
    pub pause_ms: u16,
    /// How much louder the upper tone of a digit is than the lower one, tenths of a decibel.
    pub twist: i8,
}

/// Why a sequence cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TonesFault {
    /// Not among `0–9 * # A–D`.
    #[error("{0:?} is no DTMF digit")]
    NoDigit(char),
    /// Empty, or longer than any receiver takes.
    #[error("{0} digits, 1 to {LONGEST} can be said")]
    Length(usize),
    /// A zone is written with this many digits, and has more.
    #[error("zone {zone} has more than {digits} digits")]
    Zone {
        /// Which.
        zone: u16,
        /// How many there is room for.
        digits: usize,
    },
    /// A brace that is no `{zone}` or `{zone:N}`.
    #[error("{0:?} is no {{zone}} or {{zone:N}}")]
    Template(String),
}

/// The digits for a zone: a template such as `*{zone:2}#` with the number of the zone in it, zeros before it.
///
/// # Errors
/// When the template is none, the zone does not fit, or what comes of it cannot be said.
pub fn digits(template: &str, zone: u16) -> Result<String, TonesFault> {
    let wrong = || TonesFault::Template(template.to_owned());
    let Some((before, rest)) = template.split_once('{') else { return sayable(template.to_owned()) };
    let (inside, after) = rest.split_once('}').ok_or_else(wrong)?;
    let width = match inside.strip_prefix("zone").ok_or_else(wrong)? {
        "" => 1,
        width => {
            width.strip_prefix(':').and_then(|w| w.parse().ok()).filter(|w| (1..=5).contains(w)).ok_or_else(wrong)?
        }
    };
    let number = format!("{zone:0width$}");
    if !inside.ends_with("zone") && number.len() > width {
        return Err(TonesFault::Zone { zone, digits: width });
    }
    sayable(format!("{before}{number}{after}"))
}

fn sayable(digits: String) -> Result<String, TonesFault> {
    let count = digits.chars().count();
    if !(1..=LONGEST).contains(&count) {
        return Err(TonesFault::Length(count));
    }
    match digits.chars().find(|d| !"0123456789*#ABCD".contains(*d)) {
        Some(odd) => Err(TonesFault::NoDigit(odd)),
        None => Ok(digits),
    }
}

impl ZoneTones {
    /// Every template makes digits for this zone.
    ///
    /// # Errors
    /// The first that does not: why.
    pub fn check(&self, zone: u16) -> Result<(), TonesFault> {
        let all = [Some(&self.open), self.close.as_ref(), self.open_all.as_ref(), self.close_all.as_ref()];
        all.into_iter().flatten().try_for_each(|template| digits(template, zone).map(|_| ()))
    }

    /// What must be said so that exactly these zones are open, of `all` there are, given those that are open (`None`:
    /// nobody knows); empty: nothing.
    pub fn change(&self, known: Option<&BTreeSet<u16>>, want: &BTreeSet<u16>, all: &BTreeSet<u16>) -> String {
        let none = BTreeSet::new();
        if known == Some(want) {
            return String::new();
        }
        if want == all
            && let Some(open_all) = self.open_all.as_ref().filter(|_| all.len() > 1)
        {
            return open_all.clone();
        }
        let each = |template: &str, zones: &mut dyn Iterator<Item = &u16>| -> String {
            zones.filter_map(|zone| digits(template, *zone).ok()).collect()
        };
        let before = known.unwrap_or(&none);
        // Whatever was open before this program started must not stay so.
        let anew = known.is_none() || (want.is_empty() && !before.is_empty());
        let anew = anew || (self.close.is_none() && !before.is_subset(want));
        match (&self.close_all, &self.close) {
            (Some(close_all), _) if anew => close_all.clone() + &each(&self.open, &mut want.iter()),
            (_, Some(close)) => {
                each(close, &mut before.difference(want)) + &each(&self.open, &mut want.difference(before))
            }
            (_, None) => each(&self.open, &mut want.difference(before)),
        }
    }

    /// How long it takes to say these digits, milliseconds.
    pub fn takes_ms(&self, digits: &str) -> u64 {
        digits.chars().count() as u64 * (u64::from(self.digit_ms) + u64::from(self.pause_ms))
    }

    /// These digits as a sink is to play them.
    pub fn said(&self, digits: String) -> Digits {
        let Self { digit_ms, pause_ms, twist, .. } = *self;
        Digits { digits, digit_ms, pause_ms, twist }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tones() -> ZoneTones {
        ZoneTones {
            open: "*{zone:2}#".to_owned(),
            close: Some("#{zone:2}*".to_owned()),
            open_all: Some("*00#".to_owned()),
            close_all: Some("#00*".to_owned()),
            digit_ms: 100,
            pause_ms: 80,
            twist: 20,
        }
    }

    #[test]
    fn templates_take_zones_and_nothing_else() {
        assert_eq!(digits("*{zone:2}#", 7), Ok("*07#".to_owned()));
        assert_eq!(digits("{zone}", 120), Ok("120".to_owned()));
        assert_eq!(digits("**00#", 7), Ok("**00#".to_owned()));
        assert_eq!(digits("*{zone:2}#", 120), Err(TonesFault::Zone { zone: 120, digits: 2 }));
        for wrong in ["*{zone", "{zon}", "{zone:0}", "{zone:x}", "{zone:9}"] {
            assert_eq!(digits(wrong, 1), Err(TonesFault::Template(wrong.to_owned())));
        }
        assert_eq!(digits("1E{zone}", 1), Err(TonesFault::NoDigit('E')));
        assert_eq!(digits("", 1), Err(TonesFault::Length(0)));
        assert_eq!(digits(&"1".repeat(33), 1), Err(TonesFault::Length(33)));
        assert_eq!(tones().check(100), Err(TonesFault::Zone { zone: 100, digits: 2 }));
        assert_eq!(tones().check(99), Ok(()));
    }

    #[test]
    fn what_is_said_leads_from_what_is_open_to_what_is_wanted() {
        let (all, none) = (BTreeSet::from([1, 2, 3]), BTreeSet::new());
        let zones = |zones: &[u16]| zones.iter().copied().collect::<BTreeSet<u16>>();
        let tones = tones();
        let change = |known: Option<&[u16]>, want: &[u16]| tones.change(known.map(zones).as_ref(), &zones(want), &all);
        assert_eq!(change(Some(&[]), &[1, 3]), "*01#*03#");
        assert_eq!(change(Some(&[1, 3]), &[3, 2]), "#01**02#");
        assert_eq!(change(Some(&[1, 3]), &[]), "#00*");
        assert_eq!(change(Some(&[1]), &[1]), "");
        assert_eq!(change(None, &[2]), "#00**02#", "nobody knows what a power cut left open");
        assert_eq!(change(Some(&[1]), &[1, 2, 3]), "*00#");
        assert_eq!(tones.takes_ms("*01#"), 720);
        let plain = ZoneTones { open_all: None, close_all: None, ..tones.clone() };
        assert_eq!(plain.change(Some(&zones(&[1, 2])), &none, &all), "#01*#02*");
        assert_eq!(plain.change(None, &zones(&[1]), &all), "*01#");
        let together = ZoneTones { close: None, ..tones };
        assert_eq!(together.change(Some(&zones(&[1, 2])), &zones(&[2]), &all), "#00**02#");
    }
}
