//! *Dùng lại*: a new draft that begins with what an item said, its files with it where they are still at the station.

use super::kept::medium;
use super::part;
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::making::drafts::{self, KeptDraft, Rendition, Sheet};
use crate::making::media;
use crate::problem::{Problem, not_found};
use crate::reads::read;
use crate::routes::Shared;
use axum::extract::State;
use axum::{Extension, Json};
use gateway_core::bulletin::Targets;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What `POST library/{id}/reuse` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReuseItem, example = json!({"version": 1}))]
pub(crate) struct Reuse {
    /// Which version of it.
    version: u32,
}

/// A draft that was made of an item.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reused {
    /// Name of the draft.
    id: String,
    /// What could not be taken along: `audio`, `image`, `video` whose file is gone, `relay`, which no draft has.
    missing: Vec<String>,
}

/// *Dùng lại*: begin a draft with what an item says
#[utoipa::path(post, path = "/api/v1/library/{id}/reuse", operation_id = "reuseItem", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = Reuse, responses(
    (status = 200, description = "The draft, noted in the journal.", body = Reused),
    NotOrdered,
))]
pub(crate) async fn reuse(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    Told(Reuse { version }): Told<Reuse>,
) -> Result<Json<Reused>, Problem> {
    let name = id.clone();
    let versions = read(&shared, move |reads| reads.library_item(&name)).await?;
    let Some(one) = versions.into_iter().find(|one| one.row.version == version) else {
        return Err(not_found().await);
    };
    let mut sheet = Sheet { title: one.row.title, field: one.row.field, repeat: 1, ..Sheet::default() };
    sheet.targets = Targets::everything();
    let (mut missing, mut files) = (Vec::new(), Vec::new());
    for part in one.content.iter().filter_map(part) {
        let file = match part.kind {
            "text" | "relay" => None,
            kind => medium(&shared, kind, &part.sha256, &by.name).await?,
        };
        match (part.kind, &file) {
            ("text", _) => rendition(&mut sheet, &part.lang).text = part.text,
            ("audio", Some(file)) => rendition(&mut sheet, &part.lang).audio = Some(file.sha256.clone()),
            ("image", Some(file)) => sheet.picture = Some(file.sha256.clone()),
            ("video", Some(file)) => sheet.film = Some(file.sha256.clone()),
            (kind, _) => missing.push(kind.to_owned()),
        }
        files.extend(file);
    }
    let now = media::now_ms(&shared);
    let noted = shared.desk.office.with(move |book| files.iter().try_for_each(|file| media::insert(book, file, now)));
    noted.await?;
    let KeptDraft { id, .. } = drafts::begun(&shared, &by, sheet, &format!(" with {id} version {version}")).await?;
    Ok(Json(Reused { id, missing }))
}

/// The rendition of a language, begun where there is none.
fn rendition<'s>(sheet: &'s mut Sheet, lang: &str) -> &'s mut Rendition {
    let at = sheet.renditions.iter().position(|r| r.lang == lang).unwrap_or_else(|| {
        sheet.renditions.push(Rendition { lang: lang.to_owned(), ..Rendition::default() });
        sheet.renditions.len() - 1
    });
    &mut sheet.renditions[at]
}
