//! Sources that are live: inputs that are relayed, voices that speak now.

use super::Site;
use super::air::Playing;
use super::close::End;
use super::content::Resolved;
use crate::bulletin::{Bulletin, Issuer, Live, LiveFrom, Priority, Targets};
use crate::id::{BulletinId, InputId, LiveId};
use crate::journal::Event;
use crate::memory::Origin;
use crate::time::Now;
use crate::want::Source;
use crate::wire::{Envelope, Kind, LiveAction, LiveCall};

/// An input that failed is not tried again for this long, milliseconds.
const DEAD_MS: u64 = 60_000;
/// A live source of which nothing was heard by then has nothing, milliseconds.
const PATIENCE_MS: u64 = 8_000;
/// A live transmission that names no length is cut off after this, seconds.
const MAX_S: u32 = 1800;
/// Why a live transmission that the power cut ended is over.
const POWER: &str = "power";

/// What a live transmission is kept as.
pub(super) fn bulletin_of(live: Live, title: &str, level: &str, targets: Targets) -> Bulletin {
    Bulletin {
        bulletin_id: id_of(&live.id),
        version: 1,
        priority: Priority::Ordinary,
        title: title.to_owned(),
        field: String::new(),
        issuer: Issuer { level: level.to_owned(), name: String::new() },
        content: Vec::new(),
        // A voice is heard: boards have nothing to show of it.
        targets: Targets { boards: Vec::new(), ..targets },
        valid_from: None,
        valid_until: None,
        repeat: 1,
        gap_s: 0,
        hazard: None,
        supersedes: Vec::new(),
        drill: false,
        live: Some(live),
    }
}

/// The bulletin that a live transmission is kept as.
pub(super) fn id_of(live: &LiveId) -> BulletinId {
    BulletinId::from(format!("live:{live}"))
}

impl Site {
    /// The site has an input, it has not failed lately, and its tuner hears no other station.
    pub(super) fn knows_well(&self, input: &InputId) -> bool {
        self.config.inputs.contains_key(input) && !self.dead_inputs.contains_key(input) && !self.is_mistuned(input)
    }

    /// The same; an input that the site does not have is a matter for the journal.
    pub(super) fn has_input(&mut self, input: &InputId, now: Now) -> bool {
        if !self.config.inputs.contains_key(input) {
            let text = format!("relay of {input} left out: the site has no such input");
            self.note(Event::Incident { code: "no_such_input".into(), about: format!("input/{input}"), text }, now);
        }
        self.knows_well(input)
    }

    /// An input gives nothing (any more).
    pub(super) fn lose_input(&mut self, input: &InputId, why: &str, now: Now) {
        if self.dead_inputs.insert(input.clone(), now.mono.plus(DEAD_MS)).is_none() {
            let (code, about) = ("input_lost".to_owned(), format!("input/{input}"));
            self.note(Event::Incident { code, about, text: why.to_owned() }, now);
        }
    }

    /// Inputs and outputs whose failure is long enough ago to try them again.
    pub(super) fn forgive(&mut self, now: Now) {
        self.dead_inputs.retain(|_, until| *until > now.mono);
        if let Some(at) = self.outputs.rested(now.mono) {
            self.wake(at, "what did nothing is tried again");
        }
        self.watch_tuners(now);
    }

    /// Where the sound of a live transmission comes from.
    pub(super) fn live_rendition(&self, live: &Live) -> Resolved {
        let source = match &live.from {
            LiveFrom::Input(input) if self.may_be_known(input) => return Resolved::NotYet,
            LiveFrom::Input(input) if !self.knows_well(input) => return Resolved::Never,
            LiveFrom::Input(input) => Source::Input(input.clone()),
            LiveFrom::Url(url) => Source::Stream(url.clone()),
            LiveFrom::Desk => Source::Live(live.id.clone()),
        };
        Resolved::Ready(source, live.max_ms)
    }

