//! One attempt at one file over HTTPS: continued where the last one broke off, no byte more than was announced.

use crate::shelf::remove;
use gateway_core::want::ClipWant;
use ring::digest::{Context, SHA256};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};

/// No file is larger, whatever was announced, bytes.
const LARGEST: u64 = 200 << 20;
/// Read at a time, bytes.
const CHUNK: usize = 64 << 10;
/// Longest an attempt may take; what came is kept and the next one goes on from there.
const ATTEMPT: Duration = Duration::from_secs(600);

/// What came of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The part is the file.
    Whole,
    /// Told to stop.
    Halted,
    /// No space left on the disk.
    Full,
    /// The server or the net did not answer as they might; another time.
    Later(String),
    /// The transfer broke off.
    Broken {
        /// How.
        why: String,
        /// What is here now, bytes.
        had: u64,
        /// The other end hung up; otherwise it fell silent, as it does when a radio link fades.
        hung_up: bool,
    },
    /// This file will never come from this address.
    Never(String),
}

/// Whether an attempt is to be broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It is not.
    No,
    /// Something urgent waits.
    GiveWay,
    /// Nobody wants it any more.
    Drop,
}

/// One attempt.
pub(super) struct Fetch<'a> {
    pub(super) agent: &'a Agent,
    pub(super) want: &'a ClipWant,
    /// SHA-256, lower-case hexadecimal.
    pub(super) digest: &'a str,
    pub(super) part: &'a Path,
    pub(super) halt: &'a dyn Fn() -> Halt,
}

/// TLS that believes these authorities.
pub(crate) fn tls(roots: RootCerts) -> TlsConfig {
    TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

/// The client: HTTPS only, also after a redirect.
pub(super) fn agent(roots: RootCerts, idle: Duration) -> Agent {
    Agent::config_builder()
        .tls_config(tls(roots))
        .https_only(true)
        .max_redirects(3)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("gateway/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(idle))
        .timeout_connect(Some(idle))
        .timeout_send_request(Some(idle))
        .timeout_recv_response(Some(idle))
        .timeout_per_read(Some(idle))
        .timeout_global(Some(ATTEMPT))
        .build()
        .new_agent()
}

impl Fetch<'_> {
    /// Makes the attempt.
    pub(super) fn run(&self) -> Outcome {
        let ClipWant { url, bytes, .. } = self.want;
        if !url.starts_with("https://") {
            return Outcome::Never("its address is not https".to_owned());
        }
        if !(1..=LARGEST).contains(bytes) {
            return Outcome::Never(format!("{bytes} bytes are announced; 1 to {LARGEST} are taken"));
        }
        match self.attempt() {
            Ok(outcome) => outcome,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Outcome::Full,
            Err(error) => Outcome::Later(format!("writing it: {error}")),
        }
    }

    /// Errors are those of the disk.
    fn attempt(&self) -> io::Result<Outcome> {
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(self.part)?;
        let mut hash = Context::new(&SHA256);
        let mut here = hash_all(&mut file, &mut hash)?;
        if here > self.want.bytes {
            (here, hash) = (restart(&mut file)?, Context::new(&SHA256));
        }
        let resumed = here > 0;
        if here < self.want.bytes {
            let mut request = self.agent.get(&self.want.url);
            if resumed {
                request = request.header(header::RANGE, format!("bytes={here}-"));
            }
            let response = match request.call() {
                Ok(response) => response,
                Err(error) => return Ok(refused(&error)),
            };
            match (response.status(), resumed) {
                (StatusCode::OK, false) => {}
                (StatusCode::PARTIAL_CONTENT, true) if range_start(&response) == Some(here) => {}
                // It does not continue files, so all comes again.
                (StatusCode::OK, true) => (here, hash) = (restart(&mut file)?, Context::new(&SHA256)),
                (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => {
                    remove(self.part);
                    let why = format!("the server has no bytes from {here} on");
                    return Ok(Outcome::Broken { why, had: 0, hung_up: true });
                }
                (status, _) => return Ok(answered(status)),
            }
            let announced = response.body().content_length().unwrap_or(0);
            if here.saturating_add(announced) > self.want.bytes {
                remove(self.part);
                return Ok(too_long(self.want.bytes));
            }
            if let Some(outcome) = self.pour(response, &mut file, &mut hash, &mut here)? {
                return Ok(outcome);
            }
        }
        let found = hex(hash.finish().as_ref());
        if found == self.digest {
            return Ok(Outcome::Whole);
        }
        if here < self.want.bytes {
            let why = format!("it ends after {here} of {} bytes", self.want.bytes);
            return Ok(Outcome::Broken { why, had: here, hung_up: true });
        }
        remove(self.part);
        // Two halves may come of two versions of the file; only one that came in one piece is proof.
        let why = format!("its SHA-256 is {found}");
        Ok(if resumed { Outcome::Later(why) } else { Outcome::Never(why) })
    }

    /// Pours the body into the file; `None` at its end.
    fn pour(
        &self,
        response: Response<ureq::Body>,
        file: &mut File,
        hash: &mut Context,
        here: &mut u64,
    ) -> io::Result<Option<Outcome>> {
        let mut body = response.into_body().into_reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            if (self.halt)() != Halt::No {
                return Ok(Some(Outcome::Halted));
            }
            let count = match body.read(&mut chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let why = format!("the transfer broke off after {here} of {} bytes: {error}", self.want.bytes);
                    let hung_up = !matches!(ureq::Error::from(error), ureq::Error::Timeout(_));
                    return Ok(Some(Outcome::Broken { why, had: *here, hung_up }));
                }
            };
            let bytes = chunk.get(..count).unwrap_or_default();
            *here += bytes.len() as u64;
            if *here > self.want.bytes {
                remove(self.part);
                return Ok(Some(too_long(self.want.bytes)));
            }
            file.write_all(bytes)?;
            hash.update(bytes);
        }
    }
}

fn too_long(bytes: u64) -> Outcome {
    Outcome::Never(format!("it is longer than the {bytes} bytes announced"))
}

/// Hashes what is here; the file then stands at its end.
fn hash_all(file: &mut File, hash: &mut Context) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let mut total = 0;
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            return Ok(total);
        }
        hash.update(chunk.get(..count).unwrap_or_default());
        total += count as u64;
    }
}

fn restart(file: &mut File) -> io::Result<u64> {
    file.set_len(0)?;
    file.rewind()?;
    Ok(0)
}

/// First byte of a partial answer (RFC 9110, 14.4).
fn range_start(response: &Response<ureq::Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

/// What a status other than success means.
fn answered(status: StatusCode) -> Outcome {
    let why = format!("the server answers {status}");
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_server_error() || passing.contains(&status) { Outcome::Later(why) } else { Outcome::Never(why) }
}

/// What a request that got no answer means. A certificate that is not valid may be so because of our own clock.
fn refused(error: &ureq::Error) -> Outcome {
    let why = error.to_string();
    let lasting = matches!(
        error,
        ureq::Error::TooManyRedirects
            | ureq::Error::RedirectFailed
            | ureq::Error::RequireHttpsOnly(_)
            | ureq::Error::BadUri(_)
            | ureq::Error::Http(_)
    );
    if lasting { Outcome::Never(why) } else { Outcome::Later(why) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
