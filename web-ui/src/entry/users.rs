//! Who may sign in: a file of names, roles and argon2id hashes, written atomically and read by its owner only.

mod attempts;
mod change;
mod file;
mod password;
mod pin;
mod role;
mod second;

pub(crate) use change::{Account, Unmade};
pub(crate) use file::write;
pub(crate) use pin::Taken;
pub use role::{Right, Role};

use attempts::Attempts;
use file::{Held, User};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// File of the users, in the data directory.
pub const USERS_FILE: &str = "users.json";

/// File of the first password, in the data directory; deleted at first sign-in.
pub const FIRST_PASSWORD_FILE: &str = "first-password";

/// Name of the user the first password belongs to.
pub const FIRST_USER: &str = "admin";

/// Attempts that may wait for the one that is being checked.
const WAITING: usize = 8;

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
    /// Secrets of second factors that were shown and not confirmed yet, by login name.
    begun: Mutex<BTreeMap<String, String>>,
}

/// What became of an attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    Welcome(Role),
    /// Name or password is wrong; which is not said.
    Wrong,
    /// The password is right, and a code of the second factor is wanted beside it.
    CodeWanted,
    /// The password is right, the code is not, or was taken before.
    CodeWrong,
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
        held.users.push(User { first: true, must_change: true, ..User::new(FIRST_USER, Role::Technician, hash) });
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
        begun: Mutex::default(),
    };
    Ok(Users { inner: Arc::new(inner) })
}

/// Adds a user, or gives an existing one a new role and password; a running station knows it at the next sign-in.
/// `name` is 1–64 of `A-Za-z0-9._-`, `password` 10–128 characters. A person who is there loses PIN and second factor: this is
/// the way back in for one who has lost the telephone.
///
/// # Errors
/// When name or password is unfit, or the file cannot be read or written.
pub fn add_user(dir: &Path, name: &str, role: Role, password: &str) -> Result<(), UsersFault> {
    if !file::is_name(name) {
        return Err(UsersFault::Unfit("a user name is 1 to 64 of A-Z a-z 0-9 . _ -"));
    }
    if !password::is_long_enough(password) {
        return Err(UsersFault::Unfit("a password has 10 to 128 characters"));
    }
    let mut held = file::read(dir)?;
    let (shown, version) = held.find(name).map_or_else(Default::default, |u| (u.shown.clone(), u.version + 1));
    held.users.retain(|u| u.name != name);
    let hash = password::hash(password)?;
    held.users.push(User { shown, version, ..User::new(name, role, hash) });
    held.users.sort_by(|a, b| a.name.cmp(&b.name));
    file::write_users(dir, &held)
}

/// What stands behind a session at each request.
pub(crate) struct Standing {
    pub(crate) role: Role,
    /// Name shown at the desk; the login name where none was given.
    pub(crate) shown: String,
    /// The password is not his own yet.
    pub(crate) must_change: bool,
}

impl Users {
    /// A user who signed in before; `None` once the user is gone.
    pub(crate) fn standing(&self, name: &str) -> Option<Standing> {
        let held = self.held();
        let user = held.find(name)?;
        Some(Standing { role: user.role, shown: user.shown().to_owned(), must_change: user.must_change })
    }

    /// Checks a name and password, at the same cost whether the name is known or not; then the code, where the user has a
    /// second factor. `unix_s` is the time, where it is known.
    pub(crate) async fn sign_in(
        &self,
        name: String,
        password: String,
        code: Option<String>,
        unix_s: Option<u64>,
    ) -> SignIn {
        let Ok(_place) = self.inner.queue.try_acquire() else { return SignIn::Busy };
        let Ok(_turn) = self.inner.turn.acquire().await else { return SignIn::Busy };
        if let Some(wait) = self.attempts().wait(&name, Instant::now()) {
            return SignIn::Locked(wait);
        }
        let users = self.clone();
        let known = name.clone();
        let checked =
            tokio::task::spawn_blocking(move || users.check(&known, &password, code.as_deref(), unix_s)).await;
        let now = Instant::now();
        match checked {
            Ok(SignIn::Welcome(role)) => {
                self.attempts().succeeded(&name);
                SignIn::Welcome(role)
            }
            Ok(told @ (SignIn::Wrong | SignIn::CodeWrong)) => {
                self.attempts().failed(&name, now);
                told
            }
            Ok(told) => told,
            Err(_) => SignIn::Busy,
        }
    }

    /// Checks the password of one who is signed in already, at the same cost and with the same delays.
    pub(crate) async fn prove(&self, name: &str, password: String) -> SignIn {
        let Ok(_place) = self.inner.queue.try_acquire() else { return SignIn::Busy };
        let Ok(_turn) = self.inner.turn.acquire().await else { return SignIn::Busy };
        if let Some(wait) = self.attempts().wait(name, Instant::now()) {
            return SignIn::Locked(wait);
        }
        let (users, known) = (self.clone(), name.to_owned());
        let checked = tokio::task::spawn_blocking(move || users.right_password(&known, &password)).await;
        match checked {
            Ok(Some(user)) => {
                self.attempts().succeeded(name);
                SignIn::Welcome(user.role)
            }
            Ok(None) => {
                self.attempts().failed(name, Instant::now());
                SignIn::Wrong
            }
            Err(_) => SignIn::Busy,
        }
    }

    /// Blocking: reads the file again, since the command line may have changed it, then works the hash.
    fn right_password(&self, name: &str, password: &str) -> Option<User> {
        self.freshen();
        let user = self.held().find(name).cloned();
        let right = password::verify(user.as_ref().map_or(&self.inner.decoy, |u| &u.hash), password);
        user.filter(|_| right)
    }

    /// Blocking: the whole check, and what it leaves behind.
    fn check(&self, name: &str, password: &str, code: Option<&str>, unix_s: Option<u64>) -> SignIn {
        let Some(user) = self.right_password(name, password) else { return SignIn::Wrong };
        let mut after = user.clone();
        if let Some(second) = &mut after.second {
            let Some(code) = code.map(str::trim).filter(|c| !c.is_empty()) else { return SignIn::CodeWanted };
            if !second.take(code, unix_s) {
                return SignIn::CodeWrong;
            }
        }
        after.pin_wrong = 0;
        after.first = false;
        if user != after {
            self.served(&user, after);
        }
        SignIn::Welcome(user.role)
    }

    /// Keeps what a sign-in changed: a code that is taken, a first password that was used, a PIN that may be tried again. A
    /// disk that refuses keeps nobody out.
    fn served(&self, before: &User, after: User) {
        let mut held = self.held();
        if let Some(user) = held.users.iter_mut().find(|u| u.name == after.name) {
            *user = after;
        }
        let dir = &self.inner.dir;
        let forgotten = if before.first { file::remove(dir, FIRST_PASSWORD_FILE) } else { Ok(()) };
        if let Err(fault) = forgotten.and_then(|()| file::write_users(dir, &held)) {
            log::warn!(error:% = crate::problem::chain(&fault); "what a sign-in changed is not on the disk");
        }
    }

    /// Blocking: takes what is in the file now.
    fn freshen(&self) {
        match file::read(&self.inner.dir) {
            Ok(fresh) if !fresh.users.is_empty() => *self.held() = fresh,
            Ok(_) => log::warn!("the file of users is empty; the users known before stand"),
            Err(fault) => {
                log::warn!(error:% = crate::problem::chain(&fault); "the users known before stand");
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.inner.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
