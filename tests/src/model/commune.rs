//! Communes of every make: with and without relays, transmitters with and without a coder, one path or two.

use fastrand::Rng;
use gateway_core::config::{
    AudioInput, Board, Cluster, First, Path, Policy, Settle, Sink, SiteConfig, Switch, Transmitter,
};
use gateway_core::zone_tones::ZoneTones;
use std::collections::BTreeSet;

/// A commune that some installer might have built.
pub(super) fn some_commune(dice: &mut Rng) -> SiteConfig {
    let mut site = SiteConfig {
        station: "TN-25459-01".to_owned(),
        province: "80".to_owned(),
        commune: "25459".to_owned(),
        place: Some((11.31, 106.10)),
        policy: Policy {
            clash_default: if dice.bool() { First::Province } else { First::Commune },
            ..Policy::default()
        },
        ..SiteConfig::default()
    };
    if dice.bool() {
        site.inputs.insert("vov1".into(), AudioInput { name: "VOV1".to_owned() });
    }
    let wired: Vec<String> = (0..dice.usize(1..=3)).map(|n| format!("hall-{n}")).collect();
    for sink in &wired {
        site.sinks.insert(
            sink.as_str().into(),
            Sink { volume_day: 80, volume_night: 50, path: "wired", heard_at: BTreeSet::new() },
        );
    }
    let radio = dice.u8(0..3) > 0;
    if radio {
        add_transmitter(&mut site, dice);
    }
    for n in 0..dice.u16(2..=6) {
        let paths = some_paths(&mut site, dice, n, &wired, radio);
        let languages: &[&str] = match dice.u8(0..5) {
            0 => &["km", "vi"],
            1 => &["vi", "km"],
            _ => &["vi"],
        };
        let cluster = Cluster {
            name: format!("Thôn {n}"),
            paths,
            languages: languages.iter().map(|&l| l.to_owned()).collect(),
            speakers: 2,
            beacon: None,
        };
        site.clusters.insert(format!("thon-{n}").as_str().into(), cluster);
    }
    for n in 0..dice.u8(0..3) {
        site.boards
            .insert(format!("board-{n}").as_str().into(), Board { name: format!("Bảng {n}"), ..Board::default() });
    }
    site
}

fn some_tones() -> ZoneTones {
    ZoneTones {
        open: "*{zone:2}#".to_owned(),
        close: Some("#{zone:2}*".to_owned()),
        open_all: None,
        close_all: Some("#00*".to_owned()),
        digit_ms: 80,
        pause_ms: 60,
        twist: 20,
    }
}

fn add_transmitter(site: &mut SiteConfig, dice: &mut Rng) {
    site.sinks
        .insert("fm-audio".into(), Sink { volume_day: 90, volume_night: 90, path: "wired", heard_at: BTreeSet::new() });
    let mains = dice.bool().then(|| {
        site.switches.insert("mains".into(), Switch { settle_ms: 200 });
        "mains".into()
    });
    let fm = Transmitter {
        sink: "fm-audio".into(),
        mains,
        warm_up_ms: dice.u64(0..1_500),
        settle: Settle::default(),
        coded: dice.u8(0..4) > 0,
        tones: (dice.u8(0..3) == 0).then(some_tones),
        silence_off_ms: [0, 3_000, 20_000][dice.usize(..3)],
    };
    site.transmitters.insert("fm".into(), fm);
}

fn some_paths(site: &mut SiteConfig, dice: &mut Rng, n: u16, wired: &[String], radio: bool) -> Vec<Path> {
    let mut paths = Vec::new();
    for way in 0..dice.u8(1..=2) {
        if radio && dice.u8(0..3) == 0 {
            if !paths.iter().any(|p| matches!(p, Path::Radio { .. })) {
                paths.push(Path::Radio { transmitter: "fm".into(), zone: n + 1 });
            }
            continue;
        }
        let sink = wired[dice.usize(..wired.len())].as_str();
        let switch = (dice.u8(0..4) > 0).then(|| {
            let name = format!("amp-{n}-{way}");
            let settle_ms = if dice.bool() { 0 } else { 150 };
            site.switches.insert(name.as_str().into(), Switch { settle_ms });
            name.as_str().into()
        });
        paths.push(Path::direct(sink.into(), switch));
    }
    if paths.is_empty() {
        paths.push(Path::direct(wired[0].as_str().into(), None));
    }
    paths
}
