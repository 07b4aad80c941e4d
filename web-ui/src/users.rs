//! Who may sign in: a file of names, roles and argon2id hashes, written atomically and read by its owner only.

mod attempts;
mod file;
mod password;

use attempts::Attempts;
use file::{Held, User};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use utoipa::ToSchema;

/// File of the users, in the data directory.
pub const USERS_FILE: &str = "users.json";

/// File of the first password, in the data directory; deleted at first sign-in.
pub const FIRST_PASSWORD_FILE: &str = "first-password";

/// Name of the user the first password belongs to.
pub const FIRST_USER: &str = "admin";

/// Attempts that may wait for the one that is being checked.
const WAITING: usize = 8;

/// One kind of thing that may be done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See and listen.
    Look,
    /// Emergencies, stop, mute, blackout, live, decisions.
    Air,
    /// Programmes, drafts, library, lexicon.
    Compose,
    /// Approve a draft, or return it.
    Approve,
    /// Self-tests, rearming, commissioning, settings.
    Devices,
    /// Accounts and sessions.
    People,
}

impl Right {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Air => "air",
            Self::Compose => "compose",
            Self::Approve => "approve",
            Self::Devices => "devices",
            Self::People => "people",
        }
    }
}

/// What a user is; which rights that brings stands in [`Role::rights`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// *Người xem*: sees everything, changes nothing.
    Viewer,
    /// *Biên tập*: runs the desk.
    Officer,
    /// *Lãnh đạo duyệt*: runs the desk, approves and looks after its people.
    Approver,
    /// *Kỹ thuật*: looks after the station and its people; the first user is one.
    Technician,
}

impl Role {
    /// Every role, the one that may least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Officer, Self::Approver, Self::Technician];

    /// What the role may do.
    pub fn rights(self) -> &'static [Right] {
        use Right::{Air, Approve, Compose, Devices, Look, People};
        match self {
            Self::Viewer => &[Look],
            Self::Officer => &[Look, Air, Compose],
            Self::Approver => &[Look, Air, Compose, Approve, People],
            Self::Technician => &[Look, Air, Devices, People],
        }
    }

    /// Whether the role has a right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }

    /// The role of a name on the command line: `viewer`, `officer`, `approver`, `technician`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    /// Its name in the file, the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Technician => "technician",
        }
    }

    /// Its name on the desk.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Viewer => "người xem",
            Self::Officer => "biên tập",
            Self::Approver => "lãnh đạo duyệt",
            Self::Technician => "kỹ thuật",
        }
    }
}

/// Why the users cannot be had or changed.
#[derive(Debug, thiserror::Error)]
pub enum UsersFault {
    /// The file system refused.
    #[error("{doing} {path}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The file is there, but is not a list of users; it is never replaced by an empty one.
    #[error("reading {path}: it is not a list of users")]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The name or password is not one that can be taken: why, for the person at the command line.
    #[error("{0}")]
    Unfit(&'static str),
    /// No random bytes, or argon2 refused its parameters.
    #[error("making a password hash")]
    Hash,
}

/// The users of one station; clones share the same table.
#[derive(Clone)]
pub struct Users {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    /// Names and hashes as last read; a dead disk leaves them standing.
    held: Mutex<Held>,
    attempts: Mutex<Attempts>,
    /// Checked in place of a hash when the name is unknown, so that both take as long.
    decoy: String,
    /// One check at a time: argon2id takes 19 MiB each, and the box has little to spare.
    turn: Semaphore,
    queue: Semaphore,
}

/// What became of an attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    Welcome(Role),
    /// Name or password is wrong; which is not said.
    Wrong,
    /// Too many failed; ask again after.
    Locked(Duration),
    /// Too many ask at once.
    Busy,
}

