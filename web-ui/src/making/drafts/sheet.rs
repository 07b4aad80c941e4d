//! What stands in a draft, within bounds while it is written, and whole before it is handed in.

use super::{Draft, bulletin_id};
use crate::making::media::{MediaKind, Medium};
use crate::problem::{Problem, say};
use gateway_core::bulletin::{Bulletin, Content, Issuer, Media, Priority, Targets};
use gateway_core::id::ClipId;
use gateway_core::journal::sha256_hex;
use gateway_core::time::Wall;
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Languages of one bulletin at most.
const LANGUAGES: usize = 6;
/// Longest text, characters: as of an emergency, about two minutes.
const TEXT: usize = 2000;

/// What stands in a draft; nothing of it need be there while it is being written.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"title": "Lịch tiêm chủng", "field": "y-te", "targets": {"clusters": ["*"], "boards": ["*"]},
    "renditions": [{"lang": "vi", "text": "Sáng thứ tư tiêm chủng tại trạm y tế xã."}]}))]
pub(crate) struct Sheet {
    /// Title.
    #[schema(max_length = 200)]
    pub(crate) title: String,
    /// The commune's own priority: it comes first in the programme where it is put.
    pub(crate) priority: bool,
    /// *Lĩnh vực*: a code of the hub's list.
    #[schema(max_length = 64)]
    pub(crate) field: String,
    /// Where.
    pub(crate) targets: Targets,
    /// How often it is said.
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) repeat: u16,
    /// Not before, RFC 3339; empty: at once.
    #[schema(max_length = 40)]
    pub(crate) valid_from: String,
    /// Not after, RFC 3339; empty: no end.
    #[schema(max_length = 40)]
    pub(crate) valid_until: String,
    /// What is said, by language.
    #[schema(max_items = 6)]
    pub(crate) renditions: Vec<Rendition>,
    /// SHA-256 of the picture that boards show.
    pub(crate) picture: Option<String>,
    /// SHA-256 of the film that boards show.
    pub(crate) film: Option<String>,
    /// It is somebody else's notice.
    pub(crate) notice: Option<Notice>,
}

/// What is said in one language: a task of somebody.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rendition {
    /// BCP 47.
    #[schema(max_length = 12)]
    pub(crate) lang: String,
    /// Its text.
    #[schema(max_length = 2000)]
    pub(crate) text: String,
    /// SHA-256 of its recording.
    pub(crate) audio: Option<String>,
    /// A machine translated or spoke it: a speaker must vouch for it.
    pub(crate) machine: bool,
    /// Login name of who is to speak it, or to vouch for it.
    #[schema(max_length = 64)]
    pub(crate) speaker: Option<String>,
    /// Until when, `2026-11-30`.
    #[schema(max_length = 10)]
    pub(crate) due: Option<String>,
}

/// A notice of somebody else (*thông báo của bên thứ ba*): a closed list of kinds, and no advertising.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notice {
    /// `enrolment`, `recruitment`, `welfare`; empty while nothing was chosen.
    #[schema(max_length = 20)]
    pub(crate) kind: String,
    /// On whose behalf.
    #[schema(max_length = 200)]
    pub(crate) of: String,
    /// Who asked was identified, and his request is kept in writing.
    pub(crate) identified: bool,
    /// Nothing in it speaks of products or prices.
    pub(crate) no_product: bool,
    /// Of a recruitment it says post, number, name and address, and nothing more.
    pub(crate) bare: bool,
}

/// Kinds of notices that the rules allow.
const KINDS: [&str; 3] = ["enrolment", "recruitment", "welfare"];

impl Rendition {
    /// What a speaker vouches for: just this text and this recording.
    pub(crate) fn digest(&self) -> String {
        sha256_hex(format!("{}\n{}\n{}", self.lang, self.audio.as_deref().unwrap_or(""), self.text.trim()).as_bytes())
    }

    fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.audio.is_none()
    }
}

