//! An item of the library kept for good: its files are held whatever the cache has room for.

use super::part;
use crate::air::orders::{Answer, in_office};
use crate::body::{Named, Told};
use crate::described::NotOrdered;
use crate::entry::guard::Signed;
use crate::making::keeping;
use crate::making::media::{self, MediaKind, MediaTaken, Medium};
use crate::problem::{Problem, not_found, say};
use crate::reads::{self, read};
use crate::routes::Shared;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use gateway_core::bulletin::Content;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What `POST library/{id}/keep` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeepItem, example = json!({"kept": true}))]
pub(crate) struct Keep {
    /// It is kept for good; `false`: no longer, and its time begins.
    kept: bool,
}

/// *Giữ lâu dài*: keep the files of an item for good, or no longer
#[utoipa::path(post, path = "/api/v1/library/{id}/keep", operation_id = "keepItem", params(
    ("id" = String, Path, description = "Identity of the bulletin."),
), request_body = Keep, responses(
    (status = 200, description = "Kept or let go, and noted in the journal.", body = crate::air::orders::Done),
    NotOrdered,
))]
pub(crate) async fn keep(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    Told(Keep { kept }): Told<Keep>,
) -> Answer {
    let name = id.clone();
    let Some(newest) = read(&shared, move |reads| reads.library_item(&name)).await?.into_iter().next() else {
        return Err(not_found().await);
    };
    let (bulletin, now, who) = (id.clone(), media::now_ms(&shared), by.name.clone());
    if !kept {
        shared.desk.office.with(move |book| keeping::keep_for_good(book, &bulletin, None, now)).await?;
        return in_office(&shared, &by, format!("library item {id} kept for good no longer")).await;
    }
    let files = held(&shared, &newest.content, &by.name).await?;
    let shelf = Arc::clone(&shared.desk.media);
    let room = reads::ask(&shared, move || Ok(shelf.idle().room)).await?;
    let title = newest.row.title;
    let fits = shared.desk.office.with(move |book| {
        let bytes: u64 = files.iter().map(|medium| medium.bytes).sum();
        if bytes > 0 && keeping::kept_bytes(book, &bulletin)? + bytes > room {
            return Ok(false);
        }
        for medium in &files {
            media::insert(book, medium, now)?;
        }
        let names: Vec<&str> = files.iter().map(|medium| medium.sha256.as_str()).collect();
        keeping::shelve(book, &bulletin, &title, &names, now)?;
        keeping::keep_for_good(book, &bulletin, Some(&who), now)?;
        Ok(true)
    });
    if fits.await? {
        return in_office(&shared, &by, format!("library item {id} kept for good")).await;
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "no_room",
        say("Không còn chỗ để giữ lâu dài", "There is no room to keep it for good"),
        say(
            "Các mục đang giữ lâu dài đã đầy phần bộ nhớ cho nội dung. Hãy thôi giữ bớt mục cũ ở trang Kho, phần Lưu giữ.",
            "What is kept for good fills the share of the cache. Let go of an older item first.",
        ),
    )
    .acted(false))
}

/// The files of an item, held for the office, as its book knows them.
///
/// # Errors
/// Where one of them is not at the station any more.
async fn held(shared: &Arc<Shared>, content: &[Content], by: &str) -> Result<Vec<Medium>, Problem> {
    let mut files = Vec::new();
    for part in content.iter().filter_map(part).filter(|part| !part.sha256.is_empty()) {
        match medium(shared, part.kind, &part.sha256, by).await? {
            Some(file) => files.push(file),
            None => {
                let title = say("Tệp này không còn ở trạm", "A file of it is not at the station any more");
                let detail = say("Không giữ được mục này nữa. Lời viết vẫn còn.", "Its words are still there.");
                return Err(Problem::new(StatusCode::CONFLICT, "file_gone", title, detail).acted(false));
            }
        }
    }
    Ok(files)
}

/// A file of an item as the office's book knows it: taken in here, or taken over from what the hub sent; `None`: it is gone.
pub(super) async fn medium(
    shared: &Arc<Shared>,
    kind: &str,
    sha256: &str,
    by: &str,
) -> Result<Option<Medium>, Problem> {
    let (shelf, name) = (Arc::clone(&shared.desk.media), sha256.to_owned());
    let Some(taken) = reads::ask(shared, move || shelf.hold(&name)).await? else { return Ok(None) };
    if let Some(known) = media::known(&shared.desk.office, sha256).await? {
        return Ok(Some(known));
    }
    let MediaTaken { sha256, kind: found, mime, bytes, duration_ms, pixels, peaks } = taken;
    // Sound may come in a film's container; the bulletin says which it is.
    let (kind, mime) = match kind {
        "audio" => (MediaKind::Audio, mime.replace("video/", "audio/")),
        "video" => (MediaKind::Video, mime.to_owned()),
        _ => (found, mime.to_owned()),
    };
    let (width, height) = (pixels.map(|p| p.0), pixels.map(|p| p.1));
    Ok(Some(Medium { sha256, kind, mime, bytes, duration_ms, width, height, peaks, by: by.to_owned() }))
}
