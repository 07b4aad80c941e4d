//! Bench.

pub mod broker;
pub mod hub;
pub mod scratch;
pub mod told;
pub mod vcard;
