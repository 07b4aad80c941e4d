//! What the things of a site are called where officers read of them.

use super::Site;
use crate::arbiter;
use crate::config::Path;
use crate::id::{ClusterId, OutputId, SinkId};
use std::fmt::Write;

/// Clusters that are named with an output; more would fill the page.
const NAMED: usize = 3;

impl Site {
    /// An output: its kind, its name, and whom it serves.
    pub(super) fn called(&self, id: &OutputId) -> String {
        let config = &self.config;
        let known =
            |name: Option<&String>, id: &str| name.filter(|n| !n.is_empty()).map_or(id.to_owned(), String::clone);
        match id {
            OutputId::Sink(sink) => {
                format!("Đường tiếng {sink}{}", self.serving(|path| path_sink(self, path) == Some(sink)))
            }
            OutputId::Switch(switch) => {
                let through = |path: &Path| matches!(path, Path::Direct { switch: Some(s), .. } if s == switch);
                format!("Công tắc {switch}{}", self.serving(through))
            }
            OutputId::Transmitter(id) => format!("Máy phát FM {id}"),
            OutputId::Coder(id) => format!("Bộ mã RDS {id}"),
            OutputId::Board(id) => format!("Bảng tin {}", known(config.boards.get(id).map(|b| &b.name), id.as_str())),
            OutputId::Sensor(id) => format!("Cảm biến {}", known(config.sensors.get(id).map(|s| &s.name), id.as_str())),
        }
    }

    /// A cluster by its name.
    pub(super) fn cluster_called(&self, id: &ClusterId) -> String {
        let name = self.config.clusters.get(id).map(|c| c.name.as_str()).filter(|name| !name.is_empty());
        name.unwrap_or(id.as_str()).to_owned()
    }

    /// The path a cluster uses now.
    pub(super) fn path_called(&self, cluster: &ClusterId) -> &'static str {
        match self.path_word(cluster).as_str() {
            "fm" => "sóng FM",
            "ip" => "đường IP",
            "recorder" => "máy ghi",
            _ => "đường dây",
        }
    }

    /// The clusters of which a path is so: ` (Thôn 1, Thôn 2)`, nothing where there are none.
    fn serving(&self, is: impl Fn(&Path) -> bool) -> String {
        let mut clusters = self.config.clusters.iter().filter(|(_, c)| c.paths.iter().any(&is)).map(|(id, _)| id);
        let names: Vec<String> = clusters.by_ref().take(NAMED).map(|id| self.cluster_called(id)).collect();
        let mut out = String::new();
        if !names.is_empty() {
            let more = if clusters.next().is_some() { "…" } else { "" };
            // Writing to a String cannot fail.
            write!(out, " ({}{more})", names.join(", ")).ok();
        }
        out
    }
}

fn path_sink<'a>(site: &'a Site, path: &'a Path) -> Option<&'a SinkId> {
    arbiter::sink_of(&site.config, path)
}
