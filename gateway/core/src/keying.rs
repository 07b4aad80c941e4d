//! The keying of a transmitter: relay → warm-up → carrier → code on → audio → code off → carrier off → relay off.
//!
//! ```text
//!        zones wanted                     mains read back        warm                carrier read back
//!  Off ───────────────▶ Mains ──────────────────────▶ WarmUp ───────▶ Carrier ──────────────────────▶ Code
//!   ▲                                                                    ▲                             │ zones open
//!   │ carrier down, or no answer                                         │ wanted again                ▼
//!   └───────────────────────────── CarrierOff ◀──────────────────── CodeOff ◀──────────────────────  OnAir
//!                                              zones shut, or no answer         nothing wanted
//! ```

use crate::time::Mono;
use std::collections::BTreeSet;

/// How long the coder or the carrier may take to go before the next step is taken anyway, milliseconds.
pub const LET_GO_MS: u64 = 2_000;

/// Where the keying of one transmitter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keying {
    /// Nothing is wanted and nothing is on.
    #[default]
    Off,
    /// Mains relay wanted; waits until it reads back.
    Mains,
    /// The exciter warms up until then.
    WarmUp(Mono),
    /// Carrier wanted; waits until it reads back.
    Carrier,
    /// Zones wanted open; waits until the coder has been told, at most until then.
    Code(Mono),
    /// Audio reaches the zones.
    OnAir,
    /// Zones wanted shut, at most until then.
    CodeOff(Mono),
    /// Carrier wanted down, at most until then.
    CarrierOff(Mono),
}

/// What is known of a transmitter and wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Zones that are addressed now.
    pub wanted: &'a BTreeSet<u16>,
    /// The mains relay reads on and has settled, or there is none.
    pub mains: bool,
    /// The carrier reads up.
    pub carrier: bool,
    /// Zones the coder holds open; `None` = never told, or faulted.
    pub open: Option<&'a BTreeSet<u16>>,
    /// It has a coder.
    pub coded: bool,
    /// Exciter warm-up, milliseconds.
    pub warm_up_ms: u64,
}

impl Keying {
    /// Takes every step that can be taken now.
    #[must_use]
    pub fn moved(mut self, seen: Seen<'_>, now: Mono) -> Self {
        // Each step goes to a later state of one round trip, so there are never more than eight.
        for _ in 0..8 {
            let next = self.next(seen, now);
            if next == self {
                break;
            }
            self = next;
        }
        self
    }

    fn next(self, seen: Seen<'_>, now: Mono) -> Self {
        let wanted = !seen.wanted.is_empty();
        match self {
            Self::Off if wanted => Self::Mains,
            Self::Off => Self::Off,
            Self::Mains | Self::WarmUp(_) | Self::Carrier if !wanted => Self::CarrierOff(now.plus(LET_GO_MS)),
            Self::Mains if seen.mains => Self::WarmUp(now.plus(seen.warm_up_ms)),
            Self::Mains => self,
            // A carrier without mains is a lie: the exciter warms up anew when they are back.
            Self::WarmUp(_) if !seen.mains => Self::Mains,
            Self::WarmUp(until) if now >= until => Self::Carrier,
            Self::WarmUp(_) => self,
            Self::Carrier if seen.carrier && seen.coded => Self::Code(now.plus(LET_GO_MS)),
            Self::Carrier if seen.carrier => Self::OnAir,
            Self::Carrier => self,
            Self::Code(_) | Self::OnAir if !wanted => Self::CodeOff(now.plus(LET_GO_MS)),
            Self::Code(until) if seen.open == Some(seen.wanted) || now >= until => Self::OnAir,
            Self::Code(_) => self,
            Self::OnAir if !seen.carrier => Self::Carrier,
            Self::OnAir => self,
            Self::CodeOff(_) if wanted => Self::Carrier,
            Self::CodeOff(until) if !seen.coded || now >= until || seen.open.is_some_and(BTreeSet::is_empty) => {
                Self::CarrierOff(now.plus(LET_GO_MS))
            }
            Self::CodeOff(_) => self,
            Self::CarrierOff(_) if wanted => Self::Mains,
            Self::CarrierOff(until) if !seen.carrier || now >= until => Self::Off,
            Self::CarrierOff(_) => self,
        }
    }

