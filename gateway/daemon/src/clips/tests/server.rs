//! A media server by HTTPS that behaves as it is told, request by request.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Longest wait to be told to go on.
const WAIT: Duration = Duration::from_secs(20);

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Serves the file, from where it is asked to.
    Serve,
    /// Serves all of it, whatever is asked.
    ServeAll,
    /// Announces the rest of the file and hangs up after so many bytes of it.
    HangUpAfter(usize),
    /// Announces the rest of the file and falls silent after so many bytes of it, until the client leaves.
    FallSilentAfter(usize),
    /// Says nothing at all, until the client leaves.
    Silence,
    /// Serves so many bytes, then waits to be told to go on with the rest.
    WaitAfter(usize),
    /// Never ends.
    Endless,
    /// Answers with this head and nothing more.
    Say(String),
}

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) range: Option<String>,
}

pub(super) struct Server {
    address: SocketAddr,
    /// Certificate authority, PEM.
    pub(super) ca: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    go_on: SyncSender<()>,
}

type Rule = dyn Fn(&Asked, usize) -> (Act, Vec<u8>) + Send + Sync;

impl Server {
    /// Starts one. `rule` is asked what to do with a request, and with which file; it is told how many came before.
    pub(super) fn start(rule: impl Fn(&Asked, usize) -> (Act, Vec<u8>) + Send + Sync + 'static) -> Self {
        let (tls, ca) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (go_on, told) = sync_channel(100);
        let (told, rule): (_, Arc<Rule>) = (Arc::new(Mutex::new(told)), Arc::new(rule));
        let log = asked.clone();
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (tls, rule, log) = (tls.clone(), rule.clone(), log.clone());
                let told = told.clone();
                thread::spawn(move || drop(serve(socket, tls, &*rule, &log, &told)));
            }
        });
        Self { address, ca, asked, go_on }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// All requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("unpoisoned").clone()
    }

    /// Lets one that waits go on.
    pub(super) fn go_on(&self) {
        self.go_on.send(()).expect("room");
    }
}

fn certificates() -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let leaf = leaf.signed_by(&key, &ca).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("a certificate");
    (Arc::new(config), ca.pem())
}

fn serve(
    socket: TcpStream,
    tls: Arc<ServerConfig>,
    rule: &Rule,
    log: &Mutex<Vec<Asked>>,
    told: &Mutex<Receiver<()>>,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(tls).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, socket));
    loop {
        let Some(asked) = read_request(&mut stream)? else { return Ok(()) };
        let before = {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(asked.clone());
            log.iter().filter(|a| a.path == asked.path).count() - 1
        };
        let (act, file) = rule(&asked, before);
        let from = asked.range.as_deref().and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        let (from, whole) = (from.filter(|_| !matches!(act, Act::ServeAll)).unwrap_or(0), file.len());
        let out = stream.get_mut();
        if from > 0 && from >= whole {
            write!(out, "HTTP/1.1 416 No\r\nContent-Range: bytes */{whole}\r\nContent-Length: 0\r\n\r\n")?;
            out.flush()?;
            continue;
        }
        let rest = &file[from..];
        let head = if from > 0 {
            format!("HTTP/1.1 206 Part\r\nContent-Range: bytes {from}-{}/{whole}\r\n", whole - 1)
        } else {
            "HTTP/1.1 200 OK\r\n".to_owned()
        };
        let head = format!("{head}Content-Length: {}\r\n\r\n", rest.len());
        match act {
            Act::Serve | Act::ServeAll => {
                out.write_all(head.as_bytes())?;
                out.write_all(rest)?;
                out.flush()?;
            }
            Act::HangUpAfter(bytes) => {
                out.write_all(head.as_bytes())?;
                out.write_all(&rest[..bytes.min(rest.len())])?;
                out.flush()?;
                return Ok(());
            }
            Act::FallSilentAfter(bytes) => {
                out.write_all(head.as_bytes())?;
                out.write_all(&rest[..bytes.min(rest.len())])?;
                out.flush()?;
                drop(read_request(&mut stream));
                return Ok(());
            }
            Act::Silence => {
                drop(read_request(&mut stream));
                return Ok(());
            }
            Act::WaitAfter(bytes) => {
                let (first, last) = rest.split_at(bytes.min(rest.len()));
                out.write_all(head.as_bytes())?;
                out.write_all(first)?;
                out.flush()?;
                if told.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(WAIT).is_err() {
                    return Ok(());
                }
                out.write_all(last)?;
                out.flush()?;
            }
            Act::Endless => {
                out.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                loop {
                    out.write_all(&[b'x'; 10_000])?;
                    out.flush()?;
                }
            }
            Act::Say(head) => {
                out.write_all(head.as_bytes())?;
                out.flush()?;
                return Ok(());
            }
        }
    }
}

/// `None`: the client has left.
fn read_request(stream: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut asked = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match (line.trim_end(), &mut asked) {
            ("", _) => return Ok(asked),
            (line, None) => {
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                asked = Some(Asked { path, range: None });
            }
            (line, Some(asked)) => {
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("range")
                {
                    asked.range = Some(value.trim().to_owned());
                }
            }
        }
    }
}
