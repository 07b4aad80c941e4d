//! The core does what a model too simple to be wrong says it must, through a million steps of trouble and power cuts.
//!
//! `MODEL_SEED=17 MODEL_STEPS=4000 cargo test -p site-tests --test model_holds` tells one story again; `MODEL_FROM=1000`
//! tells others than usual.

use site_tests::model::{Tally, run};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Stories, told on two threads, and the steps of each.
const SEEDS: u64 = 250;
const STEPS: u64 = 4_000;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn tell(seed: u64, steps: u64) -> Tally {
    match catch_unwind(AssertUnwindSafe(|| run(seed, steps))) {
        Ok(Ok(tally)) => tally,
        Ok(Err(why)) => panic!("MODEL_SEED={seed} MODEL_STEPS={steps}: {why}"),
        Err(_) => panic!("MODEL_SEED={seed} MODEL_STEPS={steps}: the core panicked"),
    }
}

#[test]
fn the_core_does_what_its_twin_must() {
    let steps = asked("MODEL_STEPS").unwrap_or(STEPS);
    let mut all = Tally::default();
    if let Some(seed) = asked("MODEL_SEED") {
        all += tell(seed, steps);
    } else {
        let first = asked("MODEL_FROM").unwrap_or(0);
        let half = |from: u64| {
            move || (first + from..first + SEEDS).step_by(2).map(|seed| tell(seed, steps)).collect::<Vec<_>>()
        };
        let other = std::thread::spawn(half(1));
        half(0)().into_iter().for_each(|t| all += t);
        other.join().expect("the other half holds").into_iter().for_each(|t| all += t);
        assert!(all.steps >= SEEDS * steps, "{all}");
    }
    println!("{all}");
}
