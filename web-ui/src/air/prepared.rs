//! *Soạn sẵn*: warnings and corrections kept ready, their sound made ahead, and put on air by name.

use crate::air::acts::{Ask, known_prepared, three, warning, why, words};
use crate::air::orders::{Answer, Done, order};
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::making::media::{self, MediaKind};
use crate::problem::{Problem, say};
use crate::reads::odd_query;
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use gateway_core::bulletin::{Content, Media, Targets};
use gateway_core::id::PreparedId;
use gateway_core::input::Act;
use gateway_core::prepared::{Prepared, Purpose};
use gateway_core::view::{PreparedView, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// A recording.
#[derive(Serialize, ToSchema)]
#[schema(as = PreparedClip)]
pub(crate) struct Clip {
    /// BCP 47 language.
    lang: String,
    /// SHA-256 of the file, hexadecimal.
    sha256: String,
    /// Length, seconds; `null` where it is not known.
    #[schema(required)]
    duration_s: Option<f64>,
}

/// Something kept ready.
#[derive(Serialize, ToSchema)]
#[schema(as = PreparedItem)]
pub(crate) struct Kept {
    /// Its name.
    id: PreparedId,
    /// Version that stands.
    version: u32,
    /// What it is for.
    purpose: Purpose,
    /// Name on screens.
    title: String,
    /// Disaster risk level of a warning.
    level: u8,
    /// What is said and shown; empty where it is a recording alone.
    text: String,
    /// Recordings, said in the place of the text.
    clips: Vec<Clip>,
    /// `ready`: its sound is on the disk; `coming`; `failed`.
    state: &'static str,
    /// Length of its sound, seconds; `null` until it is there.
    #[schema(required)]
    length_s: Option<f64>,
}

/// All that is kept ready.
#[derive(Serialize, ToSchema)]
#[schema(as = PreparedShelf)]
pub(crate) struct Shelf {
    prepared: Vec<Kept>,
}

fn kept(row: &PreparedView) -> Kept {
    let item = &row.item;
    let clips = item.content.iter().filter_map(|content| match content {
        Content::Audio { lang, media } => {
            let (sha256, duration_s) = (media.sha256.to_string(), media.duration_s);
            Some(Clip { lang: lang.clone(), sha256, duration_s })
        }
        Content::Text { .. } | Content::Relay { .. } | Content::Image { .. } | Content::Video { .. } => None,
        Content::Other => None,
    });
    Kept {
        id: item.id.clone(),
        version: item.version,
        purpose: item.purpose,
        title: item.title.clone(),
        level: item.level,
        text: item.text().to_owned(),
        clips: clips.collect(),
        state: row.state,
        length_s: row.length_ms.map(|ms| f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) / 1000.0),
    }
}

/// What `POST prepared` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Prepare, example = json!({"id": "lu-ong", "version": 1, "purpose": "emergency", "title": "Lũ ống suối Bà Chiêm",
    "level": 4, "text": "Lũ ống trên suối Bà Chiêm. Bà con rời bờ suối ngay."}))]
pub(crate) struct Ready {
    /// Its name: 1 to 64 of `a-z 0-9 . _ -`; what a button at the station may name.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9._-]+$")]
    id: String,
    /// One more than that of the version it replaces; 1 for a new one.
    version: u32,
    /// What it is for.
    purpose: Purpose,
    /// Name on screens.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Disaster risk level of a warning.
    #[serde(default = "level")]
    #[schema(minimum = 1, maximum = 5, default = 3)]
    level: u8,
    /// What is said and shown.
    #[serde(default)]
    #[schema(max_length = 2000)]
    text: String,
    /// Recordings, said in the place of the text; one a language.
    #[serde(default)]
    #[schema(max_items = 8)]
    clips: Vec<Recording>,
}

/// A recording that was taken in by `POST media`.
#[derive(Deserialize, ToSchema)]
#[schema(as = PreparedRecording)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// BCP 47 language.
    #[serde(default = "vietnamese")]
    #[schema(min_length = 2, max_length = 16, default = "vi")]
    lang: String,
    /// SHA-256 of the file, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

fn vietnamese() -> String {
    "vi".to_owned()
}

fn level() -> u8 {
    3
}

fn is_name(id: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&id.len()) && id.bytes().all(good)
}

/// *Soạn sẵn*: all that is kept ready
#[utoipa::path(get, path = "/api/v1/prepared", operation_id = "prepared", responses(
    (status = 200, description = "By name.", body = Shelf),
))]
pub(crate) async fn list(State(shared): Desk) -> Json<Shelf> {
    let view = Arc::clone(&shared.desk.view.borrow());
    Json(Shelf { prepared: view.prepared.iter().map(kept).collect() })
}

