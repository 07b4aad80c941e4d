//! Films of lessons: after everything that is aired, in a share of their own, first to give way.

use super::*;

fn spare(server: &Server, path: &str, file: &[u8], place: u32) -> (ClipId, ClipWant) {
    let (id, want) = want(server, path, file);
    (id, ClipWant { spare: Some(place), ..want })
}

fn numbered(files: &[Vec<u8>]) -> Server {
    let served = files.to_vec();
    Server::start(move |asked, _| (Act::Serve, served[asked.path[1..].parse::<usize>().expect("a number")].clone()))
}

#[test]
fn a_film_comes_last_and_gives_way_in_the_middle() {
    let files: Vec<Vec<u8>> = (0..3).map(|i| bytes(80_000 + i)).collect();
    let served = files.clone();
    // Both films stand still in the middle until they are told to go on.
    let server = Server::start(move |asked, before| {
        let at = asked.path[1..].parse::<usize>().expect("a number");
        (if at < 2 && before < 2 { Act::WaitAfter(70_000) } else { Act::Serve }, served[at].clone())
    });
    let folder = Folder::new();
    let cache = Cache::open(&folder, &server, Pace { idle: LONG, ..quick() }, 1 << 30);
    let mut wanted: BTreeMap<_, _> = (0..2).map(|i| spare(&server, &format!("/{i}"), &files[i], i as u32)).collect();
    cache.clips.want(&wanted);
    let parts: Vec<_> = wanted.keys().map(|id| cache.clips.path(id).with_extension("part")).collect();
    until(|| parts.iter().all(|p| fs::metadata(p).is_ok_and(|m| m.len() == 70_000)));
    let (news, want) = want(&server, "/2", &files[2]);
    wanted.insert(news.clone(), want);
    cache.clips.want(&wanted);
    assert!(cache.clips.counter().is_coming(news.as_str()));
    server.go_on();
    assert_eq!(cache.report(), (news, READY), "what is aired is here before either film");
    server.go_on();
    server.go_on();
    let rest: BTreeMap<ClipId, Made> = (0..2).map(|_| cache.report()).collect();
    assert!(rest.len() == 2 && rest.values().all(|made| *made == READY), "{rest:?}");
}

#[test]
fn a_paper_is_kept_to_be_read_and_is_no_sound() {
    // Our own probe says of anything that begins so that there is no sound in it.
    let refuses = |path: &std::path::Path| kind::probe(path);
    let file = [b"%PDF-1.7\n".to_vec(), bytes(5_000)].concat();
    let served = file.clone();
    let (folder, server) = (Folder::new(), Server::start(move |_, _| (Act::Serve, served.clone())));
    let cache = Cache::probing(&folder, &server, quick(), 1 << 30, refuses);
    let (id, wanted) = spare(&server, "/a.pdf", &file, 0);
    cache.clips.want(&BTreeMap::from([(id.clone(), wanted)]));
    assert_eq!(cache.report(), (id.clone(), Made::Ready { duration_ms: 0 }));
    assert_eq!(fs::read(cache.clips.path(&id)).expect("there"), file);
    drop(cache);
    let cache = Cache::probing(&folder, &server, quick(), 1 << 30, refuses);
    assert_eq!(cache.report(), (id.clone(), Made::Ready { duration_ms: 0 }), "it is known after a restart");

    // The same as sound of a bulletin is refused: the written words stand in for it.
    let (other, elsewhere) = (Folder::new(), file.clone());
    let server = Server::start(move |_, _| (Act::Serve, elsewhere.clone()));
    let cache = Cache::probing(&other, &server, quick(), 1 << 30, refuses);
    let (id, aired) = want(&server, "/a.pdf", &file);
    cache.clips.want(&BTreeMap::from([(id, aired)]));
    assert!(cache.failure().contains("cannot be played"));
}

#[test]
fn films_have_a_share_of_their_own_and_the_newest_have_it() {
    // Their share is 250 000 bytes (`Cache::open`), that of what is aired 2 500.
    let files = [bytes(1000), bytes(1001), bytes(200_000), bytes(100_000), bytes(40_000)];
    let server = numbered(&files);
    let folder = Folder::new();
    let cache = Cache::open(&folder, &server, quick(), 2500);
    let news: Vec<_> = (0..2).map(|i| want(&server, &format!("/{i}"), &files[i])).collect();
    for (id, want) in &news {
        cache.clips.want(&BTreeMap::from([(id.clone(), want.clone())]));
        assert_eq!(cache.report(), (id.clone(), READY));
    }
    let films: Vec<_> = (2..5).map(|i| spare(&server, &format!("/{i}"), &files[i], i as u32)).collect();
    cache.clips.want(&films.iter().cloned().collect());
    let came: BTreeMap<ClipId, Made> = (0..2).map(|_| cache.report()).collect();
    assert!(came.len() == 2 && came.values().all(|made| *made == READY), "{came:?}");
    let there =
        |all: &[(ClipId, ClipWant)]| all.iter().map(|(id, _)| cache.clips.path(id).exists()).collect::<Vec<_>>();
    assert_eq!(there(&films), [true, false, true], "the second finds no room, the third does");
    assert!(!cache.clips.counter().is_coming(films[1].0.as_str()));
    assert_eq!(there(&news), [true, true], "what was aired stays, though nobody needs it now");
    // The first is taught no more, and the second has its room.
    cache.clips.want(&BTreeMap::from([films[1].clone(), films[2].clone()]));
    until(|| there(&films) == [false, true, true]);
    assert_eq!(there(&news), [true, true]);
}
