//! What a province sends in its worst week: messages of every kind, true and false, signed and checked like real ones.

use super::tampered;
use super::twin::Twin;
use crate::hub::{Keyring, Signing, cap, sign};
use fastrand::Rng;
use gateway_core::bulletin::{Bulletin, Hazard, Issuer, Priority, Targets};
use gateway_core::config::SiteConfig;
use gateway_core::id::BulletinId;
use gateway_core::programme::Programme;
use gateway_core::time::Wall;
use gateway_core::verify::Verdict;
use serde_json::{Value, json};

/// What a message means, as the twin understands it.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// A bulletin, or an alert that makes one.
    News {
        bulletin: Box<Bulletin>,
        silent: bool,
        alert: bool,
    },
    Recall {
        id: BulletinId,
    },
    Cancel(Vec<BulletinId>),
    Book(Box<Programme>),
    /// Nothing that the air could show.
    Quiet,
}

/// How a message must be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// By its identity and dates.
    Judged,
    /// Refused, whatever the station remembers.
    Refused(Verdict),
    /// Verified, and refused since it wants to set what this site lets nobody set.
    NotOurs,
    /// Verified, and refused with `not_implemented`.
    NotImplemented,
}

/// A message with its meaning.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) jti: String,
    pub(super) raw: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) expect: Expect,
    pub(super) says: Says,
}

/// Writes letters.
pub(super) struct Writer {
    pub(super) keyring: Keyring,
    /// Number of the next token: every text and every file has one, so that what is heard can be told apart.
    pub(super) tokens: u64,
    letters: u64,
    /// Alerts sent so far, as `references` would name them, with their status.
    alerts: Vec<(String, String)>,
}

impl Writer {
    pub(super) fn new(keyring: Keyring) -> Self {
        Self { keyring, tokens: 1, letters: 0, alerts: Vec::new() }
    }

    pub(super) fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    /// The next message of the hub.
    pub(super) fn next(&mut self, dice: &mut Rng, site: &SiteConfig, twin: &Twin, at: Wall) -> Letter {
        match dice.u8(0..100) {
            0..38 => self.bulletin(dice, site, twin, at),
            38..55 => self.alert(dice, at),
            55..70 => {
                let id = some_id(dice, twin);
                let mut body = json!({"bulletin_id": id, "reason": "sai thông tin"});
                if dice.bool() {
                    body["correction"] = json!([{"type": "text", "lang": "vi", "text": self.text("Đính chính")}]);
                }
                self.letter(dice, "recall", &body, at, Says::Recall { id })
            }
            70..80 => {
                let programme = some_programme(dice, site, twin, at);
                let body = serde_json::to_value(&programme).unwrap_or_default();
                self.letter(dice, "programme", &body, at, Says::Book(Box::new(programme)))
            }
            80..83 => {
                let body = json!({"unix_ms": at.0 + dice.i64(-1_500..1_500)});
                self.letter(dice, "time", &body, at, Says::Quiet)
            }
            83..84 => {
                let body = serde_json::to_value(self.keyring.trust()).unwrap_or_default();
                self.letter(dice, "trust", &body, at, Says::Quiet)
            }
            84..88 => match dice.usize(..5) {
                3 => {
                    // No site of this bench lets anybody set anything.
                    let change = json!({"section": "policy", "key": "night", "value": self.poison()});
                    let body = json!({"config_id": "CH-1", "why": "giờ mùa hè", "changes": [change]});
                    let mut letter = self.letter(dice, "config", &body, at, Says::Quiet);
                    letter.expect = Expect::NotOurs;
                    letter
                }
                4 => {
                    let body = json!({"list_id": "field", "version": self.letters % 7, "names": {"vi": "Lĩnh vực"},
                        "codes": [{"code": "y-te", "names": {"vi": self.poison()}}]});
                    self.letter(dice, "codes", &body, at, Says::Quiet)
                }
                later => {
                    let kind = ["survey", "case", "board"].get(later).copied().unwrap_or("board");
                    let mut letter = self.letter(dice, kind, &json!({"text": self.poison()}), at, Says::Quiet);
                    letter.expect = Expect::NotImplemented;
                    letter
                }
            },
            _ => {
                self.letters += 1;
                let jti = format!("m-{:05}", self.letters);
                tampered::letter(dice, self, &jti, at)
            }
        }
    }

