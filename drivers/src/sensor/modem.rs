//! A mobile modem, asked through ModemManager (D-Bus): its SIM, signal, network, connection, data used; never whose it is.

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
const BEARER: &str = "org.freedesktop.ModemManager1.Bearer";
/// Most connections of a modem that are asked what went over them.
const MOST_BEARERS: usize = 4;
/// Connecting to the bus and asking take no longer than this each.
const WITHIN: Duration = Duration::from_millis(1500);

const FAILED: i32 = -1;
/// `MM_MODEM_STATE_FAILED` is −1 and `…_CONNECTED` 11; from here on it is in a network.
const REGISTERED: i32 = 8;
const CONNECTED: i32 = 11;
/// `MM_MODEM_STATE_FAILED_REASON_SIM_MISSING` and `…_ESIM_WITHOUT_PROFILES`.
const NO_SIM: [u32; 2] = [2, 5];
/// `MM_MODEM_STATE_FAILED_REASON_SIM_ERROR`: it is there and of no use, locked for good perhaps.
const BAD_SIM: u32 = 3;
/// `MM_MODEM_LOCK_NONE`; below it nothing is known.
const UNLOCKED: u32 = 1;
/// The second PIN and its PUK lock none of what a gateway needs.
const HARMLESS_LOCKS: [u32; 2] = [3, 5];
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
        let objects: BTreeMap<String, _> = objects.into_iter().map(|(path, o)| (path.as_str().to_owned(), o)).collect();
        let found = objects.values().find_map(|interfaces| Some((interfaces.get(MODEM)?, interfaces.get(NETWORK))));
        let sensed = found.map(|(modem, network)| {
            let mut sensed = readings(modem, network);
            sensed.extend(
                runtime.block_on(used_bytes(&connection, modem)).map(|b| reading("data", b as f64 / 1e6, "MB")),
            );
            sensed
        });
        self.open = Some((runtime, connection));
        sensed.map(Report::Sensed).ok_or_else(|| Fault::Refused(format!("{asking}: there is none")))
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

/// What went over all connections of the modem since ModemManager has had it, both ways; `None`: it does not say.
async fn used_bytes(connection: &Connection, modem: &Properties) -> Option<u64> {
    let bearers = <Vec<OwnedObjectPath>>::try_from(modem.get("Bearers")?.try_clone().ok()?).ok()?;
    let mut sum = None;
    for path in bearers.iter().take(MOST_BEARERS) {
        let asked = connection.call_method(
            Some(BUS_NAME),
            path.as_ref(),
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(BEARER, "Stats"),
        );
        // One that has just gone is not there to be asked.
        let Ok(Ok(reply)) = tokio::time::timeout(WITHIN, asked).await else { continue };
        let Ok(value) = reply.body().deserialize::<OwnedVariant>() else { continue };
        let Ok(stats) = <HashMap<String, OwnedVariant>>::try_from(value) else { continue };
        let bytes = |key: &str| stats.get(key).and_then(|v| u64::try_from(v).ok());
        // The totals since ModemManager 1.14; before, those of the connection that stands.
        let way = |total: &str, now: &str| bytes(total).or_else(|| bytes(now));
        let both = [way("total-rx-bytes", "rx-bytes"), way("total-tx-bytes", "tx-bytes")];
        for bytes in both.into_iter().flatten() {
            sum = Some(sum.unwrap_or(0_u64).saturating_add(bytes));
        }
    }
    sum
}

fn readings(modem: &Properties, network: Option<&Properties>) -> Vec<Reading> {
    let state = modem.get("State").and_then(|v| i32::try_from(v).ok()).unwrap_or_default();
    let mut readings = vec![flag("registered", state >= REGISTERED), flag("connected", state == CONNECTED)];
    let number = |name: &str| modem.get(name).and_then(|v| u32::try_from(v).ok());
    // The reason says why it failed, and is left over once it has not.
    let failed = number("StateFailedReason").filter(|_| state == FAILED).unwrap_or_default();
    readings.push(flag("sim_missing", NO_SIM.contains(&failed)));
    readings.push(flag("sim_failed", failed == BAD_SIM));
    let lock = number("UnlockRequired").unwrap_or_default();
    readings.push(flag("sim_locked", lock > UNLOCKED && !HARMLESS_LOCKS.contains(&lock)));
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
