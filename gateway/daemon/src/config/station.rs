//! Reads the sections about the station itself.

use super::keys::of_hub;
use super::sheet::Entry;
use super::{
    CacheConfig, ClockConfig, HubConfig, HubTls, NetworkConfig, OfficerTls, RecordingsConfig, Station, WebConfig,
};
use drivers::sound::keep::Codec;
use gateway_core::config::{Approval, First, Hours, Policy, Resume};
use gateway_core::time::parse_time_of_day;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is beside the configuration file.
pub(super) struct Beside<'f> {
    /// Folder of the file.
    pub(super) dir: PathBuf,
    /// systemd's `$CREDENTIALS_DIRECTORY`.
    pub(super) credentials: Option<PathBuf>,
    /// Whether a file is there.
    pub(super) exists: &'f dyn Fn(&Path) -> bool,
}

impl Beside<'_> {
    /// A path as it is meant: from the folder of the file.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.dir.join(written)
    }

    /// A file named in the configuration: beside it, or a systemd credential of that name.
    fn file(&self, written: &str) -> Option<PathBuf> {
        let credential = || {
            let plain = !written.contains('/') && written != "." && written != "..";
            self.credentials.as_ref().filter(|_| plain).map(|c| c.join(written))
        };
        let beside = Some(self.path(written));
        beside.into_iter().chain(credential()).find(|p| (self.exists)(p))
    }

    /// What a file or credential holds, without the end of its last line; a problem where it is not there.
    pub(super) fn secret(&self, entry: &Entry<'_, '_>, key: &str) -> Option<String> {
        let path = self.must(entry, key, "write it")?;
        match std::fs::read_to_string(&path) {
            Ok(text) if text.len() <= 1024 && !text.trim().is_empty() => Some(text.trim_end().to_owned()),
            Ok(_) => {
                entry.bad(key, "it is empty or longer than 1024 bytes", "write the secret into it, and nothing else");
                None
            }
            Err(error) => {
                entry.bad(key, error.to_string(), "let the gateway read it");
                None
            }
        }
    }

    /// A file that must be there; a problem where it is not.
    pub(super) fn must(&self, entry: &Entry<'_, '_>, key: &str, remedy: &str) -> Option<PathBuf> {
        let written = entry.text(key)?;
        let found = self.file(&written);
        if found.is_none() {
            let what = format!("there is no file {}", self.path(&written).display());
            entry.bad(key, what, format!("{remedy}, or give it as the systemd credential of that name"));
        }
        found
    }
}

