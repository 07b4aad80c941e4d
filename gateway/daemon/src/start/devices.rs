//! What the configuration names, as drivers on their lines.

use super::Place;
use crate::air::{self, Hearing};
use crate::clips::{self, Clips};
use crate::clock::{Voice, Witness};
use crate::config::Config;
use crate::ears::Ears;
use crate::health::Health;
use crate::intake::Intake;
use crate::outputs::Outputs;
use crate::run::Happened;
use crate::shelf;
use crate::speech::Speech;
use crate::speech::words::Lexicon;
use crate::studio::{Seat, Studio, Watch};
use crate::worker::{Device, Hear, Mains, Slot, Worker};
use anyhow::Context;
use drivers::board::painter::Easel;
use drivers::line::Line;
use drivers::sound::air::Air;
use drivers::sound::{self, Audience, Media, SoundConfig, SoundLine, Sources};
use drivers::tuner::Tuner;
use gateway_core::device::Report;
use gateway_core::id::{LineId, OutputId, SinkId};
use gateway_core::view::View;
use gateway_core::want::{BoardWant, CoderWant, Source, Wants};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use tokio::sync::watch;
use web_ui::{Metric, MetricKind};

/// Starts every line, the cache and the voice.
pub(super) fn make_outputs(
    config: &Config,
    place: &Place,
    queue: &SyncSender<Happened>,
    health: &Health,
    words: Lexicon,
    others: &Audience,
    witness: &Witness,
) -> anyhow::Result<Outputs> {
    let (clip_dir, speech_dir) = (place.of("clips").join("clips"), place.making.join("speech"));
    let pictures = clip_dir.clone();
    let to = queue.clone();
    let media_ca = config.hub.as_ref().and_then(|h| h.media_ca.as_deref());
    let roots = clips::roots(media_ca)?;
    let budget = clips::Budget { clips: config.cache.clips_bytes, lessons: config.cache.lessons_bytes };
    let clips = Clips::start(clip_dir.clone(), budget, roots, clips::Pace::default(), clips::probe, {
        move |id, made| deliver(&to, Happened::Clip(id, made))
    })?;
    let intake = Arc::new(Intake::open(&clip_dir, clips.counter()));
    let to = queue.clone();
    let speech = Speech::start(
        &speech_dir,
        config.cache.speech_bytes,
        &config.speech,
        words,
        crate::speech::Pace::default(),
        move |id, made| {
            deliver(&to, Happened::Speech(id, made));
        },
    )?;
    let files: sound::Files = Arc::new(move |source: &Source| match source {
        Source::Clip(id) => {
            let measured = shelf::measured(&clip_dir, id.as_str());
            Some(Media { path: clip_dir.join(id.as_str()), measured })
        }
        Source::Speech(id) => {
            let measured = shelf::measured(&speech_dir, id.as_str());
            Some(Media { path: speech_dir.join(format!("{id}.wav")), measured })
        }
        Source::Tone { .. }
        | Source::Chime
        | Source::Digits(_)
        | Source::Input(_)
        | Source::Stream(_)
        | Source::Live(_) => None,
    });
    let tls = clips::tls(clips::roots(media_ca)?);
    let sources = Arc::new(Sources::new(files, config.inputs.clone()).with_tls(tls));
    let to = queue.clone();
    let reports: sound::Reports =
        Arc::new(move |sink, report| deliver(&to, Happened::Device(OutputId::Sink(sink), report)));
    let air = air::air(config.microphones.clone(), Arc::clone(&reports));
    air.witness(Arc::clone(&sources)).context("starting to compare what leaves with what was meant")?;
    let audience = air::audience(&air, others);
    let mut lines = Vec::new();
    for spec in &config.sound {
        let sinks: Vec<SinkId> = match &spec.config {
            SoundConfig::Card(card) => card.sinks.iter().map(|s| s.id.clone()).collect(),
            SoundConfig::Recorder(recorder) => vec![recorder.sink.clone()],
            SoundConfig::Rtp(rtp) => vec![rtp.sink.clone()],
        };
        let line = SoundLine::start(spec.config.clone(), Arc::clone(&sources), &audience, Arc::clone(&reports))
            .with_context(|| format!("line {}", spec.line))?;
        lines.push((sinks, line));
    }
    let to = queue.clone();
    let hear = Arc::new(move |id: OutputId, report: Report| deliver(&to, Happened::Device(id, report)));
    let (mut workers, mut watches) = (Vec::new(), Vec::new());
    let mut tuners = Vec::new();
    for spec in &config.tuners {
        let Some(line) = config.lines.iter().find(|l| l.id == spec.line) else { continue };
        let (to, input) = (queue.clone(), spec.input.clone());
        let say = move |tuned| deliver(&to, Happened::Tuned(input.clone(), tuned));
        let (vouches, witness, source) = (spec.vouches, witness.clone(), spec.input.to_string());
        let tell_time = move |offset_ms| {
            if vouches {
                witness.says(Voice::Radio, &source, offset_ms);
            }
        };
        let tuner = Tuner::start(line.config.clone(), spec.station.clone(), say, tell_time);
        tuners.push(tuner.with_context(|| format!("line {}", spec.line))?);
    }
    for spec in config.lines.iter().filter(|l| config.tuners.iter().all(|t| t.line != l.id)) {
        let devices = devices_on(config, &spec.id, Some(&pictures));
        let beat = health.line_beat(spec.id.as_str());
        let line = Line::with_options(spec.config.clone(), spec.options.clone());
        watches.push((spec.id.clone(), line.title(), line.watch()));
        workers.push(Worker::start(spec.id.as_str(), line, devices, hear.clone(), beat)?);
    }
    let hearing = Hearing::start(&air, &config.ears, &sources)?;
    let studio = Arc::new(studio(config, sources, air, &lines));
    // Told by the loop itself, which must never wait for its own queue: a look that finds it full counts as no answer.
    let to = queue.clone();
    let hear: Hear = Arc::new(move |id, report| {
        if to.try_send(Happened::Device(id, report)).is_err() {
            log::warn!("a sink was looked at, and the loop takes nothing");
        }
    });
    let told = Arc::new(Wants::default());
    Ok(Outputs { sound: lines, hearing, studio, workers, watches, tuners, clips, intake, speech, hear, told })
}

