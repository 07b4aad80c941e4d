//! Line: one serial port or TCP connection and its one owner; opened when first needed, reopened with back-off.
//!
//! Every call is bounded in time ([`CALL_BUDGET`]), so a hung line delays nobody but the devices on it. What came late,
//! garbled or unasked is thrown away before the next question is put.

use self::capture::Event;
use self::pace::{Backoff, Pace};
use self::tape::Tape;
use self::wire::{Wire, WireError};
use gateway_core::device::Fault;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

pub mod capture;
mod direct;
mod ear;
mod exchange;
mod haste;
mod modbus;
mod options;
mod pace;
mod raw;
mod state;
pub mod tape;
mod wire;

pub use ear::overhear;
pub use haste::{Haste, Terms};
pub use modbus::Table;
pub use options::{LineOptions, Parity};
pub use state::{LineState, LineWatch};

/// No call on a line takes longer than this, whatever the device does: opening, asking, asking again, listening for
/// stragglers. Only the pictures of a board take longer, each kind with a limit of its own, and on no line but one of boards.
pub const CALL_BUDGET: Duration = Duration::from_secs(4);

/// No attempt at an answer begins that could end later than this after the question; the rest of the budget is for
/// opening the line.
const ASK_BUDGET: Duration = Duration::from_secs(3);

/// What an own client of a driver waits for an answer at least.
const PATIENCE: Duration = Duration::from_millis(1000);
/// Longest wait for a TCP connection.
const CONNECT_WITHIN: Duration = Duration::from_millis(1000);

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineConfig {
    /// A serial port with 8 data bits ([`LineOptions`] has the rest of a character); Modbus goes as RTU.
    Serial {
        /// Stable name, e.g. `/dev/serial/by-id/…`: reopening goes by it.
        port: PathBuf,
        /// Bits per second.
        baud: u32,
    },
    /// A TCP connection.
    Tcp {
        /// `host:port`.
        address: String,
        /// How Modbus is framed on it.
        framing: Framing,
    },
    /// No wire of the gateway's own: the driver reaches its device by a client of its own (HTTP, datagrams, D-Bus, the
    /// machine itself). The line still gives it a thread, so that it delays nobody.
    Apart {
        /// Where it leads, as it is named in the log.
        name: String,
    },
}

impl LineConfig {
    /// A TCP line that speaks Modbus TCP.
    pub fn tcp(address: impl Into<String>) -> Self {
        Self::Tcp { address: address.into(), framing: Framing::ModbusTcp }
    }

    fn name(&self) -> String {
        match self {
            Self::Serial { port, .. } => port.display().to_string(),
            Self::Tcp { address, .. } => address.clone(),
            Self::Apart { name } => name.clone(),
        }
    }

    /// Whether Modbus goes as RTU, where a reply does not say which question it answers.
    fn rtu(&self) -> bool {
        match self {
            Self::Serial { .. } => true,
            Self::Tcp { framing, .. } => *framing == Framing::Rtu,
            Self::Apart { .. } => false,
        }
    }

    /// Silence that ends an RTU frame: 3.5 characters of 11 bits, 1.75 ms above 19 200 bit/s (Modbus over serial line
    /// V1.02, 2.5.1.1). On TCP the serial server keeps it.
    fn frame_gap(&self) -> Duration {
        match self {
            Self::Serial { baud, .. } if *baud <= 19_200 => {
                Duration::from_micros(38_500_000 / u64::from((*baud).max(300)))
            }
            Self::Serial { .. } | Self::Tcp { .. } | Self::Apart { .. } => Duration::from_micros(1750),
        }
    }

    /// Time so many bytes of a question and the silence after them take.
    fn sending(&self, bytes: u32) -> Duration {
        match self {
            Self::Serial { baud, .. } => {
                Duration::from_micros(11_000_000 * u64::from(bytes) / u64::from((*baud).max(300))) + self.frame_gap()
            }
            Self::Tcp { .. } | Self::Apart { .. } => Duration::ZERO,
        }
    }

    /// Time a question and its answer of 40 bytes spend on the wire.
    fn airtime(&self) -> Duration {
        match self {
            Self::Serial { baud, .. } => Duration::from_millis(440_000 / u64::from((*baud).max(300))),
            Self::Tcp { .. } | Self::Apart { .. } => Duration::ZERO,
        }
    }
}

/// How Modbus is framed on a TCP line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Modbus TCP: MBAP header with a transaction number.
    #[default]
    ModbusTcp,
    /// RTU frames as they are, through a plain serial server.
    Rtu,
}

/// One serial port or TCP connection; whoever holds it alone speaks on it.
pub struct Line {
    config: LineConfig,
    options: LineOptions,
    runtime: Option<Runtime>,
    wire: Option<Wire>,
    tape: Option<Tape>,
    state: LineWatch,
    openings: u64,
    backoff: Backoff,
    paces: BTreeMap<u8, Pace>,
    haste: Haste,
    terms: Terms,
    gave_way: bool,
    /// A question that nobody waited for is over on the wire by then.
    spoken: Instant,
}

impl Line {
    /// A line that is not open yet; the first call opens it.
    pub fn new(config: LineConfig) -> Self {
        Self::with_options(config, LineOptions::default())
    }

