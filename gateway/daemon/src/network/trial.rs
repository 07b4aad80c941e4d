//! A change on trial: under a checkpoint, made a moment after the answer left, watched until it stands or fails, kept or gone
//! back from. Until it is kept nothing of it is on the disk, so that a power cut goes back too.

use super::bus::{Bus, NAME, NONE, Profile, ROOT, SETTINGS};
use super::seen::Device;
use super::{NetworkConfig, wait};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use web_ui::{TrialEnd, TrialFate, TrialFault, TrialPhase, TrialRow, TrialWhat, Unset};
use zbus::{MatchRule, MessageStream, ObjectPath, OwnedObjectPath, OwnedVariant};

/// The answer leaves before the network changes under it.
const LEAVE: Duration = Duration::from_millis(1500);
/// How often it is looked how far the device is.
const LOOK: Duration = Duration::from_millis(250);
/// `NetworkManager` goes back by itself at the end of the time; that is looked at until this much later.
const AFTER: Duration = Duration::from_secs(10);

/// Of a new or changed connection: in memory only, and not taken up before it is told to.
const IN_MEMORY: u32 = 0x2 | 0x20;
const TO_DISK: u32 = 0x1;
/// Going back removes connections that came since.
const DELETE_NEW: u32 = 0x2;

/// What is done.
pub(super) struct Plan {
    pub(super) what: TrialWhat,
    pub(super) journal: String,
    pub(super) address: Option<String>,
    /// The device in use that depends on it.
    pub(super) device: Option<Device>,
    pub(super) write: Write,
    pub(super) go: Go,
    /// The connection is deleted in the end.
    pub(super) deletes: bool,
}

/// What becomes of a connection. May hold a password on its way to `NetworkManager`, and is gone after it.
pub(super) enum Write {
    Add(Profile),
    Update(String, Profile),
    Nothing(String),
}

/// What a device is told.
#[derive(Clone, Debug)]
pub(super) enum Go {
    Activate { specific: Option<String> },
    Deactivate { active: String },
    Nowhere,
}

/// What is done to the connection once it is kept.
#[derive(Clone, Debug)]
pub(super) enum Then {
    Save(String),
    Delete(String),
}

/// A trial that goes on.
pub(super) struct Trial {
    pub(super) row: TrialRow,
    pub(super) checkpoint: String,
    pub(super) then: Then,
    until: Instant,
    ended: Arc<Notify>,
}

/// What is known of trials.
#[derive(Default)]
pub(super) struct Known {
    pub(super) trial: Option<Trial>,
    last: Option<TrialEnd>,
    number: u32,
    /// Somebody is ending the trial right now.
    deciding: bool,
}

/// Where it is kept: in memory, since `NetworkManager` holds what counts.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Known>);

impl Shelf {
    pub(super) fn open(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever ends the trial says what became of it: a checkpoint that is gone meanwhile says nothing.
    pub(super) fn decide(&self) -> Deciding<'_> {
        self.open().deciding = true;
        Deciding(self)
    }

    /// The trial that goes on, and how the last one ended.
    pub(super) fn told(&self) -> (Option<TrialRow>, Option<TrialEnd>) {
        let of = self.open();
        let left = |t: &Trial| t.until.saturating_duration_since(Instant::now()).as_secs_f64().ceil();
        let trial = of.trial.as_ref().map(|t| TrialRow { left_s: left(t) as u32, ..t.row.clone() });
        (trial, of.last.clone())
    }

    fn phase(&self, no: u32, phase: TrialPhase) {
        if let Some(trial) = self.open().trial.as_mut().filter(|t| t.row.no == no) {
            trial.row.phase = phase;
        }
    }

    /// Ends a trial, if nobody else has.
    pub(super) fn end(&self, no: u32, fate: TrialFate, fault: Option<TrialFault>) {
        let mut of = self.open();
        let Some(trial) = of.trial.take_if(|t| t.row.no == no) else { return };
        let TrialRow { no, device, what, by, .. } = trial.row;
        log::info!(device = device.as_str(), fate:? = fate, fault:? = fault; "a change of the network has ended");
        of.last = Some(TrialEnd { no, device, what, by, fate, fault });
        trial.ended.notify_one();
    }
}

/// As long as it stands, somebody is ending the trial.
pub(super) struct Deciding<'s>(&'s Shelf);

impl Drop for Deciding<'_> {
    fn drop(&mut self) {
        self.0.open().deciding = false;
    }
}

type Options = HashMap<String, OwnedVariant>;

fn object(path: &str) -> Result<ObjectPath<'_>, Unset> {
    ObjectPath::try_from(path).map_err(|error| Unset::Refused(error.to_string()))
}