impl Sheet {
    /// Files it names.
    pub(crate) fn files(&self) -> Vec<&str> {
        let sounds = self.renditions.iter().filter_map(|r| r.audio.as_deref());
        sounds.chain(self.picture.as_deref()).chain(self.film.as_deref()).collect()
    }

    /// Bounds that hold while it is being written, so that the book stays small.
    pub(crate) fn bounds(&self) -> Result<(), Problem> {
        let short = |text: &str, most: usize| text.chars().count() <= most;
        let digest = |name: &str| name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let rendition = |r: &Rendition| {
            short(&r.lang, 12)
                && short(&r.text, TEXT)
                && short(r.speaker.as_deref().unwrap_or(""), 64)
                && short(r.due.as_deref().unwrap_or(""), 10)
        };
        let notice = |n: &Notice| short(&n.kind, 20) && short(&n.of, 200);
        let well = short(&self.title, 200)
            && short(&self.field, 64)
            && self.repeat <= 10
            && short(&self.valid_from, 40)
            && short(&self.valid_until, 40)
            && self.targets.clusters.len() <= 1000
            && self.targets.boards.len() <= 1000
            && self.renditions.len() <= LANGUAGES
            && self.renditions.iter().all(rendition)
            && self.notice.as_ref().is_none_or(notice)
            && self.files().iter().all(|f| digest(f));
        if well {
            return Ok(());
        }
        Err(Problem::wrong(say(
            format!(
                "Một mục dài quá: tiêu đề 200, nội dung {TEXT} chữ cái, {LANGUAGES} ngôn ngữ, đọc 10 lần là nhiều nhất."
            ),
            format!(
                "Too long: 200 characters of title, {TEXT} of text, {LANGUAGES} languages, 10 repetitions at most."
            ),
        )))
    }

    /// Renditions that somebody still has to speak or to vouch for.
    pub(crate) fn open(&self, vouched: &std::collections::BTreeMap<String, String>) -> Vec<&Rendition> {
        let done = |r: &Rendition| {
            let spoken = r.audio.is_some() || (is_vietnamese(&r.lang) && !r.text.trim().is_empty());
            spoken && (!r.machine || vouched.contains_key(&r.lang))
        };
        self.renditions.iter().filter(|r| !done(r)).collect()
    }
}

fn is_vietnamese(lang: &str) -> bool {
    gateway_core::bulletin::same_language(lang, "vi")
}

fn wrong<T>(vi: impl Into<String>, en: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::wrong(say(vi, en)))
}