    /// The same with other characters, or recorded. A recording that cannot be begun is a warning in the log: the line
    /// works without.
    pub fn with_options(config: LineConfig, options: LineOptions) -> Self {
        let line = Self {
            config,
            options,
            runtime: None,
            wire: None,
            tape: None,
            state: LineWatch::default(),
            openings: 0,
            backoff: Backoff::default(),
            paces: BTreeMap::new(),
            haste: Haste::default(),
            terms: Terms::default(),
            gave_way: false,
            spoken: Instant::now(),
        };
        let Some(file) = line.options.record.clone() else { return line };
        match Tape::begin(&file, &line.title()) {
            Ok(tape) => line.recorded(tape),
            Err(error) => {
                log::warn!(line = line.config.name(), file:?, error:%; "the line is not recorded");
                line
            }
        }
    }

    /// The same with every byte that passes taken down on this tape.
    #[must_use]
    pub fn recorded(mut self, tape: Tape) -> Self {
        self.tape = Some(tape);
        self
    }

    /// What the line is, as a recording of it says.
    pub fn title(&self) -> String {
        match &self.config {
            LineConfig::Serial { port, baud } => {
                format!("serial {} {baud} {}", port.display(), self.options.character())
            }
            LineConfig::Tcp { address, framing: Framing::ModbusTcp } => format!("tcp {address}"),
            LineConfig::Tcp { address, framing: Framing::Rtu } => format!("tcp {address} rtu"),
            LineConfig::Apart { name } => format!("apart {name}"),
        }
    }

    /// Puts a question to a device, and counts it where the driver has no wire of the gateway's own to count it on: one that
    /// failed only after `PATIENCE` did not come in time.
    ///
    /// # Errors
    /// Those of the question.
    pub fn counted<T>(&mut self, ask: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let LineConfig::Apart { name } = &self.config else { return ask(self) };
        let (name, began) = (name.clone(), Instant::now());
        self.state.lock().requests += 1;
        let answer = ask(self);
        match &answer {
            Ok(_) => {
                self.state.lock().open = true;
                self.state.answered(&name);
            }
            Err(Fault::Refused(why)) => {
                self.state.lock().open = true;
                self.state.answered(&name);
                if self.state.failed(why) {
                    log::info!(line = name, error:% = why; "device refused");
                }
            }
            Err(Fault::Line(why)) => {
                {
                    let mut state = self.state.lock();
                    state.open = false;
                    state.timeouts += u64::from(began.elapsed() >= PATIENCE);
                }
                if self.state.failed(why) {
                    log::info!(line = name, error:% = why; "line failed");
                }
            }
        }
        answer
    }

    /// How the line has fared.
    pub fn state(&self) -> LineState {
        self.state.state()
    }

    /// The same for others, at any time.
    pub fn watch(&self) -> LineWatch {
        self.state.clone()
    }

    /// How others say that they wait for this line.
    pub fn haste(&self) -> Haste {
        self.haste.clone()
    }

    /// Lends the line for the next calls on these terms.
    pub fn lend(&mut self, terms: Terms) {
        (self.terms, self.gave_way) = (terms, false);
    }

    /// Whether a call since [`Self::lend`] failed only because others wait: it says nothing of the device, which is to be
    /// asked again when they are served.
    pub fn gave_way(&self) -> bool {
        self.gave_way
    }

    /// Number of the present connection: another number means that whatever was agreed with the device before is gone.
    pub fn openings(&self) -> u64 {
        self.openings
    }

    /// Closes the line; the next call opens it again.
    pub fn close(&mut self) {
        self.wire = None;
        if std::mem::take(&mut self.state.lock().open) {
            self.note(Event::Close);
        }
    }

    fn note(&self, event: Event) {
        if let Some(tape) = &self.tape {
            tape.note(event);
        }
    }

    /// Opens the line if it is not open.
    ///
    /// # Errors
    /// [`Fault::Line`] when it cannot be opened, or failed to open a moment ago and is left alone for a while.
    pub fn open(&mut self) -> Result<(), Fault> {
        if self.wire.is_some() {
            return Ok(());
        }
        let now = Instant::now();
        let opening = format!("opening {}", self.config.name());
        if let Some(left) = self.backoff.left(now) {
            let last = self.state.state().last_error.unwrap_or_else(|| "failed before".to_owned());
            return Err(Fault::Line(format!("{opening}: next attempt in {} ms ({last})", left.as_millis())));
        }
        let (config, options, tape) = (self.config.clone(), self.options.clone(), self.tape.clone());
        let opened = self.run(async move {
            match tokio::time::timeout(CONNECT_WITHIN, Wire::open(&config, &options, tape)).await {
                Ok(opened) => opened,
                Err(_) => Err(WireError::Timeout),
            }
        });
        match opened {
            Ok(wire) => {
                self.wire = Some(wire);
                self.openings += 1;
                self.note(Event::Open);
                {
                    let mut state = self.state.lock();
                    (state.open, state.reopenings) = (true, self.openings - 1);
                }
                self.backoff = Backoff::default();
                log::info!(line = self.config.name(), openings = self.openings; "line opened");
                Ok(())
            }
            Err(error) => {
                self.backoff.failed(Instant::now());
                Err(self.failed(&opening, &error))
            }
        }
    }

    /// Runs one exchange on the line's own runtime; the future must bound itself.
    fn run<T>(&mut self, work: impl Future<Output = Result<T, WireError>>) -> Result<T, WireError> {
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => Builder::new_current_thread().enable_all().build().map_err(WireError::Gone)?,
        };
        let done = runtime.block_on(work);
        self.runtime = Some(runtime);
        done
    }

    /// Notes a failure of the line and says it as a fault.
    fn failed(&mut self, asking: &str, error: &WireError) -> Fault {
        let text = format!("{asking}: {error}");
        if self.state.failed(&text) {
            log::info!(line = self.config.name(), error:% = text; "line failed");
        }
        Fault::Line(text)
    }
}
