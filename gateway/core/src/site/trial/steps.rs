//! The steps of a self-test: when each is over, and what it found.

use super::{Carrier, Running, Step, Tone};
use crate::id::{BoardId, OutputId, ShowId, SinkId, SwitchId, TransmitterId};
use crate::journal::sha256_hex;
use crate::keying::Keying;
use crate::site::Site;
use crate::time::{Mono, Now};
use crate::trial::{Figure, Outcome, Tried};
use crate::want::{BoardMessage, Grade};
use std::collections::{BTreeMap, BTreeSet};

/// Everything is looked at at once: the sensors have answered by then, milliseconds.
const LOOK_LEAST_MS: u64 = 1_000;
/// What has not answered by then does not answer: dead devices of one bus are waited for one after another.
const LOOK_MS: u64 = 30_000;
/// A switch that has not read back by then does not switch, milliseconds.
const SWITCH_MS: u64 = 5_000;
/// Mains and warm-up aside, a carrier is up by then, milliseconds.
const CARRIER_MS: u64 = 10_000;
/// The meters of an exciter have settled by then, milliseconds.
const DWELL_MS: u64 = 1_500;
/// A board shows a message by then, and what can be read back of it has been, milliseconds.
const BOARD_MS: u64 = 15_000;
/// The chime is over by then, milliseconds.
const CHIME_MS: u64 = 6_000;
/// An ear has understood what it heard by then, milliseconds after the end.
const EAR_MS: u64 = 2_500;
/// Why an output passes of which nobody knows what it did.
pub(super) const SENT_ONLY: &str = "không đọc lại được, chỉ biết là đã gửi lệnh";
/// What the boards show meanwhile.
const PATTERN: &str = "KIỂM TRA BẢNG – KHÔNG PHẢI THÔNG BÁO – 0123456789 ĂÂĐÊÔƠƯ";

impl Site {
    /// Takes one step if its time has come; true if it did.
    pub(super) fn advance(&mut self, now: Now) -> bool {
        let Some(Running { step, since, .. }) = &self.trial else { return false };
        let (step, since) = (step.clone(), *since);
        match step {
            Step::Look => self.look(since, now),
            Step::On(id) => self.switch_on(id, since, now),
            Step::Off(id) => self.switch_off(&id, since, now),
            Step::Carrier(id, phase) => self.carrier(id, phase, since, now),
            Step::Boards(messages) => self.boards(messages, since, now),
            Step::Tone(sink, tone) => self.tone_at(sink, tone, since, now),
        }
    }

    fn go(&mut self, step: Step, now: Now) -> bool {
        if let Some(trial) = &mut self.trial {
            (trial.step, trial.since) = (step, now.mono);
        }
        true
    }

    /// The next thing on the list, or the end.
    fn go_on(&mut self, now: Now) -> bool {
        match self.trial.as_mut().and_then(|t| t.todo.pop_front()) {
            Some(step) => self.go(step, now),
            None => {
                self.end_trial(None, now);
                true
            }
        }
    }

    fn waits(&mut self, until: Mono, now: Now) -> bool {
        if now.mono < until {
            self.wake(until, "a step of the self-test is not waited for any longer");
            return true;
        }
        false
    }

    fn look(&mut self, since: Mono, now: Now) -> bool {
        let missing: Vec<OutputId> = {
            let Some(trial) = &self.trial else { return false };
            self.output_ids().into_iter().filter(|id| !trial.rows.contains_key(id)).collect()
        };
        let full = self.trial.as_ref().is_some_and(|t| t.full);
        // What the filler had on goes off in its order first.
        let busy = full && self.keyings.values().any(|keying| *keying != Keying::Off);
        let until = since.plus(if missing.is_empty() && !busy { LOOK_LEAST_MS } else { LOOK_MS });
        if self.waits(until, now) {
            return false;
        }
        for id in missing {
            self.row(&id, Outcome::Fail, Some(format!("không trả lời trong {} giây", LOOK_MS / 1000)));
        }
        let todo = if full { self.list() } else { Vec::new() };
        if let Some(trial) = &mut self.trial {
            trial.todo.extend(todo);
        }
        self.go_on(now)
    }

