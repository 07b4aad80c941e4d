//! The example configuration and the manual of all keys, both made of the key table.

use super::keys::{Key, Need, Section, Shape, section, sections};
use std::fmt::Write;

/// One table of the example: its section, its driver, and the keys that are written out.
struct Piece {
    section: &'static str,
    driver: &'static str,
    keys: &'static [(&'static str, &'static str)],
}

const fn piece(section: &'static str, driver: &'static str, keys: &'static [(&'static str, &'static str)]) -> Piece {
    Piece { section, driver, keys }
}

/// The station of the example. A key that must be there and is not named takes the example of its table row.
const PIECES: &[Piece] = &[
    piece("station", "", &[("lat", "11.31"), ("lon", "106.10")]),
    piece("hub", "", &[("ca", "\"ca.pem\""), ("cert", "\"station.pem\""), ("key", "\"station.key\"")]),
    piece(
        "web",
        "",
        &[("officer", "\"0.0.0.0:8443\""), ("citizen", "\"0.0.0.0:8080\""), ("ops", "\"127.0.0.1:9100\"")],
    ),
    piece("policy", "", &[]),
    piece("filler", "", &[]),
    piece("clock", "", &[]),
    piece("network", "", &[]),
    piece("speech", "", &[]),
    piece("cache", "", &[]),
    piece("recordings", "", &[]),
    piece("sink", "soundcard", &[]),
    piece("sink", "soundcard", &[("id", "\"fm-audio\""), ("channels", "[1]")]),
    piece("input", "stream", &[]),
    piece(
        "input",
        "capture",
        &[("id", "\"mic\""), ("name", "\"Micro phòng truyền thanh\""), ("driver", "\"capture\"")],
    ),
    piece("line", "serial", &[]),
    piece("line", "tcp", &[("id", "\"rds1\""), ("driver", "\"tcp\"")]),
    piece("switch", "modbus-relay", &[("unit", "1")]),
    piece("transmitter", "modbus-exciter", &[("unit", "5"), ("rds", "{ driver = \"uecp\", line = \"rds1\" }")]),
    piece("cluster", "", &[("name", "\"Thôn 1\""), ("languages", "[\"vi\"]"), ("speakers", "2")]),
    piece(
        "cluster",
        "",
        &[("id", "\"thon-2\""), ("name", "\"Thôn 2\""), ("paths", "[{ transmitter = \"fm\", zone = 4 }]")],
    ),
    piece("sensor", "modbus-sensor", &[("id", "\"solar\""), ("driver", "\"modbus-sensor\""), ("unit", "4")]),
    piece("board", "huidu", &[("name", "\"Cổng ủy ban\""), ("address", "\"192.0.2.10:10001\"")]),
    piece("selftest", "", &[]),
    piece("drill", "", &[("title", "\"Thử loa hằng tuần\"")]),
    piece("sensor", "machine", &[]),
    piece("sensor", "nut", &[("id", "\"ups\""), ("driver", "\"nut\"")]),
    piece("sensor", "gps", &[("id", "\"gnss\""), ("driver", "\"gps\"")]),
    piece("sensor", "modem", &[("id", "\"4g\""), ("driver", "\"modem\"")]),
    piece("sensor", "gpio", &[("id", "\"door\""), ("driver", "\"gpio\""), ("role", "\"door\"")]),
];

/// The commented example configuration. Keys that begin with `#` show their default, or an example where they have none.
pub(crate) fn example() -> String {
    let mut out = String::from(
        "# Configuration of a commune station. `gateway check --config FILE` says what is wrong with it.\n\
         # A key behind `#` is left out: it shows its default, or an example where it has none.\n",
    );
    let mut told: Vec<(&str, &str)> = Vec::new();
    for piece in PIECES {
        let Some(section) = section(piece.section) else { continue };
        let first = !told.contains(&(piece.section, ""));
        let new = !told.contains(&(piece.section, piece.driver));
        told.extend([(piece.section, ""), (piece.section, piece.driver)]);
        out.push('\n');
        if first {
            comment(&mut out, section.doc);
        }
        out.push_str(&heading(section));
        out.push('\n');
        for key in section.keys.iter().filter(|k| k.on.is_empty() || k.on.contains(&piece.driver)) {
            write_key(&mut out, piece, key, new && (first || !key.on.is_empty()));
        }
    }
    out
}

