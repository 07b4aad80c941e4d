//! *Soạn*: bulletins of the commune while they are being made: kept on the box, changed over the version looked at, and
//! handed in for approval through the door of the core.

mod book;
mod sheet;

pub(crate) use book::{TABLES, take_out, untouched};
pub(crate) use sheet::{Rendition, Sheet, made};

use crate::air::acts::{Ask, words};
use crate::air::orders::{Answer, Done, in_office, order};
use crate::air::outlook::ahead;
use crate::body::{Named, Told};
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::making::keeping;
use crate::making::media::{self, Medium};
use crate::problem::{Problem, not_found, say};
use crate::reads::odd_query;
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use book::{Kept, Stored};
use gateway_core::bulletin::Bulletin;
use gateway_core::id::BulletinId;
use gateway_core::input::Act;
use gateway_core::site::OWN;
use gateway_core::view::View;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

type Desk = State<Arc<Shared>>;
type By = Extension<Signed>;

/// A draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Draft {
    /// Its name; that of the bulletin it becomes is `xa-` and this.
    pub(crate) id: String,
    /// Counts its changes.
    pub(crate) version: u32,
    /// What stands in it.
    pub(crate) sheet: Sheet,
    /// Who began it.
    pub(crate) by: String,
    /// Who changed it last.
    pub(crate) changed_by: String,
    /// When, milliseconds since 1970; `null` where the clock was not trusted.
    #[schema(required)]
    pub(crate) changed_ms: Option<i64>,
    /// Languages whose rendition, as it stands, a speaker has vouched for, with his name.
    pub(crate) vouched: BTreeMap<String, String>,
    /// The files it names.
    pub(crate) media: Vec<Medium>,
}

/// One line of the list of drafts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DraftHead {
    /// Its name.
    pub(crate) id: String,
    /// Counts its changes.
    pub(crate) version: u32,
    /// Title.
    pub(crate) title: String,
    /// Who began it.
    pub(crate) by: String,
    /// Who changed it last.
    pub(crate) changed_by: String,
    /// When, milliseconds since 1970; `null` where the clock was not trusted.
    #[schema(required)]
    pub(crate) changed_ms: Option<i64>,
    /// Renditions that somebody still has to vouch for.
    pub(crate) tasks: Vec<Task>,
}

/// A rendition that somebody has to speak, or to vouch for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Task {
    /// Its language.
    pub(crate) lang: String,
    /// Login name of who is to do it.
    #[schema(required)]
    pub(crate) speaker: Option<String>,
    /// Until when, `2026-11-30`.
    #[schema(required)]
    pub(crate) due: Option<String>,
}

/// The drafts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Drafts {
    drafts: Vec<DraftHead>,
}

/// What stands in a draft, and over which version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// The version that was looked at.
    version: u32,
    /// What stands in it now.
    sheet: Sheet,
}

/// A draft that was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptDraft {
    /// Its name.
    pub(crate) id: String,
    /// Its version now.
    version: u32,
}

/// The drafts, changed last first
#[utoipa::path(get, path = "/api/v1/drafts", operation_id = "drafts", responses(
    (status = 200, description = "Them.", body = Drafts), Unavailable))]
pub(crate) async fn list(State(shared): Desk) -> Result<Json<Drafts>, Problem> {
    // What is over and untouched for long need not be looked at for ever; a list without that is a list all the same.
    if let Err(fault) = keeping::sweep(&shared).await {
        log::warn!(code = fault.code(); "the office's book was not looked through for what is to go");
    }
    Ok(Json(Drafts { drafts: shared.desk.office.with(book::list).await? }))
}

/// Begin a draft
#[utoipa::path(post, path = "/api/v1/drafts", operation_id = "beginDraft", request_body = Sheet, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = KeptDraft), NotOrdered))]
pub(crate) async fn begin(
    State(shared): Desk,
    Extension(by): By,
    Told(sheet): Told<Sheet>,
) -> Result<Json<KeptDraft>, Problem> {
    Ok(Json(begun(&shared, &by, sheet, "").await?))
}

