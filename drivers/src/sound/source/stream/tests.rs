//! What a stream sounds like when its server does what servers do.

mod server;

use super::*;
use crate::sound::feed::{Feed, Poured, Priming, feed};
use server::Server;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;

/// Longest a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);
/// Patience with a silent server here.
const IDLE: Duration = Duration::from_millis(1_500);

struct Listening {
    feed: Feed,
    thread: Option<JoinHandle<()>>,
}

/// Plays an address as an input of the site.
fn listen(url: &str) -> Listening {
    let (spout, feed) = feed(48_000, Priming::Live);
    let (client, url) = (Client::patient(ureq::tls::TlsConfig::default(), IDLE), url.to_owned());
    let thread = thread::spawn(move || pour(&client, &url, Reach::Own, 48_000, spout));
    Listening { feed, thread: Some(thread) }
}

impl Listening {
    /// The next so many samples, without the silence between them, and why it ended before.
    fn hear(&mut self, samples: usize) -> (Vec<f32>, Option<String>) {
        let (mut all, mut block, until) = (Vec::new(), [0.0; 480], Instant::now() + LONG);
        while all.len() < samples {
            assert!(Instant::now() < until, "{} of {samples} samples came", all.len());
            match self.feed.render(&mut block) {
                Poured::Some(0, _) | Poured::Stuck => thread::sleep(Duration::from_millis(2)),
                Poured::Some(count, _) => all.extend_from_slice(&block[..count]),
                Poured::Last(count) => {
                    all.extend_from_slice(&block[..count]);
                    return (all, Some(self.feed.broken().unwrap_or_default()));
                }
            }
        }
        (all, None)
    }

    /// Why it ended.
    fn end(&mut self) -> String {
        self.hear(usize::MAX).1.unwrap_or_default()
    }

    /// Leaves, and waits until the thread that poured has ended.
    fn leave(self) {
        let Self { feed, thread } = self;
        drop(feed);
        thread.into_iter().for_each(|t| t.join().expect("it ends without a panic"));
    }
}

/// Strength of one pitch at 48 kHz, 0–1 (Goertzel).
fn pitch(samples: &[f32], hz: f64) -> f64 {
    let turn = 2.0 * (std::f64::consts::TAU * hz / 48_000.0).cos();
    let (before, last) =
        samples.iter().fold((0.0, 0.0), |(before, last), s| (last, f64::from(*s) + turn * last - before));
    2.0 * (last * last + before * before - turn * last * before).max(0.0).sqrt() / samples.len().max(1) as f64
}

/// A tone of 1 kHz, at half of full scale, is most of what is heard.
#[track_caller]
fn is_tone(heard: &[f32], what: &str) {
    let middle = &heard[heard.len() / 4..heard.len() / 2];
    // Piece by piece: where one is missing the tone goes on with another phase.
    let pieces = middle.chunks_exact(2_400);
    let found = pieces.clone().map(|piece| pitch(piece, 1000.0)).sum::<f64>() / pieces.len() as f64;
    assert!((found - 0.5).abs() < 0.05, "{what}: 1 kHz at {found:.3}");
}

struct Dir(PathBuf);

impl Drop for Dir {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("temporary directory goes");
    }
}

fn dir(name: &str) -> Dir {
    let path = std::env::temp_dir().join(format!("sound-stream-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("temporary directory");
    Dir(path)
}

fn ffmpeg(args: &[&str], out: &Path) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-y"]).args(args).arg(out);
    assert!(command.status().expect("ffmpeg is installed (scripts/setup)").success(), "{command:?}");
}

/// So many seconds of the tone, encoded.
fn tone(dir: &Dir, name: &str, seconds: u32, args: &[&str]) -> Vec<u8> {
    let (path, source) = (dir.0.join(name), format!("aevalsrc=0.5*sin(2000*PI*t):s=48000:d={seconds}"));
    ffmpeg(&[&["-f", "lavfi", "-i", source.as_str()][..], args].concat(), &path);
    std::fs::read(path).expect("read")
}

const MP3: &[&str] = &["-b:a", "64k"];

#[test]
fn every_kind_of_stream_sounds() {
    let dir = dir("kinds");
    for (name, args) in [
        ("a.mp3", MP3),
        ("a.aac", &["-c:a", "aac", "-b:a", "64k"]),
        ("v.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus", "-b:a", "64k"]),
        ("f.ogg", &["-c:a", "flac", "-f", "ogg"]),
        ("a.flac", &[]),
        // These through ffmpeg.
        ("a.ts", &["-c:a", "aac", "-f", "mpegts"]),
        ("a.webm", &["-c:a", "libopus"]),
    ] {
        let bytes = tone(&dir, name, 3, args);
        // A stream begins anywhere in an MP3 or AAC.
        let from = if name.ends_with("mp3") || name.ends_with("aac") { 1234 } else { 0 };
        let server = Server::start(move |_, _, out| out.endless(&bytes[from..]));
        let mut heard = listen(&server.url("/live"));
        is_tone(&heard.hear(96_000).0, name);
        heard.leave();
    }
}

