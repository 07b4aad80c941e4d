//! A place with a door: the officer's router over an invented station, and someone to knock.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(unreachable_pub, reason = "shared between test programs by path")]

use crate::invented::{self, Book, Booth, Cellar, Parrot};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use gateway_core::input::Act;
use gateway_core::view::View;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;
use web_ui::{Asked, Desk, Outcome, Role, users};

/// Password of everybody here.
pub const PASSWORD: &str = "mot-mat-khau-dai";

/// A directory of its own, gone with the test.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("web-ui-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory for the test");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The officer's listener and both ends of it.
pub struct Place {
    /// The router.
    pub router: Router,
    /// The daemon's end of the view.
    pub told: watch::Sender<Arc<View>>,
    /// The daemon's end of the orders.
    pub asked: mpsc::Receiver<Asked>,
    /// The lists.
    pub book: Arc<Book>,
    /// The voice.
    pub parrot: Arc<Parrot>,
    /// The files.
    pub cellar: Arc<Cellar>,
    /// Its data directory.
    pub dir: Scratch,
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON body")
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().expect("a header of text"))
    }

    /// The cookie it set, as a request sends it back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().expect("a cookie").to_owned()
    }

    /// The code of the problem it is.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        self.json()["code"].as_str().expect("a code").to_owned()
    }
}

impl Place {
    /// With the users `lan` (officer), `ky` (technician) and `khach` (viewer), in a state of [`invented::view`].
    pub fn new(state: &str) -> Self {
        let dir = Scratch::new();
        users::add_user(dir.path(), "lan", Role::Officer, PASSWORD).expect("lan");
        users::add_user(dir.path(), "ky", Role::Technician, PASSWORD).expect("ky");
        users::add_user(dir.path(), "khach", Role::Viewer, PASSWORD).expect("khach");
        Self::over(dir, invented::view(state), Book::default(), false)
    }

    /// Over a directory, a view and a book.
    pub fn over(dir: Scratch, view: View, book: Book, secure_cookie: bool) -> Self {
        Self::with(dir, view, book, invented::Echo::default(), secure_cookie)
    }

    /// With ears.
    pub fn with(dir: Scratch, view: View, book: Book, echo: invented::Echo, secure_cookie: bool) -> Self {
        let users = users::open(dir.path()).expect("users");
        let (told, view) = watch::channel(Arc::new(view));
        let (orders, asked) = mpsc::channel(4);
        let book = Arc::new(book);
        let reads = Arc::clone(&book);
        let parrot = Arc::new(Parrot::default());
        let (voice, ears) = (Arc::clone(&parrot), Arc::new(echo));
        let lines: web_ui::Lines = Arc::new(|| vec![invented::line()]);
        let cellar = Arc::new(Cellar::default());
        let media = Arc::clone(&cellar);
        let router = web_ui::officer(Desk {
            view,
            orders,
            reads,
            outlook: Arc::new(invented::Horizon::default()),
            ears,
            voice,
            studio: Arc::new(Booth),
            lines,
            media,
            preview: Arc::new(web_ui::NoPreview),
            boards: Arc::new(invented::Wall),
            configuration: Arc::new(web_ui::NoConfiguration),
            machine: Arc::new(web_ui::NoMachine),
            network: Arc::new(web_ui::NoNetwork),
            users,
            office: web_ui::office::open(dir.path()),
            secure_cookie,
            trust: Some(invented::trust()),
        });
        Self { router, told, asked, book, parrot, cellar, dir }
    }

    /// Signs in; the cookie.
    pub async fn sign_in(&self, name: &str) -> String {
        let answer = self.try_sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.cookie()
    }

    /// Tries a name and password.
    pub async fn try_sign_in(&self, name: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
        self.knock(json("POST", "/api/v1/session", "", &body)).await
    }

    /// Asks.
    pub async fn knock(&self, request: Request<Body>) -> Answer {
        knock(&self.router, request).await
    }

    /// Sends an order, lets the daemon answer it so, and returns the answer and what the daemon got.
    pub async fn order(&mut self, request: Request<Body>, outcome: Outcome) -> (Answer, Got) {
        let router = self.router.clone();
        let daemon = async {
            let asked = self.asked.recv().await.expect("an order");
            asked.answer.send(outcome).expect("someone who waits");
            Got { by: asked.by, act: asked.act }
        };
        let knocking = async {
            let answer = knock(&router, request).await;
            (answer.status, answer)
        };
        tokio::pin!(knocking, daemon);
        tokio::select! {
            (status, answer) = &mut knocking => panic!("{status} and no order: {}", answer.text),
            got = &mut daemon => (knocking.await.1, got),
        }
    }
}

/// What the daemon got.
pub struct Got {
    /// From whom.
    pub by: String,
    /// What.
    pub act: Act,
}

/// Asks a router.
pub async fn knock(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.expect("a body");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: parts.status, headers: parts.headers, text }
}

/// A request without a body.
pub fn bare(method: &str, path: &str, cookie: &str) -> Request<Body> {
    request(method, path, cookie).body(Body::empty()).expect("a request")
}

/// A request with a JSON body.
pub fn json(method: &str, path: &str, cookie: &str, body: &str) -> Request<Body> {
    let request = request(method, path, cookie).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_owned())).expect("a request")
}

fn request(method: &str, path: &str, cookie: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "gate.test:8443");
    if cookie.is_empty() { request } else { request.header(header::COOKIE, cookie) }
}
