//! Results of a self-test: what each output did, its figures, and how far they are from those of a good day.

use crate::time::Wall;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of one thing that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrialOutcome)]
pub enum Outcome {
    /// It does what it should.
    Pass,
    /// It does, but a figure is far from that of a good day.
    Drift,
    /// It does not.
    Fail,
    /// It could not be tried, or not in this kind of test: why stands beside it.
    NotTested,
}

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figure {
    /// What was measured, e.g. `answer_ms`, `forward_w`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Its unit as it is written, empty for a count.
    pub unit: String,
}

/// A figure that is far from its baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Drift {
    /// Which figure.
    pub name: String,
    /// On the good day.
    pub was: f64,
    /// Now.
    pub now: f64,
    /// Unit of both.
    pub unit: String,
}

/// What came of one output, or of the clock, the disk, the hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tried {
    /// `switch/amp1`, `clock` …
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it failed or was not tried, in the technician's language.
    #[schema(required)]
    pub why: Option<String>,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// What is far from its baseline.
    pub drift: Vec<Drift>,
}

/// A self-test that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// 1, 2, 3 …
    pub no: u64,
    /// Relays were switched, the carrier was keyed, boards and a sound were tried; otherwise it only looked.
    pub full: bool,
    /// Who began it; `None` = the clock.
    pub by: Option<String>,
    /// When it began.
    pub at: Wall,
    /// How long it took, milliseconds.
    pub took_ms: u64,
    /// Why it was not carried to its end.
    pub given_up: Option<String>,
    /// One row for everything that was tried.
    pub rows: Vec<Tried>,
}

impl Trial {
    /// How many rows came to that.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|r| r.outcome == outcome).count()
    }

    /// Carried to its end, and nothing failed.
    pub fn is_good(&self) -> bool {
        self.given_up.is_none() && self.count(Outcome::Fail) == 0
    }
}

/// Figures of a good day by output and name.
pub type Baselines = BTreeMap<String, BTreeMap<String, f64>>;

/// How far a figure may be from its baseline before it counts as drifting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// An answer may take so many times as long.
    pub answer_times: f64,
    /// Reflected power may rise by so many per cent.
    pub reflected_rise_pct: f64,
    /// Forward power may fall by so many per cent.
    pub forward_drop_pct: f64,
    /// Any other figure may rise or fall by so many per cent.
    pub other_change_pct: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer_times: 2.0, reflected_rise_pct: 50.0, forward_drop_pct: 20.0, other_change_pct: 25.0 }
    }
}

/// An answer that is slower by less than this is the bus being busy, not the device ageing, milliseconds.
const ANSWER_LEAST_MS: f64 = 100.0;
/// Reflected power that rose by less than this is within what cheap meters read, watts.
const REFLECTED_LEAST_W: f64 = 0.3;
/// What says when and where the station stands, or what it does just now, and nothing of how old anything is.
const PASSING: &[&str] =
    &["up_s", "down_s", "uptime", "clock_offset", "latitude", "longitude", "satellites", "operator", "load"];

/// A figure that changed by less is within what weather and meters do.
fn least_change(figure: &Figure) -> f64 {
    match (figure.name.as_str(), figure.unit.as_str()) {
        // Counted since the station was started.
        ("xruns" | "starved", _) => 10.0,
        (_, "°C" | "%") => 10.0,
        (_, "ppm") => 20.0,
        (_, "s") => 60.0,
        (_, _) => f64::EPSILON,
    }
}

impl Limits {
    /// Which figures are too far from their baseline.
    pub fn drift(&self, figures: &[Figure], baseline: &BTreeMap<String, f64>) -> Vec<Drift> {
        let far = |figure: &&Figure| {
            let Some(was) = baseline.get(&figure.name).copied() else { return false };
            let now = figure.value;
            match figure.name.as_str() {
                _ if figure.unit == "ms" => now > was * self.answer_times && now - was >= ANSWER_LEAST_MS,
                "reflected_w" => now > was * (1.0 + self.reflected_rise_pct / 100.0) && now - was >= REFLECTED_LEAST_W,
                "forward_w" => now < was * (1.0 - self.forward_drop_pct / 100.0),
                name if PASSING.contains(&name) => false,
                _ => {
                    let change = (now - was).abs();
                    change > was.abs() * self.other_change_pct / 100.0 && change >= least_change(figure)
                }
            }
        };
        let told = |figure: &Figure| Drift {
            name: figure.name.clone(),
            was: baseline.get(&figure.name).copied().unwrap_or_default(),
            now: figure.value,
            unit: figure.unit.clone(),
        };
        figures.iter().filter(far).map(told).collect()
    }
}

/// When the station tests itself, and what it makes of the figures.
#[derive(Clone, Debug, Default)]
pub struct SelfTest {
    /// Second of the day of the silent test; `None`: none is made unasked.
    pub nightly_s: Option<u32>,
    /// How far figures may go.
    pub limits: Limits,
    /// The same for single outputs, by their names such as `transmitter/fm`.
    pub own_limits: BTreeMap<String, Limits>,
    /// The station has a hub, so that its absence is a fault.
    pub has_hub: bool,
}

impl SelfTest {
    /// The limits of an output.
    pub fn limits_of(&self, id: &str) -> Limits {
        self.own_limits.get(id).copied().unwrap_or(self.limits)
    }
}

/// What is remembered of self-tests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trials {
    /// The last one that was carried to its end.
    pub last: Option<Trial>,
    /// The last full one that was carried to its end.
    pub full: Option<Trial>,
    /// The last one that was given up.
    pub given_up: Option<Trial>,
    /// When the last nightly one began.
    pub nightly: Option<Wall>,
    /// Figures of a good day.
    pub baselines: Baselines,
    /// Number of the last one.
    pub no: u64,
}

