//! Sensors: what each measured last, which thresholds are crossed, and when the hub is told numbers.

use crate::config::{Bound, Sensor, SensorAlarm};
use crate::device::Reading;
use crate::id::SensorId;
use crate::time::Mono;
use std::collections::BTreeMap;

/// An alarm stands until its quantity has been back for this long, milliseconds: a loose contact makes no flood.
const CALM_MS: u64 = 15_000;
/// Numbers go up this long after the first of them came, milliseconds: by then every sensor has answered.
const FIRST_MS: u64 = 60_000;
/// And this often while the hub is there.
const EVERY_MS: u64 = 900_000;
/// And this often while it is not, since all of them wait on the disk.
const EVERY_ALONE_MS: u64 = 3_600_000;
/// An alarm that begins or ends sends them at once, but never sooner than this after the last.
const APART_MS: u64 = 60_000;

/// Where one threshold stands.
///
/// ```text
///   well ──── out of bounds ────▶ crossed ──── for as long as it may ────▶ alarmed
///     ▲                              │                                        │
///     └────────── within bounds ─────┘                                        │
///     └────────────── back behind `clears` for 15 s ──────────────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    Well,
    Crossed { since: Mono },
    Alarmed { back_since: Option<Mono> },
}

/// What one sensor said.
#[derive(Clone, Debug)]
struct Said {
    readings: Vec<Reading>,
    at: Mono,
    /// It has not been lost since.
    fresh: bool,
    /// One a threshold of the configuration, in its order.
    watches: Vec<Watch>,
}

/// A threshold was crossed for long enough, or is no longer.
#[derive(Clone, Debug, PartialEq)]
pub struct Turned {
    /// Whose.
    pub sensor: SensorId,
    /// Which, of those of the configuration.
    pub alarm: SensorAlarm,
    /// What was measured.
    pub value: Option<Reading>,
    /// It begins.
    pub begins: bool,
}

/// Everything the sensors have said since power-on.
#[derive(Clone, Debug, Default)]
pub struct Sensors {
    said: BTreeMap<SensorId, Said>,
    /// When numbers were sent last.
    sent: Option<Mono>,
    /// When the first reading came.
    first: Option<Mono>,
    /// An alarm began or ended since numbers were sent.
    news: bool,
}

impl Sensors {
    /// Takes in what a sensor measured.
    pub fn hear(&mut self, id: &SensorId, readings: &[Reading], now: Mono) {
        self.first.get_or_insert(now);
        let watches = self.said.remove(id).map(|s| s.watches).unwrap_or_default();
        self.said.insert(id.clone(), Said { readings: readings.to_vec(), at: now, fresh: true, watches });
    }

    /// A sensor does not answer: nobody knows whether what was about to become an alarm goes on. What is one stands.
    pub fn lose(&mut self, id: &SensorId) {
        let Some(said) = self.said.get_mut(id) else { return };
        said.fresh = false;
        for watch in &mut said.watches {
            match watch {
                Watch::Crossed { .. } => *watch = Watch::Well,
                Watch::Alarmed { back_since } => *back_since = None,
                Watch::Well => {}
            }
        }
    }

    /// Looks at every threshold; says which alarms begin and end just now.
    pub fn watch(&mut self, config: &BTreeMap<SensorId, Sensor>, now: Mono) -> Vec<Turned> {
        let mut turned = Vec::new();
        for (id, said) in &mut self.said {
            let Some(sensor) = config.get(id) else { continue };
            said.watches.resize(sensor.alarms.len(), Watch::Well);
            if !said.fresh {
                continue;
            }
            for (watch, alarm) in said.watches.iter_mut().zip(&sensor.alarms) {
                let value = said.readings.iter().find(|r| r.quantity == alarm.quantity);
                let next = watch.next(alarm, value.map(|r| r.value), now);
                if watch.stands() != next.stands() {
                    let (sensor, alarm) = (id.clone(), alarm.clone());
                    turned.push(Turned { sensor, alarm, value: value.cloned(), begins: next.stands() });
                }
                *watch = next;
            }
        }
        self.news |= !turned.is_empty();
        turned
    }

