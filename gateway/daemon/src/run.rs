//! The loop: one place where everything that can happen arrives, one call that decides, two exits.
//!
//! ```text
//!   hub · devices · desk · clips · speech · time ─▶ [bounded queue] ─▶ step ─┬─▶ sinks, lines        (now)
//!                                                                            └─▶ store ─▶ hub, desk  (after the commit)
//! ```
//! It waits for nothing but its own queue and the moment the core wants to be woken.

use crate::clock::{Clock, Voice};
use crate::health::{Beat, Health};
use crate::hub::Delivery;
use crate::outputs::Outputs;
use crate::settings::Settings;
use crate::store::{After, Batch, Store};
use drivers::transmitter::rds::clock::WallClock;
use gateway_core::ahead::Ahead;
use gateway_core::device::Report;
use gateway_core::id::{ClipId, InputId, OutputId, SensorId, SpeechId};
use gateway_core::input::{Input, Made, Order, Tuned};
use gateway_core::journal::{Entry, Event};
use gateway_core::ruling::Met;
use gateway_core::site::{Site, Standing};
use gateway_core::time::Now;
use gateway_core::view::{BulletinHead, View};
use gateway_core::wire::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use web_ui::{Asked, Outcome};

/// Everything that can happen.
pub(crate) enum Happened {
    /// A message of the hub came.
    Hub(Box<Delivery>),
    /// The connection to the hub came or went.
    Link(bool),
    /// Another box of the same identity is on the broker, or is no longer.
    SecondBox(bool),
    /// What became of a ruling of the province on the configuration.
    Ruling(Met),
    /// A device said something.
    Device(OutputId, Report),
    /// The tuner of an input says what it receives.
    Tuned(InputId, Tuned),
    /// An officer ordered something.
    Desk(Box<Asked>),
    /// A media file came, or cannot.
    Clip(ClipId, Made),
    /// A text was spoken, or cannot be.
    Speech(SpeechId, Made),
    /// The disk takes what is written, or does not.
    Disk(bool),
    /// Somebody looks ahead and wants a copy of what the core knows.
    Look(SyncSender<Ahead>),
    /// The station is to end and start again, unless that would break off what must not be.
    Renew {
        /// A programme is no reason to wait.
        over_programmes: bool,
        /// Whether it does, or what stands in the way.
        answer: SyncSender<Result<(), Standing>>,
    },
    /// The station is to stop.
    Stop,
}

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was told to stop.
    Stopped,
    /// It is to start again.
    Renewed,
}

/// The screens are told at least this often, since what they show counts time.
const VIEW_EVERY: Duration = Duration::from_secs(5);

/// And no more often than this: a view of eighty clusters costs more than a step.
const VIEW_AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// The loop and what it turns.
pub(crate) struct Loop {
    pub(crate) site: Site,
    pub(crate) clock: Clock,
    /// Sensors that vouch for it.
    pub(crate) vouching: BTreeSet<SensorId>,
    /// Told whether the clock is vouched for.
    pub(crate) wall: WallClock,
    pub(crate) outputs: Outputs,
    /// Takes over what the province rules.
    pub(crate) settings: Arc<Settings>,
    pub(crate) store: Store,
    pub(crate) health: Health,
    pub(crate) view: watch::Sender<Arc<View>>,
    pub(crate) status: watch::Sender<Value>,
    pub(crate) beat: Beat,
    pub(crate) orders: u64,
}

