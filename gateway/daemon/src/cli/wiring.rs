//! `gateway wiring`: what is connected to what, and labels for it, from the configuration alone.

use crate::config::{self, Config};
use drivers::line::LineConfig;
use drivers::transmitter::ExciterConfig;
use gateway_core::config::Path;
use std::fmt::Write;
use std::path::PathBuf;

/// What is printed, and how.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// As a page to be printed: the list, then a label for each device.
    #[arg(long)]
    html: bool,
}

/// One device on its line.
struct Row {
    line: String,
    port: String,
    place: String,
    device: String,
    serves: String,
}

/// Prints the wiring list.
pub(super) fn wiring(args: &Args) -> anyhow::Result<()> {
    let (config, _) = config::load(&args.config)?;
    let rows = rows(&config);
    super::tell(&if args.html { page(&config, &rows) } else { table(&rows) })
}

fn rows(config: &Config) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |line: &str, place: String, device: String, serves: String| {
        let known = config.lines.iter().find(|l| l.id.as_str() == line).map(|l| port(&l.config));
        // A sound line is named for its card.
        let port = known.unwrap_or_else(|| line.split_once('/').map_or("", |(_, card)| card).to_owned());
        rows.push(Row { line: line.to_owned(), port, place, device, serves });
    };
    for spec in &config.sound {
        let sinks = spec.config.clone();
        for (sink, place) in places(&sinks) {
            let fed = config.site.transmitters.iter().filter(|(_, t)| t.sink.as_str() == sink);
            let fed = fed.map(|(id, _)| format!("máy phát {id}"));
            let direct = config.site.clusters.iter().filter(|(_, c)| {
                c.paths.iter().any(|p| matches!(p, Path::Direct { sink: of, .. } if of.as_str() == sink))
            });
            let serves = direct.map(|(_, c)| c.name.clone()).chain(fed).collect::<Vec<_>>().join(", ");
            add(spec.line.as_str(), place, format!("ngõ tiếng {sink}"), serves);
        }
    }
    for spec in &config.switches {
        let mains = config.site.transmitters.iter().filter(|(_, t)| t.mains.as_ref() == Some(&spec.id));
        let mains = mains.map(|(id, _)| format!("nguồn máy phát {id}"));
        let gates =
            config.site.clusters.values().filter(|c| {
                c.paths.iter().any(|p| matches!(p, Path::Direct { switch: Some(of), .. } if *of == spec.id))
            });
        let serves = gates.map(|c| c.name.clone()).chain(mains).collect::<Vec<_>>().join(", ");
        let place = spec.config.place().replace("coil ", "cuộn ").replace(" of unit ", " của địa chỉ ");
        add(spec.line.as_str(), place, format!("công tắc {}", spec.id), serves);
    }
    for spec in &config.transmitters {
        let zones = config.site.clusters.values().flat_map(|c| c.paths.iter().map(move |p| (c, p)));
        let zones = zones.filter_map(|(c, p)| match p {
            Path::Radio { transmitter, zone } if *transmitter == spec.id => Some(format!("{} (vùng {zone})", c.name)),
            Path::Radio { .. } | Path::Direct { .. } => None,
        });
        let serves = zones.collect::<Vec<_>>().join(", ");
        let place = match &spec.config {
            ExciterConfig::Modbus { unit, .. } => format!("địa chỉ {unit}"),
            ExciterConfig::TxAscii { .. } => String::new(),
        };
        add(spec.line.as_str(), place, format!("máy phát {}", spec.id), serves);
    }
    for spec in &config.coders {
        let device = format!("bộ mã vùng của {}", spec.transmitter);
        add(spec.line.as_str(), String::new(), device, String::new());
    }
    for spec in &config.boards {
        let name = config.site.boards.get(&spec.id).map(|b| b.name.clone()).unwrap_or_default();
        add(spec.line.as_str(), String::new(), format!("bảng {}", spec.id), name);
    }
    for spec in &config.sensors {
        add(spec.line.as_str(), String::new(), format!("cảm biến {}", spec.id), String::new());
    }
    rows
}

