//! The volume of a Barix receiver by its command port, as a switch: on, as loud as it can; off, as it is set by day.

use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1000);
/// An answer is `OK` or `ERROR` and the end of the line.
const LONGEST: usize = 64;

/// The volume of one receiver.
#[derive(Clone)]
pub struct BarixVolume {
    full: u8,
    usual: u8,
    password: Option<String>,
    /// What it was last told and said yes to, and on which connection it was asked in.
    said: Option<bool>,
    opening: Option<u64>,
}

impl BarixVolume {
    /// A receiver that is set to `full` per cent while the switch is on and to `usual` while it is off.
    pub fn new(full: u8, usual: u8, password: Option<String>) -> Self {
        Self { full, usual, password, said: None, opening: None }
    }

    /// Opens the connection; a receiver that was switched off and on has forgotten what it was told.
    fn greet(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        if self.opening == Some(line.openings()) {
            return Ok(());
        }
        (self.said, self.opening) = (None, None);
        if let Some(password) = self.password.clone() {
            ask(line, "asking in", &format!("a={password}"))?;
        }
        self.opening = Some(line.openings());
        Ok(())
    }
}

impl Driver<bool> for BarixVolume {
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        self.greet(line)?;
        if self.said != Some(*want) {
            self.said = None;
            let volume = if *want { self.full } else { self.usual };
            ask(line, "setting the volume", &format!("v={volume}"))?;
            self.said = Some(*want);
        }
        // It says yes, and cannot be asked how loud it is.
        Ok(Report::Switch { on: *want, grade: Grade::Sent })
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.greet(line)?;
        Ok(self.said.map_or(Report::Well, |on| Report::Switch { on, grade: Grade::Sent }))
    }
}

/// Sends a command and waits for its yes or no.
fn ask(line: &mut Line, asking: &str, command: &str) -> Result<(), Fault> {
    line.send(asking, format!("{command}\n").as_bytes())?;
    let until = Instant::now() + ANSWER_WITHIN;
    let mut answer = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(line.gave_up(asking));
        }
        answer.extend(line.receive(asking, left)?);
        match verdict(&answer) {
            Some(Ok(())) => return Ok(()),
            Some(Err(said)) => return Err(Fault::Refused(format!("{asking}: {said}"))),
            None if answer.len() > LONGEST => return Err(line.garbled(asking, "no end of line")),
            None => {}
        }
    }
}

/// What an answer says; `None`: it is not whole.
fn verdict(answer: &[u8]) -> Option<Result<(), String>> {
    let end = answer.iter().position(|b| *b == b'\n')?;
    let text = String::from_utf8_lossy(answer.get(..end)?).trim().to_owned();
    Some(if text == "OK" { Ok(()) } else { Err(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_yes_no_or_not_whole() {
        assert_eq!(verdict(b"OK\r\n"), Some(Ok(())));
        assert_eq!(verdict(b"ERROR\n"), Some(Err("ERROR".into())));
        assert_eq!(verdict(b"OK"), None);
        assert_eq!(verdict(b"\n"), Some(Err(String::new())));
    }
}