impl Loop {
    /// Turns until told to stop. `first` are the entries of the start itself.
    pub(crate) fn run(&mut self, queue: &Receiver<Happened>, first: Vec<Entry>) -> Ended {
        self.exits(first, Vec::new(), true);
        let (mut shown, mut news) = (Instant::now(), false);
        loop {
            let now = self.now();
            let asleep = self.site.wake_at().map_or(VIEW_EVERY, |w| Duration::from_millis(w.at.since(now.mono)));
            let rest = if news { VIEW_AT_MOST_EVERY } else { VIEW_EVERY };
            let happened = match queue.recv_timeout(asleep.min(rest.saturating_sub(shown.elapsed()))) {
                Ok(Happened::Stop) | Err(RecvTimeoutError::Disconnected) => return Ended::Stopped,
                Ok(Happened::Renew { over_programmes, answer }) => {
                    // What is in the queue already came before.
                    while let Ok(before) = queue.try_recv() {
                        if matches!(before, Happened::Stop) {
                            return Ended::Stopped;
                        }
                        news |= self.turn(Some(before));
                    }
                    let standing = self.site.standing();
                    let in_the_way = standing.filter(|s| !(over_programmes && *s == Standing::Programme));
                    if answer.try_send(in_the_way.map_or(Ok(()), Err)).is_ok() && in_the_way.is_none() {
                        return Ended::Renewed;
                    }
                    continue;
                }
                Ok(happened) => Some(happened),
                Err(RecvTimeoutError::Timeout) => None,
            };
            news |= self.turn(happened);
            if shown.elapsed() >= if news { VIEW_AT_MOST_EVERY } else { VIEW_EVERY } {
                self.show();
                (shown, news) = (Instant::now(), false);
            }
        }
    }

    fn now(&mut self) -> Now {
        let told = self.clock.tell();
        if told.jumped_ms != 0 {
            log::warn!(ms = told.jumped_ms; "the wall clock was set");
        }
        self.wall.vouch(told.now.wall.is_some());
        told.now
    }

    /// One input in, two exits out; true if there is something new to show.
    fn turn(&mut self, happened: Option<Happened>) -> bool {
        let now = self.now();
        let begun = Instant::now();
        self.beat.turn();
        self.health.numbers.inputs.fetch_add(1, Ordering::Relaxed);
        let mut after = Vec::new();
        let mut asked: Option<(u64, tokio::sync::oneshot::Sender<Outcome>)> = None;
        let mut files = false;
        // What the screens show and no entry tells of: the link, the disk, what an output says.
        let mut news = false;
        let input = match happened {
            None => Input::Tick,
            Some(Happened::Hub(delivery)) => match self.judge(&delivery, now) {
                Some(input) => {
                    after.push(After::PubAck(delivery.ticket));
                    input
                }
                None => return false,
            },
            Some(Happened::Link(up)) => {
                self.health.online.store(up, Ordering::Relaxed);
                news = true;
                Input::Link { up }
            }
            Some(Happened::SecondBox(there)) => {
                news = true;
                Input::SecondBox { there }
            }
            Some(Happened::Ruling(met)) => Input::Ruling(met),
            Some(Happened::Device(id, report)) => {
                news = true;
                self.hear_the_time(&id, &report);
                Input::Device(id, report)
            }
            Some(Happened::Tuned(id, tuned)) => {
                news = true;
                Input::Tuned(id, tuned)
            }
            Some(Happened::Desk(ask)) => {
                let Asked { by, act, answer } = *ask;
                self.orders += 1;
                asked = Some((self.orders, answer));
                Input::Desk(Order { no: self.orders, by, act })
            }
            Some(Happened::Clip(id, made)) => {
                files = true;
                Input::Clip(id, made)
            }
            Some(Happened::Speech(id, made)) => {
                files = true;
                Input::Speech(id, made)
            }
            Some(Happened::Disk(well)) => {
                self.health.disk.store(well, Ordering::Relaxed);
                news = true;
                Input::Disk { well }
            }
            Some(Happened::Look(asker)) => {
                if asker.try_send(self.site.ahead(now)).is_err() {
                    log::warn!("who wanted to look ahead has gone");
                }
                return false;
            }
            Some(Happened::Stop | Happened::Renew { .. }) => return false,
        };
        let unfit = matches!(input, Input::Hub(Err(_)));
        let entries = self.site.step(input, now);
        // Some verdicts need the core's memory, and a flood of the others is not written down: both count.
        if unfit || entries.iter().any(|e| matches!(e.event, Event::Refused { .. })) {
            self.health.numbers.refused.fetch_add(1, Ordering::Relaxed);
        }
        if let Some((no, answer)) = asked {
            after.push(After::Answer(answer, outcome(no, &entries)));
        }
        news |= self.exits(entries, after, files);
        let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.health.numbers.longest_step_us.fetch_max(took, Ordering::Relaxed);
        news
    }