/// The bulletin of a draft, whole and within the rules, without the languages in `without`.
pub(crate) fn made(draft: &Draft, without: &[String]) -> Result<Bulletin, Problem> {
    let sheet = &draft.sheet;
    let title = crate::air::acts::words("title", "Tiêu đề", &sheet.title, 1, 200)?;
    allowed(sheet.notice.as_ref())?;
    let open = sheet.open(&draft.vouched);
    let unfinished: Vec<&str> =
        open.iter().filter(|r| !r.is_empty() || r.speaker.is_some()).map(|r| r.lang.as_str()).collect();
    if let Some(lang) = unfinished.iter().find(|lang| !without.iter().any(|w| w == *lang)) {
        return wrong(
            format!("Phần tiếng «{lang}» chưa xong: chưa có tiếng, hoặc bản máy chưa được người đọc duyệt."),
            format!("The rendition in {lang} is not done: it has no sound, or nobody vouched for a machine's."),
        );
    }
    let mut content = Vec::new();
    for rendition in sheet.renditions.iter().filter(|r| !r.is_empty() && !unfinished.contains(&r.lang.as_str())) {
        let lang = rendition.lang.clone();
        if let Some(audio) = &rendition.audio {
            content.push(Content::Audio { lang: lang.clone(), media: file(draft, audio, MediaKind::Audio)? });
        }
        if !rendition.text.trim().is_empty() {
            let text = crate::air::acts::words("text", "Nội dung", &rendition.text, 1, TEXT)?;
            content.push(Content::Text { lang, text });
        }
    }
    if let Some(picture) = &sheet.picture {
        content.push(Content::Image { media: Some(file(draft, picture, MediaKind::Image)?) });
    }
    if let Some(film) = &sheet.film {
        content.push(Content::Video { media: Some(file(draft, film, MediaKind::Video)?) });
    }
    if content.is_empty() {
        return wrong("Chưa có nội dung: hãy viết, thu tiếng hoặc chọn tệp.", "There is nothing in it yet.");
    }
    let (valid_from, valid_until) = (moment(&sheet.valid_from)?, moment(&sheet.valid_until)?);
    if valid_from.zip(valid_until).is_some_and(|(from, until)| until <= from) {
        return wrong("Hạn cuối phải sau lúc bắt đầu.", "valid_until is after valid_from.");
    }
    Ok(Bulletin {
        bulletin_id: bulletin_id(&draft.id),
        version: 1,
        priority: if sheet.priority { Priority::Priority } else { Priority::Ordinary },
        title,
        field: sheet.field.trim().to_owned(),
        issuer: Issuer { level: "commune".to_owned(), name: String::new() },
        content,
        targets: sheet.targets.clone(),
        valid_from,
        valid_until,
        repeat: sheet.repeat.clamp(1, 10),
        gap_s: 3,
        hazard: None,
        supersedes: Vec::new(),
        drill: false,
        live: None,
    })
}

fn allowed(notice: Option<&Notice>) -> Result<(), Problem> {
    let Some(notice) = notice else { return Ok(()) };
    if !KINDS.contains(&notice.kind.as_str()) {
        return wrong(
            "Thông báo của bên ngoài chỉ được là: tuyển sinh, tuyển dụng, nhân đạo và an sinh tại địa phương.",
            "Notices of others are enrolment, recruitment, or humanitarian and local welfare; nothing else.",
        );
    }
    let bare = notice.bare || notice.kind != "recruitment";
    if !(notice.identified && notice.no_product && bare) || notice.of.trim().is_empty() {
        return wrong(
            "Thông báo của bên ngoài chưa đủ các mục phải kiểm tra: ai yêu cầu, đã xác minh, không quảng cáo.",
            "The check-list for notices of others is not complete: who asks, identified, no product.",
        );
    }
    Ok(())
}

fn moment(text: &str) -> Result<Option<Wall>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match Wall::parse(text.trim()) {
        Some(wall) => Ok(Some(wall)),
        None => wrong("Ngày giờ chưa đúng.", "A moment is RFC 3339 with an offset."),
    }
}

fn file(draft: &Draft, sha256: &str, kind: MediaKind) -> Result<Media, Problem> {
    let known = draft.media.iter().find(|m| m.sha256 == sha256 && m.kind == kind);
    let Some(Medium { bytes, mime, duration_ms, .. }) = known else {
        return wrong(
            "Một tệp của bản thảo không còn trên trạm: hãy chọn lại tệp.",
            "A file of the draft is not on the station any more.",
        );
    };
    #[expect(clippy::cast_precision_loss, reason = "two hours of milliseconds")]
    let duration_s = duration_ms.map(|ms| ms as f64 / 1000.0);
    let (sha256, mime) = (ClipId::from(sha256), mime.clone());
    Ok(Media { url: "desk:".to_owned(), sha256, bytes: *bytes, mime, duration_s })
}

/// A bulletin goes somewhere, and the station has all of it.
pub(crate) fn somewhere(targets: &Targets, view: &View) -> Result<(), Problem> {
    if targets.clusters.is_empty() && targets.boards.is_empty() {
        return wrong("Chưa chọn nơi phát: hãy chọn ít nhất một cụm loa hoặc một bảng.", "targets names nothing.");
    }
    crate::air::acts::known_clusters(&targets.clusters, view)?;
    crate::air::acts::known_boards(&targets.boards, view)
}
