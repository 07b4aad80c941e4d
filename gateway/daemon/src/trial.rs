//! The door of `gateway selftest` into a running station: a socket in the data folder, for whoever may write there.

use crate::run::Happened;
use anyhow::Context;
use gateway_core::input::Act;
use gateway_core::trial::Trial;
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use web_ui::{Asked, Outcome};

/// How long one who has connected may take to ask.
const ASKING: Duration = Duration::from_secs(2);
/// The longest self-test: a look, and a full one of eighty clusters with every relay dead.
const LONGEST: Duration = Duration::from_secs(900);
/// How often it is looked whether it is over.
const LOOK: Duration = Duration::from_millis(100);
/// Longest request, bytes.
const REQUEST: u64 = 4096;
/// Longest answer, bytes: some hundred rows.
const ANSWER: u64 = 1 << 20;
/// The journal names who began it so.
const BY: &str = "dòng lệnh";

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// A full test.
    pub(crate) full: bool,
    /// What was measured last becomes the baseline; no test is made.
    #[serde(default)]
    pub(crate) accept: bool,
}

/// What is answered.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The result.
    pub(crate) trial: Option<Trial>,
    /// Why there is none.
    pub(crate) refused: Option<String>,
}

/// Where the socket of a station is.
pub(crate) fn socket(data: &Path) -> PathBuf {
    data.join("selftest.sock")
}

/// Answers from now on. A station whose folder takes no socket runs all the same.
pub(crate) fn answer(data: &Path, queue: SyncSender<Happened>, view: watch::Receiver<Arc<View>>) {
    let at = socket(data);
    // What a station that was killed has left behind; this one has the listeners, so there is no other.
    if at.exists() && std::fs::remove_file(&at).is_err() {
        log::warn!(socket:? = at; "an old socket cannot be removed");
    }
    let begun = UnixListener::bind(&at).and_then(|listener| {
        std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o600))?;
        let serve = move || {
            for stream in listener.incoming().flatten() {
                if let Err(error) = hear(stream, &queue, &view) {
                    log::debug!(error:% = format!("{error:#}"); "a self-test was asked for in vain");
                }
            }
        };
        std::thread::Builder::new().name("selftest".into()).stack_size(256 * 1024).spawn(serve)
    });
    if let Err(error) = begun {
        log::warn!(socket:? = at, error:% = error; "`gateway selftest` cannot ask this station");
    }
}

fn hear(stream: UnixStream, queue: &SyncSender<Happened>, view: &watch::Receiver<Arc<View>>) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(ASKING))?;
    stream.set_write_timeout(Some(ASKING))?;
    let mut line = String::new();
    BufReader::new(stream.try_clone()?.take(REQUEST)).read_line(&mut line)?;
    let request: Request = serde_json::from_str(&line).context("the request")?;
    let answer = match carry_out(&request, queue, view) {
        Ok(trial) => Answer { trial: Some(trial), refused: None },
        Err(why) => Answer { trial: None, refused: Some(why) },
    };
    let mut stream = stream;
    serde_json::to_writer(&mut stream, &answer)?;
    stream.write_all(b"\n")?;
    Ok(())
}

fn carry_out(
    request: &Request,
    queue: &SyncSender<Happened>,
    view: &watch::Receiver<Arc<View>>,
) -> Result<Trial, String> {
    let newest = || {
        let trials = &view.borrow().records.trials;
        let all = [&trials.last, &trials.given_up];
        all.into_iter().flatten().max_by_key(|t| t.no).cloned()
    };
    let before = newest().map_or(0, |t| t.no);
    let act = if request.accept { Act::Baseline { outputs: Vec::new() } } else { Act::SelfTest { full: request.full } };
    let (answer, outcome) = oneshot::channel();
    let asked = Asked { by: BY.to_owned(), act, answer };
    queue.try_send(Happened::Desk(Box::new(asked))).map_err(|_| "trạm đang bận, hãy thử lại".to_owned())?;
    match outcome.blocking_recv() {
        Ok(Outcome::Done { .. } | Outcome::ActedNotWritten) => {}
        Ok(Outcome::Refused(why)) => return Err(why),
        Ok(Outcome::NotWritten | Outcome::Busy) | Err(_) => return Err("trạm đang khởi động hoặc đang dừng".to_owned()),
    }
    let until = Instant::now() + LONGEST;
    loop {
        if let Some(trial) = newest().filter(|t| request.accept || t.no > before) {
            return Ok(trial);
        }
        if Instant::now() > until {
            return Err("trạm chưa kiểm tra xong sau 15 phút".to_owned());
        }
        std::thread::sleep(LOOK);
    }
}

/// Asks a running station. `None`: there is none at this data folder.
pub(crate) fn ask(data: &Path, request: &Request) -> Option<anyhow::Result<Answer>> {
    let stream = UnixStream::connect(socket(data)).ok()?;
    Some(put(stream, request))
}

fn put(mut stream: UnixStream, request: &Request) -> anyhow::Result<Answer> {
    stream.set_read_timeout(Some(LONGEST + ASKING))?;
    writeln!(stream, "{}", serde_json::to_string(request)?).context("asking the station")?;
    let mut line = String::new();
    BufReader::new(stream.take(ANSWER)).read_line(&mut line).context("waiting for the station")?;
    serde_json::from_str(&line).context("the station ended before the self-test did")
}
