//! Reads the card's simple pictures, of its own, from the document.

use drivers::board::frame::Frame;

/// The picture; `None` where a length, a bit of padding or a reserved bit is not as it must be.
pub(super) fn simple(bytes: &[u8]) -> Option<Frame> {
    let (head, data) = bytes.split_first_chunk::<8>()?;
    let [b'I', b'1', w0, w1, h0, h1, property, 0] = *head else { return None };
    let (width, height) = (u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1]));
    let (colours, grey) = (property & 0x0F, property >> 4);
    let row = match grey {
        0 => usize::from(width).div_ceil(8),
        7 => usize::from(width),
        _ => return None,
    };
    let planes = (colours & 7).count_ones() as usize;
    if colours > 7 || planes == 0 || data.len() != planes * row * usize::from(height) || data.is_empty() {
        return None;
    }
    let mut picture = vec![[0_u8; 3]; usize::from(width) * usize::from(height)];
    let mut rows = data.chunks_exact(row);
    for colour in (0..3).filter(|bit| colours >> bit & 1 == 1) {
        for line in picture.chunks_exact_mut(usize::from(width)) {
            let bytes = rows.next()?;
            if grey == 0 && width % 8 != 0 && bytes.last()? & (0xFF >> (width % 8)) != 0 {
                return None;
            }
            for (x, pixel) in line.iter_mut().enumerate() {
                pixel[colour] = match grey {
                    0 => {
                        if bytes.get(x / 8)? & (0x80 >> (x % 8)) == 0 {
                            0
                        } else {
                            255
                        }
                    }
                    _ => *bytes.get(x)?,
                };
            }
        }
    }
    let mut frame = Frame::new(width, height);
    for (at, pixel) in picture.into_iter().enumerate() {
        frame.set((at % usize::from(width)) as u16, (at / usize::from(width)) as u16, pixel);
    }
    Some(frame)
}
