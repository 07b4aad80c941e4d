//! Stretches, their notes, what a power cut leaves, and which recordings go; the clock is told.

use super::*;
use crate::sound::listen::Left;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU32};

const RATE: u32 = 48_000;
const PIECE: usize = 960;
const LONG: Duration = Duration::from_secs(20);
const DAY: i64 = 86_400_000;
const IN_2026: i64 = 1_790_000_000_000;

/// A folder of its own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("keep-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0)
            .expect("the folder")
            .map(|e| e.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Recordings with a told clock.
struct Place {
    keep: Keep,
    wall: Arc<AtomicI64>,
    trusted: Arc<AtomicBool>,
}

fn config(dir: &Path, codec: Codec) -> KeepConfig {
    KeepConfig { dir: dir.to_owned(), codec, days: 30, limit_bytes: 1 << 30 }
}

impl Place {
    fn new(config: KeepConfig) -> Self {
        let (wall, trusted) = (Arc::new(AtomicI64::new(IN_2026)), Arc::new(AtomicBool::new(true)));
        let (told, believed) = (Arc::clone(&wall), Arc::clone(&trusted));
        // Told, and running on as a clock does.
        let begin = Instant::now();
        let clock: WallClock = Arc::new(move || {
            let on = i64::try_from(begin.elapsed().as_millis()).expect("a short test");
            (told.load(Ordering::Relaxed) + on, believed.load(Ordering::Relaxed))
        });
        let keep = Keep::start(config, clock).expect("a thread");
        assert!(keep.settle(LONG));
        Self { keep, wall, trusted }
    }

    fn all(&self) -> Vec<Recording> {
        assert!(self.keep.settle(LONG), "the disk takes it");
        self.keep.list(&(i64::MIN..i64::MAX), None)
    }

    /// A sound of half a second with the silence that ends it, leaving the sink now.
    fn sound(&self, sink: &str) {
        let mut ear = Mouth::new(&self.keep, sink);
        ear.say(25, 0.5, Some(1));
        ear.say(50, 0.0, None);
    }
}

/// A sink that says pieces of 20 ms, one after the other.
struct Mouth {
    ear: Box<dyn Listener>,
    at: Instant,
    phase: f32,
    gap: bool,
}

impl Mouth {
    fn new(keep: &Keep, sink: &str) -> Self {
        Self { ear: keep.listener(&SinkId::from(sink)), at: Instant::now(), phase: 0.0, gap: false }
    }

    fn say(&mut self, pieces: usize, level: f32, due: Option<u64>) {
        for _ in 0..pieces {
            let mut samples = [0.0; PIECE];
            for sample in &mut samples {
                self.phase += 0.06;
                *sample = level * self.phase.sin();
            }
            let due = due.map(PlayId);
            let gap = std::mem::take(&mut self.gap);
            self.ear.hear(&Left { at: self.at, rate: RATE, samples: &samples, due, gap });
            self.at += Duration::from_millis(20);
        }
    }

    /// Pieces are lost.
    fn lose(&mut self, pieces: u32) {
        self.at += Duration::from_millis(20) * pieces;
        self.gap = true;
    }
}

/// Two clocks are read one after the other, and between the two the machine may do something else; what is told apart is
/// seconds.
fn about(ms: i64, expected: i64) {
    assert!((ms - expected).abs() <= 900, "{ms} instead of {expected}");
}

#[test]
fn a_stretch_ends_with_silence_and_its_note_says_what_was_due() {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, Codec::Opus));
    let mut hall = Mouth::new(&place.keep, "hall");
    hall.say(100, 0.0, None);
    hall.say(50, 0.5, Some(7));
    // A speaker breathes for two seconds: still the same bulletin.
    hall.say(100, 0.0, Some(7));
    hall.say(50, 0.5, Some(8));
    hall.say(50, 0.0, None);
    assert_eq!(place.all().len(), 1, "a second of silence ends it");
    hall.say(500, 0.0, None);
    hall.say(10, 0.5, None);
    hall.ear.close();
    let all = place.all();
    let [first, second] = &all[..] else { panic!("{all:?}") };
    assert_eq!(first.sink.as_str(), "hall");
    assert_eq!(first.duration_ms, 5000);
    assert_eq!(first.plays, [Aired { play: PlayId(7), at_ms: 0 }, Aired { play: PlayId(8), at_ms: 3000 }]);
    assert!(first.trusted && !first.torn && first.lost_ms == 0);
    assert_eq!((second.duration_ms, second.plays.len()), (200, 0), "sound that nobody ordered is kept, too");
    about(second.start_ms - first.start_ms, 15_000);
    let names = [format!("{}.json", first.id), format!("{}.json", second.id)];
    assert_eq!(folder.files(), [first.id.as_str(), &names[0], &second.id, &names[1]]);
    assert_eq!(first.id, format!("{:013}-hall.opus", first.start_ms));
    let found = place.keep.open(&first.id).expect("readable").expect("there");
    assert_eq!((found.media_type, found.recording == *first), ("audio/ogg", true));
    for strange in ["../keep", "", "0000000000000-hall.opus", &names[0]] {
        assert!(place.keep.open(strange).expect("no error").is_none(), "{strange}");
    }
    // Sinks and times are told apart.
    let hall = SinkId::from("hall");
    let of = |from: i64, to: i64, sink| place.keep.list(&(from..to), sink).len();
    assert_eq!(of(first.start_ms + 4999, first.start_ms + 5001, Some(&hall)), 1, "it reaches into that time");
    assert_eq!(of(first.start_ms + 5000, second.start_ms, Some(&hall)), 0);
    assert_eq!(of(i64::MIN, i64::MAX, Some(&SinkId::from("fm"))), 0);
    // The next start knows the same of them.
    drop(place);
    assert_eq!(Place::new(config(&folder.0, Codec::Flac)).all(), all);
}

