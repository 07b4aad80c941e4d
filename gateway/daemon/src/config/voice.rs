//! Reads the sections about the text voice.

use super::sheet::Entry;
use super::{EngineConfig, SpeechConfig};
use crate::speech::TEXT;
use std::collections::BTreeMap;

/// Voices of espeak-ng for Vietnamese by the name of the dialect.
const DIALECTS: [(&str, &str); 3] = [("north", "vi"), ("central", "vi-vn-x-central"), ("south", "vi-vn-x-south")];

/// `[speech]`.
pub(super) fn speech(entry: &Entry<'_, '_>) -> Option<SpeechConfig> {
    let (command, speed, dialect) = (entry.text("command"), entry.whole("words_per_minute"), entry.text("dialect"));
    let engines = engines(entry);
    let mut voices = BTreeMap::new();
    let named = if entry.has("voices") { entry.words("voices")? } else { Vec::new() };
    for (lang, voice, line) in named {
        let of = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if of(&lang) != of(&voice) || of(&lang).is_empty() {
            let what = format!("the voice \"{voice}\" does not speak \"{lang}\"");
            let remedy = format!("name a voice of that language, or remove it: texts in \"{lang}\" then stay unspoken");
            entry.sheet.problem(line, &format!("speech.voices.{lang}"), what, remedy);
        }
        voices.insert(lang.to_ascii_lowercase(), voice);
    }
    if voices.contains_key("vi") && entry.has("dialect") {
        entry.bad("dialect", "given, and `voices` names a voice for \"vi\" too", "remove one of the two");
    }
    let dialect = dialect?;
    let spoken = DIALECTS.iter().find(|(name, _)| *name == dialect).map(|(_, voice)| *voice)?;
    voices.entry("vi".to_owned()).or_insert_with(|| spoken.to_owned());
    Some(SpeechConfig { engines: engines?, command: command?, voices, words_per_minute: u16::try_from(speed?).ok()? })
}

/// Each `[[speech.engine]]`; `None` where one of them is wrong.
fn engines(speech: &Entry<'_, '_>) -> Option<Vec<EngineConfig>> {
    if !speech.has("engine") {
        return Some(Vec::new());
    }
    let entries = speech.inlines("engine");
    let mut engines: Vec<EngineConfig> = Vec::new();
    for entry in &entries {
        let (name, command, memory) = (entry.text("name"), entry.texts("command"), entry.whole("memory_mb"));
        let languages = entry.texts("languages").map(|all| all.iter().map(|l| l.to_ascii_lowercase()).collect());
        let (Some(name), Some(command), Some(languages)) = (name, command, languages) else { continue };
        if name == "espeak-ng" || engines.iter().any(|e| e.name == name) {
            entry.bad("name", format!("the name \"{name}\" is taken"), "give each voice its own name");
        }
        if command.first().is_some_and(|program| program.trim().is_empty() || program.contains(TEXT)) {
            entry.bad("command", "it does not begin with a program", "write [\"PROGRAM\", \"ARGUMENT\", …]");
        }
        let memory_mb = memory.and_then(|m| u32::try_from(m).ok())?;
        engines.push(EngineConfig { name, command, languages, memory_mb });
    }
    (engines.len() == entries.len() && !entries.is_empty()).then_some(engines)
}