/// Begins it; `None`: no device in use depends on it, and it is done.
pub(super) async fn begin(
    bus: &Bus,
    config: &NetworkConfig,
    shelf: &Arc<Shelf>,
    plan: Plan,
    by: &str,
) -> Result<Option<TrialRow>, Unset> {
    let Plan { what, address, device, write, go, deletes, .. } = plan;
    let Some(device) = device else {
        if let (Write::Nothing(connection), true) = (&write, deletes) {
            super::trial::write(bus, &Then::Delete(connection.clone())).await?;
        } else {
            put(bus, write, TO_DISK).await?;
        }
        return Ok(None);
    };
    if !bus.checkpoints().await?.is_empty() {
        return Err(Unset::Waits);
    }
    let seconds = u32::try_from(config.confirm.as_secs()).unwrap_or(u32::MAX);
    let devices = vec![object(&device.path)?];
    let told = bus.call(ROOT, "", "CheckpointCreate", &(devices, seconds, DELETE_NEW)).await?;
    let until = Instant::now() + config.confirm;
    let checkpoint: OwnedObjectPath = told.body().deserialize().map_err(|error| Unset::Refused(error.to_string()))?;
    let checkpoint = checkpoint.as_str().to_owned();
    let connection = match put(bus, write, IN_MEMORY).await {
        Ok(connection) => connection,
        Err(why) => {
            // Nothing has changed; it would end by itself too.
            release(bus, &checkpoint).await.ok();
            return Err(why);
        }
    };
    let then = if deletes { Then::Delete(connection.clone()) } else { Then::Save(connection.clone()) };
    let ended = Arc::new(Notify::new());
    let row = {
        let mut of = shelf.open();
        of.number = of.number.wrapping_add(1).max(1);
        let row = TrialRow {
            no: of.number,
            device: device.name.clone(),
            what,
            by: by.to_owned(),
            phase: TrialPhase::Waiting,
            left_s: seconds,
            address,
        };
        let checkpoint = checkpoint.clone();
        of.trial = Some(Trial { row: row.clone(), checkpoint, then, until, ended: Arc::clone(&ended) });
        row
    };
    let run = Run {
        address: config.bus.clone(),
        shelf: Arc::clone(shelf),
        no: row.no,
        device: device.path,
        connection,
        go,
        checkpoint: checkpoint.clone(),
        until,
        ended,
    };
    let started =
        std::thread::Builder::new().name("network".into()).stack_size(512 * 1024).spawn(move || run.through());
    if let Err(error) = started {
        roll_back(bus, &checkpoint).await.ok();
        shelf.end(row.no, TrialFate::Failed, Some(TrialFault::Other));
        return Err(Unset::Refused(error.to_string()));
    }
    Ok(Some(row))
}

/// Gives a connection to `NetworkManager`; its path.
async fn put(bus: &Bus, write: Write, flags: u32) -> Result<String, Unset> {
    let none = Options::new();
    match write {
        Write::Nothing(connection) => Ok(connection),
        Write::Update(connection, profile) => {
            bus.call(&connection, ".Settings.Connection", "Update2", &(profile, flags, none)).await?;
            Ok(connection)
        }
        Write::Add(profile) => {
            let told = bus.call(SETTINGS, ".Settings", "AddConnection2", &(profile, flags, none)).await?;
            let made: Result<(OwnedObjectPath, Options), _> = told.body().deserialize();
            let (connection, _) = made.map_err(|error| Unset::Refused(error.to_string()))?;
            Ok(connection.as_str().to_owned())
        }
    }
}

/// Ends a checkpoint: what was changed since stays.
pub(super) async fn release(bus: &Bus, checkpoint: &str) -> Result<(), Unset> {
    let told = bus.call(ROOT, "", "CheckpointDestroy", &(object(checkpoint)?,)).await;
    gone_is_over(bus, checkpoint, told).await
}

/// Goes back to a checkpoint, at once.
pub(super) async fn roll_back(bus: &Bus, checkpoint: &str) -> Result<(), Unset> {
    let told = bus.call(ROOT, "", "CheckpointRollback", &(object(checkpoint)?,)).await;
    gone_is_over(bus, checkpoint, told).await
}

async fn gone_is_over(bus: &Bus, checkpoint: &str, told: Result<zbus::Message, Unset>) -> Result<(), Unset> {
    match told {
        Ok(_) => Ok(()),
        Err(Unset::Elsewhere(why)) => Err(Unset::Elsewhere(why)),
        Err(_) if bus.checkpoints().await.is_ok_and(|all| !all.iter().any(|c| c == checkpoint)) => Err(Unset::Over),
        Err(other) => Err(other),
    }
}

/// Writes what is kept on the disk.
pub(super) async fn write(bus: &Bus, then: &Then) -> Result<(), Unset> {
    let done = match then {
        Then::Delete(connection) => bus.call(connection, ".Settings.Connection", "Delete", &()).await,
        Then::Save(connection) => {
            let body = (Profile::new(), TO_DISK, Options::new());
            bus.call(connection, ".Settings.Connection", "Update2", &body).await
        }
    };
    done.map(drop).map_err(|why| {
        log::error!(why:? = why; "what is kept of the network cannot be written: it is lost at the next start of the machine");
        Unset::NotWritten
    })
}

