//! An uninterruptible power supply, asked through NUT's `upsd` (RFC 9271, text over TCP).

use super::{flag, reading};
use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Reading, Report};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An answer that is not whole by then will not be; user, password and list together stay within a call.
const ANSWER_WITHIN: Duration = Duration::from_millis(900);
/// No supply has more to say than this, bytes.
const LONGEST: usize = 64 * 1024;

/// A supply.
#[derive(Debug)]
pub struct Nut {
    ups: String,
    login: Option<(String, PathBuf)>,
    /// The connection on which the user was accepted.
    known_on: u64,
}

/// What an answer of upsd is.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// Its end has not come.
    Unfinished,
    /// All variables.
    Variables(BTreeMap<String, String>),
    /// `ERR …`: its word.
    Refused(String),
    /// It is no answer to what was asked.
    Garbled(String),
}

impl Nut {
    /// The supply of this name; `login` where upsd wants to know who asks.
    pub fn new(ups: String, login: Option<(String, PathBuf)>) -> Self {
        Self { ups, login, known_on: 0 }
    }

    fn log_in(&mut self, line: &mut Line) -> Result<(), Fault> {
        line.look_alive()?;
        let Some((user, file)) = self.login.clone().filter(|_| line.openings() != self.known_on) else { return Ok(()) };
        let password = secret(&file)?;
        for (asking, command) in [("upsd: user", "USERNAME"), ("upsd: password", "PASSWORD")] {
            let word = if command == "USERNAME" { &user } else { &password };
            line.send(asking, format!("{command} {}\n", quoted(word)).as_bytes())?;
            let answer = listen(line, asking, |text| text.contains('\n').then(|| text.trim().to_owned()))?;
            if let Some(why) = answer.strip_prefix("ERR ") {
                return Err(Fault::Refused(format!("{asking}: {why}")));
            }
            if answer != "OK" {
                return Err(line.garbled(asking, "neither OK nor ERR"));
            }
        }
        self.known_on = line.openings();
        Ok(())
    }
}

impl Driver<()> for Nut {
    fn apply(&mut self, line: &mut Line, (): &()) -> Result<Report, Fault> {
        self.probe(line)
    }

    fn probe(&mut self, line: &mut Line) -> Result<Report, Fault> {
        self.log_in(line)?;
        let asking = format!("upsd: variables of {}", self.ups);
        line.send(&asking, format!("LIST VAR {}\n", self.ups).as_bytes())?;
        let whole = |text: &str| Some(answer(&self.ups, text)).filter(|a| *a != Answer::Unfinished);
        match listen(line, &asking, whole)? {
            Answer::Variables(variables) => match readings(&variables) {
                Some(readings) => Ok(Report::Sensed(readings)),
                None => Err(Fault::Refused(format!("{asking}: it does not say its status"))),
            },
            Answer::Refused(why) => Err(Fault::Refused(format!("{asking}: {why}"))),
            Answer::Garbled(what) => Err(line.garbled(&asking, what)),
            Answer::Unfinished => Err(line.gave_up(&asking)),
        }
    }
}

fn secret(file: &Path) -> Result<String, Fault> {
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|e| Fault::Refused(format!("upsd: password: reading {}: {e}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Collects what comes until it is something.
fn listen<T>(line: &mut Line, asking: &str, whole: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    let until = Instant::now() + ANSWER_WITHIN;
    let mut bytes = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(line.gave_up(asking));
        }
        bytes.extend(line.receive(asking, left)?);
        if bytes.len() > LONGEST {
            return Err(line.garbled(asking, "an answer without end"));
        }
        if let Some(answer) = std::str::from_utf8(&bytes).ok().and_then(&whole) {
            return Ok(answer);
        }
    }
}

/// A word as upsd takes it where it has blanks or quotes in it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Reads the answer to `LIST VAR`.
fn answer(ups: &str, text: &str) -> Answer {
    let Some((head, rest)) = text.split_once('\n') else { return Answer::Unfinished };
    if let Some(why) = head.strip_prefix("ERR ") {
        return Answer::Refused(why.trim().to_owned());
    }
    if head.trim_end() != format!("BEGIN LIST VAR {ups}") {
        return Answer::Garbled("a list of something else".to_owned());
    }
    let mut variables = BTreeMap::new();
    let mut lines = rest.split_inclusive('\n');
    for line in lines.by_ref() {
        let Some(line) = line.strip_suffix('\n') else { return Answer::Unfinished };
        if line.trim_end() == format!("END LIST VAR {ups}") {
            return Answer::Variables(variables);
        }
        let row = line.strip_prefix(&format!("VAR {ups} ")).and_then(|row| row.split_once(' '));
        let Some((name, value)) = row.and_then(|(name, value)| Some((name, unquoted(value)?))) else {
            return Answer::Garbled("a line that is no variable".to_owned());
        };
        variables.insert(name.to_owned(), value);
    }
    Answer::Unfinished
}

fn unquoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    let (mut out, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return None,
            c => {
                out.push(c);
                escaped = false;
            }
        }
    }
    (!escaped).then_some(out)
}

