//! What can be looked at: the air, heads of bulletins, pages of the journal.

use crate::books::playlog::{Play, PlayAsk, PlaySum, PlayTime, window};
use crate::described::{Clock, Unavailable};
use crate::making::library::{LibraryAsk, LibraryRow, LibraryVersion};
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::station::codes::KeptCodes;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use gateway_core::bulletin::State as Stage;
use gateway_core::lesson::{Lesson, Reply};
use gateway_core::view::{BulletinHead, SensorView, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Reading of long lists past the core; called on a thread that may block.
pub trait Reads: Send + Sync {
    /// Heads of bulletins in any of `states` (all where it is empty), newest first, `limit` at most.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn bulletins(&self, states: &[Stage], limit: usize) -> Result<Vec<BulletinHead>, ReadFault>;

    /// Entries of the journal, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn journal(&self, asked: &JournalAsk) -> Result<Vec<JournalRow>, ReadFault>;

    /// Rows of the broadcasting journal, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn plays(&self, asked: &PlayAsk) -> Result<Vec<Play>, ReadFault>;

    /// Items of the library in their newest version, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn library(&self, asked: &LibraryAsk) -> Result<Vec<LibraryRow>, ReadFault>;

    /// Every version of an item of the library, newest first; empty where there is no such item.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn library_item(&self, id: &str) -> Result<Vec<LibraryVersion>, ReadFault>;

    /// Identity and title of the newest item of the library that names a file; `None` where none does.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn library_naming(&self, _sha256: &str) -> Result<Option<(String, String)>, ReadFault> {
        Ok(None)
    }

    /// Sums of the broadcasting journal over a window of whole days, milliseconds since 1970, both ends in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn play_sums(&self, from_ms: i64, to_ms: i64) -> Result<Vec<PlaySum>, ReadFault>;

    /// The same by day, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn play_times(&self, from_ms: i64, to_ms: i64) -> Result<Vec<PlayTime>, ReadFault>;

    /// Code lists that came from the hub, by their identities.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn codes(&self) -> Result<Vec<KeptCodes>, ReadFault>;

    /// Lessons that came from the hub, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn lessons(&self) -> Result<Vec<Lesson>, ReadFault>;

    /// Answers to what officers asked, and when they came, milliseconds since 1970; oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn replies(&self) -> Result<Vec<(i64, Reply)>, ReadFault>;
}

/// Why a list could not be read; for the log, not for the officer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadFault(
    /// What was being done and what went wrong.
    pub String,
);

/// Which entries of the journal are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalAsk {
    /// With a number below this; the newest where it is `None`.
    pub before: Option<u64>,
    /// Of what people have ordered, and been refused, only: by whom, when.
    pub deeds: Option<Deeds>,
    /// Longest list.
    pub limit: usize,
}

/// Which orders of people are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deeds {
    /// Login name; `None`: of everybody.
    pub by: Option<String>,
    /// Not before, milliseconds since 1970.
    pub from_ms: i64,
    /// Not after.
    pub to_ms: i64,
}

/// One entry of the journal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JournalRow {
    /// Its number.
    pub seq: u64,
    /// When, RFC 3339 with +07:00; null where no clock was trusted.
    #[schema(required)]
    pub at: Option<String>,
    /// `trusted` or `untrusted`.
    #[schema(inline, value_type = Clock)]
    pub clock: String,
    /// SHA-256 over the entry and the one before it, hexadecimal.
    pub hash: String,
    /// What happened, as it was written.
    pub event: serde_json::Value,
}

/// Places for readers: a hung disk holds these threads and no more.
pub(crate) struct Desks(Arc<Semaphore>);

impl Desks {
    /// The places, for others who read past the core.
    pub(crate) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0)
    }
}

impl Default for Desks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(4)))
    }
}

/// How long a reading may take, waiting for a place included.
const SLOWEST: Duration = Duration::from_secs(5);

/// Longest list.
const MOST: usize = 500;

/// Every sensor.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sensors {
    sensors: Vec<SensorView>,
}

/// What every sensor measured last
#[utoipa::path(get, path = "/api/v1/sensors", responses((status = 200, description = "Every sensor.", body = Sensors)))]
pub(crate) async fn sensors(State(shared): State<Arc<Shared>>) -> Json<Sensors> {
    Json(Sensors { sensors: shared.desk.view.borrow().sensors.clone() })
}

