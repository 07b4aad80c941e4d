//! Admitting messages of the hub: the verdicts that need memory, and what each kind sets going.

use super::Site;
use super::close::End;
use crate::bulletin::{Bulletin, Priority};
use crate::cap::{self, Alert, MessageType};
use crate::id::{BulletinId, ClusterId};
use crate::journal::{Event, Stage};
use crate::memory::{Origin, SUPERSEDED, message_of, seen_key};
use crate::time::{Now, Wall};
use crate::verify::{Refused, Verdict, Verified};
use crate::wire::{self, Body, Envelope, Kind};

/// `iat` may be this far ahead, seconds (contract §3).
const AHEAD_S: i64 = 120;
/// Identities of refused messages that are remembered so as to answer each once.
const ANSWERED: usize = 256;
/// Answers to refused messages in one minute: an attacker's flood must not fill the disk or the link.
const ANSWERS_A_MINUTE: usize = 30;

impl Site {
    pub(super) fn refuse(&mut self, refused: Refused, code: Option<&str>, now: Now) {
        while self.answered.front().is_some_and(|(_, at)| now.mono.since(*at) > 3_600_000)
            || self.answered.len() > ANSWERED
        {
            self.answered.pop_front();
        }
        let lately = self.answered.iter().filter(|(_, at)| now.mono.since(*at) < 60_000).count();
        let of = refused.jti.clone().unwrap_or_default();
        let known = self.answered.iter().any(|(jti, _)| *jti == of);
        // What was accepted stays accepted: a forgery under its name must not make the hub think otherwise.
        let accepted = self.memory.seen.keys().any(|key| message_of(key) == of);
        let answer = !of.is_empty() && !known && !accepted && lately < ANSWERS_A_MINUTE;
        if lately >= ANSWERS_A_MINUTE && known {
            // Counted by the shell; a flood of the same message is one line in the journal.
            return;
        }
        if lately < ANSWERS_A_MINUTE {
            self.answered.push_back((of, now.mono));
            if lately + 1 == ANSWERS_A_MINUTE {
                let text =
                    format!("{ANSWERS_A_MINUTE} messages refused within a minute, the last as {}", refused.verdict);
                self.note(Event::Incident { code: "refused_messages".into(), about: "hub".into(), text }, now);
            }
        } else {
            return;
        }
        self.note(Event::Refused { refused, answer, code: code.map(str::to_owned) }, now);
    }

    /// The verdicts from `replayed` on.
    fn judge(&self, envelope: &Envelope, kind: Kind, now: Now) -> Result<Body, (Verdict, String)> {
        if self.memory.seen.contains_key(&seen_key(&envelope.iss, &envelope.jti)) {
            return Err((Verdict::Replayed, "taken before".to_owned()));
        }
        let wall = self.wall(now);
        if wall.is_some_and(|w| envelope.iat > w.unix_s().saturating_add(AHEAD_S)) {
            return Err((Verdict::NotYetValid, "made in the future".to_owned()));
        }
        if envelope.exp < wall.unwrap_or(self.memory.floor).unix_s() {
            return Err((Verdict::Expired, "its time is over".to_owned()));
        }
        let body = wire::read_body(kind, &envelope.body).map_err(|why| (Verdict::BadBody, why))?;
        // All of a ruling or nothing: one key that is not the province's to set, and none is set.
        if let Body::Config(ruling) = &body
            && let Some(foreign) = ruling.changes.iter().find(|c| !self.config.may_set.contains(&c.name()))
        {
            return Err((Verdict::NotPermitted, format!("{}: this site does not let the hub set it", foreign.name())));
        }
        Ok(body)
    }

    /// The whole verdict on a message, without acting on it.
    pub fn verdict(&self, message: &Verified<Envelope>, now: Now) -> Verdict {
        self.judge(message.get(), message.kind(), now).map_or_else(|(verdict, _)| verdict, |_| Verdict::Accepted)
    }

