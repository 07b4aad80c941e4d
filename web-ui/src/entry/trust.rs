//! The page that walks a telephone and a PC through trusting the box once: its certificate, fingerprint, addresses, and steps.
//!
//! It is open to strangers: whoever has not trusted the box yet has not signed in either. A certificate is no secret.

use crate::page::{escaped, fill};
use crate::problem::{Problem, not_found};
use crate::routes::Shared;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use ring::digest::{SHA256, digest};
use std::sync::Arc;

const PAGE: &str = include_str!("../../assets/trust.html");

/// What browsers have to be told. Both may read a disk or the interfaces, shortly.
#[derive(Clone)]
pub struct Trust {
    /// The authority's certificate (DER); `None` where it cannot be read.
    pub certificate: Arc<dyn Fn() -> Option<Vec<u8>> + Send + Sync>,
    /// Where the desk is, as one types it: by name first.
    pub addresses: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

/// The certificate and the addresses, asked for where a disk may keep one waiting.
async fn told(shared: &Shared) -> Result<(Vec<u8>, Vec<String>), Problem> {
    let Some(trust) = shared.desk.trust.clone() else { return Err(not_found().await) };
    let asked = tokio::task::spawn_blocking(move || ((trust.certificate)(), (trust.addresses)()));
    match asked.await {
        Ok((Some(certificate), addresses)) => Ok((certificate, addresses)),
        Ok((None, _)) | Err(_) => Err(not_found().await),
    }
}

/// How to trust this box, step by step
#[utoipa::path(get, path = "/trust", operation_id = "trustPage", responses(
    (status = 200, description = "The page.", body = String, content_type = "text/html"),
    (status = 404, description = "Browsers trust it already: somebody else signed its certificate."),
))]
pub(crate) async fn page(State(shared): State<Arc<Shared>>) -> Result<Html<String>, Problem> {
    let (certificate, addresses) = told(&shared).await?;
    let view = Arc::clone(&shared.desk.view.borrow());
    let first = addresses.first().cloned().unwrap_or_default();
    let print = fingerprint(&certificate);
    let filled = fill(PAGE, &[("place", &view.name), ("fingerprint", &print), ("address", &first)]);
    let row = |address: &String| format!("<li><a href=\"{0}\">{0}</a></li>", escaped(address));
    // The rows are HTML already, each value in them escaped.
    Ok(Html(filled.replace("<!-- addresses -->", &addresses.iter().map(row).collect::<String>())))
}

/// The certificate of the box's authority
#[utoipa::path(get, path = "/trust/ca.crt", operation_id = "trustCertificate", responses(
    (status = 200, description = "X.509, DER.", body = inline(crate::described::Bytes), content_type = "application/x-x509-ca-cert"),
    (status = 404, description = "There is none."),
))]
pub(crate) async fn certificate(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let (certificate, _) = told(&shared).await?;
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, "attachment; filename=\"truyen-thanh-xa.crt\""),
    ];
    Ok((headers, certificate).into_response())
}

/// The desk's address, for a camera
#[utoipa::path(get, path = "/trust/address.svg", operation_id = "trustAddress", responses(
    (status = 200, description = "A QR code.", body = String, content_type = "image/svg+xml"),
    (status = 404, description = "There is nothing to be trusted."),
))]
pub(crate) async fn qr(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let (_, addresses) = told(&shared).await?;
    // By number where there is one: a telephone that knows no `.local` finds that too.
    let numbered = addresses.iter().find(|a| !a.contains(".local"));
    let address = numbered.or(addresses.first()).cloned().unwrap_or_default();
    let Ok(code) = QrCode::new(format!("{address}trust").as_bytes()) else { return Err(not_found().await) };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(([(CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}

/// As systems show it: pairs of hexadecimal digits.
fn fingerprint(certificate: &[u8]) -> String {
    let pairs: Vec<String> = digest(&SHA256, certificate).as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_as_systems_show_it() {
        // SHA-256 of "abc" (FIPS 180-4).
        assert!(fingerprint(b"abc").starts_with("BA:78:16:BF:8F:01:CF:EA:41:41:40:DE"));
        assert_eq!(fingerprint(b"abc").len(), 95);
    }
}
