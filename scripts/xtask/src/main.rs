//! xtask: the repository's chores; `cargo xtask check` is what a change must pass.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who started it")]

mod bench;
mod check;
mod tidy;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask CHORE

  check          everything a change must pass: format, clippy, deny, doc, tidy, tests
  tidy           the house rules no compiler knows
  bench [NAME]   measures; without a name, lists what can be measured
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => root().and_then(|root| check::run(&root)),
        ["tidy"] => root().and_then(|root| tidy::run(&root)),
        ["bench"] => {
            bench::list();
            Ok(())
        }
        ["bench", name, rest @ ..] => root().and_then(|root| bench::run(&root, name, rest)),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).context("finding the repository above scripts/xtask")?;
    Ok(root.to_owned())
}
