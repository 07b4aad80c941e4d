//! What the outputs said during a self-test, and the result that is kept of it.

use super::steps::{SENT_ONLY, millis};
use super::{Running, Step};
use crate::device::{Reading, Report};
use crate::id::OutputId;
use crate::journal::Event;
use crate::outputs::{Health, Trouble};
use crate::site::Site;
use crate::time::Now;
use crate::trial::{Figure, Outcome, Trial, Tried};
use crate::want::Grade;

impl Site {
    /// What an output says while it is looked at.
    pub(in crate::site) fn trial_hears(&mut self, id: &OutputId, report: &Report) {
        let Some(trial) = self.trial.as_mut().filter(|t| t.step == Step::Look) else { return };
        match report {
            Report::Fault(fault) => {
                trial.said.insert(id.clone(), Err(Trouble::from(fault).told(&fault.to_string())));
            }
            Report::Tripped(why) => {
                trial.said.insert(id.clone(), Err(Trouble::Tripped.told(why)));
            }
            Report::Asleep => {
                trial.said.remove(id);
            }
            Report::Well | Report::Switch { .. } | Report::Coder { .. } | Report::Board { .. } => {
                trial.said.insert(id.clone(), Ok(Vec::new()));
            }
            Report::Transmitter(state) => {
                let watts = |name: &str, value: f32| figure(name, f64::from(value), "W");
                // It is warmer on the air than at rest.
                let name = if state.carrier { "temperature_air_c" } else { "temperature_c" };
                let celsius = state.temperature_c.map(|celsius| figure(name, f64::from(celsius), "°C"));
                let mut figures: Vec<Figure> = celsius.into_iter().collect();
                // What reads nothing because nothing is sent must not become the figure of a good day.
                if state.carrier {
                    figures.push(watts("forward_w", state.forward_w));
                    figures.push(watts("reflected_w", state.reflected_w));
                }
                trial.said.insert(id.clone(), Ok(figures));
            }
            Report::Sensed(readings) => {
                trial.said.insert(id.clone(), Ok(readings.iter().map(measured).collect()));
            }
            Report::Sounding { .. }
            | Report::Ended { .. }
            | Report::Silent { .. }
            | Report::Unbidden { .. }
            | Report::Howl { .. }
            | Report::Heard { .. }
            | Report::Differs { .. }
            | Report::Tried { .. } => {}
        }
    }

    /// An output has been looked at.
    pub(in crate::site) fn tried(&mut self, id: &OutputId, look: u64, ms: u64, figures: &[Reading]) {
        let Some(trial) = self.trial.as_mut().filter(|t| t.no == look && t.step == Step::Look) else { return };
        let said = trial.said.remove(id);
        let health = self.outputs.answers(id);
        let sink = matches!(id, OutputId::Sink(_));
        let (outcome, why, mut all) = match (said, health) {
            (Some(Err(why)), _) => (Outcome::Fail, Some(why), Vec::new()),
            (Some(Ok(figures)), _) => (Outcome::Pass, None, figures),
            (None, Health::Faulted(trouble, why)) => (Outcome::Fail, Some(trouble.told(why)), Vec::new()),
            (None, Health::Well) if sink => (Outcome::Pass, None, Vec::new()),
            (None, Health::Unknown) if sink => (Outcome::Fail, Some("chưa mở được".to_owned()), Vec::new()),
            (None, Health::Well | Health::Unknown) => {
                let why = "nguồn đang tắt; chỉ thử được khi kiểm tra đầy đủ".to_owned();
                (Outcome::NotTested, Some(why), Vec::new())
            }
        };
        if !sink && outcome == Outcome::Pass {
            all.insert(0, figure("answer_ms", millis(ms), "ms"));
        }
        all.extend(figures.iter().map(measured));
        let sent_only = match id {
            OutputId::Coder(coder) => self.outputs.coder(coder).is_some_and(|r| r.grade == Grade::Sent),
            OutputId::Switch(switch) => self.outputs.switch(switch).is_some_and(|r| r.grade == Grade::Sent),
            OutputId::Sink(_) | OutputId::Transmitter(_) | OutputId::Board(_) | OutputId::Sensor(_) => false,
        };
        let why = why.or((sent_only && outcome == Outcome::Pass).then(|| SENT_ONLY.to_owned()));
        let row = Tried { id: id.to_string(), outcome, why, figures: all, drift: Vec::new() };
        trial.rows.insert(id.clone(), row);
    }