/// Keep something ready, or replace it
///
/// Its text is spoken and its recording fetched now, so that it sounds at once when it is needed.
#[utoipa::path(post, path = "/api/v1/prepared", operation_id = "prepare", request_body = Ready, responses(
    (status = 200, description = "Kept, and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn put(State(shared): Desk, Extension(by): By, Told(ask): Told<Ready>) -> Answer {
    let Ready { id, version, purpose, title, level, text, clips } = ask;
    if !is_name(&id) {
        return Err(Problem::wrong(say(
            "Mã (id) gồm 1 đến 64 chữ a-z, số, dấu chấm, gạch.",
            "id is 1 to 64 of a-z 0-9 . _ -",
        )));
    }
    let title = words("title", "Tên gọi", &title, 1, 200)?;
    let text = words("text", "Nội dung", &text, 0, 2000)?;
    let files: Vec<String> = clips.iter().map(|clip| clip.sha256.clone()).collect();
    let mut content = Vec::new();
    for clip in clips {
        content.push(recording(&shared, clip).await?);
    }
    content.extend((!text.is_empty()).then(|| Content::Text { lang: "vi".to_owned(), text }));
    let item = Prepared { id: PreparedId::from(id), version, purpose, title, level, content };
    item.check().map_err(|why| Problem::wrong(say(format!("{why}."), format!("{why}."))))?;
    let name = item.id.clone();
    match order(&shared, by, Act::Prepare(item)).await {
        Err(problem) if problem.code() == "refused" => Err(overtaken(&shared, &name, version, problem)),
        Ok(done) => {
            // They stay in the cache for as long as the core wants them; the book must not let go of them before.
            let user = format!("prepared/{name}");
            let files = move |book: &rusqlite::Transaction<'_>| {
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                media::needs(book, &user, &files)
            };
            shared.desk.office.with(files).await?;
            Ok(done)
        }
        Err(problem) => Err(problem),
    }
}

/// A recording as the core knows it.
async fn recording(shared: &Shared, Recording { lang, sha256 }: Recording) -> Result<Content, Problem> {
    let lang = words("lang", "Ngôn ngữ", &lang, 2, 16)?;
    let known = media::known(&shared.desk.office, &sha256.to_ascii_lowercase()).await?;
    let Some(known) = known.filter(|m| m.kind == MediaKind::Audio) else {
        return Err(Problem::wrong(say(
            "Bản ghi âm (clips) này không có trên trạm. Hãy tải lên trước.",
            "clips names a recording that is not here; POST it to /api/v1/media first.",
        )));
    };
    let duration_s = known.duration_ms.map(|ms| f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) / 1000.0);
    let media =
        Media { url: String::new(), sha256: known.sha256.into(), bytes: known.bytes, mime: known.mime, duration_s };
    Ok(Content::Audio { lang, media })
}

/// The refusal, with what stands where somebody else was faster.
fn overtaken(shared: &Shared, id: &PreparedId, version: u32, problem: Problem) -> Problem {
    let view = Arc::clone(&shared.desk.view.borrow());
    let stands = view.prepared.iter().find(|p| p.item.id == *id);
    if stands.map_or(1, |p| p.item.version.saturating_add(1)) == version {
        return problem;
    }
    let current = stands.and_then(|p| serde_json::to_value(kept(p)).ok()).unwrap_or_default();
    let title = say("Người khác đã sửa mục này", "Somebody else has changed it");
    let detail = say(
        "Chưa lưu gì cả, và những gì anh chị viết vẫn còn trên trang này.",
        "Nothing was stored; what stands is in `current`.",
    );
    Problem::new(StatusCode::CONFLICT, "changed", title, detail).acted(false).current(current)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Over {
    /// The version that was looked at.
    version: u32,
}

/// Keep something ready no longer
#[utoipa::path(delete, path = "/api/v1/prepared/{id}", operation_id = "dropPrepared", params(
    ("id" = String, Path, description = "Its name.", example = "lu-ong"), Over,
), responses(
    (status = 200, description = "Gone, and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn remove(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    query: Result<Query<Over>, QueryRejection>,
) -> Answer {
    let Query(Over { version }) = query.map_err(|fault| odd_query(&fault))?;
    let name = PreparedId::from(id);
    match order(&shared, by, Act::DropPrepared { prepared: name.clone(), version }).await {
        Err(problem) if problem.code() == "refused" => {
            Err(overtaken(&shared, &name, version.saturating_add(1), problem))
        }
        answer => answer,
    }
}

/// What `POST emergency/prepared` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmergencyPrepared, example = json!({"prepared": "lu-ong", "repeat": 3,
    "targets": {"clusters": ["*"], "boards": ["*"]}, "reason": "nước suối dâng nhanh"}))]
pub(crate) struct Air {
    /// What is kept ready under this name.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    prepared: PreparedId,
    /// Disaster risk level; its own where it is not given.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5)]
    level: Option<u8>,
    /// Where; everywhere where it is not given.
    #[serde(default = "Targets::everything")]
    targets: Targets,
    /// How often it is said.
    #[serde(default = "three")]
    #[schema(minimum = 1, maximum = 10, default = 3)]
    repeat: u16,
    /// Said and shown as a drill: its text, since no recording says that it is one.
    #[serde(default)]
    #[schema(default = false)]
    drill: bool,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

impl Ask for Air {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let Self { prepared, level, targets, repeat, drill, reason } = self;
        known_prepared(&prepared, view)?;
        warning(level.unwrap_or(3), repeat, &targets, view)?;
        Ok(Act::EmergencyPrepared { prepared, level, targets, repeat, drill, reason: why(&reason)? })
    }
}

/// *Phát khẩn cấp* with what is kept ready
#[utoipa::path(post, path = "/api/v1/emergency/prepared", operation_id = "emergencyPrepared", request_body = Air, responses(
    (status = 200, description = "Carried out and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn air(State(shared): Desk, Extension(by): By, Told(ask): Told<Air>) -> Answer {
    order(&shared, by, ask).await
}
