//! Audiences and topics: who is meant, in the claim and on the wire (contract §2, §3).

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// For whom a message is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Every station.
    All,
    /// The stations of a province, by its 2 digits.
    Province(String),
    /// The stations of a commune, by its 5 digits.
    Commune(String),
    /// One station.
    Station(String),
}

/// A station and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Station identity.
    pub station: String,
    /// Province code, where the hub was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Commune code, where the hub was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commune: Option<String>,
}

impl Audience {
    /// The downlink topic of a kind.
    pub fn topic(&self, kind: &str) -> String {
        match self {
            Self::All => format!("ttcs/1/all/down/{kind}"),
            Self::Province(code) => format!("ttcs/1/p/{code}/down/{kind}"),
            Self::Commune(code) => format!("ttcs/1/c/{code}/down/{kind}"),
            Self::Station(id) => format!("ttcs/1/g/{id}/down/{kind}"),
        }
    }

    /// Whether a station at this place is meant. Without knowledge of its place the answer for a province or a commune
    /// is yes: a message too many is refused by the station, one too few is never heard.
    pub fn covers(&self, place: &Place) -> bool {
        match self {
            Self::All => true,
            Self::Province(code) => place.province.as_ref().is_none_or(|p| p == code),
            Self::Commune(code) => place.commune.as_ref().is_none_or(|c| c == code),
            Self::Station(id) => *id == place.station,
        }
    }
}

impl FromStr for Audience {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let digits = |code: &str, n: usize| {
            if code.len() == n && code.bytes().all(|b| b.is_ascii_digit()) {
                Ok(code.to_owned())
            } else {
                bail!("{code:?} in {text:?} is not a code of {n} digits")
            }
        };
        match text.split_once(':') {
            None if text == "all" => Ok(Self::All),
            Some(("p", code)) => digits(code, 2).map(Self::Province),
            Some(("c", code)) => digits(code, 5).map(Self::Commune),
            Some(("g", id)) => check_station(id).map(|()| Self::Station(id.to_owned())),
            None | Some(_) => bail!("{text:?} is none of all, p:PP, c:CCCCC, g:STATION"),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Province(code) => write!(f, "p:{code}"),
            Self::Commune(code) => write!(f, "c:{code}"),
            Self::Station(id) => write!(f, "g:{id}"),
        }
    }
}

/// Checks a station identity: 1–64 of `A-Za-z0-9._-` (contract §1), and not the hub's own name, under which the broker
/// would let it write to everyone.
pub fn check_station(id: &str) -> Result<()> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if id.is_empty() || id.len() > 64 || !id.bytes().all(allowed) {
        bail!("station {id:?} is not 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    if id == super::HUB || id.bytes().all(|b| b == b'.') {
        bail!("station {id:?} is a reserved name");
    }
    Ok(())
}

/// The topic filter of everything stations send.
pub const UPLINKS: &str = "ttcs/1/g/+/up/#";

/// The topic a station sends a kind on.
pub fn up_topic(station: &str, kind: &str) -> String {
    format!("ttcs/1/g/{station}/up/{kind}")
}

/// Station and kind of an uplink topic.
pub fn read_up_topic(topic: &str) -> Result<(&str, &str)> {
    let (station, kind) =
        topic.strip_prefix("ttcs/1/g/").and_then(|rest| rest.split_once("/up/")).context("not an uplink topic")?;
    check_station(station)?;
    Ok((station, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_topics_agree() {
        for (word, topic) in [
            ("all", "ttcs/1/all/down/alert"),
            ("p:80", "ttcs/1/p/80/down/alert"),
            ("c:25459", "ttcs/1/c/25459/down/alert"),
            ("g:TN-25459-01", "ttcs/1/g/TN-25459-01/down/alert"),
        ] {
            let audience: Audience = word.parse().expect("valid audience");
            assert_eq!(audience.to_string(), word);
            assert_eq!(audience.topic("alert"), topic);
        }
        for bad in ["", "p:8", "c:2545", "g:", "g:a/b", "g:+", "g:#", "g:hub", "everyone", "x:1"] {
            assert!(bad.parse::<Audience>().is_err(), "{bad}");
        }
        assert_eq!(read_up_topic("ttcs/1/g/TN-1/up/ack").expect("valid topic"), ("TN-1", "ack"));
        assert!(read_up_topic("ttcs/1/g/TN-1/down/ack").is_err());
    }
}
