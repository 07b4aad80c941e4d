//! A relay, a socket strip or a horn's volume behind a web page: one request for on, one for off, and one that reads.

use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use std::time::Duration;
use ureq::Agent;

/// Longest time for a request and its answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Of an answer so much is read at most, bytes.
const MOST: u64 = 64 * 1024;

/// What is asked of a web page.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRelayConfig {
    /// Address that switches on.
    pub on_url: String,
    /// Address that switches off.
    pub off_url: String,
    /// What is posted to either; `None`: it is got.
    pub body: Option<String>,
    /// Address that says how it is, and the text that stands in its answer while it is on.
    pub read: Option<(String, String)>,
    /// Value of the header `Authorization`.
    pub authorization: Option<String>,
}

impl std::fmt::Debug for HttpRelayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRelayConfig").field("on_url", &place(&self.on_url)).finish_non_exhaustive()
    }
}

/// One relay.
pub struct HttpRelay {
    config: HttpRelayConfig,
    agent: Agent,
    said: Option<bool>,
}

impl HttpRelay {
    /// A relay that is switched by these requests.
    pub fn new(config: HttpRelayConfig) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build()
            .new_agent();
        Self { config, agent, said: None }
    }

    fn ask(&self, asking: &str, url: &str, body: Option<&str>) -> Result<String, Fault> {
        let lost = |error: ureq::Error| Fault::Line(format!("{asking} {}: {error}", place(url)));
        let auth = self.config.authorization.as_deref();
        let answer = match body {
            Some(body) => {
                let request = self.agent.post(url);
                let request = if let Some(auth) = auth { request.header("authorization", auth) } else { request };
                request.send(body)
            }
            None => {
                let request = self.agent.get(url);
                if let Some(auth) = auth { request.header("authorization", auth) } else { request }.call()
            }
        };
        let mut answer = answer.map_err(lost)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Fault::Refused(format!("{asking} {}: {status}", place(url))));
        }
        answer.body_mut().with_config().limit(MOST).read_to_string().map_err(lost)
    }

    fn read(&self) -> Result<Option<bool>, Fault> {
        let Some((url, while_on)) = &self.config.read else { return Ok(None) };
        Ok(Some(self.ask("reading", url, None)?.contains(while_on.as_str())))
    }
}

/// An address without what may be a secret in it.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default().to_owned()
}

impl Driver<bool> for HttpRelay {
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        let is = self.read()?;
        if is.or(self.said) != Some(*want) {
            self.said = None;
            let url = if *want { &self.config.on_url } else { &self.config.off_url };
            self.ask("switching", url, self.config.body.as_deref())?;
            self.said = Some(*want);
        }
        self.probe(line)
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        Ok(match (self.read()?, self.said) {
            (Some(on), _) => Report::Switch { on, grade: Grade::Electrical },
            (None, Some(on)) => Report::Switch { on, grade: Grade::Sent },
            (None, None) => Report::Well,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_an_address_holds_no_password() {
        assert_eq!(place("http://admin:secret@192.0.2.9:8080/relay?pw=secret"), "192.0.2.9:8080");
        assert_eq!(place("nonsense"), "nonsense");
    }
}
