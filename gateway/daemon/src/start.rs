//! Putting a station together from its configuration, and taking it apart again.

use crate::clips::{self, Clips};
use crate::clock::Clock;
use crate::config::Config;
use crate::health::{self, Health};
use crate::hub::{Ask, Heard, Link};
use crate::outputs::Outputs;
use crate::run::{Happened, Loop};
use crate::speech::Speech;
use crate::store::{Archive, Said, Signer, Store};
use crate::worker::{Device, Slot, Worker};
use crate::{sys, web};
use anyhow::Context;
use drivers::board::Huidu;
use drivers::line::Line;
use drivers::sound::{self, SoundConfig, SoundLine};
use drivers::switch::ModbusRelay;
use drivers::transmitter::{ModbusExciter, Uecp};
use gateway_core::device::Report;
use gateway_core::id::{LineId, OutputId, SinkId};
use gateway_core::site::Site;
use gateway_core::verify::Keys;
use gateway_core::view::View;
use gateway_core::want::{BoardWant, Source, Wants};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, watch};
use web_ui::{Asked, Desk, Metric, MetricKind};

/// Inputs that may wait for the loop: a bus full of reports at once, and room to spare.
const QUEUE: usize = 1024;

/// Runs a station until it is told to stop.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    let data = config.station.data.clone();
    std::fs::create_dir_all(&data).with_context(|| format!("[station] data = \"{}\"", data.display()))?;
    let bound = web::bind(&config.web, &data)?;
    let health = Health::new();
    let (queue, inputs) = sync_channel::<Happened>(QUEUE);
    let (asks, asked) = mpsc::channel::<Ask>(QUEUE);
    let signer = Signer::open(&data, &config.station.id)?;
    let (store, memory, writer) = Store::open(&data, signer.clone(), say(queue.clone(), asks))?;
    let mut clock = Clock::new(config.clock);
    let (site, first) = Site::new(config.site.clone(), memory, first_trust(&config.station.trust), clock.tell().now);
    let outputs = make_outputs(&config, &data, &queue, &health)?;
    let (view, seen) = watch::channel(Arc::new(View::default()));
    let (status, stated) = watch::channel(serde_json::Value::Null);
    let metrics = sound_metrics(&outputs);
    let beat = health.loop_beat();
    let mut turn =
        Loop { site, clock, outputs, store: store.clone(), health: health.clone(), view, status, beat, orders: 0 };
    turn.show();
    let link = config.hub.clone().map(|hub| Link {
        station: config.station.id.clone(),
        province: config.station.province.clone(),
        commune: config.station.commune.clone(),
        hub,
        signer,
        store: store.clone(),
        status: stated,
        hear: hear_hub(queue.clone()),
    });
    let link = link.map(|link| start_link(link, asked)).transpose()?;
    health.started.store(true, Ordering::Relaxed);
    let ops = web::ops(&health, &store, metrics);
    start_web(bound, data, config.web.officer_tls != crate::config::OfficerTls::Off, seen, queue, ops)?;
    health.feed_watchdog()?;
    health::notify(&[sd_notify::NotifyState::Ready]);
    log::info!(station = config.station.id.as_str(), real_time = sys::go_real_time(); "the station is up");
    turn.run(&inputs, first);
    log::info!("stopping");
    health::notify(&[sd_notify::NotifyState::Stopping]);
    let Loop { outputs, status, view, .. } = turn;
    outputs.stop();
    drop((status, view));
    if let Some(link) = link {
        join(link, "hub");
    }
    store.stop();
    join(writer, "store");
    Ok(())
}

fn join(thread: JoinHandle<()>, name: &str) {
    if thread.join().is_err() {
        log::error!(thread = name; "a thread had died");
    }
}

/// The first trust store; without one nothing the hub sends is believed, which the log says and `check` refuses.
fn first_trust(file: &Path) -> Keys {
    let read = std::fs::read_to_string(file).map_err(anyhow::Error::from);
    match read.and_then(|text| Ok(serde_json::from_str::<Keys>(&text)?)) {
        Ok(keys) => keys,
        Err(error) => {
            log::warn!(file:? = file, error:% = error; "no trust store: nothing of the hub is believed until enrolment");
            Keys::default()
        }
    }
}