    pub(super) fn admit(&mut self, message: &Verified<Envelope>, now: Now) {
        let (envelope, kind) = (message.get(), message.kind());
        let jti = Some(envelope.jti.clone());
        match self.judge(envelope, kind, now) {
            Err((Verdict::Replayed, _)) => self.replayed(envelope, now),
            Err((verdict, why)) => self.refuse(Refused { verdict, jti, why }, None, now),
            Ok(Body::NotImplemented(_)) => {
                let why = format!("{} is verified, and this release cannot act on it", kind.word());
                self.refuse(Refused { verdict: Verdict::Accepted, jti, why }, Some("not_implemented"), now);
            }
            Ok(Body::Bulletin(bulletin)) => self.take_bulletin(envelope, *bulletin, now),
            Ok(Body::Alert(alert)) => self.take_alert(envelope, &alert, now),
            Ok(Body::Recall(recall)) => {
                self.taken(envelope, kind, Some(recall.bulletin_id.clone()), None, false, now);
                self.recall(&recall, Some(envelope.jti.clone()), None, now);
            }
            Ok(Body::Programme(mut programme)) => {
                programme.of_province = true;
                let known = self.memory.programmes.get(&programme.programme_id);
                // Messages may overtake each other; the book holds the latest.
                let older = known.is_some_and(|p| p.of_province && p.version > programme.version);
                if !older {
                    self.book_programme(*programme, None, now);
                }
                self.taken(envelope, kind, None, older.then_some("duplicate"), true, now);
            }
            Ok(Body::Live(call)) => self.take_live(envelope, &call, now),
            Ok(Body::Paper(sheet)) => self.take_paper(envelope, kind, *sheet, now),
            Ok(Body::Answer(answer)) => self.take_answer(envelope, answer, now),
            Ok(Body::Trust(keys)) => {
                self.note(Event::Keys { keys }, now);
                self.taken(envelope, kind, None, None, true, now);
            }
            Ok(Body::Lesson(lesson)) => {
                self.note(Event::Lesson { lesson }, now);
                self.taken(envelope, kind, None, None, true, now);
            }
            Ok(Body::Codes(list)) => self.take_codes(envelope, *list, now),
            Ok(Body::Config(ruling)) => self.take_ruling(envelope, *ruling, now),
            Ok(Body::Reply(reply)) => {
                self.note(Event::Answered { reply }, now);
                self.taken(envelope, kind, None, None, true, now);
            }
            Ok(Body::Time { unix_ms }) => {
                // What is earlier than the floor has been on its way for too long to tell the time.
                let late = Wall(unix_ms) < self.memory.floor;
                if !late {
                    self.told_offset = Some(unix_ms.saturating_sub_unsigned(now.mono.0));
                }
                self.taken(envelope, kind, None, late.then_some("behind_the_floor"), true, now);
            }
        }
    }

    fn replayed(&mut self, envelope: &Envelope, now: Now) {
        let Some(seen) = self.memory.seen.get(&seen_key(&envelope.iss, &envelope.jti)) else { return };
        let bulletin = seen.bulletin.clone();
        let reached = bulletin.as_ref().and_then(|b| self.memory.bulletins.get(b));
        let reached = seen.closed.or(reached.and_then(|s| s.rungs.last().copied()));
        let owed = self.memory.recalls.contains_key(&envelope.jti);
        let owed = owed || self.memory.rulings.values().any(|s| s.jti == envelope.jti && s.waits());
        let owed = owed || self.memory.papers.values().any(|p| p.jti == envelope.jti && p.waits());
        let stage = reached.unwrap_or(if owed { Stage::Accepted } else { Stage::Done });
        self.note(Event::Replayed { jti: envelope.jti.clone(), stage, bulletin }, now);
    }

    pub(super) fn taken(
        &mut self,
        envelope: &Envelope,
        kind: Kind,
        bulletin: Option<BulletinId>,
        code: Option<&str>,
        done: bool,
        now: Now,
    ) {
        let (iss, jti, exp) = (envelope.iss.clone(), envelope.jti.clone(), envelope.exp);
        let code = code.map(str::to_owned);
        // A recall has a ladder of its own: it must not join that of the bulletin it ends.
        let bulletin = bulletin.filter(|_| kind != Kind::Recall);
        self.note(Event::Taken { iss, jti, exp, kind, bulletin, code, done }, now);
    }

    fn take_bulletin(&mut self, envelope: &Envelope, bulletin: Bulletin, now: Now) {
        let id = bulletin.bulletin_id.clone();
        if self.memory.is_recalled(&id) {
            let known = self.memory.bulletins.contains_key(&id).then_some(id);
            return self.taken(envelope, Kind::Bulletin, known, Some("recalled"), true, now);
        }
        let known = self.memory.bulletins.get(&id).is_some_and(|s| s.bulletin.version >= bulletin.version);
        let overtaken = self.is_overtaken(&id);
        if !known {
            self.take_in(bulletin, Origin::Hub, false, now);
        }
        self.taken(envelope, Kind::Bulletin, Some(id.clone()), known.then_some("duplicate"), false, now);
        if overtaken {
            self.finish(&id, End::Cut(SUPERSEDED), now);
        }
    }

