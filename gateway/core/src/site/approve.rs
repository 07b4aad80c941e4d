//! Bulletins of the commune: handed in, approved or sent back by a leader; what nobody has approved is never aired.
//!
//! ```text
//!               a leader, or the site's rule
//!   waiting_approval ───────────────────────▶ approved ──▶ waiting_choice / scheduled ──▶ as any other
//!     ▲     │
//!     │     └── sent back with a reason, withdrawn ──▶ rejected
//!     └──────────── handed in again, as a newer version ──┘
//! ```

use super::Site;
use crate::bulletin::{Approval, Bulletin, Priority, State};
use crate::id::BulletinId;
use crate::journal::{Event, SentBack};
use crate::memory::{Origin, Standing};
use crate::time::Now;

/// What the identities of the commune's own bulletins begin with.
pub const OWN: &str = "xa-";
/// Bulletins that wait for a leader at most.
const MOST: usize = 200;
/// Why it is rejected: its author took it back.
const WITHDRAWN: &str = "Người soạn đã rút lại";

impl Site {
    /// *Gửi duyệt*: takes a bulletin of the commune in, or a newer version of it.
    pub(super) fn submit(&mut self, by: &str, role: &str, bulletin: Bulletin, now: Now) -> Result<String, String> {
        let (id, version, priority) = (bulletin.bulletin_id.clone(), bulletin.version, bulletin.priority);
        if !id.as_str().starts_with(OWN) {
            return Err(format!("Mã bản tin của xã phải bắt đầu bằng {OWN}"));
        }
        if priority == Priority::Emergency || bulletin.live.is_some() || bulletin.drill {
            return Err("Tin khẩn cấp phát bằng nút Phát khẩn cấp, không cần duyệt".to_owned());
        }
        let shown = !bulletin.targets.boards.is_empty() && !bulletin.board_text().trim().is_empty();
        if bulletin.heard_in().is_empty() && !shown {
            return Err("Bản tin chưa có gì để phát hay để hiện".to_owned());
        }
        if let Some(known) = self.memory.bulletins.get(&id) {
            if known.state == State::OnAir {
                return Err("Bản tin đang phát: dừng hoặc đợi phát xong rồi mới sửa".to_owned());
            }
            if version != known.bulletin.version.saturating_add(1) {
                return Err(format!("Bản tin đã được gửi duyệt lại: nay là bản {}", known.bulletin.version));
            }
        }
        if self.memory.is_recalled(&id) {
            return Err("Bản tin này đã bị dừng, không phát lại; hãy soạn bản tin mới".to_owned());
        }
        if self.shelf.waiting.len() >= MOST {
            return Err(format!("Đang có {MOST} bản tin chờ duyệt: hãy duyệt bớt rồi gửi tiếp"));
        }
        self.airings.retain(|key, _| key.0.bulletin() != Some(&id));
        let origin = Origin::Own { by: by.to_owned() };
        self.note(Event::Admitted { bulletin: Box::new(bulletin), origin, silent: false }, now);
        self.name_speech(&id);
        self.state(&id, State::WaitingApproval, None, now);
        if self.config.policy.approval.skips(role, priority) {
            self.pass_on(&id, None, now);
            return Ok(format!("bulletin {id} version {version} handed in, no approval wanted of {role}"));
        }
        Ok(format!("bulletin {id} version {version} handed in"))
    }

    /// *Duyệt*.
    pub(super) fn approve(&mut self, by: &str, id: &BulletinId, version: u32, now: Now) -> Result<String, String> {
        let author = self.waiting(id, version)?;
        if author == by && !self.config.policy.approval.own {
            return Err("Người soạn không tự duyệt bản tin của mình: hãy nhờ người khác duyệt".to_owned());
        }
        self.pass_on(id, Some(by.to_owned()), now);
        Ok(format!("bulletin {id} version {version} approved"))
    }

    fn pass_on(&mut self, id: &BulletinId, by: Option<String>, now: Now) {
        self.note(Event::Approved { id: id.clone(), by }, now);
        self.state(id, State::Approved, None, now);
    }

    /// *Trả lại*: with a reason that its author reads.
    pub(super) fn send_back(
        &mut self,
        by: &str,
        id: &BulletinId,
        version: u32,
        reason: String,
        now: Now,
    ) -> Result<String, String> {
        self.waiting(id, version)?;
        self.note(Event::SentBack(SentBack { id: id.clone(), by: by.to_owned(), withdrawn: false }), now);
        let what = format!("bulletin {id} version {version} sent back: {reason}");
        self.state(id, State::Rejected, Some(reason), now);
        Ok(what)
    }

    /// *Rút lại*: its author takes back what he handed in.
    pub(super) fn withdraw(&mut self, by: &str, id: &BulletinId, version: u32, now: Now) -> Result<String, String> {
        if self.waiting(id, version)? != by {
            return Err("Chỉ người soạn mới rút lại được; người duyệt thì trả lại".to_owned());
        }
        self.note(Event::SentBack(SentBack { id: id.clone(), by: by.to_owned(), withdrawn: true }), now);
        self.state(id, State::Rejected, Some(WITHDRAWN.to_owned()), now);
        Ok(format!("bulletin {id} version {version} withdrawn"))
    }

    /// A bulletin waits for a leader in just this version; its author.
    fn waiting(&self, id: &BulletinId, version: u32) -> Result<String, String> {
        let known = self.memory.bulletins.get(id).ok_or_else(|| format!("Không có bản tin {id}"))?;
        if known.bulletin.version != version {
            let now = known.bulletin.version;
            return Err(format!("Bản tin vừa được sửa, nay là bản {now}: hãy xem lại rồi mới duyệt"));
        }
        match known.state.approval() {
            Approval::Awaited => Ok(known.author().unwrap_or_default().to_owned()),
            Approval::Refused => Err("Bản tin này đã được trả lại hoặc rút lại".to_owned()),
            Approval::Given => Err("Bản tin này không còn chờ duyệt".to_owned()),
        }
    }

    /// Why a programme may not name a bulletin: nobody has approved it.
    pub(super) fn unapproved(&self, id: &BulletinId) -> Result<(), String> {
        match self.memory.bulletins.get(id).map(|s| s.state.approval()) {
            Some(Approval::Awaited) => Err(format!("Bản tin {id} chưa được duyệt")),
            Some(Approval::Refused) => Err(format!("Bản tin {id} đã bị trả lại, chưa phát được")),
            Some(Approval::Given) | None => Ok(()),
        }
    }
}

impl Standing {
    /// It was made at the desk and goes the way of approval.
    pub fn is_own(&self) -> bool {
        matches!(self.origin, Origin::Own { .. })
    }

    /// Who made it at the desk.
    pub fn author(&self) -> Option<&str> {
        match &self.origin {
            Origin::Own { by } | Origin::Desk { by } | Origin::Correction { by: Some(by), .. } => Some(by),
            Origin::Hub | Origin::Drill { .. } | Origin::Correction { by: None, .. } => None,
        }
    }
}

impl crate::config::Approval {
    /// Whether somebody of this role needs no leader's word for a bulletin of this priority.
    pub fn skips(&self, role: &str, priority: Priority) -> bool {
        let kind = match priority {
            Priority::Ordinary => "ordinary",
            Priority::Priority => "priority",
            Priority::Emergency => "emergency",
        };
        self.skip.iter().any(|rule| match rule.split_once(':') {
            Some((of, what)) => of == role && what == kind,
            None => rule == role,
        })
    }
}
