//! Sets the machine's network through `NetworkManager`, so that nobody locks himself out: a change that a device in use depends on
//! is made under a checkpoint, which `NetworkManager` itself goes back to unless somebody confirms it (decision 0015).

mod bus;
mod profile;
mod seen;
mod trial;

use bus::Bus;
use seen::{Device, Seen};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use trial::{Go, Plan, Shelf, Then, Write};
use web_ui::{
    Elsewhere, LinkKind, LinkState, Network, NetworkChange, NetworkChanged, NetworkState, TrialFate, TrialPhase,
    TrialWhat, Unset, WifiRow,
};

/// Looking, and beginning a change, take no longer than this together.
const WITHIN: Duration = Duration::from_secs(8);
/// How long a Wi-Fi card may look round.
const ROUND: Duration = Duration::from_secs(7);
/// What was seen this long ago is shown again.
const FRESH: Duration = Duration::from_millis(500);
/// How often it is looked whether that is over.
const LOOK: Duration = Duration::from_millis(250);

/// Where `NetworkManager` is, and how long a change is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NetworkConfig {
    /// Address of its bus; `None`: the system's.
    pub(crate) bus: Option<String>,
    /// How long somebody has to confirm a change.
    pub(crate) confirm: Duration,
}

/// The machine's network.
pub(crate) struct Nets {
    config: NetworkConfig,
    shelf: Arc<Shelf>,
    /// One change is begun or ended at a time.
    turn: Mutex<()>,
    /// One look at a time.
    looking: Mutex<()>,
    /// What the last one saw.
    glance: Mutex<Option<Glance>>,
}

/// How far trials are: number and phase of the one that goes on, number of the last one that ended.
type Progress = (Option<(u32, TrialPhase)>, Option<u32>);

/// What a look saw, and when.
#[derive(Clone)]
struct Glance {
    at: Instant,
    /// How far trials were then.
    of: Progress,
    state: NetworkState,
}

/// Waits for an answer of `NetworkManager` for so long and no longer.
fn wait<T>(within: Duration, asked: impl Future<Output = Result<T, Unset>>) -> Result<T, Unset> {
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(|error| Unset::Refused(error.to_string()))?;
    let asked = async { tokio::time::timeout(within, asked).await };
    runtime.block_on(asked).unwrap_or(Err(Unset::Elsewhere(Elsewhere::Silent)))
}

impl Nets {
    pub(crate) fn new(config: NetworkConfig) -> Self {
        Self { config, shelf: Arc::default(), turn: Mutex::new(()), looking: Mutex::new(()), glance: Mutex::new(None) }
    }

    async fn look(&self) -> Result<(Bus, Seen, bool), Unset> {
        let bus = Bus::open(self.config.bus.as_deref()).await?;
        let may = bus.allows().await?;
        let seen = Seen::look(&bus).await?;
        Ok((bus, seen, may))
    }

    /// The network as it is, or as it was a moment ago: many desks look at once, and a `NetworkManager` that hangs must not hold
    /// a thread for each of them.
    fn glance(&self, of: Progress) -> NetworkState {
        let kept = || self.glance.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = |fresh: bool| {
            let glance = kept().clone();
            glance
                .filter(|glance| !fresh || (glance.at.elapsed() < FRESH && glance.of == of))
                .map(|glance| glance.state)
        };
        if let Some(state) = seen(true) {
            return state;
        }
        let turn = match self.looking.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => match seen(false) {
                Some(state) => return state,
                None => self.looking.lock().unwrap_or_else(PoisonError::into_inner),
            },
        };
        let state = self.seen();
        *kept() = Some(Glance { at: Instant::now(), of, state: state.clone() });
        drop(turn);
        state
    }

    fn seen(&self) -> NetworkState {
        match wait(WITHIN, self.look()) {
            Ok((_, seen, may)) => NetworkState {
                elsewhere: (!may).then_some(Elsewhere::Forbidden),
                devices: seen.devices().iter().map(|d| seen.row(d)).collect(),
                saved: seen.saved(),
                mobile: seen.mobile(),
                trial: None,
                last: None,
            },
            Err(why) => {
                let elsewhere = if let Unset::Elsewhere(why) = why {
                    why
                } else {
                    log::warn!(error:? = why; "NetworkManager cannot be understood");
                    Elsewhere::Silent
                };
                NetworkState { elsewhere: Some(elsewhere), ..NetworkState::default() }
            }
        }
    }

    fn turn(&self) -> Result<MutexGuard<'_, ()>, Unset> {
        match self.turn.try_lock() {
            Ok(turn) => Ok(turn),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Unset::Waits),
        }
    }

    /// The path of the checkpoint of this trial, once its network stands.
    fn standing(&self, no: u32, early: bool) -> Result<(String, Then), Unset> {
        let of = self.shelf.open();
        let trial = of.trial.as_ref().filter(|t| t.row.no == no).ok_or(Unset::Over)?;
        if early || trial.row.phase == TrialPhase::Up {
            Ok((trial.checkpoint.clone(), trial.then.clone()))
        } else {
            Err(Unset::TooEarly)
        }
    }
}

