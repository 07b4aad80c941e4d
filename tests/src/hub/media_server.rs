//! Serves media by HTTPS with ranges (RFC 9110, section 14), and misbehaves on request so that stations can be tried.

use super::media::{ADDRESS_FILE, mime};
use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::get;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use http_body::Frame;
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::thread::JoinHandle;

const CHUNK: u64 = 64 * 1024;
const KEPT_REQUESTS: usize = 1000;

/// How a file is served wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The connection breaks after so many bytes of each answer.
    CutAfter(u64),
    /// Nothing more comes after so many bytes, and the connection stays open.
    StallAfter(u64),
    /// The first byte of the file is not what it was.
    WrongByte,
    /// The file is sent over and over, without a length.
    Endless,
    /// Only an HTTP status comes.
    Status(u16),
    /// Ranges are ignored: the whole file comes each time.
    NoRanges,
}

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// File name.
    pub name: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// Status of the answer.
    pub status: u16,
}

#[derive(Default)]
struct Behaviour {
    mishaps: BTreeMap<String, Mishap>,
    asked: Vec<Asked>,
}

#[derive(Clone)]
struct Shelf {
    dir: PathBuf,
    behaviour: Arc<Mutex<Behaviour>>,
}

/// A running media server; stops on drop.
pub struct MediaServer {
    address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
    handle: Handle<SocketAddr>,
    thread: Option<JoinHandle<()>>,
}

impl MediaServer {
    /// Serves `dir` at `https://listen/media/`; port 0 takes a free one. Leaves its address in the directory.
    pub fn start(dir: &Path, listen: &str, tls: Arc<ServerConfig>) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        let listener = TcpListener::bind(listen).with_context(|| format!("listening on {listen}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let behaviour = Arc::new(Mutex::new(Behaviour::default()));
        let shelf = Shelf { dir: dir.to_owned(), behaviour: Arc::clone(&behaviour) };
        let handle = Handle::new();
        let app = Router::new().route("/media/{name}", get(answer)).with_state(shelf);
        let server = {
            let handle = handle.clone();
            async move {
                axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls))?
                    .handle(handle)
                    .serve(app.into_make_service())
                    .await
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("hub-media".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(server) {
                log::error!(error:%; "the media server ended");
            }
        })?;
        let server = Self { address, behaviour, handle, thread: Some(thread) };
        server.announce(dir, &server.url())?;
        Ok(server)
    }

    /// Leaves another address in the directory, where stations reach it under another than it listens on.
    pub fn announce(&self, dir: &Path, url: &str) -> Result<()> {
        let path = dir.join(ADDRESS_FILE);
        std::fs::write(&path, format!("{url}\n")).with_context(|| format!("writing {}", path.display()))
    }

    /// Where it is: `https://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Serves the file with this SHA-256 wrongly from now on; `None` ends that.
    pub fn misbehave(&self, sha256: &str, mishap: Option<Mishap>) {
        let mut behaviour = self.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
        match mishap {
            Some(mishap) => behaviour.mishaps.insert(sha256.to_owned(), mishap),
            None => behaviour.mishaps.remove(sha256),
        };
    }

    /// What was asked for, in order; the first thousand.
    pub fn asked(&self) -> Vec<Asked> {
        self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

impl Drop for MediaServer {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take() {
            // An error means it panicked, which it has said itself.
            thread.join().ok();
        }
    }
}

async fn answer(State(shelf): State<Shelf>, UrlPath(name): UrlPath<String>, headers: HeaderMap) -> Response<Body> {
    let digest = name.split('.').next().unwrap_or_default().to_owned();
    let range = headers.get(header::RANGE).and_then(|r| r.to_str().ok()).map(str::to_owned);
    let mishap = {
        let behaviour = shelf.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
        behaviour.mishaps.get(&digest).copied()
    };
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    let same = headers.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == format!("\"{digest}\"").as_bytes());
    let wanted = range.as_deref().filter(|_| same && mishap != Some(Mishap::NoRanges));
    let response = if !is_digest || name.contains('/') {
        plain(StatusCode::NOT_FOUND)
    } else if let Some(Mishap::Status(code)) = mishap {
        plain(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    } else {
        serve(&shelf.dir.join(&name), &digest, wanted, mishap).unwrap_or_else(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            plain(if missing { StatusCode::NOT_FOUND } else { StatusCode::INTERNAL_SERVER_ERROR })
        })
    };
    let mut behaviour = shelf.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
    if behaviour.asked.len() < KEPT_REQUESTS {
        behaviour.asked.push(Asked { name, range, status: response.status().as_u16() });
    }
    response
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn serve(path: &Path, digest: &str, range: Option<&str>, mishap: Option<Mishap>) -> io::Result<Response<Body>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let base = Response::builder()
        .header(header::CONTENT_TYPE, mime(extension))
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, format!("\"{digest}\""));
    let (base, start, end) = match range.map(|r| read_range(r, length)) {
        None | Some(Wanted::Everything) => (base.status(StatusCode::OK), 0, length),
        Some(Wanted::Part(start, end)) => {
            let span = format!("bytes {start}-{}/{length}", end - 1);
            (base.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, span), start, end)
        }
        Some(Wanted::Nothing) => {
            let answer = base.status(StatusCode::RANGE_NOT_SATISFIABLE);
            let answer = answer.header(header::CONTENT_RANGE, format!("bytes */{length}"));
            return answer.body(Body::empty()).map_err(io::Error::other);
        }
    };
    file.seek(SeekFrom::Start(start))?;
    let base = if mishap == Some(Mishap::Endless) { base } else { base.header(header::CONTENT_LENGTH, end - start) };
    base.body(Body::new(Part { file, at: start, end, sent: 0, let_go: false, mishap })).map_err(io::Error::other)
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Everything,
    /// From the first to before the second byte.
    Part(u64, u64),
    Nothing,
}

