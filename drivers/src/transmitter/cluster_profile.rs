//! Cluster profiles: how a maker's receivers are told which zones are open, as data.
//!
//! A profile says which groups carry the code, what each of the 37 free bits of one means, how they are checked, and
//! how often they must be said. `docs/devices/cluster-profiles.md` has every key.

use super::rds::group;
use serde::Deserialize;

/// What a profile is made of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterProfile {
    /// Name in the configuration.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub about: String,
    /// Group type that carries the code, e.g. `11A`.
    #[serde(deserialize_with = "carrier")]
    pub carrier: (u8, bool),
    /// Whether a group states many zones or one.
    pub say: Say,
    /// The lowest zone.
    #[serde(default)]
    pub first_zone: u16,
    /// The highest.
    pub last_zone: u16,
    /// How often a change is said, so that a receiver in a bad spot hears it.
    pub repeats: u8,
    /// How often open zones are said again while there are any, seconds; 0: never.
    pub keep_alive_s: u16,
    /// Receivers fall silent by themselves after this, seconds; 0: they do not.
    pub auto_off_s: u16,
    /// Block 3 of the group 3A that announces the code; empty: it is not announced.
    #[serde(default)]
    pub announce: Vec<Field>,
    /// The 37 bits of a group of the code, from the top: low 5 of block 2, block 3, block 4.
    pub bits: Vec<Field>,
    /// The numbers of the orders.
    pub ops: Ops,
    /// How groups are checked.
    #[serde(default)]
    pub check: Check,
}

/// Whether a group states many zones or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Say {
    /// 16 zones each, by a mask and the number of the sixteen.
    Masks,
    /// One zone each, by its address.
    Addresses,
}

/// A run of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it holds.
    pub field: What,
    /// How many bits.
    pub bits: u8,
    /// The value of a constant.
    #[serde(default)]
    pub value: u32,
}

/// What a run of bits holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Always the same.
    Constant,
    /// The number of the order.
    Op,
    /// Number of the commune's own receivers.
    Network,
    /// A zone.
    Address,
    /// Which sixteen zones.
    Page,
    /// Which of the sixteen are open; the lowest bit is the first of them.
    Mask,
    /// Another one when the zones changed.
    Sequence,
    /// Checksum.
    Check,
}

/// The numbers of the orders; those a maker does not have are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ops {
    /// These of sixteen are open, the others are not.
    pub state: Option<u8>,
    /// One zone opens.
    pub open: Option<u8>,
    /// One zone closes.
    pub close: Option<u8>,
    /// All close.
    pub close_all: Option<u8>,
}

/// How groups are checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// By what.
    #[serde(default)]
    pub kind: CheckKind,
    /// Polynomial of a CRC-8, highest power left out.
    #[serde(default)]
    pub poly: u8,
    /// Where it begins.
    #[serde(default)]
    pub init: u8,
    /// Turned over at the end with this.
    #[serde(default)]
    pub xorout: u8,
    /// What it covers, in this order.
    #[serde(default)]
    pub over: Vec<Part>,
}

/// By what groups are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// Not at all.
    #[default]
    None,
    /// CRC-8, most significant bit first.
    Crc8,
    /// Sum of the bytes, the low 8 bits.
    Sum,
    /// Exclusive or of the bytes.
    Xor,
}

/// A part that a checksum covers; the bits of the checksum itself count as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Application identification, 2 bytes.
    Aid,
    /// Network, 2 bytes.
    Network,
    /// The low 5 bits of block 2, 1 byte.
    Low5,
    /// Block 3, 2 bytes.
    Block3,
    /// Block 4, 2 bytes.
    Block4,
    /// The upper byte of block 4.
    Block4High,
}

fn carrier<'de, D: serde::Deserializer<'de>>(from: D) -> Result<(u8, bool), D::Error> {
    let name = String::deserialize(from)?;
    group::kind(&name).ok_or_else(|| serde::de::Error::custom(format!("\"{name}\" is no group type, write e.g. 11A")))
}

/// Why a profile is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is not written as one.
    #[error("{0}")]
    Written(String),
    /// What it says cannot be.
    #[error("{0}")]
    Wrong(String),
}

/// The open zone code.
const OPEN: &str = include_str!("../../profiles/cluster-open.toml");
/// One order for each address.
const ORDERS: &str = include_str!("../../profiles/cluster-orders.toml");

/// The profiles that are built in: name and text.
pub const BUILT_IN: &[(&str, &str)] = &[("open", OPEN), ("orders", ORDERS)];

