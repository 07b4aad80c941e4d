//! The table of everything the officer's listener answers, and the router made of it.

use crate::air::{boards, ears, orders, outlook, prepared, programmes, studio, voices};
use crate::books::{lessons, papers, playlog, register, report, rota};
use crate::described::{document, operations};
use crate::entry::sittings::{IDLE, Sittings};
use crate::entry::users::Right;
use crate::entry::{account, desks, guard, people, session, trust};
use crate::events::{self, Streams};
use crate::making::{approvals, drafts, jottings, keeping, lexicon, library, media, preview};
use crate::problem::{self, not_found, wrong_method};
use crate::reads::{self, Desks};
use crate::station::{codes, commissioning, configuration, lines, machine, network, posters, restore, selftest};
use crate::{Desk, body, page};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::{Arc, LazyLock};
use tower_sessions::cookie::{SameSite, time};
use tower_sessions::{Expiry, SessionManagerLayer};
use utoipa::OpenApi as _;

pub(crate) use utoipa::openapi::OpenApi as Described;

/// Who may ask for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anyone who reaches the listener: what is needed to sign in, and the description of the API.
    Anyone,
    /// Anyone signed in whose role has this right.
    May(Right),
}

/// One route.
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path, parameters in braces.
    pub path: String,
    /// Who may ask.
    pub who: Who,
    /// Its operation and the schemas that it names.
    pub(crate) described: fn() -> Described,
    answers: fn(MethodFilter) -> MethodRouter<Arc<Shared>>,
}

impl Route {
    /// Whether it is an order to change something.
    pub fn changes(&self) -> bool {
        self.method != "GET"
    }
}

/// What the answers share.
pub(crate) struct Shared {
    pub(crate) desk: Desk,
    pub(crate) streams: Streams,
    pub(crate) readers: Desks,
    pub(crate) sittings: Sittings,
    pub(crate) rehearsals: outlook::Rehearsals,
}

/// Who may have which answer. Method and path stand in the answer's own `#[utoipa::path]`, and nowhere else.
macro_rules! table {
    ($($who:expr => $($answer:ident)::+),+ $(,)?) => {
        [$({
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($answer)::+))]
            struct One;
            let answers: fn(MethodFilter) -> MethodRouter<Arc<Shared>> = |method| on(method, $($answer)::+);
            let described: fn() -> Described = One::openapi;
            ($who, described, answers)
        }),+]
    };
}