    /// What takes the place of a bulletin was here before it: messages may overtake each other.
    fn is_overtaken(&self, id: &BulletinId) -> bool {
        let replaces =
            |by: &BulletinId| self.memory.bulletins.get(by).is_some_and(|s| s.bulletin.supersedes.contains(id));
        !self.memory.bulletins.contains_key(id) && self.shelf.replacing.iter().any(replaces)
    }

    /// Takes a bulletin in, in the place of its older version and of those it supersedes.
    pub(super) fn take_in(&mut self, bulletin: Bulletin, origin: Origin, silent: bool, now: Now) {
        let id = bulletin.bulletin_id.clone();
        self.finish(&id, End::Cut(SUPERSEDED), now);
        for old in bulletin.supersedes.iter().filter(|old| **old != id) {
            self.retire(old, End::Cut(SUPERSEDED), now);
        }
        self.airings.retain(|k, _| k.0.bulletin() != Some(&id));
        let urgent = bulletin.priority == Priority::Emergency && !bulletin.drill && !silent;
        let muted: Vec<&str> = self
            .memory
            .silenced
            .keys()
            .filter(|c| urgent && bulletin.targets.has_cluster(c))
            .map(ClusterId::as_str)
            .collect();
        let muted = muted.join(", ");
        self.note(Event::Admitted { bulletin: Box::new(bulletin), origin, silent }, now);
        self.name_speech(&id);
        if self.spoken.len() > self.memory.bulletins.len() {
            let bulletins = &self.memory.bulletins;
            self.spoken.retain(|id, _| bulletins.contains_key(id));
        }
        if !muted.is_empty() {
            let text = format!("emergency {id} comes while clusters are silenced by an officer");
            self.note(Event::Incident { code: "emergency_muted".into(), about: muted, text }, now);
        }
    }

    fn take_alert(&mut self, envelope: &Envelope, alert: &Alert, now: Now) {
        let id = alert.reference.bulletin_id(alert.status);
        let noted = |what: &str| format!("{what}: {} of {}", alert.reference.identifier, alert.reference.sender);
        let about = match (alert.message_type, alert.status) {
            (MessageType::Ack, _) => Some(noted("CAP Ack")),
            (MessageType::Error, _) => Some(noted("CAP Error")),
            (_, cap::Status::System) => Some(noted("CAP System")),
            (_, cap::Status::Draft) => Some(noted("CAP Draft")),
            (MessageType::Alert | MessageType::Update | MessageType::Cancel, _) => None,
        };
        if let Some(text) = about {
            self.note(Event::Noted { text }, now);
            return self.taken(envelope, Kind::Alert, None, Some("journalled"), true, now);
        }
        if alert.message_type == MessageType::Cancel {
            for reference in &alert.references {
                let old = reference.bulletin_id(alert.status);
                self.call_back(&old, None, None, "CAP Cancel", now);
            }
            self.note(Event::Noted { text: noted("CAP Cancel") }, now);
            return self.taken(envelope, Kind::Alert, None, None, true, now);
        }
        if self.memory.is_recalled(&id) {
            return self.taken(envelope, Kind::Alert, None, Some("recalled"), true, now);
        }
        if self.memory.bulletins.contains_key(&id) {
            return self.taken(envelope, Kind::Alert, Some(id), Some("duplicate"), false, now);
        }
        if !alert.concerns(&self.config.province, &self.config.commune, self.config.place) {
            self.note(Event::Noted { text: noted("CAP alert for another area") }, now);
            return self.taken(envelope, Kind::Alert, None, Some("other_area"), true, now);
        }
        let silent = alert.status == cap::Status::Test;
        let overtaken = self.is_overtaken(&id);
        self.take_in(alert.bulletin(), Origin::Hub, silent, now);
        self.taken(envelope, Kind::Alert, Some(id.clone()), None, false, now);
        if overtaken {
            self.finish(&id, End::Cut(SUPERSEDED), now);
        }
    }

    /// Hushes that were in force when the power went, from the wall clock where there is one, else in full again.
    pub(super) fn recall_the_hushes(&mut self, now: Now) {
        let wall = self.wall(now);
        let left = |until: Option<Wall>, for_ms: u64| match (until, wall) {
            (Some(until), Some(wall)) => u64::try_from(until.0 - wall.0).unwrap_or(0),
            (Some(_) | None, Some(_) | None) => for_ms,
        };
        for (cluster, hush) in &self.memory.silenced {
            self.silenced_until.insert(cluster.clone(), now.mono.plus(left(hush.until, hush.for_ms)));
        }
        for (board, hush) in &self.memory.darkened {
            self.darkened_until.insert(board.clone(), now.mono.plus(left(hush.until, hush.for_ms)));
        }
    }
}