/// A draft that begins with this; `from` says in the journal of what, where it was made of something.
pub(crate) async fn begun(shared: &Shared, by: &Signed, sheet: Sheet, from: &str) -> Result<KeptDraft, Problem> {
    sheet.bounds()?;
    let (id, now, name) = (fresh()?, media::now_ms(shared), by.name.clone());
    let new = id.clone();
    let kept = shared.desk.office.with(move |office| book::begin(office, &new, &sheet, &name, now)).await?;
    if !kept {
        return Err(Problem::wrong(say(
            format!("Đã có {} bản thảo: hãy bỏ bớt bản cũ.", book::MOST),
            format!("There are {} drafts already.", book::MOST),
        )));
    }
    let Json(_) = in_office(shared, by, format!("draft {id} begun{from}")).await?;
    Ok(KeptDraft { id, version: 1 })
}

fn fresh() -> Result<String, Problem> {
    let mut bytes = [0_u8; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        let title = say("Máy không tạo được mã", "No name can be made");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_name", title.clone(), title).acted(false)
    })?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// A draft
#[utoipa::path(get, path = "/api/v1/drafts/{id}", operation_id = "draft", params(
    ("id" = String, Path, description = "Its name."),
), responses((status = 200, description = "It.", body = Draft), Unavailable))]
pub(crate) async fn read(State(shared): Desk, Named(id): Named) -> Result<Json<Draft>, Problem> {
    Ok(Json(found(&shared, id).await?))
}

async fn found(shared: &Shared, id: String) -> Result<Draft, Problem> {
    match shared.desk.office.with(move |office| book::find(office, &id)).await? {
        Some(draft) => Ok(draft),
        None => Err(not_found().await),
    }
}

/// Keep what stands in a draft; done while somebody writes, and noted nowhere else
#[utoipa::path(put, path = "/api/v1/drafts/{id}", operation_id = "keepDraft", params(
    ("id" = String, Path, description = "Its name."),
), request_body = Written, responses((status = 200, description = "Kept.", body = KeptDraft), NotOrdered))]
pub(crate) async fn keep(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(written): Told<Written>,
) -> Result<Json<KeptDraft>, Problem> {
    written.sheet.bounds()?;
    let (name, now, draft) = (by.name, media::now_ms(&shared), id.clone());
    let Written { version, sheet } = written;
    let kept = shared.desk.office.with(move |office| book::keep(office, &draft, version, &sheet, &name, now));
    match kept.await? {
        Kept::Stored(Stored { version }) => Ok(Json(KeptDraft { id, version })),
        Kept::Gone => Err(not_found().await),
        Kept::Changed(current) => Err(changed(&current)),
    }
}

fn changed(current: &Draft) -> Problem {
    let title = say(
        format!("{} vừa sửa bản thảo này", current.changed_by),
        format!("{} has just changed this draft", current.changed_by),
    );
    let detail = say(
        "Chưa lưu gì đè lên cả, và những gì anh chị viết vẫn còn trên trang này.",
        "Nothing was stored; what stands is in `current`.",
    );
    let current = serde_json::to_value(current).unwrap_or_default();
    Problem::new(StatusCode::CONFLICT, "changed", title, detail).acted(false).current(current)
}

/// Which version was looked at.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Looked {
    /// The version that was looked at.
    version: u32,
}

/// Throw a draft away; what was handed in of it stays
#[utoipa::path(delete, path = "/api/v1/drafts/{id}", operation_id = "dropDraft", params(
    ("id" = String, Path, description = "Its name."), Looked,
), responses((status = 200, description = "Gone, and noted in the journal.", body = Done), NotOrdered))]
pub(crate) async fn remove(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    looked: Result<Query<Looked>, QueryRejection>,
) -> Answer {
    let Query(Looked { version }) = looked.map_err(|fault| odd_query(&fault))?;
    let draft = id.clone();
    match shared.desk.office.with(move |office| book::remove(office, &draft, version)).await? {
        Kept::Stored(_) => in_office(&shared, &by, format!("draft {id} thrown away")).await,
        Kept::Gone => Err(not_found().await),
        Kept::Changed(current) => Err(changed(&current)),
    }
}

/// What a speaker vouches for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 4, "lang": "km"}))]
pub(crate) struct Vouch {
    /// The version of the draft that was looked at.
    version: u32,
    /// The language of the rendition.
    #[schema(min_length = 2, max_length = 12)]
    lang: String,
}

