//! What was measured of sinks that play together, in figures.

use serde_json::{Value, json};
use std::fmt::Write;

/// The sinks, in the order of all figures: two cards, a group, a receiver of its own.
pub(super) const SINKS: [&str; 4] = ["fast", "slow", "group", "alone"];
/// The first seconds count apart: a card's pace is learnt in them.
const SETTLED_S: f64 = 15.0;

/// One moment of the programme.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Which, seconds from its beginning.
    pub at_s: f64,
    /// How long after its time each sink sounded it, milliseconds; `None`: it was not found.
    pub behind_ms: [Option<f64>; 4],
}

impl Look {
    /// From the first that sounded it to the last, of some of the sinks, milliseconds; `None` where one did not.
    pub fn spread_ms(&self, of: &[usize]) -> Option<f64> {
        let times: Option<Vec<f64>> = of.iter().map(|n| self.behind_ms.get(*n).copied().flatten()).collect();
        let times = times?;
        let most = times.iter().copied().reduce(f64::max)?;
        Some(most - times.iter().copied().reduce(f64::min)?)
    }
}

/// All that was measured.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The moments looked at.
    pub looks: Vec<Look>,
    /// How often each card ran dry, how many packets of each stream did not come.
    pub breaks: [usize; 4],
    /// How late packets came: median, 95 %, worst, milliseconds.
    pub late_ms: [Option<[f64; 3]>; 4],
    /// Faults the sinks reported.
    pub trouble: Vec<String>,
}

/// Which sinks are compared, under which name.
const GROUPS: [(&str, &[usize]); 3] =
    [("all four", &[0, 1, 2, 3]), ("the two cards", &[0, 1]), ("the two streams", &[2, 3])];

impl Outcome {
    /// The spreads of some of the sinks between two moments, milliseconds, as far as all of them were heard.
    pub fn spreads(&self, of: &[usize], from_s: f64, to_s: f64) -> Vec<f64> {
        let within = self.looks.iter().filter(|l| (from_s..to_s).contains(&l.at_s));
        within.filter_map(|l| l.spread_ms(of)).collect()
    }

    /// Moments at which a sink was not heard.
    pub fn missed(&self) -> usize {
        self.looks.iter().filter(|l| l.behind_ms.contains(&None)).count()
    }

    /// How fast a sink falls behind the clock from a moment on, milliseconds an hour.
    pub fn drift_ms_per_hour(&self, sink: usize, from_s: f64) -> Option<f64> {
        let points: Vec<(f64, f64)> =
            self.looks.iter().filter(|l| l.at_s >= from_s).filter_map(|l| Some((l.at_s, l.behind_ms[sink]?))).collect();
        let n = points.len() as f64;
        let (t, b) = points.iter().fold((0.0, 0.0), |(t, b), p| (t + p.0 / n, b + p.1 / n));
        let (both, square) = points
            .iter()
            .fold((0.0, 0.0), |(both, square), p| (both + (p.0 - t) * (p.1 - b), square + (p.0 - t).powi(2)));
        (square > 0.0).then(|| both / square * 3_600.0)
    }

    /// For machines; one look in ten.
    pub fn to_json(&self) -> Value {
        let group = |(name, of): &(&str, &[usize])| {
            let of_all = Figures::of(self.spreads(of, SETTLED_S, f64::INFINITY));
            let at_first = Figures::of(self.spreads(of, 0.0, SETTLED_S));
            json!({"name": name, "settled": of_all.to_json(), "first_15_s": at_first.to_json()})
        };
        let sink = |n: usize| {
            let behind = self.looks.iter().filter(|l| l.at_s >= SETTLED_S).filter_map(|l| l.behind_ms[n]).collect();
            json!({"name": SINKS[n], "behind_ms": Figures::of(behind).to_json(), "drift_ms_per_hour": self.drift_ms_per_hour(n, SETTLED_S),
                   "breaks": self.breaks[n], "packets_late_ms": self.late_ms[n]})
        };
        let looks: Vec<Value> = self.looks.iter().step_by(10).map(|l| json!([l.at_s, l.behind_ms])).collect();
        json!({"seconds": self.looks.len(), "missed": self.missed(), "spread_ms": GROUPS.iter().map(group).collect::<Vec<_>>(),
               "sinks": (0..SINKS.len()).map(sink).collect::<Vec<_>>(), "trouble": self.trouble, "looks": looks})
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut out = format!("{} moments looked at, {} missed\n", self.looks.len(), self.missed());
        let mut row = |cells: [String; 6]| {
            // A string takes everything.
            writeln!(
                out,
                "| {:15} | {:>8} | {:>8} | {:>8} | {:>8} | {:>14} |",
                cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]
            )
            .ok();
        };
        row(["apart, ms", "n", "mean", "p95", "max", "first 15 s max"].map(str::to_owned));
        for (name, of) in GROUPS {
            let (f, first) = (
                Figures::of(self.spreads(of, SETTLED_S, f64::INFINITY)),
                Figures::of(self.spreads(of, 0.0, SETTLED_S)),
            );
            row([name.to_owned(), f.n.to_string(), ms(f.mean), ms(f.p95), ms(f.max), ms(first.max)]);
        }
        row(["behind, ms", "breaks", "mean", "p95", "max", "drift ms/h"].map(str::to_owned));
        for (n, name) in SINKS.iter().enumerate() {
            let f =
                Figures::of(self.looks.iter().filter(|l| l.at_s >= SETTLED_S).filter_map(|l| l.behind_ms[n]).collect());
            let drift = self.drift_ms_per_hour(n, SETTLED_S).unwrap_or(f64::NAN);
            row([(*name).to_owned(), self.breaks[n].to_string(), ms(f.mean), ms(f.p95), ms(f.max), ms(drift)]);
        }
        out
    }
}

fn ms(value: f64) -> String {
    format!("{value:.2}")
}

/// Some values in short.
struct Figures {
    n: usize,
    mean: f64,
    p95: f64,
    max: f64,
}

impl Figures {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let Some(max) = values.last().copied() else {
            return Self { n: 0, mean: f64::NAN, p95: f64::NAN, max: f64::NAN };
        };
        let n = values.len();
        Self { n, mean: values.iter().sum::<f64>() / n as f64, p95: values[(n - 1) * 95 / 100], max }
    }

    fn to_json(&self) -> Value {
        json!({"n": self.n, "mean": self.mean, "p95": self.p95, "max": self.max})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_is_seen_as_what_it_is() {
        let look = |n: i32| {
            let at_s = f64::from(n);
            Look { at_s, behind_ms: [Some(5.0 + 0.2 * at_s), Some(7.0), Some(3.0), (n != 20).then_some(1.0)] }
        };
        let outcome = Outcome { looks: (0..30).map(look).collect(), ..Outcome::default() };
        assert!((outcome.drift_ms_per_hour(0, 0.0).expect("a drift") - 720.0).abs() < 1e-6);
        assert!(outcome.drift_ms_per_hour(1, 0.0).expect("a drift").abs() < 1e-6);
        assert_eq!(outcome.missed(), 1);
        let last = outcome.spreads(&[0, 1, 2, 3], 29.0, 30.0);
        assert!((last[0] - 9.8).abs() < 1e-9, "{last:?}");
        assert_eq!(outcome.spreads(&[1, 2], 0.0, 99.0).len(), 30);
    }
}
