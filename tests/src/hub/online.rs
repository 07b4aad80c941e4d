//! A hub at work: signs and publishes downward, verifies and keeps what comes up, and waits for what a test is about.

use super::audience::{Audience, Place, UPLINKS};
use super::enrolment::{Enrolments, Unfit};
use super::envelope::{self, Claims, Signing};
use super::key::Keyring;
use super::ladder::Ladder;
use super::ledger::{Acked, Ledger, Sent};
use super::pki::Pki;
use super::session::{Connect, Session};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Uplinks kept in memory; older ones are only in the ledger.
const KEPT: usize = 50_000;
/// Uplinks of stations not yet enrolled that are held until their status comes.
const PARKED: usize = 256;

/// One message of a station, verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Uplink {
    /// Who.
    pub station: String,
    /// What it is.
    pub kind: String,
    /// Its identity.
    pub jti: String,
    /// Made at, seconds since 1970.
    pub iat: i64,
    /// Its content.
    pub body: Value,
    /// When it reached the hub, milliseconds since 1970.
    pub received_ms: i64,
}

impl Uplink {
    /// The message an ack is about.
    pub fn of(&self) -> Option<&str> {
        if self.kind == "ack" { self.body.get("of").and_then(Value::as_str) } else { None }
    }
}

/// What a hub has to tell its operator.
#[derive(Clone, Debug)]
pub enum News {
    /// A new uplink.
    Came(Uplink),
    /// One that was refused, and why.
    Refused(String, String),
    /// A station came (`true`) or went.
    Presence(String, bool),
}

/// How a hub works.
pub struct HubOptions {
    /// The broker: `mqtts://host:port`, or `mqtt://` to a loopback address.
    pub url: String,
    /// Directory of the ledger.
    pub state: PathBuf,
    /// MQTT client identity.
    pub client_id: String,
    /// Keeps uplinks in the ledger, and lets the broker hold them while this hub is away. One process at a time.
    pub keeps: bool,
    /// Told of everything that happens; what it does not take in time is left out.
    pub news: Option<SyncSender<News>>,
}

impl HubOptions {
    /// A hub for one test or one command: nothing is kept but what it sends.
    pub fn passing(url: &str, state: &Path) -> Self {
        let (url, state) = (url.to_owned(), state.to_owned());
        Self { url, state, client_id: super::fresh_id("hub-"), keeps: false, news: None }
    }
}

/// A hub with its session.
pub struct Hub {
    session: Session,
    keyring: Keyring,
    ledger: Ledger,
    shared: Arc<Shared>,
}

struct Shared {
    inbox: Mutex<Inbox>,
    changed: Condvar,
}

struct Inbox {
    uplinks: Vec<Uplink>,
    refused: Vec<String>,
    seen: BTreeSet<(String, String)>,
    acked: Acked,
    presence: BTreeMap<String, bool>,
    parked: VecDeque<(String, Vec<u8>)>,
    enrolments: Enrolments,
    file: Option<File>,
    news: Option<SyncSender<News>>,
}

impl Hub {
    /// Connects and subscribes to everything stations send.
    pub fn connect(pki: &Pki, options: HubOptions) -> Result<Self> {
        let ledger = Ledger::open(&options.state)?;
        let file = options.keeps.then(|| ledger.append()).transpose()?;
        let (acked, seen) = ledger.history()?;
        let inbox = Inbox {
            uplinks: Vec::new(),
            refused: Vec::new(),
            // A passing hub writes nothing down, so nothing has come twice for it.
            seen: if options.keeps { seen } else { BTreeSet::new() },
            acked,
            presence: BTreeMap::new(),
            parked: VecDeque::new(),
            enrolments: Enrolments::open(&ledger.stations())?,
            file,
            news: options.news,
        };
        let shared = Arc::new(Shared { inbox: Mutex::new(inbox), changed: Condvar::new() });
        let connect = Connect {
            tls: options.url.starts_with("mqtts:").then(|| pki.hub_tls()).transpose()?,
            url: options.url,
            client_id: options.client_id,
            durable: options.keeps,
            filters: vec![UPLINKS.to_owned()],
            will: None,
        };
        let inbox = Arc::clone(&shared);
        let take = Box::new(move |topic: &str, payload: &[u8], _: bool| {
            let taken = inbox.lock().take(topic, payload);
            inbox.changed.notify_all();
            taken
        });
        let session = Session::open(connect, take, PATIENCE)?;
        Ok(Self { session, keyring: pki.keyring()?, ledger, shared })
    }