#[test]
fn a_stream_that_is_cut_or_stalls_is_opened_again() {
    let dir = dir("cut");
    let bytes = tone(&dir, "a.mp3", 4, MP3);
    let times = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&times);
    let server = Server::start(move |_, _, out| {
        let half = &bytes[..bytes.len() / 2];
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => out.endless(half),
            1 => {
                out.endless(half);
                // Longer than it is waited for.
                thread::sleep(IDLE * 3);
            }
            2 => out.status("503 Service Unavailable", ""),
            _ => out.endless(&bytes),
        }
    });
    let mut heard = listen(&server.url("/"));
    is_tone(&heard.hear(48_000 * 7).0, "cut");
    assert!(times.load(Ordering::Relaxed) >= 4);
    heard.leave();
}

#[test]
fn what_is_no_stream_ends_with_a_reason() {
    let dir = dir("no");
    let mut encrypted =
        String::from("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n");
    encrypted += "#EXTINF:2,\na.ts\n#EXTINF:2,\nb.ts\n";
    let tag = [&b"ID3\x04\0\0\x7f\x7f\x7f\x7f"[..], &[0; 5000]].concat();
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 & 0x7f).collect();
    let good = tone(&dir, "a.mp3", 1, MP3);
    let server = Server::start(move |path, _, out| match path {
        // Whatever it calls itself.
        "/page" => out.typed("audio/mpeg", b"<!DOCTYPE html><html><body>Trang khong ton tai</body></html>"),
        "/drm" => out.typed("application/vnd.apple.mpegurl", encrypted.as_bytes()),
        "/noise" => out.endless(&noise),
        "/bomb" => out.endless(&tag),
        "/gone" => out.status("410 Gone", ""),
        "/round" => out.status("302 Found", "location: /round\r\n"),
        "/out" => out.status("302 Found", "location: http://203.0.113.9/x\r\n"),
        "/empty.m3u" => out.typed("audio/x-mpegurl", b"#EXTM3U\n# nothing\n"),
        "/loop.m3u" => out.typed("audio/x-mpegurl", b"#EXTM3U\nloop.m3u\n"),
        _ => out.typed("text/html", &good),
    });
    for (path, word) in [
        ("/page", "web page"),
        ("/drm", "DRM"),
        ("/noise", "no kind of sound"),
        ("/bomb", "megabytes"),
        ("/gone", "410"),
        ("/round", "redirections"),
        ("/out", "not https"),
        ("/empty.m3u", "nothing in it"),
        ("/loop.m3u", "nothing in it"),
    ] {
        let why = listen(&server.url(path)).end();
        assert!(why.contains(word), "{path}: {why}");
    }
    // A wrong content type does not matter where the bytes are right; what has a length has an end.
    let mut heard = listen(&server.url("/good"));
    let (all, why) = heard.hear(usize::MAX);
    assert_eq!(why.as_deref(), Some(""));
    assert!(all.len().abs_diff(48_000) < 3_000, "{}", all.len());
}

