//! Measures an emergency in the large commune: from the hub's sending to the last device keyed, beside what the buses
//! themselves need.
//!
//! Prints one JSON object. `large_bench N`: so many alerts when all is well, a third of them with each kind of trouble.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use site_tests::device::Mood;
use site_tests::large::place::{BUSES, limit};
use site_tests::large::{Alert, Dead, Large};
use std::time::Duration;

/// The bus that is dead where one is.
const DEAD: usize = 1;
/// The relay board that is dead where one is: bus and unit, the first that is told there.
const DEAD_UNIT: (usize, u8) = (2, 1);
/// Alerts come at any moment of the stations' own looking round.
const APART: std::ops::Range<u64> = 0..1500;

fn alerts(large: &Large, count: usize, dead: &Dead) -> Result<Vec<Alert>> {
    (0..count)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(fastrand::u64(APART)));
            large.alert(dead)
        })
        .collect()
}

/// The value that `share` of them do not exceed.
fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = ((values.len() as f64 * share).ceil() as usize).saturating_sub(1);
    values.get(place).map_or(0.0, |ms| (ms * 10.0).round() / 10.0)
}

fn spread(values: Vec<f64>) -> Value {
    let of = |share: f64| percentile(values.clone(), share);
    json!({"p50_ms": of(0.5), "p99_ms": of(0.99), "max_ms": of(1.0), "n": values.len()})
}

fn figures(alerts: &[Alert]) -> Value {
    let mut rows = Map::new();
    for bus in 0..BUSES {
        let keyed: Vec<f64> = alerts.iter().filter_map(|alert| alert.buses.get(bus).copied().flatten()).collect();
        if keyed.is_empty() {
            continue;
        }
        let limit_ms = limit(bus).as_secs_f64() * 1e3;
        let mut row = spread(keyed.clone());
        row["limit_ms"] = json!((limit_ms * 10.0).round() / 10.0);
        row["p50_to_limit"] = json!((percentile(keyed.clone(), 0.5) / limit_ms * 100.0).round() / 100.0);
        row["p99_to_limit"] = json!((percentile(keyed, 0.99) / limit_ms * 100.0).round() / 100.0);
        rows.insert(format!("bus{bus}"), row);
    }
    rows.insert("zones".to_owned(), spread(alerts.iter().map(|a| a.zones).collect()));
    rows.insert("boards".to_owned(), spread(alerts.iter().map(|a| a.boards).collect()));
    rows.insert("last".to_owned(), spread(alerts.iter().map(Alert::last).collect()));
    Value::Object(rows)
}

#[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
fn main() -> Result<()> {
    let count: usize = std::env::args().nth(1).map_or(Ok(30), |text| text.parse()).context("how many alerts")?;
    fastrand::seed(7);
    let large = Large::up("large-bench")?;
    let mut result = Map::new();
    result.insert("well".to_owned(), figures(&alerts(&large, count, &Dead::default())?));
    let some = count.div_ceil(3);

    // The station finds it out by itself: the first of these alerts may be the first it hears of it.
    large.devices.silence(DEAD, true);
    let dead = Dead { buses: vec![DEAD], ..Dead::default() };
    result.insert("bus_silent".to_owned(), figures(&alerts(&large, some, &dead)?));
    large.devices.silence(DEAD, false);
    large.wait_well()?;

    let bus = large.devices.buses.get(DEAD).context("a bus")?;
    bus.set_mood(Mood::Absent);
    result.insert("bus_pulled".to_owned(), figures(&alerts(&large, some, &dead)?));
    bus.set_mood(Mood::Well);
    large.wait_well()?;

    let (bus, unit) = DEAD_UNIT;
    let place = large.devices.buses.get(bus).context("a bus")?;
    let dead = Dead { unit: Some(DEAD_UNIT), ..Dead::default() };
    let (mut fresh, mut known) = (Vec::new(), Vec::new());
    for _ in 0..some.div_ceil(3) {
        place.set_unit_mood(unit, Mood::Deaf);
        // It dies with the alert; the next one meets a unit that is known to be dead.
        fresh.push(large.alert(&dead)?);
        known.extend(alerts(&large, 2, &dead)?);
        place.set_unit_mood(unit, Mood::Well);
        large.wait_well()?;
    }
    result.insert("unit_dies".to_owned(), figures(&fresh));
    result.insert("unit_dead".to_owned(), figures(&known));
    let crowded: u64 = large.devices.buses.iter().map(|bus| bus.crowded()).sum();
    result.insert("crowded".to_owned(), json!(crowded));
    result.insert("optimised".to_owned(), json!(!cfg!(debug_assertions)));
    println!("{}", Value::Object(result));
    Ok(())
}
