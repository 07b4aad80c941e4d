//! Self-tests: a silent one that only looks, and a full one that switches, keys, shows and sounds, one thing after another.
//!
//! ```text
//!   Look ──▶ (silent: over)
//!     └────▶ On ─▶ Off, each switch ─▶ Carrier up, read, down ─▶ Boards ─▶ Tone at each ear ─▶ over
//! ```
//! It has no claim: what it wants is laid over what nobody else wants, and the first claim that stands ends it.

mod report;
mod steps;

use super::Site;
use crate::claim::Rank;
use crate::device::Report;
use crate::id::{BoardId, OutputId, PlayId, SinkId, SwitchId, TransmitterId};
use crate::time::{Mono, Now, Wall};
use crate::trial::{Figure, Tried};
use crate::want::{BoardMessage, BoardWant, Grade, Join, Loudness, Play, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The nightly test is made up for within this time, milliseconds.
const NIGHTLY_LATE_MS: i64 = 3_600_000;
/// A station that was just switched on is not tested before its devices and its hub have had this long, milliseconds.
const SETTLED_MS: u64 = 120_000;
/// A full test must be over before the next programme or drill: it takes this long at most, milliseconds.
const FULL_MS: i64 = 300_000;

/// A self-test that is running.
#[derive(Debug)]
pub(super) struct Running {
    no: u64,
    full: bool,
    by: Option<String>,
    at: Wall,
    began: Mono,
    step: Step,
    since: Mono,
    todo: VecDeque<Step>,
    /// What was heard of each output during the look: its figures, or why it failed.
    said: BTreeMap<OutputId, Result<Vec<Figure>, String>>,
    rows: BTreeMap<OutputId, Tried>,
}

/// What a self-test does just now.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// Everything is read, nothing is changed.
    Look,
    /// A switch is closed; waits until it reads back.
    On(SwitchId),
    /// It is opened again.
    Off(SwitchId),
    /// A carrier without code or sound.
    Carrier(TransmitterId, Carrier),
    /// A pattern that says what it is, on all boards at once.
    Boards(BTreeMap<BoardId, BoardMessage>),
    /// One chime on a sink that somebody listens to.
    Tone(SinkId, Tone),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Carrier {
    Up,
    Dwell(Mono),
    Down,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tone {
    Keying,
    Playing { play: PlayId, sounding: Option<Mono>, heard: Option<Grade>, ended: Option<Mono> },
}

impl Running {
    /// A word for screens.
    pub(super) fn doing(&self) -> String {
        match &self.step {
            Step::Look => "đang hỏi các thiết bị".to_owned(),
            Step::On(id) | Step::Off(id) => format!("đang thử công tắc {id}"),
            Step::Carrier(id, _) => format!("đang thử máy phát {id}"),
            Step::Boards(_) => "đang thử bảng tin".to_owned(),
            Step::Tone(id, _) => format!("đang nghe thử ngõ ra {id}"),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }
}

impl Site {
    /// An officer wants a self-test.
    pub(super) fn order_trial(&mut self, by: &str, full: bool, now: Now) -> Result<String, String> {
        if self.trial.is_some() {
            return Err("Trạm đang tự kiểm tra. Hãy đợi xong rồi thử lại.".to_owned());
        }
        if let Some(why) = self.trial_yields(full, now) {
            return Err(format!("Chưa kiểm tra được: {why}."));
        }
        if let Some(wall) = self.wall(now).filter(|_| full) {
            let soon = self.book.starts.values().chain(self.calendar.next.values()).min();
            if soon.is_some_and(|at| at.0 - wall.0 < FULL_MS) {
                return Err("Chưa kiểm tra được: sắp có chương trình hoặc diễn tập. Hãy đợi phát xong.".to_owned());
            }
        }
        self.begin_trial(Some(by.to_owned()), full, now);
        Ok(format!("selftest {}", if full { "full" } else { "silent" }))
    }

    /// An officer ends it.
    pub(super) fn stop_trial(&mut self, by: &str, now: Now) -> Result<String, String> {
        if self.trial.is_none() {
            return Err("Trạm không tự kiểm tra lúc này".to_owned());
        }
        self.end_trial(Some(format!("{by} dừng")), now);
        Ok("selftest stopped".to_owned())
    }

    fn begin_trial(&mut self, by: Option<String>, full: bool, now: Now) {
        self.trial = Some(Running {
            no: self.memory.trials.no + 1,
            full,
            by,
            at: self.record_time(now),
            began: now.mono,
            step: Step::Look,
            since: now.mono,
            todo: VecDeque::new(),
            said: BTreeMap::new(),
            rows: BTreeMap::new(),
        });
    }

    /// Why a self-test may not be, or may not go on: what people are to hear or see comes first.
    fn trial_yields(&self, full: bool, now: Now) -> Option<&'static str> {
        let most = self.claims.iter().map(|c| c.rank).max();
        match most {
            Some(Rank::Emergency(_)) => return Some("đang có tin khẩn cấp"),
            Some(Rank::Live) => return Some("đang nói trực tiếp"),
            Some(Rank::Drill(_)) => return Some("đang diễn tập"),
            Some(Rank::Programme) if full => return Some("đang phát chương trình"),
            // The filler makes room for a full one.
            Some(Rank::Programme | Rank::Filler) | None => {}
        }
        if full && !self.board_messages(now).is_empty() {
            return Some("bảng tin đang hiện thông báo");
        }
        None
    }

    /// Begins what is due, gives way to what counts more, goes on; true if anything moved.
    pub(super) fn run_trial(&mut self, now: Now) -> bool {
        let began = self.begin_nightly(now);
        let Some(full) = self.trial.as_ref().map(|t| t.full) else { return began };
        if let Some(why) = self.trial_yields(full, now) {
            self.end_trial(Some(why.to_owned()), now);
            return true;
        }
        let mut moved = false;
        while self.advance(now) {
            moved = true;
        }
        began || moved
    }

    /// The silent test of the night: inaudible, since it only looks.
    fn begin_nightly(&mut self, now: Now) -> bool {
        let (Some(at_s), Some(wall)) = (self.config.selftest.nightly_s, self.wall(now)) else { return false };
        let (today, _) = wall.local();
        let Some(due) = Wall::at_local(today, at_s) else { return false };
        let done = self.memory.trials.nightly.is_some_and(|at| at >= due);
        let up = self.floor_at_start.1.plus(SETTLED_MS);
        if now.mono < up {
            self.wake(up, "the station has just been switched on");
        } else if wall < due {
            self.wake_wall(due, now, "the nightly self-test is due");
        } else if !done && wall.0 - due.0 < NIGHTLY_LATE_MS {
            if self.trial.is_none() && self.trial_yields(false, now).is_none() {
                self.begin_trial(None, false, now);
                return true;
            }
        } else if let Some(next) = crate::time::tomorrow(today).and_then(|day| Wall::at_local(day, at_s)) {
            self.wake_wall(next, now, "the nightly self-test is due");
        }
        false
    }

    /// The carrier of this transmitter is wanted up for the test, by nobody else.
    pub(super) fn tries_carrier(&self, id: &TransmitterId) -> bool {
        let Some(Running { step: Step::Carrier(tried, phase), .. }) = &self.trial else { return false };
        tried == id && *phase != Carrier::Down
    }

    /// Lays what the test wants over levels that nobody else wants anything of.
    pub(super) fn level_trial(&mut self) {
        self.wants.trial = self.trial.as_ref().map(|t| t.no);
        let Some(Running { step, .. }) = &self.trial else { return };
        match step {
            Step::On(id) => {
                self.wants.switches.insert(id.clone(), true);
            }
            Step::Boards(messages) => {
                // A person may darken a board in the middle of it.
                for (board, message) in messages.iter().filter(|(id, _)| !self.memory.darkened.contains_key(*id)) {
                    self.wants.boards.insert(board.clone(), BoardWant::message(message.clone()));
                }
            }
            Step::Tone(sink, _) if self.is_hushed(sink) => {}
            Step::Tone(sink, tone) => {
                for switch in self.switches_heard(sink) {
                    self.wants.switches.insert(switch, true);
                }
                let idle = self.wants.sinks.get_mut(sink).filter(|want| want.play.is_none());
                if let (Tone::Playing { play, ended: None, .. }, Some(want)) = (tone, idle) {
                    let (source, loudness, join) = (Source::Chime, Loudness::Programme, Join::Cut);
                    want.play = Some(Play { id: *play, source, from_ms: 0, loudness, join });
                }
            }
            Step::Look | Step::Off(_) | Step::Carrier(..) => {}
        }
    }

    /// A person has silenced a cluster on this sink: then no test sounds there either.
    fn is_hushed(&self, sink: &SinkId) -> bool {
        let on = |path: &crate::config::Path| crate::arbiter::sink_of(&self.config, path) == Some(sink);
        let clusters = self.memory.silenced.keys().filter_map(|id| self.config.clusters.get(id));
        clusters.into_iter().any(|cluster| cluster.paths.iter().any(on))
    }

    /// Switches of the horns in front of which the ear of a sink stands.
    fn switches_heard(&self, sink: &SinkId) -> BTreeSet<SwitchId> {
        let at = self.config.sinks.get(sink).map(|s| &s.heard_at);
        let listened = |id| at.is_none_or(|at| at.is_empty() || at.contains(id));
        let paths = self.config.clusters.iter().filter(|(id, _)| listened(id)).flat_map(|(_, c)| &c.paths);
        let gates = paths.filter_map(|path| match path {
            crate::config::Path::Direct { sink: of, switch: Some(switch), .. } if of == sink => Some(switch.clone()),
            crate::config::Path::Direct { .. } | crate::config::Path::Radio { .. } => None,
        });
        gates.collect()
    }

    /// What a sink said about the chime of the test.
    pub(super) fn tone_said(&mut self, sink: &SinkId, report: &Report, now: Now) {
        let Some(Running { step: Step::Tone(of, Tone::Playing { play, sounding, heard, ended }), .. }) =
            &mut self.trial
        else {
            return;
        };
        if of != sink {
            return;
        }
        if matches!(report, Report::Sounding { play: said } if said == play) {
            *sounding = sounding.or(Some(now.mono));
        } else if matches!(report, Report::Ended { play: said, .. } if said == play) {
            *ended = ended.or(Some(now.mono));
        } else if let Report::Heard { play: said, grade } = report
            && said == play
        {
            *heard = (*heard).max(Some(*grade));
        }
    }
}
