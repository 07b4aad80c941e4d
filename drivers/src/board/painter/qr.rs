//! QR codes in a free corner: only where a telephone can read them.

use super::super::frame::Frame;
use super::furniture::Area;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels of a module at least.
const MODULE: i32 = 2;
/// Quiet modules round a code (ISO/IEC 18004).
const QUIET: i32 = 4;
/// Longest address, bytes; a longer one makes modules nobody can resolve.
const LONGEST: usize = 300;

/// A code and its place.
pub(super) struct Code {
    modules: Vec<bool>,
    across: i32,
    pixels: i32,
    x: i32,
    y: i32,
}

/// The rows of the code of an address, `1` a dark module; `None`: too long.
pub fn code(address: &str) -> Option<Vec<String>> {
    let made = made(address)?;
    let modules = made.to_colors();
    let row = |row: &[Color]| row.iter().map(|module| if *module == Color::Dark { '1' } else { '0' }).collect();
    Some(modules.chunks(made.width().max(1)).map(row).collect())
}

fn made(address: &str) -> Option<QrCode> {
    if address.is_empty() || address.len() > LONGEST {
        return None;
    }
    QrCode::with_error_correction_level(address, EcLevel::M).ok()
}

impl Code {
    /// The code of an address at the right of an area, a third of it wide at most; `None`: it would not be readable.
    pub(super) fn of(address: &str, area: Area) -> Option<Self> {
        let code = made(address)?;
        let across = i32::try_from(code.width()).ok()?;
        let room = area.height.min(area.width * 2 / 5);
        let pixels = room / (across + 2 * QUIET);
        if pixels < MODULE {
            return None;
        }
        let side = pixels * (across + 2 * QUIET);
        let modules = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        Some(Self { modules, across, pixels, x: area.x + area.width - side, y: area.y + (area.height - side) / 2 })
    }

    /// Pixels across that it takes from the text.
    pub(super) fn taken(&self) -> i32 {
        self.side() + 2
    }

    fn side(&self) -> i32 {
        self.pixels * (self.across + 2 * QUIET)
    }

    /// Draws it, dark on white whatever the colours of the message: so telephones want it.
    pub(super) fn draw(&self, frame: &mut Frame) {
        frame.fill(self.x, self.y, self.side(), self.side(), [255; 3]);
        for (module, dark) in (0..).zip(&self.modules) {
            if *dark {
                let (column, row) = (module % self.across + QUIET, module / self.across + QUIET);
                let (x, y) = (self.x + column * self.pixels, self.y + row * self.pixels);
                frame.fill(x, y, self.pixels, self.pixels, [0; 3]);
            }
        }
    }
}
