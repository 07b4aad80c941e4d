//! What each board model shows at the far end is read by tesseract and is the text, letter for letter; a model that is
//! looked at by nobody is a failure.

use drivers::board::frame::Frame;
use drivers::board::onbon_k_area::folded;
use drivers::line::Line;
use site_tests::eyes::read_on_light;
use site_tests::model_bench::{FLOOD, Kind, Row, Sight, rows};
use site_tests::scratch::Scratch;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is wrong with what is seen of a model; `None`: it is the text.
fn looked_at(row: &Row) -> Option<String> {
    let scratch = Scratch::new(row.model).expect("a folder");
    let mut bench = (row.make)(&scratch);
    let Some(sight) = &bench.sight else {
        return Some("nobody looks at it: its bench says not what is seen".to_owned());
    };
    let mut line = Line::new(bench.line.clone());
    let until = Instant::now() + Duration::from_secs(30);
    while bench.subject.tell(&mut line, true) != Ok(true) {
        if Instant::now() > until {
            return Some("it never shows anything".to_owned());
        }
    }
    match sight() {
        Sight::Picture(frame) => {
            let read = read_on_light(&ink(&frame), frame.width().into()).expect("tesseract; run scripts/setup");
            (read != FLOOD).then(|| format!("\"{FLOOD}\" is read as \"{read}\""))
        }
        Sight::Letters(lines) => {
            let plain = String::from_utf8(folded(FLOOD)).expect("plain letters");
            let all = lines.concat();
            (all != FLOOD && all != plain).then(|| format!("its letters are {lines:?}"))
        }
        Sight::Elsewhere(test) => {
            let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(test).is_file();
            (!there).then(|| format!("{test} is not there"))
        }
        Sight::Dark => Some("it is dark".to_owned()),
    }
}

/// Dark ink on a light ground: the brightest of each pixel's lamps.
fn ink(frame: &Frame) -> Vec<u8> {
    frame.pixels().iter().map(|[red, green, blue]| 255 - *red.max(green).max(blue)).collect()
}

#[test]
fn every_model_is_read_exactly() {
    let boards = || rows().filter(|row| row.kind == Kind::Board);
    let unseen = drivers::board::MODELS.iter().filter(|model| boards().all(|row| row.model != model.name));
    let unseen: Vec<_> = unseen.map(|model| format!("{} has no bench", model.name)).collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = boards().map(|row| (row, scope.spawn(|| looked_at(row)))).collect();
        let ended = threads.into_iter().map(|(row, thread)| (row, thread.join().expect("no panic")));
        ended.filter_map(|(row, wrong)| Some(format!("{}: {}", row.name(), wrong?))).collect()
    });
    assert!(wrong.is_empty() && unseen.is_empty(), "{}\n{}", unseen.join("\n"), wrong.join("\n"));
}
