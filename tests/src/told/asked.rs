//! What a story asks: what was heard, what is shown, what was told to the hub.

use super::{Happened, Told};
use gateway_core::bulletin::{Priority, State};
use gateway_core::id::OutputId;
use gateway_core::journal::{Event, Played};
use gateway_core::time::Mono;
use gateway_core::want::{Show, Source};
use serde_json::{Value, json};

impl Told {
    fn word(&self, source: &Source) -> String {
        match source {
            Source::Tone { level, drill: false } => format!("tone {level}"),
            Source::Tone { level, drill: true } => format!("drill tone {level}"),
            Source::Chime => "chime".to_owned(),
            Source::Digits(digits) => format!("digits {}", digits.digits),
            Source::Input(input) => format!("input {input}"),
            Source::Stream(url) => format!("stream {url}"),
            Source::Live(live) => format!("live {live}"),
            Source::Clip(clip) => format!("clip {}", clip.as_str().trim_start_matches('0')),
            Source::Speech(id) => self.texts.get(id.as_str()).cloned().unwrap_or_else(|| "?".to_owned()),
        }
    }

    /// All that a sink has begun to play, in order: `tone 4`, `chime`, `clip a1`, or the words that were spoken.
    pub fn heard(&self, sink: &str) -> Vec<String> {
        self.timeline().filter_map(|(_, act)| self.played(sink, act)).collect()
    }

    /// When a sink first began to play something.
    pub fn heard_at(&self, sink: &str, word: &str) -> Option<Mono> {
        self.timeline().find(|(_, act)| self.played(sink, act).is_some_and(|w| w == word)).map(|(at, _)| *at)
    }

    fn played(&self, sink: &str, act: &Happened) -> Option<String> {
        match act {
            Happened::Plays(id, source) if id.as_str() == sink => Some(self.word(source)),
            Happened::Plays(..) | Happened::Silent(_) | Happened::Turns(..) => None,
        }
    }

    /// Levels that an output other than a sink went through, with the moments.
    pub fn turned(&self, id: &OutputId) -> Vec<(Mono, String)> {
        self.timeline()
            .filter_map(|(at, act)| match act {
                Happened::Turns(of, word) if of == id => Some((*at, word.clone())),
                Happened::Turns(..) | Happened::Plays(..) | Happened::Silent(_) => None,
            })
            .collect()
    }

    fn timeline(&self) -> impl Iterator<Item = &(Mono, Happened)> {
        self.world.timeline.iter().flatten()
    }

    /// What a sink plays now.
    pub fn playing(&self, sink: &str) -> Option<String> {
        self.world.source(sink).map(|source| self.word(source))
    }

    /// Whether a switch is wanted on.
    pub fn is_on(&self, switch: &str) -> bool {
        self.site.wants().switches.get(&switch.into()) == Some(&true)
    }

    /// How loud a sink is wanted, per cent.
    pub fn volume(&self, sink: &str) -> Option<u8> {
        self.site.wants().sinks.get(&sink.into()).map(|w| w.volume)
    }

    /// What a board is wanted to show; `None` = dark.
    pub fn board(&self, board: &str) -> Option<String> {
        match &self.site.wants().boards.get(&board.into())?.show {
            Show::Dark => None,
            Show::Message(message) => Some(message.text.clone()),
        }
    }

    /// Incidents the hub was told of, by code.
    pub fn incidents(&self, code: &str) -> usize {
        self.uplinks.iter().filter(|u| u.kind == "incident" && u.body["code"] == code).count()
    }

    /// Rows of the play log about a bulletin.
    pub fn played_rows(&self, id: &str) -> Vec<Played> {
        self.events
            .iter()
            .filter_map(|e| if let Event::Played(row) = e { Some(row.as_ref().clone()) } else { None })
            .filter(|row| row.bulletin.as_str() == id)
            .collect()
    }

    /// The ack of a rung of a message.
    pub fn ack(&self, jti: &str, stage: &str) -> Option<&Value> {
        self.uplinks.iter().map(|u| &u.body).find(|b| b["of"] == jti && b["stage"] == stage)
    }

    /// Waits, a day at most, until a bulletin is over, and says how.
    pub fn outcome(&mut self, id: &str) -> Option<State> {
        self.run_until(86_400_000, |told| told.state(id).is_some_and(State::is_final));
        self.state(id)
    }

    /// The bulletin that stands for a local emergency or a correction: the newest emergency that begins so.
    pub fn newest(&self, begins: &str) -> Option<String> {
        let all = self.site.memory().bulletins.iter();
        let mine = all.filter(|(id, s)| id.as_str().starts_with(begins) && s.bulletin.priority == Priority::Emergency);
        mine.max_by_key(|(_, s)| s.order).map(|(id, _)| id.to_string())
    }
}

/// A programme body of the province: a chime and bulletins, for everybody.
pub fn programme(id: &str, start: &str, bulletins: &[&str]) -> Value {
    let named = bulletins.iter().map(|b| json!({"type": "bulletin", "bulletin_id": b}));
    let items: Vec<Value> = std::iter::once(json!({"type": "chime"})).chain(named).collect();
    json!({
        "programme_id": id, "version": 1, "title": id, "start": start, "duration_s": 600,
        "targets": {"clusters": ["*"], "boards": ["*"]}, "items": items,
    })
}
