//! A real closed loop: what the horn sounds comes back into the microphone that feeds it.

use super::{Horn, RATE};
use fastrand::Rng;
use std::collections::VecDeque;
use std::f32::consts::TAU;

/// A microphone, an amplifier with its limit, a horn, and the air between the horn and the microphone.
pub struct Loop {
    horn: Horn,
    /// Delay in samples and gain of each way the sound takes.
    ways: Vec<(usize, f32)>,
    past: VecDeque<f32>,
    /// Gain round the loop where it is greatest, while the amplifier's is 1.
    greatest: f32,
    amplifier: f32,
}

/// What there is to hear of the loop.
pub struct Heard {
    /// At its microphone.
    pub microphone: Vec<f32>,
    /// What the amplifier gave the horn: never beyond full scale.
    pub left: Vec<f32>,
    /// What the horn made of it.
    pub horn: Vec<f32>,
}

impl Loop {
    /// A place of its own for each seed: the horn is 3 to 12 m away, with eight echoes.
    pub fn new(rng: &mut Rng) -> Self {
        let direct = rng.usize(140..560);
        let mut ways = vec![(direct, 1.0)];
        ways.extend((0..8).map(|_| (direct + rng.usize(20..3_000), 0.3 * (rng.f32() - 0.5))));
        let mut way = Self { horn: Horn::default(), ways, past: VecDeque::new(), greatest: 1.0, amplifier: 0.0 };
        way.greatest = way.greatest_gain();
        way
    }

    /// The gain round the loop where it is greatest, by its impulse.
    fn greatest_gain(&self) -> f32 {
        let mut horn = self.horn.clone();
        let impulse: Vec<f32> = (0..512).map(|i| horn.pass(if i == 0 { 1.0 } else { 0.0 })).collect();
        let part = |x: &mut dyn Iterator<Item = (usize, f32)>, hz: f32| {
            x.fold((0.0, 0.0), |(re, im), (i, gain)| {
                let (sin, cos) = (TAU * hz * i as f32 / RATE as f32).sin_cos();
                (re + gain * cos, im - gain * sin)
            })
        };
        let size = |(re, im): (f32, f32)| re.hypot(im);
        let at = |hz: f32| {
            size(part(&mut impulse.iter().copied().enumerate(), hz)) * size(part(&mut self.ways.iter().copied(), hz))
        };
        (400..7_600).map(|half| at(half as f32 / 2.0)).fold(0.0, f32::max)
    }

    /// Sets the amplifier so that the loop is so many decibels over (or under) the edge of feedback.
    pub fn over_db(&mut self, db: f32) {
        self.amplifier = 10_f32.powf(db / 20.0) / self.greatest;
    }

    /// Lets it go on while this is said and heard at its microphone.
    pub fn go(&mut self, said: &[f32]) -> Heard {
        let mut heard = Heard { microphone: Vec::new(), left: Vec::new(), horn: Vec::new() };
        for own in said {
            let back: f32 = self.ways.iter().map(|(d, g)| g * self.past.get(d - 1).copied().unwrap_or(0.0)).sum();
            let microphone = own + back;
            let left = (self.amplifier * microphone).clamp(-0.9, 0.9);
            let horn = self.horn.pass(left);
            self.past.push_front(horn);
            self.past.truncate(4_000);
            heard.microphone.push(microphone.clamp(-1.0, 1.0));
            heard.left.push(left);
            heard.horn.push(horn);
        }
        heard
    }
}
