//! An open stream on a card: which shape of samples it takes, the callback that feeds it, and what is seen of it.

use super::breakdown::guarded;
use super::discipline::{Discipline, Remedy, Standing};
use super::length::length;
use super::mixer::Mixer;
use super::realtime;
use super::stretch::{MOST, Stretch};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, Error, ErrorKind, OutputCallbackInfo, SampleFormat, SizedSample, Stream, StreamConfig,
    SupportedBufferSize, SupportedStreamConfigRange,
};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The rate most cards run at inside, hertz; taken where the card offers it.
const USUAL_RATE: u32 = 48_000;
/// Shapes of sample we can give, best first.
const FORMATS: [SampleFormat; 3] = [SampleFormat::I16, SampleFormat::I32, SampleFormat::F32];
/// ALSA is asked how the card is when nothing was heard of it for so long.
const POLL: Duration = Duration::from_millis(200);
/// So many errors without a block in between, and the errors are slowed down: a broken card can report 30 000 a second,
/// on a thread that no ordinary one can interrupt.
const ERRORS_IN_A_ROW: u32 = 20;
/// A card that took so much more sound than time has passed has no clock.
const RUNAWAY: Duration = Duration::from_secs(2);

/// What is seen of a stream, shared with its callbacks.
#[derive(Debug)]
pub(super) struct Watch {
    /// Blocks the card has taken.
    pub(super) blocks: AtomicU64,
    /// Blocks of silence given since it was hushed.
    pub(super) silent: AtomicU32,
    /// Times the card ran dry.
    pub(super) xruns: AtomicU64,
    /// What feeds the card broke down, and was not counted yet.
    pub(super) broke_down: AtomicBool,
    /// It is being closed: fade out, then silence.
    pub(super) hush: AtomicBool,
    /// The thread that feeds the card may not be interrupted by ordinary ones.
    pub(super) real_time: AtomicBool,
    /// How much faster than the system's clock the card runs, parts per million.
    pub(super) drift_ppm: AtomicI32,
    /// Its sound is stretched or shortened to keep with that clock.
    pub(super) resampled: AtomicBool,
    /// Where its programme stands: frames used, and the bits of the offset kept.
    used: AtomicU64,
    kept: AtomicU64,
    in_a_row: AtomicU32,
    broke: Mutex<Option<String>>,
    wake: Thread,
}

impl Watch {
    /// For a stream not yet opened; `wake` is the thread that looks at it.
    pub(super) fn new(wake: Thread) -> Self {
        Self {
            blocks: AtomicU64::new(0),
            silent: AtomicU32::new(0),
            xruns: AtomicU64::new(0),
            broke_down: AtomicBool::new(false),
            hush: AtomicBool::new(false),
            real_time: AtomicBool::new(false),
            drift_ppm: AtomicI32::new(0),
            resampled: AtomicBool::new(false),
            used: AtomicU64::new(0),
            kept: AtomicU64::new(f64::NAN.to_bits()),
            in_a_row: AtomicU32::new(0),
            broke: Mutex::new(None),
            wake,
        }
    }

    /// Why the stream must be opened anew, if it must.
    pub(super) fn broke(&self) -> Option<String> {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where its programme, of `rate` hertz, stood last; asked when the stream is closed.
    pub(super) fn standing(&self, rate: u32) -> Option<Standing> {
        let kept = f64::from_bits(self.kept.load(Ordering::Relaxed));
        kept.is_finite().then(|| Standing { used: self.used.load(Ordering::Relaxed), kept, rate })
    }

    fn fail(&self, why: &str) {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| why.to_owned());
        self.wake.unpark();
    }

    fn break_down(&self, why: &str) {
        self.broke_down.store(true, Ordering::Relaxed);
        self.fail(why);
    }

