//! What [`super::probe`] and `pour` make of files nobody should have sent.

use super::super::feed::Poured;
use super::*;
use std::fs;
use std::path::PathBuf;

/// A directory of its own for one test, gone with it.
pub(super) struct Dir(pub(super) PathBuf);

impl Dir {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sound-decode-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("temporary directory");
        Self(path)
    }

    pub(super) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("temporary file");
        path
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("temporary directory goes");
    }
}

/// All that pours out of a file, and why it broke off.
pub(super) fn poured(path: &std::path::Path, from_ms: u64, rate: u32) -> (Vec<f32>, Option<String>) {
    let (spout, mut feed) = super::super::feed::feed(rate, super::super::feed::Priming::File);
    let media = Media { path: path.to_owned(), measured: None };
    let decoder = std::thread::spawn(move || pour(Some(media), from_ms, rate, spout));
    let (mut all, mut block) = (Vec::new(), [0.0; 480]);
    loop {
        match feed.render(&mut block) {
            Poured::Some(0, _) => std::thread::yield_now(),
            Poured::Some(count, _) => all.extend_from_slice(&block[..count]),
            Poured::Last(count) => {
                all.extend_from_slice(&block[..count]);
                break;
            }
            // So many empty blocks are patience only where they take their time.
            Poured::Stuck => std::thread::yield_now(),
        }
    }
    decoder.join().expect("the decoder ends");
    (all, feed.broken())
}

fn wav(rate: u32, channels: u16, frames: u32) -> Vec<u8> {
    wav_of(rate, channels, frames, |i| (i % 2000) as i16)
}

pub(super) fn wav_of(rate: u32, channels: u16, frames: u32, sample: impl Fn(u32) -> i16) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("header");
    for i in 0..frames {
        for _ in 0..channels {
            writer.write_sample(sample(i)).expect("sample");
        }
    }
    writer.finalize().expect("header again");
    bytes.into_inner()
}

#[test]
fn lengths_are_exact_for_any_rate_and_channel_count() {
    let dir = Dir::new("lengths");
    for (rate, channels, frames) in [(8_000, 1, 8_000), (44_100, 2, 4_410), (48_000, 6, 48_001), (22_050, 1, 3_333)] {
        let path = dir.file("a.wav", &wav(rate, channels, frames));
        let length = probe(&path).expect("playable").duration;
        let want = f64::from(frames) / f64::from(rate);
        assert!((length.as_secs_f64() - want).abs() < 1e-6, "{length:?} for {want}");
    }
}

