//! tidy: the house rules no compiler knows, looked up in every file git tracks.

mod arrows;
mod door;
mod files;
mod names;
mod readme;
mod words;

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// One file of the repository.
pub(crate) struct Tracked {
    /// Its path from the top.
    pub(crate) path: String,
    /// Its text; `None` where it is not UTF-8.
    pub(crate) text: Option<String>,
    /// Whether git tracks it as executable.
    pub(crate) executable: bool,
}

/// Looks, prints each finding on a line, and fails if there is one.
pub(crate) fn run(root: &Path) -> Result<()> {
    let files = tracked(root)?;
    let mut found = Vec::new();
    for file in &files {
        found.extend(files::check(file));
        found.extend(names::check(file));
        found.extend(words::check(file));
    }
    found.extend(door::check(&files));
    found.extend(readme::check(&files));
    found.extend(arrows::check(&metadata(root)?)?);
    for finding in &found {
        println!("{finding}");
    }
    match found.len() {
        0 => Ok(()),
        n => bail!("tidy: {n} found in {} files", files.len()),
    }
}

/// Every tracked file that is still there; files not yet added are read too, so that a finding comes before the commit.
fn tracked(root: &Path) -> Result<Vec<Tracked>> {
    let listed = git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|p| !p.is_empty()) {
        let at = root.join(path);
        let Ok(kind) = std::fs::symlink_metadata(&at) else { continue };
        if !kind.is_file() {
            continue;
        }
        let bytes = std::fs::read(&at).with_context(|| format!("reading {path}"))?;
        let executable = std::os::unix::fs::PermissionsExt::mode(&kind.permissions()) & 0o111 != 0;
        files.push(Tracked { path: path.to_owned(), text: String::from_utf8(bytes).ok(), executable });
    }
    if files.is_empty() { bail!("git lists no file under {}", root.display()) } else { Ok(files) }
}

fn metadata(root: &Path) -> Result<serde_json::Value> {
    let out = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root)
        .output()
        .context("starting `cargo metadata`")?;
    if !out.status.success() {
        bail!("`cargo metadata`: {}", String::from_utf8_lossy(&out.stderr));
    }
    serde_json::from_slice(&out.stdout).context("reading what `cargo metadata` printed")
}

fn git(root: &Path, args: &[&str]) -> Result<String> {
    let out = Command::new("git").args(args).current_dir(root).output().context("starting git")?;
    if !out.status.success() {
        bail!("git {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr));
    }
    String::from_utf8(out.stdout).context("reading the file names git printed")
}

#[cfg(test)]
pub(crate) fn sample(path: &str, text: &str) -> Tracked {
    Tracked { path: path.to_owned(), text: Some(text.to_owned()), executable: false }
}
