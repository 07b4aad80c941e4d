//! What passes on a line is taken down as text, and a capture of slaves that others wrote plays again as a far end: the
//! gateway sends the same and comes to the same.

use drivers::Driver;
use drivers::line::capture::{Capture, Event};
use drivers::line::tape::Tape;
use drivers::line::{Framing, Line, LineConfig, LineOptions, overhear};
use drivers::switch::ModbusRelay;
use gateway_core::device::{Fault, Report};
use site_tests::device::replay::Replay;
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What the story of the capture comes to.
const OUTCOME: [&str; 6] = ["on", "refused", "line failed", "line failed", "off again", "off"];

/// One board that works, a coil it does not have, a unit that is not there, noise for an answer, and the end of it.
fn story(line: &mut Line, mut mood: impl FnMut(&str)) -> Vec<&'static str> {
    fn word(seen: &Result<Report, Fault>) -> &'static str {
        match seen {
            Ok(Report::Switch { on: true, .. }) => "on",
            Ok(Report::Switch { on: false, .. }) => "off",
            Ok(_) => "something else",
            Err(Fault::Refused(_)) => "refused",
            Err(Fault::Line(_)) => "line failed",
        }
    }
    let mut relay = ModbusRelay::new(1, 0);
    let mut told = vec![word(&relay.apply(line, &true))];
    told.push(word(&ModbusRelay::new(1, 100).probe(line)));
    told.push(word(&ModbusRelay::new(9, 0).probe(line)));
    mood("wrong");
    told.push(word(&relay.apply(line, &false)));
    mood("well");
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        if word(&relay.apply(line, &false)) == "off" {
            told.push("off again");
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    told.push(word(&relay.probe(line)));
    told
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/relays_modbus_tk.capture")
}

fn plays(capture: Capture) {
    let scratch = Scratch::new("replay").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let sent = capture.0.iter().filter(|(_, event)| matches!(event, Event::Sent(_))).count();
    let replay = Replay::on_cable(capture, &cable.far).expect("the far end");
    let mut line = Line::new(LineConfig::Serial { port: cable.near.clone(), baud: 9600 });
    assert_eq!(story(&mut line, |_| ()), OUTCOME, "{:?}", line.state());
    drop(line);
    assert_eq!(replay.finish(), Ok(sent), "every question as it was then");
}

#[test]
fn a_line_is_recorded_and_the_recording_plays_again() {
    let scratch = Scratch::new("record").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let mut slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    let file = scratch.join("bus1.capture");
    let options = LineOptions { record: Some(file.clone()), ..LineOptions::default() };
    let config = LineConfig::Serial { port: cable.near.clone(), baud: 9600 };
    let mut line = Line::with_options(config, options);
    let watch = line.watch();
    let moods = |mood: &str| assert_eq!(slaves.ask(&format!("mood {mood}")), "done");
    assert_eq!(story(&mut line, moods), OUTCOME, "{:?}", line.state());
    let state = watch.state();
    assert!(state.open && state.timeouts >= 1 && state.reopenings == 0, "{state:?}");
    assert!(state.last_error.is_some_and(|e| e.contains("unit 1")) && state.answered_at > state.failed_at);
    assert_eq!(state.last_answer.as_deref(), Some("reading coil 0 of unit 1"));
    drop(line);
    let text = std::fs::read_to_string(&file).expect("recorded");
    if std::env::var_os("SITE_WRITE_CAPTURES").is_some() {
        let plain = text.lines().filter(|l| !l.starts_with("# line") && !l.starts_with("# at"));
        std::fs::write(kept(), plain.map(|l| format!("{l}\n")).collect::<String>()).expect("kept");
    }
    plays(Capture::read(&text).expect("a capture"));
}

#[test]
fn the_kept_capture_of_foreign_slaves_plays_again() {
    let text = std::fs::read_to_string(kept()).expect("tests/captures has it");
    plays(Capture::read(&text).expect("a capture"));
}

#[test]
fn a_capture_that_is_not_what_the_gateway_does_is_noticed() {
    let text = std::fs::read_to_string(kept()).expect("tests/captures has it");
    let Capture(mut events) = Capture::read(&text).expect("a capture");
    let first = events.iter_mut().find_map(|(_, event)| match event {
        Event::Sent(bytes) => Some(bytes),
        Event::Open | Event::Close | Event::Received(_) | Event::Heard(_) => None,
    });
    *first.and_then(|bytes| bytes.last_mut()).expect("a question") ^= 1;
    let (replay, address) = Replay::on_tcp(Capture(events)).expect("a port");
    let mut line = Line::new(LineConfig::Tcp { address: address.to_string(), framing: Framing::Rtu });
    let seen = ModbusRelay::new(1, 0).apply(&mut line, &true);
    assert!(matches!(seen, Err(Fault::Line(_))), "{seen:?}");
    assert!(replay.finish().is_err_and(|why| why.contains("expected")));
}

#[test]
fn a_second_ear_takes_down_what_a_master_of_others_says() {
    let scratch = Scratch::new("ear").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let (file, near) = (scratch.join("heard"), cable.near.display().to_string());
    let tape = Tape::begin(&file, "the far end").expect("a tape");
    let config = LineConfig::Serial { port: cable.far.clone(), baud: 9600 };
    let ear = std::thread::spawn(move || overhear(&config, &LineOptions::default(), &tape, Duration::from_secs(3)));
    // Nobody answers mbpoll: it asks, waits and gives up, again and again.
    let asks = ["3", "mbpoll", "-m", "rtu", "-b", "9600", "-P", "none", "-a", "1", "-t", "0", "-r", "1", "-o", "0.3"];
    Command::new("timeout").args(asks).args(["-l", "400", "-q", &near]).output().expect("mbpoll: run scripts/setup");
    let frames = ear.join().expect("an ear").expect("a port");
    let capture = Capture::read(&std::fs::read_to_string(&file).expect("taken down")).expect("a capture");
    let Capture(events) = capture.told_apart();
    let question = Event::Sent(vec![1, 1, 0, 0, 0, 1, 0xFD, 0xCA]);
    let heard = events.iter().filter(|(_, event)| *event == question).count();
    assert!(frames >= 1 && heard >= 1, "{frames} frames: {events:?}");
    assert!(matches!(events.first(), Some((_, Event::Open))) && matches!(events.last(), Some((_, Event::Close))));
    let refused = overhear(&LineConfig::tcp("127.0.0.1:9"), &LineOptions::default(), &silent(), Duration::ZERO);
    assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
}

fn silent() -> Tape {
    Tape::onto(Box::new(std::io::sink()), "nowhere").expect("a tape")
}
