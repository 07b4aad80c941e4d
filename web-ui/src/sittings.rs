//! Sessions in memory: a bounded number, ended by twelve idle hours told by a clock that never jumps.
//!
//! The store that comes with tower-sessions measures expiry by the wall clock, which leaps by years when a box
//! without a battery learns the time; and its `save` brings back a session that was signed out in the meantime.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Result, SessionStore};

/// How long a session lives without a request.
pub(crate) const IDLE: Duration = Duration::from_secs(12 * 3600);

/// How many sessions there are at most; one more ends the one idle longest.
pub(crate) const MOST: usize = 64;

/// The sessions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sittings(Arc<Mutex<BTreeMap<i128, Sitting>>>);

#[derive(Debug)]
struct Sitting {
    record: Record,
    seen: Instant,
}

impl Sittings {
    fn table(&self) -> MutexGuard<'_, BTreeMap<i128, Sitting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for Sittings {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = Instant::now();
        let mut table = self.table();
        table.retain(|_, s| now.duration_since(s.seen) < IDLE);
        while table.len() >= MOST {
            let Some(oldest) = table.iter().min_by_key(|(_, s)| s.seen).map(|(id, _)| *id) else { break };
            table.remove(&oldest);
        }
        // Always a new number: a session that is signed in again must not keep one that others may know.
        record.id = Id::default();
        while table.contains_key(&record.id.0) {
            record.id = Id::default();
        }
        table.insert(record.id.0, Sitting { record: record.clone(), seen: now });
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        if let Some(sitting) = self.table().get_mut(&record.id.0) {
            *sitting = Sitting { record: record.clone(), seen: Instant::now() };
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = Instant::now();
        let mut table = self.table();
        table.retain(|_, s| now.duration_since(s.seen) < IDLE);
        Ok(table.get(&id.0).map(|s| s.record.clone()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.table().remove(&id.0);
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
}