/// Everything the officer's listener answers; nothing else exists there.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    use Right::{Air, Approve, Compose, Devices, Look, People};
    use Who::{Anyone, May};
    let table = table![
        Anyone => page::desk,
        Anyone => page::top,
        Anyone => page::asset,
        Anyone => page::openapi,
        Anyone => trust::page,
        Anyone => trust::certificate,
        Anyone => trust::qr,
        Anyone => session::sign_in,
        May(Look) => session::signed,
        May(Look) => session::sign_out,
        May(Look) => desks::hands,
        May(Look) => desks::take_over,
        May(People) => desks::list,
        May(People) => desks::end,
        May(People) => desks::end_theirs,
        May(People) => people::list,
        May(People) => people::add,
        May(People) => people::amend,
        May(People) => people::remove,
        May(People) => people::renew,
        May(People) => people::end_second,
        May(Look) => account::own,
        May(Look) => account::password,
        May(Look) => account::pin,
        May(Look) => account::begin_second,
        May(Look) => account::confirm_second,
        May(Look) => account::end_second,
        May(Look) => account::end_sessions,
        May(Look) => reads::air,
        May(Look) => reads::bulletins,
        May(Look) => reads::journal,
        May(Look) => playlog::list,
        May(Look) => playlog::csv,
        May(Look) => playlog::xlsx,
        May(Look) => playlog::pdf,
        May(Look) => playlog::sums,
        May(Look) => report::read,
        May(Look) => report::csv,
        May(Look) => report::xlsx,
        May(Look) => report::pdf,
        May(Compose) => report::send,
        May(Look) => register::read,
        May(Compose) => register::replace,
        May(Compose) => register::send,
        May(Devices) => register::import::import,
        May(Look) => register::csv,
        May(Look) => register::xlsx,
        May(Look) => register::pdf,
        May(Look) => codes::list,
        May(Look) => codes::read,
        May(Look) => lessons::list,
        May(Look) => lessons::read,
        May(Look) => lessons::done,
        May(Look) => lessons::footage::captions,
        May(Look) => lessons::questions::list,
        May(Air) => lessons::questions::send,
        May(People) => lessons::progress,
        May(People) => lessons::report,
        May(Look) => events::events,
        May(Look) => ears::monitor,
        May(Look) => ears::recordings,
        May(Look) => ears::recording,
        May(Look) => programmes::list,
        May(Compose) => programmes::put,
        May(Compose) => programmes::remove,
        May(Look) => programmes::calendar,
        May(Look) => outlook::rehearsal,
        May(Look) => outlook::limits,
        May(Look) => rota::read,
        May(Compose) => rota::replace,
        May(Air) => orders::decide,
        May(Air) => orders::emergency,
        May(Air) => orders::stop,
        May(Air) => orders::mute,
        May(Air) => orders::blackout,
        May(Devices) => orders::rearm,
        May(Air) => studio::begin,
        May(Air) => studio::end,
        May(Air) => studio::voice,
        May(Air) => voices::emergency,
        May(Air) => voices::ask,
        May(Air) => voices::hand,
        May(Look) => prepared::list,
        May(Compose) => prepared::put,
        May(Compose) => prepared::remove,
        May(Air) => prepared::air,
        May(Look) => papers::list,
        May(Look) => papers::paper,
        May(Air) => papers::read,
        May(Look) => papers::figures,
        May(Compose) => papers::submit,
        May(Look) => library::list,
        May(Look) => library::item,
        May(Compose) => library::offer,
        May(Compose) => library::again::reuse,
        May(Compose) => library::kept::keep,
        May(Look) => keeping::read,
        May(Look) => studio::sinks,
        May(Look) => reads::sensors,
        May(Look) => studio::sdp,
        May(Look) => lines::lines,
        May(Devices) => boards::addresses::page,
        May(Devices) => boards::addresses::list,
        May(Look) => selftest::page,
        May(Look) => selftest::state,
        May(Devices) => selftest::begin,
        May(Devices) => selftest::end,
        May(Look) => selftest::list,
        May(Devices) => selftest::accept,
        May(Look) => selftest::drills,
        May(Devices) => configuration::sheet,
        May(Devices) => configuration::check,
        May(Devices) => configuration::change,
        May(Devices) => configuration::withdraw,
        May(Devices) => configuration::versions,
        May(Devices) => configuration::version,
        May(Devices) => configuration::probe,
        May(Devices) => machine::state,
        May(Devices) => machine::bundle,
        May(Devices) => machine::backup,
        May(Look) => network::state,
        May(Devices) => network::scan,
        May(Devices) => network::address,
        May(Devices) => network::join,
        May(Devices) => network::forget,
        May(Devices) => network::apn,
        May(Devices) => network::keep,
        May(Devices) => network::undo,
        May(Devices) => restore::state,
        May(Devices) => restore::bring,
        May(Devices) => restore::look,
        May(Devices) => restore::take,
        May(Devices) => restore::undo,
        May(Devices) => restore::withdraw,
        May(Devices) => commissioning::list,
        May(Devices) => commissioning::note,
        May(Devices) => commissioning::page,
        May(Look) => posters::list,
        May(Devices) => posters::replace,
        May(Look) => posters::page,
        May(Look) => jottings::read,
        May(Air) => jottings::keep,
        May(Look) => approvals::read,
        May(Look) => approvals::voice,
        May(Approve) => approvals::approve,
        May(Approve) => approvals::send_back,
        May(Compose) => approvals::withdraw,
        May(Look) => drafts::list,
        May(Compose) => drafts::begin,
        May(Look) => drafts::read,
        May(Compose) => drafts::keep,
        May(Compose) => drafts::remove,
        May(Compose) => drafts::vouch,
        May(Compose) => drafts::submit,
        May(Compose) => preview::preview,
        May(Compose) => media::take,
        May(Look) => media::file,
        May(Look) => media::about,
        May(Look) => lexicon::read,
        May(Compose) => lexicon::replace,
        May(Compose) => lexicon::hear,
    ];
    let mut routes = Vec::new();
    for (who, described, answers) in table {
        let mut one = described();
        let path = one.paths.paths.keys().next().cloned().unwrap_or_default();
        routes.extend(operations(&mut one).map(|(method, _)| Route {
            method,
            path: path.clone(),
            who,
            described,
            answers,
        }));
    }
    routes
});

/// The description of the API: OpenAPI 3.1, JSON with two spaces of indent and a line end.
pub static OPENAPI: LazyLock<String> = LazyLock::new(|| match document(&ROUTES).to_pretty_json() {
    Ok(text) => text + "\n",
    Err(fault) => {
        log::error!(error:% = fault; "the description of the API cannot be written as JSON");
        "{}\n".to_owned()
    }
});

/// The officer's listener: the desk at `/`, and everything its pages can do under `/api/v1/`.
pub fn officer(desk: Desk) -> Router {
    let sittings = Sittings::kept_in(desk.office.dir());
    let sessions = SessionManagerLayer::new(sittings.clone())
        .with_name(if desk.secure_cookie { "__Host-desk" } else { "desk" })
        .with_secure(desk.secure_cookie)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_always_save(true)
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds_f32(IDLE.as_secs_f32())));
    let shared = Arc::new(Shared {
        desk,
        streams: Streams::default(),
        readers: Desks::default(),
        sittings,
        rehearsals: Default::default(),
    });
    let mut router = Router::new();
    for route in &*ROUTES {
        let method = match route.method {
            "POST" => MethodFilter::POST,
            "PUT" => MethodFilter::PUT,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let guarded =
            (route.answers)(method).route_layer(from_fn_with_state((Arc::clone(&shared), route), guard::admit));
        router = router.route(&route.path, guarded);
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
