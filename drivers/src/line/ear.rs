//! A second ear on a serial bus: listens, says nothing, and takes down what others say to each other.

use super::capture::Event;
use super::tape::Tape;
use super::{LineConfig, LineOptions};
use gateway_core::device::Fault;
use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

/// Longest silence a read waits for.
const LISTEN: Duration = Duration::from_millis(100);

/// Listens on a serial port for this long and takes each frame down on the tape; says how many. A frame ends where the
/// bus is silent for 3.5 characters, as far as the adapter's own buffer lets that be seen.
///
/// # Errors
/// [`Fault::Refused`] for a line that cannot be listened to, [`Fault::Line`] when the port cannot be opened or breaks.
pub fn overhear(config: &LineConfig, options: &LineOptions, tape: &Tape, during: Duration) -> Result<u64, Fault> {
    let LineConfig::Serial { port, baud } = config else {
        let what = format!("{} is no serial port: nobody can listen to a connection of others", config.name());
        return Err(Fault::Refused(what));
    };
    let failed = |what: &str, error: &dyn std::fmt::Display| Fault::Line(format!("{what} {}: {error}", port.display()));
    let (parity, stop) = options.bits();
    let builder = serialport::new(port.display().to_string(), *baud).parity(parity).stop_bits(stop).timeout(LISTEN);
    let mut ear = builder.open_native().map_err(|error| failed("opening", &error))?;
    tape.note(Event::Open);
    let (gap, until) = (config.frame_gap().max(Duration::from_millis(2)), Instant::now() + during);
    let (mut buffer, mut frame, mut frames) = ([0; 512], Vec::new(), 0);
    let set = |ear: &mut serialport::TTYPort, wait| {
        serialport::SerialPort::set_timeout(ear, wait).map_err(|error| failed("listening on", &error))
    };
    while Instant::now() < until {
        set(&mut ear, if frame.is_empty() { LISTEN } else { gap })?;
        match ear.read(&mut buffer) {
            Ok(0) => return Err(failed("listening on", &"the port is gone")),
            Ok(count) => frame.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                if !frame.is_empty() {
                    frames += 1;
                    tape.note(Event::Heard(std::mem::take(&mut frame)));
                }
            }
            Err(error) => return Err(failed("listening on", &error)),
        }
    }
    if !frame.is_empty() {
        frames += 1;
        tape.note(Event::Heard(frame));
    }
    tape.note(Event::Close);
    Ok(frames)
}