#[test]
fn lists_and_redirections_lead_to_the_stream() {
    let dir = dir("lists");
    let bytes = tone(&dir, "a.mp3", 3, MP3);
    let server = Server::start(move |path, host, out| match path {
        "/a/list.m3u" => out.typed("audio/x-mpegurl", b"#EXTM3U\r\n#EXTINF:-1,x\r\n../moved\r\n"),
        "/a/list.pls" => {
            out.typed(
                "audio/x-scpls",
                format!("[playlist]\nNumberOfEntries=1\nFile1=http://{host}/moved\n").as_bytes(),
            );
        }
        "/moved" => out.status("301 Moved Permanently", "location: live\r\n"),
        "/live" => out.endless(&bytes),
        _ => out.status("404 Not Found", ""),
    });
    for path in ["/a/list.m3u", "/a/list.pls", "/moved"] {
        let mut heard = listen(&server.url(path));
        is_tone(&heard.hear(48_000).0, path);
        heard.leave();
    }
}

#[test]
fn nobody_waits_for_a_server_that_says_nothing() {
    let server = Server::start(|_, _, _| thread::sleep(Duration::from_secs(2)));
    let heard = listen(&server.url("/"));
    let began = Instant::now();
    heard.leave();
    assert!(began.elapsed() < LONG);
}

#[test]
fn an_hls_directory_of_ffmpeg_is_played_to_its_end() {
    let dir = dir("vod");
    let kinds: [(&str, &[&str]); 4] = [
        ("ts", &["-c:a", "aac", "-hls_segment_type", "mpegts"]),
        ("fmp4", &["-c:a", "aac", "-hls_segment_type", "fmp4"]),
        ("mp3", &["-c:a", "libmp3lame", "-hls_segment_type", "mpegts"]),
        ("master", &["-c:a", "aac", "-master_pl_name", "top.m3u8"]),
    ];
    for (name, args) in kinds {
        let folder = dir.0.join(name);
        std::fs::create_dir_all(&folder).expect("made");
        let source = "aevalsrc=0.5*sin(2000*PI*t):s=48000:d=4";
        let hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"];
        ffmpeg(&[&["-f", "lavfi", "-i", source][..], args, &hls].concat(), &folder.join("list.m3u8"));
        let server = Server::files(folder);
        let list = if name == "master" { "/top.m3u8" } else { "/list.m3u8" };
        let mut heard = listen(&server.url(list));
        let (all, why) = heard.hear(usize::MAX);
        assert_eq!(why.as_deref(), Some(""), "{name}");
        assert!(all.len().abs_diff(48_000 * 4) < 4_800, "{name}: {}", all.len());
        is_tone(&all, name);
        heard.leave();
    }
}

#[test]
fn a_live_hls_list_is_followed_through_a_piece_that_is_missing() {
    let dir = dir("live");
    let folder = dir.0.join("hls");
    std::fs::create_dir_all(&folder).expect("made");
    let hls = ["-c:a", "aac", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_segment_filename"];
    let (source, pieces) = ("aevalsrc=0.5*sin(2000*PI*t):s=48000:d=12", folder.join("%d.ts").display().to_string());
    ffmpeg(&[&["-f", "lavfi", "-i", source][..], &hls, &[pieces.as_str()]].concat(), &folder.join("x.m3u8"));
    let asked = AtomicUsize::new(0);
    let missing = AtomicUsize::new(0);
    let gaps = Arc::new(missing);
    let seen = Arc::clone(&gaps);
    let server = Server::start(move |path, _, out| {
        if path == "/live.m3u8" {
            let first = asked.fetch_add(1, Ordering::Relaxed).min(6);
            let mut list =
                format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n");
            for n in first..first + 4 {
                list += &format!("#EXTINF:1.0,\n{n}.ts\n");
            }
            return out.typed("application/vnd.apple.mpegurl", list.as_bytes());
        }
        if path == "/5.ts" {
            gaps.fetch_add(1, Ordering::Relaxed);
            return out.status("404 Not Found", "");
        }
        match std::fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => out.typed("video/mp2t", &bytes),
            Err(_) => out.status("404 Not Found", ""),
        }
    });
    let mut heard = listen(&server.url("/live.m3u8"));
    // Pieces 1 to 9 without number 5.
    let (all, why) = heard.hear(48_000 * 7);
    assert_eq!((why, seen.load(Ordering::Relaxed)), (None, 2), "asked for twice");
    is_tone(&all, "live");
    heard.leave();
}
