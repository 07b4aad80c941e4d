//! The officers' dictionary: how written words are said, changed with care, and heard before it is used.

use crate::air::acts::words;
use crate::body::Told;
use crate::described::{Bytes, Changed, Unavailable};
use crate::problem::{Problem, chain, say};
use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// Longest text of a trial, characters: that of a bulletin, two minutes of speech.
const TRIAL: usize = 2000;

/// How long an officer waits, for a place included.
const SLOWEST: Duration = Duration::from_secs(30);

/// The dictionary of the voice and the voice itself; called on a thread that may block.
pub trait Voice: Send + Sync {
    /// The dictionary in use.
    fn lexicon(&self) -> Lexicon;

    /// Replaces the dictionary where it is still the version `over`; the version it has then.
    ///
    /// # Errors
    /// When it has changed since, is no dictionary, or cannot be kept; then nothing has changed.
    fn replace(&self, over: &str, text: &str) -> Result<String, VoiceFault>;

    /// Speaks a text, with a dictionary that is not in use where one is given.
    ///
    /// # Errors
    /// When it cannot be said, or not now.
    fn hear(&self, text: &str, lexicon: Option<&str>) -> Result<Heard, VoiceFault>;
}

/// A dictionary: one `written = spoken` a line, `#` begins a comment.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Lexicon {
    /// One `written = spoken` a line; `#` begins a comment.
    pub text: String,
    /// Digest of the text, to be repeated by whoever changes it.
    pub version: String,
}

/// A text that was spoken.
#[derive(Clone, Debug)]
pub struct Heard {
    /// A WAV file.
    pub wav: Vec<u8>,
    /// Name of the engine that spoke.
    pub engine: String,
}

/// Why the voice did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VoiceFault {
    /// The dictionary is no longer the version that was looked at.
    #[error("the dictionary was changed meanwhile")]
    Changed,
    /// What is wrong with the dictionary or the text, in Vietnamese, for the officer.
    #[error("{0}")]
    Wrong(String),
    /// Another trial is being spoken.
    #[error("another trial is being spoken")]
    Busy,
    /// It could not be done; for the log.
    #[error("{0}")]
    Failed(String),
}

/// *Từ điển đọc*: how written words are said
#[utoipa::path(get, path = "/api/v1/lexicon", operation_id = "lexicon", responses(
    (status = 200, description = "The dictionary in use.", body = Lexicon),
    Unavailable,
))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>) -> Result<Json<Lexicon>, Problem> {
    ask(&shared, |voice| Ok(voice.lexicon())).await.map(Json)
}

/// What `PUT lexicon` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LexiconChange, example = json!({"text": "UBND = ủy ban nhân dân\n", "version": "9f86d081884c7d65"}))]
pub(crate) struct Change {
    /// The whole dictionary: one `written = spoken` a line, `#` begins a comment. 60 KiB at most.
    text: String,
    /// The version that was looked at.
    version: String,
}

/// *Sửa từ điển*: replace the dictionary; texts it changes are spoken again, others are kept
#[utoipa::path(put, path = "/api/v1/lexicon", operation_id = "setLexicon", request_body = Change, responses(
    (status = 200, description = "Stored, and in use from now on.", body = Lexicon),
    Changed, Unavailable,
))]
pub(crate) async fn replace(
    State(shared): State<Arc<Shared>>,
    Told(Change { text, version }): Told<Change>,
) -> Result<Json<Lexicon>, Problem> {
    let lexicon = ask(&shared, move |voice| {
        let version = voice.replace(&version, &text)?;
        Ok(Lexicon { text, version })
    })
    .await?;
    let entries = lexicon.text.lines().filter(|l| l.contains('=') && !l.trim_start().starts_with('#')).count();
    log::info!(version = lexicon.version.as_str(), entries; "the dictionary was changed at the desk");
    Ok(Json(lexicon))
}

/// What `POST lexicon/try` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LexiconTrial, example = json!({"text": "UBND xã Bình Minh"}))]
pub(crate) struct Trial {
    /// What is said.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
    /// A dictionary that is not in use yet; the one in use where it is not given.
    #[serde(default)]
    lexicon: Option<String>,
}

/// *Nghe thử*: hear how a text would be said
#[utoipa::path(post, path = "/api/v1/lexicon/try", operation_id = "tryLexicon", request_body = Trial, responses(
    (status = 200, description = "The speech.", body = inline(Bytes), content_type = "audio/wav",
        headers(("Spoken-By" = String, description = "Name of the engine that spoke."))),
    Unavailable,
))]
pub(crate) async fn hear(
    State(shared): State<Arc<Shared>>,
    Told(Trial { text, lexicon }): Told<Trial>,
) -> Result<Response, Problem> {
    let text = words("text", "Câu nghe thử", &text, 1, TRIAL)?;
    say_aloud(&shared, text, lexicon).await
}

/// A text as the station's voice says it, with a dictionary that is not in use where one is given.
pub(crate) async fn say_aloud(shared: &Shared, text: String, lexicon: Option<String>) -> Result<Response, Problem> {
    let heard = ask(shared, move |voice| voice.hear(&text, lexicon.as_deref())).await?;
    let engine = HeaderValue::from_str(&heard.engine).unwrap_or(HeaderValue::from_static("?"));
    let wav = HeaderValue::from_static("audio/wav");
    Ok(([(header::CONTENT_TYPE, wav), (HeaderName::from_static("spoken-by"), engine)], heard.wav).into_response())
}

async fn ask<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn Voice) -> Result<T, VoiceFault> + Send + 'static,
) -> Result<T, Problem> {
    let (voice, readers) = (Arc::clone(&shared.desk.voice), shared.readers.places());
    let asking = async move {
        let place = readers.acquire_owned().await.map_err(|e| VoiceFault::Failed(e.to_string()))?;
        let task = tokio::task::spawn_blocking(move || {
            let answer = how(&*voice);
            drop(place);
            answer
        });
        task.await.map_err(|e| VoiceFault::Failed(e.to_string()))?
    };
    let slow = || VoiceFault::Failed(format!("no answer within {} s", SLOWEST.as_secs()));
    tokio::time::timeout(SLOWEST, asking).await.map_err(|_| slow()).flatten().map_err(problem)
}

fn problem(fault: VoiceFault) -> Problem {
    match fault {
        VoiceFault::Changed => Problem::new(
            StatusCode::CONFLICT,
            "changed",
            say("Từ điển đã được người khác sửa", "Somebody else has changed the dictionary"),
            say(
                "Chưa lưu gì cả. Hãy tải lại từ điển rồi sửa tiếp.",
                "Nothing was stored. Load the dictionary again, then change it.",
            ),
        )
        .acted(false),
        VoiceFault::Wrong(why) => Problem::wrong(say(why.clone(), why)),
        VoiceFault::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            say("Đang đọc thử một câu khác", "Another trial is being spoken"),
            say("Hãy thử lại sau vài giây.", "Try again in a few seconds."),
        )
        .retry_after(2),
        VoiceFault::Failed(_) => {
            log::error!(error:% = chain(&fault); "the voice did not do what the desk asked");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "voice",
                say("Giọng đọc không làm được", "The voice could not do it"),
                say(
                    "Từ điển đang dùng vẫn như cũ. Hãy thử lại; nếu vẫn không được, báo kỹ thuật.",
                    "The dictionary in use is as it was. Try again, then call the technician.",
                ),
            )
            .acted(false)
            .retry_after(5)
        }
    }
}
