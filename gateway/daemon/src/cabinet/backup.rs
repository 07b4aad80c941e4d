//! *Sao lưu*: everything a station is in one file under a passphrase (age, scrypt), and back onto this box or another.

use crate::config::Config;
use age::secrecy::SecretString;
use anyhow::{Context, bail, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// Databases: copied as they are at one moment.
pub(crate) const BOOKS: &[&str] = &["gateway.db", "office.db"];
/// Files and folders of the data directory that are no secret.
const PLAIN: &[&str] = &["users.json", "lexicon.txt", "settings"];
/// Those that let whoever has them speak as this station.
const KEYS: &[&str] = &["signing-key.pk8", "tls", "board-tokens"];
/// Says that this box was swapped for another, and when; a station does not start where it lies.
const RETIRED: &str = "retired";
/// Largest part that is taken back, bytes.
const LARGEST: u64 = 4 << 30;

/// What stands first in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    pub(crate) station: String,
    pub(crate) version: String,
    /// Seconds since 1970 by the clock of the box.
    made_s: i64,
    pub(crate) keys: bool,
}

impl Manifest {
    /// When it was made, RFC 3339.
    pub(crate) fn made(&self) -> String {
        gateway_core::time::Wall::from_unix_s(self.made_s).rfc3339()
    }
}

impl std::fmt::Display for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.made();
        let keys = if self.keys { "with its keys" } else { "without keys" };
        write!(f, "station {}, made {at} by release {}, {keys}", self.station, self.version)
    }
}

/// Makes one.
pub(crate) fn make(
    file: &Path,
    config: &Config,
    data: &Path,
    passphrase: &str,
    keys: bool,
    to: &Path,
) -> anyhow::Result<()> {
    let out = File::create(to).with_context(|| format!("{}", to.display()))?;
    out.set_permissions(fs::Permissions::from_mode(0o600))?;
    let encryptor = age::Encryptor::with_user_passphrase(SecretString::from(passphrase.to_owned()));
    let sealed = encryptor.wrap_output(BufWriter::new(out)).context("encrypting")?;
    let mut tar = tar::Builder::new(GzEncoder::new(sealed, Compression::fast()));
    tar.follow_symlinks(false);
    let manifest = Manifest {
        format: 1,
        station: config.station.id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_s: crate::stamp::unix_s(),
        keys,
    };
    let text = serde_json::to_vec_pretty(&manifest)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    tar.append_data(&mut header, "manifest.json", text.as_slice())?;
    tar.append_path_with_name(crate::settings::swap::real(file), "configuration/gateway.toml")?;
    let scratch = data.join(".backup");
    for book in BOOKS.iter().filter(|book| data.join(book).is_file()) {
        copy_book(&data.join(book), &scratch).with_context(|| format!("copying {book}"))?;
        tar.append_path_with_name(&scratch, format!("data/{book}"))?;
        fs::remove_file(&scratch)?;
    }
    let secret: &[&str] = if keys { KEYS } else { &[] };
    for name in PLAIN.iter().chain(secret) {
        let path = data.join(name);
        if path.is_dir() {
            tar.append_dir_all(format!("data/{name}"), &path)?;
        } else if path.is_file() {
            tar.append_path_with_name(&path, format!("data/{name}"))?;
        }
    }
    let mut files = vec![("trust.json", config.station.trust.clone())];
    if let Some(tls) = config.hub.as_ref().filter(|_| keys).and_then(|hub| hub.tls.clone()) {
        files.extend([("ca.pem", tls.ca), ("station.pem", tls.cert), ("station.key", tls.key)]);
    }
    for (name, path) in files.into_iter().filter(|(_, path)| path.is_file()) {
        tar.append_path_with_name(path, format!("configuration/{name}"))?;
    }
    let sealed = tar.into_inner()?.finish()?;
    sealed.finish()?.into_inner().map_err(|e| e.into_error())?.sync_all()?;
    Ok(())
}

