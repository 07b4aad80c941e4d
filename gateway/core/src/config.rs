//! What a site is made of, as the core needs to know it: no ports, no addresses, no secrets.

use crate::drill::Drill;
use crate::id::{BoardId, ClusterId, DrillId, InputId, PreparedId, SensorId, SinkId, SwitchId, TransmitterId};
use crate::trial::SelfTest;
use crate::zone_tones::ZoneTones;
use std::collections::{BTreeMap, BTreeSet};

/// A whole site.
#[derive(Clone, Debug, Default)]
pub struct SiteConfig {
    /// Identity given by the hub, 1–64 of `A-Za-z0-9._-`.
    pub station: String,
    /// Name of the place on screens, e.g. `Xã Bình Minh`.
    pub name: String,
    /// Province code, 2 digits (QĐ 19/2025/QĐ-TTg).
    pub province: String,
    /// Commune code, 5 digits.
    pub commune: String,
    /// Latitude and longitude, degrees, for alerts that name an area by polygon or circle.
    pub place: Option<(f64, f64)>,
    /// Audio outputs.
    pub sinks: BTreeMap<SinkId, Sink>,
    /// Switches.
    pub switches: BTreeMap<SwitchId, Switch>,
    /// Transmitters.
    pub transmitters: BTreeMap<TransmitterId, Transmitter>,
    /// Clusters.
    pub clusters: BTreeMap<ClusterId, Cluster>,
    /// Boards.
    pub boards: BTreeMap<BoardId, Board>,
    /// Audio inputs.
    pub inputs: BTreeMap<InputId, AudioInput>,
    /// Sensors.
    pub sensors: BTreeMap<SensorId, Sensor>,
    /// What the site has decided for itself.
    pub policy: Policy,
    /// Keys of its file that the site lets the province set, as `policy.night`.
    pub may_set: BTreeSet<String>,
    /// Drills held by the calendar.
    pub drills: BTreeMap<DrillId, Drill>,
    /// When the station tests itself, and what it makes of the figures.
    pub selftest: SelfTest,
    /// Sinks that a microphone or a line listens to.
    pub ears: BTreeSet<SinkId>,
    /// Where clusters stand, latitude and longitude in degrees, where that is known.
    pub stand: BTreeMap<ClusterId, (f64, f64)>,
}

/// An audio output.
#[derive(Clone, Debug)]
pub struct Sink {
    /// Per cent by day.
    pub volume_day: u8,
    /// Per cent by night.
    pub volume_night: u8,
    /// How sound travels from it: `wired`, `ip` or `recorder`; the word the play log uses.
    pub path: &'static str,
    /// Clusters at whose horns a microphone listens; empty: the line to all of them is listened to.
    pub heard_at: BTreeSet<ClusterId>,
}

/// An audio input: microphone, line-in, tuner, network stream.
#[derive(Clone, Debug, Default)]
pub struct AudioInput {
    /// Name on screens.
    pub name: String,
}

/// A switch.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    /// How long what it feeds takes to be usable after the coil read back, milliseconds.
    pub settle_ms: u64,
}

/// A transmitter.
#[derive(Clone, Debug)]
pub struct Transmitter {
    /// The sink that feeds it.
    pub sink: SinkId,
    /// The switch of its mains, if it has one.
    pub mains: Option<SwitchId>,
    /// Exciter warm-up after mains, milliseconds.
    pub warm_up_ms: u64,
    /// How long its receivers and its own protection need between the steps.
    pub settle: Settle,
    /// Whether it has a zone coder.
    pub coded: bool,
    /// What its receivers listen for in the sound itself; its sink then feeds nothing else.
    pub tones: Option<ZoneTones>,
    /// The carrier goes when nothing has been heard on its sink for so long, milliseconds; 0: it stays.
    pub silence_off_ms: u64,
}

