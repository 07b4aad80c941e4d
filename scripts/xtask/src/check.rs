//! check: the steps a change must pass, cheapest first; the tests come last so that their summary closes the output.

use crate::tidy;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where RustSec keeps what is known to be wrong with crates.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// Runs every step and stops at the first that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    step(root, "format", &[], "cargo fmt --all -- --check")?;
    step(root, "clippy", &[], "cargo clippy --workspace --all-targets --locked --quiet -- -D warnings")?;
    step(root, "deny", &[], "cargo deny --all-features check bans licenses sources")?;
    advisories(root)?;
    step(root, "doc", &[("RUSTDOCFLAGS", "-D warnings")], "cargo doc --workspace --no-deps --locked --quiet")?;
    step(root, "desk", &[], "npm --prefix web-ui/app run --silent check")?;
    say("tidy");
    tidy::run(root)?;
    step(root, "tests", &[], "scripts/test")
}

fn say(step: &str) {
    println!("== {step}");
}

fn step(root: &Path, name: &str, env: &[(&str, &str)], line: &str) -> Result<()> {
    say(name);
    let mut words = line.split(' ');
    let program = words.next().context("naming a program")?;
    let status = Command::new(program)
        .args(words)
        .envs(env.iter().copied())
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting `{line}`"))?;
    if !status.success() {
        bail!("{name}: `{line}`: {status}");
    }
    Ok(())
}

/// Advisories need a database from the network: without it the rest still counts, and the gap is said aloud.
fn advisories(root: &Path) -> Result<()> {
    let within = |args: &[&str]| -> Result<bool> {
        let mut tried = Command::new("timeout");
        tried.args(args).current_dir(root).env("GIT_TERMINAL_PROMPT", "0");
        tried.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(tried.status().with_context(|| format!("starting `timeout {}`", args.join(" ")))?.success())
    };
    if within(&["30", "git", "ls-remote", "--quiet", ADVISORIES, "HEAD"])?
        && within(&["180", "cargo", "deny", "fetch", "db"])?
    {
        return step(root, "advisories", &[], "cargo deny --all-features --offline check advisories");
    }
    println!("== advisories: SKIPPED, their database ({ADVISORIES}) cannot be reached from here");
    Ok(())
}