    /// What a full test tries after the look: all that has not failed already.
    fn list(&mut self) -> Vec<Step> {
        let used: BTreeSet<SwitchId> =
            self.wants.switches.iter().filter(|(_, on)| **on).map(|(id, _)| id.clone()).collect();
        used.iter().for_each(|id| self.leave_on(id));
        let well = |id: &OutputId| {
            let row = self.trial.as_ref().and_then(|t| t.rows.get(id));
            row.is_some_and(|r| r.outcome != Outcome::Fail)
        };
        let mut list: Vec<Step> = Vec::new();
        let free = self.config.switches.keys().filter(|id| !used.contains(*id));
        let switches = free.filter(|id| well(&OutputId::Switch((*id).clone())));
        list.extend(switches.cloned().map(Step::On));
        let carriers = self.config.transmitters.keys().filter(|id| well(&OutputId::Transmitter((*id).clone())));
        list.extend(carriers.cloned().map(|id| Step::Carrier(id, Carrier::Up)));
        let lit = |id: &&BoardId| well(&OutputId::Board((*id).clone())) && !self.memory.darkened.contains_key(*id);
        let boards: BTreeMap<BoardId, BoardMessage> =
            self.config.boards.keys().filter(lit).map(|id| (id.clone(), pattern())).collect();
        if !boards.is_empty() {
            list.push(Step::Boards(boards));
        }
        let ears = self.config.ears.iter().filter(|id| !self.is_hushed(id) && well(&OutputId::Sink((*id).clone())));
        list.extend(ears.cloned().map(|id| Step::Tone(id, Tone::Keying)));
        list
    }

    /// A switch that somebody needs, such as the power of a board, is not opened for a test: that it reads on is its result.
    fn leave_on(&mut self, id: &SwitchId) {
        let output = OutputId::Switch(id.clone());
        let failed = |row: &Tried| row.outcome == Outcome::Fail;
        if self.trial.as_ref().and_then(|t| t.rows.get(&output)).is_some_and(failed) {
            return;
        }
        match self.outputs.switch_on(id) {
            Some(_) => self.row(&output, Outcome::Pass, Some("đang đóng để cấp điện, không ngắt để thử".to_owned())),
            None if self.outputs.is_lost(&output) => self.row(&output, Outcome::Fail, self.fault(&output)),
            None => self.row(&output, Outcome::Fail, Some("không đóng được".to_owned())),
        }
    }

    fn switch_on(&mut self, id: SwitchId, since: Mono, now: Now) -> bool {
        let output = OutputId::Switch(id.clone());
        let read = self.outputs.switch_on(&id).map(|r| (r.since, r.grade));
        match read {
            Some((at, grade)) => {
                self.measure(&output, "on_ms", millis(at.since(since)), "ms");
                if grade == Grade::Sent {
                    self.row(&output, Outcome::Pass, Some(SENT_ONLY.to_owned()));
                }
            }
            None if self.outputs.is_lost(&output) => self.row(&output, Outcome::Fail, self.fault(&output)),
            None if self.waits(since.plus(SWITCH_MS), now) => return false,
            None => self.row(&output, Outcome::Fail, Some("không đóng được".to_owned())),
        }
        self.go(Step::Off(id), now)
    }

    fn switch_off(&mut self, id: &SwitchId, since: Mono, now: Now) -> bool {
        let output = OutputId::Switch(id.clone());
        match self.outputs.switch(id).map(|r| (r.value, r.since)) {
            Some((false, at)) => self.measure(&output, "off_ms", millis(at.since(since)), "ms"),
            None if self.outputs.is_lost(&output) => self.row(&output, Outcome::Fail, self.fault(&output)),
            Some((true, _)) | None if self.waits(since.plus(SWITCH_MS), now) => return false,
            // Somebody else has closed it since.
            Some((true, _)) if self.wants.switches.get(id) == Some(&true) => self.leave_on(id),
            Some((true, _)) | None => self.row(&output, Outcome::Fail, Some("không ngắt được".to_owned())),
        }
        self.go_on(now)
    }

    fn carrier(&mut self, id: TransmitterId, phase: Carrier, since: Mono, now: Now) -> bool {
        let output = OutputId::Transmitter(id.clone());
        let keying = self.keyings.get(&id).copied().unwrap_or_default();
        match phase {
            Carrier::Up => {
                let warm_up_ms = self.config.transmitters.get(&id).map_or(0, |t| t.warm_up_ms);
                if keying == Keying::OnAir {
                    return self.go(Step::Carrier(id, Carrier::Dwell(now.mono.plus(DWELL_MS))), now);
                }
                if self.waits(since.plus(warm_up_ms + CARRIER_MS), now) {
                    return false;
                }
                let why = self.fault(&output).unwrap_or_else(|| "không lên sóng".to_owned());
                self.row(&output, Outcome::Fail, Some(why));
                self.go(Step::Carrier(id, Carrier::Down), now)
            }
            Carrier::Dwell(until) => {
                if self.waits(until, now) {
                    return false;
                }
                match self.outputs.carrier(&id).copied().filter(|s| s.carrier && s.forward_w > 0.0) {
                    Some(state) => {
                        self.row(&output, Outcome::Pass, None);
                        self.measure(&output, "forward_w", f64::from(state.forward_w), "W");
                        self.measure(&output, "reflected_w", f64::from(state.reflected_w), "W");
                        if let Some(celsius) = state.temperature_c {
                            self.measure(&output, "temperature_c", f64::from(celsius), "°C");
                        }
                    }
                    None => self.row(&output, Outcome::Fail, Some("có sóng mang nhưng không có công suất".to_owned())),
                }
                self.go(Step::Carrier(id, Carrier::Down), now)
            }
            Carrier::Down => {
                // Its keying comes to rest by itself, and looks again by itself.
                let let_go_ms = self.config.transmitters.get(&id).map_or(0, |t| t.settle.let_go_ms);
                if keying != Keying::Off && self.waits(since.plus(2 * let_go_ms + CARRIER_MS), now) {
                    return false;
                }
                if self.outputs.carrier(&id).is_some_and(|s| s.carrier) {
                    self.row(&output, Outcome::Fail, Some("sóng mang không tắt".to_owned()));
                }
                self.go_on(now)
            }
        }
    }

