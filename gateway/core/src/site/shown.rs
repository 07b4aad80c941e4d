//! What a screen may show of the station just now.

use super::Site;
use super::air::{Airing, Piece, Stage};
use crate::arbiter;
use crate::claim::ClaimId;
use crate::config::Path;
use crate::id::{BoardId, BulletinId, ClusterId, OutputId, TransmitterId};
use crate::memory::{Origin, Standing};
use crate::outputs::Health;
use crate::time::{Mono, Now};
use crate::view::{
    AlarmView, BoardView, BulletinHead, ClusterView, DecisionView, NextView, OnAir, OutputView, TransmitterView, View,
};
use crate::want::Show;
use std::sync::Arc;

/// Programmes to come that a view lists.
const NEXT: usize = 10;

impl Site {
    pub(super) fn shown(&self, now: Now) -> View {
        View {
            station: self.config.station.clone(),
            name: self.config.name.clone(),
            commune: self.config.commune.clone(),
            clock: self.wall(now).map(crate::time::Wall::rfc3339),
            online: self.online,
            disk_ok: self.disk_ok,
            emergency: self.air.sinks.values().any(|c| matches!(c, ClaimId::Bulletin(_))),
            clusters: self.config.clusters.keys().map(|c| self.cluster_view(c, now)).collect(),
            boards: self.boards_shown(now),
            outputs: self.output_ids().iter().map(|id| self.output_view(id)).collect(),
            transmitters: self.transmitters_shown(),
            sensors: self.sensors_shown(now),
            talks: self.talks_shown(now),
            live_chime: self.config.policy.live_chime,
            next: self.next_programmes(),
            waiting_approval: self.shelf.waiting.len(),
            decisions: self.open_decision_views(),
            alarms: self.alarms(now),
            selftest: self.selftest_view(),
            drills: self.drill_views(),
            papers_waiting: self.desk_papers.waiting.clone(),
            papers: Arc::clone(&self.desk_papers.papers),
            offers: Arc::clone(&self.desk_papers.offers),
            prepared: Arc::clone(&self.ready.shown),
            records: Arc::clone(&self.records),
            seq: self.memory.seq,
        }
    }

    fn cluster_view(&self, id: &ClusterId, now: Now) -> ClusterView {
        let path = arbiter::path_of(&self.config, &self.paths, id);
        let sink = path.and_then(|p| arbiter::sink_of(&self.config, p));
        let on = sink.filter(|s| self.air.addressed.get(s).is_some_and(|a| a.contains(id)));
        let lost = sink.is_some_and(|s| self.outputs.is_faulted(&OutputId::Sink(s.clone())));
        ClusterView {
            id: id.clone(),
            name: self.config.clusters.get(id).map(|c| c.name.clone()).unwrap_or_default(),
            now: on.and_then(|sink| {
                let claim = self.air.sinks.get(sink)?;
                let airing = self.airings.get(&(claim.clone(), sink.clone()))?;
                Some(self.on_air(claim, airing, self.keyed(id, now).is_some()))
            }),
            path: self.path_word(id),
            degraded: lost || self.paths.get(id).is_some_and(|p| *p > 0),
            place: self.config.stand.get(id).map(|(lat, lon)| [*lat, *lon]),
            muted_ms: left(self.silenced_until.get(id), now),
        }
    }

    fn on_air(&self, claim: &ClaimId, airing: &Airing, keyed: bool) -> OnAir {
        let bulletin = match self.piece(claim, airing.item) {
            Some(Piece::Bulletin(id)) => Some(id),
            Some(Piece::Chime | Piece::Silence(_) | Piece::Relay(..)) | None => None,
        };
        let standing = bulletin.as_ref().and_then(|id| self.memory.bulletins.get(id));
        let urgent = matches!(claim, ClaimId::Bulletin(_));
        let session = match claim {
            ClaimId::Session(key) => self.memory.sessions.get(key).map(|s| s.title.clone()),
            ClaimId::Filler => Some(self.filler_title()),
            ClaimId::Bulletin(_) | ClaimId::Live(_) => None,
        };
        let sounding = airing.playing().is_some_and(|p| p.sounding.is_some());
        OnAir {
            title: standing.map(|s| s.bulletin.title.clone()).or(session).unwrap_or_default(),
            rank: match claim {
                ClaimId::Bulletin(_) => "emergency",
                ClaimId::Live(_) => "live",
                ClaimId::Session(_) => "programme",
                ClaimId::Filler => "filler",
            },
            level: standing.filter(|_| urgent).map(|s| s.bulletin.level()),
            drill: standing.is_some_and(|s| s.bulletin.drill),
            stage: match &airing.stage {
                Stage::Opening { tone: Some(_), .. } => "tone",
                Stage::Content(_) => "content",
                Stage::Gap { .. } => "gap",
                Stage::Opening { tone: None, .. } | Stage::Lacking { .. } | Stage::Paused | Stage::Over => "waiting",
            },
            audible: sounding && keyed,
            bulletin,
        }
    }

