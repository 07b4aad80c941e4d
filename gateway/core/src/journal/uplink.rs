//! What the hub is told of an event.

use super::{Event, ReportSubmitted, Stage, clock_word};
use crate::bulletin::{Approval, Content, Priority, State};
use crate::id::BulletinId;
use crate::memory::{Memory, Origin, Standing, closing_of, message_of};
use crate::paper::{Paper, Sheet};
use crate::programme::Programme;
use crate::time::Wall;
use crate::verify::Verdict;
use serde_json::{Value, json};

/// A message for the hub; it leaves after the commit that holds its entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Uplink {
    /// 0 first: emergencies' acks, incidents, acks, feedback, play log, the rest.
    pub lane: u8,
    /// The kind of contract §6.
    pub kind: &'static str,
    /// Its body.
    pub body: Value,
}

/// Longest reason in an `ack`, characters.
const WHY: usize = 500;

/// What the hub is told of an event. `memory` already holds it.
pub(crate) fn uplinks(event: &Event, memory: &Memory, at: Wall, trusted: bool) -> Vec<Uplink> {
    let (moment, at, clock) = (at, at.rfc3339(), clock_word(trusted));
    let ack = |lane: u8, of: &str, id: Option<&BulletinId>, stage: Stage, code: Option<&str>| {
        let mut body = json!({"of": of, "stage": stage, "at": at, "clock": clock});
        if let Some(id) = id {
            body["bulletin_id"] = json!(id);
        }
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        Uplink { lane, kind: "ack", body }
    };
    match event {
        Event::Taken { jti, bulletin, code, done, .. } => {
            let standing = bulletin.as_ref().and_then(|b| memory.bulletins.get(b));
            let lane = ack_lane(standing.map(|s| s.bulletin.priority));
            let (id, code) = (bulletin.as_ref(), code.as_deref());
            let mut acks = vec![ack(lane, jti, id, Stage::Received, None), ack(lane, jti, id, Stage::Accepted, code)];
            let reached = standing.and_then(|s| s.rungs.last().copied()).filter(|r| *r > Stage::Accepted);
            if let Some(stage) = done.then(|| closing_of(code)).or(reached) {
                acks.push(ack(lane, jti, id, stage, code));
            }
            acks
        }
        Event::Replayed { jti, stage, bulletin } => {
            vec![ack(2, jti, bulletin.as_ref(), *stage, Some("replayed"))]
        }
        Event::Refused { refused, answer: true, code } => {
            let of = refused.jti.as_deref().unwrap_or_default();
            let code = code.as_deref().unwrap_or(refused.verdict.word());
            let mut up = ack(2, of, None, Stage::Refused, Some(code));
            // Who signed with a key that is believed may know what is wrong with it.
            if matches!(refused.verdict, Verdict::NotPermitted | Verdict::BadBody | Verdict::Accepted) {
                up.body["why"] = json!(refused.why.chars().take(WHY).collect::<String>());
            }
            vec![up]
        }
        Event::Rung { id, stage, code, grade, outputs } => {
            let Some(standing) = memory.bulletins.get(id) else { return Vec::new() };
            let lane = ack_lane(Some(standing.bulletin.priority));
            standing
                .messages
                .iter()
                .map(|key| {
                    let mut up = ack(lane, message_of(key), Some(id), *stage, code.as_deref());
                    if let Some(grade) = grade {
                        up.body["grade"] = json!(grade);
                    }
                    if !outputs.is_empty() {
                        up.body["outputs"] = json!(outputs);
                    }
                    up
                })
                .collect()
        }
        Event::RulingMet(met) => {
            let Some(standing) = memory.rulings.get(&met.config_id) else { return Vec::new() };
            let mut up = ack(2, &standing.jti, None, met.stage, Some(&met.code));
            up.body["config_id"] = json!(met.config_id);
            if let Some(why) = &met.why {
                up.body["why"] = json!(why.chars().take(WHY).collect::<String>());
            }
            if let Some(no) = met.no {
                up.body["version"] = json!(no);
            }
            vec![up]
        }
        Event::RecallDone { jti, id, stage } => vec![ack(0, jti, Some(id), *stage, None)],
        Event::Played(played) => {
            let mut body = json!(played);
            for key in ["planned", "start", "end"] {
                if let Some(ms) = body[key].as_i64() {
                    body[key] = json!(Wall(ms).rfc3339());
                }
            }
            body["clock"] = json!(clock);
            body["prev"] = json!(memory.played_before);
            body["hash"] = json!(memory.played);
            vec![Uplink { lane: 4, kind: "playlog", body }]
        }
        Event::Incident { code, about, text } => {
            let body = json!({"code": code, "about": about, "text": text, "at": at, "clock": clock});
            vec![Uplink { lane: 1, kind: "incident", body }]
        }
        Event::Measured { readings, alarms } => {
            let body = json!({"at": at, "clock": clock, "readings": readings, "alarms": alarms});
            vec![Uplink { lane: 5, kind: "telemetry", body }]
        }
        Event::Sent { kind, body } => {
            let mut body = body.clone();
            if let Value::Object(said) = &mut body {
                said.extend([("at".to_owned(), json!(at)), ("clock".to_owned(), json!(clock))]);
            }
            vec![Uplink { lane: 5, kind: kind.word(), body }]
        }
        Event::Programme { .. } | Event::ProgrammeDropped { .. } | Event::DayBegan { .. } => {
            // Without a trusted clock it is not known which days are meant.
            trusted.then(|| planned(memory, moment, &at)).into_iter().collect()
        }
        Event::State { id, state, .. } => {
            let told = matches!(state, State::WaitingApproval | State::Approved | State::Rejected);
            let own = memory.bulletins.get(id).filter(|s| told && s.is_own());
            own.map(|standing| content(standing, &at, clock)).into_iter().collect()
        }
        // What an officer said at once needed nobody's word, and is told as such.
        Event::Admitted { bulletin, origin: Origin::Desk { .. }, .. } => {
            let standing = memory.bulletins.get(&bulletin.bulletin_id);
            standing.map(|standing| content(standing, &at, clock)).into_iter().collect()
        }
        Event::PaperRead { id, reading } => {
            let Some(paper) = memory.papers.get(id) else { return Vec::new() };
            let mut up = ack(2, &paper.jti, None, Stage::Done, Some("read"));
            up.body["document_id"] = json!(id);
            up.body["by"] = json!(reading.by);
            // A report is done when it is handed in.
            if matches!(paper.sheet, Sheet::ReportRequest(_)) {
                up.body["stage"] = json!(Stage::Waiting);
            }
            vec![up]
        }
        Event::ReportSubmitted(ReportSubmitted { id, reading, rows, note }) => {
            let Some(Paper { sheet: Sheet::ReportRequest(asked), jti, .. }) = memory.papers.get(id) else {
                return Vec::new();
            };
            let body = json!({"request_id": id, "of": jti, "from": asked.from, "until": asked.until, "rows": rows,
                "note": note, "by": reading.by, "at": at, "clock": clock});
            vec![ack(2, jti, None, Stage::Done, Some("submitted")), Uplink { lane: 5, kind: "report", body }]
        }
        Event::Offered { offer } => {
            let Some(standing) = memory.bulletins.get(&offer.bulletin) else { return Vec::new() };
            let bulletin = &standing.bulletin;
            let body = json!({"contribution_id": offer.id, "bulletin_id": offer.bulletin, "version": offer.version,
                "title": bulletin.title, "field": bulletin.field, "issuer": bulletin.issuer, "content": bulletin.content,
                "note": offer.note, "by": offer.by, "at": at, "clock": clock});
            vec![Uplink { lane: 5, kind: "contribution", body }]
        }
        Event::Admitted { .. }
        | Event::Started { .. }
        | Event::Refused { answer: false, .. }
        | Event::Keys { .. }
        | Event::Floor { .. }
        | Event::Noted { .. }
        | Event::Lesson { .. }
        | Event::Answered { .. }
        | Event::Codes(_)
        | Event::RulingCame(_)
        | Event::Approved { .. }
        | Event::SentBack { .. }
        | Event::Turn { .. }
        | Event::ShownOn { .. }
        | Event::Recalled { .. }
        | Event::Handed { .. }
        | Event::PaperCame { .. }
        | Event::OfferAnswered { .. }
        | Event::Prepared { .. }
        | Event::PreparedDropped { .. }
        | Event::SessionOpened { .. }
        | Event::SessionMoved { .. }
        | Event::SessionClosed { .. }
        | Event::SessionMissed { .. }
        | Event::DecisionOpened { .. }
        | Event::DecisionTaken { .. }
        | Event::Silenced { .. }
        | Event::Darkened { .. }
        | Event::Ordered { .. }
        | Event::OrderRefused { .. }
        | Event::SelfTested { .. }
        | Event::BaselineTaken { .. }
        | Event::DrillSkipped { .. }
        | Event::Tripped { .. }
        | Event::Rearmed { .. }
        | Event::Recovered { .. }
        | Event::Left { .. }
        | Event::Rerouted { .. }
        | Event::Alarm { .. } => Vec::new(),
    }
}