impl Network for Nets {
    fn state(&self) -> NetworkState {
        let (trial, last) = self.shelf.told();
        let progress = (trial.as_ref().map(|t| (t.no, t.phase)), last.as_ref().map(|l| l.no));
        NetworkState { trial, last, ..self.glance(progress) }
    }

    fn scan(&self, device: &str) -> Result<Vec<WifiRow>, Unset> {
        wait(WITHIN + ROUND, async {
            let (bus, seen, may) = self.look().await?;
            let card = seen.device(device, &[LinkKind::Wifi])?;
            if !may {
                return Err(Unset::Elsewhere(Elsewhere::Forbidden));
            }
            let last = || bus.property(&card.path, ".Device.Wireless", "LastScan");
            let before = last().await.ok();
            let none = std::collections::HashMap::<String, zbus::OwnedVariant>::new();
            // It may have looked round a moment ago: what it saw then will do.
            let begun = bus.call(&card.path, ".Device.Wireless", "RequestScan", &(none,)).await.is_ok();
            let until = tokio::time::Instant::now() + ROUND;
            while begun && before.is_some() && tokio::time::Instant::now() < until && last().await.ok() == before {
                tokio::time::sleep(LOOK).await;
            }
            Ok(Seen::look(&bus).await?.reach(&card))
        })
    }

    fn change(&self, change: NetworkChange, by: &str) -> Result<NetworkChanged, Unset> {
        let _turn = self.turn()?;
        if self.shelf.open().trial.is_some() {
            return Err(Unset::Waits);
        }
        wait(WITHIN, async {
            let (bus, seen, may) = self.look().await?;
            if !may {
                return Err(Unset::Elsewhere(Elsewhere::Forbidden));
            }
            let plan = planned(&seen, change)?;
            let what = plan.journal.clone();
            let trial = trial::begin(&bus, &self.config, &self.shelf, plan, by).await?;
            log::info!(by = by, what = what.as_str(), tried = trial.is_some(); "the network is changed");
            Ok(NetworkChanged { what, trial })
        })
    }

    fn keep(&self, no: u32) -> Result<(), Unset> {
        let _turn = self.turn()?;
        let (checkpoint, then) = self.standing(no, false)?;
        let _deciding = self.shelf.decide();
        wait(WITHIN, async {
            let bus = Bus::open(self.config.bus.as_deref()).await?;
            trial::release(&bus, &checkpoint).await?;
            self.shelf.end(no, TrialFate::Kept, None);
            trial::write(&bus, &then).await
        })
    }

    fn undo(&self, no: u32) -> Result<(), Unset> {
        let _turn = self.turn()?;
        let (checkpoint, _) = self.standing(no, true)?;
        let _deciding = self.shelf.decide();
        wait(WITHIN, async {
            let bus = Bus::open(self.config.bus.as_deref()).await?;
            trial::roll_back(&bus, &checkpoint).await?;
            self.shelf.end(no, TrialFate::Undone, None);
            Ok(())
        })
    }
}