impl ClusterProfile {
    /// The built-in profile of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        BUILT_IN.iter().find(|(known, _)| *known == name).and_then(|(_, text)| Self::read(text).ok())
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// When it is not written as one, or what it says cannot be.
    pub fn read(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| ProfileError::Written(error.to_string()))?;
        match profile.objection() {
            Some(why) => Err(ProfileError::Wrong(why)),
            None => Ok(profile),
        }
    }

    /// Bits of a field; 0: it is not there.
    pub(super) fn width(&self, what: What) -> u8 {
        self.bits.iter().filter(|f| f.field == what).map(|f| f.bits).sum()
    }

    fn objection(&self) -> Option<String> {
        let sum = |fields: &[Field]| fields.iter().map(|f| u32::from(f.bits)).sum::<u32>();
        let fits = |value: u32, bits: u8| bits >= 32 || value < 1 << bits;
        let all = || self.announce.iter().chain(&self.bits);
        if sum(&self.bits) != 37 {
            return Some(format!("bits: {} bits, a group has 37", sum(&self.bits)));
        }
        if !self.announce.is_empty() && sum(&self.announce) != 16 {
            return Some(format!("announce: {} bits, block 3 has 16", sum(&self.announce)));
        }
        if let Some(odd) = self.announce.iter().find(|f| !matches!(f.field, What::Constant | What::Network)) {
            return Some(format!("announce: {:?} does not belong there", odd.field));
        }
        if let Some(wide) = all().find(|f| f.bits == 0 || f.bits > 16 || !fits(f.value, f.bits)) {
            return Some(format!("{:?}: 1–16 bits, and a constant must fit into them", wide.field));
        }
        let several = |what| self.bits.iter().filter(|f| f.field == what).count() > 1;
        let once = [What::Op, What::Network, What::Address, What::Page, What::Mask, What::Sequence, What::Check];
        if let Some(twice) = once.into_iter().find(|what| several(*what)) {
            return Some(format!("{twice:?}: twice"));
        }
        self.objection_to_the_orders(fits).or_else(|| self.objection_to_the_check())
    }

    fn objection_to_the_orders(&self, fits: impl Fn(u32, u8) -> bool) -> Option<String> {
        let Ops { state, open, close, close_all } = self.ops;
        let op = self.width(What::Op);
        if op == 0 || [state, open, close, close_all].into_iter().flatten().any(|n| !fits(u32::from(n), op)) {
            return Some("ops: a number does not fit into the bits of op".to_owned());
        }
        if self.first_zone > self.last_zone {
            return Some("first_zone: above last_zone".to_owned());
        }
        let last = u32::from(self.last_zone);
        match self.say {
            Say::Masks
                if state.is_none() || self.width(What::Mask) != 16 || !fits(last >> 4, self.width(What::Page)) =>
            {
                Some("masks want an op `state`, a mask of 16 bits and a page that holds last_zone / 16".to_owned())
            }
            Say::Addresses if open.is_none() || close.is_none() || !fits(last, self.width(What::Address)) => {
                Some("addresses want ops `open` and `close` and an address that holds last_zone".to_owned())
            }
            // A program that starts anew does not know what was open before.
            Say::Masks | Say::Addresses if close_all.is_none() && self.auto_off_s == 0 => {
                Some("receivers that hold for ever want an op `close_all`".to_owned())
            }
            Say::Masks | Say::Addresses if self.auto_off_s > 0 && self.keep_alive_s == 0 => {
                Some("receivers that fall silent by themselves want keep_alive_s".to_owned())
            }
            Say::Masks | Say::Addresses if self.auto_off_s > 0 && self.keep_alive_s * 2 > self.auto_off_s => {
                Some("keep_alive_s: two must fit into auto_off_s, one may be lost".to_owned())
            }
            Say::Masks | Say::Addresses if !(1..=10).contains(&self.repeats) => Some("repeats: 1–10".to_owned()),
            Say::Masks | Say::Addresses => None,
        }
    }

    fn objection_to_the_check(&self) -> Option<String> {
        let width = self.width(What::Check);
        match self.check.kind {
            CheckKind::None if width > 0 => Some("check: bits for it, and no kind".to_owned()),
            CheckKind::None => None,
            CheckKind::Crc8 | CheckKind::Sum | CheckKind::Xor if width != 8 => {
                Some(format!("check: 8 bits are wanted, there are {width}"))
            }
            CheckKind::Crc8 | CheckKind::Sum | CheckKind::Xor if self.check.over.is_empty() => {
                Some("check: it covers nothing".to_owned())
            }
            CheckKind::Crc8 | CheckKind::Sum | CheckKind::Xor => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_profiles_are_sound_and_named_as_their_table_says() {
        for (name, text) in BUILT_IN {
            let profile = ClusterProfile::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(profile.name, *name);
        }
        assert!(ClusterProfile::built_in("none").is_none());
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        for (from, to, why) in [
            ("bits = 16 }", "bits = 15 }", "36 bits"),
            ("carrier = \"11A\"", "carrier = \"16A\"", "no group type"),
            ("state = 1", "state = 8", "does not fit"),
            ("last_zone = 255", "last_zone = 256", "page"),
            ("keep_alive_s = 2", "keep_alive_s = 4", "two must fit"),
            ("keep_alive_s = 2", "keep_alive_s = 0", "want keep_alive_s"),
            ("repeats = 3", "repeats = 0", "repeats"),
            ("kind = \"crc8\"", "kind = \"none\"", "no kind"),
            ("over = [\"aid\", ", "over = [\"aim\", ", "aim"),
            ("value = 1, bits = 2", "value = 4, bits = 2", "must fit"),
            ("{ field = \"network\", bits = 12 }", "{ field = \"mask\", bits = 12 }", "does not belong"),
            ("\"sequence\"", "\"page\"", "twice"),
            ("repeats = 3", "repeats = 3\nrepeat = 3", "repeat"),
        ] {
            assert!(OPEN.contains(from), "{from}");
            let error = ClusterProfile::read(&OPEN.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(why), "{to}: {error}");
        }
        let forever = ORDERS.replace("auto_off_s = 60", "auto_off_s = 0").replace("close_all = 0x1F\n", "");
        assert!(ClusterProfile::read(&forever).expect_err("none").to_string().contains("close_all"));
    }
}