/// The sinks of a sound line, each with what it has of it.
fn places(sound: &drivers::sound::SoundConfig) -> Vec<(String, String)> {
    use drivers::sound::SoundConfig;
    match sound {
        SoundConfig::Card(card) => {
            let channels = |list: &[u16]| list.iter().map(|c| (c + 1).to_string()).collect::<Vec<_>>().join(", ");
            card.sinks.iter().map(|s| (s.id.to_string(), format!("kênh {}", channels(&s.channels)))).collect()
        }
        SoundConfig::Recorder(recorder) => vec![(recorder.sink.to_string(), "ghi vào tệp".to_owned())],
        SoundConfig::Rtp(rtp) => vec![(rtp.sink.to_string(), "mạng (RTP)".to_owned())],
    }
}

fn port(line: &LineConfig) -> String {
    match line {
        LineConfig::Serial { port, baud } => format!("{}, {baud} baud", port.display()),
        LineConfig::Tcp { address, .. } => address.clone(),
        LineConfig::Apart { name } => name.clone(),
    }
}

const HEADS: [&str; 5] = ["Đường dây", "Cổng", "Địa chỉ trên đường dây", "Thiết bị", "Nối tới"];

fn cells(row: &Row) -> [&str; 5] {
    [&row.line, &row.port, &row.place, &row.device, &row.serves]
}

fn table(rows: &[Row]) -> String {
    let mut wide = HEADS.map(|head| head.chars().count());
    for row in rows {
        for (wide, cell) in wide.iter_mut().zip(cells(row)) {
            *wide = (*wide).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; 5]| {
        let padded = cells.iter().zip(wide).map(|(cell, wide)| format!("{cell:wide$}")).collect::<Vec<_>>();
        padded.join("  ").trim_end().to_owned()
    };
    std::iter::once(line(HEADS)).chain(rows.iter().map(|r| line(cells(r)))).collect::<Vec<_>>().join("\n")
}

const STYLE: &str = "body{margin:15mm;font:11pt/1.4 'Be Vietnam Pro','Noto Sans',sans-serif;color:#000}\
h1{font-size:16pt;margin:0 0 4mm}table{width:100%;border-collapse:collapse}\
th,td{border:1px solid #555;padding:1.5mm 2mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{background:#eee}tr{break-inside:avoid}.labels{break-before:page;display:flex;flex-wrap:wrap;gap:4mm}\
.label{box-sizing:border-box;width:86mm;min-height:48mm;border:1.5px solid #000;border-radius:2mm;padding:3mm;break-inside:avoid}\
.label b{display:block;font-size:20pt;line-height:1.15;overflow-wrap:anywhere}.label span{display:block}\
@page{size:A4;margin:0}";

fn page(config: &Config, rows: &[Row]) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Sơ đồ nối dây</title><style>{STYLE}</style></head>\n\
         <body><h1>Sơ đồ nối dây – {} (trạm {})</h1>\n<table><thead><tr>",
        escaped(&config.site.name),
        escaped(&config.station.id)
    );
    let mut add = |text: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        out.write_fmt(text).ok();
    };
    for head in HEADS {
        add(format_args!("<th>{head}</th>"));
    }
    add(format_args!("</tr></thead><tbody>\n"));
    for row in rows {
        add(format_args!("<tr>"));
        for cell in cells(row) {
            add(format_args!("<td>{}</td>", escaped(cell)));
        }
        add(format_args!("</tr>\n"));
    }
    add(format_args!("</tbody></table>\n<div class=\"labels\">\n"));
    for row in rows {
        let [line, port, place, device, serves] = cells(row).map(escaped);
        let dot = if place.is_empty() { "" } else { " · " };
        add(format_args!(
            "<div class=\"label\"><b>{device}</b><span>{line}{dot}{place}</span><span>{port}</span><span>{serves}</span></div>\n"
        ));
    }
    add(format_args!("</div></body></html>"));
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