    /// The mains relay should be on.
    pub fn mains(self) -> bool {
        self != Self::Off
    }

    /// The carrier should be up.
    pub fn carrier(self) -> bool {
        match self {
            Self::Carrier | Self::Code(_) | Self::OnAir | Self::CodeOff(_) => true,
            Self::Off | Self::Mains | Self::WarmUp(_) | Self::CarrierOff(_) => false,
        }
    }

    /// The zones should be open.
    pub fn code(self) -> bool {
        match self {
            Self::Code(_) | Self::OnAir => true,
            Self::Off | Self::Mains | Self::WarmUp(_) | Self::Carrier | Self::CodeOff(_) | Self::CarrierOff(_) => false,
        }
    }

    /// Audio reaches whom it should.
    pub fn is_keyed(self, seen: Seen<'_>) -> bool {
        self == Self::OnAir && (!seen.coded || seen.open == Some(seen.wanted))
    }

    /// When it moves on by itself.
    pub fn wakes(self) -> Option<Mono> {
        match self {
            Self::WarmUp(at) | Self::Code(at) | Self::CodeOff(at) | Self::CarrierOff(at) => Some(at),
            Self::Off | Self::Mains | Self::Carrier | Self::OnAir => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(wanted: &'a BTreeSet<u16>, mains: bool, carrier: bool, open: Option<&'a BTreeSet<u16>>) -> Seen<'a> {
        Seen { wanted, mains, carrier, open, coded: true, warm_up_ms: 100 }
    }

    #[test]
    fn a_transmitter_is_keyed_and_unkeyed_in_order() {
        let (zone, none) = (BTreeSet::from([3]), BTreeSet::new());
        let mut k = Keying::Off.moved(seen(&zone, false, false, None), Mono(0));
        assert_eq!((k.mains(), k.carrier(), k.code()), (true, false, false));
        k = k.moved(seen(&zone, true, false, None), Mono(10));
        assert_eq!(k.wakes(), Some(Mono(110)));
        assert!(!k.carrier(), "no carrier before the exciter is warm");
        k = k.moved(seen(&zone, true, false, None), Mono(110));
        assert_eq!((k.carrier(), k.code()), (true, false));
        k = k.moved(seen(&zone, true, true, Some(&none)), Mono(120));
        assert!(k.code() && !k.is_keyed(seen(&zone, true, true, Some(&none))));
        k = k.moved(seen(&zone, true, true, Some(&zone)), Mono(130));
        assert!(k.is_keyed(seen(&zone, true, true, Some(&zone))));
        k = k.moved(seen(&none, true, true, Some(&zone)), Mono(140));
        assert_eq!((k.mains(), k.carrier(), k.code()), (true, true, false), "code goes before the carrier");
        k = k.moved(seen(&none, true, true, Some(&none)), Mono(150));
        assert_eq!((k.mains(), k.carrier()), (true, false), "carrier goes before the mains");
        k = k.moved(seen(&none, true, false, Some(&none)), Mono(160));
        assert_eq!(k, Keying::Off);
    }

    #[test]
    fn a_deaf_coder_and_a_carrier_that_stays_up_do_not_hold_the_sequence_for_ever() {
        let (zone, none) = (BTreeSet::from([3]), BTreeSet::new());
        let k = Keying::Code(Mono(2_000)).moved(seen(&zone, true, true, None), Mono(2_000));
        assert_eq!(k, Keying::OnAir);
        assert!(!k.is_keyed(seen(&zone, true, true, None)), "but nobody says it was heard");
        let k = k.moved(seen(&none, true, true, None), Mono(3_000)).moved(seen(&none, true, true, None), Mono(5_000));
        assert_eq!(k.wakes(), Some(Mono(7_000)));
        assert_eq!(k.moved(seen(&none, true, true, None), Mono(7_000)), Keying::Off);
    }
}
