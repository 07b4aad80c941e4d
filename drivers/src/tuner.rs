//! What a tuner with RDS says it receives, and whether that is what should be relayed.
//!
//! The tuner, or a receiver beside it, sends each group as a line of hexadecimal digits (`redsea -x`, RDS Spy, encoders'
//! `*R`) over a serial port or TCP; nothing is ever sent to it.

use crate::Model;
use crate::line::{Line, LineConfig};
use crate::transmitter::rds::group::blocks_in;
use crate::transmitter::rds::receive::Received;
use gateway_core::device::Fault;
use gateway_core::input::Tuned;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest line of a feed; a longer one is no group.
const LONGEST_LINE: usize = 256;
/// A tuner that has said nothing for this long may since have been tuned to anything: what it said counts no more.
const STALE_AFTER: Duration = Duration::from_secs(30);
/// How long one look at the line takes at most.
const LOOK: Duration = Duration::from_millis(500);
/// Pause after the line failed; it keeps a longer one by itself.
const PAUSE: Duration = Duration::from_millis(500);

/// The feeds of tuners there are.
pub const MODELS: &[Model] = &[Model {
    name: "rds",
    about: "the groups a tuner receives, as lines of hexadecimal digits",
    keys: &[("line", "the line they come on"), ("pi", "whose they should be"), ("ps", "the name they should say")],
}];

/// What a tuner should receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Its programme identification.
    pub pi: u16,
    /// Its name, as it is on the air; `None`: any.
    pub ps: Option<String>,
}

/// Judges what a feed of groups says.
#[derive(Clone, Debug)]
pub struct Watch {
    station: Station,
    received: Received,
    line: Vec<u8>,
    last_group: Option<Instant>,
    /// Times that were said and asked for.
    times: u64,
}

impl Watch {
    /// For a tuner that should receive this station.
    pub fn new(station: Station) -> Self {
        Self { station, received: Received::default(), line: Vec::new(), last_group: None, times: 0 }
    }

    /// Takes bytes of the feed.
    pub fn hear(&mut self, bytes: &[u8], now: Instant) {
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    if let Some(blocks) = std::str::from_utf8(&line).ok().and_then(blocks_in) {
                        self.received.hear(blocks);
                        self.last_group = Some(now);
                    }
                }
                _ if self.line.len() < LONGEST_LINE => self.line.push(*byte),
                _ => {}
            }
        }
    }

    /// The time, in seconds since 1970, that the right station has said since this was asked last: it is true of the moment
    /// at which it came (IEC 62106, group 4A).
    pub fn time(&mut self) -> Option<u64> {
        let said = self.received.times();
        let new = said != std::mem::replace(&mut self.times, said);
        let ours = self.received.pi() == Some(self.station.pi);
        self.received.clock().filter(|_| new && ours).map(|(moment, _)| moment.unix_s)
    }

    /// Whether it receives the right station.
    pub fn judge(&mut self, now: Instant) -> Tuned {
        if self.last_group.is_some_and(|last| now.saturating_duration_since(last) > STALE_AFTER) {
            // A count that begins anew must not be taken for one that was seen before.
            (self.received, self.last_group, self.times) = (Received::default(), None, 0);
        }
        let Some(pi) = self.received.pi() else { return Tuned::Unknown };
        if pi != self.station.pi {
            return Tuned::Wrong(format!("the tuner receives PI {pi:04X}, not {:04X}", self.station.pi));
        }
        match (self.received.ps(), &self.station.ps) {
            (Some(found), Some(meant)) if found.trim() != meant.trim() => {
                Tuned::Wrong(format!("the tuner receives \"{}\", not \"{}\"", found.trim(), meant.trim()))
            }
            (_, _) => Tuned::Right,
        }
    }
}

