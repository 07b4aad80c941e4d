//! Simulated devices: a Modbus bus with relays and an exciter, two RDS encoders, a transmitter, LED cards, pins, pages; each
//! can misbehave, and those of the stories write down what happened to them, when, on one clock.
//!
//! They share the drivers' codecs, so they prove sequences and faults; what proves the codecs is foreign
//! (`tests/peers`, `tests/golden`).

pub mod barix;
pub mod bus;
pub mod card;
pub mod datagrams;
pub mod door;
pub mod encoder;
pub mod gpsd;
mod http;
mod lines;
pub mod multidrop;
pub mod page;
pub mod panel;
pub mod pin;
pub mod pira;
mod port;
mod pty;
pub mod replay;
mod timeline;
pub mod tx;
pub mod upsd;
pub mod web_relay;

pub use port::Mood;
pub use timeline::{Event, Timeline};
