//! A small HTTP server that does what a test says.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

/// Runs until the process ends; its threads wait for nothing else.
pub(super) struct Server {
    address: SocketAddr,
}

/// Where an answer goes. What cannot be written was not wanted any more.
pub(super) struct Out(TcpStream);

impl Out {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).ok();
    }

    /// A body whose end is that of the connection.
    pub(super) fn endless(&mut self, body: &[u8]) {
        self.write(b"HTTP/1.0 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n");
        self.write(body);
    }

    /// A body with its length.
    pub(super) fn typed(&mut self, kind: &str, body: &[u8]) {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        self.write(head.as_bytes());
        self.write(body);
    }

    /// No body.
    pub(super) fn status(&mut self, status: &str, headers: &str) {
        self.write(format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\n\r\n").as_bytes());
    }
}

impl Server {
    /// Answers each request, told its path and the host it was asked as, on a connection of its own.
    pub(super) fn start(answer: impl Fn(&str, &str, &mut Out) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let answer = Arc::clone(&answer);
                thread::spawn(move || {
                    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                    let first = lines.next().unwrap_or_default();
                    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                    while lines.next().is_some_and(|l| !l.is_empty()) {}
                    drop(lines);
                    answer(&path, &address.to_string(), &mut Out(stream));
                });
            }
        });
        Self { address }
    }

    /// Serves a directory.
    pub(super) fn files(dir: PathBuf) -> Self {
        Self::start(move |path, _, out| match std::fs::read(dir.join(path.trim_start_matches('/'))) {
            Ok(bytes) => out.typed("application/octet-stream", &bytes),
            Err(_) => out.status("404 Not Found", ""),
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
