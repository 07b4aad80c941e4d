//! Exchanges with a Huidu card: packets out, the packet that answers in.

use crate::board::answer::answer;
use crate::board::huidu_file::{self, Said, said};
use crate::board::huidu_packet::{Assembler, Fragment, Packet, Splitter, error_name};
use crate::board::huidu_xml::{Answer, answer as read, request};
use crate::line::Line;
use gateway_core::device::Fault;
use std::time::Duration;

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
    answer(line, asking, Splitter::default(), ANSWER_WITHIN, |packet| {
        if let Packet::Error(code) = packet { Some(Err(no(asking, code))) } else { wanted(&packet).map(Ok) }
    })
}

/// One request document and its answer.
pub(super) fn call(line: &mut Line, guid: &str, method: &str, body: &str) -> Result<Answer, Fault> {
    let document = request(guid, method, body);
    let parts: Vec<Packet> = Fragment::parts(document.as_bytes()).into_iter().map(Packet::SdkAsk).collect();
    send(line, method, &parts)?;
    let mut assembler = Assembler::default();
    let read = |whole: Vec<u8>| match read(&whole) {
        // What answers another question comes late.
        Ok(answer) => (answer.method == method).then_some(Ok(answer)),
        Err(error) => Some(Err(error.to_string())),
    };
    let found = answer(line, method, Splitter::default(), ANSWER_WITHIN, |packet| match packet {
        Packet::Error(code) => Some(Err(no(method, code))),
        Packet::SdkAnswer(part) => match assembler.push(&part) {
            Ok(whole) => read(whole?).map(Ok),
            Err(error) => Some(Ok(Err(error.to_string()))),
        },
        Packet::ServiceAsk(_)
        | Packet::ServiceAnswer(..)
        | Packet::SdkAsk(_)
        | Packet::Heartbeat
        | Packet::HeartbeatAnswer
        | Packet::Other(..) => None,
    })?;
    found.map_err(|error| line.garbled(method, error))
}

fn no(asking: &str, code: u16) -> Fault {
    Fault::Refused(format!("{asking}: card says {} ({code})", error_name(code)))
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
    Err(no(asking, status))
}
