//! What each output last said, and whether it can be relied on.

use crate::config::{Path, SiteConfig};
use crate::device::{Fault, Report, TransmitterState};
use crate::id::{ClusterId, OutputId, ShowId, SwitchId, TransmitterId};
use crate::time::Mono;
use crate::want::Grade;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Whether an output can be relied on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It has not said anything yet.
    #[default]
    Unknown,
    /// It answers.
    Well,
    /// It does not do what it should: in what way, and what a technician is told of it.
    Faulted(Trouble, String),
}

/// In what way an output does not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It is there, and answers no.
    Refused,
    /// No (sensible) answer comes of it.
    Line,
    /// It answers, and has not done what it was told in its time.
    Idle,
    /// A sink that was told to play, of which nothing is heard.
    Silent,
    /// A transmitter whose protection took the carrier down.
    Tripped,
}

impl Trouble {
    /// In the words of screens.
    pub fn words(self) -> &'static str {
        match self {
            Self::Refused => "từ chối lệnh",
            Self::Line => "không trả lời",
            Self::Idle => "nhận lệnh mà không làm",
            Self::Silent => "nhận lệnh phát mà không ra tiếng",
            Self::Tripped => "đã tự ngắt để bảo vệ",
        }
    }

    /// The one thing to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Refused => "Gọi kỹ thuật xem cài đặt của thiết bị.",
            Self::Line => "Kiểm tra nguồn điện và dây nối của thiết bị.",
            Self::Idle => "Kiểm tra rơ-le, nguồn của thiết bị và tầng công suất.",
            Self::Silent => "Kiểm tra card âm thanh, tăng âm và dây tiếng.",
            Self::Tripped => "Xem ăng-ten, cáp và nguồn tại chỗ, rồi bấm Cho phát lại ở trang Thiết bị.",
        }
    }

    /// The same with what a technician is told.
    pub fn told(self, why: &str) -> String {
        format!("{} ({why})", self.words())
    }
}

impl From<&Fault> for Trouble {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Refused(_) => Self::Refused,
            Fault::Line(_) => Self::Line,
        }
    }
}

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing new about its health.
    Same,
    /// It was lost just now.
    Lost,
    /// It was lost and answers again.
    Back,
}

/// What a switch, a coder or a board last read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// What.
    pub value: T,
    /// How that is known.
    pub grade: Grade,
    /// Since when it has read so.
    pub since: Mono,
}

/// Everything the outputs have said since power-on.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    health: BTreeMap<OutputId, Health>,
    switches: BTreeMap<SwitchId, Read<bool>>,
    /// Switches that do not answer, since when.
    unheard: BTreeMap<SwitchId, Mono>,
    carriers: BTreeMap<TransmitterId, TransmitterState>,
    coders: BTreeMap<TransmitterId, Read<BTreeSet<u16>>>,
    boards: BTreeMap<crate::id::BoardId, Read<Option<ShowId>>>,
    /// Transmitters that tripped: they answer, and are of no use until a person re-arms them.
    held: BTreeMap<TransmitterId, Health>,
    /// Outputs that answer and are of no use: why, and until when they are left alone unless they do what they should.
    resting: BTreeMap<OutputId, (Health, Mono)>,
    /// What is waited for to be on, since when.
    owed: BTreeMap<OutputId, Mono>,
    /// An output was lost or came back since [`Outputs::has_turned`] was asked last.
    turned: bool,
}

/// What did nothing, or failed and was put to sleep, is left alone for so long unless it is seen to do what it should,
/// milliseconds: tried again at once, it would take its path from the one that works.
pub const REST_MS: u64 = 3_600_000;

