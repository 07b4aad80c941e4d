//! The certificates and keys of a hub and its stations, in one directory.
//!
//! ```text
//! ca.pem ca.key              the authority of this hub alone
//! broker.pem broker.key      the MQTT broker
//! media.pem media.key        the HTTPS media server
//! hub.pem hub.key            the hub as an MQTT client
//! keys/<kid>.json            signing keys (JWK)      trust.json   what stations let them do
//! stations.json              who was given a certificate, and where they stand
//! stations/<id>/             what goes to a station: ca.pem station.pem station.key trust.json
//! mosquitto.acl              who may read and write what at the broker
//! ```

use super::audience::{Place, check_station};
use super::key::{Keyring, write_secret};
use super::{HUB, broker_config};
use anyhow::{Context, Result, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const AUTHORITY: &str = "TTCS reference hub CA";

/// A directory of certificates and keys.
#[derive(Clone, Debug)]
pub struct Pki {
    dir: PathBuf,
}

impl Pki {
    /// Makes a new one; `hosts` are the names and addresses of the broker and the media server beside `localhost` and
    /// `127.0.0.1`.
    pub fn create(dir: &Path, hosts: &[String]) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        let pki = Self { dir: fs::canonicalize(dir)? };
        if pki.path("ca.pem").exists() {
            bail!("{} already holds a PKI", dir.display());
        }
        let key = KeyPair::generate()?;
        let certificate = authority()?.self_signed(&key)?;
        write_secret(&pki.path("ca.key"), key.serialize_pem().as_bytes())?;
        fs::write(pki.path("ca.pem"), certificate.pem())?;
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        names.extend(hosts.iter().filter(|h| *h != "localhost" && *h != "127.0.0.1").cloned());
        let server = ExtendedKeyUsagePurpose::ServerAuth;
        pki.issue("broker", &names, server.clone(), &pki.path("broker"))?;
        pki.issue("media", &names, server, &pki.path("media"))?;
        pki.issue(HUB, &[], ExtendedKeyUsagePurpose::ClientAuth, &pki.path("hub"))?;
        Keyring::generate()?.save(&pki.dir)?;
        pki.keep_stations(&[])?;
        Ok(pki)
    }

    /// Opens one that was made before.
    pub fn open(dir: &Path) -> Result<Self> {
        let pki = Self { dir: fs::canonicalize(dir).with_context(|| format!("opening {}", dir.display()))? };
        if !pki.path("ca.pem").exists() {
            bail!("{} holds no PKI; `hub pki --out {0} --station ID` makes one", dir.display());
        }
        Ok(pki)
    }

    /// Gives a station its client certificate; the broker has to read the new access list afterwards (SIGHUP).
    pub fn add_station(&self, place: &Place) -> Result<()> {
        check_station(&place.station)?;
        let mut places = self.stations()?;
        if places.iter().any(|p| p.station == place.station) {
            bail!("station {} has a certificate already", place.station);
        }
        let dir = self.station_dir(&place.station);
        fs::create_dir_all(&dir)?;
        self.issue(&place.station, &[], ExtendedKeyUsagePurpose::ClientAuth, &dir.join("station"))?;
        fs::copy(self.path("ca.pem"), dir.join("ca.pem"))?;
        fs::copy(self.path("trust.json"), dir.join("trust.json"))?;
        places.push(place.clone());
        self.keep_stations(&places)
    }

    /// The stations that were given a certificate.
    pub fn stations(&self) -> Result<Vec<Place>> {
        let text = fs::read_to_string(self.path("stations.json")).context("reading stations.json")?;
        serde_json::from_str(&text).context("reading stations.json")
    }

    /// Where a station stands, as far as the hub was told.
    pub fn place(&self, station: &str) -> Place {
        let known = self.stations().unwrap_or_default().into_iter().find(|p| p.station == station);
        known.unwrap_or_else(|| Place { station: station.to_owned(), province: None, commune: None })
    }

    /// What goes to a station.
    pub fn station_dir(&self, station: &str) -> PathBuf {
        self.dir.join("stations").join(station)
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The signing keys.
    pub fn keyring(&self) -> Result<Keyring> {
        Keyring::load(&self.dir)
    }

    /// TLS of the hub as a client.
    pub fn hub_tls(&self) -> Result<Arc<ClientConfig>> {
        self.client_tls(&self.path("hub"))
    }

    /// TLS of a station as a client.
    pub fn station_tls(&self, station: &str) -> Result<Arc<ClientConfig>> {
        self.client_tls(&self.station_dir(station).join("station"))
    }

    /// TLS of a client that shows no certificate: for the media server, and for what the broker must turn away.
    pub fn anonymous_tls(&self) -> Result<Arc<ClientConfig>> {
        Ok(Arc::new(self.client()?.with_no_client_auth()))
    }

    /// TLS of the media server.
    pub fn media_tls(&self) -> Result<Arc<ServerConfig>> {
        let (chain, key) = read_pair(&self.path("media"))?;
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let mut config =
            builder.with_safe_default_protocol_versions()?.with_no_client_auth().with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn client_tls(&self, pair: &Path) -> Result<Arc<ClientConfig>> {
        let (chain, key) = read_pair(pair)?;
        Ok(Arc::new(self.client()?.with_client_auth_cert(chain, key)?))
    }

    fn client(&self) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("ca.pem")).context("reading ca.pem")?)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots))
    }

    /// Signs a certificate for a new key and writes `<base>.pem` and `<base>.key`.
    fn issue(&self, name: &str, hosts: &[String], usage: ExtendedKeyUsagePurpose, base: &Path) -> Result<()> {
        let text = fs::read_to_string(self.path("ca.key")).context("reading ca.key")?;
        let issuer = Issuer::new(authority()?, KeyPair::from_pem(&text).context("reading ca.key")?);
        let mut params = named(CertificateParams::new(hosts.to_vec())?, name)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        write_secret(&base.with_extension("key"), key.serialize_pem().as_bytes())?;
        fs::write(base.with_extension("pem"), certificate.pem())?;
        Ok(())
    }

    fn keep_stations(&self, places: &[Place]) -> Result<()> {
        fs::write(self.path("stations.json"), serde_json::to_string_pretty(places)? + "\n")?;
        fs::write(self.path("mosquitto.acl"), broker_config::access_list(places))?;
        Ok(())
    }
}

/// The authority's parameters; the same each time, so that its key alone is enough to sign more.
fn authority() -> Result<CertificateParams> {
    let mut params = named(CertificateParams::default(), AUTHORITY)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// Valid from long before now, because a station without a battery clock starts in the past.
fn named(mut params: CertificateParams, name: &str) -> Result<CertificateParams> {
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let year = gateway_core::time::Wall::from_unix_s(super::unix_s()).local().0.year();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(i32::from(year) + 15, 1, 1);
    Ok(params)
}

fn read_pair(base: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (pem, key) = (base.with_extension("pem"), base.with_extension("key"));
    let certificate = CertificateDer::from_pem_file(&pem).with_context(|| format!("reading {}", pem.display()))?;
    let key = PrivateKeyDer::from_pem_file(&key).with_context(|| format!("reading {}", key.display()))?;
    Ok((vec![certificate], key))
}
