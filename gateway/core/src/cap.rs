//! CAP 1.2 (OASIS Standard CAP-v1.2, 2010) as far as a station acts on it, mapped by contract §4.

use crate::bulletin::{Bulletin, Content, Hazard, Issuer, Priority, Targets};
use crate::id::BulletinId;
use crate::time::Wall;
use roxmltree::{Document, Node, ParsingOptions};

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";

/// How an alert is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Aired.
    Actual,
    /// Aired only as a drill.
    Exercise,
    /// The whole ladder, in silence.
    Test,
    /// Journalled.
    System,
    /// Journalled.
    Draft,
}

/// What an alert does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// Warns.
    Alert,
    /// Takes the place of those it refers to.
    Update,
    /// Ends those it refers to.
    Cancel,
    /// Journalled.
    Ack,
    /// Journalled.
    Error,
}

/// Sender, identifier, sent: what `references` names, and with the status the identity of an alert over all paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Who.
    pub sender: String,
    /// Which.
    pub identifier: String,
    /// When, as written.
    pub sent: String,
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its identity but for the status.
    pub reference: Reference,
    /// How it is meant.
    pub status: Status,
    /// What it does.
    pub message_type: MessageType,
    /// Alerts it refers to.
    pub references: Vec<Reference>,
    /// Its renditions.
    pub infos: Vec<Info>,
}

/// One rendition in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// RFC 3066 language.
    pub language: String,
    /// Event name.
    pub event: String,
    /// Urgency, as written.
    pub urgency: String,
    /// Disaster risk level 1–5.
    pub level: u8,
    /// Headline.
    pub headline: String,
    /// Description.
    pub description: String,
    /// Instruction.
    pub instruction: String,
    /// Not before.
    pub effective: Option<Wall>,
    /// Not after.
    pub expires: Option<Wall>,
    /// Who sends it, for people.
    pub sender_name: String,
    /// Where; empty: the audience decides.
    pub areas: Vec<Area>,
}

/// Where an alert counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// In words.
    pub description: String,
    /// Codes: (scheme, value).
    pub geocodes: Vec<(String, String)>,
    /// Polygons, latitude and longitude in degrees.
    pub polygons: Vec<Vec<(f64, f64)>>,
    /// Circles: latitude, longitude, radius in kilometres.
    pub circles: Vec<(f64, f64, f64)>,
}

/// Reads a document. No DTD is taken, so no entity can expand.
pub fn read(xml: &str) -> Result<Alert, String> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 20_000, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|e| format!("CAP: {e}"))?;
    let root = document.root_element();
    if root.tag_name().name() != "alert" || root.tag_name().namespace() != Some(NAMESPACE) {
        return Err("CAP: the root is not an alert of CAP 1.2".to_owned());
    }
    let need = |name: &str| child(root, name).ok_or_else(|| format!("CAP: no {name}"));
    let status = match need("status")?.as_str() {
        "Actual" => Status::Actual,
        "Exercise" => Status::Exercise,
        "Test" => Status::Test,
        "System" => Status::System,
        "Draft" => Status::Draft,
        other => return Err(format!("CAP: status {other:?}")),
    };
    let message_type = match need("msgType")?.as_str() {
        "Alert" => MessageType::Alert,
        "Update" => MessageType::Update,
        "Cancel" => MessageType::Cancel,
        "Ack" => MessageType::Ack,
        "Error" => MessageType::Error,
        other => return Err(format!("CAP: msgType {other:?}")),
    };
    let reference = Reference { sender: need("sender")?, identifier: need("identifier")?, sent: need("sent")? };
    Wall::parse(&reference.sent).ok_or("CAP: sent is not a moment")?;
    let references = child(root, "references").map(|t| read_references(&t)).unwrap_or_default();
    let infos: Vec<Info> = children(root, "info").map(read_info).collect::<Result<_, _>>()?;
    let speaks = matches!(message_type, MessageType::Alert | MessageType::Update)
        && matches!(status, Status::Actual | Status::Exercise);
    if speaks && infos.is_empty() {
        return Err("CAP: an alert without info says nothing".to_owned());
    }
    Ok(Alert { reference, status, message_type, references, infos })
}