    fn error(&self, error: &Error) {
        let row = self.in_a_row.fetch_add(1, Ordering::Relaxed);
        // Other kinds are judged by whether sound still flows.
        if error.kind() == ErrorKind::Xrun {
            self.xruns.fetch_add(1, Ordering::Relaxed);
        } else if matches!(error.kind(), ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated) {
            self.fail(&error.to_string());
        }
        if row >= ERRORS_IN_A_ROW {
            self.fail(&error.to_string());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A mixer on loan to a stream: it comes home when the stream is dropped, or could not be built.
struct Lent {
    mixer: Option<Mixer>,
    home: mpsc::SyncSender<Mixer>,
}

impl Lent {
    fn go_home(&mut self) {
        if let Some(mixer) = self.mixer.take() {
            // Nobody at home only at the very end of the program.
            drop(self.home.try_send(mixer));
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.go_home();
    }
}

/// The clock that all streams on a card are kept with, and where the programme stood at the end of the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) epoch: Instant,
    pub(super) standing: Option<Standing>,
}

/// An open stream. Dropping it closes the card and sends the mixer home.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) period: u32,
}

/// A card, and the shape of samples agreed with it.
pub(super) struct Found {
    device: Device,
    format: SampleFormat,
    pub(super) rate: u32,
    channels: u16,
    periods: SupportedBufferSize,
}

/// Looks for a card by its ALSA name. `channels` at least; `exactly` if the site says how many the card has.
pub(super) fn find(name: &str, channels: u16, exactly: Option<u16>) -> Result<Found, String> {
    let host = cpal::default_host();
    let device = if name == "default" {
        host.default_output_device()
    } else {
        host.device_by_id(&cpal::DeviceId::new(host.id(), name))
    };
    let device = device.ok_or_else(|| format!("no sound card named {name}"))?;
    let ranges = device.supported_output_configs().map_err(|e| format!("opening {name}: {e}"))?;
    let best = ranges.filter_map(|r| Some((rank(&r, channels, exactly)?, r))).min_by_key(|(rank, _)| *rank);
    let Some((_, range)) = best else { return Err(format!("{name} has no {channels} channels of usual samples")) };
    let rate = USUAL_RATE.clamp(range.min_sample_rate(), range.max_sample_rate());
    let (format, channels, periods) = (range.sample_format(), range.channels(), *range.buffer_size());
    Ok(Found { device, format, rate, channels, periods })
}

/// Lower is better: the usual rate, the fewest channels from two up, 16 bits (what the clips have) before more.
fn rank(range: &SupportedStreamConfigRange, channels: u16, exactly: Option<u16>) -> Option<(bool, bool, u16, usize)> {
    let has = range.channels();
    if has < channels || exactly.is_some_and(|n| n != has) {
        return None;
    }
    let format = FORMATS.iter().position(|f| *f == range.sample_format())?;
    let usual = (range.min_sample_rate()..=range.max_sample_rate()).contains(&USUAL_RATE);
    Some((!usual, has < 2, has, format))
}

impl Found {
    /// Opens it with periods of about `period` frames and lets it take sound from the mixer.
    pub(super) fn open(
        &self,
        period: u32,
        mixer: Mixer,
        home: mpsc::SyncSender<Mixer>,
        watch: &Arc<Watch>,
        course: Course,
    ) -> Result<Opened, String> {
        let lent = Lent { mixer: Some(mixer), home };
        let period = match self.periods {
            SupportedBufferSize::Range { min, max } => period.clamp(min, max),
            SupportedBufferSize::Unknown => period,
        };
        let buffer_size = BufferSize::Fixed(period);
        let config = StreamConfig { channels: self.channels, sample_rate: self.rate, buffer_size };
        let built = if self.format == SampleFormat::I32 {
            self.build::<i32>(config, lent, watch, course)
        } else if self.format == SampleFormat::F32 {
            self.build::<f32>(config, lent, watch, course)
        } else {
            self.build::<i16>(config, lent, watch, course)
        };
        let stream = built.map_err(|e| format!("opening the card: {e}"))?;
        stream.play().map_err(|e| format!("starting the card: {e}"))?;
        let period = stream.buffer_size().unwrap_or(period);
        Ok(Opened { stream, period })
    }

    fn build<T: Pcm>(
        &self,
        config: StreamConfig,
        mut lent: Lent,
        watch: &Arc<Watch>,
        Course { epoch, standing }: Course,
    ) -> Result<Stream, Error> {
        let (told, seen) = (watch.clone(), watch.clone());
        let mut clock: Option<Clock> = None;
        let channels = usize::from(self.channels);
        let rate = self.rate;
        let sinks = lent.mixer.as_ref().map_or(0, |m| m.blocks(0).count());
        let discipline = Discipline::going_on(rate, standing);
        let mut pace = Pace { discipline, stretch: Stretch::new(sinks, rate), rate, xruns: 0 };
        let feed = move |out: &mut [T], info: &OutputCallbackInfo| {
            let now = Instant::now();
            let clock = clock.get_or_insert_with(|| {
                told.real_time.store(realtime::promote_this_thread(), Ordering::Relaxed);
                Clock { began: now, taken: 0 }
            });
            let stamp = info.timestamp();
            let due = now + stamp.playback.duration_since(stamp.callback);
            if let Some(mixer) = &mut lent.mixer {
                let fed = guarded("what feeds a sound card", || {
                    let due = pace.keep(due.duration_since(epoch).as_secs_f64(), mixer, &told);
                    fill(mixer, &mut pace, out, channels, epoch + Duration::from_secs_f64(due.max(0.0)), &told);
                });
                if let Err(broke) = fed {
                    told.break_down(&broke.to_string());
                    lent.go_home();
                }
            } else {
                out.fill(T::of(0.0));
            }
            told.in_a_row.store(0, Ordering::Relaxed);
            clock.taken += (out.len() / channels) as u64;
            if length(clock.taken as usize, rate) > now.duration_since(clock.began) + RUNAWAY {
                told.fail("the card takes sound without keeping time");
                thread::sleep(Duration::from_millis(20));
            }
        };
        self.device.build_output_stream(config, feed, move |error| seen.error(&error), Some(POLL))
    }
}

/// How much a card took since when.
struct Clock {
    began: Instant,
    taken: u64,
}

/// How a card's programme is kept with the clock.
struct Pace {
    discipline: Discipline,
    stretch: Stretch,
    rate: u32,
    /// Times the card ran dry, as far as that was seen to.
    xruns: u64,
}

impl Pace {
    /// Looks at the clock before a period whose first frame leaves at `due`, in seconds. Returns when it really leaves, as
    /// far as that is better known.
    fn keep(&mut self, due: f64, mixer: &mut Mixer, watch: &Watch) -> f64 {
        let idle = mixer.is_idle();
        let xruns = watch.xruns.load(Ordering::Relaxed);
        if std::mem::replace(&mut self.xruns, xruns) != xruns {
            self.discipline.broke();
        }
        let remedy = self.discipline.look(due, idle);
        let engaged = self.discipline.is_engaged();
        match remedy {
            Some(Remedy::Pace(pace)) => self.stretch.set_pace(pace),
            Some(Remedy::Skip(frames)) => mixer.skip(frames),
            None if idle && !engaged => self.stretch.reset(),
            None => {}
        }
        watch.drift_ppm.store(self.discipline.drift_ppm(), Ordering::Relaxed);
        watch.resampled.store(engaged, Ordering::Relaxed);
        let (used, kept) = self.discipline.standing();
        watch.used.store(used, Ordering::Relaxed);
        watch.kept.store(kept.to_bits(), Ordering::Relaxed);
        self.discipline.smooth(due)
    }
}

/// Fills one period.
fn fill<T: Pcm>(mixer: &mut Mixer, pace: &mut Pace, out: &mut [T], channels: usize, due: Instant, watch: &Watch) {
    if watch.hush.load(Ordering::Relaxed) && watch.silent.fetch_add(1, Ordering::Relaxed) == 0 {
        mixer.hush();
    }
    let mut done = 0;
    for block in out.chunks_mut(MOST * channels) {
        let n = block.len() / channels;
        let used = mixer.used();
        pace.stretch.advance(mixer, n, due + length(done, pace.rate));
        pace.discipline.pass(n, (mixer.used() - used) as usize);
        done += n;
        for ((places, _), samples) in mixer.blocks(0).zip(pace.stretch.blocks(n)) {
            for (frame, sample) in block.chunks_exact_mut(channels).zip(samples) {
                for channel in places {
                    if let Some(place) = frame.get_mut(*channel) {
                        *place = T::of(*sample);
                    }
                }
            }
        }
    }
    watch.blocks.fetch_add(1, Ordering::Relaxed);
}

/// A shape of sample a card may take.
trait Pcm: SizedSample + Send + 'static {
    /// From −1…1; what lies beyond is cut off. A sample that came from 16 bits goes back to the same 16 bits.
    fn of(sample: f32) -> Self;
}

impl Pcm for i16 {
    fn of(sample: f32) -> Self {
        // `as` saturates.
        (sample * 32_768.0).round() as Self
    }
}

impl Pcm for i32 {
    fn of(sample: f32) -> Self {
        (sample * 2_147_483_648.0) as Self
    }
}

impl Pcm for f32 {
    fn of(sample: f32) -> Self {
        sample.clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hushed_mixer_gives_is_none_of_the_programme() {
        let (mut mixer, _ends) = Mixer::new(Vec::new(), USUAL_RATE, thread::current());
        mixer.connect(USUAL_RATE, false);
        let discipline = Discipline::new(USUAL_RATE);
        let mut pace = Pace { discipline, stretch: Stretch::new(0, USUAL_RATE), rate: USUAL_RATE, xruns: 0 };
        let watch = Watch::new(thread::current());
        let mut used = || {
            fill(&mut mixer, &mut pace, &mut [0_i16; 480], 2, Instant::now(), &watch);
            pace.discipline.standing().0
        };
        assert_eq!([used(), used(), used()], [240, 480, 720]);
        watch.hush.store(true, Ordering::Relaxed);
        // It fades out in one period, and stands still in the others.
        assert_eq!([used(), used(), used()], [960, 960, 960]);
    }
}
