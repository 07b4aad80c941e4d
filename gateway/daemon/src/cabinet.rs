//! What the desk is told of the machine, and what is packed of the station: a bundle for those who help, a backup.

pub(crate) mod backup;
pub(crate) mod bundle;
pub(crate) mod chest;
mod network;
mod restore;

use crate::config::Config;
use crate::settings::Settings;
use crate::sys;
use gateway_core::view::View;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use web_ui::{BackupSight, Lines, Machine, MachineState, Metric, Recorded, RestoreState, Unrestored};

/// What it takes to look and to pack.
pub(crate) struct Cabinet {
    pub(crate) file: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) config: Config,
    pub(crate) lines: Lines,
    pub(crate) metrics: Arc<dyn Fn() -> Vec<Metric> + Send + Sync>,
    pub(crate) settings: Arc<Settings>,
}

impl Machine for Cabinet {
    fn state(&self) -> MachineState {
        let kernel = sys::kernel_clock().ok();
        let interfaces = network::interfaces();
        let citizen = self.config.web.citizen;
        let near = |address: &String| citizen.ip().is_unspecified() || *address == citizen.ip().to_string();
        let addresses = interfaces.iter().filter(|i| i.name != "lo").flat_map(|i| i.addresses.clone());
        let mut citizens: Vec<String> = addresses
            .filter(|a| !a.contains(':'))
            .filter(near)
            .map(|a| format!("http://{a}:{}/", citizen.port()))
            .collect();
        if citizens.is_empty() {
            citizens.push(format!("http://{citizen}/"));
        }
        MachineState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            interfaces,
            router: network::router(),
            name_servers: network::name_servers(),
            citizens,
            clock_steered: kernel.map(|k| !k.unsynchronised && !k.error),
            clock_battery: self.config.clock.battery_rtc,
            clock_lost: sys::rtc_lost_time(),
            clock_vouched: self.config.clock.vouched,
            disk_free: free(&self.data),
        }
    }

    fn bundle(&self, view: &View) -> Result<Vec<u8>, String> {
        let parts = bundle::Parts {
            file: &self.file,
            state: Some(self.state()),
            view: Some(view),
            lines: (self.lines)(),
            metrics: (self.metrics)(),
            log: crate::logging::recent(),
        };
        bundle::pack(&parts).map_err(|error| format!("{error:#}"))
    }

    fn backup(&self, passphrase: &str, keys: bool) -> Result<Recorded, String> {
        let packed = self.data.join("backup.age");
        let work = || {
            backup::make(&self.file, &self.config, &self.data, passphrase, keys, &packed)?;
            let file = std::fs::File::open(&packed)?;
            let bytes = file.metadata()?.len();
            // It is read through the descriptor; the disk keeps no second copy.
            std::fs::remove_file(&packed)?;
            anyhow::Ok(Recorded { file, bytes, media_type: "application/octet-stream" })
        };
        work().map_err(|error| format!("{error:#}"))
    }

    fn restore_begin(&self) -> Result<std::fs::File, String> {
        chest::Chest::of(&self.data).begin().map_err(|error| error.to_string())
    }

    fn restore_look(&self, passphrase: &str) -> Result<BackupSight, Unrestored> {
        self.look(passphrase)
    }

    fn restore_take(&self, passphrase: &str, other_station: bool) -> Result<BackupSight, Unrestored> {
        self.take(passphrase, other_station)
    }

    fn restore_undo(&self) -> Result<(), Unrestored> {
        self.undo()
    }

    fn restore_withdraw(&self) -> bool {
        self.settings.keep_all()
    }

    fn restore_state(&self) -> RestoreState {
        self.standing()
    }
}

/// Room left where a folder is, bytes.
fn free(folder: &Path) -> Option<u64> {
    let out = std::process::Command::new("df").args(["-B1", "--output=avail"]).arg(folder).output().ok()?;
    String::from_utf8_lossy(&out.stdout).lines().nth(1)?.trim().parse().ok()
}