impl Transmitter {
    /// Its receivers can be told apart.
    pub fn has_zones(&self) -> bool {
        self.coded || self.tones.is_some()
    }
}

/// Pauses of a transmitter's keying, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settle {
    /// From the carrier that reads back to the code: receivers need a moment to lock.
    pub carrier_ms: u64,
    /// From the code that was said to the sound: horns need a moment to open.
    pub code_ms: u64,
    /// How long the coder, then the carrier, may take to go before the next step is taken anyway.
    pub let_go_ms: u64,
}

impl Default for Settle {
    fn default() -> Self {
        Self { carrier_ms: 0, code_ms: 0, let_go_ms: 2_000 }
    }
}

/// A cluster of horns.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Name on screens.
    pub name: String,
    /// Ways to reach it, best first; one that proves silent is left for the next.
    pub paths: Vec<Path>,
    /// Languages of the place, in the order renditions play.
    pub languages: Vec<String>,
    /// Number of loudspeakers.
    pub speakers: u32,
    /// A light that is on while an emergency is said to it, whatever path it goes by.
    pub beacon: Option<SwitchId>,
}

/// One way to reach a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Straight from a sink, through a switch where there is one.
    Direct {
        /// Audio output.
        sink: SinkId,
        /// Amplifier or line relay.
        switch: Option<SwitchId>,
        /// What forces the level of the horns to full for an emergency: the relay that bypasses volume controls, the
        /// horn's own volume.
        force: Option<SwitchId>,
        /// What tells whether the horn at its end is alive: while that sensor is faulted, the path counts as silent.
        watch: Option<SensorId>,
    },
    /// Over the air.
    Radio {
        /// Transmitter.
        transmitter: TransmitterId,
        /// Zone its coder opens.
        zone: u16,
    },
}

impl Path {
    /// Straight from a sink, through a switch where there is one.
    pub fn direct(sink: SinkId, switch: Option<SwitchId>) -> Self {
        Self::Direct { sink, switch, force: None, watch: None }
    }
}

/// A board.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Name on screens.
    pub name: String,
    /// What it shows while nothing is due; `None`: it is dark.
    pub idle: Option<String>,
    /// Per cent of full brightness in each hour of the day, 1–100; an emergency is always at full.
    pub brightness: Option<[u8; 24]>,
    /// Address shown as a QR code beside what is shown.
    pub qr: Option<String>,
    /// The switch of its power or its network port: a blackout opens it, for a card that does not answer.
    pub power: Option<SwitchId>,
}

/// A sensor.
#[derive(Clone, Debug, Default)]
pub struct Sensor {
    /// Name on screens.
    pub name: String,
    /// What must not stand for long.
    pub alarms: Vec<SensorAlarm>,
    /// What pressing it does, where it is a button.
    pub button: Option<Button>,
    /// What sounds at the station when one of its alarms begins.
    pub buzzer: Option<Buzzer>,
}

/// A switch that is closed for a while when an alarm begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buzzer {
    /// Which.
    pub switch: SwitchId,
    /// For how long at most, milliseconds; it ends with the alarm.
    pub for_ms: u64,
}

/// A threshold of one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorAlarm {
    /// Word of the `incident`, e.g. `on_battery`.
    pub code: String,
    /// The quantity that is watched.
    pub quantity: String,
    /// What it must not be.
    pub bound: Bound,
    /// Where it must come back to for the alarm to end; on the good side of the bound.
    pub clears: f64,
    /// For how long it must be out of bounds, milliseconds.
    pub for_ms: u64,
    /// What is wrong and the one thing to do, in the officer's language.
    pub text: String,
    /// People outside may not hear what they should.
    pub grave: bool,
}

/// Which side of a bound is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Less than this.
    Below(f64),
    /// More than this.
    Above(f64),
}