fn read_references(text: &str) -> Vec<Reference> {
    text.split_whitespace()
        .filter_map(|triple| {
            let mut parts = triple.splitn(3, ',').map(str::to_owned);
            Some(Reference { sender: parts.next()?, identifier: parts.next()?, sent: parts.next()? })
        })
        .collect()
}

fn read_info(info: Node<'_, '_>) -> Result<Info, String> {
    let text = |name: &str| child(info, name).unwrap_or_default();
    let moment = |name: &str| match child(info, name) {
        None => Ok(None),
        Some(t) => Wall::parse(&t).map(Some).ok_or_else(|| format!("CAP: {name} is not a moment")),
    };
    let stated = children(info, "parameter").find_map(|p| {
        (child(p, "valueName")? == "VN-RISK-LEVEL").then(|| child(p, "value")?.parse::<u8>().ok()).flatten()
    });
    let level = match stated {
        Some(level @ 1..=5) => level,
        Some(_) => return Err("CAP: VN-RISK-LEVEL is 1 to 5".to_owned()),
        None => match text("severity").as_str() {
            "Extreme" => 5,
            "Severe" => 4,
            "Moderate" => 3,
            "Minor" => 2,
            _ => 1,
        },
    };
    Ok(Info {
        language: child(info, "language").unwrap_or_else(|| "vi".to_owned()),
        event: text("event"),
        urgency: text("urgency"),
        level,
        headline: text("headline"),
        description: text("description"),
        instruction: text("instruction"),
        effective: moment("effective")?,
        expires: moment("expires")?,
        sender_name: text("senderName"),
        areas: children(info, "area").map(read_area).collect::<Result<_, _>>()?,
    })
}

fn read_area(area: Node<'_, '_>) -> Result<Area, String> {
    let geocodes =
        children(area, "geocode").filter_map(|g| Some((child(g, "valueName")?, child(g, "value")?))).collect();
    let polygons = children(area, "polygon").map(|p| read_points(&own_text(p))).collect::<Result<_, _>>()?;
    let circles = children(area, "circle").map(|c| read_circle(&own_text(c))).collect::<Result<_, _>>()?;
    Ok(Area { description: child(area, "areaDesc").unwrap_or_default(), geocodes, polygons, circles })
}

fn read_point(text: &str) -> Result<(f64, f64), String> {
    let (lat, lon) = text.split_once(',').ok_or("CAP: a point is lat,lon")?;
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    Ok((number(lat).ok_or("CAP: latitude")?, number(lon).ok_or("CAP: longitude")?))
}

fn read_points(text: &str) -> Result<Vec<(f64, f64)>, String> {
    let points: Vec<_> = text.split_whitespace().map(read_point).collect::<Result<_, _>>()?;
    if points.len() < 4 { Err("CAP: a polygon has 4 points or more".to_owned()) } else { Ok(points) }
}

fn read_circle(text: &str) -> Result<(f64, f64, f64), String> {
    let (point, radius) = text.trim().split_once(' ').ok_or("CAP: a circle is lat,lon radius")?;
    let (lat, lon) = read_point(point)?;
    Ok((lat, lon, radius.trim().parse().map_err(|_| "CAP: radius")?))
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |n| n.is_element() && n.tag_name().name() == name && n.tag_name().namespace() == Some(NAMESPACE))
}

