//! Bench.

pub mod acoustics;
pub mod baresip;
pub mod broker;
pub mod browser;
pub mod demo;
pub mod device;
pub mod eyes;
pub mod hub;
pub mod large;
pub mod load;
pub mod model;
pub mod model_bench;
pub mod peer;
pub mod puppet;
pub mod rtp;
pub mod scratch;
pub mod small;
pub mod stage;
pub mod together;
pub mod told;
pub mod tones;
pub mod vcard;
