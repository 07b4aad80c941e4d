//! From a microphone to a receiver of RTP: how long a sample takes through the sound line.

use super::ear::{self, Ear, RadioEar};
use super::noise::{self, Noise};
use crate::rtp::free_port;
use crate::vcard::VirtualCards;
use crate::vcard::player::Player;
use anyhow::{Context, ensure};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::Duration;

/// Length of the noise that comes in over and over, seconds.
const LENGTH_S: u32 = 10;
/// From one sample that is looked for to the next, seconds; in step with nothing.
const EACH_S: f64 = 0.517;
/// A sample is looked for so long after it came in.
const AFTER_NS: f64 = 900e6;
/// No sample is ever so late, nanoseconds.
const WORST_NS: f64 = 500e6;

/// The card is tried so often when it loses sound.
const ATTEMPTS: usize = 8;

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Delays {
    /// How long each sample took from the card's converter to the receiver, milliseconds.
    pub ms: Vec<f64>,
    /// Samples that never came.
    pub lost: usize,
    /// Times the microphone's card lost sound; it was started again then.
    pub xruns: usize,
}

/// Looks for so many samples.
///
/// # Errors
/// Something cannot be started, or the card loses sound again and again.
pub fn delays(bench: &str, looks: usize) -> anyhow::Result<Delays> {
    let mut all = Delays::default();
    while all.ms.len() + all.lost < looks {
        ensure!(all.xruns < ATTEMPTS, "the microphone's card loses sound again and again");
        some(bench, looks, &mut all)?;
    }
    Ok(all)
}

/// Looks for samples until there are enough or the card loses sound.
fn some(bench: &str, looks: usize, all: &mut Delays) -> anyhow::Result<()> {
    let cards = VirtualCards::new("microphone", &["desk"])?;
    let noise = Noise::new(11, LENGTH_S);
    cards.speak("desk", [noise.samples(), noise.samples()])?;
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port());
    let mut receiver = RadioEar::start(address)?;
    let out = format!("out={address}");
    let args = ["--bare", "--rtp", &out, "--input", "mic=capture:desk:0"];
    let mut player = Player::start(bench, &cards, &args)?;
    player.report("out", "well")?;
    player.tell("want out 100 1 input:mic 0")?;
    player.about(1, "sounding")?;
    // The card counts its frames from its start.
    let record = cards.record("desk")?;
    let start = record.iter().rfind(|h| h.ev == "start").context("the card did not start")?.mono_ns as f64;
    let first_s = (ear::mono_ns() as f64 - start) / 1e9 + 0.5;
    let mut tried = 0;
    while all.ms.len() + all.lost < looks {
        let frame = ((first_s + f64::from(tried) * EACH_S) * f64::from(noise::RATE)).round();
        tried += 1;
        let came_in = start + frame / f64::from(noise::RATE) * 1e9;
        let wait = came_in + AFTER_NS - ear::mono_ns() as f64;
        thread::sleep(Duration::from_nanos(wait.max(0.0) as u64));
        if cards.record("desk")?.iter().any(|h| h.ev == "xrun") {
            all.xruns += 1;
            break;
        }
        let span = receiver.span(came_in, came_in + WORST_NS)?.context("nothing was received")?;
        match noise::find(&span.samples, &noise.piece(frame as usize)) {
            Some(at) => all.ms.push((span.first_ns + at * span.frame_ns - came_in) / 1e6),
            None => all.lost += 1,
        }
    }
    player.stop()
}
