//! Programs others wrote hear every format of a network sink from the description the station gives.

use drivers::sound::rtp::{Codec, Stream, sdp};
use gateway_core::device::Report;
use gateway_core::id::PlayId;
use site_tests::rtp::{
    FORMATS, Horns, ffmpeg_hears, free_port, grown, gstreamer_hears, horns, make_clip, raw, samples,
};
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use site_tests::vcard::signal::likeness;
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::thread;

/// Plays a clip into a stream that somebody hears, to its end; silence follows.
fn play(config: drivers::sound::rtp::RtpConfig, dir: &Path) -> Horns {
    let horns = Horns::start(config, dir, BTreeMap::new()).expect("a sink");
    horns.wait(|r| *r == Report::Well).expect("there is a way");
    horns.clip(1, "clip.wav");
    horns.wait(|r| *r == Report::Sounding { play: PlayId(1) }).expect("it sounds");
    let ended = horns.wait(|r| matches!(r, Report::Ended { .. })).expect("it ends");
    assert_eq!(ended, Report::Ended { play: PlayId(1), played_ms: 2_000, broken: None });
    horns
}

/// What was heard is what was meant: the clip as it was made at the codec's own rate, so that only the codec and the
/// network lie between.
fn compare(name: &str, heard: &[i16], dir: &Path) {
    let wanted = samples(&dir.join("clip.wav")).expect("the clip");
    let (alike, lag) = likeness(heard, &wanted, heard.len().abs_diff(wanted.len()) + wanted.len() / 20);
    assert!(alike >= 0.99, "{name}: {alike:.4} at {lag}, {} heard of {}", heard.len(), wanted.len());
}

/// All formats at once, each on its own address.
fn each(label: &str, hear: impl Fn(&str, Codec, &Path) + Sync) {
    let dir = Scratch::new(label).expect("a directory");
    thread::scope(|scope| {
        for (n, format) in FORMATS.iter().enumerate() {
            let (own, hear) = (dir.join(&n.to_string()), &hear);
            scope.spawn(move || {
                let codec: Codec = format.parse().expect("a codec");
                fs::create_dir(&own).expect("a directory");
                make_clip(codec.rate(), 7 + n as u32, &own.join("clip.wav")).expect("a clip");
                hear(format, codec, &own);
            });
        }
    });
}

#[test]
fn ffmpeg_hears_every_format_on_a_group() {
    each("rtp-ffmpeg", |format, _, dir| {
        let port = free_port();
        let config = horns(format, SocketAddrV4::new(Ipv4Addr::new(239, 255, 77, fastrand::u8(1..250)), port));
        let (file, out) = (dir.join("stream.sdp"), dir.join("heard.raw"));
        fs::write(&file, sdp(&config, "Trạm thử", Stream::Programme).expect("a description")).expect("written");
        let ear = ffmpeg_hears(&file, 2.2, &out, port).expect("ffmpeg");
        let horns = play(config, dir);
        ear.finish().expect("ffmpeg heard enough");
        drop(horns);
        compare(&format!("ffmpeg, group, {format}"), &raw(&out).expect("a recording"), dir);
    });
}

#[test]
fn gstreamer_hears_every_format_sent_to_it_alone() {
    each("rtp-gst", |format, codec, dir| {
        let port = free_port();
        let config = horns(format, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        let (file, out) = (dir.join("stream.sdp"), dir.join("heard.raw"));
        fs::write(&file, sdp(&config, "Trạm thử", Stream::Programme).expect("a description")).expect("written");
        let ear = gstreamer_hears(&file, codec, &out, port).expect("GStreamer");
        let horns = play(config, dir);
        // Two seconds and a little of the silence after them.
        let bytes = if codec == Codec::G722 { 8_000.0 } else { 2.0 * f64::from(codec.rate()) } * 2.15;
        grown(&out, bytes as u64).expect("GStreamer heard enough");
        drop((ear, horns));
        let heard = if codec == Codec::G722 {
            // GStreamer unpacks it, ffmpeg knows what it means.
            let decoded = dir.join("decoded.raw");
            ffmpeg(&["-f", "g722", "-i", &out.display().to_string(), "-f", "s16le"], &decoded).expect("decoded");
            raw(&decoded)
        } else {
            raw(&out)
        };
        compare(&format!("GStreamer, alone, {format}"), &heard.expect("a recording"), dir);
    });
}
