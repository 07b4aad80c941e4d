//! *Gói chẩn đoán*: what those who help from afar need to see, in one file; no personal data, no secret, of bounded size.

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use gateway_core::view::View;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use web_ui::{LineRow, MachineState, Metric};

/// Largest part, bytes; what is longer is cut at its beginning.
const LARGEST: usize = 512 * 1024;

/// What goes into it.
pub(crate) struct Parts<'p> {
    pub(crate) file: &'p Path,
    pub(crate) state: Option<MachineState>,
    pub(crate) view: Option<&'p View>,
    pub(crate) lines: Vec<LineRow>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) log: Vec<String>,
}

/// Packs it.
pub(crate) fn pack(parts: &Parts<'_>) -> anyhow::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let mut put = |name: &str, text: String| {
        let bytes = text.as_bytes();
        let bytes = bytes.get(bytes.len().saturating_sub(LARGEST)..).unwrap_or_default();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, format!("chan-doan/{name}"), bytes)
    };
    put(
        "version.json",
        pretty(&json!({ "version": env!("CARGO_PKG_VERSION"), "kernel": kernel(), "machine": parts.state })),
    )?;
    let configuration = fs::read_to_string(parts.file).unwrap_or_else(|e| format!("# {e}\n"));
    put("gateway.toml", discreet(&configuration))?;
    let (_, problems, warnings) = crate::config::read_beside(&configuration, parts.file);
    let told = problems
        .iter()
        .map(|p| p.told(parts.file))
        .chain(warnings.iter().map(|w| format!("warning: {}", w.told(parts.file))));
    put("check.txt", told.collect::<Vec<_>>().join("\n"))?;
    if let Some(view) = parts.view {
        let tested = view.records.trials.last.as_ref();
        put("faults.json", pretty(&faults(view)))?;
        put("selftest.txt", web_ui::faults::list(tested, &view.name, &view.station))?;
    }
    put("lines.json", pretty(&json!(parts.lines)))?;
    put("metrics.txt", numbers(&parts.metrics))?;
    put("log.txt", parts.log.join("\n"))?;
    tar.into_inner().and_then(GzEncoder::finish).context("packing the bundle")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn kernel() -> String {
    fs::read_to_string("/proc/version").unwrap_or_default().trim().to_owned()
}

/// What is wrong, without what is said: no title and no text of a bulletin.
fn faults(view: &View) -> Value {
    json!({
        "station": view.station,
        "clock": view.clock,
        "online": view.online,
        "disk_ok": view.disk_ok,
        "emergency": view.emergency,
        "outputs": view.outputs,
        "sensors": view.sensors,
        "alarms": view.alarms,
        "selftest": view.selftest,
        "clusters": view.clusters.iter().map(|c| json!({"id": c.id, "path": c.path, "degraded": c.degraded})).collect::<Vec<_>>(),
        "boards": view.boards.iter().map(|b| json!({"id": b.id, "confirmed": b.confirmed})).collect::<Vec<_>>(),
    })
}

fn numbers(metrics: &[Metric]) -> String {
    let mut text = String::new();
    for metric in metrics {
        let labels: Vec<String> = metric.labels.iter().map(|(k, v)| format!("{k}={v:?}")).collect();
        // Writing to a string cannot fail.
        writeln!(text, "{}{{{}}} {}", metric.name, labels.join(","), metric.value).ok();
    }
    text
}

/// The configuration without what an address may hold beside the way: names, passwords, tokens. Secrets proper are files.
fn discreet(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("://") {
            out.push_str(before);
            out.push_str("://");
            let end = after.find(['"', '\'', ' ']).unwrap_or(after.len());
            let (address, tail) = after.split_at(end);
            let host = address.rsplit_once('@').map_or(address, |(_, host)| {
                out.push_str("***@");
                host
            });
            match host.split_once('?') {
                Some((way, _)) => out.extend([way, "?***"]),
                None => out.push_str(host),
            }
            rest = tail;
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_way_and_loses_the_rest() {
        let text = "url = \"http://lan:matkhau@192.0.2.9/relay?token=abc\" # http://x@y/\nnight = \"21:00-05:00\"\n";
        assert_eq!(
            discreet(text),
            "url = \"http://***@192.0.2.9/relay?***\" # http://***@y/\nnight = \"21:00-05:00\"\n"
        );
    }

    #[test]
    fn it_is_a_tar_of_bounded_parts_without_words_of_bulletins() {
        use gateway_core::view::{ClusterView, OnAir};
        let folder = crate::testing::Folder::new();
        let file = folder.path().join("gateway.toml");
        fs::write(&file, "[station]\n").expect("written");
        let now = OnAir {
            bulletin: None,
            title: "Bà Tư mất bò".to_owned(),
            rank: "live",
            level: None,
            drill: false,
            stage: "content",
            audible: true,
        };
        let cluster = ClusterView {
            id: "c".into(),
            name: "C".to_owned(),
            now: Some(now),
            path: "wired".to_owned(),
            degraded: false,
            place: None,
            muted_ms: None,
        };
        let view = View { clusters: vec![cluster], ..View::default() };
        let log = vec!["x".repeat(LARGEST), "the end".to_owned()];
        let parts = Parts { file: &file, state: None, view: Some(&view), lines: Vec::new(), metrics: Vec::new(), log };
        let packed = pack(&parts).expect("packed");
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
        let mut all = std::collections::BTreeMap::new();
        for entry in tar.entries().expect("entries") {
            let mut entry = entry.expect("an entry");
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text).expect("text");
            all.insert(entry.path().expect("a path").display().to_string(), text);
        }
        assert!(all.values().all(|t| t.len() <= LARGEST && !t.contains("Bà Tư")));
        assert!(all["chan-doan/log.txt"].ends_with("the end"));
        assert!(all["chan-doan/check.txt"].contains("station.id"), "{}", all["chan-doan/check.txt"]);
    }
}