    /// A sensor that knows the time says how wrong the clock is.
    fn hear_the_time(&self, id: &OutputId, report: &Report) {
        if let (OutputId::Sensor(id), Report::Sensed(readings)) = (id, report)
            && self.vouching.contains(id)
            && let Some(offset) = readings.iter().find(|r| r.quantity == drivers::sensor::CLOCK_OFFSET)
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast that saturates; what cannot be is refused there"
            )]
            self.clock.witness().says(Voice::Satellites, id.as_str(), (offset.value * 1000.0) as i64);
        }
    }

    /// Verifies a message. `None`: it is left to the broker, because nothing could be promised for it.
    fn judge(&self, delivery: &Delivery, now: Now) -> Option<Input> {
        self.health.numbers.messages.fetch_add(1, Ordering::Relaxed);
        let judged = self.site.verify(&delivery.payload, delivery.scope.as_deref(), now);
        // With a disk that has been dead for long, only what may be urgent is still taken: it sounds, and promises nothing.
        let urgent = judged.as_ref().is_ok_and(|m| matches!(m.kind(), Kind::Alert | Kind::Bulletin | Kind::Recall));
        if self.store.is_swamped() && !urgent {
            return None;
        }
        Some(Input::Hub(judged))
    }

    /// Exit 1: what should be true now. Exit 2: what must be remembered.
    fn exits(&mut self, entries: Vec<Entry>, after: Vec<After>, files: bool) -> bool {
        let mut changed = self.outputs.tell(self.site.wants());
        if files || !entries.is_empty() {
            self.outputs.tell_files(self.site.wants());
        }
        if !entries.is_empty() || !after.is_empty() {
            changed = true;
            self.health.numbers.entries.fetch_add(entries.len() as u64, Ordering::Relaxed);
            let heads = self.heads(&entries);
            self.settings.rule(&self.site.wants().rulings);
            self.store.submit(Batch { entries, heads, after });
        }
        changed
    }

    fn heads(&self, entries: &[Entry]) -> Vec<BulletinHead> {
        let mut ids = Vec::new();
        for entry in entries {
            if let Event::Admitted { bulletin, .. } = &entry.event {
                ids.push(bulletin.bulletin_id.clone());
            } else if let Event::State { id, .. } = &entry.event {
                ids.push(id.clone());
            }
        }
        ids.sort();
        ids.dedup();
        let bulletins = &self.site.memory().bulletins;
        ids.iter().filter_map(|id| bulletins.get(id)).map(gateway_core::memory::Standing::head).collect()
    }

    /// Tells the screens and the hub how the station is.
    pub(crate) fn show(&mut self) {
        let now = self.now();
        let view = self.site.view(now);
        let status = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "slot": "none",
            "clock": if view.clock.is_some() { "trusted" } else { "untrusted" },
            "disk_ok": view.disk_ok,
            "outputs": view.outputs,
        });
        self.status.send_if_modified(|known| {
            let news = ["clock", "disk_ok", "outputs"].iter().any(|k| known[*k] != status[*k]);
            *known = status;
            known["uptime_s"] = json!(self.health.uptime_s());
            news
        });
        self.view.send_replace(Arc::new(view));
    }
}

fn outcome(no: u64, entries: &[Entry]) -> Outcome {
    for entry in entries {
        if let Event::Ordered { no: n, .. } = &entry.event
            && *n == no
        {
            return Outcome::Done { seq: entry.seq };
        }
        if let Event::OrderRefused { no: n, why, .. } = &entry.event
            && *n == no
        {
            return Outcome::Refused(why.clone());
        }
    }
    Outcome::Busy
}
