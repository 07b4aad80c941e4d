//! Messages for the hub: signed when they are written, kept until the broker has acknowledged them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// One row for the hub.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its number in the outbox.
    pub(crate) id: i64,
    /// Last level of its topic.
    pub(crate) kind: String,
    /// The signed message.
    pub(crate) jws: String,
}

/// How long an uplink is good, seconds: it may lie here for a season.
const LIFE_S: i64 = 366 * 24 * 3600;

/// The station's own signing key (contract §3: `kid` = `s:<station>`).
#[derive(Clone)]
pub(crate) struct Signer {
    station: String,
    key: Arc<Ed25519KeyPair>,
}

impl Signer {
    /// Reads the key of `dir`, or makes it at the first start, readable by its owner alone.
    pub(crate) fn open(dir: &Path, station: &str) -> anyhow::Result<Self> {
        let file = dir.join("signing-key.pk8");
        let pkcs8 = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new())
                    .map_err(|_| anyhow::anyhow!("no randomness for a signing key"))?;
                let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
                out.write_all(made.as_ref())?;
                out.sync_all()?;
                made.as_ref().to_vec()
            }
            Err(error) => return Err(error.into()),
        };
        let key = Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map_err(|e| anyhow::anyhow!("{}: not an Ed25519 key: {e}", file.display()))?;
        Ok(Self { station: station.to_owned(), key: Arc::new(key) })
    }

    /// The public key as a JWK (RFC 8037).
    pub(crate) fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid(), "use": "sig",
               "x": URL_SAFE_NO_PAD.encode(self.key.public_key().as_ref())})
    }

    fn kid(&self) -> String {
        format!("s:{}", self.station)
    }

    /// Signs a body for the hub.
    pub(crate) fn sign(&self, kind: &str, body: &Value, jti: &str) -> String {
        let iat = crate::stamp::unix_s();
        let header = json!({"alg": "EdDSA", "typ": "ttcs+jwt", "kid": self.kid()});
        let claims = json!({"iss": self.station, "aud": "hub", "jti": jti, "iat": iat, "exp": iat + LIFE_S,
                            "kind": kind, "body": body});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }
}

/// The reading end of the outbox; keeps its connection, since it is asked after every acknowledgement.
#[derive(Default)]
pub(crate) struct Outbox {
    connection: Option<Connection>,
}

impl Outbox {
    /// Rows not yet acknowledged, most urgent first.
    pub(super) fn rows(&mut self, file: &Path, except: &BTreeSet<i64>, limit: usize) -> anyhow::Result<Vec<Row>> {
        let rows = self.query(file, except, limit);
        if rows.is_err() {
            self.connection = None;
        }
        rows
    }

    fn query(&mut self, file: &Path, except: &BTreeSet<i64>, limit: usize) -> anyhow::Result<Vec<Row>> {
        let connection = match self.connection.take() {
            Some(open) => self.connection.insert(open),
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                self.connection.insert(Connection::open_with_flags(file, flags)?)
            }
        };
        let mut query = connection.prepare_cached("SELECT id, kind, jws FROM outbox ORDER BY lane, id LIMIT ?1")?;
        let asked = i64::try_from(limit + except.len()).unwrap_or(i64::MAX);
        let mut found = query.query([asked])?;
        let mut fresh = Vec::new();
        while let Some(row) = found.next()? {
            let id = row.get(0)?;
            if !except.contains(&id) && fresh.len() < limit {
                fresh.push(Row { id, kind: row.get(1)?, jws: row.get(2)? });
            }
        }
        Ok(fresh)
    }
}
