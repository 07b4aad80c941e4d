//! What officers order: each order is carried out or refused with a reason they can read.

use super::Site;
use super::warned::{Warning, speaking_time};
use crate::bulletin::Content;
use crate::claim::{ClaimId, Rank};
use crate::id::{BoardId, BulletinId, ClusterId};
use crate::input::{Act, Order};
use crate::journal::Event;
use crate::time::{Now, Wall};
use crate::wire::Recall;

/// Longest mute or blackout, milliseconds: a day, so that a forgotten one cannot silence a flood.
const LONGEST_HUSH_MS: u64 = 86_400_000;

impl Site {
    pub(super) fn order(&mut self, order: Order, now: Now) {
        let Order { no, by, act } = order;
        match self.carry_out(&by, act, now) {
            Ok(what) => self.note(Event::Ordered { no, by, what }, now),
            Err(why) => self.note(Event::OrderRefused { no, by, why }, now),
        }
    }

    fn carry_out(&mut self, by: &str, act: Act, now: Now) -> Result<String, String> {
        match act {
            Act::Programme(programme) => self.book_by_desk(by, programme, now),
            Act::DropProgramme { programme, version } => self.drop_by_desk(&programme, version, now),
            Act::Submit { bulletin, role } => self.submit(by, &role, *bulletin, now),
            Act::Approve { bulletin, version } => self.approve(by, &bulletin, version, now),
            Act::SendBack { bulletin, version, reason } => self.send_back(by, &bulletin, version, reason, now),
            Act::Withdraw { bulletin, version } => self.withdraw(by, &bulletin, version, now),
            Act::Decide { id, first } => {
                let open = self.memory.decisions.get(&id).ok_or("Không có quyết định này")?;
                if open.first.is_some() {
                    return Err("Việc này đã được quyết định".to_owned());
                }
                self.note(Event::DecisionTaken { id, first, by: Some(by.to_owned()) }, now);
                Ok(format!("decision {id}"))
            }
            Act::Emergency { text, level, targets, repeat, drill, reason } => {
                if text.trim().is_empty() {
                    return Err("Chưa có nội dung để phát".to_owned());
                }
                let warning = Warning { text, level, targets, repeat, drill, ..Warning::default() };
                self.warn(by, warning, &reason, now)
            }
            Act::EmergencyVoice { live, text, level, targets, max_s, drill, reason } => {
                let max_s = speaking_time(max_s)?;
                let voice = Some((live, u64::from(max_s) * 1000));
                let warning = Warning { text, level, targets, drill, voice, ..Warning::default() };
                self.warn(by, warning, &reason, now)
            }
            Act::EmergencyPrepared { prepared, level, targets, repeat, drill, reason } => {
                let warning = self.ready_warning(&prepared, level, drill)?;
                self.warn(by, Warning { targets, repeat, ..warning }, &format!("{prepared}: {reason}"), now)
            }
            Act::Prepare(prepared) => self.prepare_item(by, prepared, now),
            Act::DropPrepared { prepared, version } => self.drop_prepared(by, &prepared, version, now),
            Act::ReadPaper { paper } => self.read_paper(by, &paper, now),
            Act::SubmitReport { paper, rows, note } => self.submit_report(by, &paper, rows, note, now),
            Act::Offer { bulletin, note } => self.offer(by, &bulletin, note, now),
            Act::AskLive { live } => self.ask_live(by, &live),
            Act::HandLive { live, to, reason } => self.hand_live(by, &live, &to, &reason, now),
            Act::Live { live, input, targets, max_s, chime } => {
                self.order_live(by, live, input, targets, speaking_time(max_s)?, chime, now)
            }
            Act::EndLive { live } => match self.end_live(&super::relay::id_of(&live), now) {
                true => Ok(format!("end of live {live}")),
                false => Err("Không có lượt phát trực tiếp này".to_owned()),
            },
            Act::Stop { bulletin, correction, prepared, reason } => {
                let said = match prepared {
                    Some(prepared) => self.ready_content(&prepared)?,
                    None => correction
                        .filter(|c| !c.trim().is_empty())
                        .map(|text| Content::Text { lang: "vi".to_owned(), text })
                        .into_iter()
                        .collect(),
                };
                self.stop(by, bulletin, said, &reason, now)
            }
            Act::Mute { clusters, for_s, reason } => {
                let all = self.config.clusters.keys().cloned().collect();
                let whom = named(clusters, all, "Không có cụm loa")?;
                self.mute(&whom, for_s, now);
                Ok(format!("mute {}: {reason}", words(&whom, ClusterId::as_str)))
            }
            Act::SelfTest { full } => self.order_trial(by, full, now),
            Act::EndSelfTest => self.stop_trial(by, now),
            Act::Baseline { outputs } => {
                if self.memory.trials.last.is_none() {
                    return Err("Chưa có lần kiểm tra nào để lấy làm chuẩn".to_owned());
                }
                self.note(Event::BaselineTaken { by: by.to_owned(), outputs: outputs.clone() }, now);
                Ok(format!("baseline {}", if outputs.is_empty() { "all".to_owned() } else { outputs.join(", ") }))
            }
            Act::Rearm { transmitter, reason } => self.rearm(by, &transmitter, &reason, now),
            Act::Office { what } => Ok(what),
            Act::Send { kind, body, what } => {
                self.note(Event::Sent { kind, body }, now);
                Ok(what)
            }
            Act::Blackout { boards, for_s, reason } => {
                let all = self.config.boards.keys().cloned().collect();
                let whom = named(boards, all, "Không có bảng")?;
                let (for_ms, until) = self.hush_length(for_s, now);
                for board in &whom {
                    self.darkened_until.insert(board.clone(), now.mono.plus(for_ms));
                }
                self.note(Event::Darkened { boards: whom.clone(), for_ms, until }, now);
                Ok(format!("blackout {}: {reason}", words(&whom, BoardId::as_str)))
            }
        }
    }

