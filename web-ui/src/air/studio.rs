//! The studio: an officer's voice or an input of the site on air at once, and how the sinks are.

use crate::air::acts::{Ask, targets_of};
use crate::air::orders::{self, Answer, Done};
use crate::body::{Named, Piece, Told};
use crate::described::{Bytes, Gone, NotOrdered};
use crate::entry::guard::Signed;
use crate::problem::{Problem, not_found, say};
use crate::reads;
use crate::routes::Shared;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use gateway_core::bulletin::Targets;
use gateway_core::id::{InputId, LiveId, SinkId};
use gateway_core::input::Act;
use gateway_core::view::View;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The rates a browser's microphone may come in, hertz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// What the daemon lets an officer do in the studio.
pub trait Studio: Send + Sync {
    /// Opens a microphone that is to be spoken into by this officer, and gives it its name.
    ///
    /// # Errors
    /// As many as there may be are open.
    fn open(&self, by: &str) -> Result<LiveId, Shut>;

    /// Takes a piece of one channel from the officer who opened the microphone. Does not block.
    ///
    /// # Errors
    /// It is not open, or not for this officer.
    fn speak(&self, live: &LiveId, by: &str, samples: Vec<f32>, rate: u32) -> Result<(), Shut>;

    /// Another officer speaks into an open microphone from now on, and the one before no more.
    fn hand(&self, live: &LiveId, to: &str);

    /// Closes a microphone; one that is not open is closed already.
    fn close(&self, live: &LiveId);

    /// How each sink is.
    fn sinks(&self) -> Vec<SinkRow>;

    /// How to receive a network sink (RFC 4566): its programmes, or its emergencies where they have an address of their
    /// own. `None`: there is no such sink or stream.
    fn sdp(&self, sink: &SinkId, emergency: bool) -> Option<String>;
}

/// Why a microphone cannot be spoken into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// As many as there may be are open.
    Full,
    /// It is not open (any more), or belongs to somebody else.
    Closed,
}

/// How a sink is, as far as the box itself can measure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SinkRow {
    /// Which.
    pub id: SinkId,
    /// The device it is on.
    pub line: String,
    /// Its volume by day, per cent; emergencies are always at full.
    pub volume_day: u8,
    /// By night.
    pub volume_night: u8,
    /// The device takes sound.
    pub open: bool,
    /// Ordinary work of the machine cannot interrupt what feeds it.
    pub real_time: bool,
    /// Length of a period, milliseconds: what is told now leaves the device one to two periods later.
    pub period_ms: f64,
    /// Times it ran dry since the start.
    pub xruns: u64,
    /// How much faster its clock runs than the system's, parts per million.
    pub drift_ppm: i32,
    /// Loudness of the last 400 ms that left it, LUFS; `null` below −70.
    #[schema(required)]
    pub momentary_lufs: Option<f32>,
    /// Highest true peak since the start, dBTP; `null` where there was none.
    #[schema(required)]
    pub peak_dbtp: Option<f32>,
    /// For how long nothing has left it although something is due, milliseconds.
    pub silent_ms: u64,
}

/// What `POST live` takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginLive, example = json!({"targets": {"clusters": ["*"]}, "max_s": 600}))]
pub(crate) struct Begin {
    /// Where; everywhere where it is not given.
    #[serde(default = "Targets::everything")]
    targets: Targets,
    /// It is cut off after so many seconds.
    #[serde(default = "ten_minutes")]
    #[schema(minimum = 1, maximum = 3600, default = 600)]
    max_s: u32,
    /// An input of the site; the browser's microphone where it is not given.
    #[serde(default)]
    input: Option<InputId>,
    /// It opens with the chime; the site's rule where it is not given.
    #[serde(default)]
    chime: Option<bool>,
}

fn ten_minutes() -> u32 {
    600
}

/// A live transmission that has begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct Begun {
    /// Number of the journal entry.
    seq: u64,
    /// What speech is sent under.
    live_id: LiveId,
}

/// Opens a microphone and has it put on air; it is closed again where that is refused.
pub(crate) async fn on_air<A: Ask>(
    shared: &Shared,
    by: Signed,
    ask: impl FnOnce(LiveId) -> A,
) -> Result<Json<Begun>, Problem> {
    let live_id = shared.desk.studio.open(&by.name).map_err(|_| full())?;
    let ordered = orders::order(shared, by, ask(live_id.clone())).await;
    match ordered {
        Ok(Json(done)) => Ok(Json(Begun { seq: done.seq, live_id })),
        // The disk took nothing, and it is on air all the same: it wants to be spoken into.
        Err(problem) if problem.has_acted() => Err(problem.current(serde_json::json!({ "live_id": live_id }))),
        Err(problem) => {
            shared.desk.studio.close(&live_id);
            Err(problem)
        }
    }
}

struct BeginAs(Begin, LiveId);

impl Ask for BeginAs {
    fn act(self, view: &View) -> Result<Act, Problem> {
        let Self(Begin { targets, max_s, input, chime }, live) = self;
        speaking_time(max_s)?;
        targets_of(&targets, view)?;
        Ok(Act::Live { live, input, targets, max_s, chime })
    }
}

