//! A clip is ready only when every byte of it is right, whatever the server does.

mod room;
mod server;
mod spare;

use super::*;
use crate::testing::Folder;
use drivers::sound::Measured;
use ring::digest::{SHA256, digest};
use server::{Act, Asked, Server};
use std::fs;
use std::sync::mpsc::{Receiver, sync_channel};

const LONG: Duration = Duration::from_secs(20);

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * 7 % 251) as u8).collect()
}

fn name_of(file: &[u8]) -> ClipId {
    let digest = digest(&SHA256, file);
    ClipId::from(digest.as_ref().iter().map(|b| format!("{b:02x}")).collect::<String>())
}

/// Takes every file but those that begin with `NOISE`.
fn one_second(path: &Path) -> Result<Probed, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let measured = Some(Measured { lufs: -20.0, peak_dbtp: -3.0 });
    let second = Probed { duration: Duration::from_secs(1), measured, ..Probed::default() };
    if bytes.starts_with(b"NOISE") { Err("no sound in it".to_owned()) } else { Ok(second) }
}

fn quick() -> Pace {
    let (first, idle) = (Duration::from_millis(5), Duration::from_millis(300));
    Pace { first, most: Duration::from_millis(50), idle, breaks: 4 }
}

struct Cache {
    clips: Clips,
    reports: Receiver<(ClipId, Made)>,
}

impl Cache {
    fn open(folder: &Folder, server: &Server, pace: Pace, budget: u64) -> Self {
        Self::probing(folder, server, pace, budget, one_second)
    }

    fn probing(folder: &Folder, server: &Server, pace: Pace, budget: u64, probe: Probe) -> Self {
        let ca = folder.path().join("ca.pem");
        fs::write(&ca, &server.ca).expect("written");
        let (told, reports) = sync_channel(1000);
        let report = move |id, made| drop(told.send((id, made)));
        let roots = roots(Some(&ca)).expect("roots");
        let dir = folder.path().join("clips");
        let clips =
            Clips::start(dir, Budget { clips: budget, lessons: 250_000 }, roots, pace, probe, report).expect("started");
        Self { clips, reports }
    }

    #[track_caller]
    fn report(&self) -> (ClipId, Made) {
        self.reports.recv_timeout(LONG).expect("a report")
    }

    #[track_caller]
    fn failure(&self) -> String {
        match self.report().1 {
            Made::Failed(why) => why,
            Made::Ready { .. } => panic!("it became ready"),
        }
    }
}

fn want(server: &Server, path: &str, file: &[u8]) -> (ClipId, ClipWant) {
    (name_of(file), ClipWant { url: server.url(path), bytes: file.len() as u64, urgent: false, spare: None })
}

/// Fetches one file from a server with that rule, and says what was reported and asked.
fn fetched(
    file: &[u8],
    rule: impl Fn(&Asked, usize) -> (Act, Vec<u8>) + Send + Sync + 'static,
) -> (Made, Vec<Asked>, Option<Vec<u8>>) {
    let (folder, server) = (Folder::new(), Server::start(rule));
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    let (id, want) = want(&server, "/a", file);
    cache.clips.want(&BTreeMap::from([(id.clone(), want)]));
    let (reported, made) = cache.report();
    assert_eq!(reported, id);
    let parts = fs::read_dir(folder.path().join("clips")).expect("listed").map_while(Result::ok);
    let parts = parts.filter(|e| e.path().extension().is_some_and(|e| e == "part")).count();
    assert_eq!(parts, 0, "nothing half is left");
    (made, server.asked(), fs::read(cache.clips.path(&id)).ok())
}

const READY: Made = Made::Ready { duration_ms: 1000 };

#[track_caller]
fn assert_failed(made: &Made, word: &str) {
    assert!(matches!(made, Made::Failed(why) if why.contains(word)), "{made:?}");
}

