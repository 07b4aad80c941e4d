//! Measures the core alone: from the bytes of a message to the new wants, in a big commune with a full inbox.
//!
//! Prints one JSON object. Run it from a release build for figures worth keeping:
//! `cargo run --release -p site-tests --bin decision_bench`.

use gateway_core::config::{Board, Cluster, Path, Settle, Sink, SiteConfig, Switch, Transmitter};
use gateway_core::input::Input;
use gateway_core::memory::Memory;
use gateway_core::site::Site;
use gateway_core::time::{Mono, Now};
use serde_json::{Value, json};
use site_tests::hub::{Keyring, Signing, sign};
use site_tests::told::{DAWN, bulletin, programme};
use std::collections::BTreeSet;
use std::time::Instant;

/// Clusters of the commune: a big one after the mergers of 2025.
const CLUSTERS: u16 = 80;
/// Bulletins in the book when the alert comes.
const BULLETINS: usize = 1_000;
/// Alerts measured.
const ALERTS: usize = 2_000;
/// Size of an alert, bytes.
const BYTES: usize = 16 * 1024;

fn big_commune() -> SiteConfig {
    let mut site = SiteConfig {
        station: "TN-25459-01".to_owned(),
        province: "80".to_owned(),
        commune: "25459".to_owned(),
        ..SiteConfig::default()
    };
    for n in 0..4 {
        site.sinks.insert(
            format!("hall-{n}").into(),
            Sink { volume_day: 80, volume_night: 50, path: "wired", heard_at: BTreeSet::new() },
        );
    }
    site.sinks
        .insert("fm-audio".into(), Sink { volume_day: 80, volume_night: 50, path: "wired", heard_at: BTreeSet::new() });
    site.switches.insert("mains".into(), Switch { settle_ms: 200 });
    let fm = Transmitter {
        sink: "fm-audio".into(),
        mains: Some("mains".into()),
        warm_up_ms: 500,
        settle: Settle::default(),
        coded: true,
        tones: None,
        silence_off_ms: 0,
    };
    site.transmitters.insert("fm".into(), fm);
    for n in 0..CLUSTERS {
        let switch = format!("amp-{n:02}");
        site.switches.insert(switch.as_str().into(), Switch::default());
        let wired = Path::direct(format!("hall-{}", n % 4).into(), Some(switch.into()));
        let radio = Path::Radio { transmitter: "fm".into(), zone: n + 1 };
        let paths = if n % 5 == 0 { vec![radio] } else { vec![wired, radio] };
        let cluster =
            Cluster { name: format!("Thôn {n}"), paths, languages: vec!["vi".to_owned()], speakers: 2, beacon: None };
        site.clusters.insert(format!("thon-{n:02}").into(), cluster);
    }
    for n in 0..10 {
        site.boards.insert(format!("board-{n}").into(), Board { name: format!("Bảng {n}"), ..Board::default() });
    }
    site
}

struct Bench {
    site: Site,
    keyring: Keyring,
    now: Now,
    messages: usize,
}

impl Bench {
    fn signed(&mut self, kind: &str, body: &Value) -> anyhow::Result<String> {
        self.messages += 1;
        let at = DAWN.unix_s();
        let signing = Signing {
            iss: "hub-80".to_owned(),
            aud: "c:25459".to_owned(),
            iat: at,
            exp: at + 86_400,
            jti: format!("m-{:06}", self.messages),
        };
        let key = self.keyring.for_kind(kind, body["priority"] == "emergency")?;
        Ok(sign(kind, body, key, &signing))
    }

    fn deliver(&mut self, message: &str) -> usize {
        let judged = self.site.verify(message.as_bytes(), Some("c:25459"), self.now);
        self.site.step(Input::Hub(judged), self.now).len()
    }

    fn pass(&mut self, ms: u64) {
        self.now.mono = self.now.mono.plus(ms);
        self.now.wall = self.now.wall.map(|w| w.plus(i64::try_from(ms).unwrap_or(0)));
    }
}

/// The value that `share` of the sorted ones do not exceed, microseconds.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).map_or(0.0, |us| (us * 10.0).round() / 10.0)
}

fn spread(mut us: Vec<f64>) -> Value {
    us.sort_by(f64::total_cmp);
    json!({"p50_us": percentile(&us, 0.5), "p99_us": percentile(&us, 0.99), "max_us": percentile(&us, 1.0)})
}

#[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
fn main() -> anyhow::Result<()> {
    let keyring = Keyring::told()?;
    let now = Now { mono: Mono(1_000), wall: Some(DAWN) };
    let (site, _) = Site::new(big_commune(), Memory::default(), keyring.trust().clone(), now);
    let mut bench = Bench { site, keyring, now, messages: 0 };
    for n in 0..BULLETINS {
        let priority = if n % 10 == 0 { "priority" } else { "ordinary" };
        let body = bulletin(&format!("BT-{n:04}"), priority, &format!("Bản tin số {n} của tỉnh."));
        let message = bench.signed("bulletin", &body)?;
        bench.deliver(&message);
    }
    for n in 0..20 {
        let (id, start) = (format!("P-{n}"), format!("{:02}:30", 6 + n % 16));
        let message = bench.signed("programme", &programme(&id, &start, &["BT-0001", "BT-0002"]))?;
        bench.deliver(&message);
    }
    let speech: Vec<_> = bench.site.wants().speech.keys().cloned().collect();
    for id in speech {
        bench.site.step(Input::Speech(id, gateway_core::input::Made::Ready { duration_ms: 4_000 }), bench.now);
    }
    let (mut alerts, mut ticks, mut recalls) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..ALERTS {
        let id = format!("KC-{n:05}");
        let mut body = bulletin(&id, "emergency", &format!("Nước lũ đang lên nhanh, lần {n}."));
        let empty = bench.signed("bulletin", &body)?.len();
        body["note"] = json!("x".repeat((BYTES.saturating_sub(empty)) * 3 / 4 - 16));
        let message = bench.signed("bulletin", &body)?;
        let begun = Instant::now();
        bench.deliver(&message);
        let toned = bench.site.wants().sinks.values().filter(|w| w.play.is_some()).count();
        alerts.push(begun.elapsed().as_secs_f64() * 1e6);
        anyhow::ensure!(toned == 5, "the alert must be wanted on every sink, not on {toned}");
        bench.pass(7);
        let begun = Instant::now();
        bench.site.step(Input::Tick, bench.now);
        ticks.push(begun.elapsed().as_secs_f64() * 1e6);
        let recall = bench.signed("recall", &json!({"bulletin_id": id, "reason": "đo"}))?;
        let begun = Instant::now();
        bench.deliver(&recall);
        recalls.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let figures = json!({
        "clusters": CLUSTERS, "bulletins": BULLETINS, "alerts": ALERTS, "bytes": BYTES,
        "optimised": !cfg!(debug_assertions),
        "alert_to_wants": spread(alerts), "tick": spread(ticks), "recall_to_silence": spread(recalls),
    });
    println!("{figures}");
    Ok(())
}
