//! The envelope: JWS compact serialisation with Ed25519 (RFC 7515, RFC 8037; contract §3).

use super::audience::Audience;
use super::key::SigningKey;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a message is good unless said, seconds: as long as a station's session is kept.
pub const DEFAULT_LIFE_S: i64 = 7 * 24 * 3600;

/// The claims around a body.
#[derive(Clone, Debug)]
pub struct Signing {
    /// Who signs.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// Made at, seconds since 1970.
    pub iat: i64,
    /// Good until, seconds since 1970.
    pub exp: i64,
    /// Identity of the message.
    pub jti: String,
}

impl Signing {
    /// A message of the hub, made now, with a fresh identity.
    pub fn to(audience: &Audience) -> Self {
        let now = super::unix_s();
        Self {
            iss: super::HUB.to_owned(),
            aud: audience.to_string(),
            iat: now,
            exp: now + DEFAULT_LIFE_S,
            jti: super::fresh_id("m-"),
        }
    }
}

/// Signs a message.
pub fn sign(kind: &str, body: &Value, key: &SigningKey, signing: &Signing) -> String {
    let header = json!({"alg": "EdDSA", "typ": "ttcs+jwt", "kid": key.kid()});
    let payload = json!({
        "iss": signing.iss, "aud": signing.aud, "jti": signing.jti, "iat": signing.iat, "exp": signing.exp,
        "kind": kind, "body": body,
    });
    sign_parts(&header, &payload, key)
}

/// Signs any header and payload: for messages that must be refused.
pub fn sign_parts(header: &Value, payload: &Value, key: &SigningKey) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(payload));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The claims of a message that was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// Identity of the message.
    pub jti: String,
    /// Made at, seconds since 1970.
    pub iat: i64,
    /// Good until, seconds since 1970.
    pub exp: i64,
    /// What it is.
    pub kind: String,
    /// Its content.
    pub body: Value,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
}

/// Reads the claims without judging them; for messages of one's own.
pub fn peek(jws: &str) -> Result<Claims> {
    let payload = jws.trim_end().split('.').nth(1).context("a message has three parts")?;
    let payload = URL_SAFE_NO_PAD.decode(payload).context("reading the payload")?;
    serde_json::from_slice(&payload).context("reading the claims")
}

/// Reads a message if the key of that name signed it.
pub fn open(jws: &str, kid: &str, x: &str) -> Result<Claims> {
    let mut parts = jws.trim_end().split('.');
    let (Some(head), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        bail!("a message has three parts");
    };
    let header: Header =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).context("reading the header")?).context("the header")?;
    if header.alg != "EdDSA" {
        bail!("algorithm {:?} is not EdDSA", header.alg);
    }
    if header.kid != kid {
        bail!("signed by key {:?}, not by {kid:?}", header.kid);
    }
    let public = URL_SAFE_NO_PAD.decode(x).context("reading the public key")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).context("reading the signature")?;
    UnparsedPublicKey::new(&ED25519, public)
        .verify(format!("{head}.{payload}").as_bytes(), &signature)
        .ok()
        .context("the signature does not hold")?;
    peek(jws)
}
