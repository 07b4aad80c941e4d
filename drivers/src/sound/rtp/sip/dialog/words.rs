//! The requests of a dialog: how each is put, and what it is sent to.

use super::super::Refused;
use super::super::message::{Message, request};
use super::{ASKED, Asked, Dialog, Phase, SILENT, T1, silent};
use sip_auth::{ClientAuthenticator, RequestParts, ResponseParts};
use sip_types::msg::{MessageLine, RequestLine};
use sip_types::{Headers, Method, Name};
use std::hash::BuildHasher;
use std::io;
use std::net::SocketAddrV4;
use std::time::Instant;

impl Dialog {
    /// A word that nobody else uses.
    pub(super) fn word(&mut self) -> String {
        self.numbers += 1;
        format!("{:016x}", self.noise.hash_one(self.numbers))
    }

    /// Headers of a request, in or outside of the call that stands.
    pub(super) fn headers(&mut self, cseq: u32, method: &Method) -> Headers {
        let mut headers = Headers::new();
        let branch = self.word();
        headers.insert(Name::VIA, format!("SIP/2.0/UDP {};branch=z9hG4bK{branch};rport", self.own));
        headers.insert(Name::MAX_FORWARDS, "70");
        let from = &self.dial.account;
        headers.insert(Name::FROM, format!("\"{}\" <sip:{from}@{}>;tag={}", self.dial.caller, self.own, self.tag));
        headers.insert(Name::TO, self.their.clone());
        headers.insert(Name::CALL_ID, self.call.clone());
        headers.insert(Name::CSEQ, format!("{cseq} {method}"));
        headers.insert(Name::CONTACT, format!("<sip:{from}@{}>", self.own));
        for hop in &self.route {
            headers.insert(Name::ROUTE, hop.clone());
        }
        headers
    }

    /// Where a request of the call goes to: by the way it came, or to the address the loudspeaker named.
    pub(super) fn hop(&self) -> Option<SocketAddrV4> {
        if !self.route.is_empty() {
            return None;
        }
        let host = self.target.rsplit('@').next()?.trim_start_matches("sip:").split(';').next()?;
        host.parse().ok().or_else(|| Some(SocketAddrV4::new(host.parse().ok()?, 5060)))
    }

    pub(super) fn ask(
        &mut self,
        method: Method,
        cseq: u32,
        datagram: Vec<u8>,
        to: Option<SocketAddrV4>,
        now: Instant,
    ) -> Asked {
        self.says.push((to, datagram.clone()));
        Asked { method, cseq, to, datagram, since: now, again: now + T1, pause: T1 }
    }

    pub(super) fn invite(&mut self, urgent: bool, now: Instant) {
        self.cseq += 1;
        let mut headers = self.headers(self.cseq, &Method::INVITE);
        // Makers differ in which of the three their loudspeakers obey (RFC 5373 is the one of the IETF).
        headers.insert(Name::CALL_INFO, format!("<sip:{}>;answer-after=0", self.own));
        headers.insert(Name::ALERT_INFO, format!("<sip:{}>;info=alert-autoanswer;delay=0", self.own));
        headers.insert("Answer-Mode", "Auto");
        headers.insert(Name::ALLOW, "INVITE, ACK, BYE, CANCEL, OPTIONS");
        if urgent {
            headers.insert(Name::PRIORITY, "emergency");
            if let Some(resource) = &self.dial.resource_priority {
                headers.insert("Resource-Priority", resource.clone());
            }
        }
        self.auth.authorize_request(&mut headers);
        let datagram = request(&Method::INVITE, &self.uri, &headers, &self.offer);
        let invite = self.ask(Method::INVITE, self.cseq, datagram, None, now);
        self.phase = Phase::Calling { invite, headers, rings: None, taken_back: false };
    }