/// *Người đọc duyệt*: a speaker vouches for a rendition as it stands; a change of it wants his word again
#[utoipa::path(post, path = "/api/v1/drafts/{id}/vouch", operation_id = "vouchForRendition", params(
    ("id" = String, Path, description = "Its name."),
), request_body = Vouch, responses((status = 200, description = "Noted in the journal.", body = Done), NotOrdered))]
pub(crate) async fn vouch(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(vouch): Told<Vouch>,
) -> Answer {
    let draft = found(&shared, id.clone()).await?;
    if draft.version != vouch.version {
        return Err(changed(&draft));
    }
    let lang = words("lang", "Ngôn ngữ", &vouch.lang, 2, 12)?;
    let Some(rendition) = draft.sheet.renditions.iter().find(|r| r.lang == lang) else { return Err(not_found().await) };
    if rendition.speaker.as_deref().is_some_and(|speaker| !speaker.is_empty() && speaker != by.name) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "another_speaker",
            say("Phần này giao cho người khác đọc", "This rendition is another speaker's"),
            say(
                "Hãy nhờ đúng người được giao duyệt, hoặc giao lại trong bản thảo.",
                "Let the speaker vouch who was asked, or ask another in the draft.",
            ),
        )
        .acted(false));
    }
    let (digest, name, draft, of) = (rendition.digest(), by.name.clone(), id.clone(), lang.clone());
    shared.desk.office.with(move |office| book::vouch(office, &draft, &of, &digest, &name)).await?;
    in_office(&shared, &by, format!("draft {id}: rendition {lang} vouched for")).await
}

/// What is handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 4}))]
pub(crate) struct HandIn {
    /// The version of the draft that was looked at.
    version: u32,
    /// Languages that are not ready and are left out.
    #[serde(default)]
    without: Vec<String>,
}

/// Handing a bulletin in.
struct Submitted {
    bulletin: Bulletin,
    role: &'static str,
}

impl Ask for Submitted {
    fn act(self, view: &View) -> Result<Act, Problem> {
        sheet::somewhere(&self.bulletin.targets, view)?;
        Ok(Act::Submit { bulletin: Box::new(self.bulletin), role: self.role.to_owned() })
    }
}

/// *Gửi duyệt*: hand what stands in a draft in, to be approved
///
/// Where the site's rule wants nobody's word it is approved at once. Handed in again, it takes the place of what was handed
/// in before, and waits for approval anew.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/submit", operation_id = "submitDraft", params(
    ("id" = String, Path, description = "Its name."),
), request_body = HandIn, responses(
    (status = 200, description = "Handed in and committed to the journal.", body = Done), NotOrdered))]
pub(crate) async fn submit(
    State(shared): Desk,
    Extension(by): By,
    Named(id): Named,
    Told(hand_in): Told<HandIn>,
) -> Answer {
    let draft = found(&shared, id).await?;
    if draft.version != hand_in.version {
        return Err(changed(&draft));
    }
    let mut bulletin = made(&draft, &hand_in.without)?;
    let known = ahead(&shared).await?;
    let known = known.bulletin(&bulletin.bulletin_id).map_or(0, |s| s.bulletin.version);
    bulletin.version = known.saturating_add(1);
    bulletin.issuer.name.clone_from(&shared.desk.view.borrow().name);
    let role = by.role.as_str();
    let (name, title) = (bulletin.bulletin_id.to_string(), bulletin.title.clone());
    let files: Vec<String> = bulletin.media().map(|m| m.sha256.to_string()).collect();
    let done = order(&shared, by, Submitted { bulletin, role }).await?;
    // From now on the library holds them, whatever becomes of the draft.
    let now = media::now_ms(&shared);
    let shelved = shared.desk.office.with(move |office| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        keeping::shelve(office, &name, &title, &files, now)
    });
    shelved.await.map_err(|problem| problem.acted(true))?;
    Ok(done)
}

/// The bulletin that a draft becomes.
pub(crate) fn bulletin_id(draft: &str) -> BulletinId {
    BulletinId::from(format!("{OWN}{draft}"))
}
