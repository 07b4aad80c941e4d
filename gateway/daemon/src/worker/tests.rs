//! A line's thread against devices made of nothing: who goes first, who is told together, what is told again, and what
//! happens when a driver fails, is unplugged or breaks down.

use super::post::{PROBE_EVERY, Rank, posts};
use super::{Device, Hear, Slot, Worker};
use crate::health::Health;
use drivers::Driver;
use drivers::line::{Line, LineConfig, Terms};
use drivers::switch::Coil;
use gateway_core::device::{Fault, Report};
use gateway_core::id::{OutputId, SwitchId};
use gateway_core::want::{Grade, Wants};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// How a device is, from outside.
#[derive(Default)]
struct Mood {
    unplugged: bool,
    breaks_down: bool,
    again_after: Option<Duration>,
    /// It answers when it is let.
    gate: Option<Receiver<()>>,
}

/// A switch that says what it was told.
struct Fake {
    name: &'static str,
    mood: Arc<Mutex<Mood>>,
    did: SyncSender<(&'static str, bool)>,
}

impl Fake {
    /// Says what it was told, and breaks down if it is to; whether anybody is there.
    fn is_told(&self, want: bool) -> bool {
        self.did.send((self.name, want)).expect("the test listens");
        let (gate, breaks_down, unplugged) = {
            let mut mood = self.mood.lock().expect("a mood");
            (mood.gate.take(), std::mem::take(&mut mood.breaks_down), mood.unplugged)
        };
        if let Some(gate) = gate {
            gate.recv_timeout(PATIENCE).expect("let go on");
        }
        assert!(!breaks_down, "it was told to break down");
        !unplugged
    }
}

impl Driver<bool> for Fake {
    fn apply(&mut self, _: &mut Line, want: &bool) -> Result<Report, Fault> {
        match self.is_told(*want) {
            true => Ok(Report::Switch { on: *want, grade: Grade::Electrical }),
            false => Err(Fault::Line("nobody there".to_owned())),
        }
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.apply(line, &false)
    }

