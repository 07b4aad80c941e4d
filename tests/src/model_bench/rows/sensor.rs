//! The benches of sensors.

use super::{ANY, alone, apart, on_bus, serial_bus};
use crate::device::Mood;
use crate::device::bus::{Bus, Exciter};
use crate::device::door::Door;
use crate::device::gpsd::Gpsd;
use crate::device::pin::Pin;
use crate::device::upsd::Upsd;
use crate::model_bench::{Bench, Kind, Measured, Row, Step, Subject};
use crate::peer::Peer;
use crate::scratch::Scratch;
use drivers::Driver;
use drivers::gpio::Input;
use drivers::line::{Line, LineConfig, Table};
use drivers::profile::{Form, ReadingProfile, SensorProfile, StateProfile, Unit};
use drivers::sensor::SensorConfig;
use gateway_core::device::{Fault, Report};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

const TO_ITSELF: &[(Step, &str)] = &[(Step::Beside, "each sensor has a connection of its own")];

pub(super) const ROWS: &[Row] = &[
    Row::new(Kind::Sensor, "modbus-sensor", modbus_sensor, &[]),
    Row::new(
        Kind::Sensor,
        "reach",
        reach,
        &[
            (Step::Deaf, "whoever takes a connection is alive, whatever is said on it"),
            (Step::Late, "nothing is asked that could be answered late"),
            (Step::Unplug, "to be gone is the state it measures, and was seen"),
            (Step::Beside, "each sensor has a connection of its own"),
        ],
    ),
    Row::new(
        Kind::Sensor,
        "machine",
        machine,
        &[
            (Step::Deaf, "the kernel's files are read or are not there"),
            (Step::Late, "a file is read before the call returns"),
            (Step::Beside, "there is one machine, and it is no line"),
        ],
    ),
    Row::new(Kind::Sensor, "nut", nut, TO_ITSELF),
    Row::new(Kind::Sensor, "gps", gps, TO_ITSELF).late(Duration::from_millis(2700)),
    Row::new(
        Kind::Sensor,
        "modem",
        modem,
        &[
            (Step::Late, "each answer on a D-Bus bears the number of its question"),
            (Step::Beside, "each sensor has a connection of its own"),
        ],
    ),
    Row::new(
        Kind::Sensor,
        "gpio",
        gpio,
        &[
            (Step::Deaf, "the kernel holds the pin: it says how it is, or that the chip is gone"),
            (Step::Late, "the kernel answers each call before it returns"),
            (Step::Beside, "a pin is a line of its own"),
        ],
    ),
];

/// Whether a quantity is 1, if it was measured at all.
fn flag(report: &Report, quantity: &str) -> Option<bool> {
    let Report::Sensed(readings) = report else { return None };
    readings.iter().find(|reading| reading.quantity == quantity).map(|reading| reading.value > 0.5)
}

fn measured<D: 'static>(
    driver: Box<dyn Driver<()>>,
    device: &Rc<D>,
    set: impl Fn(&D, bool) + 'static,
    says: fn(&Report) -> Option<bool>,
) -> Box<dyn Subject> {
    let device = Rc::clone(device);
    Box::new(Measured { driver, set: Box::new(move |on| set(&device, on)), says })
}

/// The fault word of an exciter, and its heat.
fn modbus_sensor(scratch: &Scratch) -> Bench {
    let (bus, line) = serial_bus(scratch);
    let heat = ReadingProfile {
        quantity: "temperature".to_owned(),
        table: Table::Input,
        address: 2,
        form: Form::I16,
        scale: 0.1,
        offset: 0.0,
        unit: Unit("°C"),
        none: None,
        low: None,
        high: None,
    };
    let (quantity, table) = ("fault".to_owned(), Table::Input);
    let fault = StateProfile { quantity, table, address: 3, bit: Some(0), inverted: false, alarm: Some(true) };
    let profile = Arc::new(SensorProfile { reading: vec![heat], state: vec![fault] });
    let subjects = [1, 2].map(|unit: u8| {
        bus.add_exciter(unit, &format!("exciter{unit}"), Exciter::new(60.5, 30));
        let driver = SensorConfig::Modbus { unit, profile: Arc::clone(&profile) }.driver();
        let set = move |bus: &Bus, on: bool| {
            bus.turn(unit, |exciter| (exciter.faults, exciter.temperature) = if on { (1, 905) } else { (0, -5) });
        };
        measured(driver, &bus, set, |report| {
            let Report::Sensed(readings) = report else { return None };
            let heat = readings.iter().find(|reading| reading.quantity == "temperature")?.value;
            let faulty = flag(report, "fault")?;
            // Both were read of one moment.
            (heat == if faulty { 90.5 } else { -0.5 }).then_some(faulty)
        })
    });
    on_bus(&bus, line, subjects, |bus, unit| bus.exciter(unit).is_some_and(|exciter| exciter.faults == 1), |_| {})
}

/// A sensor whose one state is that nobody is there.
struct Alive {
    driver: Box<dyn Driver<()>>,
    door: Rc<Door>,
}

