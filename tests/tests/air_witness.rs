//! What leaves a sink is compared with its source decoded anew: the same is passed over, anything else is told of.

use drivers::sound::air::{Air, AirConfig};
use drivers::sound::{Files, Left, Listener, Media, Sources};
use gateway_core::device::Report;
use gateway_core::id::{ClipId, PlayId, SinkId, SpeechId};
use gateway_core::want::{Beneath, Join, Loudness, Play, SinkWant, Source, Under};
use site_tests::acoustics::{RATE, louder, spoken};
use site_tests::scratch::Scratch;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

const TEXTS: [&str; 2] = [
    "Đài truyền thanh xã thông báo lịch tiêm phòng cho trẻ em vào sáng thứ bảy tại trạm y tế, mời các gia đình đưa trẻ \
     đến đúng giờ và mang theo sổ tiêm chủng.",
    "Mực nước sông đang lên nhanh, bà con vùng trũng khẩn trương di chuyển tài sản lên cao, đưa người già và trẻ nhỏ đến \
     nhà văn hóa của thôn trước sáu giờ chiều nay.",
];

static SPOKEN: LazyLock<[Vec<f32>; 2]> = LazyLock::new(|| TEXTS.map(|text| spoken(text, "vi").expect("a voice")));

/// A sink whose plays are clips of a scratch directory, and what is said of it.
struct Bench {
    air: Air,
    tap: Box<dyn Listener>,
    now: Instant,
    said: Receiver<Report>,
    scratch: Scratch,
    plays: u64,
}

fn sink() -> SinkId {
    SinkId::from("loa")
}

fn write(path: &Path, samples: &[f32]) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(path, spec).expect("a file");
    samples.iter().for_each(|s| wav.write_sample((s * 32_000.0) as i16).expect("written"));
    wav.finalize().expect("whole");
}

impl Bench {
    fn new(label: &str) -> Self {
        let scratch = Scratch::new(label).expect("a scratch directory");
        let dir = scratch.path().to_owned();
        let files: Files = Arc::new(move |source: &Source| match source {
            Source::Clip(id) => Some(Media { path: dir.join(id.as_str()), measured: None }),
            Source::Speech(id) => Some(Media { path: dir.join(format!("{id}.wav")), measured: None }),
            Source::Tone { .. }
            | Source::Chime
            | Source::Digits(_)
            | Source::Input(_)
            | Source::Stream(_)
            | Source::Live(_) => None,
        });
        let (say, said) = sync_channel(1024);
        let say = Mutex::new(say);
        let report = move |_: SinkId, report| drop(say.lock().expect("no panic while saying").send(report));
        let air = Air::new(AirConfig::default(), Arc::new(report));
        air.witness(Arc::new(Sources::new(files, BTreeMap::new()))).expect("a thread");
        let tap = air.listener(&sink());
        Self { air, tap, now: Instant::now(), said, scratch, plays: 0 }
    }

    /// The sink is told of a play of `source`, above another if there is one.
    fn want(&mut self, source: Source, under: Option<Beneath>) -> PlayId {
        self.plays += 10;
        let play = |id, source| Play { id, source, from_ms: 0, loudness: Loudness::Programme, join: Join::Cut };
        let id = PlayId(self.plays);
        let under =
            under.map(|how| Under { play: play(PlayId(self.plays + 1), Source::Clip(ClipId::from("bed"))), how });
        let want = SinkWant { play: Some(play(id, source)), next: None, under, volume: 80 };
        self.air.apply(&sink(), &want, self.now);
        id
    }

    /// So much leaves of a play, which ends there.
    fn leaves(&mut self, play: PlayId, samples: &[f32]) {
        for (due, samples) in [(Some(play), samples), (None, &[0.0; RATE as usize / 10][..])] {
            for piece in samples.chunks(RATE as usize / 50) {
                self.tap.hear(&Left { at: self.now, rate: RATE, samples: piece, due, gap: false });
                self.now += Duration::from_millis(20);
            }
        }
    }