#[test]
fn a_file_is_fetched_verified_and_known_again_at_the_next_start() {
    let file = bytes(300_000);
    let served = file.clone();
    let (folder, server) = (Folder::new(), Server::start(move |_, _| (Act::Serve, served.clone())));
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    let (id, want) = want(&server, "/a", &file);
    let wanted = BTreeMap::from([(id.clone(), want)]);
    cache.clips.want(&wanted);
    assert_eq!(cache.report(), (id.clone(), READY));
    assert_eq!(fs::read(cache.clips.path(&id)).expect("there"), file);
    drop(cache);
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    assert_eq!(cache.report(), (id.clone(), READY), "said at once, wanted or not");
    cache.clips.want(&wanted);
    assert_eq!(cache.report(), (id, READY), "and again when it is wanted");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_transfer_that_broke_off_is_continued_where_it_did() {
    let file = bytes(300_000);
    let served = file.clone();
    let (made, asked, got) = fetched(&file, move |_, before| {
        let act = [Act::HangUpAfter(100_000), Act::HangUpAfter(50_000)].get(before).cloned().unwrap_or(Act::Serve);
        (act, served.clone())
    });
    assert_eq!(made, READY);
    let ranges: Vec<_> = asked.iter().map(|a| a.range.as_deref()).collect();
    assert_eq!(ranges, [None, Some("bytes=100000-"), Some("bytes=150000-")]);
    assert_eq!(got, Some(file));
}

#[test]
fn what_was_half_here_is_continued_after_a_restart() {
    let file = bytes(300_000);
    let served = file.clone();
    let server = Server::start(move |_, before| {
        (if before == 0 { Act::WaitAfter(100_000) } else { Act::Serve }, served.clone())
    });
    let folder = Folder::new();
    let part = folder.path().join("clips").join(name_of(&file).as_str()).with_extension("part");
    let wanted = BTreeMap::from([want(&server, "/a", &file)]);
    let cache = Cache::open(&folder, &server, Pace { idle: LONG, ..quick() }, 1 << 30);
    cache.clips.want(&wanted);
    until(|| fs::metadata(&part).is_ok_and(|m| m.len() == 100_000));
    drop(cache);
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    cache.clips.want(&wanted);
    assert_eq!(cache.report().1, READY);
    assert_eq!(server.asked().last().and_then(|a| a.range.clone()).as_deref(), Some("bytes=100000-"));
}

/// Waits for something that has no event to wait for.
#[track_caller]
fn until(done: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !done() {
        assert!(Instant::now() < end, "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_server_without_ranges_is_asked_again_from_the_start() {
    let file = bytes(200_000);
    let served = file.clone();
    let (made, asked, got) = fetched(&file, move |_, before| {
        (if before == 0 { Act::HangUpAfter(70_000) } else { Act::ServeAll }, served.clone())
    });
    assert_eq!((made, asked.len(), got), (READY, 2, Some(file)));
}

#[test]
fn wrong_bytes_are_refused_and_not_asked_for_again() {
    let file = bytes(100_000);
    let mut wrong = file.clone();
    wrong[99_999] ^= 1;
    let (made, asked, got) = fetched(&file, move |_, _| (Act::Serve, wrong.clone()));
    assert_failed(&made, "SHA-256");
    assert_eq!((asked.len(), got), (1, None));
}

/// The first half came of another version of the file: that is no proof against the file as it is now.
#[test]
fn two_halves_that_do_not_fit_are_fetched_again() {
    let file = bytes(100_000);
    let (served, old) = (file.clone(), vec![0; 100_000]);
    let (made, asked, got) = fetched(&file, move |_, before| match before {
        0 => (Act::HangUpAfter(50_000), old.clone()),
        _ => (Act::Serve, served.clone()),
    });
    assert_eq!((made, asked.len(), got), (READY, 3, Some(file)));
    assert_eq!(asked.last().and_then(|a| a.range.clone()), None, "from the start");
}

#[test]
fn an_endless_body_is_cut_off() {
    let (made, asked, _) = fetched(&bytes(200_000), |_, _| (Act::Endless, Vec::new()));
    assert_failed(&made, "longer than the 200000 bytes");
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_file_longer_than_announced_is_not_even_begun() {
    let (made, _, _) = fetched(&bytes(1000), |_, _| (Act::Serve, bytes(1001)));
    assert_failed(&made, "longer than the 1000 bytes");
}

#[test]
fn a_file_shorter_than_announced_fails() {
    let (made, _, _) = fetched(&bytes(1000), |_, _| (Act::Serve, bytes(999)));
    assert_failed(&made, "999");
}

#[test]
fn a_server_that_always_hangs_up_at_the_same_place_fails() {
    let file = bytes(100_000);
    let served = file.clone();
    let (made, asked, _) = fetched(&file, move |asked, _| {
        // It can continue files, but never goes beyond byte 60 000.
        let from = asked.range.as_deref().and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        (Act::HangUpAfter(60_000_usize.saturating_sub(from.unwrap_or(0))), served.clone())
    });
    assert_failed(&made, "broke off after 60000 of 100000 bytes");
    assert_eq!(asked.len(), 4);
}

#[test]
fn a_missing_file_fails_with_the_answer_of_the_server() {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
    let (made, asked, _) = fetched(&bytes(10), move |_, _| (Act::Say(head.clone()), bytes(10)));
    assert_failed(&made, "404");
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_server_in_trouble_is_asked_again() {
    let file = bytes(10_000);
    let served = file.clone();
    let (made, asked, _) = fetched(&file, move |_, before| {
        let busy = Act::Say("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_owned());
        let acts = [busy, Act::Silence, Act::FallSilentAfter(5000), Act::HangUpAfter(0)];
        (acts.get(before).cloned().unwrap_or(Act::Serve), served.clone())
    });
    assert_eq!((made, asked.len()), (READY, 5));
}

#[test]
fn nothing_is_fetched_in_the_clear() {
    let (folder, server) = (Folder::new(), Server::start(|_, _| (Act::Serve, bytes(10))));
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    let (id, want) = want(&server, "/a", &bytes(10));
    let clear = ClipWant { url: want.url.replace("https", "http"), ..want };
    cache.clips.want(&BTreeMap::from([(id, clear)]));
    assert!(cache.failure().contains("https"));
    assert_eq!(server.asked(), []);
}

#[test]
fn a_redirect_is_followed_within_https_and_a_circle_is_left() {
    fn to(place: &str) -> Act {
        Act::Say(format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"))
    }
    let file = bytes(5000);
    let served = file.clone();
    let (made, ..) = fetched(&file, move |asked, _| match asked.path.as_str() {
        "/a" => (to("/b"), served.clone()),
        _ => (Act::Serve, served.clone()),
    });
    assert_eq!(made, READY);
    let (made, ..) = fetched(&file, |_, _| (to("/a"), bytes(5000)));
    assert_failed(&made, "redirect");
    let (made, ..) = fetched(&file, |_, _| (to("http://127.0.0.1:9/a"), bytes(5000)));
    assert_failed(&made, "https");
}

#[test]
fn a_server_nobody_vouches_for_is_not_believed_and_may_be_later() {
    let (folder, server) = (Folder::new(), Server::start(|_, _| (Act::Serve, bytes(10))));
    let agent = fetch::agent(roots(None).expect("roots"), Duration::from_secs(5));
    let (id, want) = want(&server, "/a", &bytes(10));
    let part = folder.path().join("part");
    let fetch = Fetch { agent: &agent, want: &want, digest: id.as_str(), part: &part, halt: &|| Halt::No };
    let outcome = fetch.run();
    assert!(matches!(&outcome, Outcome::Later(why) if why.contains("certificate")), "{outcome:?}");
    assert_eq!(server.asked(), []);
}

#[test]
fn what_cannot_be_played_fails_and_does_not_stay() {
    let mut noise = b"NOISE".to_vec();
    noise.extend(bytes(100));
    let served = noise.clone();
    let (made, _, got) = fetched(&noise, move |_, _| (Act::Serve, served.clone()));
    assert_failed(&made, "no sound in it");
    assert_eq!(got, None);
}

#[test]
fn sizes_and_names_nobody_could_mean_are_refused_unasked() {
    let (folder, server) = (Folder::new(), Server::start(|_, _| (Act::Serve, bytes(10))));
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    let (id, good) = want(&server, "/a", &bytes(10));
    for size in [0, (200 << 20) + 1, u64::MAX] {
        cache.clips.want(&BTreeMap::from([(id.clone(), ClipWant { bytes: size, ..good.clone() })]));
        assert!(cache.failure().contains("announced"), "{size}");
    }
    cache.clips.want(&BTreeMap::from([(ClipId::from("../../key"), good)]));
    assert!(cache.failure().contains("SHA-256"));
    assert_eq!(server.asked(), []);
}

#[test]
fn what_is_no_longer_wanted_is_given_up() {
    let file = bytes(100_000);
    let served = file.clone();
    let folder = Folder::new();
    let server = Server::start(move |_, _| (Act::WaitAfter(50_000), served.clone()));
    let cache = Cache::open(&folder, &server, Pace { idle: LONG, ..quick() }, 1 << 30);
    let (id, want) = want(&server, "/a", &file);
    let part = folder.path().join("clips").join(id.as_str()).with_extension("part");
    cache.clips.want(&BTreeMap::from([(id.clone(), want.clone())]));
    until(|| fs::metadata(&part).is_ok_and(|m| m.len() > 0));
    cache.clips.want(&BTreeMap::new());
    server.go_on();
    until(|| !part.exists());
    assert!(!cache.clips.path(&id).exists());
    // Wanted again, it begins anew.
    server.go_on();
    cache.clips.want(&BTreeMap::from([(id.clone(), want)]));
    assert_eq!(cache.report(), (id, READY));
    assert_eq!(server.asked().last().and_then(|a| a.range.clone()), None);
}

#[test]
fn an_urgent_clip_goes_before_those_that_are_under_way() {
    let files = [bytes(100_000), bytes(100_001), bytes(100_002), bytes(100_003)];
    let served = files.clone();
    let server = Server::start(move |asked, before| {
        let file = served[asked.path[1..].parse::<usize>().expect("a number")].clone();
        (if asked.path != "/3" && before == 0 { Act::WaitAfter(70_000) } else { Act::Serve }, file)
    });
    let folder = Folder::new();
    let cache = Cache::open(&folder, &server, Pace { idle: LONG, ..quick() }, 1 << 30);
    let mut wanted: BTreeMap<_, _> = (0..3).map(|i| want(&server, &format!("/{i}"), &files[i])).collect();
    cache.clips.want(&wanted);
    let under_way = || {
        let parts = wanted.keys().map(|id| folder.path().join("clips").join(id.as_str()).with_extension("part"));
        parts.filter(|p| fs::metadata(p).is_ok_and(|m| m.len() == 70_000)).count()
    };
    until(|| under_way() == 2);
    let (urgent, want) = want(&server, "/3", &files[3]);
    wanted.insert(urgent.clone(), ClipWant { urgent: true, ..want });
    cache.clips.want(&wanted);
    server.go_on();
    assert_eq!(cache.report(), (urgent, READY), "before the two that were under way and the one that waited");
    server.go_on();
    server.go_on();
    let rest: BTreeMap<ClipId, Made> = (0..3).map(|_| cache.report()).collect();
    assert!(rest.len() == 3 && rest.values().all(|made| *made == READY), "{rest:?}");
}

#[test]
fn a_ca_file_without_a_certificate_is_an_error() {
    let folder = Folder::new();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, "nothing").expect("written");
    assert!(roots(Some(&ca)).is_err());
    assert!(roots(Some(&folder.path().join("none.pem"))).is_err());
}
