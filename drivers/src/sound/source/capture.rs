//! Sound that comes in through a card: a microphone, a line-in, a tuner. One open card, however many sinks play it.

use super::fan::{Fan, Gate, Pick, fan};
use super::live::pass_on;
use crate::sound::feed::Spout;
use crate::sound::realtime;
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Device, ErrorKind, SampleFormat, SizedSample, Stream, StreamConfig, SupportedBufferSize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The rate most cards run at inside, hertz.
const USUAL_RATE: u32 = 48_000;
/// Period, milliseconds: with real-time priority, and without it.
const PERIOD_MS: (u32, u32) = (5, 10);
/// Between attempts to open a card: at first, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// A card that gave nothing for so long has stalled.
const STALLED: Duration = Duration::from_secs(1);
/// A card nobody has listened to for so long is closed.
const LINGER: Duration = Duration::from_secs(3);
/// How often a card is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// ALSA is asked how the card is when nothing was heard of it for so long.
const POLL: Duration = Duration::from_millis(200);
/// Stack of the thread that owns a card: ALSA opens its plug-ins on it.
const STACK: usize = 512 * 1024;
/// Samples converted at a time.
const PIECE: usize = 512;

/// The open cards, by ALSA name.
#[derive(Clone, Default)]
pub(super) struct Cards {
    open: Arc<Mutex<BTreeMap<String, Arc<Card>>>>,
}

/// A card that is being listened to.
struct Card {
    gate: Gate,
    rate: AtomicU32,
    /// Listeners, and those on their way in.
    users: AtomicU32,
}

/// What a stream's callbacks say.
#[derive(Default)]
struct Watch {
    blocks: AtomicU64,
    broken: AtomicBool,
}

/// The fan on loan to a stream: it comes home when the stream is dropped.
struct Lent {
    fan: Option<Fan>,
    home: Arc<Mutex<Option<Fan>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.fan.take();
    }
}

impl Cards {
    /// Pours what comes in on these channels of a card until nobody listens.
    pub(super) fn pour(&self, device: &str, pick: Pick, rate: u32, spout: Spout) {
        let card = match self.card(device) {
            Ok(card) => card,
            Err(e) => return spout.end(Some(format!("no thread for a microphone: {e}"))),
        };
        let taken = card.gate.join(USUAL_RATE as usize / 2, pick);
        match taken {
            Some(taken) => pass_on(taken, || card.rate.load(Ordering::Relaxed).max(1), rate, spout),
            None => spout.end(Some("too many play it already".into())),
        }
        card.users.fetch_sub(1, Ordering::AcqRel);
    }

    /// The card of that name, with one more user.
    fn card(&self, device: &str) -> std::io::Result<Arc<Card>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(card) = open.get(device) {
            card.users.fetch_add(1, Ordering::AcqRel);
            return Ok(Arc::clone(card));
        }
        let (fan, gate) = fan();
        let card = Arc::new(Card { gate, rate: AtomicU32::new(USUAL_RATE), users: AtomicU32::new(1) });
        let (cards, name, own) = (self.clone(), device.to_owned(), Arc::clone(&card));
        let work = move || cards.listen(&name, &own, fan);
        thread::Builder::new().name("sound-capture".into()).stack_size(STACK).spawn(work)?;
        open.insert(device.to_owned(), Arc::clone(&card));
        Ok(card)
    }

    /// Owns a card until nobody uses it.
    fn listen(&self, name: &str, card: &Card, fan: Fan) {
        let home = Arc::new(Mutex::new(Some(fan)));
        let (mut pause, mut used) = (BACK_OFF.0, Instant::now());
        let mut complained = false;
        let period = if realtime::allowed() { PERIOD_MS.0 } else { PERIOD_MS.1 };
        loop {
            let watch = Arc::new(Watch::default());
            let opened = open(name, period, card, &home, &watch);
            if opened.is_ok() {
                log::info!(device = name; "a microphone is open");
                (pause, complained) = (BACK_OFF.0, false);
            }
            let (mut blocks, mut moved) = (0, Instant::now());
            let why = loop {
                let now = Instant::now();
                if card.users.load(Ordering::Acquire) > 0 {
                    used = now;
                } else if now.duration_since(used) > LINGER {
                    let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                    // Asked again behind the lock: whoever comes in does so behind it too.
                    if card.users.load(Ordering::Acquire) == 0 {
                        open.remove(name);
                        log::info!(device = name; "a microphone is closed");
                        return;
                    }
                }
                if let Err(why) = &opened {
                    if now.duration_since(moved) >= pause {
                        break why.clone();
                    }
                } else {
                    let seen = watch.blocks.load(Ordering::Relaxed);
                    if seen != blocks {
                        (blocks, moved) = (seen, now);
                    }
                    if watch.broken.load(Ordering::Relaxed) {
                        break "it was pulled out".to_owned();
                    }
                    if now.duration_since(moved) > STALLED {
                        break "it gives nothing".to_owned();
                    }
                }
                thread::sleep(LOOK);
            };
            if !complained {
                log::warn!(device = name, error = why.as_str(); "a microphone failed");
                complained = true;
            }
            let failed = opened.is_err();
            drop(opened);
            if failed {
                pause = (pause * 2).min(BACK_OFF.1);
            }
        }
    }
}

