//! Eyes that others made: tesseract reads what stands in pictures.

use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What tesseract reads in a picture of a file once that is so many pixels wide: words with single spaces between them.
/// Large letters are read from a small picture and small ones from a large one, since it is made for print.
pub fn read_at(picture: &Path, width: u32) -> Result<String> {
    let scaled = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(picture)
        .args(["-vf", &format!("scale={width}:-1:flags=area,format=gray"), "-f", "image2pipe", "-c:v", "png", "-"])
        .output()
        .context("ffmpeg; run scripts/setup")?;
    ensure!(scaled.status.success(), "{}", String::from_utf8_lossy(&scaled.stderr));
    read(&scaled.stdout, 6)
}

/// What tesseract reads in a picture (a PNG file); `layout` is its page segmentation mode.
pub fn read(png: &[u8], layout: u8) -> Result<String> {
    let mut child = Command::new("tesseract")
        .args(["-", "-", "-l", "vie", "--psm", &layout.to_string()])
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("tesseract; run scripts/setup")?;
    // The picture is small beside the pipe's other end, which reads all of it before it says anything.
    child.stdin.take().context("its input")?.write_all(png)?;
    let output = child.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What tesseract reads on a picture of a small panel, given as grey values row after row, dark ink on light: as large as
/// print, with a margin, as it wants them.
pub fn read_on_light(grey: &[u8], width: usize) -> Result<String> {
    let height = grey.len() / width.max(1);
    let filter = "scale=iw*2:-1:flags=bicubic,pad=iw+60:ih+60:30:30:color=white,format=gray";
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", &format!("{width}x{height}"), "-i", "-"])
        .args(["-vf", filter, "-f", "image2pipe", "-c:v", "png", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("ffmpeg; run scripts/setup")?;
    child.stdin.take().context("its input")?.write_all(grey)?;
    let scaled = child.wait_with_output()?;
    ensure!(scaled.status.success(), "ffmpeg does not scale a picture");
    read(&scaled.stdout, 6)
}
