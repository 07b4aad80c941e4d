//! Simulated devices: a Modbus bus with relays and an exciter, an RDS encoder, an LED card; each can misbehave, and all
//! write down what happened to them, when, on one clock.
//!
//! They share the drivers' codecs, so they prove sequences and faults; what proves the codecs is foreign
//! (`tests/peers`, `tests/golden`).

pub mod bus;
pub mod card;
pub mod encoder;
mod port;
mod pty;
pub mod replay;
mod timeline;

pub use port::Mood;
pub use timeline::{Event, Timeline};
