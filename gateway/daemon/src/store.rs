//! The disk: journal, outbox and heads of bulletins in one SQLite file, written by one thread in group commits.
//!
//! `synchronous=FULL` in WAL mode: a commit that was answered survives the power cut that follows. The thread keeps a
//! memory of its own, the fold of what is *committed*, and writes a snapshot of it now and then; so the loop never
//! serialises anything, and a snapshot can never hold what a commit did not.

mod entries;
mod library;
mod outbox;
mod plays;
mod reads;
mod recover;
mod taught;

pub(crate) use outbox::{Outbox, Row, Signer};
pub(crate) use reads::Archive;
pub(crate) use recover::{look_through, trust_in, verify_chain};

use gateway_core::journal::Entry;
use gateway_core::memory::Memory;
use gateway_core::view::BulletinHead;
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What one step of the core leaves to be written, and who waits for it.
pub(crate) struct Batch {
    /// Entries, in order.
    pub(crate) entries: Vec<Entry>,
    /// Heads of the bulletins they changed.
    pub(crate) heads: Vec<BulletinHead>,
    /// Who is told once it is on disk.
    pub(crate) after: Vec<After>,
}

/// Who is told, and what, once a batch is on disk.
pub(crate) enum After {
    /// The broker, that a message was taken.
    PubAck(Box<crate::hub::Ticket>),
    /// An officer, that an order was carried out.
    Answer(tokio::sync::oneshot::Sender<web_ui::Outcome>, web_ui::Outcome),
}

/// What the store tells the rest.
pub(crate) enum Said {
    /// The disk takes what is written, or does not.
    Disk {
        /// It does.
        well: bool,
    },
    /// A message may be acknowledged to the broker.
    PubAck(Box<crate::hub::Ticket>),
    /// There are rows for the hub.
    Outbox,
}

/// Entries waiting to be written, bytes: beyond this the disk is dead rather than slow, and nothing new is promised.
const BACKLOG: usize = 16 * 1024 * 1024;
/// Entries between two snapshots: a restart replays this many at most.
const SNAPSHOT_EVERY: u64 = 500;
/// Heads of bulletins that a screen can list.
const HEADS_KEPT: i64 = 5_000;
/// Pause before a failed commit is tried again.
const RETRY: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    bytes: usize,
    sent: Vec<i64>,
    /// Rows the broker has acknowledged that are still in the file.
    gone: BTreeSet<i64>,
    stop: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    rings: Condvar,
}

/// The way to the thread that writes.
#[derive(Clone)]
pub(crate) struct Store {
    queue: Arc<Queue>,
    file: PathBuf,
}

impl Store {
    /// Opens the journal in `dir`, or what can be saved of it. The memory is that of the last commit.
    pub(crate) fn open(
        dir: &Path,
        signer: Signer,
        say: impl Fn(Said) + Send + 'static,
    ) -> anyhow::Result<(Self, Memory, JoinHandle<()>)> {
        let file = dir.join("gateway.db");
        let opened = recover::open(dir, &file);
        let memory = opened.memory.clone();
        let queue = Arc::new(Queue::default());
        let thread = Writer {
            queue: Arc::clone(&queue),
            dir: dir.to_owned(),
            file: file.clone(),
            connection: opened.connection,
            shadow: opened.memory,
            snapshot_at: memory.seq,
            well: true,
            signer,
            say: Box::new(say),
        };
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || thread.run())?;
        Ok((Self { queue, file }, memory, thread))
    }

    /// Hands a batch over. Never waits for the disk.
    pub(crate) fn submit(&self, batch: Batch) {
        let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes += batch.entries.iter().map(|e| e.text.len()).sum::<usize>();
        waiting.batches.push_back(batch);
        self.queue.rings.notify_one();
    }

    /// More waits to be written than a slow disk explains.
    pub(crate) fn is_swamped(&self) -> bool {
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).bytes > BACKLOG
    }

    /// The broker has acknowledged a row: it is finished.
    pub(crate) fn sent(&self, row: i64) {
        let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.sent.push(row);
        waiting.gone.insert(row);
        self.queue.rings.notify_one();
    }

    /// Rows for the hub: emergencies' acks first, oldest first, without those on their way.
    pub(crate) fn rows(&self, outbox: &mut Outbox, on_their_way: &[i64], limit: usize) -> anyhow::Result<Vec<Row>> {
        // Read before the file is: a row that is deleted meanwhile is then either listed here or no longer there.
        let mut except = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).gone.clone();
        except.extend(on_their_way);
        outbox.rows(&self.file, &except, limit)
    }

    /// Writes what is waiting and ends.
    pub(crate) fn stop(&self) {
        self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.queue.rings.notify_one();
    }
}

struct Writer {
    queue: Arc<Queue>,
    dir: PathBuf,
    file: PathBuf,
    connection: Option<Connection>,
    shadow: Memory,
    snapshot_at: u64,
    well: bool,
    signer: Signer,
    say: Box<dyn Fn(Said) + Send>,
}

impl Writer {
    fn run(mut self) {
        let mut held: Vec<Batch> = Vec::new();
        let mut sent: Vec<i64> = Vec::new();
        loop {
            let stop = self.take(&mut held, &mut sent);
            if held.is_empty() && sent.is_empty() {
                if stop {
                    break;
                }
                continue;
            }
            match self.write(&held, &sent) {
                Ok(uplinks) => {
                    let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    for row in sent.drain(..) {
                        waiting.gone.remove(&row);
                    }
                    drop(waiting);
                    self.written(std::mem::take(&mut held), uplinks);
                }
                Err(error) => {
                    if self.well {
                        log::error!(error:% = error; "the journal is not written; it is tried again until it is");
                    } else {
                        log::debug!(error:% = error; "the journal is still not written");
                    }
                    self.failed(&mut held);
                    if stop {
                        break;
                    }
                    std::thread::sleep(RETRY);
                }
            }
        }
        if let Err(error) = self.snapshot() {
            log::warn!(error:% = error; "the last snapshot was not written");
        }
    }