/// A database as it is at one moment, while others write it.
fn copy_book(book: &Path, to: &Path) -> anyhow::Result<()> {
    // What an earlier one left behind.
    fs::remove_file(to).ok();
    let book = rusqlite::Connection::open_with_flags(book, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    book.busy_timeout(std::time::Duration::from_secs(10))?;
    book.execute("VACUUM INTO ?1", [to.display().to_string()])?;
    Ok(())
}

/// Puts a backup back: what is there is kept beside it. Nothing is touched unless all of it can be read.
pub(crate) fn restore(
    from: &Path,
    passphrase: &str,
    file: &Path,
    data: &Path,
    other: bool,
) -> anyhow::Result<(Manifest, Vec<PathBuf>)> {
    fs::create_dir_all(data)?;
    let scratch = data.join(".restore");
    fs::remove_dir_all(&scratch).ok();
    let opened = open(from, passphrase, &scratch, u64::MAX)
        .map_err(anyhow::Error::from)
        .and_then(|manifest| put(&scratch, &manifest, file, data, other).map(|put| (manifest, put)));
    fs::remove_dir_all(&scratch).ok();
    opened
}

/// Why a backup cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unopened {
    /// It wants another passphrase.
    #[error("the passphrase does not open it")]
    Word,
    /// It is no backup, or not a whole one.
    #[error("{0:#}")]
    Broken(#[from] anyhow::Error),
}

impl From<std::io::Error> for Unopened {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Unpacks a backup into a folder, all of it or it is refused. Unpacked it has at most so many bytes.
pub(crate) fn open(from: &Path, passphrase: &str, scratch: &Path, most: u64) -> Result<Manifest, Unopened> {
    let sealed = BufReader::new(File::open(from).with_context(|| format!("{}", from.display()))?);
    let decryptor = age::Decryptor::new(sealed).context("this is no backup")?;
    let identity = age::scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    let opened = match decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)) {
        Ok(opened) => opened,
        Err(age::DecryptError::ExcessiveWork { .. }) => {
            return Err(Unopened::Broken(anyhow::anyhow!("it asks for more work than any backup")));
        }
        Err(
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed,
        ) => {
            return Err(Unopened::Word);
        }
        Err(error) => return Err(Unopened::Broken(anyhow::Error::from(error).context("the backup is damaged"))),
    };
    let mut tar = tar::Archive::new(GzDecoder::new(opened).take(LARGEST.min(most)));
    for entry in tar.entries().context("the backup is damaged")? {
        let mut entry = entry.context("the backup is damaged")?;
        let path = entry.path()?.into_owned();
        let plain = path.components().all(|c| matches!(c, Component::Normal(_)));
        let kind = entry.header().entry_type();
        if !plain || !(kind.is_file() || kind.is_dir()) {
            return Err(anyhow::anyhow!("the backup holds {}, which is not taken", path.display()).into());
        }
        let to = scratch.join(&path);
        if kind.is_dir() {
            fs::create_dir_all(&to)?;
            continue;
        }
        to.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut out = File::create(&to)?;
        out.set_permissions(fs::Permissions::from_mode(0o600))?;
        std::io::copy(&mut entry, &mut out).context("the backup is damaged")?;
        out.flush()?;
    }
    let manifest = fs::read(scratch.join("manifest.json")).context("the backup is not whole")?;
    let manifest: Manifest = serde_json::from_slice(&manifest).context("the backup is not whole")?;
    if manifest.format != 1 {
        return Err(anyhow::anyhow!("the backup was made by a later release ({})", manifest.version).into());
    }
    Ok(manifest)
}

/// What of an opened backup goes where. What lies beside the configuration was put there on purpose, since enrolment is newer than
/// any backup: it stays, unless the box becomes another station (`swap`).
pub(crate) fn places(scratch: &Path, file: &Path, data: &Path, swap: bool) -> Vec<(PathBuf, PathBuf)> {
    let of_data = BOOKS.iter().chain(PLAIN).chain(KEYS);
    let mut places: Vec<_> = of_data.map(|name| (scratch.join("data").join(name), data.join(name))).collect();
    let real = crate::settings::swap::real(file);
    let dir = real.parent().unwrap_or(Path::new("."));
    for name in ["trust.json", "ca.pem", "station.pem", "station.key"] {
        if swap && name != "trust.json" || !dir.join(name).exists() {
            places.push((scratch.join("configuration").join(name), dir.join(name)));
        }
    }
    let fresh = scratch.join("configuration/gateway.toml");
    if fs::read(&fresh).ok() != fs::read(&real).ok() {
        places.push((fresh, real));
    }
    places.retain(|(fresh, _)| fresh.exists());
    places
}

fn put(scratch: &Path, manifest: &Manifest, file: &Path, data: &Path, other: bool) -> anyhow::Result<Vec<PathBuf>> {
    let mine = crate::config::load(file).ok().map(|(config, _)| config.station.id);
    if let Some(mine) = mine.filter(|mine| *mine != manifest.station && !other) {
        bail!(
            "the backup is of station {}, and this box is {mine}: say --other-station if that is meant",
            manifest.station
        );
    }
    let mut kept = Vec::new();
    for (fresh, to) in places(scratch, file, data, false) {
        for tail in ["-wal", "-shm"] {
            // What belongs to the book that goes would spoil the one that comes.
            fs::remove_file(format!("{}{tail}", to.display())).ok();
        }
        if to.exists() {
            let aside =
                to.with_file_name(format!("{}.before-restore", to.file_name().unwrap_or_default().to_string_lossy()));
            if aside.is_dir() {
                fs::remove_dir_all(&aside)?
            } else if aside.exists() {
                fs::remove_file(&aside)?
            }
            fs::rename(&to, &aside)?;
            kept.push(aside);
        }
        to.parent().map_or(Ok(()), fs::create_dir_all)?;
        let moved = fs::rename(&fresh, &to).or_else(|_| fs::copy(&fresh, &to).map(drop));
        moved.with_context(|| format!("{}", to.display()))?;
    }
    Ok(kept)
}

