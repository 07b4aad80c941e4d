//! What is in the air, as the station measures it: every sink listened to, inputs in front of its horns, one who watches.

use crate::config::EarSpec;
use anyhow::Context;
use drivers::sound::air::{Air, AirConfig, EarConfig, Post};
use drivers::sound::{Audience, Reports, Sources};
use gateway_core::id::{InputId, SinkId};
use gateway_core::want::SinkWant;
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};
use web_ui::{Metric, MetricKind};

/// How often it is looked for what does not come.
const LOOK: Duration = Duration::from_millis(100);

/// Everything that listens to the sinks for the core.
pub(crate) struct Hearing {
    air: Arc<Air>,
    /// Dropped with it.
    _posts: Vec<Post>,
}

impl Hearing {
    /// Listens to sinks, for those inputs too that stand in front of their horns.
    pub(crate) fn start(air: &Arc<Air>, ears: &[EarSpec], sources: &Arc<Sources>) -> anyhow::Result<Self> {
        let mut posts = Vec::new();
        for ear in ears {
            let config = EarConfig::new(ear.kind);
            let post = Post::start(air, &ear.sink, config, Arc::clone(sources), ear.input.clone());
            posts.push(post.with_context(|| format!("listening by {}", ear.input))?);
        }
        let watched = Arc::downgrade(air);
        thread::Builder::new().name("air".into()).stack_size(256 * 1024).spawn(move || watch(&watched))?;
        Ok(Self { air: Arc::clone(air), _posts: posts })
    }

    /// Says what a sink was told.
    pub(crate) fn apply(&self, sink: &SinkId, want: &SinkWant) {
        self.air.apply(sink, want, Instant::now());
    }

    /// How the sinks sound, asked at any time.
    pub(crate) fn metrics(&self, sinks: Vec<SinkId>) -> impl Fn() -> Vec<Metric> + Send + Sync + use<> {
        let air = Arc::clone(&self.air);
        move || sinks.iter().flat_map(|sink| levels(&air, sink)).collect()
    }
}

/// What judges the sinks of a station; `microphones` can feed back when they are played.
pub(crate) fn air(microphones: BTreeSet<InputId>, reports: Reports) -> Arc<Air> {
    Arc::new(Air::new(AirConfig { microphones, ..AirConfig::default() }, reports))
}

/// Those who listen to a sink: the judge first, then the others.
pub(crate) fn audience(air: &Arc<Air>, others: &Audience) -> Audience {
    let (air, others) = (Arc::clone(air), Arc::clone(others));
    Arc::new(move |sink| {
        let mut all = vec![air.listener(sink)];
        all.extend(others(sink));
        all
    })
}

fn watch(air: &Weak<Air>) {
    while let Some(air) = air.upgrade() {
        air.tend(Instant::now());
        drop(air);
        thread::sleep(LOOK);
    }
}

fn levels(air: &Air, sink: &SinkId) -> Vec<Metric> {
    let Some(levels) = air.levels(sink, Instant::now()) else { return Vec::new() };
    let labels = || vec![("sink", sink.as_str().to_owned())];
    let gauge = |name, help, value: f64| Metric { name, help, kind: MetricKind::Gauge, labels: labels(), value };
    // Prometheus knows no minus infinity that a graph could show.
    let loud = |value: f64| value.max(-120.0);
    vec![
        gauge(
            "gateway_sink_momentary_lufs",
            "Loudness of the last 400 ms that left the sink.",
            loud(f64::from(levels.reading.momentary_lufs)),
        ),
        gauge(
            "gateway_sink_peak_dbtp",
            "Highest true peak that left the sink.",
            loud(f64::from(levels.reading.peak_dbtp)),
        ),
        gauge(
            "gateway_sink_silent_seconds",
            "For how long nothing has left the sink although something is due.",
            Duration::from_millis(levels.silent_for_ms).as_secs_f64(),
        ),
    ]
}
