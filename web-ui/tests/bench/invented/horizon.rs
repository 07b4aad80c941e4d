//! What lies ahead of an invented station: a real core over a small place, with one programme of the province.

use gateway_core::ahead::Ahead;
use gateway_core::config::{AudioInput, Cluster, Hours, Path, Policy, Sink, SiteConfig};
use gateway_core::input::{Act, Input, Order};
use gateway_core::journal::Event;
use gateway_core::memory::Memory;
use gateway_core::programme::Programme;
use gateway_core::site::Site;
use gateway_core::time::{Mono, Now, Wall};
use gateway_core::verify::Keys;
use std::collections::BTreeSet;
use web_ui::{Outlook, ReadFault};

/// A place to look ahead from.
#[derive(Default)]
pub struct Horizon {
    /// Does not answer.
    pub dead: bool,
}

fn place() -> SiteConfig {
    let sink = Sink { volume_day: 80, volume_night: 50, path: "wired", heard_at: BTreeSet::new() };
    let cluster = Cluster {
        name: "Thôn Đông".to_owned(),
        paths: vec![Path::direct("hall".into(), None)],
        languages: vec!["vi".to_owned()],
        speakers: 2,
        beacon: None,
    };
    let hours = Hours {
        quiet_at_night: true,
        longest_s: 3600,
        days: ["mon", "tue", "wed", "thu", "fri", "sat"].map(str::to_owned).to_vec(),
        sessions: vec![(5 * 3600, 7 * 3600), (59_400, 66_600)],
    };
    SiteConfig {
        station: "TN-25459-01".to_owned(),
        name: "Xã Bình Minh".to_owned(),
        sinks: [("hall".into(), sink)].into(),
        clusters: [("thon-1".into(), cluster)].into(),
        inputs: [("vov1".into(), AudioInput { name: "VOV1".to_owned() })].into(),
        policy: Policy { hours, ..Policy::default() },
        ..SiteConfig::default()
    }
}

/// The province's programme and two versions of one of the commune's.
fn memory() -> Memory {
    let programme = |id: &str, version, start: &str, title: &str, of_province| {
        let body = serde_json::json!({ "programme_id": id, "version": version, "title": title, "start": start,
            "duration_s": 900, "targets": { "clusters": ["*"] }, "of_province": of_province,
            "items": [{ "type": "chime" }, { "type": "relay", "input": "vov1" }] });
        serde_json::from_value::<Programme>(body).expect("a programme")
    };
    let mut memory = Memory::default();
    for one in [
        programme("tinh", 4, "06:00", "Thời sự tỉnh; tiếp sóng, có dấu phẩy", true),
        programme("xa-sang", 2, "05:30", "Bản tin xã buổi sáng", false),
    ] {
        memory.apply(&Event::Programme { programme: Box::new(one), since: None, by: None });
    }
    memory
}

impl Outlook for Horizon {
    fn ahead(&self) -> Result<Ahead, ReadFault> {
        if self.dead {
            return Err(ReadFault("no loop".to_owned()));
        }
        let now = Now { mono: Mono(1_000), wall: Some(Wall(1_795_212_000_000)) };
        let (mut site, _) = Site::new(place(), memory(), Keys::default(), now);
        let act = Act::Office { what: "nothing".to_owned() };
        site.step(Input::Desk(Order { no: 1, by: "lan".to_owned(), act }), now);
        Ok(site.ahead(now))
    }
}
