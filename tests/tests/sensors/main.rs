//! Sensors against those who speak for the devices: NUT, gpsd, ModemManager's mock, and a machine made of files.

mod gps;
mod machine;
mod modem;
mod nut;
mod pin;

use drivers::Driver;
use drivers::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use std::time::{Duration, Instant};

/// What a sensor measures.
#[track_caller]
fn sensed(report: Result<Report, Fault>) -> Vec<Reading> {
    match report {
        Ok(Report::Sensed(readings)) => readings,
        other => panic!("no readings but {other:?}"),
    }
}

fn value(readings: &[Reading], quantity: &str) -> Option<f64> {
    readings.iter().find(|r| r.quantity == quantity).map(|r| r.value)
}

/// Looks until it is as it should be.
fn look_until(
    driver: &mut dyn Driver<()>,
    line: &mut Line,
    holds: impl Fn(&Result<Report, Fault>) -> bool,
) -> Result<Report, Fault> {
    let until = Instant::now() + Duration::from_secs(15);
    loop {
        let report = driver.probe(line);
        if holds(&report) || Instant::now() > until {
            return report;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
