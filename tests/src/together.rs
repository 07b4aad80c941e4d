//! One programme on two cards and two network sinks: how far apart the same moment of it sounds, for as long as one likes.
//!
//! The programme is one clip over and over, joined by `next`; the clip is noise, so that a fiftieth of a second of it is
//! like nothing else in it. Once a second such a piece is looked for in what each of the four gave, and when its first
//! sample left the card's converter, or came to the receiver, is noted against the clock of the system.

mod ear;
mod figures;
pub mod microphone;
mod noise;

pub use figures::{Look, Outcome};

use crate::rtp::free_port;
use crate::vcard::VirtualCards;
use crate::vcard::player::Player;
use anyhow::{Context, ensure};
use ear::{CardEar, Ear, RadioEar};
use figures::SINKS;
use noise::Noise;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

/// The two cards, and how much faster than the system's clock they run, parts per million.
const CARDS: [(&str, i32); 2] = [("fast", 200), ("slow", -200)];
/// The group that one of the network sinks sends to.
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 77, 1);
/// A moment is looked at so long after it was to sound.
const AFTER: Duration = Duration::from_millis(800);
/// From the first moment that is looked at to the beginning of the programme, and from each to the next, seconds.
const FIRST_S: f64 = 2.0;
/// Longest wait for the first sound.
const PATIENCE: Duration = Duration::from_secs(30);
/// What was measured is told so often.
const TELL_S: u64 = 60;

/// What is to be played.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// How long, seconds.
    pub seconds: u32,
    /// Length of the clip, seconds.
    pub item_s: u32,
    /// Which noise.
    pub seed: u64,
    /// Each minute's figures are said on standard error.
    pub tell: bool,
}

/// The programme under way.
struct Course {
    player: Player,
    ears: Vec<Box<dyn Ear>>,
    noise: Noise,
    /// When it was told, CLOCK_MONOTONIC, nanoseconds.
    told_ns: u64,
    /// By how much each sink was found behind the telling last, nanoseconds.
    behind: [Option<f64>; SINKS.len()],
    outcome: Outcome,
}

/// Plays and measures; `save` is called now and then with what there is so far.
///
/// # Errors
/// Something cannot be started, or a sink falls silent for good.
pub fn run(bench: &str, told: &Told, mut save: impl FnMut(&Outcome) -> anyhow::Result<()>) -> anyhow::Result<Outcome> {
    let spelt = CARDS.map(|(name, ppm)| format!("{name}~{ppm}"));
    let cards = VirtualCards::new("together", &spelt.each_ref().map(String::as_str))?;
    let noise = Noise::new(told.seed, told.item_s);
    noise.write(&cards.join("programme.wav"))?;
    let group = SocketAddrV4::new(GROUP, free_port());
    let alone = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port());
    let ears: Vec<Box<dyn Ear>> = vec![
        Box::new(CardEar::new(&cards, CARDS[0].0, CARDS[0].1)),
        Box::new(CardEar::new(&cards, CARDS[1].0, CARDS[1].1)),
        Box::new(RadioEar::start(group)?),
        Box::new(RadioEar::start(alone)?),
    ];
    let clips = cards.join("").display().to_string();
    let [fast, slow] = CARDS.map(|(name, _)| format!("{name}:{name}=0"));
    let (group, alone) = (format!("group={group}"), format!("alone={alone}"));
    let args = ["--bare", "--clips", &clips, "--card", &fast, "--card", &slow, "--rtp", &group, "--rtp", &alone];
    let mut player = Player::start(bench, &cards, &args)?;
    for sink in SINKS {
        // They come up in any order.
        if !player.said.iter().any(|v| v["sink"] == sink && v["report"] == "well") {
            player.report(sink, "well")?;
        }
    }
    player.tell(&format!("want {} 100 1 clip:programme.wav 0 next 2 clip:programme.wav 0", SINKS.join(",")))?;
    let applied = player.wait("its taking", |v| !v["applied"].is_null())?;
    ensure!(applied["known"] == true, "a sink is not known");
    let took = applied["took_ns"].as_u64().unwrap_or_default();
    let told_ns = applied["mono_ns"].as_u64().context("when it was told")? - took;
    let behind = [None; SINKS.len()];
    let mut course = Course { player, ears, noise, told_ns, behind, outcome: Outcome::default() };
    course.go(told, &mut save)?;
    course.player.stop()?;
    Ok(course.outcome)
}

impl Course {
    fn go(&mut self, told: &Told, save: &mut impl FnMut(&Outcome) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for n in 0..u64::from(told.seconds) {
            let at_s = FIRST_S + n as f64;
            self.until(at_s)?;
            self.look(at_s)?;
            ensure!(n < PATIENCE.as_secs() || self.behind.iter().all(Option::is_some), "a sink was never heard");
            if n > 0 && n.is_multiple_of(TELL_S) {
                self.finish()?;
                save(&self.outcome)?;
                if told.tell {
                    log::info!("after {n} s: {}", self.outcome.to_json());
                }
            }
        }
        self.finish()?;
        save(&self.outcome)
    }

    /// Names to each sink what follows, as the programme goes on, until a moment of it is over everywhere.
    fn until(&mut self, at_s: f64) -> anyhow::Result<()> {
        let over = self.told_ns + (at_s * 1e9) as u64 + AFTER.as_nanos() as u64;
        let end = Instant::now() + Duration::from_nanos(over.saturating_sub(ear::mono_ns()));
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let Some(said) = self.player.hear(left) else { continue };
            if said["report"] == "sounding" {
                self.follow(&said)?;
            } else if said["report"] == "fault" || said["report"] == "ended" && !said["broken"].is_null() {
                self.outcome.trouble.push(said.to_string());
            }
        }
    }

    fn follow(&mut self, said: &Value) -> anyhow::Result<()> {
        let (sink, play) = (said["sink"].as_str().unwrap_or_default(), said["play"].as_u64().context("a play")?);
        let next = play + 1;
        self.player.tell(&format!("want {sink} 100 {play} clip:programme.wav 0 next {next} clip:programme.wav 0"))
    }

    /// Looks when one moment of the programme sounded where.
    fn look(&mut self, at_s: f64) -> anyhow::Result<()> {
        let wanted = self.noise.piece((at_s * f64::from(noise::RATE)) as usize);
        let mut behind_ms = [None; SINKS.len()];
        for (n, ear) in self.ears.iter_mut().enumerate() {
            let meant = self.told_ns as f64 + at_s * 1e9;
            // At first it may be anywhere; then it is near where it was.
            let (from, reach) = self.behind[n].map_or((150e6, 300e6), |behind| (behind, 40e6));
            let Some(span) = ear.span(meant + from - reach, meant + from + reach + noise::PIECE_NS)? else { continue };
            if let Some(at) = noise::find(&span.samples, &wanted) {
                let behind = span.first_ns + at * span.frame_ns - meant;
                self.behind[n] = Some(behind);
                behind_ms[n] = Some(behind / 1e6);
            }
        }
        self.outcome.looks.push(Look { at_s, behind_ms });
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        for (n, ear) in self.ears.iter().enumerate() {
            self.outcome.breaks[n] = ear.breaks()?;
            self.outcome.late_ms[n] = ear.late_ms();
        }
        Ok(())
    }
}
