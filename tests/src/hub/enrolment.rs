//! Pins each station's signing key at its first status, and takes nothing afterwards that this key did not sign.

use super::audience::read_up_topic;
use super::envelope::{self, Claims};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The keys of the stations that have shown themselves, kept one file each.
pub struct Enrolments {
    dir: PathBuf,
    pinned: BTreeMap<String, Pin>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pin {
    station: String,
    kid: String,
    x: String,
    pinned_ms: i64,
}

/// Why an uplink was not taken.
#[derive(Debug)]
pub enum Unfit {
    /// The station's first status has not come yet.
    NotEnrolled,
    /// It is wrong.
    Wrong(anyhow::Error),
}

impl Enrolments {
    /// Opens or makes a directory of pins.
    pub fn open(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        let mut pinned = BTreeMap::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let text = fs::read_to_string(&path)?;
                let pin: Pin = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
                pinned.insert(pin.station.clone(), pin);
            }
        }
        Ok(Self { dir: dir.to_owned(), pinned })
    }

    /// The key of a station, base64url, where it is pinned.
    pub fn key_of(&self, station: &str) -> Option<&str> {
        self.pinned.get(station).map(|p| p.x.as_str())
    }

    /// Judges an uplink: signed by its station's key, from the station and of the kind its topic names.
    pub fn admit(&mut self, topic: &str, payload: &[u8]) -> Result<(String, Claims), Unfit> {
        let (station, kind) = read_up_topic(topic).map_err(Unfit::Wrong)?;
        let text = std::str::from_utf8(payload).map_err(|e| Unfit::Wrong(e.into()))?;
        let kid = format!("s:{station}");
        let claims = match self.pinned.get(station) {
            Some(pin) => envelope::open(text, &kid, &pin.x).map_err(Unfit::Wrong)?,
            None if kind == "status" => self.enrol(station, &kid, text).map_err(Unfit::Wrong)?,
            None => return Err(Unfit::NotEnrolled),
        };
        check(&claims, station, kind).map_err(Unfit::Wrong)?;
        Ok((station.to_owned(), claims))
    }

    fn enrol(&mut self, station: &str, kid: &str, text: &str) -> Result<Claims> {
        let claims = envelope::peek(text)?;
        let x = own_key(&claims.body).context("the first status holds no signing key (a JWK with kty OKP)")?;
        // Whoever has the station's certificate could show any key the first time; that it can also use it is proved.
        let claims = envelope::open(text, kid, &x)?;
        check(&claims, station, "status")?;
        let pin = Pin { station: station.to_owned(), kid: kid.to_owned(), x, pinned_ms: super::unix_ms() };
        let path = self.dir.join(format!("{station}.json"));
        let pin = match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(serde_json::to_string_pretty(&pin)?.as_bytes())?;
                pin
            }
            // Another process of this hub was first.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                serde_json::from_str(&fs::read_to_string(&path)?)
                    .with_context(|| format!("reading {}", path.display()))?
            }
            Err(error) => return Err(error).with_context(|| format!("writing {}", path.display())),
        };
        envelope::open(text, kid, &pin.x)?;
        self.pinned.insert(station.to_owned(), pin);
        Ok(claims)
    }
}

fn check(claims: &Claims, station: &str, kind: &str) -> Result<()> {
    if claims.iss != station {
        bail!("issued by {:?} on a topic of {station:?}", claims.iss);
    }
    if claims.aud != super::HUB {
        bail!("for {:?}, not for the hub", claims.aud);
    }
    if claims.kind != kind {
        bail!("kind {:?} on a topic of kind {kind:?}", claims.kind);
    }
    if claims.jti.is_empty() || claims.jti.chars().count() > 64 {
        bail!("jti has 1 to 64 characters");
    }
    Ok(())
}

/// The public key in a status: the contract names its form, a JWK, but not its field.
fn own_key(body: &Value) -> Option<String> {
    let is_key = |v: &&Value| v.get("kty").and_then(Value::as_str) == Some("OKP");
    let jwk = body.as_object()?.values().find(is_key)?;
    jwk.get("x")?.as_str().map(str::to_owned)
}