/// Says that another box takes this one's place: its station does not start again.
pub(crate) fn retire(data: &Path) -> anyhow::Result<()> {
    fs::write(data.join(RETIRED), format!("{}\n", crate::stamp::unix_s())).context("noting that this box is swapped")
}

/// Refuses to start a box that was swapped for another.
pub(crate) fn ensure_in_place(data: &Path) -> anyhow::Result<()> {
    let note = data.join(RETIRED);
    ensure!(
        !note.exists(),
        "this box was swapped for another of the same identity and stays silent; if the other one is out of service, remove {}",
        note.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    const WORD: &str = "một câu dài để mở";

    fn site(folder: &Folder, id: &str) -> (PathBuf, Config, PathBuf) {
        let (file, data) = (folder.path().join("gateway.toml"), folder.path().join("data"));
        let text = format!("[station]\nid = \"{id}\"\nprovince = \"80\"\ncommune = \"25459\"\ndata = \"data\"\n");
        fs::write(&file, text).expect("written");
        fs::create_dir_all(data.join("tls")).expect("a folder");
        fs::write(data.join("users.json"), id).expect("written");
        fs::write(data.join("signing-key.pk8"), "key").expect("written");
        fs::write(data.join("tls/ca.key"), "ca").expect("written");
        let book = rusqlite::Connection::open(data.join("office.db")).expect("a book");
        book.execute_batch(&format!("CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('{id}')")).expect("filled");
        let (config, _) = crate::config::load(&file).expect("good");
        (file, config, data)
    }

    fn read(data: &Path) -> String {
        let book = rusqlite::Connection::open(data.join("office.db")).expect("a book");
        book.query_row("SELECT v FROM t", [], |row| row.get(0)).expect("a row")
    }

    #[test]
    fn another_box_becomes_the_station_with_its_keys_and_keeps_what_it_had() {
        let (one, two) = (Folder::new(), Folder::new());
        let (file, config, data) = site(&one, "a");
        let (file_two, _, data_two) = site(&two, "b");
        let packed = one.path().join("b.age");
        make(&file, &config, &data, WORD, true, &packed).expect("made");
        let error = restore(&packed, WORD, &file_two, &data_two, false).expect_err("another station");
        assert!(format!("{error:#}").contains("--other-station"), "{error:#}");
        assert_eq!(read(&data_two), "b", "nothing was touched");
        let (manifest, kept) = restore(&packed, WORD, &file_two, &data_two, true).expect("restored");
        assert!(manifest.keys && manifest.station == "a");
        assert_eq!(
            (read(&data_two), fs::read_to_string(data_two.join("tls/ca.key")).expect("there")),
            ("a".to_owned(), "ca".to_owned())
        );
        assert_eq!(fs::read(&file_two).expect("there"), fs::read(&file).expect("there"));
        assert!(kept.iter().any(|p| p.ends_with("users.json.before-restore")), "{kept:?}");
        retire(&data).expect("noted");
        assert!(ensure_in_place(&data).is_err() && ensure_in_place(&data_two).is_ok());
    }

    #[test]
    fn without_the_word_or_whole_nothing_is_touched_and_without_keys_none_are_in_it() {
        let one = Folder::new();
        let (file, config, data) = site(&one, "a");
        let packed = one.path().join("b.age");
        make(&file, &config, &data, WORD, false, &packed).expect("made");
        fs::write(data.join("users.json"), "newer").expect("written");
        let sealed = fs::read(&packed).expect("there");
        assert!(!sealed.windows(7).any(|w| w == b"station"), "it can be read without the word");
        restore(&packed, "một câu khác hẳn", &file, &data, false).expect_err("the wrong word");
        let half = one.path().join("half.age");
        fs::write(&half, sealed.get(..sealed.len() / 2).expect("half")).expect("written");
        restore(&half, WORD, &file, &data, false).expect_err("half of it");
        assert_eq!(fs::read_to_string(data.join("users.json")).expect("there"), "newer");
        fs::remove_file(data.join("signing-key.pk8")).expect("gone");
        restore(&packed, WORD, &file, &data, false).expect("restored");
        assert!(!data.join("signing-key.pk8").exists());
        assert_eq!(fs::read_to_string(data.join("users.json")).expect("there"), "a");
    }
}
