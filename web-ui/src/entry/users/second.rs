//! The second factor: time-based codes (RFC 6238) of a telephone, each taken once, and codes on paper for when it is lost.

use super::{UsersFault, password};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use totp_rs::{Builder, Secret, Totp};

/// Seconds a code lives.
const STEP: u64 = 30;

/// Steps a telephone's clock may be wrong by, either way.
const DRIFT: u16 = 1;

/// Codes on paper.
const ON_PAPER: usize = 8;

/// A second factor that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Second {
    /// Base 32 (RFC 4648) without padding.
    secret: String,
    /// Step of the code taken last; this and older ones are not taken again.
    last: u64,
    /// SHA-256 of the paper codes that are left, in hexadecimal. They are random, so that no slow hash is wanted.
    paper: Vec<String>,
}

/// A secret nobody has had, in base 32.
pub(super) fn secret() -> Result<String, UsersFault> {
    Ok(Secret::from(password::seed()?).to_base32())
}

/// What a telephone's authenticator reads: the key URI that all of them know.
pub(super) fn uri(secret: &str, name: &str) -> String {
    format!(
        "otpauth://totp/Truyen%20thanh:{name}?secret={secret}&issuer=Truyen%20thanh&algorithm=SHA1&digits=6&period=30"
    )
}

impl Second {
    /// Confirms a secret by its first code; the paper codes are told this once.
    pub(super) fn confirmed(secret: &str, code: &str, unix_s: u64) -> Result<Option<(Self, Vec<String>)>, UsersFault> {
        let Some(last) = telephone(secret).and_then(|t| t.check(code.trim(), unix_s)) else { return Ok(None) };
        let codes = (0..ON_PAPER).map(|_| password::once()).collect::<Result<Vec<_>, _>>()?;
        let paper = codes.iter().map(|code| hashed(code)).collect();
        Ok(Some((Self { secret: secret.to_owned(), last, paper }, codes)))
    }

    /// Takes a code, once. Where the time is not known only those on paper count.
    pub(super) fn take(&mut self, code: &str, unix_s: Option<u64>) -> bool {
        let step = unix_s.and_then(|now| telephone(&self.secret)?.check(code, now));
        if let Some(step) = step {
            let fresh = step > self.last;
            self.last = self.last.max(step);
            return fresh;
        }
        let hash = hashed(code);
        let before = self.paper.len();
        self.paper.retain(|left| *left != hash);
        self.paper.len() < before
    }

    /// Paper codes that are left.
    pub(super) fn left(&self) -> usize {
        self.paper.len()
    }
}

fn telephone(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_step_duration(STEP).with_skew(DRIFT).build().ok()
}

/// The hash of a paper code, however it was typed.
fn hashed(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    digest(&SHA256, plain.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `12345678901234567890`, the secret of RFC 6238 appendix B.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn second(last: u64) -> Second {
        Second { secret: RFC.to_owned(), last, paper: vec![hashed("abcd-efgh-2345")] }
    }

    #[test]
    fn the_vectors_of_the_rfc_are_taken() {
        // Appendix B, SHA-1, its last six digits.
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (time, code) in vectors {
            assert!(second(0).take(code, Some(time)), "{time}");
            assert!(!second(0).take(code, Some(time + 90)), "{time}: three steps later");
        }
    }

    #[test]
    fn a_code_is_taken_once_and_so_is_an_older_one() {
        let mut second = second(0);
        assert!(second.take("050471", Some(1_111_111_111)));
        assert!(!second.take("050471", Some(1_111_111_111)));
        assert!(!second.take("050471", Some(1_111_111_120)));
        // The step before, which drift would allow, is over as well.
        assert!(!second.take("081804", Some(1_111_111_111)));
    }

    #[test]
    fn one_step_of_drift_either_way_is_forgiven_and_two_are_not() {
        for (time, well) in
            [(1_111_111_080 - 61, false), (1_111_111_080 - 1, true), (1_111_111_139, true), (1_111_111_140, false)]
        {
            assert_eq!(second(0).take("081804", Some(time)), well, "{time}");
        }
    }

    #[test]
    fn a_paper_code_is_taken_once_even_without_a_clock() {
        let mut second = second(0);
        assert!(!second.take("287082", None));
        assert!(second.take("ABCD efgh 2345", None));
        assert!(!second.take("abcd-efgh-2345", None));
        assert_eq!(second.left(), 0);
    }

    #[test]
    fn a_secret_is_confirmed_by_its_code_only() {
        let secret = secret().expect("random");
        assert_eq!(secret.len(), 32);
        let now = 1_800_000_000;
        let code = telephone(&secret).expect("a telephone").generate(now).to_string();
        let (mut second, paper) = Second::confirmed(&secret, &code, now).expect("random").expect("confirmed");
        assert_eq!((paper.len(), second.left()), (ON_PAPER, ON_PAPER));
        assert!(!second.take(&code, Some(now)), "the code that confirmed it is used up");
        assert!(second.take(&paper[3], None));
        assert!(Second::confirmed(&secret, "not a code", now).expect("random").is_none());
        assert!(uri(&secret, "lan").contains(&secret));
    }
}
