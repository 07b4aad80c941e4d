//! Levels that move: fades, ducking, changes of volume.

use std::f32::consts::FRAC_PI_2;

/// The way a level takes to its goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    /// A straight line.
    Straight,
    /// A quarter of a sine: two sounds that change places on it keep their common power.
    Power,
}

/// A level that moves to its goal.
#[derive(Debug)]
pub(super) struct Ramp {
    from: f32,
    goal: f32,
    over: u32,
    left: u32,
    curve: Curve,
}

impl Ramp {
    /// Already there.
    pub(super) fn at(level: f32) -> Self {
        Self { from: level, goal: level, over: 1, left: 0, curve: Curve::Straight }
    }

    /// Sets out for `goal`, `over` frames away.
    pub(super) fn go(&mut self, goal: f32, over: u32, curve: Curve) {
        self.from = self.now();
        (self.goal, self.over, self.left, self.curve) = (goal, over.max(1), over.max(1), curve);
    }

    /// As [`Self::go`], but sooner if it was on its way there already and is nearly there.
    pub(super) fn hurry(&mut self, goal: f32, over: u32, curve: Curve) {
        if self.goal != goal || self.left > over {
            self.go(goal, over, curve);
        }
    }

    fn now(&self) -> f32 {
        if self.left == 0 {
            return self.goal;
        }
        let done = (self.over - self.left) as f32 / self.over as f32;
        let part = match self.curve {
            Curve::Straight => done,
            Curve::Power if self.goal > self.from => (done * FRAC_PI_2).sin(),
            Curve::Power => 1.0 - (done * FRAC_PI_2).cos(),
        };
        self.from + (self.goal - self.from) * part
    }

    /// It rests at nothing.
    pub(super) fn is_mute(&self) -> bool {
        self.left == 0 && self.goal == 0.0
    }

    /// It rests there, or is on its way.
    pub(super) fn goes_to(&self, goal: f32) -> bool {
        self.goal == goal
    }

    /// Frames until it rests.
    pub(super) fn left(&self) -> u32 {
        self.left
    }

    /// Multiplies `block` by the level. At rest on 1 the samples stay what they are, bit for bit.
    pub(super) fn apply(&mut self, block: &mut [f32]) {
        let moving = block.len().min(self.left as usize);
        for sample in &mut block[..moving] {
            self.left -= 1;
            *sample *= self.now();
        }
        if self.goal != 1.0 {
            block[moving..].iter_mut().for_each(|s| *s *= self.goal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_arrives_and_rests() {
        for curve in [Curve::Straight, Curve::Power] {
            let mut ramp = Ramp::at(1.0);
            ramp.go(0.0, 100, curve);
            let mut block = [1.0; 200];
            ramp.apply(&mut block);
            assert!(block[..99].windows(2).all(|w| w[1] < w[0]));
            assert!(block[101..].iter().all(|s| *s == 0.0));
            assert!(ramp.is_mute());
        }
    }

    #[test]
    fn two_that_change_places_keep_their_power() {
        let (mut up, mut down) = (Ramp::at(0.0), Ramp::at(1.0));
        up.go(1.0, 1000, Curve::Power);
        down.go(0.0, 1000, Curve::Power);
        let (mut a, mut b) = ([1.0_f32; 1000], [1.0_f32; 1000]);
        up.apply(&mut a);
        down.apply(&mut b);
        assert!(a.iter().zip(&b).all(|(a, b)| (a * a + b * b - 1.0).abs() < 1e-5));
    }

    #[test]
    fn what_is_turned_round_goes_on_from_where_it_was() {
        let mut ramp = Ramp::at(0.0);
        ramp.go(1.0, 100, Curve::Power);
        let mut block = [1.0; 50];
        ramp.apply(&mut block);
        ramp.go(0.0, 100, Curve::Straight);
        let mut after = [1.0; 1];
        ramp.apply(&mut after);
        assert!((after[0] - block[49]).abs() < 0.02);
    }
}