fn say(queue: SyncSender<Happened>, asks: mpsc::Sender<Ask>) -> impl Fn(Said) + Send + 'static {
    move |said| {
        let ask = match said {
            Said::Disk { well } => {
                if queue.send(Happened::Disk(well)).is_err() {
                    log::debug!("the loop has ended");
                }
                if !well {
                    return;
                }
                Ask::Renew
            }
            Said::PubAck(ticket) => Ask::PubAck(ticket),
            Said::Outbox => Ask::Outbox,
        };
        // A full queue loses nothing: the broker sends again, and the outbox is looked at with every acknowledgement.
        if asks.try_send(ask).is_err() {
            log::debug!("the link is not listening");
        }
    }
}

fn hear_hub(queue: SyncSender<Happened>) -> Box<dyn Fn(Heard) + Send> {
    Box::new(move |heard| {
        let happened = match heard {
            Heard::Delivery(delivery) => Happened::Hub(delivery),
            Heard::Link { up } => Happened::Link(up),
        };
        if queue.send(happened).is_err() {
            log::debug!("the loop has ended");
        }
    })
}

fn start_link(link: Link, asked: mpsc::Receiver<Ask>) -> anyhow::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let work = move || {
        sys::go_real_time();
        runtime.block_on(link.run(asked));
    };
    Ok(std::thread::Builder::new().name("hub".into()).stack_size(512 * 1024).spawn(work)?)
}

fn start_web(
    bound: web::Bound,
    data: PathBuf,
    secure_cookie: bool,
    view: watch::Receiver<Arc<View>>,
    queue: SyncSender<Happened>,
    ops: web_ui::Ops,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(8).build()?;
    let (orders, mut asked) = mpsc::channel::<Asked>(64);
    let work = move || {
        let reads = Arc::new(Archive::new(&data));
        let users = match web_ui::users::open(&data) {
            Ok(users) => users,
            Err(error) => {
                log::error!(error:% = error; "nobody can sign in: the users cannot be read");
                return;
            }
        };
        let citizen = web_ui::citizen(view.clone());
        let desk = Desk { view, orders, reads, users, secure_cookie };
        runtime.block_on(async move {
            let stop = queue.clone();
            tokio::spawn(async move {
                wait_for_signal().await;
                if stop.try_send(Happened::Stop).is_err() {
                    log::error!("the loop takes nothing, not even the order to stop");
                }
            });
            tokio::spawn(async move {
                while let Some(asked) = asked.recv().await {
                    if let Err(error) = queue.try_send(Happened::Desk(Box::new(asked))) {
                        answer_busy(error);
                    }
                }
            });
            if let Err(error) = bound.serve(web_ui::officer(desk), citizen, web_ui::ops(ops)).await {
                log::error!(error:% = format!("{error:#}"); "the listeners ended");
            }
        });
    };
    std::thread::Builder::new().name("web".into()).stack_size(1024 * 1024).spawn(work)?;
    Ok(())
}

fn answer_busy(error: std::sync::mpsc::TrySendError<Happened>) {
    use std::sync::mpsc::TrySendError::{Disconnected, Full};
    let (Full(happened) | Disconnected(happened)) = error;
    if let Happened::Desk(asked) = happened {
        // The officer may have gone; then nobody is left to be told.
        drop(asked.answer.send(web_ui::Outcome::Busy));
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut term), Ok(mut int)) => {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        }
        (Err(error), _) | (_, Err(error)) => {
            log::error!(error:% = error; "signals cannot be caught");
            std::future::pending::<()>().await;
        }
    }
}