    pub(super) fn poison(&self) -> &'static str {
        "[[poison]]"
    }

    pub(super) fn text(&mut self, what: &str) -> String {
        format!("{what} [[{}]]", self.token())
    }

    /// Signs a body, dated as a hub would date it, or nearly.
    pub(super) fn letter(&mut self, dice: &mut Rng, kind: &str, body: &Value, at: Wall, says: Says) -> Letter {
        self.letters += 1;
        let jti = format!("m-{:05}", self.letters);
        let now = at.unix_s();
        let (iat, exp) = match dice.u8(0..40) {
            0 => (now + 600, now + 86_400),
            1 => (now - 7_200, now - 3_600),
            2 => (now - 60, now + dice.i64(0..120)),
            _ => (now - dice.i64(0..30), now + 7 * 86_400),
        };
        let raw = self.signed(kind, body, &jti, iat, exp);
        Letter { jti, raw, iat, exp, expect: Expect::Judged, says }
    }

    #[expect(clippy::expect_used, reason = "a hub without a key for a kind is a broken bench")]
    pub(super) fn signed(&self, kind: &str, body: &Value, jti: &str, iat: i64, exp: i64) -> String {
        let emergency = kind == "alert" || body["priority"] == "emergency";
        let key = self.keyring.for_kind(kind, emergency).expect("a key for the kind");
        sign(kind, body, key, &signing(jti, iat, exp))
    }

    fn bulletin(&mut self, dice: &mut Rng, site: &SiteConfig, twin: &Twin, at: Wall) -> Letter {
        let again = Some(some_id(dice, twin)).filter(|id| id.as_str().starts_with("BT-") && dice.u8(0..4) == 0);
        let id = again.unwrap_or_else(|| format!("BT-{}", self.token()).into());
        let version = match twin.bulletins.get(&id).map(|k| k.version) {
            Some(known) => [known + 1, known, known.saturating_sub(1)][dice.usize(..3)],
            None => dice.u32(1..3),
        };
        let priority = ["ordinary", "priority", "emergency"][dice.usize(..3)];
        let superseded = if dice.u8(0..8) == 0 { vec![some_id(dice, twin)] } else { Vec::new() };
        let mut body = json!({
            "bulletin_id": id, "version": version, "priority": priority, "title": self.text("Bản tin"),
            "content": self.content(dice), "targets": some_targets(dice, site),
            "repeat": dice.u16(1..4), "gap_s": dice.u16(0..6), "drill": dice.u8(0..8) == 0, "supersedes": superseded,
        });
        if dice.bool() {
            body["hazard"] = json!({"type": "lu", "level": dice.u8(0..6)});
        }
        if dice.u8(0..4) == 0 {
            body["valid_from"] = json!(at.plus(dice.i64(-600_000..900_000)).rfc3339());
        }
        if dice.u8(0..2) == 0 {
            body["valid_until"] = json!(at.plus(dice.i64(900_000..7_200_000)).rfc3339());
        }
        self.news(dice, &body, at)
    }

    #[expect(clippy::expect_used, reason = "a body of our own that cannot be read is a broken bench")]
    pub(super) fn news(&mut self, dice: &mut Rng, body: &Value, at: Wall) -> Letter {
        let bulletin: Bulletin = serde_json::from_value(body.clone()).expect("a bulletin");
        self.letter(
            dice,
            "bulletin",
            body,
            at,
            Says::News { bulletin: Box::new(bulletin), silent: false, alert: false },
        )
    }

    fn content(&mut self, dice: &mut Rng) -> Value {
        let mut content = Vec::new();
        let mut audio = |writer: &mut Self, lang: &str| {
            let sha = format!("{:064x}", writer.token());
            content.push(json!({"type": "audio", "lang": lang, "media":
                {"url": "https://hub.example.vn/m", "sha256": sha, "bytes": 40_000, "mime": "audio/mpeg"}}));
        };
        if dice.u8(0..5) < 2 {
            audio(self, "vi-VN");
        }
        if dice.u8(0..6) == 0 {
            audio(self, "km");
        }
        if dice.u8(0..8) > 0 {
            content.push(json!({"type": "text", "lang": "vi", "text": self.text("Nước lên")}));
        }
        if dice.u8(0..10) == 0 {
            content.push(json!({"type": "text", "lang": "km", "text": self.text("ទឹកឡើង")}));
        }
        if dice.u8(0..10) == 0 {
            content.push(json!({"type": "image", "media": {}}));
        }
        Value::Array(content)
    }

    fn alert(&mut self, dice: &mut Rng, at: Wall) -> Letter {
        let status = ["Actual", "Actual", "Actual", "Exercise", "Test", "System", "Draft"][dice.usize(..7)];
        let kind = ["Alert", "Alert", "Alert", "Update", "Cancel", "Ack", "Error"][dice.usize(..7)];
        let mut document = cap::Cap::new(status, kind);
        document.identifier = format!("VN-{}", self.token());
        document.sent = cap::seconds(at.unix_s());
        document.headline = self.text("Cảnh báo lũ");
        document.urgency = ["Immediate", "Expected", "Future"][dice.usize(..3)].to_owned();
        document.level = dice.bool().then(|| dice.u8(1..6));
        document.severity = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"][dice.usize(..5)].to_owned();
        document.expires = dice.bool().then(|| cap::seconds(at.unix_s() + dice.i64(600..7_200)));
        let elsewhere = dice.u8(0..10) == 0;
        if elsewhere {
            document.geocodes.push(("VN-COMMUNE".to_owned(), "00001".to_owned()));
        }
        let about = if kind == "Alert" || self.alerts.is_empty() {
            None
        } else {
            self.alerts.get(dice.usize(self.alerts.len().saturating_sub(6)..self.alerts.len())).cloned()
        };
        let mut referred: Vec<BulletinId> = Vec::new();
        if let Some((reference, of)) = about {
            if of == status {
                referred.push(format!("cap:{reference},{status}").into());
            }
            document.references.push(reference);
        }
        let says = match (kind, status) {
            ("Ack" | "Error", _) | (_, "System" | "Draft") => Says::Quiet,
            ("Cancel", _) => Says::Cancel(document.references.iter().map(|r| cap_id(r, status)).collect()),
            _ if elsewhere => Says::Quiet,
            _ => {
                self.alerts.push((document.reference(), status.to_owned()));
                let bulletin = Box::new(alerting(&document, referred));
                Says::News { bulletin, silent: status == "Test", alert: true }
            }
        };
        self.letter(dice, "alert", &json!({"cap": document.xml()}), at, says)
    }
}