fn own_text(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

fn child(node: Node<'_, '_>, name: &str) -> Option<String> {
    children(node, name).next().map(own_text).filter(|t| !t.is_empty())
}

impl Reference {
    /// The bulletin identity of an alert with this reference and status.
    pub fn bulletin_id(&self, status: Status) -> BulletinId {
        BulletinId::from(format!("cap:{},{},{},{status:?}", self.sender, self.identifier, self.sent))
    }
}

impl Alert {
    /// Highest level of its renditions.
    pub fn level(&self) -> u8 {
        self.infos.iter().map(|i| i.level).max().unwrap_or(1)
    }

    /// Its priority by the contract's mapping.
    pub fn priority(&self) -> Priority {
        let pressing =
            self.infos.iter().any(|i| i.level >= 4 && matches!(i.urgency.as_str(), "Immediate" | "Expected"));
        match (pressing, self.level()) {
            (true, _) => Priority::Emergency,
            (false, 3..) => Priority::Priority,
            (false, _) => Priority::Ordinary,
        }
    }

    /// Whether the place is meant; without areas the audience has already decided.
    pub fn concerns(&self, province: &str, commune: &str, place: Option<(f64, f64)>) -> bool {
        let mut areas = self.infos.iter().flat_map(|i| &i.areas).peekable();
        areas.peek().is_none() || areas.any(|a| a.has(province, commune, place))
    }

    /// The bulletin it makes.
    pub fn bulletin(&self) -> Bulletin {
        let drill = self.status == Status::Exercise;
        let content =
            self.infos.iter().map(|i| Content::Text { lang: i.language.clone(), text: i.said(drill) }).collect();
        let first = self.infos.first();
        Bulletin {
            bulletin_id: self.reference.bulletin_id(self.status),
            version: 1,
            priority: self.priority(),
            title: first.map(|i| i.title(drill)).unwrap_or_default(),
            field: String::new(),
            issuer: Issuer { level: String::new(), name: first.map(|i| i.sender_name.clone()).unwrap_or_default() },
            content,
            targets: Targets::everything(),
            valid_from: first.and_then(|i| i.effective),
            valid_until: self.infos.iter().filter_map(|i| i.expires).max(),
            repeat: 3,
            gap_s: 3,
            hazard: Some(Hazard { kind: first.map(|i| i.event.clone()).unwrap_or_default(), level: self.level() }),
            supersedes: match self.message_type {
                MessageType::Update => self.references.iter().map(|r| r.bulletin_id(self.status)).collect(),
                MessageType::Alert | MessageType::Cancel | MessageType::Ack | MessageType::Error => Vec::new(),
            },
            drill,
            live: None,
        }
    }
}

impl Info {
    fn title(&self, drill: bool) -> String {
        let title = if self.headline.is_empty() { &self.event } else { &self.headline };
        if drill { format!("DIỄN TẬP: {title}") } else { title.clone() }
    }

    fn said(&self, drill: bool) -> String {
        let headline = if self.headline.is_empty() { &self.event } else { &self.headline };
        let parts: Vec<&str> = [headline, &self.description, &self.instruction]
            .into_iter()
            .map(|t| t.trim().trim_end_matches('.'))
            .filter(|t| !t.is_empty())
            .collect();
        let said = parts.join(". ");
        if drill { format!("DIỄN TẬP. DIỄN TẬP. {said}. Đây là DIỄN TẬP.") } else { format!("{said}.") }
    }
}

impl Area {
    fn has(&self, province: &str, commune: &str, place: Option<(f64, f64)>) -> bool {
        let by_code = self.geocodes.iter().any(|(scheme, value)| match scheme.as_str() {
            "VN-COMMUNE" => value == commune,
            "VN-PROVINCE" => value == province,
            _ => false,
        });
        let codes_known = self.geocodes.iter().any(|(s, _)| s == "VN-COMMUNE" || s == "VN-PROVINCE");
        let shapeless = self.polygons.is_empty() && self.circles.is_empty();
        let by_shape = place.is_some_and(|p| {
            self.polygons.iter().any(|polygon| inside(p, polygon))
                || self.circles.iter().any(|&(lat, lon, km)| distance_km(p, (lat, lon)) <= km)
        });
        // Neither code nor shape that a station can read: words only, so the audience decides.
        by_code || by_shape || (!codes_known && (shapeless || place.is_none()))
    }
}

/// Even–odd rule on the plane, good enough at the size of a commune.
fn inside((lat, lon): (f64, f64), polygon: &[(f64, f64)]) -> bool {
    let mut odd = false;
    let mut previous = polygon.last().copied().unwrap_or_default();
    for &point in polygon {
        let ((y1, x1), (y2, x2)) = (previous, point);
        if (y1 > lat) != (y2 > lat) && lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1 {
            odd = !odd;
        }
        previous = point;
    }
    odd
}

/// Great-circle distance by the haversine formula, kilometres.
fn distance_km((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    let (a1, a2) = (lat1.to_radians(), lat2.to_radians());
    let (dlat, dlon) = (a2 - a1, (lon2 - lon1).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + a1.cos() * a2.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6371.0 * h.sqrt().min(1.0).asin()
}
