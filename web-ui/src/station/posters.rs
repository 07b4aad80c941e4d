//! *Áp phích QR*: where a citizen's telephone begins; the points are kept in the office's book, and each is an A4 page.

use crate::air::acts::words;
use crate::air::orders::{Done, in_office};
use crate::body::Told;
use crate::described::{NotOrdered, Unavailable};
use crate::entry::guard::Signed;
use crate::page::{escaped, fill};
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::{Extension, Json};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The table: all points, as they were written.
pub(crate) const TABLES: &str = "CREATE TABLE IF NOT EXISTS points (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, body TEXT NOT NULL
)";

const PAGE: &str = include_str!("../../assets/posters.html");

/// Points at most.
const MOST: usize = 200;

/// Where posters hang.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 1, "base": "https://binhminh.example.vn/", "points": [{"id": "nha-van-hoa", "name": "Nhà văn hóa thôn 1"}]}))]
pub(crate) struct Points {
    /// The version that was looked at; the answer says the one that stands then.
    #[serde(default)]
    version: u32,
    /// Address of the citizens' pages, as a telephone outside reaches it; empty: as the box is reached on its own network.
    #[serde(default)]
    #[schema(max_length = 200)]
    base: String,
    /// The points.
    #[schema(max_items = 200)]
    points: Vec<Point>,
}

/// A place where a poster hangs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Point {
    /// Its name in the address: 1 to 32 of `a-z0-9-`.
    #[schema(pattern = "^[a-z0-9-]{1,32}$")]
    id: String,
    /// Its name on the poster.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
}

fn kept(book: &rusqlite::Transaction<'_>) -> rusqlite::Result<Points> {
    let mut found = book.prepare_cached("SELECT version, body FROM points")?;
    let row: Option<(u32, String)> = found.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(row.map_or_else(Points::default, |(version, body)| {
        let points: Points = serde_json::from_str(&body).unwrap_or_default();
        Points { version, ..points }
    }))
}

/// Points where posters hang
#[utoipa::path(get, path = "/api/v1/points", operation_id = "points", responses(
    (status = 200, description = "The points.", body = Points),
    Unavailable,
))]
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<Points>, Problem> {
    shared.desk.office.with(kept).await.map(Json)
}

/// Replace the points
#[utoipa::path(put, path = "/api/v1/points", operation_id = "setPoints", request_body = Points, responses(
    (status = 200, description = "Kept, and noted in the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn replace(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(points): Told<Points>,
) -> Result<Json<Done>, Problem> {
    let points = checked(points)?;
    let (over, count) = (points.version, points.points.len());
    let body = serde_json::to_string(&points).unwrap_or_default();
    let stands = shared.desk.office.with(move |book| {
        let before = kept(book)?;
        if before.version != over {
            return Ok(Some(before));
        }
        book.execute("INSERT OR REPLACE INTO points VALUES (1, ?1, ?2)", rusqlite::params![over + 1, body])?;
        Ok(None)
    });
    if let Some(stands) = stands.await? {
        let title = say("Người khác đã sửa các điểm", "Somebody else has changed the points");
        let detail = say("Chưa lưu gì; những gì anh chị viết vẫn còn trên trang này.", "Nothing was stored.");
        let current = serde_json::to_value(stands).unwrap_or_default();
        return Err(Problem::new(StatusCode::CONFLICT, "changed", title, detail).acted(false).current(current));
    }
    in_office(&shared, &by, format!("points version {}: {count}", over + 1)).await
}

fn checked(points: Points) -> Result<Points, Problem> {
    let wrong = |vi: String, en: String| Problem::wrong(say(vi, en));
    if points.points.len() > MOST {
        return Err(wrong(format!("Nhiều nhất {MOST} điểm."), format!("{MOST} points at most.")));
    }
    let base = words("base", "Địa chỉ trang người dân", &points.base, 0, 200)?;
    let web = base.is_empty()
        || (base.starts_with("http://") || base.starts_with("https://"))
            && !base.contains([' ', '"', '<', '>', '?', '#']);
    if !web {
        return Err(wrong(
            "Địa chỉ trang người dân (base) phải bắt đầu bằng http:// hoặc https://.".to_owned(),
            "base begins with http:// or https://.".to_owned(),
        ));
    }
    let mut seen = std::collections::BTreeSet::new();
    for point in &points.points {
        let plain = (1..=32).contains(&point.id.len())
            && point.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || !seen.insert(point.id.clone()) {
            return Err(wrong(
                format!("Mã điểm \"{}\" phải gồm 1–32 chữ a–z, số, gạch nối, và không trùng.", point.id),
                "id: 1 to 32 of a-z, 0-9, -, and each once.".to_owned(),
            ));
        }
        words("name", "Tên điểm", &point.name, 1, 60)?;
    }
    Ok(Points { base, ..points })
}