pub(super) fn signing(jti: &str, iat: i64, exp: i64) -> Signing {
    Signing { iss: "hub-80".to_owned(), aud: "c:25459".to_owned(), iat, exp, jti: jti.to_owned() }
}

fn cap_id(reference: &str, status: &str) -> BulletinId {
    format!("cap:{reference},{status}").into()
}

/// The bulletin an alert is, by contract §4, worked out a second time.
fn alerting(document: &cap::Cap, superseded: Vec<BulletinId>) -> Bulletin {
    let by_severity = match document.severity.as_str() {
        "Extreme" => 5,
        "Severe" => 4,
        "Moderate" => 3,
        "Minor" => 2,
        _ => 1,
    };
    let level = document.level.unwrap_or(by_severity);
    let pressing = matches!(document.urgency.as_str(), "Immediate" | "Expected");
    let priority = match level {
        4.. if pressing => Priority::Emergency,
        3.. => Priority::Priority,
        _ => Priority::Ordinary,
    };
    Bulletin {
        bulletin_id: cap_id(&document.reference(), &document.status),
        version: 1,
        priority,
        title: document.headline.clone(),
        field: String::new(),
        issuer: Issuer::default(),
        content: Vec::new(),
        targets: Targets::everything(),
        valid_from: None,
        valid_until: document.expires.as_deref().and_then(Wall::parse),
        repeat: 3,
        gap_s: 3,
        hazard: Some(Hazard { kind: String::new(), level }),
        supersedes: if document.msg_type == "Update" { superseded } else { Vec::new() },
        drill: document.status == "Exercise",
        live: None,
    }
}

/// A bulletin that is known, most often, or one that may come.
pub(super) fn some_id(dice: &mut Rng, twin: &Twin) -> BulletinId {
    let open: Vec<&BulletinId> =
        twin.bulletins.iter().filter(|(_, k)| !k.ended || dice.u8(0..4) == 0).map(|(id, _)| id).collect();
    match open.get(dice.usize(..open.len().max(1))) {
        Some(id) if dice.u8(0..10) > 0 => (*id).clone(),
        Some(_) | None => format!("BT-{}", dice.u32(0..400)).into(),
    }
}

pub(super) fn some_targets(dice: &mut Rng, site: &SiteConfig) -> Value {
    let some = |dice: &mut Rng, all: Vec<String>| -> Vec<String> {
        if dice.u8(0..3) > 0 { vec!["*".to_owned()] } else { all.into_iter().filter(|_| dice.bool()).collect() }
    };
    let clusters = some(dice, site.clusters.keys().map(ToString::to_string).collect());
    let boards = some(dice, site.boards.keys().map(ToString::to_string).collect());
    json!({"clusters": clusters, "boards": boards})
}

/// A programme that begins within the next minutes, of whatever is there.
#[expect(clippy::expect_used, reason = "a programme of our own that cannot be read is a broken bench")]
pub(super) fn some_programme(dice: &mut Rng, site: &SiteConfig, twin: &Twin, at: Wall) -> Programme {
    let (_, start) = at.plus(dice.i64(-60_000..900_000)).local();
    let items: Vec<Value> = (0..dice.u8(1..5))
        .map(|_| match dice.u8(0..8) {
            0 => json!({"type": "chime"}),
            1 => json!({"type": "silence", "duration_s": dice.u8(0..5)}),
            2 => json!({"type": "priority_queue"}),
            3 => json!({"type": "relay", "input": "vov1"}),
            _ => json!({"type": "bulletin", "bulletin_id": some_id(dice, twin), "priority": dice.u8(0..4) == 0}),
        })
        .collect();
    let start_mode = ["hard", "wait", "next"][dice.usize(..3)];
    let body = json!({
        "programme_id": format!("P-{}", dice.u8(0..12)), "version": dice.u32(1..4), "title": "Chương trình",
        "start": format!("{:02}:{:02}:{:02}", start.hour(), start.minute(), start.second()),
        "duration_s": dice.u32(20..600), "start_mode": start_mode,
        "wait_s": dice.u32(0..60), "targets": some_targets(dice, site), "items": items,
    });
    serde_json::from_value(body).expect("a programme")
}
