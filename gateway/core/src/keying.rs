//! The keying of a transmitter: relay → warm-up → carrier → code on → audio → code off → carrier off → relay off.
//!
//! `Settle` stands between carrier and code, `Opening` between code and audio, for the pauses the site asks for.
//!
//! ```text
//!        zones wanted                     mains read back        warm                carrier read back
//!  Off ───────────────▶ Mains ──────────────────────▶ WarmUp ───────▶ Carrier ──────────────────────▶ Code
//!                         ▲ mains gone: from any state to the right
//!   ▲                                                                    ▲                             │ zones open
//!   │ carrier down, or no answer                                         │ wanted again                ▼
//!   └───────────────────────────── CarrierOff ◀──────────────────── CodeOff ◀──────────────────────  OnAir
//!                                              zones shut, or no answer         nothing wanted
//! ```

use crate::config::Settle;
use crate::time::Mono;
use std::collections::BTreeSet;

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
    /// The carrier is up; receivers lock until then.
    Settle(Mono),
    /// Zones wanted open; waits until the coder has been told, at most until then.
    Code(Mono),
    /// The coder was told; horns open until then.
    Opening(Mono),
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
    /// The mains are known, or must be taken, to be gone. A relay that does not answer for a moment is none: what it feeds is
    /// as warm as before.
    pub dark: bool,
    /// The carrier reads up.
    pub carrier: bool,
    /// Zones the coder holds open; `None` = never told, or faulted.
    pub open: Option<&'a BTreeSet<u16>>,
    /// It has a coder.
    pub coded: bool,
    /// Exciter warm-up, milliseconds.
    pub warm_up_ms: u64,
    /// Pauses between the steps.
    pub settle: Settle,
    /// How long the zones take to be said, where that is done in the sound itself, milliseconds.
    pub say_ms: u64,
}