/// Opens the users kept in `dir`; where there are none, makes the user `admin` with a password of its own and
/// writes it, readable by the owner only, to `first-password` beside them.
///
/// # Errors
/// When the directory cannot be read or written, or holds a user file that is not one.
pub fn open(dir: &Path) -> Result<Users, UsersFault> {
    let mut held = file::read(dir)?;
    if held.users.is_empty() {
        let first = password::random()?;
        file::write(dir, FIRST_PASSWORD_FILE, format!("{first}\n").as_bytes())?;
        let hash = password::hash(&first)?;
        held.users.push(User { name: FIRST_USER.to_owned(), role: Role::Technician, hash, first: true });
        file::write_users(dir, &held)?;
        log::info!(file = FIRST_PASSWORD_FILE; "the first password was written");
    }
    let decoy = password::decoy()?;
    let inner = Inner {
        dir: dir.to_owned(),
        held: Mutex::new(held),
        attempts: Mutex::new(Attempts::new(password::random_key()?)),
        decoy,
        turn: Semaphore::new(1),
        queue: Semaphore::new(WAITING),
    };
    Ok(Users { inner: Arc::new(inner) })
}

/// Adds a user, or gives an existing one a new role and password; a running station knows it at the next sign-in.
/// `name` is 1–64 of `A-Za-z0-9._-`, `password` 10–128 characters.
///
/// # Errors
/// When name or password is unfit, or the file cannot be read or written.
pub fn add_user(dir: &Path, name: &str, role: Role, password: &str) -> Result<(), UsersFault> {
    if !file::is_name(name) {
        return Err(UsersFault::Unfit("a user name is 1 to 64 of A-Z a-z 0-9 . _ -"));
    }
    if !(10..=128).contains(&password.chars().count()) {
        return Err(UsersFault::Unfit("a password has 10 to 128 characters"));
    }
    let mut held = file::read(dir)?;
    held.users.retain(|u| u.name != name);
    let hash = password::hash(password)?;
    held.users.push(User { name: name.to_owned(), role, hash, first: false });
    held.users.sort_by(|a, b| a.name.cmp(&b.name));
    file::write_users(dir, &held)
}

impl Users {
    /// The role of a user who signed in before; `None` once the user is gone.
    pub(crate) fn role(&self, name: &str) -> Option<Role> {
        self.held().users.iter().find(|u| u.name == name).map(|u| u.role)
    }

    /// Checks a name and password, at the same cost whether the name is known or not.
    pub(crate) async fn sign_in(&self, name: String, password: String) -> SignIn {
        let Ok(_place) = self.inner.queue.try_acquire() else { return SignIn::Busy };
        let Ok(_turn) = self.inner.turn.acquire().await else { return SignIn::Busy };
        if let Some(wait) = self.attempts().wait(&name, Instant::now()) {
            return SignIn::Locked(wait);
        }
        let users = self.clone();
        let known = name.clone();
        let checked = tokio::task::spawn_blocking(move || users.check(&known, &password)).await;
        let now = Instant::now();
        match checked {
            Ok(Some(role)) => {
                self.attempts().succeeded(&name);
                SignIn::Welcome(role)
            }
            Ok(None) => {
                self.attempts().failed(&name, now);
                SignIn::Wrong
            }
            Err(_) => SignIn::Busy,
        }
    }

    /// Blocking: reads the file again, since the command line may have changed it, then works the hash.
    fn check(&self, name: &str, password: &str) -> Option<Role> {
        match file::read(&self.inner.dir) {
            Ok(fresh) if !fresh.users.is_empty() => *self.held() = fresh,
            Ok(_) => log::warn!("the file of users is empty; the users known before stand"),
            Err(fault) => {
                log::warn!(error:% = crate::problem::chain(&fault); "the users known before stand");
            }
        }
        let user = self.held().users.iter().find(|u| u.name == name).cloned();
        let right = password::verify(user.as_ref().map_or(&self.inner.decoy, |u| &u.hash), password);
        let user = user.filter(|_| right)?;
        if user.first {
            self.first_password_served(name);
        }
        Some(user.role)
    }

    /// Deletes the first password's file; if the disk refuses, the next sign-in tries again.
    fn first_password_served(&self, name: &str) {
        let mut held = self.held();
        if let Some(user) = held.users.iter_mut().find(|u| u.name == name) {
            user.first = false;
        }
        let done =
            file::remove(&self.inner.dir, FIRST_PASSWORD_FILE).and_then(|()| file::write_users(&self.inner.dir, &held));
        if let Err(fault) = done {
            log::warn!(error:% = crate::problem::chain(&fault); "the first password's file still stands");
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
