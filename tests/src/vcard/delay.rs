//! How long a sound takes from being wanted to leaving a virtual card.

use crate::vcard;
use anyhow::{Context, ensure};
use drivers::sound::SoundLine;
use gateway_core::device::Report;
use gateway_core::id::{PlayId, SinkId};
use gateway_core::want::{Beneath, Play, SinkWant, Under};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Longest wait for a report.
const PATIENCE: Duration = Duration::from_secs(20);
/// Programmes have numbers from here on.
const PROGRAMMES: u64 = 1_000_000;
/// A programme has played so long before it is interrupted.
const SETTLED: Duration = Duration::from_millis(300);

/// What is measured.
pub struct Trial<'a> {
    /// Where.
    pub line: &'a SoundLine,
    /// What it reports.
    pub reports: &'a mpsc::Receiver<(SinkId, Report)>,
    /// The sink on the channel that the card watches.
    pub sink: SinkId,
    /// The record of the card.
    pub index: &'a Path,
    /// What is to be heard; each time it gets another number.
    pub play: Play,
    /// What another sink plays meanwhile.
    pub beside: Option<(SinkId, Play)>,
    /// The programme of the sink itself that `play` interrupts; it must be too faint for the card to take it for sound.
    pub over: Option<Play>,
}

impl Trial<'_> {
    /// From telling to hearing, sound after sound, each after silence of its own channel. `clock` is CLOCK_MONOTONIC in
    /// nanoseconds.
    ///
    /// # Errors
    /// Something that must be heard is not.
    pub fn run(&self, sounds: usize, clock: impl Fn() -> u64) -> anyhow::Result<Value> {
        self.hear(|report| *report == Report::Well)?;
        if let Some((sink, play)) = &self.beside {
            let play = Play { id: PlayId(PROGRAMMES), ..play.clone() };
            self.line.apply(sink, &sounding(Some(play), None));
            self.hear(|report| *report == Report::Sounding { play: PlayId(PROGRAMMES) })?;
        }
        let mut rows = Vec::new();
        // A sound that begins while the card runs dry may be none that it notes.
        for n in 0..2 * sounds as u64 {
            if rows.len() == sounds {
                break;
            }
            let over = self.over.as_ref().map(|p| Play { id: PlayId(PROGRAMMES + 1 + n), ..p.clone() });
            if let Some(programme) = &over {
                let id = programme.id;
                self.line.apply(&self.sink, &sounding(Some(programme.clone()), None));
                self.hear(|report| *report == Report::Sounding { play: id })?;
                thread::sleep(SETTLED);
            }
            // Never in step with the card: the wait until the next period is part of what is measured.
            thread::sleep(Duration::from_micros(250_000 + fastrand::u64(..20_000)));
            let before = vcard::sounds(self.index)?.len();
            let play = Play { id: PlayId(n), ..self.play.clone() };
            let under = over.map(|play| Under { play, how: Beneath::Held });
            let want = sounding(Some(play), under);
            let told = clock();
            self.line.apply(&self.sink, &want);
            let applied = clock();
            self.hear(|report| *report == Report::Sounding { play: PlayId(n) })?;
            let reported = clock();
            if let Some(sound) = vcard::sounds(self.index)?.get(before) {
                rows.push([applied - told, sound.taken_ns - told, sound.heard_ns - told, reported - told]);
            }
            self.line.apply(&self.sink, &sounding(None, None));
        }
        ensure!(rows.len() == sounds, "the card noted {} sounds of {}", rows.len(), 2 * sounds);
        let column = |at: usize| {
            let mut times: Vec<u64> = rows.iter().map(|r| r[at]).collect();
            times.sort_unstable();
            let part = |p: usize| times[(times.len() - 1) * p / 100] as f64 / 1e6;
            json!({"p50": part(50), "p95": part(95), "max": part(100)})
        };
        let state = self.line.state();
        Ok(json!({"sounds": sounds,
            "ms": {"apply": column(0), "taken": column(1), "heard": column(2), "reported": column(3)},
            "real_time": state.real_time, "period_frames": state.period_frames, "rate": state.rate,
            "xruns": state.xruns, "starved": state.starved}))
    }

    fn hear(&self, wanted: impl Fn(&Report) -> bool) -> anyhow::Result<()> {
        loop {
            let (_, report) = self.reports.recv_timeout(PATIENCE).context("no report came")?;
            if wanted(&report) {
                return Ok(());
            }
        }
    }
}

fn sounding(play: Option<Play>, under: Option<Under>) -> SinkWant {
    SinkWant { play, under, volume: 100, ..SinkWant::default() }
}