    /// A clip is told, and this leaves of it.
    fn plays(&mut self, clip: &str, samples: &[f32]) -> PlayId {
        let play = self.want(Source::Clip(ClipId::from(clip)), None);
        self.leaves(play, samples);
        play
    }

    /// The next play that is said to differ, and how alike it was.
    fn differs(&self) -> (PlayId, f32) {
        loop {
            match self.said.recv_timeout(Duration::from_secs(30)) {
                Ok(Report::Differs { play, likeness }) => return (play, likeness),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("nothing was found"),
            }
        }
    }
}

/// Every other fifth of a second is silent: a card that starves.
fn torn(samples: &[f32]) -> Vec<f32> {
    let piece = RATE as usize / 5;
    samples.iter().enumerate().map(|(n, s)| if (n / piece).is_multiple_of(2) { *s } else { 0.0 }).collect()
}

/// The same fifth of a second over and over: a ring that nobody fills.
fn stuck(samples: &[f32]) -> Vec<f32> {
    let piece = RATE as usize / 5;
    samples.iter().skip(3 * piece).take(piece).cycle().take(samples.len()).copied().collect()
}

#[test]
fn what_left_unlike_its_source_is_told_of_and_what_left_like_it_is_not() {
    let mut bench = Bench::new("witness");
    let [one, two] = &*SPOKEN;
    write(&bench.scratch.join("one"), one);
    write(&bench.scratch.join("two"), two);
    // Right: as it is, much quieter and overdriven, a little late, cut short, and below another that is not heard.
    bench.plays("one", one);
    bench.plays("two", &louder(two, -30.0));
    bench.plays("one", &louder(one, 12.0).iter().map(|s| s.clamp(-0.3, 0.3)).collect::<Vec<_>>());
    bench.plays("two", &[vec![0.0; RATE as usize / 3], two.clone()].concat());
    bench.plays("one", &one[..4 * RATE as usize]);
    let held = bench.want(Source::Clip(ClipId::from("one")), Some(Beneath::Held));
    bench.leaves(held, one);
    // Not looked at: a second of anything, and a mixture.
    bench.plays("one", &two[..RATE as usize]);
    let mixed = bench.want(Source::Clip(ClipId::from("one")), Some(Beneath::Ducked));
    bench.leaves(mixed, two);
    // Wrong: other words, a ring that nobody fills.
    let wrong = [bench.plays("one", two), bench.plays("two", &stuck(two))];
    // They were looked at in this order, and what came before them was passed over.
    for play in wrong {
        let (found, likeness) = bench.differs();
        println!("{likeness:.2}");
        assert_eq!((found, likeness < 0.45), (play, true), "{likeness}");
    }
    // A file that was altered after it was played, or is gone.
    let torn = torn(one);
    write(&bench.scratch.join("torn"), &torn);
    bench.plays("gone", one);
    bench.plays("torn", &torn);
    let play = bench.plays("torn", two);
    assert_eq!(bench.differs().0, play);
}

#[test]
fn a_text_is_looked_at_when_it_is_whole() {
    let mut bench = Bench::new("witness-growing");
    let [one, two] = &*SPOKEN;
    let growing = bench.scratch.join("s.part");
    write(&growing, &one[..2 * RATE as usize]);
    let play = bench.want(Source::Speech(SpeechId::from("s")), None);
    bench.leaves(play, two);
    // Another is looked at meanwhile.
    write(&bench.scratch.join("two"), two);
    let other = bench.plays("two", one);
    assert_eq!(bench.differs().0, other);
    write(&bench.scratch.join("whole"), one);
    std::fs::rename(bench.scratch.join("whole"), bench.scratch.join("s.wav")).expect("it is whole");
    std::fs::remove_file(growing).ok();
    assert_eq!(bench.differs().0, play);
}
