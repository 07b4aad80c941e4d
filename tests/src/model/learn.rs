//! What the twin takes from the journal, and what it does not let pass: each entry must have its cause.

use super::Model;
use super::rules::token;
use super::twin::IDLE_MS;
use gateway_core::bulletin::{Bulletin, Content, Priority, State};
use gateway_core::id::{BulletinId, OutputId};
use gateway_core::journal::{Event, Stage};
use gateway_core::memory::{Origin, Session, SessionItem};
use gateway_core::programme::{Item, StartMode};
use gateway_core::time::Wall;

impl Model {
    /// Takes in what one step noted.
    pub(super) fn learn(&mut self, event: &Event, wall: Option<Wall>) -> Result<(), String> {
        match event {
            Event::Admitted { bulletin, origin, silent } => self.admitted(bulletin, origin, *silent),
            Event::Recalled { id, .. } => {
                if !self.due.recalled.remove(id) && !self.due.stop_all {
                    return Err(format!("{id} was recalled by nobody"));
                }
                self.twin.recalled.insert(id.clone());
                Ok(())
            }
            Event::Rung { id, stage: Stage::Waiting, .. } => {
                self.twin.bulletins.entry(id.clone()).and_modify(|k| k.waiting = true);
                Ok(())
            }
            Event::Rung { id, stage, code, .. } => self.rung(id, *stage, code.as_deref(), wall),
            Event::Turn { id, sink, done, .. } => {
                let place = (id.clone(), sink.clone());
                let said = self.twin.said.remove(&place);
                let Some(known) = self.twin.bulletins.get(id).filter(|k| k.urgent() && !k.ended) else { return Ok(()) };
                self.twin.turned.insert(place.clone(), self.told.now.mono);
                if *done >= known.repeat {
                    self.twin.over.insert(place);
                } else if !said {
                    self.twin.over.insert(place.clone());
                    self.twin.unsayable.insert(place);
                }
                Ok(())
            }
            Event::SessionOpened { session } => self.opened(session, wall),
            Event::SessionMoved { key, sink, item, turn } => {
                if let Some(session) = self.twin.sessions.get_mut(key) {
                    session.at.insert(sink.clone(), (*item, *turn));
                }
                Ok(())
            }
            Event::SessionClosed { key, .. } => {
                self.twin.sessions.remove(key).map(|_| ()).ok_or_else(|| format!("no session {key} to close"))
            }
            Event::Incident { code, about, text } => {
                // A file that begins with silence is told of, and costs the sink nothing.
                let lost = matches!(code.as_str(), "silence_while_due" | "stuck") && !text.starts_with("nothing heard");
                if lost && let Some(sink) = about.strip_prefix("sink/") {
                    self.twin.faulted.insert(OutputId::Sink(sink.into()));
                }
                if code == "no_effect" { self.did_nothing(about) } else { Ok(()) }
            }
            Event::Taken { jti, .. } => {
                if !self.twin.taken.insert(jti.clone()) || self.due.taken.as_ref() != Some(jti) {
                    return Err(format!("{jti} is taken, and was not just delivered"));
                }
                self.due.taken = None;
                Ok(())
            }
            Event::State { id, state, .. } => self.state(id, *state),
            Event::Programme { programme, .. } => {
                // The desk may be refused for more reasons than the twin knows; the province is never.
                if let Some(booked) = self.due.booked.take() {
                    if booked.programme_id != programme.programme_id || booked.items != programme.items {
                        return Err(format!("{booked:?} was ordered, and {programme:?} booked"));
                    }
                    self.twin.programmes.insert(booked.programme_id.to_string(), booked);
                }
                Ok(())
            }
            Event::ProgrammeDropped { programme } => Err(format!("nobody asked to drop {programme}")),
            Event::Alarm { text } => Err(format!("alarm: {text}")),
            Event::Started { .. }
            | Event::Replayed { .. }
            | Event::Refused { .. }
            | Event::Keys { .. }
            | Event::Floor { .. }
            | Event::Noted { .. }
            | Event::Approved { .. }
            | Event::SentBack { .. }
            | Event::ShownOn { .. }
            | Event::Handed { .. }
            | Event::PaperCame { .. }
            | Event::PaperRead { .. }
            | Event::ReportSubmitted { .. }
            | Event::Offered { .. }
            | Event::OfferAnswered { .. }
            | Event::Prepared { .. }
            | Event::PreparedDropped { .. }
            | Event::RecallDone { .. }
            | Event::DayBegan { .. }
            | Event::SessionMissed { .. }
            | Event::DecisionOpened { .. }
            | Event::DecisionTaken { .. }
            | Event::Silenced { .. }
            | Event::Darkened { .. }
            | Event::Tripped { .. }
            | Event::Rearmed { .. }
            | Event::Ordered { .. }
            | Event::OrderRefused { .. }
            | Event::Played(_)
            | Event::Measured { .. }
            | Event::Lesson { .. }
            | Event::Codes(_)
            | Event::RulingCame(_)
            | Event::RulingMet(_)
            | Event::Answered { .. }
            | Event::Sent { .. }
            | Event::SelfTested { .. }
            | Event::BaselineTaken { .. }
            | Event::DrillSkipped { .. }
            | Event::Recovered { .. }
            | Event::Left { .. }
            | Event::Rerouted { .. } => Ok(()),
        }
    }