fn studio(config: &Config, sources: Arc<Sources>, air: Arc<Air>, lines: &[(Vec<SinkId>, SoundLine)]) -> Studio {
    let mut sinks = Vec::new();
    for ((mine, line), spec) in lines.iter().zip(&config.sound) {
        let watch: Watch = Arc::new(line.watch());
        sinks.extend(mine.iter().map(|sink| {
            let volumes = config.site.sinks.get(sink).map(|s| (s.volume_day, s.volume_night));
            let (volume_day, volume_night) = volumes.unwrap_or((100, 100));
            let (id, line) = (sink.clone(), spec.line.to_string());
            Seat { id, line, volume_day, volume_night, watch: Arc::clone(&watch) }
        }));
    }
    let network = config.sound.iter().filter_map(|spec| match &spec.config {
        SoundConfig::Rtp(rtp) => Some(rtp.clone()),
        SoundConfig::Card(_) | SoundConfig::Recorder(_) => None,
    });
    Studio::new(sources, air, config.site.name.clone(), sinks, network.collect())
}

/// Hands an input to the loop; waits while its queue is full, which is how a flood of reports is held back.
fn deliver(queue: &SyncSender<Happened>, happened: Happened) {
    if queue.send(happened).is_err() {
        log::debug!("the loop has ended");
    }
}

