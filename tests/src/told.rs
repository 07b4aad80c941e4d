//! Told time: a station's core, a signing hub and a commune of simulated outputs, in one thread with a clock in a struct.
//!
//! Nothing here sleeps or asks what time it is: [`Told::run`] goes from one moment at which something happens to the next.

mod asked;
mod undone;
mod world;

pub use asked::programme;
pub use world::{Act as Happened, Mishap, World};

use crate::hub::{Keyring, Signing, sign};
use gateway_core::config::{AudioInput, Board, Cluster, Path, Policy, Settle, Sink, SiteConfig, Switch, Transmitter};
use gateway_core::id::BulletinId;
use gateway_core::input::{Act, Input, Order};
use gateway_core::journal::{Entry, Event, Stage, Uplink};
use gateway_core::memory::Memory;
use gateway_core::site::Site;
use gateway_core::time::{Mono, Now, Wall};
use gateway_core::verify::Verdict;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Wall time at which every story begins: Saturday 21 November 2026, 05:00 in Viet Nam.
pub const DAWN: Wall = Wall(1_795_212_000_000);

/// A station under told time.
pub struct Told {
    /// The core.
    pub site: Site,
    /// The clock.
    pub now: Now,
    /// The outputs.
    pub world: World,
    /// The hub's keys.
    pub keyring: Keyring,
    /// Memory as of the last commit.
    pub committed: Memory,
    /// Entries made since; a power cut loses them.
    pub uncommitted: Vec<Entry>,
    /// What the hub has been told: uplinks of committed entries.
    pub uplinks: Vec<Uplink>,
    /// Every event since the story began.
    pub events: Vec<Event>,
    /// Commit after every step; a model with power cuts says when itself.
    pub commits: bool,
    /// What each spoken text says, while a timeline is kept.
    texts: BTreeMap<String, String>,
    orders: u64,
    messages: u64,
}

/// A commune with everything once: two clusters behind relays on one sink, one of which can also be reached by FM, and
/// a board.
pub fn small_commune() -> SiteConfig {
    let sink = |path| Sink { volume_day: 80, volume_night: 50, path, heard_at: BTreeSet::new() };
    let cluster = |name: &str, paths: Vec<Path>| Cluster {
        name: name.to_owned(),
        paths,
        languages: vec!["vi".to_owned()],
        speakers: 2,
        beacon: None,
    };
    let direct = |sink: &str, switch: &str| Path::direct(sink.into(), Some(switch.into()));
    let radio = |zone| Path::Radio { transmitter: "fm".into(), zone };
    SiteConfig {
        station: "TN-25459-01".to_owned(),
        name: "Xã Bình Minh".to_owned(),
        province: "80".to_owned(),
        commune: "25459".to_owned(),
        place: Some((11.31, 106.10)),
        sinks: [("hall".into(), sink("wired")), ("fm-audio".into(), sink("wired"))].into(),
        switches: [
            ("amp1".into(), Switch::default()),
            ("amp2".into(), Switch::default()),
            ("mains".into(), Switch { settle_ms: 200 }),
        ]
        .into(),
        transmitters: [(
            "fm".into(),
            Transmitter {
                sink: "fm-audio".into(),
                mains: Some("mains".into()),
                warm_up_ms: 500,
                settle: Settle::default(),
                coded: true,
                tones: None,
                silence_off_ms: 60_000,
            },
        )]
        .into(),
        clusters: [
            ("thon-1".into(), cluster("Thôn 1", vec![direct("hall", "amp1"), radio(1)])),
            ("thon-2".into(), cluster("Thôn 2", vec![direct("hall", "amp2")])),
            ("thon-3".into(), cluster("Thôn 3", vec![radio(3)])),
        ]
        .into(),
        boards: [("gate".into(), Board { name: "Cổng UBND".to_owned(), ..Board::default() })].into(),
        inputs: [("vov1".into(), AudioInput { name: "VOV1".to_owned() })].into(),
        sensors: BTreeMap::new(),
        policy: Policy::default(),
        ..SiteConfig::default()
    }
}

