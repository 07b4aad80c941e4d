//! RTP that programs others wrote send is played, whatever the network does to it on the way.

use drivers::sound::InputConfig;
use drivers::sound::rtp::{Codec, Interface, RtpInput};
use gateway_core::device::Report;
use gateway_core::id::{InputId, PlayId};
use gateway_core::want::{Loudness, Source};
use site_tests::rtp::wire::{Relay, Tap, Weather};
use site_tests::rtp::{Horns, Other, free_port, horns, listened, make_clip};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::decoded;
use site_tests::vcard::signal::{likeness, loudness};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;

const FINE: Weather = Weather { seed: 1, lost: 0, late: 0, twice: 0 };
/// A quarter of a second at 48 kHz.
const PIECE: usize = 12_000;

/// A sink that plays RTP input `in`, and the ear at its end.
fn station(input: RtpInput, dir: &Path) -> (Horns, Tap) {
    let out = free_port();
    let tap = Tap::on(out).expect("a tap");
    let port = input.address.port();
    let inputs = BTreeMap::from([(InputId::from("in"), InputConfig::Rtp(input))]);
    let config = horns("L16/48000/1", SocketAddrV4::new(Ipv4Addr::LOCALHOST, out));
    let horns = Horns::start(config, dir, inputs).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    horns.play(1, Source::Input(InputId::from("in")), Loudness::Programme);
    listened(port).expect("it listens");
    (horns, tap)
}

/// How alike each quarter of a second is, and where it lies: the lag of each piece against that of the whole. The first
/// and the last are left out: what overtakes the first packet is the first, and nothing overtakes the last.
fn pieces(heard: &[i16], wanted: &[i16]) -> Vec<(f64, isize)> {
    let (_, whole) = likeness(heard, wanted, 7_200);
    (1..wanted.len() / PIECE - 1)
        .map(|n| n * PIECE..(n + 1) * PIECE)
        .filter(|piece| loudness(&wanted[piece.clone()]) > 0.02)
        .filter_map(|piece| {
            let at = usize::try_from(piece.start as isize + whole).ok()?;
            let (from, to) = (at.saturating_sub(800), (at + PIECE + 800).min(heard.len()));
            let (alike, lag) = likeness(heard.get(from..to)?, &wanted[piece], 1_600);
            Some((alike, lag - (at - from) as isize))
        })
        .collect()
}

/// ffmpeg's way to send a clip as this codec.
fn ffmpeg_sends(clip: &Path, codec: Codec, port: u16) -> Other {
    // Packets as loudspeakers expect them, not as large as the network takes.
    let size = 12 + if matches!(codec, Codec::L16 { .. }) { 704 } else { 160 };
    let size = if codec == Codec::Opus { 1_400 } else { size };
    let (clip, to) = (clip.display().to_string(), format!("rtp://127.0.0.1:{port}?pkt_size={size}"));
    let encoder = match codec {
        Codec::L16 { .. } => "pcm_s16be",
        Codec::Pcmu => "pcm_mulaw",
        Codec::Pcma => "pcm_alaw",
        Codec::G722 => "g722",
        Codec::Opus => "libopus",
    };
    let args = ["-nostdin", "-loglevel", "error", "-re", "-i", &clip, "-c:a", encoder, "-b:a", "96k", "-f", "rtp", &to];
    Other::start("ffmpeg", &args).expect("ffmpeg")
}

/// A clip through a foreign sender, a relay, the station, and what came out.
fn passed(dir: &Path, codec: Codec, seed: u32, weather: Weather) -> (Vec<i16>, Vec<i16>) {
    let (first, second) = (free_port(), free_port());
    let mut input = RtpInput::new(SocketAddrV4::new(Ipv4Addr::LOCALHOST, second), codec);
    // Machines that run tests are busy.
    input.jitter_ms = 150;
    let clip = dir.join(format!("clip{seed}.wav"));
    make_clip(codec.rate(), seed, &clip).expect("a clip");
    let (_horns, tap) = station(input, dir);
    let _relay = Relay::start(first, second, weather).expect("a relay");
    let sender = ffmpeg_sends(&clip, codec, first);
    let heard = tap.hear(100_000).expect("it is heard");
    sender.finish().expect("all was sent");
    (heard, decoded(&clip).expect("the clip"))
}