    pub(super) fn hang_up(&mut self, now: Instant) {
        self.cseq += 1;
        let (cseq, to, target) = (self.cseq, self.hop(), self.target.clone());
        let mut headers = self.headers(cseq, &Method::BYE);
        self.auth.authorize_request(&mut headers);
        let bye = self.ask(Method::BYE, cseq, request(&Method::BYE, &target, &headers, ""), to, now);
        self.ack = None;
        self.phase = Phase::Parting(bye);
    }

    /// Acknowledges a no: with the headers of the call itself (RFC 3261 §17.1.1.3).
    pub(super) fn acknowledge(&mut self, headers: &Headers, cseq: u32) {
        let mut ack = Headers::new();
        for name in [Name::VIA, Name::MAX_FORWARDS, Name::FROM, Name::CALL_ID] {
            headers.get_raw(&name).for_each(|value| ack.insert(name.clone(), value.clone()));
        }
        ack.insert(Name::TO, self.their.clone());
        ack.insert(Name::CSEQ, format!("{cseq} {}", Method::ACK));
        self.says.push((None, request(&Method::ACK, &self.uri, &ack, "")));
    }

    /// Calls again with what is asked for, once.
    pub(super) fn authorise(&mut self, message: &Message, headers: &Headers, now: Instant) -> Result<(), Refused> {
        self.tried = true;
        let uri = self.uri.parse().map_err(|_| Refused(format!("{} is no address", self.uri)))?;
        let line = RequestLine { method: Method::INVITE, uri };
        let MessageLine::Response(status) = &message.line else { return Ok(()) };
        let rejected = RequestParts { line: &line, headers, body: self.offer.as_bytes() };
        let response = ResponseParts { line: status, headers: &message.headers, body: &[] };
        let solved = self.auth.handle_rejection(rejected, response);
        solved.map_err(|error| Refused(format!("{} asks for a password: {error}", self.uri)))?;
        self.their = format!("<{}>", self.uri);
        let urgent = headers.contains(&Name::PRIORITY);
        self.invite(urgent, now);
        Ok(())
    }

    /// Takes the call back that rings.
    pub(super) fn take_back(&mut self) {
        let Phase::Calling { invite, headers, .. } = &self.phase else { return };
        let cseq = invite.cseq;
        let mut cancel = Headers::new();
        for name in [Name::VIA, Name::MAX_FORWARDS, Name::FROM, Name::TO, Name::CALL_ID] {
            headers.get_raw(&name).for_each(|value| cancel.insert(name.clone(), value.clone()));
        }
        cancel.insert(Name::CSEQ, format!("{cseq} {}", Method::CANCEL));
        self.says.push((None, request(&Method::CANCEL, &self.uri, &cancel, "")));
    }

    /// Asks now and then whether it is there.
    pub(super) fn question(&mut self, now: Instant) -> io::Result<()> {
        if let Some(question) = &mut self.question {
            if now.saturating_duration_since(question.since) > SILENT {
                return Err(silent(&self.uri));
            }
            self.says.extend(question.repeat(now));
        } else if self.ask_at.is_none_or(|at| now >= at) {
            let often = if matches!(self.phase, Phase::Talking { .. }) { ASKED.0 } else { ASKED.1 };
            self.ask_at = Some(now + often);
            // Outside of any call: a number of its own.
            let (call, tag, uri) = (self.word(), self.word(), self.uri.clone());
            let inside = (
                std::mem::replace(&mut self.call, call),
                std::mem::replace(&mut self.tag, tag),
                std::mem::replace(&mut self.their, format!("<{uri}>")),
                std::mem::take(&mut self.route),
            );
            self.cseq += 1;
            let headers = self.headers(self.cseq, &Method::OPTIONS);
            (self.call, self.tag, self.their, self.route) = inside;
            let datagram = request(&Method::OPTIONS, &uri, &headers, "");
            self.question = Some(self.ask(Method::OPTIONS, self.cseq, datagram, None, now));
        }
        Ok(())
    }
}
