//! Papers of the office: taken in, read, answered; and what is offered to the province.

use super::Site;
use crate::id::{BulletinId, PaperId};
use crate::journal::{Event, ReportSubmitted};
use crate::memory::Origin;
use crate::paper::{Answer, Contribution, Paper, Reading, Sheet};
use crate::time::Now;
use crate::view::PaperHead;
use crate::wire::{Envelope, Kind};
use serde_json::Value;
use std::sync::Arc;

/// Papers that wait and are named on the first page at most.
const SHOWN: usize = 20;

/// What screens are told of papers and offers.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) papers: Arc<Vec<Paper>>,
    pub(super) offers: Arc<Vec<Contribution>>,
    pub(super) waiting: Vec<PaperHead>,
}

impl Site {
    pub(super) fn take_paper(&mut self, envelope: &Envelope, kind: Kind, sheet: Sheet, now: Now) {
        let known = self.memory.papers.get(sheet.id()).is_some_and(|p| p.sheet.version() >= sheet.version());
        if !known {
            let at = self.wall(now);
            self.note(Event::PaperCame { sheet: Box::new(sheet), jti: envelope.jti.clone(), at }, now);
        }
        self.taken(envelope, kind, None, known.then_some("duplicate"), known, now);
    }

    pub(super) fn take_answer(&mut self, envelope: &Envelope, answer: Answer, now: Now) {
        let known = self.memory.offers.iter().any(|o| o.id == answer.contribution_id);
        if known {
            self.note(Event::OfferAnswered { answer }, now);
        }
        self.taken(envelope, Kind::Answer, None, (!known).then_some("unknown_contribution"), true, now);
    }

    /// Somebody has read a paper; the second time tells nobody anything new.
    pub(super) fn read_paper(&mut self, by: &str, id: &PaperId, now: Now) -> Result<String, String> {
        let paper = self.memory.papers.get(id).ok_or("Không có công văn này")?;
        if !paper.read.iter().any(|r| r.by == by) {
            let reading = Reading { by: by.to_owned(), at: self.wall(now) };
            self.note(Event::PaperRead { id: id.clone(), reading }, now);
        }
        Ok(format!("paper {id} read"))
    }

    /// A report is handed in.
    pub(super) fn submit_report(
        &mut self,
        by: &str,
        id: &PaperId,
        rows: Value,
        note: String,
        now: Now,
    ) -> Result<String, String> {
        let paper = self.memory.papers.get(id).ok_or("Không có yêu cầu báo cáo này")?;
        if !matches!(paper.sheet, Sheet::ReportRequest(_)) {
            return Err("Công văn này không yêu cầu báo cáo".to_owned());
        }
        let reading = Reading { by: by.to_owned(), at: self.wall(now) };
        self.note(Event::ReportSubmitted(ReportSubmitted { id: id.clone(), reading, rows, note }), now);
        Ok(format!("report {id} submitted"))
    }

    /// Offers an item of the commune to the province.
    pub(super) fn offer(&mut self, by: &str, id: &BulletinId, note: String, now: Now) -> Result<String, String> {
        let standing = self.memory.bulletins.get(id).ok_or("Trạm không còn giữ mục này")?;
        if standing.origin == Origin::Hub {
            return Err("Mục này do tỉnh gửi xuống".to_owned());
        }
        let bulletin = &standing.bulletin;
        if bulletin.live.is_some() || bulletin.content.is_empty() || bulletin.drill || self.memory.is_recalled(id) {
            return Err("Mục này không gửi được: không có nội dung, là diễn tập hoặc đã thu hồi".to_owned());
        }
        let same = |o: &&Contribution| o.bulletin == *id && o.version == bulletin.version;
        if self.memory.offers.iter().any(|o| same(&o)) {
            return Err("Mục này đã gửi lên tỉnh rồi".to_owned());
        }
        let offer = Contribution {
            id: format!("{}-{}", self.config.station, self.memory.seq + 1),
            bulletin: id.clone(),
            version: bulletin.version,
            title: bulletin.title.clone(),
            by: by.to_owned(),
            at: self.wall(now),
            note,
            answer: None,
        };
        let what = format!("{id} offered to the province as {}", offer.id);
        self.note(Event::Offered { offer: Box::new(offer) }, now);
        Ok(what)
    }

    /// What the office is shown of a memory.
    pub(super) fn show_office(&mut self) {
        self.show_papers();
        self.show_offers();
        self.want_rulings();
    }

    /// Screens are told anew where an event has changed a paper or an offer.
    pub(super) fn follow_office(&mut self, event: &Event) {
        self.follow_rulings(event);
        if let Event::PaperCame { .. } | Event::PaperRead { .. } | Event::ReportSubmitted { .. } = event {
            self.show_papers();
        }
        if let Event::Offered { .. } | Event::OfferAnswered { .. } = event {
            self.show_offers();
        }
    }

    fn show_papers(&mut self) {
        let mut papers: Vec<Paper> = self.memory.papers.values().cloned().collect();
        papers.sort_by_key(|p| std::cmp::Reverse(p.order));
        let mut waiting: Vec<&Paper> = papers.iter().filter(|p| p.waits()).collect();
        waiting.sort_by_key(|p| (p.sheet.due().is_none(), p.sheet.due(), p.order));
        let head = |p: &&Paper| PaperHead {
            id: p.sheet.id().clone(),
            title: p.sheet.title().to_owned(),
            report: matches!(p.sheet, Sheet::ReportRequest(_)),
            due: p.sheet.due().map(crate::time::Wall::rfc3339),
        };
        self.desk_papers.waiting = waiting.iter().take(SHOWN).map(head).collect();
        self.desk_papers.papers = Arc::new(papers);
    }

    fn show_offers(&mut self) {
        self.desk_papers.offers = Arc::new(self.memory.offers.iter().rev().cloned().collect());
    }

    /// The journal's disk failed or recovered.
    pub(super) fn disk(&mut self, well: bool, now: Now) {
        if self.disk_ok && !well {
            let text = "Bộ nhớ không ghi được: trạm vẫn phát nhưng không ghi nhật ký".to_owned();
            self.note(Event::Incident { code: "disk".into(), about: "store".into(), text }, now);
        }
        self.disk_ok = well;
    }
}
