//! A zone coder behind an RDS encoder that takes UECP: states again and again which zones are open.

use super::cluster_code::{LAST_ZONE, Network, Saying, pages};
use super::uecp_element::{Element, refusal};
use super::uecp_frame::{Address, Decoder, Frame};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::{CoderWant, Grade};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often a change is said, so that a receiver in a bad spot hears it: 3 times is about 0.3 s of air per group.
const REPEATS: usize = 3;
/// Longest wait for an acknowledgement; an encoder may take a while with each group (87.6 ms on the air).
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_millis(1000);

/// How often the open zones are stated while there are any; three statements fit in the time receivers hold.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What an encoder and its receivers need to be told apart from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UecpConfig {
    /// Whom the frames are for.
    pub address: Address,
    /// Whose receivers obey.
    pub network: Network,
    /// The encoder acknowledges; one that does not, then, is a line fault.
    pub two_way: bool,
    /// Programme identification to set when the line opens, where the encoder does not keep its own.
    pub pi: Option<u16>,
    /// Programme service name to set likewise.
    pub ps: Option<[u8; 8]>,
}

/// An RDS encoder that opens and closes zones. `apply` is called again every 2 s: that is the keep-alive without which
/// the receivers fall silent.
#[derive(Clone, Debug, Default)]
pub struct Uecp {
    config: UecpConfig,
    told: Option<BTreeSet<u16>>,
    /// Number of the line's opening that the encoder was set up in.
    session: u64,
    change: u8,
    sequence: u8,
}

impl Uecp {
    /// A coder that has told its receivers nothing yet.
    pub fn new(config: UecpConfig) -> Self {
        Self { config, ..Self::default() }
    }

    fn grade(&self) -> Grade {
        if self.config.two_way { Grade::Electrical } else { Grade::Sent }
    }

    /// Sets the encoder up once per connection.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.session == line.openings() {
            return Ok(());
        }
        // Taken before sending: the line may be opened once more while we speak.
        let session = line.openings();
        if self.config.two_way {
            self.say(line, &Element::TwoWay(true), "asking the encoder to acknowledge")?;
        }
        for element in [self.config.pi.map(Element::Pi), self.config.ps.map(Element::Ps)].into_iter().flatten() {
            self.say(line, &element, "naming the programme")?;
        }
        self.say(line, &Element::RdsOn(true), "switching RDS on")?;
        self.session = session;
        Ok(())
    }

    fn say(&mut self, line: &mut Line, element: &Element, asking: &str) -> Result<(), Fault> {
        self.sequence = if self.config.two_way { self.sequence % 255 + 1 } else { 0 };
        let frame = Frame { address: self.config.address, sequence: self.sequence, message: element.encode() };
        let bytes = frame.encode().map_err(|error| Fault::Refused(format!("{asking}: {error}")))?;
        line.send(asking, &bytes)?;
        if self.config.two_way { self.acknowledged(line, asking) } else { Ok(()) }
    }

    fn acknowledged(&self, line: &mut Line, asking: &str) -> Result<(), Fault> {
        let until = Instant::now() + ACKNOWLEDGE_WITHIN;
        let mut decoder = Decoder::default();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(line.gave_up(&format!("{asking}: waiting for the acknowledgement")));
            }
            for byte in line.receive(asking, left)? {
                let Some(decoded) = decoder.push(byte) else { continue };
                let frame = match decoded {
                    Ok(frame) => frame,
                    Err(error) => return Err(line.garbled(asking, error.to_string())),
                };
                match Element::decode(&frame.message) {
                    Some(Element::Acknowledge { sequence: Some(other), .. }) if other != self.sequence => {}
                    Some(Element::Acknowledge { code: 0, .. }) => return Ok(()),
                    Some(Element::Acknowledge { code, .. }) => {
                        return Err(Fault::Refused(format!("{asking}: encoder says {} ({code})", refusal(code))));
                    }
                    _ => {}
                }
            }
        }
    }

    /// What has to be said so that exactly these zones are open, given what was said last.
    fn sayings(&self, want: &BTreeSet<u16>) -> Vec<Saying> {
        let sequence = self.change;
        let mut sayings = vec![Saying::Here(self.config.network)];
        if self.told.is_none() || want.is_empty() {
            // Whatever was open before this program started must not stay so.
            sayings.push(Saying::CloseAll { sequence });
        }
        let mut states = pages(want);
        for page in self.told.iter().flat_map(|told| pages(told).into_keys()) {
            states.entry(page).or_insert(0);
        }
        if !want.is_empty() {
            sayings.extend(states.into_iter().map(|(page, mask)| Saying::State { page, mask, sequence }));
        }
        sayings
    }
}

impl Driver<CoderWant> for Uecp {
    fn apply(&mut self, line: &mut Line, want: &CoderWant) -> Result<Report, Fault> {
        let want = &want.zones;
        if let Some(zone) = want.last().filter(|zone| **zone > LAST_ZONE) {
            return Err(Fault::Refused(format!("opening zone {zone}: the zone code ends at {LAST_ZONE}")));
        }
        self.greet(line)?;
        let changed = self.told.as_ref() != Some(want);
        if changed {
            self.change = (self.change + 1) & 0x0F;
        }
        let mut sayings = self.sayings(want);
        for _ in 0..if changed { REPEATS } else { 1 } {
            for saying in &sayings {
                let group = Element::FreeFormat(saying.group(self.config.network));
                self.say(line, &group, "stating the open zones")?;
            }
            // Closing all is said once before the first statement, not between the repeats of an open one.
            if !want.is_empty() {
                sayings.retain(|saying| !matches!(saying, Saying::CloseAll { .. }));
            }
        }
        self.told = Some(want.clone());
        Ok(Report::Coder { zones: want.clone(), grade: self.grade() })
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        self.say(line, &Element::RdsOn(true), "asking whether the encoder is there")?;
        Ok(Report::Coder { zones: self.told.clone().unwrap_or_default(), grade: self.grade() })
    }
    /// Receivers that hear nothing for a while fall silent by themselves.
    fn again_after(&self, want: &CoderWant) -> Option<Duration> {
        (!want.zones.is_empty()).then_some(AGAIN_AFTER)
    }
}