/// What is on air, what is next, what waits, what is wrong
#[utoipa::path(get, path = "/api/v1/air", responses((status = 200, description = "The view.", body = View)))]
pub(crate) async fn air(State(shared): State<Arc<Shared>>) -> Json<View> {
    let view = Arc::clone(&shared.desk.view.borrow());
    Json((*view).clone())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BulletinQuery {
    /// States, separated by commas; all where it is not given.
    #[serde(default)]
    #[param(example = "waiting_choice,ready", pattern = "^([a-z_]+(,[a-z_]+)*)?$")]
    state: String,
    /// Longest list.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

/// Heads of bulletins.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bulletins {
    bulletins: Vec<BulletinHead>,
}

/// Heads of bulletins, newest first
#[utoipa::path(get, path = "/api/v1/bulletins", params(BulletinQuery), responses(
    (status = 200, description = "The heads.", body = Bulletins),
    Unavailable,
))]
pub(crate) async fn bulletins(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<BulletinQuery>, QueryRejection>,
) -> Result<Json<Bulletins>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let mut states = Vec::new();
    for name in query.state.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        let state = serde_json::from_value::<Stage>(serde_json::Value::from(name)).map_err(|_| {
            Problem::wrong(say(format!("Không có trạng thái tên {name:?}."), format!("There is no state {name:?}.")))
        })?;
        states.push(state);
    }
    let limit = limit(query.limit, 100)?;
    let bulletins = read(&shared, move |reads| reads.bulletins(&states, limit)).await?;
    Ok(Json(Bulletins { bulletins }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JournalQuery {
    /// Only entries with a smaller number.
    before_seq: Option<u64>,
    /// Only what people have ordered, or were refused: who did what.
    #[serde(default)]
    deeds: bool,
    /// Only what this person did (login name).
    #[param(min_length = 1, max_length = 64, example = "lan")]
    by: Option<String>,
    /// Only what people did from this day on.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// Only what people did until this day, whole.
    #[param(example = "2026-11-30")]
    to: Option<String>,
    /// Longest page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

impl JournalQuery {
    fn ask(self, limit: usize) -> Result<JournalAsk, Problem> {
        let Self { before_seq: before, deeds, by, from, to, limit: _ } = self;
        let wanted = deeds || by.is_some() || from.is_some() || to.is_some();
        if by.as_ref().is_some_and(|by| !(1..=64).contains(&by.chars().count())) {
            return Err(Problem::wrong(say("Tên người dùng có từ 1 đến 64 chữ.", "A login name has 1 to 64 letters.")));
        }
        let (from_ms, to_ms) = window(from.as_deref(), to.as_deref())?;
        Ok(JournalAsk { before, deeds: wanted.then_some(Deeds { by, from_ms, to_ms }), limit })
    }
}

/// A page of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct JournalPage {
    entries: Vec<JournalRow>,
    /// `before_seq` of the next, older page; `null` at the beginning of the journal.
    #[schema(required)]
    next_before_seq: Option<u64>,
}

/// A page of the journal, newest first
#[utoipa::path(get, path = "/api/v1/journal", params(JournalQuery), responses(
    (status = 200, description = "The page.", body = JournalPage),
    Unavailable,
))]
pub(crate) async fn journal(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<JournalQuery>, QueryRejection>,
) -> Result<Json<JournalPage>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let limit = limit(query.limit, 100)?;
    let asked = query.ask(limit)?;
    let entries = read(&shared, move |reads| reads.journal(&asked)).await?;
    let full = entries.len() >= limit;
    let next_before_seq = entries.last().map(|row| row.seq).filter(|_| full);
    Ok(Json(JournalPage { entries, next_before_seq }))
}

pub(crate) fn limit(asked: Option<usize>, usual: usize) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(usual);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::wrong(say(format!("limit phải từ 1 đến {MOST}."), format!("limit is 1 to {MOST}."))))
}

pub(crate) fn odd_query(fault: &QueryRejection) -> Problem {
    Problem::wrong(say(
        format!("Phần sau dấu hỏi của địa chỉ không đúng: {}.", fault.body_text()),
        format!("The query of the address is wrong: {}.", fault.body_text()),
    ))
}

pub(crate) async fn read<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn Reads) -> Result<T, ReadFault> + Send + 'static,
) -> Result<T, Problem> {
    let reads = Arc::clone(&shared.desk.reads);
    ask(shared, move || how(&*reads)).await
}

/// Reads from the disk, on a thread that may block, while there is place.
pub(crate) async fn ask<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce() -> Result<T, ReadFault> + Send + 'static,
) -> Result<T, Problem> {
    let desks = Arc::clone(&shared.readers.0);
    let reading = async move {
        let place = desks.acquire_owned().await.map_err(|e| ReadFault(e.to_string()))?;
        let task = tokio::task::spawn_blocking(move || {
            let read = how();
            drop(place);
            read
        });
        task.await.map_err(|e| ReadFault(e.to_string()))?
    };
    let fault = match tokio::time::timeout(SLOWEST, reading).await {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(fault)) => fault,
        Err(_) => ReadFault("no answer within five seconds".to_owned()),
    };
    log::error!(error:% = fault; "the station's book cannot be read");
    Err(Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unreadable",
        say("Không đọc được sổ của trạm", "The station's book cannot be read"),
        say(
            "Loa và bảng vẫn chạy theo những gì đang có. Hãy báo kỹ thuật xem thẻ nhớ.",
            "Loudspeakers and boards go on with what they have. Have the technician look at the storage.",
        ),
    )
    .retry_after(5))
}
