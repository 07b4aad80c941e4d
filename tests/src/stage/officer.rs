//! An officer at the desk: signs in as a browser does, gives orders, looks at what is on air.

use super::PATIENCE;
use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::http::{Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder};

/// What the desk answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON, or the text as a string.
    pub body: Value,
}

/// An officer who has signed in.
pub struct Officer {
    agent: Agent,
    base: String,
    cookie: String,
}

impl Officer {
    /// Signs in. `certificate`: the only one believed, where the desk speaks TLS.
    pub fn sign_in(base: &str, certificate: Option<PathBuf>, name: &str, password: &str) -> Result<Self> {
        let mut officer = Self { agent: agent(certificate)?, base: base.to_owned(), cookie: String::new() };
        let answer = officer.call("/api/v1/session", &json!({"name": name, "password": password}))?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|c| c.to_str().ok()).map(str::to_owned);
        let answer = read(answer)?;
        ensure!(answer.status == 200, "signing in as {name}: {answer:?}");
        let cookie = cookie.context("the desk gave no cookie")?;
        officer.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(officer)
    }

    /// Looks at something: `/api/v1/air`.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let request = self.agent.get(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        read(request.call().with_context(|| format!("asking the desk for {path}"))?)
    }

    /// Gives an order, with the headers a browser sends from the station's own page.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        read(self.call(path, body)?)
    }

    /// Changes something, with the headers a browser sends from the station's own page.
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.agent.put(format!("{}{path}", self.base));
        read(self.send(request, body).with_context(|| format!("telling the desk {path}"))?)
    }

    /// Ends something.
    pub fn delete(&self, path: &str) -> Result<Answer> {
        let request = self.agent.delete(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        read(request.call().with_context(|| format!("telling the desk to end {path}"))?)
    }

    /// Speaks into a microphone of the desk: 16 bits, big-endian, one channel; the status.
    pub fn speak(&self, live: &str, samples: &[i16], rate: u32) -> Result<u16> {
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_be_bytes()).collect();
        let request = self.agent.post(format!("{}/api/v1/live/{live}/voice", self.base));
        let request = request.header(header::COOKIE, &self.cookie);
        let request = request.header(header::CONTENT_TYPE, format!("audio/L16;rate={rate}"));
        Ok(request.send(&bytes[..]).context("speaking at the desk")?.status().as_u16())
    }

    /// Brings a file to the desk; what it says of it.
    pub fn bring(&self, path: &str, bytes: &[u8]) -> Result<Answer> {
        let request = self.agent.post(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        read(request.send(bytes).with_context(|| format!("bringing a file to {path}"))?)
    }

    /// Fetches a file; its bytes.
    pub fn fetch(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.agent.get(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        let mut answer = request.call().with_context(|| format!("asking the desk for {path}"))?;
        ensure!(answer.status() == 200, "{path}: {:?}", read(answer));
        answer.body_mut().read_to_vec().context("reading a file of the desk")
    }

    /// Listens to something that does not end by itself: `/api/v1/events`.
    pub fn listen(&self, path: &str) -> Result<impl std::io::Read + Send + 'static> {
        let request = self.agent.get(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        let answer = request.config().timeout_global(None).build().call().context("listening to the desk")?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.into_body().into_reader())
    }

    /// The cookie of this session, as a browser keeps it: name and value.
    pub fn cookie(&self) -> Option<(&str, &str)> {
        self.cookie.split_once('=')
    }

    /// Asks for a sound; its bytes.
    pub fn hear(&self, path: &str, body: &Value) -> Result<Vec<u8>> {
        let mut answer = self.call(path, body)?;
        ensure!(answer.status() == 200, "{path}: {:?}", read(answer));
        answer.body_mut().read_to_vec().context("reading a sound of the desk")
    }

    /// Gives an order that must be carried out and written down; the number of its journal entry.
    pub fn order(&self, path: &str, body: &Value) -> Result<u64> {
        let answer = self.post(path, body)?;
        ensure!(answer.status == 200, "{path} {body}: {answer:?}");
        answer.body["seq"].as_u64().with_context(|| format!("{path}: no seq in {answer:?}"))
    }

    /// Waits until what is on air is as wanted; looks every 20 ms.
    pub fn wait_air<T>(&self, what: &str, look: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let until = Instant::now() + PATIENCE;
        loop {
            let air = self.get("/api/v1/air")?.body;
            if let Some(found) = look(&air) {
                return Ok(found);
            }
            if Instant::now() > until {
                bail!("the desk never showed {what}: {air}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The whole journal, oldest first: its events.
    pub fn journal(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut path = "/api/v1/journal?limit=500".to_owned();
        loop {
            let page = self.get(&path)?;
            ensure!(page.status == 200, "{path}: {page:?}");
            all.extend(page.body["entries"].as_array().cloned().unwrap_or_default());
            let Some(before) = page.body["next_before_seq"].as_u64() else { break };
            path = format!("/api/v1/journal?limit=500&before_seq={before}");
        }
        all.reverse();
        Ok(all.into_iter().map(|mut row| row["event"].take()).collect())
    }

    fn call(&self, path: &str, body: &Value) -> Result<Response<ureq::Body>> {
        let request = self.agent.post(format!("{}{path}", self.base));
        self.send(request, body).with_context(|| format!("telling the desk {path}"))
    }

    fn send(&self, request: RequestBuilder<WithBody>, body: &Value) -> Result<Response<ureq::Body>> {
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ORIGIN, &self.base)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.cookie);
        Ok(request.send(body.to_string())?)
    }
}

fn agent(certificate: Option<PathBuf>) -> Result<Agent> {
    let roots = match certificate {
        Some(path) => {
            let der = CertificateDer::from_pem_file(&path).with_context(|| format!("reading {}", path.display()))?;
            vec![Certificate::from_der(&der).to_owned()]
        }
        None => Vec::new(),
    };
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(30)));
    Ok(config.build().new_agent())
}

fn read(mut answer: Response<ureq::Body>) -> Result<Answer> {
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().context("reading the desk's answer")?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}