    /// An output that was told to be on for five seconds, and is not.
    fn did_nothing(&mut self, about: &str) -> Result<(), String> {
        let named = |id: &OutputId| id.to_string() == about;
        let id = self.told.site.output_ids().into_iter().find(named).ok_or_else(|| format!("no output {about}"))?;
        if self.twin.reads.contains(&id) {
            return Err(format!("{about} reads on, and is said to do nothing"));
        }
        self.twin.idle.insert(id, self.told.now.mono.plus(IDLE_MS));
        Ok(())
    }

    fn admitted(&mut self, bulletin: &Bulletin, origin: &Origin, silent: bool) -> Result<(), String> {
        let id = &bulletin.bulletin_id;
        let order = match origin {
            Origin::Hub => {
                let due = self.due.admitted.take().ok_or_else(|| format!("{id} is admitted, and nobody sent it"))?;
                if (&due.0, due.1, due.2) != (id, bulletin.version, bulletin.priority) || due.3 != silent {
                    return Err(format!("{due:?} was sent, and {bulletin:?} admitted"));
                }
                None
            }
            Origin::Desk { .. } if self.due.desk => None,
            // It stands where what it corrects stood.
            Origin::Correction { of, .. } if self.twin.recalled.contains(of) => {
                self.twin.bulletins.get(of).map(|k| k.order)
            }
            Origin::Desk { .. } | Origin::Own { .. } | Origin::Correction { .. } | Origin::Drill { .. } => {
                return Err(format!("nobody asked for {id}"));
            }
        };
        let said = (id.clone(), bulletin.version);
        let texts = bulletin.content.iter().filter_map(|c| match c {
            Content::Text { text, .. } => Some(text.as_str()),
            Content::Audio { .. }
            | Content::Relay { .. }
            | Content::Image { .. }
            | Content::Video { .. }
            | Content::Other => None,
        });
        // What was said before a power cut may come again under another name.
        self.names.texts.extend(texts.filter_map(token).map(|t| (t.to_owned(), said.clone())));
        if let Some(title) = token(&bulletin.title) {
            // A correction's title is that of what it corrects.
            self.names.texts.entry(title.to_owned()).or_insert_with(|| said.clone());
        }
        for media in bulletin.media() {
            self.names.clips.insert(media.sha256.to_string(), said.clone());
        }
        if self.names.texts.contains_key("poison") {
            return Err(format!("what was refused is in {bulletin:?}"));
        }
        if matches!(origin, Origin::Correction { .. }) {
            self.correcting.push((id.clone(), self.told.now.mono));
            self.twin.replaces(bulletin);
        }
        self.twin.takes_in(bulletin, silent, order);
        Ok(())
    }

