//! Asking for things over HTTP: where that is allowed, within which time, and through how many redirections.

use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;
use ureq::tls::TlsConfig;
use ureq::{Agent, http};

/// Longest silence of a server.
pub(super) const IDLE: Duration = Duration::from_secs(5);
/// Redirections followed.
const REDIRECTIONS: usize = 5;
/// Longest play list that is read, bytes.
const LIST: u64 = 1 << 20;

/// Why something did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It will not come from there.
    Never(String),
    /// It may another time.
    Later(String),
}

/// Whom an address may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Named by a message: HTTPS alone.
    Named,
    /// Named by the site itself: plain HTTP too, but only within its own walls.
    Own,
}

/// Asks.
#[derive(Clone, Debug)]
pub(super) struct Client {
    agent: Agent,
}

/// What came.
pub(super) struct Answer {
    /// Where it came from in the end.
    pub(super) url: String,
    /// Its length where the server says so, bytes.
    pub(super) length: Option<u64>,
    /// The body.
    pub(super) body: Box<dyn Read + Send>,
}

impl Client {
    /// With these authorities.
    pub(super) fn new(tls: TlsConfig) -> Self {
        Self::patient(tls, IDLE)
    }

    /// With another patience for servers that say nothing.
    pub(super) fn patient(tls: TlsConfig, idle: Duration) -> Self {
        let config = Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            // One that a server has closed meanwhile would cost the next piece.
            .max_idle_connections(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("gateway/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(idle))
            .timeout_connect(Some(idle))
            .timeout_send_request(Some(idle))
            .timeout_recv_response(Some(idle))
            .timeout_per_read(Some(idle));
        Self { agent: config.build().new_agent() }
    }

    /// Asks for an address.
    pub(super) fn get(&self, url: &str, reach: Reach) -> Result<Answer, Trouble> {
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTIONS {
            allowed(&url, reach).map_err(Trouble::Never)?;
            let response = self.agent.get(&url).header("accept", "*/*").call().map_err(|e| refused(&e))?;
            let status = response.status();
            if status.is_redirection() {
                let to = response.headers().get(http::header::LOCATION).and_then(|l| l.to_str().ok());
                let Some(to) = to else {
                    return Err(Trouble::Never(format!("the server answers {status} to nowhere")));
                };
                url = join(&url, to);
                continue;
            }
            if !status.is_success() {
                let why = format!("the server answers {status}");
                let passing = status.is_server_error() || [404, 408, 425, 429].contains(&status.as_u16());
                return Err(if passing { Trouble::Later(why) } else { Trouble::Never(why) });
            }
            let length = response.body().content_length();
            return Ok(Answer { url, length, body: Box::new(response.into_body().into_reader()) });
        }
        Err(Trouble::Never(format!("more than {REDIRECTIONS} redirections")))
    }

    /// Asks for a text, and reads all of it.
    pub(super) fn text(&self, url: &str, reach: Reach) -> Result<(String, Vec<u8>), Trouble> {
        let answer = self.get(url, reach)?;
        let text = whole(Vec::new(), answer.body)?;
        Ok((answer.url, text))
    }
}

/// Reads on until the end of a play list.
pub(super) fn whole(mut head: Vec<u8>, rest: impl Read) -> Result<Vec<u8>, Trouble> {
    rest.take(LIST).read_to_end(&mut head).map_err(|e| Trouble::Later(e.to_string()))?;
    if head.len() as u64 >= LIST {
        return Err(Trouble::Never("a play list of a megabyte".into()));
    }
    Ok(head)
}

/// Whether an address may be asked.
pub(super) fn allowed(url: &str, reach: Reach) -> Result<(), String> {
    let (scheme, rest) = url.split_once("://").ok_or("its address is none")?;
    let host = host(rest);
    if host.is_empty() {
        return Err("its address names no host".into());
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(()),
        "http" if reach == Reach::Own && is_near(host) => Ok(()),
        "http" => Err("its address is not https".into()),
        other => Err(format!("{other} is no way to a stream; https is")),
    }
}

/// The host of what follows `scheme://`.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is the machine itself or in its own network.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => four.is_loopback() || four.is_private() || four.is_link_local(),
        Ok(IpAddr::V6(six)) => six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local(),
        Err(_) => host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".local"),
    }
}

/// Where a reference in a document at `base` leads (RFC 3986, 5.2, as far as play lists use it).
pub(super) fn join(base: &str, reference: &str) -> String {
    let reference = reference.trim();
    if reference.split_once("://").is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return reference.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(authority) = reference.strip_prefix("//") {
        return format!("{scheme}://{authority}");
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let whole = match reference.strip_prefix('/') {
        Some(_) => reference.to_owned(),
        None if reference.starts_with('?') => format!("{path}{reference}"),
        None => format!("{}/{reference}", path.rsplit_once('/').map_or("", |(dir, _)| dir)),
    };
    let (path, query) = whole.split_at(whole.find(['?', '#']).unwrap_or(whole.len()));
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{scheme}://{authority}/{}{query}", parts.join("/"))
}

/// What a request that got no answer means.
fn refused(error: &ureq::Error) -> Trouble {
    let why = error.to_string();
    let lasting = matches!(error, ureq::Error::BadUri(_) | ureq::Error::Http(_));
    if lasting { Trouble::Never(why) } else { Trouble::Later(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_within_the_walls() {
        for url in
            ["https://a.vn/x", "HTTPS://a.vn", "http://127.0.0.1:8000/a", "http://192.168.1.5/a", "http://[::1]:1/"]
        {
            assert_eq!(allowed(url, Reach::Own), Ok(()), "{url}");
        }
        for url in [
            "http://a.vn/x",
            "http://8.8.8.8/",
            "http://127.0.0.1@a.vn/",
            "http://a.local.vn/",
            "ftp://a/",
            "x",
            "https://",
        ] {
            assert!(allowed(url, Reach::Own).is_err(), "{url}");
        }
        assert!(allowed("http://127.0.0.1:8000/a", Reach::Named).is_err());
    }

    #[test]
    fn references_lead_where_they_should() {
        let base = "https://h.vn:8/a/b/list.m3u8?token=1/2";
        for (reference, wanted) in [
            ("seg1.ts", "https://h.vn:8/a/b/seg1.ts"),
            ("../c/seg.ts?x=../y", "https://h.vn:8/a/c/seg.ts?x=../y"),
            ("/top.ts", "https://h.vn:8/top.ts"),
            ("//o.vn/x", "https://o.vn/x"),
            ("http://o.vn/x", "http://o.vn/x"),
            ("./../../../x", "https://h.vn:8/x"),
            ("?t=2", "https://h.vn:8/a/b/list.m3u8?t=2"),
        ] {
            assert_eq!(join(base, reference), wanted);
        }
        assert_eq!(join("https://h.vn", "x"), "https://h.vn/x");
    }
}