    fn again_after(&self, want: &bool) -> Option<Duration> {
        self.mood.lock().expect("a mood").again_after.filter(|_| *want)
    }
}

/// Devices of these names, how each is, and what they are told.
struct Bench {
    devices: Vec<Device>,
    moods: Vec<Arc<Mutex<Mood>>>,
    did: Receiver<(&'static str, bool)>,
}

fn bench(names: &[(&'static str, Option<Coil>)]) -> Bench {
    let (did, told) = sync_channel(1024);
    let moods: Vec<_> = names.iter().map(|_| Arc::<Mutex<Mood>>::default()).collect();
    let device = |((name, coil), mood): (&(&'static str, Option<Coil>), &Arc<Mutex<Mood>>)| {
        let fake = Fake { name, mood: mood.clone(), did: did.clone() };
        Device::Switch(SwitchId::from(*name), Slot::new(Box::new(fake), false).at(*coil))
    };
    let devices = names.iter().zip(&moods).map(device).collect();
    Bench { devices, moods, did: told }
}

fn wants(on: &[&str], off: &[&str]) -> Arc<Wants> {
    let of = |names: &[&str], on: bool| -> Vec<_> { names.iter().map(|n| (SwitchId::from(*n), on)).collect() };
    Arc::new(Wants { switches: of(on, true).into_iter().chain(of(off, false)).collect(), ..Wants::default() })
}

fn nowhere() -> Line {
    Line::new(LineConfig::Apart { name: "a test".to_owned() })
}

impl Bench {
    /// Starts a thread for them; what it reports.
    fn start(&mut self) -> (Worker, Receiver<(OutputId, Report)>, drivers::line::LineWatch) {
        let (say, said) = sync_channel(1024);
        let hear: Hear = Arc::new(move |id, report| say.send((id, report)).expect("the test listens"));
        let (line, devices) = (nowhere(), std::mem::take(&mut self.devices));
        let watch = line.watch();
        let worker = Worker::start("test", line, devices, hear, Health::new().line_beat("test")).expect("a thread");
        (worker, said, watch)
    }

    fn next(&self) -> (&'static str, bool) {
        self.did.recv_timeout(PATIENCE).expect("something is told")
    }

    fn set(&self, device: usize, change: impl FnOnce(&mut Mood)) {
        change(&mut self.moods[device].lock().expect("a mood"));
    }
}

/// Waits until an output reports this.
fn reported(said: &Receiver<(OutputId, Report)>, name: &str, what: impl Fn(&Report) -> bool) -> Report {
    let mine = OutputId::Switch(SwitchId::from(name));
    loop {
        let (id, report) = said.recv_timeout(PATIENCE).expect("it is reported");
        if id == mine && what(&report) {
            return report;
        }
    }
}

fn is(on: bool) -> impl Fn(&Report) -> bool {
    move |report| *report == Report::Switch { on, grade: Grade::Electrical }
}

#[test]
fn what_is_to_be_on_goes_before_what_is_to_be_off_whoever_came_first() {
    let mut bench = bench(&[("a", None), ("b", None), ("c", None)]);
    let (mut worker, _said, _) = bench.start();
    assert_eq!([bench.next(), bench.next(), bench.next()], [("a", false), ("b", false), ("c", false)]);
    worker.tell(&wants(&["b"], &["a", "c"]));
    assert_eq!(bench.next(), ("b", true));
    let (release, gate) = sync_channel(1);
    bench.set(0, |mood| mood.gate = Some(gate));
    worker.tell(&wants(&["a", "b"], &["c"]));
    assert_eq!(bench.next(), ("a", true), "and it takes its time");
    // Told while the thread is busy: only the newest of two wants is ever carried out.
    worker.tell(&wants(&["a", "b", "c"], &[]));
    worker.tell(&wants(&["a", "c"], &["b"]));
    release.send(()).expect("it waits");
    assert_eq!([bench.next(), bench.next()], [("c", true), ("b", false)]);
    worker.tell(&wants(&[], &["a", "b", "c"]));
    worker.stop();
    let rest: Vec<_> = bench.did.try_iter().collect();
    assert_eq!(rest, [("a", false), ("c", false)], "it ends after what it was told last");
}

#[test]
fn ranks_go_from_what_is_urgent_to_what_has_failed() {
    let Bench { devices, moods, did: _did } = bench(&[("a", None)]);
    let (mut posts, mut line) = (posts(devices), nowhere());
    let post = &mut posts[0];
    assert_eq!(post.rank(), Rank::Off, "off until something else is wanted");
    post.see_to(&mut line, Terms::Whole);
    assert_eq!(post.rank(), Rank::Look);
    post.tell(&wants(&["a"], &[]), Instant::now());
    assert_eq!(post.rank(), Rank::On);
    moods[0].lock().expect("a mood").again_after = Some(Duration::from_secs(1));
    post.see_to(&mut line, Terms::Whole);
    assert_eq!(post.rank(), Rank::Keep);
    moods[0].lock().expect("a mood").unplugged = true;
    post.see_to(&mut line, Terms::Whole);
    assert_eq!(post.rank(), Rank::Retry);
    post.tell(&wants(&[], &["a"]), Instant::now());
    assert_eq!(post.rank(), Rank::Silent, "news for one who was silent wait for those who answer");
    let ranks = [Rank::On, Rank::Off, Rank::Keep, Rank::Second, Rank::Silent, Rank::Look, Rank::Retry];
    assert!(ranks.is_sorted());
}

#[test]
fn the_coils_of_one_board_are_one_post_and_each_reports_for_itself() {
    let at = |unit, coil| Some(Coil { unit, coil });
    let names = [("a", at(1, 0)), ("b", None), ("c", at(1, 3)), ("d", at(2, 0)), ("e", at(1, 1))];
    let mut posts = posts(bench(&names).devices);
    assert_eq!(posts.len(), 3, "the board of a, c and e; b; d, alone on its board");
    let reports = posts[0].see_to(&mut nowhere(), Terms::Whole);
    let names: Vec<String> = reports.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(names, ["switch/a", "switch/c", "switch/e"]);
    assert!(reports.iter().all(|(_, report)| matches!(report, Report::Fault(Fault::Line(_)))), "{reports:?}");
}

#[test]
fn what_lets_go_by_itself_is_told_again_while_it_is_wanted() {
    let mut bench = bench(&[("a", None)]);
    bench.set(0, |mood| mood.again_after = Some(Duration::from_millis(2)));
    let (mut worker, _said, _) = bench.start();
    assert_eq!(bench.next(), ("a", false));
    worker.tell(&wants(&["a"], &[]));
    // Told once, and four times more by nobody.
    assert!((0..5).all(|_| bench.next() == ("a", true)));
    worker.tell(&wants(&[], &["a"]));
    let last = std::iter::repeat_with(|| bench.next()).find(|(_, on)| !on);
    assert_eq!(last, Some(("a", false)));
    worker.stop();
    assert_eq!(bench.did.try_iter().count(), 0, "off is told once");
}

#[test]
fn each_failure_is_reported_and_followed_by_a_longer_pause_until_it_answers() {
    let Bench { devices, moods, did: _did } = bench(&[("a", None)]);
    let (mut posts, mut line) = (posts(devices), nowhere());
    let mut pause = |post: &mut super::post::Post| {
        let before = Instant::now();
        let reports = post.see_to(&mut line, Terms::Whole);
        let rest = post.due.saturating_duration_since(before);
        (reports.iter().filter(|(_, report)| matches!(report, Report::Fault(_))).count(), rest)
    };
    moods[0].lock().expect("a mood").unplugged = true;
    for ms in [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] {
        let (faults, rest) = pause(&mut posts[0]);
        assert_eq!(faults, 1);
        let wanted = Duration::from_millis(ms);
        assert!((wanted..wanted + PROBE_EVERY / 25).contains(&rest), "{rest:?} for {wanted:?}");
    }
    moods[0].lock().expect("a mood").unplugged = false;
    let (faults, rest) = pause(&mut posts[0]);
    assert!(faults == 0 && rest >= PROBE_EVERY, "{faults} {rest:?}");
    moods[0].lock().expect("a mood").unplugged = true;
    let (_, rest) = pause(&mut posts[0]);
    assert!(rest < Duration::from_millis(1_000), "the first pause again: {rest:?}");
}

#[test]
fn a_device_put_back_is_brought_to_what_is_wanted_and_nobody_tells_it_again() {
    let mut bench = bench(&[("a", None)]);
    let (mut worker, said, _) = bench.start();
    reported(&said, "a", is(false));
    bench.set(0, |mood| mood.unplugged = true);
    worker.tell(&wants(&["a"], &[]));
    let lost = reported(&said, "a", |report| matches!(report, Report::Fault(_)));
    assert_eq!(lost, Report::Fault(Fault::Line("nobody there".to_owned())));
    bench.set(0, |mood| mood.unplugged = false);
    reported(&said, "a", is(true));
    worker.stop();
}

#[test]
fn a_driver_that_breaks_down_is_reported_counted_and_tried_again_and_its_neighbour_does_not_notice() {
    let mut bench = bench(&[("a", None), ("b", None)]);
    let (mut worker, said, watch) = bench.start();
    reported(&said, "b", is(false));
    bench.set(0, |mood| mood.breaks_down = true);
    worker.tell(&wants(&["a", "b"], &[]));
    let fault = reported(&said, "a", |report| matches!(report, Report::Fault(_)));
    assert!(matches!(&fault, Report::Fault(Fault::Line(why)) if why.contains("a fault of this program")), "{fault:?}");
    reported(&said, "b", is(true));
    reported(&said, "a", is(true));
    assert_eq!(watch.state().breakdowns, 1);
    worker.stop();
}
