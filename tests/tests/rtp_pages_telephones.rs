//! Pages to Polycom telephones are as their maker describes them, read by a strict reader of its own, and what is in
//! them is the clip.

use drivers::sound::rtp::{RtpConfig, Wrapper};
use gateway_core::device::Report;
use gateway_core::want::{Loudness, Source};
use site_tests::rtp::wire::Tap;
use site_tests::rtp::{Horns, free_port, horns, make_clip, raw, samples};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use site_tests::vcard::signal::likeness;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// One packet of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Paged {
    Call,
    /// Time stamp, the frame before, this frame.
    Sound(u32, Option<Vec<u8>>, Vec<u8>),
    End,
}

/// Reads a packet, refusing everything that the maker's note does not say; gives its channel too.
fn read(packet: &[u8], codec: u8) -> (u8, Paged) {
    let (head, rest) = packet.split_at(20);
    assert_eq!(head[2..7], [0, 0, 0, 7, 13], "caller's number and length of its name");
    assert_eq!(&head[7..20], b"UBND xa\0\0\0\0\0\0");
    assert!((1..=50).contains(&head[1]));
    let what = match head[0] {
        0x0F if rest.is_empty() => Paged::Call,
        0xFF if rest.is_empty() => Paged::End,
        0x10 => {
            assert_eq!(rest[..2], [codec, 0], "codec and flags");
            let ticks = u32::from_be_bytes([rest[2], rest[3], rest[4], rest[5]]);
            let frames = &rest[6..];
            match frames.len() {
                160 => Paged::Sound(ticks, None, frames.to_vec()),
                320 => Paged::Sound(ticks, Some(frames[..160].to_vec()), frames[160..].to_vec()),
                other => panic!("{other} bytes of sound"),
            }
        }
        other => panic!("{other:#x} with {} bytes", rest.len()),
    };
    (head[1], what)
}

fn pager(codec: &str, port: u16) -> RtpConfig {
    let mut config = horns(codec, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    config.wrapper = Wrapper::Polycom { channel: 26, emergency_channel: 50, host: 7, caller: "UBND xa".into() };
    config.hang_ms = 100;
    config
}

/// A clip in this codec, which ffmpeg reads as `format`.
fn a_page_of(codec: &str, number: u8, format: &str) {
    let dir = Scratch::new("page").expect("a directory");
    let port = free_port();
    let tap = Tap::on(port).expect("a tap");
    let config = pager(codec, port);
    make_clip(config.codec.rate(), 5, &dir.join("clip.wav")).expect("a clip");
    let horns = Horns::start(config, dir.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    horns.clip(1, "clip.wav");
    let mut page = Vec::new();
    while page.iter().filter(|p| **p == Paged::End).count() < 12 {
        let (channel, packet) = read(&tap.datagram().expect("a packet").1, number);
        assert_eq!(channel, 26);
        page.push(packet);
    }
    assert!(tap.is_silent(Duration::from_millis(200)), "twelve ends and no more");
    let sound = page.len() - 31 - 12;
    assert!(page[..31].iter().all(|p| *p == Paged::Call) && page[31 + sound..].iter().all(|p| *p == Paged::End));
    let (mut before, mut payload) = (None, Vec::new());
    for (n, packet) in page[31..31 + sound].iter().enumerate() {
        let Paged::Sound(ticks, previous, current) = packet else { panic!("{packet:?} amid the sound") };
        assert_eq!(*ticks, n as u32 * 160);
        assert_eq!(*previous, before, "each packet repeats the one before");
        payload.extend(current);
        before = Some(current.clone());
    }
    let (file, out) = (dir.join("payload"), dir.join("heard.raw"));
    std::fs::write(&file, payload).expect("written");
    ffmpeg(&["-f", format, "-i", &file.display().to_string(), "-f", "s16le"], &out).expect("ffmpeg reads it");
    let (heard, wanted) = (raw(&out).expect("sound"), samples(&dir.join("clip.wav")).expect("the clip"));
    let (alike, lag) = likeness(&heard, &wanted, 4_000);
    assert!(alike >= 0.99, "{codec}: {alike} at {lag}");
}

#[test]
fn a_page_is_a_call_the_clip_in_pcmu_and_an_end() {
    a_page_of("PCMU", 0x00, "mulaw");
}

#[test]
fn a_page_is_a_call_the_clip_in_g722_and_an_end() {
    a_page_of("G722", 0x09, "g722");
}

#[test]
fn an_emergency_ends_the_page_and_calls_on_its_own_channel() {
    let dir = Scratch::new("page-emergency").expect("a directory");
    let port = free_port();
    let tap = Tap::on(port).expect("a tap");
    let horns = Horns::start(pager("PCMU", port), dir.path(), BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    let tone = |level| Source::Tone { level, drill: false };
    let next = || read(&tap.datagram().expect("a packet").1, 0);
    horns.play(1, tone(1), Loudness::Programme);
    while !matches!(next(), (26, Paged::Sound(..))) {}
    horns.play(2, tone(5), Loudness::Emergency);
    // What was on its way.
    let mut packets = vec![next()];
    while matches!(packets[0], (26, Paged::Sound(..))) {
        packets[0] = next();
    }
    while !matches!(packets.last(), Some((50, Paged::Sound(..)))) {
        packets.push(next());
    }
    let count = |what: &(u8, Paged)| packets.iter().filter(|p| *p == what).count();
    assert_eq!((count(&(50, Paged::Call)), count(&(26, Paged::End))), (31, 12), "{packets:?}");
    assert_eq!(packets.len(), 31 + 12 + 1, "and no more sound on the old channel");
    assert!(matches!(packets.last(), Some((50, Paged::Sound(0, None, _)))), "it begins anew");
    drop(horns);
    // Stopping ends the page too.
    while next() != (50, Paged::End) {}
}
