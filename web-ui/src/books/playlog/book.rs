//! The broadcasting journal as a paper: all its columns for a spreadsheet, those of the book of the law for the page that is signed.

use super::Play;
use crate::books::paper::{Cell, Paper, Table, day_vi};
use gateway_core::view::View;

/// Heads of the columns of a spreadsheet, and their widths in characters.
const WHOLE: [(&str, f64); 17] = [
    ("STT", 6.0),
    ("Ngày", 12.0),
    ("Bắt đầu", 10.0),
    ("Kết thúc", 10.0),
    ("Nội dung", 48.0),
    ("Lĩnh vực", 14.0),
    ("Nguồn", 22.0),
    ("Mức ưu tiên", 14.0),
    ("Cụm loa", 16.0),
    ("Đường phát", 12.0),
    ("Yêu cầu (giây)", 14.0),
    ("Thực phát (giây)", 15.0),
    ("Kết quả", 14.0),
    ("Người soạn", 14.0),
    ("Người duyệt", 14.0),
    ("Người phát", 14.0),
    ("Sự cố, ngắt quãng", 24.0),
];

/// Those of the page that is signed.
const SIGNED: [(&str, f64); 12] = [
    ("STT", 5.0),
    ("Ngày", 13.0),
    ("Giờ", 11.0),
    ("Nội dung", 36.0),
    ("Nguồn / người soạn", 17.0),
    ("Người duyệt", 11.0),
    ("Người phát", 11.0),
    ("Cụm loa", 14.0),
    ("Yêu cầu (giây)", 9.0),
    ("Thực phát (giây)", 9.5),
    ("Kết quả", 11.0),
    ("Sự cố, ngắt quãng", 16.0),
];

/// The journal of a window; `signed` as the book, else whole.
pub(super) fn paper(plays: &[Play], view: &View, about: String, signed: bool) -> Paper {
    let name = |id: &str| {
        let found = view.clusters.iter().find(|c| c.id.as_str() == id).map(|c| c.name.as_str());
        found.filter(|name| !name.is_empty()).unwrap_or(id).to_owned()
    };
    let rows = (1..)
        .zip(plays)
        .map(|(number, play)| if signed { brief(number, play, &name) } else { whole(number, play, &name) });
    let columns = if signed { SIGNED.to_vec() } else { WHOLE.to_vec() };
    Paper {
        title: "Nhật ký phát thanh".to_owned(),
        place: view.name.clone(),
        about,
        tables: vec![Table { title: "Nhật ký phát thanh".to_owned(), columns, rows: rows.collect() }],
        signs: vec!["NGƯỜI GHI NHẬT KÝ", "LÃNH ĐẠO DUYỆT"],
        wide: true,
    }
}

fn hour(at: Option<&str>) -> &str {
    at.and_then(|at| at.get(11..19)).unwrap_or("")
}

fn title(play: &Play) -> String {
    let title = if play.title.is_empty() { play.bulletin.as_str() } else { play.title.as_str() };
    if play.drill { format!("DIỄN TẬP: {title}") } else { title.to_owned() }
}

/// From whom it is: its issuer, and who wrote it where that was at the desk.
fn source(play: &Play) -> String {
    let of = [Some(play.issuer.as_str()), play.author.as_deref()];
    of.into_iter().flatten().filter(|who| !who.is_empty()).collect::<Vec<_>>().join(" / ")
}

fn day(play: &Play) -> String {
    day_vi(play.start.as_deref().or(play.end.as_deref()).unwrap_or(&play.at))
}

fn whole(number: u64, play: &Play, name: &dyn Fn(&str) -> String) -> Vec<Cell> {
    vec![
        Cell::count(number),
        Cell::text(day(play)),
        Cell::text(hour(play.start.as_deref())),
        Cell::text(hour(play.end.as_deref())),
        Cell::text(title(play)),
        Cell::text(&play.field),
        Cell::text(&play.issuer),
        Cell::text(priority(play.priority.as_deref())),
        Cell::text(name(&play.cluster)),
        Cell::text(path(&play.path)),
        Cell::Number(play.requested_s, 1),
        Cell::Number(play.actual_s, 1),
        Cell::text(result(&play.result)),
        Cell::text(play.author.clone().unwrap_or_default()),
        Cell::text(play.approver.clone().unwrap_or_default()),
        Cell::text(play.operator.clone().unwrap_or_default()),
        Cell::text(play.interrupted_by.as_deref().map_or("", interrupted)),
    ]
}

fn brief(number: u64, play: &Play, name: &dyn Fn(&str) -> String) -> Vec<Cell> {
    let hours = format!("{} – {}", hour(play.start.as_deref()), hour(play.end.as_deref()));
    let clock = if play.trusted { "" } else { "đồng hồ chưa tin cậy" };
    let trouble = [play.interrupted_by.as_deref().map_or("", interrupted), clock];
    let trouble = trouble.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ");
    vec![
        Cell::count(number),
        Cell::text(day(play)),
        Cell::text(hours),
        Cell::text(title(play)),
        Cell::text(source(play)),
        Cell::text(play.approver.clone().unwrap_or_default()),
        Cell::text(play.operator.clone().unwrap_or_default()),
        Cell::text(name(&play.cluster)),
        Cell::Number(play.requested_s, 1),
        Cell::Number(play.actual_s, 1),
        Cell::text(result(&play.result)),
        Cell::text(trouble),
    ]
}

fn priority(word: Option<&str>) -> &str {
    match word {
        Some("ordinary") => "Thông thường",
        Some("priority") => "Ưu tiên",
        Some("emergency") => "Khẩn cấp",
        Some(other) => other,
        None => "",
    }
}

fn path(word: &str) -> &str {
    match word {
        "wired" => "đường dây",
        "ip" => "đường IP",
        "fm" => "sóng FM",
        "recorder" => "máy ghi",
        other => other,
    }
}

fn result(word: &str) -> &str {
    match word {
        "done" => "Phát đủ",
        "partial" => "Phát chưa đủ",
        "failed" => "Không phát được",
        other => other,
    }
}

fn interrupted(by: &str) -> &str {
    match by {
        "emergency" => "nhường bản tin khẩn cấp",
        "officer" => "cán bộ dừng",
        "recalled" => "bị thu hồi",
        "superseded" => "bản mới thay thế",
        "expired" => "hết hiệu lực",
        "cut" => "hết giờ chương trình",
        "replaced" => "chương trình khác thay",
        "dropped" => "chương trình bị bỏ khỏi lịch",
        "power" => "mất điện",
        "voice_lost" => "mất tiếng người nói",
        other => other,
    }
}
