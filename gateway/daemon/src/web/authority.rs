//! The box's own authority, and the desk's certificate signed by it: what a telephone or PC trusts once, so that its browser
//! gives the microphone to the desk.
//!
//! The authority may sign for names and addresses of a local network only (RFC 5280 §4.2.1.10): whoever steals its key cannot
//! pretend to be a bank. Dates are generous, since the clock of a box that just started may be years behind.

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: i64 = 86_400;

/// A clock before this was never set: 2026-01-01.
const EARLIEST: i64 = 1_767_225_600;

/// How long the authority lives.
const AUTHORITY: i64 = 3650 * DAY;

/// How long a certificate lives; no more than 825 days are believed by iPhones, whoever signed it.
const CERTIFICATE: i64 = 790 * DAY;

/// How far a certificate reaches back: for telephones whose clock is behind.
const BACK: i64 = 7 * DAY;

/// A certificate is renewed so long before its end.
const AHEAD: i64 = 60 * DAY;

/// Names and addresses in a certificate at most.
const NAMES: usize = 40;

/// Networks the authority may sign for: private, local to a link, shared (RFC 6598), and the machine itself.
const NETWORKS: [([u8; 4], u8); 6] = [
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([169, 254, 0, 0], 16),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
];

/// The same of IPv6: unique local, local to a link, the machine itself.
const NETWORKS_6: [(u16, u8); 2] = [(0xfc00, 7), (0xfe80, 10)];

/// When what was made ends, and for which names it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    authority_until: i64,
    from: i64,
    until: i64,
    names: Vec<String>,
}

/// A certificate chain and its key (PEM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// The authority in its directory.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// The authority kept in `dir`; nothing is made yet.
    pub(crate) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Its certificate (PEM), as it is given to be trusted.
    pub(crate) fn certificate(&self) -> std::io::Result<Vec<u8>> {
        fs::read(self.dir.join("ca.pem"))
    }

    /// The desk's certificate for these names at this time, seconds since 1970: the one that is there where it still
    /// serves, else a new one.
    pub(crate) fn identity(&self, names: &[String], unix_s: i64) -> anyhow::Result<Identity> {
        match self.standing(names, unix_s) {
            Some(identity) => Ok(identity),
            None => self.make(names, unix_s),
        }
    }

    /// Whether another certificate is due, and that one.
    pub(crate) fn renewed(&self, names: &[String], unix_s: i64) -> anyhow::Result<Option<Identity>> {
        if self.standing(names, unix_s).is_some() {
            return Ok(None);
        }
        self.make(names, unix_s).map(Some)
    }

    fn standing(&self, names: &[String], unix_s: i64) -> Option<Identity> {
        let now = unix_s.max(EARLIEST);
        let made = self.made();
        let serves = made.names == names && made.from <= now && now < made.until - AHEAD && now < made.authority_until;
        let read = |name| fs::read(self.dir.join(name)).ok();
        let identity = Identity { chain: read("desk.pem")?, key: read("desk.key")? };
        (serves && self.dir.join("ca.pem").exists()).then_some(identity)
    }

    fn made(&self) -> Made {
        let bytes = fs::read(self.dir.join("made.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    fn make(&self, names: &[String], unix_s: i64) -> anyhow::Result<Identity> {
        fs::create_dir_all(&self.dir).with_context(|| format!("making {}", self.dir.display()))?;
        let now = unix_s.max(EARLIEST);
        let (key, authority_until) = self.authority(now)?;
        let issuer = Issuer::new(authority(&key, now, authority_until), key);
        let mut params = CertificateParams::new(names).context("the names of the desk")?;
        let (from, until) = (now - BACK, (now + CERTIFICATE).min(authority_until));
        lives(&mut params, from, until);
        params.distinguished_name.push(DnType::CommonName, names.first().map_or("desk", String::as_str));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let desk = KeyPair::generate().context("making the desk's key")?;
        let certificate = params.signed_by(&desk, &issuer).context("signing the desk's certificate")?;
        let identity = Identity { chain: certificate.pem().into_bytes(), key: desk.serialize_pem().into_bytes() };
        keep(&self.dir, "desk.key", &identity.key, 0o600)?;
        keep(&self.dir, "desk.pem", &identity.chain, 0o644)?;
        let made = Made { authority_until, from, until, names: names.to_vec() };
        // Last: what it vouches for is there.
        keep(&self.dir, "made.json", &serde_json::to_vec_pretty(&made)?, 0o644)?;
        log::info!(names:? = names; "the desk has a new certificate");
        Ok(identity)
    }

    /// The authority's key, and when it ends; another where there is none or it ends soon.
    fn authority(&self, now: i64) -> anyhow::Result<(KeyPair, i64)> {
        let until = self.made().authority_until;
        let kept = fs::read_to_string(self.dir.join("ca.key")).ok().and_then(|pem| KeyPair::from_pem(&pem).ok());
        if let Some(key) = kept.filter(|_| now < until - AHEAD && self.dir.join("ca.pem").exists()) {
            return Ok((key, until));
        }
        let key = KeyPair::generate().context("making the authority's key")?;
        let until = now + AUTHORITY;
        let certificate = authority(&key, now, until).self_signed(&key).context("making the authority")?;
        keep(&self.dir, "ca.key", key.serialize_pem().as_bytes(), 0o600)?;
        keep(&self.dir, "ca.pem", certificate.pem().as_bytes(), 0o644)?;
        log::info!("the box has a new authority: browsers have to be told to trust it");
        Ok((key, until))
    }
}

/// What the authority's certificate says. Its name follows from its key: two boxes in one commune are told apart.
fn authority(key: &KeyPair, now: i64, until: i64) -> CertificateParams {
    let sign: String =
        digest(&SHA256, key.public_key_raw()).as_ref().iter().take(4).map(|b| format!("{b:02X}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Truyen thanh xa {sign}"));
    lives(&mut params, now.min(EARLIEST), until);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = ["local", "localhost"].map(|name| GeneralSubtree::DnsName(name.to_owned()));
    let v4 = NETWORKS.map(|(net, bits)| GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(net, bits)));
    let v6 = NETWORKS_6.map(|(top, bits)| (std::net::Ipv6Addr::new(top, 0, 0, 0, 0, 0, 0, 0), bits));
    let itself = [(std::net::Ipv6Addr::LOCALHOST, 128)];
    let v6 = v6.iter().chain(&itself).map(|(net, bits)| CidrSubnet::from_addr_prefix(IpAddr::V6(*net), *bits));
    let permitted = names.into_iter().chain(v4).chain(v6.map(GeneralSubtree::IpAddress)).collect();
    params.name_constraints = Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    params
}

