//! Files nobody should have sent are refused in words or played as far as they go, in bounded memory, and never more.

use drivers::sound::probe;
use site_tests::scratch::Scratch;
use site_tests::vcard::player::ffmpeg;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// The memory of this process is measured: one story at a time.
static ALONE: Mutex<()> = Mutex::new(());
/// Most that a bad file may take, beyond what was taken before, bytes.
const MEMORY: u64 = 64 << 20;

/// A test's directory, and what the process has taken at most before it.
struct Bench {
    dir: Scratch,
    before: u64,
}

impl Bench {
    fn new() -> Self {
        Self { dir: Scratch::new("bad-media").expect("a directory"), before: peak() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.join(name);
        fs::write(&path, bytes).expect("written");
        path
    }

    /// A tone of so many seconds as ffmpeg encodes it.
    fn made(&self, name: &str, seconds: u32, args: &[&str]) -> Vec<u8> {
        let source = format!("sine=f=440:d={seconds}:r=44100");
        let path = self.dir.join(name);
        ffmpeg(&[&["-f", "lavfi", "-i", source.as_str()][..], args].concat(), &path).expect("ffmpeg");
        fs::read(path).expect("read")
    }

    /// Refused, and with that word in the reason.
    #[track_caller]
    fn refused(&self, name: &str, bytes: &[u8], word: &str) {
        match probe(&self.file(name, bytes)) {
            Err(why) => assert!(why.contains(word), "{name}: {why}"),
            Ok(probed) => panic!("{name} is taken for a sound: {probed:?}"),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let taken = peak().saturating_sub(self.before);
        assert!(std::thread::panicking() || taken < MEMORY, "{} MB were taken", taken >> 20);
    }
}

/// Most memory this process ever had, bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") << 10
}

fn wav(rate: u32, channels: u16, data: u32, bytes: usize) -> Vec<u8> {
    let frame = u32::from(channels) * 2;
    let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0".to_vec();
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.wrapping_mul(frame).to_le_bytes());
    file.extend((frame as u16).to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    file.extend((0..bytes).map(|i| (i * 31 % 97) as u8));
    file
}

/// Puts `new` in the place of every `old` of the same length.
fn patched(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert!(!places.is_empty(), "nothing to patch");
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    bytes
}

#[test]
fn headers_that_lie_are_refused() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    bench.refused("empty.mp3", b"", "empty");
    bench.refused("1hz.wav", &wav(1, 1, 20_000, 20_000), "1 Hz");
    bench.refused("768khz.wav", &wav(768_000, 1, 400_000, 400_000), "768000 Hz");
    bench.refused("0hz.wav", &wav(0, 1, 20_000, 20_000), "0 Hz");
    bench.refused("64channels.wav", &wav(48_000, 64, 128_000, 128_000), "64 channels");
    bench.refused("0channels.wav", &wav(48_000, 0, 128_000, 128_000), "0 channels");
    bench.refused("no-data.wav", &wav(48_000, 1, 0, 0), "no sound");
    bench.refused("page.mp3", b"<html><body>404</body></html>", "web page");
    bench.refused("zeros.mp3", &[0; 100_000], "zero");
    // Written to a pipe: no length in the header, and nothing wrong with it.
    let piped = bench.file("piped.wav", &wav(48_000, 1, u32::MAX, 96_000));
    assert_eq!(probe(&piped).expect("playable").duration, Duration::from_secs(1));
    let wrong = bench.file("song.txt", &bench.made("a.mp3", 1, &[]));
    assert!(probe(&wrong).is_ok(), "a name says nothing");
}

#[test]
fn what_is_cut_off_says_so() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    for (name, args) in [
        ("a.mp3", &["-b:a", "64k"][..]),
        ("a.wav", &[]),
        ("a.flac", &[]),
        ("a.opus", &["-c:a", "libopus"]),
        ("front.m4a", &["-c:a", "aac", "-movflags", "+faststart"]),
    ] {
        let whole = bench.made(name, 6, args);
        bench.refused(name, &whole[..whole.len() / 2], "cut off");
        bench.refused(name, &whole[..20], "");
    }
    let index_last = bench.made("end.m4a", 6, &["-c:a", "aac"]);
    bench.refused("end.m4a", &index_last[..index_last.len() / 2], "");
    // Nothing in bare AAC says how long it is: it plays as far as it goes.
    let bare = bench.made("a.aac", 6, &["-c:a", "aac"]);
    let half = probe(&bench.file("a.aac", &bare[..bare.len() / 2])).expect("playable").duration;
    assert!((2.5..3.5).contains(&half.as_secs_f32()), "{half:?}");
}

