//! Putting a station together from its configuration, and taking it apart again.

mod devices;

pub(crate) use devices::devices_on;

use crate::cabinet::Cabinet;
use crate::clock::{Clock, Witness};
use crate::config::Config;
use crate::ears::Ears;
use crate::health::{self, Health};
use crate::hub::{Ask, Heard, Link};
use crate::intake::Intake;
use crate::lexicon::{Dictionary, Prompt};
use crate::network::Nets;
use crate::preview::Preview;
use crate::run::{Ended, Happened, Loop};
use crate::settings::swap::{Stage, Trial};
use crate::settings::{self, Settings};
use crate::store::{Archive, Said, Signer, Store};
use crate::studio::Studio;
use crate::walls::{self, Walls};
use crate::{sys, web};
use anyhow::Context;
use devices::{make_outputs, sensor_metrics, sound_metrics};
use gateway_core::site::Site;
use gateway_core::verify::Keys;
use gateway_core::view::View;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, watch};
use web_ui::{Asked, Desk};

/// Inputs that may wait for the loop: a bus full of reports at once, and room to spare.
const QUEUE: usize = 1024;

/// Runs the station of a file until it is told to stop, or to start again.
pub(crate) fn run(config: Config, file: &Path, trial: Option<&Trial>) -> anyhow::Result<Ended> {
    crate::cabinet::backup::ensure_in_place(&config.station.data)?;
    let place = Place::find(&config.station.data)?;
    let data = place.data.clone();
    let bound = web::bind(&config.web, place.of("tls"))?;
    let health = Health::new();
    let (queue, inputs) = sync_channel::<Happened>(QUEUE);
    let (asks, asked) = mpsc::channel::<Ask>(QUEUE);
    let signer = Signer::open(place.of("signing-key.pk8"), &config.station.id)?;
    let (store, memory, writer) = Store::open(&data, signer.clone(), say(queue.clone(), asks))?;
    let mut clock = Clock::new(config.clock, Witness::default());
    let (site, first) = Site::new(config.site.clone(), memory, first_trust(&config.station.trust), clock.tell().now);
    let dictionary = Dictionary::open(place.of("lexicon.txt"));
    let words = dictionary.lexicon().clone();
    let ears = Ears::start(&place.data, &config.recordings, config.clock, clock.witness());
    let ears = Arc::new(ears.context("starting the recordings")?);
    let outputs = make_outputs(&config, &place, &queue, &health, words, &ears.audience(), &clock.witness())?;
    let (view, seen) = watch::channel(Arc::new(View::default()));
    let (status, stated) = watch::channel(serde_json::Value::Null);
    let (of_sound, of_speech) = (sound_metrics(&outputs, Arc::clone(&ears)), outputs.speech.metrics());
    let of_lines = crate::lines::metrics(outputs.watches.clone());
    let lines = crate::lines::rows(outputs.watches.clone());
    let of_air = outputs.hearing.metrics(config.site.sinks.keys().cloned().collect());
    let of_sensors = sensor_metrics(seen.clone());
    let metrics: Arc<dyn Fn() -> Vec<web_ui::Metric> + Send + Sync> = Arc::new(move || {
        of_sound().into_iter().chain(of_speech()).chain(of_air()).chain(of_lines()).chain(of_sensors()).collect()
    });
    let (studio, media) = (Arc::clone(&outputs.studio), Arc::clone(&outputs.intake));
    let voice = Arc::new(Prompt::new(dictionary, outputs.speech.prompter()));
    let benches = settings::Benches(outputs.guests());
    let settings = Settings::begin(file, &data, trial, benches);
    let beat = health.loop_beat();
    let (store_too, health_too) = (store.clone(), health.clone());
    let vouching = config.sensors.iter().filter(|s| s.vouches).map(|s| s.id.clone()).collect();
    let mut turn = Loop {
        site,
        clock,
        vouching,
        wall: config.wall.clone(),
        outputs,
        settings: Arc::clone(&settings),
        store: store_too,
        health: health_too,
        view,
        status,
        beat,
        orders: 0,
    };
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
        takeovers: health.numbers.clone(),
    });
    let link = link.map(|link| start_link(link, asked)).transpose()?;
    health.started.store(true, Ordering::Relaxed);
    let cabinet = Cabinet {
        file: file.to_owned(),
        data: data.clone(),
        config: config.clone(),
        lines: Arc::clone(&lines),
        metrics: metrics.clone(),
        settings: Arc::clone(&settings),
    };
    let network = Arc::new(Nets::new(config.network.clone()));
    let ops = web::ops(&health, &store, metrics);
    let (trial_place, trial_view) = (data.clone(), seen.clone());
    let users = place.of("users.json").to_owned();
    let secure_cookie = config.web.officer_tls != crate::config::OfficerTls::Off;
    let walls = Walls::open(&config, &place.of(walls::TOKENS).join(walls::TOKENS), &place.of("clips").join("clips"))
        .context("the tokens of the boards")?;
    let preview = Arc::new(Preview::new(&config, &place.of("clips").join("clips")));
    let ears_too = Arc::clone(&ears);
    let trust = web::trust(&config.web, place.of("tls"));
    let window = Window {
        data,
        users,
        secure_cookie,
        trust,
        view: seen.clone(),
        ears: ears_too,
        voice,
        studio,
        media,
        preview,
        lines,
        walls,
        ops,
        keep: config.cache.keep,
    };
    crate::trial::answer(&trial_place, queue.clone(), trial_view);
    start_web(bound, window, (Arc::clone(&settings), cabinet, network), queue.clone())?;
    settings.mind(queue.clone())?;
    settings.follow_province(queue.clone(), seen.clone())?;
    if let Some(trial) = trial.filter(|trial| trial.stage == Stage::Tried).cloned() {
        settings::prove(&settings, trial, config.station.trial, health.clone(), seen.clone(), queue)?;
    }
    health.feed_watchdog()?;
    health::notify(&[sd_notify::NotifyState::Ready]);
    log::info!(station = config.station.id.as_str(), real_time = sys::go_real_time(); "the station is up");
    let ended = turn.run(&inputs, first);
    log::info!(ended:?; "stopping");
    if ended == Ended::Stopped {
        health::notify(&[sd_notify::NotifyState::Stopping]);
    }
    let last = Arc::clone(&seen.borrow());
    let Loop { outputs, status, view, .. } = turn;
    outputs.stop();
    ears.stop();
    drop((status, view));
    if let Some(link) = link {
        join(link, "hub");
    }
    store.stop();
    join(writer, "store");
    if ended == Ended::Renewed {
        settings.switch(&last);
    }
    Ok(ended)
}

