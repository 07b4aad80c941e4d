//! gateway-core: decides what a commune station says, shows and switches, and does nothing itself.
//!
//! The door is `Site::step` (something happened, at a told time), `Site::wants` (what should be true now),
//! `Site::wake_at` (when to be woken, and why) and `Site::view` (what may be shown). There is no clock, IO, thread or
//! randomness behind it; `README.md` lists the invariants.

pub mod ahead;
pub mod arbiter;
pub mod bulletin;
pub mod cap;
pub mod claim;
pub mod codes;
pub mod config;
pub mod device;
pub mod drill;
pub mod id;
pub mod input;
pub mod journal;
pub mod keying;
pub mod lesson;
pub mod memory;
pub mod outputs;
pub mod paper;
pub mod prepared;
pub mod programme;
pub mod ruling;
pub mod sensors;
pub mod site;
pub mod spoken;
pub mod time;
pub mod trial;
pub mod verify;
pub mod view;
pub mod want;
pub mod wire;
pub mod zone_tones;