impl Outputs {
    /// Takes a report in.
    pub fn hear(&mut self, id: &OutputId, report: &Report, now: Mono) -> Change {
        let before = self.is_out(id);
        match (id, report) {
            // What is heard of a sink says nothing of whether the device answers; a look was answered just before.
            (
                _,
                Report::Silent { .. }
                | Report::Unbidden { .. }
                | Report::Howl { .. }
                | Report::Heard { .. }
                | Report::Tried { .. }
                | Report::Differs { .. },
            ) => {
                return Change::Same;
            }
            // It stands in the memory, not here.
            (_, Report::Tripped(_)) => return Change::Same,
            (_, Report::Fault(fault)) => return self.lose(id, fault.into(), fault.to_string(), now),
            (_, Report::Asleep) => {
                // The path beside it is not given up for one that may be as broken as before.
                if let Some(Health::Faulted(trouble, why)) = self.health.get(id).cloned() {
                    self.health.remove(id);
                    self.rest(id, trouble, why, now);
                }
                return Change::Same;
            }
            (OutputId::Switch(switch), Report::Switch { on, grade }) => {
                if *on {
                    self.resting.remove(id);
                }
                let since = self.switches.get(switch).filter(|r| r.value == *on).map_or(now, |r| r.since);
                self.unheard.remove(switch);
                self.switches.insert(switch.clone(), Read { value: *on, grade: *grade, since });
            }
            (OutputId::Transmitter(transmitter), Report::Transmitter(state)) => {
                if state.carrier {
                    self.resting.remove(id);
                }
                self.carriers.insert(transmitter.clone(), *state);
            }
            (OutputId::Coder(coder), Report::Coder { zones, grade }) => {
                if !zones.is_empty() {
                    self.resting.remove(id);
                }
                self.coders.insert(coder.clone(), Read { value: zones.clone(), grade: *grade, since: now });
            }
            (OutputId::Board(id), Report::Board { showing, grade }) => {
                self.boards.insert(id.clone(), Read { value: *showing, grade: *grade, since: now });
            }
            (
                OutputId::Sink(_)
                | OutputId::Switch(_)
                | OutputId::Transmitter(_)
                | OutputId::Coder(_)
                | OutputId::Board(_)
                | OutputId::Sensor(_),
                Report::Well
                | Report::Sounding { .. }
                | Report::Ended { .. }
                | Report::Switch { .. }
                | Report::Transmitter(_)
                | Report::Coder { .. }
                | Report::Sensed(_)
                | Report::Board { .. },
            ) => {}
        }
        self.health.insert(id.clone(), Health::Well);
        self.turns(id, before)
    }

    /// Takes an output as lost.
    pub fn lose(&mut self, id: &OutputId, trouble: Trouble, why: String, now: Mono) -> Change {
        let before = self.is_out(id);
        match id {
            OutputId::Switch(id) => {
                self.switches.remove(id);
                self.unheard.entry(id.clone()).or_insert(now);
            }
            OutputId::Transmitter(id) => {
                self.carriers.remove(id);
            }
            OutputId::Coder(id) => {
                self.coders.remove(id);
            }
            OutputId::Board(id) => {
                self.boards.remove(id);
            }
            OutputId::Sink(_) | OutputId::Sensor(_) => {}
        }
        self.health.insert(id.clone(), Health::Faulted(trouble, why));
        self.turns(id, before)
    }

    /// Takes an output that answers as lost, for this reason, until it is seen to do what it should or [`REST_MS`] are over.
    pub fn rest(&mut self, id: &OutputId, trouble: Trouble, why: String, now: Mono) -> Change {
        let before = self.is_out(id);
        self.resting.insert(id.clone(), (Health::Faulted(trouble, why), now.plus(REST_MS)));
        self.turns(id, before)
    }

    /// Lets those be tried again that were left alone for long enough; when the next may be.
    pub fn rested(&mut self, now: Mono) -> Option<Mono> {
        let before = self.resting.len();
        self.resting.retain(|_, (_, until)| *until > now);
        self.turned |= before != self.resting.len();
        self.resting.values().map(|(_, until)| *until).min()
    }

    /// These are waited for to be on, and no others: since when each.
    pub fn owe(&mut self, owed: BTreeSet<OutputId>, now: Mono) -> BTreeMap<OutputId, Mono> {
        let since = |id: &OutputId| self.owed.get(id).copied().unwrap_or(now);
        self.owed = owed.into_iter().map(|id| (id.clone(), since(&id))).collect();
        self.owed.clone()
    }

    fn is_out(&self, id: &OutputId) -> bool {
        self.is_lost(id) || self.resting.contains_key(id)
    }

