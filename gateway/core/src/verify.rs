//! Trust as a type: a message is verified here or nowhere, and nothing below takes one that was not.
//!
//! JWS compact serialisation (RFC 7515) with Ed25519 (RFC 8037, `alg` `EdDSA`), verdicts in the order of contract §3.

use crate::time::Wall;
use crate::wire::{self, Envelope, Kind, MAX_MESSAGE};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Something whose signature, sender's rights and audience were checked. Only this module makes one.
#[derive(Debug)]
pub struct Verified<T>(T, Kind);

impl<T> Verified<T> {
    /// What was verified.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// Its kind, which is known.
    pub fn kind(&self) -> Kind {
        self.1
    }
}

/// What became of a message (contract §3, in the order they are checked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of the contract, which says what it means")]
pub enum Verdict {
    TooLarge,
    Malformed,
    BadAlgorithm,
    UnknownKey,
    BadSignature,
    UnsupportedKind,
    NotPermitted,
    WrongAudience,
    Replayed,
    NotYetValid,
    Expired,
    BadBody,
    Accepted,
}

impl Verdict {
    /// The word of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::BadAlgorithm => "bad_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::UnsupportedKind => "unsupported_kind",
            Self::NotPermitted => "not_permitted",
            Self::WrongAudience => "wrong_audience",
            Self::Replayed => "replayed",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::BadBody => "bad_body",
            Self::Accepted => "accepted",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A message that was refused, with no more of it than its answer needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub verdict: Verdict,
    /// The message's identity, as far as it could be read; not trusted.
    pub jti: Option<String>,
    /// What is wrong, for the journal.
    pub why: String,
}

/// One key of the trust store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name.
    pub kid: String,
    /// Ed25519 public key, base64url without padding.
    pub x: String,
    /// Kinds it may send.
    #[serde(default)]
    pub may: Vec<String>,
    /// Whether it may send the priority `emergency`.
    #[serde(default)]
    pub emergency: bool,
    /// Good from, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// Good until, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<i64>,
    /// Called back at, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
}

/// The trust store: whose signatures count, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Keys.
    pub keys: Vec<Key>,
}

/// For whom the station takes messages, and what time it is.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// Station identity.
    pub station: &'a str,
    /// Province code.
    pub province: &'a str,
    /// Commune code.
    pub commune: &'a str,
    /// The audience the MQTT topic names, where there was one (`all`, `p:80`, `c:25459`, `g:TN-…`).
    pub scope: Option<&'a str>,
    /// The wall clock, where it is trusted.
    pub wall: Option<Wall>,
    /// The time floor: it is later than this.
    pub floor: Wall,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

impl Keys {
    /// Whether a store received may replace the one in force: keys that can be read, and one that may send the next.
    pub fn check(&self) -> Result<(), String> {
        let mut seen = BTreeMap::new();
        for key in &self.keys {
            let bytes = URL_SAFE_NO_PAD.decode(&key.x).map_err(|e| format!("key {}: x: {e}", key.kid))?;
            if bytes.len() != 32 {
                return Err(format!("key {}: x has {} bytes, not 32", key.kid, bytes.len()));
            }
            if seen.insert(&key.kid, ()).is_some() {
                return Err(format!("key {} is there twice", key.kid));
            }
        }
        if self.keys.iter().any(|k| k.may.iter().any(|m| m == "trust")) {
            Ok(())
        } else {
            Err("no key may send trust: this store could never be changed again".to_owned())
        }
    }