/// A tuner that is listened to on a thread of its own; ended on drop.
#[derive(Debug)]
pub struct Tuner {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tuner {
    /// Listens to the feed on this line and says the judgement, at first and when it changes, and by how much the machine's wall clock is
    /// behind each time that is said on the air (ahead: negative), milliseconds.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(
        line: LineConfig,
        station: Station,
        say: impl Fn(Tuned) + Send + 'static,
        tell_time: impl Fn(i64) + Send + 'static,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("tuner".to_owned()).stack_size(256 * 1024).spawn(move || {
            let (mut line, mut watch) = (Line::new(line), Watch::new(station));
            let mut said = Tuned::Unknown;
            say(said.clone());
            while !stopped.load(Ordering::Relaxed) {
                if listen(&mut line, &mut watch).is_err() {
                    std::thread::sleep(PAUSE);
                }
                if let Some(unix_s) = watch.time() {
                    tell_time(behind_ms(unix_s));
                }
                let judged = watch.judge(Instant::now());
                if judged != said {
                    said = judged.clone();
                    say(judged);
                }
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

/// By how much the machine's clock is behind a time that is true now, milliseconds.
fn behind_ms(unix_s: u64) -> i64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall_ms = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
    i64::try_from(unix_s).unwrap_or(i64::MAX).saturating_mul(1000).saturating_sub(wall_ms)
}

fn listen(line: &mut Line, watch: &mut Watch) -> Result<(), Fault> {
    line.open()?;
    let bytes = line.receive("listening to a tuner", LOOK)?;
    watch.hear(&bytes, Instant::now());
    Ok(())
}

impl Drop for Tuner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("a tuner's thread had died");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &[u8] = include_bytes!("../../tests/golden/rds_groups.spy");

    fn watch(pi: u16, ps: Option<&str>) -> Watch {
        Watch::new(Station { pi, ps: ps.map(str::to_owned) })
    }

    #[test]
    fn the_right_station_is_right_and_another_is_named() {
        let now = Instant::now();
        for (pi, ps, expected) in [
            (0x7A01, None, Tuned::Right),
            (0x7A01, Some("XA ANLAC"), Tuned::Right),
            (0x7A02, None, Tuned::Wrong("the tuner receives PI 7A01, not 7A02".to_owned())),
            (0x7A01, Some("VOV1"), Tuned::Wrong("the tuner receives \"XA ANLAC\", not \"VOV1\"".to_owned())),
        ] {
            let mut watch = watch(pi, ps);
            assert_eq!(watch.judge(now), Tuned::Unknown, "nothing known");
            for part in GOLDEN.chunks(7) {
                watch.hear(part, now);
            }
            assert_eq!(watch.judge(now), expected);
            assert_eq!(watch.judge(now + STALE_AFTER + LOOK), Tuned::Unknown, "and nothing known again");
        }
    }

    #[test]
    fn a_time_after_a_silence_is_a_new_one() {
        let now = Instant::now();
        let mut watch = watch(0x7A01, None);
        watch.hear(GOLDEN, now);
        assert!(watch.time().is_some());
        let later = now + STALE_AFTER + LOOK;
        assert_eq!(watch.judge(later), Tuned::Unknown);
        watch.hear(GOLDEN, later);
        assert!(watch.time().is_some(), "the feed began anew, and so did its times");
    }

    #[test]
    fn the_time_is_told_once_and_only_of_the_right_station() {
        let now = Instant::now();
        let mut right = watch(0x7A01, None);
        right.hear(GOLDEN, now);
        assert_eq!(right.time(), Some(1_795_260_600), "2026-11-21 11:30 UTC, as two independent decoders read it");
        assert_eq!(right.time(), None, "it was true of the moment at which it came");
        let mut wrong = watch(0x7A02, None);
        wrong.hear(GOLDEN, now);
        assert_eq!(wrong.time(), None, "another station may be wrong");
    }

    #[test]
    fn rubbish_says_nothing_and_does_not_pile_up() {
        let (mut watch, now) = (watch(0x7A01, None), Instant::now());
        watch.hear(&vec![b'7'; 100_000], now);
        assert!(watch.line.len() <= LONGEST_LINE);
        watch.hear(b"\n<recorder=\"RDS Spy\">\r\n7C01 ---- E0CD 5841\n\xFF\xFE\n", now);
        assert_eq!(watch.judge(now), Tuned::Unknown);
    }
}
