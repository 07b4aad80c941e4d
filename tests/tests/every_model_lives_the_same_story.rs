//! Every model the drivers name is seen to do what it is told, to fail and recover, to be late, unplugged, and alone
//! left by its neighbour; a model without a bench is a failure.

use site_tests::model_bench::{Kind, rows, story};

#[test]
fn every_model_has_a_bench_and_every_bench_a_model() {
    let of = |kind: Kind, name: &str| rows().filter(|row| row.kind == kind && row.model == name).count();
    let mut wrong = Vec::new();
    for (kind, models) in Kind::ALL {
        let without = models.iter().filter(|model| of(*kind, model.name) == 0);
        wrong.extend(without.map(|model| format!("{kind:?} {} has no row in tests/src/model_bench/rows", model.name)));
    }
    for row in rows() {
        let known =
            Kind::ALL.iter().any(|(kind, models)| *kind == row.kind && models.iter().any(|m| m.name == row.model));
        if !known {
            wrong.push(format!("the row {} is for a model that is not there", row.name()));
        }
        if rows().filter(|other| other.name() == row.name()).count() > 1 {
            wrong.push(format!("the row {} is there more than once", row.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_lives_the_story() {
    for row in rows() {
        for (step, reason) in row.lacks {
            assert!(reason.split(' ').count() > 2, "{} lacks {step:?}, and the reason is {reason:?}", row.name());
            println!("{} lacks {step:?}: {reason}", row.name());
        }
    }
    // Side by side: most of a story is waiting.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = rows().map(|row| scope.spawn(|| story::live(row))).collect();
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("one panicked; its complaint is on stderr".to_owned())));
        ended.filter_map(Result::err).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
