//! The programs that speak, in the order they are preferred, and how each has done.

use super::Pace;
use super::child::{Speaker, Unsaid};
use super::fit::{fitted, longest_ms};
use super::wav::Sound;
use crate::config::SpeechConfig;
use gateway_core::journal::sha256_hex;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use web_ui::{Metric, MetricKind};

/// An engine is brisk when a second of speech costs it no more seconds than this …
const BRISK: f64 = 0.3;
/// … and its first piece came within this.
const PROMPT: Duration = Duration::from_secs(1);
/// Memory of its own that espeak-ng may take, bytes; it takes 8 MiB.
const ESPEAK_MEMORY: u64 = 256 << 20;
/// Where the voice of the station is found when it is missing.
const ESPEAK_REMEDY: &str = "install it (apt install espeak-ng)";
const COMMAND_REMEDY: &str = "correct `command` in [[speech.engine]], or install it";

/// A program that speaks.
pub(super) struct Engine {
    pub(super) name: String,
    /// Digest of all that decides how it sounds.
    pub(super) digest: String,
    /// Its command by language tag, in lower case.
    voices: BTreeMap<String, Vec<String>>,
    memory: u64,
    remedy: &'static str,
    /// It need not prove that it is brisk.
    sure: bool,
    health: Mutex<Health>,
}

/// How it has done since the start.
#[derive(Debug, Default)]
struct Health {
    /// It is left alone until then.
    rests: Option<Instant>,
    /// Failures since it last spoke.
    failures: u32,
    /// Seconds of work for a second of speech, lately; `None` before it first spoke.
    pace: Option<f64>,
    /// How long its first piece took.
    first: Option<Duration>,
    spoken: u64,
    failed: u64,
}

/// How much hurry there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hurry {
    /// Somebody waits, and another engine stands behind this one.
    Much,
    /// Somebody waits for this very engine.
    Some,
    /// Nobody waits.
    None,
}

/// All engines of a configuration, the preferred one first; espeak-ng is the last.
pub(super) fn engines(config: &SpeechConfig) -> Vec<Engine> {
    let commands = config.engines.iter().map(|e| {
        let voices = e.languages.iter().map(|lang| (lang.clone(), e.command.clone())).collect();
        Engine::new(&e.name, voices, u64::from(e.memory_mb) << 20, COMMAND_REMEDY)
    });
    let speed = config.words_per_minute.to_string();
    let espeak = |voice: &String| {
        let arguments = ["-v", voice, "-s", &speed, "-b", "1", "--stdin", "--stdout"];
        std::iter::once(config.command.as_str()).chain(arguments).map(str::to_owned).collect()
    };
    let voices = config.voices.iter().map(|(lang, voice)| (lang.clone(), espeak(voice))).collect();
    let espeak = Engine { sure: true, ..Engine::new("espeak-ng", voices, ESPEAK_MEMORY, ESPEAK_REMEDY) };
    commands.chain([espeak]).collect()
}

/// Which engines speak a language, in the order they are to be tried now. Those that rest are tried when no other is
/// left, and before an urgent text stays unsaid.
pub(super) fn order(engines: &[Engine], lang: &str, urgent: bool, now: Instant) -> Vec<usize> {
    let able = || engines.iter().enumerate().filter(|(_, e)| e.command(lang).is_some());
    let (resting, mut awake): (Vec<_>, Vec<_>) = able().partition(|(_, e)| e.rests_for(now).is_some());
    if urgent {
        awake.sort_by_key(|(_, e)| !e.is_brisk());
    }
    let last = if urgent || awake.is_empty() { resting } else { Vec::new() };
    awake.into_iter().chain(last).map(|(at, _)| at).collect()
}

impl Engine {
    fn new(name: &str, voices: BTreeMap<String, Vec<String>>, memory: u64, remedy: &'static str) -> Self {
        let digest = sha256_hex(format!("{name}\n{voices:?}").as_bytes());
        Self { name: name.to_owned(), digest, voices, memory, remedy, sure: false, health: Mutex::default() }
    }