/// *Áp phích QR*: one A4 page a point, to be printed
#[utoipa::path(get, path = "/posters", operation_id = "postersPage", responses(
    (status = 200, description = "The page.", body = String, content_type = "text/html"),
    Unavailable,
))]
pub(crate) async fn page(State(shared): State<Arc<Shared>>) -> Result<Html<String>, Problem> {
    let points = shared.desk.office.with(kept).await?;
    let machine = Arc::clone(&shared.desk.machine);
    let found = tokio::task::spawn_blocking(move || machine.state().citizens).await.unwrap_or_default();
    let base = if points.base.is_empty() { found.into_iter().next().unwrap_or_default() } else { points.base.clone() };
    let view = Arc::clone(&shared.desk.view.borrow());
    let sheets: String = points.points.iter().map(|point| sheet(&view.name, &base, point)).collect();
    let none = "<p class=\"none\">Chưa có điểm nào. Hãy thêm ở Cài đặt → Máy và sao lưu → Áp phích QR.</p>";
    let sheets = if sheets.is_empty() { none.to_owned() } else { sheets };
    // The sheets are HTML already, each value in them escaped.
    Ok(Html(fill(PAGE, &[("place", &view.name)]).replace("<!-- sheets -->", &sheets)))
}

fn sheet(place: &str, base: &str, point: &Point) -> String {
    let address = format!("{}/q/{}", base.trim_end_matches('/'), point.id);
    // A quarter of it may be torn or wet.
    let code = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::Q);
    let drawn = code.map(|code| code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(600, 600).build());
    let Ok(drawn) = drawn else { return String::new() };
    let drawn = drawn
        .split_once("<svg")
        .map(|(_, rest)| format!("<svg role=\"img\" aria-label=\"Mã QR\"{rest}"))
        .unwrap_or_default();
    format!(
        "<section><p class=\"place\">{}</p><h1>Nghe lại bản tin.<br>Gửi ý kiến.</h1><div class=\"code\">{drawn}</div>\
         <p class=\"how\">Mở máy ảnh điện thoại, đưa vào mã này.<br>Không cần cài gì, không cần để lại tên.</p>\
         <p class=\"where\"><b>{}</b><br>{}</p></section>\n",
        escaped(place),
        escaped(&point.name),
        escaped(&address),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poster_holds_the_address_and_no_markup_of_others() {
        let point = Point { id: "cho".to_owned(), name: "<b>Chợ".to_owned() };
        let html = sheet("Xã <Bình>", "https://b.vn/", &point);
        assert!(
            html.contains("https://b.vn/q/cho") && html.contains("&lt;b&gt;Chợ") && html.contains("Xã &lt;Bình&gt;")
        );
        assert!(html.contains("<svg role=\"img\""));
    }

    #[test]
    fn what_is_no_point_is_refused() {
        let of = |base: &str, ids: &[&str]| {
            let point = |id: &&str| Point { id: (*id).to_owned(), name: "Chợ".to_owned() };
            checked(Points { version: 0, base: base.to_owned(), points: ids.iter().map(point).collect() }).is_ok()
        };
        assert!(of("", &["cho", "nha-van-hoa-1"]) && of("https://b.vn/x", &[]));
        for (base, ids) in
            [("javascript:1", &["a"][..]), ("https://b.vn/?x", &[]), ("", &["Chợ"]), ("", &["a", "a"]), ("", &[""])]
        {
            assert!(!of(base, ids), "{base} {ids:?}");
        }
    }
}
