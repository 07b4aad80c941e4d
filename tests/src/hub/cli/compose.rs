//! Bodies made from options.

use super::read_text;
use crate::hub::cap::Cap;
use crate::hub::{Audience, MediaStore, fresh_id};
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use gateway_core::bulletin::{Bulletin, Content, Hazard, Issuer, Priority, Targets};
use gateway_core::id::{BoardId, BulletinId, ClusterId};
use gateway_core::programme::Programme;
use gateway_core::time::Wall;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PriorityWord {
    /// Waits for the officer's choice
    Ordinary,
    /// First in the next programme
    Priority,
    /// At once, everywhere
    Emergency,
}

#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// Clusters, comma-separated; * = all of the station
    #[arg(long, value_name = "IDS", value_delimiter = ',', default_value = "*")]
    clusters: Vec<String>,
    /// Boards, comma-separated; * = all of the station
    #[arg(long, value_name = "IDS", value_delimiter = ',', default_value = "*")]
    boards: Vec<String>,
}

impl TargetArgs {
    fn targets(&self) -> Targets {
        Targets {
            clusters: self.clusters.iter().map(|c| ClusterId::from(c.as_str())).collect(),
            boards: self.boards.iter().map(|b| BoardId::from(b.as_str())).collect(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct BulletinArgs {
    /// Identity; without, a fresh one, which is printed
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Version; a station ignores a lower or equal one
    #[arg(long = "bulletin-version", value_name = "N", default_value_t = 1)]
    version: u32,
    /// Priority of TT 39/2020
    #[arg(long, value_enum, default_value = "ordinary")]
    priority: PriorityWord,
    /// Title
    #[arg(long, default_value = "")]
    title: String,
    /// Text in Vietnamese: spoken where there is no audio, and shown on boards
    #[arg(long)]
    text: Option<String>,
    /// Text in another language, LANG=TEXT
    #[arg(long, value_name = "LANG=TEXT")]
    text_in: Vec<String>,
    /// Audio file in Vietnamese; copied into --media
    #[arg(long, value_name = "FILE")]
    audio: Option<PathBuf>,
    /// Audio file in another language, LANG=FILE
    #[arg(long, value_name = "LANG=FILE")]
    audio_in: Vec<String>,
    /// Directory that `hub serve` serves media from
    #[arg(long, value_name = "DIR", default_value = "media")]
    media: PathBuf,
    /// Address of the media server; without, the one `hub serve` left in --media
    #[arg(long, value_name = "URL")]
    media_url: Option<String>,
    #[command(flatten)]
    targets: TargetArgs,
    /// How often it is said
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeat: u16,
    /// Pause between two times, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    gap: u16,
    /// Hazard and disaster risk level, TYPE:LEVEL, e.g. lu:4
    #[arg(long, value_name = "TYPE:LEVEL")]
    hazard: Option<String>,
    /// Not before, RFC 3339
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    valid_from: Option<Wall>,
    /// Not after, RFC 3339
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    valid_until: Option<Wall>,
    /// Field, a code of the hub's list
    #[arg(long, default_value = "")]
    field: String,
    /// Issuer as people know it
    #[arg(long, value_name = "NAME", default_value = "")]
    issuer: String,
    /// Level of the issuer
    #[arg(long, value_name = "LEVEL", default_value = "province")]
    issuer_level: String,
    /// Bulletins it takes the place of, comma-separated
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    supersedes: Vec<String>,
    /// Said and shown as a drill
    #[arg(long)]
    drill: bool,
}

impl BulletinArgs {
    /// The body, and a line that says its identity.
    pub(super) fn body(&self) -> Result<(Value, String)> {
        let bulletin = Bulletin {
            bulletin_id: BulletinId::from(self.id.clone().unwrap_or_else(|| fresh_id("BT-"))),
            version: self.version,
            priority: match self.priority {
                PriorityWord::Ordinary => Priority::Ordinary,
                PriorityWord::Priority => Priority::Priority,
                PriorityWord::Emergency => Priority::Emergency,
            },
            title: self.title.clone(),
            field: self.field.clone(),
            issuer: Issuer { level: self.issuer_level.clone(), name: self.issuer.clone() },
            content: self.content()?,
            targets: self.targets.targets(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            repeat: self.repeat,
            gap_s: self.gap,
            hazard: self.hazard.as_deref().map(read_hazard).transpose()?,
            supersedes: self.supersedes.iter().map(|s| BulletinId::from(s.as_str())).collect(),
            drill: self.drill,
            live: None,
        };
        ensure!(!bulletin.content.is_empty(), "a bulletin needs --text or --audio");
        let note = format!("bulletin_id\t{}", bulletin.bulletin_id);
        Ok((serde_json::to_value(bulletin)?, note))
    }

    fn content(&self) -> Result<Vec<Content>> {
        let mut files = self.audio.iter().map(|f| Ok(("vi", f.as_path()))).collect::<Result<Vec<_>>>()?;
        for pair in &self.audio_in {
            let (lang, file) = split(pair)?;
            files.push((lang, Path::new(file)));
        }
        let mut texts: Vec<(&str, &str)> = self.text.iter().map(|t| ("vi", t.as_str())).collect();
        for pair in &self.text_in {
            texts.push(split(pair)?);
        }
        let mut content = Vec::new();
        if !files.is_empty() {
            let store = match &self.media_url {
                Some(url) => MediaStore::open(&self.media, url)?,
                None => MediaStore::of_server(&self.media)?,
            };
            for (lang, file) in files {
                content.push(Content::Audio { lang: lang.to_owned(), media: store.add(file)? });
            }
        }
        let text = |(lang, text): (&str, &str)| Content::Text { lang: lang.to_owned(), text: text.to_owned() };
        content.extend(texts.into_iter().map(text));
        Ok(content)
    }
}

#[derive(Debug, Args)]
pub(super) struct RecallArgs {
    /// Bulletin to call back
    #[arg(value_name = "BULLETIN_ID")]
    id: String,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
    /// Text said in its place
    #[arg(long, value_name = "TEXT")]
    correction: Option<String>,
}

impl RecallArgs {
    pub(super) fn body(&self) -> Value {
        let text = |t: &String| json!({"type": "text", "lang": "vi", "text": t});
        let correction: Vec<Value> = self.correction.iter().map(text).collect();
        json!({"bulletin_id": self.id, "reason": self.reason, "correction": correction})
    }
}

#[derive(Debug, Args)]
pub(super) struct AlertArgs {
    /// CAP document, - for standard input; the other options then count for nothing
    #[arg(long, value_name = "FILE")]
    cap: Option<PathBuf>,
    /// Actual, Exercise, Test, System or Draft
    #[arg(long, default_value = "Actual")]
    status: String,
    /// Alert, Update, Cancel, Ack or Error
    #[arg(long, value_name = "TYPE", default_value = "Alert")]
    msg_type: String,
    /// Identifier; without, a fresh one, which is printed
    #[arg(long, value_name = "ID")]
    identifier: Option<String>,
    /// Extreme, Severe, Moderate, Minor or Unknown
    #[arg(long, default_value = "Severe")]
    severity: String,
    /// Immediate, Expected, Future, Past or Unknown
    #[arg(long, default_value = "Immediate")]
    urgency: String,
    /// Disaster risk level 1 to 5; goes before severity
    #[arg(long, value_name = "1-5", value_parser = clap::value_parser!(u8).range(1..=5))]
    level: Option<u8>,
    /// Event
    #[arg(long, default_value = "Thiên tai")]
    event: String,
    /// Headline
    #[arg(long, default_value = "")]
    headline: String,
    /// What is happening
    #[arg(long, default_value = "")]
    text: String,
    /// What people should do
    #[arg(long, default_value = "")]
    instruction: String,
    /// Alerts it refers to, as printed when they were sent: sender,identifier,sent
    #[arg(long, value_name = "REFERENCE")]
    references: Vec<String>,
    /// Circle around a place instead of the audience's code: "LAT,LON KM"
    #[arg(long, value_name = "CIRCLE")]
    circle: Vec<String>,
}

impl AlertArgs {
    /// The body, and a line that says how later alerts refer to it.
    pub(super) fn body(&self, audience: &Audience) -> Result<(Value, String)> {
        if let Some(file) = &self.cap {
            let xml = read_text(file)?;
            // A document that no station reads is sent all the same: refusing it is for the station to show.
            let reference = gateway_core::cap::read(&xml).map(|a| a.reference);
            let triple = reference.map(|r| format!("{},{},{}", r.sender, r.identifier, r.sent));
            let note = format!("reference\t{}", triple.unwrap_or_else(|why| why));
            return Ok((json!({"cap": xml}), note));
        }
        let mut cap = Cap::new(&self.status, &self.msg_type);
        if let Some(identifier) = &self.identifier {
            cap.identifier.clone_from(identifier);
        }
        cap.references.clone_from(&self.references);
        cap.severity.clone_from(&self.severity);
        cap.urgency.clone_from(&self.urgency);
        cap.level = self.level;
        cap.event.clone_from(&self.event);
        cap.headline.clone_from(&self.headline);
        cap.description.clone_from(&self.text);
        cap.instruction.clone_from(&self.instruction);
        cap.circles.clone_from(&self.circle);
        if self.circle.is_empty() {
            cap.locate(audience);
        }
        let xml = cap.xml();
        gateway_core::cap::read(&xml).map_err(anyhow::Error::msg)?;
        Ok((json!({"cap": xml}), format!("reference\t{}", cap.reference())))
    }
}

#[derive(Debug, Args)]
pub(super) struct ProgrammeArgs {
    /// Whole body as JSON, - for standard input; the other options then count for nothing
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Identity
    #[arg(long, value_name = "ID", default_value = "CT-1")]
    id: String,
    /// Version; counts up
    #[arg(long = "programme-version", value_name = "N", default_value_t = 1)]
    version: u32,
    /// Title
    #[arg(long, default_value = "Chương trình phát thanh")]
    title: String,
    /// Days, comma-separated: mon … sun; without, every day
    #[arg(long, value_delimiter = ',')]
    days: Vec<String>,
    /// Start, local time
    #[arg(long, value_name = "HH:MM", default_value = "05:30")]
    start: String,
    /// Cut off after, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    duration: u32,
    /// hard, wait or next
    #[arg(long, default_value = "hard")]
    mode: String,
    /// chime, bulletin:ID, priority_queue, silence:SECONDS, relay:INPUT; in order
    #[arg(long, value_name = "ITEM", default_values = ["chime", "priority_queue"])]
    item: Vec<String>,
    #[command(flatten)]
    targets: TargetArgs,
}

impl ProgrammeArgs {
    pub(super) fn body(&self) -> Result<Value> {
        let body = match &self.body {
            Some(file) => serde_json::from_str(&read_text(file)?).context("the body is not JSON")?,
            None => json!({
                "programme_id": self.id, "version": self.version, "title": self.title, "days": self.days,
                "start": self.start, "duration_s": self.duration, "start_mode": self.mode,
                "targets": self.targets.targets(),
                "items": self.item.iter().map(|i| read_item(i)).collect::<Result<Vec<_>>>()?,
            }),
        };
        let programme: Programme = serde_json::from_value(body.clone()).context("a station would not read this")?;
        programme.check().map_err(anyhow::Error::msg)?;
        Ok(body)
    }
}

fn read_item(text: &str) -> Result<Value> {
    Ok(match text.split_once(':').unwrap_or((text, "")) {
        ("chime", "") => json!({"type": "chime"}),
        ("priority_queue", "") => json!({"type": "priority_queue"}),
        ("bulletin", id) if !id.is_empty() => json!({"type": "bulletin", "bulletin_id": id}),
        ("relay", input) if !input.is_empty() => json!({"type": "relay", "input": input}),
        ("silence", s) => json!({"type": "silence", "duration_s": s.parse::<u32>().context("silence:SECONDS")?}),
        _ => bail!("{text:?} is none of chime, bulletin:ID, priority_queue, silence:SECONDS, relay:INPUT"),
    })
}

fn read_hazard(text: &str) -> Result<Hazard> {
    let (kind, level) = text.split_once(':').context("a hazard is TYPE:LEVEL, e.g. lu:4")?;
    let level = level.parse().ok().filter(|l| (1..=5).contains(l)).context("a hazard's level is 1 to 5")?;
    Ok(Hazard { kind: kind.to_owned(), level })
}

fn split(pair: &str) -> Result<(&str, &str)> {
    pair.split_once('=').with_context(|| format!("{pair:?} is not LANG=…"))
}

fn moment(text: &str) -> Result<Wall, String> {
    Wall::parse(text).ok_or_else(|| "not a moment such as 2026-11-21T05:00:00+07:00".to_owned())
}
