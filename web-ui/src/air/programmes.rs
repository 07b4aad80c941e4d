//! The programme book at the desk: what stands in it, changed over the version that was looked at, and as a calendar.

use crate::air::orders::{Answer, Done, order};
use crate::air::outlook::ahead;
use crate::body::{Named, Told};
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::reads::odd_query;
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use gateway_core::ahead::Ahead;
use gateway_core::id::{ClusterId, ProgrammeId};
use gateway_core::input::Act;
use gateway_core::programme::Programme;
use gateway_core::time::Wall;
use icalendar::{Calendar, Component, Event, EventLike};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Days of the calendar file.
const CALENDAR_DAYS: u16 = 92;

/// Events of the calendar file at most.
const EVENTS: usize = 5000;

/// The programme book.
#[derive(Serialize, ToSchema)]
pub(crate) struct Programmes {
    /// The province's and the commune's, by identity.
    programmes: Vec<Booked>,
}

/// A programme of the book.
#[derive(Serialize, ToSchema)]
pub(crate) struct Booked {
    /// As it was written.
    programme: Programme,
    /// It is the province's: nobody changes it here.
    of_province: bool,
    /// Its next start, RFC 3339 with +07:00; `null` where there is none, or the clock is not trusted.
    #[schema(required)]
    next: Option<String>,
    /// Clusters it goes to.
    clusters: Vec<ClusterId>,
}

fn booked(ahead: &Ahead, programme: &Programme) -> Booked {
    Booked {
        programme: programme.clone(),
        of_province: programme.of_province,
        next: ahead.wall().and_then(|wall| programme.next_start(wall)).map(Wall::rfc3339),
        clusters: ahead.clusters(&programme.targets),
    }
}

/// *Lịch phát*: the programme book
#[utoipa::path(get, path = "/api/v1/programmes", operation_id = "programmes", responses(
    (status = 200, description = "The book.", body = Programmes),
    Unavailable,
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<Programmes>, Problem> {
    let ahead = ahead(&shared).await?;
    Ok(Json(Programmes { programmes: ahead.book().map(|p| booked(&ahead, p)).collect() }))
}

/// Put a programme of the commune into the book, or replace it
///
/// `version` is one more than that of the version it replaces (1, or none, for a new one): where somebody else was
/// faster, or the site's limits or another programme stand against it, it is refused and nothing has changed.
#[utoipa::path(post, path = "/api/v1/programmes", operation_id = "programme", request_body = Programme, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(ask): Told<Programme>,
) -> Answer {
    let (id, version) = (ask.programme_id.clone(), ask.version.max(1));
    match order(&shared, by, ask).await {
        Err(problem) if problem.code() == "refused" => Err(overtaken(&shared, &id, version, problem).await),
        answer => answer,
    }
}

/// The refusal, with what stands in the book where somebody else was faster.
async fn overtaken(shared: &Shared, id: &ProgrammeId, version: u32, problem: Problem) -> Problem {
    let Ok(ahead) = ahead(shared).await else { return problem };
    let known = ahead.book().find(|p| p.programme_id == *id);
    let expected = known.map_or(1, |p| p.version.saturating_add(1));
    if version == expected || known.is_some_and(|p| p.of_province) {
        return problem;
    }
    let detail = say(
        "Chưa lưu gì cả, và những gì anh chị viết vẫn còn trên trang này.",
        "Nothing was stored; what stands in the book is in `current`.",
    );
    let title = say("Người khác đã sửa chương trình này", "Somebody else has changed this programme");
    let current = known.and_then(|p| serde_json::to_value(p).ok()).unwrap_or_default();
    Problem::new(StatusCode::CONFLICT, "changed", title, detail).acted(false).current(current)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DropQuery {
    /// The version that was looked at.
    version: u32,
}

/// Take a programme of the commune out of the book, and off the air
#[utoipa::path(delete, path = "/api/v1/programmes/{id}", operation_id = "dropProgramme", params(
    ("id" = String, Path, description = "Identity of the programme.", example = "xa-sang"), DropQuery,
), responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    query: Result<Query<DropQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    order(&shared, by, Act::DropProgramme { programme: ProgrammeId::from(id), version: query.version }).await
}

/// The programmes of the next three months as an iCalendar file (RFC 5545)
#[utoipa::path(get, path = "/api/v1/programmes.ics", operation_id = "programmeCalendar", responses(
    (status = 200, description = "One event a start.", body = String, content_type = "text/calendar"),
    Unavailable,
))]
pub(crate) async fn calendar(State(shared): State<Arc<Shared>>) -> Result<impl IntoResponse, Problem> {
    let ahead = ahead(&shared).await?;
    let kind = (header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"lich-phat.ics\"");
    Ok(([kind, name], written(&ahead)))
}

/// Each start stands alone: holidays and exceptions need no rules that programs read differently.
fn written(ahead: &Ahead) -> String {
    let now = ahead.wall().unwrap_or(Wall(0));
    let (today, _) = now.local();
    let mut calendar = Calendar::new();
    calendar.name(&format!("Lịch phát {}", ahead.config().name));
    let mut starts: Vec<(Wall, &Programme)> =
        ahead.book().flat_map(|p| p.starts(today, CALENDAR_DAYS).into_iter().map(move |start| (start, p))).collect();
    starts.sort_by_key(|(start, p)| (*start, &p.programme_id));
    for (start, programme) in starts.into_iter().take(EVENTS) {
        let names: Vec<&str> = ahead
            .config()
            .clusters
            .iter()
            .filter(|(id, _)| programme.targets.has_cluster(id))
            .map(|(id, c)| if c.name.is_empty() { id.as_str() } else { c.name.as_str() })
            .collect();
        let end = start.plus(i64::from(programme.duration_s) * 1000);
        let day = &start.rfc3339()[..10];
        let mut event = Event::new();
        event
            .uid(&format!("{}-{day}@{}", programme.programme_id, ahead.config().station))
            .summary(&programme.title)
            .location(&names.join(", "))
            .sequence(programme.version)
            .add_property("DTSTAMP", utc(now))
            .add_property("DTSTART", utc(start))
            .add_property("DTEND", utc(end))
            .add_property("CATEGORIES", if programme.of_province { "Tỉnh" } else { "Xã" });
        calendar.push(event.done());
    }
    calendar.done().to_string()
}

/// `20261121T223000Z`.
fn utc(at: Wall) -> String {
    let at = at.plus(-7 * 3_600_000);
    let (date, time) = at.local();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
