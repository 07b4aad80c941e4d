//! Eyes that others made.

use super::*;

/// What tesseract reads on a picture: letters dark on white and large, as it wants them.
pub(super) fn read(frame: &Frame) -> String {
    let times = if frame.height() < 80 { 4 } else { 2 };
    let picture = enlarged(frame, times, 12 * times, |pixel| {
        let lightest = pixel.into_iter().max().unwrap_or_default();
        255 - lightest
    });
    let seen = asked("tesseract", &["-", "-", "-l", "vie", "--psm", "6", "--dpi", "150"], &picture);
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What zbar reads on a picture.
pub(super) fn scanned(frame: &Frame) -> String {
    let picture = enlarged(frame, 4, 0, |[red, green, blue]| {
        u8::try_from((u32::from(red) + u32::from(green) + u32::from(blue)) / 3).unwrap_or(u8::MAX)
    });
    asked("zbarimg", &["--quiet", "--raw", "-"], &picture).trim().to_owned()
}

/// Texts of pages as one.
pub(super) fn joined(pages: impl Iterator<Item = String>) -> String {
    pages.filter(|page| !page.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A grey picture (PGM), each pixel a square, smoothed as distance smooths it.
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

fn asked(program: &str, arguments: &[&str], picture: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        // Several of them run at once as it is.
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; run scripts/setup"));
    child.stdin.take().expect("its input").write_all(picture).expect("it takes the picture");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
