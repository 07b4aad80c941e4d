//! Every model the drivers name is seen to do what it is told, to fail and recover, to be late, unplugged, and alone
//! left by its neighbour; a model without a bench is a failure.

use site_tests::model_bench::{Kind, ROWS, Row, story};

#[test]
fn every_model_has_a_bench_and_every_bench_a_model() {
    let rows = |kind: Kind, name: &str| ROWS.iter().filter(|row| row.kind == kind && row.model == name).count();
    let mut wrong = Vec::new();
    for (kind, models) in Kind::ALL {
        for model in *models {
            match rows(*kind, model.name) {
                1 => {}
                0 => wrong.push(format!("{kind:?} {} has no row in tests/src/model_bench/rows.rs", model.name)),
                _ => wrong.push(format!("{kind:?} {} has more than one row", model.name)),
            }
        }
    }
    for row in ROWS {
        let known =
            Kind::ALL.iter().any(|(kind, models)| *kind == row.kind && models.iter().any(|m| m.name == row.model));
        if !known {
            wrong.push(format!("the row {:?} {} is for a model that is not there", row.kind, row.model));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_lives_the_story() {
    for row in ROWS {
        for (step, reason) in row.lacks {
            assert!(reason.split(' ').count() > 2, "{} lacks {step:?}, and the reason is {reason:?}", row.model);
            println!("{} lacks {step:?}: {reason}", row.model);
        }
    }
    // Side by side: most of a story is waiting.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = ROWS.iter().map(|row: &Row| scope.spawn(|| story::live(row))).collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("panicked".to_owned())));
        ended.filter_map(Result::err).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