/// `[station]`.
pub(super) fn station(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<Station> {
    let id = entry.text("id");
    let province = digits(entry, "province", 2);
    let commune = digits(entry, "commune", 5);
    let place = place(entry);
    let data = entry.text("data").map(|p| beside.path(&p));
    // Read before the devices, which refer to it; here only its form is looked at.
    entry.text("profiles");
    let trust = entry.text("trust").map(|written| {
        beside.file(&written).unwrap_or_else(|| {
            let path = beside.path(&written);
            let what = format!("there is no file {}", path.display());
            let remedy = "run `gateway enrol PACK`; until then only local emergencies sound";
            entry.sheet.warning(entry.line_of("trust"), &entry.path("trust"), what, remedy);
            path
        })
    });
    Some(Station {
        name: entry.text("name"),
        id: id?,
        province: province?,
        commune: commune?,
        place,
        data: data?,
        trust: trust?,
        trial: Duration::from_secs(entry.whole("trial_s").and_then(|s| u64::try_from(s).ok())?),
    })
}

/// `lat` and `lon`, which come together.
pub(super) fn place(entry: &Entry<'_, '_>) -> Option<(f64, f64)> {
    for (one, other) in [("lat", "lon"), ("lon", "lat")] {
        if entry.has(one) && !entry.has(other) {
            entry.bad(one, format!("given without `{other}`"), format!("add `{other}`, or remove `{one}`"));
        }
    }
    let (lat, lon) = (entry.number("lat"), entry.number("lon"));
    Some((lat?, lon?))
}

fn digits(entry: &Entry<'_, '_>, key: &str, count: usize) -> Option<String> {
    let code = entry.text(key)?;
    if code.len() == count && code.bytes().all(|b| b.is_ascii_digit()) {
        return Some(code);
    }
    entry.bad(
        key,
        format!("\"{code}\" is not {count} digits"),
        format!("write the code of QĐ 19/2025/QĐ-TTg, {count} digits in quotes, with its leading zeros"),
    );
    None
}

/// `[hub]`.
pub(super) fn hub(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<HubConfig> {
    let url = entry.text("url");
    let parts = url.and_then(|url| {
        let parts = broker(&url);
        if parts.is_none() {
            let what = format!("\"{url}\" is no broker address");
            entry.bad("url", what, "write mqtts://HOST:8883, without path, name or password");
        }
        parts
    });
    let may_set = may_set(entry);
    let remedy = "put it there, or run `gateway enrol PACK`";
    // Where the address is bad the files are looked at all the same, so that everything wrong is said at once.
    let (tls, host, port) = parts.unwrap_or_default();
    if !tls {
        let ca = if entry.has("ca") { beside.must(entry, "ca", remedy) } else { None };
        if !host.is_empty() && !is_loopback(&host) {
            let what = format!("mqtt:// to \"{host}\", which is not a loopback address");
            entry.bad("url", what, "use mqtts://, with `ca`, `cert` and `key`");
        }
        return (!host.is_empty()).then_some(HubConfig { host, port, tls: None, media_ca: ca, may_set });
    }
    let [ca, cert, key] = ["ca", "cert", "key"].map(|name| {
        if !entry.has(name) {
            entry.bad(name, "missing, and mqtts:// needs it", format!("add `{name} = \"FILE\"`"));
            return None;
        }
        beside.must(entry, name, remedy)
    });
    let tls = HubTls { ca: ca?, cert: cert?, key: key? };
    Some(HubConfig { host, port, media_ca: Some(tls.ca.clone()), tls: Some(tls), may_set })
}

/// `may_set`: of the keys that are policy; where one is not, none of them holds.
fn may_set(entry: &Entry<'_, '_>) -> BTreeSet<String> {
    if !entry.has("may_set") {
        return BTreeSet::new();
    }
    let named: BTreeSet<String> = entry.texts("may_set").unwrap_or_default().into_iter().collect();
    let known: BTreeSet<String> = of_hub().collect();
    for key in named.iter().filter(|key| !known.contains(*key)) {
        let all = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        entry.bad("may_set", format!("\"{key}\" is no key that a province may set"), format!("name some of: {all}"));
    }
    named
}

/// Scheme (`true` = TLS), host and port of a broker address.
fn broker(url: &str) -> Option<(bool, String, u16)> {
    let (tls, rest) = match url.split_once("://")? {
        ("mqtts", rest) => (true, rest),
        ("mqtt", rest) => (false, rest),
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = authority(rest, Some(if tls { 8883 } else { 1883 }))?;
    Some((tls, host, port))
}

/// Host, without the brackets of IPv6, and port.
fn authority(text: &str, default: Option<u16>) -> Option<(String, u16)> {
    let (host, port) = if let Some(v6) = text.strip_prefix('[') {
        let (host, after) = v6.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if after.is_empty() { default } else { after.strip_prefix(':').and_then(port) })
    } else if let Some((host, text)) = text.split_once(':') {
        (host, port(text))
    } else {
        (text, default)
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then(|| host.to_owned()).zip(port)
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|p| *p != 0 && text.bytes().all(|b| b.is_ascii_digit()))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `[web]`.
pub(super) fn web(entry: &Entry<'_, '_>, beside: &Beside<'_>) -> Option<WebConfig> {
    let [officer, citizen, ops] = ["officer", "citizen", "ops"].map(|key| {
        let written = entry.text(key)?;
        let address = written.parse::<SocketAddr>().ok();
        if address.is_none() {
            let what = format!("\"{written}\" is not an IP address and port");
            entry.bad(key, what, "write for example \"0.0.0.0:8443\"");
        }
        address.map(|a| (key, a))
    });
    let tls = entry.flag("officer_tls");
    if tls == Some(false) && officer.is_some_and(|(_, a)| !a.ip().is_loopback()) {
        let remedy = "remove `officer_tls`, or listen on 127.0.0.1 behind a proxy that does TLS";
        entry.bad("officer_tls", "false, though `officer` is not a loopback address", remedy);
    }
    let listeners: Vec<_> = [officer, citizen, ops].into_iter().flatten().collect();
    for (i, (key, address)) in listeners.iter().enumerate() {
        let earlier = listeners.iter().take(i).find(|(_, a)| a == address && a.port() != 0);
        if let Some((other, _)) = earlier {
            entry.bad(key, format!("the same address as `{other}`"), "give each listener its own port");
        }
    }
    for (one, other) in [("officer_cert", "officer_key"), ("officer_key", "officer_cert")] {
        if entry.has(one) && !entry.has(other) {
            entry.bad(one, format!("given without `{other}`"), format!("add `{other}`, or remove `{one}`"));
        }
    }
    let given = |key| if entry.has(key) { beside.must(entry, key, "put it there") } else { None };
    let own = given("officer_cert").zip(given("officer_key"));
    let officer_tls = match (tls?, own) {
        (false, _) => OfficerTls::Off,
        (true, None) => OfficerTls::SelfSigned,
        (true, Some((cert, key))) => OfficerTls::Given { cert, key },
    };
    Some(WebConfig { officer: officer?.1, officer_tls, citizen: citizen?.1, ops: ops?.1 })
}

/// `[policy]`.
pub(super) fn policy(entry: &Entry<'_, '_>) -> Option<Policy> {
    let clash_default =
        entry.text("clash_default").map(|w| if w == "commune" { First::Commune } else { First::Province });
    let night = entry.text("night").and_then(|written| {
        let span = span_of(&written);
        if span.is_none() {
            let remedy = "write HH:MM-HH:MM, for example \"21:00-05:00\"";
            entry.bad("night", format!("\"{written}\" is not a span of the day"), remedy);
        }
        span
    });
    let minutes = entry.whole("mute_minutes").and_then(|m| u64::try_from(m).ok());
    let (night_from_s, night_until_s) = night?;
    let resume = entry.text("resume").map(|word| match word.as_str() {
        "start" => Resume::Start,
        "skip" => Resume::Skip,
        _ => Resume::Place,
    });
    let (cross_fade, duck_under_live) = (entry.flag("cross_fade"), entry.flag("duck_under_live"));
    let live_chime = entry.flag("live_chime");
    let hours = hours(entry);
    let approval = approval(entry);
    Some(Policy {
        hours: hours?,
        approval: approval?,
        resume: resume?,
        cross_fade: cross_fade?,
        duck_under_live: duck_under_live?,
        live_chime: live_chime?,
        filler: None,
        clash_default: clash_default?,
        night_from_s,
        night_until_s,
        mute_ms: minutes? * 60_000,
    })
}

/// Who needs no approval.
fn approval(entry: &Entry<'_, '_>) -> Option<Approval> {
    let own = entry.flag("approve_own");
    let skip = if entry.has("skip_approval") { entry.texts("skip_approval")? } else { Vec::new() };
    let well = |rule: &str| {
        let (role, kind) = rule.split_once(':').unwrap_or((rule, "ordinary"));
        ["officer", "approver"].contains(&role) && ["ordinary", "priority"].contains(&kind)
    };
    if let Some(odd) = skip.iter().find(|rule| !well(rule)) {
        let remedy = "write a role, `officer` or `approver`, alone or with a priority: \"officer:ordinary\"";
        entry.bad("skip_approval", format!("\"{odd}\" is no rule"), remedy);
        return None;
    }
    Some(Approval { skip, own: own? })
}

/// `05:00-07:00`, as seconds after midnight.
pub(super) fn span_of(written: &str) -> Option<(u32, u32)> {
    written.split_once('-').and_then(|(a, b)| parse_time_of_day(a).zip(parse_time_of_day(b)))
}

/// What programmes of the desk must keep to.
fn hours(entry: &Entry<'_, '_>) -> Option<Hours> {
    let texts = |key| if entry.has(key) { entry.texts(key) } else { Some(Vec::new()) };
    let quiet_at_night = entry.flag("quiet_at_night");
    let longest = if entry.has("programme_minutes") { entry.whole("programme_minutes") } else { Some(0) };
    let (days, spans) = (texts("programme_days"), texts("programme_hours"));
    let known = |day: &String| gateway_core::programme::DAYS.contains(&day.as_str());
    let stranger = days.iter().flatten().find(|d| !known(d));
    if let Some(day) = stranger {
        let what = format!("\"{day}\" is not a day");
        entry.bad("programme_days", what, format!("write {}", gateway_core::programme::DAYS.join(", ")));
    }
    let mut sessions = Vec::new();
    let mut right = true;
    for written in spans? {
        match span_of(&written).filter(|(from, until)| from < until) {
            Some(span) => sessions.push(span),
            None => {
                right = false;
                let remedy = "write HH:MM-HH:MM within one day, for example \"05:00-07:00\"";
                entry.bad("programme_hours", format!("\"{written}\" is not a span of the day"), remedy);
            }
        }
    }
    let longest_s = u32::try_from(longest?).ok()? * 60;
    let days = days.filter(|all| right && all.iter().all(known))?;
    Some(Hours { quiet_at_night: quiet_at_night?, longest_s, days, sessions })
}

/// `[clock]`.
pub(super) fn clock(entry: &Entry<'_, '_>) -> Option<ClockConfig> {
    let (rtc, trust) = (entry.text("rtc"), entry.text("trust"));
    let clock = ClockConfig { battery_rtc: rtc? == "battery", vouched: trust? == "always" };
    if clock.vouched {
        let remedy = "remove it on a real station";
        entry.sheet.warning(entry.line_of("trust"), &entry.path("trust"), "the clock is believed unseen", remedy);
    }
    Some(clock)
}

/// `[network]`.
pub(super) fn network(entry: &Entry<'_, '_>) -> Option<NetworkConfig> {
    let confirm = entry.whole("confirm_s").and_then(|s| u64::try_from(s).ok());
    let bus = if entry.has("bus") { Some(entry.text("bus")?) } else { None };
    Some(NetworkConfig { bus, confirm: Duration::from_secs(confirm?) })
}

/// `[cache]`.
pub(super) fn cache(entry: &Entry<'_, '_>) -> Option<CacheConfig> {
    let mib = |k| entry.whole(k).and_then(|m| u64::try_from(m).ok()).map(|m| m << 20);
    let [clips, lessons, speech] = ["clips_mb", "lessons_mb", "speech_mb"].map(mib);
    let [drafts_days, library_days] =
        ["drafts_days", "library_days"].map(|k| entry.whole(k).and_then(|d| u32::try_from(d).ok()));
    let keep = web_ui::Keep { drafts_days: drafts_days?, library_days: library_days? };
    Some(CacheConfig { clips_bytes: clips?, lessons_bytes: lessons?, speech_bytes: speech?, keep })
}

/// `[recordings]`.
pub(super) fn recordings(entry: &Entry<'_, '_>) -> Option<RecordingsConfig> {
    let (codec, days, limit) = (entry.text("codec")?, entry.whole("days")?, entry.whole("limit_mb")?);
    let codec = match codec.as_str() {
        "opus" => Some(Codec::Opus),
        "flac" => Some(Codec::Flac),
        _ => None,
    };
    Some(RecordingsConfig { codec, days: u32::try_from(days).ok()?, limit_bytes: u64::try_from(limit).ok()? << 20 })
}

/// A host and port, not resolved.
pub(super) fn host_port(entry: &Entry<'_, '_>, key: &str) -> Option<String> {
    let written = entry.text(key)?;
    let good = authority(&written, None).is_some();
    if !good {
        entry.bad(key, format!("\"{written}\" is not a host and port"), "write for example \"192.0.2.10:10001\"");
    }
    good.then_some(written)
}
