//! The three listeners: the desk over TLS, the citizens' pages, and the numbers.

mod authority;
mod nearby;

use crate::config::{OfficerTls, WebConfig};
use crate::health::Health;
use crate::stamp::unix_s;
use crate::store::Store;
use anyhow::Context;
use authority::{Authority, Identity};
use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use web_ui::{Check, Metric, MetricKind, Ops, Trust};

/// How often it is looked whether the desk needs another certificate: addresses change, and a clock comes to its senses.
const LOOK: Duration = Duration::from_secs(60);

/// Listeners that are bound and not yet served: an address that is taken is found before anything is started.
pub(crate) struct Bound {
    officer: TcpListener,
    citizen: TcpListener,
    ops: TcpListener,
    tls: Option<(Door, Identity)>,
}

/// Where the desk's certificate comes from.
#[derive(Clone)]
enum Door {
    /// From the box's own authority, for whatever it is reached by.
    Own { authority: Authority, listens: IpAddr },
    /// From files that somebody else renews.
    Given { cert: PathBuf, key: PathBuf },
}

impl Door {
    fn first(&self) -> anyhow::Result<Identity> {
        match self {
            Self::Own { authority, listens } => authority.identity(&names(*listens), unix_s()),
            Self::Given { cert, key } => Ok(Identity {
                chain: fs::read(cert).with_context(|| format!("{}", cert.display()))?,
                key: fs::read(key).with_context(|| format!("{}", key.display()))?,
            }),
        }
    }

    /// Another certificate than the one that is shown, where there is one.
    fn fresh(&self, shown: &Identity) -> anyhow::Result<Option<Identity>> {
        match self {
            Self::Own { authority, listens } => authority.renewed(&names(*listens), unix_s()),
            Self::Given { .. } => self.first().map(|read| Some(read).filter(|read| read != shown)),
        }
    }
}

/// What the desk is reached by now.
fn names(listens: IpAddr) -> Vec<String> {
    let found: Vec<IpAddr> = match if_addrs::get_if_addrs() {
        Ok(all) => all.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            log::warn!(error:% = error; "the addresses of this machine cannot be read");
            Vec::new()
        }
    };
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    authority::names(host.trim().split('.').next().unwrap_or_default(), listens, &found)
}

/// What a browser has to be told to trust the desk; `None` where somebody else signed its certificate.
pub(crate) fn trust(config: &WebConfig, data: &Path) -> Option<Trust> {
    if config.officer_tls != OfficerTls::SelfSigned {
        return None;
    }
    let (authority, officer) = (Authority::of(&data.join("tls")), config.officer);
    Some(Trust {
        certificate: Arc::new(move || {
            let pem = authority.certificate().ok()?;
            CertificateDer::from_pem_slice(&pem).ok().map(|der| der.to_vec())
        }),
        addresses: Arc::new(move || addresses(officer)),
    })
}

fn addresses(officer: SocketAddr) -> Vec<String> {
    let typed = |name: &&String| !matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1");
    let bracketed = |name: String| if name.contains(':') { format!("[{name}]") } else { name };
    let names: Vec<String> = names(officer.ip());
    let far: Vec<String> = names.iter().filter(typed).cloned().collect();
    let names = if far.is_empty() { names } else { far };
    names.into_iter().map(|name| format!("https://{}:{}/", bracketed(name), officer.port())).collect()
}

