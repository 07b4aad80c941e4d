//! Sessions: a bounded number, ended by twelve idle hours told by a clock that never jumps, found again after a restart by
//! those who come back soon.
//!
//! The store that comes with tower-sessions measures expiry by the wall clock, which leaps by years when a box
//! without a battery learns the time; and its `save` brings back a session that was signed out in the meantime.

mod kept;

use async_trait::async_trait;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Result, SessionStore};

/// Key of the login name in a session.
pub(crate) const NAME: &str = "name";

/// Key of the browser, in a word, in a session.
pub(crate) const BROWSER: &str = "browser";

/// Key of whether a PIN opened it, in a session.
pub(crate) const PIN: &str = "pin";

/// How long a session lives without a request.
pub(crate) const IDLE: Duration = Duration::from_secs(12 * 3600);

/// How long a session of before a restart waits to be used again: nobody knows how long the station was off.
const WAITS: Duration = Duration::from_secs(30 * 60);

/// How many sessions there are at most; one more ends the one idle longest.
pub(crate) const MOST: usize = 64;

/// The sessions.
#[derive(Clone, Debug)]
pub(crate) struct Sittings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Mutex<Table>,
    /// Moves whenever somebody may have lost something.
    moved: watch::Sender<()>,
    /// Moves whenever there is something else to keep.
    changed: watch::Sender<()>,
    /// Where they are kept; `None` where they are in memory alone.
    dir: Option<PathBuf>,
    /// Set once somebody writes them down; the pages are made before there is a runtime.
    keeper: OnceLock<()>,
}

/// What a session is found by: a digest, so that nobody who reads the file or the memory has anybody's cookie.
type Place = [u8; 32];

fn place(id: Id) -> Place {
    let mut place = Place::default();
    place.copy_from_slice(digest(&SHA256, &id.0.to_be_bytes()).as_ref());
    place
}

#[derive(Debug, Default)]
struct Table {
    sittings: BTreeMap<Place, Sitting>,
    /// Number of the newest.
    newest: u64,
}

#[derive(Debug)]
struct Sitting {
    record: Record,
    number: u64,
    since: Instant,
    seen: Instant,
    until: Instant,
}

/// One session as it may be shown: the secret of its cookie is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) browser: String,
    /// A PIN opened it.
    pub(crate) pin: bool,
    pub(crate) since_s: u64,
    pub(crate) seen_s: u64,
    /// It is the one asked for.
    pub(crate) here: bool,
}

impl Default for Sittings {
    fn default() -> Self {
        Self::of(None)
    }
}

impl Table {
    fn thin(&mut self, now: Instant) {
        self.sittings.retain(|_, s| now < s.until);
    }
}