#[test]
fn tags_and_tables_of_any_size_take_no_memory() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    let song = bench.made("a.mp3", 2, &["-id3v2_version", "0"]);
    let tag = |size: u32| {
        let seven = |shift: u32| (size >> shift & 127) as u8;
        [b"ID3\x04\0\0".as_slice(), &[seven(21), seven(14), seven(7), seven(0)]].concat()
    };
    bench.refused("bomb.mp3", &[tag(255 << 20), song.clone()].concat(), "nothing follows its tags");
    let path = bench.file("large.mp3", &tag(100 << 20));
    let mut large = fs::File::options().write(true).open(&path).expect("opened");
    large.seek(SeekFrom::Start(10 + (100 << 20))).expect("a hole");
    large.write_all(&song).expect("written");
    assert!((probe(&path).expect("playable").duration.as_secs_f32() - 2.0).abs() < 0.1);
    let many = [tag(0).repeat(1000), song].concat();
    probe(&bench.file("many.mp3", &many)).ok();
    let flac = bench.made("a.flac", 2, &[]);
    let picture = [&[6, 0xff, 0xff, 0xff][..], &vec![0; 0xff_ffff]].concat();
    let pictured = [&flac[..42], &picture, &picture, &flac[42..]].concat();
    // Taken or refused, but in bounded memory.
    probe(&bench.file("picture.flac", &pictured)).ok();
    let m4a = bench.made("a.m4a", 2, &["-c:a", "aac"]);
    for table in [&b"stsz"[..], b"stts", b"stco", b"stsc"] {
        let at = m4a.windows(4).position(|w| w == table).expect("a table");
        let mut bomb = m4a.clone();
        let count = if table == b"stsz" { at + 12 } else { at + 8 };
        bomb[count..count + 4].fill(0xff);
        bench.refused("table.m4a", &bomb, "table larger than its file");
    }
    let nested: Vec<u8> = (0..5_000).flat_map(|_| *b"\0\0\0\0moov").collect();
    bench.refused("nested.m4a", &nested, "without end");
}

#[test]
fn protected_files_are_named_so() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    let m4a = bench.made("a.m4a", 2, &["-c:a", "aac"]);
    for kind in [b"drms", b"enca"] {
        bench.refused("drm.m4a", &patched(&m4a, b"mp4a", kind), "DRM");
    }
}

#[test]
fn ten_minutes_of_silence_at_the_end_are_two_seconds() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    let path = bench.dir.join("tail.mp3");
    let source = "sine=f=440:d=3:r=22050,apad=pad_dur=600";
    ffmpeg(&["-f", "lavfi", "-i", source, "-b:a", "32k", "-ac", "1"], &path).expect("ffmpeg");
    let probed = probe(&path).expect("playable");
    assert!((probed.duration.as_secs_f32() - 5.0).abs() < 0.2, "{probed:?}");
    assert!(probed.tail_silence > Duration::from_secs(599));
}

#[test]
fn broken_bytes_never_trip_it_up() {
    let _alone = ALONE.lock();
    let bench = Bench::new();
    let seed = 20_261_121;
    let mut dice = fastrand::Rng::with_seed(seed);
    let good: Vec<(&str, Vec<u8>)> = [
        ("a.mp3", &["-b:a", "48k", "-ar", "22050"][..]),
        ("a.flac", &["-ar", "16000"]),
        ("a.ogg", &["-c:a", "libvorbis", "-ar", "22050"]),
        ("a.opus", &["-c:a", "libopus", "-b:a", "24k"]),
        ("a.m4a", &["-c:a", "aac", "-ar", "22050"]),
        ("a.aac", &["-c:a", "aac", "-ar", "22050"]),
        ("a.wav", &["-ar", "8000"]),
    ]
    .into_iter()
    .map(|(name, args)| (name, bench.made(name, 1, args)))
    .collect();
    let mut tripped = 0;
    for round in 0..140 {
        let (name, bytes) = &good[round % good.len()];
        let mut bytes = bytes.clone();
        for _ in 0..dice.usize(1..20) {
            // The beginning is where decoders believe what they read.
            let within = if dice.bool() { bytes.len().min(600) } else { bytes.len() };
            let at = dice.usize(..within);
            bytes[at] = dice.u8(..);
        }
        if let Err(why) = probe(&bench.file(name, &bytes)) {
            tripped += usize::from(why.contains("gave up"));
            assert!(!why.is_empty(), "round {round} of seed {seed}");
        }
    }
    // A decoder that panics is caught; that it happens at all is worth knowing.
    assert!(tripped < 5, "{tripped} of 140 with seed {seed}");
}
