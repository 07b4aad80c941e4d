//! FLAC files (RFC 9639) written as the sound comes: one channel of 16 bits in blocks of 4096 samples.

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, StreamInfo};
use flacenc::config::Encoder;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

/// Samples of a block; the last of a file may have fewer.
pub(super) const BLOCK: usize = 4096;

/// A file being written.
pub(super) struct FlacFile {
    file: BufWriter<File>,
    config: Verified<Encoder>,
    stream: StreamInfo,
    buffer: FrameBuf,
    /// Counts and digests what went in.
    context: Context,
    waiting: Vec<i32>,
}

impl FlacFile {
    /// Begins a file. Until it is finished its header says that length and digest are unknown, which players take.
    pub(super) fn begin(file: File, rate: u32) -> io::Result<Self> {
        let config = Encoder::default().into_verified().map_err(|(_, e)| fault(&e))?;
        let mut stream = StreamInfo::new(rate as usize, 1, 16).map_err(|e| fault(&e))?;
        stream.set_block_sizes(BLOCK, BLOCK).map_err(|e| fault(&e))?;
        let buffer = FrameBuf::with_size(1, BLOCK).map_err(|e| fault(&e))?;
        let mut file = BufWriter::new(file);
        file.write_all(&header(&stream))?;
        Ok(Self { file, config, stream, buffer, context: Context::new(16, 1), waiting: Vec::with_capacity(BLOCK) })
    }

    pub(super) fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        for sample in samples {
            self.waiting.push(i32::from(*sample));
            if self.waiting.len() == BLOCK {
                self.block()?;
            }
        }
        Ok(())
    }

    /// Writes what waits as a block.
    fn block(&mut self) -> io::Result<()> {
        self.context.fill_interleaved(&self.waiting).map_err(|e| fault(&e))?;
        self.buffer.fill_interleaved(&self.waiting).map_err(|e| fault(&e))?;
        self.waiting.clear();
        let number = self.context.current_frame_number().unwrap_or(0);
        let frame = encode_fixed_size_frame(&self.config, &self.buffer, number, &self.stream).map_err(|e| fault(&e))?;
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(|e| fault(&e))?;
        self.file.write_all(bytes.as_slice())
    }

    /// Hands what is written to the system, and to the disk.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// Completes the header.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.block()?;
        }
        self.stream.set_total_samples(self.context.total_samples());
        self.stream.set_md5_digest(&self.context.md5_digest());
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(&self.stream))?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

/// The marker and the one metadata block, STREAMINFO: 42 bytes. Written here, since the sizes of frames are left unknown.
pub(super) fn header(stream: &StreamInfo) -> Vec<u8> {
    let mut header = b"fLaC\x80\x00\x00\x22".to_vec();
    header.extend((BLOCK as u16).to_be_bytes());
    header.extend((BLOCK as u16).to_be_bytes());
    header.extend([0; 6]);
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of length.
    let length = stream.total_samples() as u64 & ((1 << 36) - 1);
    header.extend(((stream.sample_rate() as u64) << 44 | 15 << 36 | length).to_be_bytes());
    header.extend(stream.md5_digest());
    header
}

fn fault(error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("encoding FLAC: {error}"))
}
