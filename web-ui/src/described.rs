//! The description of the API (OpenAPI 3.1), made of what stands at each answer: one operation a route, with the refusals
//! that its kind brings along.

use crate::entry::users::Right;
use crate::problem;
use crate::routes::{Described, Route, Who};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
};
use utoipa::{OpenApi as _, ToSchema, openapi};

/// A refusal that many answers share: its name, status and when it is given.
struct Refusal(&'static str, u16, &'static str);

const MALFORMED: Refusal = Refusal("Malformed", 400, "Not JSON, or not all of it came.");
const NOT_SIGNED_IN: Refusal = Refusal("NotSignedIn", 401, "No session, or a wrong name or password.");
const FORBIDDEN: Refusal =
    Refusal("Forbidden", 403, "The request comes from another site, or the role may not do this.");
const NOT_FOUND: Refusal = Refusal("NotFound", 404, "There is nothing of that name.");
const TOO_SLOW: Refusal = Refusal("TooSlow", 408, "The body came too slowly.");
const REFUSED: Refusal = Refusal("Refused", 409, "The station refused the order, or somebody was faster.");
const GONE: Refusal = Refusal("Gone", 410, "It is over, or somebody else's.");
const TOO_LARGE: Refusal = Refusal("TooLarge", 413, "The body is larger than 64 KiB.");
const UNSUPPORTED: Refusal = Refusal("UnsupportedMediaType", 415, "The body is of another kind than is described.");
const WRONG: Refusal = Refusal("Wrong", 422, "A field is missing, unknown or out of bounds.");
const LOCKED: Refusal = Refusal("Locked", 429, "Too many failed attempts; `Retry-After` says how long.");
const UNFIT: Refusal = Refusal("Unfit", 422, "It is not what it is said to be, damaged, or out of bounds.");
const NOT_KEPT: Refusal = Refusal("NotKept", 500, "The session cannot be kept.");
const UNAVAILABLE: Refusal =
    Refusal("Unavailable", 503, "Busy, or the disk does not answer; `acted` says whether an order took effect.");
const NO_ANSWER: Refusal = Refusal("NoAnswer", 504, "The order was taken but not answered within 10 s.");

const ALL: [Refusal; 15] = [
    MALFORMED,
    NOT_SIGNED_IN,
    FORBIDDEN,
    NOT_FOUND,
    TOO_SLOW,
    REFUSED,
    GONE,
    TOO_LARGE,
    UNSUPPORTED,
    WRONG,
    LOCKED,
    UNFIT,
    NOT_KEPT,
    UNAVAILABLE,
    NO_ANSWER,
];

/// Names a refusal, or several, in `responses(…)` of an answer.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $($refusal:expr),+;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
                [$($refusal),+].iter().map(Refusal::entry).collect()
            }
        }
    )+};
}

refusals! {
    /// What an order may come to beside being carried out.
    NotOrdered: REFUSED, UNAVAILABLE, NO_ANSWER;
    /// The disk or a device does not answer, or as many as may are asking.
    Unavailable: UNAVAILABLE;
    /// Somebody else changed it meanwhile.
    Changed: REFUSED;
    /// It is over.
    Gone: GONE;
    /// What was sent cannot be used.
    Unfit: UNFIT;
    /// Too many attempts.
    Locked: LOCKED;
    /// Sessions cannot be kept.
    NotKept: NOT_KEPT;
    /// A name that is known to nobody, or a wrong password.
    NotSignedIn: NOT_SIGNED_IN;
}

impl Refusal {
    fn entry(&self) -> (String, RefOr<Response>) {
        (self.1.to_string(), RefOr::Ref(Ref::from_response_name(self.0)))
    }

    fn response(&self) -> Response {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new().description(self.2).content("application/problem+json", content).build()
    }
}

/// Bytes that are no text.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "stands for a body that is no JSON, in descriptions only")]
pub(crate) struct Bytes(Vec<u8>);

/// What is to be thought of a moment that the station wrote down.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "stands for two words, in descriptions only")]
pub(crate) enum Clock {
    /// The clock had been set by somebody who knows.
    Trusted,
    /// It had not.
    Untrusted,
}

const ABOUT: &str = "What the officer's listener answers. Sign in with `POST /api/v1/session` and send the cookie back. \
    An answer to an order leaves after the commit; an emergency, stop, mute or blackout takes effect at once and is \
    answered 503 with `acted: true` if the disk does not take it. Refusals are RFC 9457 problems in Vietnamese, or in \
    English where `Accept-Language` weighs it higher. A changing request of a browser must come from the station's own \
    pages (`Sec-Fetch-Site`, `Origin`). A body is JSON of 64 KiB at most; unknown fields are refused, except in a \
    programme.";

/// What is described though no route alone brings it along.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(problem::Body)))]
struct Shared;

/// The whole description.
pub(crate) fn document(routes: &[Route]) -> OpenApi {
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Commune gateway: the officer's API")
        .version("1.0.0")
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    let mut whole = OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .security(Some([session()]))
        .build();
    whole.merge(Shared::openapi());
    for route in routes {
        let mut described = (route.described)();
        for (_, operation) in operations(&mut described) {
            complete(route, operation);
        }
        whole.merge(described);
    }
    let components = whole.components.get_or_insert_default();
    let mut cookie = ApiKeyValue::new("__Host-desk");
    cookie.description = Some("Named `desk` where the listener is plain HTTP on a loopback address.".to_owned());
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.responses.extend(ALL.iter().map(|r| (r.0.to_owned(), RefOr::T(r.response()))));
    whole
}

fn session() -> SecurityRequirement {
    SecurityRequirement::new("session", [] as [&str; 0])
}

/// The operations of a description, with their methods.
pub(crate) fn operations(described: &mut Described) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    described.paths.paths.values_mut().flat_map(|item| {
        let openapi::PathItem { get, put, post, delete, .. } = item;
        [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete)]
            .into_iter()
            .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    })
}

/// Puts on an operation what follows from who may ask, and what is taken.
fn complete(route: &Route, operation: &mut Operation) {
    let mut more = Vec::new();
    match route.who {
        Who::Anyone => operation.security = Some(Vec::new()),
        Who::May(right) => {
            more.push(NOT_SIGNED_IN);
            let note = format!("Right: `{}`.", right.as_str());
            let text = operation.description.take().filter(|d| !d.is_empty());
            operation.description = Some(text.map_or_else(|| note.clone(), |text| format!("{text}\n\n{note}")));
        }
    }
    if route.changes() || matches!(route.who, Who::May(right) if right != Right::Look) {
        more.push(FORBIDDEN);
    }
    if let Some(body) = &mut operation.request_body {
        body.required = Some(Required::True);
        more.extend([MALFORMED, TOO_SLOW, TOO_LARGE, UNSUPPORTED]);
        if body.content.contains_key("application/json") {
            more.push(WRONG);
        }
    }
    for parameter in operation.parameters.iter().flatten() {
        match parameter.parameter_in {
            ParameterIn::Path => more.push(NOT_FOUND),
            ParameterIn::Query => more.push(WRONG),
            ParameterIn::Header | ParameterIn::Cookie => {}
        }
    }
    for refusal in more {
        let (status, response) = refusal.entry();
        operation.responses.responses.entry(status).or_insert(response);
    }
    // The module an answer stands in is nobody's business.
    operation.tags = None;
}
