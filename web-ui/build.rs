//! Builds the desk's app with npm and lists its files, so that `cargo build` alone makes a program that has its pages in it.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the bundle is made of.
const SOURCES: [&str; 9] = [
    "src",
    "locales",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
];

fn main() -> Result<(), Box<dyn Error>> {
    let app = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("app");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", app.join(source).display());
    }
    println!("cargo:rerun-if-changed={}", app.join("../../docs/openapi.json").display());
    if is_older(&app.join("node_modules/.package-lock.json"), &app.join("package-lock.json")) {
        npm(&app, &["ci", "--no-audit", "--no-fund", "--fetch-retries=5"], &out)?;
    }
    npm(&app, &["run", "--silent", "build"], &out)?;
    let mut rows = String::new();
    list(&out.join("desk"), &out.join("desk"), &mut rows)?;
    fs::write(out.join("desk.rs"), format!("&[\n{rows}]\n"))?;
    Ok(())
}

/// Whether `made` is missing, or was made before `from` changed.
fn is_older(made: &Path, from: &Path) -> bool {
    let at = |path: &Path| fs::metadata(path).and_then(|m| m.modified());
    match (at(made), at(from)) {
        (Ok(made), Ok(from)) => made < from,
        _ => true,
    }
}

fn npm(app: &Path, args: &[&str], out: &Path) -> Result<(), Box<dyn Error>> {
    let run = Command::new("npm").args(args).current_dir(app).env("DESK_OUT", out.join("desk")).output();
    let run = match run {
        Ok(run) => run,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Err("the desk's pages are built with npm, and there is none; scripts/setup installs it".into());
        }
        Err(fault) => return Err(fault.into()),
    };
    if run.status.success() {
        return Ok(());
    }
    let said = [run.stdout, run.stderr].concat();
    Err(format!("npm {} failed:\n{}", args.join(" "), String::from_utf8_lossy(&said)).into())
}

/// One row a file: its path on the listener, its kind, whether it is held compressed, its bytes.
fn list(dir: &Path, root: &Path, rows: &mut String) -> Result<(), Box<dyn Error>> {
    let mut entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list(&path, root, rows)?;
            continue;
        }
        let name = path.strip_prefix(root)?.to_str().ok_or("a file's name is not UTF-8")?.to_owned();
        let kind = kind_of(&name).ok_or_else(|| format!("no content type is known for {name}"))?;
        let text = !kind.starts_with("font/") && !kind.starts_with("image/png");
        let mut held = path.clone();
        if text {
            held = PathBuf::from(env::var("OUT_DIR")?).join("packed").join(format!("{name}.gz"));
            fs::create_dir_all(held.parent().ok_or("a packed file has no folder")?)?;
            let mut gz = GzEncoder::new(fs::File::create(&held)?, Compression::best());
            gz.write_all(&fs::read(&path)?)?;
            gz.finish()?;
        }
        writeln!(rows, "    ({name:?}, {kind:?}, {text}, include_bytes!({:?})),", held.display().to_string())?;
    }
    Ok(())
}

fn kind_of(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => return None,
    })
}
