//! Keeps a card's programme with the system's clock. A card has a crystal of its own, and two of them differ by up to some
//! hundred parts in a million: within an hour that is half a second between two horns.
//!
//! What is looked at is when each frame leaves the card. Half a second's least is taken as one look, because a thread that
//! was late can only see it later than it is. A line through the looks since the last break is how fast the card runs; how
//! far the programme lags behind the clock is made good in some seconds. As long as it lags by no more than a millisecond
//! nothing is done, and every sample leaves as it is.
//!
//! A card that ran dry has lost time at once, and stretching would give it back in ten seconds or more, in which two horns
//! are heard apart: what was lost then is skipped.

use super::length::SKIPPED_MS;
use std::collections::VecDeque;

/// Length of a look, seconds.
const LOOK: f64 = 0.5;
/// And after a break that was told of: what is lost is to be known soon.
const QUICK: f64 = 0.15;
/// The looks of so many are kept: half a minute.
const LOOKS: usize = 60;
/// With fewer a card's pace is not known.
const ENOUGH: usize = 6;
/// A look that is so far from where it was expected, seconds, comes after a break: the card ran dry.
const BREAK: f64 = 0.0007;
/// A thread may be so late in asking, seconds, without a break.
const LATE: f64 = 0.02;
/// A lag of more than this after a break, seconds, is skipped.
const SKIPPED: f64 = 0.003;
/// Beyond this lag, seconds, sound is stretched …
const TOLERATED: f64 = 0.001;
/// … and beyond this one it is given up: what is so late is its own programme.
const HOPELESS: f64 = 0.1;
/// A lag is made good, but for a third, in so many seconds.
const PATIENCE: f64 = 8.0;
/// The most by which sound is stretched: a thirtieth of a semitone.
const MOST: f64 = 0.002;
/// A card's own clock is never so wrong.
const WRONG: f64 = 0.001;
/// A card that runs no faster or slower than this runs true.
const TRUE: f64 = 5e-6;

/// Where a programme stands against the clock. It outlives the stream that carries it: were it forgotten when a card is opened
/// anew with longer periods, what was lost until then would stay lost, and the sink would lag behind all others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    /// Frames of the programme that were used.
    pub(super) used: u64,
    /// Its offset that is to be kept, seconds of the clock.
    pub(super) kept: f64,
    /// Of how many hertz.
    pub(super) rate: u32,
}

/// What is to be done about a lag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Remedy {
    /// Go on at this pace: frames of the programme for each frame of the card.
    Pace(f64),
    /// Leave out so many frames of the programme at once.
    Skip(usize),
}

/// What is known of a card's pace, and what is done about it.
#[derive(Debug)]
pub(super) struct Discipline {
    rate: f64,
    /// Frames the card was given, and frames of the programme that went into them.
    given: u64,
    used: u64,
    /// When the look under way began, its least offset of the card and of the programme.
    began: Option<f64>,
    least: (f64, f64),
    /// How long it is to last, seconds.
    span: f64,
    /// The card ran dry, or was opened anew, since the lag was last looked at.
    broken: bool,
    /// The first look is over: while a card starts, it says that frames leave which still wait.
    settled: bool,
    /// Time and offset of past looks since the last break, seconds.
    looks: VecDeque<(f64, f64)>,
    /// How much faster than the clock the card runs, of 1.
    fast: f64,
    /// Offset of the programme that is kept.
    kept: Option<f64>,
    /// Looks in a row with too much of a lag.
    lagging: u32,
    engaged: bool,
}

