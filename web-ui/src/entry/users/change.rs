//! Changes of the accounts: each reads the file, changes it and writes it, whole or not at all, one at a time.

use super::file::{self, Held, User};
use super::second::{self, Second};
use super::{Right, Role, Users, UsersFault, password, pin};

/// Accounts at most.
const MOST: usize = 200;

/// An account as those see it who look after them.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) shown: String,
    pub(crate) role: Role,
    pub(crate) must_change: bool,
    pub(crate) pin: bool,
    /// Paper codes left of the second factor; `None` where there is none.
    pub(crate) second: Option<usize>,
    pub(crate) version: u64,
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Unmade {
    /// There is nobody of that name.
    Gone,
    /// Somebody has that name already.
    Taken,
    /// There are as many accounts as there may be.
    Full,
    /// Nobody would be left who looks after the accounts.
    Last,
    /// Somebody else changed it meanwhile.
    Stale,
    /// A name, password or PIN that cannot be taken.
    Unfit,
    /// The code is not the one that is wanted.
    WrongCode,
    /// The disk did not take it, or no random bytes were to be had.
    Fault(UsersFault),
    /// Too many ask at once.
    Busy,
}

impl From<UsersFault> for Unmade {
    fn from(fault: UsersFault) -> Self {
        Self::Fault(fault)
    }
}

impl Held {
    fn named(&mut self, name: &str) -> Result<&mut User, Unmade> {
        self.users.iter_mut().find(|u| u.name == name).ok_or(Unmade::Gone)
    }

    /// Refuses where nobody is left who may make accounts.
    fn looked_after(&self) -> Result<(), Unmade> {
        if self.users.iter().any(|u| u.role.may(Right::People)) { Ok(()) } else { Err(Unmade::Last) }
    }
}

impl From<&User> for Account {
    fn from(user: &User) -> Self {
        Self {
            name: user.name.clone(),
            shown: user.shown().to_owned(),
            role: user.role,
            must_change: user.must_change,
            pin: user.pin.is_some(),
            second: user.second.as_ref().map(Second::left),
            version: user.version,
        }
    }
}

impl Users {
    /// Every account.
    pub(crate) fn accounts(&self) -> Vec<Account> {
        self.held().users.iter().map(Account::from).collect()
    }

    /// One account.
    pub(crate) fn account(&self, name: &str) -> Option<Account> {
        self.held().find(name).map(Account::from)
    }

    async fn change<T: Send + 'static>(
        &self,
        how: impl FnOnce(&mut Held) -> Result<T, Unmade> + Send + 'static,
    ) -> Result<T, Unmade> {
        let Ok(_place) = self.inner.queue.try_acquire() else { return Err(Unmade::Busy) };
        let Ok(_turn) = self.inner.turn.acquire().await else { return Err(Unmade::Busy) };
        let users = self.clone();
        let work = move || {
            users.freshen();
            let mut held = users.held().clone();
            let told = how(&mut held)?;
            held.users.sort_by(|a, b| a.name.cmp(&b.name));
            file::write_users(&users.inner.dir, &held)?;
            *users.held() = held;
            Ok(told)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(Unmade::Busy))
    }

    /// Adds a person; the password that the station made, to be changed at the first sign-in.
    pub(crate) async fn add(&self, name: String, shown: String, role: Role) -> Result<String, Unmade> {
        self.change(move |held| {
            if !file::is_name(&name) {
                return Err(Unmade::Unfit);
            }
            if held.users.iter().any(|u| u.name.eq_ignore_ascii_case(&name)) {
                return Err(Unmade::Taken);
            }
            if held.users.len() >= MOST {
                return Err(Unmade::Full);
            }
            let word = password::once()?;
            let hash = password::hash(&word)?;
            held.users.push(User { shown, must_change: true, ..User::new(&name, role, hash) });
            Ok(word)
        })
        .await
    }

    /// Gives a person another role or name shown.
    pub(crate) async fn amend(&self, name: String, shown: String, role: Role, version: u64) -> Result<(), Unmade> {
        self.change(move |held| {
            let user = held.named(&name)?;
            if user.version != version {
                return Err(Unmade::Stale);
            }
            user.role = role;
            user.shown = shown;
            user.version += 1;
            held.looked_after()
        })
        .await
    }

    /// Removes a person.
    pub(crate) async fn remove(&self, name: String) -> Result<(), Unmade> {
        self.change(move |held| {
            held.named(&name)?;
            held.users.retain(|u| u.name != name);
            held.looked_after()
        })
        .await
    }

    /// Gives a person a password that the station makes, and takes away the PIN.
    pub(crate) async fn renew(&self, name: String) -> Result<String, Unmade> {
        self.change(move |held| {
            let user = held.named(&name)?;
            let word = password::once()?;
            user.hash = password::hash(&word)?;
            user.must_change = true;
            (user.pin, user.pin_wrong) = (None, 0);
            user.version += 1;
            Ok(word)
        })
        .await
    }

    /// A person's own password, after the old one was proved.
    pub(crate) async fn own_password(&self, name: String, fresh: String) -> Result<(), Unmade> {
        self.change(move |held| {
            let user = held.named(&name)?;
            // One's own password is not the one somebody else made.
            if !password::is_long_enough(&fresh) || password::verify(&user.hash, &fresh) {
                return Err(Unmade::Unfit);
            }
            user.hash = password::hash(&fresh)?;
            user.must_change = false;
            user.first = false;
            Ok(())
        })
        .await
    }

    /// A person's own PIN; an empty one takes it away.
    pub(crate) async fn own_pin(&self, name: String, fresh: String) -> Result<(), Unmade> {
        self.change(move |held| {
            let user = held.named(&name)?;
            if !fresh.is_empty() && !pin::is_fit(&fresh) {
                return Err(Unmade::Unfit);
            }
            user.pin = if fresh.is_empty() { None } else { Some(password::hash(&fresh)?) };
            user.pin_wrong = 0;
            Ok(())
        })
        .await
    }

    /// Begins a second factor: its secret in base 32 and the URI of it. Nothing is asked for before it is confirmed.
    pub(crate) fn begin_second(&self, name: &str) -> Result<(String, String), Unmade> {
        let secret = second::secret()?;
        let uri = second::uri(&secret, name);
        // There are no more of these than accounts: the name is one that is signed in.
        self.begun().insert(name.to_owned(), secret.clone());
        Ok((secret, uri))
    }

    /// Confirms the second factor that was begun, by a first code; the paper codes.
    pub(crate) async fn confirm_second(&self, name: String, code: String, unix_s: u64) -> Result<Vec<String>, Unmade> {
        let Some(secret) = self.begun().get(&name).cloned() else { return Err(Unmade::WrongCode) };
        let made = Second::confirmed(&secret, &code, unix_s)?;
        let Some((second, paper)) = made else { return Err(Unmade::WrongCode) };
        let whose = name.clone();
        self.change(move |held| {
            held.named(&whose)?.second = Some(second);
            Ok(())
        })
        .await?;
        self.begun().remove(&name);
        Ok(paper)
    }

    /// Takes the second factor away.
    pub(crate) async fn end_second(&self, name: String) -> Result<(), Unmade> {
        self.change(move |held| {
            let user = held.named(&name)?;
            user.second = None;
            user.version += 1;
            Ok(())
        })
        .await
    }
}