    /// A live source ends at its time and not by itself: how much of it sounded then, milliseconds.
    pub(super) fn live_is_over(&mut self, playing: &Playing, now: Now) -> Option<u64> {
        let total = playing.duration_ms.filter(|_| playing.source.is_live())?;
        let end = playing.sounding.unwrap_or(playing.asked).plus(total.saturating_sub(playing.from_ms));
        if now.mono < end {
            self.wake(end, "a live source is cut off");
            return None;
        }
        Some(playing.sounding.map_or(0, |since| now.mono.since(since)))
    }

    /// A live source of which nothing has come.
    pub(super) fn never_came(&mut self, playing: &Playing, now: Now) -> bool {
        if !playing.source.is_live() || playing.sounding.is_some() {
            return false;
        }
        let due = playing.asked.plus(PATIENCE_MS);
        if now.mono < due {
            self.wake(due, "a live source should sound");
        }
        now.mono >= due
    }

    /// A `live` message of the hub.
    pub(super) fn take_live(&mut self, envelope: &Envelope, call: &LiveCall, now: Now) {
        let id = id_of(&call.live_id);
        let from = match call.action {
            LiveAction::Start => call.from().ok(),
            LiveAction::Stop => None,
        };
        let Some(from) = from else {
            let open = self.end_live(&id, now);
            return self.taken(envelope, Kind::Live, None, (!open).then_some("not_live"), true, now);
        };
        let max_ms = u64::from(call.max_s.unwrap_or(MAX_S)) * 1000;
        let live = Live { id: call.live_id.clone(), from, max_ms, chime: true, speaker: None };
        let title = if call.title.is_empty() { "Phát trực tiếp" } else { &call.title };
        let begun = self.begin_live(bulletin_of(live, title, "province", call.targets.clone()), Origin::Hub, now);
        self.taken(envelope, Kind::Live, Some(id), (!begun).then_some("duplicate"), false, now);
    }

    /// An officer speaks, or relays an input, at once.
    #[expect(clippy::too_many_arguments, reason = "they are the fields of one act")]
    pub(super) fn order_live(
        &mut self,
        by: &str,
        live: LiveId,
        input: Option<InputId>,
        targets: Targets,
        max_s: u32,
        chime: Option<bool>,
        now: Now,
    ) -> Result<String, String> {
        if !self.config.clusters.keys().any(|c| targets.has_cluster(c)) {
            return Err("Chưa chọn nơi phát".to_owned());
        }
        if let Some(input) = input.as_ref().filter(|i| !self.config.inputs.contains_key(*i)) {
            return Err(format!("Không có nguồn tiếp âm {input}"));
        }
        let title = if input.is_some() { "Tiếp âm trực tiếp" } else { "Nói trực tiếp" };
        let from = input.map_or(LiveFrom::Desk, LiveFrom::Input);
        let speaker = (from == LiveFrom::Desk).then(|| by.to_owned());
        let chime = chime.unwrap_or(self.config.policy.live_chime);
        let live = Live { id: live, from, max_ms: u64::from(max_s) * 1000, chime, speaker };
        let bulletin = bulletin_of(live, title, "commune", targets);
        let id = bulletin.bulletin_id.clone();
        if !self.begin_live(bulletin, Origin::Desk { by: by.to_owned() }, now) {
            return Err("Lượt phát này đã có".to_owned());
        }
        Ok(format!("live {id}"))
    }

    /// Takes in a live transmission. `false`: it was known before.
    pub(super) fn begin_live(&mut self, bulletin: Bulletin, origin: Origin, now: Now) -> bool {
        let known = self.memory.bulletins.contains_key(&bulletin.bulletin_id);
        if !known {
            self.take_in(bulletin, origin, false, now);
        }
        !known
    }

    /// Ends a live transmission: it said what it had to say.
    pub(super) fn end_live(&mut self, id: &BulletinId, now: Now) -> bool {
        let open = self.memory.bulletins.get(id).is_some_and(|s| s.bulletin.live.is_some() && !s.state.is_final());
        if open {
            self.finish(id, End::Natural, now);
        }
        open
    }

    /// Nobody speaks any more into what was live when the power went.
    pub(super) fn end_lives_of_before(&mut self, now: Now) {
        for id in self.shelf.live.clone() {
            if !self.say_in_its_place(&id, POWER, now) {
                self.finish(&id, End::Cut(POWER), now);
            }
        }
    }
}