    fn stop(
        &mut self,
        by: &str,
        bulletin: Option<BulletinId>,
        mut said: Vec<Content>,
        reason: &str,
        now: Now,
    ) -> Result<String, String> {
        let ids: Vec<BulletinId> = match bulletin {
            Some(id) if self.memory.bulletins.contains_key(&id) => vec![id],
            Some(id) => return Err(format!("Không có bản tin {id}")),
            None => self.on_air_now(),
        };
        if ids.is_empty() {
            return Err("Không có gì đang phát".to_owned());
        }
        let what = format!("stop {}: {reason}", words(&ids, BulletinId::as_str));
        for bulletin_id in ids {
            // One correction is said once, not once for every bulletin it ends.
            let correction = std::mem::take(&mut said);
            let recall = Recall { bulletin_id, reason: reason.to_owned(), correction };
            self.recall(&recall, None, Some(by.to_owned()), now);
        }
        Ok(what)
    }

    fn on_air_now(&self) -> Vec<BulletinId> {
        let mut ids: Vec<BulletinId> = Vec::new();
        for (key, airing) in &self.airings {
            if self.air.sinks.get(&key.1) == Some(&key.0)
                && let Some(super::air::Piece::Bulletin(id)) = self.piece(&key.0, airing.item)
                && !ids.contains(&id)
            {
                ids.push(id);
            }
        }
        ids
    }

    fn mute(&mut self, whom: &[ClusterId], for_s: Option<u32>, now: Now) {
        let (for_ms, until) = self.hush_length(for_s, now);
        let emergency = self.claims.iter().any(|c| {
            matches!((&c.id, c.rank), (ClaimId::Bulletin(_), Rank::Emergency(_)))
                && whom.iter().any(|w| c.clusters.contains(w))
        });
        for cluster in whom {
            self.silenced_until.insert(cluster.clone(), now.mono.plus(for_ms));
        }
        self.note(Event::Silenced { clusters: whom.to_vec(), for_ms, until }, now);
        if emergency && for_ms > 0 {
            let text = format!("an officer silenced an emergency for {} s", for_ms / 1000);
            let about = words(whom, ClusterId::as_str);
            self.note(Event::Incident { code: "emergency_muted".into(), about, text }, now);
        }
    }

    fn hush_length(&self, for_s: Option<u32>, now: Now) -> (u64, Option<Wall>) {
        let for_ms = for_s.map_or(self.config.policy.mute_ms, |s| u64::from(s) * 1000).min(LONGEST_HUSH_MS);
        let until = self.wall(now).map(|w| w.plus(i64::try_from(for_ms).unwrap_or(0)));
        (for_ms, until)
    }

    /// Hushes whose time is over.
    pub(super) fn lift_hushes(&mut self, now: Now) {
        let over = |until: &crate::time::Mono| *until <= now.mono;
        let clusters: Vec<ClusterId> =
            self.silenced_until.iter().filter(|(_, u)| over(u)).map(|(c, _)| c.clone()).collect();
        let boards: Vec<BoardId> =
            self.darkened_until.iter().filter(|(_, u)| over(u)).map(|(b, _)| b.clone()).collect();
        self.silenced_until.retain(|_, u| !over(u));
        self.darkened_until.retain(|_, u| !over(u));
        if clusters.iter().any(|c| self.memory.silenced.contains_key(c)) {
            self.note(Event::Silenced { clusters, for_ms: 0, until: None }, now);
        }
        if boards.iter().any(|b| self.memory.darkened.contains_key(b)) {
            self.note(Event::Darkened { boards, for_ms: 0, until: None }, now);
        }
        let next = self.silenced_until.values().chain(self.darkened_until.values()).min().copied();
        if let Some(at) = next {
            self.wake(at, "a mute or blackout ends");
        }
    }
}

fn named<T: Ord + std::fmt::Display>(asked: Vec<T>, all: Vec<T>, unknown: &str) -> Result<Vec<T>, String> {
    if asked.is_empty() {
        return Ok(all);
    }
    match asked.iter().find(|a| !all.contains(a)) {
        Some(stranger) => Err(format!("{unknown} {stranger}")),
        None => Ok(asked),
    }
}

fn words<T>(whom: &[T], text: impl Fn(&T) -> &str) -> String {
    whom.iter().map(text).collect::<Vec<_>>().join(", ")
}