    fn locked(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The command of a language tag: its own, or that of the language without region; never another language's.
    pub(super) fn command(&self, lang: &str) -> Option<&[String]> {
        let tag = lang.to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        self.voices.get(&tag).or_else(|| self.voices.get(primary)).map(Vec::as_slice)
    }

    /// How long it is still to be left alone.
    pub(super) fn rests_for(&self, now: Instant) -> Option<Duration> {
        self.locked().rests.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// It has shown that it keeps ahead of whoever listens.
    pub(super) fn is_brisk(&self) -> bool {
        let health = self.locked();
        self.sure || health.pace.is_some_and(|p| p <= BRISK) && health.first.is_some_and(|f| f <= PROMPT)
    }

    /// Speaks a piece; what comes is its speech as far as can be told, or why it is not.
    pub(super) fn say(
        &self,
        lang: &str,
        text: &str,
        out: &Path,
        hurry: Hurry,
        pace: Pace,
        halted: impl Fn() -> bool,
    ) -> Result<Sound, Unsaid> {
        let Some(command) = self.command(lang) else {
            return Err(Unsaid::Failed(format!("{} has no voice for {lang}", self.name)));
        };
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let within = match hurry {
            Hurry::Much => pace.urgent + pace.a_letter.saturating_mul(letters) / 4,
            Hurry::Some | Hurry::None => pace.within + pace.a_letter.saturating_mul(letters),
        };
        let (nice, most_ms, begun) = (hurry == Hurry::None, longest_ms(text), Instant::now());
        // The silence around it may be long too.
        let most_ms = most_ms + 5_000;
        let speaker = Speaker { command, remedy: self.remedy, within, most_ms, memory: self.memory, nice };
        let said = speaker.say(text, out, halted).and_then(|sound| fitted(sound, text).map_err(Unsaid::Failed));
        match &said {
            Ok(sound) => self.spoke(sound.ms(), begun.elapsed()),
            Err(Unsaid::Failed(why)) => self.failed(why, pace),
            Err(Unsaid::Halted) => {}
        }
        said
    }

    fn spoke(&self, ms: u64, took: Duration) {
        let mut health = self.locked();
        let pace = took.as_secs_f64() * 1000.0 / (ms.max(1) as f64);
        // Starting it belongs to the first piece; a short piece says little of a long one.
        let weight = (ms as f64 / 10_000.0).clamp(0.1, 0.5);
        health.pace = Some(health.pace.map_or(pace, |before| before + (pace - before) * weight));
        health.first = Some(health.first.map_or(took, |before| if ms < 5_000 { (before + took) / 2 } else { before }));
        (health.spoken, health.failures, health.rests) = (health.spoken + 1, 0, None);
    }

    fn failed(&self, why: &str, pace: Pace) {
        let mut health = self.locked();
        let rest = pace.rest.saturating_mul(1 << health.failures.min(10)).min(pace.most);
        (health.failed, health.failures, health.rests) =
            (health.failed + 1, health.failures + 1, Some(Instant::now() + rest));
        let (engine, rest_s) = (self.name.as_str(), rest.as_secs());
        log::warn!(engine, error = why, rest_s; "a voice failed and is put aside");
    }

    /// What a supervisor may ask of it.
    pub(super) fn metrics(&self, now: Instant) -> Vec<Metric> {
        let rests = f64::from(u8::from(self.rests_for(now).is_some()));
        let health = self.locked();
        let metric =
            |name, help, kind, value| Metric { name, help, kind, labels: vec![("engine", self.name.clone())], value };
        use MetricKind::{Counter, Gauge};
        vec![
            metric("gateway_speech_pieces_total", "Pieces of text a voice has spoken.", Counter, health.spoken as f64),
            metric("gateway_speech_failures_total", "Times a voice failed.", Counter, health.failed as f64),
            metric("gateway_speech_resting", "A voice is put aside after failing.", Gauge, rests),
            metric(
                "gateway_speech_pace",
                "Seconds of work for a second of speech, lately.",
                Gauge,
                health.pace.unwrap_or(0.0),
            ),
        ]
    }
}
