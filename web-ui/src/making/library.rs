//! *Kho nội dung*: everything that was made or received, searched without diacritics, with its versions; and offers to the province.

pub(crate) mod again;
pub(crate) mod kept;

use crate::air::acts::words;
use crate::air::orders::{Answer, Done, order};
use crate::body::{Named, Told};
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::making::keeping::{self, Stay};
use crate::problem::{Problem, not_found, say};
use crate::reads::{self, limit, odd_query, read};
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use gateway_core::bulletin::Content;
use gateway_core::id::BulletinId;
use gateway_core::input::Act;
use gateway_core::paper::{Contribution, Taken};
use gateway_core::time::Wall;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

type Desk = State<Arc<Shared>>;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct LibraryAsk {
    /// Words that must all be in title, text, issuer or field; diacritics and case do not count.
    pub words: Vec<String>,
    /// `audio`, `text`, `image`, `video` or `relay`.
    pub kind: Option<String>,
    /// Field code.
    pub field: Option<String>,
    /// `hub`, `desk`, `drill` or `correction`.
    pub origin: Option<String>,
    /// Came at this moment or later, milliseconds since 1970.
    pub from_ms: i64,
    /// Came at this moment or earlier.
    pub to_ms: i64,
    /// Only those whose entry has a smaller number.
    pub before: Option<u64>,
    /// At most.
    pub limit: usize,
}

/// An item of the library in its newest version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LibraryRow {
    /// Number of the journal entry it came with.
    pub seq: u64,
    /// Identity of the bulletin.
    pub id: BulletinId,
    /// Its newest version.
    pub version: u32,
    /// Versions that came.
    pub versions: u32,
    /// When it came, RFC 3339 with +07:00.
    pub at: String,
    /// Title.
    pub title: String,
    /// *Lĩnh vực*.
    pub field: String,
    /// Who issued it.
    pub issuer: String,
    /// `ordinary`, `priority` or `emergency`.
    pub priority: String,
    /// `hub`, `desk`, `drill` or `correction`.
    pub origin: String,
    /// A drill.
    pub drill: bool,
    /// What it is made of: `audio`, `text`, `image`, `video`, `relay`.
    pub kinds: Vec<String>,
    /// Its Vietnamese text; empty where it has none.
    pub text: String,
    /// Where it stands; empty where the station no longer follows it.
    pub state: String,
}

/// One version of an item, whole.
#[derive(Clone, Debug)]
pub struct LibraryVersion {
    /// Its row.
    pub row: LibraryRow,
    /// What it is made of.
    pub content: Vec<Content>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LibraryQuery {
    /// Words; diacritics and case do not count.
    #[serde(default)]
    #[param(max_length = 200, example = "tiem chung")]
    q: String,
    /// What it is made of.
    #[param(pattern = "^(audio|text|image|video|relay)$")]
    kind: Option<String>,
    /// *Lĩnh vực*.
    field: Option<String>,
    /// Where it came from.
    #[param(pattern = "^(hub|desk|drill|correction)$")]
    origin: Option<String>,
    /// First day, `2026-11-01`.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Only items whose entry has a smaller number: the next page.
    before: Option<u64>,
    /// Longest page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<usize>,
}

/// A page of the library.
#[derive(Serialize, ToSchema)]
pub(crate) struct LibraryPage {
    items: Vec<LibraryRow>,
    /// `before` of the next page; `null` on the last.
    #[schema(required)]
    next_before: Option<u64>,
}

fn one_of(value: Option<String>, known: &[&str], name: &str) -> Result<Option<String>, Problem> {
    match value {
        Some(word) if !known.contains(&word.as_str()) => Err(Problem::wrong(say(
            format!("{name} phải là một trong: {}.", known.join(", ")),
            format!("{name} is one of {}.", known.join(", ")),
        ))),
        value => Ok(value),
    }
}

fn edge(day: Option<&str>, time: &str, none: i64) -> Result<i64, Problem> {
    let Some(day) = day else { return Ok(none) };
    let whole = Wall::parse(&format!("{day}T{time}+07:00")).filter(|_| day.len() == 10);
    whole.map(|wall| wall.0).ok_or_else(|| {
        Problem::wrong(say("Ngày (from, to) viết như 2026-11-22.", "from and to are days such as 2026-11-22."))
    })
}

/// *Kho nội dung*: what was made or received, newest first
#[utoipa::path(get, path = "/api/v1/library", operation_id = "library", params(LibraryQuery), responses(
    (status = 200, description = "A page of it.", body = LibraryPage),
    Unavailable,
))]
pub(crate) async fn list(
    State(shared): Desk,
    query: Result<Query<LibraryQuery>, QueryRejection>,
) -> Result<Json<LibraryPage>, Problem> {
    let Query(query) = query.map_err(|fault| odd_query(&fault))?;
    let most = limit(query.limit, 50)?;
    let sought = words("q", "Từ cần tìm", &query.q, 0, 200)?;
    let asked = LibraryAsk {
        words: sought.split_whitespace().take(10).map(str::to_owned).collect(),
        kind: one_of(query.kind, &["audio", "text", "image", "video", "relay"], "kind")?,
        field: query.field.filter(|f| !f.is_empty()),
        origin: one_of(query.origin, &["hub", "desk", "drill", "correction"], "origin")?,
        from_ms: edge(query.from.as_deref(), "00:00:00", 0)?,
        to_ms: edge(query.to.as_deref(), "23:59:59.999", i64::MAX)?,
        before: query.before,
        limit: most,
    };
    let items = read(&shared, move |reads| reads.library(&asked)).await?;
    let next_before = items.last().map(|row| row.seq).filter(|_| items.len() >= most);
    Ok(Json(LibraryPage { items, next_before }))
}