    /// Waits for something to write and takes all of it: one commit for many steps.
    fn take(&self, held: &mut Vec<Batch>, sent: &mut Vec<i64>) -> bool {
        let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while held.is_empty() && waiting.batches.is_empty() && waiting.sent.is_empty() && !waiting.stop {
            waiting = self.queue.rings.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        held.extend(waiting.batches.drain(..));
        sent.append(&mut waiting.sent);
        waiting.stop
    }

    fn write(&mut self, held: &[Batch], sent: &[i64]) -> anyhow::Result<bool> {
        if self.connection.is_none() {
            self.connection = Some(recover::reconnect(&self.file, &self.shadow)?);
        }
        let Some(connection) = &mut self.connection else { anyhow::bail!("no database") };
        stall_for_the_bench();
        let transaction = connection.transaction()?;
        let mut uplinks = false;
        {
            let mut journal =
                transaction.prepare_cached("INSERT INTO journal (seq, hash, text) VALUES (?1, ?2, ?3)")?;
            let mut outbox = transaction.prepare_cached("INSERT INTO outbox (lane, kind, jws) VALUES (?1, ?2, ?3)")?;
            for entry in held.iter().flat_map(|b| &b.entries) {
                journal.execute(params![entry.seq, entry.hash, entry.text])?;
                plays::write(&transaction, entry)?;
                taught::write(&transaction, entry)?;
                library::write(&transaction, entry)?;
                for (place, uplink) in entry.uplinks.iter().enumerate() {
                    let jti = format!("{}-{place}", entry.hash.get(..24).unwrap_or(&entry.hash));
                    let jws = self.signer.sign(uplink.kind, &uplink.body, &jti);
                    outbox.execute(params![uplink.lane, uplink.kind, jws])?;
                    uplinks = true;
                }
            }
            for batch in held {
                let seq = batch.entries.last().map_or(0, |e| e.seq);
                for head in &batch.heads {
                    recover::write_head(&transaction, head, seq)?;
                }
            }
            let mut done = transaction.prepare_cached("DELETE FROM outbox WHERE id = ?1")?;
            for row in sent {
                done.execute([row])?;
            }
        }
        transaction.commit()?;
        Ok(uplinks)
    }

    fn written(&mut self, held: Vec<Batch>, uplinks: bool) {
        let bytes: usize = held.iter().flat_map(|b| &b.entries).map(|e| e.text.len()).sum();
        {
            let mut waiting = self.queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.bytes = waiting.bytes.saturating_sub(bytes);
        }
        for batch in held {
            for entry in &batch.entries {
                self.shadow.seq = entry.seq;
                self.shadow.apply(&entry.event);
                self.shadow.hash.clone_from(&entry.hash);
            }
            for after in batch.after {
                match after {
                    After::PubAck(ticket) => (self.say)(Said::PubAck(ticket)),
                    // An officer who has gone away needs no answer.
                    After::Answer(to, outcome) => drop(to.send(outcome)),
                }
            }
        }
        if uplinks {
            (self.say)(Said::Outbox);
        }
        if !std::mem::replace(&mut self.well, true) {
            (self.say)(Said::Disk { well: true });
        }
        if self.shadow.seq >= self.snapshot_at + SNAPSHOT_EVERY
            && let Err(error) = self.snapshot()
        {
            log::warn!(error:% = error; "a snapshot was not written");
        }
    }

    /// Nothing is promised that is not written: officers hear that it was done and not noted, the broker hears nothing.
    fn failed(&mut self, held: &mut [Batch]) {
        self.connection = None;
        if std::mem::replace(&mut self.well, false) {
            (self.say)(Said::Disk { well: false });
        }
        for batch in held {
            for after in std::mem::take(&mut batch.after) {
                match after {
                    After::PubAck(ticket) => batch.after.push(After::PubAck(ticket)),
                    After::Answer(to, web_ui::Outcome::Refused(why)) => {
                        drop(to.send(web_ui::Outcome::Refused(why)));
                    }
                    After::Answer(to, _) => drop(to.send(web_ui::Outcome::ActedNotWritten)),
                }
            }
        }
    }

    fn snapshot(&mut self) -> anyhow::Result<()> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let text = serde_json::to_string(&self.shadow)?;
        connection.execute(
            "INSERT INTO snapshot (id, seq, memory) VALUES (1, ?1, ?2)
             ON CONFLICT (id) DO UPDATE SET seq = ?1, memory = ?2",
            params![self.shadow.seq, text],
        )?;
        connection.execute(
            "DELETE FROM bulletin WHERE id NOT IN (SELECT id FROM bulletin ORDER BY seq DESC LIMIT ?1)",
            [HEADS_KEPT],
        )?;
        self.snapshot_at = self.shadow.seq;
        recover::keep_copy(&self.dir, &text)
    }
}

/// `GATEWAY_STALL_MS` holds every commit back: the bench and the tests show with it that sound does not wait for disk.
fn stall_for_the_bench() {
    static STALL: std::sync::OnceLock<Option<Duration>> = std::sync::OnceLock::new();
    let stall = STALL.get_or_init(|| std::env::var("GATEWAY_STALL_MS").ok()?.parse().ok().map(Duration::from_millis));
    if let Some(stall) = stall {
        std::thread::sleep(*stall);
    }
}
