//! Warnings made at the station: typed, spoken or prepared; each is a bulletin like any other.

use super::Site;
use crate::bulletin::{Bulletin, Content, DRILL, Hazard, Issuer, Live, LiveFrom, Priority, Targets};
use crate::id::{BulletinId, LiveId};
use crate::memory::Origin;
use crate::time::Now;
use crate::wire::LONGEST_LIVE_S;

/// What boards show of a voice for which nothing was typed.
const LISTEN: &str = "Thông báo khẩn cấp. Đề nghị bà con chú ý nghe loa.";
/// Letters of a text that stand for its title.
const TITLE: usize = 80;

/// A warning as it is ordered.
#[derive(Clone, Debug)]
pub(super) struct Warning {
    pub(super) text: String,
    /// What is on screens; made of the text where it is empty.
    pub(super) title: String,
    /// Recorded sound and pictures.
    pub(super) media: Vec<Content>,
    pub(super) level: u8,
    pub(super) targets: Targets,
    pub(super) repeat: u16,
    pub(super) drill: bool,
    /// Whose voice says it, and for how long at most, milliseconds.
    pub(super) voice: Option<(LiveId, u64)>,
}

impl Default for Warning {
    fn default() -> Self {
        let (text, title, media) = Default::default();
        Self { text, title, media, level: 3, targets: Targets::default(), repeat: 1, drill: false, voice: None }
    }
}

impl Site {
    /// Puts a warning of the station on air.
    pub(super) fn warn(&mut self, by: &str, warning: Warning, reason: &str, now: Now) -> Result<String, String> {
        let Warning { text, title, media, level, targets, repeat, drill, voice } = warning;
        if !(1..=5).contains(&level) || !(1..=10).contains(&repeat) {
            return Err("Cấp độ từ 1 đến 5, số lần phát từ 1 đến 10".to_owned());
        }
        if targets.clusters.is_empty() && targets.boards.is_empty() {
            return Err("Chưa chọn nơi phát".to_owned());
        }
        if voice.is_some() && !self.config.clusters.keys().any(|c| targets.has_cluster(c)) {
            return Err("Nói trực tiếp cần ít nhất một cụm loa".to_owned());
        }
        let id = match &voice {
            Some((live, _)) => super::relay::id_of(live),
            None => BulletinId::from(format!("local-{}", self.memory.seq + 1)),
        };
        if self.memory.bulletins.contains_key(&id) {
            return Err("Lượt phát này đã có".to_owned());
        }
        let text = text.trim();
        let title = match (title.trim(), text) {
            ("", "") => LISTEN.to_owned(),
            ("", text) => text.chars().take(TITLE).collect(),
            (title, _) => title.to_owned(),
        };
        let said = if drill { format!("{DRILL}. {DRILL}. {text} Đây là {DRILL}.") } else { text.to_owned() };
        let mut content = media;
        content.extend((!text.is_empty()).then(|| Content::Text { lang: "vi".to_owned(), text: said }));
        let live = voice.map(|(id, max_ms)| {
            let speaker = Some(by.to_owned());
            Live { id, from: LiveFrom::Desk, max_ms, chime: false, speaker }
        });
        let bulletin = Bulletin {
            bulletin_id: id.clone(),
            version: 1,
            priority: Priority::Emergency,
            title: if drill { format!("{DRILL}: {title}") } else { title },
            field: String::new(),
            issuer: Issuer { level: "commune".to_owned(), name: String::new() },
            content,
            targets,
            valid_from: None,
            valid_until: None,
            repeat: if live.is_some() { 1 } else { repeat },
            gap_s: 3,
            hazard: Some(Hazard { kind: String::new(), level }),
            supersedes: Vec::new(),
            drill,
            live,
        };
        self.take_in(bulletin, Origin::Desk { by: by.to_owned() }, false, now);
        Ok(format!("emergency {id}: {reason}"))
    }
}

/// How long somebody may speak, seconds.
pub(super) fn speaking_time(max_s: u32) -> Result<u32, String> {
    if (1..=LONGEST_LIVE_S).contains(&max_s) {
        return Ok(max_s);
    }
    Err(format!("Thời gian nói từ 1 đến {LONGEST_LIVE_S} giây"))
}