    fn boards(&mut self, mut messages: BTreeMap<BoardId, BoardMessage>, since: Mono, now: Now) -> bool {
        let read = |id: &BoardId, message: &BoardMessage| {
            self.outputs.board(id).filter(|r| r.value == Some(message.id)).map(|r| (id.clone(), r.since, r.grade))
        };
        let shown: Vec<(BoardId, Mono, Grade)> = messages.iter().filter_map(|(id, m)| read(id, m)).collect();
        for (id, at, _) in &shown {
            let output = OutputId::Board(id.clone());
            let known = self.trial.as_ref().and_then(|t| t.rows.get(&output));
            if known.is_none_or(|row| row.figures.iter().all(|f| f.name != "shown_ms")) {
                self.measure(&output, "shown_ms", millis(at.since(since)), "ms");
            }
        }
        // A card that can be looked at says first that it took the pattern, and later what is on the panel.
        let seen = shown.iter().filter(|(.., grade)| *grade >= Grade::Content).count();
        if seen < messages.len() && self.waits(since.plus(BOARD_MS), now) {
            return false;
        }
        for (id, _, grade) in shown {
            messages.remove(&id);
            let note = match grade {
                Grade::Sent => Some(SENT_ONLY),
                Grade::Electrical | Grade::Tone => Some("thẻ báo đã nhận mẫu thử; hình trên bảng không đọc lại được"),
                Grade::Content => None,
            };
            self.row(&OutputId::Board(id), Outcome::Pass, note.map(str::to_owned));
        }
        for id in messages.keys() {
            let output = OutputId::Board(id.clone());
            let why = self.fault(&output).unwrap_or_else(|| "không hiện được mẫu thử".to_owned());
            self.row(&output, Outcome::Fail, Some(why));
        }
        self.go_on(now)
    }

    fn tone_at(&mut self, sink: SinkId, tone: Tone, since: Mono, now: Now) -> bool {
        let output = OutputId::Sink(sink.clone());
        match tone {
            Tone::Keying => {
                let keyed = self.switches_heard(&sink).iter().all(|s| self.outputs.switch_on(s).is_some());
                if !keyed && self.waits(since.plus(SWITCH_MS), now) {
                    return false;
                }
                let play = self.new_play();
                self.go(Step::Tone(sink, Tone::Playing { play, sounding: None, heard: None, ended: None }), now)
            }
            Tone::Playing { sounding, heard, ended, .. } => {
                let until = ended.map_or(since.plus(CHIME_MS), |at| at.plus(EAR_MS));
                if (heard.is_none() || ended.is_none()) && self.waits(until, now) {
                    return false;
                }
                match (sounding, heard) {
                    (None, _) => self.row(&output, Outcome::Fail, Some("không phát ra tiếng".to_owned())),
                    (Some(_), None) => {
                        let why = "có phát, nhưng micro nghe kiểm tra không nghe thấy".to_owned();
                        self.row(&output, Outcome::Fail, Some(why));
                    }
                    (Some(at), Some(_)) => self.measure(&output, "sound_ms", millis(at.since(since)), "ms"),
                }
                self.go_on(now)
            }
        }
    }

    /// What an output last said to be wrong with it.
    fn fault(&self, id: &OutputId) -> Option<String> {
        match self.outputs.health(id) {
            crate::outputs::Health::Faulted(trouble, why) => Some(trouble.told(why)),
            crate::outputs::Health::Unknown | crate::outputs::Health::Well => None,
        }
    }

    fn measure(&mut self, id: &OutputId, name: &str, value: f64, unit: &str) {
        let figure = Figure { name: name.to_owned(), value, unit: unit.to_owned() };
        if let Some(row) = self.trial.as_mut().and_then(|t| t.rows.get_mut(id)) {
            row.figures.retain(|f| f.name != name);
            row.figures.push(figure);
        }
    }
}

/// The pattern, dark again by itself should the gateway go meanwhile.
fn pattern() -> BoardMessage {
    let digest = sha256_hex(PATTERN.as_bytes());
    let id = ShowId(digest.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(1));
    let (level, until, qr, picture) = (None, None, None, None);
    BoardMessage { id, text: PATTERN.to_owned(), level, drill: false, flash: false, qr, picture, until }
}

/// Milliseconds as a figure.
pub(super) fn millis(ms: u64) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX))
}