impl Told {
    /// A small commune at dawn, switched on for the first time.
    pub fn new() -> Self {
        Self::in_commune(small_commune(), Some(DAWN))
    }

    /// A station of any make that keeps a timeline.
    #[expect(clippy::expect_used, reason = "a bench that cannot make keys has nothing to test")]
    pub fn in_commune(config: SiteConfig, wall: Option<Wall>) -> Self {
        let mut told = Self::with(config, Keyring::told().expect("keys are made"), wall);
        told.world.timeline = Some(Vec::new());
        told
    }

    /// A station of any make, with or without a trusted clock.
    pub fn with(config: SiteConfig, keyring: Keyring, wall: Option<Wall>) -> Self {
        let now = Now { mono: Mono(1_000), wall };
        let (site, entries) = Site::new(config, Memory::default(), keyring.trust().clone(), now);
        let mut told = Self {
            site,
            now,
            world: World::default(),
            keyring,
            committed: Memory::default(),
            uncommitted: Vec::new(),
            uplinks: Vec::new(),
            events: Vec::new(),
            commits: true,
            texts: BTreeMap::new(),
            orders: 0,
            messages: 0,
        };
        told.after(entries);
        told
    }

    fn after(&mut self, entries: Vec<Entry>) {
        self.events.extend(entries.iter().map(|e| e.event.clone()));
        self.uncommitted.extend(entries);
        if self.commits {
            self.commit();
        }
        if self.world.timeline.is_some() {
            let said = self.site.wants().speech.iter().map(|(id, want)| (id.to_string(), want.text.clone()));
            self.texts.extend(said);
        }
        self.world.apply(self.site.wants(), self.now.mono);
    }

    /// What was noted so far is on disk: the hub is told of it.
    #[expect(clippy::panic, reason = "a chain that does not hold is the failure looked for")]
    pub fn commit(&mut self) {
        for entry in self.uncommitted.drain(..) {
            if let Err(why) = self.committed.replay(&entry.text) {
                panic!("{why}");
            }
            self.uplinks.extend(entry.uplinks);
        }
    }

    /// Feeds one input in.
    pub fn step(&mut self, input: Input) {
        let entries = self.site.step(input, self.now);
        self.after(entries);
    }

    /// A fresh message identity.
    pub fn fresh(&mut self) -> String {
        self.messages += 1;
        format!("m-{:05}", self.messages)
    }

    /// Signs a body for this station and sends it; returns its `jti`.
    pub fn send(&mut self, kind: &str, body: &Value) -> String {
        let jti = self.fresh();
        let message = self.signed(kind, body, &jti);
        self.deliver(&message);
        jti
    }

    /// A message signed by the first key that may send it.
    #[expect(clippy::expect_used, reason = "a hub without a key for a kind is a broken bench")]
    pub fn signed(&self, kind: &str, body: &Value, jti: &str) -> String {
        let emergency = kind == "alert" || body["priority"] == "emergency";
        let key = self.keyring.for_kind(kind, emergency).expect("a key for the kind");
        let at = self.now.wall.unwrap_or(DAWN).unix_s();
        let signing = Signing {
            iss: "hub-80".to_owned(),
            aud: "c:25459".to_owned(),
            iat: at,
            exp: at + 86_400,
            jti: jti.to_owned(),
        };
        sign(kind, body, key, &signing)
    }

    /// Hands bytes to the station as if the broker had.
    pub fn deliver(&mut self, message: &str) -> Option<Verdict> {
        let judged = self.site.verify(message.as_bytes(), None, self.now);
        let verdict = match &judged {
            Ok(message) => self.site.verdict(message, self.now),
            Err(refused) => refused.verdict,
        };
        self.step(Input::Hub(judged));
        Some(verdict)
    }

    /// An officer's order and its outcome.
    pub fn order(&mut self, act: Act) -> Result<(), String> {
        self.order_as("lan", act)
    }

