//! Whether a device of the network is alive, for horns that only listen: it takes a connection, or it is dead.

use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// A horn that has died is to be known within 5 s, two attempts included.
const LOOK_EVERY: Duration = Duration::from_millis(1500);
/// Longest wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_millis(1000);

/// A device that is looked for.
#[derive(Clone, Debug)]
pub struct Reach {
    address: String,
    /// The attempt before this one failed: a single one may be a lost packet.
    missed: bool,
}

impl Reach {
    /// The device that takes connections at `host:port`.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), missed: false }
    }

    fn connect(&self) -> Result<Duration, String> {
        let began = Instant::now();
        let mut places = self.address.to_socket_addrs().map_err(|error| error.to_string())?;
        let place = places.next().ok_or("the name leads nowhere")?;
        TcpStream::connect_timeout(&place, CONNECT_WITHIN).map_err(|error| error.to_string())?;
        Ok(began.elapsed())
    }
}

impl Driver<()> for Reach {
    fn apply(&mut self, line: &mut Line, &(): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    fn probe(&mut self, _line: &mut Line) -> Result<Report, Fault> {
        let first = self.connect();
        let last = if first.is_err() && !self.missed { self.connect() } else { first };
        self.missed = last.is_err();
        match last {
            Ok(took) => {
                let value = took.as_secs_f64() * 1000.0;
                Ok(Report::Sensed(vec![Reading { quantity: "answer".to_owned(), value, unit: "ms" }]))
            }
            Err(why) => Err(Fault::Line(format!("connecting to {}: {why}", self.address))),
        }
    }

    fn again_after(&self, &(): &()) -> Option<Duration> {
        Some(LOOK_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LineConfig;
    use std::net::TcpListener;

    #[test]
    fn a_device_is_alive_while_it_takes_connections() {
        let door = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = door.local_addr().expect("an address").to_string();
        let mut line = Line::new(LineConfig::Apart { name: address.clone() });
        let mut reach = Reach::new(address);
        let report = reach.probe(&mut line).expect("alive");
        let Report::Sensed(readings) = report else { panic!("{report:?}") };
        assert_eq!(readings.iter().map(|r| r.quantity.as_str()).collect::<Vec<_>>(), ["answer"]);
        drop(door);
        assert!(matches!(reach.probe(&mut line), Err(Fault::Line(_))));
    }
}