impl Discipline {
    /// For a card of `rate` hertz.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate: f64::from(rate.max(1)),
            given: 0,
            used: 0,
            began: None,
            least: (f64::INFINITY, f64::INFINITY),
            span: LOOK,
            broken: false,
            settled: false,
            looks: VecDeque::with_capacity(LOOKS + 1),
            fast: 0.0,
            kept: None,
            lagging: 0,
            engaged: false,
        }
    }

    /// For a card of `rate` hertz whose programme goes on from another stream, if it does and has the same rate.
    pub(super) fn going_on(rate: u32, from: Option<Standing>) -> Self {
        let new = Self::new(rate);
        match from.filter(|s| s.rate == rate) {
            Some(Standing { used, kept, .. }) => Self { used, kept: Some(kept), span: QUICK, broken: true, ..new },
            None => new,
        }
    }

    /// Frames of the programme that were used, and its offset that is kept; not a number where none is yet.
    pub(super) fn standing(&self) -> (u64, f64) {
        (self.used, self.kept.unwrap_or(f64::NAN))
    }

    /// The card said that it ran dry. What it says next is not to be believed for a moment; then it is looked at soon.
    pub(super) fn broke(&mut self) {
        (self.began, self.least) = (None, (f64::INFINITY, f64::INFINITY));
        (self.span, self.broken, self.settled) = (QUICK, true, false);
        self.looks.clear();
    }

    /// The next frame leaves the card at `due`, seconds of any one clock; nothing sounds (`idle`). Returns what is to be done
    /// about a lag; `None` while all is well or nothing new is known.
    pub(super) fn look(&mut self, due: f64, idle: bool) -> Option<Remedy> {
        let (card, programme) = (due - self.given as f64 / self.rate, due - self.used as f64 / self.rate);
        self.least = (self.least.0.min(card), self.least.1.min(programme));
        let began = *self.began.get_or_insert(due);
        if due - began < self.span {
            return None;
        }
        let (card, programme) = self.least;
        (self.began, self.least) = (None, (f64::INFINITY, f64::INFINITY));
        if !std::mem::replace(&mut self.settled, true) {
            return None;
        }
        let broken = std::mem::take(&mut self.broken);
        // A short look says where the programme is; too little to learn the card's pace from.
        if std::mem::replace(&mut self.span, LOOK) >= LOOK {
            self.learn(due, card);
        }
        let lag = programme - *self.kept.get_or_insert(programme);
        if broken && !idle && (SKIPPED..=f64::from(SKIPPED_MS) / 1e3).contains(&lag) {
            self.lagging = 0;
            return Some(Remedy::Skip((lag * self.rate).round() as usize));
        }
        if idle || lag.abs() > HOPELESS {
            // What begins next begins now, whatever was lost before it.
            self.kept = Some(programme);
            self.lagging = 0;
            self.engaged &= self.fast.abs() > TRUE;
            return self.engaged.then_some(Remedy::Pace(1.0 - self.fast));
        }
        self.lagging = if lag.abs() > TOLERATED { self.lagging + 1 } else { 0 };
        self.engaged |= self.lagging >= 2;
        self.engaged.then(|| Remedy::Pace(1.0 + (lag / PATIENCE - self.fast).clamp(-MOST, MOST)))
    }

    /// When the next frame leaves, by what is known of the card's pace: `due` without the lateness of the thread that asked.
    pub(super) fn smooth(&self, due: f64) -> f64 {
        let Some((_, offset)) = self.looks.back() else { return due };
        let likely = offset + self.given as f64 / self.rate;
        if (-BREAK..LATE).contains(&(due - likely)) { likely } else { due }
    }

    /// So many frames were given to the card, and so many of the programme went into them.
    pub(super) fn pass(&mut self, given: usize, used: usize) {
        self.given += given as u64;
        self.used += used as u64;
    }

    /// Sound is stretched or shortened.
    pub(super) fn is_engaged(&self) -> bool {
        self.engaged
    }

    /// How much faster than the clock the card runs, parts per million.
    pub(super) fn drift_ppm(&self) -> i32 {
        (self.fast * 1e6).round() as i32
    }

    /// Takes a look at the card's pace.
    fn learn(&mut self, at: f64, offset: f64) {
        if let Some((before, last)) = self.looks.back()
            && (offset - (last - self.fast * (at - before))).abs() > BREAK
        {
            // What was seen while it started again is not to be believed.
            self.looks.clear();
            (self.broken, self.span) = (true, QUICK);
            return;
        }
        if self.looks.len() == LOOKS {
            self.looks.pop_front();
        }
        self.looks.push_back((at, offset));
        if self.looks.len() < ENOUGH {
            return;
        }
        let n = self.looks.len() as f64;
        let (t, o) = self.looks.iter().fold((0.0, 0.0), |(t, o), look| (t + look.0 / n, o + look.1 / n));
        let (both, square) = self.looks.iter().fold((0.0, 0.0), |(both, square), look| {
            (both + (look.0 - t) * (look.1 - o), square + (look.0 - t).powi(2))
        });
        if square > 0.0 {
            self.fast = (-both / square).clamp(-WRONG, WRONG);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;
    const PERIOD: usize = 240;

    /// A card runs dry.
    struct Dry {
        /// When, and how much it loses, seconds.
        at: f64,
        lost: f64,
        /// It says so.
        told: bool,
    }

    fn dry(told: bool, at: &[f64]) -> Vec<Dry> {
        at.iter().map(|at| Dry { at: *at, lost: 0.012, told }).collect()
    }

    /// A card that runs `ppm` fast, looked at now and then too late, `seconds` long; idle before `idle_until`. Calls `see`
    /// with the time, the programme's lag against the clock, and whether sound is stretched.
    fn run(ppm: f64, seconds: f64, idle_until: f64, dry: &[Dry], mut see: impl FnMut(f64, f64, bool)) -> Discipline {
        let mut discipline = Discipline::new(48_000);
        let (mut step, mut place) = (1.0_f64, 0.0_f64);
        let (mut frames, mut used) = (0_u64, 0_u64);
        let (mut lost, mut next, mut seed) = (0.0, 0, 7_u32);
        let mut start = None;
        while (frames as f64) < seconds * RATE {
            let real = frames as f64 / (RATE * (1.0 + ppm * 1e-6)) + lost;
            if let Some(dry) = dry.get(next).filter(|dry| real > dry.at) {
                next += 1;
                lost += dry.lost;
                if dry.told {
                    discipline.broke();
                }
                continue;
            }
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // The card's answer is a whole number of frames, and every third look is late.
            let late = if seed.is_multiple_of(3) { f64::from(seed >> 20) * 1e-6 } else { 0.0 };
            let due = 1000.0 + (real * RATE).round() / RATE + late;
            let idle = real < idle_until;
            match discipline.look(due, idle) {
                Some(Remedy::Pace(pace)) => step = pace,
                Some(Remedy::Skip(count)) => {
                    discipline.pass(0, count);
                    used += count as u64;
                }
                None if !discipline.is_engaged() => step = 1.0,
                None => {}
            }
            if !idle {
                let begun = *start.get_or_insert((real, used));
                let lag = (real - begun.0) - (used - begun.1) as f64 / RATE;
                see(real, lag, discipline.is_engaged());
            }
            place += PERIOD as f64 * step;
            let taken = place as usize;
            place -= taken as f64;
            discipline.pass(PERIOD, taken);
            frames += PERIOD as u64;
            used += taken as u64;
        }
        discipline
    }

    #[test]
    fn an_hour_on_a_card_that_is_wrong_by_200_in_a_million_ends_with_the_clock() {
        for ppm in [-200.0, 200.0, 40.0, -7.0] {
            let mut most = 0.0_f64;
            let end = run(ppm, 3_600.0, 1.0, &[], |_, lag, _| most = most.max(lag.abs()));
            assert!(most < 0.0021, "{ppm} ppm: {:.2} ms", most * 1e3);
            assert!((f64::from(end.drift_ppm()) - ppm).abs() <= 1.0, "{ppm} ppm seen as {}", end.drift_ppm());
        }
    }

    #[test]
    fn a_true_card_is_left_alone_for_an_hour() {
        run(0.0, 3_600.0, 1.0, &[], |at, lag, engaged| {
            assert!(!engaged && lag.abs() < 0.001, "at {at:.1} s: {lag}");
        });
    }

    #[test]
    fn what_was_lost_when_a_card_ran_dry_is_skipped_soon() {
        const AT: [f64; 5] = [5.0, 20.0, 60.0, 60.1, 100.0];
        for (told, soon) in [(true, 0.45), (false, 1.4)] {
            for ppm in [30.0, -150.0, 0.0] {
                let mut worst = 0.0_f64;
                let end = run(ppm, 200.0, 1.0, &dry(told, &AT), |at, lag, _| {
                    assert!(lag.abs() < 0.03, "at {at:.1} s: {lag}");
                    if !AT.iter().any(|dry| (0.0..soon).contains(&(at - dry))) {
                        worst = worst.max(lag.abs());
                    }
                });
                assert!(worst < 0.0041, "told: {told}, {ppm} ppm: {worst}");
                assert!((f64::from(end.drift_ppm()) - ppm).abs() <= 3.0, "{}", end.drift_ppm());
            }
        }
    }

    #[test]
    fn a_loss_too_small_to_skip_is_stretched_away_and_one_too_great_is_given_up() {
        let small = [Dry { at: 20.0, lost: 0.0025, told: true }];
        let (mut jump, mut before, mut last) = (0.0_f64, 0.0, 0.0_f64);
        run(0.0, 60.0, 1.0, &small, |at, lag, _| {
            jump = if at > 20.1 { jump.max(before - lag) } else { jump };
            (before, last) = (lag, lag);
        });
        assert!(jump < 0.0001 && last.abs() < 0.001, "{jump} {last}");
        let great = [Dry { at: 20.0, lost: 2.0, told: true }];
        run(0.0, 60.0, 1.0, &great, |_, lag, _| last = lag);
        assert!((last - 2.0).abs() < 0.001, "{last}");
    }

    #[test]
    fn what_was_lost_while_a_card_was_opened_anew_is_made_good() {
        // True for ten seconds, then 40 ms of nothing and another stream, with periods twice as long.
        let (mut used, mut standing, mut seconds) = (0.0, None, 0.0);
        let (mut lag, mut skipped_at) = (0.0, 0.0);
        for (period, until, lost) in [(PERIOD, 10.0, 0.0), (2 * PERIOD, 60.0, 0.04)] {
            seconds += lost;
            let mut discipline = Discipline::going_on(48_000, standing);
            let mut step = 1.0;
            while seconds < until {
                match discipline.look(1000.0 + seconds, false) {
                    Some(Remedy::Pace(pace)) => step = pace,
                    Some(Remedy::Skip(count)) => {
                        discipline.pass(0, count);
                        used += count as f64;
                        skipped_at = seconds;
                    }
                    None => {}
                }
                let taken = (period as f64 * step + used % 1.0).floor();
                discipline.pass(period, taken as usize);
                used += period as f64 * step;
                seconds += period as f64 / RATE;
            }
            let (used_so_far, kept) = discipline.standing();
            standing = Some(Standing { used: used_so_far, kept, rate: 48_000 });
            lag = seconds - used / RATE;
            assert!(until > 10.0 || lag.abs() < 1e-6, "{lag}");
        }
        assert!(lag.abs() < 0.0015 && (10.0..10.5).contains(&skipped_at), "{lag}, skipped at {skipped_at}");
        // Another rate is another programme.
        assert_eq!(Discipline::going_on(44_100, standing).standing().0, 0);
    }

    #[test]
    fn what_begins_after_silence_owes_nothing() {
        let mut first = None;
        run(0.0, 60.0, 40.0, &dry(true, &[5.0, 10.0]), |_, lag, engaged| {
            first.get_or_insert(engaged);
            assert!(!engaged && lag.abs() < 0.001);
        });
        assert_eq!(first, Some(false));
    }
}
