//! One MQTT 5 session with a broker: what is published is acknowledged or reported, what arrives is taken before its PUBACK.
//!
//! ```text
//!  publish ─▶ queued ─▶ flying (packet id) ─▶ PUBACK ─▶ gone
//!                ▲          │ broker forgot the session
//!                └──────────┘
//! ```

use anyhow::{Context, Result, bail};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{Client, Event, MqttOptions};
use rumqttc::{Outgoing, TlsConfiguration, Transport};
use rustls::ClientConfig;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Largest MQTT packet taken, bytes: a message of 256 KiB and room to spare.
pub const MAX_PACKET: u32 = 1024 * 1024;
/// Most messages on their way to the broker at once.
const MAX_OUTSTANDING: usize = 256;
const SESSION_EXPIRY_S: u32 = 14 * 24 * 3600;
const RETRY: Duration = Duration::from_millis(250);

/// How to reach a broker, and as whom.
pub struct Connect {
    /// `mqtts://host:port`, or `mqtt://` to a loopback address.
    pub url: String,
    /// Certificates, for `mqtts`.
    pub tls: Option<Arc<ClientConfig>>,
    /// Client identity.
    pub client_id: String,
    /// Whether the broker keeps the session while this client is away.
    pub durable: bool,
    /// Topic filters subscribed to on every connect.
    pub filters: Vec<String>,
    /// Topic and payload of a retained will.
    pub will: Option<(String, Vec<u8>)>,
}

/// What arrives: topic, payload, and whether the broker had retained it. Its PUBACK leaves after this returned true.
pub type Take = Box<dyn FnMut(&str, &[u8], bool) -> bool + Send>;

/// A session, kept up by its own thread until it is dropped.
pub struct Session {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Nobody wants this session any more.
    stop: bool,
    /// It ends with a DISCONNECT that has been handed over; otherwise at once.
    farewell: bool,
    /// The client of the connection that stands.
    client: Option<Client>,
    subscribed: bool,
    connects: u64,
    trouble: String,
    next: u64,
    /// Handed to the client, not yet on the wire.
    queued: VecDeque<u64>,
    /// On the wire, by packet identifier.
    flying: BTreeMap<u16, u64>,
    /// Everything not acknowledged, oldest first.
    outstanding: BTreeMap<u64, Letter>,
    refused: BTreeMap<u64, String>,
}

struct Letter {
    topic: String,
    payload: Vec<u8>,
    retain: bool,
}