/// What a change comes to.
fn planned(seen: &Seen, change: NetworkChange) -> Result<Plan, Unset> {
    match change {
        NetworkChange::Address { device, fixed } => {
            let device = seen.device(&device, &[LinkKind::Wired, LinkKind::Wifi])?;
            let standing = device.connection.clone().and_then(|at| Some((seen.profiles.get(&at)?.clone(), at)));
            let (mut wanted, at) = match standing {
                Some((profile, at)) => (profile, Some(at)),
                None if device.kind == LinkKind::Wired => (profile::cable(&device.name), None),
                None => return Err(Unset::NoConnection),
            };
            profile::address(&mut wanted, fixed.as_ref());
            let how = fixed
                .as_ref()
                .map_or("an address by DHCP".to_owned(), |f| format!("address {}/{}", f.address, f.prefix));
            let journal = format!("network {}: {how} (connection {})", device.name, profile::short(&wanted));
            Ok(Plan {
                what: TrialWhat::Address,
                journal,
                address: fixed.map(|f| f.address.to_string()),
                write: at.map_or(Write::Add(wanted.clone()), |at| Write::Update(at, wanted)),
                go: Go::Activate { specific: None },
                device: Some(device),
                deletes: false,
            })
        }
        NetworkChange::Join { device, ssid, password, hidden } => {
            let device = seen.device(&device, &[LinkKind::Wifi])?;
            let spot = seen.spots(&device).into_iter().find(|s| s.ssid == ssid);
            let entry = match &spot {
                Some(spot) => spot.entry.clone()?,
                None if !hidden => return Err(Unset::OutOfReach),
                None if password.is_some() => profile::Entry::Wpa2,
                None => profile::Entry::Open,
            };
            let asks = matches!(entry, profile::Entry::Wpa2 | profile::Entry::Wpa3);
            let known = seen.wifi_of(&ssid).map(|(at, profile)| (at.clone(), profile.clone()));
            if !asks && password.is_some() {
                return Err(Unset::Unprotected);
            }
            if asks && password.is_none() && known.is_none() {
                return Err(Unset::NeedsPassword);
            }
            let (write, short) = match known {
                Some((at, profile)) if password.is_none() => (Write::Nothing(at), profile::short(&profile)),
                known => {
                    let at = known.as_ref().map(|(at, _)| at.clone());
                    let mut wanted = known.map_or_else(|| profile::wifi(&ssid, hidden), |(_, profile)| profile);
                    profile::enter(&mut wanted, entry, password.as_ref());
                    let short = profile::short(&wanted);
                    (at.map_or(Write::Add(wanted.clone()), |at| Write::Update(at, wanted)), short)
                }
            };
            Ok(Plan {
                what: TrialWhat::Join,
                journal: format!("network {}: joins a Wi-Fi (connection {short})", device.name),
                address: None,
                write,
                go: Go::Activate { specific: spot.map(|s| s.path) },
                device: Some(device),
                deletes: false,
            })
        }
        NetworkChange::Forget { id } => {
            let (at, profile) = seen.wifi_by(&id).ok_or(Unset::Nothing)?;
            let device = seen.user_of(at);
            let on = device.as_ref().map_or("Wi-Fi", |d| d.name.as_str());
            let active = device.as_ref().and_then(|d| d.active.clone());
            Ok(Plan {
                what: TrialWhat::Forget,
                journal: format!("network {on}: forgets a Wi-Fi (connection {})", profile::short(profile)),
                address: None,
                write: Write::Nothing(at.clone()),
                go: active.map_or(Go::Nowhere, |active| Go::Deactivate { active }),
                device,
                deletes: true,
            })
        }
        NetworkChange::Apn { apn } => {
            let modem = seen.devices().into_iter().find(|d| d.kind == LinkKind::Mobile);
            let usable = modem.filter(|d: &Device| !matches!(d.state, LinkState::Elsewhere | LinkState::Unavailable));
            let own = usable.as_ref().and_then(|d| d.connection.clone()).filter(|at| seen.profiles.contains_key(at));
            let at = own.or_else(|| seen.of_kind(profile::GSM).next().map(|(at, _)| at.clone()));
            if at.is_none() && seen.mobile().is_none() {
                return Err(Unset::Nothing);
            }
            let mut wanted = at.as_ref().and_then(|at| seen.profiles.get(at)).cloned().unwrap_or_else(profile::mobile);
            profile::apn(&mut wanted, &apn);
            let on = usable.as_ref().map_or("4G", |d| d.name.as_str());
            Ok(Plan {
                what: TrialWhat::Apn,
                journal: format!("network {on}: access point {apn} (connection {})", profile::short(&wanted)),
                address: None,
                write: at.map_or(Write::Add(wanted.clone()), |at| Write::Update(at, wanted)),
                go: if usable.is_some() { Go::Activate { specific: None } } else { Go::Nowhere },
                device: usable,
                deletes: false,
            })
        }
    }
}
