//! The outlet to the network: sends while there is a way, looks for one again while there is none.

use super::muster::Muster;
use super::sap::Crier;
use super::sender::{Sender, Shared, Wire};
use super::sip::Refused;
use super::{Interface, RtpConfig, Wrapper, socket};
use crate::sound::LineState;
use crate::sound::breakdown::BrokeDown;
use crate::sound::control::{Change, Outlet};
use crate::sound::door::Doors;
use crate::sound::mixer::Mixer;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between attempts to find a way: at first, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// The way is looked at so often while all is well: a cable may be pulled out while nothing is sent.
const LOOK: Duration = Duration::from_secs(2);
/// Stack of the sending thread.
const STACK: usize = 512 * 1024;

/// A thread that sends.
struct Running {
    thread: JoinHandle<(Mixer, io::Result<()>)>,
    shared: Arc<Shared>,
    crier: Option<Crier>,
    look: Instant,
    /// Lapses of the threads before it.
    before: u64,
}

/// The outlet to the network.
pub(in crate::sound) struct Network {
    config: RtpConfig,
    doors: Arc<Doors>,
    /// Here while no thread has it.
    mixer: Option<Mixer>,
    running: Option<Running>,
    retry: Instant,
    back_off: Duration,
    /// What was said last; `None`: nothing yet.
    said: Option<Change>,
    /// Its thread is to break down, once.
    #[cfg(test)]
    pub(in crate::sound) breaks: Arc<std::sync::atomic::AtomicBool>,
}

impl Network {
    pub(in crate::sound) fn new(config: RtpConfig, doors: Arc<Doors>, mixer: Mixer) -> Self {
        Self {
            config,
            doors,
            mixer: Some(mixer),
            running: None,
            retry: Instant::now(),
            back_off: BACK_OFF.0,
            said: None,
            #[cfg(test)]
            breaks: Arc::default(),
        }
    }

    fn open(&mut self, now: Instant, before: u64) -> io::Result<Running> {
        let config = &self.config;
        let own = socket::reach(config.interface.as_ref(), &config.destinations())?;
        // Whoever is called is told the port that the sound will come from: it must have one by then.
        let calls = matches!(config.wrapper, Wrapper::Sip(_));
        let from = own.filter(|_| calls).map(Interface::Address);
        let socket = socket::sender(from.as_ref().or(config.interface.as_ref()), config.ttl)?;
        let wires = Wire::all(config, socket.local_addr()?.port())?;
        let crier = match own {
            Some(own) => Crier::new(config, own, now)?,
            None => None,
        };
        let rate = config.codec.rate();
        let Some(mut mixer) = self.mixer.take() else { return Err(io::Error::other("the sender has not let go yet")) };
        self.doors.set_rate(rate);
        for (lane, play, played_ms) in mixer.connect(rate, self.said != Some(Change::Well)) {
            self.doors.resume(lane, play, played_ms);
        }
        let shared = Arc::new(Shared::default());
        let sender = Sender {
            mixer,
            doors: self.doors.clone(),
            socket,
            wires,
            codec: config.codec,
            packet: config.codec.frames(config.packet_ms),
            hang: Duration::from_millis(u64::from(config.hang_ms)),
            keep_alive: config.keep_alive,
            shared: shared.clone(),
            place: calls.then(|| Muster::common().join()),
            owner: thread::current(),
            #[cfg(test)]
            breaks: self.breaks.clone(),
        };
        let thread = thread::Builder::new().name("sound-rtp".into()).stack_size(STACK).spawn(move || sender.run())?;
        Ok(Running { thread, shared, crier, look: now + LOOK, before })
    }

    /// Stops the thread, if there is one, and takes the mixer home.
    fn shut(&mut self) -> io::Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        running.shared.stop.store(true, Ordering::Release);
        running.thread.thread().unpark();
        let (mixer, outcome) = running.thread.join().map_err(|_| io::Error::other("the sending thread is lost"))?;
        self.mixer = Some(mixer);
        outcome
    }

    /// All is well once whoever answers has answered.
    fn greet(&mut self, state: &mut LineState) -> Option<Change> {
        state.open = self.running.as_ref().is_some_and(|r| r.shared.there.load(Ordering::Relaxed));
        let news = state.open && self.said != Some(Change::Well);
        news.then(|| self.said.insert(Change::Well).clone())
    }

    fn lost(&mut self, error: &io::Error, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        state.open = false;
        state.breakdowns += u64::from(BrokeDown::is(error));
        self.retry = now + self.back_off;
        self.back_off = (self.back_off * 2).min(BACK_OFF.1);
        let refused = error.get_ref().is_some_and(|inner| inner.is::<Refused>());
        let change = match refused {
            true => Change::Refused(error.to_string()),
            false => Change::Lost(format!("sending to {}: {error}", self.config.address)),
        };
        let news = self.said.as_ref() != Some(&change);
        self.said = Some(change.clone());
        (news.then_some(change), self.retry)
    }
}

impl Outlet for Network {
    fn tend(&mut self, now: Instant, state: &mut LineState) -> (Option<Change>, Instant) {
        state.rate = self.config.codec.rate();
        state.period_frames = self.config.codec.frames(self.config.packet_ms);
        let Some(running) = &mut self.running else {
            if let Some(mixer) = &mut self.mixer {
                mixer.take_commands();
            }
            if now < self.retry {
                return (None, self.retry);
            }
            return match self.open(now, state.xruns) {
                Ok(running) => {
                    self.running = Some(running);
                    (self.greet(state), now)
                }
                Err(error) => self.lost(&error, now, state),
            };
        };
        // There may be something new to send.
        running.thread.thread().unpark();
        state.real_time = running.shared.real_time.load(Ordering::Relaxed);
        state.xruns = running.before + running.shared.lapses.load(Ordering::Relaxed);
        let mut blocked = None;
        if now >= running.look {
            running.look = now + LOOK;
            self.back_off = BACK_OFF.0;
            blocked = socket::reach(self.config.interface.as_ref(), &self.config.destinations()).err();
        }
        if running.thread.is_finished() || blocked.is_some() {
            let outcome = self.shut();
            let error = blocked.or(outcome.err()).unwrap_or_else(|| io::Error::other("the sending thread has ended"));
            return self.lost(&error, now, state);
        }
        let again = running.crier.as_mut().map_or(running.look, |c| c.cry(now)).min(running.look);
        (self.greet(state), again)
    }

    fn close(&mut self) {
        if let Err(error) = self.shut() {
            log::debug!(sink:% = self.config.sink, error:%; "the last packets were not sent");
        }
    }

    fn give_up(&mut self, now: Instant) {
        self.close();
        (self.said, self.retry) = (None, now + self.back_off);
    }
}