/// Where the station keeps what it has, and where it makes what is new.
struct Place {
    data: PathBuf,
    /// The same, or a folder in memory while the disk takes nothing: speech is still made there.
    making: PathBuf,
}

impl Place {
    fn find(data: &Path) -> anyhow::Result<Self> {
        let trial = data.join(".trial");
        let tried = std::fs::create_dir_all(data)
            .and_then(|()| std::fs::write(&trial, b"x"))
            .and_then(|()| std::fs::remove_file(&trial));
        let making = match tried {
            Ok(()) => data.to_owned(),
            Err(error) => {
                log::error!(error:% = error, data:? = data; "the data folder takes nothing; the station goes on in memory");
                let making = std::env::temp_dir().join(format!("gateway-{}", std::process::id()));
                std::fs::create_dir_all(&making)
                    .context("neither the data folder nor a temporary one can be written")?;
                making
            }
        };
        Ok(Self { data: data.to_owned(), making })
    }

    /// The folder that has a file or folder of this name, or where it is to be made.
    fn of(&self, name: &str) -> &Path {
        if self.data.join(name).exists() { &self.data } else { &self.making }
    }
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
            Heard::SecondBox { there } => Happened::SecondBox(there),
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

/// What the listeners show.
struct Window {
    data: PathBuf,
    users: PathBuf,
    voice: Arc<Prompt>,
    studio: Arc<Studio>,
    media: Arc<Intake>,
    preview: Arc<Preview>,
    lines: web_ui::Lines,
    secure_cookie: bool,
    trust: Option<web_ui::Trust>,
    view: watch::Receiver<Arc<View>>,
    ears: Arc<Ears>,
    walls: Walls,
    ops: web_ui::Ops,
    keep: web_ui::Keep,
}

fn start_web(
    bound: web::Bound,
    window: Window,
    (configuration, cabinet, network): (Arc<Settings>, Cabinet, Arc<Nets>),
    queue: SyncSender<Happened>,
) -> anyhow::Result<()> {
    let Window {
        data,
        users,
        voice,
        studio,
        media,
        preview,
        lines,
        secure_cookie,
        trust,
        view,
        ears,
        walls,
        ops,
        keep,
    } = window;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(8).build()?;
    let (orders, mut asked) = mpsc::channel::<Asked>(64);
    let work = move || {
        let reads = Arc::new(Archive::new(&data));
        let users = match web_ui::users::open(&users) {
            Ok(users) => users,
            Err(error) => {
                log::error!(error:% = error; "nobody can sign in: the users cannot be read");
                return;
            }
        };
        let office = web_ui::office::open(&data).keeping(keep);
        let citizen = web_ui::citizen(view.clone());
        let boards: Arc<dyn web_ui::Boards> = Arc::new(walls);
        let pages = web_ui::boards(Arc::clone(&boards));
        let outlook = Arc::new(crate::outlook::Outlook(queue.clone()));
        let desk = Desk {
            view,
            orders,
            reads,
            outlook,
            ears,
            voice,
            studio,
            lines,
            media,
            preview,
            boards,
            configuration,
            machine: Arc::new(cabinet),
            network,
            users,
            office,
            secure_cookie,
            trust,
        };
        let officer = web_ui::officer(desk).merge(pages);
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
            if let Err(error) = bound.serve(officer, citizen, web_ui::ops(ops)).await {
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
