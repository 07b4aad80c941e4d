//! The three listeners: the desk over TLS, the citizens' pages, and the numbers.

use crate::config::{OfficerTls, WebConfig};
use crate::health::Health;
use crate::store::Store;
use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use web_ui::{Check, Metric, MetricKind, Ops};

/// Listeners that are bound and not yet served: an address that is taken is found before anything is started.
pub(crate) struct Bound {
    officer: TcpListener,
    citizen: TcpListener,
    ops: TcpListener,
    tls: Option<(Vec<u8>, Vec<u8>)>,
}

/// Binds the listeners.
pub(crate) fn bind(config: &WebConfig, data: &Path) -> anyhow::Result<Bound> {
    let listen = |address, what: &str| -> anyhow::Result<TcpListener> {
        let listener = TcpListener::bind(address).with_context(|| format!("[web] {what} = \"{address}\""))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    let tls = match &config.officer_tls {
        OfficerTls::Off => None,
        OfficerTls::SelfSigned => Some(own_certificate(&data.join("tls"))?),
        OfficerTls::Given { cert, key } => Some((
            fs::read(cert).with_context(|| format!("{}", cert.display()))?,
            fs::read(key).with_context(|| format!("{}", key.display()))?,
        )),
    };
    Ok(Bound {
        officer: listen(config.officer, "officer")?,
        citizen: listen(config.citizen, "citizen")?,
        ops: listen(config.ops, "ops")?,
        tls,
    })
}

/// The certificate the station makes itself at its first start.
fn own_certificate(dir: &Path) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let (cert, key) = (dir.join("officer.pem"), dir.join("officer.key"));
    if cert.exists() && key.exists() {
        return Ok((fs::read(&cert)?, fs::read(&key)?));
    }
    fs::create_dir_all(dir)?;
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_owned();
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    if !host.is_empty() {
        names.push(format!("{host}.local"));
    }
    let made = rcgen::generate_simple_self_signed(names).context("making the desk's certificate")?;
    let (cert_pem, key_pem) = (made.cert.pem().into_bytes(), made.signing_key.serialize_pem().into_bytes());
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&key)?;
    file.write_all(&key_pem)?;
    file.sync_all()?;
    fs::write(&cert, &cert_pem)?;
    Ok((cert_pem, key_pem))
}

impl Bound {
    /// Serves until the process ends.
    pub(crate) async fn serve(
        self,
        officer: axum::Router,
        citizen: axum::Router,
        ops: axum::Router,
    ) -> anyhow::Result<()> {
        let desk = officer.into_make_service_with_connect_info::<std::net::SocketAddr>();
        let pages = citizen.into_make_service_with_connect_info::<std::net::SocketAddr>();
        let citizen = axum_server::from_tcp(self.citizen)?.serve(pages);
        let ops = axum_server::from_tcp(self.ops)?.serve(ops.into_make_service());
        match self.tls {
            Some((cert, key)) => {
                let config = desk_tls(&cert, &key).context("the desk's certificate")?;
                let officer = axum_server::from_tcp_rustls(self.officer, config)?.serve(desk);
                tokio::try_join!(officer, citizen, ops)?;
            }
            None => {
                let officer = axum_server::from_tcp(self.officer)?.serve(desk);
                tokio::try_join!(officer, citizen, ops)?;
            }
        }
        Ok(())
    }
}

/// The desk speaks HTTP/1.1 alone: with HTTP/2 an order that is refused before its body was read (no session, another
/// site) reached the browser as a broken stream and not as the refusal.
fn desk_tls(cert: &[u8], key: &[u8]) -> anyhow::Result<RustlsConfig> {
    let chain = CertificateDer::pem_slice_iter(cert).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// What the supervisor's listener tells.
pub(crate) fn ops(health: &Health, store: &Store, sound: Arc<dyn Fn() -> Vec<Metric> + Send + Sync>) -> Ops {
    let (alive, ready, numbers, store) = (health.clone(), health.clone(), health.clone(), store.clone());
    Ops {
        alive: Arc::new(move || alive.is_alive()),
        ready: Arc::new(move || {
            let mut checks = vec![
                Check { what: "configuration".to_owned(), well: ready.started.load(Ordering::Relaxed) },
                Check { what: "store".to_owned(), well: ready.disk.load(Ordering::Relaxed) },
            ];
            checks.extend(ready.pulses().into_iter().map(|(what, well)| Check { what, well }));
            checks
        }),
        metrics: Arc::new(move || {
            let mut all = metrics(&numbers, &store);
            all.extend(sound());
            all
        }),
    }
}

fn metrics(health: &Health, store: &Store) -> Vec<Metric> {
    let n = &health.numbers;
    let plain = |name, help, kind, value| Metric { name, help, kind, labels: Vec::new(), value };
    #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and these counts are far from 2^52")]
    let count = |a: &std::sync::atomic::AtomicU64| a.load(Ordering::Relaxed) as f64;
    let flag = |b: bool| f64::from(u8::from(b));
    use MetricKind::{Counter, Gauge};
    vec![
        plain("gateway_inputs_total", "Inputs the loop has taken.", Counter, count(&n.inputs)),
        plain("gateway_messages_total", "Messages of the hub.", Counter, count(&n.messages)),
        plain("gateway_messages_refused_total", "Messages refused.", Counter, count(&n.refused)),
        plain("gateway_journal_entries_total", "Entries noted since the start.", Counter, count(&n.entries)),
        plain(
            "gateway_step_longest_microseconds",
            "Longest turn of the loop since the start.",
            Gauge,
            count(&n.longest_step_us),
        ),
        plain("gateway_hub_up", "The hub is connected.", Gauge, flag(health.online.load(Ordering::Relaxed))),
        plain("gateway_disk_up", "The disk takes what is written.", Gauge, flag(health.disk.load(Ordering::Relaxed))),
        plain(
            "gateway_store_swamped",
            "More waits to be written than a slow disk explains.",
            Gauge,
            flag(store.is_swamped()),
        ),
    ]
}