/// A trial from its beginning to its end, on a thread of its own.
struct Run {
    address: Option<String>,
    shelf: Arc<Shelf>,
    no: u32,
    device: String,
    connection: String,
    go: Go,
    checkpoint: String,
    until: Instant,
    ended: Arc<Notify>,
}

impl Run {
    fn through(self) {
        let within = self.until.saturating_duration_since(Instant::now()) + AFTER * 2;
        let run = async {
            tokio::select! {
                () = self.ended.notified() => Ok(()),
                told = self.change_and_wait() => told,
            }
        };
        if let Err(why) = wait(within, run) {
            log::warn!(why:? = why; "a change of the network is no longer watched");
            self.shelf.end(self.no, TrialFate::WentBack, None);
        }
    }

    async fn change_and_wait(&self) -> Result<(), Unset> {
        tokio::time::sleep(LEAVE).await;
        self.shelf.phase(self.no, TrialPhase::Switching);
        match self.change().await {
            Ok(None) => self.shelf.phase(self.no, TrialPhase::Up),
            Ok(Some(fault)) => return self.give_up(fault).await,
            Err(why) => {
                log::warn!(why:? = why; "NetworkManager does not make the change");
                return self.give_up(TrialFault::Other).await;
            }
        }
        tokio::time::sleep_until(self.until.into()).await;
        let late = Instant::now() + AFTER;
        while Instant::now() < late {
            let standing = async { Bus::open(self.address.as_deref()).await?.checkpoints().await };
            if standing.await.is_ok_and(|all| !all.contains(&self.checkpoint)) && !self.shelf.open().deciding {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        self.shelf.end(self.no, TrialFate::WentBack, None);
        Ok(())
    }

    async fn give_up(&self, fault: TrialFault) -> Result<(), Unset> {
        let back = async { roll_back(&Bus::open(self.address.as_deref()).await?, &self.checkpoint).await };
        if let Err(why) = back.await {
            log::warn!(why:? = why; "NetworkManager goes back by itself at the end of the time");
        }
        self.shelf.end(self.no, TrialFate::Failed, Some(fault));
        Ok(())
    }

    /// Makes the change and waits until it stands; what was in the way where it does not.
    async fn change(&self) -> Result<Option<TrialFault>, Unset> {
        let bus = Bus::open(self.address.as_deref()).await?;
        let specific = match &self.go {
            Go::Nowhere => return Ok(None),
            Go::Deactivate { active } => {
                bus.call(ROOT, "", "DeactivateConnection", &(object(active)?,)).await?;
                return Ok(None);
            }
            Go::Activate { specific } => specific.as_deref().unwrap_or(NONE),
        };
        let interface = format!("{NAME}.Device");
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .path(self.device.as_str())
            .interface(interface.as_str())
            .member("StateChanged")
            .build();
        let rule = rule.map_err(|error| Unset::Refused(error.to_string()))?;
        let signals = MessageStream::for_match_rule(rule, bus.connection(), None).await;
        let mut signals = signals.map_err(|error| Unset::Refused(error.to_string()))?;
        let body = (object(&self.connection)?, object(&self.device)?, object(specific)?);
        let told = bus.call(ROOT, "", "ActivateConnection", &body).await?;
        let active: OwnedObjectPath = told.body().deserialize().map_err(|error| Unset::Refused(error.to_string()))?;
        let mut fault = TrialFault::Other;
        loop {
            // NM_ACTIVE_CONNECTION_STATE: 1 activating, 2 activated, 3 deactivating, 4 deactivated; one that failed is gone.
            match bus.property(active.as_str(), ".Connection.Active", "State").await.map(|v| u32::try_from(&*v)) {
                Ok(Ok(2)) => return Ok(None),
                Ok(Ok(0 | 1)) => {}
                Ok(Ok(_) | Err(_)) | Err(Unset::Nothing | Unset::Refused(_)) => {
                    while let Ok(Some(signal)) = tokio::time::timeout(LOOK, signals.next()).await {
                        fault = fault_of(signal).unwrap_or(fault);
                    }
                    return Ok(Some(fault));
                }
                Err(other) => return Err(other),
            }
            if let Ok(Some(signal)) = tokio::time::timeout(LOOK, signals.next()).await {
                fault = fault_of(signal).unwrap_or(fault);
            }
        }
    }
}

/// Why a device failed (`NMDeviceStateReason`), if that is what a signal says.
fn fault_of(signal: zbus::Result<zbus::Message>) -> Option<TrialFault> {
    const FAILED: u32 = 120;
    let (new, _, reason) = signal.ok()?.body().deserialize::<(u32, u32, u32)>().ok()?;
    (new == FAILED).then(|| named(reason))
}

fn named(reason: u32) -> TrialFault {
    match reason {
        7..=11 => TrialFault::Password,
        53 => TrialFault::OutOfReach,
        5 | 6 | 15..=17 => TrialFault::NoAddress,
        36 | 40 => TrialFault::Unplugged,
        23..=34 | 43 | 45..=48 | 57 | 59 => TrialFault::Mobile,
        _ => TrialFault::Other,
    }
}
