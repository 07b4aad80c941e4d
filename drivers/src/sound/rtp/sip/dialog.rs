//! What is said to a loudspeaker and when: one call at a time, and now and then a question whether it is there.

use super::super::{Dial, RtpConfig, read_sdp};
use super::Refused;
use super::message::{Message, request};
use sip_auth::{DigestAuthenticator, DigestCredentials, DigestUser};
use sip_types::msg::MessageLine;
use sip_types::{Headers, Method, Name};
use std::hash::RandomState;
use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

mod words;

/// What is not answered is said again after so long, then after twice that (timer T1 of RFC 3261).
const T1: Duration = Duration::from_millis(500);
/// A loudspeaker that says nothing for so long is not there. RFC 3261 would wait 32 s: too long for an alarm.
const SILENT: Duration = Duration::from_millis(2500);
/// One that rings for so long does not answer by itself.
const RINGS: Duration = Duration::from_secs(8);
/// It is asked whether it is there so often: while it is called, and while it is not. With [`SILENT`] a horn that dies in
/// a call is known to be dead within 5 s.
const ASKED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// A farewell that is not answered is given up after so long.
const FAREWELL: Duration = Duration::from_secs(2);

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing before then, unless it is wanted.
    Still(Instant),
    /// Nothing before then.
    Wait(Instant),
    /// Sound may be sent there.
    Speak(SocketAddrV4),
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Asked {
    method: Method,
    cseq: u32,
    /// Where it goes to, if not to the loudspeaker's own address.
    to: Option<SocketAddrV4>,
    datagram: Vec<u8>,
    since: Instant,
    again: Instant,
    pause: Duration,
}

#[derive(Debug)]
enum Phase {
    Idle,
    /// It is called; since when it rings, and whether the call was taken back.
    Calling {
        invite: Asked,
        headers: Headers,
        rings: Option<Instant>,
        taken_back: bool,
    },
    /// It hears.
    Talking {
        sound: SocketAddrV4,
    },
    /// It is being hung up on.
    Parting(Asked),
}

/// Talks with one loudspeaker.
pub(super) struct Dialog {
    dial: Dial,
    /// The address it is called by.
    uri: String,
    /// Offered to it.
    offer: String,
    own: SocketAddrV4,
    urgent: bool,
    phase: Phase,
    /// Number of the next request, and of the call.
    cseq: u32,
    call: String,
    tag: String,
    /// What the loudspeaker added to its name, its own address and the way there, while a call stands.
    their: String,
    target: String,
    route: Vec<String>,
    auth: DigestAuthenticator,
    tried: bool,
    /// The question whether it is there, and when it is asked next.
    question: Option<Asked>,
    ask_at: Option<Instant>,
    there: bool,
    noise: RandomState,
    numbers: u64,
    says: Vec<(Option<SocketAddrV4>, Vec<u8>)>,
    answers: Vec<Vec<u8>>,
    /// The acknowledgement of the answer that stands: the answer may come again.
    ack: Option<(Option<SocketAddrV4>, Vec<u8>)>,
}

impl Dialog {
    pub(super) fn new(
        config: &RtpConfig,
        dial: &Dial,
        peer: SocketAddrV4,
        urgent: bool,
        own: SocketAddrV4,
        media: u16,
    ) -> Self {
        let user = if urgent { dial.emergency_user.as_ref().unwrap_or(&dial.user) } else { &dial.user };
        let at = if user.is_empty() { String::new() } else { format!("{user}@") };
        let (codec, payload_type, ip) = (config.codec, config.payload_type, own.ip());
        let offer = format!(
            "v=0\r\no=- {media} 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {media} RTP/AVP {payload_type}\r\n\
             a=rtpmap:{payload_type} {codec}\r\na=ptime:{}\r\na=sendonly\r\n",
            config.packet_ms
        );
        let mut credentials = DigestCredentials::new();
        if let Some(password) = &dial.password {
            credentials.set_default(DigestUser::new(dial.account.clone(), password.clone()));
        }
        let uri = format!("sip:{at}{peer}");
        Self {
            dial: dial.clone(),
            target: uri.clone(),
            their: format!("<{uri}>"),
            uri,
            offer,
            own,
            urgent,
            phase: Phase::Idle,
            cseq: 0,
            call: String::new(),
            tag: String::new(),
            route: Vec::new(),
            auth: DigestAuthenticator::new(credentials),
            tried: false,
            question: None,
            ask_at: None,
            there: false,
            noise: RandomState::new(),
            numbers: 0,
            says: Vec::new(),
            answers: Vec::new(),
            ack: None,
        }
    }

