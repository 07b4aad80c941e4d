//! A port of a network switch by SNMP: its link (`ifAdminStatus`, RFC 2863) or its power over the cable
//! (`pethPsePortAdminEnable`, RFC 3621). What hangs on it is dark, or starts afresh.

use crate::Driver;
use crate::line::Line;
use gateway_core::device::{Fault, Report};
use gateway_core::want::Grade;
use snmp2::v3::{Auth, AuthProtocol, Cipher, Security};
use snmp2::{Error, MessageType, Oid, SyncSession, Value};
use std::fmt;
use std::net::SocketAddrV4;
use std::time::Duration;

/// Longest wait for an answer; asked twice.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
const ATTEMPTS: u32 = 2;

/// What of a port is switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    /// Its link, by the number of the interface (`ifIndex`).
    Link {
        /// The number.
        index: u32,
    },
    /// Its power over the cable, by the group of ports and the port in it.
    Power {
        /// The group, 1 where there is one alone.
        group: u32,
        /// The port.
        port: u32,
    },
}

impl PortKind {
    fn name(self) -> Vec<u64> {
        match self {
            Self::Link { index } => [&[1, 3, 6, 1, 2, 1, 2, 2, 1, 7][..], &[u64::from(index)]].concat(),
            Self::Power { group, port } => {
                [&[1, 3, 6, 1, 2, 1, 105, 1, 1, 1, 3][..], &[u64::from(group), u64::from(port)]].concat()
            }
        }
    }
}

/// How a network switch lets us in.
#[derive(Clone, PartialEq, Eq)]
pub enum SnmpAccess {
    /// SNMP v2c: whoever knows the word may; everybody on the cable can read it.
    Community(String),
    /// SNMP v3 with SHA-1 and AES-128: what every switch that has v3 knows.
    User {
        /// Name.
        name: String,
        /// Password of the name.
        password: String,
        /// Password of the cipher.
        key: String,
    },
}

impl fmt::Debug for SnmpAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Community(_)) { "v2c" } else { "v3" })
    }
}

/// One port.
pub struct SnmpPort {
    address: SocketAddrV4,
    access: SnmpAccess,
    kind: PortKind,
    session: Option<SyncSession>,
}

impl SnmpPort {
    /// A port of the network switch at this address.
    pub fn new(address: SocketAddrV4, access: SnmpAccess, kind: PortKind) -> Self {
        Self { address, access, kind, session: None }
    }

    fn open(&self) -> Result<SyncSession, Fault> {
        let lost = |error: &dyn fmt::Display| Fault::Line(format!("{}: {error}", self.address));
        let number = i32::from(self.address.port());
        match &self.access {
            SnmpAccess::Community(word) => {
                SyncSession::new_v2c(self.address, word.as_bytes(), Some(ANSWER_WITHIN), number).map_err(|e| lost(&e))
            }
            SnmpAccess::User { name, password, key } => {
                let auth = Auth::AuthPriv { cipher: Cipher::Aes128, privacy_password: key.as_bytes().to_vec() };
                let security = Security::new(name.as_bytes(), password.as_bytes())
                    .with_auth_protocol(AuthProtocol::Sha1)
                    .with_auth(auth);
                let session = SyncSession::new_v3(self.address, Some(ANSWER_WITHIN), number, security);
                let mut session = session.map_err(|e| lost(&e))?;
                session.init().map_err(|e| self.fault("asking in", &e))?;
                Ok(session)
            }
        }
    }

    fn fault(&self, asking: &str, error: &Error) -> Fault {
        let text = format!("{asking} {}: {error}", self.address);
        let refused = matches!(error, Error::AuthFailure(_) | Error::CommunityMismatch);
        if refused { Fault::Refused(text) } else { Fault::Line(text) }
    }

    /// Asks, or sets; returns what the port then is.
    fn ask(&mut self, asking: &str, set: Option<bool>) -> Result<bool, Fault> {
        let name = self.kind.name();
        let oid = Oid::from(&name).map_err(|_| Fault::Line(format!("{asking}: no such name")))?;
        let mut last = Fault::Line(asking.to_owned());
        for _ in 0..ATTEMPTS {
            let mut session = match self.session.take() {
                Some(session) => session,
                None => self.open()?,
            };
            let answer = match set {
                Some(on) => session.set(&[(&oid, Value::Integer(if on { 1 } else { 2 }))]),
                None => session.get(&oid),
            };
            match answer {
                // Not an answer but word that we are out of step (RFC 3414): asked again in a session of its own.
                Ok(pdu) if pdu.message_type == MessageType::Report => {
                    last = Fault::Line(format!("{asking} {}: out of step", self.address));
                }
                Ok(mut pdu) if pdu.error_status == 0 => {
                    let value = pdu.varbinds.next().map(|(_, value)| read(&value));
                    self.session = Some(session);
                    return match value.flatten() {
                        Some(on) => Ok(on),
                        None => Err(Fault::Refused(format!("{asking} {}: it has no such port", self.address))),
                    };
                }
                Ok(pdu) => {
                    let why = refusal(pdu.error_status);
                    self.session = Some(session);
                    return Err(Fault::Refused(format!("{asking} {}: {why}", self.address)));
                }
                // It has told us its time: asked again with that.
                Err(Error::AuthUpdated) => self.session = Some(session),
                // A late answer must not answer the next question: another socket.
                Err(error) => last = self.fault(asking, &error),
            }
        }
        Err(last)
    }
}

/// Up and true are 1; down and false 2; a link may also be 3, in trial.
fn read(value: &Value<'_>) -> Option<bool> {
    let Value::Integer(state) = value else { return None };
    match state {
        1 | 3 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

/// What an error status says (RFC 3416).
fn refusal(status: u32) -> &'static str {
    match status {
        2 => "it has no such port",
        6 | 16 => "we may not",
        17 => "it cannot be written",
        _ => "it says no",
    }
}

impl Driver<bool> for SnmpPort {
    fn apply(&mut self, line: &mut Line, want: &bool) -> Result<Report, Fault> {
        if self.ask("reading a port of", None)? != *want {
            self.ask("setting a port of", Some(*want))?;
        }
        self.probe(line)
    }

    fn probe(&mut self, _: &mut Line) -> Result<Report, Fault> {
        let on = self.ask("reading a port of", None)?;
        Ok(Report::Switch { on, grade: Grade::Electrical })
    }
}
