//! What the invented station's book says: its inbox, its journal, its plays.

use super::Book;
use gateway_core::bulletin::{Priority, State};
use gateway_core::view::BulletinHead;
use web_ui::{JournalRow, ReadFault, Reads};

impl Reads for Book {
    fn bulletins(&self, states: &[State], limit: usize) -> Result<Vec<BulletinHead>, ReadFault> {
        if self.dead {
            return Err(ReadFault("reading heads: disk I/O error".to_owned()));
        }
        *self.asked.lock().map_err(|e| ReadFault(e.to_string()))? = Some((states.to_vec(), limit));
        let heads = vec![
            head("BT-2026-000131", "Thông báo tuyển quân năm 2027", State::WaitingChoice, Priority::Ordinary),
            head("BT-2026-000130", "Thông báo lịch cắt điện toàn tỉnh", State::Ready, Priority::Priority),
            head("BT-2026-000123", "Bản tin xã buổi sáng: lịch gieo sạ vụ đông xuân", State::OnAir, Priority::Ordinary),
            head("BT-2026-000119", "Cảnh báo mưa lớn, gió giật", State::Failed, Priority::Emergency),
        ];
        Ok(heads.into_iter().filter(|h| states.is_empty() || states.contains(&h.state)).take(limit).collect())
    }

    fn journal(&self, asked: &web_ui::JournalAsk) -> Result<Vec<JournalRow>, ReadFault> {
        if self.dead {
            return Err(ReadFault("reading the journal: disk I/O error".to_owned()));
        }
        let newest = asked.before.map_or(1200, |b| b.saturating_sub(1).min(1200));
        let by = asked.deeds.as_ref().map(|deeds| deeds.by.clone().unwrap_or_else(|| "lan".to_owned()));
        Ok((1..=newest).rev().take(asked.limit).map(|seq| row(seq, by.as_deref())).collect())
    }

    fn plays(&self, asked: &web_ui::PlayAsk) -> Result<Vec<web_ui::Play>, ReadFault> {
        if self.dead {
            return Err(ReadFault("reading the broadcasting journal: disk I/O error".to_owned()));
        }
        let play = web_ui::Play {
            seq: 1190,
            at: "2026-11-21T05:42:10+07:00".to_owned(),
            at_ms: 1_795_214_530_000,
            trusted: true,
            bulletin: "BT-2026-000123".to_owned(),
            title: "Bản tin xã buổi sáng".to_owned(),
            cluster: "thon-1".to_owned(),
            path: "wired".to_owned(),
            requested_s: 61.2,
            actual_s: 61.2,
            result: "done".to_owned(),
            ..web_ui::Play::default()
        };
        // The book of one cluster is as long as one can ask for.
        let rows = if asked.cluster.as_deref() == Some("thon-2") { usize::MAX } else { 1 };
        Ok(std::iter::repeat_n(play, rows.min(asked.limit)).collect())
    }

    fn library(&self, _: &web_ui::LibraryAsk) -> Result<Vec<web_ui::LibraryRow>, ReadFault> {
        Ok(Vec::new())
    }

    fn library_item(&self, id: &str) -> Result<Vec<web_ui::LibraryVersion>, ReadFault> {
        let all = self.library.lock().map_err(|e| ReadFault(e.to_string()))?;
        Ok(all.iter().filter(|one| one.row.id.as_str() == id).cloned().collect())
    }

    fn play_sums(&self, _: i64, _: i64) -> Result<Vec<web_ui::PlaySum>, ReadFault> {
        Ok(Vec::new())
    }

    fn play_times(&self, _: i64, _: i64) -> Result<Vec<web_ui::PlayTime>, ReadFault> {
        Ok(Vec::new())
    }

    fn lessons(&self) -> Result<Vec<gateway_core::lesson::Lesson>, ReadFault> {
        Ok(Vec::new())
    }

    fn codes(&self) -> Result<Vec<web_ui::KeptCodes>, ReadFault> {
        if self.dead {
            return Err(ReadFault("reading code lists: disk I/O error".to_owned()));
        }
        let body = serde_json::json!({"list_id": "field", "version": 3, "names": {"vi": "Lĩnh vực", "en": "Fields"}, "codes": [
            {"code": "y-te", "names": {"vi": "Y tế, dân số"}},
            {"code": "suc-khoe", "names": {"vi": "Sức khỏe"}, "valid_until": "2025-12-31", "successor": "y-te"}]});
        let list = serde_json::from_value(body).map_err(|e| ReadFault(e.to_string()))?;
        Ok(vec![web_ui::KeptCodes { at_ms: Some(1_795_214_530_000), list }])
    }

    fn replies(&self) -> Result<Vec<(i64, gateway_core::lesson::Reply)>, ReadFault> {
        Ok(Vec::new())
    }
}

fn row(seq: u64, by: Option<&str>) -> JournalRow {
    JournalRow {
        seq,
        at: Some("2026-11-21T05:42:10+07:00".to_owned()),
        clock: "trusted".to_owned(),
        hash: "0".repeat(64),
        event: match by {
            Some(by) => serde_json::json!({ "type": "ordered", "no": seq, "by": by, "what": "selftest silent" }),
            None => serde_json::json!({ "type": "noted", "text": "" }),
        },
    }
}

fn head(id: &str, title: &str, state: State, priority: Priority) -> BulletinHead {
    let failed = state == State::Failed;
    BulletinHead {
        id: id.into(),
        title: title.to_owned(),
        priority,
        state,
        issuer: "UBND tỉnh Tây Ninh".to_owned(),
        field: "thông báo".to_owned(),
        valid_from: None,
        valid_until: None,
        reason: failed.then(|| "Tải âm thanh không được: mã băm không khớp".to_owned()),
        drill: failed,
        text: Some("Kính thưa bà con, xin mời bà con lắng nghe thông báo sau đây.".to_owned()),
        own: false,
        author: None,
        approver: None,
        unasked: false,
        version: 1,
    }
}