impl Subject for Alive {
    fn tell(&mut self, line: &mut Line, on: bool) -> Result<bool, Fault> {
        self.door.set_alive(on);
        match self.driver.apply(line, &()) {
            Ok(Report::Sensed(readings)) if readings.iter().any(|reading| reading.quantity == "answer") => Ok(true),
            Ok(other) => Err(Fault::Refused(format!("a report beside the point: {other:?}"))),
            Err(Fault::Line(_)) if !on => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

fn reach(_: &Scratch) -> Bench {
    let door = Rc::new(Door::open().expect("a device"));
    let address = door.address().to_string();
    let line = apart(&address);
    let subject = Box::new(Alive { driver: SensorConfig::Reach { address }.driver(), door: Rc::clone(&door) });
    alone(line, subject, &door, Door::is_alive, |_, _| {})
}

/// A machine made of files that may be taken away.
struct Files {
    root: PathBuf,
    away: PathBuf,
}

impl Files {
    fn alarm(&self) -> PathBuf {
        self.root.join("sys/class/hwmon/hwmon1/in0_lcrit_alarm")
    }
}

fn machine(scratch: &Scratch) -> Bench {
    let files = Rc::new(Files { root: scratch.join("machine"), away: scratch.join("away") });
    let write = |path: &Path, text: &str| std::fs::write(path, text).expect("a file");
    let chip = files.root.join("sys/class/hwmon/hwmon1");
    std::fs::create_dir_all(&chip).expect("a folder");
    write(&chip.join("name"), "rpi_volt\n");
    write(&files.alarm(), "0\n");
    let config = SensorConfig::Machine { root: files.root.clone(), disk: files.root.clone() };
    let set = move |files: &Files, on: bool| {
        if files.root.exists() {
            write(&files.alarm(), if on { "1\n" } else { "0\n" });
        }
    };
    let subject = measured(config.driver(), &files, set, |report| flag(report, "under_voltage"));
    let far = |files: &Files| std::fs::read_to_string(files.alarm()).is_ok_and(|text| text == "1\n");
    alone(apart("this machine"), subject, &files, far, |files, mood| {
        let (from, to) = if mood == Mood::Absent { (&files.root, &files.away) } else { (&files.away, &files.root) };
        std::fs::rename(from, to).expect("a folder that can be taken away");
    })
}

fn nut(_: &Scratch) -> Bench {
    let upsd = Rc::new(Upsd::start(ANY).expect("a supply"));
    let driver = SensorConfig::Nut { ups: "tram".to_owned(), login: None }.driver();
    let subject = measured(driver, &upsd, Upsd::set_on_battery, |report| flag(report, "on_battery"));
    alone(LineConfig::tcp(upsd.address().to_string()), subject, &upsd, Upsd::on_battery, Upsd::set_mood)
}

fn gps(_: &Scratch) -> Bench {
    let gpsd = Rc::new(Gpsd::start(ANY).expect("a receiver"));
    let subject = measured(SensorConfig::Gps.driver(), &gpsd, Gpsd::set_fix, |report| flag(report, "fix"));
    alone(LineConfig::tcp(gpsd.address().to_string()), subject, &gpsd, Gpsd::has_fix, Gpsd::set_mood)
}

/// python-dbusmock's ModemManager with one modem.
struct Mobile {
    peer: RefCell<Peer>,
    mood: Cell<Mood>,
    registered: Cell<bool>,
}

impl Mobile {
    fn ask(&self, order: &str) {
        assert_eq!(self.peer.borrow_mut().ask(order), "ok", "{order}");
    }

    /// Lets it lose its network or find it, while anybody can tell it to.
    fn set(&self, on: bool) {
        if self.mood.get() == Mood::Well {
            self.ask(if on { "set State 8" } else { "set State 6" });
            self.registered.set(on);
        }
    }

    fn feel(&self, mood: Mood) {
        match (self.mood.replace(mood), mood) {
            (_, Mood::Deaf) => self.ask("freeze"),
            (_, Mood::Absent) => self.ask("stop"),
            (Mood::Deaf, _) => self.ask("thaw"),
            (Mood::Absent, _) => {
                self.ask("start");
                self.ask("add");
            }
            (_, _) => {}
        }
    }
}

fn modem(_: &Scratch) -> Bench {
    let peer = Peer::system("modem.py", &[]);
    let config = SensorConfig::Modem { bus: Some(peer.ready.clone()) };
    let (mood, registered) = (Cell::new(Mood::Well), Cell::new(false));
    let manager = Rc::new(Mobile { peer: RefCell::new(peer), mood, registered });
    manager.ask("add");
    let subject = measured(config.driver(), &manager, Mobile::set, |report| flag(report, "registered"));
    alone(apart("a bus"), subject, &manager, |manager| manager.registered.get(), Mobile::feel)
}

fn gpio(_: &Scratch) -> Bench {
    let pin = Rc::new(Pin::default());
    let driver = Input::on(Box::new(Pin::clone(&pin)), "pin 4".to_owned(), "door");
    let subject = measured(Box::new(driver), &pin, Pin::set_level, |report| flag(report, "door"));
    alone(apart("pin 4"), subject, &pin, Pin::level, |pin, mood| pin.set_gone(mood == Mood::Absent))
}
