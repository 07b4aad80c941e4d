//! *Nghiệm thu*: each cluster is walked to once: played, switched, heard, confirmed; who found what is kept, and printed to be signed.

use crate::air::acts::words;
use crate::air::orders::{Done, in_office};
use crate::body::Told;
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::page::{escaped, fill};
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::response::Html;
use axum::{Extension, Json};
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The table: the newest result of each step of each cluster.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS commissioning (
    cluster TEXT NOT NULL, step TEXT NOT NULL, result TEXT NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL, at TEXT,
    PRIMARY KEY (cluster, step)
) WITHOUT ROWID";

const PAGE: &str = include_str!("../../assets/commissioning.html");

/// A step at a cluster, in the order they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Something is played, and leaves the box.
    Play,
    /// Its amplifier or receiver switches on, and no other's.
    Switch,
    /// It is heard on the spot, clearly.
    Listen,
    /// Name, place and number of loudspeakers are right.
    Confirm,
}

impl Step {
    const ALL: [Self; 4] = [Self::Play, Self::Switch, Self::Listen, Self::Confirm];

    fn as_str(self) -> &'static str {
        match self {
            Self::Play => "play",
            Self::Switch => "switch",
            Self::Listen => "listen",
            Self::Confirm => "confirm",
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Self::Play => "Phát thử",
            Self::Switch => "Đóng ngắt",
            Self::Listen => "Nghe tại chỗ",
            Self::Confirm => "Xác nhận",
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Found {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// There is nothing to be found out: no switch, nobody there.
    NotApplicable,
}

impl Found {
    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::NotApplicable => "not_applicable",
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Self::Good => "đạt",
            Self::Bad => "KHÔNG ĐẠT",
            Self::NotApplicable => "không có",
        }
    }
}

/// What was found at a step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StepRow {
    /// Which cluster.
    cluster: String,
    /// Which step.
    step: Step,
    /// What was found.
    found: Found,
    /// What is to be said of it.
    note: String,
    /// Login name.
    by: String,
    /// When, RFC 3339; `null` where the clock was not trusted.
    #[schema(required)]
    at: Option<String>,
}

/// What is noted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteStep, example = json!({"cluster": "thon-1", "step": "listen", "found": "good", "note": ""}))]
pub(crate) struct Note {
    /// Which cluster.
    #[schema(min_length = 1, max_length = 64)]
    cluster: String,
    /// Which step.
    step: Step,
    /// What was found.
    found: Found,
    /// What is to be said of it.
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
}

/// How far commissioning is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Commissioning {
    /// The newest result of every step that was taken.
    steps: Vec<StepRow>,
}

fn kept(book: &rusqlite::Transaction<'_>) -> rusqlite::Result<Vec<StepRow>> {
    let mut found = book.prepare_cached("SELECT cluster, step, result, note, by, at FROM commissioning")?;
    let rows = found.query_map([], |row| {
        let (step, result): (String, String) = (row.get(1)?, row.get(2)?);
        let step = Step::ALL.into_iter().find(|s| s.as_str() == step).unwrap_or(Step::Play);
        let found =
            [Found::Good, Found::Bad].into_iter().find(|f| f.as_str() == result).unwrap_or(Found::NotApplicable);
        Ok(StepRow { cluster: row.get(0)?, step, found, note: row.get(3)?, by: row.get(4)?, at: row.get(5)? })
    })?;
    rows.collect()
}

/// *Nghiệm thu*: what was found at each cluster
#[utoipa::path(get, path = "/api/v1/commissioning", operation_id = "commissioning", responses(
    (status = 200, description = "Every step that was taken.", body = Commissioning),
    Unavailable,
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<Commissioning>, Problem> {
    Ok(Json(Commissioning { steps: shared.desk.office.with(kept).await? }))
}

/// Note what was found at a step; the newest counts
#[utoipa::path(put, path = "/api/v1/commissioning", operation_id = "noteCommissioning", request_body = Note, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn note(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(Note { cluster, step, found, note }): Told<Note>,
) -> Result<Json<Done>, Problem> {
    let view = Arc::clone(&shared.desk.view.borrow());
    if !view.clusters.iter().any(|c| c.id.as_str() == cluster) {
        return Err(Problem::wrong(say("Không có cụm loa này (cluster).", "cluster: there is none of that name.")));
    }
    let note = words("note", "Ghi chú", &note, 0, 200)?;
    let (name, at, what) =
        (by.name.clone(), view.clock.clone(), format!("commissioning {cluster}: {} {}", step.as_str(), found.as_str()));
    let kept = shared.desk.office.with(move |book| {
        let row = rusqlite::params![cluster, step.as_str(), found.as_str(), note, name, at];
        book.execute("INSERT OR REPLACE INTO commissioning VALUES (?1, ?2, ?3, ?4, ?5, ?6)", row)
    });
    kept.await?;
    in_office(&shared, &by, what).await
}

/// *Biên bản nghiệm thu*: a sheet to be printed and signed
#[utoipa::path(get, path = "/commissioning", operation_id = "commissioningPage", responses(
    (status = 200, description = "The page.", body = String, content_type = "text/html"),
    Unavailable,
))]
pub(crate) async fn page(State(shared): State<Arc<Shared>>) -> Result<Html<String>, Problem> {
    let steps = shared.desk.office.with(kept).await?;
    let view = Arc::clone(&shared.desk.view.borrow());
    let day = view.clock.as_deref().map_or("....................".to_owned(), day);
    let filled =
        fill(PAGE, &[("place", &view.name), ("station", &view.station), ("commune", &view.commune), ("day", &day)]);
    // The rows are HTML already, each value in them escaped.
    Ok(Html(filled.replace("<!-- rows -->", &rows(&view, &steps))))
}

fn day(moment: &str) -> String {
    let mut parts: Vec<&str> = moment.get(..10).unwrap_or_default().split('-').collect();
    parts.reverse();
    parts.join("/")
}

fn rows(view: &View, steps: &[StepRow]) -> String {
    let mut html = String::new();
    for cluster in &view.clusters {
        html.push_str(&format!(
            "<tr><th scope=\"row\">{}<br><small>{}</small></th>",
            escaped(&cluster.name),
            escaped(cluster.id.as_str())
        ));
        for step in Step::ALL {
            let found = steps.iter().find(|s| s.cluster == cluster.id.as_str() && s.step == step);
            let text = found.map_or(String::new(), |s| {
                let at = s.at.as_deref().map(|at| format!(" {} {}", at.get(11..16).unwrap_or_default(), day(at)));
                format!(
                    "<b>{}</b> {}<br><small>{}{}</small>",
                    s.found.shown(),
                    escaped(&s.note),
                    escaped(&s.by),
                    at.unwrap_or_default()
                )
            });
            html.push_str(&format!("<td data-step=\"{}\">{text}</td>", step.shown()));
        }
        html.push_str("</tr>\n");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_cannot_write_the_sheet() {
        let view = View::default();
        assert_eq!(rows(&view, &[]), "");
        assert_eq!(day("2026-11-22T07:00:00+07:00"), "22/11/2026");
    }
}