#[test]
fn what_was_lost_is_silence_of_the_same_length_and_said() {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, Codec::Flac));
    let mut hall = Mouth::new(&place.keep, "hall");
    hall.say(50, 0.5, Some(1));
    hall.lose(15);
    hall.say(50, 0.5, Some(1));
    // More than a second: that is another stretch.
    hall.lose(100);
    hall.say(50, 0.5, Some(1));
    hall.ear.close();
    let all = place.all();
    let [first, second] = &all[..] else { panic!("{all:?}") };
    assert_eq!((first.duration_ms, first.lost_ms), (2300, 300));
    assert_eq!((second.duration_ms, second.lost_ms), (1000, 0));
    about(second.start_ms - first.start_ms, 4300);
    assert_eq!(second.plays, [Aired { play: PlayId(1), at_ms: 0 }], "a play that goes on is named again");
}

#[test]
fn a_long_programme_is_split_without_a_hole() {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, Codec::Flac));
    let mut hall = Mouth::new(&place.keep, "hall");
    for _ in 0..31 {
        hall.say(1000, 0.001, Some(1));
        assert!(place.keep.settle(LONG));
    }
    hall.ear.close();
    let lengths: Vec<u64> = place.all().iter().map(|r| r.duration_ms).collect();
    assert_eq!(lengths, [600_000, 20_000]);
    let starts: Vec<i64> = place.all().iter().map(|r| r.start_ms).collect();
    about(starts[1] - starts[0], 600_000);
    assert_eq!(place.keep.state().lost, 0);
}

#[test]
fn the_old_and_the_too_many_go_first() {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, Codec::Opus));
    for day in 0..40 {
        place.wall.store(IN_2026 + day * DAY, Ordering::Relaxed);
        place.sound("hall");
        assert!(place.keep.settle(LONG));
    }
    place.wall.store(IN_2026 + 39 * DAY + DAY / 2, Ordering::Relaxed);
    place.keep.tend().expect("tended");
    assert_eq!(place.all().len(), 30, "thirty days");
    assert!(place.all().iter().all(|r| r.start_ms >= IN_2026 + 10 * DAY));
    // Without a clock that can be trusted nothing is too old.
    place.trusted.store(false, Ordering::Relaxed);
    place.wall.store(IN_2026 + 400 * DAY, Ordering::Relaxed);
    place.keep.tend().expect("tended");
    assert_eq!(place.all().len(), 30);
    place.trusted.store(true, Ordering::Relaxed);
    place.wall.store(IN_2026 + 45 * DAY + DAY / 2, Ordering::Relaxed);
    place.keep.tend().expect("tended");
    let left = place.all();
    assert_eq!(left.len(), 24);
    let state = place.keep.state();
    assert_eq!((state.recordings, state.bytes), (24, left.iter().map(|r| r.bytes).sum()));
    assert_eq!(folder.files().len(), 48, "their notes went with them");
    drop(place);
    let limit_bytes = left.iter().rev().take(3).map(|r| r.bytes).sum::<u64>();
    let small = Place::new(KeepConfig { limit_bytes, ..config(&folder.0, Codec::Opus) });
    small.keep.tend().expect("tended");
    assert_eq!(small.all(), left[21..], "the newest three");
}

