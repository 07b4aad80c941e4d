//! WAV in and out: sixteen-bit samples of one channel, whatever the program that speaks wrote around them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Length of the header that is written, bytes.
pub(super) const HEAD: usize = 44;
/// Length a header states while its file still grows.
pub(super) const UNKNOWN: u32 = u32::MAX - 36;
/// Bytes read at a time: whole frames of one and of two channels.
const BLOCK: usize = 32 * 1024;
/// A stated length from here on was never filled in: the stream went down a pipe.
const UNFILLED: u32 = 0x7fff_0000;

/// Samples of one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sound {
    /// Samples a second.
    pub(super) rate: u32,
    /// The samples.
    pub(super) samples: Vec<i16>,
}

impl Sound {
    /// Its length, milliseconds.
    pub(super) fn ms(&self) -> u64 {
        length_ms(self.samples.len() as u64, self.rate)
    }

    /// As a whole WAV file.
    pub(super) fn wav(&self) -> Vec<u8> {
        let bytes = u32::try_from(2 * self.samples.len()).unwrap_or(UNKNOWN).min(UNKNOWN);
        [&head(self.rate, bytes), self.bytes().as_slice()].concat()
    }

    /// Its samples as a WAV file has them.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * self.samples.len());
        for sample in &self.samples {
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
        bytes
    }
}

/// Length of so many frames, milliseconds.
pub(super) fn length_ms(frames: u64, rate: u32) -> u64 {
    frames * 1000 / u64::from(rate.max(1))
}

/// The header of a file of one channel that holds so many bytes of samples.
pub(super) fn head(rate: u32, data: u32) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &(data.saturating_add(36)).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * 2).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    head
}

/// PCM format of a WAV stream (RIFF, `fmt ` chunk with format code 1, 16 bit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    channels: u16,
    rate: u32,
}

