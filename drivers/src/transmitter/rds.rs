//! What an RDS encoder says of a programme, worked out from what is wanted: pure, and the same for every encoder.
//!
//! - [`fold`]: Vietnamese in the characters of RDS
//! - [`group`]: one group, bits ↔ values
//! - [`cycle`]: all groups of a programme, as an encoder puts them on the air
//! - [`receive`]: what a receiver makes of groups
//! - [`clock`]: the time of day, and whether it may be said

pub mod clock;
pub mod cycle;
pub mod fold;
pub mod group;
pub mod receive;

use clock::WallClock;
use gateway_core::want::{Alarm, CoderWant};

/// The country nibble of Viet Nam (IEC 62106, annex D, with extended country code F2).
pub const VIET_NAM: u16 = 0x7;
/// PTY of a test of the alarm.
pub const PTY_ALARM_TEST: u8 = 30;
/// PTY of an alarm.
pub const PTY_ALARM: u8 = 31;

/// What stays the same of a programme.
#[derive(Clone, Debug, Default)]
pub struct Programme {
    /// Programme identification to set, where the encoder does not keep its own.
    pub pi: Option<u16>,
    /// Programme service name to set likewise.
    pub ps: Option<[u8; 8]>,
    /// Programme type while no emergency is on the air, 0–29.
    pub pty: u8,
    /// The station makes announcements (traffic programme), even while none is on.
    pub tp: bool,
    /// RadioText while nothing else is said, with its accents.
    pub idle_text: Option<String>,
    /// Clock-time groups are sent; `None`: the encoder's clock is left alone.
    pub clock: Option<WallClock>,
}

/// What of a programme changes with what is on the air.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// An announcement is on: receivers that watch for it turn to it, at its own volume.
    pub ta: bool,
    /// The station makes announcements.
    pub tp: bool,
    /// Programme type, 0–31.
    pub pty: u8,
    /// RadioText in characters of RDS, at most 64.
    pub text: String,
}

impl Programme {
    /// What is to be said of it now. An emergency or a drill is an announcement; only a real one bears PTY 31, which
    /// switches receivers on.
    pub fn content(&self, want: &CoderWant) -> Content {
        let (ta, pty) = match want.alarm {
            Alarm::Quiet => (false, self.pty),
            Alarm::Drill => (true, PTY_ALARM_TEST),
            Alarm::Real => (true, PTY_ALARM),
        };
        let text = want.text.as_deref().or(self.idle_text.as_deref()).unwrap_or_default();
        // TA without TP means something else: that another station's announcements are passed on.
        Content { ta, tp: self.tp || ta, pty, text: fold::radio_text(text) }
    }
}

/// Why a programme identification is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PiFault {
    /// 0 is none.
    #[error("0 is no programme identification")]
    None,
    /// Another country's.
    #[error("PI {0:04X} begins with {nibble:X}, Viet Nam has 7", nibble = .0 >> 12)]
    Foreign(u16),
}

/// Checks a programme identification; `foreign`: another country's is permitted.
///
/// # Errors
/// When it is none, or not one of Viet Nam and that is not permitted.
pub fn check_pi(pi: u16, foreign: bool) -> Result<u16, PiFault> {
    match pi {
        0 => Err(PiFault::None),
        _ if pi >> 12 != VIET_NAM && !foreign => Err(PiFault::Foreign(pi)),
        _ => Ok(pi),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_said_as_they_are() {
        let programme = Programme { pty: 3, idle_text: Some("Xã An Lạc".to_owned()), ..Programme::default() };
        let said = |alarm, text: Option<&str>| {
            programme.content(&CoderWant { alarm, text: text.map(str::to_owned), ..CoderWant::default() })
        };
        let quiet = said(Alarm::Quiet, None);
        assert_eq!(quiet, Content { ta: false, tp: false, pty: 3, text: "Xa An Lac".to_owned() });
        let drill = said(Alarm::Drill, Some("DIỄN TẬP"));
        assert_eq!(drill, Content { ta: true, tp: true, pty: 30, text: "DIEN TAP".to_owned() });
        assert_eq!((said(Alarm::Real, None).pty, said(Alarm::Real, None).ta), (31, true));
    }

    #[test]
    fn a_pi_is_of_viet_nam_unless_permitted() {
        assert_eq!(check_pi(0x7A01, false), Ok(0x7A01));
        assert_eq!(check_pi(0xC201, true), Ok(0xC201));
        assert_eq!(check_pi(0, true), Err(PiFault::None));
        let fault = check_pi(0xC201, false);
        assert_eq!(fault, Err(PiFault::Foreign(0xC201)));
        assert_eq!(fault.map_err(|f| f.to_string()), Err("PI C201 begins with C, Viet Nam has 7".to_owned()));
    }
}
