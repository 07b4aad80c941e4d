//! A whole text spoken piece by piece: an engine that fails in the middle is followed by the next one.

use super::Pace;
use super::child::Unsaid;
use super::engine::{Engine, Hurry, order};
use super::growth::Growth;
use super::text::Piece;
use super::wav::Sound;
use std::path::Path;
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The file is whole.
    Spoken {
        /// Its length, milliseconds.
        ms: u64,
        /// The least preferred engine that has spoken in it.
        by: usize,
    },
    /// Nobody wants it any more.
    Halted,
    /// Not now; why, and what to do.
    Later(String),
}

/// What the pieces that are done say of those that are not.
struct Outlook {
    /// Length of what is done, milliseconds.
    done_ms: f64,
    /// Speech of a letter, milliseconds.
    letter_ms: f64,
    /// Work for a millisecond of speech, milliseconds.
    pace: f64,
}

impl Outlook {
    fn new(done: &[Piece], done_ms: u64, took: Duration) -> Self {
        let done_ms = done_ms.max(1) as f64;
        Self { done_ms, letter_ms: done_ms / letters(done), pace: took.as_secs_f64() * 1000.0 / done_ms }
    }

    /// Likely length of all pieces, milliseconds.
    fn length_ms(&self, all: &[Piece]) -> u64 {
        (self.letter_ms * letters(all)) as u64
    }

    /// The longest silence between two pieces, were what is done played from now on.
    fn longest_gap(&self, rest: &[Piece]) -> Duration {
        let (mut made, mut heard, mut longest) = (0.0, self.done_ms, 0.0_f64);
        for piece in rest {
            let ms = self.letter_ms * letters(std::slice::from_ref(piece));
            made += ms * self.pace;
            longest = longest.max(made - heard);
            heard = heard.max(made) + ms;
        }
        Duration::from_secs_f64(longest / 1000.0)
    }
}

fn letters(pieces: &[Piece]) -> f64 {
    pieces.iter().map(|p| p.text.chars().count()).sum::<usize>().max(1) as f64
}

/// Who speaks, and how.
pub(super) struct Telling<'a> {
    pub(super) engines: &'a [Engine],
    /// Only these are asked.
    pub(super) allowed: &'a [usize],
    pub(super) lang: &'a str,
    /// Somebody waits.
    pub(super) urgent: bool,
    pub(super) pace: Pace,
    /// Where a program may make a file.
    pub(super) out: &'a Path,
}

impl Telling<'_> {
    /// Speaks pieces into `part`. Where somebody waits, `announce` is told the likely length, milliseconds, once so much
    /// is in the file that the rest will keep ahead of whoever listens: with an engine of any speed, its first piece.
    pub(super) fn tell(
        &self,
        pieces: &[Piece],
        part: &Path,
        announce: impl Fn(u64),
        halted: impl Fn() -> bool,
    ) -> Told {
        let unstored = |error| Told::Later(format!("its speech cannot be stored: {error}"));
        let (mut growth, mut current, mut least, mut pause_ms) = (None::<Growth>, None, 0, 0);
        let (begun, mut announced) = (Instant::now(), !self.urgent);
        for (at, piece) in pieces.iter().enumerate() {
            let sound = match self.say(&piece.text, &mut current, &halted) {
                Ok(sound) => sound,
                Err(told) => return told,
            };
            least = least.max(current.unwrap_or(0));
            let grown = match growth.as_mut() {
                Some(growth) => growth.add(pause_ms, sound),
                None => Growth::begin(part, sound).map(|begun| growth = Some(begun)),
            };
            if let Err(error) = grown {
                return unstored(error);
            }
            let (done, rest) = pieces.split_at_checked(at + 1).unwrap_or((pieces, &[]));
            let outlook = Outlook::new(done, growth.as_ref().map_or(0, Growth::ms), begun.elapsed());
            if !announced && !rest.is_empty() && outlook.longest_gap(rest) <= self.pace.gap {
                announced = true;
                announce(outlook.length_ms(pieces));
            }
            pause_ms = piece.pause_ms;
        }
        match growth.map(Growth::finish) {
            Some(Ok(ms)) => Told::Spoken { ms, by: least },
            Some(Err(error)) => unstored(error),
            None => Told::Later("it has no pieces".to_owned()),
        }
    }

    /// Speaks one piece with the engine that spoke the one before, or else with the next that can.
    fn say(&self, text: &str, current: &mut Option<usize>, halted: &impl Fn() -> bool) -> Result<Sound, Told> {
        let mut tries = order(self.engines, self.lang, self.urgent, Instant::now());
        tries.retain(|rank| self.allowed.contains(rank));
        if let Some(at) = current.and_then(|c| tries.iter().position(|t| *t == c)) {
            let again = tries.remove(at);
            tries.insert(0, again);
        }
        let mut why = Vec::new();
        for (at, rank) in tries.iter().enumerate() {
            let Some(engine) = self.engines.get(*rank) else { continue };
            let hurry = match (self.urgent, at + 1 < tries.len()) {
                (true, true) => Hurry::Much,
                (true, false) => Hurry::Some,
                (false, _) => Hurry::None,
            };
            match engine.say(self.lang, text, self.out, hurry, self.pace, halted) {
                Ok(sound) => {
                    *current = Some(*rank);
                    return Ok(sound);
                }
                Err(Unsaid::Halted) => return Err(Told::Halted),
                Err(Unsaid::Failed(how)) => why.push(how),
            }
        }
        Err(Told::Later(why.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(letters: &[usize]) -> Vec<Piece> {
        letters.iter().map(|n| Piece { text: "a".repeat(*n), pause_ms: 0 }).collect()
    }

    #[test]
    fn a_slow_voice_is_announced_when_what_is_done_lasts_until_the_rest() {
        // Ten letters a second; four sentences of two seconds.
        let all = pieces(&[20, 20, 20, 20]);
        let gap = |done: usize, work_s: u64| {
            let ms = 2_000 * done as u64;
            let outlook = Outlook::new(&all[..done], ms, Duration::from_secs(work_s * done as u64));
            assert_eq!(outlook.length_ms(&all), 8_000);
            outlook.longest_gap(&all[done..]).as_millis()
        };
        assert_eq!((gap(1, 0), gap(1, 2)), (0, 0), "as fast as it is heard");
        assert_eq!((gap(1, 3), gap(2, 3), gap(3, 3)), (1_000, 0, 0));
        assert_eq!((gap(1, 6), gap(2, 6), gap(3, 6)), (4_000, 4_000, 0), "twice as long as it has");
        assert_eq!(gap(4, 6), 0);
    }
}