#[test]
fn what_is_no_sound_is_refused_in_words() {
    let dir = Dir::new("bad");
    fs::create_dir(dir.0.join("d")).expect("directory");
    let noise: Vec<u8> = (0..300_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (path, word) in [
        (dir.0.join("absent"), "cannot be opened"),
        (dir.0.join("d"), "not a file"),
        (dir.file("empty.mp3", b""), "empty"),
        (dir.file("text.mp3", b"this is no music at all, whatever its name says"), "cannot be decoded"),
        (dir.file("noise", &noise), ""),
        (dir.file("silent.wav", &wav(48_000, 1, 0)), ""),
        (dir.file("riff", &wav(48_000, 1, 10)[..20]), "cannot be decoded"),
    ] {
        let why = probe(&path).expect_err("refused");
        assert!(why.contains(word), "{}: {why}", path.display());
    }
}

#[test]
fn a_cut_off_file_says_where_and_a_name_does_not_matter() {
    let dir = Dir::new("cut");
    let whole = wav(48_000, 1, 480_000);
    assert!(probe(&dir.file("wrong.mp3", &whole)).is_ok());
    let why = probe(&dir.file("half.wav", &whole[..whole.len() / 2])).expect_err("cut off");
    assert!(why.contains("cut off at 5.0 s of 10.0 s"), "{why}");
}

#[test]
fn a_header_that_was_never_filled_in_is_no_promise() {
    let dir = Dir::new("pipe");
    let mut piped = wav(22_050, 1, 22_050);
    piped[4..8].copy_from_slice(&0x7fff_f024_u32.to_le_bytes());
    piped[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
    assert_eq!(probe(&dir.file("piped.wav", &piped)).expect("playable").duration.as_secs_f32(), 1.0);
}

#[test]
fn pouring_starts_where_it_is_told() {
    let dir = Dir::new("from");
    let path = dir.file("a.wav", &wav(8_000, 1, 40_000));
    for from_ms in [0, 250, 4_000] {
        let (spout, mut feed) = super::super::feed::feed(8_000, super::super::feed::Priming::File);
        let file = path.clone();
        let decoder =
            std::thread::spawn(move || pour(Some(Media { path: file, measured: None }), from_ms, 8_000, spout));
        let mut first = [0.0; 8];
        // A feed that waits long is called stuck, which a decoder that only begins late is not.
        use super::super::feed::Poured;
        while matches!(feed.render(&mut first), Poured::Some(0, false) | Poured::Stuck) {
            std::thread::yield_now();
        }
        let start = (from_ms * 8) as i32 % 2000;
        assert_eq!((first[3] * 32_768.0) as i32, start + 3, "from {from_ms} ms");
        drop(feed);
        decoder.join().expect("decoder ends when nobody listens");
    }
}

#[test]
fn silence_at_the_end_is_cut_to_two_seconds_and_silence_within_is_not() {
    let dir = Dir::new("tail");
    let rate = 8_000;
    let part = |seconds: usize, level: i16| (0..rate * seconds).map(move |i| if i % 8 < 4 { level } else { -level });
    // A second of sound, 30 s of silence, half a second of sound, ten minutes of silence.
    let sound: Vec<i16> =
        part(1, 9_000).chain(part(30, 0)).chain(part(1, 9_000).take(rate / 2)).chain(part(600, 3)).collect();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let path = dir.0.join("tail.wav");
    let mut writer = hound::WavWriter::create(&path, spec).expect("file");
    sound.iter().for_each(|s| writer.write_sample(*s).expect("sample"));
    writer.finalize().expect("header");
    let probed = probe(&path).expect("playable");
    assert_eq!(probed.duration, Duration::from_millis(33_500));
    assert_eq!(probed.tail_silence, Duration::from_secs(600));
    assert_eq!(probed.head_silence, Duration::ZERO);
    let (heard, why) = poured(&path, 0, 8_000);
    assert_eq!(why, None);
    let last = heard.iter().rposition(|s| s.abs() > 0.1).expect("sound");
    assert_eq!(last + 1, rate * 63 / 2, "the silence within is as long as it was");
    let tail = heard.len() - last - 1;
    // While it looks ahead the sink is given silence, as much as it takes. This one takes as fast as it can, so that there
    // is no saying how much; what is played at the pace of a card ends two seconds after the last sound.
    assert!(tail >= rate * 2, "{tail} samples of silence at the end");
}

#[test]
fn a_clip_of_silence_alone_is_no_freeze() {
    let dir = Dir::new("silent");
    let path = dir.file("a.wav", &wav_of(8_000, 1, 80_000, |_| 0));
    let probed = probe(&path).expect("playable");
    assert_eq!((probed.duration, probed.measured), (Duration::from_secs(2), None));
    assert_eq!(probed.head_silence, Duration::from_secs(10));
}

#[test]
fn a_file_taken_away_while_it_plays_is_played_to_its_end() {
    let dir = Dir::new("removed");
    let path = dir.file("a.wav", &wav(8_000, 1, 80_000));
    let (spout, mut feed) = super::super::feed::feed(8_000, super::super::feed::Priming::File);
    let media = Media { path: path.clone(), measured: None };
    let decoder = std::thread::spawn(move || pour(Some(media), 0, 8_000, spout));
    let (mut all, mut block) = (0, [0.0; 480]);
    loop {
        match feed.render(&mut block) {
            Poured::Some(count, _) => all += count,
            Poured::Last(count) => break all += count,
            Poured::Stuck => {}
        }
        if all > 0 && path.exists() {
            fs::remove_file(&path).expect("removed");
        }
        std::thread::yield_now();
    }
    decoder.join().expect("the decoder ends");
    assert_eq!((all, feed.broken()), (80_000, None));
}