impl Session {
    /// Connects and subscribes; an error if that took longer than `patience`.
    pub fn open(connect: Connect, take: Take, patience: Duration) -> Result<Self> {
        let filters = connect.filters.clone();
        let url = connect.url.clone();
        let options = options(connect)?;
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new().name("hub-mqtt".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || carry(&options, &shared, &filters, take)
        })?;
        let session = Self { shared, thread: Some(thread) };
        let up = session.shared.wait(Instant::now() + patience, |s| s.subscribed.then_some(()));
        up.with_context(|| format!("connecting to {url}: {}", session.shared.lock().trouble))?;
        Ok(session)
    }

    /// Publishes with QoS 1 and waits for the PUBACK.
    pub fn publish(&self, topic: &str, payload: &[u8], retain: bool, patience: Duration) -> Result<()> {
        let token = self.post(topic, payload, retain, patience)?;
        self.settled(token, topic, patience)
    }

    /// Publishes many with QoS 1, many at a time, and waits for all their PUBACKs.
    pub fn publish_all(&self, letters: &[(String, Vec<u8>)], patience: Duration) -> Result<()> {
        let mut tokens = Vec::with_capacity(letters.len());
        for (topic, payload) in letters {
            tokens.push(self.post(topic, payload, false, patience)?);
        }
        tokens.into_iter().zip(letters).try_for_each(|(token, (topic, _))| self.settled(token, topic, patience))
    }

    /// Whether the session stands now.
    pub fn is_connected(&self) -> bool {
        self.shared.lock().subscribed
    }

    /// How often the session was set up.
    pub fn connects(&self) -> u64 {
        self.shared.lock().connects
    }

    /// Goes away without a word, as a station whose power fails: the broker publishes the will.
    pub fn vanish(mut self) {
        let mut state = self.shared.lock();
        state.stop = true;
        if let Some(client) = state.client.take() {
            // Any packet wakes the thread, which then closes the socket; an error means it is closed already.
            client.try_unsubscribe("vanish").ok();
        }
        drop(state);
        self.end();
    }

    fn post(&self, topic: &str, payload: &[u8], retain: bool, patience: Duration) -> Result<u64> {
        let room = |s: &mut State| (s.outstanding.len() < MAX_OUTSTANDING).then_some(());
        self.shared.wait(Instant::now() + patience, room).context("too much is waiting for the broker")?;
        let letter = Letter { topic: topic.to_owned(), payload: payload.to_vec(), retain };
        let mut state = self.shared.lock();
        let token = state.next;
        state.next += 1;
        // Without a connection it leaves with the next one.
        if let Some(client) = &state.client {
            send(client, &letter)?;
            state.queued.push_back(token);
        }
        state.outstanding.insert(token, letter);
        Ok(token)
    }

    fn settled(&self, token: u64, topic: &str, patience: Duration) -> Result<()> {
        let gone = |s: &mut State| {
            let refused = s.refused.remove(&token);
            (refused.is_some() || !s.outstanding.contains_key(&token)).then_some(refused)
        };
        match self.shared.wait(Instant::now() + patience, gone) {
            Some(None) => Ok(()),
            Some(Some(reason)) => bail!("the broker refused a message on {topic}: {reason}"),
            None => bail!("no PUBACK for {topic} within {} s {}", patience.as_secs(), self.shared.lock().trouble),
        }
    }

    fn end(&mut self) {
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // An error means it panicked, which it has said itself.
            thread.join().ok();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stop = true;
        if let Some(client) = state.client.take() {
            // An error means the connection has gone already.
            state.farewell = client.try_disconnect().is_ok();
        }
        drop(state);
        self.end();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lost(&self, trouble: &str) {
        let mut state = self.lock();
        if state.client.take().is_some() && !state.stop {
            log::warn!(trouble; "the broker is gone");
        }
        state.subscribed = false;
        state.trouble = trouble.to_owned();
        drop(state);
        self.changed.notify_all();
    }

    fn wait<T>(&self, deadline: Instant, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn options(connect: Connect) -> Result<MqttOptions> {
    let (scheme, rest) = connect.url.split_once("://").with_context(|| format!("{} is not a URL", connect.url))?;
    let (host, port) = rest.trim_end_matches('/').rsplit_once(':').context("the broker's URL ends in its port")?;
    let port = port.parse().with_context(|| format!("port {port:?}"))?;
    let mut options = MqttOptions::new(connect.client_id, host, port);
    match (scheme, connect.tls) {
        ("mqtts", Some(tls)) => options.set_transport(Transport::Tls(TlsConfiguration::Rustls(tls))),
        ("mqtts", None) => bail!("{} needs certificates", connect.url),
        ("mqtt", _) if is_loopback(host) => &mut options,
        ("mqtt", _) => bail!("{} is neither TLS nor a loopback address", connect.url),
        _ => bail!("{} is neither mqtts:// nor mqtt://", connect.url),
    };
    options.set_keep_alive(Duration::from_secs(30)).set_clean_start(!connect.durable).set_manual_acks(true);
    options.set_max_packet_size(Some(MAX_PACKET));
    if connect.durable {
        options.set_session_expiry_interval(Some(SESSION_EXPIRY_S));
    }
    if let Some((topic, payload)) = connect.will {
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, true, None));
    }
    Ok(options)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn send(client: &Client, letter: &Letter) -> Result<()> {
    client
        .try_publish(letter.topic.as_str(), QoS::AtLeastOnce, letter.retain, letter.payload.clone())
        .with_context(|| format!("handing over a message for {}", letter.topic))
}

/// Every connection gets a client of its own: what the last one still held is known here and handed over again.
fn carry(options: &MqttOptions, shared: &Shared, filters: &[String], mut take: Take) {
    while !shared.lock().stop {
        let (client, mut connection) = Client::new(options.clone(), 2 * MAX_OUTSTANDING);
        let mut client = Some(client);
        for event in connection.iter() {
            let said = matches!(event, Ok(Event::Outgoing(Outgoing::Disconnect)));
            match event {
                Ok(event) => heed(event, &mut client, shared, filters, &mut take),
                Err(error) => {
                    shared.lost(&error.to_string());
                    break;
                }
            }
            let state = shared.lock();
            if state.stop && (said || !state.farewell) {
                return;
            }
        }
        // Ends early when the session is dropped.
        shared.wait(Instant::now() + RETRY, |s| s.stop.then_some(()));
    }
}

fn heed(event: Event, fresh: &mut Option<Client>, shared: &Shared, filters: &[String], take: &mut Take) {
    let mut state = shared.lock();
    match event {
        Event::Incoming(Packet::ConnAck(_)) => {
            if let Some(client) = fresh.take().filter(|_| !state.stop) {
                state.greet(client, filters);
            }
        }
        Event::Incoming(Packet::SubAck(ack)) => {
            let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
            state.subscribed = ack.return_codes.iter().all(granted);
            if !state.subscribed {
                state.trouble = format!("subscription refused: {:?}", ack.return_codes);
            }
        }
        Event::Outgoing(Outgoing::Publish(id)) => {
            if let Some(token) = state.queued.pop_front() {
                state.flying.insert(id, token);
            }
        }
        Event::Incoming(Packet::PubAck(ack)) => {
            if let Some(token) = state.flying.remove(&ack.pkid) {
                state.outstanding.remove(&token);
                if !matches!(ack.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers) {
                    state.refused.insert(token, format!("{:?}", ack.reason));
                }
            }
        }
        Event::Incoming(Packet::Publish(publish)) => {
            drop(state);
            let topic = String::from_utf8_lossy(&publish.topic).into_owned();
            let taken = take(&topic, &publish.payload, publish.retain);
            if taken
                && let Some(client) = &shared.lock().client
                && let Err(error) = client.try_ack(&publish)
            {
                log::warn!(error:%; "not acknowledged, so it will come again");
            }
        }
        Event::Incoming(Packet::Disconnect(why)) => state.trouble = format!("{:?}", why.reason_code),
        Event::Incoming(_) | Event::Outgoing(_) => {}
    }
    shared.changed.notify_all();
}

impl State {
    /// A connection stands: subscribe, and hand over again what was never acknowledged, oldest first.
    fn greet(&mut self, client: Client, filters: &[String]) {
        self.connects += 1;
        self.flying.clear();
        self.queued = self.outstanding.keys().copied().collect();
        let letters = self.outstanding.values().map(|letter| send(&client, letter));
        let subscriptions = filters.iter().map(|filter| {
            client.try_subscribe(filter.as_str(), QoS::AtLeastOnce).with_context(|| format!("subscribing to {filter}"))
        });
        if let Err(error) = subscriptions.chain(letters).collect::<Result<()>>() {
            log::warn!(error:%; "the queue to the broker is full");
        }
        self.subscribed = filters.is_empty();
        self.client = Some(client);
    }
}
