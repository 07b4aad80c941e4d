//! Writes a pack (contract §7): a plain tar of signed messages and their media, for a USB stick.

use super::envelope;
use super::media::sha256_hex;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;

const BLOCK: usize = 512;

/// Packs messages in their order, with every file of `media` that one of them names.
pub fn write(out: &mut impl Write, messages: &[String], media: Option<&Path>) -> Result<()> {
    let mut wanted = Vec::new();
    for (number, jws) in messages.iter().enumerate() {
        let claims = envelope::peek(jws).with_context(|| format!("message {}", number + 1))?;
        digests(&claims.body, &mut wanted);
        // The number keeps the order for readers that sort by name.
        entry(out, &format!("{number:04}-{}.jws", sha256_hex(claims.jti.as_bytes())), jws.trim_end().as_bytes())?;
    }
    wanted.sort();
    wanted.dedup();
    for sha256 in wanted {
        let dir = media.with_context(|| format!("a message needs the file {sha256}: say where media are"))?;
        entry(out, &format!("media/{sha256}"), &find(dir, &sha256)?)?;
    }
    out.write_all(&[0; 2 * BLOCK]).context("writing the pack")
}

/// Every `sha256` inside a body.
fn digests(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("sha256").and_then(Value::as_str).map(str::to_ascii_lowercase));
            fields.values().for_each(|v| digests(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| digests(v, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn find(dir: &Path, sha256: &str) -> Result<Vec<u8>> {
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|s| s == sha256) {
            return fs::read(&path).with_context(|| format!("reading {}", path.display()));
        }
    }
    bail!("{} holds no file {sha256}", dir.display())
}

/// One file of a tar archive (POSIX.1-1988 `ustar`).
fn entry(out: &mut impl Write, name: &str, bytes: &[u8]) -> Result<()> {
    let mut head = [0_u8; BLOCK];
    let mut put = |at: usize, text: &str| {
        if let Some(place) = head.get_mut(at..at + text.len()) {
            place.copy_from_slice(text.as_bytes());
        }
    };
    if name.len() > 100 {
        bail!("{name} is too long a name for a tar archive");
    }
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    put(136, &format!("{:011o}\0", super::unix_s()));
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = head.iter().map(|&b| u32::from(b)).sum();
    if let Some(place) = head.get_mut(148..156) {
        place.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    let padding = vec![0; bytes.len().next_multiple_of(BLOCK) - bytes.len()];
    for part in [head.as_slice(), bytes, &padding] {
        out.write_all(part).context("writing the pack")?;
    }
    Ok(())
}
