//! Media come by HTTPS with ranges that a foreign client (curl) can resume, and go wrong as a test wishes.

use site_tests::hub::media::sha256_hex;
use site_tests::hub::{MediaServer, MediaStore, Mishap, Pki};
use site_tests::scratch::Scratch;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

struct Bench {
    server: MediaServer,
    store: MediaStore,
    pki: Pki,
    scratch: Scratch,
}

fn bench() -> Bench {
    let scratch = Scratch::new("media").expect("scratch");
    let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
    let dir = scratch.join("media");
    let server = MediaServer::start(&dir, "127.0.0.1:0", pki.media_tls().expect("tls")).expect("server");
    let store = MediaStore::of_server(&dir).expect("store");
    Bench { server, store, pki, scratch }
}

impl Bench {
    fn curl(&self, args: &[&str], url: &str) -> (Output, PathBuf) {
        let file = self.scratch.join("fetched");
        let out = Command::new("curl")
            .args(["-sS", "--max-time", "20", "-w", "%{http_code}", "--cacert"])
            .arg(self.pki.path("ca.pem"))
            .arg("-o")
            .arg(&file)
            .args(args)
            .arg(url)
            .output()
            .expect("curl runs");
        (out, file)
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut source = fastrand::Rng::with_seed(7);
    (0..length).map(|_| source.u8(..)).collect()
}

fn status(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn curl_fetches_whole_files_and_parts() {
    let bench = bench();
    let bytes = noise(300_000);
    let media = bench.store.add_bytes(&bytes, "mp3").expect("taken in");
    assert_eq!(media.sha256.as_str(), sha256_hex(&bytes));
    assert_eq!((media.bytes, media.mime.as_str()), (300_000, "audio/mpeg"));
    let (whole, file) = bench.curl(&[], &media.url);
    assert_eq!(status(&whole), "200");
    assert_eq!(std::fs::read(&file).expect("file"), bytes);
    for (range, part) in [("10-19", 10..20), ("299990-", 299_990..300_000), ("-5", 299_995..300_000)] {
        let (out, file) = bench.curl(&["-r", range], &media.url);
        assert_eq!(status(&out), "206", "{range}");
        assert_eq!(std::fs::read(&file).expect("file"), bytes[part], "{range}");
    }
    assert_eq!(status(&bench.curl(&["-r", "300000-"], &media.url).0), "416");
    let other = format!("If-Range: \"{}\"", "0".repeat(64));
    assert_eq!(status(&bench.curl(&["-r", "0-9", "-H", &other], &media.url).0), "200", "another file than begun");
    for missing in ["0".repeat(64), "..%2Fpki%2Fca.key".to_owned(), ".address".to_owned()] {
        let url = format!("{}/media/{missing}", bench.server.url());
        assert_eq!(status(&bench.curl(&["--path-as-is"], &url).0), "404", "{missing}");
    }
}

#[test]
fn a_broken_fetch_is_resumed_where_it_broke() {
    let bench = bench();
    let bytes = noise(500_000);
    let media = bench.store.add_bytes(&bytes, "wav").expect("taken in");
    bench.server.misbehave(media.sha256.as_str(), Some(Mishap::CutAfter(123_456)));
    let (broken, file) = bench.curl(&[], &media.url);
    assert!(!broken.status.success());
    assert_eq!(std::fs::metadata(&file).expect("file").len(), 123_456);
    bench.server.misbehave(media.sha256.as_str(), None);
    let (resumed, file) = bench.curl(&["-C", "-"], &media.url);
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert_eq!(std::fs::read(&file).expect("file"), bytes);
    let ranges: Vec<_> = bench.server.asked().into_iter().map(|a| (a.range, a.status)).collect();
    assert_eq!(ranges, [(None, 200), (Some("bytes=123456-".to_owned()), 206)]);
}

#[test]
fn each_mishap_is_what_it_says() {
    let bench = bench();
    let bytes = noise(100_000);
    let media = bench.store.add_bytes(&bytes, "ogg").expect("taken in");
    let wrong = |mishap| bench.server.misbehave(media.sha256.as_str(), Some(mishap));

    wrong(Mishap::WrongByte);
    let (out, file) = bench.curl(&[], &media.url);
    assert_eq!(status(&out), "200");
    assert_ne!(sha256_hex(&std::fs::read(file).expect("file")), media.sha256.as_str());

    wrong(Mishap::Status(503));
    assert_eq!(status(&bench.curl(&[], &media.url).0), "503");

    wrong(Mishap::NoRanges);
    let (out, file) = bench.curl(&["-r", "5-9"], &media.url);
    assert_eq!((status(&out).as_str(), std::fs::read(file).expect("file").len()), ("200", 100_000));

    wrong(Mishap::StallAfter(1000));
    let (out, file) = bench.curl(&["--max-time", "1"], &media.url);
    assert_eq!(out.status.code(), Some(28), "curl gave up waiting");
    assert_eq!(std::fs::metadata(file).expect("file").len(), 1000);

    wrong(Mishap::Endless);
    let mut curl = Command::new("curl")
        .args(["-sS", "--max-time", "20", "--cacert"])
        .arg(bench.pki.path("ca.pem"))
        .arg(&media.url)
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl runs");
    let mut stream = curl.stdout.take().expect("its output").take(1_000_000);
    let mut much = Vec::new();
    stream.read_to_end(&mut much).expect("more than the file has");
    curl.kill().expect("it would go on");
    curl.wait().expect("it ends");
    assert_eq!(much.len(), 1_000_000);
    assert!(much.chunks(100_000).all(|turn| turn == bytes), "the file over and over");
}

#[test]
fn a_client_that_knows_another_authority_does_not_fetch() {
    let bench = bench();
    let media = bench.store.add_bytes(b"x", "mp3").expect("taken in");
    let stranger = Pki::create(&bench.scratch.join("stranger"), &[]).expect("pki");
    let out = Command::new("curl").args(["-sS", "--cacert"]).arg(stranger.path("ca.pem")).arg(&media.url).output();
    assert_eq!(out.expect("curl runs").status.code(), Some(60), "the certificate is not believed");
}
