//! *Tập huấn*: lessons that are built in and lessons of the province, learnt by oneself, with a quiz each. Who has done what is kept
//! for that person; only counts leave the station.

mod built_in;
pub(crate) mod footage;
pub(crate) mod questions;

use crate::air::orders::{Done, order};
use crate::body::{Named, Told};
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, not_found, say};
use crate::reads;
use crate::routes::Shared;
use axum::extract::State;
use axum::{Extension, Json};
use footage::{Piece, pieces};
use gateway_core::input::{Act, Outgoing};
use gateway_core::lesson::Lesson;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// What each person has done, and what was asked.
pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS learnt (person TEXT NOT NULL, lesson TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (person, lesson)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS question (id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, page TEXT NOT NULL, at TEXT NOT NULL,
    text TEXT NOT NULL);
";

/// Right answers that make a quiz passed, of five.
const ENOUGH_OF_FIVE: usize = 4;

/// A lesson in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct LessonHead {
    /// Identity.
    id: String,
    /// Title.
    title: String,
    /// The page of the desk it helps with; empty = none.
    page: String,
    /// How long it takes, minutes.
    minutes: u16,
    /// Questions of its quiz.
    questions: usize,
    /// It came from the province.
    of_province: bool,
    /// You have done this version: when; empty where no clock was trusted.
    #[schema(required)]
    done: Option<String>,
}

/// Every lesson.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lessons {
    lessons: Vec<LessonHead>,
}

/// A question, without its answer.
#[derive(Serialize, ToSchema)]
#[schema(as = QuizQuestion)]
pub(crate) struct Asked {
    /// What is asked.
    question: String,
    /// What may be chosen.
    choices: Vec<String>,
}

/// A lesson to read.
#[derive(Serialize, ToSchema)]
pub(crate) struct LessonText {
    #[serde(flatten)]
    head: LessonHead,
    /// What is read.
    parts: Vec<Piece>,
    /// What is asked.
    quiz: Vec<Asked>,
}

/// What was chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuizAnswers, example = json!({"answers": [0, 2, 1]}))]
pub(crate) struct Answers {
    /// The place of the choice, from 0, for each question; none for a lesson without any.
    #[schema(max_items = 20)]
    answers: Vec<u8>,
}

/// What became of a quiz.
#[derive(Serialize, ToSchema)]
pub(crate) struct Graded {
    /// Four of five were right: the lesson is done.
    passed: bool,
    /// For each question, which choice is right, and why.
    answers: Vec<Marked>,
}

/// The right answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marked {
    /// Its place, from 0.
    answer: usize,
    /// It was chosen.
    right: bool,
    /// Why it is right.
    why: String,
}

/// How far everybody is.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Persons with an account.
    people: usize,
    /// Of these, done with every lesson.
    all_done: usize,
    /// By lesson.
    lessons: Vec<LessonCount>,
    /// By person: shown here, and sent to nobody.
    persons: Vec<PersonCount>,
}

/// How many are done with a lesson.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct LessonCount {
    /// Identity.
    id: String,
    /// Title.
    title: String,
    /// How many are done with it.
    done: usize,
}

/// How many lessons a person has done.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PersonCount {
    /// Name at the desk.
    shown: String,
    /// How many.
    done: usize,
}

/// Whatever can be learnt: what is built in, but where the province sent a lesson of that name, then what else it sent.
async fn all(shared: &Arc<Shared>) -> Result<Vec<(Lesson, bool)>, Problem> {
    let sent = reads::read(shared, |reads| reads.lessons()).await?;
    let replaced = |id: &str| sent.iter().any(|lesson| lesson.lesson_id == id);
    let own =
        built_in::LESSONS.iter().filter(|lesson| !replaced(&lesson.lesson_id)).map(|lesson| (lesson.clone(), false));
    let mut lessons: Vec<(Lesson, bool)> = own.collect();
    lessons.extend(sent.iter().map(|lesson| (lesson.clone(), true)));
    Ok(lessons)
}

/// What a person has done: lesson to version and moment.
async fn learnt(shared: &Arc<Shared>, person: String) -> Result<BTreeMap<String, (u32, String)>, Problem> {
    let rows = shared.desk.office.with(move |book| {
        let mut found = book.prepare_cached("SELECT lesson, version, at FROM learnt WHERE person = ?1")?;
        let rows = found.query_map([&person], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        rows.collect()
    });
    rows.await
}

fn head(lesson: &Lesson, of_province: bool, learnt: &BTreeMap<String, (u32, String)>) -> LessonHead {
    let done = learnt.get(&lesson.lesson_id).filter(|(version, _)| *version >= lesson.version);
    LessonHead {
        id: lesson.lesson_id.clone(),
        title: lesson.title.clone(),
        page: lesson.page.clone(),
        minutes: lesson.minutes,
        questions: lesson.quiz.len(),
        of_province,
        done: done.map(|(_, at)| at.clone()),
    }
}

/// *Tập huấn*: every lesson, and which of them you have done
#[utoipa::path(get, path = "/api/v1/lessons", operation_id = "lessons", responses(
    (status = 200, description = "The lessons.", body = Lessons), Unavailable,
))]
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
) -> Result<Json<Lessons>, Problem> {
    let learnt = learnt(&shared, by.name).await?;
    let lessons = all(&shared).await?.iter().map(|(lesson, sent)| head(lesson, *sent, &learnt)).collect();
    Ok(Json(Lessons { lessons }))
}