    fn boards_shown(&self, now: Now) -> Vec<BoardView> {
        let messages = self.board_messages(now);
        let row = |id: &BoardId| {
            let dark_ms = left(self.darkened_until.get(id), now);
            let message = messages.iter().find(|(b, _, _)| b == id && dark_ms.is_none()).map(|(_, _, m)| m);
            let wanted = self.wants.boards.get(id).and_then(|want| match &want.show {
                Show::Message(message) => Some(message.id),
                Show::Dark => None,
            });
            BoardView {
                id: id.clone(),
                name: self.config.boards.get(id).map(|b| b.name.clone()).unwrap_or_default(),
                text: message.map(|m| m.text.clone()),
                level: message.and_then(|m| m.level),
                confirmed: self.outputs.board(id).is_some_and(|r| r.value == wanted),
                dark_ms,
            }
        };
        self.config.boards.keys().map(row).collect()
    }

    /// Every output of the site.
    pub fn output_ids(&self) -> Vec<OutputId> {
        let config = &self.config;
        let coded = config.transmitters.iter().filter(|(_, t)| t.coded).map(|(id, _)| id.clone());
        (config.sinks.keys().cloned().map(OutputId::Sink))
            .chain(config.switches.keys().cloned().map(OutputId::Switch))
            .chain(config.transmitters.keys().cloned().map(OutputId::Transmitter))
            .chain(coded.map(OutputId::Coder))
            .chain(config.boards.keys().cloned().map(OutputId::Board))
            .chain(config.sensors.keys().cloned().map(OutputId::Sensor))
            .collect()
    }

    fn output_view(&self, id: &OutputId) -> OutputView {
        let (state, trouble, fault) = match self.outputs.health(id) {
            Health::Unknown => ("unknown", None, None),
            Health::Well => ("well", None, None),
            Health::Faulted(trouble, why) => ("faulted", Some(*trouble), Some(why.clone())),
        };
        OutputView { id: id.to_string(), state, trouble, fault }
    }

    fn transmitters_shown(&self) -> Vec<TransmitterView> {
        let over = |id: &TransmitterId, cluster: &ClusterId| match arbiter::path_of(&self.config, &self.paths, cluster)
        {
            Some(Path::Radio { transmitter, .. }) => transmitter == id,
            Some(Path::Direct { .. }) | None => false,
        };
        let row = |id: &TransmitterId| TransmitterView {
            id: id.clone(),
            state: self.output_view(&OutputId::Transmitter(id.clone())).state,
            wanted: self.keyings.get(id).is_some_and(|keying| keying.carrier()),
            carrier: self.outputs.carrier(id).map(|read| read.carrier),
            clusters: self.config.clusters.keys().filter(|c| over(id, c)).cloned().collect(),
        };
        self.config.transmitters.keys().map(row).collect()
    }

    fn next_programmes(&self) -> Vec<NextView> {
        let mut next: Vec<_> =
            self.book.starts.iter().filter_map(|(id, start)| Some((*start, self.memory.programmes.get(id)?))).collect();
        next.sort_by_key(|(start, _)| *start);
        let clusters = |p: &crate::programme::Programme| {
            self.config.clusters.keys().filter(|c| p.targets.has_cluster(c)).cloned().collect()
        };
        next.into_iter()
            .take(NEXT)
            .map(|(start, p)| NextView {
                programme: p.programme_id.clone(),
                at: start.rfc3339(),
                title: p.title.clone(),
                duration_s: u64::from(p.duration_s),
                clusters: clusters(p),
            })
            .collect()
    }

    fn open_decision_views(&self) -> Vec<DecisionView> {
        // One whose bulletin was aired, recalled or has expired meanwhile asks nobody any more.
        let waits = |id: &BulletinId| self.shelf.queue.contains(id);
        let open = self.memory.decisions.iter().filter(|(_, d)| d.first.is_none() && waits(&d.bulletin));
        open.map(|(id, d)| DecisionView {
            id: *id,
            bulletin: d.bulletin.clone(),
            title: self.memory.bulletins.get(&d.bulletin).map(|s| s.bulletin.title.clone()).unwrap_or_default(),
            programme: self.memory.programmes.get(&d.programme).map(|p| p.title.clone()).unwrap_or_default(),
            default: d.default,
            deadline: self.book.starts.get(&d.programme).map(|s| s.rfc3339()),
        })
        .collect()
    }

