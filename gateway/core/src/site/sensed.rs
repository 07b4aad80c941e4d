//! What sensors say: alarms that begin and end, numbers for the hub, rows for the screens.

use super::Site;
use crate::device::Report;
use crate::id::{OutputId, SensorId};
use crate::journal::{Event, Measured};
use crate::outputs::Health;
use crate::sensors::Turned;
use crate::time::Now;
use crate::view::{AlarmView, ReadingView, SensorView};

impl Site {
    /// A sensor said something, or does not answer.
    pub(super) fn sensor_said(&mut self, id: &SensorId, report: &Report, now: Now) {
        if let Report::Sensed(readings) = report {
            let before = self.sensors.value(id, PRESSED);
            self.sensors.hear(id, readings, now.mono);
            self.pressed(id, before, now);
        } else if let Report::Fault(_) = report {
            self.sensors.lose(id);
            self.released(id, now);
        }
    }

    /// Looks after thresholds, buttons that are held, and the numbers the hub is owed.
    pub(super) fn watch_sensors(&mut self, now: Now) {
        for turned in self.sensors.watch(&self.config.sensors, now.mono) {
            self.alarm_turned(&turned, now);
        }
        self.hold_buttons(now);
        match self.sensors.due(self.online) {
            Some(due) if due <= now.mono => self.tell_numbers(now),
            Some(due) => self.wake(due, "the hub is told numbers"),
            None => {}
        }
        if let Some(at) = self.sensors.turns_at(&self.config.sensors) {
            self.wake(at, "a threshold has been crossed for long enough");
        }
    }

    fn alarm_turned(&mut self, turned: &Turned, now: Now) {
        let about = about(&turned.sensor, &turned.alarm.quantity);
        if turned.begins {
            self.buzzing.insert(turned.sensor.clone(), now.mono);
        } else if let Some(sensor) = self.config.sensors.get(&turned.sensor)
            && self.sensors.standing(&turned.sensor, sensor).next().is_none()
        {
            self.buzzing.remove(&turned.sensor);
        }
        if !turned.begins {
            return self.note(Event::Recovered { about }, now);
        }
        let value = turned.value.as_ref().map(|r| format!(" ({} {})", r.value, r.unit)).unwrap_or_default();
        let text = format!("{}{}", turned.alarm.text, value.trim_end_matches(" )").trim_end());
        self.note(Event::Incident { code: turned.alarm.code.clone(), about, text }, now);
    }

    fn tell_numbers(&mut self, now: Now) {
        let readings = self.sensors.readings().map(|(id, r)| Measured {
            sensor: id.clone(),
            quantity: r.quantity.clone(),
            value: r.value,
            unit: r.unit.to_owned(),
        });
        let readings = readings.collect();
        let standing =
            self.config.sensors.iter().flat_map(|(id, sensor)| {
                self.sensors.standing(id, sensor).map(move |alarm| about(id, &alarm.quantity))
            });
        let alarms = standing.collect();
        self.sensors.sent(now.mono);
        self.note(Event::Measured { readings, alarms }, now);
        if let Some(due) = self.sensors.due(self.online) {
            self.wake(due, "the hub is told numbers");
        }
    }

    pub(super) fn sensors_shown(&self, now: Now) -> Vec<SensorView> {
        let row = |(id, sensor): (&SensorId, &crate::config::Sensor)| {
            let alarms: Vec<&str> = self.sensors.standing(id, sensor).map(|a| a.quantity.as_str()).collect();
            let last = self.sensors.last(id);
            let readings = last.map(|(readings, _)| readings).unwrap_or_default();
            SensorView {
                id: id.clone(),
                name: sensor.name.clone(),
                state: match self.outputs.health(&OutputId::Sensor(id.clone())) {
                    Health::Faulted(..) => "lost",
                    Health::Unknown => "unknown",
                    Health::Well if alarms.is_empty() => "well",
                    Health::Well => "alarm",
                },
                age_ms: last.map(|(_, at)| now.mono.since(at)),
                readings: readings
                    .iter()
                    .map(|r| ReadingView {
                        quantity: r.quantity.clone(),
                        value: r.value,
                        unit: r.unit,
                        alarm: alarms.contains(&r.quantity.as_str()),
                    })
                    .collect(),
            }
        };
        self.config.sensors.iter().map(row).collect()
    }

    /// The alarms of sensors that stand, in plain words.
    pub(super) fn sensor_alarms(&self) -> Vec<AlarmView> {
        let mut alarms = Vec::new();
        for (id, sensor) in &self.config.sensors {
            for alarm in self.sensors.standing(id, sensor) {
                let readings = self.sensors.last(id).map(|(readings, _)| readings).unwrap_or_default();
                let measured = readings.iter().find(|r| r.quantity == alarm.quantity && !r.unit.is_empty());
                let measured = measured.map(|r| format!(" ({} {})", comma(r.value), r.unit)).unwrap_or_default();
                alarms.push(AlarmView {
                    text: format!("{}: {}{measured}", sensor.name, alarm.text),
                    grave: alarm.grave,
                    about: OutputId::Sensor(id.clone()).to_string(),
                });
            }
        }
        alarms
    }
}

/// The quantity of a button.
pub(super) const PRESSED: &str = "pressed";

fn about(id: &SensorId, quantity: &str) -> String {
    format!("{}/{quantity}", OutputId::Sensor(id.clone()))
}

/// A number as Vietnamese writes it, one digit behind the comma where it has any.
fn comma(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.replace('.', ","), str::to_owned).replace('-', "−")
}
