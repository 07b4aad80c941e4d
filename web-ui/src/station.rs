//! The station itself: its configuration, machine, lines, trials and posters.

pub(crate) mod codes;
pub(crate) mod commissioning;
pub(crate) mod configuration;
pub mod faults;
pub(crate) mod lines;
pub(crate) mod machine;
pub(crate) mod network;
pub(crate) mod posters;
pub(crate) mod restore;
pub mod selftest;