    /// What is wrong now, in plain words with what to do about it.
    fn alarms(&self, now: Now) -> Vec<AlarmView> {
        let mut alarms = Vec::new();
        let mut alarm = |grave: bool, about: &str, text: String| {
            alarms.push(AlarmView { text, grave, about: about.to_owned() });
        };
        if !self.disk_ok {
            alarm(
                true,
                "disk",
                "Bộ nhớ không ghi được: vẫn phát, nhưng nhật ký không được lưu. Gọi kỹ thuật thay thẻ nhớ.".into(),
            );
        }
        if self.second_box {
            alarm(
                true,
                "station",
                "Có hai máy cùng mang mã trạm này: tin của tỉnh lúc đến máy này, lúc đến máy kia. Tìm máy cũ và rút điện nó.".into(),
            );
        }
        for (id, cluster) in &self.config.clusters {
            let path = self.paths.get(id).copied().unwrap_or(0);
            let sink = cluster.paths.get(path).and_then(|p| arbiter::sink_of(&self.config, p));
            let lost = sink.is_some_and(|s| self.outputs.is_faulted(&OutputId::Sink(s.clone())));
            if lost {
                alarm(
                    true,
                    &sink.map(|s| OutputId::Sink(s.clone()).to_string()).unwrap_or_default(),
                    format!(
                        "{} không có đường phát nào hoạt động: người dân ở đó không nghe được. Kiểm tra loa và dây.",
                        cluster.name
                    ),
                );
            } else if path > 0 {
                alarm(
                    false,
                    &self.broken_on(cluster.paths.first()),
                    format!(
                        "{} mất đường chính: đang phát bằng đường dự phòng ({}).",
                        cluster.name,
                        self.path_called(id)
                    ),
                );
            }
        }
        alarms.extend(self.sensor_alarms());
        let mut alarm = |grave: bool, about: &str, text: String| {
            alarms.push(AlarmView { text, grave, about: about.to_owned() });
        };
        for (sink, hz) in &self.howling {
            let whom: Vec<&str> = self
                .config
                .clusters
                .iter()
                .filter(|(id, _)| {
                    let path = arbiter::path_of(&self.config, &self.paths, id);
                    path.and_then(|p| arbiter::sink_of(&self.config, p)) == Some(sink)
                })
                .map(|(_, cluster)| cluster.name.as_str())
                .collect();
            let whom = whom.join(", ");
            alarm(
                true,
                "silence",
                format!("Loa đang hú ở {hz} Hz ({whom}). Tắt tiếng riêng từng cụm để tìm cụm bị hú, rồi gọi kỹ thuật."),
            );
        }
        for id in self.output_ids() {
            if let Health::Faulted(trouble, _) = self.outputs.health(&id) {
                let text = format!("{} {}. {}", self.called(&id), trouble.words(), trouble.remedy());
                alarm(false, &id.to_string(), text);
            }
        }
        if self.wall(now).is_none() {
            alarm(false, "clock", "Đồng hồ chưa tin cậy: chương trình theo lịch tạm dừng, tin khẩn cấp vẫn phát. Kiểm tra mạng hoặc pin đồng hồ.".into());
        }
        alarms
    }

    /// The output of a path that is out of order, else the one its sound leaves by.
    fn broken_on(&self, path: Option<&Path>) -> String {
        let (device, sink) = match path {
            Some(Path::Direct { sink, switch, .. }) => (switch.clone().map(OutputId::Switch), Some(sink)),
            Some(Path::Radio { transmitter, .. }) => (
                Some(OutputId::Transmitter(transmitter.clone())),
                self.config.transmitters.get(transmitter).map(|t| &t.sink),
            ),
            None => (None, None),
        };
        let sink = sink.cloned().map(OutputId::Sink);
        let broken = device.filter(|id| self.outputs.is_faulted(id)).or(sink);
        broken.map(|id| id.to_string()).unwrap_or_default()
    }

    /// Heads of all bulletins, newest first.
    pub fn bulletin_heads(&self) -> Vec<BulletinHead> {
        let mut rows: Vec<&Standing> = self.memory.bulletins.values().collect();
        rows.sort_by_key(|s| std::cmp::Reverse(s.order));
        rows.into_iter().map(Standing::head).collect()
    }
}

fn left(until: Option<&Mono>, now: Now) -> Option<u64> {
    until.map(|u| u.since(now.mono)).filter(|ms| *ms > 0)
}

impl Standing {
    /// As the inbox lists it.
    pub fn head(&self) -> BulletinHead {
        let b = &self.bulletin;
        BulletinHead {
            id: b.bulletin_id.clone(),
            title: b.title.clone(),
            priority: b.priority,
            state: self.state,
            issuer: b.issuer.name.clone(),
            field: b.field.clone(),
            valid_from: b.valid_from.map(crate::time::Wall::rfc3339),
            valid_until: b.valid_until.map(crate::time::Wall::rfc3339),
            reason: self.reason.clone(),
            drill: b.drill,
            text: b.text("vi").map(str::to_owned),
            own: self.is_own(),
            author: self.author().map(str::to_owned),
            approver: self.approver.clone(),
            unasked: self.unasked || matches!(self.origin, Origin::Desk { .. }),
            version: b.version,
        }
    }
}
