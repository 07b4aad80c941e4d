//! Simulated devices: a Modbus bus with relays and an exciter, two RDS encoders, a transmitter, an LED card; each can misbehave, and all
//! write down what happened to them, when, on one clock.
//!
//! They share the drivers' codecs, so they prove sequences and faults; what proves the codecs is foreign
//! (`tests/peers`, `tests/golden`).

pub mod bus;
pub mod card;
pub mod encoder;
pub mod pira;
mod port;
mod pty;
pub mod replay;
mod timeline;
pub mod tx;

pub use port::Mood;
pub use timeline::{Event, Timeline};