    /// Judges bytes up to `wrong_audience`; the later verdicts need the station's memory and are the site's.
    pub fn verify(&self, raw: &[u8], judge: &Judge<'_>) -> Result<Verified<Envelope>, Refused> {
        let refuse = |verdict, jti: Option<&str>, why: &str| Refused {
            verdict,
            jti: jti.map(str::to_owned),
            why: why.to_owned(),
        };
        if raw.len() > MAX_MESSAGE {
            return Err(refuse(Verdict::TooLarge, None, &format!("{} bytes, {MAX_MESSAGE} are taken", raw.len())));
        }
        let malformed = |why: &str| refuse(Verdict::Malformed, None, why);
        let text = std::str::from_utf8(raw).map_err(|_| malformed("not text"))?.trim_end_matches(['\n', '\r']);
        let mut parts = text.split('.');
        let (Some(head), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("not three parts"));
        };
        let decode = |what: &str, part: &str| {
            URL_SAFE_NO_PAD.decode(part).map_err(|e| malformed(&format!("{what} is not base64url: {e}")))
        };
        let header: Header =
            serde_json::from_slice(&decode("header", head)?).map_err(|e| malformed(&format!("header: {e}")))?;
        let payload_bytes = decode("payload", payload)?;
        let envelope: Envelope =
            serde_json::from_slice(&payload_bytes).map_err(|e| malformed(&format!("payload: {e}")))?;
        let jti = Some(envelope.jti.as_str()).filter(|j| !j.is_empty() && j.chars().count() <= 64);
        if jti.is_none() {
            return Err(malformed("jti has 1 to 64 characters"));
        }
        if header.crit.is_some() {
            return Err(refuse(Verdict::Malformed, jti, "a critical header is not understood"));
        }
        if header.typ.as_deref().is_some_and(|t| !t.eq_ignore_ascii_case("ttcs+jwt")) {
            return Err(refuse(Verdict::Malformed, jti, "typ is not ttcs+jwt"));
        }
        if header.alg != "EdDSA" {
            return Err(refuse(Verdict::BadAlgorithm, jti, &format!("alg {:?} is not EdDSA", header.alg)));
        }
        let kid = header.kid.unwrap_or_default();
        let Some(key) = self.keys.iter().find(|k| k.kid == kid) else {
            return Err(refuse(Verdict::UnknownKey, jti, &format!("no key {kid:?}")));
        };
        if !signature_holds(key, head, payload, signature) {
            return Err(refuse(Verdict::BadSignature, jti, &format!("signature of {kid:?} does not hold")));
        }
        let Some(kind) = Kind::of(&envelope.kind) else {
            return Err(refuse(Verdict::UnsupportedKind, jti, &format!("kind {:?}", envelope.kind)));
        };
        key.permits(kind, &envelope, judge).map_err(|why| refuse(Verdict::NotPermitted, jti, &why))?;
        if !judge.is_addressed(&envelope.aud) {
            return Err(refuse(Verdict::WrongAudience, jti, &format!("for {:?}", envelope.aud)));
        }
        Ok(Verified(envelope, kind))
    }
}

fn signature_holds(key: &Key, head: &str, payload: &str, signature: &str) -> bool {
    let (Ok(public), Ok(signature)) = (URL_SAFE_NO_PAD.decode(&key.x), URL_SAFE_NO_PAD.decode(signature)) else {
        return false;
    };
    let mut signed = Vec::with_capacity(head.len() + payload.len() + 1);
    signed.extend_from_slice(head.as_bytes());
    signed.push(b'.');
    signed.extend_from_slice(payload.as_bytes());
    UnparsedPublicKey::new(&ED25519, public).verify(&signed, &signature).is_ok()
}

impl Key {
    fn permits(&self, kind: Kind, envelope: &Envelope, judge: &Judge<'_>) -> Result<(), String> {
        if !self.may.iter().any(|m| m == kind.word()) {
            return Err(format!("key {:?} may not send {}", self.kid, kind.word()));
        }
        // Without a trusted clock a revocation counts whatever its date: it was written down because of a theft.
        if self.revoked_at.is_some_and(|at| judge.wall.is_none_or(|w| w.unix_s() >= at)) {
            return Err(format!("key {:?} is revoked", self.kid));
        }
        let at_least = judge.wall.unwrap_or(judge.floor).unix_s();
        if self.not_after.is_some_and(|until| at_least > until) {
            return Err(format!("key {:?} is past its dates", self.kid));
        }
        if let (Some(from), Some(wall)) = (self.not_before, judge.wall)
            && wall.unix_s() < from
        {
            return Err(format!("key {:?} is before its dates", self.kid));
        }
        if !self.emergency && wire::asks_emergency(kind, &envelope.body) {
            return Err(format!("key {:?} may not send emergencies", self.kid));
        }
        Ok(())
    }
}

impl Judge<'_> {
    fn is_addressed(&self, aud: &str) -> bool {
        let mine = match aud.split_once(':') {
            None => aud == "all",
            Some(("p", province)) => province == self.province,
            Some(("c", commune)) => commune == self.commune,
            Some(("g", station)) => station == self.station,
            Some(_) => false,
        };
        mine && self.scope.is_none_or(|scope| scope == aud)
    }
}