    /// Signs a message with the key that may send it, publishes it, and says its identity.
    pub fn send(&self, kind: &str, body: &Value, audience: &Audience) -> Result<String> {
        let signing = Signing::to(audience);
        let urgent = body.get("priority").and_then(Value::as_str) == Some("emergency");
        let jws = envelope::sign(kind, body, self.keyring.for_kind(kind, urgent)?, &signing);
        self.publish(&jws)?;
        Ok(signing.jti)
    }

    /// Writes a signed message down and publishes it where its audience listens.
    pub fn publish(&self, jws: &str) -> Result<Claims> {
        let claims = envelope::peek(jws)?;
        let audience: Audience = claims.aud.parse()?;
        self.ledger.record(&Sent::now(&claims, jws))?;
        self.session.publish(&audience.topic(&claims.kind), jws.trim_end().as_bytes(), false, PATIENCE)?;
        Ok(claims)
    }

    /// Publishes bytes on a topic without a look at them and without a record: for messages that must be refused.
    pub fn publish_on(&self, topic: &str, payload: &[u8]) -> Result<()> {
        self.session.publish(topic, payload, false, PATIENCE)
    }

    /// Publishes many signed messages without recording them, many at a time.
    pub fn publish_all(&self, messages: &[String]) -> Result<()> {
        let address = |jws: &String| {
            let claims = envelope::peek(jws)?;
            let topic = claims.aud.parse::<Audience>()?.topic(&claims.kind);
            Ok((topic, jws.trim_end().as_bytes().to_vec()))
        };
        let letters = messages.iter().map(address).collect::<Result<Vec<_>>>()?;
        self.session.publish_all(&letters, PATIENCE)
    }

    /// Publishes again what a station never acknowledged, oldest first; says what that was. Acks are those the
    /// ledger held at connecting and those that came since.
    pub fn backfill(&self, place: &Place) -> Result<Vec<Sent>> {
        let owed = self.ledger.owed(place, &self.shared.lock().acked)?;
        for sent in &owed {
            let audience: Audience = sent.aud.parse()?;
            self.session.publish(&audience.topic(&sent.kind), sent.jws.as_bytes(), false, PATIENCE)?;
        }
        Ok(owed)
    }