/// All of these through the same kind of weather at once, and then compared: comparing takes the processor.
fn all_passed(formats: &[&str], weather: impl Fn(u64) -> Weather + Sync) -> Vec<(String, Vec<(f64, isize)>)> {
    let dir = Scratch::new("rtp-in").expect("a directory");
    let passed: Vec<_> = std::thread::scope(|scope| {
        let one = |(n, format): (usize, &&str)| {
            let (codec, dir, weather) = (format.parse().expect("a codec"), dir.path(), weather(n as u64));
            scope.spawn(move || passed(dir, codec, n as u32, weather))
        };
        let all: Vec<_> = formats.iter().enumerate().map(one).collect();
        all.into_iter().map(|one| one.join().expect("it passed")).collect()
    });
    let compared = passed.iter().map(|(heard, wanted)| pieces(heard, wanted));
    formats.iter().map(|f| (*f).to_owned()).zip(compared).collect()
}

#[test]
fn every_codec_of_ffmpeg_is_played_though_packets_overtake_each_other_and_come_twice() {
    let formats = ["L16/44100/1", "PCMU", "PCMA", "G722", "opus/48000/2"];
    for (format, pieces) in all_passed(&formats, |n| Weather { seed: 40 + n, late: 5, twice: 5, ..FINE }) {
        assert!(pieces.len() >= 4, "{format}");
        assert!(pieces.iter().all(|(alike, lag)| *alike >= 0.99 && lag.unsigned_abs() <= 96), "{format}: {pieces:?}");
    }
}

#[test]
fn lost_packets_leave_no_hole_and_shift_nothing() {
    for (format, pieces) in
        all_passed(&["L16/44100/1", "PCMA", "opus/48000/2"], |n| Weather { seed: 3 + n, lost: 3, ..FINE })
    {
        // What was lost cannot come back; the rest is untouched and where it was.
        let whole: Vec<_> = pieces.iter().filter(|(alike, _)| *alike >= 0.99).collect();
        assert!(whole.len() >= 2, "{format}: {pieces:?}");
        assert!(whole.iter().all(|(_, lag)| lag.unsigned_abs() <= 96), "{format}: {pieces:?}");
    }
}

#[test]
fn a_group_of_gstreamer_is_joined_on_the_chosen_interface() {
    let dir = Scratch::new("rtp-group").expect("a directory");
    let (port, group) = (free_port(), Ipv4Addr::new(239, 255, 78, fastrand::u8(1..250)));
    let mut input = RtpInput::new(SocketAddrV4::new(group, port), Codec::Opus);
    input.interface = Some(Interface::Name("lo".into()));
    make_clip(48_000, 9, &dir.join("clip.wav")).expect("a clip");
    let (_horns, tap) = station(input, dir.path());
    let (from, to) = (format!("location={}", dir.join("clip.wav").display()), format!("host={group}"));
    let port = format!("port={port}");
    let chain = ["wavparse", "!", "audioconvert", "!", "opusenc", "bitrate=96000", "!", "rtpopuspay", "pt=111", "!"];
    let sink = ["udpsink", &to, &port, "multicast-iface=lo", "auto-multicast=true", "ttl-mc=1"];
    let args = [&["-q", "filesrc", &from, "!"][..], &chain, &sink].concat();
    let _sender = Other::start("gst-launch-1.0", &args).expect("GStreamer");
    let heard = tap.hear(100_000).expect("it is heard");
    let pieces = pieces(&heard, &decoded(&dir.join("clip.wav")).expect("the clip"));
    assert!(pieces.len() >= 4 && pieces.iter().all(|(alike, _)| *alike >= 0.99), "{pieces:?}");
}

#[test]
fn another_codec_than_was_agreed_is_named() {
    let dir = Scratch::new("rtp-wrong").expect("a directory");
    let port = free_port();
    make_clip(8_000, 2, &dir.join("clip.wav")).expect("a clip");
    let (horns, _tap) = station(RtpInput::new(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), Codec::Pcma), dir.path());
    let _sender = ffmpeg_sends(&dir.join("clip.wav"), Codec::Pcmu, port);
    let ended = horns.wait(|r| matches!(r, Report::Ended { .. })).expect("it gives up");
    let why = format!("127.0.0.1:{port} sends payload type 0, which is not PCMA/8000");
    assert_eq!(ended, Report::Ended { play: PlayId(1), played_ms: 0, broken: Some(why) });
}
