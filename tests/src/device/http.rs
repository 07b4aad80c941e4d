//! As much of HTTP/1.1 as simulated devices need.

/// Longest request taken.
const LONGEST: usize = 256 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// Its body says that it is JSON.
    pub(super) json: bool,
    /// Its header `Authorization`.
    pub(super) authorization: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Takes a whole request off the front, if there is one; otherwise what is wrong as a status.
pub(super) fn take(bytes: &mut Vec<u8>) -> Result<Option<Request>, u16> {
    if bytes.len() > LONGEST {
        return Err(413);
    }
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| 400_u16)?;
    let mut lines = head.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let &[method, path, "HTTP/1.1"] = first.as_slice() else { return Err(400) };
    let headers: Vec<(String, &str)> =
        lines.filter_map(|line| line.split_once(':')).map(|(k, v)| (k.to_ascii_lowercase(), v.trim())).collect();
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
    if header("host").is_none() || header("transfer-encoding").is_some() {
        return Err(411);
    }
    let length: usize = header("content-length").unwrap_or("0").parse().map_err(|_| 400_u16)?;
    if bytes.len() < end + 4 + length {
        return Ok(None);
    }
    let json = header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let authorization = header("authorization").map(str::to_owned);
    let (method, path) = (method.to_owned(), path.to_owned());
    let whole: Vec<u8> = bytes.drain(..end + 4 + length).collect();
    let body = whole.get(end + 4..).unwrap_or_default().to_vec();
    Ok(Some(Request { method, path, json, authorization, body }))
}

/// An answer as bytes.
pub(super) fn answer(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let reason = if status == 200 { "OK" } else { "No" };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
