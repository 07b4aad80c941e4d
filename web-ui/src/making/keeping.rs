//! What the office keeps for how long: files of the library, items kept for good, drafts that are over; and what goes next.

use crate::air::orders::by_itself;
use crate::described::Unavailable;
use crate::making::drafts;
use crate::making::media::{self, now_ms};
use crate::office::Keep;
use crate::problem::Problem;
use crate::reads;
use crate::routes::Shared;
use axum::Json;
use axum::extract::State;
use gateway_core::time::Wall;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// The table: items of the library whose files the office holds, since when, and who keeps them for good.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS library_item (
    bulletin TEXT PRIMARY KEY, title TEXT NOT NULL, bytes INTEGER NOT NULL, since INTEGER, kept_by TEXT
) WITHOUT ROWID";

/// A day, milliseconds.
const DAY_MS: i64 = 86_400_000;
/// It is looked through so often at most, when somebody looks at what is in it.
const SWEPT: Duration = Duration::from_secs(3600);
/// Drafts that go in one sweep.
const DRAFTS: usize = 20;
/// Lines of each list of the page.
const LINES: usize = 20;

/// Who needs the files of an item.
fn user(bulletin: &str) -> String {
    format!("library/{bulletin}")
}

/// The library holds the files of an item from now on; what is kept for good stays so.
pub(crate) fn shelve(
    book: &Transaction<'_>,
    bulletin: &str,
    title: &str,
    files: &[&str],
    now: Option<i64>,
) -> rusqlite::Result<()> {
    let mut bytes = 0;
    for sha256 in files {
        bytes += media::find(book, sha256)?.map_or(0, |medium| medium.bytes);
    }
    media::needs(book, &user(bulletin), files)?;
    book.execute(
        "INSERT INTO library_item VALUES (?1, ?2, ?3, ?4, NULL)
            ON CONFLICT (bulletin) DO UPDATE SET title = ?2, bytes = ?3, since = ?4",
        params![bulletin, title, bytes, now],
    )?;
    Ok(())
}

/// Somebody keeps an item for good; `None`: nobody does any more, and its time begins.
pub(crate) fn keep_for_good(
    book: &Transaction<'_>,
    bulletin: &str,
    by: Option<&str>,
    now: Option<i64>,
) -> rusqlite::Result<()> {
    let change = "UPDATE library_item SET kept_by = ?2, since = ?3 WHERE bulletin = ?1";
    book.execute(change, params![bulletin, by, now]).map(|_| ())
}

/// What is kept for good in all, without one item, bytes.
pub(crate) fn kept_bytes(book: &Transaction<'_>, without: &str) -> rusqlite::Result<u64> {
    let sum = "SELECT coalesce(sum(bytes), 0) FROM library_item WHERE kept_by IS NOT NULL AND bulletin <> ?1";
    book.query_row(sum, [without], |row| row.get(0))
}

/// How long an item stays.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Stay {
    /// Login name of who keeps it for good.
    #[schema(required)]
    pub(crate) kept_by: Option<String>,
    /// Until when its files are held, RFC 3339; `null`: no day is set, they go when the cache is full and nothing needs them.
    #[schema(required)]
    pub(crate) until: Option<String>,
}

/// How long an item stays.
pub(crate) fn stay(book: &Transaction<'_>, bulletin: &str, keep: Keep) -> rusqlite::Result<Stay> {
    let asked = "SELECT since, kept_by FROM library_item WHERE bulletin = ?1";
    let row = book.query_row(asked, [bulletin], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?)));
    let Some((since, kept_by)) = row.optional()? else { return Ok(Stay::default()) };
    let kept_by: Option<String> = kept_by;
    let until = since.filter(|_| kept_by.is_none()).map(|since| day(since + length(keep)));
    Ok(Stay { kept_by, until })
}

fn length(keep: Keep) -> i64 {
    i64::from(keep.library_days) * DAY_MS
}

fn day(ms: i64) -> String {
    Wall(ms).rfc3339()
}

