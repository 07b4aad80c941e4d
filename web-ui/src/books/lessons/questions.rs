//! What officers ask the province, and what came back. A question leaves without the name of who asked.

use crate::air::acts::words;
use crate::air::orders::{Done, order};
use crate::body::Told;
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::Problem;
use crate::reads;
use crate::routes::Shared;
use axum::extract::State;
use axum::{Extension, Json};
use gateway_core::input::{Act, Outgoing};
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Questions that are kept: the newest.
const KEPT: i64 = 200;

/// What was answered.
#[derive(Serialize, ToSchema)]
#[schema(as = OfficerAnswer)]
pub(crate) struct Answered {
    text: String,
    /// Who answers: an office.
    by: String,
    /// When it came, RFC 3339.
    at: String,
}

/// A question.
#[derive(Serialize, ToSchema)]
#[schema(as = OfficerQuestion)]
pub(crate) struct Question {
    /// Its name on the way.
    id: String,
    text: String,
    /// The page it is about; empty = none.
    page: String,
    /// When it was asked; empty where no clock was trusted.
    at: String,
    /// You asked it.
    yours: bool,
    /// What came back, oldest first.
    answers: Vec<Answered>,
}

/// Every question.
#[derive(Serialize, ToSchema)]
pub(crate) struct Questions {
    questions: Vec<Question>,
}

/// What is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Loa thôn 3 rè khi trời mưa, nên xử lý thế nào?", "page": "devices"}))]
pub(crate) struct NewQuestion {
    /// The question, without names of persons.
    #[schema(min_length = 5, max_length = 1000)]
    text: String,
    /// The page it is about.
    #[serde(default)]
    #[schema(max_length = 32)]
    page: String,
}

type Kept = (i64, String, String, String, String);

/// What officers have asked the province, newest first
#[utoipa::path(get, path = "/api/v1/questions", operation_id = "questions", responses(
    (status = 200, description = "The questions with their answers.", body = Questions), Unavailable,
))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
) -> Result<Json<Questions>, Problem> {
    let replies = reads::read(&shared, |reads| reads.replies()).await?;
    let kept: Vec<Kept> = shared
        .desk
        .office
        .with(|book| {
            let mut found = book.prepare_cached("SELECT id, person, page, at, text FROM question ORDER BY id DESC")?;
            let rows =
                found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
            rows.collect()
        })
        .await?;
    let questions = kept.into_iter().map(|(number, person, page, at, text)| {
        let id = named(number);
        let mine = replies.iter().filter(|(_, reply)| reply.question_id == id);
        let answers = mine.map(|(at, reply)| Answered {
            text: reply.text.clone(),
            by: reply.by.clone(),
            at: Wall(*at).rfc3339(),
        });
        let answers = answers.collect();
        Question { id, text, page, at, yours: person == by.name, answers }
    });
    Ok(Json(Questions { questions: questions.collect() }))
}

fn named(number: i64) -> String {
    format!("CH-{number:04}")
}

/// Asks the province
#[utoipa::path(post, path = "/api/v1/questions", operation_id = "askProvince", request_body = NewQuestion, responses(
    (status = 200, description = "Committed to the journal; it leaves when the hub can be reached.", body = Done), NotOrdered,
))]
pub(crate) async fn send(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(NewQuestion { text, page }): Told<NewQuestion>,
) -> Result<Json<Done>, Problem> {
    let text = words("text", "Câu hỏi", &text, 5, 1000)?;
    let page = words("page", "Trang", &page, 0, 32)?;
    let at = shared.desk.view.borrow().clock.clone().unwrap_or_default();
    let row = (by.name.clone(), page.clone(), at, text.clone());
    let number = shared.desk.office.with(move |book| {
        book.execute("INSERT INTO question (person, page, at, text) VALUES (?1, ?2, ?3, ?4)", row)?;
        let number = book.last_insert_rowid();
        book.execute("DELETE FROM question WHERE id <= ?1", [number - KEPT])?;
        Ok(number)
    });
    let number = number.await?;
    let body = serde_json::json!({ "report": "question", "question_id": named(number), "text": text, "page": page });
    let what = format!("question {} sent", named(number));
    let done = order(&shared, by, Act::Send { kind: Outgoing::Report, body, what }).await;
    if done.is_err() {
        // What did not go out was not asked: it can be asked again as it stands on the page.
        shared.desk.office.with(move |book| book.execute("DELETE FROM question WHERE id = ?1", [number])).await?;
    }
    done
}
