//! The bench of tuners: a feed of groups as decoders print them, of the right station or of another.

use super::apart;
use crate::model_bench::{Bench, Kind, Row, Step, Subject};
use crate::scratch::Scratch;
use drivers::line::{Line, LineConfig};
use drivers::tuner::{Station, Tuner};
use gateway_core::device::Fault;
use gateway_core::input::Tuned;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// A feed of XA ANLAC (PI 7A01), as two independent decoders read it.
const GROUPS: &str = include_str!("../../../golden/rds_groups.spy");
/// Longest wait for a judgement.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) const ROWS: &[Row] = &[Row::new(
    Kind::Tuner,
    "rds",
    feed,
    &[
        (
            Step::Deaf,
            "nothing is asked of a tuner; what its silence means is told by the clock, in drivers/src/tuner.rs",
        ),
        (Step::Late, "nothing is asked that could be answered late"),
        (Step::Unplug, "a feed that is gone is silent, which is told by the clock, in drivers/src/tuner.rs"),
        (Step::Beside, "a tuner speaks unasked: gateway check gives it a line of its own"),
    ],
)];

/// What the tuner receives.
struct Air {
    right: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Drop for Air {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// A tuner whose judgement is waited for.
struct Listening {
    _tuner: Tuner,
    air: Rc<Air>,
    says: Receiver<Tuned>,
    last: Option<Tuned>,
}

impl Subject for Listening {
    fn tell(&mut self, _: &mut Line, on: bool) -> Result<bool, Fault> {
        self.air.right.store(on, Ordering::Relaxed);
        let until = Instant::now() + PATIENCE;
        loop {
            let right = self.last.as_ref().map(|judged| *judged == Tuned::Right);
            let left = until.saturating_duration_since(Instant::now());
            match (right, left.is_zero()) {
                (Some(said), _) if said == on => return Ok(said),
                (said, true) => return Ok(said.unwrap_or(!on)),
                (_, false) => self.last = self.says.recv_timeout(left).ok().or(self.last.take()),
            }
        }
    }
}

fn feed(_: &Scratch) -> Bench {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a feed");
    let address = listener.local_addr().expect("its address");
    // It begins with another station: that everything is right must have been heard, not supposed.
    let (right, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (sent, over) = (Arc::clone(&right), Arc::clone(&ended));
    std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        while !over.load(Ordering::Relaxed) {
            for group in GROUPS.lines() {
                let group =
                    if sent.load(Ordering::Relaxed) { group.to_owned() } else { group.replacen("7A01", "7A02", 1) };
                if stream.write_all(format!("{group}\r\n").as_bytes()).is_err() {
                    return;
                }
            }
            // The pace of the air would be 11.4 groups a second; the whole feed is said ten times a second here.
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let (say, says) = sync_channel(64);
    let air = Rc::new(Air { right, ended });
    let station = Station { pi: 0x7A01, ps: None };
    let tell = move |judged| {
        // Nobody may be left to be told.
        say.send(judged).ok();
    };
    let tuner = Tuner::start(LineConfig::tcp(address.to_string()), station, tell, |_| {}).expect("a thread");
    let other = |judged: &Tuned| matches!(judged, Tuned::Wrong(_));
    let last = says.iter().find(other);
    assert!(last.is_some(), "another station is named");
    let subject = Box::new(Listening { _tuner: tuner, air: Rc::clone(&air), says, last });
    super::alone(apart("tuner"), subject, &air, |air| air.right.load(Ordering::Relaxed), |_, _| {})
}
