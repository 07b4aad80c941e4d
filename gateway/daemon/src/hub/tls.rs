//! TLS towards the hub: its certificate authority, and the certificate by which the broker knows the station.

use crate::config::HubConfig;
use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// The client side of the session; `None` where the configuration asks for plain TCP to a loopback address.
pub(crate) fn client_tls(hub: &HubConfig) -> anyhow::Result<Option<Arc<ClientConfig>>> {
    let Some(files) = &hub.tls else { return Ok(None) };
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(&files.ca)? {
        roots.add(certificate).with_context(|| format!("{}", files.ca.display()))?;
    }
    let chain = read_certificates(&files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| anyhow::anyhow!("{}: {e}", files.key.display()))?;
    let config = ClientConfig::builder().with_root_certificates(roots).with_client_auth_cert(chain, key)?;
    Ok(Some(Arc::new(config)))
}

fn read_certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|e| anyhow::anyhow!("{}: {e}", file.display()))?;
    anyhow::ensure!(!certificates.is_empty(), "{}: no certificate in it", file.display());
    Ok(certificates)
}
