//! Files that officers bring: what is taken, refused, given up.

use super::*;
use crate::clips::{Budget, Clips, Pace};
use crate::testing::Folder;
use gateway_core::id::ClipId;
use gateway_core::input::Made;
use std::sync::mpsc::{Receiver, sync_channel};
use web_ui::MediaShelf;

struct Bench {
    folder: Folder,
    intake: Intake,
    reported: Receiver<(ClipId, Made)>,
    _clips: Clips,
}

fn bench() -> Bench {
    let folder = Folder::new();
    let dir = folder.path().join("clips");
    let (report, reported) = sync_channel(16);
    let roots = crate::clips::roots(None).expect("roots");
    let clips = Clips::start(
        dir.clone(),
        Budget { clips: 1 << 30, lessons: 0 },
        roots,
        Pace::default(),
        crate::clips::probe,
        move |id, made| {
            report.send((id, made)).ok();
        },
    );
    let clips = clips.expect("started");
    let intake = Intake::open(&dir, clips.counter());
    Bench { folder, intake, reported, _clips: clips }
}

impl Bench {
    fn take(&self, kind: Option<MediaKind>, bytes: &[u8]) -> Result<MediaTaken, MediaFault> {
        let (to, pieces) = mpsc::channel(1000);
        for piece in bytes.chunks(1000) {
            to.try_send(Arrived::Piece(piece.to_vec().into())).map_err(|_| MediaFault::Busy)?;
        }
        to.try_send(Arrived::All).map_err(|_| MediaFault::Busy)?;
        self.intake.take(Some(bytes.len() as u64), kind, pieces)
    }

    /// Files on the disk, beside the marks of those on the shelf.
    fn left(&self) -> usize {
        let count = |name: &str| std::fs::read_dir(self.folder.path().join(name)).expect("a folder").count();
        count("clips") + count("intake")
    }
}

fn wav(samples: u32) -> Vec<u8> {
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples * 2).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data");
    wav.extend((samples * 2).to_le_bytes());
    for n in 0..samples {
        wav.extend((if n % 2 == 0 { 9_000_i16 } else { -9_000 }).to_le_bytes());
    }
    wav
}

/// A PNG whose head promises so many pixels and that holds none.
fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let mut crc = u32::MAX;
        for byte in &body {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
            }
        }
        let length = u32::try_from(data.len()).expect("short").to_be_bytes();
        [&length[..], &body, &(!crc).to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let nothing = b"\x78\x9C\x03\0\0\0\0\x01";
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", nothing), chunk(b"IEND", b"")].concat()
}

#[test]
fn sound_is_on_the_shelf_under_its_digest_and_the_core_hears_of_it() {
    let bench = bench();
    let taken = bench.take(Some(MediaKind::Audio), &wav(8000)).expect("taken");
    assert_eq!(
        (taken.kind, taken.mime, taken.duration_ms, taken.bytes),
        (MediaKind::Audio, "audio/wav", Some(1000), 16_044)
    );
    assert_eq!(taken.peaks.len(), 10);
    let told = bench.reported.recv_timeout(Duration::from_secs(10)).expect("reported");
    assert_eq!(told, (ClipId::from(taken.sha256.as_str()), Made::Ready { duration_ms: 1000 }));
    let read = MediaShelf::open(&bench.intake, &taken.sha256).expect("read").expect("there");
    assert_eq!((read.bytes, read.media_type), (16_044, "audio/wav"));
    assert_eq!(bench.take(None, &wav(8000)).expect("again").sha256, taken.sha256);
    assert_eq!(bench.left(), 3, "the file, its note and its mark, once");
    for stranger in ["../../etc/passwd", "", &"0".repeat(64)] {
        assert!(MediaShelf::open(&bench.intake, stranger).expect("looked").is_none());
    }
}

#[test]
fn what_is_not_what_it_is_said_to_be_leaves_nothing_behind() {
    let bench = bench();
    let said = |said, is| Err(MediaFault::Other { said, is });
    assert_eq!(bench.take(Some(MediaKind::Image), &wav(8000)), said(MediaKind::Image, MediaKind::Audio));
    assert_eq!(bench.take(Some(MediaKind::Audio), &png(1, 1)), said(MediaKind::Audio, MediaKind::Image));
    for zip in [&b"PK\x03\x04\x14\0\x06\0\x08\0 xl/workbook.xml"[..], b"<svg onload=alert(1)>", b"", b"%PDF-1.7"] {
        for kind in [None, Some(MediaKind::Image), Some(MediaKind::Audio), Some(MediaKind::Video)] {
            assert_eq!(bench.take(kind, zip), Err(MediaFault::Unknown), "{kind:?}");
        }
    }
    assert!(matches!(bench.take(None, &wav(8000)[..4000]), Err(MediaFault::Unplayable(_))), "cut off");
    assert_eq!(bench.left(), 0);
}

#[test]
fn a_picture_that_unpacks_to_a_flood_is_not_unpacked() {
    let bench = bench();
    assert_eq!(bench.take(Some(MediaKind::Image), &png(60_000, 60_000)), Err(MediaFault::TooManyPixels));
    assert_eq!(bench.take(Some(MediaKind::Image), &png(16_000, 16_000)), Err(MediaFault::TooManyPixels));
    assert!(matches!(bench.take(None, &png(2, 2)), Err(MediaFault::Unplayable(_))), "no pixels in it");
    assert_eq!(bench.left(), 0);
}

#[test]
fn what_breaks_off_is_gone_and_so_is_what_the_power_cut_left() {
    let bench = bench();
    let (to, pieces) = mpsc::channel(4);
    to.try_send(Arrived::Piece(wav(100).into())).expect("room");
    drop(to);
    assert_eq!(bench.intake.take(None, None, pieces), Err(MediaFault::Broken));
    assert_eq!(bench.left(), 0);
    std::fs::write(bench.folder.path().join("intake/7"), "half").expect("written");
    let again = Intake::open(&bench.folder.path().join("clips"), bench._clips.counter());
    drop(again);
    assert!(!bench.folder.path().join("intake/7").exists());
}

#[test]
fn no_file_takes_the_last_of_the_disk() {
    let bench = bench();
    let (_to, pieces) = mpsc::channel(1);
    assert_eq!(bench.intake.take(Some(1 << 60), None, pieces), Err(MediaFault::NoRoom));
}
