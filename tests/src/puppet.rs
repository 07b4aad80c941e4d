//! A station that does only what a test tells it: for trying the hub, never for showing how a station behaves.

use crate::hub::audience::up_topic;
use crate::hub::session::{Connect, Session};
use crate::hub::{Claims, HUB, Pki, Signing, SigningKey, envelope, fresh_id, sign, unix_s};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// How a puppet comes to the broker.
pub struct Entrance<'a> {
    /// Certificates.
    pub pki: &'a Pki,
    /// The broker.
    pub url: &'a str,
    /// Station identity.
    pub station: &'a str,
    /// Topic filters.
    pub filters: Vec<String>,
    /// Whether the broker keeps what it misses.
    pub durable: bool,
    /// Its signing key.
    pub key: SigningKey,
}

/// What was heard: topic and payload.
pub type Heard = (String, Vec<u8>);

/// A puppet on its session.
pub struct Puppet {
    session: Session,
    station: String,
    key: SigningKey,
    heard: Arc<(Mutex<Vec<Heard>>, Condvar)>,
}

impl Puppet {
    /// Connects, with a signed will, and subscribes.
    pub fn enter(entrance: Entrance<'_>) -> Result<Self> {
        let Entrance { pki, url, station, filters, durable, key } = entrance;
        let heard: Arc<(Mutex<Vec<Heard>>, Condvar)> = Arc::default();
        let ears = Arc::clone(&heard);
        let will = signed(station, &key, "status", &json!({"state": "offline"})).1;
        let connect = Connect {
            url: url.to_owned(),
            tls: url.starts_with("mqtts:").then(|| pki.station_tls(station)).transpose()?,
            client_id: station.to_owned(),
            durable,
            filters,
            will: Some((up_topic(station, "status"), will.into_bytes())),
        };
        let take = Box::new(move |topic: &str, payload: &[u8], _: bool| {
            ears.0.lock().unwrap_or_else(PoisonError::into_inner).push((topic.to_owned(), payload.to_vec()));
            ears.1.notify_all();
            true
        });
        let session = Session::open(connect, take, PATIENCE)?;
        Ok(Self { session, station: station.to_owned(), key, heard })
    }

    /// The four filters of a station at a place (contract §2).
    pub fn filters(station: &str, province: &str, commune: &str) -> Vec<String> {
        let scopes = ["all".to_owned(), format!("p/{province}"), format!("c/{commune}"), format!("g/{station}")];
        scopes.iter().map(|scope| format!("ttcs/1/{scope}/down/#")).collect()
    }

    /// Sends its first status, with its key.
    pub fn greet(&self) -> Result<String> {
        self.say("status", &json!({"state": "online", "key": self.key.public_jwk()}))
    }

    /// Signs and sends an uplink, a status retained; says its identity.
    pub fn say(&self, kind: &str, body: &Value) -> Result<String> {
        let (jti, message) = signed(&self.station, &self.key, kind, body);
        let topic = up_topic(&self.station, kind);
        self.session.publish(&topic, message.as_bytes(), kind == "status", PATIENCE)?;
        Ok(jti)
    }

    /// Sends any bytes on any topic.
    pub fn publish(&self, topic: &str, payload: &[u8]) -> Result<()> {
        self.session.publish(topic, payload, false, PATIENCE)
    }

    /// Waits until so many messages were heard, and says all of them.
    pub fn wait_heard(&self, count: usize) -> Result<Vec<Heard>> {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        while heard.len() < count {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                bail!("{} of {count} messages heard", heard.len());
            };
            heard = self.heard.1.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(heard.clone())
    }

    /// Waits as [`Puppet::wait_heard`] and reads their claims.
    pub fn wait_claims(&self, count: usize) -> Result<Vec<Claims>> {
        self.wait_heard(count)?.iter().map(|(_, p)| envelope::peek(&String::from_utf8_lossy(p))).collect()
    }

    /// Goes without a word: the broker publishes its will.
    pub fn vanish(self) {
        self.session.vanish();
    }
}

fn signed(station: &str, key: &SigningKey, kind: &str, body: &Value) -> (String, String) {
    let now = unix_s();
    let jti = fresh_id("u-");
    let signing =
        Signing { iss: station.to_owned(), aud: HUB.to_owned(), iat: now, exp: now + 86_400, jti: jti.clone() };
    let message = sign(kind, body, key, &signing);
    (jti, message)
}
