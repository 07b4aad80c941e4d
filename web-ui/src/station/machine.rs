//! The machine itself: its network and clock, a bundle for those who help from afar, and a backup under a passphrase.

use crate::air::acts::words;
use crate::air::ears::Recorded;
use crate::air::orders::in_office;
use crate::body::Told;
use crate::described::{Bytes, Unavailable};
use crate::entry::guard::Signed;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use crate::slices;
use crate::station::restore::{BackupSight, RestoreState, Unrestored};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What the daemon knows of the machine, and keeps of the station. Every call may read or write a disk.
pub trait Machine: Send + Sync {
    /// Its network and clock.
    fn state(&self) -> MachineState;
    /// A bundle for those who help: no personal data, no secret, of bounded size.
    ///
    /// # Errors
    /// When it cannot be packed, in words.
    fn bundle(&self, view: &View) -> Result<Vec<u8>, String>;
    /// Everything the station is, under a passphrase; with its keys where they are asked for.
    ///
    /// # Errors
    /// When it cannot be packed, in words.
    fn backup(&self, passphrase: &str, keys: bool) -> Result<Recorded, String>;
    /// Where a backup that is brought is written to.
    ///
    /// # Errors
    /// When the disk does not take it, in words.
    fn restore_begin(&self) -> Result<std::fs::File, String>;
    /// What the backup that was brought holds; nothing is changed.
    ///
    /// # Errors
    /// Why it cannot be taken.
    fn restore_look(&self, passphrase: &str) -> Result<BackupSight, Unrestored>;
    /// Lets it take the place of everything as soon as may be.
    ///
    /// # Errors
    /// Why it is not taken; nothing is changed then.
    fn restore_take(&self, passphrase: &str, other_station: bool) -> Result<BackupSight, Unrestored>;
    /// Lets what was there before the last restore come back.
    ///
    /// # Errors
    /// Why it does not.
    fn restore_undo(&self) -> Result<(), Unrestored>;
    /// Takes a restore back that waits; `false`: none does.
    fn restore_withdraw(&self) -> bool;
    /// How a restore stands.
    fn restore_state(&self) -> RestoreState;
}

/// The machine's network and clock.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct MachineState {
    /// Version of the program.
    pub version: String,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// Where packets for elsewhere go.
    #[schema(required)]
    pub router: Option<String>,
    /// Name servers.
    pub name_servers: Vec<String>,
    /// Where citizens find the public pages.
    pub citizens: Vec<String>,
    /// The kernel says that its clock is steered.
    #[schema(required)]
    pub clock_steered: Option<bool>,
    /// A clock chip with a battery is configured.
    pub clock_battery: bool,
    /// That chip says that it lost the time.
    pub clock_lost: bool,
    /// Whoever runs the machine vouches for its clock.
    pub clock_vouched: bool,
    /// Room left on the disk of the data folder, bytes.
    #[schema(required)]
    pub disk_free: Option<u64>,
}

/// A network interface.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// `wired`, `wifi`, `mobile`, `other`.
    pub kind: String,
    /// It has a link.
    pub up: bool,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Signal of a Wi-Fi, dBm.
    #[schema(required)]
    pub signal_dbm: Option<f64>,
}

/// For places without a machine of their own.
pub struct NoMachine;

