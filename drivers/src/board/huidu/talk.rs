//! Exchanges with a Huidu card: packets out, the packet that answers in.

use crate::board::huidu_file::{self, Said, said};
use crate::board::huidu_packet::{Assembler, Fragment, Packet, Splitter, error_name};
use crate::board::huidu_xml::{Answer, answer, request};
use crate::line::Line;
use gateway_core::device::Fault;
use std::time::{Duration, Instant};

/// Longest wait for an answer; a card writes a new programme to its flash first.
const ANSWER_WITHIN: Duration = Duration::from_millis(2000);

/// Sends packets one right after the other.
pub(super) fn send(line: &mut Line, asking: &str, packets: &[Packet]) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    for packet in packets {
        bytes.extend(packet.encode().map_err(|error| Fault::Refused(format!("{asking}: {error}")))?);
    }
    line.send(asking, &bytes)
}

/// Waits for the packet that is wanted.
pub(super) fn await_packet<T>(
    line: &mut Line,
    asking: &str,
    wanted: impl Fn(&Packet) -> Option<T>,
) -> Result<T, Fault> {
    let mut splitter = Splitter::default();
    let until = Instant::now() + ANSWER_WITHIN;
    loop {
        let packet = next_packet(line, asking, &mut splitter, until)?;
        if let Some(found) = wanted(&packet) {
            return Ok(found);
        }
    }
}

/// One request document and its answer.
pub(super) fn call(line: &mut Line, guid: &str, method: &str, body: &str) -> Result<Answer, Fault> {
    let document = request(guid, method, body);
    let parts: Vec<Packet> = Fragment::parts(document.as_bytes()).into_iter().map(Packet::SdkAsk).collect();
    send(line, method, &parts)?;
    let until = Instant::now() + ANSWER_WITHIN;
    let (mut splitter, mut assembler) = (Splitter::default(), Assembler::default());
    loop {
        let Packet::SdkAnswer(part) = next_packet(line, method, &mut splitter, until)? else { continue };
        let Some(whole) = assembler.push(&part).map_err(|error| line.garbled(method, error.to_string()))? else {
            continue;
        };
        let answer = answer(&whole).map_err(|error| line.garbled(method, error))?;
        if answer.method == method {
            return Ok(answer);
        }
    }
}

/// Whether an answer is yes.
pub(super) fn accepted(answer: &Answer) -> Result<(), Fault> {
    if answer.result == "kSuccess" {
        return Ok(());
    }
    Err(Fault::Refused(format!("{}: card says {}", answer.method, answer.result)))
}

/// Brings a file into the card; one that is there already is not sent again, one that broke off goes on where it did.
pub(super) fn upload(line: &mut Line, name: &str, file: &[u8]) -> Result<(), Fault> {
    let asking = "sending a picture";
    let size = file.len() as u64;
    send(line, asking, &[huidu_file::start(name, &huidu_file::digest(file), size)])?;
    let (status, have) = await_packet(line, asking, |packet| match said(packet) {
        Some(Said::Start(status, have)) => Some((status, have)),
        Some(Said::End(_)) | None => None,
    })?;
    stored(asking, status)?;
    let mut packets = huidu_file::contents(file, usize::try_from(have).unwrap_or(usize::MAX));
    packets.push(huidu_file::end());
    send(line, asking, &packets)?;
    let status = await_packet(line, asking, |packet| match said(packet) {
        Some(Said::End(status)) => Some(status),
        Some(Said::Start(..)) | None => None,
    })?;
    stored(asking, status)
}

/// 0 is yes, 1 is yes and written.
fn stored(asking: &str, status: u16) -> Result<(), Fault> {
    if status <= 1 {
        return Ok(());
    }
    Err(Fault::Refused(format!("{asking}: card says {} ({status})", error_name(status))))
}

fn next_packet(line: &mut Line, asking: &str, splitter: &mut Splitter, until: Instant) -> Result<Packet, Fault> {
    loop {
        match splitter.next_packet() {
            Ok(Some(Packet::Error(code))) => {
                return Err(Fault::Refused(format!("{asking}: card says {} ({code})", error_name(code))));
            }
            Ok(Some(packet)) => return Ok(packet),
            Ok(None) => {}
            Err(error) => return Err(line.garbled(asking, error.to_string())),
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(line.gave_up(asking));
        }
        splitter.push(&line.receive(asking, left)?);
    }
}
