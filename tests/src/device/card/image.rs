//! Reads the picture files that cards are sent, strictly.

use drivers::board::frame::Frame;

/// The picture of a PNG file of 8 bits each of red, green and blue; `None`: it is none.
pub(super) fn png(file: &[u8]) -> Option<Frame> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut bytes).ok()?;
    if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
        return None;
    }
    let (width, height) = (u16::try_from(info.width).ok()?, u16::try_from(info.height).ok()?);
    let mut frame = Frame::new(width, height);
    let (pixels, _) = bytes.as_chunks::<3>();
    for (at, pixel) in pixels.iter().enumerate() {
        frame.set((at % usize::from(width)) as u16, (at / usize::from(width)) as u16, *pixel);
    }
    Some(frame)
}

/// The picture as a PNG file with an alpha channel, as cards write them.
pub(super) fn to_png(frame: &Frame) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width().into(), frame.height().into());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = frame.pixels().iter().flat_map(|[red, green, blue]| [*red, *green, *blue, 255]).collect();
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    if let Err(error) = written {
        log::error!(error:% = error; "a captured picture could not be written");
    }
    file
}
