//! What a hub has sent and what came up, on disk: so that a restart forgets nothing and every `hub` command shares it.
//!
//! ```text
//! sent/<digest of jti>.json   one message each        stations/<id>.json   pinned keys
//! uplink.jsonl                everything that came up and was verified, one line each
//! ```

use super::audience::{Audience, Place};
use super::envelope::Claims;
use super::media::sha256_hex;
use super::online::Uplink;
use anyhow::{Context, Result};
use gateway_core::cap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Messages that had their moment: said later they would be wrong.
const OF_THE_MOMENT: [&str; 2] = ["time", "live"];
/// How long a message is kept after its `exp`, seconds.
const KEPT_S: i64 = 7 * 24 * 3600;

/// One message that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// Its identity.
    pub jti: String,
    /// What it is.
    pub kind: String,
    /// For whom.
    pub aud: String,
    /// Good until, seconds since 1970.
    pub exp: i64,
    /// Sent at, milliseconds since 1970.
    pub sent_ms: i64,
    /// The message.
    pub jws: String,
}

impl Sent {
    /// The record of a message sent now.
    pub fn now(claims: &Claims, jws: &str) -> Self {
        Self {
            jti: claims.jti.clone(),
            kind: claims.kind.clone(),
            aud: claims.aud.clone(),
            exp: claims.exp,
            sent_ms: super::unix_ms(),
            jws: jws.trim_end().to_owned(),
        }
    }
}

/// The directory.
#[derive(Clone, Debug)]
pub struct Ledger {
    dir: PathBuf,
}

/// Which station has acknowledged which message.
pub type Acked = BTreeSet<(String, String)>;

impl Ledger {
    /// Opens or makes it.
    pub fn open(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir.join("sent")).with_context(|| format!("making {}", dir.display()))?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// Where pinned keys lie.
    pub fn stations(&self) -> PathBuf {
        self.dir.join("stations")
    }

    /// Writes a message down before it is sent.
    pub fn record(&self, sent: &Sent) -> Result<()> {
        let path = self.path_of(&sent.jti);
        let partial = path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&partial, serde_json::to_vec(sent)?).with_context(|| format!("writing {}", partial.display()))?;
        fs::rename(&partial, &path).with_context(|| format!("writing {}", path.display()))
    }

    /// Everything sent that is kept, oldest first; what expired long ago is removed.
    pub fn sent(&self) -> Result<Vec<Sent>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(self.dir.join("sent")).context("reading what was sent")? {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let sent: Sent = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("reading {}; move it away to go on without it", path.display()))?;
            if sent.exp + KEPT_S < super::unix_s() {
                fs::remove_file(&path)?;
            } else {
                all.push(sent);
            }
        }
        all.sort_by(|a, b| (a.sent_ms, &a.jti).cmp(&(b.sent_ms, &b.jti)));
        Ok(all)
    }

    /// What a station should be sent again: still valid, meant for it, not taken back, never acknowledged.
    pub fn owed(&self, place: &Place, acked: &Acked) -> Result<Vec<Sent>> {
        let mut all = self.sent()?;
        let withdrawn = withdrawn(&all);
        let now = super::unix_s();
        all.retain(|s| {
            s.exp > now
                && !OF_THE_MOMENT.contains(&s.kind.as_str())
                && s.aud.parse::<Audience>().is_ok_and(|a| a.covers(place))
                && !acked.contains(&(place.station.clone(), s.jti.clone()))
                && !names(s).is_some_and(|name| withdrawn.contains(&name))
        });
        Ok(all)
    }

    /// What the file of uplinks holds of acks and of identities.
    pub fn history(&self) -> Result<(Acked, BTreeSet<(String, String)>)> {
        let path = self.uplink_file();
        let (mut acked, mut seen) = (Acked::new(), BTreeSet::new());
        if path.exists() {
            for line in BufReader::new(File::open(&path)?).lines() {
                // A line that a power cut left unfinished is no uplink; the station sends it again.
                let Ok(uplink) = serde_json::from_str::<Uplink>(&line?) else { continue };
                if let Some(of) = uplink.of() {
                    acked.insert((uplink.station.clone(), of.to_owned()));
                }
                seen.insert((uplink.station, uplink.jti));
            }
        }
        Ok((acked, seen))
    }

    /// Opens the file of uplinks for appending; one process at a time.
    pub fn append(&self) -> Result<File> {
        let path = self.uplink_file();
        let mut file = File::options().create(true).append(true).open(&path)?;
        file.try_lock().with_context(|| format!("{} is locked: another hub serves this directory", path.display()))?;
        // Ends a line that was left unfinished; an empty line says nothing.
        file.write_all(b"\n").with_context(|| format!("writing {}", path.display()))?;
        Ok(file)
    }

    fn uplink_file(&self) -> PathBuf {
        self.dir.join("uplink.jsonl")
    }

    fn path_of(&self, jti: &str) -> PathBuf {
        self.dir.join("sent").join(format!("{}.json", sha256_hex(jti.as_bytes())))
    }
}

/// What a message brings onto the air, by the name a later one may take it back under.
fn names(sent: &Sent) -> Option<String> {
    let body = super::envelope::peek(&sent.jws).ok()?.body;
    match sent.kind.as_str() {
        "bulletin" => body.get("bulletin_id")?.as_str().map(str::to_owned),
        "alert" => {
            let alert = cap::read(body.get("cap")?.as_str()?).ok()?;
            Some(alert.reference.bulletin_id(alert.status).to_string())
        }
        _ => None,
    }
}

/// The names that a recall, a correction or a CAP Cancel or Update took back.
fn withdrawn(all: &[Sent]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sent in all {
        let Ok(claims) = super::envelope::peek(&sent.jws) else { continue };
        match sent.kind.as_str() {
            "recall" => names.extend(claims.body.get("bulletin_id").and_then(Value::as_str).map(str::to_owned)),
            "bulletin" => {
                let older = claims.body.get("supersedes").and_then(Value::as_array).into_iter().flatten();
                names.extend(older.filter_map(Value::as_str).map(str::to_owned));
            }
            "alert" => {
                let text = claims.body.get("cap").and_then(Value::as_str).unwrap_or_default();
                let Ok(alert) = cap::read(text) else { continue };
                if matches!(alert.message_type, cap::MessageType::Update | cap::MessageType::Cancel) {
                    names.extend(alert.references.iter().map(|r| r.bulletin_id(alert.status).to_string()));
                }
            }
            _ => {}
        }
    }
    names
}