/// A part of an item.
#[derive(Serialize, ToSchema)]
#[schema(as = LibraryPart)]
pub(crate) struct Part {
    /// `audio`, `text`, `image`, `video` or `relay`.
    kind: &'static str,
    /// BCP 47 language; empty where there is none.
    lang: String,
    /// The words of a text.
    text: String,
    /// SHA-256 of a file; empty where there is none.
    sha256: String,
    /// Length of sound, seconds.
    #[schema(required)]
    duration_s: Option<f64>,
    /// The file is in the cache and can be heard or seen.
    here: bool,
}

/// One version of an item.
#[derive(Serialize, ToSchema)]
#[schema(as = LibraryVersion)]
pub(crate) struct Version {
    item: LibraryRow,
    parts: Vec<Part>,
}

/// What was offered to the province of it.
#[derive(Serialize, ToSchema)]
#[schema(as = LibraryOffer)]
pub(crate) struct Offered {
    /// Identity of the offer.
    id: String,
    /// Which version.
    version: u32,
    /// Login name.
    by: String,
    /// When, RFC 3339.
    #[schema(required)]
    at: Option<String>,
    /// Words beside it.
    note: String,
    /// What the province answered; `null` until it does.
    #[schema(required)]
    result: Option<Taken>,
    /// Its words.
    answer: String,
}

fn offered(offer: &Contribution) -> Offered {
    Offered {
        id: offer.id.clone(),
        version: offer.version,
        by: offer.by.clone(),
        at: offer.at.map(Wall::rfc3339),
        note: offer.note.clone(),
        result: offer.answer.as_ref().map(|a| a.result),
        answer: offer.answer.as_ref().map(|a| a.text.clone()).unwrap_or_default(),
    }
}

/// An item with all its versions.
#[derive(Serialize, ToSchema)]
#[schema(as = LibraryItem)]
pub(crate) struct Item {
    /// Newest first.
    versions: Vec<Version>,
    /// What was offered to the province, newest first.
    offers: Vec<Offered>,
    /// How long its files stay.
    stay: Stay,
}

fn part(content: &Content) -> Option<Part> {
    let blank = |kind, lang: &str| Part {
        kind,
        lang: lang.to_owned(),
        text: String::new(),
        sha256: String::new(),
        duration_s: None,
        here: false,
    };
    match content {
        Content::Audio { lang, media } => {
            let sha256 = media.sha256.to_string();
            Some(Part { sha256, duration_s: media.duration_s, ..blank("audio", lang) })
        }
        Content::Text { lang, text } => Some(Part { text: text.clone(), here: true, ..blank("text", lang) }),
        Content::Relay { lang, input, .. } => Some(Part { text: input.to_string(), ..blank("relay", lang) }),
        Content::Image { media: Some(media) } => Some(Part { sha256: media.sha256.to_string(), ..blank("image", "") }),
        Content::Video { media: Some(media) } => Some(Part { sha256: media.sha256.to_string(), ..blank("video", "") }),
        Content::Image { media: None } | Content::Video { media: None } | Content::Other => None,
    }
}

/// An item of the library with all its versions
#[utoipa::path(get, path = "/api/v1/library/{id}", operation_id = "libraryItem", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), responses(
    (status = 200, description = "It.", body = Item),
    Unavailable,
))]
pub(crate) async fn item(State(shared): Desk, Named(id): Named) -> Result<Json<Item>, Problem> {
    let (view, name) = (Arc::clone(&shared.desk.view.borrow()), id.clone());
    let versions = read(&shared, move |reads| reads.library_item(&name)).await?;
    if versions.is_empty() {
        return Err(not_found().await);
    }
    let shelf = Arc::clone(&shared.desk.media);
    let versions = reads::ask(&shared, move || {
        let version = |LibraryVersion { row, content }: LibraryVersion| {
            let mut parts: Vec<Part> = content.iter().filter_map(part).collect();
            for part in parts.iter_mut().filter(|p| !p.sha256.is_empty()) {
                part.here = shelf.open(&part.sha256)?.is_some();
            }
            Ok(Version { item: row, parts })
        };
        versions.into_iter().map(version).collect::<Result<Vec<_>, _>>()
    });
    let versions = versions.await?;
    let offers = view.offers.iter().filter(|o| o.bulletin.as_str() == id).map(offered).collect();
    let keep = shared.desk.office.keep();
    let stay = shared.desk.office.with(move |book| keeping::stay(book, &id, keep)).await?;
    Ok(Json(Item { versions, offers, stay }))
}

/// What `POST library/{id}/offer` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Offer, example = json!({"note": "Bài về hợp tác xã trồng mãng cầu"}))]
pub(crate) struct Offer {
    /// Words beside it.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

/// *Gửi lên tỉnh*: offer an item of the commune to the province
#[utoipa::path(post, path = "/api/v1/library/{id}/offer", operation_id = "offerItem", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = Offer, responses(
    (status = 200, description = "On its way up, and in the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn offer(
    State(shared): Desk,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    Told(Offer { note }): Told<Offer>,
) -> Answer {
    let note = words("note", "Lời nhắn", &note, 0, 1000)?;
    order(&shared, by, Act::Offer { bulletin: BulletinId::from(id), note }).await
}
