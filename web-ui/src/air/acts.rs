//! Request bodies and what they must look like to become an `Act`; a wrong one names its field and its remedy.

use crate::problem::{Problem, Say, say};
use gateway_core::bulletin::Targets;
use gateway_core::config::First;
use gateway_core::id::{BoardId, BulletinId, ClusterId, OutputId, PreparedId, TransmitterId};
use gateway_core::input::Act;
use gateway_core::programme::Programme;
use gateway_core::time::parse_time_of_day;
use gateway_core::view::View;
use serde::Deserialize;
use utoipa::ToSchema;

/// Longest text that is spoken, characters: about two minutes.
const TEXT: usize = 2000;

/// Longest mute or blackout, seconds: a day.
const LONGEST_S: u32 = 86_400;

/// A body that can become an act.
pub(crate) trait Ask {
    /// Checks it against the site the view shows.
    fn act(self, view: &View) -> Result<Act, Problem>;
}

/// What was read from the request whole, and is judged by the core alone.
impl Ask for Act {
    fn act(self, _: &View) -> Result<Act, Problem> {
        Ok(self)
    }
}

/// What `POST emergency` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Lũ ống trên suối Bà Chiêm: rời khỏi bờ suối ngay", "level": 4, "repeat": 3,
    "targets": {"clusters": ["*"], "boards": ["*"]}, "reason": "Chủ tịch xã ra lệnh qua điện thoại"}))]
pub(crate) struct Emergency {
    /// What is said and shown.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
    /// Disaster risk level (QĐ 18/2021/QĐ-TTg).
    #[schema(minimum = 1, maximum = 5)]
    level: u8,
    /// Where; everywhere where it is not given.
    #[serde(default = "Targets::everything")]
    targets: Targets,
    /// How often it is said.
    #[serde(default = "three")]
    #[schema(minimum = 1, maximum = 10, default = 3)]
    repeat: u16,
    /// Said and shown as a drill.
    #[serde(default)]
    #[schema(default = false)]
    drill: bool,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

pub(crate) fn three() -> u16 {
    3
}

impl Ask for Emergency {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let text = words("text", "Nội dung", &self.text, 1, TEXT)?;
        warning(self.level, self.repeat, &self.targets, view)?;
        let reason = why(&self.reason)?;
        let Self { level, targets, repeat, drill, .. } = self;
        Ok(Act::Emergency { text, level, targets, repeat, drill, reason })
    }
}

/// What `POST stop` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bulletin": "BT-2026-000123", "correction": "Lịch tiêm chủng đúng là sáng thứ tư.",
    "reason": "sai ngày tiêm"}))]
pub(crate) struct Stop {
    /// Which; whatever is on air where it is not given.
    #[serde(default, alias = "bulletin_id")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 256)]
    bulletin: Option<BulletinId>,
    /// Said at once in its place.
    #[serde(default)]
    #[schema(max_length = 2000)]
    correction: Option<String>,
    /// Said at once in its place: what is kept ready under this name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    prepared: Option<PreparedId>,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

impl Ask for Stop {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let bulletin = self.bulletin;
        if bulletin.as_ref().is_some_and(|b| b.as_str().is_empty() || b.as_str().len() > 256) {
            return wrong("Mã bản tin (bulletin) không đúng.", "bulletin is 1 to 256 bytes.");
        }
        let correction = match self.correction.as_deref().map(str::trim).filter(|c| !c.is_empty()) {
            Some(text) => Some(words("correction", "Lời đính chính", text, 1, TEXT)?),
            None => None,
        };
        if let Some(prepared) = &self.prepared {
            known_prepared(prepared, view)?;
        }
        Ok(Act::Stop { bulletin, correction, prepared: self.prepared, reason: why(&self.reason)? })
    }
}