    /// It has answered something.
    pub(super) fn is_there(&self) -> bool {
        self.there
    }

    /// What is to be sent, and where to, if not to the loudspeaker's own address.
    pub(super) fn says(&mut self) -> Vec<(Option<SocketAddrV4>, Vec<u8>)> {
        std::mem::take(&mut self.says)
    }

    /// What is to be sent to whom the last datagram came from.
    pub(super) fn answers(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.answers)
    }

    fn begin(&mut self, urgent: bool, now: Instant) {
        (self.call, self.tag) = (self.word(), self.word());
        (self.their, self.target, self.route) = (format!("<{}>", self.uri), self.uri.clone(), Vec::new());
        self.tried = false;
        self.invite(urgent || self.urgent, now);
    }

    /// Takes a datagram in.
    pub(super) fn hear(&mut self, datagram: &[u8], now: Instant) -> Result<(), Refused> {
        let Some(message) = Message::read(datagram) else { return Ok(()) };
        if let Some(method) = message.method().cloned() {
            return self.asked(&message, &method);
        }
        let (Some(code), Some(cseq)) = (message.code(), message.cseq()) else { return Ok(()) };
        let of = |asked: &Asked| asked.cseq == cseq.cseq && asked.method == cseq.method;
        self.there = true;
        if self.question.as_ref().is_some_and(of) {
            if code >= 200 {
                self.question = None;
            }
            return Ok(());
        }
        if message.raw(&Name::CALL_ID) != Some(self.call.as_str()) {
            return Ok(());
        }
        match &mut self.phase {
            Phase::Calling { invite, rings, .. } if of(invite) && code < 200 => {
                rings.get_or_insert(now);
                Ok(())
            }
            Phase::Calling { invite, .. } if of(invite) => self.answered(&message, code, now),
            Phase::Talking { .. } if cseq.method == Method::INVITE && code >= 200 => {
                // Our acknowledgement was lost on the way.
                self.says.extend(self.ack.clone());
                Ok(())
            }
            Phase::Parting(bye) if of(bye) && code >= 200 => {
                self.phase = Phase::Idle;
                Ok(())
            }
            Phase::Idle | Phase::Calling { .. } | Phase::Talking { .. } | Phase::Parting(_) => Ok(()),
        }
    }

    /// It asks something itself.
    fn asked(&mut self, message: &Message, method: &Method) -> Result<(), Refused> {
        let ours = message.raw(&Name::CALL_ID) == Some(self.call.as_str());
        let talking = matches!(self.phase, Phase::Talking { .. });
        let code = match method {
            m if *m == Method::ACK => return Ok(()),
            m if *m == Method::BYE && ours => 200,
            m if *m == Method::OPTIONS => 200,
            // The call goes on as it was agreed; others are busy here.
            m if *m == Method::INVITE => {
                if ours {
                    488
                } else {
                    486
                }
            }
            m if *m == Method::BYE || *m == Method::CANCEL => 481,
            _ => 405,
        };
        self.answers.push(message.answer(code));
        if *method == Method::BYE && ours && talking {
            self.phase = Phase::Idle;
            return Err(Refused("the loudspeaker hung up".into()));
        }
        Ok(())
    }

    /// The call was answered for good.
    fn answered(&mut self, message: &Message, code: u16, now: Instant) -> Result<(), Refused> {
        let Phase::Calling { invite, headers, taken_back, .. } = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return Ok(());
        };
        if let Some(to) = message.raw(&Name::TO) {
            self.their = to.to_owned();
        }
        if !(200..300).contains(&code) {
            self.acknowledge(&headers, invite.cseq);
            if taken_back && code == 487 {
                return Ok(());
            }
            if (code == 401 || code == 407) && !self.tried && self.dial.password.is_some() {
                return self.authorise(message, &headers, now);
            }
            let reason = match &message.line {
                MessageLine::Response(status) => status.reason.as_ref().map(ToString::to_string),
                MessageLine::Request(_) => None,
            };
            return Err(Refused(format!("{} answered {code} {}", self.uri, reason.unwrap_or_default())));
        }
        self.target = message.contact().unwrap_or_else(|| self.uri.clone());
        self.route = message.route();
        let (to, target) = (self.hop(), self.target.clone());
        let ack = self.headers(invite.cseq, &Method::ACK);
        let ack = (to, request(&Method::ACK, &target, &ack, ""));
        self.says.push(ack.clone());
        self.ack = Some(ack);
        let heard = read_sdp(&message.body);
        match heard {
            _ if taken_back => {
                self.hang_up(now);
                Ok(())
            }
            Ok(described) => {
                self.phase = Phase::Talking { sound: described.address };
                self.ask_at = Some(now + ASKED.0);
                Ok(())
            }
            Err(error) => {
                self.hang_up(now);
                Err(Refused(format!("{} answered, but {error}", self.uri)))
            }
        }
    }

    /// Goes on at `now`.
    ///
    /// # Errors
    /// The loudspeaker says nothing, or does not answer the call.
    pub(super) fn go_on(&mut self, wanted: bool, urgent: bool, now: Instant) -> io::Result<Step> {
        self.question(now)?;
        match (&mut self.phase, wanted) {
            (Phase::Idle, true) => self.begin(urgent, now),
            (Phase::Talking { .. }, false) => self.hang_up(now),
            (Phase::Calling { rings: Some(_), taken_back, .. }, false) if !*taken_back => {
                *taken_back = true;
                self.take_back();
            }
            (Phase::Idle | Phase::Calling { .. } | Phase::Talking { .. } | Phase::Parting(_), _) => {}
        }
        let next_question = self.question.as_ref().map_or(self.ask_at.unwrap_or(now), |q| q.again);
        match &mut self.phase {
            Phase::Idle => Ok(Step::Still(next_question)),
            Phase::Talking { sound } => Ok(Step::Speak(*sound)),
            Phase::Parting(bye) => {
                if now.saturating_duration_since(bye.since) > FAREWELL {
                    self.phase = Phase::Idle;
                    return Ok(Step::Still(next_question));
                }
                self.says.extend(bye.repeat(now));
                Ok(Step::Wait(bye.again))
            }
            Phase::Calling { invite, rings: None, taken_back, .. } => {
                if now.saturating_duration_since(invite.since) > SILENT {
                    let (uri, gone) = (self.uri.clone(), *taken_back || !wanted);
                    self.phase = Phase::Idle;
                    return if gone { Ok(Step::Still(next_question)) } else { Err(silent(&uri)) };
                }
                self.says.extend(invite.repeat(now));
                Ok(Step::Wait(invite.again))
            }
            Phase::Calling { rings: Some(since), .. } => {
                if now.saturating_duration_since(*since) > RINGS {
                    self.take_back();
                    self.phase = Phase::Idle;
                    return Err(io::Error::other(Refused(format!("{} rings and does not answer", self.uri))));
                }
                Ok(Step::Wait(*since + RINGS))
            }
        }
    }
}

fn silent(uri: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("{uri} says nothing"))
}

impl Asked {
    /// What is to be said again by now, if it is.
    fn repeat(&mut self, now: Instant) -> Option<(Option<SocketAddrV4>, Vec<u8>)> {
        if now < self.again {
            return None;
        }
        self.pause = (self.pause * 2).min(T1 * 8);
        self.again = now + self.pause;
        Some((self.to, self.datagram.clone()))
    }
}
