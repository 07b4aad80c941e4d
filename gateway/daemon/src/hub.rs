//! The hub: an MQTT 5 session over TLS on a thread of its own (contract §2).
//!
//! A message is acknowledged to the broker only when the store says it is committed; a row of the outbox is finished
//! only by the acknowledgement of its own packet. Each connection gets a fresh event loop: what the library keeps
//! pending is dropped with the old one, and the outbox says what must be sent again.

mod flight;
mod rival;
mod tls;

pub(crate) use tls::client_tls;

use crate::config::HubConfig;
use crate::health::Numbers;
use crate::store::{Outbox, Signer, Store};
use flight::Flight;
use log::{error, info, warn};
use rival::Rival;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, LastWill, Packet, PubAckReason, Publish};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Announced Maximum Packet Size, bytes (contract §2).
const MAX_PACKET: u32 = 1024 * 1024;
/// Session expiry, seconds: a station that was away a week finds what was sent meanwhile.
const SESSION_S: u32 = 30 * 24 * 3600;
/// Unacknowledged messages in each direction.
const WINDOW: u16 = 32;
/// Pause after a lost connection: doubled from the first to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// The status is sent again this often.
const STATUS_EVERY: Duration = Duration::from_secs(60);

/// Leave to acknowledge one message to the broker, good for the connection it came by.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    connection: u64,
    publish: Publish,
}

/// A message that came.
pub(crate) struct Delivery {
    /// The signed message.
    pub(crate) payload: Vec<u8>,
    /// The audience its topic names.
    pub(crate) scope: Option<String>,
    /// Leave to acknowledge it.
    pub(crate) ticket: Box<Ticket>,
}

/// What the rest of the station asks of the link.
pub(crate) enum Ask {
    /// Acknowledge a message: it is committed.
    PubAck(Box<Ticket>),
    /// The outbox has rows.
    Outbox,
    /// Begin a new connection: messages that nothing could be promised for are sent again.
    Renew,
}

/// What the link says to the loop.
pub(crate) enum Heard {
    /// A message came.
    Delivery(Box<Delivery>),
    /// The connection came or went.
    Link {
        /// Connected.
        up: bool,
    },
    /// Another box of the same identity came to the broker, or has gone.
    SecondBox {
        /// It is there.
        there: bool,
    },
}

/// Everything the link needs.
pub(crate) struct Link {
    pub(crate) station: String,
    pub(crate) province: String,
    pub(crate) commune: String,
    pub(crate) hub: HubConfig,
    pub(crate) signer: Signer,
    pub(crate) store: Store,
    /// Body of the retained `status`, as the loop sees it.
    pub(crate) status: watch::Receiver<Value>,
    /// To the loop; may block this thread, which is how the broker is held back.
    pub(crate) hear: Box<dyn Fn(Heard) + Send>,
    /// Where takeovers by another box are counted.
    pub(crate) takeovers: Arc<Numbers>,
}

