//! A GNSS receiver, asked through gpsd (JSON over TCP, protocol 3): position, satellites, and how wrong the clock is.

use super::{CLOCK_OFFSET, flag, reading};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use gateway_core::time::Wall;
use serde::Deserialize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A receiver reports every second; one that has not by then is silent.
const REPORT_WITHIN: Duration = Duration::from_millis(2500);
/// gpsd's lines are at most 10 240 bytes; what is longer is not gpsd.
const LONGEST: usize = 64 * 1024;
const ASKING: &str = "gpsd: position";

/// A receiver.
#[derive(Clone, Debug, Default)]
pub struct Gps {
    /// The last sky, since it is reported less often than the position.
    satellites: Option<u32>,
}

/// A line of gpsd.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "class")]
enum Said {
    #[serde(rename = "VERSION")]
    Version { proto_major: u32 },
    #[serde(rename = "DEVICES")]
    Devices { devices: Vec<serde_json::Value> },
    #[serde(rename = "TPV")]
    Position(Position),
    #[serde(rename = "SKY")]
    Sky {
        #[serde(default, rename = "uSat")]
        used: Option<u32>,
        #[serde(default)]
        satellites: Vec<Satellite>,
    },
    #[serde(rename = "ERROR")]
    Error { message: String },
    #[serde(other)]
    Else,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Satellite {
    #[serde(default)]
    used: bool,
}

/// A report of time, position and velocity.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Position {
    /// 0 and 1: no fix; 2: without height; 3: with it.
    #[serde(default)]
    mode: u8,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    lat: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
}

impl Driver<()> for Gps {
    fn apply(&mut self, line: &mut Line, (): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    /// Watches until the receiver has reported once, and stops watching, so that nothing old lies in the connection.
    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        line.send(ASKING, b"?WATCH={\"enable\":true,\"json\":true};\n")?;
        let until = Instant::now() + REPORT_WITHIN;
        let (mut bytes, mut position, mut heard) = (Vec::new(), None, false);
        while position.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // gpsd is there and answers: it is the receiver that does not.
                let silent = Fault::Refused(format!("{ASKING}: the receiver says nothing"));
                return Err(if heard { silent } else { line.gave_up(ASKING) });
            }
            bytes.extend(line.receive(ASKING, left)?);
            heard |= !bytes.is_empty();
            if bytes.len() > LONGEST {
                return Err(line.garbled(ASKING, "no end of it"));
            }
            position = self.take(line, &mut bytes)?;
        }
        line.send(ASKING, b"?WATCH={\"enable\":false};\n")?;
        Ok(Report::Sensed(self.readings(&position.unwrap_or_default(), wall_ms())))
    }
}