    fn turns(&mut self, id: &OutputId, before: bool) -> Change {
        let after = self.is_out(id);
        self.turned |= before != after;
        match (before, after) {
            (false, true) => Change::Lost,
            (true, false) => Change::Back,
            (true, true) | (false, false) => Change::Same,
        }
    }

    /// A transmitter has tripped, for this reason.
    pub fn hold(&mut self, id: &TransmitterId, why: &str) {
        self.carriers.remove(id);
        self.turned |= self.held.insert(id.clone(), Health::Faulted(Trouble::Tripped, why.to_owned())).is_none();
    }

    /// A person has re-armed it.
    pub fn free(&mut self, id: &TransmitterId) {
        self.turned |= self.held.remove(id).is_some();
    }

    /// How an output is.
    pub fn health(&self, id: &OutputId) -> &Health {
        if let OutputId::Transmitter(transmitter) = id
            && let Some(held) = self.held.get(transmitter)
        {
            return held;
        }
        let resting = || self.resting.get(id).map(|(why, _)| why);
        match self.answers(id) {
            lost @ Health::Faulted(..) => lost,
            Health::Unknown | Health::Well => resting().unwrap_or(self.answers(id)),
        }
    }

    /// How an output answered last, whether or not it did what it should.
    pub fn answers(&self, id: &OutputId) -> &Health {
        self.health.get(id).unwrap_or(&Health::Unknown)
    }

    /// It failed or refused when it was asked last.
    pub fn is_lost(&self, id: &OutputId) -> bool {
        matches!(self.answers(id), Health::Faulted(..))
    }

    /// It was said not to do what it should.
    pub fn is_faulted(&self, id: &OutputId) -> bool {
        match self.health(id) {
            Health::Faulted(..) => true,
            Health::Unknown | Health::Well => false,
        }
    }

    /// A switch reads on; since when and how that is known.
    pub fn switch_on(&self, id: &SwitchId) -> Option<&Read<bool>> {
        self.switches.get(id).filter(|r| r.value)
    }

    /// What a switch reads.
    pub fn switch(&self, id: &SwitchId) -> Option<&Read<bool>> {
        self.switches.get(id)
    }

    /// Since when a switch has not answered.
    pub fn unheard(&self, id: &SwitchId) -> Option<Mono> {
        self.unheard.get(id).copied()
    }

    /// What a transmitter reads.
    pub fn carrier(&self, id: &TransmitterId) -> Option<&TransmitterState> {
        self.carriers.get(id)
    }

    /// What a coder holds open.
    pub fn coder(&self, id: &TransmitterId) -> Option<&Read<BTreeSet<u16>>> {
        self.coders.get(id)
    }

    /// What a board shows.
    pub fn board(&self, id: &crate::id::BoardId) -> Option<&Read<Option<ShowId>>> {
        self.boards.get(id)
    }

    /// Whether an output was lost or came back since this was asked last.
    pub fn has_turned(&mut self) -> bool {
        std::mem::take(&mut self.turned)
    }

    /// Which path each cluster uses: the first with nothing known to be broken on it, else the first.
    pub fn paths(&self, site: &SiteConfig) -> BTreeMap<ClusterId, usize> {
        let sound = |path: &Path| match path {
            Path::Direct { sink, switch, watch, force: _ } => {
                !self.is_faulted(&OutputId::Sink(sink.clone()))
                    && watch.as_ref().is_none_or(|s| !self.is_faulted(&OutputId::Sensor(s.clone())))
                    && switch.as_ref().is_none_or(|s| !self.is_faulted(&OutputId::Switch(s.clone())))
            }
            Path::Radio { transmitter, .. } => {
                !self.is_faulted(&OutputId::Transmitter(transmitter.clone()))
                    && !self.is_faulted(&OutputId::Coder(transmitter.clone()))
                    && site.transmitters.get(transmitter).is_some_and(|t| {
                        !self.is_faulted(&OutputId::Sink(t.sink.clone()))
                            && t.mains.as_ref().is_none_or(|s| !self.is_faulted(&OutputId::Switch(s.clone())))
                    })
            }
        };
        site.clusters
            .iter()
            .map(|(id, cluster)| (id.clone(), cluster.paths.iter().position(sound).unwrap_or(0)))
            .collect()
    }
}