/// What `POST mute` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"clusters": ["*"], "for_s": 600, "reason": "đám tang trong thôn"}))]
pub(crate) struct Mute {
    /// Which; all where it is empty or holds `*`.
    #[serde(default)]
    clusters: Vec<ClusterId>,
    /// Seconds; the site's rule where it is not given, 0 lifts it.
    #[serde(default)]
    #[schema(maximum = 86_400)]
    for_s: Option<u32>,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

impl Ask for Mute {
    fn act(mut self, view: &View) -> Result<Act, Problem> {
        known_clusters(&self.clusters, view)?;
        if self.clusters.iter().any(|c| c.as_str() == "*") {
            self.clusters.clear();
        }
        Ok(Act::Mute { clusters: self.clusters, for_s: lasting(self.for_s)?, reason: why(&self.reason)? })
    }
}

/// What `POST rearm` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"transmitter": "fm", "reason": "đã thay dây ăng-ten"}))]
pub(crate) struct Rearm {
    /// Which.
    transmitter: TransmitterId,
    /// What was found and done; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

impl Ask for Rearm {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let output = OutputId::Transmitter(self.transmitter.clone()).to_string();
        if !view.outputs.iter().any(|o| o.id == output) {
            return Err(Problem::wrong(unknown("máy phát", "transmitter", self.transmitter.as_str())));
        }
        Ok(Act::Rearm { transmitter: self.transmitter, reason: why(&self.reason)? })
    }
}

/// What `POST blackout` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"boards": ["*"], "for_s": 600, "reason": "bảng hiện chữ lạ"}))]
pub(crate) struct Blackout {
    /// Which; all where it is empty or holds `*`.
    #[serde(default)]
    boards: Vec<BoardId>,
    /// Seconds; the site's rule where it is not given, 0 lifts it.
    #[serde(default)]
    #[schema(maximum = 86_400)]
    for_s: Option<u32>,
    /// Why; kept in the journal. 3 to 200 characters after trimming.
    #[schema(min_length = 3, max_length = 200)]
    reason: String,
}

impl Ask for Blackout {
    fn act(mut self, view: &View) -> Result<Act, Problem> {
        known_boards(&self.boards, view)?;
        if self.boards.iter().any(|b| b.as_str() == "*") {
            self.boards.clear();
        }
        Ok(Act::Blackout { boards: self.boards, for_s: lasting(self.for_s)?, reason: why(&self.reason)? })
    }
}

/// `POST decisions/{id}`, with the number of the path.
pub(crate) struct Decide {
    pub(crate) id: u64,
    pub(crate) answer: DecideBody,
}

/// What `POST decisions/{id}` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Decide, example = json!({"first": "province"}))]
pub(crate) struct DecideBody {
    /// Who goes first.
    first: First,
}

impl Ask for Decide {
    fn act(self, view: &View) -> Result<Act, Problem> {
        if !view.decisions.iter().any(|d| d.id == self.id) {
            return Err(Problem::new(
                axum::http::StatusCode::NOT_FOUND,
                "no_such_decision",
                say("Việc này không còn chờ", "This decision no longer waits"),
                say(
                    "Đã có người trả lời, hoặc chương trình đã bắt đầu và trạm đã chọn theo quy định.",
                    "Somebody answered it, or the programme began and the default was taken.",
                ),
            ));
        }
        Ok(Act::Decide { id: self.id, first: self.answer.first })
    }
}

impl Ask for Programme {
    fn act(self, view: &View) -> Result<Act, Problem> {
        if !(1..=128).contains(&self.programme_id.as_str().len()) {
            return wrong("Mã chương trình (programme_id) dài từ 1 đến 128.", "programme_id is 1 to 128 bytes.");
        }
        words("title", "Tên chương trình", &self.title, 1, 200)?;
        if parse_time_of_day(&self.start).is_none() {
            return wrong("Giờ bắt đầu (start) phải viết như 05:30.", "start is a time of day such as 05:30.");
        }
        if !(1..=86_400).contains(&self.duration_s) {
            return wrong("Thời lượng (duration_s) phải từ 1 đến 86400 giây.", "duration_s is 1 to 86400.");
        }
        if self.items.is_empty() || self.items.len() > 200 {
            return wrong("Chương trình phải có từ 1 đến 200 mục (items).", "items has 1 to 200 items.");
        }
        if self.of_province {
            return wrong("Chương trình của tỉnh chỉ do tỉnh gửi xuống.", "of_province cannot be said by the desk.");
        }
        known_clusters(&self.targets.clusters, view)?;
        known_boards(&self.targets.boards, view)?;
        if let Err(fault) = self.check() {
            return wrong(format!("Chương trình chưa đúng: {fault}."), format!("{fault}."));
        }
        Ok(Act::Programme(self))
    }
}

pub(crate) fn wrong<T>(vi: impl Into<String>, en: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::wrong(say(vi, en)))
}

