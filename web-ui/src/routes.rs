//! The table of everything the officer's listener answers, and the router made of it.

use crate::events::{self, Streams};
use crate::problem::{self, not_found, wrong_method};
use crate::reads::{self, Desks};
use crate::sittings::{IDLE, Sittings};
use crate::{Desk, boards, body, ears, guard, lexicon, lines, orders, page, selftest, session, studio};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};
use std::sync::Arc;
use tower_sessions::cookie::{SameSite, time};
use tower_sessions::{Expiry, SessionManagerLayer};

/// Who may ask for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anyone who reaches the listener: what is needed to sign in, and the description of the API.
    Anyone,
    /// Anyone signed in.
    SignedIn,
    /// Anyone signed in whose role may act.
    Acts,
    /// Technicians alone: what opens a door.
    Technician,
}

/// One route.
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path, parameters in braces.
    pub path: &'static str,
    /// Who may ask.
    pub who: Who,
    answers: fn() -> MethodRouter<Arc<Shared>>,
}

/// What the answers share.
pub(crate) struct Shared {
    pub(crate) desk: Desk,
    pub(crate) streams: Streams,
    pub(crate) readers: Desks,
}

/// Everything the officer's listener answers; nothing else exists there.
pub const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/", who: Who::SignedIn, answers: || get(page::desk) },
    Route { method: "GET", path: "/assets/{name}", who: Who::Anyone, answers: || get(page::asset) },
    Route { method: "GET", path: "/api/v1/openapi.json", who: Who::Anyone, answers: || get(page::openapi) },
    Route { method: "POST", path: "/api/v1/session", who: Who::Anyone, answers: || post(session::sign_in) },
    Route { method: "DELETE", path: "/api/v1/session", who: Who::SignedIn, answers: || delete(session::sign_out) },
    Route { method: "GET", path: "/api/v1/air", who: Who::SignedIn, answers: || get(reads::air) },
    Route { method: "GET", path: "/api/v1/bulletins", who: Who::SignedIn, answers: || get(reads::bulletins) },
    Route { method: "GET", path: "/api/v1/journal", who: Who::SignedIn, answers: || get(reads::journal) },
    Route { method: "GET", path: "/api/v1/events", who: Who::SignedIn, answers: || get(events::events) },
    Route { method: "GET", path: "/monitor/{sink}", who: Who::SignedIn, answers: || get(ears::monitor) },
    Route { method: "GET", path: "/api/v1/recordings", who: Who::SignedIn, answers: || get(ears::recordings) },
    Route { method: "GET", path: "/api/v1/recordings/{id}", who: Who::SignedIn, answers: || get(ears::recording) },
    Route { method: "POST", path: "/api/v1/programmes", who: Who::Acts, answers: || post(orders::programme) },
    Route { method: "POST", path: "/api/v1/decisions/{id}", who: Who::Acts, answers: || post(orders::decide) },
    Route { method: "POST", path: "/api/v1/emergency", who: Who::Acts, answers: || post(orders::emergency) },
    Route { method: "POST", path: "/api/v1/stop", who: Who::Acts, answers: || post(orders::stop) },
    Route { method: "POST", path: "/api/v1/mute", who: Who::Acts, answers: || post(orders::mute) },
    Route { method: "POST", path: "/api/v1/blackout", who: Who::Acts, answers: || post(orders::blackout) },
    Route { method: "POST", path: "/api/v1/rearm", who: Who::Acts, answers: || post(orders::rearm) },
    Route { method: "POST", path: "/api/v1/live", who: Who::Acts, answers: || post(studio::begin) },
    Route { method: "DELETE", path: "/api/v1/live/{id}", who: Who::Acts, answers: || delete(studio::end) },
    Route { method: "POST", path: "/api/v1/live/{id}/voice", who: Who::Acts, answers: || post(studio::voice) },
    Route { method: "GET", path: "/api/v1/sinks", who: Who::SignedIn, answers: || get(studio::sinks) },
    Route { method: "GET", path: "/api/v1/sensors", who: Who::SignedIn, answers: || get(reads::sensors) },
    Route { method: "GET", path: "/api/v1/sinks/{sink}/sdp", who: Who::SignedIn, answers: || get(studio::sdp) },
    Route { method: "GET", path: "/api/v1/lines", who: Who::SignedIn, answers: || get(lines::lines) },
    Route { method: "GET", path: "/boards", who: Who::Technician, answers: || get(boards::addresses_page) },
    Route { method: "GET", path: "/api/v1/boards", who: Who::Technician, answers: || get(boards::list) },
    Route { method: "GET", path: "/selftest", who: Who::SignedIn, answers: || get(selftest::page) },
    Route { method: "GET", path: "/api/v1/selftest", who: Who::SignedIn, answers: || get(selftest::state) },
    Route { method: "POST", path: "/api/v1/selftest", who: Who::Acts, answers: || post(selftest::begin) },
    Route { method: "DELETE", path: "/api/v1/selftest", who: Who::Acts, answers: || delete(selftest::end) },
    Route { method: "GET", path: "/api/v1/selftest/last", who: Who::SignedIn, answers: || get(selftest::list) },
    Route { method: "POST", path: "/api/v1/selftest/baseline", who: Who::Acts, answers: || post(selftest::accept) },
    Route { method: "GET", path: "/api/v1/drills", who: Who::SignedIn, answers: || get(selftest::drills) },
    Route { method: "GET", path: "/api/v1/lexicon", who: Who::SignedIn, answers: || get(lexicon::read) },
    Route { method: "PUT", path: "/api/v1/lexicon", who: Who::Acts, answers: || put(lexicon::replace) },
    Route { method: "POST", path: "/api/v1/lexicon/try", who: Who::Acts, answers: || post(lexicon::hear) },
];

/// The officer's listener: the desk at `/`, and everything its pages can do under `/api/v1/`.
pub fn officer(desk: Desk) -> Router {
    let sessions = SessionManagerLayer::new(Sittings::default())
        .with_name(if desk.secure_cookie { "__Host-desk" } else { "desk" })
        .with_secure(desk.secure_cookie)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_always_save(true)
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds_f32(IDLE.as_secs_f32())));
    let shared = Arc::new(Shared { desk, streams: Streams::default(), readers: Desks::default() });
    let mut router = Router::new();
    for route in ROUTES {
        let guarded = (route.answers)().route_layer(from_fn_with_state((Arc::clone(&shared), route), guard::admit));
        router = router.route(route.path, guarded);
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(shared)
        .layer(sessions)
        .layer(DefaultBodyLimit::max(body::LARGEST))
        .layer(from_fn(body::hear_out))
        .layer(from_fn(guard::dress))
        .layer(from_fn(problem::speak))
}