    /// When a threshold turns if nothing else is measured.
    pub fn turns_at(&self, config: &BTreeMap<SensorId, Sensor>) -> Option<Mono> {
        let fresh = self.said.iter().filter(|(_, said)| said.fresh);
        let watches = fresh.filter_map(|(id, said)| Some(said.watches.iter().zip(&config.get(id)?.alarms))).flatten();
        watches.filter_map(|(watch, alarm)| watch.turns_at(alarm)).min()
    }

    /// When the hub is to be told numbers next; `None`: there are none.
    pub fn due(&self, online: bool) -> Option<Mono> {
        let first = self.first?;
        let every = if online { EVERY_MS } else { EVERY_ALONE_MS };
        let usual = self.sent.map_or(first.plus(FIRST_MS), |sent| sent.plus(every));
        let soon = self.sent.map_or(first, |sent| sent.plus(APART_MS));
        Some(if self.news { usual.min(soon) } else { usual })
    }

    /// Numbers were sent.
    pub fn sent(&mut self, now: Mono) {
        self.sent = Some(now);
        self.news = false;
    }

    /// What every sensor that answers measured last.
    pub fn readings(&self) -> impl Iterator<Item = (&SensorId, &Reading)> {
        let fresh = self.said.iter().filter(|(_, said)| said.fresh);
        fresh.flat_map(|(id, said)| said.readings.iter().map(move |reading| (id, reading)))
    }

    /// What a sensor measured last, and when.
    pub fn last(&self, id: &SensorId) -> Option<(&[Reading], Mono)> {
        self.said.get(id).map(|said| (said.readings.as_slice(), said.at))
    }

    /// What a sensor measures of one quantity, while it answers.
    pub fn value(&self, id: &SensorId, quantity: &str) -> Option<f64> {
        let said = self.said.get(id).filter(|said| said.fresh)?;
        said.readings.iter().find(|r| r.quantity == quantity).map(|r| r.value)
    }

    /// The alarms of a sensor that stand.
    pub fn standing<'a>(&'a self, id: &SensorId, sensor: &'a Sensor) -> impl Iterator<Item = &'a SensorAlarm> {
        let watches = self.said.get(id).map(|said| said.watches.as_slice()).unwrap_or_default();
        watches.iter().zip(&sensor.alarms).filter(|(watch, _)| watch.stands()).map(|(_, alarm)| alarm)
    }
}

impl Watch {
    fn stands(self) -> bool {
        match self {
            Self::Alarmed { .. } => true,
            Self::Well | Self::Crossed { .. } => false,
        }
    }

    /// What becomes of it. A quantity that is not measured any more crosses nothing and clears nothing.
    fn next(self, alarm: &SensorAlarm, value: Option<f64>, now: Mono) -> Self {
        let Some(value) = value else {
            return match self {
                Self::Well | Self::Crossed { .. } => Self::Well,
                Self::Alarmed { .. } => Self::Alarmed { back_since: None },
            };
        };
        match self {
            Self::Well | Self::Crossed { .. } if !alarm.is_crossed(value) => Self::Well,
            Self::Well if alarm.for_ms == 0 => Self::Alarmed { back_since: None },
            Self::Well => Self::Crossed { since: now },
            Self::Crossed { since } if now.since(since) >= alarm.for_ms => Self::Alarmed { back_since: None },
            Self::Crossed { .. } => self,
            Self::Alarmed { .. } if !alarm.is_cleared(value) => Self::Alarmed { back_since: None },
            Self::Alarmed { back_since } => {
                let since = back_since.unwrap_or(now);
                if now.since(since) >= CALM_MS { Self::Well } else { Self::Alarmed { back_since: Some(since) } }
            }
        }
    }

    fn turns_at(self, alarm: &SensorAlarm) -> Option<Mono> {
        match self {
            Self::Well | Self::Alarmed { back_since: None } => None,
            Self::Crossed { since } => Some(since.plus(alarm.for_ms)),
            Self::Alarmed { back_since: Some(since) } => Some(since.plus(CALM_MS)),
        }
    }
}

impl SensorAlarm {
    fn is_crossed(&self, value: f64) -> bool {
        match self.bound {
            Bound::Below(bound) => value < bound,
            Bound::Above(bound) => value > bound,
        }
    }

    fn is_cleared(&self, value: f64) -> bool {
        match self.bound {
            Bound::Below(_) => value >= self.clears,
            Bound::Above(_) => value <= self.clears,
        }
    }
}