/// Text between two lengths, counted in characters, trimmed, without control characters but line ends.
pub(crate) fn words(field: &str, shown: &str, text: &str, least: usize, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if length < least || length > most {
        return wrong(
            format!("{shown} ({field}) phải dài từ {least} đến {most} chữ cái; hiện có {length}."),
            format!("{field} has {least} to {most} characters; this one has {length}."),
        );
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        return wrong(
            format!("{shown} ({field}) có ký tự điều khiển không dùng được."),
            format!("{field} holds control characters."),
        );
    }
    Ok(text.to_owned())
}

/// What every warning of the desk must be.
pub(crate) fn warning(level: u8, repeat: u16, targets: &Targets, view: &View) -> Result<(), Problem> {
    if !(1..=5).contains(&level) {
        return wrong("Cấp rủi ro (level) phải từ 1 đến 5.", "level is 1 to 5.");
    }
    if !(1..=10).contains(&repeat) {
        return wrong("Số lần đọc (repeat) phải từ 1 đến 10.", "repeat is 1 to 10.");
    }
    if targets.clusters.is_empty() && targets.boards.is_empty() {
        return wrong(
            "Chưa chọn nơi phát (targets): hãy chọn ít nhất một cụm loa hoặc một bảng.",
            "targets names neither a cluster nor a board.",
        );
    }
    known_clusters(&targets.clusters, view)?;
    known_boards(&targets.boards, view)
}

/// It is kept ready.
pub(crate) fn known_prepared(id: &PreparedId, view: &View) -> Result<(), Problem> {
    match view.prepared.iter().any(|p| p.item.id == *id) {
        true => Ok(()),
        false => Err(Problem::wrong(unknown("mục soạn sẵn", "prepared item", id.as_str()))),
    }
}

pub(crate) fn why(reason: &str) -> Result<String, Problem> {
    words("reason", "Lý do", reason, 3, 200)
}

fn lasting(for_s: Option<u32>) -> Result<Option<u32>, Problem> {
    if for_s.is_some_and(|s| s > LONGEST_S) {
        return wrong("Thời gian (for_s) nhiều nhất là 86400 giây, tức một ngày.", "for_s is 86400 at most: one day.");
    }
    Ok(for_s)
}

/// Somewhere is meant, and all of it is there.
pub(crate) fn targets_of(targets: &Targets, view: &View) -> Result<(), Problem> {
    if targets.clusters.is_empty() {
        return wrong("Chưa chọn nơi phát (targets): hãy chọn ít nhất một cụm loa.", "targets names no cluster.");
    }
    known_clusters(&targets.clusters, view)
}

pub(crate) fn known_clusters(asked: &[ClusterId], view: &View) -> Result<(), Problem> {
    let known = |id: &&ClusterId| id.as_str() == "*" || view.clusters.iter().any(|c| c.id == **id);
    match asked.iter().find(|id| !known(id)) {
        Some(id) => Err(Problem::wrong(unknown("cụm loa", "cluster", id.as_str()))),
        None => Ok(()),
    }
}

pub(crate) fn known_boards(asked: &[BoardId], view: &View) -> Result<(), Problem> {
    let known = |id: &&BoardId| id.as_str() == "*" || view.boards.iter().any(|b| b.id == **id);
    match asked.iter().find(|id| !known(id)) {
        Some(id) => Err(Problem::wrong(unknown("bảng tin", "board", id.as_str()))),
        None => Ok(()),
    }
}

fn unknown(vi: &str, en: &str, id: &str) -> Say {
    let id: String = id.chars().take(64).collect();
    say(format!("Trạm không có {vi} mang mã {id:?}."), format!("The station has no {en} {id:?}."))
}
