//! Who may come in: accounts, signing in, sessions, rights, and the certificate of the desk.

pub(crate) mod account;
pub(crate) mod desks;
pub(crate) mod guard;
pub(crate) mod people;
pub(crate) mod session;
pub(crate) mod sittings;
pub(crate) mod trust;
pub mod users;