/// Binds the listeners.
pub(crate) fn bind(config: &WebConfig, data: &Path) -> anyhow::Result<Bound> {
    let listen = |address, what: &str| -> anyhow::Result<TcpListener> {
        let listener = TcpListener::bind(address).with_context(|| format!("[web] {what} = \"{address}\""))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    let door = match &config.officer_tls {
        OfficerTls::Off => None,
        OfficerTls::SelfSigned => {
            Some(Door::Own { authority: Authority::of(&data.join("tls")), listens: config.officer.ip() })
        }
        OfficerTls::Given { cert, key } => Some(Door::Given { cert: cert.clone(), key: key.clone() }),
    };
    let tls = door.map(|door| door.first().map(|identity| (door, identity))).transpose()?;
    Ok(Bound {
        officer: listen(config.officer, "officer")?,
        citizen: listen(config.citizen, "citizen")?,
        ops: listen(config.ops, "ops")?,
        tls,
    })
}

impl Bound {
    /// Serves until the process ends.
    pub(crate) async fn serve(
        self,
        officer: axum::Router,
        citizen: axum::Router,
        ops: axum::Router,
    ) -> anyhow::Result<()> {
        let _nearby = self.officer.local_addr().ok().and_then(|desk| nearby::tell(&names(desk.ip()), desk));
        let desk = officer.into_make_service_with_connect_info::<SocketAddr>();
        let pages = citizen.into_make_service_with_connect_info::<SocketAddr>();
        let citizen = axum_server::from_tcp(self.citizen)?.serve(pages);
        let ops = axum_server::from_tcp(self.ops)?.serve(ops.into_make_service());
        match self.tls {
            Some((door, identity)) => {
                let config = RustlsConfig::from_config(desk_tls(&identity).context("the desk's certificate")?);
                tokio::spawn(renew(door, identity, config.clone()));
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

/// Shows another certificate when one is due, to those who come from then on; what cannot be had or read is tried again, and the
/// one before stands.
async fn renew(door: Door, mut shown: Identity, config: RustlsConfig) {
    loop {
        tokio::time::sleep(LOOK).await;
        let (asked, before) = (door.clone(), shown.clone());
        let fresh = tokio::task::spawn_blocking(move || {
            let fresh = asked.fresh(&before)?;
            fresh.map(|identity| desk_tls(&identity).map(|tls| (identity, tls))).transpose()
        });
        match fresh.await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some((identity, tls)))) => {
                config.reload_from_config(tls);
                shown = identity;
                log::info!("the desk shows its new certificate");
            }
            Ok(Err(error)) => log::warn!(error:% = format!("{error:#}"); "the desk's certificate cannot be renewed"),
            Err(error) => log::error!(error:% = error; "renewing the desk's certificate"),
        }
    }
}

/// The desk speaks HTTP/1.1 alone: with HTTP/2 an order that is refused before its body was read (no session, another
/// site) reached the browser as a broken stream and not as the refusal.
fn desk_tls(identity: &Identity) -> anyhow::Result<Arc<rustls::ServerConfig>> {
    let chain = CertificateDer::pem_slice_iter(&identity.chain).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(&identity.key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
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
        plain(
            "gateway_hub_takeovers_total",
            "Times the broker threw the station off for another box of the same identity.",
            Counter,
            count(&n.takeovers),
        ),
        plain("gateway_disk_up", "The disk takes what is written.", Gauge, flag(health.disk.load(Ordering::Relaxed))),
        plain(
            "gateway_store_swamped",
            "More waits to be written than a slow disk explains.",
            Gauge,
            flag(store.is_swamped()),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[tokio::test(start_paused = true)]
    async fn a_certificate_that_somebody_renews_is_shown_without_a_restart_and_a_broken_one_is_not() {
        let folder = Folder::new();
        let (cert, key) = (folder.path().join("officer.pem"), folder.path().join("officer.key"));
        let put = |identity: &Identity| {
            fs::write(&cert, &identity.chain).expect("written");
            fs::write(&key, &identity.key).expect("written");
        };
        let made = |name: &str| {
            let authority = Authority::of(&folder.path().join(name));
            authority.identity(&[format!("{name}.local")], unix_s()).expect("made")
        };
        let (one, two) = (made("one"), made("two"));
        put(&one);
        let door = Door::Given { cert: cert.clone(), key: key.clone() };
        let config = RustlsConfig::from_config(desk_tls(&one).expect("fit"));
        let first = config.get_inner();
        let renewing = tokio::spawn(renew(door, one, config.clone()));
        tokio::time::sleep(LOOK * 3).await;
        assert!(Arc::ptr_eq(&first, &config.get_inner()), "nothing changed");
        fs::write(&cert, "half a fi").expect("written");
        tokio::time::sleep(LOOK * 3).await;
        assert!(Arc::ptr_eq(&first, &config.get_inner()), "a broken one is shown");
        put(&two);
        tokio::time::sleep(LOOK * 3).await;
        assert!(!Arc::ptr_eq(&first, &config.get_inner()), "the new one is not shown");
        renewing.abort();
    }
}
