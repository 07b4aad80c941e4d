//! A bus of three: slaves that others wrote (modbus_tk), our line, and a second master that others wrote (mbpoll). Whatever
//! one says all others hear. Two masters are against the rules, and a technician's laptop is one all the same.

use drivers::Driver;
use drivers::line::{Line, LineConfig};
use drivers::switch::ModbusRelay;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// The two wires that all of them hang on; cut on drop.
struct Wires {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Wires {
    /// Joins these ends: what comes from one goes to all others.
    fn join(cables: &[Cable]) -> Self {
        let open = |cable: &Cable| {
            let mut options = OpenOptions::new();
            options.read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(&cable.far)
        };
        let mut ends: Vec<File> = cables.iter().map(|cable| open(cable).expect("its far end")).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 256];
            while !stopped.load(Ordering::Relaxed) {
                for from in 0..ends.len() {
                    let count = ends[from].read(&mut buffer).unwrap_or(0);
                    for to in (0..ends.len()).filter(|to| *to != from && count > 0) {
                        ends[to].write_all(&buffer[..count]).expect("room on a short wire");
                    }
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// mbpoll, asking for one coil again and again; ended on drop.
struct Laptop {
    child: Child,
    reads: Receiver<String>,
}

impl Laptop {
    fn asking(port: &str, unit: u8, coil: u16) -> Self {
        let mut command = Command::new("stdbuf");
        command.args(["-oL", "mbpoll", "-m", "rtu", "-b", "9600", "-P", "none", "-t", "0", "-l", "1000", "-o", "0.3"]);
        command.args(["-a", &unit.to_string(), "-r", &(coil + 1).to_string(), port]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("mbpoll ({error}): run scripts/setup"));
        let (say, reads) = sync_channel(4096);
        let output = child.stdout.take().expect("its output");
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok).filter(|line| line.starts_with('['));
            lines.filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).try_for_each(|v| say.send(v))
        });
        Self { child, reads }
    }

    /// Waits until it reads this.
    fn reads(&self, value: &str) {
        let until = Instant::now() + PATIENCE;
        let mut said = Vec::new();
        while said.last().is_none_or(|last| last != value) {
            let next = self.reads.recv_timeout(until.saturating_duration_since(Instant::now()));
            said.push(next.unwrap_or_else(|_| panic!("it never read {value}, but {said:?}")));
        }
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        // Both fail only for one that has ended.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn reads(on: bool) -> Result<Report, Fault> {
    Ok(Report::Switch { on, grade: Grade::Electrical })
}

#[test]
fn a_laptop_on_the_bus_disturbs_and_never_deceives() {
    let scratch = Scratch::new("second-master").expect("scratch");
    let cables = ["ours", "theirs", "slaves"].map(|name| {
        let place = scratch.join(name);
        std::fs::create_dir(&place).expect("a folder");
        Cable::lay(&place)
    });
    let wires = Wires::join(&cables);
    let mut slaves = Peer::python("modbus_rtu_slaves.py", &[&cables[2].near.display().to_string()]);
    let mut line = Line::new(LineConfig::Serial { port: cables[0].near.clone(), baud: 9600 });
    let (mut first, mut second) = (ModbusRelay::new(1, 0), ModbusRelay::new(2, 7));
    assert_eq!(first.apply(&mut line, &true), reads(true), "alone");
    let laptop = Laptop::asking(&cables[1].near.display().to_string(), 2, 7);
    laptop.reads("0");
    for round in 0..4 {
        let want = round % 2 == 0;
        let seen = second.apply(&mut line, &want);
        // It did what it says, or it says that the line failed.
        assert!(seen == reads(want) || matches!(seen, Err(Fault::Line(_))), "{round}: {seen:?}");
        let other = first.probe(&mut line);
        assert!(other == reads(true) || matches!(other, Err(Fault::Line(_))), "{round}: {other:?}");
    }
    // In the end it gets through.
    let until = Instant::now() + PATIENCE;
    while second.apply(&mut line, &true) != reads(true) {
        assert!(Instant::now() < until, "{:?}", line.state());
        std::thread::sleep(Duration::from_millis(50));
    }
    // One master at a time: now the other reads what we did, once it has thrown away what it overheard.
    drop(laptop);
    Laptop::asking(&cables[1].near.display().to_string(), 2, 7).reads("1");
    assert_eq!((slaves.ask("coil 1 0"), slaves.ask("coil 2 7")), ("1".to_owned(), "1".to_owned()));
    drop(wires);
}
