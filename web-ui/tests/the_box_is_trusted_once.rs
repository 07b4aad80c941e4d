//! The page that walks through trusting the box, its certificate and its QR code.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{Place, bare};

#[tokio::test]
async fn a_stranger_is_told_how_and_gets_the_certificate() {
    let place = Place::new("quiet");
    let page = place.knock(bare("GET", "/trust", "")).await;
    assert_eq!(page.status, StatusCode::OK);
    let shown = page.text.split("class=\"print\">").nth(1).expect("a fingerprint").split('<').next().expect("its end");
    assert_eq!((shown.len(), shown.matches(':').count()), (95, 31), "{shown}");
    for word in
        ["Android", "iPhone", "Windows", "https://tram-xa.local:8443/", "https://192.168.1.20:8443/", "/trust/ca.crt"]
    {
        assert!(page.text.contains(word), "{word}");
    }
    assert!(!page.text.contains("{{") && !page.text.contains("<!--"), "something is not filled in");
    let certificate = place.knock(bare("GET", "/trust/ca.crt", "")).await;
    assert_eq!(certificate.header("content-type"), "application/x-x509-ca-cert");
    assert_eq!(certificate.text.as_bytes(), [0x30, 0x01, 0x00]);
    let qr = place.knock(bare("GET", "/trust/address.svg", "")).await;
    assert_eq!(qr.header("content-type"), "image/svg+xml");
    assert!(qr.text.contains("<svg"));
}
