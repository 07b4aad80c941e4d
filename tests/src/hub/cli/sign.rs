//! `hub sign`: messages on paper, as it were, one or very many.

use super::{read_text, say};
use crate::hub::{Audience, Keyring, Signing, SigningKey, envelope, fresh_id, unix_s};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands for the number of a message in a body or identity.
const NUMBER: &str = "@N@";

#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// Kind, e.g. bulletin; not checked, so that unknown kinds can be tried
    kind: String,
    /// For whom: all, p:PP, c:CCCCC, g:STATION; not checked either
    #[arg(long)]
    aud: String,
    /// JSON body, - for standard input; with --count each @N@ in it becomes the message's number
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// Key: a JWK file, or the name of a key of --pki; without, the first that may send the kind
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Directory made by `hub pki`
    #[arg(long, value_name = "DIR", default_value = "pki")]
    pki: PathBuf,
    /// Who signs
    #[arg(long, default_value = crate::hub::HUB)]
    iss: String,
    /// Made at, seconds since 1970; without, now
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    iat: Option<i64>,
    /// Good until, seconds since 1970; without, 7 days after it was made
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    exp: Option<i64>,
    /// Identity; without, a fresh one; with --count it needs an @N@
    #[arg(long, value_name = "TEXT")]
    jti: Option<String>,
    /// Sign so many messages, each with its own identity, into --out
    #[arg(long, value_name = "N", requires = "out")]
    count: Option<u32>,
    /// Directory for the messages: 000001.jws …
    #[arg(long, value_name = "DIR", requires = "count")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &SignArgs) -> Result<()> {
    let template = read_text(&args.body)?;
    let body = |number: u32| -> Result<Value> {
        serde_json::from_str(&template.replace(NUMBER, &number.to_string())).context("the body is not JSON")
    };
    let key = choose(args, &body(1)?)?;
    let message = |number: u32| -> Result<String> {
        let jti = args.jti.as_ref().map_or_else(|| fresh_id("m-"), |j| j.replace(NUMBER, &number.to_string()));
        let iat = args.iat.unwrap_or_else(unix_s);
        let exp = args.exp.unwrap_or(iat + envelope::DEFAULT_LIFE_S);
        let signing = Signing { iss: args.iss.clone(), aud: args.aud.clone(), iat, exp, jti };
        Ok(envelope::sign(&args.kind, &body(number)?, &key, &signing))
    };
    let (Some(count), Some(out)) = (args.count, &args.out) else { return say(message(1)?) };
    let unlike = count <= 1 || args.jti.as_ref().is_none_or(|j| j.contains(NUMBER));
    ensure!(unlike, "--jti without {NUMBER} gives {count} messages one identity");
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    for number in 1..=count {
        let path = out.join(format!("{number:06}.jws"));
        fs::write(&path, message(number)?).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

fn choose(args: &SignArgs, body: &Value) -> Result<SigningKey> {
    let by_name = |kid: &str| SigningKey::load(&args.pki.join("keys").join(format!("{kid}.json")));
    match &args.key {
        Some(key) if Path::new(key).is_file() => SigningKey::load(Path::new(key)),
        Some(kid) => by_name(kid),
        None => {
            let urgent = body.get("priority").and_then(Value::as_str) == Some("emergency");
            by_name(Keyring::load(&args.pki)?.for_kind(&args.kind, urgent)?.kid())
        }
    }
}

/// Checks an audience on the command line.
pub(super) fn audience(text: &str) -> Result<Audience, String> {
    text.parse().map_err(|e: anyhow::Error| e.to_string())
}