    /// The order of a certain officer and its outcome.
    pub fn order_as(&mut self, by: &str, act: Act) -> Result<(), String> {
        self.orders += 1;
        let no = self.orders;
        self.step(Input::Desk(Order { no, by: by.to_owned(), act }));
        self.events
            .iter()
            .rev()
            .find_map(|e| {
                if let Event::OrderRefused { no: n, why, .. } = e {
                    return (*n == no).then(|| Err(why.clone()));
                }
                matches!(e, Event::Ordered { no: n, .. } if *n == no).then_some(Ok(()))
            })
            .unwrap_or_else(|| Err("the order left no trace".to_owned()))
    }

    /// The next moment at which something happens.
    pub fn next_moment(&self) -> Option<Mono> {
        let wake = self.site.wake_at().map(|w| w.at);
        self.world.next_at().into_iter().chain(wake).min()
    }

    /// Sets the clock forward, without letting anything happen.
    pub fn advance(&mut self, to: Mono) {
        let ms = to.since(self.now.mono);
        self.now.mono = self.now.mono.max(to);
        self.now.wall = self.now.wall.map(|w| w.plus(i64::try_from(ms).unwrap_or(0)));
    }

    /// Lets `ms` pass, with everything that happens meanwhile.
    pub fn run(&mut self, ms: u64) {
        let end = self.now.mono.plus(ms);
        self.run_while(end, |_| true);
    }

    /// Lets time pass until something holds; true if it did within `ms`.
    pub fn run_until(&mut self, ms: u64, mut holds: impl FnMut(&Self) -> bool) -> bool {
        let end = self.now.mono.plus(ms);
        self.run_while(end, |told| !holds(told));
        holds(self)
    }

    fn run_while(&mut self, end: Mono, mut go_on: impl FnMut(&Self) -> bool) {
        while go_on(self) {
            match self.next_moment() {
                Some(at) if at <= end => {
                    self.advance(at);
                    self.happen();
                }
                Some(_) | None => {
                    self.advance(end);
                    return;
                }
            }
        }
    }

    /// Lets happen what is due now: one thing the world has to say, else a tick.
    pub fn happen(&mut self) {
        let input = self.world.pop(self.now.mono).unwrap_or(Input::Tick);
        self.step(input);
    }

    /// The power goes: what was not committed is lost, the outputs fall silent, and the station starts again.
    pub fn cut_power(&mut self, wall_after: Option<Wall>) {
        self.uncommitted.clear();
        self.world.power_off();
        self.now = Now { mono: Mono(1_000), wall: wall_after };
        let config = self.site.config().clone();
        let (site, entries) = Site::new(config, self.committed.clone(), self.keyring.trust().clone(), self.now);
        self.site = site;
        self.after(entries);
    }

    /// Rungs the hub heard of a message, in order.
    pub fn rungs(&self, jti: &str) -> Vec<String> {
        let of = |u: &&Uplink| u.kind == "ack" && u.body["of"] == jti;
        self.uplinks.iter().filter(of).map(|u| u.body["stage"].as_str().unwrap_or("?").to_owned()).collect()
    }

    /// The state of a bulletin.
    pub fn state(&self, id: &str) -> Option<gateway_core::bulletin::State> {
        self.site.memory().bulletins.get(&BulletinId::from(id)).map(|s| s.state)
    }

    /// Whether a bulletin has reached a rung.
    pub fn reached(&self, id: &str, stage: Stage) -> bool {
        self.site.memory().bulletins.get(&BulletinId::from(id)).is_some_and(|s| s.rungs.contains(&stage))
    }
}

impl Default for Told {
    fn default() -> Self {
        Self::new()
    }
}

/// A bulletin body with the least it needs.
pub fn bulletin(id: &str, priority: &str, text: &str) -> Value {
    json!({
        "bulletin_id": id, "version": 1, "priority": priority, "title": text, "field": "y-te",
        "issuer": {"level": "province", "name": "Sở Y tế"},
        "content": [{"type": "text", "lang": "vi", "text": text}],
        "targets": {"clusters": ["*"], "boards": ["*"]},
    })
}