    /// A closing rung must have its reason.
    fn rung(&mut self, id: &BulletinId, stage: Stage, code: Option<&str>, wall: Option<Wall>) -> Result<(), String> {
        if stage < Stage::Done {
            return Ok(());
        }
        let Some(known) = self.twin.bulletins.get(id).cloned() else { return Err(format!("{id} is not known")) };
        if known.ended {
            return Err(format!("{id} ended twice"));
        }
        let aired = || self.twin.sessions.values().any(|s| s.items.contains(&SessionItem::Bulletin(id.clone())));
        let past = known.until.is_some_and(|until| wall.is_some_and(|w| w > until));
        let right = match (stage, code) {
            (Stage::Recalled, _) => self.twin.recalled.contains(id),
            // A second recall brings better words than the first one's correction.
            (_, Some("superseded")) if id.as_str().starts_with("correction:") => true,
            (_, Some("superseded")) => self.twin.replaced.contains(id) || self.due.newer.as_ref() == Some(id),
            (Stage::Expired, None) | (_, Some("expired")) => past,
            (_, Some("silent_test")) => known.silent,
            (_, Some("cut" | "replaced")) => aired(),
            (Stage::Failed, Some("no_content")) => known.priority != Priority::Emergency || known.silent,
            _ if known.urgent() => self.is_through(id),
            _ => aired(),
        };
        self.twin.bulletins.entry(id.clone()).and_modify(|k| k.ended = true);
        right.then_some(()).ok_or_else(|| format!("{id} ends as {stage:?} ({code:?}) without a reason: {known:?}"))
    }

    /// An emergency has been said on every sink it can reach.
    fn is_through(&self, id: &BulletinId) -> bool {
        let (site, twin) = (self.told.site.config(), &self.twin);
        let targets = twin.bulletins.get(id).map(|k| k.targets.clone()).unwrap_or_default();
        site.clusters.keys().filter(|c| targets.has_cluster(c)).filter_map(|c| twin.sink(site, c)).all(|sink| {
            twin.over.contains(&(id.clone(), sink.clone())) || twin.faulted.contains(&OutputId::Sink(sink.clone()))
        })
    }

    /// Nothing ordinary comes on air but by a programme.
    fn state(&self, id: &BulletinId, state: State) -> Result<(), String> {
        let named = || self.twin.sessions.values().any(|s| s.items.contains(&SessionItem::Bulletin(id.clone())));
        let urgent = self.twin.bulletins.get(id).is_some_and(super::twin::Known::urgent);
        if state == State::OnAir && !urgent && !named() {
            return Err(format!("{id} comes on air by itself"));
        }
        Ok(())
    }

    /// A programme opens at its time, once, with its own items and the priority bulletins that wait for it.
    fn opened(&mut self, session: &Session, wall: Option<Wall>) -> Result<(), String> {
        let wall = wall.ok_or("a programme opens without a clock")?;
        let programme = self.twin.programmes.get(session.programme.as_str()).ok_or("no such programme")?;
        let second = session.start.second_of_day();
        let start = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        let late = wall.0 - session.start.0;
        if start != programme.start || late < 0 || (late > 60_000 && programme.start_mode == StartMode::Hard) {
            return Err(format!("{} opens {late} ms late, and starts at {}", session.key, programme.start));
        }
        if !self.twin.opened.insert(session.key.clone()) {
            return Err(format!("{} opens twice", session.key));
        }
        for item in &session.items {
            let SessionItem::Bulletin(id) = item else { continue };
            let named =
                programme.items.iter().any(|i| matches!(i, Item::Bulletin { bulletin_id, .. } if bulletin_id == id));
            let waiting = self.twin.bulletins.get(id).is_some_and(|k| k.waiting && k.priority == Priority::Priority);
            if !named && !waiting {
                let known = self.twin.bulletins.get(id);
                return Err(format!("{} airs {id}, which it does not name: {known:?}, {programme:?}", session.key));
            }
        }
        let site = self.told.site.config();
        let sinks = |targets: &gateway_core::bulletin::Targets| -> Vec<_> {
            site.clusters.keys().filter(|c| targets.has_cluster(c)).filter_map(|c| self.twin.sink(site, c)).collect()
        };
        let here = sinks(&session.targets);
        for (id, known) in &self.twin.bulletins {
            let due = known.waiting && !known.ended && known.priority == Priority::Priority;
            let elsewhere = self.twin.sessions.values().any(|s| s.items.contains(&SessionItem::Bulletin(id.clone())));
            let begun = known.from.is_none_or(|from| from <= wall);
            let meets = sinks(&known.targets).iter().any(|s| here.contains(s));
            if due && begun && meets && !elsewhere && !session.items.contains(&SessionItem::Bulletin(id.clone())) {
                return Err(format!("{} leaves the priority bulletin {id} out", session.key));
            }
        }
        self.twin.orders += 1;
        let session = Session { order: self.twin.orders, ..session.clone() };
        self.twin.sessions.insert(session.key.clone(), session);
        Ok(())
    }
}
