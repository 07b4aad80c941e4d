//! A whole text spoken piece by piece: an engine that fails in the middle is followed by the next one.

use super::Pace;
use super::child::Unsaid;
use super::engine::{Engine, Hurry, order};
use super::growth::Growth;
use super::text::Piece;
use super::wav::Sound;
use std::path::Path;
use std::time::Instant;

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
    /// Speaks pieces into `part`. Where somebody waits, `announce` is told the likely length, milliseconds, once the
    /// first piece is in the file and more will follow.
    pub(super) fn tell(
        &self,
        pieces: &[Piece],
        part: &Path,
        announce: impl Fn(u64),
        halted: impl Fn() -> bool,
    ) -> Told {
        let letters = |pieces: &[Piece]| pieces.iter().map(|p| p.text.chars().count() as u64).sum::<u64>().max(1);
        let unstored = |error| Told::Later(format!("its speech cannot be stored: {error}"));
        let (mut growth, mut current, mut least, mut pause_ms) = (None::<Growth>, None, 0, 0);
        for piece in pieces {
            let sound = match self.say(&piece.text, &mut current, &halted) {
                Ok(sound) => sound,
                Err(told) => return told,
            };
            least = least.max(current.unwrap_or(0));
            let first = growth.is_none();
            let grown = match growth.as_mut() {
                Some(growth) => growth.add(pause_ms, sound),
                None => Growth::begin(part, sound).map(|begun| growth = Some(begun)),
            };
            if let Err(error) = grown {
                return unstored(error);
            }
            if self.urgent && first && pieces.len() > 1 {
                let so_far = growth.as_ref().map_or(0, Growth::ms);
                announce(so_far * letters(pieces) / letters(std::slice::from_ref(piece)));
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
