//! What officers order, at the worst of moments.

use super::Model;
use super::letters::{some_id, some_programme, some_targets};
use super::twin::Hush;
use gateway_core::config::First;
use gateway_core::id::{BoardId, ClusterId};
use gateway_core::input::{Act, Input, Order};

/// A mute or a blackout is for a day at most, milliseconds.
const A_DAY: u64 = 86_400_000;

impl Model {
    /// An officer orders something.
    pub(super) fn desk(&mut self) -> Result<(), String> {
        let act = self.some_act();
        self.order(act)
    }

    fn some_act(&mut self) -> Act {
        let site = self.told.site.config().clone();
        let reason = "thử".to_owned();
        let for_s = |dice: &mut fastrand::Rng| [None, Some(0), Some(0), Some(20), Some(300)][dice.usize(..5)];
        match self.dice.u8(0..12) {
            0..3 => {
                let all: Vec<ClusterId> = site.clusters.keys().cloned().collect();
                let clusters = all.into_iter().filter(|_| self.dice.u8(0..3) == 0).collect();
                Act::Mute { clusters, for_s: for_s(&mut self.dice), reason }
            }
            3..5 => {
                let all: Vec<BoardId> = site.boards.keys().cloned().collect();
                let boards = all.into_iter().filter(|_| self.dice.bool()).collect();
                Act::Blackout { boards, for_s: for_s(&mut self.dice), reason }
            }
            5..7 => Act::Stop {
                bulletin: self.dice.bool().then(|| some_id(&mut self.dice, &self.twin)),
                correction: self.dice.bool().then(|| self.writer.text("Đính chính")),
                prepared: None,
                reason,
            },
            7..9 => {
                let targets = some_targets(&mut self.dice, &site);
                Act::Emergency {
                    text: self.writer.text("Sơ tán ngay"),
                    level: self.dice.u8(1..6),
                    targets: serde_json::from_value(targets).unwrap_or_default(),
                    repeat: self.dice.u16(1..4),
                    drill: self.dice.u8(0..4) == 0,
                    reason,
                }
            }
            9..11 => {
                let at = self.true_wall();
                let mut programme = some_programme(&mut self.dice, &site, &self.twin, at);
                let known = self.twin.programmes.get(programme.programme_id.as_str());
                programme.version = known.map_or(1, |p| p.version + 1);
                Act::Programme(programme)
            }
            _ => {
                let open = self.told.site.memory().decisions.keys().last().copied().unwrap_or(0);
                Act::Decide { id: open, first: if self.dice.bool() { First::Province } else { First::Commune } }
            }
        }
    }

    fn order(&mut self, act: Act) -> Result<(), String> {
        let now = self.told.now.mono;
        match &act {
            Act::Mute { clusters, for_s, .. } => {
                let hush = self.hush(*for_s);
                let all = self.told.site.config().clusters.keys();
                let whom: Vec<ClusterId> = if clusters.is_empty() { all.cloned().collect() } else { clusters.clone() };
                self.twin.muted.extend(whom.into_iter().map(|c| (c, hush)));
            }
            Act::Blackout { boards, for_s, .. } => {
                let hush = self.hush(*for_s);
                let all = self.told.site.config().boards.keys();
                let whom: Vec<BoardId> = if boards.is_empty() { all.cloned().collect() } else { boards.clone() };
                self.twin.dark.extend(whom.into_iter().map(|b| (b, hush)));
            }
            Act::Stop { bulletin: Some(id), .. } if self.twin.bulletins.contains_key(id) => {
                self.due.recalled.insert(id.clone());
                self.due.desk = true;
            }
            Act::Stop { bulletin, .. } => self.due.stop_all = bulletin.is_none(),
            Act::Emergency { .. } => self.due.desk = true,
            Act::Programme(programme) => {
                // Refused where it names what is unknown or recalled, or is the province's.
                let id = programme.programme_id.to_string();
                let good = |b| self.twin.bulletins.contains_key(b) && !self.twin.recalled.contains(b);
                if programme.bulletins().all(good) && !self.twin.programmes.get(&id).is_some_and(|p| p.of_province) {
                    self.due.booked = Some(programme.clone());
                }
            }
            Act::Decide { .. }
            | Act::DropProgramme { .. }
            | Act::Live { .. }
            | Act::EndLive { .. }
            | Act::EmergencyVoice { .. }
            | Act::EmergencyPrepared { .. }
            | Act::Prepare(_)
            | Act::DropPrepared { .. }
            | Act::AskLive { .. }
            | Act::ReadPaper { .. }
            | Act::SubmitReport { .. }
            | Act::Offer { .. }
            | Act::HandLive { .. }
            | Act::Rearm { .. }
            | Act::SelfTest { .. }
            | Act::EndSelfTest
            | Act::Submit { .. }
            | Act::Approve { .. }
            | Act::SendBack { .. }
            | Act::Withdraw { .. }
            | Act::Office { .. }
            | Act::Send { .. }
            | Act::Baseline { .. } => {}
        }
        self.twin.lift(now);
        let (no, by) = (self.tally.steps, "lan".to_owned());
        self.feed(Input::Desk(Order { no, by, act }))
    }

    fn hush(&self, for_s: Option<u32>) -> Hush {
        let policy = self.told.site.config().policy.mute_ms;
        let for_ms = for_s.map_or(policy, |s| u64::from(s) * 1000).min(A_DAY);
        let wall = self.told.site.wall(self.told.now);
        let until_wall = wall.map(|w| w.plus(i64::try_from(for_ms).unwrap_or(0)));
        Hush { until: self.told.now.mono.plus(for_ms), until_wall, for_ms }
    }

    /// Every mute and every blackout is lifted.
    pub(super) fn unmute(&mut self) -> Result<(), String> {
        let reason = "hết".to_owned();
        self.order(Act::Mute { clusters: Vec::new(), for_s: Some(0), reason: reason.clone() })?;
        self.order(Act::Blackout { boards: Vec::new(), for_s: Some(0), reason })
    }
}