    /// Sets what came of an output.
    pub(super) fn row(&mut self, id: &OutputId, outcome: Outcome, why: Option<String>) {
        let Some(trial) = &mut self.trial else { return };
        let blank = || Tried { id: id.to_string(), outcome, why: None, figures: Vec::new(), drift: Vec::new() };
        let row = trial.rows.entry(id.clone()).or_insert_with(blank);
        (row.outcome, row.why) = (outcome, why);
    }

    /// It is over, or given up: what it found is kept, and the hub hears of what is newly wrong.
    pub(super) fn end_trial(&mut self, given_up: Option<String>, now: Now) {
        let Some(trial) = self.trial.take() else { return };
        let Running { no, full, by, at, began, rows, .. } = trial;
        let mut rows: Vec<Tried> = rows.into_values().collect();
        rows.extend(self.surroundings(now));
        for row in &mut rows {
            let baseline = self.memory.trials.baselines.get(&row.id);
            let limits = self.config.selftest.limits_of(&row.id);
            row.drift = baseline.map(|b| limits.drift(&row.figures, b)).unwrap_or_default();
            if row.outcome == Outcome::Pass && !row.drift.is_empty() {
                row.outcome = Outcome::Drift;
            }
        }
        let failed_before = |id: &str| {
            let last = self.memory.trials.last.as_ref();
            last.is_some_and(|t| t.rows.iter().any(|r| r.id == id && r.outcome == Outcome::Fail))
        };
        let new: Vec<&Tried> = rows.iter().filter(|r| r.outcome == Outcome::Fail && !failed_before(&r.id)).collect();
        let about = new.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(", ");
        let words = |r: &&Tried| format!("{}: {}", r.id, r.why.as_deref().unwrap_or("hỏng"));
        let text = new.iter().map(words).collect::<Vec<_>>().join("; ");
        let tell = given_up.is_none() && !about.is_empty();
        let took_ms = now.mono.since(began);
        self.note(Event::SelfTested { trial: Box::new(Trial { no, full, by, at, took_ms, given_up, rows }) }, now);
        if tell {
            self.note(Event::Incident { code: "selftest_failed".into(), about, text }, now);
        }
    }

    /// What is no output, and decides whether the outputs have anything to do.
    fn surroundings(&self, now: Now) -> Vec<Tried> {
        let row = |id: &str, well: bool, why: &str, figures| Tried {
            id: id.to_owned(),
            outcome: if well { Outcome::Pass } else { Outcome::Fail },
            why: (!well).then(|| why.to_owned()),
            figures,
            drift: Vec::new(),
        };
        let mut rows = vec![
            row("clock", self.wall(now).is_some(), "đồng hồ chưa tin cậy", Vec::new()),
            row("disk", self.disk_ok, "bộ nhớ không ghi được", Vec::new()),
        ];
        if self.config.selftest.has_hub {
            let seconds = self.link_turned.map_or(now.mono.0, |at| now.mono.since(at)) / 1000;
            let name = if self.online { "up_s" } else { "down_s" };
            let why = "không liên lạc được với trung tâm";
            rows.push(row("hub", self.online, why, vec![figure(name, millis(seconds), "s")]));
        }
        rows
    }
}

fn measured(reading: &Reading) -> Figure {
    figure(&reading.quantity, reading.value, reading.unit)
}

fn figure(name: &str, value: f64, unit: &str) -> Figure {
    Figure { name: name.to_owned(), value, unit: unit.to_owned() }
}