impl Trials {
    /// Takes one in; the first good figures of each output become its baseline.
    pub(crate) fn take(&mut self, trial: &Trial) {
        self.no = self.no.max(trial.no);
        if trial.given_up.is_some() {
            self.given_up = Some(trial.clone());
            return;
        }
        self.given_up = None;
        if trial.by.is_none() {
            self.nightly = Some(trial.at);
        }
        for row in trial.rows.iter().filter(|r| r.outcome == Outcome::Pass) {
            let known = self.baselines.entry(row.id.clone()).or_default();
            for figure in &row.figures {
                known.entry(figure.name.clone()).or_insert(figure.value);
            }
        }
        if trial.full {
            self.full = Some(trial.clone());
        }
        self.last = Some(trial.clone());
    }

    /// What was measured last becomes the baseline of these outputs (empty: of all).
    pub(crate) fn accept(&mut self, outputs: &[String]) {
        for trial in [&mut self.full, &mut self.last].into_iter().flatten() {
            let meant = |r: &&mut Tried| outputs.is_empty() || outputs.contains(&r.id);
            for row in trial.rows.iter_mut().filter(meant) {
                let good = match row.outcome {
                    Outcome::Pass | Outcome::Drift => true,
                    Outcome::Fail | Outcome::NotTested => false,
                };
                if !good {
                    continue;
                }
                let known = self.baselines.entry(row.id.clone()).or_default();
                known.extend(row.figures.iter().map(|f| (f.name.clone(), f.value)));
                (row.outcome, row.drift) = (Outcome::Pass, Vec::new());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: f64) -> Figure {
        let unit = match name {
            "answer_ms" => "ms",
            "temperature_c" => "°C",
            "battery" | "wear" => "%",
            "forward_w" | "reflected_w" => "W",
            "drift_ppm" => "ppm",
            "voltage" => "V",
            "uptime" => "s",
            _ => "",
        };
        Figure { name: name.to_owned(), value, unit: unit.to_owned() }
    }

    fn trial(no: u64, figures: Vec<Figure>) -> Trial {
        let row = Tried { id: "transmitter/fm".into(), outcome: Outcome::Pass, why: None, figures, drift: Vec::new() };
        Trial { no, full: true, by: None, at: Wall(0), took_ms: 1, given_up: None, rows: vec![row] }
    }

    #[test]
    fn a_figure_drifts_only_where_it_is_far_and_by_more_than_the_meter_errs() {
        let baseline =
            [("reflected_w", 0.5), ("forward_w", 30.0), ("answer_ms", 20.0)].map(|(n, v)| (n.to_owned(), v)).into();
        let drifts = |name: &str, value| !Limits::default().drift(&[figure(name, value)], &baseline).is_empty();
        assert!(!drifts("reflected_w", 0.75) && drifts("reflected_w", 0.81), "half as much again, and 0.3 W at least");
        assert!(!drifts("forward_w", 24.5) && drifts("forward_w", 23.9));
        assert!(!drifts("answer_ms", 110.0), "a busy bus is no ageing device");
        assert!(drifts("answer_ms", 121.0));
        assert!(!drifts("temperature_c", 90.0), "what has no baseline cannot drift");
    }

    #[test]
    fn every_quantity_drifts_both_ways_but_for_what_says_nothing_of_age() {
        let good = [
            ("temperature_c", 36.0),
            ("battery", 100.0),
            ("wear", 1.0),
            ("voltage", 12.6),
            ("drift_ppm", 4.0),
            ("fan", 3_000.0),
            ("registered", 1.0),
            ("xruns", 0.0),
            ("uptime", 500.0),
        ];
        let baseline: BTreeMap<String, f64> = good.map(|(name, value)| (name.to_owned(), value)).into();
        let limits = Limits::default();
        let drifts = |name: &str, value| !limits.drift(&[figure(name, value)], &baseline).is_empty();
        for (name, well, ill) in [
            ("temperature_c", 44.0, 47.0),
            ("battery", 80.0, 70.0),
            ("wear", 9.0, 12.0),
            ("voltage", 11.0, 9.0),
            ("drift_ppm", -10.0, -40.0),
            ("fan", 2_400.0, 2_000.0),
            ("registered", 1.0, 0.0),
            ("xruns", 9.0, 10.0),
        ] {
            assert!(!drifts(name, well), "{name} {well}");
            assert!(drifts(name, ill), "{name} {ill}");
        }
        assert!(!drifts("uptime", 5_000_000.0));
        let strict = Limits { other_change_pct: 5.0, ..limits };
        assert!(!strict.drift(&[figure("voltage", 11.0)], &baseline).is_empty(), "a battery has a limit of its own");
    }

    #[test]
    fn the_first_good_figures_stay_the_baseline_until_a_person_accepts_others() {
        let mut trials = Trials::default();
        trials.take(&trial(1, vec![figure("forward_w", 30.0)]));
        trials.take(&trial(2, vec![figure("forward_w", 28.0)]));
        assert_eq!(trials.baselines["transmitter/fm"]["forward_w"], 30.0);
        trials.accept(&["switch/amp1".to_owned()]);
        assert_eq!(trials.baselines["transmitter/fm"]["forward_w"], 30.0, "another output was meant");
        trials.accept(&[]);
        assert_eq!(trials.baselines["transmitter/fm"]["forward_w"], 28.0);
    }
}
