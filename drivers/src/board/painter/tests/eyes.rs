//! Eyes that others made.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pixels of an em in print.
const PRINT: u16 = 30;
/// Pixels of white round a page.
const MARGIN: i64 = 30;

/// What tesseract reads on pictures whose letters are so large, all in one go: dark on white and as large as print, as
/// it wants them.
pub(super) fn read(pages: &[(Frame, u16)]) -> Vec<String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let turn = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("painter-{}-{turn}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut list = String::new();
    for (i, (frame, size)) in pages.iter().enumerate() {
        let file = folder.join(format!("{i}.pgm"));
        std::fs::write(&file, printed(frame, f64::from(PRINT) / f64::from(*size))).expect("a picture");
        list.push_str(&format!("{}\n", file.display()));
    }
    let names = folder.join("list");
    std::fs::write(&names, list).expect("a list");
    let names = names.display().to_string();
    let seen = asked("tesseract", &[&names, "-", "-l", "vie", "--psm", "11", "--dpi", "150"], &[]);
    std::fs::remove_dir_all(&folder).expect("it is ours");
    let text = String::from_utf8_lossy(&seen).into_owned();
    let texts: Vec<String> = text.split('\u{c}').map(|p| p.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    texts.into_iter().take(pages.len()).collect()
}

/// Dark on white, enlarged or made smaller by cubic interpolation (Catmull–Rom), with a margin.
fn printed(frame: &Frame, times: f64) -> Vec<u8> {
    let grey = |x: i64, y: i64| {
        let place = |at: i64, end: u16| u16::try_from(at.clamp(0, i64::from(end) - 1)).unwrap_or_default();
        let [red, green, blue] = frame.at(place(x, frame.width()), place(y, frame.height()));
        f64::from(255 - red.max(green).max(blue))
    };
    let weights = |t: f64| {
        let (t2, t3) = (t * t, t * t * t);
        let outer = 2.0 * t2 - t3 - t;
        [outer / 2.0, (3.0 * t3 - 5.0 * t2 + 2.0) / 2.0, (4.0 * t2 - 3.0 * t3 + t) / 2.0, (t3 - t2) / 2.0]
    };
    let (wide, high) = ((f64::from(frame.width()) * times) as i64, (f64::from(frame.height()) * times) as i64);
    let mut picture = format!("P5\n{} {}\n255\n", wide + 2 * MARGIN, high + 2 * MARGIN).into_bytes();
    for y in -MARGIN..high + MARGIN {
        for x in -MARGIN..wide + MARGIN {
            if !(0..wide).contains(&x) || !(0..high).contains(&y) {
                picture.push(255);
                continue;
            }
            let at = |place: i64| (place as f64 + 0.5) / times - 0.5;
            let (fx, fy) = (at(x), at(y));
            let (wx, wy) = (weights(fx - fx.floor()), weights(fy - fy.floor()));
            let mut sum = 0.0;
            for (j, down) in (-1_i64..).zip(wy) {
                for (i, across) in (-1_i64..).zip(wx) {
                    sum += down * across * grey(fx.floor() as i64 + i, fy.floor() as i64 + j);
                }
            }
            picture.push(sum.clamp(0.0, 255.0) as u8);
        }
    }
    picture
}

/// What zbar reads on a picture.
pub(super) fn scanned(frame: &Frame) -> String {
    let picture = enlarged(frame, 4, 0, |[red, green, blue]| {
        u8::try_from((u32::from(red) + u32::from(green) + u32::from(blue)) / 3).unwrap_or(u8::MAX)
    });
    String::from_utf8_lossy(&asked("zbarimg", &["--quiet", "--raw", "-"], &picture)).trim().to_owned()
}

/// Texts of pages as one.
pub(super) fn joined(pages: impl Iterator<Item = String>) -> String {
    pages.filter(|page| !page.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A grey picture (PGM), each pixel a square.
fn enlarged(frame: &Frame, times: usize, margin: usize, grey: impl Fn([u8; 3]) -> u8) -> Vec<u8> {
    let (width, height) = (usize::from(frame.width()), usize::from(frame.height()));
    let (wide, high) = (width * times + 2 * margin, height * times + 2 * margin);
    let mut picture = format!("P5\n{wide} {high}\n255\n").into_bytes();
    let at = |x: usize, y: usize| {
        let inside = (margin..margin + width * times).contains(&x) && (margin..margin + height * times).contains(&y);
        let place = |i: usize| u16::try_from((i - margin) / times).unwrap_or_default();
        if inside { grey(frame.at(place(x), place(y))) } else { grey([0; 3]) }
    };
    for y in 0..high {
        picture.extend((0..wide).map(|x| at(x, y)));
    }
    picture
}

fn asked(program: &str, arguments: &[&str], picture: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        // Several of them run at once as it is.
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; run scripts/setup"));
    let (mut input, picture) = (child.stdin.take().expect("its input"), picture.to_owned());
    let fed = std::thread::spawn(move || input.write_all(&picture));
    let output = child.wait_with_output().expect("it ends");
    fed.join().expect("it was fed").expect("it takes the picture");
    output.stdout
}