/// Days of the `schedule` message.
const PLANNED_DAYS: u16 = 14;

/// The programmes of the next days, soonest first.
fn planned(memory: &Memory, from: Wall, at: &str) -> Uplink {
    let (today, _) = from.local();
    let mut rows: Vec<(Wall, &Programme)> = memory
        .programmes
        .values()
        .flat_map(|p| p.starts(today, PLANNED_DAYS).into_iter().map(move |start| (start, p)))
        .filter(|(start, _)| *start >= from)
        .collect();
    rows.sort_by_key(|(start, _)| *start);
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|(start, p)| {
            json!({"programme_id": p.programme_id, "version": p.version, "title": p.title, "start": start.rfc3339(),
                "duration_s": p.duration_s, "start_mode": p.start_mode, "targets": p.targets,
                "of_province": p.of_province})
        })
        .collect();
    let body = json!({"at": at, "clock": clock_word(true), "days": PLANNED_DAYS, "programmes": rows});
    Uplink { lane: 5, kind: "schedule", body }
}

/// A bulletin of the commune, with what became of its approval.
fn content(standing: &Standing, at: &str, clock: &str) -> Uplink {
    let bulletin = &standing.bulletin;
    let at_once = matches!(standing.origin, Origin::Desk { .. });
    let state = match standing.state.approval() {
        Approval::Refused => "rejected",
        Approval::Awaited => "waiting_approval",
        Approval::Given => "approved",
    };
    let unasked = match (at_once, bulletin.live.is_some(), standing.unasked) {
        (true, true, _) => Some("live"),
        (true, false, _) => Some("emergency"),
        (false, _, true) => Some("policy"),
        (false, _, false) => None,
    };
    let part = |content: &Content| match content {
        Content::Audio { lang, media } => {
            json!({"type": "audio", "lang": lang, "sha256": media.sha256, "bytes": media.bytes, "mime": media.mime,
                "duration_s": media.duration_s})
        }
        Content::Text { lang, text } => json!({"type": "text", "lang": lang, "text": text}),
        Content::Image { media: Some(media) } => json!({"type": "image", "sha256": media.sha256, "bytes": media.bytes}),
        Content::Video { media: Some(media) } => json!({"type": "video", "sha256": media.sha256, "bytes": media.bytes}),
        Content::Relay { lang, input, .. } => json!({"type": "relay", "lang": lang, "input": input}),
        Content::Image { media: None } | Content::Video { media: None } | Content::Other => Value::Null,
    };
    let parts: Vec<Value> = bulletin.content.iter().map(part).filter(|part| !part.is_null()).collect();
    let body = json!({"bulletin_id": bulletin.bulletin_id, "version": bulletin.version, "priority": bulletin.priority,
        "title": bulletin.title, "field": bulletin.field, "issuer": bulletin.issuer, "drill": bulletin.drill,
        "targets": bulletin.targets, "content": parts, "at": at, "clock": clock,
        "approval": {"state": state, "author": standing.author(), "approver": standing.approver, "unasked": unasked,
            "reason": standing.reason}});
    Uplink { lane: 5, kind: "content", body }
}

fn ack_lane(priority: Option<Priority>) -> u8 {
    if priority == Some(Priority::Emergency) { 0 } else { 2 }
}