    /// Waits until something is found in what came up so far; `what` is said where it did not come in time.
    pub fn wait_for<T>(
        &self,
        timeout: Duration,
        what: &str,
        mut look: impl FnMut(&[Uplink]) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + timeout;
        let mut inbox = self.shared.lock();
        loop {
            if let Some(found) = look(&inbox.uplinks) {
                return Ok(found);
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                bail!("{what}: not within {timeout:?}; {}", inbox.summary());
            };
            inbox = self.shared.changed.wait_timeout(inbox, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until a message has reached a stage at a station, or its ladder has closed without.
    pub fn wait_stage(&self, station: &str, jti: &str, stage: &str, timeout: Duration) -> Result<Ladder> {
        let what = format!("{stage} of {jti} at {station}");
        let ladder = self.wait_for(timeout, &what, |uplinks| {
            let ladder = Ladder::of(uplinks, station, jti);
            (ladder.rung(stage).is_some() || ladder.closing().is_some()).then_some(ladder)
        })?;
        if ladder.rung(stage).is_none() {
            let last = ladder.closing().map(|r| r.body.to_string()).unwrap_or_default();
            bail!("{what}: the ladder closed without it: {last}");
        }
        Ok(ladder)
    }

    /// Waits until a station's last status says it is there.
    pub fn wait_online(&self, station: &str, timeout: Duration) -> Result<()> {
        self.wait_for(timeout, &format!("a status of {station}"), |uplinks| {
            let last = uplinks.iter().rfind(|u| u.station == station && u.kind == "status")?;
            is_online(&last.body).then_some(())
        })
    }

    /// The ladder of a message at a station, so far.
    pub fn ladder(&self, station: &str, jti: &str) -> Ladder {
        Ladder::of(&self.shared.lock().uplinks, station, jti)
    }

    /// What came up since connecting, oldest first.
    pub fn uplinks(&self) -> Vec<Uplink> {
        self.shared.lock().uplinks.clone()
    }

    /// Why uplinks were refused since connecting.
    pub fn refused(&self) -> Vec<String> {
        self.shared.lock().refused.clone()
    }

    /// The keys it signs with.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Whether the session with the broker stands now.
    pub fn is_connected(&self) -> bool {
        self.session.is_connected()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    /// Takes one message; false if it could not be written down, so that it comes again.
    fn take(&mut self, topic: &str, payload: &[u8]) -> bool {
        let (station, claims) = match self.enrolments.admit(topic, payload) {
            Ok(fit) => fit,
            Err(Unfit::NotEnrolled) => {
                if self.parked.len() == PARKED {
                    self.parked.pop_front();
                    self.refuse(topic, "too many messages before the first status");
                }
                self.parked.push_back((topic.to_owned(), payload.to_vec()));
                return true;
            }
            Err(Unfit::Wrong(error)) => {
                self.refuse(topic, &format!("{error:#}"));
                return true;
            }
        };
        let is_status = claims.kind == "status";
        let taken = self.keep(Uplink {
            station: station.clone(),
            kind: claims.kind,
            jti: claims.jti,
            iat: claims.iat,
            body: claims.body,
            received_ms: super::unix_ms(),
        });
        if is_status {
            self.release_parked(&station);
        }
        taken.inspect_err(|error| log::error!(error:%; "the ledger could not be written")).is_ok()
    }

    fn keep(&mut self, uplink: Uplink) -> Result<()> {
        if uplink.kind == "status" {
            let online = is_online(&uplink.body);
            if self.presence.insert(uplink.station.clone(), online) != Some(online) {
                self.tell(News::Presence(uplink.station.clone(), online));
            }
        }
        let name = (uplink.station.clone(), uplink.jti.clone());
        let first = !self.seen.contains(&name);
        if let Some(file) = self.file.as_mut().filter(|_| first) {
            let line = serde_json::to_string(&uplink)? + "\n";
            file.write_all(line.as_bytes()).context("appending an uplink")?;
            if uplink.kind != "telemetry" {
                file.sync_data().context("appending an uplink")?;
            }
        }
        self.seen.insert(name);
        if let Some(of) = uplink.of() {
            self.acked.insert((uplink.station.clone(), of.to_owned()));
        }
        // A repeated status still says who is there now; anything else repeated is a redelivery.
        if first || uplink.kind == "status" {
            if first {
                self.tell(News::Came(uplink.clone()));
            }
            if self.uplinks.len() == KEPT {
                self.uplinks.drain(..KEPT / 2);
            }
            self.uplinks.push(uplink);
        }
        Ok(())
    }

    fn release_parked(&mut self, station: &str) {
        let prefix = super::audience::up_topic(station, "");
        let (mine, others): (VecDeque<_>, VecDeque<_>) =
            self.parked.drain(..).partition(|(topic, _)| topic.starts_with(&prefix));
        self.parked = others;
        for (topic, payload) in mine {
            self.take(&topic, &payload);
        }
    }

    fn refuse(&mut self, topic: &str, why: &str) {
        log::warn!(topic, why; "an uplink was refused");
        if self.refused.len() < KEPT {
            self.refused.push(format!("{topic}: {why}"));
        }
        self.tell(News::Refused(topic.to_owned(), why.to_owned()));
    }

    fn tell(&self, news: News) {
        if let Some(screen) = &self.news
            && screen.try_send(news).is_err()
        {
            log::warn!("the operator's screen is behind");
        }
    }

    fn summary(&self) -> String {
        let last: Vec<String> =
            self.uplinks.iter().rev().take(12).map(|u| format!("{}/{} {}", u.station, u.kind, u.body)).collect();
        format!(
            "{} uplinks, {} refused; last first: {last:?}; {:?}",
            self.uplinks.len(),
            self.refused.len(),
            self.refused
        )
    }
}

/// Whether a status says that its station is there: the will says `offline`.
pub fn is_online(status: &Value) -> bool {
    status.get("state").and_then(Value::as_str) != Some("offline")
}