/// What pressing a button at the station does. Whoever stands there is taken to be allowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// Silence clusters, and every buzzer, for the site's usual time; pressing again lifts it.
    Mute {
        /// Which; empty: all.
        clusters: BTreeSet<ClusterId>,
    },
    /// Held for three seconds: an emergency that was written beforehand.
    Emergency {
        /// What is said and shown.
        text: String,
        /// Disaster risk level 1–5.
        level: u8,
        /// Where; empty: everywhere.
        clusters: BTreeSet<ClusterId>,
        /// What is kept ready under this name is said in the place of the text, while there is such a thing.
        prepared: Option<PreparedId>,
    },
    /// An input goes on air while it is pressed.
    Talk {
        /// Which.
        input: InputId,
        /// It is cut off after, seconds.
        max_s: u32,
        /// Where; empty: everywhere.
        clusters: BTreeSet<ClusterId>,
    },
}

/// Who goes first when the hub's priority item and the commune's own meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// The province's item, unless the officer says otherwise.
    #[default]
    Province,
    /// The commune's own item.
    Commune,
}

/// What becomes of a programme's item that something else has interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// It goes on where it was.
    #[default]
    Place,
    /// It begins again.
    Start,
    /// It is over: the next item follows.
    Skip,
}

/// What the site has decided for itself.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What becomes of an item that was interrupted.
    pub resume: Resume,
    /// Items of a programme that follow each other without a pause overlap for the sink's cross-fade time.
    pub cross_fade: bool,
    /// A programme stays audible, far lower, beneath a live voice.
    pub duck_under_live: bool,
    /// A live voice opens with the chime unless its speaker says otherwise.
    pub live_chime: bool,
    /// Taken when nobody answers a clash before the programme starts.
    pub clash_default: First,
    /// Night begins, seconds after local midnight.
    pub night_from_s: u32,
    /// Night ends, seconds after local midnight.
    pub night_until_s: u32,
    /// How long a mute or blackout lasts unless said, milliseconds.
    pub mute_ms: u64,
    /// What programmes of the desk must keep to.
    pub hours: Hours,
    /// Who must approve what the commune makes.
    pub approval: Approval,
    /// What is heard while nothing is due; `None`: nothing.
    pub filler: Option<Filler>,
}

/// Who must approve what the commune makes; emergencies need nobody's word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// Roles that need no approval, each for everything (`approver`) or for one priority (`officer:ordinary`).
    pub skip: Vec<String>,
    /// A leader may approve what he made himself.
    pub own: bool,
}

/// What is heard while nothing is due: the least of all claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filler {
    /// The input that is relayed.
    pub input: InputId,
    /// Where; empty: everywhere.
    pub clusters: BTreeSet<ClusterId>,
    /// Spans of the day, seconds after local midnight; one does not go over midnight.
    pub spans: Vec<(u32, u32)>,
}

/// What programmes of the desk must keep to; emergencies, live voices and the province's programmes need not.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hours {
    /// Nothing in the quiet hours.
    pub quiet_at_night: bool,
    /// Longest programme, seconds; 0: any length.
    pub longest_s: u32,
    /// `mon` … `sun` on which there may be programmes; empty = every day.
    pub days: Vec<String>,
    /// Spans of the day in which there may be programmes, seconds after local midnight; empty = the whole day.
    pub sessions: Vec<(u32, u32)>,
}

impl Policy {
    /// Whether a second of the day is in the quiet hours.
    pub fn is_night(&self, second_of_day: u32) -> bool {
        if self.night_from_s > self.night_until_s {
            second_of_day >= self.night_from_s || second_of_day < self.night_until_s
        } else {
            (self.night_from_s..self.night_until_s).contains(&second_of_day)
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            resume: Resume::Place,
            cross_fade: false,
            duck_under_live: false,
            live_chime: true,
            clash_default: First::Province,
            night_from_s: 21 * 3600,
            night_until_s: 5 * 3600,
            mute_ms: 600_000,
            hours: Hours::default(),
            approval: Approval::default(),
            filler: None,
        }
    }
}