impl Keying {
    /// Takes every step that can be taken now.
    #[must_use]
    pub fn moved(mut self, seen: Seen<'_>, now: Mono) -> Self {
        // Each step goes to a later state of one round trip, or back to its beginning, so there are never more than ten.
        for _ in 0..10 {
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
        let let_go = now.plus(seen.settle.let_go_ms);
        let said = now.plus(seen.settle.let_go_ms + seen.say_ms);
        match self {
            Self::Off if wanted => Self::Mains,
            Self::Off => Self::Off,
            Self::Mains | Self::WarmUp(_) | Self::Carrier | Self::Settle(_) if !wanted => Self::CarrierOff(let_go),
            Self::Mains if seen.mains => Self::WarmUp(now.plus(seen.warm_up_ms)),
            Self::Mains => self,
            // A carrier without mains is a lie: the exciter warms up anew when they are back.
            Self::WarmUp(_) if !seen.mains => Self::Mains,
            Self::Carrier | Self::Settle(_) | Self::Code(_) | Self::Opening(_) | Self::OnAir if wanted && seen.dark => {
                Self::Mains
            }
            Self::WarmUp(until) if now >= until => Self::Carrier,
            Self::WarmUp(_) => self,
            Self::Carrier if seen.carrier => Self::Settle(now.plus(seen.settle.carrier_ms)),
            Self::Carrier => self,
            Self::Settle(_) if !seen.carrier => Self::Carrier,
            Self::Settle(until) if now < until => self,
            Self::Settle(_) if seen.coded => Self::Code(said),
            Self::Settle(_) => Self::OnAir,
            Self::Code(_) | Self::Opening(_) | Self::OnAir if !wanted => Self::CodeOff(said),
            Self::Code(until) if seen.open == Some(seen.wanted) || now >= until => {
                Self::Opening(now.plus(seen.settle.code_ms))
            }
            Self::Code(_) => self,
            Self::Opening(_) if !seen.carrier => Self::Carrier,
            Self::Opening(until) if now >= until => Self::OnAir,
            Self::Opening(_) => self,
            Self::OnAir if !seen.carrier => Self::Carrier,
            Self::OnAir => self,
            Self::CodeOff(_) if wanted => Self::Carrier,
            Self::CodeOff(until) if !seen.coded || now >= until || seen.open.is_some_and(BTreeSet::is_empty) => {
                Self::CarrierOff(let_go)
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
            Self::Carrier | Self::Settle(_) | Self::Code(_) | Self::Opening(_) | Self::OnAir | Self::CodeOff(_) => true,
            Self::Off | Self::Mains | Self::WarmUp(_) | Self::CarrierOff(_) => false,
        }
    }

    /// The zones should be open.
    pub fn code(self) -> bool {
        match self {
            Self::Code(_) | Self::Opening(_) | Self::OnAir => true,
            Self::Off
            | Self::Mains
            | Self::WarmUp(_)
            | Self::Carrier
            | Self::Settle(_)
            | Self::CodeOff(_)
            | Self::CarrierOff(_) => false,
        }
    }

    /// Audio reaches whom it should.
    pub fn is_keyed(self, seen: Seen<'_>) -> bool {
        self == Self::OnAir && (!seen.coded || seen.open == Some(seen.wanted))
    }

    /// When it moves on by itself.
    pub fn wakes(self) -> Option<Mono> {
        match self {
            Self::WarmUp(at)
            | Self::Settle(at)
            | Self::Code(at)
            | Self::Opening(at)
            | Self::CodeOff(at)
            | Self::CarrierOff(at) => Some(at),
            Self::Off | Self::Mains | Self::Carrier | Self::OnAir => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(wanted: &'a BTreeSet<u16>, mains: bool, carrier: bool, open: Option<&'a BTreeSet<u16>>) -> Seen<'a> {
        let settle = Settle::default();
        Seen { wanted, mains, dark: !mains, carrier, open, coded: true, warm_up_ms: 100, settle, say_ms: 0 }
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
    fn receivers_get_the_pauses_the_site_asks_for() {
        let (zone, none) = (BTreeSet::from([3]), BTreeSet::new());
        let settle = Settle { carrier_ms: 300, code_ms: 400, let_go_ms: 1_000 };
        let with = |open, wanted| Seen { settle, ..seen(wanted, true, true, open) };
        let mut k = Keying::Carrier.moved(with(Some(&none), &zone), Mono(0));
        assert_eq!((k.wakes(), k.carrier(), k.code()), (Some(Mono(300)), true, false));
        k = k.moved(with(Some(&none), &zone), Mono(300));
        assert!(k.code());
        k = k.moved(with(Some(&zone), &zone), Mono(310));
        assert_eq!((k.wakes(), k.is_keyed(with(Some(&zone), &zone))), (Some(Mono(710)), false));
        k = k.moved(with(Some(&zone), &zone), Mono(710));
        assert!(k.is_keyed(with(Some(&zone), &zone)));
        k = k.moved(with(Some(&zone), &none), Mono(800));
        assert_eq!(k.wakes(), Some(Mono(1_800)));
    }

    #[test]
    fn an_exciter_whose_mains_dropped_warms_up_anew() {
        let (zone, none) = (BTreeSet::from([3]), BTreeSet::new());
        let well = || seen(&zone, true, true, Some(&zone));
        let before =
            [Keying::Carrier, Keying::Settle(Mono(9)), Keying::Code(Mono(9)), Keying::Opening(Mono(9)), Keying::OnAir];
        for on in before {
            let unknown = Seen { mains: false, ..well() };
            assert!(on.moved(unknown, Mono(5)).carrier(), "{on:?}: a relay that does not answer is not off");
            let k = on.moved(seen(&zone, false, true, Some(&zone)), Mono(5));
            assert_eq!((k, k.mains(), k.carrier(), k.code()), (Keying::Mains, true, false, false), "{on:?}");
            let k = k.moved(seen(&zone, true, false, Some(&none)), Mono(1_000));
            assert_eq!((k, k.carrier()), (Keying::WarmUp(Mono(1_100)), false));
            assert_eq!(k.moved(seen(&zone, true, false, Some(&none)), Mono(1_100)), Keying::Carrier);
        }
        let k = Keying::CodeOff(Mono(2_000)).moved(seen(&zone, false, true, Some(&zone)), Mono(5));
        assert_eq!(k, Keying::Mains, "wanted again in the dark");
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
