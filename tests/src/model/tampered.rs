//! Messages that must be refused: forged, misdirected, mangled or not allowed; what they say must never be wanted.

use super::letters::{Expect, Letter, Says, Writer, signing};
use crate::hub::SigningKey;
use crate::hub::envelope::{sign, sign_parts};
use fastrand::Rng;
use gateway_core::time::Wall;
use gateway_core::verify::Verdict;
use serde_json::{Value, json};

/// One message that must be refused as its verdict says.
#[expect(clippy::expect_used, reason = "a bench that cannot make keys has nothing to test")]
pub(super) fn letter(dice: &mut Rng, writer: &mut Writer, jti: &str, at: Wall) -> Letter {
    let (iat, exp) = (at.unix_s(), at.unix_s() + 86_400);
    let emergency = dice.bool();
    let body = body(writer, emergency);
    let good = writer.signed("bulletin", &body, jti, iat, exp);
    let key = writer.keyring.for_kind("bulletin", emergency).expect("a key for bulletins");
    let payload = |kind: &str| json!({"iss": "hub-80", "aud": "c:25459", "jti": jti, "iat": iat, "exp": exp, "kind": kind, "body": body});
    let (raw, verdict) = match dice.u8(0..9) {
        0 => {
            let other = writer.signed("bulletin", &json!({"other": true}), jti, iat, exp);
            let (signed, _) = good.rsplit_once('.').unwrap_or_default();
            let (_, signature) = other.rsplit_once('.').unwrap_or_default();
            (format!("{signed}.{signature}"), Verdict::BadSignature)
        }
        1 => {
            let mallory = SigningKey::from_seed("mallory", [66; 32]).expect("a key");
            (sign("bulletin", &body, &mallory, &signing(jti, iat, exp)), Verdict::UnknownKey)
        }
        2 => {
            let forger = SigningKey::from_seed(key.kid(), [67; 32]).expect("a key");
            (sign("bulletin", &body, &forger, &signing(jti, iat, exp)), Verdict::BadSignature)
        }
        3 => {
            let header = json!({"alg": "none", "typ": "ttcs+jwt", "kid": key.kid()});
            (sign_parts(&header, &payload("bulletin"), key), Verdict::BadAlgorithm)
        }
        4 => {
            let mut elsewhere = signing(jti, iat, exp);
            elsewhere.aud = "c:25460".to_owned();
            (sign("bulletin", &body, key, &elsewhere), Verdict::WrongAudience)
        }
        5 => {
            let header = json!({"alg": "EdDSA", "typ": "ttcs+jwt", "kid": key.kid()});
            (sign_parts(&header, &payload("weather"), key), Verdict::UnsupportedKind)
        }
        6 => {
            let newsroom = writer.keyring.get("hub-content").expect("a key");
            let body = self::body(writer, true);
            (sign("bulletin", &body, newsroom, &signing(jti, iat, exp)), Verdict::NotPermitted)
        }
        7 => {
            let mut body = body.clone();
            body["repeat"] = json!(0);
            (sign("bulletin", &body, key, &signing(jti, iat, exp)), Verdict::BadBody)
        }
        _ => (good.replacen('.', "!", 1), Verdict::Malformed),
    };
    Letter { jti: jti.to_owned(), raw, iat, exp, expect: Expect::Refused(verdict), says: Says::Quiet }
}

fn body(writer: &Writer, emergency: bool) -> Value {
    json!({
        "bulletin_id": "BT-poison", "version": 1, "priority": if emergency { "emergency" } else { "priority" },
        "title": writer.poison(),
        "content": [
            {"type": "text", "lang": "vi", "text": writer.poison()},
            {"type": "audio", "lang": "vi", "media":
                {"url": "https://evil.example/", "sha256": "f".repeat(64), "bytes": 1, "mime": "audio/mpeg"}},
        ],
        "targets": {"clusters": ["*"], "boards": ["*"]},
    })
}