async fn find(shared: &Arc<Shared>, id: &str) -> Result<(Lesson, bool), Problem> {
    match all(shared).await?.into_iter().find(|(lesson, _)| lesson.lesson_id == id) {
        Some(found) => Ok(found),
        None => Err(not_found().await),
    }
}

/// A lesson to read, with its quiz
#[utoipa::path(get, path = "/api/v1/lessons/{id}", operation_id = "lesson",
    params(("id" = String, Path, description = "Identity of the lesson.", example = "trang-dau")),
    responses((status = 200, description = "The lesson.", body = LessonText), Unavailable))]
pub(crate) async fn read(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
) -> Result<Json<LessonText>, Problem> {
    let (lesson, sent) = find(&shared, &id).await?;
    let head = head(&lesson, sent, &learnt(&shared, by.name).await?);
    let parts = pieces(&shared, lesson.parts).await?;
    let quiz = lesson.quiz.into_iter().map(|q| Asked { question: q.question, choices: q.choices });
    Ok(Json(LessonText { head, parts, quiz: quiz.collect() }))
}

/// Hands in the answers of a lesson's quiz
#[utoipa::path(post, path = "/api/v1/lessons/{id}", operation_id = "handIn", request_body = Answers,
    params(("id" = String, Path, description = "Identity of the lesson.", example = "trang-dau")),
    responses((status = 200, description = "Which were right; four of five make the lesson done.", body = Graded), Unavailable))]
pub(crate) async fn done(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    Told(Answers { answers }): Told<Answers>,
) -> Result<Json<Graded>, Problem> {
    let (lesson, _) = find(&shared, &id).await?;
    if answers.len() != lesson.quiz.len() {
        return Err(Problem::wrong(say(
            format!("Bài này có {} câu hỏi, hãy trả lời đủ.", lesson.quiz.len()),
            format!("answers has {} places.", lesson.quiz.len()),
        )));
    }
    let graded = lesson.quiz.into_iter().zip(answers);
    let graded =
        graded.map(|(q, chosen)| Marked { right: q.answer == usize::from(chosen), answer: q.answer, why: q.why });
    let graded: Vec<Marked> = graded.collect();
    let right = graded.iter().filter(|answer| answer.right).count();
    let passed = right * 5 >= graded.len() * ENOUGH_OF_FIVE;
    if passed {
        let at = shared.desk.view.borrow().clock.clone().unwrap_or_default();
        let (person, version) = (by.name, lesson.version);
        let write = shared.desk.office.with(move |book| {
            book.execute(
                "INSERT OR REPLACE INTO learnt VALUES (?1, ?2, ?3, ?4)",
                rusqlite::params![person, id, version, at],
            )
        });
        write.await?;
    }
    Ok(Json(Graded { passed, answers: graded }))
}

async fn counted(shared: &Arc<Shared>) -> Result<Progress, Problem> {
    let lessons = all(shared).await?;
    let rows: Vec<(String, String, u32)> = shared
        .desk
        .office
        .with(|book| {
            let mut found = book.prepare_cached("SELECT person, lesson, version FROM learnt")?;
            let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        })
        .await?;
    let accounts = shared.desk.users.accounts();
    let has = |person: &str, lesson: &Lesson| {
        rows.iter().any(|(p, l, v)| p == person && *l == lesson.lesson_id && *v >= lesson.version)
    };
    let of_lesson = |lesson: &Lesson| accounts.iter().filter(|account| has(&account.name, lesson)).count();
    let persons: Vec<PersonCount> = accounts
        .iter()
        .map(|account| PersonCount {
            shown: account.shown.clone(),
            done: lessons.iter().filter(|(lesson, _)| has(&account.name, lesson)).count(),
        })
        .collect();
    Ok(Progress {
        people: accounts.len(),
        all_done: persons.iter().filter(|person| person.done == lessons.len()).count(),
        lessons: lessons
            .iter()
            .map(|(lesson, _)| LessonCount {
                id: lesson.lesson_id.clone(),
                title: lesson.title.clone(),
                done: of_lesson(lesson),
            })
            .collect(),
        persons,
    })
}

/// How far everybody is with the lessons
#[utoipa::path(get, path = "/api/v1/progress", operation_id = "progress", responses(
    (status = 200, description = "By lesson and by person.", body = Progress), Unavailable,
))]
pub(crate) async fn progress(State(shared): State<Arc<Shared>>) -> Result<Json<Progress>, Problem> {
    Ok(Json(counted(&shared).await?))
}

/// Tells the province how many are done with which lesson; no names
#[utoipa::path(post, path = "/api/v1/progress", operation_id = "sendProgress", responses(
    (status = 200, description = "Committed to the journal; it leaves when the hub can be reached.", body = Done), NotOrdered,
))]
pub(crate) async fn report(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
) -> Result<Json<Done>, Problem> {
    let Progress { people, all_done, lessons, persons: _ } = counted(&shared).await?;
    let body = serde_json::json!({ "report": "training", "people": people, "all_done": all_done, "lessons": lessons });
    order(&shared, by, Act::Send { kind: Outgoing::Report, body, what: "training report sent".to_owned() }).await
}