/// The devices of a line, none of them touched yet; boards show the pictures of this folder.
pub(crate) fn devices_on(config: &Config, line: &LineId, pictures: Option<&Path>) -> Vec<Device> {
    let mut devices = Vec::new();
    for spec in config.switches.iter().filter(|s| s.line == *line) {
        let slot = Slot::new(spec.config.driver(), false).at(spec.config.coil());
        devices.push(Device::Switch(spec.id.clone(), slot));
    }
    for spec in config.transmitters.iter().filter(|s| s.line == *line) {
        let relay = config.site.transmitters.get(&spec.id).and_then(|t| t.mains.clone());
        let mains = relay.map_or(Mains::Always, |switch| Mains::Relay { switch, maybe_up: false });
        devices.push(Device::Transmitter(spec.id.clone(), Slot::new(spec.config.driver(), false), mains));
    }
    for spec in config.coders.iter().filter(|s| s.line == *line) {
        let slot = Slot::new(spec.config.driver(), CoderWant::default());
        devices.push(Device::Coder(spec.transmitter.clone(), slot));
    }
    for spec in config.boards.iter().filter(|s| s.line == *line) {
        let easel = Easel::new(spec.fonts.clone());
        let easel = pictures.map_or(easel.clone(), |folder| easel.with_pictures(folder));
        devices.push(Device::Board(spec.id.clone(), Slot::new(spec.config.driver(&easel), BoardWant::dark())));
    }
    for spec in config.sensors.iter().filter(|s| s.line == *line) {
        devices.push(Device::Sensor(spec.id.clone(), Slot::new(spec.config.driver(), ())));
    }
    devices
}

/// What the sensors measured last.
pub(super) fn sensor_metrics(seen: watch::Receiver<Arc<View>>) -> impl Fn() -> Vec<Metric> + Send + Sync {
    let (name, help, kind) = ("gateway_sensor_value", "What a sensor measured last.", MetricKind::Gauge);
    move || {
        let view = Arc::clone(&seen.borrow());
        let fresh = view.sensors.iter().filter(|s| s.state == "well" || s.state == "alarm");
        fresh
            .flat_map(|s| s.readings.iter().map(move |r| (s, r)))
            .map(|(sensor, reading)| {
                let labels = vec![("sensor", sensor.id.to_string()), ("quantity", reading.quantity.clone())];
                Metric { name, help, kind, labels, value: reading.value }
            })
            .collect()
    }
}

/// What the sound lines and the recordings say of themselves.
pub(super) fn sound_metrics(outputs: &Outputs, ears: Arc<Ears>) -> Arc<dyn Fn() -> Vec<Metric> + Send + Sync> {
    let states: Vec<_> = outputs.sound.iter().map(|(sinks, line)| (sinks.first().cloned(), line.watch())).collect();
    Arc::new(move || {
        let mut all = ears.metrics();
        for (sink, watch) in &states {
            let state = watch();
            let label = sink.as_ref().map(|s| s.as_str().to_owned()).unwrap_or_default();
            let mut add = |name, help, kind, value: f64| {
                all.push(Metric { name, help, kind, labels: vec![("line", label.clone())], value });
            };
            #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and these counts are far from 2^52")]
            let (xruns, starved, broke) = (state.xruns as f64, state.starved as f64, state.breakdowns as f64);
            add("gateway_sound_open", "The card takes sound.", MetricKind::Gauge, f64::from(u8::from(state.open)));
            add(
                "gateway_sound_real_time",
                "Fed at real-time priority.",
                MetricKind::Gauge,
                f64::from(u8::from(state.real_time)),
            );
            add(
                "gateway_sound_period_frames",
                "Length of a period.",
                MetricKind::Gauge,
                f64::from(state.period_frames),
            );
            add("gateway_sound_xruns_total", "Times the card ran dry.", MetricKind::Counter, xruns);
            add(
                "gateway_sound_drift_ppm",
                "How much faster the card's clock runs than the system's.",
                MetricKind::Gauge,
                f64::from(state.drift_ppm),
            );
            add("gateway_sound_starved_total", "Times a decoder was too slow.", MetricKind::Counter, starved);
            let help = "Times a thread broke down and was started anew.";
            add("gateway_sound_breakdowns_total", help, MetricKind::Counter, broke);
        }
        all
    })
}