impl Link {
    /// Keeps the session for ever; ends when the asking side hangs up.
    pub(crate) async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let tls = match client_tls(&self.hub) {
            Ok(tls) => tls,
            Err(error) => {
                warn!(error:% = format!("{error:#}"); "the hub's certificates cannot be used: no link");
                return;
            }
        };
        let (mut pause, mut rival) = (PAUSES.0, Rival::default());
        let mut connection = 0;
        loop {
            connection += 1;
            let (client, events) = AsyncClient::new(self.options(tls.clone()), usize::from(WINDOW) * 4);
            let session =
                Session { connection, client, events, flight: Flight::default(), outbox: Outbox::default(), up: false };
            match self.serve(session, &mut asks, &mut rival).await {
                Over::Ceded { sure } => {
                    (self.hear)(Heard::Link { up: false });
                    pause = self.give_way(&mut rival, sure);
                }
                Over::Lost { was_up } => {
                    if was_up {
                        (self.hear)(Heard::Link { up: false });
                        pause = PAUSES.0;
                    }
                }
                Over::Stop => return,
            }
            if self.rest(pause, &mut asks).await {
                return;
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn options(&self, tls: Option<Arc<rustls::ClientConfig>>) -> MqttOptions {
        let mut options = MqttOptions::new(&self.station, &self.hub.host, self.hub.port);
        options.set_clean_start(false);
        options.set_session_expiry_interval(Some(SESSION_S));
        options.set_keep_alive(Duration::from_secs(30));
        options.set_max_packet_size(Some(MAX_PACKET));
        options.set_receive_maximum(Some(WINDOW));
        options.set_outgoing_inflight_upper_limit(WINDOW);
        options.set_manual_acks(true);
        options.set_connection_timeout(10);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        options.set_network_options(network);
        if let Some(tls) = tls {
            options.set_transport(Transport::Tls(TlsConfiguration::Rustls(tls)));
        }
        let body = json!({"state": "offline", "key": self.signer.jwk()});
        let will = self.signer.sign("status", &body, &crate::stamp::fresh_id("will"));
        options.set_last_will(LastWill::new(self.topic("status"), will, QoS::AtLeastOnce, true, None));
        options
    }

    fn topic(&self, kind: &str) -> String {
        format!("ttcs/1/g/{}/up/{kind}", self.station)
    }

    /// Another box has the session now: counted, said once it is no accident, and given way to for a while.
    fn give_way(&self, rival: &mut Rival, sure: bool) -> Duration {
        self.takeovers.takeovers.fetch_add(1, Ordering::Relaxed);
        let (pause, news) = rival.took_over(sure, tokio::time::Instant::now());
        let station = self.station.as_str();
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        warn!(station, pause_ms, sure; "the broker ended the session, as it does for another box of the same identity");
        if news {
            error!(station; "two boxes of the same identity are on the broker: find the other one and unplug it");
            (self.hear)(Heard::SecondBox { there: true });
        }
        pause
    }

    /// Waits before the next connection; true where the station ends meanwhile.
    async fn rest(&mut self, pause: Duration, asks: &mut mpsc::Receiver<Ask>) -> bool {
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return false,
                // What is asked meanwhile is looked at with the next connection: tickets of the last one are worth nothing.
                ask = asks.recv() => if ask.is_none() { return true },
                changed = self.status.changed() => if changed.is_err() { return true },
            }
        }
    }