/// Dates a certificate, seconds since 1970.
fn lives(params: &mut CertificateParams, from: i64, until: i64) {
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(from.unsigned_abs());
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(until.unsigned_abs());
}

/// Whether the authority may sign for an address.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => NETWORKS.iter().any(|(net, bits)| {
            let mask = u32::MAX << (32 - u32::from(*bits));
            v4.to_bits() & mask == u32::from_be_bytes(*net)
        }),
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || NETWORKS_6.iter().any(|(top, bits)| v6.segments()[0] & (u16::MAX << (16 - bits)) == *top)
        }
    }
}

/// Names and addresses the desk is reached by, the ones people type first.
pub(crate) fn names(host: &str, listens: IpAddr, found: &[IpAddr]) -> Vec<String> {
    let mut all = Vec::new();
    let fit = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && (1..=63).contains(&host.len());
    if fit && host != "localhost" {
        all.push(format!("{}.local", host.to_ascii_lowercase()));
    }
    let listened: Vec<IpAddr> = if listens.is_unspecified() { found.to_vec() } else { vec![listens] };
    // An address that is local to a link names no interface in a browser, and so cannot be typed.
    let typed =
        |a: &&IpAddr| !a.is_loopback() && is_local(**a) && !matches!(a, IpAddr::V6(v6) if v6.is_unicast_link_local());
    let mut addresses: Vec<String> = listened.iter().filter(typed).map(IpAddr::to_string).collect();
    addresses.sort();
    addresses.dedup();
    all.extend(addresses);
    all.truncate(NAMES - 3);
    all.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    all
}

/// Writes a file so that a power cut leaves the old one or the new one.
fn keep(dir: &Path, name: &str, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let (path, fresh) = (dir.join(name), dir.join(format!(".{name}.new")));
    let write = || -> std::io::Result<()> {
        if fresh.exists() {
            fs::remove_file(&fresh)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(dir)?.sync_all()
    };
    write().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests;