/// An hour at most.
pub(crate) fn speaking_time(max_s: u32) -> Result<(), Problem> {
    if (1..=3_600).contains(&max_s) {
        return Ok(());
    }
    Err(Problem::wrong(say("Thời gian nói (max_s) phải từ 1 đến 3600 giây.", "max_s is 1 to 3600.")))
}

/// *Nói trực tiếp*: an officer's voice, or an input of the site, on air at once
///
/// The microphone is open before the station waits for it.
#[utoipa::path(post, path = "/api/v1/live", operation_id = "beginLive", request_body = Begin, responses(
    (status = 200, description = "It is on air; the microphone is open.", body = Begun),
    NotOrdered,
))]
pub(crate) async fn begin(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Told(ask): Told<Begin>,
) -> Result<Json<Begun>, Problem> {
    on_air(&shared, by, |live| BeginAs(ask, live)).await
}

/// End a live transmission
#[utoipa::path(delete, path = "/api/v1/live/{id}", operation_id = "endLive", params(
    ("id" = String, Path, description = "What `POST live` gave."),
), responses(
    (status = 200, description = "Ended and committed to the journal.", body = Done),
    NotOrdered,
))]
pub(crate) async fn end(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
) -> Answer {
    let live = LiveId::from(id);
    shared.desk.studio.close(&live);
    orders::order(&shared, by, Act::EndLive { live }).await
}

/// A piece of speech from the browser's microphone
#[utoipa::path(post, path = "/api/v1/live/{id}/voice", operation_id = "speak", params(
    ("id" = String, Path, description = "What `POST live` gave to this officer."),
), request_body(content = inline(Bytes), content_type = "audio/L16;rate=48000", description = "RFC 2586: 16 bits, \
    big-endian, one channel, 8000 to 48000 Hz, 64 KiB at most; pieces of 20 to 200 ms, one after the other."),
responses(
    (status = 204, description = "Taken."),
    Gone,
))]
pub(crate) async fn voice(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
    Named(id): Named,
    headers: HeaderMap,
    Piece(body): Piece,
) -> Result<StatusCode, Problem> {
    let rate = headers.get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).and_then(rate_of);
    let Some(rate) = rate.filter(|rate| RATES.contains(rate)) else {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_speech",
            say("Âm thanh gửi lên không đúng kiểu", "The sound is of another kind"),
            say(
                "Cần audio/L16;rate=48000 (16 bit, một kênh, từ 8000 đến 48000 Hz).",
                "audio/L16;rate=48000 is wanted: 16 bits, one channel, 8000 to 48000 Hz.",
            ),
        ));
    };
    let samples = body.as_chunks::<2>().0.iter().map(|pair| f32::from(i16::from_be_bytes(*pair)) / 32_768.0).collect();
    match shared.desk.studio.speak(&LiveId::from(id), &by.name, samples, rate) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(Shut::Full | Shut::Closed) => Err(Problem::new(
            StatusCode::GONE,
            "not_live",
            say("Micro này không còn mở", "This microphone is not open any more"),
            say(
                "Lượt nói đã kết thúc hoặc do người khác mở. Hãy bắt đầu lượt mới.",
                "The talk is over, or somebody else's. Begin a new one.",
            ),
        )),
    }
}

/// The rate of `audio/L16;rate=48000`, one channel.
fn rate_of(kind: &str) -> Option<u32> {
    let mut parts = kind.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("audio/L16") {
        return None;
    }
    let mut rate = None;
    for part in parts {
        match part.split_once('=')? {
            ("rate", value) => rate = value.parse().ok(),
            ("channels", "1") => {}
            _ => return None,
        }
    }
    rate
}

/// Every sink.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sinks {
    sinks: Vec<SinkRow>,
}

/// How each sink is, as measured at its output
#[utoipa::path(get, path = "/api/v1/sinks", responses((status = 200, description = "Every sink.", body = Sinks)))]
pub(crate) async fn sinks(State(shared): State<Arc<Shared>>) -> Json<Sinks> {
    Json(Sinks { sinks: shared.desk.studio.sinks() })
}

/// Which stream of a sink.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Stream {
    /// The stream of its emergencies, where they have an address of their own.
    #[serde(default)]
    #[param(default = false)]
    emergency: bool,
}

/// How to receive a network sink (RFC 4566)
#[utoipa::path(get, path = "/api/v1/sinks/{sink}/sdp", params(
    ("sink" = String, Path, description = "Which sink."),
    Stream,
), responses(
    (status = 200, description = "A session description.", body = String, content_type = "application/sdp"),
))]
pub(crate) async fn sdp(
    State(shared): State<Arc<Shared>>,
    Named(id): Named,
    stream: Result<Query<Stream>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Stream { emergency }) = stream.map_err(|fault| reads::odd_query(&fault))?;
    match shared.desk.studio.sdp(&SinkId::from(id), emergency) {
        Some(text) => Ok(([(header::CONTENT_TYPE, "application/sdp")], text).into_response()),
        None => Err(not_found().await),
    }
}

fn full() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "microphones",
        say("Đã có nhiều người đang nói", "Too many are speaking"),
        say("Hãy đợi một lượt nói kết thúc rồi thử lại.", "Wait until one of them has ended."),
    )
    .acted(false)
    .retry_after(5)
}
