//! SIP messages (RFC 3261) over UDP: bytes to values and back.

use sip_types::header::typed::{CSeq, Contact};
use sip_types::msg::{Line, MessageLine, PullParser};
use sip_types::parse::Parse;
use sip_types::print::AppendCtx;
use sip_types::{Headers, Method, Name, StatusCode};

/// Lines of headers that are read.
const LINES: usize = 100;

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    /// What is asked, or how it was answered.
    pub(super) line: MessageLine,
    /// Its headers.
    pub(super) headers: Headers,
    /// What it carries.
    pub(super) body: String,
}

impl Message {
    /// Reads a datagram; `None`: it is no SIP message.
    pub(super) fn read(datagram: &[u8]) -> Option<Self> {
        let bytes = bytes::Bytes::copy_from_slice(datagram);
        let mut lines = PullParser::new(&bytes, 0);
        // The parsers keep parts of what they read: it must be `bytes` itself, not a copy.
        let first = std::str::from_utf8(lines.next()?.ok()?).ok()?;
        let (_, line) = MessageLine::parse(&bytes)(first).ok()?;
        let mut headers = Headers::new();
        for n in 0.. {
            let Some(next) = lines.next() else { break };
            let raw = std::str::from_utf8(next.ok().filter(|_| n < LINES)?).ok()?;
            let (_, Line { name, value }) = Line::parse(&bytes, raw).ok()?;
            headers.insert(name, value);
        }
        let body = bytes.get(lines.head_end()..).unwrap_or_default();
        Some(Self { line, headers, body: String::from_utf8_lossy(body).into_owned() })
    }

    /// The first value of a header, as it stands there.
    pub(super) fn raw(&self, name: &Name) -> Option<&str> {
        self.headers.get_raw(name).next().map(|value| -> &str { value })
    }

    /// Number and method of the request it is or answers.
    pub(super) fn cseq(&self) -> Option<CSeq> {
        self.headers.get_named().ok()
    }

    /// The code of an answer.
    pub(super) fn code(&self) -> Option<u16> {
        match &self.line {
            MessageLine::Response(status) => Some(status.code.into_u16()),
            MessageLine::Request(_) => None,
        }
    }

    /// The method of a request.
    pub(super) fn method(&self) -> Option<&Method> {
        self.line.request_method()
    }

    /// The address that it names for what follows in the same call.
    pub(super) fn contact(&self) -> Option<String> {
        let contact: Contact = self.headers.get_named().ok()?;
        Some(contact.uri.uri.default_print_ctx().to_string())
    }

    /// The way on which what follows is to go, first hop first.
    pub(super) fn route(&self) -> Vec<String> {
        let all = self.headers.get_raw(&Name::RECORD_ROUTE).map(|value| value.to_string());
        let mut route: Vec<String> =
            all.flat_map(|v| v.split(',').map(|r| r.trim().to_owned()).collect::<Vec<_>>()).collect();
        route.reverse();
        route
    }

    /// Its answer with this code, without a body.
    pub(super) fn answer(&self, code: u16) -> Vec<u8> {
        let status = StatusCode::from(code);
        let mut text = format!("SIP/2.0 {code} {}\r\n", status.text().unwrap_or("Unknown"));
        for name in [Name::VIA, Name::RECORD_ROUTE, Name::FROM, Name::TO, Name::CALL_ID, Name::CSEQ] {
            for value in self.headers.get_raw(&name) {
                text += &format!("{}: {value}\r\n", name.as_print_str());
            }
        }
        text += "Content-Length: 0\r\n\r\n";
        text.into_bytes()
    }
}

/// A request as it is sent.
pub(super) fn request(method: &Method, uri: &str, headers: &Headers, body: &str) -> Vec<u8> {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let length = body.len();
    format!("{method} {uri} SIP/2.0\r\n{headers}{kind}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_none() {
        for bad in [&b""[..], b"\r\n\r\n", b"SIP/2.0 200 OK\r\nVia", b"GET / HTTP/1.1\r\n\r\n", &[0xFF; 40], b"\r\n"] {
            assert!(Message::read(bad).is_none(), "{bad:?}");
        }
        let long = format!("SIP/2.0 200 OK\r\n{}\r\n", "X-More: 1\r\n".repeat(200));
        assert!(Message::read(long.as_bytes()).is_none());
    }

    #[test]
    fn an_answer_of_others_is_read() {
        // Compact names and folded lines, as RFC 4475 has them.
        let text = "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nf: <sip:a@192.0.2.1>;tag=1\r\n\
                    t: \"Loa\"\r\n <sip:b@192.0.2.2>;tag=2\r\ni: 77@192.0.2.1\r\nCSeq: 12 INVITE\r\n\
                    m: <sip:b@192.0.2.2:5070;transport=udp>\r\nRecord-Route: <sip:p1;lr>, <sip:p2;lr>\r\n\
                    Record-Route: <sip:p3;lr>\r\nl: 3\r\n\r\nabc";
        let message = Message::read(text.as_bytes()).expect("a message");
        assert_eq!((message.code(), message.body.as_str()), (Some(200), "abc"));
        assert_eq!(message.raw(&Name::CALL_ID), Some("77@192.0.2.1"));
        assert!(message.raw(&Name::TO).is_some_and(|to| to.ends_with("<sip:b@192.0.2.2>;tag=2")));
        assert_eq!(message.contact().as_deref(), Some("sip:b@192.0.2.2:5070;transport=udp"));
        assert_eq!(message.route(), ["<sip:p3;lr>", "<sip:p2;lr>", "<sip:p1;lr>"]);
        assert!(message.cseq().is_some_and(|c| (c.cseq, c.method) == (12, Method::INVITE)));
    }

    #[test]
    fn a_request_is_answered_with_its_own_headers() {
        let text = "BYE sip:gateway@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\r\n\
                    From: <sip:b@192.0.2.2>;tag=2\r\nTo: <sip:a@192.0.2.1>;tag=1\r\nCall-ID: 77\r\nCSeq: 1 BYE\r\n\r\n";
        let message = Message::read(text.as_bytes()).expect("a message");
        assert_eq!(message.method(), Some(&Method::BYE));
        let answer = Message::read(&message.answer(200)).expect("a message");
        assert_eq!((answer.code(), answer.raw(&Name::CALL_ID)), (Some(200), Some("77")));
        assert_eq!(answer.raw(&Name::VIA), message.raw(&Name::VIA));
    }
}
