//! The open port or connection: what tokio-modbus and the raw calls both speak through.

use super::capture::Event;
use super::tape::Tape;
use super::{LineConfig, LineOptions};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_modbus::client::{Context, rtu, tcp};
use tokio_modbus::prelude::Slave;
use tokio_serial::SerialStream;

/// What went wrong on the wire.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// Nothing, or not enough, came in time.
    #[error("no answer in time")]
    Timeout,
    /// Others wait for the line, and this device's last answer did not come either.
    #[error("left off, others wait for the line")]
    LeftOff,
    /// The port or connection is of no more use.
    #[error("{0}")]
    Gone(io::Error),
    /// Something came that is no answer to what was asked.
    #[error("no sensible answer: {0}")]
    Garbage(String),
}

/// An open port or connection.
pub(super) struct Wire {
    stream: Shared,
    modbus: Option<Context>,
    rtu: bool,
    gap: Duration,
    transaction: u16,
}

impl Wire {
    /// Opens what the configuration names; the caller bounds the wait.
    pub(super) async fn open(
        config: &LineConfig,
        options: &LineOptions,
        tape: Option<Tape>,
    ) -> Result<Self, WireError> {
        let stream = match config {
            LineConfig::Serial { port, baud } => {
                let (parity, stop) = options.bits();
                let builder = tokio_serial::new(port.display().to_string(), *baud).parity(parity).stop_bits(stop);
                Stream::Serial(SerialStream::open(&builder).map_err(|error| WireError::Gone(error.into()))?)
            }
            LineConfig::Tcp { address, .. } => {
                let stream = TcpStream::connect(address).await.map_err(WireError::Gone)?;
                stream.set_nodelay(true).map_err(WireError::Gone)?;
                Stream::Tcp(stream)
            }
            LineConfig::Apart { .. } => return Err(WireError::Gone(std::io::ErrorKind::Unsupported.into())),
        };
        let stream = Shared { stream: Arc::new(Mutex::new(stream)), tape };
        Ok(Self { stream, modbus: None, rtu: config.rtu(), gap: config.frame_gap(), transaction: 0x8000 })
    }

    /// Whether Modbus goes as RTU on it.
    pub(super) fn is_rtu(&self) -> bool {
        self.rtu
    }

    /// A transaction number of our own; the library counts from 0 and is far from these on any connection.
    pub(super) fn next_transaction(&mut self) -> u16 {
        self.transaction = self.transaction.wrapping_add(1) | 0x8000;
        self.transaction
    }

    /// The Modbus client, made afresh after each [`Self::forget_modbus`].
    pub(super) fn modbus(&mut self) -> &mut Context {
        let Self { stream, modbus, rtu, .. } = self;
        modbus.get_or_insert_with(|| match rtu {
            true => rtu::attach_slave(stream.clone(), Slave(0)),
            false => tcp::attach_slave(stream.clone(), Slave(0)),
        })
    }

    /// Forgets half-read Modbus frames.
    pub(super) fn forget_modbus(&mut self) {
        self.modbus = None;
    }

    /// Reads and throws away until nothing has come for the frame gap, at most 100 ms; says how many bytes.
    pub(super) async fn settle(&mut self) -> Result<u64, WireError> {
        let mut thrown = 0;
        let until = Instant::now() + Duration::from_millis(100);
        while Instant::now() < until {
            match self.discard(self.gap).await? {
                0 => break,
                some => thrown += some,
            }
        }
        Ok(thrown)
    }

    /// Waits at most this long for bytes and throws them away; 0: none came.
    pub(super) async fn discard(&mut self, within: Duration) -> Result<u64, WireError> {
        Ok(self.read(within).await?.len() as u64)
    }

    /// Waits at most this long for bytes; empty: none came.
    pub(super) async fn read(&mut self, within: Duration) -> Result<Vec<u8>, WireError> {
        let mut buffer = [0_u8; 4096];
        // tokio polls the read before the clock, so even the shortest wait sees what is already there.
        match tokio::time::timeout(within, self.stream.read(&mut buffer)).await {
            Ok(Ok(count)) => Ok(buffer.get(..count).unwrap_or_default().to_vec()),
            Ok(Err(error)) => Err(WireError::Gone(error)),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Writes all of it within this time.
    pub(super) async fn write(&mut self, bytes: &[u8], within: Duration) -> Result<(), WireError> {
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(within, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(WireError::Gone(error)),
            Err(_) => Err(WireError::Timeout),
        }
    }
}

#[derive(Debug)]
enum Stream {
    Serial(SerialStream),
    Tcp(TcpStream),
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Self::Serial(port) = self
            && let Err(error) = port.set_exclusive(false)
        {
            // A port that is gone cannot be released either.
            log::debug!(error:% = error; "serial port not released");
        }
    }
}

/// The stream, held by the Modbus client and by the raw calls; only one of them runs at a time.
#[derive(Clone, Debug)]
struct Shared {
    stream: Arc<Mutex<Stream>>,
    /// Takes down what passes.
    tape: Option<Tape>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Shared {
    fn poll_read(self: Pin<&mut Self>, cx: &mut TaskContext<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut *self.lock() {
            Stream::Serial(port) => Pin::new(port).poll_read(cx, buf),
            Stream::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        if matches!(polled, Poll::Ready(Ok(()))) && buf.filled().len() == before && buf.remaining() > 0 {
            // An unplugged USB adapter reads as "nothing" for ever; a closed connection does the same.
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the device is gone")));
        }
        if let (Some(tape), Some(bytes)) = (&self.tape, buf.filled().get(before..).filter(|new| !new.is_empty())) {
            tape.note(Event::Received(bytes.to_vec()));
        }
        polled
    }
}

impl AsyncWrite for Shared {
    fn poll_write(self: Pin<&mut Self>, cx: &mut TaskContext<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = match &mut *self.lock() {
            Stream::Serial(port) => Pin::new(port).poll_write(cx, buf),
            Stream::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
        };
        if let (Some(tape), Poll::Ready(Ok(count))) = (&self.tape, &polled)
            && let Some(bytes) = buf.get(..*count).filter(|sent| !sent.is_empty())
        {
            tape.note(Event::Sent(bytes.to_vec()));
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        match &mut *self.lock() {
            // tcdrain() would block the thread without bound on a port whose far end does not read.
            Stream::Serial(_) => Poll::Ready(Ok(())),
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        match &mut *self.lock() {
            Stream::Serial(_) => Poll::Ready(Ok(())),
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