fn make_outputs(
    config: &Config,
    data: &Path,
    queue: &SyncSender<Happened>,
    health: &Health,
) -> anyhow::Result<Outputs> {
    let (clip_dir, speech_dir) = (data.join("clips"), data.join("speech"));
    let to = queue.clone();
    let roots = clips::roots(config.hub.as_ref().and_then(|h| h.media_ca.as_deref()))?;
    let clips =
        Clips::start(clip_dir.clone(), config.cache.clips_bytes, roots, clips::Pace::default(), sound::probe, {
            move |id, made| deliver(&to, Happened::Clip(id, made))
        })?;
    let to = queue.clone();
    let speech = Speech::start(
        speech_dir.clone(),
        config.cache.speech_bytes,
        config.speech.clone(),
        crate::speech::Pace::default(),
        move |id, made| {
            deliver(&to, Happened::Speech(id, made));
        },
    )?;
    let files: sound::Files = Arc::new(move |source: &Source| match source {
        Source::Clip(id) => Some(clip_dir.join(id.as_str())),
        Source::Speech(id) => Some(speech_dir.join(format!("{id}.wav"))),
        Source::Tone { .. } | Source::Chime => None,
    });
    let to = queue.clone();
    let reports: sound::Reports =
        Arc::new(move |sink, report| deliver(&to, Happened::Device(OutputId::Sink(sink), report)));
    let mut lines = Vec::new();
    for spec in &config.sound {
        let sinks: Vec<SinkId> = match &spec.config {
            SoundConfig::Card(card) => card.sinks.iter().map(|s| s.id.clone()).collect(),
            SoundConfig::Recorder(recorder) => vec![recorder.sink.clone()],
        };
        let line = SoundLine::start(spec.config.clone(), Arc::clone(&files), Arc::clone(&reports))
            .with_context(|| format!("line {}", spec.line))?;
        lines.push((sinks, line));
    }
    let to = queue.clone();
    let hear = Arc::new(move |id: OutputId, report: Report| deliver(&to, Happened::Device(id, report)));
    let mut workers = Vec::new();
    for spec in &config.lines {
        let devices = devices_on(config, &spec.id);
        let beat = health.line_beat(spec.id.as_str());
        let line = Line::new(spec.config.clone());
        workers.push(Worker::start(spec.id.as_str(), line, devices, hear.clone(), beat)?);
    }
    Ok(Outputs { sound: lines, workers, clips, speech, told: Arc::new(Wants::default()) })
}

/// Hands an input to the loop; waits while its queue is full, which is how a flood of reports is held back.
fn deliver(queue: &SyncSender<Happened>, happened: Happened) {
    if queue.send(happened).is_err() {
        log::debug!("the loop has ended");
    }
}

/// The devices of a line, none of them touched yet.
pub(crate) fn devices_on(config: &Config, line: &LineId) -> Vec<Device> {
    let mut devices = Vec::new();
    for spec in config.switches.iter().filter(|s| s.line == *line) {
        let driver = Box::new(ModbusRelay::new(spec.unit, spec.coil));
        devices.push(Device::Switch(spec.id.clone(), Slot::new(driver, false)));
    }
    for spec in config.transmitters.iter().filter(|s| s.line == *line) {
        let exciter = ModbusExciter::new(spec.unit, spec.licence, spec.profile);
        let exciter = match spec.reflected_limit_w {
            Some(watts) => exciter.with_reflected_limit(watts),
            None => exciter,
        };
        devices.push(Device::Transmitter(spec.id.clone(), Slot::new(Box::new(exciter), false)));
    }
    for spec in config.coders.iter().filter(|s| s.line == *line) {
        let coder = Uecp::new(spec.config.clone());
        devices.push(Device::Coder(spec.transmitter.clone(), Slot::new(Box::new(coder), BTreeSet::new())));
    }
    for spec in config.boards.iter().filter(|s| s.line == *line) {
        let board = Huidu::new(spec.width, spec.height).with_font(spec.font.clone());
        devices.push(Device::Board(spec.id.clone(), Slot::new(Box::new(board), BoardWant::Dark)));
    }
    devices
}

/// What the sound lines say of themselves.
fn sound_metrics(outputs: &Outputs) -> Arc<dyn Fn() -> Vec<Metric> + Send + Sync> {
    let states: Vec<_> = outputs.sound.iter().map(|(sinks, line)| (sinks.first().cloned(), line.watch())).collect();
    Arc::new(move || {
        let mut all = Vec::new();
        for (sink, watch) in &states {
            let state = watch();
            let label = sink.as_ref().map(|s| s.as_str().to_owned()).unwrap_or_default();
            let mut add = |name, help, kind, value: f64| {
                all.push(Metric { name, help, kind, labels: vec![("line", label.clone())], value });
            };
            #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and these counts are far from 2^52")]
            let (xruns, starved) = (state.xruns as f64, state.starved as f64);
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
            add("gateway_sound_starved_total", "Times a decoder was too slow.", MetricKind::Counter, starved);
        }
        all
    })
}