impl Gps {
    /// Takes whole lines from the front; a position, once there is one.
    fn take(&mut self, line: &mut Line, bytes: &mut Vec<u8>) -> Result<Option<Position>, Fault> {
        let mut position = None;
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            let text: Vec<u8> = bytes.drain(..=end).collect();
            match serde_json::from_slice::<Said>(&text) {
                Ok(Said::Version { proto_major: 3 }) | Ok(Said::Else) => {}
                Ok(Said::Version { proto_major }) => {
                    return Err(Fault::Refused(format!("{ASKING}: gpsd speaks protocol {proto_major}, not 3")));
                }
                Ok(Said::Devices { devices }) if devices.is_empty() => {
                    return Err(Fault::Refused(format!("{ASKING}: gpsd has no receiver")));
                }
                Ok(Said::Devices { .. }) => {}
                Ok(Said::Sky { used, satellites }) => {
                    let counted = || u32::try_from(satellites.iter().filter(|s| s.used).count()).ok();
                    self.satellites = used.or_else(|| counted().filter(|_| !satellites.is_empty())).or(self.satellites);
                }
                Ok(Said::Position(said)) => position = Some(said),
                Ok(Said::Error { message }) => return Err(Fault::Refused(format!("{ASKING}: {message}"))),
                Err(error) => return Err(line.garbled(ASKING, error.to_string())),
            }
        }
        // What is left of a line is kept: the rest of it may come with the next bytes.
        Ok(position)
    }

    fn readings(&self, position: &Position, wall_ms: i64) -> Vec<Reading> {
        let fix = position.mode >= 2;
        let mut readings = vec![flag("fix", fix)];
        readings.extend(self.satellites.map(|n| reading("satellites", f64::from(n), "")));
        if !fix {
            return readings;
        }
        let place = [("latitude", position.lat), ("longitude", position.lon)];
        readings.extend(place.into_iter().filter_map(|(name, degrees)| Some(reading(name, degrees?, "°"))));
        let offset =
            position.time.as_deref().and_then(Wall::parse).map(|true_time| true_time.0.saturating_sub(wall_ms));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries are far from 2^52")]
        readings.extend(offset.map(|ms| reading(CLOCK_OFFSET, ms as f64 / 1000.0, "s")));
        readings
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LineConfig;

    fn take(gps: &mut Gps, text: &str) -> Result<Option<Position>, Fault> {
        let mut line = Line::new(LineConfig::tcp("192.0.2.1:1"));
        let mut bytes = text.as_bytes().to_vec();
        gps.take(&mut line, &mut bytes)
    }

    #[test]
    fn a_fix_gives_the_place_and_how_wrong_the_clock_is() {
        let mut gps = Gps::default();
        let text = "{\"class\":\"VERSION\",\"release\":\"3.22\",\"proto_major\":3,\"proto_minor\":14}\n\
                    {\"class\":\"DEVICES\",\"devices\":[{\"path\":\"/dev/ttyACM0\"}]}\n\
                    {\"class\":\"SKY\",\"satellites\":[{\"PRN\":1,\"used\":true},{\"PRN\":2,\"used\":false},{\"PRN\":3,\"used\":true}]}\n\
                    {\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-22T01:00:00.500Z\",\"lat\":11.31,\"lon\":106.1}\n{\"class\":\"T";
        let position = take(&mut gps, text).expect("gpsd speaks so").expect("a position");
        let readings = gps.readings(&position, 1_795_309_200_000);
        let value = |q: &str| readings.iter().find(|r| r.quantity == q).map(|r| r.value);
        assert_eq!((value("fix"), value("satellites")), (Some(1.0), Some(2.0)));
        assert_eq!((value("latitude"), value("longitude")), (Some(11.31), Some(106.1)));
        assert_eq!(value(CLOCK_OFFSET), Some(0.5));
    }

    #[test]
    fn without_a_fix_neither_place_nor_time_is_believed() {
        let mut gps = Gps::default();
        let text = "{\"class\":\"TPV\",\"mode\":1,\"time\":\"2006-04-09T00:00:00.000Z\",\"lat\":1.0}\n";
        let position = take(&mut gps, text).expect("gpsd speaks so").expect("a position");
        let readings = gps.readings(&position, 0);
        assert_eq!(
            readings,
            [flag("fix", false)],
            "the receiver's own clock counts weeks and starts anew every 19 years"
        );
    }

    #[test]
    fn no_receiver_another_protocol_and_noise_are_faults_of_their_kind() {
        for (text, refused) in [
            ("{\"class\":\"DEVICES\",\"devices\":[]}\n", true),
            ("{\"class\":\"VERSION\",\"proto_major\":4}\n", true),
            ("{\"class\":\"ERROR\",\"message\":\"no\"}\n", true),
            ("SSH-2.0-OpenSSH\r\n", false),
            ("{\"class\":\"TPV\",\"mode\":900}\n", false),
        ] {
            let fault = take(&mut Gps::default(), text).expect_err(text);
            assert_eq!(matches!(fault, Fault::Refused(_)), refused, "{fault}");
        }
        assert_eq!(take(&mut Gps::default(), "{\"class\":\"WATCH\",\"enable\":true}\n"), Ok(None));
    }
}