/// Items whose time has come: their files are needed no longer. Without a trusted clock nothing grows old.
fn expire(book: &Transaction<'_>, now: Option<i64>, keep: Keep) -> rusqlite::Result<()> {
    let Some(now) = now else { return Ok(()) };
    book.execute("UPDATE library_item SET since = ?1 WHERE since IS NULL", [now])?;
    let mut old = book.prepare_cached("SELECT bulletin FROM library_item WHERE kept_by IS NULL AND since < ?1")?;
    let old: Vec<String> = old.query_map([now - length(keep)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for bulletin in old {
        media::needs(book, &user(&bulletin), &[])?;
        book.execute("DELETE FROM library_item WHERE bulletin = ?1", [&bulletin])?;
    }
    Ok(())
}

/// Looks through the book for what is to go: hourly at most, when somebody looks at what is in it.
pub(crate) async fn sweep(shared: &Arc<Shared>) -> Result<(), Problem> {
    {
        let mut swept = shared.desk.office.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_some_and(|at| at.elapsed() < SWEPT) {
            return Ok(());
        }
        *swept = Some(Instant::now());
    }
    let (now, keep) = (now_ms(shared), shared.desk.office.keep());
    prune(shared, now, keep).await?;
    let stale = shared.desk.office.with(move |book| {
        expire(book, now, keep)?;
        media::stale(book, now)
    });
    media::let_go(shared, stale.await?).await
}

/// Takes out the drafts whose bulletins are over, a while after somebody touched them last. What was handed in of them stays in
/// the library, and each is noted in the journal.
async fn prune(shared: &Arc<Shared>, now: Option<i64>, keep: Keep) -> Result<(), Problem> {
    let Some(before) = now.map(|now| now - i64::from(keep.drafts_days) * DAY_MS) else { return Ok(()) };
    let old = shared.desk.office.with(move |book| drafts::untouched(book, before)).await?;
    let names: Vec<String> = old.iter().map(|id| drafts::bulletin_id(id).to_string()).collect();
    let over = reads::read(shared, move |reads| {
        // What was never handed in is nobody's to throw away but its writer's.
        let over = |name: &String| Ok(reads.library_item(name)?.first().is_some_and(|v| is_over(&v.row.state)));
        names.iter().map(over).collect::<Result<Vec<bool>, _>>()
    });
    let over = over.await?;
    for id in old.into_iter().zip(over).filter(|(_, over)| *over).map(|(id, _)| id).take(DRAFTS) {
        let draft = id.clone();
        shared.desk.office.with(move |book| drafts::take_out(book, &draft)).await?;
        let Json(_) = by_itself(shared, format!("draft {id} taken out: its bulletin is over")).await?;
    }
    Ok(())
}

/// Nothing more comes of a bulletin in this state; empty: the station no longer follows it.
fn is_over(state: &str) -> bool {
    matches!(state, "" | "done" | "partial" | "failed" | "rejected" | "expired" | "recalled")
}

/// Something that goes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Going {
    /// Identity of the bulletin; empty where none names it.
    bulletin: String,
    /// Its title; of a file that none names what it is: `audio`, `image` or `video`.
    title: String,
    /// Who brought the file, where that is known.
    by: String,
    /// Size, bytes.
    bytes: u64,
    /// On which day, RFC 3339; `null`: when the cache is full.
    #[schema(required)]
    goes: Option<String>,
}

/// Something kept for good.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptForGood {
    /// Identity of the bulletin.
    bulletin: String,
    /// Its title.
    title: String,
    /// Login name of who keeps it.
    by: String,
    /// Size of its files, bytes.
    bytes: u64,
}

/// What goes next, and when.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keeping {
    /// How much the cache may hold of what nobody needs, bytes.
    room: u64,
    /// How much it holds, bytes.
    used: u64,
    /// Days that files of a bulletin of the commune are held after it was handed in.
    library_days: u32,
    /// Days that a draft is kept after its bulletin is over.
    drafts_days: u32,
    /// Files of the commune's bulletins, in the order in which they go; 20 at most.
    items: Vec<Going>,
    /// Files that were brought and nothing names, in the order in which they go; 20 at most.
    unused: Vec<Going>,
    /// Files of the cache that nothing needs, in the order in which they go when it is full; 20 at most.
    cache: Vec<Going>,
    /// What is kept for good.
    kept: Vec<KeptForGood>,
}

/// What the library lets go of next, and when
#[utoipa::path(get, path = "/api/v1/keeping", operation_id = "keeping", responses(
    (status = 200, description = "What goes, and what is kept for good.", body = Keeping), Unavailable))]
pub(crate) async fn read(State(shared): State<Arc<Shared>>) -> Result<Json<Keeping>, Problem> {
    sweep(&shared).await?;
    let keep = shared.desk.office.keep();
    let (items, kept, unused) = shared.desk.office.with(move |book| lists(book, keep)).await?;
    let shelf = Arc::clone(&shared.desk.media);
    let (room, used, cache) = reads::read(&shared, move |reads| {
        let idle = shelf.idle();
        let going = |(sha256, bytes, _): (String, u64, i64)| {
            let (bulletin, title) = reads.library_naming(&sha256)?.unwrap_or_default();
            Ok(Going { bulletin, title, by: String::new(), bytes, goes: None })
        };
        let files = idle.files.into_iter().take(LINES).map(going).collect::<Result<Vec<_>, reads::ReadFault>>()?;
        Ok((idle.room, idle.used, files))
    })
    .await?;
    let Keep { drafts_days, library_days } = keep;
    Ok(Json(Keeping { room, used, library_days, drafts_days, items, unused, cache, kept }))
}

type Lists = (Vec<Going>, Vec<KeptForGood>, Vec<Going>);

fn lists(book: &Transaction<'_>, keep: Keep) -> rusqlite::Result<Lists> {
    let mut all = book.prepare_cached(
        "SELECT bulletin, title, bytes, since, kept_by FROM library_item WHERE bytes > 0 ORDER BY since, bulletin",
    )?;
    let rows = all.query_map([], |row| {
        let (bulletin, title, bytes): (String, String, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((bulletin, title, bytes, row.get::<_, Option<i64>>(3)?, row.get::<_, Option<String>>(4)?))
    })?;
    let (mut items, mut kept) = (Vec::new(), Vec::new());
    for row in rows {
        let (bulletin, title, bytes, since, by) = row?;
        match by {
            Some(by) => kept.push(KeptForGood { bulletin, title, by, bytes }),
            None if items.len() < LINES => {
                let goes = since.map(|since| day(since + length(keep)));
                items.push(Going { bulletin, title, by: String::new(), bytes, goes });
            }
            None => {}
        }
    }
    Ok((items, kept, media::unused(book, LINES)?.into_iter().map(Going::from).collect()))
}

impl From<media::Unused> for Going {
    fn from(media::Unused { kind, by, bytes, goes_ms }: media::Unused) -> Self {
        Self { bulletin: String::new(), title: kind, by, bytes, goes: goes_ms.map(day) }
    }
}