/// Reads a whole WAV stream, its channels averaged. The sizes of a stream are believed only where they say less than
/// what comes.
///
/// # Errors
/// `UnexpectedEof` and `InvalidData` where it is no such WAV, `FileTooLarge` where it is longer than `most_ms`.
pub(super) fn read_sound(mut from: impl Read, most_ms: u64) -> io::Result<Sound> {
    let (format, stated) = read_head(&mut from)?;
    let frame = 2 * u64::from(format.channels);
    let most = most_ms * u64::from(format.rate) / 1000 * frame;
    let stated = if stated == 0 || stated >= UNFILLED { u64::MAX } else { u64::from(stated) };
    // One frame more than is taken shows that there is more.
    let mut stream = from.take(stated.min(most + frame));
    let mut sound = Sound { rate: format.rate, samples: Vec::new() };
    let mut block = vec![0; BLOCK];
    loop {
        let got = fill(&mut stream, &mut block)?;
        let samples = block.get(..got).unwrap_or_default().chunks_exact(usize::from(2 * format.channels));
        // An odd byte at the end is no sample.
        sound.samples.extend(samples.map(|frame| match frame {
            [a, b, c, d] => i16::from_le_bytes([*a, *b]).midpoint(i16::from_le_bytes([*c, *d])),
            [a, b, ..] => i16::from_le_bytes([*a, *b]),
            [] | [_] => 0,
        }));
        if got < block.len() {
            break;
        }
    }
    if sound.samples.len() as u64 * frame > most {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(sound)
}

/// Fills a block as far as the stream goes.
fn fill(from: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(room) = block.get_mut(got..).filter(|room| !room.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// Length of a WAV file with a true header, as it is made here, milliseconds.
pub(super) fn wav_length(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let (format, _) = read_head(&mut file)?;
    let bytes = file.metadata()?.len().saturating_sub(HEAD as u64);
    Ok(length_ms(bytes / (2 * u64::from(format.channels)), format.rate))
}

/// Reads up to the first sample: the format, and the length the stream states, bytes.
fn read_head(from: &mut impl Read) -> io::Result<(Format, u32)> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("no WAV: {what}"));
    let mut riff = [0; 12];
    from.read_exact(&mut riff)?;
    if !riff.starts_with(b"RIFF") || !riff.ends_with(b"WAVE") {
        return Err(bad("it does not begin with RIFF and WAVE"));
    }
    let mut format = None;
    for _ in 0..16 {
        let mut chunk = [0; 8];
        from.read_exact(&mut chunk)?;
        let [a, b, c, d, size @ ..] = chunk;
        let size = u32::from_le_bytes(size);
        if [a, b, c, d] == *b"data" {
            return Ok((format.ok_or_else(|| bad("no format before the samples"))?, size));
        }
        if size > 4096 {
            return Err(bad("a chunk of no sensible size"));
        }
        let mut body = vec![0; size as usize + (size % 2) as usize];
        from.read_exact(&mut body)?;
        if [a, b, c, d] == *b"fmt " {
            let [k0, k1, c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1, ..] = body.as_slice() else {
                return Err(bad("a short format"));
            };
            let (kind, channels) = (u16::from_le_bytes([*k0, *k1]), u16::from_le_bytes([*c0, *c1]));
            let (rate, bits) = (u32::from_le_bytes([*r0, *r1, *r2, *r3]), u16::from_le_bytes([*b0, *b1]));
            let sensible = kind == 1 && (1..=2).contains(&channels) && (8000..=48_000).contains(&rate) && bits == 16;
            if !sensible {
                return Err(bad("not 16-bit PCM of 8 to 48 kHz"));
            }
            format = Some(Format { channels, rate });
        }
    }
    Err(bad("no samples"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(channels: u16, data: u32, samples: &[i16]) -> Vec<u8> {
        let mut stream = head(22_050, data).to_vec();
        stream[22..24].copy_from_slice(&channels.to_le_bytes());
        stream.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        stream
    }

    #[test]
    fn what_is_written_is_read_again() {
        let sound = Sound { rate: 22_050, samples: (0..2205).map(|i| i - 1000).collect() };
        assert_eq!(sound.ms(), 100);
        assert_eq!(read_sound(sound.wav().as_slice(), 1000).expect("a WAV"), sound);
    }

    #[test]
    fn a_stream_of_unknown_length_goes_to_its_end_and_a_true_length_is_kept() {
        for unknown in [0, 0x7fff_f000, u32::MAX, UNKNOWN] {
            let mut odd = stream(1, unknown, &[1, 2, 3]);
            odd.push(9);
            assert_eq!(read_sound(odd.as_slice(), 1000).expect("a WAV").samples, [1, 2, 3], "{unknown}");
        }
        let mut tail = stream(1, 6, &[1, 2, 3]);
        tail.extend(b"LIST\x04\0\0\0INFO");
        assert_eq!(read_sound(tail.as_slice(), 1000).expect("a WAV").samples, [1, 2, 3]);
    }

    #[test]
    fn two_channels_become_one() {
        let both = stream(2, 8, &[100, 300, i16::MIN, i16::MIN]);
        assert_eq!(read_sound(both.as_slice(), 1000).expect("a WAV").samples, [200, i16::MIN]);
    }

    #[test]
    fn what_is_longer_than_it_may_be_is_refused() {
        let long = stream(1, 0, &[1; 2206]);
        assert_eq!(read_sound(long.as_slice(), 100).expect_err("too long").kind(), io::ErrorKind::FileTooLarge);
        assert!(read_sound(stream(1, 0, &[1; 2205]).as_slice(), 100).is_ok());
        let endless = io::Read::chain(io::Cursor::new(stream(1, 0, &[])), io::repeat(7));
        assert_eq!(read_sound(endless, 100).expect_err("too long").kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn what_is_no_wav_is_refused() {
        let good = head(22_050, 0);
        for (at, value) in [(0, b'X'), (8, b'X'), (12, b'X'), (20, 3), (22, 0), (24, 0), (34, 8), (16, 200)] {
            let mut bad = good;
            bad[at] = value;
            if at == 24 {
                bad[24..28].fill(0);
            }
            assert!(read_sound(bad.as_slice(), 1000).is_err(), "byte {at}");
        }
        assert!(read_sound(good.get(..30).expect("a part"), 1000).is_err());
    }
}
