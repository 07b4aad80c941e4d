//! What the desk may ask of the voice: to hear how a text is said, and to use other words from now on.

use super::Shared;
use super::child::Unsaid;
use super::engine::{Hurry, order};
use super::text::Script;
use super::wav::Sound;
use super::words::Lexicon;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// The part of the voice that the desk may use.
#[derive(Clone)]
pub(crate) struct Prompter {
    pub(super) shared: Arc<Shared>,
}

/// Why a trial cannot be heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// Another trial is being spoken.
    Busy,
    /// There is nothing that a voice could say.
    Unsayable(String),
    /// No voice could say it now.
    Failed(String),
}

/// A trial that was spoken.
#[derive(Debug)]
pub(crate) struct Heard {
    /// A WAV file.
    pub(crate) wav: Vec<u8>,
    /// Name of the engine that spoke last.
    pub(crate) engine: String,
}

impl Prompter {
    /// Uses these words from now on: every wanted text they change is spoken again, and its old speech is kept until then.
    pub(crate) fn reword(&self, lexicon: Lexicon) {
        *self.shared.lexicon.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(lexicon);
        self.shared.lock().look_again();
        self.shared.changed.notify_all();
    }

    /// Speaks a text at once, with these words or those in use. Blocks for as long as that takes.
    ///
    /// # Errors
    /// When another trial is under way, or the text cannot be said.
    pub(crate) fn hear(&self, lang: &str, text: &str, lexicon: Option<&Lexicon>) -> Result<Heard, Unheard> {
        let shared = &self.shared;
        let Ok(_alone) = shared.trial.try_lock() else { return Err(Unheard::Busy) };
        let used = shared.lexicon();
        let script = Script::new(lang, text, lexicon.unwrap_or(&used)).map_err(Unheard::Unsayable)?;
        if !(0..shared.engines.len()).any(|at| shared.speaks(at, lang)) {
            return Err(Unheard::Unsayable(format!("no voice for {lang}")));
        }
        let (out, mut whole, mut engine) = (shared.making.join("trial.wav"), None::<Sound>, String::new());
        let mut pause_ms = 0;
        for piece in script.pieces(false) {
            let mut why = Vec::new();
            let said = order(&shared.engines, lang, false, Instant::now()).into_iter().find_map(|at| {
                let speaker = shared.engines.get(at)?;
                let said = speaker.say(lang, &piece.text, &out, Hurry::Some, shared.pace, || shared.lock().stopping);
                match said {
                    Ok(sound) => Some((sound, speaker.name.clone())),
                    Err(Unsaid::Failed(how)) => {
                        why.push(how);
                        None
                    }
                    Err(Unsaid::Halted) => None,
                }
            });
            let Some((sound, by)) = said else { return Err(Unheard::Failed(why.join("; "))) };
            engine = by;
            match whole.as_mut() {
                Some(whole) => whole.append(pause_ms, sound),
                None => whole = Some(sound),
            }
            pause_ms = piece.pause_ms;
        }
        Ok(Heard { wav: whole.unwrap_or_default().wav(), engine })
    }
}