    async fn serve(&mut self, mut session: Session, asks: &mut mpsc::Receiver<Ask>, rival: &mut Rival) -> Over {
        let mut status_due = tokio::time::interval(STATUS_EVERY);
        status_due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = session.events.poll() => match event {
                    Ok(event) => self.event(&mut session, event),
                    Err(error) => {
                        if let Some(sure) = Rival::is_behind(&error).filter(|_| session.up) {
                            return Over::Ceded { sure };
                        }
                        warn!(error:% = error; "no connection to the hub");
                        return Over::Lost { was_up: session.up };
                    }
                },
                ask = asks.recv() => match ask {
                    Some(Ask::PubAck(ticket)) => session.acknowledge(&ticket),
                    Some(Ask::Outbox) => self.send_rows(&mut session),
                    Some(Ask::Renew) => return Over::Lost { was_up: session.up },
                    None => {
                        self.part(&mut session).await;
                        return Over::Stop;
                    }
                },
                changed = self.status.changed() => {
                    if changed.is_err() {
                        self.part(&mut session).await;
                        return Over::Stop;
                    }
                    self.send_status(&mut session);
                }
                _ = status_due.tick() => {
                    self.send_status(&mut session);
                    if session.up && rival.has_gone(tokio::time::Instant::now()) {
                        info!("the other box of this identity has not been heard of for a while");
                        (self.hear)(Heard::SecondBox { there: false });
                    }
                }
            }
        }
    }

    fn event(&self, session: &mut Session, event: Event) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                info!(hub = self.hub.host.as_str(); "connected to the hub");
                session.up = true;
                self.subscribe(session);
                (self.hear)(Heard::Link { up: true });
                self.send_status(session);
                self.send_rows(session);
            }
            Event::Incoming(Packet::Publish(publish)) => {
                let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                let payload = publish.payload.to_vec();
                let ticket = Box::new(Ticket { connection: session.connection, publish });
                (self.hear)(Heard::Delivery(Box::new(Delivery { payload, scope: scope(&topic), ticket })));
            }
            Event::Incoming(Packet::PubAck(ack)) => {
                // A broker that refuses has not taken it: the row stays, and is tried again on the next connection.
                if !matches!(ack.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers) {
                    warn!(reason:? = ack.reason; "the broker refuses what the station sends");
                    return;
                }
                if let Some(row) = session.flight.landed(ack.pkid) {
                    self.store.sent(row);
                    self.send_rows(session);
                }
            }
            Event::Outgoing(Outgoing::Publish(pkid)) => session.flight.left(pkid),
            // Everything else of the session is the library's business.
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }

    fn subscribe(&self, session: &Session) {
        let (province, commune, station) = (&self.province, &self.commune, &self.station);
        let topics = [
            "ttcs/1/all/down/#".to_owned(),
            format!("ttcs/1/p/{province}/down/#"),
            format!("ttcs/1/c/{commune}/down/#"),
            format!("ttcs/1/g/{station}/down/#"),
        ];
        let filters = topics.map(|t| Filter::new(t, QoS::AtLeastOnce));
        if let Err(error) = session.client.try_subscribe_many(filters) {
            warn!(error:% = error; "not subscribed");
        }
    }

    fn send_status(&self, session: &mut Session) {
        if !session.up {
            return;
        }
        let mut body = self.status.borrow().clone();
        body["state"] = json!("online");
        body["key"] = self.signer.jwk();
        let jws = self.signer.sign("status", &body, &crate::stamp::fresh_id("st"));
        session.publish(None, self.topic("status"), true, jws);
    }

    fn send_rows(&self, session: &mut Session) {
        let room = usize::from(WINDOW / 2).saturating_sub(session.flight.len());
        if !session.up || room == 0 {
            return;
        }
        let on_their_way = session.flight.rows();
        match self.store.rows(&mut session.outbox, &on_their_way, room) {
            Ok(rows) => {
                for row in rows {
                    session.publish(Some(row.id), self.topic(&row.kind), false, row.jws);
                }
            }
            Err(error) => warn!(error:% = error; "the outbox cannot be read"),
        }
    }

    /// A stop that was meant is said before the session is left; the broker then keeps the will to itself.
    async fn part(&self, session: &mut Session) {
        if !session.up {
            return;
        }
        let body = json!({"state": "offline", "key": self.signer.jwk()});
        let jws = self.signer.sign("status", &body, &crate::stamp::fresh_id("st"));
        session.publish(None, self.topic("status"), true, jws);
        if session.client.try_disconnect().is_err() {
            return;
        }
        let leave = async { while session.events.poll().await.is_ok() {} };
        if tokio::time::timeout(Duration::from_secs(1), leave).await.is_err() {
            warn!("the hub did not take the farewell");
        }
    }
}

enum Over {
    Lost { was_up: bool },
    Ceded { sure: bool },
    Stop,
}

struct Session {
    connection: u64,
    client: AsyncClient,
    events: EventLoop,
    flight: Flight,
    outbox: Outbox,
    up: bool,
}

impl Session {
    fn publish(&mut self, row: Option<i64>, topic: String, retain: bool, payload: String) {
        match self.client.try_publish(topic, QoS::AtLeastOnce, retain, payload) {
            Ok(()) => self.flight.asked(row),
            Err(error) => warn!(error:% = error; "a message waits for the link"),
        }
    }

    fn acknowledge(&self, ticket: &Ticket) {
        // A ticket of a connection that is gone is worth nothing: the broker sends the message again.
        if ticket.connection == self.connection
            && let Err(error) = self.client.try_ack(&ticket.publish)
        {
            warn!(error:% = error; "a message is not acknowledged yet");
        }
    }
}

/// The audience a topic names: `ttcs/1/c/25459/down/bulletin` → `c:25459`.
fn scope(topic: &str) -> Option<String> {
    let parts: Vec<&str> = topic.split('/').collect();
    match parts.as_slice() {
        ["ttcs", "1", "all", "down", _] => Some("all".to_owned()),
        ["ttcs", "1", level @ ("p" | "c" | "g"), whom, "down", _] => Some(format!("{level}:{whom}")),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_topic_names_its_audience() {
        let scope = |t| super::scope(t);
        assert_eq!(scope("ttcs/1/all/down/alert").as_deref(), Some("all"));
        assert_eq!(scope("ttcs/1/g/TN-1/down/recall").as_deref(), Some("g:TN-1"));
        assert_eq!(scope("ttcs/1/c/25459/up/ack"), None);
        assert_eq!(scope("ttcs/2/all/down/alert"), None);
    }
}
