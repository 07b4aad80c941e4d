//! Bench.

pub mod broker;
pub mod device;
pub mod hub;
pub mod peer;
pub mod puppet;
pub mod scratch;
pub mod told;
pub mod vcard;
