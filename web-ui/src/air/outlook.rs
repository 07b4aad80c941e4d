//! Looking ahead: what the site allows, and what would be aired if the link died now.

use crate::described::Unavailable;
use crate::problem::{Problem, say};
use crate::reads::{ReadFault, odd_query};
use crate::routes::Shared;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use gateway_core::ahead::{Ahead, Rehearsal};
use gateway_core::time::{self, CERTAIN, Wall, tomorrow};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Longest rehearsal, days.
const LONGEST: u16 = 31;

/// How long one waits for a rehearsal, for a place included.
const SLOWEST: Duration = Duration::from_secs(30);

/// How long a rehearsal is shown again where nothing happened since.
const FRESH: Duration = Duration::from_secs(60);

/// A copy of what the core knows; called on a thread that may block.
pub trait Outlook: Send + Sync {
    /// A copy as of now.
    ///
    /// # Errors
    /// When the loop does not give one in time.
    fn ahead(&self) -> Result<Ahead, ReadFault>;
}

/// The rehearsal made last: for how many days, at which entry, when.
type Last = Option<(u16, u64, Instant, Arc<Rehearsal>)>;

/// One place for rehearsals, and what the last one said.
pub(crate) struct Rehearsals {
    place: Arc<Semaphore>,
    last: Arc<Mutex<Last>>,
}

impl Default for Rehearsals {
    fn default() -> Self {
        Self { place: Arc::new(Semaphore::new(1)), last: Arc::default() }
    }
}

/// A copy of what the core knows.
pub(crate) async fn ahead(shared: &Shared) -> Result<Ahead, Problem> {
    let outlook = Arc::clone(&shared.desk.outlook);
    crate::reads::ask(shared, move || outlook.ahead()).await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RehearsalQuery {
    /// How many days.
    #[param(minimum = 1, maximum = 31, default = 14)]
    days: Option<u16>,
}

/// *Chạy thử lịch*: what would be aired if the link died now
#[utoipa::path(get, path = "/api/v1/rehearsal", operation_id = "rehearsal", params(RehearsalQuery), responses(
    (status = 200, description = "The core run ahead on a copy, with outputs that do what is wanted of them.",
        body = Rehearsal),
    Unavailable,
))]
pub(crate) async fn rehearsal(
    State(shared): State<Arc<Shared>>,
    query: Result<Query<RehearsalQuery>, QueryRejection>,
) -> Result<Json<Rehearsal>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let days = query.days.unwrap_or(14);
    if !(1..=LONGEST).contains(&days) {
        let (vi, en) = (format!("days phải từ 1 đến {LONGEST}."), format!("days is 1 to {LONGEST}."));
        return Err(Problem::wrong(say(vi, en)));
    }
    let seq = shared.desk.view.borrow().seq;
    let Rehearsals { place, last } = &shared.rehearsals;
    let (place, last, outlook) = (Arc::clone(place), Arc::clone(last), Arc::clone(&shared.desk.outlook));
    let work = async move {
        let place = place.acquire_owned().await.map_err(|e| e.to_string())?;
        let task = tokio::task::spawn_blocking(move || {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = last.as_ref().filter(|(d, s, at, _)| *d == days && *s == seq && at.elapsed() < FRESH);
            let known = fresh.map(|(_, _, _, rehearsal)| Arc::clone(rehearsal));
            let told = match known {
                Some(rehearsal) => rehearsal,
                None => Arc::new(outlook.ahead().map_err(|e| e.to_string())?.rehearse(days)),
            };
            *last = Some((days, seq, Instant::now(), Arc::clone(&told)));
            drop(place);
            Ok::<_, String>(told)
        });
        task.await.map_err(|e| e.to_string())?
    };
    let fault = match tokio::time::timeout(SLOWEST, work).await {
        Ok(Ok(rehearsal)) => return Ok(Json((*rehearsal).clone())),
        Ok(Err(fault)) => fault,
        Err(_) => "no answer in time".to_owned(),
    };
    log::error!(error:% = fault; "the days to come cannot be rehearsed");
    Err(Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        say("Chưa chạy thử được lịch", "The days to come could not be rehearsed"),
        say("Trạm đang bận; lịch phát vẫn chạy như thường. Hãy thử lại.", "The station is busy. Try again."),
    )
    .retry_after(5))
}

/// What programmes of the commune must keep to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Limits {
    /// The quiet hours, where programmes must not touch them.
    #[schema(required)]
    quiet: Option<Span>,
    /// Longest programme, seconds; `null`: any length.
    #[schema(required)]
    longest_s: Option<u32>,
    /// `mon` … `sun`; empty = every day.
    days: Vec<String>,
    /// Sessions in which programmes must lie; empty = the whole day.
    sessions: Vec<Span>,
    /// Public holidays of the year to come.
    holidays: Vec<Holiday>,
    /// Last year whose lunar holidays are known.
    certain_until: i16,
    /// Inputs that can be relayed.
    inputs: Vec<Relayed>,
}

/// A span of the day.
#[derive(Serialize, ToSchema)]
pub(crate) struct Span {
    /// `21:00`.
    from: String,
    /// `05:00`; earlier than `from` where it lasts past midnight.
    until: String,
}

/// A public holiday.
#[derive(Serialize, ToSchema)]
pub(crate) struct Holiday {
    /// `2027-02-06`.
    date: String,
    /// Its name in Vietnamese.
    name: &'static str,
}

/// An input that can be relayed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Relayed {
    /// Its identity.
    id: String,
    /// Its name on screens.
    name: String,
}

fn span(from: u32, until: u32) -> Span {
    let written = |s: u32| format!("{:02}:{:02}", s / 3600 % 24, s / 60 % 60);
    Span { from: written(from), until: written(until) }
}

/// What programmes of the commune must keep to, and what they can relay
#[utoipa::path(get, path = "/api/v1/limits", operation_id = "limits", responses(
    (status = 200, description = "The limits.", body = Limits),
    Unavailable,
))]
pub(crate) async fn limits(State(shared): State<Arc<Shared>>) -> Result<Json<Limits>, Problem> {
    let ahead = ahead(&shared).await?;
    let policy = &ahead.config().policy;
    let hours = &policy.hours;
    let (today, _) = ahead.wall().unwrap_or(Wall(0)).local();
    let year = std::iter::successors(Some(today), |day| tomorrow(*day)).take(400);
    let inputs = ahead.config().inputs.iter().map(|(id, input)| {
        let name = if input.name.is_empty() { id.to_string() } else { input.name.clone() };
        Relayed { id: id.to_string(), name }
    });
    Ok(Json(Limits {
        quiet: hours.quiet_at_night.then(|| span(policy.night_from_s, policy.night_until_s)),
        longest_s: (hours.longest_s > 0).then_some(hours.longest_s),
        days: hours.days.clone(),
        sessions: hours.sessions.iter().map(|(from, until)| span(*from, *until)).collect(),
        holidays: year.filter_map(|day| Some(Holiday { date: day.to_string(), name: time::holiday(day)? })).collect(),
        certain_until: *CERTAIN.end(),
        inputs: inputs.collect(),
    }))
}