impl Sitting {
    fn word(&self, key: &str) -> &str {
        self.record.data.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Sittings {
    /// The sessions of before a restart, and from now on a file of them in this directory; without one they are in memory alone.
    pub(crate) fn kept_in(dir: &Path) -> Self {
        let sittings = Self::of(Some(dir.to_owned()));
        kept::restore(&sittings, dir);
        sittings
    }

    fn of(dir: Option<PathBuf>) -> Self {
        let (moved, changed) = (watch::Sender::new(()), watch::Sender::new(()));
        Self(Arc::new(Inner { table: Mutex::default(), moved, changed, dir, keeper: OnceLock::new() }))
    }

    /// There is something else to keep.
    fn change(&self) {
        if let Some(dir) = &self.0.dir {
            self.0.keeper.get_or_init(|| kept::keep(self, dir));
        }
        self.0.changed.send_replace(());
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody may have lost something: those who hold a stream open look again.
    pub(crate) fn stir(&self) {
        self.0.moved.send_replace(());
    }

    /// Told whenever somebody may have lost something.
    pub(crate) fn moved(&self) -> watch::Receiver<()> {
        self.0.moved.subscribe()
    }

    /// Whether a session is there and this person's.
    pub(crate) fn is_of(&self, id: Id, name: &str) -> bool {
        self.table().sittings.get(&place(id)).is_some_and(|s| s.word(NAME) == name)
    }

    /// Who sits where, the one used last first; `here` is the asker's.
    pub(crate) fn seats(&self, here: Option<Id>) -> Vec<Seat> {
        let now = Instant::now();
        let mut table = self.table();
        table.thin(now);
        let here = here.map(place);
        let seat = |(id, s): (&Place, &Sitting)| Seat {
            number: s.number,
            name: s.word(NAME).to_owned(),
            browser: s.word(BROWSER).to_owned(),
            pin: s.record.data.get(PIN).and_then(Value::as_bool).unwrap_or(false),
            since_s: now.duration_since(s.since).as_secs(),
            seen_s: now.duration_since(s.seen).as_secs(),
            here: here.as_ref() == Some(id),
        };
        let mut seats: Vec<_> = table.sittings.iter().map(seat).filter(|s| !s.name.is_empty()).collect();
        seats.sort_by_key(|s| (s.seen_s, std::cmp::Reverse(s.number)));
        seats
    }

    /// Ends one session; whose it was.
    pub(crate) fn end(&self, number: u64) -> Option<String> {
        let mut table = self.table();
        let id = table.sittings.iter().find(|(_, s)| s.number == number).map(|(id, _)| *id)?;
        let gone = table.sittings.remove(&id)?;
        drop(table);
        self.change();
        self.stir();
        Some(gone.word(NAME).to_owned())
    }

    /// Ends all sessions of a person, but one; how many.
    pub(crate) fn end_all(&self, name: &str, but: Option<Id>) -> usize {
        let mut table = self.table();
        let (before, but) = (table.sittings.len(), but.map(place));
        table.sittings.retain(|id, s| s.word(NAME) != name || but.as_ref() == Some(id));
        let gone = before - table.sittings.len();
        drop(table);
        self.change();
        self.stir();
        gone
    }
}

#[async_trait]
impl SessionStore for Sittings {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = Instant::now();
        let mut table = self.table();
        table.thin(now);
        while table.sittings.len() >= MOST {
            let Some(oldest) = table.sittings.iter().min_by_key(|(_, s)| s.seen).map(|(id, _)| *id) else { break };
            table.sittings.remove(&oldest);
        }
        // Always a new number: a session that is signed in again must not keep one that others may know.
        record.id = Id::default();
        while table.sittings.contains_key(&place(record.id)) {
            record.id = Id::default();
        }
        table.newest += 1;
        let number = table.newest;
        let sitting = Sitting { record: record.clone(), number, since: now, seen: now, until: now + IDLE };
        table.sittings.insert(place(record.id), sitting);
        drop(table);
        self.change();
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (mut table, now) = (self.table(), Instant::now());
        let Some(sitting) = table.sittings.get_mut(&place(record.id)) else { return Ok(()) };
        let same = sitting.record.data == record.data;
        sitting.record = record.clone();
        (sitting.seen, sitting.until) = (now, now + IDLE);
        drop(table);
        if !same {
            self.change();
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut table = self.table();
        table.thin(Instant::now());
        Ok(table.sittings.get(&place(*id)).map(|s| Record { id: *id, ..s.record.clone() }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.table().sittings.remove(&place(*id));
        self.change();
        self.stir();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_sessions::cookie::time::OffsetDateTime;

    fn record() -> Record {
        Record { id: Id::default(), data: Default::default(), expiry_date: OffsetDateTime::UNIX_EPOCH }
    }

    #[tokio::test(start_paused = true)]
    async fn idle_hours_end_a_session_and_use_prolongs_it() {
        let store = Sittings::default();
        let mut one = record();
        store.create(&mut one).await.expect("create");
        tokio::time::advance(IDLE - Duration::from_secs(1)).await;
        assert!(store.load(&one.id).await.expect("load").is_some());
        store.save(&one).await.expect("save");
        tokio::time::advance(IDLE - Duration::from_secs(1)).await;
        assert!(store.load(&one.id).await.expect("load").is_some());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(store.load(&one.id).await.expect("load").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_save_does_not_bring_back_what_was_signed_out() {
        let store = Sittings::default();
        let mut one = record();
        store.create(&mut one).await.expect("create");
        store.delete(&one.id).await.expect("delete");
        store.save(&one).await.expect("save");
        assert!(store.load(&one.id).await.expect("load").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_the_idlest_goes() {
        let store = Sittings::default();
        let mut all = Vec::new();
        for _ in 0..=MOST {
            let mut one = record();
            store.create(&mut one).await.expect("create");
            all.push(one.id);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(store.load(&all[0]).await.expect("load").is_none());
        assert!(store.load(&all[1]).await.expect("load").is_some());
        assert!(store.load(&all[MOST]).await.expect("load").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_restart_those_who_come_back_soon_sit_where_they_sat_and_others_do_not() {
        let dir = std::env::temp_dir().join(format!("sittings-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        let store = Sittings::kept_in(&dir);
        let mut ids = Vec::new();
        for name in ["lan", "hoa", "minh"] {
            let mut one = record();
            one.data.insert(NAME.to_owned(), name.into());
            store.create(&mut one).await.expect("create");
            ids.push(one.id);
        }
        store.end(3);
        let path = dir.join("sessions.json");
        let two = |path: &Path| std::fs::read_to_string(path).is_ok_and(|text| text.matches("place").count() == 2);
        while !two(&path) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let text = std::fs::read_to_string(&path).expect("kept");
        assert!(ids.iter().all(|id| !text.contains(&id.to_string()) && !text.contains(&id.0.to_string())), "{text}");
        drop(store);
        let again = Sittings::kept_in(&dir);
        assert!(again.is_of(ids[0], "lan") && again.is_of(ids[1], "hoa") && !again.is_of(ids[2], "minh"));
        tokio::time::advance(WAITS - Duration::from_secs(1)).await;
        let back = again.load(&ids[0]).await.expect("load").expect("lan came back soon");
        assert_eq!(back.id, ids[0]);
        again.save(&back).await.expect("save");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(again.load(&ids[0]).await.expect("load").is_some());
        assert!(again.load(&ids[1]).await.expect("load").is_none(), "hoa did not");
        std::fs::remove_dir_all(&dir).ok();
    }

    #[tokio::test(start_paused = true)]
    async fn seats_are_listed_and_ended_by_number_and_by_person() {
        let store = Sittings::default();
        let mut ids = Vec::new();
        for (name, browser) in [("lan", "Chrome"), ("hoa", "Firefox"), ("lan", "Safari")] {
            let mut one = record();
            one.data.insert(NAME.to_owned(), name.into());
            one.data.insert(BROWSER.to_owned(), browser.into());
            store.create(&mut one).await.expect("create");
            ids.push(one.id);
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        let seats = store.seats(Some(ids[1]));
        let told: Vec<_> = seats.iter().map(|s| (s.number, s.browser.as_str(), s.since_s, s.here)).collect();
        assert_eq!(told, [(3, "Safari", 10, false), (2, "Firefox", 20, true), (1, "Chrome", 30, false)]);
        let mut moved = store.moved();
        assert_eq!((store.end(2).as_deref(), store.end(2)), (Some("hoa"), None));
        assert!(moved.has_changed().expect("there"));
        moved.mark_unchanged();
        assert_eq!(store.end_all("lan", Some(ids[0])), 1);
        assert!(moved.has_changed().expect("there"));
        assert!(store.is_of(ids[0], "lan") && !store.is_of(ids[0], "hoa") && !store.is_of(ids[2], "lan"));
    }
}