impl Machine for NoMachine {
    fn state(&self) -> MachineState {
        MachineState::default()
    }
    fn bundle(&self, _: &View) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
    fn backup(&self, _: &str, _: bool) -> Result<Recorded, String> {
        let file = std::fs::File::open("/dev/null").map_err(|e| e.to_string())?;
        Ok(Recorded { file, bytes: 0, media_type: "application/octet-stream" })
    }
    fn restore_begin(&self) -> Result<std::fs::File, String> {
        // A file without a name: gone with whoever writes it. One asks at a time and thread.
        let (process, thread) = (std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(format!("no-machine-{process}-{thread:?}"));
        let file = std::fs::File::create(&path).and_then(|file| std::fs::remove_file(&path).map(|()| file));
        file.map_err(|e| e.to_string())
    }
    fn restore_look(&self, _: &str) -> Result<BackupSight, Unrestored> {
        Err(Unrestored::Nothing)
    }
    fn restore_take(&self, _: &str, _: bool) -> Result<BackupSight, Unrestored> {
        Err(Unrestored::Nothing)
    }
    fn restore_undo(&self) -> Result<(), Unrestored> {
        Err(Unrestored::Nothing)
    }
    fn restore_withdraw(&self) -> bool {
        false
    }
    fn restore_state(&self) -> RestoreState {
        RestoreState::default()
    }
}

async fn asked<T: Send + 'static>(
    shared: &Shared,
    how: impl FnOnce(&dyn Machine) -> Result<T, String> + Send + 'static,
) -> Result<T, Problem> {
    let machine = Arc::clone(&shared.desk.machine);
    let told = tokio::task::spawn_blocking(move || how(&*machine)).await;
    told.unwrap_or_else(|error| Err(error.to_string())).map_err(|why| {
        log::error!(error = why.as_str(); "packing what the station is");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_packed",
            say("Chưa gói được", "It could not be packed"),
            say(format!("{why}. Hãy thử lại; nếu vẫn vậy, xem thẻ nhớ."), why),
        )
        .retry_after(5)
    })
}

/// The machine's network and clock
#[utoipa::path(get, path = "/api/v1/machine", operation_id = "machine", responses(
    (status = 200, description = "As they are now.", body = MachineState),
    Unavailable,
))]
pub(crate) async fn state(State(shared): State<Arc<Shared>>) -> Result<Json<MachineState>, Problem> {
    asked(&shared, |m| Ok(m.state())).await.map(Json)
}

fn named(shared: &Shared, what: &str, end: &str) -> HeaderValue {
    let view = Arc::clone(&shared.desk.view.borrow());
    let day: String = view.clock.as_deref().unwrap_or_default().chars().take(10).collect();
    let name =
        format!("attachment; filename=\"{what}-{}{}{day}.{end}\"", view.station, if day.is_empty() { "" } else { "-" });
    HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A bundle for those who help from afar: no personal data, no secret
#[utoipa::path(get, path = "/api/v1/bundle", operation_id = "bundle", responses(
    (status = 200, description = "A tar, packed by gzip.", body = inline(Bytes), content_type = "application/gzip"),
    Unavailable,
))]
pub(crate) async fn bundle(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let view = Arc::clone(&shared.desk.view.borrow());
    let bytes = asked(&shared, move |m| m.bundle(&view)).await?;
    let kind = HeaderValue::from_static("application/gzip");
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, named(&shared, "chan-doan", "tar.gz"))], bytes).into_response())
}

/// What `POST backup` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BackupAsked)]
pub(crate) struct Backup {
    /// What opens it again; nobody can open it without.
    #[schema(min_length = 10, max_length = 128)]
    passphrase: String,
    /// With the keys: whoever opens it can speak as this station.
    #[serde(default)]
    keys: bool,
}

/// A backup of everything the station is, under a passphrase (age)
#[utoipa::path(post, path = "/api/v1/backup", operation_id = "backup", request_body = Backup, responses(
    (status = 200, description = "A tar, packed by gzip, encrypted by age.", body = inline(Bytes), content_type = "application/octet-stream"),
    crate::described::NotOrdered,
))]
pub(crate) async fn backup(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(Backup { passphrase, keys }): Told<Backup>,
) -> Result<Response, Problem> {
    words("passphrase", "Câu mật khẩu", &passphrase, 10, 128)?;
    let packed = asked(&shared, move |m| m.backup(&passphrase, keys)).await?;
    let Json(_) = in_office(&shared, &by, format!("backup made, keys: {keys}")).await?;
    let mut response = slices::answer(&shared, packed, "backup", &HeaderMap::new());
    response.headers_mut().insert(CONTENT_DISPOSITION, named(&shared, "sao-luu", "age"));
    Ok(response)
}
