//! argon2id hashes, and passwords made from random bytes.

use super::UsersFault;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};

/// Memory of one check, KiB: the least OWASP names for argon2id with two passes; a Pi 3 has 1 GiB for everything.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Characters that are not mistaken for one another when read off a screen: 32, so that five bits choose one.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789@";

/// Characters of a first password: 100 bits.
const LENGTH: usize = 20;

/// Characters of what is read off a screen and typed on a telephone: letters and digits only, none like another.
const TYPED: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

fn argon() -> Result<Argon2<'static>, UsersFault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| UsersFault::Hash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn fill(bytes: &mut [u8]) -> Result<(), UsersFault> {
    SystemRandom::new().fill(bytes).map_err(|_| UsersFault::Hash)
}

/// Hashes a password with a salt of its own, as a PHC string.
pub(super) fn hash(password: &str) -> Result<String, UsersFault> {
    let mut salt = [0_u8; 16];
    fill(&mut salt)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| UsersFault::Hash)?;
    let hash = argon()?.hash_password(password.as_bytes(), &salt).map_err(|_| UsersFault::Hash)?;
    Ok(hash.to_string())
}

/// A hash that nobody knows the password of: random bytes where a hash would be. It costs nothing to make, and as much
/// to check as any other, so that an unknown name is refused no sooner than a wrong password.
pub(super) fn decoy() -> Result<String, UsersFault> {
    let (mut salt, mut out) = ([0_u8; 16], [0_u8; 32]);
    fill(&mut salt)?;
    fill(&mut out)?;
    let b64 = |bytes: &[u8]| SaltString::encode_b64(bytes).map(|s| s.to_string()).map_err(|_| UsersFault::Hash);
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", b64(&salt)?, b64(&out)?))
}

/// Whether a password is the one of a PHC string; a string that is none matches nothing.
pub(super) fn verify(hash: &str, password: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon().is_ok_and(|argon| argon.verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A password nobody has had before.
pub(super) fn random() -> Result<String, UsersFault> {
    let mut bytes = [0_u8; LENGTH];
    fill(&mut bytes)?;
    Ok(bytes.iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect())
}

/// A word to be typed once: three groups of four, 60 bits.
pub(super) fn once() -> Result<String, UsersFault> {
    let mut bytes = [0_u8; 12];
    fill(&mut bytes)?;
    let letters: Vec<char> = bytes.iter().map(|b| char::from(TYPED[usize::from(b & 31)])).collect();
    Ok(letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// A secret for a second factor, 160 bits as RFC 4226 §4 wants it.
pub(super) fn seed() -> Result<[u8; 20], UsersFault> {
    let mut seed = [0_u8; 20];
    fill(&mut seed)?;
    Ok(seed)
}

/// 10 to 128 characters (NIST SP 800-63B: length is what counts, and no kinds of characters are asked for).
pub(super) fn is_long_enough(password: &str) -> bool {
    (10..=128).contains(&password.chars().count())
}

/// A key for the table of failed attempts.
pub(super) fn random_key() -> Result<[u8; 32], UsersFault> {
    let mut key = [0_u8; 32];
    fill(&mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_says_its_cost() {
        let hash = hash("mưa to gió lớn").expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(&hash, "mưa to gió lớn"));
        assert!(!verify(&hash, "mua to gio lon"));
        assert!(!verify("", ""));
        assert!(!verify("$argon2id$", "x"));
    }

    #[test]
    fn a_decoy_reads_like_a_hash_and_matches_nothing() {
        let decoy = decoy().expect("decoy");
        assert!(PasswordHash::new(&decoy).expect("a PHC string").hash.is_some());
        assert!(!verify(&decoy, "") && !verify(&decoy, "mưa to gió lớn"));
    }

    #[test]
    fn made_passwords_are_long_and_differ() {
        let (a, b) = (random().expect("random"), random().expect("random"));
        assert_eq!(a.len(), LENGTH);
        assert_ne!(a, b);
        let once = once().expect("random");
        assert_eq!(once.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
        assert!(is_long_enough(&once) && !is_long_enough("ngắn quá") && !is_long_enough(&"x".repeat(129)));
    }
}