fn write_key(out: &mut String, piece: &Piece, key: &Key, explained: bool) {
    if explained {
        comment(out, &remark(key));
    }
    let given = piece.keys.iter().find(|(name, _)| *name == key.name).map(|(_, value)| *value);
    let line = match (given, key.need) {
        (Some(value), _) => format!("{} = {value}\n", key.name),
        (None, Need::Must) => format!("{} = {}\n", key.name, key.example),
        (None, Need::May) if explained => format!("# {} = {}\n", key.name, key.example),
        (None, Need::Else(_)) if explained => {
            format!("# {} = {}\n", key.name, key.default_written().unwrap_or_default())
        }
        (None, Need::May | Need::Else(_)) => return,
    };
    out.push_str(&line);
}

/// What a key means, its unit, what it takes, its default.
fn remark(key: &Key) -> String {
    let unit = if key.unit.is_empty() { String::new() } else { format!(", {}", key.unit) };
    let default = match key.need {
        Need::Must => "; must be there".to_owned(),
        Need::May => String::new(),
        Need::Else(_) => format!("; default {}", key.default_written().unwrap_or_default()),
    };
    format!("{} ({}{unit}{default})", key.doc, key.takes())
}

fn heading(section: &Section) -> String {
    match section.shape {
        Shape::Once => format!("[{}]", section.name),
        Shape::Many => format!("[[{}]]", section.name),
        Shape::Inline => section.name.to_owned(),
    }
}

/// Comment lines of at most 100 letters.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > 100 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

/// The manual page of all keys, Markdown.
#[cfg_attr(not(test), expect(dead_code, reason = "docs/configuration.md is checked against it by a test"))]
pub(super) fn manual() -> String {
    let mut out = String::from(
        "# Configuration keys\n\n\
         One TOML file, by default `/etc/gateway/gateway.toml`. `gateway example-config` prints a commented example,\n\
         `gateway check --config FILE` names every mistake with its line and a remedy. Unknown keys are refused.\n\n\
         Paths that do not begin with `/` are meant from the folder of the file. Secrets are file names, never values; a\n\
         plain name that is not found there is looked up among the systemd credentials (`LoadCredential=`).\n\n\
         Names (`id`) are 1–64 of `A-Za-z0-9._-` and unique in their section. A line, a port, a card channel, a coil, a\n\
         zone serves one thing only. Clusters that share a sink without switches, or a transmitter without a coder, sound\n\
         together: `gateway check` warns of it.\n\n\
         Keys marked *Province* are those that a site may let the province set (`hub.may_set`, docs/settings.md).\n",
    );
    for section in sections() {
        let drivers = |ready: bool| {
            let of = section.drivers.iter().filter(move |d| d.ready == ready);
            of.map(|d| format!("`{}`", d.name)).collect::<Vec<_>>().join(", ")
        };
        add(&mut out, format_args!("\n## `{}`\n\n{}\n", heading(section), section.doc));
        if !section.drivers.is_empty() {
            add(&mut out, format_args!("\nDrivers: {}.", drivers(true)));
            if !drivers(false).is_empty() {
                add(&mut out, format_args!(" Known, but not in this release: {}.", drivers(false)));
            }
            out.push('\n');
        }
        out.push_str("\n| key | takes | unit | default | example | meaning |\n|---|---|---|---|---|---|\n");
        for key in section.keys {
            let default = match key.need {
                Need::Must => "must be there".to_owned(),
                Need::May => "–".to_owned(),
                Need::Else(_) => format!("`{}`", key.default_written().unwrap_or_default()),
            };
            let on = if key.on.is_empty() { String::new() } else { format!(" (only `{}`)", key.on.join("`, `")) };
            let unit = if key.unit.is_empty() { "–" } else { key.unit };
            let (name, takes, example, doc) = (key.name, key.takes(), key.example, key.doc);
            let hub = if key.hub { " *Province.*" } else { "" };
            add(&mut out, format_args!("| `{name}`{on} | {takes} | {unit} | {default} | `{example}` | {doc}{hub} |\n"));
        }
    }
    out
}

/// Writing into a string cannot fail.
fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    if out.write_fmt(text).is_err() {
        out.push('?');
    }
}
