//! What the province says of how the station works: code lists, and rulings on its policy; and the way to it.

use super::Site;
use crate::codes::CodeList;
use crate::journal::{Event, RulingCame, Stage};
use crate::ruling::{Met, Ruling, Standing, WAITING};
use crate::time::Now;
use crate::verify::{Refused, Verdict};
use crate::wire::{Envelope, Kind};

/// Code of the incident that tells of another box of the same identity.
const SECOND_BOX: &str = "second_box";

impl Site {
    pub(super) fn link_turned(&mut self, up: bool, now: Now) {
        if up != self.online || self.link_turned.is_none() {
            self.link_turned = Some(now.mono);
        }
        self.online = up;
    }

    /// Another box of the same identity came to the broker, or is there no longer.
    pub(super) fn second_box(&mut self, there: bool, now: Now) {
        if std::mem::replace(&mut self.second_box, there) == there {
            return;
        }
        let about = "hub".to_owned();
        if !there {
            return self.note(Event::Recovered { about }, now);
        }
        let text = "Có một máy khác cùng mã trạm trên máy chủ của tỉnh: hai máy giành nhau đường truyền".to_owned();
        self.note(Event::Incident { code: SECOND_BOX.to_owned(), about, text }, now);
    }

    pub(super) fn take_codes(&mut self, envelope: &Envelope, list: CodeList, now: Now) {
        let known = self.memory.codes.get(&list.list_id).is_some_and(|k| k.version >= list.version);
        if !known {
            self.note(Event::Codes(Box::new(list)), now);
        }
        self.taken(envelope, Kind::Codes, None, known.then_some("duplicate"), true, now);
    }

    /// One that the site lets the province make; an older version of it that still waits makes room.
    pub(super) fn take_ruling(&mut self, envelope: &Envelope, ruling: Ruling, now: Now) {
        let known = self.memory.rulings.get(&ruling.config_id);
        if known.is_some_and(|s| s.ruling.version >= ruling.version) {
            return self.taken(envelope, Kind::Config, None, Some("duplicate"), true, now);
        }
        let older = known.filter(|s| s.waits()).map(|s| s.ruling.version);
        if self.memory.rulings.values().filter(|s| s.waits()).count() >= WAITING {
            let (jti, why) = (Some(envelope.jti.clone()), format!("{WAITING} others wait to be taken over"));
            return self.refuse(Refused { verdict: Verdict::Accepted, jti, why }, Some("busy"), now);
        }
        if let Some(version) = older {
            let config_id = ruling.config_id.clone();
            let code = "superseded".to_owned();
            self.meet_ruling(Met { config_id, version, stage: Stage::Done, code, why: None, no: None }, now);
        }
        let (iss, jti) = (envelope.iss.clone(), envelope.jti.clone());
        self.note(Event::RulingCame(RulingCame { ruling: Box::new(ruling), iss, jti }), now);
        self.taken(envelope, Kind::Config, None, None, false, now);
    }

    /// What became of a ruling, as those say who take it over; what is known already is not noted again.
    pub(super) fn meet_ruling(&mut self, met: Met, now: Now) {
        let standing = self.memory.rulings.get(&met.config_id);
        if standing.is_some_and(|s| s.ruling.version == met.version && s.waits() && s.stage < met.stage) {
            self.note(Event::RulingMet(met), now);
        }
    }

    /// What is to be taken over is told anew where an event has changed it.
    pub(super) fn follow_rulings(&mut self, event: &Event) {
        if let Event::RulingCame(_) | Event::RulingMet(_) = event {
            self.want_rulings();
        }
    }

    pub(super) fn want_rulings(&mut self) {
        let mut waiting: Vec<&Standing> = self.memory.rulings.values().filter(|s| s.waits()).collect();
        waiting.sort_by_key(|s| s.order);
        self.wants.rulings = waiting.into_iter().map(|s| s.ruling.clone()).collect();
    }
}
