//! Pre-emphasis for an FM transmitter that has none of its own: high notes are raised as ITU-R BS.450 has it, so that the
//! receiver, which lowers them again, lowers the noise with them.

use std::f64::consts::TAU;

/// Where the digital curve is laid on the analogue one, hertz, beside 0: near the edge of what FM carries, and half way.
const FITTED: [f64; 2] = [7_000.0, 15_000.0];
/// Of the sample rate: nothing can be fitted beyond.
const HIGHEST: f64 = 0.36;

/// A filter of first order, one channel.
#[derive(Debug)]
pub(super) struct Emphasis {
    b: [f64; 2],
    a: f64,
    /// What came in and what went out last.
    last: (f64, f64),
}

impl Emphasis {
    /// With this time constant, microseconds, for samples of `rate` hertz.
    ///
    /// The gain of `1 + sτ` and of a digital filter of first order are both a quotient of straight lines, in ω² and in
    /// cos ω: three points settle the second one.
    pub(super) fn new(us: u16, rate: u32) -> Self {
        let (tau, rate) = (f64::from(us) * 1e-6, f64::from(rate.max(1)));
        let point = |hz: f64| (1.0 + (TAU * hz * tau).powi(2), (TAU * hz / rate).cos());
        let scale = (HIGHEST * rate / FITTED[1]).min(1.0);
        let [(g1, c1), (g2, c2)] = FITTED.map(|hz| point(hz * scale));
        // n0 + n1·c = g·(1 + d·c) at the three points, the first of which is g = c = 1.
        let row = |g: f64, c: f64| (c - 1.0, 1.0 - g * c, g - 1.0);
        let ((p1, q1, r1), (p2, q2, r2)) = (row(g1, c1), row(g2, c2));
        let det = p1 * q2 - p2 * q1;
        let (n1, d) = ((r1 * q2 - r2 * q1) / det, (p1 * r2 - p2 * r1) / det);
        let n0 = 1.0 + d - n1;
        // |b0 + b1·z|² and |1 + a·z|² split again, both with their zero inside the circle.
        let a = if d.abs() < 1e-9 { d / 2.0 } else { (1.0 - (1.0 - d * d).sqrt()) / d };
        let whole = 1.0 + a * a;
        let (sum, difference) = (((n0 + n1) * whole).max(0.0).sqrt(), ((n0 - n1) * whole).max(0.0).sqrt());
        Self { b: [(sum + difference) / 2.0, (sum - difference) / 2.0], a, last: (0.0, 0.0) }
    }

    /// Nothing of what came in will still be heard.
    pub(super) fn is_empty(&self) -> bool {
        self.last.0 == 0.0 && self.last.1.abs() < 1e-6
    }

    /// Filters a block in place.
    pub(super) fn pass(&mut self, block: &mut [f32]) {
        let (mut came, mut went) = self.last;
        for sample in block {
            let now = f64::from(*sample);
            went = self.b[0] * now + self.b[1] * came - self.a * went;
            came = now;
            *sample = went as f32;
        }
        // What is far below any sample would be worked on for ever, and slowly.
        self.last = (came, if went.abs() < 1e-12 { 0.0 } else { went });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_analogue_curve() {
        for us in [50_u16, 75] {
            for rate in [32_000, 44_100, 48_000, 96_000] {
                for hz in [100.0, 1_000.0, 2_120.0, 5_000.0, 10_000.0, 15_000.0_f64] {
                    if hz > 0.36 * f64::from(rate) {
                        continue;
                    }
                    let n = rate as usize;
                    let mut tone: Vec<f32> =
                        (0..n).map(|i| (0.1 * (TAU * hz * i as f64 / f64::from(rate)).sin()) as f32).collect();
                    let mut filter = Emphasis::new(us, rate);
                    filter.pass(&mut tone);
                    let power = tone[n / 2..].iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / (n / 2) as f64;
                    let seen = 10.0 * (power / 0.005).log10();
                    let wanted = 10.0 * (1.0 + (TAU * hz * f64::from(us) * 1e-6).powi(2)).log10();
                    assert!(
                        (seen - wanted).abs() < 0.1,
                        "{us} µs at {rate} Hz: {hz} Hz by {seen:.2} not {wanted:.2} dB"
                    );
                }
            }
        }
    }

    #[test]
    fn it_dies_away() {
        let mut filter = Emphasis::new(50, 48_000);
        let mut click = [0.0; 4_800];
        click[0] = 1.0;
        filter.pass(&mut click);
        assert!(filter.is_empty());
    }
}