/// One range of bytes; several, or what cannot be read, count as none (RFC 9110, section 14.2).
fn read_range(header: &str, length: u64) -> Wanted {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Wanted::Everything;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim().is_empty(), number(first), last.trim().is_empty(), number(last)) {
        (true, _, false, Some(0)) => Wanted::Nothing,
        (true, _, false, Some(count)) if length > 0 => Wanted::Part(length.saturating_sub(count), length),
        (false, Some(start), true, _) if start < length => Wanted::Part(start, length),
        (false, Some(start), false, Some(end)) if start <= end && start < length => {
            Wanted::Part(start, end.saturating_add(1).min(length))
        }
        (false, Some(start), true, _) if start >= length => Wanted::Nothing,
        (false, Some(start), false, Some(end)) if start <= end => Wanted::Nothing,
        _ => Wanted::Everything,
    }
}

/// A part of a file on its way.
struct Part {
    file: File,
    at: u64,
    end: u64,
    sent: u64,
    let_go: bool,
    mishap: Option<Mishap>,
}

impl Part {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.at == self.end {
            if self.mishap != Some(Mishap::Endless) || self.end == 0 {
                return Ok(None);
            }
            self.at = 0;
            self.file.seek(SeekFrom::Start(0))?;
        }
        let mut room = CHUNK.min(self.end - self.at);
        if let Some(Mishap::CutAfter(limit) | Mishap::StallAfter(limit)) = self.mishap {
            room = room.min(limit.saturating_sub(self.sent));
        }
        let mut bytes = Vec::new();
        (&mut self.file).take(room).read_to_end(&mut bytes)?;
        if let (0, Some(Mishap::WrongByte), Some(first)) = (self.at, self.mishap, bytes.first_mut()) {
            *first ^= 0xff;
        }
        if bytes.len() as u64 != room {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += room;
        self.sent += room;
        Ok(Some(Bytes::from(bytes)))
    }
}

impl HttpBody for Part {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.mishap {
            // What was sent lies in buffers until the server finds nothing to do: first it is let go, then all breaks.
            Some(Mishap::CutAfter(limit)) if self.sent >= limit && self.at < self.end && !self.let_go => {
                self.let_go = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Mishap::CutAfter(limit)) if self.sent >= limit && self.at < self.end => {
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            // No waker is kept: the answer ends when the client goes away.
            Some(Mishap::StallAfter(limit)) if self.sent >= limit && self.at < self.end => Poll::Pending,
            Some(_) | None => Poll::Ready(self.next().transpose().map(|bytes| bytes.map(Frame::data))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, read_range};

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (header, wanted) in [
            ("bytes=0-", Wanted::Part(0, 10)),
            ("bytes=3-", Wanted::Part(3, 10)),
            ("bytes=3-4", Wanted::Part(3, 5)),
            ("bytes=3-400", Wanted::Part(3, 10)),
            ("bytes=-4", Wanted::Part(6, 10)),
            ("bytes=-40", Wanted::Part(0, 10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-12", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=4-3", Wanted::Everything),
            ("bytes=0-1,4-5", Wanted::Everything),
            ("bytes=-", Wanted::Everything),
            ("lines=0-1", Wanted::Everything),
        ] {
            assert_eq!(read_range(header, 10), wanted, "{header}");
        }
        assert_eq!(read_range("bytes=0-", 0), Wanted::Nothing);
    }
}