/// Opens a card and lets it give to the fan.
fn open(
    name: &str,
    period: u32,
    card: &Card,
    home: &Arc<Mutex<Option<Fan>>>,
    watch: &Arc<Watch>,
) -> Result<Stream, String> {
    // What ALSA has to say goes nowhere: it would come again with every attempt.
    let _words = alsa::Output::local_error_handler().ok();
    let host = cpal::default_host();
    let device = if name == "default" {
        host.default_input_device()
    } else {
        host.device_by_id(&cpal::DeviceId::new(host.id(), name))
    };
    let device = device.ok_or_else(|| format!("no sound card named {name}"))?;
    let ranges = device.supported_input_configs().map_err(|e| format!("opening {name}: {e}"))?;
    let formats = [SampleFormat::I16, SampleFormat::I32, SampleFormat::F32];
    let best = ranges.filter_map(|r| {
        let format = formats.iter().position(|f| *f == r.sample_format())?;
        let usual = (r.min_sample_rate()..=r.max_sample_rate()).contains(&USUAL_RATE);
        Some(((!usual, r.channels() < 2, r.channels(), format), r))
    });
    let Some((_, range)) = best.min_by_key(|(rank, _)| *rank) else {
        return Err(format!("{name} gives no usual samples"));
    };
    let rate = USUAL_RATE.clamp(range.min_sample_rate(), range.max_sample_rate());
    let frames = rate / 1000 * period;
    let frames = match *range.buffer_size() {
        SupportedBufferSize::Range { min, max } => frames.clamp(min, max),
        SupportedBufferSize::Unknown => frames,
    };
    let config = StreamConfig { channels: range.channels(), sample_rate: rate, buffer_size: BufferSize::Fixed(frames) };
    card.rate.store(rate, Ordering::Relaxed);
    let fan = home.lock().unwrap_or_else(PoisonError::into_inner).take();
    let lent = Lent { fan: Some(fan.ok_or("the card has not let go yet")?), home: Arc::clone(home) };
    let built = if range.sample_format() == SampleFormat::I32 {
        build::<i32>(&device, config, lent, watch)
    } else if range.sample_format() == SampleFormat::F32 {
        build::<f32>(&device, config, lent, watch)
    } else {
        build::<i16>(&device, config, lent, watch)
    };
    let stream = built.map_err(|e| format!("opening {name}: {e}"))?;
    stream.play().map_err(|e| format!("starting {name}: {e}"))?;
    Ok(stream)
}

fn build<T: Heard>(
    device: &Device,
    config: StreamConfig,
    mut lent: Lent,
    watch: &Arc<Watch>,
) -> Result<Stream, cpal::Error> {
    let (told, seen) = (Arc::clone(watch), Arc::clone(watch));
    let channels = usize::from(config.channels.max(1));
    let mut first = true;
    let take = move |data: &[T], _: &cpal::InputCallbackInfo| {
        if std::mem::take(&mut first) {
            realtime::promote_this_thread();
        }
        let mut piece = [0.0; PIECE];
        if let Some(fan) = &mut lent.fan {
            for samples in data.chunks(PIECE / channels * channels) {
                for (to, from) in piece.iter_mut().zip(samples) {
                    *to = from.sample();
                }
                fan.give(piece.get(..samples.len()).unwrap_or_default(), channels);
            }
        }
        told.blocks.fetch_add(1, Ordering::Relaxed);
    };
    let error = move |e: cpal::Error| {
        if matches!(e.kind(), ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated) {
            seen.broken.store(true, Ordering::Relaxed);
        } else {
            // A broken card can report tens of thousands a second.
            thread::sleep(Duration::from_millis(1));
        }
    };
    device.build_input_stream(config, take, error, Some(POLL))
}

/// A shape of sample a card may give.
trait Heard: SizedSample + Send + 'static {
    /// As −1…1.
    fn sample(self) -> f32;
}

impl Heard for i16 {
    fn sample(self) -> f32 {
        f32::from(self) / 32_768.0
    }
}

impl Heard for i32 {
    fn sample(self) -> f32 {
        self as f32 / 2_147_483_648.0
    }
}

impl Heard for f32 {
    fn sample(self) -> f32 {
        if self.is_finite() { self.clamp(-4.0, 4.0) } else { 0.0 }
    }
}
