//! `gateway line record` itself, run by hand: it takes down what it asks slaves that others wrote (modbus_tk), what it took
//! down plays again as a far end for the program, and it goes on when the adapter is pulled out and put back.

use drivers::line::capture::{Capture, Event};
use site_tests::device::replay::Replay;
use site_tests::peer::{Cable, Peer};
use site_tests::scratch::Scratch;
use site_tests::stage::gateway;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A station with one line that bears the name of its adapter, and two relays on it.
fn config(dir: &Path, port: &Path) -> PathBuf {
    let place = dir.display();
    let text = format!(
        r#"[station]
id = "TN-25459-01"
province = "80"
commune = "25459"
lat = 11.31
lon = 106.10
data = "{place}/data"
trust = "{place}/trust.json"

[web]
officer = "127.0.0.1:8443"
citizen = "127.0.0.1:8080"
ops = "127.0.0.1:9100"

[[sink]]
id = "hall"
driver = "recorder"
dir = "{place}/recordings"

[[line]]
id = "bus1"
driver = "serial"
port = "{}"
baud = 9600

[[switch]]
id = "amp1"
driver = "modbus-relay"
line = "bus1"
unit = 1
coil = 0

[[switch]]
id = "amp2"
driver = "modbus-relay"
line = "bus1"
unit = 2
coil = 7

[[cluster]]
id = "thon-1"
name = "Thôn 1"
paths = [{{ sink = "hall", switch = "amp1" }}]
speakers = 1

[[cluster]]
id = "thon-2"
name = "Thôn 2"
paths = [{{ sink = "hall", switch = "amp2" }}]
speakers = 1
"#,
        port.display()
    );
    let file = dir.join("gateway.toml");
    std::fs::write(&file, text).expect("written");
    file
}

/// The program at work, looking at each device of the line in turn; ended on drop.
struct Recording(Child);

impl Recording {
    fn start(config: &Path, out: &Path, seconds: u32) -> Self {
        let mut command = Command::new(gateway().expect("the program"));
        command.args(["line", "record", "bus1", "--look", "--seconds", &seconds.to_string()]);
        command.arg("--config").arg(config).arg("--out").arg(out).stdin(Stdio::null()).stderr(Stdio::piped());
        Self(command.spawn().expect("it runs"))
    }

    /// What it complains of, once it has ended well.
    fn finish(mut self) -> String {
        let mut said = String::new();
        let mut stderr = self.0.stderr.take().expect("its standard error");
        std::io::Read::read_to_string(&mut stderr, &mut said).expect("text");
        assert!(self.0.wait().expect("it ends").success(), "{said}");
        said
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Both fail only for one that has ended.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn events(file: &Path) -> Vec<(u64, Event)> {
    let text = std::fs::read_to_string(file).expect("a recording");
    Capture::read(&text).unwrap_or_else(|error| panic!("{error}: {text}")).0
}

/// Waits until the recording holds so many of these.
fn recorded(file: &Path, what: &str, count: usize, is: impl Fn(&Event) -> bool) {
    let until = Instant::now() + PATIENCE;
    loop {
        // The last line may be half written.
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let found = Capture::read(whole).map_or(0, |Capture(all)| all.iter().filter(|(_, event)| is(event)).count());
        if found >= count {
            return;
        }
        assert!(Instant::now() < until, "{found} times {what}:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_answer(event: &Event) -> bool {
    matches!(event, Event::Received(_))
}

#[test]
fn what_the_program_takes_down_plays_again_to_the_program() {
    let scratch = Scratch::new("line-record").expect("scratch");
    let cable = Cable::lay(scratch.path());
    let mut slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
    let (config, file) = (config(scratch.path(), &cable.near), scratch.join("bus1.capture"));
    let said = Recording::start(&config, &file, 2).finish();
    assert!(said.contains("questions"), "{said}");
    assert_eq!(
        (slaves.ask("coil 1 0"), slaves.ask("coil 2 7")),
        ("0".to_owned(), "0".to_owned()),
        "nothing is switched"
    );
    let taken = events(&file);
    let sent: Vec<&[u8]> =
        taken.iter().filter_map(|(_, e)| if let Event::Sent(b) = e { Some(b.as_slice()) } else { None }).collect();
    let asks = |unit: u8| sent.iter().any(|bytes| matches!(bytes, [to, 1, ..] if *to == unit));
    assert!(asks(1) && asks(2), "each relay is read: {sent:02x?}");
    assert!(sent.iter().all(|bytes| bytes.get(1) == Some(&1)), "and nothing but read: {sent:02x?}");
    assert!(taken.iter().any(|(_, event)| is_answer(event)));
    drop(slaves);
    cable.unplug();

    let cable = Cable::lay(scratch.path());
    let replay = Replay::on_cable(Capture(taken.clone()), &cable.far).expect("the far end");
    let again = scratch.join("again.capture");
    // A little longer than then: the last question must come, and what is asked after it nobody answers.
    let said = Recording::start(&config, &again, 4).finish();
    assert_eq!(replay.finish(), Ok(sent.len()), "every question as it was then: {said}");
    assert!(events(&again).iter().any(|(_, event)| is_answer(event)), "and answers came");
}

#[test]
fn an_adapter_that_is_pulled_out_and_put_back_is_found_under_its_name_by_the_running_program() {
    let scratch = Scratch::new("by-id").expect("scratch");
    let by_id = scratch.join("by-id");
    std::fs::create_dir(&by_id).expect("a folder");
    let name = by_id.join("usb-1a86_USB_Serial-if00-port0");
    let plug = || {
        let cable = Cable::lay(scratch.path());
        // As udev does it: the name is made when the device is there, and goes with it.
        std::os::unix::fs::symlink(std::fs::canonicalize(&cable.near).expect("a terminal"), &name).expect("a name");
        let slaves = Peer::python("modbus_rtu_slaves.py", &[&cable.far.display().to_string()]);
        (cable, slaves)
    };
    let (cable, slaves) = plug();
    let (config, file) = (config(scratch.path(), &name), scratch.join("bus1.capture"));
    let recording = Recording::start(&config, &file, 600);
    recorded(&file, "answers", 2, is_answer);
    drop(slaves);
    std::fs::remove_file(&name).expect("its name goes first");
    cable.unplug();
    recorded(&file, "closed", 1, |event| *event == Event::Close);
    let before = events(&file).len();
    let (_cable, _slaves) = plug();
    recorded(&file, "opened", 2, |event| *event == Event::Open);
    let answers = events(&file).iter().take(before).filter(|(_, event)| is_answer(event)).count();
    recorded(&file, "answers", answers + 2, is_answer);
    drop(recording);
}
