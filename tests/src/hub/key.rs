//! Ed25519 signing keys as JWK files (RFC 8037), and the ring of them a hub holds.

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::verify::{Key, Keys};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A private key with its name.
pub struct SigningKey {
    kid: String,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

#[derive(Serialize, Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    d: String,
}

impl SigningKey {
    /// A new key from the system's random source.
    pub fn generate(kid: &str) -> Result<Self> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| anyhow!("the system gave no random bytes"))?;
        Self::from_seed(kid, seed)
    }

    /// The key of a seed (RFC 8032, section 5.1.5).
    pub fn from_seed(kid: &str, seed: [u8; 32]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|e| anyhow!("key {kid}: {e}"))?;
        Ok(Self { kid: kid.to_owned(), seed, pair })
    }

    /// Reads a JWK file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading key {}", path.display()))?;
        let jwk: Jwk = serde_json::from_str(&text).with_context(|| format!("reading key {}", path.display()))?;
        if jwk.kty != "OKP" || jwk.crv != "Ed25519" {
            bail!("key {} is not an Ed25519 JWK", path.display());
        }
        let seed = URL_SAFE_NO_PAD.decode(&jwk.d).with_context(|| format!("key {}: d", path.display()))?;
        let seed = seed.try_into().map_err(|_| anyhow!("key {}: d has not 32 bytes", path.display()))?;
        let key = Self::from_seed(&jwk.kid, seed)?;
        if key.x() != jwk.x {
            bail!("key {}: x does not belong to d", path.display());
        }
        Ok(key)
    }

    /// Writes a JWK file that only its owner may read; fails where there is one already.
    pub fn save(&self, path: &Path) -> Result<()> {
        let jwk = Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: self.kid.clone(),
            x: self.x(),
            d: URL_SAFE_NO_PAD.encode(self.seed),
        };
        let text = serde_json::to_string_pretty(&jwk)? + "\n";
        write_secret(path, text.as_bytes())
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public half, base64url without padding.
    pub fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref())
    }

    /// Its public half as a JWK.
    pub fn public_jwk(&self) -> serde_json::Value {
        serde_json::json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": self.x()})
    }

    /// Signs bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// Writes a new file that only its owner may read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("making {}", path.display()))?;
    file.write_all(bytes).with_context(|| format!("writing {}", path.display()))
}

/// The keys of a hub and what the stations let each of them do.
pub struct Keyring {
    keys: BTreeMap<String, SigningKey>,
    trust: Keys,
}

/// Names of a new hub's keys, the kinds each may send, and whether it may send emergencies. The root only changes the
/// trust store, so that it can lie in a safe; emergencies have a key of their own, so that the newsroom cannot send one.
const ROLES: [(&str, &[&str], bool); 4] = [
    ("root", &["trust"], false),
    (
        "hub-content",
        &[
            "bulletin",
            "recall",
            "programme",
            "board",
            "survey",
            "answer",
            "case",
            "codes",
            "document",
            "lesson",
            "report_request",
        ],
        false,
    ),
    ("hub-emergency", &["alert", "bulletin", "live", "recall"], true),
    ("hub-ops", &["config", "update", "time"], false),
];

impl Keyring {
    /// Makes the four keys of a new hub.
    pub fn generate() -> Result<Self> {
        Self::made(SigningKey::generate)
    }

    fn made(mut make: impl FnMut(&str) -> Result<SigningKey>) -> Result<Self> {
        let mut ring = Self { keys: BTreeMap::new(), trust: Keys::default() };
        for (kid, may, emergency) in ROLES {
            let key = make(kid)?;
            ring.trust.keys.push(Key {
                kid: kid.to_owned(),
                x: key.x(),
                may: may.iter().map(|&m| m.to_owned()).collect(),
                emergency,
                not_before: None,
                not_after: None,
                revoked_at: None,
            });
            ring.keys.insert(kid.to_owned(), key);
        }
        Ok(ring)
    }

    /// The same four keys every time, for runs that must repeat to the byte. They are nobody's secret.
    pub fn told() -> Result<Self> {
        let mut seed = [0; 32];
        Self::made(|kid| {
            seed[0] += 1;
            SigningKey::from_seed(kid, seed)
        })
    }

    /// Reads `trust.json` and `keys/*.json` of a directory.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join("trust.json");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let trust = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        let mut keys = BTreeMap::new();
        let key_dir = dir.join("keys");
        for entry in fs::read_dir(&key_dir).with_context(|| format!("reading {}", key_dir.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let key = SigningKey::load(&path)?;
                keys.insert(key.kid().to_owned(), key);
            }
        }
        Ok(Self { keys, trust })
    }

    /// Writes `trust.json` and `keys/*.json`.
    pub fn save(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir.join("keys"))?;
        for (kid, key) in &self.keys {
            key.save(&dir.join("keys").join(format!("{kid}.json")))?;
        }
        fs::write(dir.join("trust.json"), serde_json::to_string_pretty(&self.trust)? + "\n")?;
        Ok(())
    }

    /// The trust store a station starts with.
    pub fn trust(&self) -> &Keys {
        &self.trust
    }

    /// A key by its name.
    pub fn get(&self, kid: &str) -> Result<&SigningKey> {
        self.keys.get(kid).with_context(|| {
            format!("there is no key {kid:?}; there are {}", self.keys.keys().cloned().collect::<Vec<_>>().join(", "))
        })
    }

    /// The first key that may send a kind; one with no more power than needed comes first.
    pub fn for_kind(&self, kind: &str, emergency: bool) -> Result<&SigningKey> {
        let may =
            |k: &&Key| k.revoked_at.is_none() && k.may.iter().any(|m| m == kind) && self.keys.contains_key(&k.kid);
        let mut able: Vec<&Key> = self.trust.keys.iter().filter(may).filter(|k| k.emergency || !emergency).collect();
        able.sort_by_key(|k| k.emergency);
        let key = able.first().with_context(|| format!("no key here may send {kind:?}"))?;
        self.get(&key.kid)
    }
}