/// What the variables say; `None` without a status, since then nobody knows where the power comes from.
fn readings(variables: &BTreeMap<String, String>) -> Option<Vec<Reading>> {
    // `WAIT`: the driver has not asked the supply yet.
    let status = variables.get("ups.status").filter(|s| !s.trim().is_empty() && s.trim() != "WAIT")?;
    let has = |word: &str| status.split_whitespace().any(|w| w == word);
    let mut readings = vec![
        flag("on_battery", has("OB")),
        // A forced shutdown means the same: it is about to end.
        flag("battery_low", has("LB") || has("FSD")),
        flag("replace_battery", has("RB")),
        flag("overload", has("OVER")),
    ];
    let numbers = [
        ("battery.charge", "battery", "%"),
        ("battery.voltage", "battery_voltage", "V"),
        ("battery.runtime", "runtime", "s"),
        ("input.voltage", "mains", "V"),
        ("ups.load", "load", "%"),
        ("ups.temperature", "temperature", "°C"),
    ];
    for (name, quantity, unit) in numbers {
        let value = variables.get(name).and_then(|v| v.trim().parse::<f64>().ok()).filter(|v| v.is_finite());
        readings.extend(value.map(|value| reading(quantity, value, unit)));
    }
    Some(readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "BEGIN LIST VAR tram\nVAR tram battery.charge \"87\"\nVAR tram ups.mfr \"A \\\"B\\\" \\\\C\"\n\
                         VAR tram ups.status \"OB DISCHRG LB\"\nEND LIST VAR tram\n";

    #[test]
    fn an_answer_is_read_when_its_end_has_come_and_no_sooner() {
        for length in 0..WHOLE.len() {
            assert_eq!(answer("tram", &WHOLE[..length]), Answer::Unfinished, "{length} bytes of it");
        }
        let Answer::Variables(variables) = answer("tram", WHOLE) else { panic!("it is whole") };
        assert_eq!(variables["ups.mfr"], "A \"B\" \\C");
        assert_eq!(variables.len(), 3);
    }

    #[test]
    fn a_refusal_and_an_answer_to_another_question_are_known() {
        assert_eq!(answer("tram", "ERR DATA-STALE\n"), Answer::Refused("DATA-STALE".to_owned()));
        for text in ["BEGIN LIST VAR other\n", "OK\n", "BEGIN LIST VAR tram\nVAR other x \"1\"\n"] {
            assert!(matches!(answer("tram", text), Answer::Garbled(_)), "{text:?}");
        }
        for value in ["x", "\"x", "x\"", "\"a\"b\"", "\"a\\\""] {
            let text = format!("BEGIN LIST VAR tram\nVAR tram a {value}\nEND LIST VAR tram\n");
            assert!(matches!(answer("tram", &text), Answer::Garbled(_)), "{text:?}");
        }
    }

    #[test]
    fn the_status_says_where_the_power_comes_from_and_without_it_nothing_is_said() {
        let said = |status: &str| {
            let variables = [("ups.status", status), ("input.voltage", "231.5"), ("battery.charge", "nan")];
            readings(&variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
        };
        let value = |readings: &[Reading], q: &str| readings.iter().find(|r| r.quantity == q).map(|r| r.value);
        let well = said("OL CHRG").expect("a status");
        assert_eq!((value(&well, "on_battery"), value(&well, "battery_low")), (Some(0.0), Some(0.0)));
        assert_eq!((value(&well, "mains"), value(&well, "battery")), (Some(231.5), None), "NaN is no number");
        let low = said("OB LB").expect("a status");
        assert_eq!((value(&low, "on_battery"), value(&low, "battery_low")), (Some(1.0), Some(1.0)));
        assert_eq!((said(" "), said("WAIT")), (None, None));
        assert_eq!(readings(&BTreeMap::new()), None);
    }

    #[test]
    fn a_word_with_blanks_and_quotes_is_quoted() {
        assert_eq!(quoted("gw"), "gw");
        assert_eq!(quoted("a \"b\" \\"), "\"a \\\"b\\\" \\\\\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
