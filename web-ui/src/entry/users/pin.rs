//! The PIN that hands a desk over: short, so five wrong ones block it until its owner signs in with the password again.

use super::{User, Users, file, password};

/// Wrong PINs that block it.
const WRONG: u8 = 5;

/// What became of a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is right.
    Welcome,
    /// Wrong, or the person has none; so many more may be tried.
    Wrong { left: u8 },
    /// Five were wrong; this one was the fifth where `now` is set.
    Blocked { now: bool },
    /// Too many ask at once.
    Busy,
}

/// 6 to 12 digits that are not all one, nor count up or down.
pub(super) fn is_fit(pin: &str) -> bool {
    let bytes = pin.as_bytes();
    let steps = |by: i16| bytes.windows(2).all(|w| i16::from(w[1]) - i16::from(w[0]) == by);
    (6..=12).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) && !steps(0) && !steps(1) && !steps(-1)
}

impl Users {
    /// Those who have a PIN: login name and name shown.
    pub(crate) fn with_pin(&self) -> Vec<(String, String)> {
        let held = self.held();
        let theirs = held.users.iter().filter(|u| u.pin.is_some());
        theirs.map(|u| (u.name.clone(), u.shown().to_owned())).collect()
    }

    /// Checks a PIN, at the same cost whether its owner is known or not.
    pub(crate) async fn take_pin(&self, name: String, pin: String) -> Taken {
        let Ok(_place) = self.inner.queue.try_acquire() else { return Taken::Busy };
        let Ok(_turn) = self.inner.turn.acquire().await else { return Taken::Busy };
        let users = self.clone();
        tokio::task::spawn_blocking(move || users.check_pin(&name, &pin)).await.unwrap_or(Taken::Busy)
    }

    fn check_pin(&self, name: &str, pin: &str) -> Taken {
        self.freshen();
        let user = self.held().find(name).filter(|u| u.pin.is_some()).cloned();
        let Some(user) = user else {
            password::verify(&self.inner.decoy, pin);
            return Taken::Wrong { left: WRONG - 1 };
        };
        if user.pin_wrong >= WRONG {
            return Taken::Blocked { now: false };
        }
        let right = user.pin.as_ref().is_some_and(|hash| password::verify(hash, pin));
        let wrong = if right { 0 } else { user.pin_wrong + 1 };
        if user.pin_wrong != wrong {
            self.count_pin(User { pin_wrong: wrong, ..user });
        }
        match (right, WRONG - wrong) {
            (true, _) => Taken::Welcome,
            (false, 0) => Taken::Blocked { now: true },
            (false, left) => Taken::Wrong { left },
        }
    }

    /// Counts on the disk too: pulling the plug gives no new tries.
    fn count_pin(&self, after: User) {
        let mut held = self.held();
        if let Some(user) = held.users.iter_mut().find(|u| u.name == after.name) {
            *user = after;
        }
        if let Err(fault) = file::write_users(&self.inner.dir, &held) {
            log::warn!(error:% = crate::problem::chain(&fault); "a wrong PIN is not counted on the disk");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_six_digits_that_are_not_the_first_that_come_to_mind() {
        for pin in ["402917", "123457", "001122", "198402917711"] {
            assert!(is_fit(pin), "{pin}");
        }
        for pin in ["", "40291", "1984029177113", "111111", "123456", "987654", "40291a", "４０２９１７"] {
            assert!(!is_fit(pin), "{pin}");
        }
    }
}