#[test]
fn a_clock_that_was_set_back_overwrites_nothing() {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, Codec::Flac));
    let at = Instant::now();
    for sink in ["hall", "hall", "hall"] {
        let mut hall = Mouth::new(&place.keep, sink);
        hall.at = at;
        hall.say(10, 0.5, None);
        hall.ear.close();
        assert!(place.keep.settle(LONG));
    }
    assert_eq!(place.all().len(), 3);
}

#[test]
fn a_disk_that_takes_nothing_is_said_and_tried_again() {
    let folder = Folder::new();
    let dir = folder.0.join("recordings");
    fs::write(&dir, b"a file where the folder should be").expect("in the way");
    let place = Place::new(config(&dir, Codec::Opus));
    let state = place.keep.state();
    assert!(!state.well && state.fault.is_some(), "{state:?}");
    place.sound("hall");
    assert!(place.all().is_empty());
    assert!(place.keep.state().lost > 25, "what was not kept is counted");
    fs::remove_file(&dir).expect("out of the way");
    let until = Instant::now() + LONG;
    while !place.keep.state().well {
        assert!(Instant::now() < until, "it is not tried again");
        thread::yield_now();
    }
    place.sound("hall");
    assert_eq!(place.all().len(), 1);
    // And in the middle of it.
    fs::remove_dir_all(&dir).expect("the folder is gone");
    place.sound("hall");
    assert!(place.keep.settle(LONG));
    assert!(!place.keep.state().well);
}

/// Bytes of an open file after so much sound, as they lie on the disk.
fn torn(codec: Codec) -> (String, Vec<u8>, Vec<u8>) {
    let folder = Folder::new();
    let place = Place::new(config(&folder.0, codec));
    let mut hall = Mouth::new(&place.keep, "hall");
    hall.say(200, 0.3, Some(3));
    hall.ear.close();
    let all = place.all();
    let id = all[0].id.clone();
    let read = |name: &str| fs::read(folder.0.join(name)).expect("a file");
    (id.clone(), read(&id), read(&format!("{id}.json")))
}

#[test]
fn what_a_power_cut_leaves_is_closed_wherever_it_cut() {
    for codec in [Codec::Opus, Codec::Flac] {
        let (id, whole, note) = torn(codec);
        let (mut before, mut closed) = (0, 0);
        for cut in (0..=whole.len()).step_by(whole.len() / 23) {
            let folder = Folder::new();
            // Some file systems leave zeros where the last writes should be.
            let rest = if cut % 2 == 0 { vec![0; 70_000] } else { Vec::new() };
            fs::write(folder.0.join(format!("{id}.part")), [&whole[..cut], &rest].concat()).expect("written");
            fs::write(folder.0.join(format!("{id}.json")), &note).expect("written");
            fs::write(folder.0.join(format!("{id}.json.part")), b"{").expect("written");
            let place = Place::new(config(&folder.0, codec));
            let all = place.all();
            let Some(recording) = all.first() else {
                assert!(folder.files().is_empty() && before == 0, "{cut}: {:?}", folder.files());
                continue;
            };
            assert!(recording.torn && recording.sink.as_str() == "hall" && recording.plays.len() == 1);
            assert!(recording.duration_ms >= before && recording.duration_ms <= 4000, "{recording:?}");
            assert_eq!(folder.files(), [id.clone(), format!("{id}.json")]);
            (before, closed) = (recording.duration_ms, closed + 1);
        }
        assert!(closed >= 20, "{codec:?}: {closed} of 24");
        assert!(before >= 3_500, "{codec:?}: nearly all of it, {before} ms");
    }
}

#[test]
fn without_its_note_a_recording_says_itself_how_long_it_is() {
    for codec in [Codec::Opus, Codec::Flac] {
        let (id, whole, _) = torn(codec);
        let folder = Folder::new();
        fs::write(folder.0.join(&id), &whole).expect("written");
        fs::write(folder.0.join("0000000000001-gone.opus.json"), b"{}").expect("written");
        fs::write(folder.0.join("notes.txt"), b"not ours").expect("written");
        let place = Place::new(config(&folder.0, codec));
        let all = place.all();
        assert_eq!((all[0].duration_ms, all[0].sink.as_str()), (4000, "hall"));
        assert_eq!(all.len(), 1);
        assert_eq!(folder.files(), [id, "notes.txt".to_owned()]);
    }
}
