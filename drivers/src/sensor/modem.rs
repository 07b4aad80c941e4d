//! A mobile modem, asked through ModemManager (D-Bus): signal, network, connection; never whose it is.

use super::{flag, reading};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use zbus::{Connection, OwnedObjectPath, OwnedVariant};

const BUS_NAME: &str = "org.freedesktop.ModemManager1";
const ROOT: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const NETWORK: &str = "org.freedesktop.ModemManager1.Modem.Modem3gpp";
/// Connecting to the bus and asking take no longer than this each.
const WITHIN: Duration = Duration::from_millis(1500);

/// `MM_MODEM_STATE_FAILED` is −1 and `…_CONNECTED` 11; from here on it is in a network.
const REGISTERED: i32 = 8;
const CONNECTED: i32 = 11;
/// `MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING` and its two kinds without data or voice.
const ROAMING: [u32; 3] = [5, 7, 10];

/// Generations by the bits of `MMModemAccessTechnology`, newest first.
const GENERATIONS: [(u32, f64); 4] = [(0x0000_8000, 5.0), (0x0003_4000, 4.0), (0x0000_3FE0, 3.0), (0x0000_001E, 2.0)];

type Properties = BTreeMap<String, OwnedVariant>;
type Objects = HashMap<OwnedObjectPath, BTreeMap<String, Properties>>;

/// A modem; the first that ModemManager has.
pub struct Modem {
    bus: Option<String>,
    open: Option<(Runtime, Connection)>,
}

impl Modem {
    /// A modem on this bus; `None`: the system's.
    pub fn new(bus: Option<String>) -> Self {
        Self { bus, open: None }
    }

    fn open(&mut self) -> Result<(Runtime, Connection), Fault> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let failed = |why: String| Fault::Line(format!("ModemManager: opening the D-Bus: {why}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| failed(e.to_string()))?;
        let builder = match &self.bus {
            Some(address) => zbus::connection::Builder::address(address.as_str()),
            None => zbus::connection::Builder::system(),
        };
        let opening = async { tokio::time::timeout(WITHIN, builder.method_timeout(WITHIN).build()).await };
        match runtime.block_on(opening) {
            Ok(Ok(connection)) => Ok((runtime, connection)),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("no answer in time".to_owned())),
        }
    }
}

impl Driver<()> for Modem {
    fn apply(&mut self, line: &mut Line, (): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        let (runtime, connection) = self.open()?;
        let asking = "ModemManager: its modems";
        let asked = runtime.block_on(async {
            let question = connection.call_method(
                Some(BUS_NAME),
                ROOT,
                Some("org.freedesktop.DBus.ObjectManager"),
                "GetManagedObjects",
                &(),
            );
            tokio::time::timeout(WITHIN, question).await
        });
        let reply = match asked {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) if is_refusal(&error) => {
                self.open = Some((runtime, connection));
                return Err(Fault::Refused(format!("{asking}: {error}")));
            }
            Ok(Err(error)) => return Err(Fault::Line(format!("{asking}: {error}"))),
            Err(_) => return Err(Fault::Line(format!("{asking}: no answer in time"))),
        };
        let objects: Objects =
            reply.body().deserialize().map_err(|e| Fault::Line(format!("{asking}: no sensible answer: {e}")))?;
        self.open = Some((runtime, connection));
        let objects: BTreeMap<String, _> = objects.into_iter().map(|(path, o)| (path.as_str().to_owned(), o)).collect();
        match objects.values().find_map(|interfaces| Some((interfaces.get(MODEM)?, interfaces.get(NETWORK)))) {
            Some((modem, network)) => Ok(Report::Sensed(readings(modem, network))),
            None => Err(Fault::Refused(format!("{asking}: there is none"))),
        }
    }
}

/// ModemManager answered that it will not; an answer of the bus that nobody is there is another thing.
fn is_refusal(error: &zbus::Error) -> bool {
    use zbus::fdo::Error::{Disconnected, NameHasNoOwner, NoReply, ServiceUnknown, TimedOut, Timeout};
    let nobody = |e: &zbus::fdo::Error| {
        matches!(e, ServiceUnknown(_) | NameHasNoOwner(_) | NoReply(_) | Timeout(_) | TimedOut(_) | Disconnected(_))
    };
    matches!(error, zbus::Error::MethodError(..)) || matches!(error, zbus::Error::FDO(e) if !nobody(e))
}

fn readings(modem: &Properties, network: Option<&Properties>) -> Vec<Reading> {
    let state = modem.get("State").and_then(|v| i32::try_from(v).ok()).unwrap_or_default();
    let mut readings = vec![flag("registered", state >= REGISTERED), flag("connected", state == CONNECTED)];
    let signal = modem.get("SignalQuality").and_then(|v| v.try_clone().ok());
    // (per cent, taken just now)
    let signal = signal.and_then(|v| <(u32, bool)>::try_from(v).ok());
    readings.extend(signal.map(|(percent, _)| reading("signal", f64::from(percent.min(100)), "%")));
    let technologies = modem.get("AccessTechnologies").and_then(|v| u32::try_from(v).ok()).unwrap_or_default();
    let generation = GENERATIONS.iter().find(|(bits, _)| technologies & bits != 0);
    readings.extend(generation.map(|(_, generation)| reading("generation", *generation, "G")));
    let of_network = |name: &str| network.and_then(|n| n.get(name));
    let operator = of_network("OperatorCode").and_then(|v| <&str>::try_from(v).ok()).and_then(|code| code.parse().ok());
    readings.extend(operator.map(|code: u32| reading("operator", f64::from(code), "")));
    let registration = of_network("RegistrationState").and_then(|v| u32::try_from(v).ok());
    readings.extend(registration.map(|state| flag("roaming", ROAMING.contains(&state))));
    readings
}
