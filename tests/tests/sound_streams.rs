//! An Icecast that others wrote is played in every format it serves, through cuts, and its silence is not taken for
//! sound.

use site_tests::scratch::Scratch;
use site_tests::vcard::VirtualCards;
use site_tests::vcard::player::Player;
use site_tests::vcard::signal::pitch;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BENCH: &str = env!("CARGO_BIN_EXE_sound_bench");
/// Only between programs of this test.
const PASSWORD: &str = "hackme";

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An Icecast on a port of its own.
struct Icecast {
    port: u16,
    _running: Running,
    _dir: Scratch,
}

impl Icecast {
    /// Another may take the port it was to have: then again with another.
    fn start() -> Self {
        (0..5).find_map(|_| Self::tried()).expect("icecast2 listens")
    }

    fn tried() -> Option<Self> {
        let dir = Scratch::new("icecast").expect("a directory");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let conf = format!(
            "<icecast><location>x</location><admin>x@localhost</admin><hostname>localhost</hostname>\
             <limits><clients>20</clients><sources>10</sources></limits>\
             <authentication><source-password>{PASSWORD}</source-password><admin-user>a</admin-user>\
             <admin-password>{PASSWORD}</admin-password></authentication>\
             <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>\
             <paths><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot>\
             <adminroot>/usr/share/icecast2/admin</adminroot></paths>\
             <logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>2</loglevel></logging></icecast>"
        );
        let file = dir.join("icecast.xml");
        std::fs::write(&file, conf).expect("written");
        // It refuses to run as root.
        let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
        let mut command = if root { Command::new("runuser") } else { Command::new("icecast2") };
        if root {
            command.args(["-u", "nobody", "--", "icecast2"]);
        }
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = Running(command.spawn().expect("icecast2 is installed (scripts/setup)"));
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until || running.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { port, _running: running, _dir: dir })
    }

    fn url(&self, mount: &str) -> String {
        format!("http://127.0.0.1:{}/{mount}", self.port)
    }

    /// Feeds a mount with a tone, or silence where it has no pitch.
    fn feed(&self, mount: &str, hz: u32, args: &[&str]) -> Running {
        let source = format!("aevalsrc=0.5*sin({}*PI*t):s=48000", 2 * hz);
        let to = format!("icecast://source:{PASSWORD}@127.0.0.1:{}/{mount}", self.port);
        // Icecast may not listen yet, and ffmpeg does not try again.
        let script = "until ffmpeg \"$@\"; do sleep 0.1; done";
        let mut command = Command::new("sh");
        command.args([
            "-c",
            &format!("trap 'kill %1' TERM; {script}"),
            "feed",
            "-nostdin",
            "-loglevel",
            "quiet",
            "-re",
        ]);
        command.args(["-f", "lavfi", "-i", &source]).args(args).arg(to);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Running(command.stdin(Stdio::null()).spawn().expect("a shell"))
    }
}

/// Ends a feed with the ffmpeg in it.
fn end(feed: &Running) {
    let group = format!("-{}", feed.0.id());
    let ended = Command::new("kill").args(["-KILL", "--", &group]).status().expect("kill");
    assert!(ended.success(), "the feed had ended before");
}

const MP3: &[&str] = &["-c:a", "libmp3lame", "-b:a", "64k", "-content_type", "audio/mpeg", "-f", "mp3"];

/// The left channel from now on, so many samples.
fn next(cards: &VirtualCards, side: usize, samples: usize) -> Vec<i16> {
    let from = cards.heard("vcard0").expect("recording")[side].len();
    let heard = || cards.heard("vcard0").expect("recording")[side].split_off(from);
    cards.wait("vcard0", "more sound", |_| heard().len() >= samples).expect("the card goes on");
    heard()
}

#[test]
fn icecast_is_played_in_every_format_through_cuts_and_its_silence_is_silence() {
    let icecast = Icecast::start();
    let ogg = ["-content_type", "audio/ogg", "-f", "ogg"];
    let feeds = [
        ("mp3", 500, MP3.to_vec()),
        ("aac", 700, vec!["-c:a", "aac", "-b:a", "64k", "-content_type", "audio/aac", "-f", "adts"]),
        ("vorbis", 900, [&["-c:a", "libvorbis"], &ogg[..]].concat()),
        ("opus", 1100, [&["-c:a", "libopus", "-b:a", "64k"], &ogg[..]].concat()),
        ("silence", 0, MP3.to_vec()),
    ];
    let running: Vec<Running> = feeds.iter().map(|(name, hz, args)| icecast.feed(name, *hz, args)).collect();
    let cards = VirtualCards::new("icecast", &["vcard0"]).expect("a virtual card");
    let mut args = vec!["--device".to_owned(), "vcard0".to_owned()];
    for (name, ..) in &feeds {
        args.extend(["--input".to_owned(), format!("{name}={}", icecast.url(name))]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut player = Player::start(BENCH, &cards, &args).expect("a sound line");
    player.tell("want right 100 90 input:silence 0").expect("told");
    for (play, (name, hz, _)) in feeds.iter().take(4).enumerate() {
        player.tell(&format!("want left 100 {play} input:{name} 0")).expect("told");
        player.about(play as u64, "sounding").unwrap_or_else(|e| panic!("{name}: {e}"));
        let heard = next(&cards, 0, 72_000);
        let strength = pitch(&heard[24_000..72_000], f64::from(*hz));
        assert!((strength - 0.5).abs() < 0.1, "{name}: {strength:.3} at {hz} Hz");
    }
    // The last one's source goes, and comes back with another pitch.
    end(&running[3]);
    cards
        .wait("vcard0", "silence", |_| {
            let left = &cards.heard("vcard0").expect("recording")[0];
            left.len() > 9_600 && left[left.len() - 9_600..].iter().all(|s| s.unsigned_abs() < 30)
        })
        .expect("what was in the pipe is over");
    let again = icecast.feed("opus", 1300, &feeds[3].2);
    cards
        .wait("vcard0", "the stream that came back", |_| {
            let left = &cards.heard("vcard0").expect("recording")[0];
            left.len() > 24_000 && pitch(&left[left.len() - 24_000..], 1300.0) > 0.3
        })
        .expect("it sounds again");
    player.tell("want left 100").expect("told");
    player.stop().expect("it stops");
    let story = player.story();
    assert!(!story.contains(&"sounding 90".to_owned()), "silence is not sound: {story:?}");
    assert!(!story.iter().any(|s| s.starts_with("ended")), "a cut is no end: {story:?}");
    for feed in running.iter().chain([&again]) {
        let group = format!("-{}", feed.0.id());
        // The one that was ended already is not there.
        Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status().expect("kill");
    }
}
